// How fast the emulator executes: thread-instructions and tensor-core multiply-adds per second on one core of the host,
// with checks off and on.
#include <benchmark/benchmark.h>

#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "device/emulator/launch.hpp"

namespace {

using namespace warpsmith::emulator;

const std::string kHeader = ".version 8.8\n.target sm_90a\n.address_size 64\n.shared .align 16 .b8 s[4096];\n";
const std::string kStart =
    ".entry k(.param .u64 p, .param .u32 n) {\n.reg .u64 %rd<9>; .reg .b32 %r<30>; .reg .f32 %f<30>; .reg .pred %p;\n"
    "ld.param.u64 %rd1, [p]; ld.param.u32 %r1, [n]; mov.u32 %r2, %tid.x; mov.u32 %r3, s; shl.b32 %r4, %r2, 2; add.u32 "
    "%r5, %r3, %r4; cvt.u64.u32 %rd2, %r4; add.u64 %rd2, %rd2, %rd1;\nLOOP:\n";
const std::string kEnd =
    "sub.u32 %r1, %r1, 1; setp.ne.u32 %p, %r1, 0; @%p bra LOOP;\nst.global.f32 [%rd2], %f1; st.global.b32 [%rd2], "
    "%r6;\nret;\n}\n";

// Integer and floating-point arithmetic in registers.
const std::string kArithmetic =
    "fma.rn.f32 %f1, %f1, %f2, %f3; mad.lo.u32 %r6, %r6, 1664525, 1013904223; shr.u32 %r7, %r6, 13; xor.b32 %r6, %r6, "
    "%r7; mul.f32 %f4, %f1, 0f3F000000; add.f32 %f3, %f3, %f4; min.f32 %f2, %f2, %f1; add.u32 %r8, %r8, %r1; shl.b32 "
    "%r9, %r6, 3; and.b32 %r8, %r8, %r9;\n";

// What a tile of a matrix product does: two shared loads for each multiply-add, barriers, loads from global memory.
const std::string kMemory =
    "ld.global.f32 %f5, [%rd2]; bar.sync 0; st.shared.f32 [%r5], %f5; bar.sync 0;\n"
    "ld.shared.f32 %f2, [%r5]; ld.shared.f32 %f3, [s+64]; fma.rn.f32 %f1, %f2, %f3, %f1; add.u32 %r6, %r6, 1;\n"
    "ld.shared.f32 %f6, [%r5]; ld.shared.f32 %f7, [s+128]; fma.rn.f32 %f1, %f6, %f7, %f1; add.u32 %r7, %r7, %r6;\n"
    "ld.shared.f32 %f6, [%r5]; ld.shared.f32 %f7, [s+192]; fma.rn.f32 %f1, %f6, %f7, %f1; xor.b32 %r7, %r7, %r6;\n";

const std::string kTensor =
    "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%f1,%f2,%f3,%f4}, {%r6,%r7,%r8,%r9}, {%r10,%r11}, "
    "{%f1,%f2,%f3,%f4};\n"
    "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%f5,%f6,%f7,%f8}, {%r6,%r7,%r8,%r9}, {%r10,%r11}, "
    "{%f5,%f6,%f7,%f8};\n";

// Exponentials and hyperbolic tangents, as in the gates of a recurrent cell.
const std::string kSpecial =
    "tanh.approx.f32 %f1, %f1; ex2.approx.ftz.f32 %f2, %f1; add.f32 %f2, %f2, 0f3F800000; rcp.approx.f32 %f1, %f2;\n";

void run(benchmark::State& state, const std::string& body) {
    const Module module = Module::parse(kHeader + kStart + body + kEnd);
    Memory memory;
    const std::vector<std::byte> zeros(4096);
    const std::uint64_t buffer = memory.allocate(zeros.size());
    memory.write(buffer, zeros);
    std::byte parameters[12];
    const std::uint32_t steps = 2000;
    std::memcpy(parameters, &buffer, sizeof(buffer));
    std::memcpy(parameters + sizeof(buffer), &steps, sizeof(steps));
    const LaunchConfig config{.block = {256, 1, 1}, .checks = state.range(0) != 0 ? kAllChecks : Checks{}};
    double instructions = 0, macs = 0;
    for (auto _ : state) {
        const LaunchResult result = launch(module, "k", config, parameters, memory);
        if (!result.completed || !result.findings.empty()) {
            throw std::runtime_error("a benchmark kernel went wrong");
        }
        instructions += static_cast<double>(result.counts.all.threads);
        macs += static_cast<double>(result.counts.tensor_macs);
    }
    state.SetLabel(state.range(0) != 0 ? "all checks" : "no checks");
    state.counters["thread_instructions/s"] = benchmark::Counter(instructions, benchmark::Counter::kIsRate);
    if (macs > 0) {
        state.counters["MAC/s"] = benchmark::Counter(macs, benchmark::Counter::kIsRate);
    }
}

void arithmetic(benchmark::State& state) {
    run(state, kArithmetic);
}
void memory(benchmark::State& state) {
    run(state, kMemory);
}
void tensor(benchmark::State& state) {
    run(state, kTensor);
}
void special(benchmark::State& state) {
    run(state, kSpecial);
}

BENCHMARK(arithmetic)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(memory)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(tensor)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(special)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
