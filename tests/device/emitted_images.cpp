// Emitted headers that carry compiled kernels: built by the host compiler as a user would, and launched through the
// CUDA runtime's functions, which here run them on the emulator.
#include <cuda_runtime_api.h>
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "device/device.hpp"
#include "device/emulator/module.hpp"
#include "generator/emit.hpp"
#include "generator/user_source.hpp"
#include "solver/search.hpp"

namespace warpsmith {
namespace {

namespace fs = std::filesystem;

// The part of the CUDA runtime that headers call, on the emulator. Devices are what their properties say.
struct EmulatedRuntime {
    std::unique_ptr<Device> device = make_emulator({.checks = Checks::all});
    std::vector<cudaDeviceProp> gpus;
    int current = 0;
    std::map<const void*, std::string> images;  // by library, which is its address
    struct LoadedFunction {
        std::string image, name;
        std::vector<emulator::Parameter> parameters;
        std::unique_ptr<Kernel> kernel;
    };
    std::vector<std::unique_ptr<LoadedFunction>> functions;
    std::map<const void*, int> smem_limits;
    std::vector<std::string> launched;  // names
    LaunchOutcome outcome;              // of the last launch
};
EmulatedRuntime* runtime = nullptr;

cudaDeviceProp gpu(const std::string& name, int major, int minor, int sms) {
    cudaDeviceProp properties{};
    name.copy(properties.name, sizeof properties.name - 1);
    properties.major = major;
    properties.minor = minor;
    properties.multiProcessorCount = sms;
    return properties;
}

}  // namespace
}  // namespace warpsmith

using warpsmith::runtime;

extern "C" {

__attribute__((visibility("default"))) cudaError_t cudaGetDevice(int* device) {
    *device = runtime->current;
    return cudaSuccess;
}

__attribute__((visibility("default"))) cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
    *properties = runtime->gpus.at(static_cast<std::size_t>(device));
    return cudaSuccess;
}

__attribute__((visibility("default"))) cudaError_t cudaLibraryLoadData(cudaLibrary_t* library, const void* code,
                                                                       cudaJitOption*, void**, unsigned,
                                                                       cudaLibraryOption*, void**, unsigned) {
    runtime->images[code] = static_cast<const char*>(code);
    *library = static_cast<cudaLibrary_t>(const_cast<void*>(code));
    return cudaSuccess;
}

__attribute__((visibility("default"))) cudaError_t cudaLibraryGetKernel(cudaKernel_t* kernel, cudaLibrary_t library,
                                                                        const char* name) {
    const std::string& image = runtime->images.at(library);
    const warpsmith::emulator::Module module = warpsmith::emulator::Module::parse(image);
    const warpsmith::emulator::Entry* const entry = module.find(name);
    if (entry == nullptr) {
        return cudaErrorSymbolNotFound;
    }
    warpsmith::Compiled compiled;
    compiled.ptx = image;
    compiled.lowered_name = name;
    runtime->functions.push_back(std::make_unique<warpsmith::EmulatedRuntime::LoadedFunction>(
        warpsmith::EmulatedRuntime::LoadedFunction{image, name, entry->parameters, runtime->device->load(compiled)}));
    *kernel = reinterpret_cast<cudaKernel_t>(runtime->functions.back().get());
    return cudaSuccess;
}

__attribute__((visibility("default"))) cudaError_t cudaLibraryGetGlobal(void** address, size_t* bytes,
                                                                        cudaLibrary_t library, const char* name) {
    for (const auto& function : runtime->functions) {
        const auto variable = function->image == runtime->images.at(library) ? function->kernel->variable(name)
                                                                             : std::optional<warpsmith::Buffer>();
        if (variable) {
            *address = reinterpret_cast<void*>(variable->address);
            *bytes = variable->bytes;
            return cudaSuccess;
        }
    }
    return cudaErrorSymbolNotFound;
}

// To a device from the host.
__attribute__((visibility("default"))) cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes,
                                                                   cudaMemcpyKind, cudaStream_t) {
    runtime->device->write({reinterpret_cast<std::uint64_t>(to), bytes},
                           std::span(static_cast<const std::byte*>(from), bytes));
    return cudaSuccess;
}

__attribute__((visibility("default"))) cudaError_t cudaFuncSetAttribute(const void* function, cudaFuncAttribute what,
                                                                        int value) {
    if (what == cudaFuncAttributeMaxDynamicSharedMemorySize) {
        runtime->smem_limits[function] = value;
    }
    return cudaSuccess;
}

