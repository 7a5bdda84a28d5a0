// st.async: stores into the shared memory of a cluster that signal an mbarrier once they are done.
#include <cstring>

#include "device/emulator/copy_async.hpp"
#include "device/emulator/copy_out.hpp"
#include "device/emulator/integer_types.hpp"
#include "device/emulator/opcodes.hpp"
#include "device/emulator/space_modifiers.hpp"

namespace warpsmith::emulator {
namespace {

using namespace short_names;
using syntax::Operand;

// `a` target, `b` mbarrier; `aux` values of T each, whose slots begin at `extra`.
template <class T>
void store_async(Warp& warp, const Instruction& instruction, u32 lanes) {
    const u64 bytes = u64{instruction.aux} * sizeof(T);
    for_each_lane(lanes, [&](unsigned lane) {
        const Copier copier{warp, instruction, lane};
        const std::optional<Piece> target =
            find_piece(copier, Space::cluster, warp.source<u64>(instruction.a)[lane], bytes, bytes);
        const std::optional<u64> barrier =
            target ? find_barrier(copier, *target, warp.source<u64>(instruction.b)[lane]) : std::nullopt;
        if (!barrier) {
            return;
        }
        BulkCopy copy{.barrier = *barrier,
                      .target = target->offset(),
                      .data = std::vector<std::byte>(bytes),
                      .warp = &warp,
                      .lane = lane,
                      .pc = copier.pc()};
        for (u32 i = 0; i < instruction.aux; ++i) {
            const T value = warp.source<T>(warp.program->slots[instruction.extra + i])[lane];
            std::memcpy(copy.data.data() + i * sizeof(T), &value, sizeof value);
        }
        start_bulk_copy(*target->region.owner, std::move(copy));
    });
    warp.changed = true;
    ++warp.worker->changes;
}

}  // namespace

bool translate_store_async(Assembly& assembly) {
    Modifiers& modifiers = assembly.modifiers();
    if (!modifiers.take("mbarrier::complete_tx::bytes")) {
        return false;
    }
    for (const std::string_view word : {"async", "weak", "shared::cluster", "v2", "v4"}) {
        modifiers.take(word);
    }
    const Type type = modifiers.take_type();
    const unsigned bits = traits(type).bits;
    if (bits != 32 && bits != 64) {
        throw Unsupported{"values of this type"};
    }
    assembly.expect_operands(3);
    const Operand& value = assembly.operand(1);
    const std::span<const Operand> values =
        value.kind == Operand::Kind::vector ? std::span<const Operand>(value.parts) : std::span(&value, 1);
    const Slot target = read_address(assembly, assembly.operand(0)),
               barrier = read_address(assembly, assembly.operand(2));
    const u32 list = assembly.read_list(values, bits);
    Instruction& instruction =
        assembly.emit(bits == 64 ? store_async<u64> : store_async<u32>, Class::copy_async, 0, target, barrier);
    instruction.aux = static_cast<u32>(values.size());
    instruction.extra = list;
    return true;
}

}  // namespace warpsmith::emulator
