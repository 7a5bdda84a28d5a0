#include "templates/recurrent/space.hpp"

#include "templates/mma_shapes.hpp"
#include "templates/occupancy.hpp"

namespace warpsmith {
namespace {

// Cycles on an H200, as bench/results/h200 has them: a dependent mma.sync m16n8k16, a dependent fma, and what a step of
// one block needs besides the product and its arithmetic: ldmatrix, the chain of the cell's special functions, the
// store to shared memory, the barrier, addresses. The last is what is left of measured steps.
constexpr std::int64_t kMmaLatency = 25;
constexpr std::int64_t kFmaLatency = 5;
constexpr std::int64_t kStepLatency = 350;

// Cycles that a step waits for x from L2 when it was asked for only one step before.
constexpr std::int64_t kWaitForInput = 90;

// Registers that neither weights, sums, inputs nor states account for: addresses, counters, fragments in flight.
constexpr std::int64_t kOtherRegisters = 50;

// Tiles of k from which on the chain of products is long enough to be worth splitting.
constexpr std::int64_t kShortestSplit = 4;

using Counts = std::vector<std::int64_t>;

std::vector<std::int64_t> counted(std::int64_t first, std::int64_t last, std::int64_t stride = 1) {
    std::vector<std::int64_t> values;
    for (std::int64_t value = first; value <= last; value += stride) {
        values.push_back(value);
    }
    return values;
}

// About five values from none to all.
std::vector<std::int64_t> shares(std::int64_t all, std::int64_t unit) {
    std::int64_t stride = std::max<std::int64_t>(1, all / unit / 4) * unit;
    std::vector<std::int64_t> values = counted(0, all, stride);
    if (values.back() != all) {
        values.push_back(all);
    }
    return values;
}

struct Knobs {
    Expr warps, batch, register_k, prefetch, chains;
};

// What differs between the two kernels.
struct KnobValues {
    std::vector<std::int64_t> register_k, chains;
};

Knobs declare(Space& space, const RecurrentShape& shape, KnobValues values) {
    Model& m = space.model;
    Expr warps = m.variable("warps", counted(1, 32), "warps per block");
    Expr batch = m.variable("batch", {8, 16, 32, 64}, "sequences per block");
    Expr kept = m.variable("register_k", std::move(values.register_k), "columns of the weights in registers");
    Expr prefetch = m.variable("prefetch", {1, 2}, "steps by which x is loaded into registers ahead");
    Expr chains = m.variable("chains", std::move(values.chains), "sums that the product is spread over");
    for (const char* dimension : {"T", "B", "N"}) {
        m.define(dimension, shape.workload.dim(dimension));
    }
    Expr B = *m.find("B"), N = *m.find("N");
    m.require(batch <= round_up(B, 8), "a block takes no more sequences than the batch has, rounded up to 8");
    space.launch = {.grid_x = N, .grid_y = ceil_div(B, batch), .threads = warps * kWarpThreads};
    return {warps, batch, kept, prefetch, chains};
}

void require_resources(Space& space, const Target& target, const Expr& smem, const Expr& registers,
                       const Expr& threads) {
    space.launch.smem_bytes = require_resident(
        space.model, target,
        {.threads = threads,
         .registers = registers,
         .smem_bytes = smem,
         .register_reason = "weights, sums, inputs and states of a thread fit in its registers",
         .smem_reason = "the recurrent weights of a head that are not in registers and two copies of h fit in the "
                        "shared memory of a block"});
}

// Bytes that one launch moves: x and h once per step, weights and states once. Products of dimensions are the solver's
// to compute, whose integers do not overflow.
Expr device_bytes(const RecurrentShape& shape) {
    const Workload& w = shape.workload;
    Expr rows = Expr(w.dim("B")) * w.dim("N") * w.dim("D");
    Expr weights = Expr(w.dim("N")) * shape.gates * w.dim("D") * w.dim("D");
    return size_bytes(w.dtype) * (w.dim("T") * rows * (shape.gates + 1) + weights) + rows * 8 * shape.states;
}

Space tensor_core_space(const RecurrentShape& shape, const Target& target) {
    std::int64_t G = shape.gates, k_tiles = (shape.workload.dim("D") + kMma.k - 1) / kMma.k, units = k_tiles * kMma.k;
    Space space;
    Knobs knob = declare(space, shape, {shares(k_tiles, 1), k_tiles < kShortestSplit ? Counts{1} : Counts{1, 2}});
    Model& m = space.model;
    // What the next two say in detail, so that a head that is too large is refused in one sentence.
    Expr weight_bytes = m.define("weight_bytes", Expr(G) * units * units * 2);
    m.require(weight_bytes <= target.smem_per_block + target.registers_per_sm * 4,
              "the recurrent weights of a head fit in the shared memory and the registers of one SM");
    Expr tiles = m.define("tiles", ceil_div(k_tiles, knob.warps));  // of 16 units, per warp
    Expr n_tiles = knob.batch / kMma.n;
    m.require(tiles * (knob.warps - 1) < k_tiles, "every warp has units of its own");
    Expr stored = knob.warps * tiles * G * (k_tiles - knob.register_k) * 512;  // bytes; a fragment is 16 a lane
    Expr states = 2 * knob.batch * (units + 8) * 2;
    Expr registers =
        tiles * G * (knob.register_k * 4 + n_tiles * 4 * knob.chains + (knob.prefetch + 1) * n_tiles * 2 + 2) +
        tiles * n_tiles * 4 * shape.states + n_tiles * 2 + kOtherRegisters;
    require_resources(space, target, stored + states, registers, knob.warps * kWarpThreads);

    Expr cells = knob.batch * units;
    Expr chain = ceil_div(Expr(k_tiles), knob.chains) * kMmaLatency + kStepLatency +
                 select(knob.prefetch == 1, Expr(kWaitForInput), Expr(0));
    space.work = {.steps = *m.find("T"),
                  .tensor_macs = knob.warps * tiles * kMma.m * G * units * knob.batch,
                  .fma = cells * (G * 6 + 9 * shape.states),
                  .special = cells * shape.special_functions,
                  .shared_bytes = stored + knob.warps * cells * 2 + cells * 2,
                  .l2_bytes = cells * 2 * (G + 1),
                  .latency_cycles = chain,
                  .device_bytes = device_bytes(shape)};
    return space;
}

Space fma_space(const RecurrentShape& shape, const Target& target) {
    std::int64_t G = shape.gates, D = shape.workload.dim("D");
    std::int64_t units = (D + 31) / 32 * 32, k_end = (D + 3) / 4 * 4;
    Space space;
    // Beyond 64 columns the weights of four gates alone would fill a thread's registers.
    Knobs knob = declare(space, shape, {shares(std::min<std::int64_t>(k_end, 64), 4), {1}});
    Model& m = space.model;
    Expr threads = knob.warps * kWarpThreads;
    m.require(threads % units == 0, "every thread has a unit: whole groups of threads cover the units of a head");
    Expr groups = m.define("groups", threads / units);
    m.require(groups != 0 && knob.batch % groups == 0, "the groups of threads share the sequences of a block evenly");
    Expr own = select(groups == 0, Expr(1), knob.batch / groups);
    Expr stored = G * (k_end - knob.register_k) * units * 4;
    Expr states = 2 * knob.batch * k_end * 4;
    Expr registers =
        G * knob.register_k + own * (G + 4 + (knob.prefetch + 1) * G + shape.states) + G * 5 + kOtherRegisters;
    require_resources(space, target, stored + states, registers, threads);

    Expr cells = knob.batch * units;
    space.work = {.steps = *m.find("T"),
                  .fma = cells * (G * k_end + 6 * G + 9 * shape.states),
                  .special = cells * shape.special_functions * 2,
                  .shared_bytes = stored * groups + cells * k_end / 32 * 4,
                  .l2_bytes = cells * 4 * (G + 1),
                  .latency_cycles = k_end * kFmaLatency + kStepLatency,
                  .device_bytes = device_bytes(shape)};
    return space;
}

}  // namespace

Space recurrent_space(const RecurrentShape& shape, const Target& target) {
    return shape.workload.dtype == DType::f32 ? fma_space(shape, target) : tensor_core_space(shape, target);
}

}  // namespace warpsmith
