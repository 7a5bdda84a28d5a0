#include "cache/winners.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>
#include <tuple>

#include "cache/schema.hpp"
#include "cache/trial_checksum.hpp"
#include "cache/trial_rows.hpp"

namespace warpsmith {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 16U;

// No table is made larger at the word of a file alone.
constexpr std::int64_t kMostExpected = std::int64_t{1} << 17U;

struct Environment {
    std::int64_t id = 0;
    std::string_view device, toolkit;
};

// A configuration of a workload on a device: its newest trial alone counts.
struct Tried {
    std::int64_t workload_id = 0;
    std::string_view config, device;  // kept, so that addresses tell
    std::uint64_t recorded_at = 0;    // of the newest so far
    Winner newest;
    bool counts = false;  // the newest compiled, and was verified or may be modelled

    std::uint64_t hash() const {
        return mixed(address(device), mixed(address(config), static_cast<std::uint64_t>(workload_id)));
    }
    bool same(const Tried& other) const {
        return workload_id == other.workload_id && config.data() == other.config.data() &&
               device.data() == other.device.data();
    }
};

// Of "2026-01-31T12:00:00Z" 20260131120000: later ones are larger.
std::uint64_t digits(std::string_view time_of_day) {
    std::uint64_t number = 0;
    for (char c : time_of_day) {
        number = c >= '0' && c <= '9' ? 10 * number + static_cast<std::uint64_t>(c - '0') : number;
    }
    return number;
}

bool better(const Winner& a, const Winner& b) {
    const auto rank = [](const Winner& w) {
        return std::tuple(!w.verified, w.kind != TimeKind::measured, w.median_us, w.config);
    };
    return rank(a) < rank(b);
}

class WinnerReader {
  public:
    WinnerReader(SqliteConnection& connection, bool modelled, Strings& strings)
        : connection_(connection), modelled_(modelled), strings_(strings) {}

    std::vector<Winner> read(std::string_view target) {
        read_environments(target);
        SqliteStatement trials = connection_.prepare(
            "SELECT id, workload_id, environment_id, config, source_digest, outcome, time_kind, median_us, recorded_at "
            "FROM trial ORDER BY id DESC");
        while (trials.step()) {
            if (tried_.empty()) {
                expect(trials.integer(0));
            }
            take(trials);
        }
        for (const Tried& tried : tried_) {
            if (tried.counts) {
                keep_better(tried.workload_id, tried.newest);
            }
        }
        name_workloads();
        return std::move(winners_);
    }

  private:
    // Trials are numbered from 1 and never deleted.
    void expect(std::int64_t last_id) {
        const auto count = static_cast<std::size_t>(std::clamp<std::int64_t>(last_id, 0, kMostExpected));
        tried_.reserve(count);
        seen_.expect(count);
        strings_.expect(count);
    }

    void read_environments(std::string_view target) {
        SqliteStatement rows =
            connection_.prepare("SELECT id, device, toolkit FROM environment WHERE target = ? ORDER BY id");
        rows.bind(target);
        while (rows.step()) {
            environments_.push_back({rows.integer(0), strings_.keep(rows.view(1)), strings_.keep(rows.view(2))});
        }
    }

    // Trials that were recorded together have the same.
    std::uint64_t time_of(std::string_view text) {
        if (text != last_text_) {
            last_text_ = text;
            last_time_ = digits(text);
        }
        return last_time_;
    }

    const Environment* environment(std::int64_t id) const {
        const auto found = std::lower_bound(environments_.begin(), environments_.end(), id,
                                            [](const Environment& e, std::int64_t wanted) { return e.id < wanted; });
        return found == environments_.end() || found->id != id ? nullptr : &*found;
    }