__attribute__((visibility("default"))) cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t* config,
                                                                       const void* function, void** parameters) {
    const auto& loaded = *static_cast<const warpsmith::EmulatedRuntime::LoadedFunction*>(function);
    if (config->dynamicSmemBytes > 48 * 1024 &&
        runtime->smem_limits[function] < static_cast<int>(config->dynamicSmemBytes)) {
        return cudaErrorInvalidValue;
    }
    std::vector<warpsmith::KernelArgument> arguments;
    for (std::size_t i = 0; i < loaded.parameters.size(); ++i) {
        const auto* const bytes = static_cast<const std::byte*>(parameters[i]);
        arguments.emplace_back(warpsmith::ByValue{{bytes, bytes + loaded.parameters[i].bytes}});
    }
    runtime->launched.push_back(loaded.name);
    runtime->outcome = loaded.kernel->launch({.grid = {config->gridDim.x, config->gridDim.y, config->gridDim.z},
                                              .block = {config->blockDim.x, config->blockDim.y, config->blockDim.z},
                                              .cluster = config->numAttrs == 0 ? 1 : config->attrs[0].val.clusterDim.x,
                                              .smem_bytes = config->dynamicSmemBytes},
                                             arguments);
    return runtime->outcome.ok() ? cudaSuccess : cudaErrorLaunchFailure;
}

}  // extern "C"

namespace warpsmith {
namespace {

// A user's program, as a library.
constexpr const char* kProgram = R"(
#include "kernels.hpp"
#include "kernels.hpp"
namespace scan = warpsmith_kernels::scan_f32;

extern "C" const char* config_for(int T, int B, int D) {
    scan::Sizes sizes;
    sizes.T = T, sizes.B = B, sizes.D = D;
    const scan::Row* row = scan::find_row(sizes);
    return row == nullptr ? "none" : row->provenance;
}

extern "C" int run_scan(int T, int B, int D, const float* a, const float* b, const float* h0, float* h) {
    scan::Arguments arguments;
    arguments.sizes.T = T, arguments.sizes.B = B, arguments.sizes.D = D;
    arguments.a = a, arguments.b = b, arguments.h0 = h0, arguments.h = h;
    return scan::launch(arguments, nullptr);
}

extern "C" const char* first_image(unsigned long* bytes) {
    *bytes = sizeof warpsmith_kernels::image_0 - 1;
    return warpsmith_kernels::image_0;
}
)";

const Workload kLong = parse_workload("scan T=1000 B=2 D=64 dtype=f32", families());
const Workload kShort = parse_workload("scan T=20 B=2 D=64 dtype=f32", families());

class EmittedImagesTest : public testing::Test {
  protected:
    EmittedImagesTest() {
        emulated.gpus = {gpu("NVIDIA H200", 9, 0, 132), gpu("NVIDIA A100-SXM4-80GB", 8, 0, 108),
                         gpu("NVIDIA GeForce RTX 5090", 12, 0, 170), gpu("Tesla V100-SXM2-16GB", 7, 0, 80)};
        runtime = &emulated;
    }
    ~EmittedImagesTest() override {
        if (library != nullptr) {
            dlclose(library);
        }
        runtime = nullptr;
        fs::remove_all(folder);
    }

    // The nth configuration of the workload's space, compiled; its provenance says what the test calls it.
    TunedKernel tuned(const Workload& workload, const std::string& target, std::size_t nth, ImageKind kind,
                      const std::string& called) const {
        const Family& family = find_family(workload.family);
        TunedKernel kernel{.workload = workload, .config = {}, .target = find_target(target), .provenance = called};
        const Space space = family.space(workload, kernel.target);
        kernel.config = to_config(solve(space.model).at(nth), space);
        const Compiled compiled = compiler.compile(render(family, workload, kernel.config, kernel.target));
        EXPECT_TRUE(compiled.ok) << compiled.log;
        kernel.image = kind == ImageKind::ptx ? compiled.ptx : compiled.cubin;
        kernel.image_entry = compiled.lowered_name;
        return kernel;
    }

    void build(const std::vector<TunedKernel>& kernels, ImageKind kind) {
        build(emit_image_header(kernels, kind, "1.2.3"), kProgram);
    }

