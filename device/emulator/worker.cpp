#include "device/emulator/worker.hpp"

#include <iterator>

namespace warpsmith::emulator {
namespace {

struct KindRow {
    FindingKind kind;
    std::string_view name;
};

constexpr KindRow kKinds[] = {
    {FindingKind::out_of_bounds, "out_of_bounds"},
    {FindingKind::misaligned, "misaligned"},
    {FindingKind::uninitialised_read, "uninitialised_read"},
    {FindingKind::race, "race"},
    {FindingKind::divergent_barrier, "divergent_barrier"},
    {FindingKind::barrier_mismatch, "barrier_mismatch"},
    {FindingKind::deadlock, "deadlock"},
    {FindingKind::trap, "trap"},
    {FindingKind::unsupported_instruction, "unsupported_instruction"},
};

std::uint32_t position(const Warp& warp, const Instruction& instruction) {
    return static_cast<std::uint32_t>(&instruction - warp.program->code.data());
}

}  // namespace

std::string_view name_of(FindingKind kind) {
    return kKinds[static_cast<std::size_t>(kind)].name;
}

std::array<std::uint32_t, 3> thread_index(const Warp& warp, unsigned lane) {
    const std::array<unsigned, 3>& shape = warp.block->grid->config.block;
    const std::uint32_t linear = warp.index * kLanes + lane;
    return {linear % shape[0], linear / shape[0] % shape[1], linear / shape[0] / shape[1]};
}

bool reported(const Warp& warp, const Instruction& instruction, FindingKind kind) {
    const auto seen = warp.worker->findings.find({kind, position(warp, instruction)});
    return seen != warp.worker->findings.end() && seen->second.block <= warp.block->linear;
}

void report(Warp& warp, const Instruction& instruction, unsigned lane, FindingKind kind, std::uint64_t address,
            std::string message) {
    if (reported(warp, instruction, kind)) {
        return;
    }
    const syntax::Location& at = instruction.location;
    const std::vector<std::string>& files = warp.program->files;
    Finding finding{.kind = kind,
                    .file = at.file < files.size() ? files[at.file] : std::string(),
                    .line = at.line,
                    .block = warp.block->index,
                    .thread = thread_index(warp, lane),
                    .address = address,
                    .message = std::move(message) + " in '" + warp.program->texts[instruction.text] + "'"};
    warp.worker->findings[{kind, position(warp, instruction)}] = {warp.block->linear, std::move(finding)};
}

void stop(Warp& warp, const Instruction& instruction, unsigned lane, FindingKind kind, std::string message) {
    report(warp, instruction, lane, kind, 0, std::move(message));
    warp.worker->stopped = true;
    warp.reschedule = true;
}

}  // namespace warpsmith::emulator
