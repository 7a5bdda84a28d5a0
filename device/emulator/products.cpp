#include "device/emulator/products.hpp"

#include <string>
#include <utility>

#include "device/emulator/assembly.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {
namespace {

using As = HeldRegister::As;

HeldRegister& held(Warp& warp, Slot slot) {
    std::vector<HeldRegister>& registers = warp.products->registers;
    const std::size_t index = (warp.frame + slot) / kSlotAlignment;
    if (index >= registers.size()) {
        registers.resize(index + 1);
    }
    return registers[index];
}

struct Place {
    Warp& warp;
    const Instruction& instruction;
    unsigned lane;

    std::uint32_t pc() const { return static_cast<std::uint32_t>(&instruction - warp.program->code.data()); }
    std::string text_of(const HeldRegister& other) const { return place_text(*warp.program, other.pc); }
    bool told() const { return reported(warp, instruction, FindingKind::race); }
    void report_race(std::string message) const {
        report(warp, instruction, lane, FindingKind::race, 0, std::move(message));
    }
    void report_under_way(const std::string& did, const HeldRegister& other) const {
        // Of the many registers of one array in one line, one is enough.
        if (!warp.products->told.emplace(other.pc, instruction.location.line).second || told()) {
            return;
        }
        const bool is_open = other.group >= warp.products->committed;
        report_race(did + text_of(other) + " may have yet to " + (other.as == As::accumulator ? "write" : "read") +
                    ", for " + (is_open ? "wgmma.commit_group and its wait are" : "wgmma.wait_group is") + " missing,");
    }
};

// Reading a register as any instruction does, A of a wgmma too.
void check_read(const Place& place, const HeldRegister& held) {
    if (held.as == As::accumulator && place.warp.products->under_way(held)) {
        place.report_under_way("reads an accumulator that ", held);
    }
}

void check_written(const Place& place, const HeldRegister& held) {
    if (place.warp.products->under_way(held)) {
        place.report_under_way(held.as == As::accumulator ? "writes an accumulator that " : "writes a register that ",
                               held);
    }
}

// A move hands on what its source is: compilers make many between two wgmma that accumulate in the same registers, and
// none of these is left on a GPU. Nor is one to the register that A comes from in the next round of a loop.
void note_move(const Place& place, const Slot* source, Slot target) {
    const HeldRegister from = source != nullptr ? held(place.warp, *source) : HeldRegister{};
    HeldRegister& to = held(place.warp, target);
    const bool from_accumulator = from.as == As::accumulator;
    if (to.as == As::accumulator && !(from_accumulator && place.warp.products->under_way(from))) {
        check_written(place, to);
    }
    to = from_accumulator ? from : HeldRegister{};
}

// What an accumulator is good for once an ordinary instruction has touched it: wgmma.fence comes before the next wgmma.
void note_use(const Place& place, std::span<const Slot> reads, std::span<const Slot> writes) {
    HeldRegister result;
    for (const Slot slot : reads) {
        HeldRegister& source = held(place.warp, slot);
        check_read(place, source);
        if (source.as == As::accumulator && !place.warp.products->under_way(source)) {
            source.used = true;
            result = source;
        }
    }
    for (const Slot slot : writes) {
        HeldRegister& target = held(place.warp, slot);
        check_written(place, target);
        target = result;
    }
}

void run_watched(Warp& warp, const Instruction& instruction, std::uint32_t lanes) {
    const Place place{warp, instruction, first_lane(lanes)};
    const RegisterUse& use = warp.program->uses[place.pc()];
    if (warp.products != nullptr) {
        const Slot* const reads = warp.program->slots.data() + use.first;
        const Slot* const writes = reads + use.reads;
        if (use.moves) {
            note_move(place, use.reads != 0 ? reads : nullptr, *writes);
        } else {
            note_use(place, {reads, use.reads}, {writes, use.writes});
        }
    }
    use.run(warp, instruction, lanes);
}

// `offset` of a wgmma are its multiply-adds, `aux` begins with its columns and tells the type of its sums.
bool same_shape(const Instruction& one, const Instruction& other) {
    return one.offset == other.offset && one.aux == other.aux;
}

void check_accumulator(const Place& place, const HeldRegister& held) {
    const WarpProducts& products = *place.warp.products;
    if (held.as != As::accumulator) {
        check_written(place, held);
        return;
    }
    if (held.fence != products.fences || place.told()) {
        return;
    }
    if (held.used) {
        place.report_race("accumulates in registers that other instructions have used since " + place.text_of(held) +
                          ", for wgmma.fence is missing before it,");
    } else if (products.under_way(held) && !same_shape(place.warp.program->code[held.pc], place.instruction)) {
        place.report_race("accumulates in registers of " + place.text_of(held) +
                          ", which has another shape, for wgmma.fence is missing between,");
    }
}

}  // namespace

Program watched(const Program& program) {
    Program copy = program;
    for (std::size_t pc = 0; pc < copy.uses.size(); ++pc) {
        RegisterUse& use = copy.uses[pc];
        if (use.reads + use.writes != 0) {
            use.run = std::exchange(copy.code[pc].run, run_watched);
        }
    }
    return copy;
}

void hold_registers(Warp& warp, const Instruction& instruction, std::span<const Slot> accumulators,
                    std::span<const Slot> a) {
    if (warp.products == nullptr) {
        return;
    }
    const Place place{warp, instruction, first_lane(warp.active)};
    WarpProducts& products = *warp.products;
    if (products.fences == 0 && !place.told()) {
        place.report_race("comes before any wgmma.fence of its warp,");
    }
    HeldRegister mine{.as = As::input, .pc = place.pc(), .group = products.committed, .fence = products.fences};
    for (const Slot slot : a) {
        if ((slot & kInConstants) == 0) {
            check_read(place, held(warp, slot));
            held(warp, slot) = mine;
        }
    }
    mine.as = As::accumulator;
    for (const Slot slot : accumulators) {
        check_accumulator(place, held(warp, slot));
        held(warp, slot) = mine;
    }
}

}  // namespace warpsmith::emulator
