#include "device/emulator/system_calls.hpp"

#include <string>

#include "device/emulator/assembly.hpp"
#include "device/emulator/warp.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {
namespace {

void assertion_failed(Warp& warp, const Instruction& instruction, std::uint32_t lanes) {
    stop(warp, instruction, first_lane(lanes), FindingKind::trap, "an assertion of the kernel failed");
}

struct SystemCall {
    std::string_view name;
    Handler run;
};

constexpr SystemCall kCalls[] = {{"__assertfail", assertion_failed}};

}  // namespace

Handler system_call(std::string_view name) {
    for (const SystemCall& call : kCalls) {
        if (call.name == name) {
            return call.run;
        }
    }
    throw Unsupported{"a call of '" + std::string(name) + "', which has no body"};
}

}  // namespace warpsmith::emulator
