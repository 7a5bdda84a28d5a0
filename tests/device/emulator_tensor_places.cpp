// Tensor copies: where the map may lie, and tiles that several blocks of a cluster get at once.
#include "device/emulator/tensor_map.hpp"
#include "tests/device/emulator_fixture.hpp"

namespace warpsmith::emulator {
namespace {

using Words = std::vector<std::uint16_t>;

constexpr std::size_t kTileWords = 24;  // 3 rows of 8

std::string listed(std::span<const std::byte> bytes) {
    std::string text;
    for (const std::byte byte : bytes) {
        text += (text.empty() ? "" : ", ") + std::to_string(std::to_integer<unsigned>(byte));
    }
    return text;
}

// The tile at column 16 of row 5, of a matrix that counts from 0 on in rows of 64.
Words expected_tile() {
    Words words;
    for (std::size_t i = 0; i < kTileWords; ++i) {
        words.push_back(static_cast<std::uint16_t>((5 + i / 8) * 64 + 16 + i % 8));
    }
    return words;
}

// What each block of a cluster has in shared memory in the end. The map is a variable of the module in `space`; block 0
// copies, with the rest of an instruction: `modifier` and `operand`.
Words loaded(const std::string& space, unsigned blocks, const std::string& modifier, const std::string& operand) {
    Memory memory;
    Words matrix(std::size_t{64} * 32);
    for (std::size_t i = 0; i < matrix.size(); ++i) {
        matrix[i] = static_cast<std::uint16_t>(i);
    }
    const TensorTile tile{.address = upload(memory, matrix),
                          .dims = {64, 32},
                          .stride_bytes = {128},
                          .box = {8, 3},
                          .rank = 2,
                          .element = TensorElement::u16};
    const std::uint64_t out = upload(memory, Words(kTileWords * blocks, 0xEEEE));
    std::string kept;
    for (std::size_t i = 0; i < kTileWords; ++i) {
        const std::string at = "+" + std::to_string(2 * i) + "]";
        kept += "ld.shared.u16 %h1, [room" + at + "; st.global.u16 [%rd2" + at + ", %h1;\n";
    }
    const Module module = Module::parse(
        kPtxHeader + "." + space + " .align 64 .b8 map[128] = {" + listed(encode_tensor_map(tile)) +
        "};\n.entry k(.param .u64 p) {\n.reg .u64 %rd<9>; .reg .b32 %r<9>; .reg .b16 %h<4>; .reg .pred %p<4>;\n"
        ".shared .align 128 .b8 room[48];\n.shared .align 8 .b64 bar;\n"
        "mov.u64 %rd1, map; cvta." +
        space +
        ".u64 %rd1, %rd1; ld.param.u64 %rd2, [p]; mov.u32 %r1, %cluster_ctarank; mad.wide.u32 %rd2, %r1, 48, %rd2;\n"
        "mbarrier.init.shared.b64 [bar], 1; mbarrier.arrive.expect_tx.shared.b64 _, [bar], 48;\n"
        "barrier.cluster.arrive; barrier.cluster.wait; setp.ne.u32 %p1, %r1, 0; mov.u16 %h2, 3; @%p1 bra WAIT;\n"
        "cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes" +
        modifier + " [room], [%rd1, {16, 5}], [bar]" + operand +
        ";\nWAIT: mbarrier.try_wait.parity.shared.b64 %p1, [bar], 0; @!%p1 bra WAIT;\n" + kept + "ret;\n}\n");
    const LaunchResult result =
        launch(module, "k", {.grid = {blocks, 1, 1}, .cluster = {blocks, 1, 1}, .checks = kAllChecks},
               Parameters().add(out).bytes(), memory);
    EXPECT_EQ(told(result), "");
    return download<std::uint16_t>(memory, out, kTileWords * blocks);
}

TEST(TensorCopy, TheMapMayLieInConstantMemory) {
    EXPECT_EQ(loaded("const", 1, "", ""), expected_tile());
}

TEST(TensorCopy, TheMapMayLieInGlobalMemory) {
    EXPECT_EQ(loaded("global", 1, "", ""), expected_tile());
}

TEST(TensorCopy, AMulticastPutsTheTileIntoEveryBlockOfItsMaskAndTellsTheBarrierThere) {
    const Words tile = expected_tile();
    Words both = tile;
    both.insert(both.end(), tile.begin(), tile.end());
    EXPECT_EQ(loaded("const", 2, ".multicast::cluster", ", %h2"), both);
}

}  // namespace
}  // namespace warpsmith::emulator
