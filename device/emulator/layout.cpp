#include "device/emulator/layout.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

#include "device/emulator/address_space.hpp"
#include "solver/error.hpp"

namespace warpsmith::emulator {
namespace {

using syntax::StateSpace;

// What a thread's stack may take when its depth is not known beforehand; CUDA's default is 1 KiB, kernels that recurse
// ask for more.
constexpr std::uint64_t kDeepLocal = 64 << 10;

// A thread of a GPU has 512 KiB; a call that would go beyond finds the stack full.
constexpr std::uint64_t kMostLocal = std::uint64_t{16} << 20;

// What global and constant variables of a module may take together: a few tables, not the host's memory.
constexpr std::uint64_t kMostVariableBytes = std::uint64_t{1} << 30;

// Chains of calls longer than this are not followed: no kernel has them, and the host's stack is finite too.
constexpr std::size_t kLongestChain = 1000;

struct Depth {
    std::uint64_t registers = 0, local = 0;
    bool unbounded = false;
};

// The longest chains of calls from each function that was asked for, in bytes.
class CallDepths {
  public:
    explicit CallDepths(const Program& program)
        : program_(program), known_(program.functions.size()), open_(program.functions.size(), 0) {}

    Depth of(std::uint32_t function, std::size_t chain = 0) {
        if (known_[function]) {
            return *known_[function];
        }
        const Function& self = program_.functions[function];
        Depth deepest{.unbounded = self.calls_indirectly || chain > kLongestChain};
        open_[function] = 1;
        for (const std::uint32_t callee : self.callees) {
            if (open_[callee] != 0 || chain > kLongestChain) {
                deepest.unbounded = true;
                continue;
            }
            const Depth depth = of(callee, chain + 1);
            deepest.registers = std::max(deepest.registers, depth.registers);
            deepest.local = std::max(deepest.local, depth.local);
            deepest.unbounded = deepest.unbounded || depth.unbounded;
        }
        open_[function] = 0;
        deepest.registers += self.frame_bytes;
        deepest.local += self.local_bytes;
        known_[function] = deepest;
        return deepest;
    }

    bool reached(std::uint32_t function) const { return known_[function].has_value(); }

  private:
    const Program& program_;
    std::vector<std::optional<Depth>> known_;
    std::vector<char> open_;  // on the way from the entry
};

std::uint64_t align_up(std::uint64_t value, std::uint64_t align) {
    return (value + align - 1) / align * align;
}

// Static variables first; the dynamic ones, of no size of their own, share what follows.
void place_shared(const Program& program, const std::vector<char>& used, EntryLayout& layout) {
    std::uint64_t next = kSharedStart;
    layout.shared_offsets.assign(program.variables.size(), 0);
    for (const bool dynamic : {false, true}) {
        std::uint64_t start = next;
        for (std::size_t v = 0; v < program.variables.size(); ++v) {
            const syntax::Variable& variable = program.variables[v];
            if (variable.space == StateSpace::shared && used[v] != 0 && variable.is_extern && dynamic) {
                start = std::max(start, align_up(next, std::max<std::size_t>(variable.align, 16)));
                layout.shared_offsets[v] = start;
            } else if (variable.space == StateSpace::shared && used[v] != 0 && !variable.is_extern && !dynamic) {
                next = align_up(next, variable.align);
                layout.shared_offsets[v] = next;
                next += variable.bytes;
            }
        }
        next = dynamic ? start : next;
    }
    layout.static_smem_bytes = next - kSharedStart;
}

std::uint64_t value_of(const Program& program, const syntax::Initialiser& initial, Type type,
                       const std::vector<std::uint64_t>& addresses) {
    std::uint64_t value = initial.bits;
    if (!initial.symbol.empty()) {
        const auto variable = program.variable_named.find(initial.symbol);
        const auto function = program.function_named.find(initial.symbol);
        if (variable != program.variable_named.end()) {
            value += addresses[variable->second];
        } else if (function != program.function_named.end()) {
            value += kCodeWindow + kFunctionStride * function->second;
        }
        return initial.masked ? value >> initial.mask_shift : value;
    }
    if (initial.floating64 && traits(type).bits == 32) {
        return std::bit_cast<std::uint32_t>(static_cast<float>(std::bit_cast<double>(value)));
    }
    if (initial.floating32 && traits(type).bits == 64) {
        return std::bit_cast<std::uint64_t>(
            static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(value))));
    }
    return value;
}

// Variables without an initial value start as zeros, as those with one do behind it.
void initialise(const Program& program, const syntax::Variable& variable, std::uint64_t address,
                const std::vector<std::uint64_t>& addresses, Memory& memory) {
    std::vector<std::byte> image(variable.bytes, std::byte{0});
    const std::size_t element = bytes(variable.type);
    for (std::size_t i = 0; i < variable.initial.size(); ++i) {
        const std::uint64_t value = value_of(program, variable.initial[i], variable.type, addresses);
        std::memcpy(image.data() + i * element, &value, std::min<std::size_t>(element, sizeof(value)));
    }
    memory.write(address, image);
    memory.find(address)->read_only = variable.space == StateSpace::constant;
}

bool is_global(const syntax::Variable& variable) {
    return variable.space == StateSpace::global || variable.space == StateSpace::constant;
}

}  // namespace

EntryLayout layout_of(const Program& program, const Function& entry) {
    EntryLayout layout;
    CallDepths depths(program);
    const Depth depth = depths.of(static_cast<std::uint32_t>(&entry - program.functions.data()));
    const std::uint64_t local = depth.unbounded ? std::max(kDeepLocal, 2 * depth.local) : depth.local;
    layout.register_bytes = static_cast<std::uint32_t>(std::min<std::uint64_t>(depth.registers, kDeepestStack));
    layout.local_bytes = static_cast<std::uint32_t>(std::min(local, kMostLocal));
    std::vector<char> used(program.variables.size(), 0);
    for (std::uint32_t f = 0; f < program.functions.size(); ++f) {
        const bool reached = depths.reached(f) || depth.unbounded;
        for (const std::uint32_t variable : program.functions[f].variables) {
            used[variable] = used[variable] != 0 || reached ? 1 : 0;
        }
    }
    place_shared(program, used, layout);
    return layout;
}

const std::vector<std::uint64_t>& global_addresses(const std::shared_ptr<const Program>& program, Memory& memory) {
    std::vector<std::uint64_t>& addresses = memory.module_variables(program);
    if (addresses.size() == program->variables.size()) {
        return addresses;
    }
    std::uint64_t total = 0;
    for (const syntax::Variable& variable : program->variables) {
        total += is_global(variable) ? variable.bytes : 0;
    }
    if (total > kMostVariableBytes) {
        throw Error("placing the variables of a PTX module: they take " + std::to_string(total) +
                    " bytes of global memory, 1 GiB is the most; pass large ones as arguments");
    }
    addresses.clear();
    for (const syntax::Variable& variable : program->variables) {
        addresses.push_back(is_global(variable) && variable.bytes > 0 ? memory.allocate(variable.bytes) : 0);
    }
    for (std::size_t v = 0; v < addresses.size(); ++v) {
        if (addresses[v] != 0) {
            initialise(*program, program->variables[v], addresses[v], addresses, memory);
        }
    }
    return addresses;
}

}  // namespace warpsmith::emulator
