#include "cache/lookup_index.hpp"

#include "cache/nearest_workload.hpp"

namespace warpsmith {

LookupIndex::LookupIndex(std::vector<TunedRow> rows, const WorkloadCoder& coder)
    : coder_(coder), rows_(std::move(rows)), by_code_(rows_.size()) {
    std::vector<std::vector<std::uint32_t>> members;
    std::vector<WorkloadCode> fixed;
    for (std::uint32_t row = 0; row < rows_.size(); ++row) {
        add_row(row, members, fixed);
    }
    groups_.reserve(members.size());
    for (std::size_t group = 0; group < members.size(); ++group) {
        const std::size_t dimensions = coder_.runtime_dimensions(fixed[group].kind).size();
        std::vector<double> coordinates;
        coordinates.reserve(dimensions * members[group].size());
        for (const std::uint32_t row : members[group]) {
            const Point place = point(rows_[row].code);
            const std::span<const double> its = place.coordinates();
            coordinates.insert(coordinates.end(), its.begin(), its.end());
        }
        NearestIndex nearest(dimensions, members[group].size(), coordinates);
        groups_.push_back({fixed[group], std::move(members[group]), std::move(nearest)});
    }
}

void LookupIndex::add_row(std::uint32_t row, std::vector<std::vector<std::uint32_t>>& members,
                          std::vector<WorkloadCode>& fixed) {
    by_code_.add(hash_of(rows_[row].code), row);
    fits_.push_back(rows_[row].config->fits(rows_[row].code.used()));
    const WorkloadCode part = coder_.fixed_part(rows_[row].code);
    const std::uint64_t hash = hash_of(part);
    std::uint32_t group = by_fixed_.find(hash, [&](std::uint32_t i) { return fixed[i] == part; });
    if (group == SlotTable::kNone) {
        group = static_cast<std::uint32_t>(fixed.size());
        by_fixed_.add(hash, group);
        fixed.push_back(part);
        members.emplace_back();
    }
    members[group].push_back(row);
}

LookupIndex::Point LookupIndex::point(const WorkloadCode& code) const {
    Point point;
    for (const std::uint8_t position : coder_.runtime_dimensions(code.kind)) {
        point.octaves[point.count++] = octaves(code.sizes[position]);
    }
    return point;
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
    if (exact != SlotTable::kNone && fits_[exact]) {
        const TunedRow& row = rows_[exact];
        return {.winner = row.winner,
                .answered = row.answered,
                .exact = true,
                .launch = row.config->launch_shape(asked.used())};
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
    const auto fits = [&](std::uint32_t candidate) { return row(candidate).config->fits(asked.used()); };
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
            .launch = chosen.config->launch_shape(asked.used())};
}

}  // namespace warpsmith
