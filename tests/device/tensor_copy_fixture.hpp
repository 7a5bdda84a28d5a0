// Runs copies of tensors between memory and a room in shared memory.
#pragma once

#include "device/emulator/tensor_map.hpp"
#include "tests/device/emulator_fixture.hpp"

namespace warpsmith::emulator {

using Kinds = std::vector<FindingKind>;
using Words = std::vector<std::uint16_t>;

inline constexpr std::size_t kRoomWords = 1024;

inline Words iota(std::size_t count) {
    Words words(count);
    for (std::size_t i = 0; i < count; ++i) {
        words[i] = static_cast<std::uint16_t>(i + 1);
    }
    return words;
}

// 2-byte elements, 64 in each of 32 rows.
inline TensorTile matrix(std::array<std::uint32_t, 5> box, Swizzle swizzle = Swizzle::none) {
    return {.dims = {64, 32},
            .stride_bytes = {128},
            .box = box,
            .rank = 2,
            .element = TensorElement::u16,
            .swizzle = swizzle};
}

// One thread: shared `room` of 2 KiB at %r1, mbarrier `bar`, the map's address %rd1, %rd2 a buffer of 2 KiB. Room and
// buffer are copied to each other by `body`; $C is the list of coordinates.
struct Run {
    std::string body;
    std::string coordinates = "{0, 0}";
    std::uint64_t seed = 0;
};
inline const std::string kLoad =
    "cp.async.bulk.tensor.$Rd.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%r1], [%rd1, $C], [bar];\n";
inline const std::string kStore =
    "cp.async.bulk.tensor.$Rd.global.shared::cta.tile.bulk_group [%rd1, $C], [%r1];\n"
    "cp.async.bulk.commit_group;\n";
inline const std::string kWait = "WAIT: mbarrier.try_wait.parity.shared.b64 %p1, [bar], 0; @!%p1 bra WAIT;\n";
// Moves 2 KiB between room and buffer; copies see what is in the room then.
inline std::string move(bool into_room) {
    const std::string load = into_room ? "ld.global.u16 %h1, [%rd3]; st.shared.u16 [%r2], %h1;"
                                       : "ld.shared.u16 %h1, [%r2]; st.global.u16 [%rd3], %h1;";
    return "mov.u32 %r2, %r1; mov.u64 %rd3, %rd2; mov.u32 %r3, 0;\nLOOP: " + load +
           " add.u32 %r2, %r2, 2; add.u64 %rd3, %rd3, 2; add.u32 %r3, %r3, 1; setp.lt.u32 %p2, %r3, 1024; @%p2 bra "
           "LOOP;\n" +
           (into_room ? "fence.proxy.async.shared::cta;\n" : "");
}
inline std::string expecting(std::uint64_t bytes) {
    return "mbarrier.arrive.expect_tx.shared.b64 _, [bar], " + std::to_string(bytes) + ";\n";
}

// The first of `what` alone, which `with` may contain.
inline std::string once(std::string text, const std::string& what, const std::string& with) {
    return text.replace(text.find(what), what.size(), with);
}

inline std::string replaced(std::string text, const std::string& what, const std::string& with) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what)) {
        text.replace(at, what.size(), with);
    }
    return text;
}

struct Outcome {
    std::string told;
    Kinds kinds;
    Words buffer, tensor;
};

inline Outcome run(TensorTile tile, const Words& tensor, const Words& buffer, const Run& how) {
    const std::string body =
        replaced(replaced(how.body, "$C", how.coordinates), "$R", std::to_string(static_cast<unsigned>(tile.rank)));
    const Module module =
        Module::parse(kPtxHeader +
                      ".entry k(.param .align 64 .b8 map[128], .param .u64 p) {\n.reg .u64 %rd<9>; .reg .b32 %r<9>; "
                      ".reg .b16 %h<4>; .reg .pred %p<4>;\n.shared .align 1024 .b8 room[2048];\n.shared .align 8 .b64 "
                      "bar;\nmov.u32 %r1, room;\nmov.b64 %rd1, map;\ncvta.param.u64 %rd1, %rd1;\nld.param.u64 %rd2, "
                      "[p];\nmbarrier.init.shared.b64 [bar], 1;\n" +
                      body + "ret;\n}\n");
    Memory memory;
    tile.address = upload(memory, tensor);
    const std::uint64_t out = upload(memory, buffer);
    std::vector<std::byte> parameters(136);
    const std::array<std::byte, kTensorMapBytes> map = encode_tensor_map(tile);
    std::copy(map.begin(), map.end(), parameters.begin());
    std::memcpy(parameters.data() + 128, &out, sizeof out);
    const LaunchResult result = launch(module, "k", {.seed = how.seed, .checks = kAllChecks}, parameters, memory);
    return {told(result), kinds(result), download<std::uint16_t>(memory, out, buffer.size()),
            download<std::uint16_t>(memory, tile.address, tensor.size())};
}

// What a load leaves of 2 KiB of 0xEEEE.
inline Words loaded(const TensorTile& tile, const Words& tensor, const std::string& coordinates) {
    const Outcome outcome =
        run(tile, tensor, Words(kRoomWords, 0xEEEE),
            {.body = move(true) + expecting(tile.box_bytes()) + kLoad + kWait + replaced(move(false), "LOOP", "BACK"),
             .coordinates = coordinates});
    EXPECT_EQ(outcome.told, "");
    return outcome.buffer;
}

}  // namespace warpsmith::emulator
