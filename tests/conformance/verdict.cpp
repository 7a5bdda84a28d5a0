#include "tests/conformance/verdict.hpp"

#include <cmath>
#include <cstring>

#include "tests/conformance/float_format.hpp"

namespace warpsmith::conformance {
namespace {

std::uint64_t element_of(std::uint64_t bits, const TypeOfOperand& type, unsigned element) {
    const unsigned width = type.bits / type.count;
    return width == 64 ? bits : (bits >> (element * width)) & ((std::uint64_t{1} << width) - 1);
}

bool is_expected(const Case& test) {
    return test.expected || test.expected_together;
}

bool near(double got, double truth, double tolerance, double largest_finite) {
    if (std::isnan(truth) || std::isnan(got)) {
        return std::isnan(truth) && std::isnan(got);
    }
    if (std::isinf(got)) {  // what is too large for the format
        return std::isinf(truth) ? got == truth : std::fabs(truth) + tolerance >= largest_finite && got * truth > 0;
    }
    return std::isinf(truth) ? false : std::fabs(got - truth) <= tolerance;
}

// What results are compared with.
struct Reference {
    const Case& test;
    const Answer* recorded;  // null: the document

    // Whether the element is acceptable though its bits differ.
    bool accepts(const TypeOfOperand& type, std::uint64_t got, std::uint64_t wanted, const Row& operands,
                 unsigned element) const {
        if (test.match == Match::exact || !is_float(type.element)) {
            return false;
        }
        const FloatFormat& format = format_of(type.element);
        if (test.match == Match::nan_is_nan) {
            return recorded == nullptr && is_nan(format, got) && is_nan(format, wanted);
        }
        const double value = static_cast<double>(decoded(format, got));
        const double largest_finite = static_cast<double>(largest(format));
        if (!test.truth) {
            return near(value, static_cast<double>(decoded(format, wanted)), test.tolerance, largest_finite);
        }
        Row elements;
        for (std::size_t k = 0; k < operands.size(); ++k) {
            elements.push_back(element_of(operands[k], type_of(test.operands[k]), element));
        }
        const Approximation truth = test.truth(elements);
        return !truth.specified || near(value, truth.value, truth.tolerance, largest_finite);
    }
};

void compare(const Reference& reference, const Answer& answer, std::size_t row, Verdict& verdict) {
    const Case& test = reference.test;
    const Row operands = operands_of(test, row);
    Row wanted(test.results.size());
    if (reference.recorded == nullptr && is_expected(test)) {
        wanted = test.expected ? test.expected(operands) : test.expected_together(test, row);
    }
    for (std::size_t result = 0; result < test.results.size(); ++result) {
        const TypeOfOperand& type = type_of(test.results[result]);
        const std::uint64_t got = stored(test, answer.bytes, result, row);
        if (reference.recorded != nullptr) {
            wanted[result] = stored(test, reference.recorded->bytes, result, row);
        }
        ++verdict.values;
        bool acceptable = true;
        for (unsigned element = 0; element < type.count; ++element) {
            const std::uint64_t mine = element_of(got, type, element),
                                other = element_of(wanted[result], type, element);
            const bool judged_by_truth = reference.recorded == nullptr && !is_expected(test);
            acceptable =
                acceptable && ((mine == other && !judged_by_truth) ||
                               reference.accepts(type, mine, judged_by_truth ? mine : other, operands, element));
        }
        verdict.other_bits += got != wanted[result] ? 1 : 0;
        if (!acceptable) {
            verdict.differences.push_back({row, result, wanted[result], got});
        }
    }
}

}  // namespace

std::string_view name_of(Judgement judgement) {
    constexpr std::string_view kNames[] = {"equal", "within bound", "different", "unsupported", "failed", "unchecked"};
    return kNames[static_cast<std::size_t>(judgement)];
}

std::uint64_t stored(const Case& test, const std::vector<std::byte>& bytes, std::size_t result, std::size_t row) {
    const std::size_t size = stored_bytes(test.results[result]);
    std::uint64_t bits = 0;
    std::memcpy(&bits, bytes.data() + result_offset(test, result) + row * size, size);
    return bits;
}

Row operands_of(const Case& test, std::size_t row) {
    Row operands;
    for (const Values& values : test.inputs) {
        operands.push_back(values[row]);
    }
    return operands;
}

Verdict judge(const Case& test, const Answer& answer, const Answer* recorded) {
    Verdict verdict;
    if (!answer.error.empty()) {
        verdict.judgement = answer.unsupported ? Judgement::unsupported : Judgement::failed;
        verdict.error = answer.error;
        return verdict;
    }
    if (recorded != nullptr && !recorded->error.empty()) {
        recorded = nullptr;  // the GPU has no results either
    }
    verdict.by_hardware = recorded != nullptr;
    if (recorded == nullptr && !is_expected(test) && !test.truth) {
        return verdict;
    }
    const Reference reference{test, recorded};
    for (std::size_t row = 0; row < result_rows(test); ++row) {
        compare(reference, answer, row, verdict);
    }
    const bool by_truth = recorded == nullptr && !is_expected(test);
    verdict.judgement = !verdict.differences.empty()          ? Judgement::different
                        : by_truth || verdict.other_bits != 0 ? Judgement::within
                                                              : Judgement::equal;
    return verdict;
}

}  // namespace warpsmith::conformance
