#include "templates/recurrent_weights/space.hpp"

#include "templates/mma_shapes.hpp"
#include "templates/occupancy.hpp"
#include "templates/recurrent/options.hpp"
#include "templates/recurrent/space.hpp"

namespace warpsmith {
namespace {

// Cycles, on Hopper: of a step, the barrier, the wait for copies and the first fragments; a dependent mma.sync m16n8k16
// and a dependent fma (bench/results/h200); a load from device memory with its address (Luo et al. 2024, arXiv
// 2402.13499, give 479 for the access alone).
constexpr std::int64_t kStepLatency = 100;
constexpr std::int64_t kMmaLatency = 25;
constexpr std::int64_t kFmaLatency = 5;
constexpr std::int64_t kMemoryLatency = 700;

// Multiply-adds per clock of an SM, to tell what hides the wait for memory: those of Hopper's tensor cores by wgmma; by
// mma.sync, which reaches 63 % of them, rounded down; those of f32 arithmetic.
constexpr std::int64_t kWgmmaPerClock = 2048;
constexpr std::int64_t kMmaPerClock = 1024;
constexpr std::int64_t kFmaPerClock = 128;

// What wgmma reads of shared memory while it multiplies costs no time of its own.
constexpr std::int64_t kSharedBytesPerClock = 128;

// Instructions that a thread needs for a copy of 16 bytes: which row, whether inside, two addresses.
constexpr std::int64_t kInstructionsPerCopy = 8;

// Registers that sums and fragments do not account for: addresses, counters, limits.
constexpr std::int64_t kOtherRegisters = 50;
constexpr std::int64_t kMoreWarpgroupRegisters = 6;

// Blocks per SM that are enough, and tiles per SM from which on smaller ones are of no use where blocks cannot share
// one.
constexpr std::int64_t kEnoughBlocksPerSm = 2;
constexpr std::int64_t kMostTilesPerSm = 8;

// Sums of a warp from which on two warps for a scheduler do not only load more.
constexpr std::int64_t kEnoughSums = 32 * 32;

// Rows and columns that a tile for warpgroups has at least; columns that lie together in shared memory.
constexpr std::int64_t kLeastWarpgroupTile = 128;
constexpr std::int64_t kSwizzledColumns = 64;

// A matrix of ones, 16 x 8, by which warpgroups sum the bias.
constexpr std::int64_t kOnesBytes = 16 * 8 * 2;

// Tiles from which on a product reads its operands little enough.
constexpr std::int64_t kLargeRows = 128, kLargeColumns = 64;

// Bytes that a block has in shared memory or under way at least: two blocks on each of 132 SMs have as much under way
// as 4 TB/s take in a microsecond.
constexpr std::int64_t kEnoughBytes = 16'384;

struct Knobs {
    Expr wgmma, tile_m, tile_n, tile_k, warps_m, warps_n, stages, k_split;
};

// What tensor cores and f32 arithmetic ask of a warp's tile.
struct WarpTile {
    std::int64_t rows, columns;  // its units
    std::vector<std::int64_t> tile_k;
};

struct Sizes {
    Expr rows, columns;                     // of dR, for one head
    Expr tiles_m, tiles_n, tiles, k_tiles;  // tiles of all heads
    Expr warp_m, warp_n, warps;             // the tile of a warp, and how many of them a block has
};

// Powers of two, and three times such where that leaves no column idle: heads of 96, 192 and 768 units are usual.
std::vector<std::int64_t> tile_columns(std::int64_t D) {
    std::vector<std::int64_t> columns = {16, 32, 48, 64, 96, 128, 192, 256};
    std::erase_if(columns, [&](std::int64_t tile) { return tile % 3 == 0 && D % tile != 0; });
    return columns;
}

// wgmma is of sm_90a alone. Tiles for it are filled by copies of 16 bytes; heads smaller than one of them wait for
// memory.
bool warpgroups_serve(const WeightProduct& product, const Workload& w, const Target& target) {
    const std::int64_t D = product.columns;
    return w.dtype != DType::f32 && target.architecture == "sm_90a" && D % 8 == 0 && D >= kLeastWarpgroupTile &&
           product.rows.back() % 8 == 0;
}

Knobs declare(Model& m, const WeightProduct& product, const Workload& w, const Target& target, const WarpTile& unit) {
    std::vector<std::int64_t> splits = {1, 2, 3, 4, 5, 6, 8, 16};
    std::erase_if(splits, [&](std::int64_t blocks) { return blocks > largest_cluster(target); });
    return {m.variable(
                "wgmma",
                warpgroups_serve(product, w, target) ? std::vector<std::int64_t>{1, 0} : std::vector<std::int64_t>{0},
                "whether warpgroups multiply, else warps or lanes"),
            m.variable("tile_m", {16, 32, 64, 128, 256}, "rows of dR, which are gates and units, per block"),
            m.variable("tile_n", tile_columns(product.columns), "columns of dR per block"),
            m.variable("tile_k", unit.tile_k, "products of each sum per stage"),
            m.variable("warps_m", {1, 2, 4, 8}, "warps along the rows of a block's tile"),
            m.variable("warps_n", {1, 2, 4, 8}, "warps along its columns"),
            m.variable("stages", {2, 3, 4}, "tiles of dr and h in shared memory"),
            m.variable("k_split", splits, "blocks of a cluster that share the products of a tile")};
}

Expr rows_of(const WeightProduct& product) {
    Expr rows = 1;
    for (const std::int64_t extent : product.rows) {
        rows = rows * extent;
    }
    return rows;
}

Sizes define_sizes(Model& m, const WeightProduct& product, const Workload& w, const Knobs& knob) {
    Expr T = m.define("T", w.dim("T")), B = m.define("B", w.dim("B")), N = m.define("N", w.dim("N"));
    Expr rows = rows_of(product), columns = product.columns;
    Expr tiles_m = ceil_div(rows, knob.tile_m), tiles_n = ceil_div(columns, knob.tile_n);
    return {.rows = rows,
            .columns = columns,
            .tiles_m = tiles_m,
            .tiles_n = tiles_n,
            .tiles = m.define("tiles", tiles_m * tiles_n * N),
            .k_tiles = m.define("k_tiles", ceil_div(T * B, knob.tile_k)),
            .warp_m = m.define("warp_m", knob.tile_m / knob.warps_m),
            .warp_n = m.define("warp_n", knob.tile_n / knob.warps_n),
            .warps = m.define("warps", knob.warps_m * knob.warps_n)};
}

// How the warps of a block share its tile.
void require_warps(Model& m, const Knobs& knob, const Sizes& size, const WarpTile& unit) {
    const Expr &warp_m = size.warp_m, &warp_n = size.warp_n;
    Expr pieces = warp_m * warp_n * size.warps / unit.rows / unit.columns;
    m.require(warp_m % unit.rows == 0 && warp_m > 0, "the rows of a warp's tile are whole units of its products");
    m.require(warp_n % unit.columns == 0 && warp_n > 0, "the columns of a warp's tile are whole units of its products");
    m.require(knob.wgmma == 0 || (knob.warps_n == 1 && knob.warps_m % 4 == 0 &&
                                  fits_wgmma(knob.tile_m, knob.tile_n, max(knob.warps_m / 4, 1), 1)),
              "warpgroups lie below one another, with whole products of all columns");
    m.require(knob.wgmma == 0 || (knob.tile_m >= kLeastWarpgroupTile && knob.tile_n >= kLeastWarpgroupTile &&
                                  knob.tile_n % kSwizzledColumns == 0 && knob.tile_k == unit.tile_k.back()),
              "tiles of warpgroups are large, else they wait for L2");
    m.require(knob.wgmma == 1 || (warp_n <= warp_m && warp_m <= 2 * warp_n),
              "a warp's tile is as high as wide, or twice as high: so it loads least for its products");
    m.require(size.warps == min(4, pieces) || (size.warps == 8 && warp_m * warp_n >= kEnoughSums),
              "the warps of a block fill all four schedulers; twice, where each has enough to multiply");
}

// How large tiles are, and how many blocks share one.
void require_blocks(Model& m, const Target& target, const Knobs& knob, const Sizes& size, const WarpTile& unit) {
    const bool clusters = largest_cluster(target) > 1;
    m.require(knob.tile_m < 2 * round_up(size.rows, unit.rows), "not more than half of a tile's rows are idle");
    m.require(knob.tile_n < 2 * round_up(size.columns, unit.columns),
              "not more than half of a tile's columns are idle");
    m.require(size.tiles <= (clusters ? kEnoughBlocksPerSm : kMostTilesPerSm) * target.sms ||
                  (knob.tile_m >= min(size.rows, kLargeRows) && knob.tile_n >= min(size.columns, kLargeColumns)),
              "tiles are small only where the SMs would not have enough of them: small tiles read more");
    m.require(Expr(clusters ? 0 : 1) || (knob.tile_m >= min(size.rows, kLargeRows / 2) &&
                                         knob.tile_n >= min(size.columns, kLargeColumns / 2)),
              "tiles are smaller still only where no blocks can share one instead");
    m.require(knob.k_split == 1 || size.tiles * knob.k_split < 2 * kEnoughBlocksPerSm * target.sms,
              "blocks share a tile only where the SMs would not have two blocks each");
    m.require((knob.k_split - 1) < size.k_tiles, "every block that shares a tile has products of its own");
}

// Products of dimensions are the solver's to compute, whose integers do not overflow.
Expr device_bytes(const WeightProduct& product, const Workload& w) {
    Expr M = rows_of(product), D = product.columns, N = w.dim("N");
    return Expr(w.dim("T")) * w.dim("B") * N * (M + D) * size_bytes(w.dtype) + N * M * (D + 1) * 4;
}

// What the ways to multiply differ in, for one block and step.
struct Plan {
    Expr registers;  // per thread, of sums and fragments
    Expr stage_bytes;
    Expr tensor_macs, warpgroup_macs, fma, shared_bytes;
    Expr chain;   // cycles
    Expr clocks;  // that the arithmetic takes at least
};

Expr products(const Knobs& knob) {
    return knob.tile_m * knob.tile_n * knob.tile_k;
}

// Of tiles without padding.
Expr bytes_read(const Knobs& knob, std::int64_t element) {
    return knob.tile_k * (knob.tile_m + knob.tile_n) * element;
}

Plan warp_plan(const Knobs& knob, const Sizes& size) {
    Expr m_tiles = size.warp_m / kMma.m, sums = size.warp_m * size.warp_n / kWarpThreads;
    return {.registers = sums + 4 * ceil_div(m_tiles, knob.warps_n) + 4 * m_tiles + 8,
            .stage_bytes = knob.tile_k * (knob.tile_m + knob.tile_n + 16) * 2,
            .tensor_macs = products(knob),
            .warpgroup_macs = 0,
            .fma = 0,
            .shared_bytes = size.warps * (size.warp_m + size.warp_n) * knob.tile_k * 2 + bytes_read(knob, 2),
            .chain = knob.tile_k / kMma.k * kMmaLatency,
            .clocks = products(knob) / kMmaPerClock};
}

// The same of f32. A product takes in half as many columns in the time of one of 16 bits, so each counts twice; threads
// load a word at a time and round it, or split it, in so many instructions.
Plan tf32_plan(const Knobs& knob, const Sizes& size, std::int64_t terms) {
    Expr m_tiles = size.warp_m / kMma.m, n_tiles = size.warp_n / kMma.n;
    Expr words = (m_tiles * 4 + n_tiles * 2) * (knob.tile_k * 2 / kMma.k);
    Expr macs = products(knob) * 2 * terms;
    const std::int64_t parts = terms == 1 ? 1 : 2, instructions = terms == 1 ? 4 : 5;
    return {.registers = size.warp_m * size.warp_n / kWarpThreads + 4 * m_tiles * parts + 4 * parts + 4 +
                         ceil_div(knob.tile_m, size.warps * kWarpThreads),
            .stage_bytes = knob.tile_k * (knob.tile_m + knob.tile_n + 16) * 4,
            .tensor_macs = macs,
            .warpgroup_macs = 0,
            .fma = size.warps * kWarpThreads * words * instructions,
            .shared_bytes = size.warps * (size.warp_m + size.warp_n) * knob.tile_k * 4 + bytes_read(knob, 4),
            .chain = knob.tile_k * 2 / kMma.k * kMmaLatency * (terms == 1 ? 1 : 2),
            .clocks = macs / kMmaPerClock};
}

// Each product of a warpgroup reads 64 rows, and all columns again.
Plan warpgroup_plan(const Knobs& knob, const Sizes& size) {
    Expr blocks = knob.tile_m / kWgmmaUnit.m, own_blocks = ceil_div(4 * blocks, size.warps);
    Expr all_bytes = blocks * (kWgmmaUnit.m + knob.tile_n) * knob.tile_k * 2 + bytes_read(knob, 2);
    return {.registers = own_blocks * (knob.tile_n / 2 + 4) + kMoreWarpgroupRegisters,
            .stage_bytes = bytes_read(knob, 2),
            .tensor_macs = 0,
            .warpgroup_macs = products(knob),
            .fma = 0,
            .shared_bytes = max(all_bytes - products(knob) / kWgmmaPerClock * kSharedBytesPerClock, Expr(0)),
            .chain = 0,
            .clocks = products(knob) / kWgmmaPerClock};
}

Plan tensor_core_plan(const Knobs& knob, const Sizes& size) {
    const Plan warps = warp_plan(knob, size), groups = warpgroup_plan(knob, size);
    auto either = [&](const Expr& by_warps, const Expr& by_groups) {
        return select(knob.wgmma == 1, by_groups, by_warps);
    };
    return {.registers = either(warps.registers, groups.registers),
            .stage_bytes = either(warps.stage_bytes, groups.stage_bytes),
            .tensor_macs = either(warps.tensor_macs, 0),
            .warpgroup_macs = either(0, groups.warpgroup_macs),
            .fma = 0,
            .shared_bytes = either(warps.shared_bytes, groups.shared_bytes),
            .chain = either(warps.chain, groups.chain),
            .clocks = either(warps.clocks, groups.clocks)};
}

// Of a load of 16 bytes per lane, of which many are the same, shared memory takes two passes.
Plan fma_plan(const Knobs& knob, const Sizes& size) {
    Expr own_m = size.warp_m / 8, own_n = size.warp_n / 4;
    return {.registers = own_m * own_n + 2 * (own_m + own_n) + ceil_div(knob.tile_m, size.warps * kWarpThreads),
            .stage_bytes = bytes_read(knob, 4),
            .tensor_macs = 0,
            .warpgroup_macs = 0,
            .fma = products(knob),
            .shared_bytes = size.warps * (own_m + own_n) * knob.tile_k * 64 + bytes_read(knob, 4),
            .chain = knob.tile_k * kFmaLatency,
            .clocks = products(knob) / kFmaPerClock};
}

}  // namespace

Space recurrent_weights_space(const WeightProduct& product, const Workload& workload, const Target& target) {
    const std::int64_t terms = tf32_terms(workload);
    const bool tensor_cores = workload.dtype != DType::f32;
    const auto element = static_cast<std::int64_t>(size_bytes(workload.dtype));
    const WarpTile unit = tensor_cores ? WarpTile{kMma.m, 2 * kMma.n, {32, 64}}
                          : terms > 0  ? WarpTile{kMma.m, 2 * kMma.n, {16, 32}}
                                       : WarpTile{32, 16, {16, 32}};
    Space space;
    Model& m = space.model;
    const Knobs knob = declare(m, product, workload, target, unit);
    const Sizes size = define_sizes(m, product, workload, knob);
    require_warps(m, knob, size, unit);
    require_blocks(m, target, knob, size, unit);
    require_f32_for_precision(m, workload);
    m.require(Expr(product.same_step && (is_reverse(workload) || has_resets(workload)) ? 0 : 1) == 1,
              "what is taken in at the same step has no direction, and no resets");
    const Plan plan = tensor_cores ? tensor_core_plan(knob, size)
                      : terms > 0  ? tf32_plan(knob, size, terms)
                                   : fma_plan(knob, size);
    const std::int64_t shortest = unit.tile_k.front();
    Expr ahead = knob.stages - 1 - knob.wgmma, in_place = (ahead + 1) * knob.tile_k;
    Expr stage_bytes = knob.stages * plan.stage_bytes + knob.wgmma * kOnesBytes;
    m.require(in_place >= 3 * shortest && in_place <= 6 * shortest,
              "of short tiles two or three are under way, of long ones one or two");
    m.require(stage_bytes >= kEnoughBytes || in_place == 6 * shortest,
              "as much is under way as keeps device memory busy");
    Expr sum_bytes = select(knob.k_split == 1, Expr(0), knob.tile_m * (knob.tile_n + 8) * 4);
    space.launch = {.grid_x = size.tiles_n * knob.k_split,
                    .grid_y = size.tiles_m,
                    .grid_z = *m.find("N"),
                    .threads = size.warps * kWarpThreads,
                    .cluster = knob.k_split};
    space.launch.smem_bytes = require_resident(
        m, target,
        {.threads = space.launch.threads,
         .registers = plan.registers + kOtherRegisters,
         .smem_bytes = max(stage_bytes, sum_bytes),
         .register_reason = "the sums of a thread and what it multiplies fit in its registers",
         .smem_reason =
             "all stages of a block's tiles of dr and h, and its sums for other blocks, fit in shared memory"});
    // The first tile is waited for; the sums leave as fast as tiles come, and once more where other blocks add them up.
    Expr first_and_last = 1 + ceil_div(knob.tile_m * knob.tile_n * 4 + sum_bytes, plan.stage_bytes);
    Expr not_hidden = max(kMemoryLatency / max(ahead, 1) - plan.clocks, Expr(0)), read = bytes_read(knob, element);
    space.work = {.steps = ceil_div(size.k_tiles, knob.k_split) + first_and_last,
                  .tensor_macs = plan.tensor_macs,
                  .warpgroup_macs = plan.warpgroup_macs,
                  .fma = plan.fma + read / 16 * kInstructionsPerCopy,
                  .shared_bytes = plan.shared_bytes,
                  .l2_bytes = read,
                  .latency_cycles = kStepLatency + plan.chain + not_hidden,
                  .device_bytes = device_bytes(product, workload)};
    return space;
}

}  // namespace warpsmith
