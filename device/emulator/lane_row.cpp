#include "device/emulator/lane_row.hpp"

namespace warpsmith::emulator {

void emit_lane_row(Assembly& assembly, const LaneRow& row) {
    assembly.expect_operands(1U + row.sources);
    Slot slots[4] = {0, 0, 0, 0};
    for (std::size_t i = 0; i < row.sources; ++i) {
        slots[i] = assembly.read(1 + i, row.bits[i]);
    }
    const Slot dst = assembly.write(0, row.dst_bits);
    assembly.emit(row.run, row.count_as, dst, slots[0], slots[1], slots[2]).extra = slots[3];
}

}  // namespace warpsmith::emulator
