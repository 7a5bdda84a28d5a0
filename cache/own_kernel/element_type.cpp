#include "cache/own_kernel/element_type.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "solver/error.hpp"
#include "solver/suggestion.hpp"
#include "templates/dtype.hpp"

namespace warpsmith {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
void store(std::byte* to, T value) {
    std::memcpy(to, &value, sizeof value);
}

template <class T>
T load(const std::byte* from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

Json number_json(double value) {
    if (std::isnan(value)) {
        return "NaN";
    }
    return std::isinf(value) ? Json(value > 0 ? "Infinity" : "-Infinity") : Json(value);
}

double parse_number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        throw Error(fmt::format("reading '{}': it is no number; write it as 0.5, -3e4, inf or nan", text));
    }
    return value;
}

template <class T>
struct Integer {
    static void parse(std::string_view text, std::byte* to) {
        const bool hexadecimal = text.starts_with("0x");
        const std::string_view digits = hexadecimal ? text.substr(2) : text;
        T value = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), value, hexadecimal ? 16 : 10);
        if (error != std::errc() || end != digits.data() + digits.size() || digits.empty()) {
            throw Error(fmt::format("reading '{}': it is no integer from {} to {}", text,
                                    std::int64_t{std::numeric_limits<T>::min()},
                                    std::uint64_t{std::numeric_limits<T>::max()}));
        }
        store(to, value);
    }
    static void store_index(std::uint64_t index, std::byte* to) { store(to, static_cast<T>(index)); }
    static Json value(const std::byte* from) { return load<T>(from); }
    static double number(const std::byte* from) { return static_cast<double>(load<T>(from)); }
    static void store_number(double value, std::byte* to) {
        const auto least = static_cast<double>(std::numeric_limits<T>::min());
        const auto most = static_cast<double>(std::numeric_limits<T>::max());  // of 64 bits, one more than there is
        const bool high =
            std::is_same_v<T, std::int64_t> || std::is_same_v<T, std::uint64_t> ? value >= most : value > most;
        store(to, high             ? std::numeric_limits<T>::max()
                  : value >= least ? static_cast<T>(value)
                                   : std::numeric_limits<T>::min());
    }
};

// In [-1, 1): the upper 53 bits.
double unit_number(std::uint64_t bits) {
    return static_cast<double>(bits >> 11) * 0x1p-52 - 1;
}

template <class T>
struct Floating {
    static void parse(std::string_view text, std::byte* to) { store(to, static_cast<T>(parse_number(text))); }
    static void store_index(std::uint64_t index, std::byte* to) { store(to, static_cast<T>(index)); }
    static void store_random(std::uint64_t bits, std::byte* to) { store(to, static_cast<T>(unit_number(bits))); }
    static Json value(const std::byte* from) { return number_json(number(from)); }
    static double number(const std::byte* from) { return static_cast<double>(load<T>(from)); }
    static void store_number(double value, std::byte* to) { store(to, static_cast<T>(value)); }
};

template <DType dtype>
struct Half {
    static void put(double value, std::byte* to) {
        const std::vector<std::byte> bytes = encode(std::span(&value, 1), dtype);
        std::memcpy(to, bytes.data(), bytes.size());
    }
    static void parse(std::string_view text, std::byte* to) { put(parse_number(text), to); }
    static void store_index(std::uint64_t index, std::byte* to) { put(static_cast<double>(index), to); }
    static void store_random(std::uint64_t bits, std::byte* to) { put(unit_number(bits), to); }
    static Json value(const std::byte* from) { return number_json(number(from)); }
    static double number(const std::byte* from) { return decode({from, 2}, dtype)[0]; }
    static void store_number(double value, std::byte* to) { put(value, to); }
};

template <class T>
constexpr ElementType integer_type(std::string_view name) {
    using Of = Integer<T>;
    return {name, sizeof(T), Of::parse, Of::store_index, Of::store_index, Of::value, Of::number, Of::store_number};
}

template <class Of>
constexpr ElementType floating_type(std::string_view name, std::size_t bytes) {
    return {name, bytes, Of::parse, Of::store_index, Of::store_random, Of::value, Of::number, Of::store_number};
}

constexpr ElementType kTypes[] = {
    integer_type<std::int8_t>("i8"),           integer_type<std::uint8_t>("u8"),
    integer_type<std::int16_t>("i16"),         integer_type<std::uint16_t>("u16"),
    integer_type<std::int32_t>("i32"),         integer_type<std::uint32_t>("u32"),
    integer_type<std::int64_t>("i64"),         integer_type<std::uint64_t>("u64"),
    floating_type<Half<DType::f16>>("f16", 2), floating_type<Half<DType::bf16>>("bf16", 2),
    floating_type<Floating<float>>("f32", 4),  floating_type<Floating<double>>("f64", 8),
};

}  // namespace

const ElementType& find_element_type(std::string_view name) {
    std::vector<std::string> names;
    for (const ElementType& type : kTypes) {
        if (type.name == name) {
            return type;
        }
        names.emplace_back(type.name);
    }
    throw Error(fmt::format("there is no type '{}'; {}", name, suggestion(name, names)));
}

}  // namespace warpsmith
