#include "device/emulator/run_blocks.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "device/emulator/copy_out.hpp"
#include "device/emulator/schedule.hpp"
#include "device/emulator/start_block.hpp"

namespace warpsmith::emulator {
namespace {

constexpr std::uint64_t kQuantum = 4096;  // instructions of a warp's turn
constexpr std::uint64_t kPasses = 64;     // over the warps of a block before other blocks get a turn
constexpr std::uint64_t kIdleRounds =
    4096;                                  // over all blocks in which nothing changed, before they count as deadlocked
constexpr std::uint64_t kIdleTime = 1000;  // by which clocks advance in such a round, so that time-outs end

// With a seed, turns are of random length and the warps come in a random rotation.
std::uint64_t quantum_of(Block& block) {
    return block.grid->config.seed == 0 ? kQuantum : 1 + next_random(block.random) % 256;
}
std::size_t first_warp(Block& block) {
    return block.grid->config.seed == 0 ? 0 : next_random(block.random) % block.warps.size();
}

bool out_of_steps(Worker& worker, std::uint64_t executed) {
    return worker.steps->fetch_add(executed) + executed > worker.grid->config.max_steps;
}

std::string where(const Warp& warp) {
    std::string text;
    for (const Group& group : warp.groups) {
        const bool in_barrier = group.wait == Wait::barrier && group.barrier != kClusterBarrier;
        const Instruction& instruction = warp.program->code[in_barrier ? group.pc - 1 : group.pc];
        text += text.empty() ? "" : " and ";
        text += "'" + warp.program->texts[instruction.text] + "'";
        text += instruction.location.line != 0 ? " at line " + std::to_string(instruction.location.line) : "";
        text += in_barrier ? " in barrier " + std::to_string(group.barrier) : "";
    }
    return text;
}

constexpr std::size_t kWarpsTold = 8;  // in a message

// The finding is placed at the first warp that is not done.
void report_stuck(Worker& worker, Block& block, const std::string& why) {
    Warp* first = nullptr;
    std::string text = why;
    std::size_t told = 0;
    for (Warp& warp : block.warps) {
        if (warp.finished() || warp.groups.empty()) {
            continue;
        }
        first = first == nullptr ? &warp : first;
        if (++told <= kWarpsTold) {
            text += (told == 1 ? ": warp " : "; warp ") + std::to_string(warp.index) + " waits at " + where(warp);
        }
    }
    if (first != nullptr) {
        const Group& group = first->groups.front();
        const std::uint32_t pc =
            group.wait == Wait::barrier && group.barrier != kClusterBarrier ? group.pc - 1 : group.pc;
        stop(*first, first->program->code[pc], first_lane(group.lanes), FindingKind::deadlock, text + "; stuck");
    }
    worker.stopped = true;
}

// One turn of every warp of a block. Whether any could go on at once.
bool run_warps(Block& block) {
    Worker& worker = *block.worker;
    bool paused = false;
    std::uint64_t executed = 0;
    const std::size_t first = first_warp(block);
    for (std::size_t i = 0; i < block.warps.size() && !worker.stopped; ++i) {
        Warp& warp = block.warps[(first + i) % block.warps.size()];
        if (!warp.finished()) {
            const std::uint64_t before = warp.executed;
            paused = run_warp(warp, quantum_of(block)) == Turn::paused || paused;
            executed += warp.executed - before;
        }
    }
    if (out_of_steps(worker, executed) && !worker.stopped) {
        report_stuck(
            worker, block,
            "the launch took more than " + std::to_string(worker.grid->config.max_steps) + " warp-instructions");
    }
    return paused;
}

// Runs a block until it ends, waits for others, or has had its turn. Whether it could go on at once.
bool run_block(Block& block) {
    bool paused = false;
    for (std::uint64_t pass = 0; pass < kPasses && !block.worker->stopped && !block.finished(); ++pass) {
        const std::uint64_t changes = block.worker->changes;
        paused = run_warps(block);
        if (!paused && block.worker->changes == changes) {
            return false;
        }
    }
    return paused;
}

// Whether some lane polls: then time, or a block that is still to come, may help.
bool someone_spins(const std::vector<std::unique_ptr<Cluster>>& live) {
    for (const std::unique_ptr<Cluster>& cluster : live) {
        for (const std::unique_ptr<Block>& block : cluster->blocks) {
            for (const Warp& warp : block->warps) {
                for (const Group& group : warp.groups) {
                    if (!warp.finished() && group.wait != Wait::barrier && group.wait != Wait::converge) {
                        return true;
                    }
                }
            }
        }
    }
    return false;
}

bool finished(const Cluster& cluster) {
    return std::all_of(cluster.blocks.begin(), cluster.blocks.end(),
                       [](const auto& block) { return block->finished(); });
}

class Residents {
  public:
    Residents(Worker& worker, std::atomic<std::uint64_t>& next)
        : worker_(worker),
          next_(next),
          clusters_(cluster_count(worker.grid->config)),
          most_live_(worker.grid->config.max_resident_bytes / std::max<std::uint64_t>(worker.grid->block_bytes, 1) /
                     cluster_blocks(worker.grid->config)) {}

