// What lanes do together, by the PTX ISA's pseudocode; the case's name says which lanes take part.
#include <algorithm>
#include <map>

#include "tests/conformance/expected.hpp"

namespace warpsmith::conformance {
namespace {

constexpr unsigned kWarp = 32;

// The lanes that run the instruction.
std::uint32_t members(const std::string& name) {
    return name.find("lanes 0-16") != std::string::npos  ? 0x1FFFF
           : name.find("odd lanes") != std::string::npos ? 0xAAAAAAAA
                                                         : 0xFFFFFFFF;
}

// One warp's place in the case.
struct Lane {
    const Case& test;
    std::size_t warp_row = 0;  // of lane 0
    unsigned lane = 0;
    std::uint32_t mask = 0;

    std::uint64_t operand(std::size_t k, unsigned of_lane) const { return test.inputs[k][warp_row + of_lane]; }
    std::vector<std::uint64_t> all(std::uint64_t and_with) const {  // %a of the members
        std::vector<std::uint64_t> values;
        for (unsigned i = 0; i < kWarp; ++i) {
            if (((mask >> i) & 1) != 0) {
                values.push_back(operand(0, i) & and_with);
            }
        }
        return values;
    }
};

struct Shuffle {
    unsigned amount = 0, control = 31;
};

// "shfl.sync.MODE.b32 (AMOUNT, CONTROL)"; else amounts are the lanes' second operands.
Shuffle shuffle_of(const Lane& at, const Spelling& spelling) {
    const std::string& name = at.test.name;
    if (at.test.operands.size() == 1) {
        const std::size_t open = name.find('('), comma = name.find(',');
        return {static_cast<unsigned>(std::stoul(name.substr(open + 1))),
                static_cast<unsigned>(std::stoul(name.substr(comma + 2), nullptr, 0))};
    }
    const unsigned limit = at.mask == 0x1FFFF ? 15 : 31;
    return {static_cast<unsigned>(at.operand(1, at.lane)) & limit, spelling.has("up") ? 0U : 31U};
}

Row shuffled(const Lane& at, const Spelling& spelling) {
    const Shuffle how = shuffle_of(at, spelling);
    const int lane = static_cast<int>(at.lane), amount = static_cast<int>(how.amount & 31);
    const int clamp = static_cast<int>(how.control & 31), segment = static_cast<int>((how.control >> 8) & 31);
    const int last = (lane & segment) | (clamp & ~segment), first = lane & segment;
    int from = 0;
    bool inside = false;
    if (spelling.has("up")) {
        from = lane - amount;
        inside = from >= last;
    } else {
        from = spelling.has("down")   ? lane + amount
               : spelling.has("bfly") ? lane ^ amount
                                      : first | (amount & ~segment);
        inside = from <= last;
    }
    return {at.operand(0, static_cast<unsigned>(inside ? from : lane)), inside};
}

Row voted(const Lane& at, const Spelling& spelling) {
    const bool constant = at.test.name.find("(true)") != std::string::npos;
    const bool inverted = at.test.name.find("(!p)") != std::string::npos;
    std::uint32_t yes = 0;
    for (unsigned i = 0; i < kWarp; ++i) {
        const bool predicate = constant || (at.operand(0, i) >> 31) != 0;
        yes |= std::uint32_t{predicate != inverted} << i;
    }
    yes &= at.mask;
    return {spelling.has("ballot") ? yes
            : spelling.has("all")  ? yes == at.mask
            : spelling.has("any")  ? yes != 0
                                   : yes == 0 || yes == at.mask};
}

Row matched(const Lane& at, const Spelling& spelling) {
    const std::uint64_t keep = at.test.name.find("(equal)") != std::string::npos ? 0 : 3;
    const std::uint64_t mine = at.operand(0, at.lane) & keep;
    std::uint32_t same = 0;
    for (unsigned i = 0; i < kWarp; ++i) {
        same |= std::uint32_t{(at.operand(0, i) & keep) == mine} << i;
    }
    same &= at.mask;
    if (spelling.has("any")) {
        return {same};
    }
    return same == at.mask ? Row{same, 1} : Row{0, 0};
}

// Bits of an f32 as a number that grows with it.
std::uint64_t height(std::uint64_t bits) {
    return (bits >> 31) != 0 ? ~bits & 0xFFFFFFFF : bits | 0x80000000;
}

// PTX ISA, redux.sync for f32: +0 is above -0, NaN operands count with .NaN only, or when all are.
Row floats_reduced(const Lane& at, const Spelling& spelling) {
    std::vector<std::uint64_t> numbers;
    bool nan = false;
    for (const std::uint64_t bits : at.all(0xFFFFFFFF)) {
        if ((bits & 0x7FFFFFFF) > 0x7F800000) {
            nan = true;
        } else {
            numbers.push_back(spelling.has("abs") ? bits & 0x7FFFFFFF : bits);
        }
    }
    if (numbers.empty() || (nan && spelling.has("NaN"))) {
        return {0x7FFFFFFF};
    }
    const auto [low, high] = std::minmax_element(
        numbers.begin(), numbers.end(), [](std::uint64_t a, std::uint64_t b) { return height(a) < height(b); });
    return {spelling.has("min") ? *low : *high};
}

Row reduced(const Lane& at, const Spelling& spelling) {
    if (spelling.type() == "f32") {
        return floats_reduced(at, spelling);
    }
    const std::vector<std::uint64_t> values = at.all(0xFFFFFFFF);
    const std::string& type = spelling.type();
    std::uint64_t result = values[0];
    for (std::size_t i = 1; i < values.size(); ++i) {
        const std::uint64_t value = values[i];
        const bool below = number(type, value) < number(type, result);
        result = spelling.has("add")            ? result + value
                 : spelling.has("and")          ? result & value
                 : spelling.has("or")           ? result | value
                 : spelling.has("xor")          ? result ^ value
                 : below == spelling.has("min") ? value
                                                : result;
    }
    return {result & 0xFFFFFFFF};
}

Row barrier_reduced(const Lane& at, const Spelling& spelling) {
    const bool constant = at.test.name.find("(true)") != std::string::npos;
    const bool inverted = at.test.name.find("!p") != std::string::npos;
    std::uint64_t count = 0;
    for (const std::uint64_t value : at.test.inputs[0]) {
        count += (constant || (value >> 31) != 0) != inverted ? 1 : 0;
    }
    return {spelling.has("popc") ? count : spelling.has("and") ? count == at.test.rows : count != 0};
}

// "mov (%REGISTER)".
Row special(const Lane& at) {
    const std::string& name = at.test.name;
    const std::string reg = name.substr(name.find('%') + 1, name.find(')') - name.find('%') - 1);
    const std::uint64_t one = std::uint64_t{1} << at.lane, below = one - 1;
    const std::map<std::string, std::uint64_t> values = {
        {"tid.x", at.warp_row + at.lane},
        {"ntid.x", at.test.block},
        {"ctaid.x", 0},
        {"nctaid.x", at.test.grid},
        {"laneid", at.lane},
        {"lanemask_eq", one},
        {"lanemask_lt", below},
        {"lanemask_le", below | one},
        {"lanemask_gt", 0xFFFFFFFF & ~(below | one)},
        {"lanemask_ge", 0xFFFFFFFF & ~below},
        {"cluster_ctarank", 0},
        {"cluster_nctarank", 1},
        {"is_explicit_cluster", 0},
    };
    return {values.at(reg)};
}

using Function = Row (*)(const Lane&, const Spelling&);
const std::map<std::string, Function> kFunctions = {
    {"shfl", shuffled},
    {"vote", voted},
    {"match", matched},
    {"redux", reduced},
    {"bar", barrier_reduced},
    {"barrier", barrier_reduced},
    {"activemask", [](const Lane& at, const Spelling&) { return Row{at.mask}; }},
    {"mov", [](const Lane& at, const Spelling&) { return special(at); }},
};

}  // namespace

void expect_warp(Case& test) {
    const Spelling spelling(test.name);
    const auto function = kFunctions.find(spelling.opcode());
    if (function == kFunctions.end()) {
        return;  // which lane elect.sync takes is not said
    }
    test.expected_together = [spelling, run = function->second](const Case& self, std::size_t row) {
        const Lane at{self, row / kWarp * kWarp, static_cast<unsigned>(row % kWarp), members(self.name)};
        const bool takes_part = ((at.mask >> at.lane) & 1) != 0;
        return takes_part ? run(at, spelling) : Row(self.results.size());
    };
}

}  // namespace warpsmith::conformance
