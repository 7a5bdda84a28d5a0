#include "cache/raw_trials.hpp"

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <string_view>

namespace warpsmith {
namespace {

// The columns in the order of the table. In those of real numbers, x stands for i or r.
constexpr std::string_view kTrialShape = "niittttiiiiixtxxtxxt";
constexpr std::size_t kUnsealedColumns = kTrialShape.size();

}  // namespace

std::string shape(const std::vector<RawValue>& values) {
    std::string letters;
    for (const RawValue& value : values) {
        letters += "nirt"[value.index()];
    }
    return letters;
}

std::string text(const RawValue& value) {
    return std::get<std::string>(value);
}

std::int64_t integer(const RawValue& value) {
    return std::get<std::int64_t>(value);
}

double real(const RawValue& value) {
    const auto* whole = std::get_if<std::int64_t>(&value);
    return whole != nullptr ? static_cast<double>(*whole) : std::get<double>(value);
}

std::optional<Workload> parse_key(const std::string& key) {
    std::istringstream words(key);
    Workload workload;
    words >> workload.family;
    bool has_dtype = false;
    for (std::string word; words >> word;) {
        const std::size_t equals = std::min(word.find('='), word.size() - 1);
        const std::string name = word.substr(0, equals), value = word.substr(equals + 1);
        if (name == "dtype" && !has_dtype) {
            const std::optional<DType> dtype = parse_dtype(value);
            has_dtype = dtype.has_value();
            workload.dtype = dtype.value_or(DType::f32);
        } else if (has_dtype) {
            workload.options[name] = value;
        } else {
            workload.dims[name] = std::strtoll(value.c_str(), nullptr, 10);
        }
    }
    return has_dtype && workload.key() == key ? std::optional(workload) : std::nullopt;
}

bool is_trial(std::string letters) {
    if (letters.size() == kUnsealedColumns + 1 && letters.back() == 't') {
        letters.pop_back();
    }
    return std::ranges::equal(letters, kTrialShape, [](char given, char expected) {
        return expected == 'x' ? given == 'i' || given == 'r' : given == expected;
    });
}

std::optional<TrialReading> trial_reading(const std::vector<RawValue>& row) {
    const std::optional<Outcome> outcome = parse_outcome(text(row[5]));
    const std::optional<TimeKind> kind = parse_time_kind(text(row[13]));
    if (!outcome || !kind) {
        return std::nullopt;
    }
    TrialReading reading{.workload_id = integer(row[1]), .environment_id = integer(row[2])};
    reading.trial = {
        .config = text(row[3]),
        .provenance = {.source_digest = text(row[4])},
        .outcome = *outcome,
        .note = text(row[6]),
        .resources = {integer(row[7]), integer(row[8]), integer(row[9]), integer(row[10]), integer(row[11])},
        .modelled_us = real(row[12]),
        .kind = *kind,
        .median_us = real(row[14]),
        .batch_us = real(row[15]),
        .verified_on = text(row[16]),
        .max_error = real(row[17]),
        .tolerance = real(row[18]),
        .recorded_at = text(row[19])};
    reading.checksum = row.size() > kUnsealedColumns ? text(row[kUnsealedColumns]) : "";
    return reading;
}

}  // namespace warpsmith
