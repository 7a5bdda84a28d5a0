#include <algorithm>

#include "templates/family.hpp"
#include "templates/occupancy.hpp"
#include "templates/random_inputs.hpp"

namespace warpsmith {
namespace {

// Cycles, on Hopper, of a load from device memory with its address arithmetic (Luo et al. 2024, arXiv 2402.13499, give
// 479 for the access alone), of the exchange through shared memory, and of a dependent multiply-add.
constexpr std::int64_t kMemoryLatency = 700;
constexpr std::int64_t kExchangeLatency = 80;
constexpr std::int64_t kFmaLatency = 4;

// Registers that the tile of a and b does not account for.
constexpr std::int64_t kOtherRegisters = 32;

// Without opting in, a block has 48 KiB of static shared memory (CUDA C++ Programming Guide, compute capabilities).
constexpr std::int64_t kStaticSmem = 49'152;

std::vector<TensorSpec> tensors(const Workload& w) {
    std::int64_t T = w.dim("T"), B = w.dim("B"), D = w.dim("D");
    return {{"a", Role::input, w.dtype, "B,T,D", {B, T, D}},
            {"b", Role::input, w.dtype, "B,T,D", {B, T, D}},
            {"h0", Role::input, w.dtype, "B,D", {B, D}},
            {"h", Role::output, w.dtype, "B,T,D", {B, T, D}}};
}

Space space(const Workload& w, const Target& target) {
    std::int64_t D = w.dim("D");
    auto element = static_cast<std::int64_t>(size_bytes(w.dtype));
    Space space;
    Model& m = space.model;
    Expr lanes = m.variable("lanes", {8, 16, 32, 64, 128}, "threads along the channels");
    Expr segments = m.variable("segments", {1, 2, 4, 8, 16, 32}, "threads along time");
    Expr steps = m.variable("steps", {2, 4, 8, 16}, "time steps per thread and tile");
    Expr vector = m.variable("vector", {1, 2, 4, 8}, "neighbouring channels per thread");
    Expr T = m.define("T", w.dim("T")), B = m.define("B", w.dim("B"));
    Expr threads = m.define("threads", lanes * segments);
    Expr smem = 2 * segments * lanes * vector * 8;
    m.require(threads % 32 == 0 && threads >= 64, "a block has whole warps, at least two");
    m.require(D % vector == 0, "neighbouring channels of one thread never straddle two time steps");
    m.require(vector * element <= 16, "one instruction moves at most 16 bytes per thread");
    m.require(lanes * vector <= round_up(D, Expr(8)), "a block takes no more channels than there are");
    m.require(lanes * vector * element >= 32 || lanes * vector >= D, "a row of a tile fills whole 32-byte sectors");
    m.require(smem <= kStaticSmem, "the maps of a tile fit in static shared memory, twice");
    require_resident(m, target,
                     {.threads = threads,
                      .registers = steps * vector * ceil_div(2 * element, Expr(4)) + 4 * vector + kOtherRegisters,
                      .smem_bytes = smem,
                      .register_reason = "the steps of a thread fit in its registers",
                      .smem_reason = "the maps of a tile fit in the shared memory of a block, twice"});
    space.launch = {.grid_x = ceil_div(Expr(D), lanes * vector), .grid_y = B, .threads = threads};
    Expr own = threads * vector;
    space.work = {.steps = ceil_div(T, segments * steps),
                  .fma = own * (steps * 8 + segments * 4),
                  .shared_bytes = own * 8 * (segments + 1),
                  .l2_bytes = own * steps * 3 * element,
                  .latency_cycles = kMemoryLatency + kExchangeLatency + (2 * steps + segments * vector) * kFmaLatency,
                  .device_bytes = Expr(w.dim("B")) * w.dim("T") * D * 3 * element};
    return space;
}

// a in [0.5, 1): decays, as gates are; the state stays of order one.
Tensors inputs(const Workload& w, std::uint64_t seed) {
    std::vector<TensorSpec> specs = tensors(w);
    return {random_tensor(specs[0], 0.5, 1.0, seed), random_tensor(specs[1], -1.0, 1.0, seed),
            random_tensor(specs[2], -1.0, 1.0, seed)};
}

Tensors reference(const Workload& w, const Tensors& in, Precision precision) {
    std::int64_t T = w.dim("T"), B = w.dim("B"), D = w.dim("D");
    const std::vector<double>&a = find(in, "a").values, &b = find(in, "b").values, &h0 = find(in, "h0").values;
    bool reverse = w.option("direction") == "reverse";
    Tensor h{tensors(w)[3], std::vector<double>(static_cast<std::size_t>(B * T * D))};
    for (std::int64_t row = 0; row < B * D; ++row) {
        double state = h0[static_cast<std::size_t>(row)];
        for (std::int64_t step = 0; step < T; ++step) {
            std::int64_t t = reverse ? T - 1 - step : step;
            auto i = static_cast<std::size_t>((row / D * T + t) * D + row % D);
            state = precision.store(precision.store(a[i] * state) + b[i]);
            h.values[i] = state;
        }
    }
    return {h};
}

// Two tiles and a part of one for every configuration; two sequences.
Workload reduced(Workload w) {
    w.dims["T"] = std::min<std::int64_t>(w.dims["T"], 2 * 32 * 16 + 37);
    w.dims["B"] = std::min<std::int64_t>(w.dims["B"], 2);
    return w;
}

}  // namespace

Family scan_family() {
    return {
        .name = "scan",
        .summary = "first-order linear recurrence h_t = a_t h_(t-1) + b_t per channel",
        .dimensions = {{"T", Binding::runtime, "time steps"},
                       {"B", Binding::runtime, "sequences in the batch"},
                       {"D", Binding::fixed, "channels"}},
        .dtypes = {DType::f32, DType::bf16, DType::f16},
        .options = {{"direction", {"forward", "reverse"}, "from the first step to the last, or back"}},
        .gates = {},
        .config_struct = "ScanConfig",
        .entry =
            [](const Workload& w) {
                bool reverse = w.option("direction") == "reverse";
                return Entry{"scan/kernel.cuh",
                             "scan_forward",
                             {std::string(cuda_type(w.dtype)), std::to_string(w.dim("D")), reverse ? "true" : "false"}};
            },
        .space = space,
        .tensors = tensors,
        .parameters =
            [](const Workload&) {
                return std::vector<Parameter>{"a", "b", "h0", "h", DimensionParameter{"B"}, DimensionParameter{"T"}};
            },
        .inputs = inputs,
        .reference = reference,
        .reduced = reduced,
        .cases = ""};
}

}  // namespace warpsmith
