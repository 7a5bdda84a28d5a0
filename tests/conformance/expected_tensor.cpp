// Tensor copies by the PTX ISA's "Tensors" and the driver API's description of tensor maps: for each element of the
// room which one of the tensor it is, or that it is outside.
#include <algorithm>
#include <map>

#include "tests/conformance/expected.hpp"

namespace warpsmith::conformance {
namespace {

constexpr unsigned kThreads = 128, kRoomBytes = 4096;

using Bytes = std::vector<unsigned char>;
using Place = std::array<long, kMostTensorDims>;

struct Copied {
    const TensorCopy& tensor;
    bool four_rows, im2col;
    const TensorTile& used_map() const { return tensor.changed ? *tensor.changed : tensor.map; }
    unsigned size() const { return used_map().traits().bytes; }
    unsigned row() const { return used_map().box[0] * size(); }

    unsigned rows() const {
        const TensorTile& map = used_map();
        if (four_rows || im2col) {
            return four_rows ? 4 : map.box[1];
        }
        unsigned count = 1;
        for (unsigned d = 1; d < map.rank; ++d) {
            count *= (map.box[d] + map.step[d] - 1) / map.step[d];
        }
        return count;
    }

    // Of pixel `pixel`: the places that the box of pixels has are numbered, width first, and on in the next image.
    Place pixel_place(unsigned pixel) const {
        const TensorTile& map = used_map();
        const unsigned images = map.rank - 1U;
        std::array<long, kMostTensorDims> count = {};
        long number = tensor.at[images];
        for (unsigned d = images - 1; d > 0; --d) {
            const long first = map.lower[d - 1], last = static_cast<long>(map.dims[d]) - 1 + map.upper[d - 1];
            count[d] = (last - first) / map.step[d] + 1;
            number = number * count[d] + (tensor.at[d] - first) / map.step[d];
        }
        number += pixel;
        Place place = {tensor.at[0]};
        for (unsigned d = 1; d < images; ++d) {
            place[d] = map.lower[d - 1] + number % count[d] * map.step[d] + static_cast<long>(tensor.offsets[d - 1]);
            number /= count[d];
        }
        place[images] = number;
        return place;
    }

    Place place(unsigned row_number) const {
        const TensorTile& map = used_map();
        if (four_rows) {
            return {tensor.at[0], tensor.at[1 + row_number]};
        }
        if (im2col) {
            return pixel_place(row_number);
        }
        Place place = {tensor.at[0]};
        for (unsigned d = 1; d < map.rank; ++d) {
            const unsigned extent = (map.box[d] + map.step[d] - 1) / map.step[d];
            place[d] = tensor.at[d] + static_cast<long>(row_number % extent * map.step[d]);
            row_number /= extent;
        }
        return place;
    }

    // Where in the tensor's memory an element of the copy is, in bytes; -1 outside.
    long tensor_offset(unsigned row_number, unsigned column) const {
        const TensorTile& map = used_map();
        Place at = place(row_number);
        at[0] += column;
        long offset = static_cast<long>(map.address);
        for (unsigned d = 0; d < map.rank; ++d) {
            if (at[d] < 0 || at[d] >= static_cast<long>(map.dims[d])) {
                return -1;
            }
            offset += at[d] * static_cast<long>(d == 0 ? size() : map.stride_bytes[d - 1]);
        }
        return offset;
    }

    // Where in the room: chunks of 16 bytes change places with each line of 128 bytes.
    unsigned room_offset(unsigned row_number, unsigned column) const {
        constexpr unsigned kLinesAlike[] = {1, 2, 4, 8};
        const unsigned at = tensor.room + row_number * row() + column * size();
        const unsigned line = at / 128, chunk = at / 16 % 8, inside = at % 16;
        const unsigned moved = chunk ^ (line % kLinesAlike[static_cast<unsigned>(used_map().swizzle)]);
        return line * 128 + moved * 16 + inside;
    }
};

std::uint64_t at(const Bytes& bytes, std::size_t offset, unsigned size) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < size; ++i) {
        value |= std::uint64_t{bytes[offset + i]} << (8 * i);
    }
    return value;
}

void put(Bytes& bytes, std::size_t offset, unsigned size, std::uint64_t value) {
    for (unsigned i = 0; i < size; ++i) {
        bytes[offset + i] = static_cast<unsigned char>(value >> (8 * i));
    }
}

Bytes inputs_of(const Case& test) {
    Bytes bytes(kRoomBytes);
    for (std::size_t row = 0; row < test.rows; ++row) {
        put(bytes, 8 * row, 8, test.inputs[0][row]);
    }
    return bytes;
}

