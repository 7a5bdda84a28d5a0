#include "cache/trial.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace warpsmith {
namespace {

constexpr std::array kOutcomes = {
    std::pair{Outcome::ok, std::string_view("ok")},
    std::pair{Outcome::modelled, std::string_view("modelled")},
    std::pair{Outcome::compile_error, std::string_view("compile_error")},
    std::pair{Outcome::spills, std::string_view("spills")},
    std::pair{Outcome::does_not_fit, std::string_view("does_not_fit")},
    std::pair{Outcome::launch_error, std::string_view("launch_error")},
    std::pair{Outcome::wrong_result, std::string_view("wrong_result")},
    std::pair{Outcome::crashed, std::string_view("crashed")},
    std::pair{Outcome::timed_out, std::string_view("timed_out")},
    std::pair{Outcome::blocked, std::string_view("blocked")},
};

constexpr std::array kTimeKinds = {
    std::pair{TimeKind::none, std::string_view("none")},
    std::pair{TimeKind::modelled, std::string_view("modelled")},
    std::pair{TimeKind::measured, std::string_view("measured")},
};

template <class Table, class Kind>
std::string_view name_in(const Table& table, Kind kind) {
    return std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.first == kind; })->second;
}

template <class Kind, std::size_t rows>
std::optional<Kind> kind_in(const std::array<std::pair<Kind, std::string_view>, rows>& table, std::string_view text) {
    const auto* row = std::find_if(table.begin(), table.end(), [&](const auto& r) { return r.second == text; });
    return row == table.end() ? std::nullopt : std::optional<Kind>(row->first);
}

}  // namespace

std::string_view name(Outcome outcome) {
    return name_in(kOutcomes, outcome);
}

std::optional<Outcome> parse_outcome(std::string_view text) {
    return kind_in(kOutcomes, text);
}

std::string_view name(TimeKind kind) {
    return name_in(kTimeKinds, kind);
}

std::optional<TimeKind> parse_time_kind(std::string_view text) {
    return kind_in(kTimeKinds, text);
}

}  // namespace warpsmith
