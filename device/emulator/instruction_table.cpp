#include "device/emulator/instruction_table.hpp"

namespace warpsmith::emulator {
namespace {

struct ModifierName {
    std::uint32_t flag;
    std::string_view text;
};

// In the order in which PTX writes them.
constexpr ModifierName kModifierNames[] = {
    {kRn, ".rn"},         {kRz, ".rz"},     {kRm, ".rm"},   {kRp, ".rp"},
    {kApprox, ".approx"}, {kFull, ".full"}, {kOob, ".oob"}, {kFtz, ".ftz"},
    {kSat, ".sat"},       {kRelu, ".relu"}, {kNaN, ".NaN"}, {kXorsignAbs, ".xorsign.abs"},
};

std::string full_opcode(const FloatRow& row) {
    std::string opcode(row.opcode);
    for (const ModifierName& name : kModifierNames) {
        opcode += (row.modifiers & name.flag) != 0 ? name.text : "";
    }
    return opcode + "." + std::string(row.type);
}

std::string key(std::string_view opcode, std::size_t sources) {
    return std::string(opcode) + "/" + std::to_string(sources);
}

}  // namespace

InstructionTable::InstructionTable() {
    for (const auto rows : {integer_rows(), dot_product_rows(), bit_rows(), pack_rows()}) {
        for (const LaneRow& row : rows) {
            lanes_[key(row.opcode, row.sources)] = &row;
        }
    }
    for (const auto rows : {float32_rows(), float64_rows(), half_rows(), special_rows()}) {
        for (const FloatRow& row : rows) {
            lanes_[key(full_opcode(row), row.row.sources)] = &row.row;
        }
    }
    for (const auto rows :
         {move_opcodes(), compare_opcodes(), set_opcodes(), logic_opcodes(), carry_opcodes(), convert_opcodes(),
          memory_opcodes(), address_opcodes(), atomic_opcodes(), copy_opcodes(), control_opcodes(), barrier_opcodes(),
          mbarrier_opcodes(), tensor_map_opcodes(), wmma_opcodes(), collective_opcodes(), redux_opcodes(),
          matrix_move_opcodes(), mma_opcodes()}) {
        for (const OpcodeRow& row : rows) {
            others_[row.opcode] = &row;
        }
    }
}

void InstructionTable::translate(Assembly& assembly) const {
    const std::string& opcode = assembly.instruction().opcode;
    const std::size_t sources = assembly.operands() == 0 ? 0 : assembly.operands() - 1;
    if (const auto lane = lanes_.find(key(opcode, sources)); lane != lanes_.end()) {
        emit_lane_row(assembly, *lane->second);
        return;
    }
    if (translate_carry_out(assembly)) {
        return;
    }
    const auto row = others_.find(std::string_view(opcode).substr(0, opcode.find('.')));
    if (row == others_.end()) {
        throw Unsupported{"this instruction"};
    }
    row->second->translate(assembly);
    if (!assembly.modifiers().empty()) {
        throw Unsupported{"'" + assembly.modifiers().text() + "' here"};
    }
}

}  // namespace warpsmith::emulator
