#include "cache/winners.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
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

constexpr std::uint32_t kNoWorkload = 0xFFFFFFFF;

struct Environment {
    std::int64_t id = 0;
    std::string_view device, toolkit;
};

// A configuration of a workload on a device: its newest trial alone counts. Kept texts are told apart by address.
struct Tried {
    const char* config = nullptr;
    const char* device = nullptr;
    std::uint64_t recorded_at = 0;  // of the newest so far
    std::uint32_t workload = 0;     // its number
    bool counts = false;            // the newest compiled, and was verified or may be modelled

    std::uint64_t hash() const {
        return mixed(reinterpret_cast<std::uintptr_t>(config) ^ workload, reinterpret_cast<std::uintptr_t>(device));
    }
    bool same(const Tried& other) const {
        return workload == other.workload && config == other.config && device == other.device;
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

    Winners read(std::string_view target) {
        read_environments(target);
        read_workloads();
        SqliteStatement trials = connection_.prepare(
            "SELECT id, workload_id, environment_id, config, source_digest, outcome, time_kind, median_us, recorded_at "
            "FROM trial ORDER BY id DESC");
        while (trials.step()) {
            if (tried_.empty()) {
                expect(trials.integer(0));
            }
            take(trials);
        }
        std::vector<std::uint32_t> best = best_of_each();
        return {std::move(newest_), std::move(best), std::move(texts_)};
    }

  private:
    // Trials are numbered from 1 and never deleted.
    void expect(std::int64_t last_id) {
        const auto count = static_cast<std::size_t>(std::clamp<std::int64_t>(last_id, 0, kMostExpected));
        tried_.reserve(count);
        newest_.reserve(count);
        seen_.expect(count - std::min(count, workloads_.size()));
    }

    void read_environments(std::string_view target) {
        SqliteStatement rows =
            connection_.prepare("SELECT id, device, toolkit FROM environment WHERE target = ? ORDER BY id");
        rows.bind(target);
        while (rows.step()) {
            environments_.push_back({rows.integer(0), strings_.keep(rows.view(1)), strings_.keep(rows.view(2))});
        }
    }

    void read_workloads() {
        SqliteStatement rows = connection_.prepare("SELECT id, key FROM workload ORDER BY id");
        while (rows.step()) {
            workload_ids_.push_back(rows.integer(0));
            workloads_.push_back(texts_.add(rows.view(1)));
        }
        first_.assign(workloads_.size(), SlotTable::kNone);
    }

    // The number of a workload. Ids are most often without gaps, so that it can be told from the first.
    std::uint32_t workload(std::int64_t id) const {
        const auto guess = static_cast<std::size_t>(id - (workload_ids_.empty() ? 0 : workload_ids_.front()));
        if (guess < workload_ids_.size() && workload_ids_[guess] == id) {
            return static_cast<std::uint32_t>(guess);
        }
        const auto found = std::lower_bound(workload_ids_.begin(), workload_ids_.end(), id);
        return found == workload_ids_.end() || *found != id ? kNoWorkload
                                                            : static_cast<std::uint32_t>(found - workload_ids_.begin());
    }

    // Trials that were recorded together have the same.
    std::uint64_t time_of(std::string_view text) {
        if (text != last_text_) {
            last_text_ = text;
            last_time_ = digits(text);
        }
        return last_time_;
    }

    // Kept. Trials of a configuration most often have the same.
    std::string_view digest(std::string_view text, std::uint32_t config) {
        digests_.resize(std::max(digests_.size(), std::size_t{config} + 1));
        if (text != digests_[config]) {
            digests_[config] = strings_.keep(text);
        }
        return digests_[config];
    }

    const Environment* environment(std::int64_t id) const {
        const auto found = std::lower_bound(environments_.begin(), environments_.end(), id,
                                            [](const Environment& e, std::int64_t wanted) { return e.id < wanted; });
        return found == environments_.end() || found->id != id ? nullptr : &*found;
    }

    // Of trials of the same second, the one that comes first is the newest.
    void take(const SqliteStatement& row) {
        const Environment* where = environment(row.integer(2));
        const std::uint32_t workload = this->workload(row.integer(1));
        if (where == nullptr || workload == kNoWorkload) {
            return;
        }
        const std::uint32_t config_number = strings_.number(row.view(3));
        const std::string_view config = strings_.text(config_number);
        Tried tried{config.data(), where->device.data(), time_of(row.view(8)), workload};
        std::uint32_t& first = first_[workload];
        const std::uint64_t hash = tried.hash();
        const auto same = [&](std::uint32_t i) { return tried_[i].same(tried); };
        const std::uint32_t found = first == SlotTable::kNone || same(first) ? first : seen_.find(hash, same);
        if (found != SlotTable::kNone && tried_[found].recorded_at >= tried.recorded_at) {
            return;
        }
        const std::string_view outcome = row.view(5);
        const bool verified = outcome == name(Outcome::ok);
        tried.counts = verified || (modelled_ && outcome == name(Outcome::modelled));
        if (found == SlotTable::kNone) {
            add(tried, hash, first);
        } else {
            tried_[found] = tried;
        }
        if (tried.counts) {
            newest_[found == SlotTable::kNone ? newest_.size() - 1 : found] = {
                .trial_id = row.integer(0),
                .workload = workloads_[workload],
                .config = config,
                .source_digest = digest(row.view(4), config_number),
                .toolkit = where->toolkit,
                .verified = verified,
                .kind = parse_time_kind(row.view(6)).value_or(TimeKind::none),
                .median_us = row.real(7)};
        }
    }

    void add(const Tried& tried, std::uint64_t hash, std::uint32_t& first) {
        const auto its = static_cast<std::uint32_t>(tried_.size());
        tried_.push_back(tried);
        newest_.emplace_back();
        if (first == SlotTable::kNone) {
            first = its;
        } else {
            seen_.add(hash, its);
        }
    }

    std::vector<std::uint32_t> best_of_each() const {
        std::vector<std::uint32_t> best(workloads_.size(), SlotTable::kNone);
        for (std::uint32_t i = 0; i < tried_.size(); ++i) {
            std::uint32_t& before = best[tried_[i].workload];
            if (tried_[i].counts && (before == SlotTable::kNone || better(newest_[i], newest_[before]))) {
                before = i;
            }
        }
        std::erase(best, SlotTable::kNone);
        return best;
    }

    SqliteConnection& connection_;
    bool modelled_;
    Strings& strings_;
    std::string last_text_;
    std::uint64_t last_time_ = 0;
    std::vector<std::string_view> digests_;   // of each configuration, as it had it last
    std::vector<Environment> environments_;   // by id
    std::vector<std::int64_t> workload_ids_;  // in their order
    std::vector<std::string_view> workloads_;
    TextBlocks texts_;  // of workloads_
    std::vector<Tried> tried_;
    std::vector<Winner> newest_;        // of each of tried_ that counts
    std::vector<std::uint32_t> first_;  // of each workload, in tried_
    SlotTable seen_;                    // of tried_, but for the first of each workload: there may be no more
};

}  // namespace

std::string_view TextBlocks::add(std::string_view text) {
    if (room_ < text.size() + 1) {
        room_ = std::max(kBlockBytes, text.size() + 1);
        blocks_.push_back(std::make_unique<char[]>(room_));
        next_ = blocks_.back().get();
    }
    std::copy(text.begin(), text.end(), next_);
    const std::string_view added(next_, text.size());
    next_ += text.size() + 1;  // a block begins as zeros
    room_ -= text.size() + 1;
    return added;
}

std::uint32_t Strings::number(std::string_view text) {
    const std::uint64_t hash = XXH3_64bits(text.data(), text.size());
    const std::uint32_t found = table_.find(hash, [&](std::uint32_t i) { return texts_[i] == text; });
    if (found != SlotTable::kNone) {
        return found;
    }
    const auto added = static_cast<std::uint32_t>(texts_.size());
    table_.add(hash, added);
    texts_.push_back(blocks_.add(text));
    return added;
}

Winners read_winners(SqliteConnection& connection, std::string_view target, bool modelled, Strings& strings) {
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
