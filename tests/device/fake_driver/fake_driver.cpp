// A libcuda.so.1 for tests: memory is the host's, a kernel is what the test says, every call is recorded.
#include "tests/device/fake_driver/fake_driver.hpp"

#include <cuda.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace {

warpsmith::FakeDriver state;

// Records the call; what the function is told to return, or the fault of a kernel that ran before.
CUresult answer(const std::string& call, bool waits = false) {
    state.calls.push_back(call);
    const auto told = state.results.find(call.substr(0, call.find(' ')));
    if (told != state.results.end()) {
        return static_cast<CUresult>(told->second);
    }
    return waits && state.launched && state.fault != 0 ? static_cast<CUresult>(state.fault) : CUDA_SUCCESS;
}

std::string text(std::uint64_t x, std::uint64_t y, std::uint64_t z) {
    return std::to_string(x) + "," + std::to_string(y) + "," + std::to_string(z);
}

// Device memory is host memory, and a handle is a number.
void* pointer(std::uint64_t address) {
    return reinterpret_cast<void*>(address);  // NOLINT(performance-no-int-to-ptr)
}
template <class Handle>
Handle handle(int number) {
    return static_cast<Handle>(pointer(static_cast<std::uint64_t>(number)));
}

}  // namespace

extern "C" {

warpsmith::FakeDriver* fake_driver() {
    return &state;
}

CUresult cuInit(unsigned) {
    return answer("cuInit");
}

CUresult cuDriverGetVersion(int* version) {
    *version = CUDA_VERSION;
    return answer("cuDriverGetVersion");
}

CUresult cuGetErrorName(CUresult error, const char** name) {
    *name = error == CUDA_ERROR_ILLEGAL_ADDRESS ? "CUDA_ERROR_ILLEGAL_ADDRESS" : "CUDA_ERROR_SOME";
    return CUDA_SUCCESS;
}
CUresult cuGetErrorString(CUresult error, const char** words) {
    *words = error == CUDA_ERROR_ILLEGAL_ADDRESS ? "an illegal memory access was encountered" : "some error";
    return CUDA_SUCCESS;
}

// The map's first words: element type, rank, address, swizzle.
CUresult cuTensorMapEncodeTiled(CUtensorMap* map, CUtensorMapDataType type, cuuint32_t rank, void* address,
                                const cuuint64_t* dims, const cuuint64_t* strides, const cuuint32_t* box,
                                const cuuint32_t* steps, CUtensorMapInterleave, CUtensorMapSwizzle swizzle,
                                CUtensorMapL2promotion, CUtensorMapFloatOOBfill) {
    map->opaque[0] = type;
    map->opaque[1] = rank;
    map->opaque[2] = reinterpret_cast<cuuint64_t>(address);
    map->opaque[3] = swizzle;
    return answer("cuTensorMapEncodeTiled dims=" + text(dims[0], dims[1], 0) + " stride=" + std::to_string(strides[0]) +
                  " box=" + text(box[0], box[1], 0) + " steps=" + text(steps[0], steps[1], 0));
}

CUresult cuTensorMapEncodeIm2col(CUtensorMap* map, CUtensorMapDataType type, cuuint32_t rank, void*,
                                 const cuuint64_t* dims, const cuuint64_t* strides, const int* lower, const int* upper,
                                 cuuint32_t channels, cuuint32_t pixels, const cuuint32_t* steps, CUtensorMapInterleave,
                                 CUtensorMapSwizzle, CUtensorMapL2promotion, CUtensorMapFloatOOBfill) {
    map->opaque[0] = type;
    map->opaque[1] = rank;
    return answer("cuTensorMapEncodeIm2col dims=" + text(dims[0], dims[1], dims[2]) +
                  " stride=" + std::to_string(strides[0]) + " lower=" + std::to_string(lower[0]) + "," +
                  std::to_string(lower[1]) + " upper=" + std::to_string(upper[0]) + "," + std::to_string(upper[1]) +
                  " channels=" + std::to_string(channels) + " pixels=" + std::to_string(pixels) +
                  " steps=" + text(steps[0], steps[1], steps[2]));
}

CUresult cuDeviceGetCount(int* count) {
    *count = static_cast<int>(state.gpus.size());
    return answer("cuDeviceGetCount");
}
CUresult cuDeviceGet(CUdevice* device, int ordinal) {
    *device = ordinal;
    return answer("cuDeviceGet");
}
CUresult cuDeviceGetName(char* name, int size, CUdevice device) {
    std::strncpy(name, state.gpus[static_cast<std::size_t>(device)].c_str(), static_cast<std::size_t>(size) - 1);
    return answer("cuDeviceGetName");
}
CUresult cuDeviceGetPCIBusId(char* address, int size, CUdevice device) {
    std::strncpy(address, ("0000:1B:0" + std::to_string(device) + ".0").c_str(), static_cast<std::size_t>(size) - 1);
    return answer("cuDeviceGetPCIBusId");
}
CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice) {
    const auto found = state.attributes.find(attribute);
    *value = found == state.attributes.end() ? 1 : found->second;
    return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice) {
    *context = handle<CUcontext>(++state.live_contexts);
    return answer("cuDevicePrimaryCtxRetain");
}
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice) {
    --state.live_contexts;
    return CUDA_SUCCESS;
}
CUresult cuCtxSetCurrent(CUcontext context) {
    state.current = context;
    return CUDA_SUCCESS;
}
CUresult cuCtxGetCurrent(CUcontext* context) {
    *context = static_cast<CUcontext>(state.current);
    return CUDA_SUCCESS;
}
CUresult cuCtxGetId(CUcontext context, unsigned long long* id) {
    *id = reinterpret_cast<std::uintptr_t>(context);
    return CUDA_SUCCESS;
}
CUresult cuCtxSynchronize() {
    return answer("cuCtxSynchronize", true);
}

