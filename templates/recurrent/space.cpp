#include "templates/recurrent/space.hpp"

#include <set>
#include <utility>

#include "templates/mma_shapes.hpp"
#include "templates/occupancy.hpp"
#include "templates/recurrent/cell.hpp"

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

// Of a step without a product: the chain of the cell's functions; and what device memory takes to answer under load.
constexpr std::int64_t kElementwiseLatency = 120;
constexpr std::int64_t kMemoryLatency = 1200;

// The same in a cluster, whose blocks hand each other h by st.async: measured at 219 to 320 cycles for 2 to 16 blocks.
constexpr std::int64_t kClusterStepLatency = 210 + 300;
constexpr std::int64_t kExchangePerBlock = 7;

// Units from which on a head is worth sharing: below, a step takes a block less time than the exchange does.
constexpr std::int64_t kSmallestSharedHead = 64;

// Registers that neither weights, sums, inputs nor states account for: addresses, counters, fragments in flight.
constexpr std::int64_t kOtherRegisters = 50;
constexpr std::int64_t kOtherClusterRegisters = 56;

// Groups of 32 columns in registers at most: one tile of 16 rows would fill 128 registers with them.
constexpr std::int64_t kMostKept = 16;

// Tiles of k from which on the chain of products is long enough to be worth splitting.
constexpr std::int64_t kShortestSplit = 4;

constexpr std::int64_t kMostRows = std::int64_t{1} << 31;

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
    Expr warps, batch, blocks, k_split, bulk, register_k, prefetch, chains;
};

// What differs between the kernels.
struct KnobValues {
    std::vector<std::int64_t> register_k, chains, blocks = {1}, k_split = {1}, bulk = {0};
};

Knobs declare(Space& space, const RecurrentShape& shape, KnobValues values) {
    Model& m = space.model;
    Expr warps = m.variable("warps", counted(1, 32), "warps per block");
    Expr batch = m.variable("batch", {8, 16, 32, 64}, "sequences per block");
    Expr blocks = m.variable("blocks", std::move(values.blocks), "blocks of a cluster that share a head");
    Expr k_split = m.variable("k_split", std::move(values.k_split), "warps that share the columns of the weights");
    Expr bulk = m.variable("bulk", std::move(values.bulk), "whether blocks hand h on by bulk copies");
    Expr kept = m.variable("register_k", std::move(values.register_k), "columns of the weights in registers");
    Expr prefetch = m.variable("prefetch", {1, 2}, "steps by which x is loaded into registers ahead");
    Expr chains = m.variable("chains", std::move(values.chains), "sums that the product is spread over");
    for (const char* dimension : {"T", "B", "N"}) {
        m.define(dimension, shape.workload.dim(dimension));
    }
    Expr B = *m.find("B"), N = *m.find("N");
    m.require(*m.find("T") * B * N * shape.gates < kMostRows, "rows of the tensors are counted in 32 bits");
    m.require(batch <= round_up(B, 8), "a block takes no more sequences than the batch has, rounded up to 8");
    space.launch = {
        .grid_x = N * blocks, .grid_y = ceil_div(B, batch), .threads = warps * kWarpThreads, .cluster = blocks};
    return {warps, batch, blocks, k_split, bulk, kept, prefetch, chains};
}

void require_resources(Space& space, const Target& target, const Expr& smem, const Expr& registers,
                       const Expr& threads) {
    space.launch.smem_bytes = require_resident(
        space.model, target,
        {.threads = threads,
         .registers = registers,
         .smem_bytes = smem,
         .register_reason = "weights, sums, inputs and states of a thread fit in its registers",
         .smem_reason = "the recurrent weights of a block that are not in registers and two copies of h fit in its "
                        "shared memory"});
}

// What a pass makes of a cell: sums per unit and step, values that a unit puts into the next product, and, per unit and
// step, elements and f32 numbers that are read and written.
struct Pass {
    std::int64_t rows, columns, elements_in, floats_in, elements_out, floats_out;

