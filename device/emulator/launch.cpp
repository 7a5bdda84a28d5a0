#include "device/emulator/launch.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <thread>

#include "device/emulator/layout.hpp"
#include "device/emulator/run_blocks.hpp"
#include "device/emulator/start_block.hpp"
#include "device/emulator/tally.hpp"
#include "solver/error.hpp"

namespace warpsmith::emulator {
namespace {

constexpr std::uint64_t kMostThreads = 1024;                  // of a block
constexpr std::size_t kMostShared = std::size_t{227} * 1024;  // bytes of a block on sm_90
constexpr std::uint64_t kMostClusterBlocks = 16;
constexpr std::array<std::uint64_t, 3> kMostBlocks = {0x7FFFFFFF, 65535, 65535};
constexpr std::uint64_t kShadowBytes = 9;  // of the race check's records, for each byte of shared memory

[[noreturn]] void refuse(std::string_view entry, const std::string& what) {
    throw Error("launching '" + std::string(entry) + "' on the emulator: " + what);
}

void check_shape(std::string_view entry, const LaunchConfig& config) {
    std::uint64_t threads = 1, ranks = 1;
    for (std::size_t axis = 0; axis < 3; ++axis) {
        if (config.grid[axis] == 0 || config.block[axis] == 0 || config.cluster[axis] == 0) {
            refuse(entry, "a dimension of the launch is zero; every one must be at least 1");
        }
        if (config.grid[axis] > kMostBlocks[axis] || config.block[axis] > kMostThreads) {
            refuse(entry, "a dimension of the launch is larger than a GPU takes; split the work");
        }
        if (config.grid[axis] % config.cluster[axis] != 0) {
            refuse(entry, "the grid is no multiple of the cluster; round the grid up");
        }
        threads *= config.block[axis];
        ranks *= config.cluster[axis];
    }
    if (threads > kMostThreads) {
        refuse(entry, "a block of " + std::to_string(threads) + " threads; 1024 are the most");
    }
    if (ranks > kMostClusterBlocks) {
        refuse(entry, "a cluster of " + std::to_string(ranks) + " blocks; 16 are the most");
    }
}

// What a driver gives a cooperative launch, and the grid group of cooperative groups synchronises on.
struct CooperativeWorkspace {
    std::uint32_t bytes = sizeof(CooperativeWorkspace);
    std::uint32_t barrier = 0;
};

std::uint64_t allocate_workspace(Memory& memory) {
    const CooperativeWorkspace workspace;
    const std::uint64_t address = memory.allocate(sizeof workspace);
    memory.write(address, std::as_bytes(std::span(&workspace, 1)));
    return address;
}

// Constants whose value is an address get it.
void relocate(Grid& grid) {
    for (const Relocation& relocation : grid.program.relocations) {
        const std::uint64_t value =
            grid.variable_places[relocation.variable] + static_cast<std::uint64_t>(relocation.addend);
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            std::memcpy(grid.constants.data() + relocation.constant + lane * relocation.bytes, &value,
                        relocation.bytes);
        }
    }
}

Grid make_grid(const Module& module, const Entry& entry, const LaunchConfig& config,
               std::span<const std::byte> parameters, Memory& memory) {
    const Program& program = config.checks.races ? module.watched_program() : *module.program();
    const Function& function = program.functions[program.function_named.at(entry.name)];
    const EntryLayout layout = layout_of(program, function);
    Grid grid{.program = program,
              .entry = function,
              .config = config,
              .parameters = parameters,
              .constants = program.constants,
              .variable_places = global_addresses(module.program(), memory)};
    for (std::size_t v = 0; v < grid.variable_places.size(); ++v) {
        grid.variable_places[v] += layout.shared_offsets[v];
    }
    grid.shared_bytes = layout.static_smem_bytes + config.dynamic_smem;
    grid.register_bytes = layout.register_bytes;
    grid.local_bytes = layout.local_bytes;
    grid.blocks = std::uint64_t{config.grid[0]} * config.grid[1] * config.grid[2];
    grid.threads = config.block[0] * config.block[1] * config.block[2];
    if (grid.shared_bytes > kMostShared) {
        refuse(entry.name, std::to_string(grid.shared_bytes) + " bytes of shared memory; 232448 are the most");
    }
    grid.block_bytes = grid.shared_bytes * (config.checks.races ? 1 + kShadowBytes : 1) +
                       std::uint64_t{grid.local_bytes} * grid.threads +
                       std::uint64_t{grid.register_bytes} * ((grid.threads + kLanes - 1) / kLanes);
    if (grid.block_bytes * cluster_blocks(config) > config.max_resident_bytes) {
        refuse(entry.name, "a cluster takes " + std::to_string(grid.block_bytes * cluster_blocks(config)) +
                               " bytes of registers, stacks and shared memory; " +
                               std::to_string(config.max_resident_bytes) + " are the most");
    }
    relocate(grid);
    return grid;
}

// Blocks that can see each other run on one thread, so that their order is always the same.
unsigned worker_count(const Program& program, const LaunchConfig& config) {
    const bool ordered = std::any_of(program.code.begin(), program.code.end(),
                                     [](const Instruction& instruction) { return instruction.has_order; });
    const std::uint64_t clusters = cluster_count(config);
    return ordered || config.checks.any()
               ? 1
               : static_cast<unsigned>(std::min<std::uint64_t>(std::max(config.threads, 1U), clusters));
}

void prepare(Worker& worker, const Grid& grid, Memory& memory, std::atomic<std::uint64_t>& steps) {
    worker.grid = &grid;
    worker.memory = &memory;
    worker.steps = &steps;
    worker.warp_steps.assign(grid.program.code.size() + 1, 0);
    worker.lane_steps.assign(grid.program.code.size() + 1, 0);
    worker.lanes_skipped.assign(grid.program.code.size() + 1, 0);
    if (grid.config.profile) {
        worker.traffic.assign(grid.program.code.size(), {});
    }
    if (grid.config.checks.barriers) {
        worker.barrier_check = std::make_unique<BarrierCheck>(grid.program);
    }
    if (grid.config.checks.races || grid.config.checks.uninitialised) {
        worker.checker = std::make_unique<Checker>(grid, (grid.threads + kLanes - 1) / kLanes);
    }
}

void run_all(std::vector<Worker>& workers) {
    std::atomic<std::uint64_t> next = 0;
    std::vector<std::thread> threads;
    for (std::size_t w = 1; w < workers.size(); ++w) {
        threads.emplace_back([&workers, &next, w] { run_blocks(workers[w], next); });
    }
    run_blocks(workers[0], next);
    for (std::thread& thread : threads) {
        thread.join();
    }
}

// Of findings at one instruction the one of the first block stays; then by block.
std::vector<Finding> merged_findings(const std::vector<Worker>& workers) {
    std::map<std::pair<FindingKind, std::uint32_t>, Worker::Seen> first;
    for (const Worker& worker : workers) {
        for (const auto& [key, seen] : worker.findings) {
            const auto [place, is_new] = first.try_emplace(key, seen);
            if (!is_new && seen.block < place->second.block) {
                place->second = seen;
            }
        }
    }
    std::vector<Finding> findings;
    findings.reserve(first.size());
    for (auto& [key, seen] : first) {
        findings.push_back(std::move(seen.finding));
    }
    return findings;
}

// By block, so that it is the same for any number of workers.
std::string merged_output(const std::vector<Worker>& workers) {
    std::vector<std::pair<std::uint64_t, std::string>> lines;
    for (const Worker& worker : workers) {
        lines.insert(lines.end(), worker.output.begin(), worker.output.end());
    }
    std::stable_sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::string text;
    for (const auto& [block, line] : lines) {
        text += line;
    }
    return text;
}

}  // namespace

