// A GPU behind the CUDA driver as a Device.
#include <algorithm>
#include <cmath>
#include <set>

#include "device/device.hpp"
#include "device/driver.hpp"
#include "device/driver_version.hpp"
#include "solver/error.hpp"

namespace warpsmith {
namespace {

using Context = std::shared_ptr<const GpuContext>;

// The driver wants a pointer to each parameter, which it copies; they point into `arguments`.
std::vector<void*> pointers_to(std::span<const KernelArgument> arguments) {
    std::vector<void*> pointers;
    for (const KernelArgument& argument : arguments) {
        pointers.push_back(const_cast<std::byte*>(bytes_of(argument).data()));
    }
    return pointers;
}

class GpuKernel : public Kernel {
  public:
    GpuKernel(Context context, const Compiled& compiled)
        : context_(std::move(context)), module_(context_->load_module(compiled.cubin)) {
        function_ = context_->find_function(module_, compiled.lowered_name);
    }
    ~GpuKernel() override { context_->unload_module(module_); }
    GpuKernel(const GpuKernel&) = delete;
    GpuKernel& operator=(const GpuKernel&) = delete;

    std::optional<Buffer> variable(const std::string& name) override { return context_->find_variable(module_, name); }

    LaunchOutcome launch(const LaunchShape& shape, std::span<const KernelArgument> arguments) override {
        std::string error = enqueue(shape, arguments);
        return {.error = error.empty() ? context_->wait() : error, .findings = {}};
    }

    std::string enqueue(const LaunchShape& shape, std::span<const KernelArgument> arguments) const {
        std::vector<void*> pointers = pointers_to(arguments);
        return context_->launch(function_, shape, pointers);
    }

  private:
    Context context_;
    void* module_;
    void* function_ = nullptr;
};

// Measures on the GPU what is enqueued between start and stop.
class Stopwatch {
  public:
    explicit Stopwatch(Context context) : context_(std::move(context)) {}
    ~Stopwatch() {
        context_->destroy_event(start_);
        context_->destroy_event(stop_);
    }
    Stopwatch(const Stopwatch&) = delete;
    Stopwatch& operator=(const Stopwatch&) = delete;

    void start() const { context_->record_event(start_); }
    void stop() const { context_->record_event(stop_); }
    double elapsed_us() const { return context_->elapsed_us(start_, stop_); }

  private:
    Context context_;
    void* start_ = context_->create_event();
    void* stop_ = context_->create_event();
};

// Memory of a GPU for as long as this lives.
class Scratch {
  public:
    Scratch(Context context, std::size_t bytes)
        : context_(std::move(context)), bytes_(bytes), address_(context_->allocate(bytes)) {}
    ~Scratch() { context_->release(address_); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    void clear() const { context_->clear(address_, bytes_); }

  private:
    Context context_;
    std::size_t bytes_;
    std::uint64_t address_;
};

// Events resolve half a microsecond (CUDA driver API, cuEventElapsedTime): to 0.1 % of this.
constexpr double kBatchUs = 500;
constexpr int kLargestBatch = 1000;

class Gpu : public Device {
  public:
    Gpu(const Driver& driver, const GpuDescription& description, const std::string& monitor_library)
        : description_(description),
          context_(std::make_shared<const GpuContext>(driver, 0)),
          monitor_(GpuMonitor::open(description.pci_address, monitor_library)) {}
    ~Gpu() override {
        for (const std::uint64_t address : allocated_) {
            context_->release(address);
        }
    }
    Gpu(const Gpu&) = delete;
    Gpu& operator=(const Gpu&) = delete;

    std::string name() const override { return description_.name; }
    bool measures() const override { return true; }
    std::string driver() const override { return driver_version(); }
    std::optional<GpuState> state() const override { return monitor_ ? std::optional(monitor_->read()) : std::nullopt; }

    Buffer allocate(std::size_t bytes) override {
        const std::uint64_t address = context_->allocate(bytes);
        allocated_.insert(address);
        return {.address = address, .bytes = bytes};
    }
    void release(Buffer buffer) override {
        allocated_.erase(buffer.address);
        context_->release(buffer.address);
    }
    void write(Buffer buffer, std::span<const std::byte> bytes) override { context_->write(buffer.address, bytes); }
    void read(Buffer buffer, std::span<std::byte> bytes) override { context_->read(buffer.address, bytes); }

    ByValue encode_tensor_map(const TensorTile& tile) override { return context_->encode_tensor_map(tile); }

    std::unique_ptr<Kernel> load(const Compiled& compiled) override {
        return std::make_unique<GpuKernel>(context_, compiled);
    }

    std::vector<double> time(Kernel& kernel, const LaunchShape& shape, std::span<const KernelArgument> arguments,
                             Timing timing, int samples) override {
        const auto& loaded = dynamic_cast<GpuKernel&>(kernel);
        const auto launch = [&] {
            if (const std::string error = loaded.enqueue(shape, arguments); !error.empty()) {
                throw Error("timing a kernel: " + error);
            }
        };
        const Stopwatch watch(context_);
        launch();  // the first launch loads code
        return timing == Timing::cold ? time_cold(watch, launch, samples) : time_batch(watch, launch, samples);
    }

  private:
    // Clearing twice the L2 leaves nothing of the kernel's data in it; and it takes longer than enqueueing the launch,
    // which therefore starts without a gap.
    template <class Launch>
    std::vector<double> time_cold(const Stopwatch& watch, const Launch& launch, int samples) const {
        const Scratch flush(context_, static_cast<std::size_t>(2 * description_.l2_bytes));
        std::vector<double> microseconds;
        microseconds.reserve(static_cast<std::size_t>(samples));
        for (int sample = 0; sample < samples; ++sample) {
            flush.clear();
            watch.start();
            launch();
            watch.stop();
            microseconds.push_back(watch.elapsed_us());
        }
        return microseconds;
    }

    template <class Launch>
    static std::vector<double> time_batch(const Stopwatch& watch, const Launch& launch, int samples) {
        const auto time_one = [&](int launches) {
            watch.start();
            for (int i = 0; i < launches; ++i) {
                launch();
            }
            watch.stop();
            return watch.elapsed_us() / launches;
        };
        const double estimate_us = std::max(time_one(1), 0.1);
        const int launches =
            static_cast<int>(std::clamp(std::ceil(kBatchUs / estimate_us), 1.0, double{kLargestBatch}));
        std::vector<double> microseconds;
        microseconds.reserve(static_cast<std::size_t>(samples));
        for (int sample = 0; sample < samples; ++sample) {
            microseconds.push_back(time_one(launches));
        }
        return microseconds;
    }

    GpuDescription description_;
    Context context_;
    std::unique_ptr<const GpuMonitor> monitor_;  // null where there is none
    std::set<std::uint64_t> allocated_;
};

}  // namespace

GpuStatus gpu_status(const std::string& driver_library) {
    GpuStatus status;
    try {
        for (const GpuDescription& gpu : Driver(driver_library).gpus()) {
            status.names.push_back(gpu.name);
        }
    } catch (const Error& error) {  // having no GPU is a fact to tell, not a failure
        status.message = error.what();
        return status;
    }
    status.usable = true;
    status.message = status.names.front();
    status.driver = driver_version();
    return status;
}

std::unique_ptr<Device> make_gpu(const std::string& driver_library, const std::string& monitor_library) {
    const Driver driver(driver_library);
    return std::make_unique<Gpu>(driver, driver.gpus().front(), monitor_library);
}

}  // namespace warpsmith