CUresult cuMemAlloc_v2(CUdeviceptr* address, size_t bytes) {
    const CUresult result = answer("cuMemAlloc " + std::to_string(bytes));
    if (result == CUDA_SUCCESS) {
        *address = reinterpret_cast<CUdeviceptr>(std::malloc(bytes));
        ++state.live_allocations;
    }
    return result;
}
CUresult cuMemFree_v2(CUdeviceptr address) {
    std::free(pointer(address));
    --state.live_allocations;
    return answer("cuMemFree", true);
}
CUresult cuMemcpyHtoD_v2(CUdeviceptr address, const void* bytes, size_t count) {
    std::memcpy(pointer(address), bytes, count);
    return answer("cuMemcpyHtoD", true);
}
CUresult cuMemcpyDtoH_v2(void* bytes, CUdeviceptr address, size_t count) {
    std::memcpy(bytes, pointer(address), count);
    return answer("cuMemcpyDtoH", true);
}
CUresult cuMemsetD8Async(CUdeviceptr, unsigned char, size_t count, CUstream) {
    return answer("cuMemsetD8Async " + std::to_string(count), true);
}

CUresult cuModuleLoadData(CUmodule* module, const void* image) {
    *module = handle<CUmodule>(++state.live_modules);
    return answer("cuModuleLoadData " + std::string(static_cast<const char*>(image)));
}
CUresult cuModuleUnload(CUmodule) {
    --state.live_modules;
    return CUDA_SUCCESS;
}
CUresult cuModuleGetFunction(CUfunction* function, CUmodule, const char* name) {
    *function = handle<CUfunction>(1);
    return answer("cuModuleGetFunction " + std::string(name));
}
CUresult cuModuleGetGlobal(CUdeviceptr* address, std::size_t* bytes, CUmodule, const char* name) {
    static std::byte variable[16];
    *address = reinterpret_cast<CUdeviceptr>(&variable[0]);
    *bytes = sizeof variable;
    return answer("cuModuleGetGlobal_v2 " + std::string(name));
}
CUresult cuFuncSetAttribute(CUfunction, CUfunction_attribute attribute, int value) {
    return answer("cuFuncSetAttribute " + std::to_string(attribute) + "=" + std::to_string(value));
}
CUresult cuLaunchKernelEx(const CUlaunchConfig* config, CUfunction, void** parameters, void**) {
    unsigned cluster = 1;
    bool cooperative = false;
    for (unsigned i = 0; i < config->numAttrs; ++i) {
        const CUlaunchAttribute& attribute = config->attrs[i];
        cluster = attribute.id == CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION ? attribute.value.clusterDim.x : cluster;
        cooperative =
            cooperative || (attribute.id == CU_LAUNCH_ATTRIBUTE_COOPERATIVE && attribute.value.cooperative != 0);
    }
    const CUresult result =
        answer("cuLaunchKernelEx grid=" + text(config->gridDimX, config->gridDimY, config->gridDimZ) +
                   " block=" + text(config->blockDimX, config->blockDimY, config->blockDimZ) +
                   " smem=" + std::to_string(config->sharedMemBytes) + " cluster=" + std::to_string(cluster) +
                   (cooperative ? " cooperative" : ""),
               true);
    state.launched = true;
    if (result == CUDA_SUCCESS && state.kernel) {
        state.kernel(parameters);
    }
    return result;
}

