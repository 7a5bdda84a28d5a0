#include "templates/recurrent/plans.hpp"

#include <algorithm>
#include <set>

#include "templates/mma_shapes.hpp"
#include "templates/occupancy.hpp"

namespace warpsmith {
namespace {

// Cycles that a step waits for x from L2 when it was asked for only one step before, as bench/results/h200 has them.
constexpr std::int64_t kWaitForInput = 90;

// What a step takes in a cluster, whose blocks hand each other h by st.async: measured at 219 to 320 cycles for 2 to 16
// blocks.
constexpr std::int64_t kClusterStepLatency = 210 + 300;
constexpr std::int64_t kExchangePerBlock = 7;

// The same through L2. A round of 24 KiB, stored and read by 8 blocks that all load all words again and again, takes
// 1,478 cycles, 384 of them to bring 24 KiB to an SM at 64 bytes a cycle. How long it takes blocks that wait for one
// word per octet is not measured, nor what all SMs that read the same bytes get of L2 together: published for streams
// are 4,000 bytes a cycle.
constexpr std::int64_t kGridStepLatency = kGridBarrier + 300;

// Units from which on a head is worth sharing: below, a step takes a block less time than the exchange does.
constexpr std::int64_t kSmallestSharedHead = 64;

// Of a block that keeps no columns in registers, for those on their way from shared memory: with less, four of six
// candidates within 25 of the limit spilled 16 to 48 bytes.
constexpr std::int64_t kRegistersWithoutKept = 18;

// As kOtherRegisters, where blocks share a head; on the way back with four less six of seven candidates at the limit
// spilled 24 to 68 bytes.
constexpr std::int64_t kOtherClusterRegisters = 56, kOtherBackwardClusterRegisters = 60;

// What four tiles of rows and more take in a cluster besides weights and sums: with less, two of thirteen forward
// within 15 of the limit spilled 32 bytes.
constexpr std::int64_t kRegistersOfFourTiles = 16;

// Of each tile of sequences beyond the fourth where a warp of a grid has more than eight groups of columns: with three
// for four warps and none for eight, six candidates of two workloads spilled 56 to 200 bytes.
constexpr std::int64_t kRegistersOfMoreSequences = 7;

// Where weights come from L2: what a tile's rows have on the way, and their addresses; and what eight tiles have more,
// or six with more than eight columns from there (LSTM of 2,848 units and more spilled 132 to 636 bytes). With an odd
// number of columns from there, of which two are under way, four of eight candidates spilled 16 to 40 bytes.
constexpr std::int64_t kStreamedRegisters = 16, kStreamedRegistersInF32 = 20, kRegistersOfMuchStreamed = 8;

// Of each tile of sequences, where a grid takes in packed ones: their rows, and whether they have the step. With less,
// candidates of eight tiles spilled up to 35 registers. On the way back the compiler takes some 45 more for sm_100a
// than for sm_90a: 19 of 43 candidates spilled 16 bytes.
constexpr std::int64_t kPackedTileRegisters = 5, kPackedBackwardRegisters = 24;

// Where a block of a grid has one copy of its sums: of each product of tiles, from four tiles of sequences on (with
// none, five of nine candidates spilled 16 to 152 bytes, with two, one of 40 spilled 48); and, from four tiles of rows
// on, of a pass that puts out more than h (one of sLSTM spilled 24).
constexpr std::int64_t kRegistersOfTiles = 3, kRegistersOfOutputs = 4;

// Numbers of blocks of a grid that are tried: those in which a block has few octets of units.
constexpr std::size_t kMostGrids = 3;

// What the compiler for sm_100a takes more than that for sm_90a where a block has a head alone: forward, of more than
// four tiles of columns, all of h at once, and of each further tile of units 20 for a gate where weights come from
// shared memory; on the way back, of each pair of units of a thread beyond the fourth. With nothing of it 34 of 2,302
// candidates of four workloads spilled, up to 1,176 bytes.
constexpr std::int64_t kTilesOfHInPlace = 4, kRegistersOfHTile = 2, kRegistersOfGateTile = 20,
                       kRegistersOfMorePairs = 12;

Expr registers_of_sm_100(const Knobs& knob, const HeadShape& head, const Expr& tiles, const Expr& n_tiles,
                         const Target& target) {
    if (!takes_more_registers(target)) {
        return 0;
    }
    const std::int64_t k_tiles = head.k_tiles();
    if (head.pass.backward) {
        return max(tiles * n_tiles * 2 - 4, 0) * kRegistersOfMorePairs;
    }
    Expr of_h = k_tiles > kTilesOfHInPlace ? n_tiles * (k_tiles * kRegistersOfHTile) : Expr(0);
    return of_h +
           select(knob.register_k < k_tiles, max(tiles - 1, 0) * (head.pass.rows * kRegistersOfGateTile), Expr(0));
}

// A block has the whole head, and warps share its units.
PlanAmounts one_block(Model& m, const Knobs& knob, const HeadShape& head, const Target& target) {
    const Pass& pass = head.pass;
    const std::int64_t units = head.unit_tiles * kMma.k, k_tiles = head.k_tiles();
    Expr tiles = m.define("tiles", ceil_div(head.unit_tiles, knob.warps));  // of 16 units, per warp
    Expr n_tiles = knob.batch / kMma.n, shared = !knob.alone();
    m.require(shared || tiles * (knob.warps - 1) < head.unit_tiles, "every warp has units of its own");
    m.require(shared || knob.register_k <= k_tiles, "no more columns are kept than there are");
    m.require(shared || knob.k_split == 1, "a block with a head of its own does not split its columns");
    m.require(shared || knob.bulk == 0, "a block with a head of its own sends nothing");
    m.require(shared || knob.streamed_k == 0, "a block with a head of its own keeps all its weights");
    Expr stored = knob.warps * tiles * pass.rows * (k_tiles - knob.register_k) * 512;  // a fragment is 16 a lane
    Expr cells = knob.batch * units;
    Expr pairs = tiles * n_tiles * 2;  // of units, times sequences, per thread
    return {
        .registers = tiles * (pass.rows * (knob.register_k * 4 + n_tiles * 4 * knob.chains) + head.unit_registers()) +
                     pairs * ((knob.prefetch + 1) * head.input_registers() + head.held_registers()) + n_tiles * 2 +
                     head.part_registers(n_tiles) + max(tiles - 4, 0) * kRegistersOfMoreTiles +
                     select(knob.register_k == 0, Expr(kRegistersWithoutKept), Expr(0)) + kOtherRegisters +
                     registers_of_sm_100(knob, head, tiles, n_tiles, target),
        .smem = stored + 2 * knob.batch * (k_tiles * 32 + 16),
        .macs = knob.warps * tiles * kMma.m * pass.rows * (k_tiles * kMma.k * head.terms) * knob.batch,
        .shared_bytes = stored + knob.warps * knob.batch * k_tiles * 32 + cells * pass.columns * head.element_bytes,
        .l2_bytes = 0,
        .cells = cells,
        .chain = ceil_div(Expr(k_tiles), knob.chains) * (kMmaLatency * head.terms) + kStepLatency +
                 select(knob.prefetch == 1, Expr(kWaitForInput), Expr(0))};
}

// What the blocks that share a head have in common: each has eighths of units; warps share a block's rows, and its
// columns in groups.
struct Share {
    Expr octets, m_warps, tiles, groups, n_tiles, cells, pairs, stored, sum_bytes;
};

Share share(Model& m, const Knobs& knob, const HeadShape& head) {
    const std::int64_t octets = head.D / 8, rows = head.pass.rows;
    Expr alone = knob.alone();
    Expr own = m.define("octets", ceil_div(octets, knob.blocks));  // of units, per block
    Expr row_tiles = ceil_div(own * rows, 2), m_warps = max(knob.warps / knob.k_split, 1);
    Expr tiles = m.define("row_tiles", ceil_div(row_tiles, m_warps));  // per warp
    Expr groups = m.define("column_groups", ceil_div(head.column_groups(), knob.k_split));
    m.require(alone || Expr(head.D % 8) == 0, "rows of h are handed to other blocks 16 bytes at a time");
    m.require(alone || own * (knob.blocks - 1) < octets, "every block that shares a head has units of its own");
    m.require(alone || knob.warps % 4 == 0, "the warps of a block that shares a head fill all four schedulers");
    m.require(alone || knob.warps % knob.k_split == 0, "every part of the columns has the same number of warps");
    m.require(alone || tiles * (m_warps - 1) < row_tiles, "every warp has rows of its own");
    m.require(alone || knob.prefetch == 1, "a step of blocks that share a head is long enough for x to come from L2");
    m.require(alone || knob.chains <= 2, "the two products of 16 bytes of shared weights are two chains at most");
    m.require(alone || knob.register_k + knob.streamed_k <= groups, "no more columns are kept than there are");
    Expr cells = knob.batch * own * 8;
    return {.octets = own,
            .m_warps = m_warps,
            .tiles = tiles,
            .groups = groups,
            .n_tiles = knob.batch / kMma.n,
            .cells = cells,
            .pairs = ceil_div(cells / 2, knob.warps * kWarpThreads),  // of units, per thread
            .stored = knob.warps * tiles * (groups - knob.register_k - knob.streamed_k) * kOctetPairBytes,
            .sum_bytes = knob.k_split * knob.batch * ((own * 8 * rows + 23) / 32 * 32 + 8) * 4};
}

// Registers of a thread where blocks share a head, but for what is on its way to it.
Expr share_registers(const Knobs& knob, const HeadShape& head, const Share& at) {
    return at.tiles * (knob.register_k * 8 + at.n_tiles * 4 * knob.chains) + head.part_registers(at.n_tiles) +
           at.pairs * (head.input_registers() + head.unit_registers() + head.held_registers() + 4);
}

PlanAmounts cluster(Model& m, const Knobs& knob, const HeadShape& head, const Share& at, const Target& target) {
    Expr other = !knob.in_cluster();
    const std::int64_t all_groups = head.column_groups();
    Expr sizes = Expr(0) == 1;
    for (std::int64_t blocks = 2; blocks <= largest_cluster(target); blocks *= 2) {
        sizes = sizes || knob.blocks == blocks;
    }
    m.require(other || sizes, "a cluster has two, four, eight or sixteen blocks, where the GPU has clusters");
    m.require(other || all_groups % knob.k_split == 0,
              "warps of a cluster share the columns evenly, 64 bytes of a row at a time");
    m.require(other || knob.k_split <= 8, "eight parts of the columns are enough for the blocks of a cluster");
    m.require(other || knob.register_k % max(ceil_div(at.groups, 8), 1) == 0 || knob.register_k == at.groups,
              "columns are kept in registers by eighths");
    m.require(other || knob.streamed_k == 0, "a cluster keeps all its weights");
    Expr copy_bytes = (knob.batch + 2) * 64 * all_groups;  // of what the product takes in
    Expr of_tiles =
        max(select(at.tiles >= 4, Expr(kRegistersOfFourTiles), Expr(0)), max(at.tiles - 4, 0) * kRegistersOfMoreTiles);
    return {.registers = share_registers(knob, head, at) + at.n_tiles * 4 + of_tiles +
                         (head.pass.backward ? kOtherBackwardClusterRegisters : kOtherClusterRegisters),
            .smem = at.stored + 2 * copy_bytes + at.sum_bytes + 16,
            .macs = at.m_warps * at.tiles * kMma.m * all_groups * (32 * head.terms) * knob.batch,
            .shared_bytes = at.stored + knob.warps * at.groups * knob.batch * 64 + 2 * at.sum_bytes +
                            knob.batch * head.taken_bytes(),
            .l2_bytes = 0,
            .cells = at.cells,
            .chain = ceil_div(at.groups * 2, knob.chains) * (kMmaLatency * head.terms) + kClusterStepLatency +
                     knob.blocks * kExchangePerBlock};
}

// Numbers of blocks of a grid that are tried, largest first.
std::vector<std::int64_t> grid_counts(std::int64_t D, const Target& target) {
    std::vector<std::int64_t> counts;
    for (std::int64_t own = 1; own <= D / 8 && counts.size() < kMostGrids; ++own) {  // octets of a block
        const std::int64_t blocks = (D / 8 + own - 1) / own;
        if (blocks > kMostClusterBlocks && blocks <= target.sms && (counts.empty() || blocks < counts.back())) {
            counts.push_back(blocks);
        }
    }
    return counts;
}

// A warp has all rows of its block, and reads what the product takes in from L2; so that nothing else is done twice, no
// two warps have the same columns.
PlanAmounts grid(Model& m, const Knobs& knob, const HeadShape& head, const Share& at, const Target& target) {
    Expr other = !knob.through_l2();
    Expr in_grid = knob.shares(m);
    const std::vector<std::int64_t> counts = grid_counts(head.D, target);
    m.require(other || knob.blocks >= (counts.empty() ? 0 : counts.back()), "a block of a grid has few units");
    m.require(other || in_grid <= target.sms, "the blocks of a cooperative grid are resident together, one per SM");
    m.require(other || knob.k_split == knob.warps, "each word of h goes through L2 to one warp of a block");
    m.require(other || knob.warps == 4 || at.groups * (knob.warps - 1) < head.column_groups(),
              "every warp has columns of its own, beyond four");
    m.require(other || at.tiles <= 8, "a block of a grid has few rows");
    m.require(other || knob.streamed_k == 0 || knob.warps >= (head.pass.backward ? 12 : 8),
              "weights come from L2 to eight warps at least, transposed to twelve: with more of them for each, "
              "registers run out");
    if (head.element_bytes == 4 && !head.pass.backward) {
        m.require(other || at.tiles * knob.streamed_k <= 32,
                  "of f32 few weights come from L2 to a warp: with more of them, registers run out");
    }
    m.require(other || knob.bulk == 0, "there is no bulk copy between blocks that are no cluster");
    m.require(other || knob.chains == 1 || at.tiles * at.n_tiles < 4,
              "four sums that do not wait for each other are enough");
    const std::int64_t room = smem_available(target);
    Expr group_bytes = knob.warps * at.tiles * kOctetPairBytes, weights = group_bytes * at.groups;
    Expr no_room_for = max(at.groups - knob.register_k - max(room - at.sum_bytes, 0) / group_bytes, 0);
    m.require(other || knob.streamed_k == min(round_up(no_room_for, 2), at.groups - knob.register_k),
              "weights come from L2 in every step where a block has no room for them, and only there, by two columns");
    m.require(other || knob.streamed_k == 0 || weights > room + target.registers_per_sm * 2,
              "weights that half of the registers and the shared memory hold are not read again");
    Expr one_copy = at.stored + 2 * at.sum_bytes > kRoomForTwoSums;
    Expr of_full_block = select(at.n_tiles >= 4, at.tiles * at.n_tiles * kRegistersOfTiles, Expr(0)) +
                         select(at.tiles >= 4 && knob.streamed_k == 0,
                                Expr(head.pass.elements_out > 1 ? kRegistersOfOutputs : 0), Expr(0));
    Expr under_way =
        select(knob.streamed_k == 0, max(select(one_copy && at.tiles >= 4, Expr(6), Expr(8)) / at.n_tiles, 2), Expr(2));
    Expr arriving = min(under_way, at.groups) * at.n_tiles * 4;
    const std::int64_t packed_backward =
        head.pass.backward && takes_more_registers(target) ? kPackedBackwardRegisters : 0;
    Expr registers =
        m.define("grid_registers",
                 share_registers(knob, head, at) + arriving +
                     select(knob.streamed_k == 0, max(at.tiles - 4, 0) * kRegistersOfMoreTiles,
                            at.tiles * (head.element_bytes == 2 ? kStreamedRegisters : kStreamedRegistersInF32) +
                                select(at.tiles >= 8 || (at.tiles >= 6 && knob.streamed_k > 8),
                                       Expr(kRegistersOfMuchStreamed), Expr(0))) +
                     select(at.groups > 8, max(at.n_tiles - 4, 0) * kRegistersOfMoreSequences, Expr(0)) +
                     (head.packed ? at.n_tiles * kPackedTileRegisters + packed_backward : Expr(0)) +
                     select(one_copy, of_full_block, Expr(0)) + kOtherGridRegisters);
    m.require(other || knob.register_k == at.groups ||
                  registers + at.tiles * 16 > registers_available(target, knob.warps * kWarpThreads),
              "a block alone on its SM keeps as many columns in registers as there is room for, or nearly");
    Expr l2_bytes = knob.batch * head.taken_bytes() + knob.streamed_k * group_bytes;
    return {.registers = registers,
            .smem = at.stored + select(one_copy, at.sum_bytes, 2 * at.sum_bytes),
            .macs = knob.warps * at.tiles * kMma.m * at.groups * (32 * head.terms) * knob.batch,
            .shared_bytes = at.stored + 2 * at.sum_bytes,
            .l2_bytes = l2_bytes,
            .cells = at.cells,
            .chain = ceil_div(at.groups * 2, knob.chains) * (kMmaLatency * head.terms) + kGridStepLatency +
                     select(one_copy, Expr(kBlockBarrier), Expr(0)) +
                     max(l2_bytes / kL2BytesToSm, in_grid * l2_bytes / kL2BytesToAll)};
}

// Blocks take shares in turn, and weights come from L2 in every step: a warp has all rows of a share, and columns of
// its own.
PlanAmounts in_turn(Model& m, const Knobs& knob, const HeadShape& head, const Share& at, const Target& target) {
    Expr other = knob.in_turn == 0;
    m.require(other || knob.k_split == knob.warps, "each weight comes from L2 to one warp of a block");
    m.require(other || knob.warps == 8 || knob.warps == 16,
              "eight warps, or sixteen, have as much on the way from L2 as an SM can take in");
    m.require(other || knob.warps == 8 || at.groups * (knob.warps - 1) < head.column_groups(),
              "every warp has columns of its own, beyond eight");
    m.require(other || (knob.register_k == 0 && knob.streamed_k == at.groups),
              "a block that takes shares in turn keeps no weights");
    m.require(other || knob.bulk == 0, "there is no bulk copy between blocks that are no cluster");
    m.require(other || (at.octets <= kMostShareOctets && at.tiles <= 8), "a share has few units");
    m.require(other || knob.chains == 1 || at.tiles * at.n_tiles < 4,
              "four sums that do not wait for each other are enough");
    Expr turns = knob.turns(m, target), words = at.tiles * 8 + at.n_tiles * 4;  // of a group of columns
    Expr weights = knob.warps * at.tiles * at.groups * kOctetPairBytes;
    Expr l2_bytes = weights + knob.batch * head.taken_bytes();
    return {.registers = share_registers(knob, head, at) + max(words, kWordsUnderWay) +
                         at.tiles * kShareAddressRegisters + kOtherGridRegisters,
            .smem = 2 * at.sum_bytes,
            .macs = turns * knob.warps * at.tiles * kMma.m * at.groups * (32 * head.terms) * knob.batch,
            .shared_bytes = turns * 2 * at.sum_bytes,
            .l2_bytes = turns * l2_bytes,
            .cells = turns * at.cells,
            .chain = kTurnStepLatency +
                     turns * (kL2Latency + max(l2_bytes / kL2BytesToSm,
                                               min(knob.shares(m), target.sms) * l2_bytes / kL2BytesToAll))};
}

}  // namespace

Expr Knobs::in_cluster() const {
    return blocks > 1 && blocks <= kMostClusterBlocks && in_turn == 0;
}

Expr Knobs::through_l2() const {
    return blocks > kMostClusterBlocks && in_turn == 0;
}

Expr Knobs::shares(const Model& model) const {
    return *model.find("N") * blocks * ceil_div(*model.find("B"), batch);
}

Expr Knobs::turns(const Model& model, const Target& target) const {
    return ceil_div(shares(model), target.sms);
}

bool crowd_a_block(std::int64_t weight_bytes, const Target& target) {
    return 3 * weight_bytes > target.smem_per_block + target.registers_per_sm * 4;
}

PlanAmounts choose(const Expr& condition, const PlanAmounts& first, const PlanAmounts& other) {
    const auto chosen = [&](Expr PlanAmounts::*amount) { return select(condition, first.*amount, other.*amount); };
    return {.registers = chosen(&PlanAmounts::registers),
            .smem = chosen(&PlanAmounts::smem),
            .macs = chosen(&PlanAmounts::macs),
            .shared_bytes = chosen(&PlanAmounts::shared_bytes),
            .l2_bytes = chosen(&PlanAmounts::l2_bytes),
            .cells = chosen(&PlanAmounts::cells),
            .chain = chosen(&PlanAmounts::chain)};
}

PlanAmounts tensor_core_plan(Model& model, const Knobs& knob, const HeadShape& head, const Target& target) {
    const Share shared = share(model, knob, head);
    const PlanAmounts of_block = one_block(model, knob, head, target),
                      of_cluster = cluster(model, knob, head, shared, target);
    const PlanAmounts of_grid = grid(model, knob, head, shared, target);
    const PlanAmounts of_turns = in_turn(model, knob, head, shared, target);
    return choose(knob.alone(), of_block,
                  choose(knob.in_turn == 1, of_turns, choose(knob.through_l2(), of_grid, of_cluster)));
}

std::vector<std::int64_t> block_counts(const HeadShape& head, const Target& target) {
    std::set<std::int64_t> counts = {1};
    if (head.D < kSmallestSharedHead || head.D % 8 != 0) {
        return {1};
    }
    for (std::int64_t blocks = 2; blocks <= largest_cluster(target); blocks *= 2) {
        counts.insert(blocks);
    }
    const std::vector<std::int64_t> grids = grid_counts(head.D, target);
    counts.insert(grids.begin(), grids.end());
    if (crowd_a_block(head.weight_bytes(), target)) {
        for (std::int64_t own = 1; own <= kMostShareOctets; own *= 2) {
            const std::int64_t blocks = (head.D / 8 + own - 1) / own;
            if (blocks > kMostClusterBlocks || own == 1) {
                counts.insert(blocks);
            }
        }
    }
    return {counts.begin(), counts.end()};
}

}  // namespace warpsmith
