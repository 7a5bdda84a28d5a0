#include "device/emulator/system_calls.hpp"

#include <cstring>
#include <string>

#include "device/emulator/access.hpp"
#include "device/emulator/assembly.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/printf_format.hpp"
#include "device/emulator/warp.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;

constexpr std::size_t kMostOutput = std::size_t{1} << 20;  // of a launch, as cudaLimitPrintfFifoSize; more is dropped
constexpr std::size_t kLongestText = 4096;

// One lane's call.
struct Caller {
    Warp& warp;
    const Instruction& instruction;
    unsigned lane;

    const Call& call() const { return warp.program->calls[instruction.extra]; }

    u64 argument(std::size_t index, std::size_t bytes = 8) const {
        u64 value = 0;
        if (index < call().arguments.size()) {
            const ParamStorage& storage = call().arguments[index];
            std::memcpy(&value, warp.source<std::byte>(storage.slot) + std::size_t{lane} * storage.bytes,
                        std::min<std::size_t>(bytes, storage.bytes));
        }
        return value;
    }

    void give(u64 value, std::size_t bytes) const {
        if (!call().results.empty()) {
            const ParamStorage& storage = call().results.front();
            std::memcpy(warp.target<std::byte>(storage.slot) + std::size_t{lane} * storage.bytes, &value,
                        std::min<std::size_t>(bytes, storage.bytes));
        }
    }

    // Whether the bytes are there.
    bool read(u64 address, void* to, std::size_t bytes) const {
        const Region region = find_region(warp, instruction, Space::generic, address);
        if (address < region.first || address >= region.last || region.last - address < bytes) {
            return false;
        }
        std::memcpy(to, region.host + (address - region.first) + lane * region.lane_stride, bytes);
        return true;
    }

    std::string text(u64 address) const {
        std::string text;
        for (char next = 0; text.size() < kLongestText && read(address + text.size(), &next, 1) && next != '\0';) {
            text += next;
        }
        return text;
    }
};

void assertion_failed(Warp& warp, const Instruction& instruction, u32 lanes) {
    const Caller caller{warp, instruction, first_lane(lanes)};
    stop(warp, instruction, caller.lane, FindingKind::trap,
         "the assertion '" + caller.text(caller.argument(0)) + "' failed");
}

// vprintf(format, arguments)
void print(Warp& warp, const Instruction& instruction, u32 lanes) {
    Worker& worker = *warp.worker;
    for_each_lane(lanes, [&](unsigned lane) {
        const Caller caller{warp, instruction, lane};
        const u64 arguments = caller.argument(1);
        const PrintfSource source{.argument =
                                      [&](u64 offset, unsigned bytes) {
                                          u64 value = 0;
                                          caller.read(arguments + offset, &value, bytes);
                                          return value;
                                      },
                                  .text = [&](u64 address) { return caller.text(address); }};
        std::string text = format_printf(caller.text(caller.argument(0)), source);
        if (!text.empty() && worker.output_bytes + text.size() <= kMostOutput) {
            worker.output_bytes += text.size();
            worker.output.emplace_back(warp.block->linear, std::move(text));
        }
        caller.give(1, 4);
    });
    warp.changed = true;
    warp.advance();
}

void allocate(Warp& warp, const Instruction& instruction, u32 lanes) {
    for_each_lane(lanes, [&](unsigned lane) {
        const Caller caller{warp, instruction, lane};
        caller.give(warp.worker->memory->allocate_in_heap(caller.argument(0)), 8);
    });
    warp.changed = true;
    warp.advance();
}

void give_back(Warp& warp, const Instruction& instruction, u32 lanes) {
    for_each_lane(lanes, [&](unsigned lane) {
        const u64 address = Caller{warp, instruction, lane}.argument(0);
        const Allocation* const allocation = warp.worker->memory->find(address);
        if (address != 0 && !warp.worker->memory->free_in_heap(address)) {
            report(warp, instruction, lane, FindingKind::out_of_bounds, address,
                   "free of what malloc did not give, or of what was freed before,");
        } else if (warp.worker->checker != nullptr && address != 0) {
            warp.worker->checker->forget(allocation);
        }
    });
    warp.worker->recent.fill({});  // they may lie in what is gone
    warp.changed = true;
    warp.advance();
}

struct SystemCall {
    std::string_view name;
    Handler run;
    bool has_order;
};

constexpr SystemCall kCalls[] = {{"__assertfail", assertion_failed, false},
                                 {"vprintf", print, false},
                                 {"malloc", allocate, true},
                                 {"free", give_back, true}};

const SystemCall* find_call(std::string_view name) {
    for (const SystemCall& call : kCalls) {
        if (call.name == name) {
            return &call;
        }
    }
    return nullptr;
}

}  // namespace

Handler system_call(std::string_view name) {
    const SystemCall* const call = find_call(name);
    if (call == nullptr) {
        throw Unsupported{"a call of '" + std::string(name) + "', which has no body"};
    }
    return call->run;
}

bool system_call_has_order(std::string_view name) {
    const SystemCall* const call = find_call(name);
    return call != nullptr && call->has_order;
}

}  // namespace warpsmith::emulator
