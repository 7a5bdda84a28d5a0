// wgmma.fence, commit_group and wait_group: they matter to the checks alone.
#include "device/emulator/integer_types.hpp"
#include "device/emulator/products.hpp"
#include "device/emulator/warp.hpp"
#include "device/emulator/wgmma.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;
using syntax::Operand;

void fence(Warp& warp, const Instruction&, u32) {
    fence_products(warp);
}

void commit_group(Warp& warp, const Instruction&, u32) {
    commit_products(warp);
}

// `aux` is the number of groups that may stay under way.
void wait_group(Warp& warp, const Instruction& instruction, u32) {
    await_products(warp, instruction.aux);
}

void translate_wait(Assembly& assembly) {
    assembly.expect_operands(1);
    if (assembly.operand(0).kind != Operand::Kind::integer) {
        throw Unsupported{"a number of groups that is no constant"};
    }
    const u32 kept = static_cast<u32>(assembly.operand(0).bits);
    assembly.emit(wait_group, Class::fence).aux = kept;
}

}  // namespace

void translate_wgmma(Assembly& assembly) {
    Modifiers& modifiers = assembly.modifiers();
    modifiers.take("sync");
    modifiers.take("aligned");
    if (modifiers.take("mma_async")) {
        translate_product(assembly);
    } else if (modifiers.take("fence")) {
        assembly.emit(fence, Class::fence);
    } else if (modifiers.take("commit_group")) {
        assembly.emit(commit_group, Class::fence);
    } else if (modifiers.take("wait_group")) {
        translate_wait(assembly);
    } else {
        throw Unsupported{"this operation"};
    }
}

}  // namespace warpsmith::emulator
