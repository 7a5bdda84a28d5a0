#include "device/emulator/ordering.hpp"

#include <algorithm>

#include "device/emulator/block.hpp"

namespace warpsmith::emulator {

Ordering::Ordering(std::uint64_t blocks, std::uint32_t warps_per_block) : warps_(warps_per_block), table_(blocks) {}

void Ordering::start(Block& block) {
    block.orders.assign(block.warps.size(), WarpOrder{});
    for (std::size_t w = 0; w < block.warps.size(); ++w) {
        block.orders[w].first_actor = static_cast<std::uint32_t>((block.linear * warps_ + w) * kLanes);
        block.warps[w].order = &block.orders[w];
    }
}

bool Ordering::knows(const WarpOrder& order, unsigned lane, std::uint32_t actor, Time time) const {
    if (time == kUnderWay) {
        return false;
    }
    if (time <= order.everyone[lane] || actor == order.first_actor + lane) {
        return true;
    }
    const std::uint32_t own_warp = order.first_actor / kLanes;
    if (actor / kLanes == own_warp && (time <= order.mutual || time <= order.pairs[lane][actor % kLanes])) {
        return true;
    }
    const std::uint32_t block = block_of(actor);
    return (block == own_warp / warps_ && time <= order.block_floor[lane]) ||
           time <= table_.at(order.knowledge[lane]).known(block, warp_of(actor));
}

Summary Ordering::summary(const WarpOrder& order) const {
    const std::uint32_t block = order.first_actor / kLanes / warps_;
    Time everyone = order.everyone[0], block_floor = order.block_floor[0];
    for (unsigned lane = 1; lane < kLanes; ++lane) {  // written so that the compiler vectorises it
        everyone = std::min(everyone, order.everyone[lane]);
        block_floor = std::min(block_floor, order.block_floor[lane]);
    }
    return {.everyone = everyone,
            .block_floor = block_floor,
            .mutual = order.mutual,
            .block_first = block * warps_ * kLanes,
            .block_actors = warps_ * kLanes,
            .first_actor = order.first_actor};
}

void Ordering::set_knowledge(WarpOrder& order, unsigned lane, KnowledgeId knowledge) {
    const Knowledge& entry = table_.at(knowledge);
    const BlockView* const own = entry.find(order.first_actor / kLanes / warps_);
    order.knowledge[lane] = knowledge;
    order.block_floor[lane] = own == nullptr ? 0 : own->floor;
    order.everyone[lane] = entry.everyone;
}

KnowledgeId Ordering::arrive(WarpOrder& order, std::uint32_t lanes, KnowledgeId arrived) {
    for_each_lane(lanes, [&](unsigned lane) { arrived = table_.join(arrived, order.knowledge[lane]); });
    const std::uint32_t warp = order.first_actor / kLanes, own[] = {warp % warps_};
    return table_.extend(arrived, warp / warps_, own, now_++);
}

void Ordering::pass_barrier(const Block& block, std::span<const Passed> passed, KnowledgeId arrived, bool all) {
    KnowledgeId joined = arrived, last = 0;
    std::vector<std::uint32_t> warps;
    for (const Passed& part : passed) {
        for_each_lane(part.lanes, [&](unsigned lane) {
            const KnowledgeId own = part.warp->order->knowledge[lane];
            joined = own == last ? joined : table_.join(joined, own);
            last = own;
        });
        warps.push_back(part.warp->index);
    }
    joined = table_.extend(joined, static_cast<std::uint32_t>(block.linear),
                           all ? std::span<const std::uint32_t>() : warps, now_);
    ++now_;
    for (const Passed& part : passed) {
        for_each_lane(part.lanes, [&](unsigned lane) { set_knowledge(*part.warp->order, lane, joined); });
    }
}

void Ordering::learn(WarpOrder& order, std::uint32_t lanes, KnowledgeId gained) {
    for_each_lane(lanes,
                  [&](unsigned lane) { set_knowledge(order, lane, table_.join(order.knowledge[lane], gained)); });
}

void Ordering::arrive_at(WarpOrder& order, std::uint32_t lanes, std::uint64_t key) {
    Phase& phase = phases_[key];
    phase.arriving = arrive(order, lanes, phase.arriving);
}

void Ordering::complete(std::uint64_t key) {
    Phase& phase = phases_[key];
    phase.passed = phase.arriving;
}

void Ordering::pass(WarpOrder& order, std::uint32_t lanes, std::uint64_t key) {
    learn(order, lanes, phases_[key].passed);
}

void Ordering::sync_warp(WarpOrder& order, std::uint32_t lanes) {
    KnowledgeId joined = 0;
    for_each_lane(lanes, [&](unsigned lane) { joined = table_.join(joined, order.knowledge[lane]); });
    for_each_lane(lanes, [&](unsigned lane) {
        if (order.knowledge[lane] != joined) {
            set_knowledge(order, lane, joined);
        }
    });
    if (lanes == kAllLanes) {
        order.mutual = now_++;
        return;
    }
    Time row[kLanes] = {};
    for_each_lane(lanes, [&](unsigned knower) {
        for (unsigned lane = 0; lane < kLanes; ++lane) {
            row[lane] = std::max(row[lane], order.pairs[knower][lane]);
        }
    });
    for_each_lane(lanes, [&](unsigned lane) { row[lane] = now_; });
    for_each_lane(lanes, [&](unsigned knower) { std::copy_n(row, kLanes, order.pairs[knower]); });
    ++now_;
}

void Ordering::fence(WarpOrder& order, std::uint32_t lanes, Scope scope) {
    for (std::size_t s = 0; s <= static_cast<std::size_t>(scope); ++s) {
        for_each_lane(lanes, [&](unsigned lane) { order.fences[s][lane] = {order.knowledge[lane], now_, 0}; });
    }
    ++now_;
}

KnowledgeId Ordering::ready(WarpOrder& order, unsigned lane, Scope scope) {
    Fence& fence = order.fences[static_cast<std::size_t>(scope)][lane];
    if (fence.time != 0 && fence.published == 0) {
        const std::uint32_t warp = order.first_actor / kLanes, own[] = {warp % warps_};
        fence.published = table_.extend(fence.knowledge, warp / warps_, own, fence.time);
    }
    return fence.published;
}

void Ordering::acquire(WarpOrder& order, unsigned lane, const Published& published) {
    const bool same_block = published.block == order.first_actor / kLanes / warps_;
    const KnowledgeId gained = same_block ? table_.join(published.device, published.block_wide) : published.device;
    if (gained != 0 && gained != order.acquired[lane]) {
        set_knowledge(order, lane, table_.join(order.knowledge[lane], gained));
        order.acquired[lane] = gained;
    }
}

void Ordering::access(WarpOrder& order, unsigned lane, std::uint64_t key, const Strong& how) {
    const auto found = published_.find(key);
    if (how.reads && found != published_.end()) {
        acquire(order, lane, found->second);
    }
    if (!how.writes) {
        return;
    }
    if (how.releases) {
        fence(order, 1U << lane, Scope::device);
    }
    Published next{.device = ready(order, lane, Scope::device),
                   .block_wide = ready(order, lane, Scope::block),
                   .block = order.first_actor / kLanes / warps_};
    if (how.reads && found != published_.end()) {
        next.device = table_.join(found->second.device, next.device);
        next.block_wide = found->second.block == next.block ? table_.join(found->second.block_wide, next.block_wide)
                                                            : next.block_wide;
    }
    if (next.device != 0 || next.block_wide != 0) {
        published_[key] = next;
    } else if (found != published_.end()) {
        published_.erase(found);
    }
}

void Ordering::sweep(std::span<Block* const> live) {
    std::vector<bool> used(table_.size(), false);
    for (const auto& [key, published] : published_) {
        used[published.device] = used[published.block_wide] = true;
    }
    for (const auto& [key, phase] : phases_) {
        used[phase.arriving] = used[phase.passed] = true;
    }
    for (Block* const block : live) {
        used[block->cluster->arriving] = used[block->cluster->passed] = true;
        for (const Barrier& barrier : block->barriers) {
            used[barrier.known] = true;
        }
        for (WarpOrder& order : block->orders) {
            for (unsigned lane = 0; lane < kLanes; ++lane) {
                used[order.knowledge[lane]] = true;
                order.acquired[lane] = 0;  // its number may become another's
                for (const auto& fences : order.fences) {
                    used[fences[lane].knowledge] = used[fences[lane].published] = true;
                }
            }
        }
    }
    table_.sweep(used);
}

}  // namespace warpsmith::emulator
