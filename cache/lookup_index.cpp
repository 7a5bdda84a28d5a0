#include "cache/lookup_index.hpp"

#include "cache/nearest_workload.hpp"

namespace warpsmith {

LookupIndex::LookupIndex(std::vector<TunedRow> rows, const WorkloadCoder& coder)
    : coder_(coder), rows_(std::move(rows)), launches_(rows_.size()), by_code_(rows_.size()) {
    std::uint32_t group = 0;
    for (std::uint32_t row = 0; row < rows_.size(); ++row) {
        const WorkloadCode& code = rows_[row].code;
        by_code_.add(hash_of(code), row);
        if (groups_.empty() || !coder_.is_of(code, groups_[group].fixed)) {  // most are of the one before
            group = group_of(coder_.fixed_part(code));
        }
        groups_[group].rows.push_back(row);
    }
    for (Group& its : groups_) {
        its.nearest = nearest_of(its);
    }
}

std::uint32_t LookupIndex::group_of(const WorkloadCode& fixed) {
    const std::uint64_t hash = hash_of(fixed);
    const std::uint32_t found = by_fixed_.find(hash, [&](std::uint32_t i) { return groups_[i].fixed == fixed; });
    if (found != SlotTable::kNone) {
        return found;
    }
    by_fixed_.add(hash, static_cast<std::uint32_t>(groups_.size()));
    groups_.push_back({.fixed = fixed, .rows = {}, .nearest = {}});
    return static_cast<std::uint32_t>(groups_.size() - 1);
}

NearestIndex LookupIndex::nearest_of(const Group& group) const {
    const std::size_t dimensions = coder_.runtime_dimensions(group.fixed.kind).size();
    std::vector<double> coordinates;
    coordinates.reserve(dimensions * group.rows.size());
    for (const std::uint32_t row : group.rows) {
        const Point place = point(rows_[row].code);
        const std::span<const double> its = place.coordinates();
        coordinates.insert(coordinates.end(), its.begin(), its.end());
    }
    return {dimensions, group.rows.size(), coordinates};
}

LookupIndex::Point LookupIndex::point(const WorkloadCode& code) const {
    Point point;
    for (const std::uint8_t position : coder_.runtime_dimensions(code.kind)) {
        point.octaves[point.count++] = octaves(code.sizes[position]);
    }
    return point;
}

std::optional<LaunchShape> LookupIndex::OwnLaunch::compute(const TunedRow& row) const {
    const std::optional<LaunchShape> launch = row.config->launch(row.code.used());
    State before = State::unknown;
    if (launch && state_.compare_exchange_strong(before, State::being_written, std::memory_order_relaxed)) {
        launch_ = *launch;
        state_.store(State::kept, std::memory_order_release);
    }
    return launch;
}

Match LookupIndex::find(const WorkloadCode& asked) const {
    const Family* family = coder_.family(asked.kind);
    if (family == nullptr || asked.count != family->dimensions.size()) {
        return {.absence = Absence::not_a_query};
    }
    for (const std::int64_t size : asked.used()) {
        if (size < 1 || size > kLargestSize) {
            return {.absence = Absence::bad_size};
        }
    }
    const std::uint32_t exact = by_code_.find(hash_of(asked), [&](std::uint32_t i) { return rows_[i].code == asked; });
    if (exact != SlotTable::kNone) {
        const TunedRow& row = rows_[exact];
        if (const LaunchShape* kept = launches_[exact].kept()) {
            return {.winner = row.winner, .answered = row.answered, .exact = true, .launch = *kept};
        }
        if (const std::optional<LaunchShape> launch = launches_[exact].compute(row)) {
            return {.winner = row.winner, .answered = row.answered, .exact = true, .launch = *launch};
        }
    }
    return nearest(asked);
}

Match LookupIndex::nearest(const WorkloadCode& asked) const {
    const WorkloadCode fixed = coder_.fixed_part(asked);
    const std::uint32_t found =
        by_fixed_.find(hash_of(fixed), [&](std::uint32_t i) { return groups_[i].fixed == fixed; });
    if (found == SlotTable::kNone) {
        return {.absence = Absence::nothing_tuned};
    }
    const Group& group = groups_[found];
    const auto row = [&](std::uint32_t point) -> const TunedRow& { return rows_[group.rows[point]]; };
    const Point place = point(asked);
    LaunchShape launch;
    const auto fits = [&](std::uint32_t candidate) {
        const std::optional<LaunchShape> its = row(candidate).config->launch(asked.used());
        launch = its.value_or(launch);
        return its.has_value();
    };
    const auto best = group.nearest.nearest(place.coordinates(), fits, [&](std::uint32_t a, std::uint32_t b) {
        return row(a).winner->workload < row(b).winner->workload;
    });
    if (!best) {
        return {.absence = Absence::nothing_fits};
    }
    const TunedRow& chosen = row(best->point);
    return {.winner = chosen.winner,
            .answered = chosen.answered,
            .squared_distance = best->squared_distance,
            .launch = launch};
}

}  // namespace warpsmith
