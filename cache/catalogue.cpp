#include "cache/catalogue.hpp"

#include <algorithm>

#include "solver/error.hpp"

namespace warpsmith {

// The kernels that were met in one reading, so that the space of each is made and laid out once.
class Catalogue::Kernels {
  public:
    struct Kernel {
        WorkloadCode fixed;
        std::uint64_t hash = 0;
        bool made = false;
        std::optional<SpaceFormulas> space = std::nullopt;
    };

    explicit Kernels(const Catalogue& catalogue) : catalogue_(catalogue) {}

    Kernel& of(const WorkloadCode& code) {
        if (last_ == nullptr || !catalogue_.coder_.is_of(code, last_->fixed)) {
            last_ = &find(catalogue_.coder_.fixed_part(code));
        }
        return *last_;
    }

    // None where the family of today refuses the workload.
    const std::optional<SpaceFormulas>& space(Kernel& kernel, const WorkloadCode& code) const {
        if (!kernel.made) {
            kernel.space = make(code);
            kernel.made = true;
        }
        return kernel.space;
    }

  private:
    Kernel& find(const WorkloadCode& fixed) {
        const std::uint64_t hash = hash_of(fixed);
        const std::uint32_t found = by_fixed_.find(hash, [&](std::uint32_t i) { return kernels_[i].fixed == fixed; });
        if (found != SlotTable::kNone) {
            return kernels_[found];
        }
        by_fixed_.add(hash, static_cast<std::uint32_t>(kernels_.size()));
        return kernels_.emplace_back(Kernel{.fixed = fixed, .hash = hash});
    }

    std::optional<SpaceFormulas> make(const WorkloadCode& code) const {
        const Workload workload = catalogue_.coder_.workload(code);
        const Family& family = *catalogue_.coder_.family(code.kind);
        try {
            return SpaceFormulas(family.space(workload, catalogue_.target_), family);
        } catch (const Error&) {  // another version recorded a workload that this one refuses
            return std::nullopt;
        }
    }

    const Catalogue& catalogue_;
    std::deque<Kernel> kernels_;
    SlotTable by_fixed_;      // of kernels_
    Kernel* last_ = nullptr;  // most rows are of the same as the one before
};

namespace {

// Nothing where the text is not one of ours: it then fits nowhere.
std::optional<Config> readable_config(std::string_view text) {
    try {
        return parse_config(text);
    } catch (const Error&) {
        return std::nullopt;
    }
}

std::uint64_t hash_of_trial(const Winner& winner) {
    return mixed(static_cast<std::uint64_t>(winner.trial_id));
}

}  // namespace

Catalogue::Catalogue(Target target, bool modelled, std::span<const Family> families)
    : target_(std::move(target)), modelled_(modelled), coder_(families) {}

std::unique_ptr<const Indices> Catalogue::read(SqliteConnection& connection) {
    SqliteTransaction one_state(connection, SqliteTransaction::For::reading);
    Winners winners = read_winners(connection, target_.name, modelled_, strings_);
    one_state.commit();
    const bool all_new = answered_.empty();
    if (all_new) {
        workloads_ = std::move(winners.workloads);  // no text needs to be copied
    }
    Kernels kernels(*this);
    std::vector<TunedRow> verified;
    std::vector<TunedRow> modelled;
    verified.reserve(winners.best.size());
    by_trial_.expect(winners.best.size());
    WorkloadCoder::Before before;
    for (const std::uint32_t best : winners.best) {
        const Winner& winner = winners.candidates[best];
        if (const std::optional<WorkloadCode> code = coder_.read(winner.workload, before)) {
            std::vector<TunedRow>& rows = winner.verified ? verified : modelled;
            AnsweredRow& answered = all_new ? add(winner) : keep(winner);
            rows.push_back({*code, &fitted(*code, winner, kernels), &answered.winner, &answered});
        }
    }
    return std::make_unique<const Indices>(
        Indices{LookupIndex(std::move(verified), coder_), LookupIndex(std::move(modelled), coder_)});
}

// Trials never change, so that their number tells them apart; where the file was replaced by another, what they say.
AnsweredRow& Catalogue::keep(const Winner& winner) {
    const std::uint32_t found =
        by_trial_.find(hash_of_trial(winner), [&](std::uint32_t i) { return answered_[i].winner == winner; });
    if (found != SlotTable::kNone) {
        return answered_[found];
    }
    Winner kept = winner;
    kept.workload = workloads_.add(winner.workload);
    return add(kept);
}

AnsweredRow& Catalogue::add(const Winner& kept) {
    by_trial_.add(hash_of_trial(kept), static_cast<std::uint32_t>(answered_.size()));
    return answered_.emplace_back(kept, slot_of(kept));
}

KernelSlot& Catalogue::slot_of(const Winner& winner) {
    const std::uint64_t hash = mixed(address(winner.source_digest), address(winner.toolkit));
    const std::uint32_t found = by_digest_.find(hash, [&](std::uint32_t i) {
        return kernels_[i].source_digest.data() == winner.source_digest.data() &&
               kernels_[i].toolkit.data() == winner.toolkit.data();
    });
    if (found != SlotTable::kNone) {
        return kernels_[found];
    }
    by_digest_.add(hash, static_cast<std::uint32_t>(kernels_.size()));
    return kernels_.emplace_back(winner.source_digest, winner.toolkit);
}

const FittedConfig& Catalogue::fitted(const WorkloadCode& code, const Winner& winner, Kernels& kernels) {
    Kernels::Kernel& kernel = kernels.of(code);
    const std::uint64_t hash = mixed(address(winner.config), kernel.hash);
    const std::uint32_t found = by_config_.find(hash, [&](std::uint32_t i) {
        return configs_[i].config.data() == winner.config.data() && configs_[i].fixed == kernel.fixed;
    });
    if (found != SlotTable::kNone) {
        return configs_[found].fitted;
    }
    by_config_.add(hash, static_cast<std::uint32_t>(configs_.size()));
    const std::optional<SpaceFormulas>& space = kernels.space(kernel, code);
    const std::optional<Config> config = readable_config(winner.config);
    FittedConfig made = space && config ? FittedConfig(*config, *space) : FittedConfig::none();
    return configs_.emplace_back(Known{kernel.fixed, winner.config, std::move(made)}).fitted;
}

}  // namespace warpsmith
