#include "device/emulator/space_modifiers.hpp"

#include <utility>

#include "device/emulator/check.hpp"
#include "device/emulator/warp.hpp"

namespace warpsmith::emulator {
namespace {

using syntax::Operand;

struct SpaceRow {
    std::string_view word;
    Space space;
};

constexpr SpaceRow kSpaces[] = {
    {"global", Space::global},           {"shared", Space::shared},     {"shared::cta", Space::shared},
    {"shared::cluster", Space::cluster}, {"local", Space::local},       {"param", Space::param},
    {"param::entry", Space::param},      {"param::func", Space::param}, {"const", Space::constant},
};

constexpr std::string_view kHintPrefixes[] = {"L1::", "L2::", "evict"};
constexpr std::string_view kHints[] = {"nc", "ca", "cg",   "cs",   "lu",      "cv",
                                       "wb", "wt", "weak", "mmio", "unified", "async"};

template <class T>
void add_offset(Warp& warp, const Instruction& instruction, std::uint32_t lanes) {
    const T* const base = warp.source<T>(instruction.a);
    std::uint64_t* const target = warp.target<std::uint64_t>(instruction.dst);
    for_each_lane(
        lanes, [&](unsigned lane) { target[lane] = static_cast<T>(base[lane] + static_cast<T>(instruction.offset)); });
}

}  // namespace

MemoryModifiers take_memory_modifiers(Modifiers& modifiers) {
    MemoryModifiers taken;
    for (const SpaceRow& row : kSpaces) {
        if (modifiers.take(row.word)) {
            taken.space = row.space;
        }
    }
    taken.acquires = modifiers.take("acquire");
    taken.releases = modifiers.take("release");
    if (modifiers.take("acq_rel")) {
        taken.acquires = taken.releases = true;
    }
    const bool is_volatile = modifiers.take("volatile"), relaxed = modifiers.take("relaxed");
    taken.ordered = taken.acquires || taken.releases || is_volatile || relaxed;
    const bool gpu = modifiers.take("gpu"), sys = modifiers.take("sys"), cluster = modifiers.take("cluster");
    taken.wide_scope = gpu || sys || cluster;
    modifiers.take("cta");
    for (const std::string_view prefix : kHintPrefixes) {
        modifiers.drop_prefixed(prefix);
    }
    for (const std::string_view hint : kHints) {
        modifiers.take(hint);
    }
    return taken;
}

std::uint8_t order_of(const MemoryModifiers& modifiers) {
    return static_cast<std::uint8_t>((modifiers.ordered ? kOrdered : 0) | (modifiers.releases ? kReleases : 0));
}

Instruction& emit_access(Assembly& assembly, Handler run, Class count_as, const Operand& address, Space space,
                         std::uint32_t elements) {
    if (address.kind != Operand::Kind::address) {
        throw Unsupported{"an operand that is no address"};
    }
    const Operand& base = address.parts[0];
    const bool wide = base.kind != Operand::Kind::reg || assembly.register_bits(base) == 64;
    if (!wide && space == Space::generic) {
        throw Unsupported{"a generic address of 32 bits"};
    }
    const Slot slot = assembly.read(base, wide ? 64 : 32);
    Instruction& instruction = assembly.emit(run, count_as, 0, slot);
    instruction.offset = address.offset;
    instruction.aux = Target{.space = space, .wide = wide, .elements = elements}.packed();
    return instruction;
}

Slot read_address(Assembly& assembly, const Operand& address) {
    if (address.kind != Operand::Kind::address) {
        throw Unsupported{"an operand that is no address"};
    }
    const Operand& base = address.parts[0];
    const bool narrow = assembly.register_bits(base) == 32;
    const Slot slot = assembly.read(base, narrow ? 32 : 64);
    if (!narrow && address.offset == 0) {
        return slot;
    }
    const Slot sum = assembly.scratch(64);
    assembly.emit(narrow ? add_offset<std::uint32_t> : add_offset<std::uint64_t>, Class::integer, sum, slot).offset =
        address.offset;
    return sum;
}

}  // namespace warpsmith::emulator