    std::int64_t bytes(DType dtype) const {
        return size_bytes(dtype) * (elements_in + elements_out) + 4 * (floats_in + floats_out);
    }
};

Pass pass_of(const RecurrentShape& shape) {
    const std::int64_t G = shape.gates, X = G + shape.inputs, further = shape.states - 1;
    if (is_backward(shape.workload)) {
        return {.rows = 1,
                .columns = G,
                .elements_in = G + (shape.sums_gates ? 0 : X) + 2,
                .floats_in = further,
                .elements_out = X + (shape.sums_gates ? 0 : G),
                .floats_out = 0};
    }
    const bool training = is_training(shape.workload);
    return {.rows = G,
            .columns = 1,
            .elements_in = X,
            .floats_in = 0,
            .elements_out = training ? G + 1 : 1,
            .floats_out = training ? further : 0};
}

// Bytes that one launch moves: what a step reads and writes, weights and states once. Products of dimensions are the
// solver's to compute, whose integers do not overflow.
Expr device_bytes(const RecurrentShape& shape) {
    const Workload& w = shape.workload;
    Expr rows = Expr(w.dim("B")) * w.dim("N") * w.dim("D");
    Expr weights = shape.product ? Expr(w.dim("N")) * shape.gates * w.dim("D") * w.dim("D") : Expr(0);
    return w.dim("T") * rows * pass_of(shape).bytes(w.dtype) + size_bytes(w.dtype) * weights + rows * 8 * shape.states;
}

// Arithmetic instructions of a cell besides its special functions; a derivative takes its values and about two more
// products each.
std::int64_t cell_arithmetic(const RecurrentShape& shape) {
    const std::int64_t forward = shape.gates * 6 + 9 * shape.states;
    return is_backward(shape.workload) ? 3 * forward : forward;
}

// Amounts of one block and step, of one of the two ways to spread a head.
struct Plan {
    Expr registers, smem, tensor_macs, shared_bytes, cells, chain;
};

// Shared by the two: tiles of 16 units, sequences in tiles of 8.
struct HeadShape {
    Pass pass;
    std::int64_t S, P, D, unit_tiles;

    std::int64_t k_tiles() const { return pass.columns * unit_tiles; }
    // Registers of what a thread reads per pair of units and step, and of what it keeps for a pair.
    std::int64_t input_registers() const { return pass.elements_in + 2 * pass.floats_in; }
    std::int64_t held_registers() const { return 2 * S + (pass.columns > 1 ? 2 * P : 0); }
    std::int64_t unit_registers() const { return (pass.columns > 1 ? 0 : 2 * pass.rows) + 2 * P; }
};

// A block has the whole head, and warps share its units.
Plan one_block(Model& m, const Knobs& knob, const HeadShape& head) {
    const Pass& pass = head.pass;
    const std::int64_t units = head.unit_tiles * kMma.k, k_tiles = head.k_tiles();
    Expr tiles = m.define("tiles", ceil_div(head.unit_tiles, knob.warps));  // of 16 units, per warp
    Expr n_tiles = knob.batch / kMma.n;
    m.require(knob.blocks != 1 || tiles * (knob.warps - 1) < head.unit_tiles, "every warp has units of its own");
    m.require(knob.blocks != 1 || knob.register_k <= k_tiles, "no more columns are kept than there are");
    m.require(knob.blocks != 1 || knob.k_split == 1, "a block with a head of its own does not split its columns");
    m.require(knob.blocks != 1 || knob.bulk == 0, "a block with a head of its own sends nothing");
    Expr stored = knob.warps * tiles * pass.rows * (k_tiles - knob.register_k) * 512;  // a fragment is 16 a lane
    Expr cells = knob.batch * units;
    Expr pairs = tiles * n_tiles * 2;  // of units, times sequences, per thread
    return {
        .registers = tiles * (pass.rows * (knob.register_k * 4 + n_tiles * 4 * knob.chains) + head.unit_registers()) +
                     pairs * ((knob.prefetch + 1) * head.input_registers() + head.held_registers()) + n_tiles * 2 +
                     kOtherRegisters,
        .smem = stored + 2 * knob.batch * (k_tiles * kMma.k + 8) * 2,
        .tensor_macs = knob.warps * tiles * kMma.m * pass.rows * (k_tiles * kMma.k) * knob.batch,
        .shared_bytes = stored + knob.warps * knob.batch * k_tiles * kMma.k * 2 + cells * pass.columns * 2,
        .cells = cells,
        .chain = ceil_div(Expr(k_tiles), knob.chains) * kMmaLatency + kStepLatency +
                 select(knob.prefetch == 1, Expr(kWaitForInput), Expr(0))};
}

