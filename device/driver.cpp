#include "device/driver.hpp"

#include <cuda.h>

#include <algorithm>
#include <array>

#include "generator/shared_library.hpp"
#include "solver/error.hpp"

namespace warpsmith {

// Names with a version are those that cuda.h gives to programs which are linked with the driver.
struct DriverFunctions {
    explicit DriverFunctions(const std::string& path) : library(path) {}

    SharedLibrary library;
    decltype(cuInit)* init = library["cuInit"];
    decltype(cuGetErrorName)* error_name = library["cuGetErrorName"];
    decltype(cuGetErrorString)* error_string = library["cuGetErrorString"];
    decltype(cuDeviceGetCount)* device_count = library["cuDeviceGetCount"];
    decltype(cuDeviceGet)* device_get = library["cuDeviceGet"];
    decltype(cuDeviceGetName)* device_name = library["cuDeviceGetName"];
    decltype(cuDeviceGetAttribute)* device_attribute = library["cuDeviceGetAttribute"];
    decltype(cuDeviceGetPCIBusId)* device_pci_address = library["cuDeviceGetPCIBusId"];
    decltype(cuDevicePrimaryCtxRetain)* context_retain = library["cuDevicePrimaryCtxRetain"];
    decltype(cuDevicePrimaryCtxRelease)* context_release = library["cuDevicePrimaryCtxRelease_v2"];
    decltype(cuCtxSetCurrent)* context_set_current = library["cuCtxSetCurrent"];
    decltype(cuCtxGetCurrent)* context_current = library["cuCtxGetCurrent"];
    decltype(cuCtxGetId)* context_id = library["cuCtxGetId"];
    decltype(cuCtxSynchronize)* context_synchronize = library["cuCtxSynchronize"];
    decltype(cuMemAlloc)* memory_allocate = library["cuMemAlloc_v2"];
    decltype(cuMemFree)* memory_free = library["cuMemFree_v2"];
    decltype(cuMemcpyHtoD)* copy_to_device = library["cuMemcpyHtoD_v2"];
    decltype(cuMemcpyDtoH)* copy_to_host = library["cuMemcpyDtoH_v2"];
    decltype(cuMemsetD8Async)* memory_set = library["cuMemsetD8Async"];
    decltype(cuModuleLoadData)* module_load = library["cuModuleLoadData"];
    decltype(cuModuleUnload)* module_unload = library["cuModuleUnload"];
    decltype(cuModuleGetFunction)* module_function = library["cuModuleGetFunction"];
    decltype(cuModuleGetGlobal)* module_variable = library["cuModuleGetGlobal_v2"];
    decltype(cuFuncSetAttribute)* function_set = library["cuFuncSetAttribute"];
    decltype(cuLaunchKernelEx)* launch = library["cuLaunchKernelEx"];
    decltype(cuEventCreate)* event_create = library["cuEventCreate"];
    decltype(cuEventDestroy)* event_destroy = library["cuEventDestroy_v2"];
    decltype(cuEventRecord)* event_record = library["cuEventRecord"];
    decltype(cuEventSynchronize)* event_synchronize = library["cuEventSynchronize"];
    decltype(cuEventElapsedTime)* event_elapsed = library["cuEventElapsedTime"];

    // "CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access was encountered"; empty for success.
    std::string words(CUresult result) const {
        const char* name = nullptr;
        const char* text = nullptr;
        if (result == CUDA_SUCCESS) {
            return {};
        }
        if (error_name(result, &name) != CUDA_SUCCESS || error_string(result, &text) != CUDA_SUCCESS) {
            return "error " + std::to_string(result) + ", which the driver has no name for";
        }
        return std::string(name) + ": " + text;
    }