// Rounded to the 10 bits of tf32, ties away from zero as in cvt.rna; subnormal numbers stay, whatever the type is
// named.
std::uint64_t converted(TensorElement element, std::uint64_t bits) {
    const bool rounds = element == TensorElement::tf32 || element == TensorElement::tf32_ftz;
    const std::uint64_t sign = bits & 0x80000000, magnitude = bits & 0x7FFFFFFF;
    if (!rounds || magnitude == 0x7F800000) {
        return bits;
    }
    return magnitude > 0x7F800000 ? 0x7FFFE000 : (sign | (((magnitude + 0x1000) >> 13) << 13));
}

std::uint64_t outside_value(const TensorTile& map, unsigned size) {
    return map.fill == OutsideFill::zeros ? 0 : 0x7FF7'7FF7'7FF7'7FF7 & (~std::uint64_t{0} >> (64 - 8 * size));
}

Bytes loaded(const Case& test, const Copied& copied) {
    const Bytes tensor = inputs_of(test);
    Bytes room(kRoomBytes, 0xEE);
    for (unsigned row = 0; row < copied.rows(); ++row) {
        for (unsigned column = 0; column < copied.used_map().box[0]; ++column) {
            const long from = copied.tensor_offset(row, column);
            const std::uint64_t value = from < 0 ? outside_value(copied.used_map(), copied.size())
                                                 : converted(copied.used_map().element,
                                                             at(tensor, static_cast<std::size_t>(from), copied.size()));
            put(room, copied.room_offset(row, column), copied.size(), value);
        }
    }
    return room;
}

using Operation = std::uint64_t (*)(std::uint64_t old, std::uint64_t value);
const std::map<std::string, Operation> kOperations = {
    {"", [](std::uint64_t, std::uint64_t value) { return value; }},
    {"add", [](std::uint64_t old, std::uint64_t value) { return old + value; }},
    {"and", [](std::uint64_t old, std::uint64_t value) { return old & value; }},
    {"or", [](std::uint64_t old, std::uint64_t value) { return old | value; }},
    {"xor", [](std::uint64_t old, std::uint64_t value) { return old ^ value; }},
    {"inc", [](std::uint64_t old, std::uint64_t value) { return old >= value ? 0 : old + 1; }},
    {"dec", [](std::uint64_t old, std::uint64_t value) { return old == 0 || old > value ? value : old - 1; }},
    {"max", [](std::uint64_t old, std::uint64_t value) { return std::max(old, value); }},
    {"min", [](std::uint64_t old, std::uint64_t value) {  // of s32
         return static_cast<std::int32_t>(old) < static_cast<std::int32_t>(value) ? old : value;
     }}};

void store(const Bytes& room, const Copied& copied, Operation operation, Bytes& tensor) {
    for (unsigned row = 0; row < copied.rows(); ++row) {
        for (unsigned column = 0; column < copied.used_map().box[0]; ++column) {
            const long to = copied.tensor_offset(row, column);
            if (to >= 0) {
                const std::size_t place = static_cast<std::size_t>(to);
                const std::uint64_t value = at(room, copied.room_offset(row, column), copied.size());
                put(tensor, place, copied.size(), operation(at(tensor, place, copied.size()), value));
            }
        }
    }
}

Bytes stored(const Case& test, const Copied& copied, const std::string& reduction) {
    const Bytes room = inputs_of(test);
    Bytes tensor(kRoomBytes);
    if (!reduction.empty()) {
        TensorCopy first = copied.tensor;
        first.at = {};
        store(room, {first, copied.four_rows, copied.im2col}, kOperations.at(""), tensor);
    }
    store(room, copied, kOperations.at(reduction), tensor);
    return tensor;
}

}  // namespace

void expect_tensor(Case& test) {
    const Spelling spelling(test.name);
    std::string reduction;
    for (const auto& [name, operation] : kOperations) {
        reduction = !name.empty() && spelling.has(name) ? name : reduction;
    }
    const bool four_rows = spelling.has("tile::gather4") || spelling.has("tile::scatter4");
    const bool im2col = spelling.has("im2col") || spelling.has("im2col_no_offs");
    test.expected_together = [=](const Case& self, std::size_t row) {
        const Copied copied{*self.tensor, four_rows, im2col};
        const Bytes bytes = self.tensor->into_results ? stored(self, copied, reduction) : loaded(self, copied);
        Row result;
        for (unsigned r = 0; r < 4; ++r) {
            result.push_back(at(bytes, 8 * (r * kThreads + row), 8));
        }
        return result;
    };
}

}  // namespace warpsmith::conformance