// The blocks of a cluster have eighths of units each; warps share a block's rows, and its columns in groups of 32.
Plan cluster(Model& m, const Knobs& knob, const HeadShape& head) {
    const Pass& pass = head.pass;
    const std::int64_t octets = head.D / 8, all_octets = octets * pass.columns, all_groups = (all_octets + 3) / 4;
    Expr alone = knob.blocks == 1;
    Expr own = m.define("octets", ceil_div(octets, knob.blocks));  // of units, per block
    Expr row_tiles = ceil_div(own * pass.rows, 2), m_warps = max(knob.warps / knob.k_split, 1);
    Expr tiles = m.define("row_tiles", ceil_div(row_tiles, m_warps));  // per warp
    Expr groups = m.define("column_groups", all_groups / knob.k_split);
    m.require(alone || Expr(head.D % 8) == 0, "rows of h are sent to other blocks 16 bytes at a time");
    m.require(alone || own * (knob.blocks - 1) < octets, "every block of a cluster has units of its own");
    m.require(alone || knob.warps % 4 == 0, "the warps of a block that shares a head fill all four schedulers");
    m.require(alone || knob.warps % knob.k_split == 0, "every part of the columns has the same number of warps");
    m.require(alone || all_groups % knob.k_split == 0, "warps share the columns evenly, 32 at a time");
    m.require(alone || tiles * (m_warps - 1) < row_tiles, "every warp has rows of its own");
    m.require(alone || (knob.register_k <= groups && knob.register_k % max(ceil_div(groups, 8), 1) == 0) ||
                  knob.register_k == groups,
              "columns are kept in registers by eighths");
    m.require(alone || knob.prefetch == 1, "a step of a cluster is long enough for x to come from L2");
    m.require(alone || knob.chains <= 2, "the two products of 16 bytes of a cluster's weights are two chains at most");
    Expr n_tiles = knob.batch / kMma.n, stored = knob.warps * tiles * (groups - knob.register_k) * 1024;  // bytes
    Expr cells = knob.batch * own * 8;
    Expr pairs = ceil_div(cells / 2, knob.warps * kWarpThreads);   // of units, per thread
    Expr copy_bytes = (knob.batch * 8 + 16) * 2 * 4 * all_groups;  // of what the product takes in
    Expr sum_bytes = knob.k_split * knob.batch * ((own * 8 * pass.rows + 23) / 32 * 32 + 8) * 4;
    return {.registers = tiles * (knob.register_k * 8 + n_tiles * 4 * knob.chains) + n_tiles * 4 +
                         pairs * (head.input_registers() + head.unit_registers() + head.held_registers() + 4) +
                         kOtherClusterRegisters,
            .smem = stored + 2 * copy_bytes + sum_bytes + 16,
            .tensor_macs = m_warps * tiles * kMma.m * all_groups * 32 * knob.batch,
            .shared_bytes =
                stored + knob.warps * groups * knob.batch * 64 + 2 * sum_bytes + knob.batch * head.D * pass.columns * 2,
            .cells = cells,
            .chain = ceil_div(groups * 2, knob.chains) * kMmaLatency + kClusterStepLatency +
                     knob.blocks * kExchangePerBlock};
}

