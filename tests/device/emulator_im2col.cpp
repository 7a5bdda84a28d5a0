// Copies of columns of pixels (im2col) and of four rows that are named one by one.
#include "tests/device/tensor_copy_fixture.hpp"

namespace warpsmith::emulator {
namespace {

// Two images of 4 x 3 pixels of 8 channels; pixel (w, h) of image n begins with 8 (w + 4 h + 12 n) + 1.
constexpr int kWidth = 4, kHeight = 3;
TensorTile images(std::uint32_t pixels) {
    return {.dims = {8, kWidth, kHeight, 2},
            .stride_bytes = {16, 64, 192},
            .box = {8, pixels},
            .rank = 4,
            .element = TensorElement::u16,
            .mode = TensorMode::im2col};
}
std::uint16_t channel(int w, int h, int n) {
    const bool inside = w >= 0 && w < kWidth && h >= 0 && h < kHeight && n < 2;
    return static_cast<std::uint16_t>(inside ? 8 * (w + kWidth * h + kWidth * kHeight * n) + 1 : 0);
}

const std::string kColumn = once(once(kLoad, ".tile", ".im2col"), "[bar]", "[bar], {$W, $H}");

Outcome column(const TensorTile& tile, const std::string& coordinates, int w, int h) {
    const std::string load = replaced(replaced(kColumn, "$W", std::to_string(w)), "$H", std::to_string(h));
    return run(tile, iota(192), Words(kRoomWords, 0xEEEE),
               {.body = move(true) + expecting(tile.box_bytes()) + load + kWait + replaced(move(false), "LOOP", "BACK"),
                .coordinates = coordinates});
}

// The first channel of each pixel.
Words firsts(const Outcome& outcome, std::size_t pixels) {
    EXPECT_EQ(outcome.told, "");
    Words words;
    for (std::size_t i = 0; i < pixels; ++i) {
        words.push_back(outcome.buffer[8 * i]);
    }
    return words;
}

TEST(Im2col, AColumnGoesAlongTheBoxOfPixelsAndOnInTheNextImage) {
    TensorTile tile = images(6);
    tile.lower = {-1, 0};
    tile.upper = {-2, -1};  // w from -1 to 1, h from 0 to 1
    const Words expected = {channel(1, 0, 0), channel(-1, 1, 0), channel(0, 1, 0),
                            channel(1, 1, 0), channel(-1, 0, 1), channel(0, 0, 1)};
    EXPECT_EQ(firsts(column(tile, "{0, 1, 0, 0}", 0, 0), 6), expected);
}

TEST(Im2col, OffsetsMoveThePixelsButNotTheBoxThatTheyAreCountedIn) {
    TensorTile tile = images(4);
    tile.lower = {-1, -1};
    tile.upper = {-1, -1};  // w from -1 to 2, h from -1 to 1
    const Words expected = {channel(3, 1, 0), channel(4, 1, 0), channel(1, 2, 0), channel(2, 2, 0)};
    EXPECT_EQ(firsts(column(tile, "{0, 1, -1, 0}", 2, 2), 4), expected);
}

TEST(Im2col, StepsSkipPlacesAndBeginAnewAtTheLowerCorner) {
    TensorTile tile = images(5);
    tile.lower = {-1, 0};
    tile.upper = {0, 0};  // w from -1 to 3, h from 0 to 2
    tile.step = {1, 2, 2, 1, 1};
    const Words expected = {channel(1, 0, 0), channel(3, 0, 0), channel(-1, 2, 0), channel(1, 2, 0), channel(3, 2, 0)};
    EXPECT_EQ(firsts(column(tile, "{0, 1, 0, 0}", 0, 0), 5), expected);
}

TEST(Im2col, WhatIsNotDocumentedIsToldAndNotDone) {
    TensorTile tile = images(4);
    tile.step = {1, 2, 1, 1, 1};
    EXPECT_NE(column(tile, "{0, 1, 0, 0}", 0, 0).told.find("no document says"), std::string::npos);
    EXPECT_NE(column(tile, "{0, 4, 0, 0}", 0, 0).told.find("from 0 to 3"), std::string::npos);
    EXPECT_NE(column(tile, "{0, 0, 0, 0}", 256, 0).told.find("an im2col offset of 256"), std::string::npos);
    TensorTile tiles = images(1);
    tiles.mode = TensorMode::tiled;
    tiles.box = {8, 1, 1, 1};
    EXPECT_NE(column(tiles, "{0, 0, 0, 0}", 0, 0).told.find("a tensor map of tiles"), std::string::npos);
}

TEST(Im2col, AStoreWritesItsPixelsAndLeavesOutThoseBeyondTheImage) {
    TensorTile tile = images(3);
    tile.upper = {1, 0};  // w from 0 to 4
    const Outcome outcome =
        run(tile, Words(192, 7), iota(kRoomWords),
            {.body = move(true) + once(kStore, ".tile", ".im2col_no_offs") + "cp.async.bulk.wait_group 0;\n",
             .coordinates = "{0, 3, 0, 0}"});
    EXPECT_EQ(outcome.told, "");
    EXPECT_EQ((Words{outcome.tensor[8 * 3], outcome.tensor[8 * 3 + 7], outcome.tensor[8 * 4], outcome.tensor[8 * 5]}),
              (Words{1, 8, 17, 7}));  // (3, 0), nothing for (4, 0), then (0, 1)
}

TEST(FourRows, AreGatheredAndScatteredInTheOrderOfTheirCoordinates) {
    const Outcome gathered = run(matrix({16, 1}), iota(2048), Words(kRoomWords, 0xEEEE),
                                 {.body = move(true) + expecting(128) + once(kLoad, ".tile", ".tile::gather4") + kWait +
                                          replaced(move(false), "LOOP", "BACK"),
                                  .coordinates = "{56, 30, 2, 32, 7}"});
    EXPECT_EQ(gathered.told, "");
    EXPECT_EQ((Words{gathered.buffer[0], gathered.buffer[7], gathered.buffer[8], gathered.buffer[16],
                     gathered.buffer[32], gathered.buffer[48], gathered.buffer[64]}),
              (Words{30 * 64 + 57, 30 * 64 + 64, 0, 2 * 64 + 57, 0, 7 * 64 + 57, 0xEEEE}));
    const Outcome scattered =
        run(matrix({16, 1}), Words(2048, 7), iota(kRoomWords),
            {.body = move(true) + once(kStore, ".tile", ".tile::scatter4") + "cp.async.bulk.wait_group 0;\n",
             .coordinates = "{0, 3, -1, 0, 9}"});
    EXPECT_EQ(scattered.told, "");
    EXPECT_EQ((Words{scattered.tensor[3 * 64], scattered.tensor[0], scattered.tensor[9 * 64], scattered.tensor[64]}),
              (Words{1, 33, 49, 7}));
}

TEST(FourRows, WantABoxOfOneRow) {
    EXPECT_NE(run(matrix({16, 4}), iota(2048), Words(kRoomWords, 1),
                  {.body = once(kLoad, ".tile", ".tile::gather4"), .coordinates = "{0, 1, 2, 3, 4}"})
                  .told.find("box has 4 rows"),
              std::string::npos);
}

TEST(TensorCopy, FormsThatAreNotThereAreRefusedByName) {
    for (const auto& [body, coordinates] :
         std::vector<std::pair<std::string, std::string>>{{once(kLoad, ".tile", ".im2col::w"), "{0, 0}"},
                                                          {once(kLoad, ".tile", ".im2col"), "{0, 0}"},
                                                          {once(kLoad, ".tile", ".im2col_no_offs"), "{0, 0}"},
                                                          {once(kLoad, ".tile", ".tile::scatter4"), "{0, 0, 0, 0, 0}"},
                                                          {once(kLoad, ".tile", ".tile::gather4"), "{0, 0}"},
                                                          {once(kStore, ".tile", ".tile::gather4"), "{0, 0, 0, 0, 0}"},
                                                          {once(kStore, ".bulk_group", ""), "{0, 0}"},
                                                          {once(kLoad, "[bar]", "[bar], {1, 2}"), "{0, 0}"}}) {
        const Outcome outcome =
            run(matrix({8, 4}), iota(2048), Words(kRoomWords, 1), {.body = body, .coordinates = coordinates});
        EXPECT_EQ(outcome.kinds, Kinds{FindingKind::unsupported_instruction}) << body << outcome.told;
    }
}

}  // namespace
}  // namespace warpsmith::emulator
