#include "tests/conformance/values.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include "solver/error.hpp"

namespace warpsmith::conformance {
namespace {

constexpr TypeOfOperand kTypes[] = {
    {"pred", 8, "pred", 1},  {"b8", 8, "b8", 1},      {"u8", 8, "u8", 1},        {"s8", 8, "s8", 1},
    {"b16", 16, "b16", 1},   {"u16", 16, "u16", 1},   {"s16", 16, "s16", 1},     {"f16", 16, "f16", 1},
    {"bf16", 16, "bf16", 1}, {"b32", 32, "b32", 1},   {"u32", 32, "u32", 1},     {"s32", 32, "s32", 1},
    {"f32", 32, "f32", 1},   {"tf32", 32, "f32", 1},  {"b64", 64, "b64", 1},     {"u64", 64, "u64", 1},
    {"s64", 64, "s64", 1},   {"f64", 64, "f64", 1},   {"f16x2", 32, "f16", 2},   {"bf16x2", 32, "bf16", 2},
    {"u16x2", 32, "u16", 2}, {"s16x2", 32, "s16", 2}, {"e4m3x2", 16, "e4m3", 2}, {"e5m2x2", 16, "e5m2", 2},
    {"u8x4", 32, "u8", 4},   {"s8x4", 32, "s8", 4},   {"e4m3", 8, "e4m3", 1},    {"e5m2", 8, "e5m2", 1},
    {"s4", 4, "s4", 1},      {"u4", 4, "u4", 1},      {"b1", 1, "b1", 1},
};

// Zero, one with and without an ulp, the tie 2^-24 of one, infinities, a quiet and a signalling NaN with payloads, the
// ends of the subnormal and normal ranges; then ordinary values around the limits of integers and of approximations.
const Values kFloat32 = {
    0x00000000, 0x80000000, 0x3F800000, 0xBF800001, 0x33800000, 0x7F800000, 0xFF800000, 0x7FC12345, 0xFFA12345,
    0x00000001, 0x807FFFFF, 0x7F7FFFFF, 0x00800000, 0xBF800000, 0x40490FDB, 0xC0490FDB, 0x3F000000, 0xBF000000,
    0x3FC00000, 0x40200000, 0xC0200000, 0x4B7FFFFF, 0xCB000001, 0x4F000000, 0xCF000000, 0x4EFFFFFF, 0x4F7FFFFF,
    0x4F800000, 0x5EFFFFFF, 0x5F000000, 0xDF000000, 0x5F7FFFFF, 0x42FE0000, 0x42FF0000, 0x43000000, 0x437F0000,
    0x437F8000, 0x43800000, 0xC3000000, 0xC3008000, 0x46FFFE00, 0x47000000, 0x477FFF00, 0x477FF000, 0x477FE000,
    0x47800000, 0xC7000000, 0x33000000, 0x33000001, 0x387FC000, 0x38800000, 0x3F801000, 0x3F803000, 0x3F808000,
    0x3F818000, 0x3F7FFFFF, 0x41700000, 0x43E00000, 0x43E80000, 0x43F00000, 0x3B000000, 0x3A800000, 0x47600000,
    0x47700000, 0xFF7FFFFF, 0x80800000, 0x7F7F8000, 0x7F7FC000, 0x42480000, 0xC2C80000, 0x44FA0000, 0x3DCCCCCD,
};
const Values kFloat64 = {
    0x0000000000000000, 0x8000000000000000, 0x3FF0000000000000, 0xBFF0000000000001, 0x3CA0000000000000,
    0x7FF0000000000000, 0xFFF0000000000000, 0x7FF8123456789ABC, 0xFFF4123456789ABC, 0x0000000000000001,
    0x800FFFFFFFFFFFFF, 0x7FEFFFFFFFFFFFFF, 0x0010000000000000, 0xBFF0000000000000, 0x400921FB54442D18,
    0x3FE0000000000000, 0xBFE0000000000000, 0x3FF8000000000000, 0x4004000000000000, 0xC004000000000000,
    0x433FFFFFFFFFFFFF, 0xC330000000000001, 0x41DFFFFFFFC00000, 0x41E0000000000000, 0xC1E0000000000000,
    0xC1E0000000200000, 0x41EFFFFFFFE00000, 0x41F0000000000000, 0x43DFFFFFFFFFFFFF, 0x43E0000000000000,
    0xC3E0000000000000, 0x43EFFFFFFFFFFFFF, 0x405FC00000000000, 0x4060000000000000, 0x406FE00000000000,
    0x406FF00000000000, 0x47EFFFFFE0000000, 0x47EFFFFFF0000000, 0x47F0000000000000, 0x36A0000000000000,
    0x3690000000000000, 0x3690000000000001, 0x380FFFFFC0000000, 0x3810000000000000, 0x3FF0000010000000,
    0x3FF0000030000000, 0x40EFFC0000000000, 0x40EFFE0000000000, 0x3E70000000000000, 0x3FF0020000000000,
    0x3FF0060000000000, 0x3FB999999999999A, 0xC059000000000000, 0xFFEFFFFFFFFFFFFF,
};
const Values kFloat16 = {
    0x0000, 0x8000, 0x3C00, 0xBC01, 0x1000, 0x7C00, 0xFC00, 0x7E12, 0xFD12, 0x0001, 0x83FF, 0x7BFF, 0x0400,
    0xBC00, 0x3800, 0xB800, 0x3E00, 0x4100, 0xC100, 0x4248, 0x57F0, 0x57F8, 0x5800, 0x5BF8, 0x5BFC, 0x5C00,
    0xD800, 0xD804, 0x6400, 0x67FF, 0x77FF, 0x7800, 0xF800, 0xFBFF, 0x0C00, 0x2E66, 0x3555, 0x4900, 0xCD00,
};
const Values kBfloat16 = {
    0x0000, 0x8000, 0x3F80, 0xBF81, 0x3B80, 0x7F80, 0xFF80, 0x7FD2, 0xFFA2, 0x0001, 0x807F, 0x7F7F, 0x0080,
    0xBF80, 0x3F00, 0xBF00, 0x3FC0, 0x4020, 0xC020, 0x4049, 0x42FE, 0x42FF, 0x4300, 0x437F, 0x4380, 0xC300,
    0x46FF, 0x4700, 0x477F, 0x4780, 0x4EFF, 0x4F00, 0xCF00, 0x5EFF, 0x5F00, 0xFF7F, 0x3DCD, 0x3EAB, 0xC2C8,
};
const Values kSmallFloat = {0x00, 0x80, 0x38, 0x3C, 0xB8, 0x7E, 0x7F, 0xFF, 0x7C, 0xFC, 0x7B, 0x01, 0x07, 0x08,
                            0x81, 0x83, 0x03, 0x04, 0x40, 0xC1, 0x7D, 0xFE, 0xFB, 0x48, 0x50, 0x60, 0x70, 0x78};
const Values kAmount = {0, 1, 31, 32, 33, 63, 64, 65, 0xFFFFFFFF, 15, 16, 17, 7, 8, 30, 62, 255, 256, 0x80000000};
const Values kByteAmount = {0, 1, 31, 32, 33, 63, 64, 65, 255, 256, 7, 8, 15, 16};

const std::map<std::string_view, const Values*> kSets = {
    {"f32", &kFloat32},     {"f64", &kFloat64},     {"f16", &kFloat16},   {"bf16", &kBfloat16},
    {"e4m3", &kSmallFloat}, {"e5m2", &kSmallFloat}, {"amount", &kAmount}, {"field", &kByteAmount},
};

std::string_view set_of(std::string_view type) {
    const std::size_t colon = type.find(':');
    return colon == std::string_view::npos ? type_of(type).element : type.substr(colon + 1);
}

std::uint64_t mask_of(unsigned bits) {
    return bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
}

unsigned element_bits(std::string_view type) {
    const TypeOfOperand& operand = type_of(type);
    return operand.bits / operand.count;
}

Values special_integers(unsigned bits) {
    const std::uint64_t mask = mask_of(bits), sign = std::uint64_t{1} << (bits - 1);
    Values values = {0,
                     1,
                     mask,
                     sign,
                     sign - 1,
                     sign + 1,
                     mask - 1,
                     2,
                     3,
                     7,
                     0x5555555555555555 & mask,
                     0x3333333333333333 & mask,
                     10,
                     mask - 6,
                     0x00FF00FF00FF00FF & mask,
                     0xDEADBEEFCAFEF00D & mask};
    for (unsigned bit = 4; bit < bits; bit += 5) {
        values.push_back(std::uint64_t{1} << bit);
        values.push_back((std::uint64_t{1} << bit) - 1);
    }
    if (bits >= 32) {  // the ends of narrower types, and ties of conversions to floating point
        for (const std::uint64_t value :
             {0x7FULL, 0x80ULL, 0xFFULL, 0x100ULL, 0x7FFFULL, 0x8000ULL, 0xFFFFULL, 0x1000001ULL, 0x1000003ULL,
              0x803ULL, 0x801ULL, 0x101ULL, 0x103ULL, 0xFFEFULL, 0xFFF0ULL}) {
            values.push_back(value);
            values.push_back((~value + 1) & mask);
        }
    }
    if (bits == 64) {
        for (const std::uint64_t value :
             {0x7FFFFFFFULL, 0x80000000ULL, 0xFFFFFFFFULL, 0x100000000ULL, 0x20000000000001ULL, 0x20000000000003ULL,
              0x8000008000000000ULL, 0x8000018000000001ULL, 0x7FFFFFBFFFFFFFFFULL, 0xFFFFFF8000000000ULL}) {
            values.push_back(value);
            values.push_back(~value + 1);
        }
    }
    return values;
}

// An ordinary magnitude four times in five, so that sums and products round; else any bits.
std::uint64_t random_float(unsigned exponent_bits, unsigned mantissa_bits, Random& random) {
    const std::uint64_t bits = random.next();
    const unsigned width = 1 + exponent_bits + mantissa_bits;
    if (random.next() % 5 == 0) {
        return bits & mask_of(width);
    }
    const std::uint64_t middle = (std::uint64_t{1} << (exponent_bits - 1)) - 1;
    const std::uint64_t spread = std::min<std::uint64_t>(middle / 2, 14);
    const std::uint64_t exponent = middle - spread + random.next() % (2 * spread + 1);
    return (bits & mask_of(mantissa_bits)) | (exponent << mantissa_bits) |
           ((bits >> 63) << (exponent_bits + mantissa_bits));
}

std::uint64_t random_element(std::string_view set, unsigned bits, Random& random) {
    if (set == "f32") {
        return random_float(8, 23, random);
    }
    if (set == "f64") {
        return random_float(11, 52, random);
    }
    if (set == "f16") {
        return random_float(5, 10, random);
    }
    if (set == "bf16") {
        return random_float(8, 7, random);
    }
    if (set == "amount" || set == "field") {
        return random.next() % 72;
    }
    const std::uint64_t value = random.next() & mask_of(bits);
    return random.next() % 3 == 0 ? value >> (random.next() % bits) : value;
}

// How many special values of each operand are crossed, by the number of operands; and the random rows behind.
constexpr std::size_t kCrossed[] = {0, 0, 13, 6, 3};
constexpr std::size_t kRandomRows[] = {0, 24, 55, 40, 47};

std::uint64_t seed_of(const std::vector<std::string>& operands) {
    std::uint64_t seed = 0xCBF29CE484222325;  // FNV-1a
    for (const std::string& operand : operands) {
        for (const char character : operand + ",") {
            seed = (seed ^ static_cast<unsigned char>(character)) * 0x100000001B3;
        }
    }
    return seed;
}

// One element of each operand per row.
std::vector<Values> crossed_elements(const std::vector<std::string>& operands) {
    const std::size_t count = operands.size();
    std::vector<Values> rows(count);
    std::vector<Values> specials;
    std::size_t combinations = 1;
    for (const std::string& operand : operands) {
        Values values = special_values(operand);
        if (count > 1 && values.size() > kCrossed[count]) {
            values.resize(kCrossed[count]);
        }
        combinations *= values.size();
        specials.push_back(values);
    }
    for (std::size_t combination = 0; combination < combinations; ++combination) {
        std::size_t rest = combination;
        for (std::size_t k = 0; k < count; ++k) {
            rows[k].push_back(specials[k][rest % specials[k].size()]);
            rest /= specials[k].size();
        }
    }
    Random random(seed_of(operands));
    const std::size_t total = (combinations + kRandomRows[count] + 31) / 32 * 32;
    while (rows[0].size() < total) {
        for (std::size_t k = 0; k < count; ++k) {
            rows[k].push_back(random_element(set_of(operands[k]), element_bits(operands[k]), random));
        }
    }
    return rows;
}

}  // namespace

const TypeOfOperand& type_of(std::string_view name) {
    name = name.substr(0, name.find(':'));
    for (const TypeOfOperand& type : kTypes) {
        if (type.name == name) {
            return type;
        }
    }
    throw Error("looking up an operand's type: '" + std::string(name) + "' is not in the table of values.cpp");
}

std::size_t stored_bytes(std::string_view type) {
    return type_of(type).bits / 8;
}

std::uint64_t Random::next() {
    state_ += 0x9E3779B97F4A7C15;
    std::uint64_t bits = state_;
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
    return bits ^ (bits >> 31);
}

Values special_values(std::string_view type) {
    const std::string_view set = set_of(type);
    if (set == "pred") {
        return {0, 1};
    }
    const auto found = kSets.find(set);
    return found != kSets.end() ? *found->second : special_integers(element_bits(type));
}

std::uint64_t random_value(std::string_view type, Random& random) {
    std::uint64_t value = 0;
    for (unsigned element = 0; element < type_of(type).count; ++element) {
        value = (value << (element_bits(type) % 64)) | random_element(set_of(type), element_bits(type), random);
    }
    return value;
}

std::vector<Values> crossed(const std::vector<std::string>& operands) {
    const std::vector<Values> elements = crossed_elements(operands);
    std::vector<Values> rows = elements;
    for (std::size_t k = 0; k < operands.size(); ++k) {
        const std::size_t count = elements[k].size();
        for (std::size_t row = 0; row < count; ++row) {  // the other elements of a packed operand: rows from elsewhere
            for (unsigned element = 1; element < type_of(operands[k]).count; ++element) {
                rows[k][row] |= elements[k][(count - 1 - row + 37 * (element - 1)) % count]
                                << (element * element_bits(operands[k]));
            }
        }
    }
    return rows;
}

}  // namespace warpsmith::conformance