Expr either(const Knobs& knob, const Expr& one_block, const Expr& cluster) {
    return select(knob.blocks == 1, one_block, cluster);
}

// Columns that one of the two may keep in registers.
Counts kept_columns(std::int64_t k_tiles, std::int64_t groups) {
    std::set<std::int64_t> values;
    for (std::int64_t value = 0; value <= std::min<std::int64_t>(groups, kMostKept); ++value) {
        values.insert(value);
    }
    const Counts of_block = shares(k_tiles, 1);
    values.insert(of_block.begin(), of_block.end());
    return {values.begin(), values.end()};
}

// Sums that a product along so many tiles is worth spreading over.
Counts chain_counts(std::int64_t k_tiles) {
    return k_tiles < kShortestSplit ? Counts{1} : k_tiles < 2 * kShortestSplit ? Counts{1, 2} : Counts{1, 2, 4};
}

Space tensor_core_space(const RecurrentShape& shape, const Target& target) {
    const std::int64_t D = shape.workload.dim("D");
    const HeadShape head{.pass = pass_of(shape),
                         .S = shape.states,
                         .P = shape.parameters,
                         .D = D,
                         .unit_tiles = (D + kMma.k - 1) / kMma.k};
    const std::int64_t k_tiles = head.k_tiles();
    const bool clusters = largest_cluster(target) > 1 && D >= kSmallestSharedHead;
    Space space;
    Counts blocks = {1, 2, 4, 8, 16};
    std::erase_if(blocks, [&](std::int64_t count) { return count > (clusters ? largest_cluster(target) : 1); });
    Knobs knob =
        declare(space, shape,
                {.register_k = clusters ? kept_columns(k_tiles, (D * head.pass.columns + 31) / 32) : shares(k_tiles, 1),
                 .chains = chain_counts(k_tiles),
                 .blocks = blocks,
                 .k_split = clusters ? Counts{1, 2, 3, 4, 8} : Counts{1},
                 .bulk = clusters ? Counts{0, 1} : Counts{0}});
    Model& m = space.model;
    // What the resources below say in detail, so that a head that is too large is refused in one sentence.
    Expr weight_bytes =
        m.define("weight_bytes", ceil_div(Expr(shape.gates) * head.unit_tiles * head.unit_tiles * 512, knob.blocks));
    m.require(weight_bytes <= target.smem_per_block + target.registers_per_sm * 4,
              "the recurrent weights of a head fit in the shared memory and the registers of its SMs");
    const Plan alone = one_block(m, knob, head), shared = cluster(m, knob, head);
    Expr cells = either(knob, alone.cells, shared.cells);
    require_resources(space, target, either(knob, alone.smem, shared.smem),
                      either(knob, alone.registers, shared.registers), knob.warps * kWarpThreads);
    space.work = {.steps = *m.find("T"),
                  .tensor_macs = either(knob, alone.tensor_macs, shared.tensor_macs),
                  .fma = cells * cell_arithmetic(shape),
                  .special = cells * shape.special_functions,
                  .shared_bytes = either(knob, alone.shared_bytes, shared.shared_bytes),
                  .l2_bytes = cells * head.pass.bytes(shape.workload.dtype),
                  .latency_cycles = either(knob, alone.chain, shared.chain),
                  .device_bytes = device_bytes(shape)};
    return space;
}

