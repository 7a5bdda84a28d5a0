#include "tests/tuner/toy.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <mutex>
#include <thread>

#include "generator/source.hpp"
#include "solver/error.hpp"

namespace warpsmith {
namespace {

constexpr std::int64_t kThreads[] = {32, 64}, kItems[] = {1, 2, 4};

// The one whose name expression the compiler was given stands in the PTX.
std::string config_in(const std::string& text) {
    for (std::int64_t threads : kThreads) {
        for (std::int64_t items : kItems) {
            Config config{{{"threads", threads}, {"items", items}}};
            if (text == name_expression({"toy/kernel.cuh", "toy", {}}, "ToyConfig", config)) {
                return config.key();
            }
        }
    }
    return "";
}

// Nothing where it is not of the kind that takes the process with it.
void take_the_process(Mischief mischief) {
    if (mischief == Mischief::hangs) {
        while (true) {
            std::this_thread::sleep_for(std::chrono::seconds(1));
        }
    }
    if (mischief == Mischief::aborts) {
        std::fputs("toy: no way to go on\n", stderr);
        std::abort();
    }
    if (mischief == Mischief::segfaults) {
        std::signal(SIGSEGV, SIG_DFL);
        std::raise(SIGSEGV);
    }
    if (mischief == Mischief::exits) {
        std::_Exit(3);
    }
    if (mischief == Mischief::fills_memory) {
        for (std::vector<std::string> all;;) {
            all.emplace_back(std::size_t{1} << 24U, 'x');
        }
    }
}

Space toy_space(const Workload& workload) {
    Space space;
    Expr threads = space.model.variable("threads", {kThreads, kThreads + 2});
    Expr items = space.model.variable("items", {kItems, kItems + 3});
    space.model.require(threads * items <= 8192 / workload.dim("D"), "a block's rows fit into its shared memory");
    space.launch = {.grid_x = 4, .threads = threads};
    space.work.latency_cycles = 100'000 / items;
    return space;
}

class ToyDevice : public Device {
  public:
    ToyDevice(ToyWorld& world, bool measures) : world_(world), measures_(measures) { ++world.devices; }

    std::string name() const override { return measures_ ? "toy GPU" : "emulator"; }
    bool measures() const override { return measures_; }
    std::string driver() const override { return measures_ ? "1.0" : ""; }

    ByValue encode_tensor_map(const TensorTile&) override { return {}; }
    Buffer allocate(std::size_t bytes) override {
        check();
        if (bytes > world_.memory_bytes) {
            throw Error("allocating: out of memory");
        }
        std::uint64_t address =
            memory_.empty() ? 4096 : memory_.rbegin()->first + memory_.rbegin()->second.size() + 4096;
        memory_[address].resize(bytes);
        return {address, bytes};
    }
    void release(Buffer buffer) override {
        check();
        memory_.erase(buffer.address);
    }
    void write(Buffer buffer, std::span<const std::byte> bytes) override {
        check();
        std::copy(bytes.begin(), bytes.end(), at(buffer.address));
    }
    void read(Buffer buffer, std::span<std::byte> bytes) override {
        check();
        std::copy_n(at(buffer.address), bytes.size(), bytes.data());
    }

    std::unique_ptr<Kernel> load(const Compiled& compiled) override;
    std::vector<double> time(Kernel& kernel, const LaunchShape& shape, std::span<const KernelArgument> arguments,
                             Timing timing, int samples) override;

    std::optional<GpuState> state() const override { return world_.gpu_state; }

    LaunchOutcome run(const std::string& config, std::span<const KernelArgument> arguments);

  private:
    void check() const {
        if (broken_) {
            throw Error("using the toy device: a kernel has faulted on it; make another");
        }
    }
    std::byte* at(std::uint64_t address) {
        auto block = std::prev(memory_.upper_bound(address));
        return block->second.data() + (address - block->first);
    }
    LaunchOutcome misbehave(Mischief mischief, Buffer x, Buffer y);

