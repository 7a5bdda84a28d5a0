#include "device/gpu_monitor.hpp"

#include <array>

#include "generator/shared_library.hpp"
#include "solver/error.hpp"

namespace warpsmith {
namespace {

// As NVML's reference manual has them. Its header is no part of the toolkit's wheels, and its interface is kept.
using NvmlResult = int;
constexpr NvmlResult kSuccess = 0;
constexpr unsigned kSmClock = 1;
constexpr unsigned kMemoryClock = 2;
constexpr unsigned kTemperatureOfTheGpu = 0;
struct NvmlProcess {  // nvmlProcessInfo_t, of the functions with _v3
    unsigned pid;
    unsigned long long memory;
    unsigned gpu_instance, compute_instance;
};

struct Reason {
    unsigned long long bit;
    const char* words;
};
constexpr Reason kReasons[] = {{0x2, "the clocks that applications asked for"},
                               {0x4, "the power limit"},
                               {0x8, "the hardware's slowdown"},
                               {0x10, "the other GPUs of its group"},
                               {0x20, "its temperature"},
                               {0x40, "its temperature, by the hardware"},
                               {0x80, "the power supply"},
                               {0x100, "the display's clock"}};

constexpr std::size_t kMostProcesses = 256;

}  // namespace

struct GpuMonitor::Library {
    explicit Library(const std::string& path) : library(path) {}

    SharedLibrary library;
    NvmlResult (*init)() = library["nvmlInit_v2"];
    NvmlResult (*shutdown)() = library["nvmlShutdown"];
    NvmlResult (*find)(const char*, void**) = library["nvmlDeviceGetHandleByPciBusId_v2"];
    NvmlResult (*clock)(void*, unsigned, unsigned*) = library["nvmlDeviceGetClockInfo"];
    NvmlResult (*temperature)(void*, unsigned, unsigned*) = library["nvmlDeviceGetTemperature"];
    NvmlResult (*reasons)(void*, unsigned long long*) = library["nvmlDeviceGetCurrentClocksThrottleReasons"];
    NvmlResult (*processes)(void*, unsigned*, void*) = library["nvmlDeviceGetComputeRunningProcesses_v3"];
};

std::unique_ptr<const GpuMonitor> GpuMonitor::open(const std::string& pci_address, const std::string& library) {
    try {
        auto nvml = std::make_unique<const Library>(library);
        if (nvml->init() != kSuccess) {
            return nullptr;
        }
        void* gpu = nullptr;
        if (nvml->find(pci_address.c_str(), &gpu) != kSuccess) {
            nvml->shutdown();
            return nullptr;
        }
        return std::unique_ptr<const GpuMonitor>(new GpuMonitor(std::move(nvml), gpu));
    } catch (const Error&) {  // the library is not there
        return nullptr;
    }
}

GpuMonitor::GpuMonitor(std::unique_ptr<const Library> library, void* gpu) : library_(std::move(library)), gpu_(gpu) {}

GpuMonitor::~GpuMonitor() {
    library_->shutdown();
}

GpuState GpuMonitor::read() const {
    GpuState state;
    const auto ask = [&](NvmlResult (*function)(void*, unsigned, unsigned*), unsigned which) {
        unsigned value = 0;
        return function(gpu_, which, &value) == kSuccess ? value : 0;
    };
    state.sm_mhz = ask(library_->clock, kSmClock);
    state.memory_mhz = ask(library_->clock, kMemoryClock);
    state.celsius = ask(library_->temperature, kTemperatureOfTheGpu);
    unsigned long long reasons = 0;
    if (library_->reasons(gpu_, &reasons) == kSuccess) {
        for (const Reason& reason : kReasons) {
            if ((reasons & reason.bit) != 0) {
                state.slowed_by.emplace_back(reason.words);
            }
        }
    }
    std::array<NvmlProcess, kMostProcesses> processes{};
    unsigned count = processes.size();
    if (library_->processes(gpu_, &count, processes.data()) == kSuccess) {
        // This process is one of them, though in a container under a number that it does not know.
        state.other_processes = count == 0 ? 0 : count - 1;
    }
    return state;
}

}  // namespace warpsmith
