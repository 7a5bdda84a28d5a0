#include "cache/best_trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "cache/nearest_workload.hpp"
#include "cache/trial_rows.hpp"
#include "solver/error.hpp"

namespace warpsmith {
namespace {

// The fastest verified trial of a workload. A trial counts only while it is its configuration's newest on that device,
// so that a result of an earlier source or driver does not outlive a failure with a later one.
std::optional<Trial> fastest(SqliteConnection& connection, TrialReader& reader, std::int64_t workload_id,
                             std::string_view target, const Accepted& accepted) {
    SqliteStatement query = connection.prepare(fmt::format(
        "SELECT {} FROM trial_record AS record WHERE workload_id = ?1 AND target = ?2 AND outcome = 'ok' AND id = "
        "(SELECT later.id FROM trial AS later JOIN environment AS place ON place.id = later.environment_id "
        "WHERE later.workload_id = ?1 AND later.config = record.config AND place.target = ?2 "
        "AND place.device = record.device ORDER BY later.recorded_at DESC, later.id DESC LIMIT 1) "
        "ORDER BY time_kind = 'measured' DESC, median_us, config",
        TrialReader::kColumns));
    query.bind(workload_id, target);
    return reader.read_first(query, accepted);
}

const Family& family_of(const Workload& workload, std::span<const Family> families) {
    const auto found = std::find_if(families.begin(), families.end(),
                                    [&](const Family& family) { return family.name == workload.family; });
    if (found == families.end()) {
        throw Error(
            fmt::format("looking up a tuned configuration: there is no family \"{}\"; name one of those listed by: "
                        "warpsmith families",
                        workload.family));
    }
    return *found;
}

struct Neighbour {
    double squared_distance = 0;
    std::string key;
    std::int64_t workload_id = 0;
};

// Those of the same family, dtype, options and fixed dimensions, nearest first; equally near ones by their key.
std::vector<Neighbour> neighbours(SqliteConnection& connection, TrialReader& reader, const Workload& workload,
                                  const Family& family) {
    SqliteStatement query =
        connection.prepare("SELECT id, key FROM workload WHERE family = ? AND dtype = ? AND options = ?");
    query.bind(workload.family, name(workload.dtype), options_text(workload));
    std::vector<Neighbour> found;
    while (query.step()) {
        if (auto apart = squared_distance(workload, reader.workload(query.integer(0)), family)) {
            found.push_back({*apart, query.text(1), query.integer(0)});
        }
    }
    std::sort(found.begin(), found.end(), [](const Neighbour& a, const Neighbour& b) {
        return std::tie(a.squared_distance, a.key) < std::tie(b.squared_distance, b.key);
    });
    return found;
}

}  // namespace

std::optional<Choice> best_trial(SqliteConnection& connection, const Asked& asked, const Accepted& accepted) {
    TrialReader reader(connection);
    const Workload& workload = asked.workload;
    for (const Neighbour& neighbour : neighbours(connection, reader, workload, family_of(workload, asked.families))) {
        const bool exact = neighbour.key == workload.key();
        const Accepted any = [](const Trial&) { return true; };
        auto trial = fastest(connection, reader, neighbour.workload_id, asked.target, exact ? accepted : any);
        if (trial && (exact || accepted(*trial))) {
            return Choice{.trial = std::move(*trial),
                          .basis = exact ? Basis::exact : Basis::nearest,
                          .distance = std::sqrt(neighbour.squared_distance)};
        }
    }
    return std::nullopt;
}

}  // namespace warpsmith