    void run() {
        while (!worker_.stopped && (!live_.empty() || start(1))) {
            const std::uint64_t changes = worker_.changes;
            const bool paused = run_round();
            if (paused || worker_.changes != changes || live_.empty()) {
                idle_rounds_ = 0;
            } else if (!worker_.stopped && !start(live_.size())) {
                wait_or_give_up();
            }
        }
    }

  private:
    bool start(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            if (live_.size() >= most_live_) {
                return i > 0;
            }
            const std::uint64_t number = next_.fetch_add(1);
            if (number >= clusters_) {
                return i > 0;
            }
            live_.push_back(start_cluster(worker_, number, std::move(spare_)));
        }
        return true;
    }

    bool run_round() {
        bool paused = false;
        for (const std::unique_ptr<Cluster>& cluster : live_) {
            for (const std::unique_ptr<Block>& block : cluster->blocks) {
                if (!worker_.stopped) {
                    paused = run_block(*block) || paused;
                }
            }
        }
        for (std::unique_ptr<Cluster>& cluster : live_) {
            if (finished(*cluster)) {
                for (const std::unique_ptr<Block>& block : cluster->blocks) {
                    finish_copies_out(*block);
                }
                spare_ = std::move(cluster);
            }
        }
        std::erase(live_, nullptr);
        sweep();
        return paused;
    }

    void sweep() {
        if (worker_.checker == nullptr || !worker_.checker->ordering().crowded()) {
            return;
        }
        std::vector<Block*> blocks;
        for (const std::unique_ptr<Cluster>& cluster : live_) {
            for (const std::unique_ptr<Block>& block : cluster->blocks) {
                blocks.push_back(block.get());
            }
        }
        worker_.checker->ordering().sweep(blocks);
    }

    void wait_or_give_up() {
        worker_.time += kIdleTime;
        if (++idle_rounds_ > kIdleRounds || !someone_spins(live_)) {
            for (const std::unique_ptr<Block>& block : live_.front()->blocks) {
                if (!block->finished()) {
                    report_stuck(worker_, *block,
                                 live_.size() < most_live_
                                     ? "no thread can go on"
                                     : "no thread can go on, and there is no memory for more blocks than the " +
                                           std::to_string(live_.size()) + " clusters that wait");
                    return;
                }
            }
        }
    }

    Worker& worker_;
    std::atomic<std::uint64_t>& next_;
    std::uint64_t clusters_, most_live_;
    std::vector<std::unique_ptr<Cluster>> live_;
    std::unique_ptr<Cluster> spare_;
    std::uint64_t idle_rounds_ = 0;
};

}  // namespace

bool Block::finished() const {
    return std::all_of(warps.begin(), warps.end(), [](const Warp& warp) { return warp.finished(); });
}

void run_blocks(Worker& worker, std::atomic<std::uint64_t>& next) {
    Residents(worker, next).run();
}

}  // namespace warpsmith::emulator
