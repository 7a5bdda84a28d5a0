#include "cache/trial_checksum.hpp"

#include <bit>
#include <string_view>
#include <vector>

#include "generator/digest.hpp"

namespace warpsmith {
namespace {

constexpr std::size_t kDigits = 16;  // of each half: no two of 2^32 damaged rows keep theirs by chance

class Sum {
  public:
    explicit Sum(std::int64_t id) { add(id); }

    void add(std::string_view text) { digest_.add(text); }
    void add(std::int64_t number) { digest_.add(static_cast<std::size_t>(number)); }
    // SQLite keeps -0 as 0.
    void add(double number) { digest_.add(std::size_t{std::bit_cast<std::uint64_t>(number + 0.0)}); }
    void add(const std::vector<double>& numbers) {
        digest_.add(numbers.size());
        for (double number : numbers) {
            add(number);
        }
    }

    std::string digits() const { return digest_.hexadecimal().substr(0, kDigits); }

  private:
    Digest digest_;
};

std::string sum_but_for_samples(std::int64_t id, const Trial& trial) {
    Sum sum(id);
    const Provenance& where = trial.provenance;
    const std::string workload = trial.workload.key();
    for (std::string_view text :
         {std::string_view(workload), std::string_view(trial.config), std::string_view(where.target),
          std::string_view(where.architecture), std::string_view(where.device), std::string_view(where.driver),
          std::string_view(where.toolkit), std::string_view(where.source_digest),
          std::string_view(where.compile_options), std::string_view(where.library_version), name(trial.outcome),
          std::string_view(trial.note), name(trial.kind), std::string_view(trial.verified_on),
          std::string_view(trial.recorded_at)}) {
        sum.add(text);
    }
    const Resources& used = trial.resources;
    for (std::int64_t number :
         {used.registers, used.spill_store_bytes, used.spill_load_bytes, used.stack_bytes, used.static_smem_bytes}) {
        sum.add(number);
    }
    for (double number : {trial.modelled_us, trial.median_us, trial.batch_us, trial.max_error, trial.tolerance}) {
        sum.add(number);
    }
    return sum.digits();
}

}  // namespace

std::string checksum(std::int64_t id, const Trial& trial) {
    Sum samples(id);
    samples.add(trial.samples_us);
    samples.add(trial.batch_samples_us);
    return sum_but_for_samples(id, trial) + samples.digits();
}

bool whole_but_for_samples(const std::string& recorded, std::int64_t id, const Trial& trial) {
    return recorded.size() == 2 * kDigits && recorded.starts_with(sum_but_for_samples(id, trial));
}

}  // namespace warpsmith
