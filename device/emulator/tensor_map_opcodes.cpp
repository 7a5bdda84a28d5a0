// What kernels do with tensor maps themselves.
#include "device/emulator/opcodes.hpp"

namespace warpsmith::emulator {
namespace {

void translate_tensormap(Assembly&) {
    throw Unsupported{"changing a tensor map in a kernel"};
}

constexpr OpcodeRow kOpcodes[] = {{"tensormap", translate_tensormap}};

}  // namespace

std::span<const OpcodeRow> tensor_map_opcodes() {
    return kOpcodes;
}

}  // namespace warpsmith::emulator
