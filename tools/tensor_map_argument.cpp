#include "tools/tensor_map_argument.hpp"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <string>
#include <vector>

#include "solver/error.hpp"
#include "solver/suggestion.hpp"

namespace warpsmith {
namespace {

template <class T>
T parse_number(std::string_view word, std::string_view text) {
    T value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        throw Error(
            fmt::format("{}: '{}' is no number up to {}", word, text, std::uint64_t{std::numeric_limits<T>::max()}));
    }
    return value;
}

// "64x32" into the first places of `values`; how many there were.
template <class T, std::size_t most>
std::size_t parse_list(std::string_view word, std::string_view text, std::array<T, most>& values) {
    for (std::size_t count = 0; count < most; ++count) {
        const std::size_t cross = text.find('x');
        values[count] = parse_number<T>(word, text.substr(0, cross));
        if (cross == std::string_view::npos) {
            return count + 1;
        }
        text.remove_prefix(cross + 1);
    }
    throw Error(fmt::format("{}: more than {} numbers", word, most));
}

struct Parts {
    TensorMapArgument argument;
    std::size_t box = 0, steps = 0, strides = 0, lower = 0, upper = 0;  // how many were given
};

TensorElement element_named(std::string_view name) {
    std::vector<std::string> names;
    for (std::size_t e = 0; e < kTensorElements.size(); ++e) {
        if (kTensorElements[e].name == name) {
            return static_cast<TensorElement>(e);
        }
        names.emplace_back(kTensorElements[e].name);
    }
    throw Error(fmt::format("tensors have no elements of type '{}'; {}", name, suggestion(name, names)));
}

void take_swizzle(Parts& parts, std::string_view text) {
    constexpr std::string_view kNames[] = {"none", "32", "64", "128"};
    for (std::size_t i = 0; i < std::size(kNames); ++i) {
        if (text == kNames[i]) {
            parts.argument.tile.swizzle = static_cast<Swizzle>(i);
            return;
        }
    }
    throw Error(fmt::format("swizzle: '{}' is none of none, 32, 64, 128", text));
}

void take_fill(Parts& parts, std::string_view text) {
    if (text != "zeros" && text != "nans") {
        throw Error(fmt::format("fill: '{}' is none of zeros, nans", text));
    }
    parts.argument.tile.fill = text == "nans" ? OutsideFill::nans : OutsideFill::zeros;
}

struct Word {
    const char* name;
    void (*take)(Parts& parts, std::string_view text);
};
constexpr Word kWords[] = {
    {"dims",
     [](Parts& parts, std::string_view text) {
         parts.argument.tile.rank = static_cast<std::uint8_t>(parse_list("dims", text, parts.argument.tile.dims));
     }},
    {"box", [](Parts& parts, std::string_view text) { parts.box = parse_list("box", text, parts.argument.tile.box); }},
    {"strides",
     [](Parts& parts, std::string_view text) {
         parts.strides = parse_list("strides", text, parts.argument.tile.stride_bytes);
         parts.argument.packed = false;
     }},
    {"step",
     [](Parts& parts, std::string_view text) { parts.steps = parse_list("step", text, parts.argument.tile.step); }},
    {"channels",
     [](Parts& parts, std::string_view text) {
         parts.argument.tile.mode = TensorMode::im2col;
         parts.argument.tile.box[0] = parse_number<std::uint32_t>("channels", text);
     }},
    {"pixels",
     [](Parts& parts, std::string_view text) {
         parts.argument.tile.mode = TensorMode::im2col;
         parts.argument.tile.box[1] = parse_number<std::uint32_t>("pixels", text);
     }},
    {"lower",
     [](Parts& parts, std::string_view text) { parts.lower = parse_list("lower", text, parts.argument.tile.lower); }},
    {"upper",
     [](Parts& parts, std::string_view text) { parts.upper = parse_list("upper", text, parts.argument.tile.upper); }},
    {"swizzle", take_swizzle},
    {"fill", take_fill},
    {"type", [](Parts& parts, std::string_view text) { parts.argument.element = element_named(text); }},
};

void take_word(Parts& parts, std::string_view word) {
    const std::size_t equals = word.find('=');
    const std::string name(word.substr(0, equals));
    std::vector<std::string> names;
    for (const Word& candidate : kWords) {
        if (name == candidate.name && equals != std::string_view::npos) {
            candidate.take(parts, word.substr(equals + 1));
            return;
        }
        names.emplace_back(candidate.name);
    }
    throw Error(fmt::format("'{}' says nothing of a tensor map; {}, as in dims=64x64", word, suggestion(name, names)));
}

}  // namespace

TensorTile TensorMapArgument::tile_at(std::uint64_t address, std::string_view buffer_type) const {
    TensorTile placed = tile;
    placed.address = address;
    // Copies do not care for signs.
    placed.element = element ? *element
                             : element_named(buffer_type == "i8"    ? "u8"
                                             : buffer_type == "i16" ? "u16"
                                                                    : buffer_type);
    for (std::size_t dim = 0; packed && dim + 1 < placed.rank; ++dim) {
        const std::uint64_t inner = dim == 0 ? placed.traits().bytes : placed.stride_bytes[dim - 1];
        if (__builtin_mul_overflow(inner, placed.dims[dim], &placed.stride_bytes[dim])) {
            throw Error("making a tensor map: the tensor is larger than any memory; check its dims");
        }
    }
    return placed;
}

TensorMapArgument parse_tensor_map(std::string_view text) {
    Parts parts;
    while (text.find(',') != std::string_view::npos) {
        text.remove_prefix(text.find(',') + 1);
        take_word(parts, text.substr(0, text.find(',')));
    }
    const std::size_t rank = parts.argument.tile.rank;
    const bool im2col = parts.argument.tile.mode == TensorMode::im2col;
    if (im2col && (parts.box != 0 || rank < 3 || parts.lower != rank - 2 || parts.upper != rank - 2)) {
        throw Error(
            "a tensor map for im2col wants dims, channels and pixels in place of box, and the corners lower and upper, "
            "of two numbers less than dims; write "
            "tensormap:0,dims=64x9x9x2,channels=32,pixels=16,lower=-1x-1,upper=-1x-1");
    }
    if (!im2col && (rank == 0 || parts.box != rank || parts.lower != 0 || parts.upper != 0)) {
        throw Error("a tensor map wants dims and box, of as many numbers each; write tensormap:0,dims=64x64,box=64x8");
    }
    if ((parts.steps != 0 && parts.steps != rank) || (!parts.argument.packed && parts.strides != rank - 1)) {
        throw Error("a tensor map wants a step for every dimension, and a stride for every one but the first");
    }
    return parts.argument;
}

}  // namespace warpsmith
