#include "device/emulator/tally.hpp"

#include <map>
#include <utility>

namespace warpsmith::emulator {
namespace {

// In the order of Class.
constexpr std::string_view kClassNames[] = {
    "integer",       "f32",         "f64",          "half",        "special",      "convert",    "move",
    "compare",       "load_global", "store_global", "load_shared", "store_shared", "load_local", "store_local",
    "load_constant", "atomic",      "copy_async",   "tensor",      "matrix_load",  "shuffle",    "vote",
    "barrier",       "branch",      "fence",        "other",
};
static_assert(std::size(kClassNames) == kClasses);

void add(Tally& sum, const Tally& part) {
    sum.warps += part.warps;
    sum.threads += part.threads;
}

void add(Traffic& sum, const Traffic& part) {
    sum.global_bytes += part.global_bytes;
    sum.global_sectors += part.global_sectors;
    sum.shared_bytes += part.shared_bytes;
    sum.shared_wavefronts += part.shared_wavefronts;
    sum.shared_bank_conflicts += part.shared_bank_conflicts;
}

// What one instruction did.
struct Share {
    Tally executed;
    Traffic traffic;
};

// Counts or LineCounts.
template <class C>
void add_share(C& counts, const Instruction& instruction, const Share& share) {
    add(counts.all, share.executed);
    add(counts.by_class[static_cast<std::size_t>(instruction.count_as)], share.executed);
    add(counts.traffic, share.traffic);
    if (instruction.count_as == Class::tensor) {
        counts.tensor_macs += share.executed.warps * static_cast<std::uint64_t>(instruction.offset);
    }
}

std::vector<Share> shares(const Program& program, std::span<const Worker> workers) {
    std::vector<Share> sums(program.code.size());
    for (const Worker& worker : workers) {
        std::int64_t warps = 0, lanes = 0;
        for (std::size_t pc = 0; pc < program.code.size(); ++pc) {
            warps += worker.warp_steps[pc];
            lanes += worker.lane_steps[pc];
            sums[pc].executed.warps += static_cast<std::uint64_t>(warps);
            sums[pc].executed.threads += static_cast<std::uint64_t>(lanes) - worker.lanes_skipped[pc];
            if (!worker.traffic.empty()) {
                add(sums[pc].traffic, worker.traffic[pc]);
            }
        }
    }
    return sums;
}

}  // namespace

std::string_view name_of(Class kind) {
    return kClassNames[static_cast<std::size_t>(kind)];
}

Counts tally(const Program& program, std::span<const Worker> workers, bool by_line) {
    const std::vector<Share> sums = shares(program, workers);
    Counts counts;
    std::map<std::pair<std::uint32_t, std::uint32_t>, LineCounts> lines;
    for (std::size_t pc = 0; pc < sums.size(); ++pc) {
        if (sums[pc].executed.warps == 0) {
            continue;
        }
        const Instruction& instruction = program.code[pc];
        add_share(counts, instruction, sums[pc]);
        if (by_line) {
            add_share(lines[{instruction.location.file, instruction.location.line}], instruction, sums[pc]);
        }
    }
    for (auto& [place, line] : lines) {
        line.file = place.first < program.files.size() ? program.files[place.first] : std::string();
        line.line = place.second;
        counts.lines.push_back(std::move(line));
    }
    return counts;
}

}  // namespace warpsmith::emulator