    ToyWorld& world_;
    bool measures_;
    bool broken_ = false;
    int launches_ = 0;  // of kernels that hang the third time
    std::map<std::uint64_t, std::vector<std::byte>> memory_;
};

class ToyKernel : public Kernel {
  public:
    ToyKernel(ToyDevice& device, std::string config) : device_(device), config_(std::move(config)) {}
    LaunchOutcome launch(const LaunchShape& /*shape*/, std::span<const KernelArgument> arguments) override {
        return device_.run(config_, arguments);
    }
    const std::string& config() const { return config_; }

  private:
    ToyDevice& device_;
    std::string config_;
};

std::unique_ptr<Kernel> ToyDevice::load(const Compiled& compiled) {
    check();
    std::string config = config_in(compiled.ptx);
    auto found = world_.mischief.find(config);
    if (found != world_.mischief.end() && found->second == Mischief::refuses_to_load) {
        throw Error("loading a kernel: the toy device does not like it; try another");
    }
    return std::make_unique<ToyKernel>(*this, config);
}

LaunchOutcome ToyDevice::run(const std::string& config, std::span<const KernelArgument> arguments) {
    check();
    static std::mutex mutex;  // several devices run at once and write to one world
    {
        std::lock_guard lock(mutex);
        ++world_.launches;
        world_.launched_T.push_back(std::get<std::int32_t>(arguments[2]));
        world_.on_deed("launch " + config);
    }
    Buffer x = std::get<Buffer>(arguments[0]), y = std::get<Buffer>(arguments[1]);
    std::vector<double> values = decode({at(x.address), x.bytes}, DType::bf16);
    for (double& value : values) {
        value *= static_cast<double>(std::get<float>(arguments[3]));
    }
    std::vector<std::byte> result = encode(values, DType::bf16);
    std::copy(result.begin(), result.end(), at(y.address));
    auto found = world_.mischief.find(config);
    if (found == world_.mischief.end()) {
        return {};
    }
    take_the_process(found->second);
    return misbehave(found->second, x, y);
}

LaunchOutcome ToyDevice::misbehave(Mischief mischief, Buffer x, Buffer y) {
    if (!measures_ && (mischief == Mischief::writes_before || mischief == Mischief::writes_behind)) {
        return {.findings = {{.kind = "out_of_bounds", .file = "toy/kernel.cuh", .line = 7, .message = "beside y"}}};
    }
    std::byte* last = at(y.address) + y.bytes - 2;
    std::vector<std::byte> better = encode(std::vector{decode({last, 2}, DType::bf16)[0] + 1}, DType::bf16);
    std::vector<std::byte> nan = encode(std::vector{std::numeric_limits<double>::quiet_NaN()}, DType::bf16);
    const std::map<Mischief, std::function<void()>> acts = {
        {Mischief::wrong_value, [&] { std::copy(better.begin(), better.end(), last); }},
        {Mischief::not_a_number, [&] { std::copy(nan.begin(), nan.end(), last); }},
        {Mischief::unwritten, [&] { std::fill_n(last, 2, std::byte{0xFF}); }},
        {Mischief::writes_before, [&] { std::fill_n(at(y.address) - 4, 4, std::byte{0}); }},
        {Mischief::writes_behind, [&] { std::fill_n(at(y.address) + y.bytes, 4, std::byte{0}); }},
        {Mischief::writes_input, [&] { *at(x.address) ^= std::byte{1}; }},
        {Mischief::faults, [&] { world_.faulted = broken_ = true; }},
        {Mischief::hangs_when_timed, [] {}},
        {Mischief::hangs_third_time,
         [&] {
             if (++launches_ == 3) {
                 take_the_process(Mischief::hangs);
             }
         }},
    };
    acts.at(mischief)();
    return {.error = broken_ ? "an illegal memory access was encountered" : ""};
}

std::vector<double> ToyDevice::time(Kernel& kernel, const LaunchShape& /*shape*/,
                                    std::span<const KernelArgument> arguments, Timing timing, int samples) {
    const std::string& config = dynamic_cast<ToyKernel&>(kernel).config();
    run(config, arguments);
    if (auto mischief = world_.mischief.find(config);
        mischief != world_.mischief.end() && mischief->second == Mischief::hangs_when_timed) {
        take_the_process(Mischief::hangs);
    }
    if (auto told = world_.cold_samples.find(config); told != world_.cold_samples.end() && timing == Timing::cold) {
        std::vector<double> taken;
        for (std::size_t i = 0; i < static_cast<std::size_t>(samples); ++i) {
            taken.push_back(told->second[i % told->second.size()]);
        }
        return taken;
    }
    auto found = world_.microseconds.find(config);
    double microseconds = found == world_.microseconds.end() ? 10 : found->second;
    return std::vector<double>(static_cast<std::size_t>(samples),
                               timing == Timing::cold ? microseconds : microseconds - 1);
}

}  // namespace

Family toy_family() {
    Family family{.name = "toy",
                  .summary = "y = 2 x",
                  .dimensions = {{"D", Binding::fixed, "columns"}, {"T", Binding::runtime, "rows"}},
                  .dtypes = {DType::bf16},
                  .config_struct = "ToyConfig"};
    family.entry = [](const Workload&) { return Entry{"toy/kernel.cuh", "toy", {}}; };
    family.space = [](const Workload& workload, const Target&) { return toy_space(workload); };
    family.tensors = [](const Workload& workload) {
        std::vector<std::int64_t> shape = {workload.dim("T"), workload.dim("D")};
        return std::vector<TensorSpec>{{"x", Role::input, DType::bf16, "T,D", shape},
                                       {"y", Role::output, DType::bf16, "T,D", shape}};
    };
    family.parameters = [](const Workload&) {
        return std::vector<Parameter>{"x", "y", DimensionParameter{"T"}, NumberParameter{"factor", 2.0F}};
    };
    family.inputs = [](const Workload& workload, std::uint64_t seed) {
        Tensor x{.spec = toy_family().tensors(workload)[0]};
        for (std::int64_t i = 0; i < x.spec.elements(); ++i) {
            x.values.push_back(static_cast<double>((i + static_cast<std::int64_t>(seed)) % 7));
        }
        return Tensors{x};
    };
    family.reference = [](const Workload& workload, const Tensors& inputs, Precision precision) {
        Tensor y{.spec = toy_family().tensors(workload)[1]};
        for (double value : find(inputs, "x").values) {
            y.values.push_back(precision.store(2 * value));
        }
        return Tensors{y};
    };
    family.reduced = [](const Workload& workload) { return toy_workload(3, workload.dim("D")); };
    return family;
}

std::vector<SourceFile> toy_sources() {
    return {{"toy/kernel.cuh", "struct ToyConfig { int threads, items; };\n"}};
}

Workload toy_workload(std::int64_t T, std::int64_t D) {
    return {.family = "toy", .dims = {{"D", D}, {"T", T}}, .dtype = DType::bf16};
}

Target toy_target() {
    Target target = find_target("h200");
    target.sms = 4;
    return target;
}

Compiled toy_compile(ToyWorld& world, const Source& source) {
    ++world.compiled;
    world.on_compile();
    std::string config = config_in(source.name_expression);
    world.on_deed("compile " + config);
    if (auto mischief = world.compiler.find(config); mischief != world.compiler.end()) {
        take_the_process(mischief->second);
    }
    Compiled compiled{.ok = true, .digest = source.digest, .toolkit = "13.0", .ptx = source.name_expression};
    auto resources = world.resources.find(config);
    compiled.resources = resources == world.resources.end() ? Resources{.registers = 32} : resources->second;
    auto error = world.errors.find(config);
    if (error != world.errors.end()) {
        compiled.ok = false;
        compiled.log = error->second;
    }
    return compiled;
}

std::unique_ptr<Device> toy_device(ToyWorld& world, bool measures) {
    return std::make_unique<ToyDevice>(world, measures);
}

}  // namespace warpsmith
