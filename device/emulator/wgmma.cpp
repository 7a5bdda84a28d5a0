#include "device/emulator/wgmma.hpp"

#include <charconv>
#include <cmath>
#include <cstring>
#include <vector>

#include "device/emulator/access.hpp"
#include "device/emulator/check.hpp"
#include "device/emulator/half.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/products.hpp"
#include "device/emulator/rounding.hpp"
#include "device/emulator/schedule.hpp"
#include "device/emulator/small_floats.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;
using syntax::Operand;

constexpr u32 kRowBytes = 32;  // of K in one instruction, whatever the type
constexpr u32 kUnit = 16;      // bytes that swizzles keep together
constexpr u32 kWarpRows = 16;  // of the 64 of D

using Decode = double (*)(const std::byte* from);

template <class T>
double decode_float(const std::byte* from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return static_cast<double>(widen(value));
}
double decode_tf32(const std::byte* from) {
    u32 bits;
    std::memcpy(&bits, from, sizeof bits);
    return static_cast<double>(std::bit_cast<float>(bits & 0xFFFFE000));
}
template <class T>
double decode_integer(const std::byte* from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

struct InputRow {
    Type type;
    u32 bytes;
    Decode decode;
};
constexpr InputRow kInputs[] = {
    {Type::f16, 2, decode_float<Float16>},
    {Type::bf16, 2, decode_float<BFloat16>},
    {Type::tf32, 4, decode_tf32},
    {Type::e4m3, 1, decode_float<FloatE4M3>},
    {Type::e5m2, 1, decode_float<FloatE5M2>},
    {Type::s8, 1, decode_integer<s8>},
    {Type::u8, 1, decode_integer<u8>},
};

std::size_t input_index(Type type) {
    for (std::size_t i = 0; i < std::size(kInputs); ++i) {
        if (kInputs[i].type == type) {
            return i;
        }
    }
    throw Unsupported{"inputs of this type"};
}

enum class Sum : u32 { single, half, integer };

// Packed into Instruction::aux.
struct Product {
    u32 n = 8, a = 0, b = 0;  // columns; inputs, in kInputs
    Sum sum = Sum::single;
    bool a_in_registers = false, a_by_column = false, b_by_row = false, negates = false, clamps = false;

    u32 packed() const {
        return n | a << 9 | b << 12 | static_cast<u32>(sum) << 15 | (a_in_registers ? 1U << 17 : 0) |
               (a_by_column ? 1U << 18 : 0) | (b_by_row ? 1U << 19 : 0) | (negates ? 1U << 20 : 0) |
               (clamps ? 1U << 21 : 0);
    }
    static Product of(u32 bits) {
        return {bits & 0x1FF,          bits >> 9 & 7,         bits >> 12 & 7,        static_cast<Sum>(bits >> 15 & 3),
                (bits >> 17 & 1) != 0, (bits >> 18 & 1) != 0, (bits >> 19 & 1) != 0, (bits >> 20 & 1) != 0,
                (bits >> 21 & 1) != 0};
    }
    u32 k() const { return kRowBytes / kInputs[a].bytes; }
    u32 registers() const { return n / (sum == Sum::half ? 4 : 2); }
};

// The matrix descriptor of the PTX ISA (asynchronous warpgroup instructions, "Matrix descriptor format").
struct Descriptor {
    u64 start, leading, stride;  // bytes
    u32 span;                    // of the swizzle: 16, none; 32, 64 or 128 bytes

    explicit Descriptor(u64 bits)
        : start((bits & 0x3FFF) << 4), leading((bits >> 16 & 0x3FFF) << 4), stride((bits >> 32 & 0x3FFF) << 4) {
        constexpr u32 kSpans[] = {16, 128, 64, 32};
        span = kSpans[bits >> 62];
    }

    // Bits 7 and up of an address, as many as the span has units, change its units.
    u64 swizzled(u64 address) const { return address ^ ((address >> 3) & (span - kUnit)); }

    // The unit `unit` along K of a row, where K is contiguous.
    u64 unit_of_row(u32 row, u32 unit) const {
        const u64 along = span == kUnit ? unit * leading : u64{unit} * kUnit;
        return swizzled(start + u64{row % 8} * span + row / 8 * stride + along);
    }

    // The unit `unit` along the rows at one k, where rows are contiguous.
    u64 unit_of_column(u32 k, u32 unit) const {
        const u64 place = u64{unit} * kUnit;
        const u64 across = span == kUnit ? stride : leading, down = span == kUnit ? leading : stride;
        return swizzled(start + place % span + place / span * across + u64{k % 8} * span + k / 8 * down);
    }
};

// Reads units of shared memory, 32 at a time.
std::vector<std::byte> read_units(Warp& warp, const Instruction& instruction, const std::vector<u64>& address) {
    std::vector<std::byte> bytes(address.size() * kUnit);
    hold_input(warp, instruction, address);
    for (std::size_t first = 0; first < address.size(); first += kLanes) {
        const u32 count = static_cast<u32>(std::min<std::size_t>(kLanes, address.size() - first));
        const u32 lanes = count == kLanes ? kAllLanes : (1U << count) - 1;
        Access access;
        std::copy_n(address.data() + first, count, access.address);
        const u32 good = resolve_addresses(warp, instruction, lanes, Space::shared, Use::read, kUnit, access);
        check_load_by_proxy(warp, instruction, good, access, kUnit);
        for_each_lane(
            good, [&](unsigned lane) { std::memcpy(bytes.data() + (first + lane) * kUnit, access.host[lane], kUnit); });
    }
    return bytes;
}

// `rows` rows from `first` on, each of k numbers, one behind the other.
std::vector<double> read_matrix(Warp& warp, const Instruction& instruction, const Descriptor& descriptor, u32 first,
                                u32 rows, const InputRow& input, bool rows_contiguous) {
    const u32 k = kRowBytes / input.bytes, per_unit = kUnit / input.bytes;
    std::vector<u64> address;
    for (u32 line = 0; line < (rows_contiguous ? k : rows); ++line) {
        for (u32 unit = 0; unit < (rows_contiguous ? rows / per_unit : 2); ++unit) {
            address.push_back(rows_contiguous ? descriptor.unit_of_column(line, first / per_unit + unit)
                                              : descriptor.unit_of_row(first + line, unit));
        }
    }
    const std::vector<std::byte> bytes = read_units(warp, instruction, address);
    std::vector<double> numbers(std::size_t{rows} * k);
    for (u32 row = 0; row < rows; ++row) {
        for (u32 i = 0; i < k; ++i) {
            const std::size_t at = rows_contiguous ? std::size_t{i} * rows + row : std::size_t{row} * k + i;
            numbers[std::size_t{row} * k + i] = input.decode(bytes.data() + at * input.bytes);
        }
    }
    return numbers;
}

// Four registers of a warp: 8 x 16 bytes each, down the rows first, as of mma.
std::vector<double> read_registers(const Warp& warp, const Slot* slots, const InputRow& input) {
    const u32 k = kRowBytes / input.bytes, per_unit = kUnit / input.bytes;
    std::vector<double> numbers(std::size_t{kWarpRows} * k);
    for (u32 r = 0; r < 4; ++r) {
        const std::byte* const tile = warp.source<std::byte>(slots[r]);
        for (u32 i = 0; i < 8 * per_unit; ++i) {
            numbers[std::size_t{r % 2 * 8 + i / per_unit} * k + r / 2 * per_unit + i % per_unit] =
                input.decode(tile + std::size_t{i} * input.bytes);
        }
    }
    return numbers;
}

double read_sum(const Warp& warp, const Slot* slots, Sum sum, u32 i, u32 lane) {
    if (sum == Sum::half) {
        return static_cast<double>(widen(Float16{warp.source<u16>(slots[i / 2])[2 * lane + i % 2]}));
    }
    return sum == Sum::single ? static_cast<double>(warp.source<float>(slots[i])[lane])
                              : static_cast<double>(warp.source<s32>(slots[i])[lane]);
}

void write_sum(Warp& warp, const Slot* slots, const Product& how, u32 i, u32 lane, double value) {
    if (how.sum == Sum::half) {
        warp.target<u16>(slots[i / 2])[2 * lane + i % 2] = narrow_to_half(narrow_to_odd(value)).bits;
    } else if (how.sum == Sum::single) {
        warp.target<float>(slots[i])[lane] = canonical(static_cast<float>(value));
    } else {
        const double clamped = how.clamps ? std::fmin(std::fmax(value, -0x1p31), 0x1p31 - 1) : value;
        warp.target<u32>(slots[i])[lane] = static_cast<u32>(static_cast<s64>(clamped));
    }
}

// Slots from `extra` on: D, then A (four registers or a descriptor), B, and the predicate that D is added to. It is
// done at once, by each warp for its own rows; what it uses is held until a wait, while races are checked.
void multiply(Warp& warp, const Instruction& instruction, u32) {
    if (!converged(warp, warp.live, false)) {
        return;
    }
    const Product how = Product::of(instruction.aux);
    const u32 k = how.k(), first = warp.index % 4 * kWarpRows;
    const Slot* const d = warp.program->slots.data() + instruction.extra;
    const Slot* const a_slots = d + how.registers();
    const Slot* const b_slots = a_slots + (how.a_in_registers ? 4 : 1);
    const unsigned leader = first_lane(warp.active);
    hold_registers(warp, instruction, {d, how.registers()}, {a_slots, how.a_in_registers ? 4U : 0U});
    const std::vector<double> a = how.a_in_registers
                                      ? read_registers(warp, a_slots, kInputs[how.a])
                                      : read_matrix(warp, instruction, Descriptor(warp.source<u64>(a_slots[0])[leader]),
                                                    first, kWarpRows, kInputs[how.a], how.a_by_column);
    const std::vector<double> b = read_matrix(warp, instruction, Descriptor(warp.source<u64>(b_slots[0])[leader]), 0,
                                              how.n, kInputs[how.b], how.b_by_row);
    const bool adds = (warp.mask(b_slots[1]) >> leader & 1) != 0;
    for (u32 i = 0; i < how.n / 2; ++i) {
        for (u32 lane = 0; lane < kLanes; ++lane) {
            const u32 row = lane / 4 + i % 4 / 2 * 8, column = i / 4 * 8 + lane % 4 * 2 + i % 2;
            double sum = 0;
            for (u32 j = 0; j < k; ++j) {
                sum += a[std::size_t{row} * k + j] * b[std::size_t{column} * k + j];
            }
            sum = how.negates ? 0 - sum : sum;  // a sum of nothing is +0, as on an H200
            write_sum(warp, d, how, i, lane, adds ? read_sum(warp, d, how.sum, i, lane) + sum : sum);
        }
    }
    warp.advance();
}

// "m64n128k16"
u32 take_columns(Modifiers& modifiers, u32 k) {
    for (u32 n = 8; n <= 256; n += 8) {
        if (modifiers.take("m64n" + std::to_string(n) + "k" + std::to_string(k))) {
            return n;
        }
    }
    throw Unsupported{"this shape"};
}

s64 immediate(const Assembly& assembly, std::size_t index) {
    if (index >= assembly.operands() || assembly.operand(index).kind != Operand::Kind::integer) {
        throw Unsupported{"an operand that is no constant"};
    }
    return static_cast<s64>(assembly.operand(index).bits);
}

// scale-a, scale-b, and where the type allows it trans-a, trans-b.
void read_immediates(const Assembly& assembly, Product& how) {
    std::size_t next = 4;
    if (how.sum != Sum::integer) {
        const s64 scale_a = immediate(assembly, next++), scale_b = immediate(assembly, next++);
        how.negates = (scale_a < 0) != (scale_b < 0);
    }
    if (kInputs[how.a].bytes == 2) {
        how.a_by_column = !how.a_in_registers && immediate(assembly, next++) != 0;
        how.b_by_row = immediate(assembly, next++) != 0;
    }
    assembly.expect_operands(next);
}

}  // namespace

