#include "tests/conformance/case.hpp"

#define XXH_INLINE_ALL  // no library to carry along
#include <xxhash.h>

#include <algorithm>
#include <cstring>

namespace warpsmith::conformance {
namespace {

constexpr std::size_t kPartAlignment = 16;  // of the widest access
constexpr const char* kOperandNames[] = {"a", "b", "c", "h"};
constexpr const char* kResultNames[] = {"d", "e", "f", "g"};

std::size_t aligned(std::size_t bytes) {
    return (bytes + kPartAlignment - 1) / kPartAlignment * kPartAlignment;
}

// [k] is where operand or result k lies; the last is the end.
std::vector<std::size_t> offsets(const std::vector<std::string>& types, std::size_t rows) {
    std::vector<std::size_t> result = {0};
    for (const std::string& type : types) {
        result.push_back(aligned(result.back() + rows * stored_bytes(type)));
    }
    return result;
}

bool is_predicate(const std::string& type) {
    return type == "pred";
}

// 8-bit values lie in 16-bit registers: PTX has no smaller ones that arithmetic takes.
std::string declared(const std::string& type, const char* name) {
    const std::string bits = std::to_string(type_of(type).bits == 8 ? 16 : type_of(type).bits);
    return (is_predicate(type) ? ".reg .pred %" : ".reg .b" + bits + " %") + std::string(name) + ";\n";
}

std::string address(const char* base, const std::string& name, std::size_t bytes, std::size_t offset) {
    return "mad.wide.u32 %" + name + ", %t, " + std::to_string(bytes) + ", %" + base + ";\nadd.u64 %" + name + ", %" +
           name + ", " + std::to_string(offset) + ";\n";
}

std::string load(const std::string& type, const std::string& name) {
    if (is_predicate(type)) {
        return "ld.global.u8 %m, [%x" + name + "];\nsetp.ne.u32 %" + name + ", %m, 0;\n";
    }
    const unsigned bits = type_of(type).bits;
    return "ld.global." + std::string(bits == 8 ? "u8" : "b" + std::to_string(bits)) + " %" + name + ", [%x" + name +
           "];\n";
}

std::string store(const std::string& type, const std::string& name) {
    if (is_predicate(type)) {
        return "selp.u32 %m, 1, 0, %" + name + ";\nst.global.u8 [%y" + name + "], %m;\n";
    }
    const unsigned bits = type_of(type).bits;
    return "st.global." + std::string(bits == 8 ? "u8" : "b" + std::to_string(bits)) + " [%y" + name + "], %" + name +
           ";\n";
}

std::string declarations(const Case& test) {
    std::string text = ".reg .b32 %t, %l, %w, %m, %n;\n.reg .b64 %i, %o, %u, %v;\n.reg .pred %p, %q, %r;\n";
    for (std::size_t k = 0; k < test.operands.size(); ++k) {
        text += declared(test.operands[k], kOperandNames[k]) + ".reg .b64 %x" + kOperandNames[k] + ";\n";
    }
    for (std::size_t k = 0; k < test.results.size(); ++k) {
        text += declared(test.results[k], kResultNames[k]) + ".reg .b64 %y" + kResultNames[k] + ";\n";
    }
    return text;
}

// All that the PTX of a tensor copy does not say.
std::string described(const TensorTile& map) {
    std::string text;
    const auto add = [&](auto value) { text += std::to_string(value) + ","; };
    std::for_each_n(map.dims.begin(), map.rank, add);
    std::for_each_n(map.stride_bytes.begin(), map.rank - 1, add);
    std::for_each_n(map.box.begin(), map.rank, add);
    std::for_each_n(map.step.begin(), map.rank, add);
    std::for_each(map.lower.begin(), map.lower.end(), add);
    std::for_each(map.upper.begin(), map.upper.end(), add);
    for (const auto value : {static_cast<unsigned>(map.element), static_cast<unsigned>(map.swizzle),
                             static_cast<unsigned>(map.fill), static_cast<unsigned>(map.mode)}) {
        add(value);
    }
    return text;
}

}  // namespace

std::size_t result_rows(const Case& test) {
    return std::min<std::size_t>(test.rows, std::size_t{test.grid} * test.block);
}

std::string ptx_of(const Case& test) {
    const std::vector<std::size_t> in = offsets(test.operands, test.rows);
    const std::vector<std::size_t> out = offsets(test.results, result_rows(test));
    std::string before, after;
    for (std::size_t k = 0; k < test.operands.size(); ++k) {
        before += address("i", std::string("x") + kOperandNames[k], stored_bytes(test.operands[k]), in[k]) +
                  load(test.operands[k], kOperandNames[k]);
    }
    for (std::size_t k = 0; k < test.results.size(); ++k) {
        before += address("o", std::string("y") + kResultNames[k], stored_bytes(test.results[k]), out[k]);
        after += test.stores ? store(test.results[k], kResultNames[k]) : "";
    }
    return ".version " + test.version + "\n.target " + test.target + "\n.address_size 64\n.visible .entry " + kEntry +
           "(.param .u64 inputs, .param .u64 outputs" +
           (test.tensor
                ? ", .param .align 64 .b8 map[128])\n{\n.reg .b64 %z;\nmov.b64 %z, map;\ncvta.param.u64 %z, %z;\n"
                : ")\n{\n") +
           declarations(test) +
           "ld.param.u64 %i, [inputs];\nld.param.u64 %o, [outputs];\nmov.u32 %l, %laneid;\nmov.u32 %m, %tid.x;\n"
           "shr.u32 %w, %m, 5;\nmov.u32 %n, %ctaid.x;\nmad.lo.u32 %t, %n, " +
           std::to_string(test.block) + ", %m;\n" + before + "// the instruction under test\n" + test.body + "\n" +
           after + "ret;\n}\n";
}

std::vector<std::byte> input_bytes(const Case& test) {
    const std::vector<std::size_t> at = offsets(test.operands, test.rows);
    std::vector<std::byte> bytes(at.back());
    for (std::size_t k = 0; k < test.operands.size(); ++k) {
        const std::size_t size = stored_bytes(test.operands[k]);
        for (std::size_t row = 0; row < test.rows; ++row) {  // little endian, as this machine
            std::memcpy(bytes.data() + at[k] + row * size, &test.inputs[k][row], size);
        }
    }
    return bytes;
}

std::size_t result_offset(const Case& test, std::size_t result) {
    return offsets(test.results, result_rows(test))[result];
}

std::size_t output_size(const Case& test) {
    return offsets(test.results, result_rows(test)).back();
}

std::uint64_t digest(const Case& test) {
    const std::vector<std::byte> inputs = input_bytes(test);
    const std::string text = ptx_of(test) + (test.tensor ? described(test.tensor->map) : "");
    return XXH3_64bits_withSeed(text.data(), text.size(), XXH3_64bits(inputs.data(), inputs.size()));
}

}  // namespace warpsmith::conformance
