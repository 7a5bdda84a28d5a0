// Arithmetic that reads or writes the carry flag: add.cc, addc, sub.cc, subc, mad.cc, madc.
#include <type_traits>

#include "device/emulator/integer_types.hpp"
#include "device/emulator/opcodes.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;

__extension__ typedef unsigned __int128 u128;
__extension__ typedef __int128 s128;

// Aux of an instruction: what it does with the flag.
constexpr u32 kReads = 1, kWrites = 2;

template <class T>
using Twice = std::conditional_t<sizeof(T) == 8, u128, u64>;

// a + b + carry, or a + ~b + carry for a subtraction, whose carry says that nothing was borrowed. The flag that
// programs see is the borrow, so it is inverted on the way in and out.
template <class T, bool subtract>
void add_with_carry(Warp& warp, const Instruction& instruction, u32 lanes) {
    const T* const a = warp.source<T>(instruction.a);
    const T* const b = warp.source<T>(instruction.b);
    T* const target = warp.target<T>(instruction.dst);
    u32& flag = *warp.target<u32>(kCarrySlot);
    const u32 carry_in = (instruction.aux & kReads) != 0 ? flag : 0;
    u32 carry_out = 0;
    for_each_lane(lanes, [&](unsigned lane) {
        const Twice<T> in = carry_in >> lane & 1;
        const Twice<T> other = subtract ? static_cast<T>(~b[lane]) : b[lane];
        const Twice<T> sum = Twice<T>{a[lane]} + other + (subtract ? 1 - in : in);
        const u32 out = static_cast<u32>(sum >> (8 * sizeof(T))) & 1;
        target[lane] = static_cast<T>(sum);
        carry_out |= (subtract ? out ^ 1 : out) << lane;
    });
    if ((instruction.aux & kWrites) != 0) {
        flag = (flag & ~lanes) | carry_out;
    }
}

// The low or high half of a * b, plus c and the carry.
template <class T, bool high>
void multiply_add_with_carry(Warp& warp, const Instruction& instruction, u32 lanes) {
    using Product = std::conditional_t<sizeof(T) == 8, std::conditional_t<std::is_signed_v<T>, s128, u128>,
                                       std::conditional_t<std::is_signed_v<T>, s64, u64>>;
    using U = std::make_unsigned_t<T>;
    const T* const a = warp.source<T>(instruction.a);
    const T* const b = warp.source<T>(instruction.b);
    const U* const c = warp.source<U>(instruction.c);
    U* const target = warp.target<U>(instruction.dst);
    u32& flag = *warp.target<u32>(kCarrySlot);
    const u32 carry_in = (instruction.aux & kReads) != 0 ? flag : 0;
    u32 carry_out = 0;
    for_each_lane(lanes, [&](unsigned lane) {
        const Product product = Product{a[lane]} * Product{b[lane]};
        const U half = static_cast<U>(high ? product >> (8 * sizeof(T)) : product);
        const Twice<U> sum = Twice<U>{half} + c[lane] + (carry_in >> lane & 1);
        target[lane] = static_cast<U>(sum);
        carry_out |= (static_cast<u32>(sum >> (8 * sizeof(T))) & 1) << lane;
    });
    if ((instruction.aux & kWrites) != 0) {
        flag = (flag & ~lanes) | carry_out;
    }
}

struct CarryRow {
    std::string_view opcode;  // first word
    std::string_view half;    // "lo", "hi", or none
    bool is_signed;           // which matters for the high half only
    unsigned bits;
    Handler run;
};

constexpr CarryRow kCarryRows[] = {
    {"add", "", false, 32, add_with_carry<u32, false>},
    {"add", "", false, 64, add_with_carry<u64, false>},
    {"sub", "", false, 32, add_with_carry<u32, true>},
    {"sub", "", false, 64, add_with_carry<u64, true>},
    {"mad", "lo", false, 32, multiply_add_with_carry<u32, false>},
    {"mad", "lo", false, 64, multiply_add_with_carry<u64, false>},
    {"mad", "lo", true, 32, multiply_add_with_carry<s32, false>},
    {"mad", "lo", true, 64, multiply_add_with_carry<s64, false>},
    {"mad", "hi", false, 32, multiply_add_with_carry<u32, true>},
    {"mad", "hi", false, 64, multiply_add_with_carry<u64, true>},
    {"mad", "hi", true, 32, multiply_add_with_carry<s32, true>},
    {"mad", "hi", true, 64, multiply_add_with_carry<s64, true>},
};

void translate(Assembly& assembly, std::string_view opcode, u32 flag) {
    Modifiers& modifiers = assembly.modifiers();
    const bool low = modifiers.take("lo"), high = modifiers.take("hi");
    const std::string_view half = low ? "lo" : high ? "hi" : "";
    const Type type = modifiers.take_type();
    const std::size_t sources = half.empty() ? 2 : 3;
    assembly.expect_operands(1 + sources);
    for (const CarryRow& row : kCarryRows) {
        const bool fits = row.bits == traits(type).bits && (half.empty() || row.is_signed == is_signed(type));
        if (row.opcode == opcode && row.half == half && fits) {
            const Slot a = assembly.read(1, row.bits), b = assembly.read(2, row.bits);
            const Slot c = sources == 3 ? assembly.read(3, row.bits) : 0;
            assembly.emit(row.run, Class::integer, assembly.write(0, row.bits), a, b, c).aux = flag;
            return;
        }
    }
    throw Unsupported{"this type"};
}

template <const char* opcode>
void translate_reading(Assembly& assembly) {
    translate(assembly, opcode, assembly.modifiers().take("cc") ? kReads | kWrites : kReads);
}

constexpr char kAdd[] = "add", kSub[] = "sub", kMad[] = "mad";

}  // namespace

bool translate_carry_out(Assembly& assembly) {
    const std::string_view opcode = assembly.instruction().opcode, word = opcode.substr(0, opcode.find('.'));
    const bool known = word == kAdd || word == kSub || word == kMad;
    if (!known || !assembly.modifiers().take("cc")) {
        return false;
    }
    translate(assembly, word, kWrites);
    return true;
}

std::span<const OpcodeRow> carry_opcodes() {
    static constexpr OpcodeRow kOpcodes[] = {
        {"addc", translate_reading<kAdd>}, {"subc", translate_reading<kSub>}, {"madc", translate_reading<kMad>}};
    return kOpcodes;
}

}  // namespace warpsmith::emulator
