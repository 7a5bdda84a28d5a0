// What is done with a fuzzed text of PTX: it is read, and every kernel in it is launched, within few steps and little
// memory. Text without a .version is the body of a kernel that has registers and memory at hand.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "device/emulator/launch.hpp"
#include "device/emulator/tensor_map.hpp"
#include "solver/error.hpp"

namespace warpsmith {

inline constexpr std::size_t kFuzzMemory = std::size_t{32} << 20;
inline constexpr std::size_t kBufferBytes = 4096;

// %a %b %c hold numbers, %d %e %f %g are free; %i and %o point to global memory, %xa and %yd to the thread's own part
// of it, %s to the own part of shared memory, %z to a tensor map; %t is the thread, %l the lane, %w the warp.
inline constexpr const char* kBefore =
    ".version 8.8\n.target sm_90a\n.address_size 64\n"
    ".entry k(.param .u64 inputs, .param .u64 outputs, .param .align 64 .b8 map[128])\n{\n"
    ".shared .align 128 .b8 tile[8192];\n"
    ".reg .b16 %h<9>;\n.reg .b32 %a, %b, %c, %d, %e, %f, %g, %m, %n, %t, %l, %w, %s, %r<9>;\n"
    ".reg .b64 %i, %o, %u, %v, %z, %xa, %yd, %q<9>;\n.reg .b128 %x<3>;\n.reg .pred %p, %q, %r;\n"
    "ld.param.u64 %i, [inputs];\nld.param.u64 %o, [outputs];\nmov.b64 %z, map;\ncvta.param.u64 %z, %z;\n"
    "mov.u32 %t, %tid.x;\nmov.u32 %l, %laneid;\nshr.u32 %w, %t, 5;\n"
    "mad.wide.u32 %xa, %t, 16, %i;\nmad.wide.u32 %yd, %t, 16, %o;\nmov.u32 %s, tile;\nmad.lo.u32 %s, %t, 16, %s;\n"
    "ld.global.v2.u32 {%a, %b}, [%xa];\nld.global.u32 %c, [%xa+8];\nmov.b64 %u, {%a, %b};\nsetp.lt.s32 %p, %a, %b;\n";
inline constexpr const char* kAfter = "\nst.global.v4.u32 [%yd], {%d, %e, %f, %g};\nret;\n}\n";

inline std::vector<std::byte> pattern() {
    std::vector<std::byte> bytes(kBufferBytes);
    std::uint64_t state = 1;
    for (std::byte& byte : bytes) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        byte = static_cast<std::byte>(state >> 56);
    }
    return bytes;
}

struct Shape {
    unsigned blocks, threads;
};
inline constexpr std::array<Shape, 3> kShapes = {{{1, 32}, {2, 40}, {1, 128}}};  // the last for warpgroups

inline void copy_to(std::vector<std::byte>& parameters, std::size_t offset, std::span<const std::byte> bytes) {
    std::copy(bytes.begin(), bytes.end(), parameters.begin() + static_cast<std::ptrdiff_t>(offset));
}

// Pointers where a pointer fits, a tensor map where one does, zeros elsewhere.
inline std::vector<std::byte> parameters_of(const emulator::Entry& entry, emulator::Memory& memory) {
    std::vector<std::byte> parameters(entry.parameter_bytes);
    for (const emulator::Parameter& parameter : entry.parameters) {
        if (parameter.bytes != sizeof(std::uint64_t) && parameter.bytes != emulator::kTensorMapBytes) {
            continue;
        }
        const std::uint64_t address = memory.allocate(kBufferBytes);
        memory.write(address, pattern());
        const TensorTile tile{.address = address,
                              .dims = {32, 16},
                              .stride_bytes = {64},
                              .box = {16, 8},
                              .rank = 2,
                              .element = TensorElement::f16};
        if (parameter.bytes == sizeof address) {
            copy_to(parameters, parameter.offset, std::as_bytes(std::span(&address, 1)));
        } else {
            copy_to(parameters, parameter.offset, emulator::encode_tensor_map(tile));
        }
    }
    return parameters;
}

inline void launch_all(const emulator::Module& module, const Shape& shape) {
    for (const emulator::Entry& entry : module.entries()) {
        if (entry.parameter_bytes > kBufferBytes) {
            continue;
        }
        emulator::Memory memory(kFuzzMemory);
        const std::vector<std::byte> parameters = parameters_of(entry, memory);
        emulator::launch(module, entry.name,
                         {.grid = {shape.blocks, 1, 1},
                          .block = {shape.threads, 1, 1},
                          .cluster = {shape.blocks, 1, 1},
                          .dynamic_smem = 256,
                          .seed = 1,  // short turns, so that the limit on steps is a near one
                          .checks = emulator::kAllChecks,
                          .profile = true,
                          .max_steps = 2000,
                          .max_resident_bytes = kFuzzMemory * 8},
                         parameters, memory);
    }
}

// Throws Error when the text is no PTX or cannot be launched; whatever else it is, this ends.
inline void exercise_ptx(const std::string& text) {
    const bool whole = text.find(".version") != std::string::npos;
    launch_all(emulator::Module::parse(whole ? text : kBefore + text + kAfter), kShapes[text.size() % kShapes.size()]);
}

}  // namespace warpsmith
