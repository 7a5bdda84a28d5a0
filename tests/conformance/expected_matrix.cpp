// Matrices in the registers of a warp, by the PTX ISA's figures of fragments: lane = 4 * group + place.
#include <algorithm>
#include <cstdint>
#include <limits>

#include "tests/conformance/expected.hpp"
#include "tests/conformance/float_format.hpp"

namespace warpsmith::conformance {
namespace {

constexpr unsigned kWarp = 32;

// m x n x k, and the types of D, A, B; of "mma.sync.aligned.m16n8k16.row.col[.satfinite].f32.f16.f16.f32", behind which
// elements of one bit have ".xor.popc" or ".and.popc".
struct Product {
    unsigned m = 0, k = 0;
    std::string d, a, b;
    unsigned a_registers = 0, b_registers = 0;
    bool exclusive = false, clamps = false;

    explicit Product(const Spelling& spelling) {
        const std::string& shape = spelling.words[3];
        const std::size_t count = spelling.words.size() - (spelling.has("popc") ? 2 : 0);
        exclusive = spelling.has("xor");
        clamps = spelling.has("satfinite");
        m = static_cast<unsigned>(std::stoul(shape.substr(1)));
        k = static_cast<unsigned>(std::stoul(shape.substr(shape.find('k') + 1)));
        d = spelling.words[count - 4];
        a = spelling.words[count - 3];
        b = spelling.words[count - 2];
        a_registers = m / 8 * k / columns();
        b_registers = k / columns();
    }
    unsigned register_bits() const { return d == "f64" ? 64 : 32; }
    unsigned per_register() const { return register_bits() / type_of(a).bits; }
    unsigned columns() const { return 4 * per_register(); }  // of a tile of eight rows, which is one register
};

long double element(std::string_view type, std::uint64_t bits) {
    return is_float(type) ? decoded(format_of(type), bits) : static_cast<long double>(number(type, bits));
}

// Register `index` of a lane, and one of the values in it.
std::uint64_t part(const Case& test, const Product& product, unsigned index, unsigned lane, unsigned position,
                   std::string_view type) {
    const std::uint64_t bits = test.inputs[0][index * kWarp + lane];
    const unsigned width = type_of(type).bits;
    return product.register_bits() == width ? bits : (bits >> (position * width)) & ((std::uint64_t{1} << width) - 1);
}

long double a_at(const Case& test, const Product& product, unsigned row, unsigned column) {
    const unsigned tile = column / product.columns(), inside = column % product.columns();
    const unsigned index = tile * (product.m / 8) + row / 8, lane = 4 * (row % 8) + inside / product.per_register();
    return element(product.a, part(test, product, index, lane, inside % product.per_register(), product.a));
}

long double b_at(const Case& test, const Product& product, unsigned row, unsigned column) {
    const unsigned tile = row / product.columns(), inside = row % product.columns();
    const unsigned lane = 4 * column + inside / product.per_register();
    return element(product.b,
                   part(test, product, product.a_registers + tile, lane, inside % product.per_register(), product.b));
}

std::uint64_t sum_at(const Case& test, const Product& product, unsigned row, unsigned column, std::uint64_t c) {
    long double sum = element(product.d, c);
    for (unsigned k = 0; k < product.k; ++k) {
        const long double a = a_at(test, product, row, k), b = b_at(test, product, k, column);
        sum += product.exclusive ? (a != b ? 1 : 0) : a * b;
    }
    if (product.clamps) {
        sum = std::clamp<long double>(sum, std::numeric_limits<std::int32_t>::min(),
                                      std::numeric_limits<std::int32_t>::max());
    }
    return is_float(product.d) ? encoded(format_of(product.d), sum, RoundTo::nearest)
                               : bits_of(static_cast<Wide>(sum), 32);
}

Row multiplied(const Case& test, const Product& product, unsigned lane) {
    const unsigned group = lane / 4, place = lane % 4, first = product.a_registers + product.b_registers;
    const bool pairs = product.d == "f16";
    Row result;
    for (unsigned r = 0; r < test.results.size(); ++r) {
        std::uint64_t bits = 0;
        for (unsigned i = 0; i < (pairs ? 2U : 1U); ++i) {
            const unsigned row = group + 8 * (pairs ? r : r / 2), column = 2 * place + (pairs ? i : r % 2);
            const std::uint64_t c = part(test, product, first + r, lane, i, product.d);
            bits |= sum_at(test, product, row, column, c) << (16 * i);
        }
        result.push_back(bits);
    }
    return result;
}

// Rows of 16 bytes in shared memory, one of each thread; the instruction's row r is that of thread 5r mod 32.
std::uint64_t half_in_row(const Case& test, unsigned thread, unsigned column) {
    return (test.inputs[column / 4][thread] >> (16 * (column % 4))) & 0xFFFF;
}

Row loaded(const Case& test, bool transposed, unsigned lane) {
    Row result;
    for (unsigned matrix = 0; matrix < test.results.size(); ++matrix) {
        std::uint64_t bits = 0;
        for (unsigned i = 0; i < 2; ++i) {
            const unsigned row = lane / 4, column = 2 * (lane % 4) + i;
            const unsigned from = 8 * matrix + (transposed ? column : row);
            bits |= half_in_row(test, 5 * from % kWarp, transposed ? row : column) << (16 * i);
        }
        result.push_back(bits);
    }
    return result;
}

// The 16 bytes of thread `row`'s place after all have stored: element (r, c) of a matrix is in lane 4r + c/2.
Row stored_by_all(const Case& test, bool transposed, unsigned matrices, unsigned thread) {
    Row result(2);
    const unsigned target = 13 * thread % kWarp;  // 5 * 13 = 1 mod 32: whose row it is
    const unsigned matrix = target / 8;
    for (unsigned column = 0; column < 8 && matrix < matrices; ++column) {
        const unsigned r = transposed ? column : target % 8, c = transposed ? target % 8 : column;
        const std::uint64_t both = test.inputs[matrix / 2][4 * r + c / 2] >> (32 * (matrix % 2));
        result[column / 4] |= ((both >> (16 * (c % 2))) & 0xFFFF) << (16 * (column % 4));
    }
    return result;
}

// Element `column` of a thread's row, of elements of that many bits without a gap between.
std::uint64_t element_in_row(const Case& test, unsigned thread, unsigned column, unsigned width) {
    std::uint64_t element = 0;
    for (unsigned i = 0; i < width; ++i) {
        const unsigned at = column * width + i;
        element |= ((test.inputs[at / 64][thread] >> (at % 64)) & 1) << i;
    }
    return element;
}

// Rows of 16 bytes: of 8 x 16 matrices a lane has four neighbours of a row; of 16 x 16 ones that are transposed, four
// neighbours of a column, the second register those of the right half.
Row loaded_bytes(const Case& test, bool transposed, unsigned width, unsigned lane) {
    Row result;
    for (unsigned r = 0; r < test.results.size(); ++r) {
        std::uint64_t bits = 0;
        for (unsigned i = 0; i < 4; ++i) {
            const unsigned along = 4 * (lane % 4) + i, across = lane / 4;
            const unsigned row = transposed ? 16 * (r / 2) + along : 8 * r + across;
            const unsigned column = transposed ? 8 * (r % 2) + across : along;
            bits |= element_in_row(test, 5 * row % kWarp, column, width) << (8 * i);
        }
        result.push_back(bits);
    }
    return result;
}

// The transpose of 16 x 8 matrices: element (r, c) is in lane 4 (r mod 8) + c / 2, in its lower half word if r < 8.
Row stored_bytes_by_all(const Case& test, unsigned matrices, unsigned thread) {
    Row result(2);
    const unsigned target = 13 * thread % kWarp, matrix = target / 8, c = target % 8;
    for (unsigned r = 0; r < 16 && matrix < matrices; ++r) {
        const unsigned byte = c % 2 + 2 * (r / 8);
        const std::uint64_t both = test.inputs[matrix / 2][4 * (r % 8) + c / 2] >> (32 * (matrix % 2));
        result[r / 8] |= ((both >> (8 * byte)) & 0xFF) << (8 * (r % 8));
    }
    return result;
}

Row transposed_registers(const Case& test, unsigned lane) {
    std::uint64_t bits = 0;
    for (unsigned i = 0; i < 2; ++i) {
        const unsigned row = 2 * (lane % 4) + i, column = lane / 4;
        bits |= ((test.inputs[0][4 * row + column / 2] >> (16 * (column % 2))) & 0xFFFF) << (16 * i);
    }
    return {bits};
}

}  // namespace

void expect_matrix(Case& test) {
    const Spelling spelling(test.name);
    const std::string& opcode = spelling.opcode();
    const bool transposed = spelling.has("trans");
    const unsigned matrices = spelling.has("x4") ? 4 : spelling.has("x2") ? 2 : 1;
    if (opcode == "wmma") {
        expect_wmma(test);
        return;
    }
    if (opcode == "mma") {
        const Product product(spelling);
        test.expected_together = [product](const Case& self, std::size_t row) {
            return multiplied(self, product, static_cast<unsigned>(row));
        };
        return;
    }
    const unsigned width = spelling.has("b6x16_p32") ? 6 : spelling.has("b4x16_p64") ? 4 : spelling.has("b8") ? 8 : 16;
    test.expected_together = [=](const Case& self, std::size_t row) {
        const unsigned lane = static_cast<unsigned>(row);
        if (width < 16) {
            return opcode == "ldmatrix" ? loaded_bytes(self, transposed, width, lane)
                                        : stored_bytes_by_all(self, matrices, lane);
        }
        return opcode == "ldmatrix"   ? loaded(self, transposed, lane)
               : opcode == "stmatrix" ? stored_by_all(self, transposed, matrices, lane)
                                      : transposed_registers(self, lane);
    };
}

}  // namespace warpsmith::conformance
