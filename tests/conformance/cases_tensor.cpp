// Tensor copies: what a tensor map, coordinates and a mode of copying move. A room of 4 KiB in shared memory is filled
// with 0xEE and loaded to, or filled with the operands and stored from.
#include "tests/conformance/catalogue.hpp"

namespace warpsmith::conformance {
namespace {

constexpr unsigned kThreads = 128, kRoomBytes = 4096;

const std::string kStart =
    ".shared .align 1024 .b8 room[4096];\n.shared .align 8 .b64 bar;\n.reg .b32 %at;\nmov.u32 %at, room;\n"
    "mad.lo.u32 %at, %t, 8, %at;\nsetp.eq.u32 %p, %t, 0;\nmov.u32 %n, bar;\n";
const std::string kMeet = "fence.proxy.async.shared::cta;\nbar.sync 0;\n";
const std::string kWait = "WAIT:\nmbarrier.try_wait.parity.shared::cta.b64 %q, [%n], 0;\n@!%q bra WAIT;\n";
const std::string kFinish = "@%p cp.async.bulk.commit_group;\n@%p cp.async.bulk.wait_group 0;\n";

struct Copy {
    std::string name;  // in parentheses
    TensorCopy tensor;
    std::string mode = "tile";
    std::string type = "b16";  // of the elements, for the values
    std::string reduction = {};
};

// "{1, 2}" of the first numbers.
template <class Numbers>
std::string list(const Numbers& numbers, std::size_t count) {
    std::string text = "{";
    for (std::size_t i = 0; i < count; ++i) {
        text += (i == 0 ? "" : ", ") + std::to_string(numbers[i]);
    }
    return text + "}";
}

bool takes_four_rows(const Copy& copy) {
    return copy.mode.find('4') != std::string::npos;
}

const TensorTile& used_map(const Copy& copy) {
    return copy.tensor.changed ? *copy.tensor.changed : copy.tensor.map;
}

unsigned moved_bytes(const Copy& copy) {
    const TensorTile& map = used_map(copy);
    return static_cast<unsigned>(takes_four_rows(copy) ? 4 * map.row_bytes() : map.box_bytes());
}

// 4 KiB of special and random elements.
Case case_of(const Copy& copy, const std::string& opcode, std::string body) {
    Case test{.name = opcode + " (" + copy.name + ")",
              .group = "tensor",
              .body = std::move(body),
              .results = {"b64", "b64", "b64", "b64"},
              .operands = {"b64"},
              .inputs = {{}},
              .rows = kRoomBytes / 8,
              .block = kThreads,
              .tensor = copy.tensor};
    Random random(11);
    const unsigned width = type_of(copy.type).bits;
    const Values special = special_values(copy.type);
    for (std::size_t i = 0; test.inputs[0].size() < test.rows;) {
        std::uint64_t word = 0;
        for (unsigned at = 0; at < 64; at += width, ++i) {
            const std::uint64_t element = i < special.size() ? special[i] : random_value(copy.type, random);
            word |= (width == 64 ? element : element & ((std::uint64_t{1} << width) - 1)) << at;
        }
        test.inputs[0].push_back(word);
    }
    if (takes_four_rows(copy)) {
        test.version = "8.6";
        test.target = "sm_100a";
    }
    return test;
}

std::string operands(const Copy& copy) {
    return list(copy.tensor.at, takes_four_rows(copy) ? kMostTensorDims : used_map(copy).rank);
}

std::string dimensions(const Copy& copy) {
    return std::to_string(unsigned{used_map(copy).rank}) + "d";
}

Case load(const Copy& copy) {
    const std::string opcode = "cp.async.bulk.tensor." + dimensions(copy) + ".shared::cluster.global." + copy.mode +
                               ".mbarrier::complete_tx::bytes";
    const std::string offsets = copy.mode == "im2col" ? ", " + list(copy.tensor.offsets, used_map(copy).rank - 2U) : "";
    std::string fill, read;
    for (unsigned r = 0; r < 4; ++r) {
        const std::string place = "[%at+" + std::to_string(1024 * r) + "]";
        fill += "st.shared.b64 " + place + ", %u;\n";
        read += "ld.shared.b64 %" + std::string(1, "defg"[r]) + ", " + place + ";\n";
    }
    return case_of(copy, opcode,
                   kStart + "mov.b64 %u, 0xEEEEEEEEEEEEEEEE;\n" + fill +
                       "@%p mbarrier.init.shared.b64 [%n], 1;\n@%p fence.mbarrier_init.release.cluster;\n" + kMeet +
                       "@%p mbarrier.arrive.expect_tx.shared.b64 %u, [%n], " + std::to_string(moved_bytes(copy)) +
                       ";\n@%p " + opcode + " [room+" + std::to_string(copy.tensor.room) + "], [%z, " + operands(copy) +
                       "], [%n]" + offsets + ";\n" + kWait + read);
}

// A reduction goes to what a store without one has written at the origin.
Case store(Copy copy) {
    copy.tensor.into_results = true;
    const std::string plain =
        "cp.async.bulk.tensor." + dimensions(copy) + ".global.shared::cta." + copy.mode + ".bulk_group";
    const std::string opcode = copy.reduction.empty()
                                   ? plain
                                   : "cp.reduce.async.bulk.tensor." + dimensions(copy) + ".global.shared::cta." +
                                         copy.reduction + "." + copy.mode + ".bulk_group";
    std::string fill;
    for (unsigned r = 0; r < 4; ++r) {
        fill += "ld.global.b64 %u, [%xa+" + std::to_string(1024 * r) + "];\nst.shared.b64 [%at+" +
                std::to_string(1024 * r) + "], %u;\n";
    }
    const std::string room = "[room+" + std::to_string(copy.tensor.room) + "];\n";
    const std::string first = copy.reduction.empty()
                                  ? ""
                                  : "@%p " + plain + " [%z, " +
                                        list(std::array<int, kMostTensorDims>{}, used_map(copy).rank) + "], " + room +
                                        kFinish;
    Case test =
        case_of(copy, opcode,
                kStart + fill + kMeet + first + "@%p " + opcode + " [%z, " + operands(copy) + "], " + room + kFinish);
    test.stores = false;
    return test;
}

// 64 x 32 elements of 2 bytes, as all 4 KiB.
TensorTile matrix(std::array<std::uint32_t, kMostTensorDims> box) {
    return {.dims = {64, 32}, .stride_bytes = {128}, .box = box, .rank = 2, .element = TensorElement::u16};
}
TensorTile with(TensorTile map, TensorElement element, OutsideFill fill = OutsideFill::zeros) {
    map.element = element;
    map.fill = fill;
    return map;
}
TensorTile swizzled(std::uint32_t columns, Swizzle swizzle) {
    TensorTile map = matrix({columns, 24});
    map.swizzle = swizzle;
    return map;
}
TensorTile stepped(TensorTile map, std::array<std::uint8_t, kMostTensorDims> step) {
    map.step = step;
    return map;
}

// Images of 8 x 8 pixels of 8 channels of 2 bytes.
TensorTile images(std::uint32_t pixels, std::array<std::int16_t, 3> lower, std::array<std::int16_t, 3> upper) {
    return {.dims = {8, 8, 8, 4},
            .stride_bytes = {16, 128, 1024},
            .box = {8, pixels},
            .rank = 4,
            .element = TensorElement::u16,
            .mode = TensorMode::im2col,
            .lower = lower,
            .upper = upper};
}
TensorTile wide_images() {
    TensorTile map{.dims = {64, 4, 4, 2},
                   .stride_bytes = {128, 512, 2048},
                   .box = {64, 24},
                   .rank = 4,
                   .element = TensorElement::f16,
                   .swizzle = Swizzle::span_128,
                   .fill = OutsideFill::nans,
                   .mode = TensorMode::im2col,
                   .lower = {-1, -1},
                   .upper = {-1, -1}};
    return map;
}

std::vector<Copy> tiles() {
    const TensorTile line{.dims = {1000}, .box = {128}, .rank = 1, .element = TensorElement::u32};
    const TensorTile singles{
        .dims = {32, 32}, .stride_bytes = {128}, .box = {16, 4}, .rank = 2, .element = TensorElement::f32};
    const TensorTile narrow{
        .dims = {40, 20}, .stride_bytes = {128}, .box = {24, 8}, .rank = 2, .element = TensorElement::u16};
    const TensorTile five{.dims = {8, 4, 4, 4, 4},
                          .stride_bytes = {16, 64, 256, 1024},
                          .box = {8, 2, 3, 2, 3},
                          .rank = 5,
                          .element = TensorElement::u16};
    const TensorTile cube{
        .dims = {16, 8, 16}, .stride_bytes = {32, 256}, .box = {16, 3, 5}, .rank = 3, .element = TensorElement::u16};
    return {
        {"inside", {.map = matrix({16, 8}), .at = {8, 5}}},
        {"one dimension over the end", {.map = line, .at = {950}}, "tile", "u32"},
        {"over the first corner", {.map = matrix({16, 8}), .at = {-5, -3}}},
        {"over the last corner", {.map = matrix({16, 8}), .at = {56, 29}}},
        {"all outside", {.map = matrix({16, 8}), .at = {64, 0}}},
        {"rows with gaps between", {.map = narrow, .at = {24, 14}}},
        {"every second row", {.map = stepped(matrix({8, 5}), {1, 2, 1, 1, 1}), .at = {0, -1}}},
        {"every third row and column of planes", {.map = stepped(cube, {1, 3, 2, 1, 1}), .at = {4, 1, 9}}},
        {"five dimensions", {.map = five, .at = {0, 3, -1, 1, 2}}},
        {"32-byte swizzle", {.map = swizzled(16, Swizzle::span_32), .at = {8, 2}}},
        {"64-byte swizzle", {.map = swizzled(32, Swizzle::span_64), .at = {8, 2}}},
        {"128-byte swizzle", {.map = swizzled(64, Swizzle::span_128), .at = {-8, 12}}},
        {"128-byte swizzle, begun in its third row",
         {.map = swizzled(64, Swizzle::span_128), .at = {0, 2}, .room = 256}},
        {"NaN for f16",
         {.map = with(matrix({16, 4}), TensorElement::f16, OutsideFill::nans), .at = {60, 30}},
         "tile",
         "f16"},
        {"NaN for bf16",
         {.map = with(matrix({16, 4}), TensorElement::bf16, OutsideFill::nans), .at = {-4, 30}},
         "tile",
         "bf16"},
        {"NaN for f32", {.map = with(singles, TensorElement::f32, OutsideFill::nans), .at = {20, 30}}, "tile", "f32"},
        {"f32 without subnormal numbers", {.map = with(singles, TensorElement::f32_ftz)}, "tile", "f32"},
        {"tf32", {.map = with(singles, TensorElement::tf32)}, "tile", "f32"},
        {"tf32 without subnormal numbers", {.map = with(singles, TensorElement::tf32_ftz)}, "tile", "f32"},
    };
}

std::vector<Copy> columns() {
    const TensorTile line{.dims = {8, 32, 8},
                          .stride_bytes = {16, 512},
                          .box = {8, 100},
                          .rank = 3,
                          .element = TensorElement::u16,
                          .mode = TensorMode::im2col,
                          .lower = {-3},
                          .upper = {-5}};
    const TensorTile volumes{.dims = {8, 4, 4, 4, 4},
                             .stride_bytes = {16, 64, 256, 1024},
                             .box = {8, 90},
                             .rank = 5,
                             .element = TensorElement::u16,
                             .mode = TensorMode::im2col,
                             .lower = {-1, 0, -2},
                             .upper = {0, -1, -2}};
    TensorTile stepping = images(60, {-1, -2}, {1, -1});
    stepping.step = {1, 2, 3, 1, 1};
    return {
        {"three dimensions", {.map = line, .at = {0, 20, 2}, .offsets = {7}}},
        {"no corners", {.map = images(70, {}, {}), .at = {0, 3, 6, 1}}},
        {"corners of their own on each side", {.map = images(100, {-1, -3}, {2, -1}), .at = {0, 5, -2, 0}}},
        {"offsets", {.map = images(100, {-1, -1}, {-1, -1}), .at = {0, 2, 3, 1}, .offsets = {2, 1}}},
        {"over the last image", {.map = images(100, {-1, -1}, {-1, -1}), .at = {0, -1, 4, 3}, .offsets = {0, 2}}},
        {"some channels", {.map = images(16, {}, {}), .at = {4, 0, 0, 2}}},
        {"steps", {.map = stepping, .at = {0, 3, 1, 1}, .offsets = {1, 2}}},
        {"five dimensions", {.map = volumes, .at = {0, 2, 1, -1, 1}, .offsets = {1, 1, 2}}},
        {"128-byte swizzle, NaN", {.map = wide_images(), .at = {0, 1, 0, 0}, .offsets = {2, 1}}, "im2col", "f16"},
    };
}

std::vector<Copy> stores() {
    const TensorTile words{
        .dims = {32, 32}, .stride_bytes = {128}, .box = {32, 16}, .rank = 2, .element = TensorElement::u32};
    const TensorTile longs{
        .dims = {16, 32}, .stride_bytes = {128}, .box = {16, 16}, .rank = 2, .element = TensorElement::u64};
    return {
        {"inside", {.map = matrix({16, 8}), .at = {8, 5}}},
        {"over the first corner", {.map = matrix({16, 8}), .at = {-5, -3}}},
        {"over the last corner", {.map = matrix({16, 8}), .at = {56, 29}}},
        {"every second row", {.map = stepped(matrix({8, 5}), {1, 2, 1, 1, 1}), .at = {0, -1}}},
        {"32-byte swizzle", {.map = swizzled(16, Swizzle::span_32), .at = {8, 2}}},
        {"64-byte swizzle", {.map = swizzled(32, Swizzle::span_64), .at = {8, 2}}},
        {"128-byte swizzle", {.map = swizzled(64, Swizzle::span_128), .at = {-8, 12}}},
        {"no corners", {.map = images(70, {}, {}), .at = {0, 3, 6, 1}}, "im2col_no_offs"},
        {"corners", {.map = images(60, {-1, -3}, {2, -1}), .at = {0, 5, -2, 0}}, "im2col_no_offs"},
        {"u32", {.map = words, .at = {3, 5}}, "tile", "u32", "add"},
        {"u32", {.map = words, .at = {3, 5}}, "tile", "u32", "inc"},
        {"u32", {.map = words, .at = {3, 5}}, "tile", "u32", "dec"},
        {"u32", {.map = words, .at = {3, 5}}, "tile", "u32", "and"},
        {"u32", {.map = words, .at = {3, 5}}, "tile", "u32", "or"},
        {"u32", {.map = words, .at = {3, 5}}, "tile", "u32", "xor"},
        {"s32", {.map = with(words, TensorElement::i32), .at = {-3, 5}}, "tile", "s32", "min"},
        {"u32", {.map = words, .at = {3, 5}}, "tile", "u32", "max"},
        {"u64", {.map = longs, .at = {3, 5}}, "tile", "u64", "add"},
        {"u64", {.map = longs, .at = {3, 5}}, "tile", "u64", "xor"},
    };
}

const std::vector<Copy> kGathered = {
    {"rows in any order, one outside", {.map = matrix({16, 1}), .at = {56, 30, 2, 32, 2}}, "tile::gather4"},
    {"128-byte swizzle",
     {.map =
          [] {
              TensorTile map = matrix({64, 1});
              map.swizzle = Swizzle::span_128;
              return map;
          }(),
      .at = {0, 5, -1, 31, 0}},
     "tile::gather4"}};
const std::vector<Copy> kScattered = {
    {"rows in any order, one outside", {.map = matrix({16, 1}), .at = {56, 30, 2, 32, 3}}, "tile::scatter4"}};

// A copy of the parameter in shared memory is changed, published in the last part of the results, and copied with.
Case changing(const std::string& field, const std::string& values, const TensorCopy& tensor, const std::string& type) {
    const bool wide = field == "global_address" || field == "global_stride";
    const std::string opcode = "tensormap.replace.tile." + field + ".shared::cta.b1024." + (wide ? "b64" : "b32");
    Case test = load({.name = values, .tensor = tensor, .type = type});
    const std::string change =
        ".shared .align 128 .b8 copied[128];\n.reg .b32 %word, %from;\n.reg .b64 %source, %near;\nmov.u32 %from, "
        "copied;\n"
        "add.u64 %near, %i, 256;\nsetp.lt.u32 %r, %t, 32;\nmad.wide.u32 %source, %l, 4, %z;\nmad.lo.u32 %m, %l, 4, "
        "%from;\n@%r ld.b32 %word, [%source];\n@%r st.shared.b32 [%m], %word;\nbar.sync 0;\n@%p " +
        opcode + " [%from], " + values +
        ";\nbar.sync 0;\nadd.u64 %z, %o, 3072;\n@!%r bra COPIED;\n"
        "tensormap.cp_fenceproxy.global.shared::cta.tensormap::generic.release.gpu.sync.aligned [%z], [%from], 128;\n"
        "fence.proxy.tensormap::generic.acquire.gpu [%z], 128;\nCOPIED:\n";
    test.name = opcode + " (" + values + ")";
    test.body.insert(kStart.size(), change);
    test.version = "8.3";
    return test;
}

void add_changes(Cases& cases) {
    const TensorTile base = matrix({16, 8});
    const auto add = [&](const std::string& field, const std::string& values, TensorCopy tensor,
                         void (*change)(TensorTile & map), const std::string& type = "b16") {
        tensor.changed = tensor.map;
        change(*tensor.changed);
        cases.push_back(changing(field, values, tensor, type));
    };
    const TensorTile halves = with(base, TensorElement::f16);
    const TensorTile singles{
        .dims = {32, 32}, .stride_bytes = {128}, .box = {16, 4}, .rank = 2, .element = TensorElement::f32};
    add("global_address", "%near", {.map = base, .at = {8, 3}}, [](TensorTile& map) { map.address = 256; });
    add("rank", "0", {.map = base, .at = {8}}, [](TensorTile& map) { map.rank = 1; });
    add("box_dim", "1, 3", {.map = base, .at = {8, 3}}, [](TensorTile& map) { map.box[1] = 3; });
    add("global_dim", "0, 20", {.map = base, .at = {8, 3}}, [](TensorTile& map) { map.dims[0] = 20; });
    add("global_stride", "0, 256", {.map = base, .at = {8, 3}}, [](TensorTile& map) { map.stride_bytes[0] = 256; });
    add("element_stride", "1, 2", {.map = base, .at = {8, 3}}, [](TensorTile& map) { map.step[1] = 2; });
    add(
        "elemtype", "8", {.map = singles}, [](TensorTile& map) { map.element = TensorElement::f32_ftz; }, "f32");
    add("swizzle_mode", "1", {.map = base, .at = {8, 3}}, [](TensorTile& map) { map.swizzle = Swizzle::span_32; });
    add("fill_mode", "1", {.map = halves, .at = {56, 28}}, [](TensorTile& map) { map.fill = OutsideFill::nans; });
}

}  // namespace

void add_tensor_cases(Cases& cases) {
    for (const Copy& copy : tiles()) {
        cases.push_back(load(copy));
    }
    for (Copy copy : columns()) {
        copy.mode = "im2col";
        cases.push_back(load(copy));
    }
    for (const Copy& copy : stores()) {
        cases.push_back(store(copy));
    }
    for (const Copy& copy : kGathered) {
        cases.push_back(load(copy));
    }
    for (const Copy& copy : kScattered) {
        cases.push_back(store(copy));
    }
    add_changes(cases);
}

}  // namespace warpsmith::conformance
