// Loads and stores, on a picture of memory.
#include <cstring>

#include "tests/conformance/expected.hpp"

namespace warpsmith::conformance {
namespace {

constexpr std::size_t kRowBytes = 16;

// The 16 bytes that a thread uses: of the inputs, which lie behind each other, or of its own two operands.
void read_row(const Case& test, std::size_t row, bool own, std::uint8_t* bytes) {
    if (own) {
        std::memcpy(bytes, &test.inputs[0][row], 8);
        std::memcpy(bytes + 8, &test.inputs[1][row], 8);
        return;
    }
    const std::vector<std::byte> all = input_bytes(test);
    std::memcpy(bytes, all.data() + row * kRowBytes, kRowBytes);
}

std::uint64_t loaded(const std::uint8_t* bytes, const std::string& type, unsigned index) {
    const std::size_t size = stored_bytes(type);
    std::uint64_t bits = 0;
    std::memcpy(&bits, bytes + index * size, size);
    return size < 4 ? bits_of(number(type, bits), 32) : bits;
}

Row load(const Case& test, std::size_t row, const Spelling& spelling) {
    const bool own = spelling.has("shared") || spelling.has("local");
    std::uint8_t bytes[kRowBytes];
    read_row(test, row, own, bytes);
    Row result;
    for (unsigned i = 0; i < test.results.size(); ++i) {
        result.push_back(loaded(bytes, spelling.type(), i));
    }
    return result;
}

// What all threads leave in the results: each the low bits of its registers, in the first of its 16 bytes.
Row stored_by_all(const Case& test, std::size_t row, const Spelling& spelling) {
    std::vector<std::byte> memory(output_size(test));
    const std::size_t size = stored_bytes(spelling.type());
    const std::size_t count = spelling.has("v4") ? 4 : spelling.has("v2") ? 2 : 1;
    for (std::size_t thread = 0; thread < test.rows; ++thread) {
        const std::uint64_t a = test.inputs[0][thread], b = test.inputs[1][thread];
        const Row registers = size == 8 ? Row{a, b} : Row{a & 0xFFFFFFFF, a >> 32, b & 0xFFFFFFFF, b >> 32};
        for (std::size_t i = 0; i < count; ++i) {
            std::memcpy(memory.data() + thread * kRowBytes + i * size, &registers[i], size);
        }
    }
    Row result(2);
    for (std::size_t i = 0; i < 2; ++i) {
        std::memcpy(&result[i], memory.data() + result_offset(test, i) + row * 8, 8);
    }
    return result;
}

}  // namespace

void expect_memory(Case& test) {
    const Spelling spelling(test.name);
    if (spelling.opcode() == "ld" || spelling.opcode() == "ldu") {
        test.expected_together = [=](const Case& self, std::size_t row) { return load(self, row, spelling); };
    } else if (spelling.opcode() == "st" && test.operands.size() == 2) {
        test.expected_together = [=](const Case& self, std::size_t row) { return stored_by_all(self, row, spelling); };
    } else if (spelling.opcode() == "isspacep") {
        const bool shared = spelling.type().starts_with("shared"), global = spelling.type() == "global";
        test.expected = [=](const Row&) { return Row{shared, global}; };
    } else {
        test.expected = [](const Row& row) { return Row{row[0]}; };  // the value comes through
    }
}

}  // namespace warpsmith::conformance
