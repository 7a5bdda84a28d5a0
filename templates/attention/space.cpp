#include "templates/attention/space.hpp"

#include "templates/mma_shapes.hpp"
#include "templates/occupancy.hpp"

namespace warpsmith {
namespace {

// Cycles, on Hopper: a dependent mma.sync m16n8k16; the online softmax between the two products (two reductions over
// lanes, a special function, the rescaling); a tile of keys that is not there yet (Luo et al. 2024, arXiv 2402.13499,
// give 263 for L2 alone).
constexpr std::int64_t kMmaLatency = 33;
constexpr std::int64_t kFmaLatency = 4;
constexpr std::int64_t kSoftmaxLatency = 300;
constexpr std::int64_t kTileLatency = 600;

// Registers that queries, scores and output do not account for: addresses, counters, fragments in flight.
constexpr std::int64_t kOtherRegisters = 44;

// With one place in shared memory a tile is waited for; with more it arrives while another is used.
Expr exposed_latency(const Expr& stages) {
    return select(stages == 1, Expr(kTileLatency), Expr(0));
}

struct Knobs {
    Expr warps, rows, keys, stages, query_registers;
};

Knobs declare(Space& space, const Workload& w, const std::vector<std::int64_t>& rows,
              const std::vector<std::int64_t>& keys, const std::vector<std::int64_t>& query_registers,
              std::int64_t row_unit) {
    Model& m = space.model;
    Knobs knob{m.variable("warps", {1, 2, 4, 8, 16}, "warps per block, each with queries of its own"),
               m.variable("rows", rows, "queries per warp"), m.variable("keys", keys, "keys and values per tile"),
               m.variable("stages", {1, 2, 3}, "tiles of keys and values in shared memory"),
               m.variable("query_registers", query_registers, "whether queries stay in registers")};
    Expr L = m.define("L", w.dim("L")), Hq = m.define("Hq", w.dim("Hq")), B = m.define("B", w.dim("B"));
    Expr Hkv = m.define("Hkv", w.dim("Hkv"));
    m.require(Hq % Hkv == 0, "every key-value head serves as many query heads");
    Expr block_rows = m.define("block_rows", knob.warps * knob.rows * row_unit);
    m.require(block_rows < 2 * round_up(L, Expr(16)), "not more than half of a block's queries are idle");
    m.require(knob.keys < 2 * round_up(L, Expr(16)), "not more than half of a tile of keys is idle");
    space.launch = {.grid_x = ceil_div(L, block_rows), .grid_y = Hq, .grid_z = B, .threads = knob.warps * kWarpThreads};
    return knob;
}

void require_resources(Space& space, const Target& target, const Expr& smem, const Expr& registers, const Knobs& knob) {
    space.launch.smem_bytes = require_resident(
        space.model, target,
        {.threads = knob.warps * kWarpThreads,
         .registers = registers,
         .smem_bytes = smem,
         .register_reason = "queries, scores and output of a thread fit in its registers",
         .smem_reason = "the queries of a block and its tiles of keys and values fit in shared memory"});
}

// Tiles of keys that a block visits on average.
Expr mean_tiles(const Workload& w, const Expr& block_rows, const Expr& keys) {
    Expr L = w.dim("L");
    return w.option("mask") == "causal" ? ceil_div(L + block_rows, 2 * keys) : ceil_div(L, keys);
}

// Products of dimensions are the solver's to compute, whose integers do not overflow.
Expr device_bytes(const Workload& w) {
    Expr queries = Expr(w.dim("B")) * w.dim("L");
    return queries * w.dim("D") * 2 * (w.dim("Hq") + w.dim("Hkv")) * size_bytes(w.dtype) + queries * w.dim("Hq") * 4;
}

Space tensor_core_space(const Workload& w, const Target& target) {
    std::int64_t D = w.dim("D"), d_tiles = (D + kMma.k - 1) / kMma.k, columns = d_tiles * kMma.k, stride = columns + 8;
    Space space;
    Knobs knob = declare(space, w, {1, 2, 4}, {16, 32, 64, 96, 128, 192}, {0, 1}, kMma.m);
    Expr block_rows = *space.model.find("block_rows");
    Expr smem = (block_rows + 2 * knob.stages * knob.keys) * stride * 2;
    Expr registers = knob.rows * (knob.query_registers * d_tiles * 4 + 2 * d_tiles * 4 + knob.keys / 2 + 4 +
                                  (1 - knob.query_registers) * 4) +
                     kOtherRegisters;
    require_resources(space, target, smem, registers, knob);
    Expr scores = block_rows * knob.keys;
    space.work = {
        .steps = mean_tiles(w, block_rows, knob.keys),
        .tensor_macs = scores * columns * 2,
        .fma = scores * 5 + block_rows * columns,
        .special = scores,
        .shared_bytes =
            (knob.warps + 1) * 2 * knob.keys * stride * 2 + (1 - knob.query_registers) * block_rows * stride * 2,
        .l2_bytes = 2 * knob.keys * D * 2,
        .latency_cycles = (d_tiles + knob.keys / kMma.k) * kMmaLatency + kSoftmaxLatency + exposed_latency(knob.stages),
        .device_bytes = device_bytes(w)};
    return space;
}

Space fma_space(const Workload& w, const Target& target) {
    std::int64_t D = w.dim("D"), stride = (D + 3) / 4 * 4 + 4, own_columns = (D + 31) / 32;
    Space space;
    Knobs knob = declare(space, w, {2, 4, 8, 16}, {32, 64, 96, 128}, {0}, 1);
    Expr block_rows = *space.model.find("block_rows");
    Expr smem = (block_rows * (stride + knob.keys) + 2 * knob.stages * knob.keys * stride) * 4;
    Expr own_keys = knob.keys / 32;
    Expr registers =
        knob.rows * (own_keys + own_columns + 2) + max(own_keys * 4, Expr(own_columns * 4)) + 8 + kOtherRegisters;
    require_resources(space, target, smem, registers, knob);
    Expr scores = block_rows * knob.keys;
    // Per warp: every lane reads four columns of its keys, and all of the values; queries and probabilities are
    // broadcast.
    Expr per_warp = knob.keys * stride * 8 + knob.rows * (D + knob.keys) * 4;
    space.work = {.steps = mean_tiles(w, block_rows, knob.keys),
                  .fma = scores * (2 * D + 8),
                  .special = scores * 2,
                  .shared_bytes = knob.warps * per_warp + 2 * knob.keys * stride * 4,
                  .l2_bytes = 2 * knob.keys * D * 4,
                  .latency_cycles = (D + knob.keys) * kFmaLatency + kSoftmaxLatency + exposed_latency(knob.stages),
                  .device_bytes = device_bytes(w)};
    return space;
}

}  // namespace

Space attention_space(const Workload& workload, const Target& target) {
    return workload.dtype == DType::f32 ? fma_space(workload, target) : tensor_core_space(workload, target);
}

}  // namespace warpsmith
