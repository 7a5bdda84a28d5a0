// wmma: matrices in memory, by the PTX ISA's "Matrix Storage": a row or a column is contiguous, the lowest bits of a
// byte are its first element.
#include <algorithm>
#include <cctype>
#include <limits>

#include "tests/conformance/expected.hpp"
#include "tests/conformance/float_format.hpp"

namespace warpsmith::conformance {
namespace {

// Of "wmma.mma[.xor.popc].sync.aligned.row.col.m16n16k16.f32.f32" or "... .s32.s8.s8.s32[.satfinite]".
struct Product {
    unsigned m = 0, n = 0, k = 0;
    std::string a, sum;
    bool a_by_column = false, b_by_column = false, exclusive = false, clamps = false;

    explicit Product(const Spelling& spelling) : exclusive(spelling.has("xor")), clamps(spelling.has("satfinite")) {
        const auto shape = std::find_if(spelling.words.begin(), spelling.words.end(), [](const std::string& word) {
            return word.size() > 5 && word[0] == 'm' && std::isdigit(word[1]) != 0;
        });
        m = static_cast<unsigned>(std::stoul(shape->substr(1)));
        n = static_cast<unsigned>(std::stoul(shape->substr(shape->find('n') + 1)));
        k = static_cast<unsigned>(std::stoul(shape->substr(shape->find('k') + 1)));
        a_by_column = shape[-2] == "col";
        b_by_column = shape[-1] == "col";
        sum = shape[1];
        a = spelling.words.end() - shape == 3 ? "f16" : shape[2];
    }
};

// The element at `index` of a matrix that begins at bit `first` of the inputs.
long double element(const Case& test, std::string_view type, unsigned first, unsigned index) {
    const unsigned width = type_of(type).bits, at = first + index * width;
    const std::uint64_t bits = test.inputs[0][at / 64] >> (at % 64);
    const std::uint64_t kept = width == 64 ? bits : bits & ((std::uint64_t{1} << width) - 1);
    return is_float(type) ? decoded(format_of(type), kept) : static_cast<long double>(number(type, kept));
}

std::uint64_t sum_at(const Case& test, const Product& product, unsigned row, unsigned column) {
    const unsigned a_bits = type_of(product.a).bits;
    const unsigned b_first = product.m * product.k * a_bits, c_first = b_first + product.k * product.n * a_bits;
    long double sum = element(test, product.sum, c_first, row * product.n + column);
    for (unsigned k = 0; k < product.k; ++k) {
        const unsigned a_index = product.a_by_column ? k * product.m + row : row * product.k + k;
        const unsigned b_index = product.b_by_column ? column * product.k + k : k * product.n + column;
        const long double a = element(test, product.a, 0, a_index), b = element(test, product.a, b_first, b_index);
        sum += product.exclusive ? (a != b ? 1 : 0) : a * b;
    }
    if (product.clamps) {
        sum = std::clamp<long double>(sum, std::numeric_limits<std::int32_t>::min(),
                                      std::numeric_limits<std::int32_t>::max());
    }
    return is_float(product.sum) ? encoded(format_of(product.sum), sum, RoundTo::nearest)
                                 : bits_of(static_cast<Wide>(sum), 32);
}

// 64 bits of D in each result of each thread, results one behind the other.
Row stored(const Case& test, const Product& product, unsigned thread) {
    const unsigned width = type_of(product.sum).bits;
    Row result;
    for (unsigned r = 0; r < test.results.size(); ++r) {
        std::uint64_t word = 0;
        for (unsigned at = 0; at < 64; at += width) {
            const unsigned index = (r * 32 + thread) * (64 / width) + at / width;
            word |= sum_at(test, product, index / product.n, index % product.n) << at;
        }
        result.push_back(word);
    }
    return result;
}

}  // namespace

void expect_wmma(Case& test) {
    test.expected_together = [product = Product(Spelling(test.name))](const Case& self, std::size_t row) {
        return stored(self, product, static_cast<unsigned>(row));
    };
}

}  // namespace warpsmith::conformance
