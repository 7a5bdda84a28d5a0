// Logic, shifts, bit fields and permutations, bit by bit as the PTX ISA's pseudocode has them.
#include <algorithm>
#include <map>

#include "tests/conformance/expected.hpp"

namespace warpsmith::conformance {
namespace {

bool bit(std::uint64_t value, Wide position) {
    return position >= 0 && position < 64 && ((value >> static_cast<unsigned>(position)) & 1) != 0;
}

std::uint64_t low_mask(Wide width) {
    return width >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << static_cast<unsigned>(width)) - 1;
}

std::uint64_t table_lookup(std::uint64_t table, const Row& row) {
    std::uint64_t result = 0;
    for (int i = 0; i < 32; ++i) {
        const int index = 4 * bit(row[0], i) + 2 * bit(row[1], i) + bit(row[2], i);
        result |= std::uint64_t{bit(table, index)} << i;
    }
    return result;
}

void expect_lop3(Case& test, const Spelling& spelling) {
    if (spelling.words[1] == "b32") {
        const std::uint64_t table = std::stoul(test.name.substr(test.name.find('(') + 1), nullptr, 16);
        test.expected = [=](const Row& row) { return Row{table_lookup(table, row)}; };
        return;
    }
    const bool both = spelling.words[1] == "and";
    test.expected = [=](const Row& row) {
        const std::uint64_t result = table_lookup(0x80, row);
        const bool set = result != 0;
        return Row{result, both ? set && row[3] != 0 : set || row[3] != 0};
    };
}

std::uint64_t funnel(const Spelling& spelling, const Row& row) {
    const std::uint64_t amount = spelling.has("clamp") ? std::min<std::uint64_t>(row[2], 32) : row[2] & 31;
    const std::uint64_t both = (row[1] << 32) | row[0];
    return spelling.has("l") ? low_mask(32) & ((amount == 0 ? both : both << amount) >> 32)
                             : low_mask(32) & (both >> amount);
}

std::uint64_t shifted(const Spelling& spelling, const Row& row, unsigned width) {
    const std::uint64_t amount = std::min<std::uint64_t>(row[1], width);
    if (spelling.opcode() == "shl") {
        return amount == width ? 0 : (row[0] << amount) & low_mask(width);
    }
    const Wide value = number(spelling.type()[0] == 's' ? spelling.type() : "u" + std::to_string(width), row[0]);
    return bits_of(value >> amount, width);
}

std::uint64_t extracted(const Spelling& spelling, const Row& row, unsigned width) {
    const std::uint64_t position = row[1] & 255, length = row[2] & 255;
    const bool is_signed = spelling.type()[0] == 's';
    const bool sign = is_signed && length != 0 && bit(row[0], std::min<Wide>(position + length - 1, width - 1));
    std::uint64_t result = 0;
    for (std::uint64_t i = 0; i < width; ++i) {
        const bool inside = i < length && position + i < width;
        result |= std::uint64_t{inside ? bit(row[0], position + i) : sign} << i;
    }
    return result;
}

std::uint64_t inserted(const Row& row, unsigned width) {
    const std::uint64_t position = row[2] & 255, length = row[3] & 255;
    std::uint64_t result = row[1];
    for (std::uint64_t i = 0; i < length && position + i < width; ++i) {
        const std::uint64_t place = std::uint64_t{1} << (position + i);
        result = bit(row[0], i) ? result | place : result & ~place;
    }
    return result;
}

std::uint64_t leading(const Spelling& spelling, const Row& row, unsigned width) {
    const bool negative = spelling.type()[0] == 's' && bit(row[0], width - 1);
    for (int i = static_cast<int>(width) - 1; i >= 0; --i) {
        if (bit(row[0], i) != negative) {
            return static_cast<std::uint64_t>(spelling.has("shiftamt") ? static_cast<int>(width) - 1 - i : i);
        }
    }
    return 0xFFFFFFFF;
}

std::uint64_t counted(const Spelling& spelling, const Row& row, unsigned width) {
    std::uint64_t ones = 0, zeros = 0, reversed = 0;
    for (int i = static_cast<int>(width) - 1; i >= 0; --i) {
        ones += bit(row[0], i);
        zeros += ones == 0;
        reversed |= std::uint64_t{bit(row[0], i)} << (static_cast<int>(width) - 1 - i);
    }
    return spelling.opcode() == "popc" ? ones : spelling.opcode() == "clz" ? zeros : reversed;
}

// Selectors of each mode for the four bytes, low two bits of c; prmt's table in the PTX ISA.
const std::map<std::string, std::vector<std::vector<unsigned>>> kSelectors = {
    {"f4e", {{3, 2, 1, 0}, {4, 3, 2, 1}, {5, 4, 3, 2}, {6, 5, 4, 3}}},
    {"b4e", {{5, 6, 7, 0}, {6, 7, 0, 1}, {7, 0, 1, 2}, {0, 1, 2, 3}}},
    {"rc8", {{0, 0, 0, 0}, {1, 1, 1, 1}, {2, 2, 2, 2}, {3, 3, 3, 3}}},
    {"ecl", {{3, 2, 1, 0}, {3, 2, 1, 1}, {3, 2, 2, 2}, {3, 3, 3, 3}}},
    {"ecr", {{0, 0, 0, 0}, {1, 1, 1, 0}, {2, 2, 1, 0}, {3, 2, 1, 0}}},
    {"rc16", {{1, 0, 1, 0}, {3, 2, 3, 2}, {1, 0, 1, 0}, {3, 2, 3, 2}}},
};

std::uint64_t permuted(const Spelling& spelling, const Row& row) {
    const std::uint64_t bytes = (row[1] << 32) | row[0];
    const auto mode = kSelectors.find(spelling.type());
    std::uint64_t result = 0;
    for (unsigned i = 0; i < 4; ++i) {
        const std::uint64_t selector =
            mode == kSelectors.end() ? (row[2] >> (4 * i)) & 15 : mode->second[row[2] & 3][3 - i];
        const std::uint64_t byte = (bytes >> (8 * (selector & 7))) & 255;
        result |= ((selector & 8) == 0 ? byte : byte >> 7 != 0 ? 255 : 0) << (8 * i);
    }
    return result;
}

std::uint64_t mask_made(const Spelling& spelling, const Row& row) {
    const bool clamp = spelling.has("clamp");
    const std::uint64_t start = clamp ? row[0] : row[0] & 31, length = clamp ? row[1] : row[1] & 31;
    std::uint64_t result = 0;
    for (std::uint64_t i = 0; i < 32; ++i) {
        result |= std::uint64_t{i >= start && i - start < length} << i;
    }
    return result;
}

std::uint64_t extended(const Spelling& spelling, const Row& row) {
    const std::uint64_t width = spelling.has("clamp") ? std::min<std::uint64_t>(row[1], 32) : row[1] & 31;
    if (width == 0) {
        return 0;
    }
    const bool sign = spelling.type() == "s32" && bit(row[0], width - 1);
    return low_mask(32) & ((row[0] & low_mask(width)) | (sign ? ~low_mask(width) : 0));
}

// The PTX ISA's pseudocode of fns, after the kernel's own narrowing of base and offset.
std::uint64_t nth_set(const Row& row) {
    const Wide base = static_cast<Wide>(row[1] & 31);
    const int offset = static_cast<int>(row[2] & 15) - 7;
    if (offset == 0) {
        return bit(row[0], base) ? static_cast<std::uint64_t>(base) : 0xFFFFFFFF;
    }
    int count = offset > 0 ? offset - 1 : -offset - 1;
    const int step = offset > 0 ? 1 : -1;
    for (Wide position = base; position >= 0 && position < 32; position += step) {
        if (bit(row[0], position) && count-- == 0) {
            return static_cast<std::uint64_t>(position);
        }
    }
    return 0xFFFFFFFF;
}

std::uint64_t logic(const Spelling& spelling, const Row& operands, unsigned width) {
    const std::string& opcode = spelling.opcode();
    Row row = operands;
    if (spelling.type() == "pred") {  // any byte but zero is loaded as true
        for (std::uint64_t& value : row) {
            value = value != 0 ? 1 : 0;
        }
        width = 1;
    }
    if (opcode == "not") {
        return ~row[0] & low_mask(width);
    }
    return opcode == "cnot"  ? row[0] == 0
           : opcode == "and" ? row[0] & row[1]
           : opcode == "or"  ? row[0] | row[1]
                             : row[0] ^ row[1];
}

using Function = std::uint64_t (*)(const Spelling&, const Row&, unsigned width);
const std::map<std::string, Function> kFunctions = {
    {"and", logic},
    {"or", logic},
    {"xor", logic},
    {"not", logic},
    {"cnot", logic},
    {"shl", shifted},
    {"shr", shifted},
    {"shf", [](const Spelling& s, const Row& row, unsigned) { return funnel(s, row); }},
    {"bfe", extracted},
    {"bfi", [](const Spelling&, const Row& row, unsigned width) { return inserted(row, width); }},
    {"bfind", leading},
    {"brev", counted},
    {"popc", counted},
    {"clz", counted},
    {"prmt", [](const Spelling& s, const Row& row, unsigned) { return permuted(s, row); }},
    {"bmsk", [](const Spelling& s, const Row& row, unsigned) { return mask_made(s, row); }},
    {"szext", [](const Spelling& s, const Row& row, unsigned) { return extended(s, row); }},
    {"fns", [](const Spelling&, const Row& row, unsigned) { return nth_set(row); }},
};

}  // namespace

void expect_bits(Case& test) {
    const Spelling spelling(test.name);
    if (spelling.opcode() == "lop3") {
        expect_lop3(test, spelling);
        return;
    }
    const Function function = kFunctions.at(spelling.opcode());
    const unsigned width = type_of(test.operands[0]).bits;
    test.expected = [=](const Row& row) { return Row{function(spelling, row, width)}; };
}

}  // namespace warpsmith::conformance
