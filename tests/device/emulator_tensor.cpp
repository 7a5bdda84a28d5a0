// Copies of tensor tiles: what they move and fill, what is refused, and defects that are found.
#include "solver/error.hpp"
#include "tests/device/tensor_copy_fixture.hpp"

namespace warpsmith::emulator {
namespace {

TEST(TensorCopy, ATileLiesRowBehindRowAndNothingBehindItIsTouched) {
    const Words room = loaded(matrix({8, 3}), iota(2048), "{16, 5}");
    for (std::size_t i = 0; i < kRoomWords; ++i) {
        const std::size_t row = i / 8, column = i % 8;
        EXPECT_EQ(room[i], i < 24 ? (5 + row) * 64 + 16 + column + 1 : 0xEEEE) << i;
    }
}

TEST(TensorCopy, SwizzlesExchangeChunksByTheRowsThatTheDocumentTells) {
    struct Pattern {
        Swizzle swizzle;
        std::size_t chunks, rows_alike;  // in a span; spans whose chunks move alike
    };
    for (const Pattern& pattern :
         {Pattern{Swizzle::span_32, 2, 4}, {Swizzle::span_64, 4, 2}, {Swizzle::span_128, 8, 1}}) {
        const std::size_t columns = pattern.chunks * 8;
        const Words room =
            loaded(matrix({static_cast<std::uint32_t>(columns), 16}, pattern.swizzle), iota(2048), "{0, 0}");
        for (std::size_t row = 0; row < 16; ++row) {
            for (std::size_t chunk = 0; chunk < pattern.chunks; ++chunk) {
                const std::size_t place = chunk ^ row / pattern.rows_alike % pattern.chunks;
                EXPECT_EQ(room[row * columns + place * 8], row * 64 + chunk * 8 + 1)
                    << pattern.chunks << " chunks, row " << row << " chunk " << chunk;
            }
        }
    }
}

TEST(TensorCopy, WhatHangsOverAnyEdgeIsFilledWithZeros) {
    for (const int column : {-5, 60}) {
        for (const int row : {-1, 30}) {
            const Words room =
                loaded(matrix({8, 4}), iota(2048), "{" + std::to_string(column) + ", " + std::to_string(row) + "}");
            for (int i = 0; i < 32; ++i) {
                const int x = column + i % 8, y = row + i / 8;
                const bool inside = x >= 0 && x < 64 && y >= 0 && y < 32;
                EXPECT_EQ(room[static_cast<std::size_t>(i)], inside ? y * 64 + x + 1 : 0) << x << " " << y;
            }
        }
    }
}

TEST(TensorCopy, NanFillsWithTheNanOfAnH200) {
    TensorTile tile = matrix({8, 1});
    tile.element = TensorElement::bf16;
    tile.fill = OutsideFill::nans;
    const Words room = loaded(tile, iota(2048), "{-2, 0}");
    EXPECT_EQ(Words(room.begin(), room.begin() + 4), (Words{0x7FF7, 0x7FF7, 1, 2}));
}

TEST(TensorCopy, StepsTakeEverySoManiethRow) {
    TensorTile tile = matrix({8, 5});
    tile.step = {1, 2, 1, 1, 1};
    const Words room = loaded(tile, iota(2048), "{0, -1}");
    EXPECT_EQ(tile.box_bytes(), 48U);  // rows -1, 1, 3
    EXPECT_EQ((Words{room[0], room[8], room[16], room[24]}), (Words{0, 1 * 64 + 1, 3 * 64 + 1, 0xEEEE}));
}

TEST(TensorCopy, UpToFiveDimensionsAreCounted) {
    TensorTile tile{.dims = {8, 2, 2, 2, 2},
                    .stride_bytes = {16, 32, 64, 128},
                    .box = {8, 1, 2, 1, 2},
                    .rank = 5,
                    .element = TensorElement::u16};
    const Words room = loaded(tile, iota(128), "{0, 1, 0, 1, 0}");
    const auto at = [](std::size_t b, std::size_t c, std::size_t d, std::size_t e) {
        return static_cast<std::uint16_t>(8 * b + 16 * c + 32 * d + 64 * e + 1);
    };
    EXPECT_EQ((Words{room[0], room[8], room[16], room[24]}),
              (Words{at(1, 0, 1, 0), at(1, 1, 1, 0), at(1, 0, 1, 1), at(1, 1, 1, 1)}));
}

TEST(TensorCopy, ElementsAreRoundedToTf32WhereTheirTypeSaysSoAndNeverFlushed) {
    const std::vector<std::uint32_t> values = {0x3F800FFF, 0x3F801000, 0x00000001, 0x80000001};
    Words tensor(8);
    std::memcpy(tensor.data(), values.data(), 16);
    const auto converted = [&](TensorElement element) {
        const TensorTile tile{.dims = {4}, .box = {4}, .rank = 1, .element = element};
        const Words room = loaded(tile, tensor, "{0}");
        std::vector<std::uint32_t> result(4);
        std::memcpy(result.data(), room.data(), 16);
        return result;
    };
    using U = std::vector<std::uint32_t>;
    EXPECT_EQ(converted(TensorElement::f32), values);
    EXPECT_EQ(converted(TensorElement::f32_ftz), values);
    EXPECT_EQ(converted(TensorElement::tf32), (U{0x3F800000, 0x3F802000, 0, 0x80000000}));
}

TEST(TensorCopy, AStoreLeavesOutWhatHangsOverAndUndoesTheSwizzle) {
    const Outcome outcome =
        run(matrix({64, 8}, Swizzle::span_128), Words(2048, 7), iota(kRoomWords),
            {.body = move(true) + kStore + "cp.async.bulk.wait_group 0;\n", .coordinates = "{32, 28}"});
    EXPECT_EQ(outcome.told, "");
    for (std::size_t y = 0; y < 32; ++y) {
        for (std::size_t x = 0; x < 64; ++x) {
            const std::size_t row = y - 28, column = x - 32, chunk = column / 8 ^ row;
            EXPECT_EQ(outcome.tensor[y * 64 + x], y < 28 || x < 32 ? 7 : row * 64 + chunk * 8 + column % 8 + 1);
        }
    }
}

TEST(TensorCopy, AReductionAddsToWhatIsThere) {
    const std::string add = replaced(replaced(kStore, "cp.async.bulk.tensor", "cp.reduce.async.bulk.tensor"),
                                     "shared::cta.tile", "shared::cta.add.tile");
    TensorTile tile{.dims = {16}, .box = {4}, .rank = 1, .element = TensorElement::u32};
    const Outcome outcome = run(tile, Words(32, 5), Words(kRoomWords, 3),
                                {.body = move(true) + add + "cp.async.bulk.wait_group 0;\n", .coordinates = "{14}"});
    EXPECT_EQ(outcome.told, "");
    EXPECT_EQ((Words{outcome.tensor[27], outcome.tensor[28], outcome.tensor[31]}), (Words{5, 8, 8}));
}

TEST(TensorCopy, TooFewExpectedBytesAreADeadlockAndTooManyToo) {
    for (const std::uint64_t bytes : {32U, 96U}) {
        const Outcome outcome =
            run(matrix({8, 4}), iota(2048), Words(kRoomWords), {.body = expecting(bytes) + kLoad + kWait});
        EXPECT_EQ(outcome.kinds, Kinds{FindingKind::deadlock}) << outcome.told;
    }
}

TEST(TensorCopy, ATileThatIsReadBeforeItWasWaitedForIsARace) {
    const std::string read = "ld.shared.u16 %h1, [%r1];\n";
    EXPECT_EQ(
        run(matrix({8, 4}), iota(2048), Words(kRoomWords), {.body = move(true) + expecting(64) + kLoad + read + kWait})
            .kinds,
        Kinds{FindingKind::race});
    EXPECT_EQ(
        run(matrix({8, 4}), iota(2048), Words(kRoomWords), {.body = move(true) + expecting(64) + kLoad + kWait + read})
            .told,
        "");
}

TEST(TensorCopy, TheSourceOfAStoreIsOverwrittenOnlyAfterItWasRead) {
    const std::string start = move(true) + kStore, overwrite = "mov.b16 %h1, 9; st.shared.u16 [%r1], %h1;\n";
    const auto outcome = [&](const std::string& wait) {
        return run(matrix({8, 4}), Words(2048), iota(kRoomWords), {.body = start + wait + overwrite});
    };
    EXPECT_EQ(outcome("").kinds, Kinds{FindingKind::race});
    EXPECT_EQ(outcome("").tensor[0], 9);  // as late as may be
    EXPECT_EQ(outcome("cp.async.bulk.wait_group.read 1;\n").kinds, Kinds{FindingKind::race});
    EXPECT_EQ(outcome("cp.async.bulk.wait_group.read 0;\n").told, "");
    EXPECT_EQ(outcome("cp.async.bulk.wait_group 0;\n").tensor[0], 1);
}

TEST(TensorCopy, AGroupThatWasNotCommittedIsNotWaitedFor) {
    const std::string store = kStore.substr(0, kStore.find('\n') + 1);
    EXPECT_EQ(run(matrix({8, 4}), Words(2048), iota(kRoomWords),
                  {.body = move(true) + store + "cp.async.bulk.wait_group.read 0;\nst.shared.u16 [%r1], %h1;\n"})
                  .kinds,
              Kinds{FindingKind::race});
}

TEST(TensorCopy, WhatAStoreWritesIsWrittenAgainOnlyAfterAWaitThatIsNotForReadingAlone) {
    const auto outcome = [&](const std::string& wait) {
        return run(matrix({8, 4}), Words(2048), iota(kRoomWords), {.body = move(true) + kStore + wait + kStore});
    };
    EXPECT_EQ(outcome("cp.async.bulk.wait_group.read 0;\n").kinds, Kinds{FindingKind::race});
    EXPECT_EQ(outcome("cp.async.bulk.wait_group 0;\n").told, "");
}

TEST(TensorCopy, BytesThatAreNoTensorMapAreToldAndMisplacedTilesToo) {
    EXPECT_EQ(run(matrix({8, 4}), iota(2048), Words(kRoomWords, 1), {.body = "mov.u64 %rd1, %rd2;\n" + kLoad}).kinds,
              Kinds{FindingKind::trap});
    EXPECT_EQ(run(matrix({8, 4}), iota(2048), Words(kRoomWords, 1), {.body = "add.u32 %r1, %r1, 64;\n" + kLoad}).kinds,
              Kinds{FindingKind::misaligned});
    EXPECT_EQ(run(matrix({64, 32}), iota(2048), Words(kRoomWords, 1), {.body = kLoad}).kinds,
              Kinds{FindingKind::out_of_bounds});  // 4 KiB into 2
    EXPECT_EQ(run(matrix({8, 4}), iota(100), Words(kRoomWords, 1), {.body = kLoad}).kinds,
              Kinds{FindingKind::out_of_bounds});  // a tensor larger than its memory
}

TEST(TensorMap, TilesThatBreakARuleAreRefusedWithIt) {
    struct Wrong {
        const char* says;
        void (*spoil)(TensorTile& tile);
    };
    constexpr Wrong kWrong[] = {
        {"address must be a multiple of 16", [](TensorTile& tile) { tile.address = 8; }},
        {"the length of dimension 1 is 0", [](TensorTile& tile) { tile.dims[1] = 0; }},
        {"1 to 2^32", [](TensorTile& tile) { tile.dims[0] = (std::uint64_t{1} << 32) + 1; }},
        {"the stride of dimension 1 is 136", [](TensorTile& tile) { tile.stride_bytes[0] = 136; }},
        {"less than 2^40", [](TensorTile& tile) { tile.stride_bytes[0] = std::uint64_t{1} << 40; }},
        {"the box of dimension 1 is 257", [](TensorTile& tile) { tile.box[1] = 257; }},
        {"the box of dimension 0 is 0", [](TensorTile& tile) { tile.box[0] = 0; }},
        {"has 24 bytes; it must be a multiple of 16", [](TensorTile& tile) { tile.box[0] = 12; }},
        {"the step of dimension 1 is 9", [](TensorTile& tile) { tile.step[1] = 9; }},
        {"6 dimensions", [](TensorTile& tile) { tile.rank = 6; }},
        {"with this swizzle 64 are the most",
         [](TensorTile& tile) { tile.box[0] = 64, tile.swizzle = Swizzle::span_64; }},
        {"shorter than the swizzle's span", [](TensorTile& tile) { tile.swizzle = Swizzle::span_128; }},
        {"im2col takes 3 to 5", [](TensorTile& tile) { tile.mode = TensorMode::im2col; }},
        {"only floating-point elements", [](TensorTile& tile) { tile.fill = OutsideFill::nans; }},
        {"that there is not", [](TensorTile& tile) { tile.element = static_cast<TensorElement>(13); }},
    };
    for (const Wrong& wrong : kWrong) {
        TensorTile tile = matrix({8, 4});
        wrong.spoil(tile);
        try {
            encode_tensor_map(tile);
            ADD_FAILURE() << "accepted: " << wrong.says;
        } catch (const Error& error) {
            EXPECT_NE(std::string(error.what()).find(wrong.says), std::string::npos) << error.what();
        }
    }
}

}  // namespace
}  // namespace warpsmith::emulator