CUresult cuEventCreate(CUevent* event, unsigned) {
    *event = handle<CUevent>(++state.live_events);
    return answer("cuEventCreate");
}
CUresult cuEventDestroy_v2(CUevent) {
    --state.live_events;
    return CUDA_SUCCESS;
}
CUresult cuEventRecord(CUevent, CUstream) {
    return answer("cuEventRecord", true);
}
CUresult cuEventSynchronize(CUevent) {
    return answer("cuEventSynchronize", true);
}
#undef cuEventElapsedTime  // cuda.h may give it a version
CUresult cuEventElapsedTime(float* milliseconds, CUevent, CUevent) {
    *milliseconds = 1;
    if (!state.elapsed_ms.empty()) {
        *milliseconds = state.elapsed_ms.front();
        state.elapsed_ms.erase(state.elapsed_ms.begin());
    }
    return answer("cuEventElapsedTime", true);
}

// The management library, which here is the same one.
struct Process {
    unsigned pid;
    unsigned long long memory;
    unsigned gpu_instance, compute_instance;
};

int nvmlInit_v2() {
    state.monitors += state.monitored.empty() ? 0 : 1;
    return state.monitored.empty() ? 1 : 0;
}
int nvmlShutdown() {
    --state.monitors;
    return 0;
}
int nvmlDeviceGetHandleByPciBusId_v2(const char* address, void** gpu) {
    *gpu = &state;
    return address == state.monitored ? 0 : 6;  // not found
}
int nvmlDeviceGetClockInfo(void*, unsigned which, unsigned* mhz) {
    *mhz = which == 1 ? 1980 : 3201;
    return 0;
}
int nvmlDeviceGetTemperature(void*, unsigned, unsigned*) {
    return 3;  // not supported
}
int nvmlDeviceGetCurrentClocksThrottleReasons(void*, unsigned long long* reasons) {
    *reasons = state.throttle_reasons;
    return 0;
}
int nvmlDeviceGetComputeRunningProcesses_v3(void*, unsigned* count, void* list) {
    auto* const processes = static_cast<Process*>(list);
    const std::size_t room = *count;
    for (std::size_t i = 0; i < state.processes && i < room; ++i) {
        processes[i].pid = static_cast<unsigned>(100 + i);
    }
    *count = static_cast<unsigned>(state.processes);
    return state.processes <= room ? 0 : 7;
}

}  // extern "C"
