// The check of barriers: that the lanes of a warp come to them together, that no warp leaves others waiting, and that
// all expect the same number of threads.
#pragma once

#include "device/emulator/barrier.hpp"
#include "device/emulator/control_flow.hpp"

namespace warpsmith::emulator {

class BarrierCheck {
  public:
    explicit BarrierCheck(const Program& program) : flow_(program) {}

    // The running group splits: it and the lanes that leave remember where they should meet again.
    void note_split(Warp& warp, Group& leaving);

    // The group that was just picked may stand where it should meet others: those that still wait in a barrier before
    // that place have been left behind.
    void note_arrival_at_join(Warp& warp);

    // Where the running group should meet others; kNoReturn when there is no such place.
    std::uint32_t next_join(const Warp& warp) const;

    // What two groups that met have in common.
    static void merge(Group& group, const Group& other);

    // The group enters a barrier.
    void note_entry(Warp& warp, const Instruction& instruction, std::uint32_t lanes, const Arrival& arrival) const;

    // The warp has ended; `last` is the instruction before the one that ended it.
    void note_end(Warp& warp, std::uint32_t last) const;

  private:
    ControlFlow flow_;
    std::uint64_t splits_ = 0;
};

}  // namespace warpsmith::emulator
