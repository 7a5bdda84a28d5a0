#include "cache/own_kernel/own_answers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "cache/schema.hpp"
#include "cache/solutions_by_config.hpp"
#include "solver/error.hpp"

namespace warpsmith {
namespace {

constexpr unsigned kNumberShift = 32;

const Match& not_tuned() {
    static const Match none{.absence = Absence::own_not_tuned};
    return none;
}

}  // namespace

Accepted trials_of(const OwnKernel& kernel, const Target& target) {
    return [&kernel, &target, possible = solutions_by_config(kernel.space)](const Trial& trial) {
        return possible.contains(trial.config) &&
               trial.provenance.source_digest == source_of(kernel, parse_config(trial.config), target, "").digest;
    };
}

WorkloadCode OwnAnswers::add(const std::string& t1_file, SqliteConnection& connection) {
    OwnKernel kernel = read_own_kernel(t1_file);
    add_launch_limits(kernel, target_);
    const std::string contents = contents_digest(kernel);
    const auto same = std::ranges::find(kept_, contents, &Known::contents);
    Known& known = same != kept_.end() ? *same : keep(std::move(kernel), contents);
    renew(known, connection);
    return {.kind = known.kind};
}

OwnAnswers::Known& OwnAnswers::keep(OwnKernel kernel, const std::string& contents) {
    const std::size_t number = kept_.size();
    if (number == kMostKernels) {
        throw Error(fmt::format("looking up {}: {} kernels are known already; open another cache for more",
                                kernel.t1_file, kMostKernels));
    }
    std::map<std::string, Solution> solutions = solutions_by_config(kernel.space);
    Known& known = kept_.emplace_back();
    known.kernel = std::move(kernel);
    known.contents = contents;
    known.solutions = std::move(solutions);
    known.kind = kOwnKind | std::uint64_t{number} << kNumberShift | (std::hash<std::string>()(contents) & 0xFFFFFFFFU);
    known.answer = &not_tuned();
    known_[number].store(&known, std::memory_order_release);
    return known;
}

void OwnAnswers::refresh(SqliteConnection& connection) {
    for (Known& known : kept_) {
        renew(known, connection);
    }
}

void OwnAnswers::renew(Known& known, SqliteConnection& connection) {
    const std::unique_ptr<SqliteConnection> migrated = migrated_copy(connection);
    SqliteConnection& current = migrated ? *migrated : connection;
    SqliteTransaction one_state(current, SqliteTransaction::For::reading);
    const Workload workload = workload_of(known.kernel);
    const Family family = family_of(known.kernel);
    const std::optional<Choice> best =
        best_trial(current, {workload, target_.name, std::span(&family, 1)}, trials_of(known.kernel, target_));
    one_state.commit();
    const Match* answer = &not_tuned();
    if (best) {
        const Match match = match_of(known, best->trial);
        const Match* before = known.answer.load();
        const bool changed = before->winner == nullptr || *before->winner != *match.winner;
        answer = changed ? &matches_.emplace_back(match) : before;
    }
    known.answer.store(answer, std::memory_order_release);
}

Match OwnAnswers::match_of(const Known& known, const Trial& trial) {
    const Winner winner{.workload = strings_.keep(trial.workload.key()),
                        .config = strings_.keep(trial.config),
                        .source_digest = strings_.keep(trial.provenance.source_digest),
                        .toolkit = strings_.keep(trial.provenance.toolkit),
                        .verified = true,
                        .kind = trial.kind,
                        .median_us = trial.median_us};
    const auto same = std::ranges::find(rows_, winner, &AnsweredRow::winner);
    AnsweredRow& row = same != rows_.end() ? *same : add_row(winner, known.kernel.t1_file);
    return {.winner = &row.winner,
            .answered = &row,
            .exact = true,
            .launch = known.kernel.shape(known.solutions.at(trial.config))};
}

AnsweredRow& OwnAnswers::add_row(const Winner& winner, const std::string& t1_file) {
    AnsweredRow& row = rows_.emplace_back(winner, slot_of(winner.source_digest, winner.toolkit));
    row.subject = strings_.keep(t1_file);
    row.sound = true;  // best_trial() looks at checksums
    row.source = &sources_.emplace_back(
        [t1_file, config = parse_config(winner.config), target = target_](const std::string& toolkit_include) {
            return source_of(read_own_kernel(t1_file), config, target, toolkit_include);  // as the files are by then
        });
    return row;
}

KernelSlot& OwnAnswers::slot_of(std::string_view digest, std::string_view toolkit) {
    const auto same = std::ranges::find_if(
        slots_, [&](const KernelSlot& slot) { return slot.source_digest == digest && slot.toolkit == toolkit; });
    return same != slots_.end() ? *same : slots_.emplace_back(digest, toolkit);
}

Match OwnAnswers::find(const WorkloadCode& asked) const {
    const std::size_t number = (asked.kind & ~kOwnKind) >> kNumberShift;
    const Known* known = number < kMostKernels ? known_[number].load(std::memory_order_acquire) : nullptr;
    if (known == nullptr || known->kind != asked.kind) {
        return {.absence = Absence::not_a_query};
    }
    return *known->answer.load(std::memory_order_acquire);
}

}  // namespace warpsmith
