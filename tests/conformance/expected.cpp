#include "tests/conformance/expected.hpp"

#include <algorithm>

namespace warpsmith::conformance {

Spelling::Spelling(const std::string& name) {
    const std::string text = name.substr(0, name.find(' '));
    for (std::size_t start = 0; start <= text.size();) {
        const std::size_t dot = std::min(text.find('.', start), text.size());
        words.push_back(text.substr(start, dot - start));
        start = dot + 1;
    }
}

bool Spelling::has(std::string_view word) const {
    return std::find(words.begin(), words.end(), word) != words.end();
}

Expected per_element(const Case& test, const ElementFunction& function) {
    const unsigned count = type_of(test.results[0]).count;
    if (count == 1) {
        return [function](const Row& operands) { return Row{function(operands)}; };
    }
    const unsigned width = type_of(test.results[0]).bits / count;
    const std::uint64_t mask = (std::uint64_t{1} << width) - 1;
    return [function, count, width, mask](const Row& operands) {
        std::uint64_t result = 0;
        for (unsigned element = 0; element < count; ++element) {
            Row elements;
            for (const std::uint64_t operand : operands) {
                elements.push_back((operand >> (element * width)) & mask);
            }
            result |= (function(elements) & mask) << (element * width);
        }
        return Row{result};
    };
}

Wide number(std::string_view type, std::uint64_t bits) {
    const TypeOfOperand& described = type_of(type);
    const unsigned width = described.bits / described.count;
    const UnsignedWide modulus = UnsignedWide{1} << width;
    const Wide value = static_cast<Wide>(UnsignedWide{bits} % modulus);
    const bool negative = type[0] == 's' && ((bits >> (width - 1)) & 1) != 0;
    return negative ? value - static_cast<Wide>(modulus) : value;
}

std::uint64_t bits_of(Wide value, unsigned width) {
    const std::uint64_t bits = static_cast<std::uint64_t>(value);
    return width == 64 ? bits : bits & ((std::uint64_t{1} << width) - 1);
}

}  // namespace warpsmith::conformance