Space fma_space(const RecurrentShape& shape, const Target& target) {
    const Pass pass = pass_of(shape);
    const std::int64_t D = shape.workload.dim("D");
    const std::int64_t units = (D + 31) / 32 * 32, k_end = (D + 3) / 4 * 4 * pass.columns;
    Space space;
    // Beyond 64 columns the weights of four gates alone would fill a thread's registers.
    Knobs knob = declare(space, shape, {shares(std::min<std::int64_t>(k_end, 64), 4), {1}});
    Model& m = space.model;
    Expr threads = knob.warps * kWarpThreads;
    m.require(threads % units == 0, "every thread has a unit: whole groups of threads cover the units of a head");
    Expr groups = m.define("groups", threads / units);
    m.require(groups != 0 && knob.batch % groups == 0, "the groups of threads share the sequences of a block evenly");
    Expr own = select(groups == 0, Expr(1), knob.batch / groups);
    Expr stored = pass.rows * (k_end - knob.register_k) * units * 4;
    Expr states = 2 * knob.batch * k_end * 4;
    const std::int64_t inputs = pass.elements_in + pass.floats_in, P = shape.parameters;
    Expr registers = pass.rows * knob.register_k +
                     own * (pass.rows + 4 + (knob.prefetch + 1) * inputs + shape.states + P) + pass.rows * 5 + P +
                     kOtherRegisters;
    require_resources(space, target, stored + states, registers, threads);

    Expr cells = knob.batch * units;
    space.work = {.steps = *m.find("T"),
                  .fma = cells * (pass.rows * k_end + cell_arithmetic(shape)),
                  .special = cells * shape.special_functions * 2,
                  .shared_bytes = stored * groups + cells * k_end / 32 * 4,
                  .l2_bytes = cells * pass.bytes(shape.workload.dtype),
                  .latency_cycles = k_end * kFmaLatency + kStepLatency,
                  .device_bytes = device_bytes(shape)};
    return space;
}

// Threads have units of their own, and only what device memory delivers limits them.
Space elementwise_space(const RecurrentShape& shape, const Target& target) {
    const Workload& w = shape.workload;
    const Pass pass = pass_of(shape);
    const std::int64_t width = w.dtype == DType::f32 ? 1 : 2;  // units per thread
    const std::int64_t words = (w.dim("D") + width - 1) / width;
    Space space;
    Model& m = space.model;
    Expr warps = m.variable("warps", {1, 2, 4, 8}, "warps per block");
    for (const char* none : {"batch", "blocks", "k_split"}) {
        m.variable(none, {1}, "units do not see each other: nothing is shared");
    }
    m.variable("bulk", {0}, "nothing is sent");
    m.variable("register_k", {0}, "there are no recurrent weights");
    Expr prefetch = m.variable("prefetch", {2, 4, 8, 16}, "steps by which inputs are loaded into registers ahead");
    m.variable("chains", {1}, "there is no product");
    for (const char* dimension : {"T", "B", "N"}) {
        m.define(dimension, w.dim(dimension));
    }
    Expr T = *m.find("T"), B = *m.find("B"), N = *m.find("N"), threads = warps * kWarpThreads;
    m.require(T * B * N * (shape.gates + shape.inputs) < kMostRows, "rows of the tensors are counted in 32 bits");
    space.launch = {.grid_x = N * ceil_div(B * words, threads), .threads = threads};
    const std::int64_t inputs = pass.elements_in + width * pass.floats_in;
    const std::int64_t held = width * (2 * shape.states + 3 * shape.parameters + 3 * shape.gates);
    require_resources(space, target, Expr(0), prefetch * inputs + held + kOtherRegisters, threads);
    Expr cells = threads * width;
    space.work = {.steps = T,
                  .fma = cells * cell_arithmetic(shape),
                  .special = cells * shape.special_functions,
                  .l2_bytes = cells * pass.bytes(w.dtype),
                  .latency_cycles = kElementwiseLatency + ceil_div(Expr(kMemoryLatency), prefetch),
                  .device_bytes = device_bytes(shape)};
    return space;
}

}  // namespace

Space recurrent_space(const RecurrentShape& shape, const Target& target) {
    if (!shape.product) {
        return elementwise_space(shape, target);
    }
    return shape.workload.dtype == DType::f32 ? fma_space(shape, target) : tensor_core_space(shape, target);
}

}  // namespace warpsmith