    // Of trials of the same second, the one that comes first is the newest.
    void take(const SqliteStatement& row) {
        const Environment* where = environment(row.integer(2));
        if (where == nullptr) {
            return;
        }
        Tried tried{row.integer(1), strings_.keep(row.view(3)), where->device, time_of(row.view(8))};
        const std::uint64_t hash = tried.hash();
        const std::uint32_t found = seen_.find(hash, [&](std::uint32_t i) { return tried_[i].same(tried); });
        if (found != SlotTable::kNone && tried_[found].recorded_at >= tried.recorded_at) {
            return;
        }
        const std::string_view outcome = row.view(5);
        const bool verified = outcome == name(Outcome::ok);
        tried.counts = verified || (modelled_ && outcome == name(Outcome::modelled));
        if (tried.counts) {
            tried.newest = {.trial_id = row.integer(0),
                            .workload = {},
                            .config = tried.config,
                            .source_digest = strings_.keep(row.view(4)),
                            .toolkit = where->toolkit,
                            .verified = verified,
                            .kind = parse_time_kind(row.view(6)).value_or(TimeKind::none),
                            .median_us = row.real(7)};
        }
        if (found != SlotTable::kNone) {
            tried_[found] = tried;
        } else {
            seen_.add(hash, static_cast<std::uint32_t>(tried_.size()));
            tried_.push_back(tried);
        }
    }

    void keep_better(std::int64_t workload_id, const Winner& winner) {
        const std::uint64_t hash = mixed(static_cast<std::uint64_t>(workload_id));
        const std::uint32_t found = by_workload_.find(hash, [&](std::uint32_t i) { return ids_[i] == workload_id; });
        if (found == SlotTable::kNone) {
            by_workload_.add(hash, static_cast<std::uint32_t>(ids_.size()));
            ids_.push_back(workload_id);
            winners_.push_back(winner);
        } else if (better(winner, winners_[found])) {
            winners_[found] = winner;
        }
    }

    void name_workloads() {
        SqliteStatement rows = connection_.prepare("SELECT id, key FROM workload");
        while (rows.step()) {
            const std::int64_t id = rows.integer(0);
            const std::uint32_t found = by_workload_.find(mixed(static_cast<std::uint64_t>(id)),
                                                          [&](std::uint32_t i) { return ids_[i] == id; });
            if (found != SlotTable::kNone) {
                winners_[found].workload = strings_.keep(rows.view(1));
            }
        }
    }

    SqliteConnection& connection_;
    bool modelled_;
    Strings& strings_;
    std::string last_text_;
    std::uint64_t last_time_ = 0;
    std::vector<Environment> environments_;  // by id
    std::vector<Tried> tried_;
    SlotTable seen_;                 // of tried_
    std::vector<std::int64_t> ids_;  // of the workloads of winners_
    SlotTable by_workload_;          // of ids_
    std::vector<Winner> winners_;
};

}  // namespace

std::string_view Strings::keep(std::string_view text) {
    const std::uint64_t hash = mixed(std::hash<std::string_view>()(text));
    const std::uint32_t found = table_.find(hash, [&](std::uint32_t i) { return texts_[i] == text; });
    if (found != SlotTable::kNone) {
        return texts_[found];
    }
    if (room_ < text.size() + 1) {
        room_ = std::max(kBlockBytes, text.size() + 1);
        blocks_.push_back(std::make_unique<char[]>(room_));
        next_ = blocks_.back().get();
    }
    std::copy(text.begin(), text.end(), next_);
    const std::string_view kept(next_, text.size());
    next_ += text.size() + 1;  // a block begins as zeros
    room_ -= text.size() + 1;
    table_.add(hash, static_cast<std::uint32_t>(texts_.size()));
    return texts_.emplace_back(kept);
}

std::vector<Winner> read_winners(SqliteConnection& connection, std::string_view target, bool modelled,
                                 Strings& strings) {
    return WinnerReader(connection, modelled, strings).read(target);
}

void require_row(SqliteConnection& connection, const Winner& winner) {
    if (connection.pragma("user_version") < kFirstSealedSchema) {
        return;
    }
    SqliteStatement query =
        connection.prepare(fmt::format("SELECT {} FROM trial_record WHERE id = ?", TrialReader::kColumns));
    query.bind(winner.trial_id);
    if (query.step()) {
        const auto [id, trial, recorded] = TrialReader(connection).read(query);
        if (!whole_but_for_samples(recorded, id, trial)) {
            throw damaged_trial(connection, id);
        }
        if (trial.workload.key() == winner.workload && trial.config == winner.config &&
            trial.provenance.source_digest == winner.source_digest && trial.provenance.toolkit == winner.toolkit) {
            return;
        }
    }
    throw Error(
        fmt::format("loading {} of \"{}\": {} was replaced since this was its answer, and has it no more; ask again "
                    "for the workload",
                    winner.config, winner.workload, connection.path()));
}

}  // namespace warpsmith
