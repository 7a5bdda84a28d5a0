#include "device/emulator/knowledge.hpp"

#include <algorithm>

namespace warpsmith::emulator {
namespace {

bool before(const BlockView& view, std::uint32_t block) {
    return view.block < block;
}

void note_warp(BlockView& view, std::uint32_t warp, Time time) {
    if (time <= view.floor) {
        return;
    }
    for (auto& [known_warp, known_time] : view.further) {
        if (known_warp == warp) {
            known_time = std::max(known_time, time);
            return;
        }
    }
    view.further.emplace_back(warp, time);
}

void raise_floor(BlockView& view, Time floor) {
    view.floor = std::max(view.floor, floor);
    std::erase_if(view.further, [&](const auto& entry) { return entry.second <= view.floor; });
}

void merge(BlockView& view, const BlockView& other) {
    raise_floor(view, other.floor);
    for (const auto& [warp, time] : other.further) {
        note_warp(view, warp, time);
    }
}

}  // namespace

const BlockView* Knowledge::find(std::uint32_t block) const {
    const auto found = std::lower_bound(views.begin(), views.end(), block, before);
    return found != views.end() && found->block == block ? &*found : nullptr;
}

BlockView& Knowledge::of(std::uint32_t block) {
    const auto found = std::lower_bound(views.begin(), views.end(), block, before);
    return found != views.end() && found->block == block ? *found : *views.insert(found, {.block = block});
}

Time Knowledge::known(std::uint32_t block, std::uint32_t warp) const {
    const BlockView* const view = find(block);
    if (view == nullptr) {
        return everyone;
    }
    for (const auto& [known_warp, time] : view->further) {
        if (known_warp == warp) {
            return time;
        }
    }
    return view->floor;
}

KnowledgeId KnowledgeTable::add(Knowledge knowledge) {
    if (knowledge.views.size() == blocks_) {
        Time lowest = ~Time{0};
        for (const BlockView& view : knowledge.views) {
            lowest = std::min(lowest, view.floor);
        }
        knowledge.everyone = lowest;
    }
    ++made_;
    if (free_.empty()) {
        entries_.push_back(std::move(knowledge));
        return static_cast<KnowledgeId>(entries_.size() - 1);
    }
    const KnowledgeId id = free_.back();
    free_.pop_back();
    entries_[id] = std::move(knowledge);
    return id;
}

KnowledgeId KnowledgeTable::join(KnowledgeId one, KnowledgeId other) {
    if (one == other || other == 0) {
        return one;
    }
    if (one == 0) {
        return other;
    }
    const std::vector<BlockView>& a = entries_[one].views;
    const std::vector<BlockView>& b = entries_[other].views;
    Knowledge joined;
    joined.views.reserve(std::max(a.size(), b.size()));
    std::size_t i = 0, j = 0;
    while (i < a.size() || j < b.size()) {
        if (j == b.size() || (i < a.size() && a[i].block < b[j].block)) {
            joined.views.push_back(a[i++]);
        } else if (i == a.size() || b[j].block < a[i].block) {
            joined.views.push_back(b[j++]);
        } else {
            joined.views.push_back(a[i++]);
            merge(joined.views.back(), b[j++]);
        }
    }
    return add(std::move(joined));
}

KnowledgeId KnowledgeTable::extend(KnowledgeId id, std::uint32_t block, std::span<const std::uint32_t> warps,
                                   Time time) {
    Knowledge extended = entries_[id];
    BlockView& view = extended.of(block);
    if (warps.empty()) {
        raise_floor(view, time);
    }
    for (const std::uint32_t warp : warps) {
        note_warp(view, warp, time);
    }
    return add(std::move(extended));
}

void KnowledgeTable::sweep(const std::vector<bool>& used) {
    free_.clear();
    for (std::size_t id = 1; id < entries_.size(); ++id) {
        if (!used[id]) {
            entries_[id] = {};
            free_.push_back(static_cast<KnowledgeId>(id));
        }
    }
    made_ = 0;
}

}  // namespace warpsmith::emulator