    void build(const std::string& header, const std::string& program) {
        fs::create_directories(folder);
        std::ofstream(folder / "kernels.hpp") << header;
        std::ofstream(folder / "program.cpp") << program;
        const std::string command = "c++ -std=c++17 -Wall -Wextra -Wconversion -Werror -shared -fPIC -isystem " +
                                    compiler.toolkit().include_directory + " -o " + (folder / "program.so").string() +
                                    " " + (folder / "program.cpp").string() + " >" + (folder / "output").string() +
                                    " 2>&1";
        const int status = std::system(command.c_str());
        std::ostringstream output;
        output << std::ifstream(folder / "output").rdbuf();
        ASSERT_EQ(status, 0) << command << "\n" << output.str();
        library = dlopen((folder / "program.so").c_str(), RTLD_NOW | RTLD_LOCAL);
        ASSERT_NE(library, nullptr) << dlerror();
    }

    template <class Function>
    Function* function(const char* name) const {
        return reinterpret_cast<Function*>(dlsym(library, name));
    }

    std::string config_on(int gpu, const Workload& workload) {
        emulated.current = gpu;
        return function<const char*(int, int, int)>("config_for")(static_cast<int>(workload.dim("T")), 2, 64);
    }

    EmulatedRuntime emulated;
    const Compiler compiler{find_toolkit(built_in_search())};
    const fs::path folder =  // of its own: a library that was opened stays
        fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
    void* library = nullptr;
};

TEST_F(EmittedImagesTest, AreLaunchedByACpp17ProgramOnTheGpuThatTheyWereTunedFor) {
    build({tuned(kLong, "h200", 0, ImageKind::ptx, "long on h200"),
           tuned(kLong, "a100", 1, ImageKind::ptx, "long on a100"),
           tuned(kShort, "h200", 2, ImageKind::ptx, "short on h200")},
          ImageKind::ptx);
    EXPECT_EQ(config_on(0, kLong), "long on h200");
    EXPECT_EQ(config_on(0, kShort), "short on h200");
    EXPECT_EQ(config_on(1, kLong), "long on a100");
    EXPECT_EQ(config_on(1, kShort), "long on a100");  // the nearest that it takes
    EXPECT_EQ(config_on(2, kLong), "long on a100");   // sm_80 goes on running, sm_90a does not
    EXPECT_EQ(config_on(3, kLong), "none");

    // h_t = h_(t-1) / 2 + 1 from 0: 2 - 2^-t.
    constexpr int T = 30, B = 2, D = 64;
    Device& device = *emulated.device;
    const auto buffer = [&](std::size_t count, float value) {
        const std::vector<float> values(count, value);
        const Buffer made = device.allocate(count * sizeof(float));
        device.write(made, std::as_bytes(std::span(values)));
        return made;
    };
    const auto pointer = [](Buffer made) { return reinterpret_cast<float*>(made.address); };
    const auto run = function<int(int, int, int, const float*, const float*, const float*, float*)>("run_scan");
    for (const int gpu : {0, 1}) {
        const Buffer h = buffer(B * T * D, -1);
        emulated.current = gpu;
        EXPECT_EQ(run(T, B, D, pointer(buffer(B * T * D, 0.5F)), pointer(buffer(B * T * D, 1)),
                      pointer(buffer(B * D, 0)), pointer(h)),
                  cudaSuccess)
            << emulated.outcome.error;
        std::vector<float> values(B * T * D);
        device.read(h, std::as_writable_bytes(std::span(values)));
        for (std::size_t t = 0; t < T; ++t) {
            EXPECT_FLOAT_EQ(values[t * D], 2 - std::exp2(-static_cast<float>(t))) << "step " << t << " on " << gpu;
        }
    }
    EXPECT_EQ(emulated.launched.size(), 2U);
    EXPECT_NE(emulated.launched.at(0), emulated.launched.at(1));
    emulated.current = 3;
    EXPECT_EQ(run(T, B, D, nullptr, nullptr, nullptr, nullptr), cudaErrorInvalidValue);
}

TEST_F(EmittedImagesTest, LaunchAKernelOfTheUsersOwnWithABlockOfThreeAxes) {
    const Compiled compiled = compiler.compile(
        user_source(UserFile{.path = "mark.cu",
                             .text = "extern \"C\" __global__ void mark(int* seen, const int* wanted, int step) {\n"
                                     "  extern __shared__ int one[];\n"
                                     "  const int i = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + "
                                     "threadIdx.x;\n"
                                     "  if (i == 0) one[0] = wanted[0];\n"
                                     "  __syncthreads();\n"
                                     "  seen[(blockIdx.x * blockDim.z * blockDim.y * blockDim.x + i) * step] = "
                                     "one[0] + i;\n}\n"},
                    "mark", "sm_90a", compiler.toolkit().include_directory));
    ASSERT_TRUE(compiled.ok) << compiled.log;
    const TunedOwnKernel own{.name = "own_mark",
                             .workload = "t1:mark input=1",
                             .config = "ITEMS=1",
                             .target = find_target("h200"),
                             .provenance = "as the test says",
                             .parameters = {{"int*", "seen"}, {"const int*", "wanted"}, {"int", "step"}},
                             .grid = {2, 1, 1},
                             .block = {4, 3, 2},
                             .smem_bytes = 4,
                             .image = compiled.ptx,
                             .image_entry = compiled.lowered_name};
    build(emit_image_header({}, ImageKind::ptx, "1.2.3", families(), std::span(&own, 1)), R"(
#include "kernels.hpp"
namespace mark = warpsmith_kernels::own_mark;
extern "C" const char* config() { return mark::find_row() == nullptr ? "none" : mark::find_row()->config; }
extern "C" int run(int* seen, const int* wanted) {
    mark::Arguments arguments;
    arguments.seen = seen, arguments.wanted = wanted, arguments.step = 2;
    return mark::launch(arguments, nullptr);
}
)");
    Device& device = *emulated.device;
    const Buffer seen = device.allocate(48 * 2 * sizeof(int));
    const Buffer wanted = device.allocate(sizeof(int));
    const int hundred = 100;
    device.write(wanted, std::as_bytes(std::span(&hundred, 1)));
    device.write(seen, std::vector<std::byte>(seen.bytes));
    EXPECT_STREQ(function<const char*()>("config")(), "ITEMS=1");
    ASSERT_EQ(function<int(int*, const int*)>("run")(reinterpret_cast<int*>(seen.address),
                                                     reinterpret_cast<const int*>(wanted.address)),
              cudaSuccess)
        << emulated.outcome.error;
    std::vector<int> values(96);
    device.read(seen, std::as_writable_bytes(std::span(values)));
    for (int i = 0; i < 48; ++i) {
        EXPECT_EQ(values[static_cast<std::size_t>(i) * 2], 100 + i % 24) << i;
        EXPECT_EQ(values[static_cast<std::size_t>(i) * 2 + 1], 0) << i;
    }
    emulated.current = 1;
    EXPECT_STREQ(function<const char*()>("config")(), "none");
}

TEST_F(EmittedImagesTest, FillTheConstantMemoryOfAKernelOfTheUsersOwn) {
    const Compiled compiled = compiler.compile(
        user_source(UserFile{.path = "pick.cu",
                             .text = "__constant__ int table[3];\n"
                                     "extern \"C\" __global__ void pick(int* y) { *y = 10 * table[0] + table[2]; }\n"},
                    "pick", "sm_90a", compiler.toolkit().include_directory));
    ASSERT_TRUE(compiled.ok) << compiled.log;
    const TunedOwnKernel own{.name = "own_pick",
                             .workload = "t1:pick",
                             .config = "ITEMS=1",
                             .target = find_target("h200"),
                             .provenance = "as the test says",
                             .parameters = {{"int*", "y"}},
                             .symbols = {{"table", {"const int*", "table"}}},
                             .image = compiled.ptx,
                             .image_entry = compiled.lowered_name};
    build(emit_image_header({}, ImageKind::ptx, "1.2.3", families(), std::span(&own, 1)), R"(
#include "kernels.hpp"
extern "C" int run(int* y, const int* table) {
    warpsmith_kernels::own_pick::Arguments arguments;
    arguments.y = y, arguments.table = table;
    return warpsmith_kernels::own_pick::launch(arguments, nullptr);
}
)");
    const Buffer y = emulated.device->allocate(sizeof(int));
    const auto picked = [&](const int* table) {
        EXPECT_EQ(function<int(int*, const int*)>("run")(reinterpret_cast<int*>(y.address), table), cudaSuccess)
            << emulated.outcome.error;
        int value = 0;
        emulated.device->read(y, std::as_writable_bytes(std::span(&value, 1)));
        return value;
    };
    const std::array first = {1, 2, 3}, second = {4, 5, 6};
    EXPECT_EQ(picked(first.data()), 13);
    EXPECT_EQ(picked(nullptr), 13);  // as it was
    EXPECT_EQ(picked(second.data()), 46);
}

TEST_F(EmittedImagesTest, HoldEveryByteOfACubin) {
    const TunedKernel kernel = tuned(kLong, "h200", 0, ImageKind::cubin, "long on h200");
    build({kernel}, ImageKind::cubin);
    unsigned long bytes = 0;
    const char* const image = function<const char*(unsigned long*)>("first_image")(&bytes);
    EXPECT_TRUE(std::string(image, bytes) == kernel.image);
    EXPECT_EQ(config_on(2, kLong), "none");
}

}  // namespace
}  // namespace warpsmith
