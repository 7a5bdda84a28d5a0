#include "device/emulator/register_uses.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace warpsmith::emulator {
namespace {

using syntax::Operand;

constexpr std::string_view kProduct = "wgmma.mma_async";

bool is_plain_move(const syntax::Instruction& instruction) {
    if (!instruction.opcode.starts_with("mov.") || instruction.operands.size() != 2 ||
        instruction.operands[0].kind != Operand::Kind::reg) {
        return false;
    }
    const Operand::Kind source = instruction.operands[1].kind;
    return source == Operand::Kind::reg || source == Operand::Kind::integer || source == Operand::Kind::float32 ||
           source == Operand::Kind::float64;
}

}  // namespace

RegisterUses::RegisterUses(const syntax::Function& function)
    : wanted_(std::any_of(function.body.begin(), function.body.end(), [](const syntax::Instruction& instruction) {
          return instruction.opcode.starts_with(kProduct);
      })) {}

void RegisterUses::note(const Assembly& assembly, std::size_t pc) {
    const std::vector<Slot>& reads = assembly.read_registers();
    const std::vector<Slot>& writes = assembly.written_registers();
    if (!wanted_ || (reads.empty() && writes.empty())) {
        return;
    }
    if (assembly.instruction().opcode.starts_with(kProduct)) {
        named_.insert(named_.end(), reads.begin(), reads.end());
        named_.insert(named_.end(), writes.begin(), writes.end());
        return;
    }
    const bool moves = is_plain_move(assembly.instruction()) && writes.size() == 1 && reads.size() < 2;
    uses_.push_back({.pc = pc, .reads = reads, .writes = writes, .moves = moves});
}

// Registers that a wgmma names, and those that plain moves connect with them, in either direction.
std::vector<Slot> RegisterUses::reachable() const {
    std::unordered_map<Slot, std::vector<Slot>> neighbours;
    for (const Use& use : uses_) {
        if (use.is_move()) {
            neighbours[use.reads[0]].push_back(use.writes[0]);
            neighbours[use.writes[0]].push_back(use.reads[0]);
        }
    }
    std::unordered_set<Slot> seen(named_.begin(), named_.end());
    std::vector<Slot> found(seen.begin(), seen.end());
    for (std::size_t next = 0; next < found.size(); ++next) {
        for (const Slot neighbour : neighbours[found[next]]) {
            if (seen.insert(neighbour).second) {
                found.push_back(neighbour);
            }
        }
    }
    return found;
}

void RegisterUses::tell(Program& program) const {
    if (!wanted_) {
        return;
    }
    const std::vector<Slot> found = reachable();
    const std::unordered_set<Slot> watched(found.begin(), found.end());
    const auto keep_watched = [&](const std::vector<Slot>& slots) {
        const std::size_t before = program.slots.size();
        std::copy_if(slots.begin(), slots.end(), std::back_inserter(program.slots),
                     [&](Slot slot) { return watched.contains(slot); });
        return static_cast<std::uint32_t>(program.slots.size() - before);
    };
    program.uses.resize(program.code.size());
    for (const Use& use : uses_) {
        RegisterUse& told = program.uses[use.pc];
        told.first = static_cast<std::uint32_t>(program.slots.size());
        told.reads = keep_watched(use.reads);
        told.writes = keep_watched(use.writes);
        told.moves = use.moves;
    }
}

}  // namespace warpsmith::emulator