    // Throws Error "DOING: WORDS".
    void check(CUresult result, const std::string& doing) const {
        if (result != CUDA_SUCCESS) {
            throw Error(doing + ": " + words(result));
        }
    }
};

namespace {

// More dynamic shared memory, and larger clusters, a kernel has to be allowed (CUDA C++ Programming Guide).
constexpr std::size_t kSmemWithoutAsking = std::size_t{48} * 1024;
constexpr unsigned kClusterWithoutAsking = 8;

std::shared_ptr<const DriverFunctions> open_driver(const std::string& library) {
    try {
        return std::make_shared<const DriverFunctions>(library);
    } catch (const Error& error) {
        const std::string reason = error.what();
        if (reason.find("No such file") == std::string::npos) {
            throw;
        }
        throw Error(library + " was not found: no NVIDIA driver on this machine");
    }
}

struct AttributeOfGpu {
    CUdevice_attribute attribute;
    std::int64_t GpuDescription::*field;
};
constexpr AttributeOfGpu kAttributes[] = {
    {CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, &GpuDescription::sms},
    {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, &GpuDescription::smem_per_block},
    {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR, &GpuDescription::smem_per_sm},
    {CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK, &GpuDescription::smem_reserved_per_block},
    {CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR, &GpuDescription::registers_per_sm},
    {CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR, &GpuDescription::threads_per_sm},
    {CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK, &GpuDescription::threads_per_block},
    {CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR, &GpuDescription::blocks_per_sm},
    {CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE, &GpuDescription::l2_bytes},
};

GpuDescription describe(const DriverFunctions& cuda, int ordinal) {
    CUdevice gpu = 0;
    cuda.check(cuda.device_get(&gpu, ordinal), "asking the driver for GPU " + std::to_string(ordinal));
    const auto attribute = [&](CUdevice_attribute which) {
        int value = 0;
        cuda.check(cuda.device_attribute(&value, which, gpu), "asking the driver for a GPU's limits");
        return value;
    };
    std::array<char, 256> name{};
    cuda.check(cuda.device_name(name.data(), static_cast<int>(name.size()), gpu), "asking the driver for a GPU's name");
    std::array<char, 32> pci_address{};
    cuda.check(cuda.device_pci_address(pci_address.data(), static_cast<int>(pci_address.size()), gpu),
               "asking the driver for a GPU's PCI address");
    GpuDescription description{.name = name.data(),
                               .major = attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
                               .minor = attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
                               .clock_hz = 1e3 * attribute(CU_DEVICE_ATTRIBUTE_CLOCK_RATE),
                               .pci_address = pci_address.data()};
    for (const AttributeOfGpu& entry : kAttributes) {
        description.*entry.field = attribute(entry.attribute);
    }
    return description;
}

CUfunction as_function(void* function) {
    return static_cast<CUfunction>(function);
}
CUevent as_event(void* event) {
    return static_cast<CUevent>(event);
}

}  // namespace

Driver::Driver(const std::string& library) : functions_(open_driver(library)) {
    functions_->check(functions_->init(0), "starting the NVIDIA driver");
}

std::vector<GpuDescription> Driver::gpus() const {
    int count = 0;
    functions_->check(functions_->device_count(&count), "counting the GPUs");
    if (count == 0) {
        throw Error("the NVIDIA driver finds no GPU");
    }
    std::vector<GpuDescription> gpus;
    gpus.reserve(static_cast<std::size_t>(count));
    for (int ordinal = 0; ordinal < count; ++ordinal) {
        gpus.push_back(describe(*functions_, ordinal));
    }
    return gpus;
}

std::optional<std::uint64_t> Driver::context_of_this_thread() const {
    CUcontext context = nullptr;
    functions_->check(functions_->context_current(&context), "asking for the thread's context");
    if (context == nullptr) {
        return std::nullopt;
    }
    unsigned long long id = 0;
    functions_->check(functions_->context_id(context, &id), "asking for the thread's context");
    return id;
}

GpuContext::GpuContext(const Driver& driver, void* context) : cuda_(driver.functions()), context_(context) {}

std::shared_ptr<const GpuContext> GpuContext::of_this_thread(const Driver& driver) {
    CUcontext context = nullptr;
    driver.functions()->check(driver.functions()->context_current(&context), "asking for the thread's context");
    if (context != nullptr) {
        return std::shared_ptr<const GpuContext>(new GpuContext(driver, context));
    }
    auto first = std::make_shared<const GpuContext>(driver, 0);
    first->make_current();
    return first;
}

GpuContext::GpuContext(const Driver& driver, std::size_t gpu) : cuda_(driver.functions()) {
    const std::string doing = "opening GPU " + std::to_string(gpu);
    CUcontext context = nullptr;
    cuda_->check(cuda_->device_get(&gpu_, static_cast<int>(gpu)), doing);
    cuda_->check(cuda_->context_retain(&context, gpu_), doing);
    context_ = context;
    retained_ = true;
}

GpuContext::~GpuContext() {
    if (retained_) {
        cuda_->context_release(gpu_);
    }
}

// The calling thread may be another one than before. Should this fail, the call that follows says so.
void GpuContext::make_current() const {
    cuda_->context_set_current(static_cast<CUcontext>(context_));
}

std::uint64_t GpuContext::allocate(std::size_t bytes) const {
    make_current();
    CUdeviceptr address = 0;
    cuda_->check(cuda_->memory_allocate(&address, std::max<std::size_t>(bytes, 1)),
                 "allocating " + std::to_string(bytes) + " bytes on the GPU");
    return address;
}

// After a fault the driver frees nothing, and all of it with the process.
void GpuContext::release(std::uint64_t address) const {
    make_current();
    cuda_->memory_free(address);
}

void GpuContext::write(std::uint64_t address, std::span<const std::byte> bytes) const {
    make_current();
    cuda_->check(cuda_->copy_to_device(address, bytes.data(), bytes.size()), "copying to the GPU");
}

void GpuContext::read(std::uint64_t address, std::span<std::byte> bytes) const {
    make_current();
    cuda_->check(cuda_->copy_to_host(bytes.data(), address, bytes.size()), "copying from the GPU");
}

void GpuContext::clear(std::uint64_t address, std::size_t bytes) const {
    make_current();
    cuda_->check(cuda_->memory_set(address, 0, bytes, nullptr), "clearing memory of the GPU");
}

void* GpuContext::load_module(const std::string& cubin) const {
    make_current();
    CUmodule module = nullptr;
    cuda_->check(cuda_->module_load(&module, cubin.data()), "loading a cubin (was it built for this GPU?)");
    return module;
}

void GpuContext::unload_module(void* module) const {
    make_current();
    cuda_->module_unload(static_cast<CUmodule>(module));
}

void* GpuContext::find_function(void* module, const std::string& name) const {
    make_current();
    CUfunction function = nullptr;
    cuda_->check(cuda_->module_function(&function, static_cast<CUmodule>(module), name.c_str()),
                 "looking for " + name + " in a cubin");
    return function;
}

std::optional<Buffer> GpuContext::find_variable(void* module, const std::string& name) const {
    make_current();
    CUdeviceptr address = 0;
    std::size_t bytes = 0;
    const CUresult result = cuda_->module_variable(&address, &bytes, static_cast<CUmodule>(module), name.c_str());
    if (result == CUDA_ERROR_NOT_FOUND) {
        return std::nullopt;
    }
    cuda_->check(result, "looking for the variable " + name + " in a cubin");
    return Buffer{.address = address, .bytes = bytes};
}

std::string GpuContext::launch(void* function, const LaunchShape& shape, std::span<void*> parameters,
                               void* stream) const {
    make_current();
    CUresult result = CUDA_SUCCESS;
    if (shape.smem_bytes > kSmemWithoutAsking) {
        result = cuda_->function_set(as_function(function), CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                                     static_cast<int>(shape.smem_bytes));
    }
    if (result == CUDA_SUCCESS && shape.cluster > kClusterWithoutAsking) {
        result = cuda_->function_set(as_function(function), CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED, 1);
    }
    if (result != CUDA_SUCCESS) {
        return cuda_->words(result);
    }
    std::array<CUlaunchAttribute, 2> attributes{};
    unsigned count = 0;
    if (shape.cluster > 1) {
        attributes[count].id = CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION;
        attributes[count].value.clusterDim.x = shape.cluster;
        attributes[count].value.clusterDim.y = 1;
        attributes[count++].value.clusterDim.z = 1;
    }
    if (shape.cooperative) {
        attributes[count].id = CU_LAUNCH_ATTRIBUTE_COOPERATIVE;
        attributes[count++].value.cooperative = 1;
    }
    const CUlaunchConfig config{.gridDimX = shape.grid[0],
                                .gridDimY = shape.grid[1],
                                .gridDimZ = shape.grid[2],
                                .blockDimX = shape.block[0],
                                .blockDimY = shape.block[1],
                                .blockDimZ = shape.block[2],
                                .sharedMemBytes = static_cast<unsigned>(shape.smem_bytes),
                                .hStream = static_cast<CUstream>(stream),
                                .attrs = attributes.data(),
                                .numAttrs = count};
    return cuda_->words(cuda_->launch(&config, as_function(function), parameters.data(), nullptr));
}

std::string GpuContext::wait() const {
    make_current();
    return cuda_->words(cuda_->context_synchronize());
}

// Looked up here, for drivers older than tensor maps do all the rest.
ByValue GpuContext::encode_tensor_map(const TensorTile& tile) const {
    check(tile);
    std::array<std::uint32_t, kMostTensorDims> step;
    std::copy(tile.step.begin(), tile.step.end(), step.begin());
    std::array<int, kMostSpaceDims> lower, upper;
    std::copy(tile.lower.begin(), tile.lower.end(), lower.begin());
    std::copy(tile.upper.begin(), tile.upper.end(), upper.begin());
    CUtensorMap map{};
    const CUtensorMapDataType element = static_cast<CUtensorMapDataType>(tile.element);
    void* const address = reinterpret_cast<void*>(tile.address);  // NOLINT(performance-no-int-to-ptr)
    const auto encode = [&](auto* function, auto... box) {
        return function(&map, element, tile.rank, address, tile.dims.data(), tile.stride_bytes.data(), box...,
                        step.data(), CU_TENSOR_MAP_INTERLEAVE_NONE, static_cast<CUtensorMapSwizzle>(tile.swizzle),
                        CU_TENSOR_MAP_L2_PROMOTION_NONE, static_cast<CUtensorMapFloatOOBfill>(tile.fill));
    };
    make_current();
    if (tile.mode == TensorMode::im2col) {
        decltype(cuTensorMapEncodeIm2col)* const function = cuda_->library["cuTensorMapEncodeIm2col"];
        cuda_->check(encode(function, lower.data(), upper.data(), tile.box[0], tile.box[1]), "making a tensor map");
    } else {
        decltype(cuTensorMapEncodeTiled)* const function = cuda_->library["cuTensorMapEncodeTiled"];
        cuda_->check(encode(function, tile.box.data()), "making a tensor map");
    }
    return ByValue::of(map);
}

void* GpuContext::create_event() const {
    make_current();
    CUevent event = nullptr;
    cuda_->check(cuda_->event_create(&event, CU_EVENT_DEFAULT), "creating an event");
    return event;
}

void GpuContext::destroy_event(void* event) const {
    cuda_->event_destroy(as_event(event));
}

void GpuContext::record_event(void* event) const {
    make_current();
    cuda_->check(cuda_->event_record(as_event(event), nullptr), "recording an event");
}

double GpuContext::elapsed_us(void* start, void* stop) const {
    make_current();
    float milliseconds = 0;
    cuda_->check(cuda_->event_synchronize(as_event(stop)), "timing a kernel");
    cuda_->check(cuda_->event_elapsed(&milliseconds, as_event(start), as_event(stop)), "timing a kernel");
    return 1e3 * static_cast<double>(milliseconds);
}

}  // namespace warpsmith
