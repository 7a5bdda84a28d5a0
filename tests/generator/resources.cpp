#include "generator/resources.hpp"

#include <gtest/gtest.h>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

// NVRTC 13.0.88, sm_90a: a kernel that calls a function which is not inlined.
constexpr const char* kLog13 =
    R"(ptxas info    : 0 bytes gmem
ptxas info    : Compiling entry function '_Z4scanIXtl10ScanConfigLi128ELi4EEE13__nv_bfloat16EvPKT0_PS2_i' for 'sm_90a'
ptxas info    : Function properties for _Z4scanIXtl10ScanConfigLi128ELi4EEE13__nv_bfloat16EvPKT0_PS2_i
ptxas         .     16 bytes stack frame, 8 bytes spill stores, 12 bytes spill loads
ptxas info    : Used 10 registers, used 1 barriers, 256 bytes smem
ptxas info    : Compile time = 3.535 ms
ptxas info    : Function properties for _Z1fv
ptxas         .     40 bytes stack frame, 44 bytes spill stores, 48 bytes spill loads
)";
constexpr const char* kScan = "_Z4scanIXtl10ScanConfigLi128ELi4EEE13__nv_bfloat16EvPKT0_PS2_i";

// nvcc 12.8: two entries, no dot in front of the stack frame, constant banks listed.
constexpr const char* kLog12 =
    R"(ptxas info    : 16 bytes gmem, 8 bytes cmem[3]
ptxas info    : Compiling entry function '_Z5firstPf' for 'sm_80'
ptxas info    : Function properties for _Z5firstPf
    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Used 255 registers, used 0 barriers, 32 bytes cumulative stack size, 360 bytes cmem[0]
ptxas info    : Compiling entry function '_Z6secondPf' for 'sm_80'
ptxas info    : Function properties for _Z6secondPf
    1024 bytes stack frame, 5000 bytes spill stores, 4000 bytes spill loads
ptxas info    : Used 32 registers, used 16 barriers, 49152 bytes smem, 360 bytes cmem[0], 16 bytes cmem[2]
)";

TEST(Resources, AreThoseOfTheEntryAndNotOfAFunctionThatItCalls) {
    const Resources expected{
        .registers = 10, .spill_store_bytes = 8, .spill_load_bytes = 12, .stack_bytes = 16, .static_smem_bytes = 256};
    EXPECT_EQ(resources_of(kScan, kLog13), expected);
    EXPECT_TRUE(resources_of(kScan, kLog13).spills());
}

TEST(Resources, AreReadFromTheOlderWordingToo) {
    const Resources first{.registers = 255};
    const Resources second{.registers = 32,
                           .spill_store_bytes = 5000,
                           .spill_load_bytes = 4000,
                           .stack_bytes = 1024,
                           .static_smem_bytes = 49152};
    EXPECT_EQ(resources_of("_Z5firstPf", kLog12), first);
    EXPECT_FALSE(resources_of("_Z5firstPf", kLog12).spills());
    EXPECT_EQ(resources_of("_Z6secondPf", kLog12), second);
}

TEST(Resources, OfAnEntryThatTheLogDoesNotNameAreAnError) {
    EXPECT_THROW(resources_of("_Z5thirdPf", kLog12), Error);
    EXPECT_THROW(resources_of("_Z5firs", kLog12), Error);
    EXPECT_THROW(resources_of("_Z5firstPf", ""), Error);
}

}  // namespace
}  // namespace warpsmith
