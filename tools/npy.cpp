#include "tools/npy.hpp"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

static_assert(std::endian::native == std::endian::little, "values are copied to and from little-endian files");

constexpr std::string_view kMagic{"\x93NUMPY\x01\x00", 8};  // with version 1.0
constexpr std::size_t kPreamble = kMagic.size() + 2;        // and the two bytes of the header's length
constexpr std::size_t kAlignment = 64;                      // of the data in the file, as NumPy writes it

std::size_t element_bytes(std::string_view descr) {
    return descr == "<f4" ? sizeof(float) : sizeof(double);
}

// The text after `'key':` up to `end`, or empty.
std::string_view header_field(std::string_view header, std::string_view key, char end) {
    std::size_t at = header.find(fmt::format("'{}':", key));
    if (at == std::string_view::npos) {
        return {};
    }
    std::string_view rest = header.substr(at + key.size() + 3);
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    return rest.substr(0, rest.find(end));
}

std::vector<std::int64_t> read_shape(const std::string& where, std::string_view text) {
    std::vector<std::int64_t> shape;
    text.remove_prefix(std::min(text.find('(') + 1, text.size()));
    while (!text.empty()) {
        std::int64_t extent = 0;
        auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), extent);
        if (code != std::errc() || extent < 0) {
            throw Error(where + "its header has no readable 'shape'; write it with numpy.save");
        }
        shape.push_back(extent);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        text.remove_prefix(std::min(text.find_first_not_of(", "), text.size()));
    }
    return shape;
}

// How many elements the shape has, but no more than `limit` + 1, so that no product overflows.
std::size_t elements(const std::vector<std::int64_t>& shape, std::size_t limit) {
    std::size_t product = 1;
    for (std::int64_t extent : shape) {
        if (extent != 0 && product > limit / static_cast<std::size_t>(extent)) {
            return limit + 1;
        }
        product *= static_cast<std::size_t>(extent);
    }
    return product;
}

template <class Stored>
std::vector<double> values_of(std::string_view bytes) {
    std::vector<Stored> stored(bytes.size() / sizeof(Stored));
    std::memcpy(stored.data(), bytes.data(), stored.size() * sizeof(Stored));
    return {stored.begin(), stored.end()};
}

template <class Stored>
std::string bytes_of(std::span<const double> values) {
    std::string bytes(values.size() * sizeof(Stored), '\0');
    for (std::size_t i = 0; i < values.size(); ++i) {
        Stored stored = static_cast<Stored>(values[i]);
        std::memcpy(bytes.data() + i * sizeof(Stored), &stored, sizeof(Stored));
    }
    return bytes;
}

std::string header_text(const NpyArray& array) {
    std::string shape;
    for (std::int64_t extent : array.shape) {
        shape += fmt::format("{}, ", extent);
    }
    std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", array.descr, shape);
    text.append(kAlignment - 1 - (kPreamble + text.size()) % kAlignment, ' ');
    return text + "\n";
}

}  // namespace

NpyArray read_npy(const std::string& path) {
    const std::string where = "reading " + path + ": ";
    std::ifstream stream(path, std::ios::binary);
    if (!stream) {
        throw Error(where + "it cannot be opened");
    }
    const std::string file{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    std::string_view rest = file;
    if (!rest.starts_with(kMagic) || rest.size() < kPreamble) {
        throw Error(where + "it is not a .npy file of version 1.0; write it with numpy.save");
    }
    std::size_t header_bytes = static_cast<unsigned char>(rest[8]) + 256U * static_cast<unsigned char>(rest[9]);
    std::string_view header = rest.substr(kPreamble, header_bytes);
    std::string_view data = rest.substr(std::min(kPreamble + header_bytes, rest.size()));

    std::string_view quoted = header_field(header, "descr", ',');
    NpyArray array{.descr = std::string(quoted.substr(0, quoted.rfind('\'')).substr(quoted.empty() ? 0 : 1)),
                   .shape = read_shape(where, header_field(header, "shape", ')')),
                   .values = {}};
    if (array.descr != "<f4" && array.descr != "<f8") {
        throw Error(where + "its elements are '" + array.descr + "'; give float32 or float64");
    }
    if (!header_field(header, "fortran_order", ',').starts_with("False")) {
        throw Error(where + "it is in Fortran order; save numpy.ascontiguousarray of it");
    }
    std::size_t stored = data.size() / element_bytes(array.descr);
    if (elements(array.shape, stored) != stored || data.size() % element_bytes(array.descr) != 0) {
        throw Error(where + "its data are not as many as its shape says; the file is cut off or damaged");
    }
    array.values = array.descr == "<f4" ? values_of<float>(data) : values_of<double>(data);
    return array;
}

void write_npy(const std::string& path, const NpyArray& array) {
    std::string header = header_text(array);
    std::string length{static_cast<char>(header.size() % 256), static_cast<char>(header.size() / 256)};
    std::string data = array.descr == "<f4" ? bytes_of<float>(array.values) : bytes_of<double>(array.values);
    std::ofstream stream(path, std::ios::binary);
    stream << kMagic << length << header << data;
    stream.close();
    if (!stream) {
        throw Error("writing " + path + ": it cannot be written; is the folder there, and is the disk full?");
    }
}

}  // namespace warpsmith
