// Atomic operations: atom and red on global and shared memory.
#include "device/emulator/atomic.hpp"

#include <bit>
#include <cstring>

#include "device/emulator/access.hpp"
#include "device/emulator/check.hpp"
#include "device/emulator/half.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/opcodes.hpp"
#include "device/emulator/rounding.hpp"
#include "device/emulator/space_modifiers.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;
using syntax::Operand;

// Operations on the bits of a value: what it becomes, of what it is and one or two operands.
template <class T>
T exchange(T, T b, T) {
    return b;
}
template <class T>
T swap_if_equal(T old, T b, T c) {
    return old == b ? c : old;
}
template <class T>
T add(T old, T b, T) {
    return static_cast<T>(old + b);
}
// Sums in floating point. Global memory flushes subnormal numbers of single precision, shared memory keeps them (PTX
// ISA); NaNs as an H200 has them.
float add_shared(float old, float b, float) {
    return canonical(old + b);
}
float add_global(float old, float b, float) {
    return canonical(flushed(flushed(old) + flushed(b)));
}
double add_shared(double old, double b, double) {
    return old == old ? old + b : old + old;  // which makes it quiet
}
double add_global(double old, double b, double) {
    return b == b && old == old ? old + b : b == b ? old : b;
}
template <class T>
T minimum(T old, T b, T) {
    return b < old ? b : old;
}
template <class T>
T maximum(T old, T b, T) {
    return b > old ? b : old;
}
template <class T>
T both(T old, T b, T) {
    return static_cast<T>(old & b);
}
template <class T>
T either(T old, T b, T) {
    return static_cast<T>(old | b);
}
template <class T>
T one_of(T old, T b, T) {
    return static_cast<T>(old ^ b);
}
template <class T>
T increment(T old, T b, T) {
    return old >= b ? T{0} : static_cast<T>(old + 1);
}
template <class T>
T decrement(T old, T b, T) {
    return old == 0 || old > b ? b : static_cast<T>(old - 1);
}

template <class S, class T, T (*function)(T, T, T)>
S on_type(S old, S b, S c) {
    return std::bit_cast<S>(function(std::bit_cast<T>(old), std::bit_cast<T>(b), std::bit_cast<T>(c)));
}

template <class H>
u16 add_half(u16 old, u16 b, u16) {
    return Narrow<H>::apply(widen(H{old}) + widen(H{b})).bits;
}
template <class H>
u16 lower_half(u16 old, u16 b, u16) {
    return widen(H{b}) < widen(H{old}) ? b : old;
}
template <class H>
u16 higher_half(u16 old, u16 b, u16) {
    return widen(H{b}) > widen(H{old}) ? b : old;
}
template <u16 (*function)(u16, u16, u16)>
u32 on_halves(u32 old, u32 b, u32) {
    const u32 low = function(static_cast<u16>(old), static_cast<u16>(b), 0);
    const u32 high = function(static_cast<u16>(old >> 16), static_cast<u16>(b >> 16), 0);
    return low | high << 16;
}

