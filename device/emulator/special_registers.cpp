#include "device/emulator/special_registers.hpp"

#include "device/emulator/address_space.hpp"
#include "device/emulator/block.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {
namespace {

// Emulated time: a warp-instruction is one clock of one nanosecond.
std::uint64_t clock_of(const Warp& warp) {
    return warp.executed + warp.worker->time;
}

template <unsigned axis>
std::uint64_t thread(const Warp& warp, unsigned lane) {
    return thread_index(warp, lane)[axis];
}
template <unsigned axis>
std::uint64_t block_shape(const Warp& warp, unsigned) {
    return warp.block->grid->config.block[axis];
}
template <unsigned axis>
std::uint64_t block_index(const Warp& warp, unsigned) {
    return warp.block->index[axis];
}
template <unsigned axis>
std::uint64_t grid_shape(const Warp& warp, unsigned) {
    return warp.block->grid->config.grid[axis];
}
template <unsigned axis>
std::uint64_t cluster_shape(const Warp& warp, unsigned) {
    return warp.block->grid->config.cluster[axis];
}
template <unsigned axis>
std::uint64_t cluster_index(const Warp& warp, unsigned) {
    return warp.block->index[axis] / warp.block->grid->config.cluster[axis];
}
template <unsigned axis>
std::uint64_t cluster_count(const Warp& warp, unsigned) {
    return warp.block->grid->config.grid[axis] / warp.block->grid->config.cluster[axis];
}
template <unsigned axis>
std::uint64_t block_in_cluster(const Warp& warp, unsigned) {
    return warp.block->index[axis] % warp.block->grid->config.cluster[axis];
}

std::uint64_t zero(const Warp&, unsigned) {
    return 0;
}
std::uint64_t one(const Warp&, unsigned) {
    return 1;
}
std::uint64_t lane_index(const Warp&, unsigned lane) {
    return lane;
}
std::uint64_t warp_index(const Warp& warp, unsigned) {
    return warp.index;
}
std::uint64_t warp_count(const Warp& warp, unsigned) {
    return warp.block->warps.size();
}
std::uint64_t multiprocessor(const Warp& warp, unsigned) {
    return warp.block->linear % 132;
}
std::uint64_t multiprocessors(const Warp&, unsigned) {
    return 132;
}
std::uint64_t clock(const Warp& warp, unsigned) {
    return clock_of(warp);
}
std::uint64_t clock_high(const Warp& warp, unsigned) {
    return clock_of(warp) >> 32;
}
std::uint64_t lanes_equal(const Warp&, unsigned lane) {
    return 1ULL << lane;
}
std::uint64_t lanes_below(const Warp&, unsigned lane) {
    return (1ULL << lane) - 1;
}
std::uint64_t lanes_to(const Warp&, unsigned lane) {
    return (2ULL << lane) - 1;
}
std::uint64_t lanes_from(const Warp&, unsigned lane) {
    return ~((1ULL << lane) - 1) & kAllLanes;
}
std::uint64_t lanes_above(const Warp&, unsigned lane) {
    return ~((2ULL << lane) - 1) & kAllLanes;
}
std::uint64_t dynamic_smem(const Warp& warp, unsigned) {
    return warp.block->grid->config.dynamic_smem;
}
std::uint64_t total_smem(const Warp& warp, unsigned) {
    return warp.block->shared.size();
}
std::uint64_t cluster_rank(const Warp& warp, unsigned) {
    return warp.block->rank;
}
std::uint64_t cluster_size(const Warp& warp, unsigned) {
    return warp.block->cluster->blocks.size();
}
std::uint64_t shared_start(const Warp&, unsigned) {
    return kSharedStart;
}
std::uint64_t in_cluster(const Warp& warp, unsigned) {
    return warp.block->cluster->blocks.size() > 1;
}

// Where cooperative groups look for the address of the grid's workspace.
std::uint64_t workspace_low(const Warp& warp, unsigned) {
    return warp.block->grid->workspace & 0xFFFFFFFFU;
}
std::uint64_t workspace_high(const Warp& warp, unsigned) {
    return warp.block->grid->workspace >> 32;
}

using Value = std::uint64_t (*)(const Warp& warp, unsigned lane);

template <Value value, class T>
void read_lanes(Warp& warp, const Instruction& instruction, std::uint32_t lanes) {
    T* const target = warp.target<T>(instruction.dst);
    for_each_lane(lanes, [&](unsigned lane) { target[lane] = static_cast<T>(value(warp, lane)); });
}

template <Value value>
void read_mask(Warp& warp, const Instruction& instruction, std::uint32_t lanes) {
    *warp.target<std::uint32_t>(instruction.dst) = value(warp, first_lane(lanes)) != 0 ? kAllLanes : 0;
}

template <Value value>
constexpr SpecialRegister row(std::string_view name, bool has_order = false) {
    return {name, read_lanes<value, std::uint32_t>, read_lanes<value, std::uint64_t>, read_mask<value>, has_order};
}

template <Value value>
constexpr SpecialRegister workspace_row(std::string_view name) {
    SpecialRegister found = row<value>(name);
    found.wants_workspace = true;
    return found;
}

constexpr SpecialRegister kRegisters[] = {
    row<thread<0>>("%tid.x"),
    row<thread<1>>("%tid.y"),
    row<thread<2>>("%tid.z"),
    row<block_shape<0>>("%ntid.x"),
    row<block_shape<1>>("%ntid.y"),
    row<block_shape<2>>("%ntid.z"),
    row<block_index<0>>("%ctaid.x"),
    row<block_index<1>>("%ctaid.y"),
    row<block_index<2>>("%ctaid.z"),
    row<grid_shape<0>>("%nctaid.x"),
    row<grid_shape<1>>("%nctaid.y"),
    row<grid_shape<2>>("%nctaid.z"),
    row<block_in_cluster<0>>("%cluster_ctaid.x"),
    row<block_in_cluster<1>>("%cluster_ctaid.y"),
    row<block_in_cluster<2>>("%cluster_ctaid.z"),
    row<cluster_shape<0>>("%cluster_nctaid.x"),
    row<cluster_shape<1>>("%cluster_nctaid.y"),
    row<cluster_shape<2>>("%cluster_nctaid.z"),
    row<cluster_index<0>>("%clusterid.x"),
    row<cluster_index<1>>("%clusterid.y"),
    row<cluster_index<2>>("%clusterid.z"),
    row<cluster_count<0>>("%nclusterid.x"),
    row<cluster_count<1>>("%nclusterid.y"),
    row<cluster_count<2>>("%nclusterid.z"),
    row<cluster_rank>("%cluster_ctarank"),
    row<cluster_size>("%cluster_nctarank"),
    row<in_cluster>("%is_explicit_cluster"),
    row<lane_index>("%laneid"),
    row<warp_index>("%warpid"),
    row<warp_count>("%nwarpid"),
    row<multiprocessor>("%smid"),
    row<multiprocessors>("%nsmid"),
    row<one>("%gridid"),
    row<lanes_equal>("%lanemask_eq"),
    row<lanes_to>("%lanemask_le"),
    row<lanes_below>("%lanemask_lt"),
    row<lanes_from>("%lanemask_ge"),
    row<lanes_above>("%lanemask_gt"),
    row<clock>("%clock", true),
    row<clock_high>("%clock_hi", true),
    row<clock>("%clock64", true),
    row<clock>("%globaltimer", true),
    row<clock>("%globaltimer_lo", true),
    row<clock_high>("%globaltimer_hi", true),
    row<dynamic_smem>("%dynamic_smem_size"),
    row<total_smem>("%total_smem_size"),
    row<total_smem>("%aggr_smem_size"),
    row<shared_start>("%reserved_smem_offset_end"),
    row<zero>("%reserved_smem_offset_begin"),
    row<zero>("%current_graph_exec"),
    workspace_row<workspace_high>("%envreg1"),
    workspace_row<workspace_low>("%envreg2"),
};

}  // namespace

const SpecialRegister* special_register(std::string_view name) {
    for (const SpecialRegister& candidate : kRegisters) {
        if (candidate.name == name) {
            return &candidate;
        }
    }
    return nullptr;
}

}  // namespace warpsmith::emulator
