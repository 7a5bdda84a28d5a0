#include "templates/recurrent/space.hpp"

#include <set>
#include <utility>

#include "templates/mma_shapes.hpp"
#include "templates/occupancy.hpp"
#include "templates/recurrent/options.hpp"
#include "templates/recurrent/plans.hpp"

namespace warpsmith {
namespace {

// Of a step without a product: the chain of the cell's functions; and what device memory takes to answer under load.
constexpr std::int64_t kElementwiseLatency = 120;
constexpr std::int64_t kMemoryLatency = 1200;

// Groups of columns in registers at most: one tile of 16 rows would fill 128 registers with them.
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

// What differs between the kernels.
struct KnobValues {
    std::vector<std::int64_t> register_k, chains, blocks = {1}, k_split = {1}, bulk = {0}, streamed_k = {0},
                                                  in_turn = {0};
};

// The runtime dimensions, and what no configuration helps with.
void define_sizes(Model& m, const Workload& w) {
    for (const char* dimension : {"T", "B", "N"}) {
        m.define(dimension, w.dim(dimension));
    }
    m.require(*m.find("T") * *m.find("B") * *m.find("N") < kMostRows, "rows [T,B,N] are counted in 32 bits");
    m.require(Expr(is_backward(w) || w.option_or("recurrent_gradient", "full") == "full" ? 1 : 0) == 1,
              "recurrent_gradient says what comes back through R: only pass=backward has it");
    require_f32_for_precision(m, w);
    const bool packed = is_packed(w);
    m.require(Expr(packed && is_batch_first(w) ? 0 : 1) == 1,
              "packed sequences have one axis of rows: lengths=packed is without layout=bt");
    m.require(Expr(packed && has_resets(w) ? 0 : 1) == 1,
              "where a packed sequence begins anew, another one starts: lengths=packed is without resets=given");
}

Knobs declare(Space& space, const RecurrentShape& shape, const Target& target, KnobValues values) {
    Model& m = space.model;
    Expr warps = m.variable("warps", counted(1, 32), "warps per block");
    Expr batch = m.variable("batch", {8, 16, 32, 64}, "sequences per block");
    Expr blocks = m.variable("blocks", std::move(values.blocks),
                             "blocks that share a head: of a cluster, or, where they are more, of the grid");
    Expr k_split = m.variable("k_split", std::move(values.k_split), "warps that share the columns of the weights");
    Expr bulk = m.variable("bulk", std::move(values.bulk), "whether blocks of a cluster hand h on by bulk copies");
    Expr kept = m.variable("register_k", std::move(values.register_k), "columns of the weights in registers");
    Expr prefetch = m.variable("prefetch", {1, 2}, "steps by which x is loaded into registers ahead");
    Expr chains = m.variable("chains", std::move(values.chains), "sums that the product is spread over");
    Expr streamed = m.variable("streamed_k", std::move(values.streamed_k),
                               "columns of the weights that come from L2 in every step");
    Expr in_turn = m.variable("in_turn", std::move(values.in_turn),
                              "whether blocks of a grid take shares of heads in turn, and wait after each step");
    define_sizes(m, shape.workload);
    Expr B = *m.find("B"), N = *m.find("N");
    m.require(batch <= round_up(B, 8), "a block takes no more sequences than the batch has, rounded up to 8");
    Knobs knob{warps, batch, blocks, k_split, bulk, kept, prefetch, chains, streamed, in_turn};
    Expr turns = in_turn == 1;
    space.launch = {.grid_x = select(turns, min(knob.shares(m), target.sms), N * blocks),
                    .grid_y = select(turns, Expr(1), ceil_div(B, batch)),
                    .threads = warps * kWarpThreads,
                    .cluster = select(knob.through_l2() || turns, Expr(1), blocks),
                    .cooperative = select(knob.through_l2() || turns, Expr(1), Expr(0))};
    return knob;
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

// Resets of a step, and of the one before on the way back; or where packed sequences lie.
std::int64_t integers_of_pass(const Workload& w) {
    return has_resets(w) ? (is_backward(w) ? 2 : 1) : is_packed(w) ? 1 : 0;
}

Pass amounts_of_pass(const RecurrentShape& shape) {
    const std::int64_t G = shape.gates, X = G + shape.inputs, further = shape.states - 1;
    if (is_backward(shape.workload)) {
        return {.backward = true,
                .rows = 1,
                .columns = G,
                .elements_in = G + (shape.sums_gates ? 0 : X) + (shape.projects ? 0 : 2),
                .floats_in = further,
                .elements_out = X + (shape.sums_gates ? 0 : G),
                .floats_out = 0,
                .integers_in = integers_of_pass(shape.workload)};
    }
    const bool training = is_training(shape.workload), keeps = keeps_states(shape.workload);
    return {.backward = false,
            .rows = G,
            .columns = 1,
            .elements_in = X,
            .floats_in = 0,
            .elements_out = training ? G + 1 : 1,
            .floats_out = keeps ? further : 0,
            .integers_in = integers_of_pass(shape.workload)};
}

bool in_f32_arithmetic(const Workload& w) {
    return w.dtype == DType::f32 && tf32_terms(w) == 0;
}

// Bytes that one launch moves: what a step reads and writes, weights and states once. Products of dimensions are the
// solver's to compute, whose integers do not overflow.
Expr device_bytes(const RecurrentShape& shape) {
    const Workload& w = shape.workload;
    Expr rows = Expr(w.dim("B")) * w.dim("N") * w.dim("D");
    Expr weights = shape.product ? Expr(w.dim("N")) * shape.gates * w.dim("D") * w.dim("D") : Expr(0);
    Expr of_units = w.dim("T") * rows * amounts_of_pass(shape).bytes(w.dtype) + rows * 8 * shape.states;
    if (shape.projects) {
        const std::int64_t tensors = is_backward(w) ? 2 : 1;  // of h, or of its gradient from outside and all of it
        return of_units + size_bytes(w.dtype) * Expr(w.dim("N")) * w.dim("H") *
                              (Expr(shape.gates + 1) * w.dim("D") + Expr(w.dim("T")) * w.dim("B") * tensors);
    }
    return of_units + size_bytes(w.dtype) * weights;
}

// Arithmetic instructions of a cell besides its special functions; a derivative takes its values and about two more
// products each.
std::int64_t cell_arithmetic(const RecurrentShape& shape) {
    const std::int64_t forward = shape.gates * 6 + 9 * shape.states;
    return is_backward(shape.workload) ? 3 * forward : forward;
}

// Columns that a block alone, or one that shares a head, may keep in registers.
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

HeadShape head_of(const RecurrentShape& shape) {
    const std::int64_t D = shape.workload.dim("D");
    return {.pass = amounts_of_pass(shape),
            .S = shape.states,
            .P = shape.parameters,
            .D = D,
            .unit_tiles = (D + kMma.k - 1) / kMma.k,
            .taken = D,
            .normalisations = (shape.moments + 1) / 2,
            .element_bytes = static_cast<std::int64_t>(size_bytes(shape.workload.dtype)),
            .terms = std::max(tf32_terms(shape.workload), 1),
            .packed = is_packed(shape.workload)};
}

// What a plan takes: its limits, and, but for the product, what it does.
void finish(Space& space, const RecurrentShape& shape, const Target& target, const Expr& threads,
            const PlanAmounts& amounts) {
    require_resources(space, target, amounts.smem, amounts.registers, threads);
    space.work = {.steps = *space.model.find("T"),
                  .fma = amounts.cells * cell_arithmetic(shape),
                  .special = amounts.cells * shape.special_functions,
                  .shared_bytes = amounts.shared_bytes,
                  .l2_bytes = amounts.cells * amounts_of_pass(shape).bytes(shape.workload.dtype) + amounts.l2_bytes,
                  .latency_cycles = amounts.chain,
                  .device_bytes = device_bytes(shape)};
}

Space tensor_core_space(const RecurrentShape& shape, const Target& target) {
    const HeadShape head = head_of(shape);
    const std::int64_t groups = head.column_groups();
    Space space;
    const Counts blocks = block_counts(head, target);
    const bool shared = blocks.size() > 1, grids = blocks.back() > largest_cluster(target);
    Knobs knob = declare(space, shape, target,
                         {.register_k = shared ? kept_columns(head.k_tiles(), groups) : shares(head.k_tiles(), 1),
                          .chains = chain_counts(head.k_tiles()),
                          .blocks = blocks,
                          .k_split = grids    ? Counts{1, 2, 3, 4, 8, 12, 16}
                                     : shared ? Counts{1, 2, 3, 4, 8}
                                              : Counts{1},
                          .bulk = largest_cluster(target) > 1 && shared ? Counts{0, 1} : Counts{0},
                          .streamed_k = grids ? counted(0, (groups + 3) / 4) : Counts{0},
                          .in_turn = shared && crowd_a_block(head.weight_bytes(), target) ? Counts{0, 1} : Counts{0}});
    Model& m = space.model;
    // What the resources below say in detail, so that a head that is too large is refused in one sentence.
    Expr weight_bytes = m.define("weight_bytes", ceil_div(Expr(head.weight_bytes()), knob.blocks));
    m.require(
        knob.through_l2() || knob.in_turn == 1 || weight_bytes <= target.smem_per_block + target.registers_per_sm * 4,
        "the recurrent weights of a head fit in the shared memory and the registers of its SMs");
    const PlanAmounts amounts = tensor_core_plan(m, knob, head, target);
    finish(space, shape, target, knob.warps * kWarpThreads, amounts);
    space.work.tensor_macs = amounts.macs;
    return space;
}

Space fma_space(const RecurrentShape& shape, const Target& target) {
    const HeadShape head = head_of(shape);
    const Counts blocks = fma_block_counts(head, target);
    Space space;
    Knobs knob = declare(space, shape, target,
                         {.register_k = shares(most_kept_columns(head), 4),
                          .chains = {1},
                          .blocks = blocks,
                          .in_turn = blocks.size() > 1 ? Counts{0, 1} : Counts{0}});
    const PlanAmounts amounts = fma_plan(space.model, knob, head, target);
    finish(space, shape, target, knob.warps * kWarpThreads, amounts);
    space.work.fma = amounts.macs + amounts.cells * cell_arithmetic(shape);
    space.work.special = amounts.cells * shape.special_functions * 2;
    return space;
}

// The same pass with one of its two products alone.
HeadShape of_product(HeadShape head, std::int64_t gates) {
    (head.pass.backward ? head.pass.columns : head.pass.rows) = gates;
    return head;
}

// A step of products, or parts, of which `plan` says what they take.
template <class Plan>
Space space_of_products(const RecurrentShape& shape, const Target& target, const TwoProductCounts& counts,
                        const Plan& plan) {
    const bool in_f32 = in_f32_arithmetic(shape.workload);
    Space space;
    Knobs knob = declare(space, shape, target,
                         {.register_k = {0},
                          .chains = in_f32 ? Counts{1} : Counts{1, 2},
                          .blocks = counts.blocks,
                          .k_split = in_f32 ? Counts{1} : Counts{1, 2, 4, 8, 16},
                          .streamed_k = counts.streamed_k,
                          .in_turn = {0, 1}});
    const PlanAmounts amounts = plan(space.model, knob);
    finish(space, shape, target, knob.warps * kWarpThreads, amounts);
    if (in_f32) {
        space.work.fma = amounts.macs + amounts.cells * cell_arithmetic(shape);
    } else {
        space.work.tensor_macs = amounts.macs;
    }
    return space;
}

Space two_product_space(const RecurrentShape& shape, const Target& target) {
    const bool in_f32 = in_f32_arithmetic(shape.workload);
    const HeadShape head = head_of(shape), first = of_product(head, shape.first_gates),
                    second = of_product(head, shape.gates - shape.first_gates);
    return space_of_products(shape, target, two_product_counts(head, target, in_f32), [&](Model& m, const Knobs& knob) {
        return in_f32 ? two_product_fma_plan(m, knob, first, second, target)
                      : two_product_plan(m, knob, first, second, target);
    });
}

// The parts of a step of a cell whose h is projected: R takes in h, and what is projected are the units.
ProjectedHeads projected_heads(const RecurrentShape& shape) {
    const std::int64_t H = shape.workload.dim("H");
    HeadShape units = head_of(shape), of_h = units;
    const bool backward = is_backward(shape.workload);
    units.taken = H;
    units.pass.columns = 1;
    of_h.pass = {.backward = backward,
                 .rows = 1,
                 .columns = backward ? shape.gates : 1,
                 .elements_in = backward ? 1 : 0,
                 .floats_in = 0,
                 .elements_out = 1,
                 .floats_out = 0,
                 .integers_in = has_resets(shape.workload) && backward ? 1 : 0};
    of_h.S = 1;
    of_h.P = 0;
    of_h.D = H;
    return backward ? ProjectedHeads{of_h, units} : ProjectedHeads{units, of_h};
}

Space projected_space(const RecurrentShape& shape, const Target& target) {
    const bool in_f32 = in_f32_arithmetic(shape.workload);
    const ProjectedHeads heads = projected_heads(shape);
    TwoProductCounts counts = two_product_counts(heads.units(), target, in_f32);
    if (!in_f32) {
        counts.streamed_k = counted(0, std::max(heads.first.column_groups(), heads.second.column_groups()));
    }
    return space_of_products(shape, target, counts, [&](Model& m, const Knobs& knob) {
        return in_f32 ? projected_fma_plan(m, knob, heads, target) : projected_plan(m, knob, heads, target);
    });
}

// Threads have units of their own, and only what device memory delivers limits them.
Space elementwise_space(const RecurrentShape& shape, const Target& target) {
    const Workload& w = shape.workload;
    const Pass pass = amounts_of_pass(shape);
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
    m.variable("streamed_k", {0}, "there are no recurrent weights");
    m.variable("in_turn", {0}, "nothing is shared");
    define_sizes(m, w);
    Expr B = *m.find("B"), N = *m.find("N"), threads = warps * kWarpThreads;
    space.launch = {.grid_x = N * ceil_div(B * words, threads), .threads = threads};
    const std::int64_t inputs = pass.elements_in + width * pass.floats_in + pass.integers_in;
    const std::int64_t held = width * (2 * shape.states + 3 * shape.parameters + 3 * shape.gates);
    require_resources(space, target, Expr(0), prefetch * inputs + held + kOtherRegisters, threads);
    Expr cells = threads * width;
    space.work = {.steps = *m.find("T"),
                  .fma = cells * cell_arithmetic(shape),
                  .special = cells * shape.special_functions,
                  .l2_bytes = cells * pass.bytes(w.dtype),
                  .latency_cycles = kElementwiseLatency + ceil_div(Expr(kMemoryLatency), prefetch),
                  .device_bytes = device_bytes(shape)};
    return space;
}

}  // namespace

void require_f32_for_precision(Model& model, const Workload& workload) {
    model.require(Expr(workload.dtype == DType::f32 || tf32_terms(workload) == 0 ? 1 : 0) == 1,
                  "precision says how products of f32 are computed: only dtype=f32 has it");
}

Space recurrent_space(const RecurrentShape& shape, const Target& target) {
    if (!shape.product) {
        return elementwise_space(shape, target);
    }
    if (shape.projects) {
        return projected_space(shape, target);
    }
    if (shape.first_gates < shape.gates || shape.moments > 0) {
        return two_product_space(shape, target);
    }
    return in_f32_arithmetic(shape.workload) ? fma_space(shape, target) : tensor_core_space(shape, target);
}

}  // namespace warpsmith