// Blocks may run on several threads of the host, so the host's own atomics are used.
template <class T, T (*function)(T, T, T)>
T update(std::byte* place, T b, T c, bool& changed) {
    T* const target = reinterpret_cast<T*>(place);
    T old = __atomic_load_n(target, __ATOMIC_RELAXED), next = function(old, b, c);
    while (!__atomic_compare_exchange_n(target, &old, next, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
        next = function(old, b, c);
    }
    changed = changed || next != old;
    return old;
}

// Vector elements follow each other in memory; their slots follow in Program::slots from `extra` on: operands, then
// results. `b` and `c` of a single one are there too.
template <class T, T (*function)(T, T, T), bool returns>
void modify(Warp& warp, const Instruction& instruction, u32 lanes) {
    Access access;
    const u32 good = resolve(warp, instruction, lanes, Use::atomic, access);
    const u32 elements = Target::of(instruction.aux).elements;
    const Slot* const slots = warp.program->slots.data() + instruction.extra;
    check_atomic(warp, instruction, good, access, instruction.bytes);
    bool changed = false;
    for (u32 e = 0; e < elements; ++e) {
        const T* const b = warp.source<T>(slots[e]);
        const T* const c = instruction.c != 0 ? warp.source<T>(instruction.c) : b;
        T* const target = returns ? warp.target<T>(slots[elements + e]) : nullptr;
        for_each_lane(good, [&](unsigned lane) {
            const T old = update<T, function>(access.host[lane] + e * sizeof(T), b[lane], c[lane], changed);
            if (returns) {
                target[lane] = old;
            }
        });
    }
    warp.polled = warp.polled || !changed;
    warp.changed = warp.changed || changed;
    warp.worker->changes += changed ? 1 : 0;
}

template <class T, T (*function)(T, T, T)>
void combine(std::byte* to, const std::byte* from) {
    T operand;
    std::memcpy(&operand, from, sizeof operand);
    bool changed = false;
    update<T, function>(to, operand, operand, changed);
}

struct AtomicRow {
    std::string_view operation;
    Type type;
    bool commutes;  // blocks may come in any order, as far as memory is concerned
    Handler with_result, without;
    void (*combine)(std::byte* to, const std::byte* from);
    bool only_shared = false;
};

template <class S, S (*function)(S, S, S)>
constexpr AtomicRow row(std::string_view operation, Type type, bool commutes = true) {
    return {operation, type, commutes, modify<S, function, true>, modify<S, function, false>, combine<S, function>};
}

template <class S, S (*function)(S, S, S)>
constexpr AtomicRow shared_row(std::string_view operation, Type type) {
    return {operation, type, false, modify<S, function, true>, modify<S, function, false>, combine<S, function>, true};
}

template <class S>
constexpr AtomicRow exchange_row(Type type) {
    return row<S, exchange<S>>("exch", type, false);
}
template <class S>
constexpr AtomicRow swap_row(Type type) {
    return row<S, swap_if_equal<S>>("cas", type, false);
}

constexpr AtomicRow kAtomicRows[] = {
    exchange_row<u32>(Type::b32),
    exchange_row<u64>(Type::b64),
    exchange_row<u32>(Type::u32),
    exchange_row<u32>(Type::s32),
    exchange_row<u64>(Type::u64),
    exchange_row<u32>(Type::f32),
    swap_row<u16>(Type::b16),
    swap_row<u32>(Type::b32),
    swap_row<u64>(Type::b64),
    swap_row<u32>(Type::u32),
    swap_row<u32>(Type::s32),
    swap_row<u64>(Type::u64),
    row<u32, add<u32>>("add", Type::u32),
    row<u32, add<u32>>("add", Type::s32),
    row<u64, add<u64>>("add", Type::u64),
    row<u64, add<u64>>("add", Type::s64),
    shared_row<u32, on_type<u32, float, add_shared>>("add", Type::f32),
    shared_row<u64, on_type<u64, double, add_shared>>("add", Type::f64),
    row<u32, on_type<u32, float, add_global>>("add", Type::f32, false),
    row<u64, on_type<u64, double, add_global>>("add", Type::f64, false),
    row<u16, add_half<Float16>>("add", Type::f16, false),
    row<u16, add_half<BFloat16>>("add", Type::bf16, false),
    row<u32, on_halves<add_half<Float16>>>("add", Type::f16x2, false),
    row<u32, on_halves<add_half<BFloat16>>>("add", Type::bf16x2, false),
    row<u32, minimum<u32>>("min", Type::u32),
    row<u64, minimum<u64>>("min", Type::u64),
    row<u32, on_type<u32, s32, minimum<s32>>>("min", Type::s32),
    row<u64, on_type<u64, s64, minimum<s64>>>("min", Type::s64),
    row<u32, maximum<u32>>("max", Type::u32),
    row<u64, maximum<u64>>("max", Type::u64),
    row<u32, on_type<u32, s32, maximum<s32>>>("max", Type::s32),
    row<u64, on_type<u64, s64, maximum<s64>>>("max", Type::s64),
    row<u16, lower_half<Float16>>("min", Type::f16),
    row<u16, lower_half<BFloat16>>("min", Type::bf16),
    row<u32, on_halves<lower_half<Float16>>>("min", Type::f16x2),
    row<u32, on_halves<lower_half<BFloat16>>>("min", Type::bf16x2),
    row<u16, higher_half<Float16>>("max", Type::f16),
    row<u16, higher_half<BFloat16>>("max", Type::bf16),
    row<u32, on_halves<higher_half<Float16>>>("max", Type::f16x2),
    row<u32, on_halves<higher_half<BFloat16>>>("max", Type::bf16x2),
    row<u32, both<u32>>("and", Type::b32),
    row<u64, both<u64>>("and", Type::b64),
    row<u32, either<u32>>("or", Type::b32),
    row<u64, either<u64>>("or", Type::b64),
    row<u32, one_of<u32>>("xor", Type::b32),
    row<u64, one_of<u64>>("xor", Type::b64),
    row<u32, increment<u32>>("inc", Type::u32),
    row<u32, decrement<u32>>("dec", Type::u32),
};

constexpr std::string_view kOperations[] = {"exch", "cas", "add", "min", "max", "and", "or", "xor", "inc", "dec"};

struct VectorWord {
    std::string_view word;
    u32 elements;
};
constexpr VectorWord kVectors[] = {{"v2", 2}, {"v4", 4}, {"v8", 8}};

u32 take_elements(Modifiers& modifiers) {
    for (const VectorWord& vector : kVectors) {
        if (modifiers.take(vector.word)) {
            return vector.elements;
        }
    }
    return 1;
}

// Of rows for shared memory alone and for any, the former are first.
const AtomicRow& find_row(std::string_view operation, Type type, bool in_shared) {
    for (const AtomicRow& row : kAtomicRows) {
        if (row.operation == operation && row.type == type && (in_shared || !row.only_shared)) {
            return row;
        }
    }
    throw Unsupported{"this operation on this type"};
}

const AtomicRow& take_row(Modifiers& modifiers, bool in_shared) {
    const std::size_t operation = modifiers.take_one_of(kOperations);
    modifiers.take("noftz");
    const Type type = modifiers.take_type();
    return find_row(operation < std::size(kOperations) ? kOperations[operation] : "", type, in_shared);
}

std::span<const Operand> elements_of(const Operand& operand) {
    return operand.kind == Operand::Kind::vector ? std::span<const Operand>(operand.parts) : std::span(&operand, 1);
}

// atom d, [a], b{, c}; red [a], b. A cache policy may follow.
void translate(Assembly& assembly, bool returns) {
    Modifiers& modifiers = assembly.modifiers();
    const MemoryModifiers how = take_memory_modifiers(modifiers);
    const u32 elements = take_elements(modifiers);
    const AtomicRow& row = take_row(modifiers, how.space == Space::shared || how.space == Space::cluster);
    const std::size_t first = returns ? 1 : 0, sources = row.operation == "cas" ? 2 : 1;
    assembly.expect_operands(first + 1 + sources, first + 2 + sources);
    const unsigned bits = traits(row.type).bits;
    const std::span<const Operand> values = elements_of(assembly.operand(first + 1));
    if (values.size() != elements) {
        throw Unsupported{"a vector of another size"};
    }
    const u32 list = assembly.read_list(values, bits);
    const Slot c = sources == 2 ? assembly.read(first + 2, bits) : 0;
    if (returns) {
        const std::span<const Operand> results = elements_of(assembly.operand(0));
        if (results.size() != elements) {
            throw Unsupported{"a vector of another size"};
        }
        assembly.write_list(results, bits);
    }
    Instruction& instruction = emit_access(assembly, returns ? row.with_result : row.without, Class::atomic,
                                           assembly.operand(first), how.space, elements);
    instruction.c = c;
    instruction.extra = list;
    instruction.bytes = static_cast<std::uint16_t>(bits / 8 * elements);
    instruction.order = static_cast<std::uint8_t>(order_of(how) | kOrdered);
    const bool in_block = how.space == Space::shared || how.space == Space::local;
    instruction.has_order = !in_block && (returns || !row.commutes);
}

void translate_atom(Assembly& assembly) {
    translate(assembly, true);
}
void translate_red(Assembly& assembly) {
    translate(assembly, false);
}

}  // namespace

Reduction find_reduction(std::string_view operation, Type type, bool in_shared) {
    return {find_row(operation, type, in_shared).combine, traits(type).bits / 8};
}

std::span<const OpcodeRow> atomic_opcodes() {
    static constexpr OpcodeRow kOpcodes[] = {{"atom", translate_atom}, {"red", translate_red}};
    return kOpcodes;
}

}  // namespace warpsmith::emulator