LaunchResult launch(const Module& module, std::string_view entry, const LaunchConfig& config,
                    std::span<const std::byte> parameters, Memory& memory) {
    const Entry* const found = module.find(entry);
    if (found == nullptr) {
        refuse(entry, "the module has no such kernel; use its lowered name");
    }
    check_shape(entry, config);
    if (parameters.size() != found->parameter_bytes) {
        refuse(entry, "parameters of " + std::to_string(parameters.size()) + " bytes where the kernel takes " +
                          std::to_string(found->parameter_bytes) + "; check their types");
    }
    Grid grid = make_grid(module, *found, config, parameters, memory);
    grid.workspace = grid.program.wants_workspace ? allocate_workspace(memory) : 0;
    std::atomic<std::uint64_t> steps = 0;
    std::vector<Worker> workers(worker_count(grid.program, config));
    for (Worker& worker : workers) {
        prepare(worker, grid, memory, steps);
    }
    run_all(workers);
    if (grid.workspace != 0) {
        memory.free(grid.workspace);
    }
    if (!config.checks.uninitialised) {
        memory.assume_written();
    }
    const bool stopped = std::any_of(workers.begin(), workers.end(), [](const Worker& w) { return w.stopped; });
    return {.findings = merged_findings(workers),
            .counts = tally(grid.program, workers, config.profile),
            .completed = !stopped,
            .output = merged_output(workers)};
}

}  // namespace warpsmith::emulator
