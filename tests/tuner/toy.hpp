// A family, a compiler and a device that need no toolkit: y = 2 x, computed on the host, and made to go wrong at will.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "device/device.hpp"
#include "templates/family.hpp"
#include "templates/source_files.hpp"

namespace warpsmith {

// "toy D=8 T=100 dtype=bf16": T rows, passed at launch, of D, compiled in. Its kernel takes x, y, T and the factor 2.
// Its space is threads in {32, 64} times items in {1, 2, 4}; the model finds more items faster and threads of no
// account.
Family toy_family();
std::vector<SourceFile> toy_sources();
Workload toy_workload(std::int64_t T = 100, std::int64_t D = 8);
Target toy_target();  // 4 SMs

// What a kernel does besides or instead of its work.
enum class Mischief : std::uint8_t {
    wrong_value,       // adds 1 to the last element
    not_a_number,      // makes the last element a NaN
    unwritten,         // leaves the last element as it was
    writes_before,     // the four bytes in front of y; the emulator finds it
    writes_behind,     // the four bytes behind y, likewise
    writes_input,      // the first element of x
    faults,            // and so does all that is asked of the device from then on
    refuses_to_load,   // the device does not take the kernel
    hangs,             // for ever; this and the next take the process with them
    aborts,            //
    segfaults,         //
    exits,             // with code 3, without a word
    fills_memory,      // until there is none left
    hangs_when_timed,  // on a device that measures
    hangs_third_time,  // likewise: at the third launch of all
};

// How kernels of given configurations behave, by their text ("threads=32 items=4"), and what was done with them.
struct ToyWorld {
    std::map<std::string, Mischief> mischief;
    std::map<std::string, double> microseconds;               // of a device that measures; 10 where nothing is said
    std::map<std::string, std::vector<double>> cold_samples;  // likewise, over and over again
    std::optional<GpuState> gpu_state;
    std::map<std::string, Resources> resources;        // what the compiler reports; 32 registers where nothing is said
    std::map<std::string, std::string> errors;         // of those that do not compile, its log
    std::map<std::string, Mischief> compiler;          // what the compiler does instead of compiling, of those five
    std::size_t memory_bytes = std::size_t{1} << 30U;  // of a device
    std::function<void()> on_compile = [] {};          // called by the thread that compiles
    std::function<void(const std::string& deed)> on_deed = [](const std::string&) {};  // "compile threads=32 items=4"

    std::atomic<bool> faulted = false;  // some kernel has
    std::atomic<int> compiled = 0, devices = 0, launches = 0;
    std::vector<std::int64_t> launched_T;  // of every launch; to be read when all devices are at rest
};

Compiled toy_compile(ToyWorld& world, const Source& source);

// An emulator, or a GPU called "toy GPU" that measures what world.microseconds says.
std::unique_ptr<Device> toy_device(ToyWorld& world, bool measures);

}  // namespace warpsmith