void translate_product(Assembly& assembly) {
    Modifiers& modifiers = assembly.modifiers();
    Product how{.clamps = modifiers.take("satfinite")};
    const Type sum = modifiers.take_type();
    how.sum = sum == Type::f16 ? Sum::half : sum == Type::s32 ? Sum::integer : Sum::single;
    how.a = static_cast<u32>(input_index(modifiers.take_type()));
    how.b = static_cast<u32>(input_index(modifiers.take_type()));
    how.n = take_columns(modifiers, how.k());
    assembly.expect_operands(4, 8);
    const Operand& d = assembly.operand(0);
    const Operand& a = assembly.operand(1);
    how.a_in_registers = a.kind == Operand::Kind::vector;
    read_immediates(assembly, how);
    if (d.parts.size() != how.registers() || (how.a_in_registers && a.parts.size() != 4)) {
        throw Unsupported{"another number of registers"};
    }
    const Slot adds = assembly.read_predicate(assembly.operand(3));
    const u32 list = assembly.write_list(d.parts, 32);
    how.a_in_registers ? assembly.read_list(a.parts, 32) : assembly.read_list({&a, 1}, 64);
    assembly.read_list({&assembly.operand(2), 1}, 64);
    assembly.program().slots.push_back(adds);
    Instruction& instruction = assembly.emit(multiply, Class::tensor);
    instruction.extra = list;
    instruction.aux = how.packed();
    instruction.offset = s64{kWarpRows} * how.n * how.k();
    instruction.flow = Flow::control;
}

}  // namespace warpsmith::emulator
