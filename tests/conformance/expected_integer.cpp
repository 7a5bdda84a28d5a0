// Integer arithmetic (PTX ISA, "Integer Arithmetic Instructions" and "Extended-Precision Integer Arithmetic"), in
// whole numbers of 128 bits that are cut to the result's width at the end.
#include <algorithm>
#include <map>

#include "tests/conformance/expected.hpp"

namespace warpsmith::conformance {
namespace {

using Numbers = std::vector<Wide>;
using Function = std::function<Wide(const Numbers&)>;

Wide high_half(const Numbers& n, unsigned width, bool is_signed) {
    if (is_signed) {
        return (n[0] * n[1]) >> width;  // rounds down, as two's complement does
    }
    return static_cast<Wide>((static_cast<UnsignedWide>(n[0]) * static_cast<UnsignedWide>(n[1])) >> width);
}

Wide low_half(const Numbers& n) {  // the bits above 128 do not matter
    return static_cast<Wide>(static_cast<UnsignedWide>(n[0]) * static_cast<UnsignedWide>(n[1]));
}

Wide clamped(Wide value, Wide low, Wide high) {
    return std::clamp(value, low, high);
}
Wide to_s32(Wide value) {
    return clamped(value, -(Wide{1} << 31), (Wide{1} << 31) - 1);
}

Wide magnitude(Wide value) {
    return value < 0 ? -value : value;
}

// Of 24 bits, the lowest of the operands.
Numbers short_factors(const Numbers& n, bool is_signed) {
    Numbers result = n;
    for (std::size_t i = 0; i < 2; ++i) {
        result[i] = n[i] & 0xFFFFFF;
        if (is_signed && (result[i] >> 23) != 0) {
            result[i] -= Wide{1} << 24;
        }
    }
    return result;
}

// Division by zero is not specified: ones, as GPUs have it.
const std::map<std::string, Function> kPlain = {
    {"add", [](const Numbers& n) { return n[0] + n[1]; }},
    {"sub", [](const Numbers& n) { return n[0] - n[1]; }},
    {"div", [](const Numbers& n) { return n[1] == 0 ? Wide{-1} : n[0] / n[1]; }},
    {"rem", [](const Numbers& n) { return n[1] == 0 ? Wide{-1} : n[0] % n[1]; }},
    {"min", [](const Numbers& n) { return std::min(n[0], n[1]); }},
    {"max", [](const Numbers& n) { return std::max(n[0], n[1]); }},
    {"sad", [](const Numbers& n) { return n[2] + magnitude(n[0] - n[1]); }},
    {"neg", [](const Numbers& n) { return -n[0]; }},
    {"abs", [](const Numbers& n) { return magnitude(n[0]); }},
};

Wide product(const Spelling& spelling, const Numbers& n, unsigned width, bool is_signed) {
    if (spelling.opcode().ends_with("24")) {
        const Numbers factors = short_factors(n, is_signed);
        return spelling.has("hi") ? (factors[0] * factors[1]) >> 16 : factors[0] * factors[1];
    }
    return spelling.has("hi") ? high_half(n, width, is_signed) : low_half(n);
}

Function function_of(const Spelling& spelling, unsigned width, bool is_signed) {
    Function function;
    if (const auto plain = kPlain.find(spelling.opcode()); plain != kPlain.end()) {
        function = plain->second;
    } else if (spelling.opcode().starts_with("mul")) {
        function = [=](const Numbers& n) { return product(spelling, n, width, is_signed); };
    } else {
        // Cut to the width before the addition only where saturation looks at the sum.
        function = [=](const Numbers& n) {
            const Wide factor = product(spelling, n, width, is_signed);
            return spelling.has("sat")
                       ? factor + n[2]
                       : static_cast<Wide>(static_cast<UnsignedWide>(factor) + static_cast<UnsignedWide>(n[2]));
        };
    }
    if (spelling.has("sat")) {
        return [=](const Numbers& n) { return to_s32(function(n)); };
    }
    if (spelling.has("relu")) {
        return [=](const Numbers& n) { return std::max<Wide>(function(n), 0); };
    }
    return function;
}

void expect_dot_product(Case& test, const Spelling& spelling) {
    const bool four = spelling.opcode() == "dp4a";
    const bool a_signed = spelling.words[four ? 1 : 2] == "s32", b_signed = spelling.words[four ? 2 : 3] == "s32";
    const unsigned first = spelling.has("hi") ? 2 : 0;
    test.expected = [=](const Row& row) {
        const auto part = [](std::uint64_t bits, unsigned index, unsigned width, bool is_signed) {
            const std::string type = (is_signed ? "s" : "u") + std::to_string(width);
            return number(type, bits >> (index * width));
        };
        Wide sum = static_cast<Wide>(row[2]);
        for (unsigned i = 0; i < (four ? 4U : 2U); ++i) {
            sum += part(row[0], i, four ? 8 : 16, a_signed) * part(row[1], first + i, 8, b_signed);
        }
        return Row{bits_of(sum, 32)};
    };
}

// Results of both instructions of a carry chain; sums are of unsigned numbers, whatever the type is called.
void expect_carry(Case& test, const Spelling& spelling) {
    const unsigned width = type_of(test.results[0]).bits;
    const std::string name = test.name, type = test.results[0];
    const bool chained = name.find("c.cc.") != std::string::npos, subtracts = spelling.opcode().starts_with("sub");
    const Wide modulus = Wide{1} << width;
    if (!spelling.opcode().starts_with("mad")) {
        test.expected = [=](const Row& row) {
            const Wide sign = subtracts ? -1 : 1;
            const Wide first = static_cast<Wide>(row[0]) + sign * static_cast<Wide>(row[1]);
            const Wide carry = first < 0 || first >= modulus ? 1 : 0;
            const Wide second = static_cast<Wide>(row[2]) + sign * (static_cast<Wide>(row[3]) + carry);
            if (!chained) {
                return Row{bits_of(first, width), bits_of(second, width)};
            }
            const Wide last = second < 0 || second >= modulus ? 1 : 0;
            return Row{bits_of(second, width), bits_of(sign * last, width)};
        };
        return;
    }
    const bool is_signed = type[0] == 's', high = spelling.has("hi"), takes = spelling.opcode() == "madc";
    const bool gives = spelling.has("cc");
    test.expected = [=](const Row& row) {
        const Numbers factors = {number(type, row[0]), number(type, row[1])};
        const std::uint64_t half = bits_of(high ? high_half(factors, width, is_signed) : low_half(factors), width);
        const Wide start = takes ? static_cast<Wide>(row[2]) + static_cast<Wide>(row[3]) : 0;
        const Wide sum = static_cast<Wide>(half) + static_cast<Wide>(row[2]) + (start >= modulus ? 1 : 0);
        const std::uint64_t result = bits_of(sum, width);
        return gives ? Row{result, sum >= modulus ? std::uint64_t{1} : 0} : Row{bits_of(start, width), result};
    };
}

}  // namespace

void expect_integer(Case& test) {
    const Spelling spelling(test.name);
    if (spelling.opcode().starts_with("dp")) {
        expect_dot_product(test, spelling);
        return;
    }
    if (test.results.size() == 2) {
        expect_carry(test, spelling);
        return;
    }
    const TypeOfOperand& result = type_of(test.results[0]);
    const unsigned width = result.bits / result.count;
    const bool is_signed = spelling.type()[0] == 's';
    const unsigned factor_width = type_of(spelling.type()).bits / type_of(spelling.type()).count;
    const Function function = function_of(spelling, factor_width, is_signed);
    const std::vector<std::string> types = test.operands;
    test.expected = per_element(test, [=](const Row& row) {
        Numbers numbers;
        for (std::size_t i = 0; i < row.size(); ++i) {
            numbers.push_back(number(types[i], row[i]));
        }
        return bits_of(function(numbers), width);
    });
}

}  // namespace warpsmith::conformance
