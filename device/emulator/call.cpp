#include "device/emulator/call.hpp"

#include <algorithm>
#include <cstring>

#include "device/emulator/address_space.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/layout.hpp"
#include "device/emulator/schedule.hpp"
#include "device/emulator/system_calls.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;
using syntax::Operand;

void copy_lanes(std::byte* to, std::uint32_t to_stride, const std::byte* from, std::uint32_t from_stride, u32 lanes) {
    const std::size_t bytes = std::min(to_stride, from_stride);
    for_each_lane(lanes, [&](unsigned lane) {
        std::memcpy(to + std::size_t{lane} * to_stride, from + std::size_t{lane} * from_stride, bytes);
    });
}

// The running group, which is `lanes` alone, enters a function.
void enter_function(Warp& warp, const Instruction& instruction, u32 lanes, const Call& call, u32 callee) {
    const Function& caller = warp.program->functions[call.caller];
    const Function& function = warp.program->functions[callee];
    const std::size_t frame = std::size_t{warp.frame} + caller.frame_bytes;
    const std::size_t local = std::size_t{warp.local} + caller.local_bytes;
    if (frame + function.frame_bytes > kDeepestStack || local + function.local_bytes > warp.block->grid->local_bytes) {
        stop(warp, instruction, first_lane(lanes), FindingKind::trap, "the stack is full: recursion too deep");
        return;
    }
    if (frame + function.frame_bytes > warp.registers.size()) {
        warp.registers.resize(2 * (frame + function.frame_bytes));
    }
    std::byte* const from = warp.registers.data() + warp.frame;
    std::byte* const to = warp.registers.data() + frame;
    for (std::size_t i = 0; i < std::min(call.arguments.size(), function.parameters.size()); ++i) {
        copy_lanes(to + function.parameters[i].slot, function.parameters[i].bytes, from + call.arguments[i].slot,
                   call.arguments[i].bytes, lanes);
    }
    u32* const places = reinterpret_cast<u32*>(to + kReturnSlot);
    for_each_lane(lanes, [&](unsigned lane) { places[lane] = warp.pc + 1; });
    warp.local = static_cast<u32>(local);
    warp.enter(static_cast<u32>(frame));
    warp.pc = function.first;
}

void call_function(Warp& warp, const Instruction& instruction, u32 lanes) {
    const Call& call = warp.program->calls[instruction.extra];
    enter_function(warp, instruction, lanes, call, call.function);
}

// Lanes may call different functions: those of the first lane go, the others stand here again.
void call_indirect(Warp& warp, const Instruction& instruction, u32 lanes) {
    const Call& call = warp.program->calls[instruction.extra];
    const u64* const addresses = warp.source<u64>(call.target);
    const u64 address = addresses[first_lane(lanes)];
    u32 together = 0;
    for_each_lane(lanes, [&](unsigned lane) { together |= (addresses[lane] == address ? 1U : 0U) << lane; });
    const u64 function = (address - kCodeWindow) / kFunctionStride;
    if (address < kCodeWindow || function >= warp.program->functions.size() ||
        !warp.program->functions[function].has_body || warp.program->functions[function].is_entry) {
        stop(warp, instruction, first_lane(lanes), FindingKind::trap,
             "a call of " + std::to_string(address) + ", which is no function");
        return;
    }
    if (together != lanes) {
        split_group(warp, lanes & ~together, warp.pc);
    }
    enter_function(warp, instruction, together, call, static_cast<u32>(function));
}

// Storage of the parameters in a list of them.
std::vector<ParamStorage> storages(Assembly& assembly, const Operand& list) {
    std::vector<ParamStorage> found;
    for (const Operand& operand : list.parts) {
        const std::optional<ParamStorage> storage = assembly.parameter(operand);
        if (!storage) {
            throw Unsupported{"an argument that is no .param variable"};
        }
        found.push_back(*storage);
    }
    return found;
}

}  // namespace

void return_from_call(Warp& warp, u32 lanes, u32 callee) {
    const u32* const places = warp.source<u32>(kReturnSlot);
    const u32 place = places[first_lane(lanes)];
    u32 together = 0;
    for_each_lane(lanes, [&](unsigned lane) { together |= (places[lane] == place ? 1U : 0U) << lane; });
    if (together != lanes) {
        split_group(warp, lanes & ~together, warp.pc);
    }
    const Call& call = warp.program->calls[warp.program->code[place - 1].extra];
    const Function& caller = warp.program->functions[call.caller];
    const std::vector<ParamStorage>& results = warp.program->functions[callee].results;
    const u32 frame = warp.frame - caller.frame_bytes;
    for (std::size_t i = 0; i < std::min(call.results.size(), results.size()); ++i) {
        copy_lanes(warp.registers.data() + frame + call.results[i].slot, call.results[i].bytes,
                   warp.registers.data() + warp.frame + results[i].slot, results[i].bytes, together);
    }
    warp.local -= caller.local_bytes;
    warp.enter(frame);
    warp.pc = place;
}

void translate_call(Assembly& assembly) {
    assembly.modifiers().take("uni");
    std::size_t next = 0;
    Call call{.caller = assembly.function_index()};
    const auto is_list = [&](std::size_t i) {
        return i < assembly.operands() && assembly.operand(i).kind == Operand::Kind::list;
    };
    if (is_list(next)) {
        call.results = storages(assembly, assembly.operand(next++));
    }
    if (next >= assembly.operands()) {
        throw Unsupported{"a call of nothing"};
    }
    const Operand& target = assembly.operand(next++);
    if (is_list(next)) {
        call.arguments = storages(assembly, assembly.operand(next));
    }
    const std::uint32_t index = static_cast<std::uint32_t>(assembly.program().calls.size());
    const auto named = assembly.program().function_named.find(target.name);
    Handler run = call_indirect;
    if (target.kind == Operand::Kind::reg) {
        call.target = assembly.read(target, 64);
        assembly.translated().calls_indirectly = true;
    } else if (named == assembly.program().function_named.end()) {
        throw Unsupported{"a call of the unknown function '" + target.name + "'"};
    } else if (!assembly.program().functions[named->second].has_body) {
        run = system_call(target.name);
    } else {
        call.function = named->second;
        assembly.translated().callees.push_back(named->second);
        run = call_function;
    }
    assembly.program().calls.push_back(std::move(call));
    Instruction& instruction = assembly.emit(run, Class::branch);
    instruction.has_order = run != call_function && run != call_indirect && system_call_has_order(target.name);
    instruction.flow = Flow::control;
    instruction.extra = index;
}

}  // namespace warpsmith::emulator
