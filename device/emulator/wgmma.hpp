// wgmma: matrix products of four warps, with operands in shared memory.
#pragma once

#include "device/emulator/assembly.hpp"

namespace warpsmith::emulator {

// wgmma.mma_async of f16, bf16, tf32, fp8 and 8-bit integers; fence, commit_group and wait_group.
void translate_wgmma(Assembly& assembly);

// What comes behind "wgmma.mma_async.sync.aligned".
void translate_product(Assembly& assembly);

}  // namespace warpsmith::emulator
