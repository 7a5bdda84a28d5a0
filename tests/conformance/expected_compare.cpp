// Comparisons and selections.
#include <cmath>

#include "tests/conformance/expected.hpp"
#include "tests/conformance/float_format.hpp"

namespace warpsmith::conformance {
namespace {

// How two numbers stand, and by that whether each operator holds.
struct Relation {
    bool less = false, equal = false, unordered = false;
};

Relation relation(const std::string& type, bool flushes, std::uint64_t a, std::uint64_t b) {
    if (is_float(type)) {
        const FloatFormat& format = format_of(type);
        const long double x = decoded(format, flushes ? flushed(format, a) : a);
        const long double y = decoded(format, flushes ? flushed(format, b) : b);
        return {x < y, x == y, std::isnan(x) || std::isnan(y)};
    }
    const Wide x = number(type, a), y = number(type, b);
    return {x < y, x == y, false};
}

bool holds(const std::string& op, const Relation& r) {
    const bool greater = !r.less && !r.equal && !r.unordered;
    if (op.size() == 3 && op.back() == 'u') {  // equ neu ltu leu gtu geu: also when unordered
        return r.unordered || holds(op.substr(0, 2), r);
    }
    return op == "eq"                 ? r.equal
           : op == "ne"               ? !r.equal && !r.unordered
           : op == "lt" || op == "lo" ? r.less
           : op == "le" || op == "ls" ? r.less || r.equal
           : op == "gt" || op == "hi" ? greater
           : op == "ge" || op == "hs" ? greater || r.equal
           : op == "num"              ? !r.unordered
                                      : r.unordered;  // nan
}

bool combined(const Spelling& spelling, bool value, bool other) {
    return spelling.has("and")   ? value && other
           : spelling.has("or")  ? value || other
           : spelling.has("xor") ? value != other
                                 : value;
}

void expect_setp(Case& test, const Spelling& spelling) {
    const std::string type = spelling.type(), op = spelling.words[1];
    const bool flushes = spelling.has("ftz"), inverted = test.name.ends_with("(!c)");
    if (type_of(type).count == 2) {
        test.expected = [=](const Row& row) {
            const std::string element(type_of(type).element);
            const bool other = row.size() > 2 && (row[2] != 0) != inverted;
            const bool low = holds(op, relation(element, flushes, row[0] & 0xFFFF, row[1] & 0xFFFF));
            const bool high = holds(op, relation(element, flushes, row[0] >> 16, row[1] >> 16));
            return Row{combined(spelling, low, other), combined(spelling, high, other)};
        };
        return;
    }
    const std::size_t results = test.results.size();
    test.expected = [=](const Row& row) {
        const bool value = holds(op, relation(type, flushes, row[0], row[1]));
        const bool other = row.size() > 2 && (row[2] != 0) != inverted;
        Row result = {combined(spelling, value, other), combined(spelling, !value, other)};
        result.resize(results);
        return result;
    };
}

std::uint64_t truth_value(std::string_view result, bool value) {
    const std::string element(type_of(result).element);
    if (!value) {
        return 0;
    }
    return is_float(element) ? encoded(format_of(element), 1, RoundTo::nearest) : bits_of(-1, type_of(element).bits);
}

void expect_set(Case& test, const Spelling& spelling) {
    const std::string type(type_of(spelling.type()).element), op = spelling.words[1], result = test.results[0];
    const bool flushes = spelling.has("ftz");
    const unsigned count = type_of(result).count;
    test.expected = [=](const Row& row) {
        std::uint64_t bits = 0;
        for (unsigned i = 0; i < count; ++i) {
            const unsigned shift = 16 * i;
            const std::uint64_t mask = count == 1 ? ~std::uint64_t{0} : 0xFFFF;
            const bool value = holds(op, relation(type, flushes, (row[0] >> shift) & mask, (row[1] >> shift) & mask));
            bits |= truth_value(result, combined(spelling, value, row.size() > 2 && row[2] != 0)) << shift;
        }
        return Row{bits};
    };
}

}  // namespace

void expect_compare(Case& test) {
    const Spelling spelling(test.name);
    if (spelling.opcode() == "setp") {
        expect_setp(test, spelling);
    } else if (spelling.opcode() == "set") {
        expect_set(test, spelling);
    } else if (spelling.opcode() == "selp") {
        test.expected = [](const Row& row) { return Row{row[2] != 0 ? row[0] : row[1]}; };
    } else {
        const std::string& type = spelling.type();
        const bool flushes = spelling.has("ftz");
        test.expected = [=](const Row& row) {
            return Row{holds("ge", relation(type, flushes, row[2], 0)) ? row[0] : row[1]};
        };
    }
}

}  // namespace warpsmith::conformance
