// Tensor maps that kernels make and change: tensormap.replace and tensormap.cp_fenceproxy.
#include "device/emulator/tensor_map.hpp"
#include "solver/error.hpp"
#include "tests/device/emulator_fixture.hpp"

namespace warpsmith::emulator {
namespace {

using Words = std::vector<std::uint16_t>;

// One warp fills a map in shared memory with zeros, `changes` it in lane 0, copies it to memory and loads a tile with
// it: two rows of 8 words. The tensor counts from 0 on.
struct Loaded {
    Words words;
    LaunchResult result;
};
Loaded loaded(const std::string& changes, const std::string& publish) {
    std::string kept;
    for (unsigned i = 0; i < 16; ++i) {
        const std::string at = "+" + std::to_string(2 * i) + "]";
        kept += "ld.shared.u16 %h1, [room" + at + "; st.global.u16 [%rd3" + at + ", %h1;\n";
    }
    const Module module = Module::parse(
        kPtxHeader +
        ".entry k(.param .u64 a, .param .u64 b, .param .u64 c) {\n.reg .u64 %rd<9>; .reg .b32 %r<9>; .reg .b16 %h<4>; "
        ".reg .pred %p<4>;\n.shared .align 128 .b8 map[128];\n.shared .align 128 .b8 room[32];\n.shared .align 8 .b64 "
        "bar;\nld.param.u64 %rd1, [a]; ld.param.u64 %rd2, [b]; ld.param.u64 %rd3, [c];\nmov.u32 %r1, %laneid; "
        "mov.u32 %r2, map; mad.lo.u32 %r3, %r1, 4, %r2; mov.b32 %r4, 0; st.shared.b32 [%r3], %r4; bar.warp.sync -1;\n"
        "setp.ne.u32 %p1, %r1, 0; @%p1 bra PUBLISH;\n" +
        changes + "PUBLISH: bar.warp.sync -1;\n" + publish +
        "@%p1 bra DONE;\nmbarrier.init.shared.b64 [bar], 1; mbarrier.arrive.expect_tx.shared.b64 _, [bar], 32;\n"
        "cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [room], [%rd2, {8, 3}], "
        "[bar];\nWAIT: mbarrier.try_wait.parity.shared.b64 %p2, [bar], 0; @!%p2 bra WAIT;\n" +
        kept + "DONE: ret;\n}\n");
    Memory memory;
    Words tensor(std::size_t{64} * 32);
    for (std::size_t i = 0; i < tensor.size(); ++i) {
        tensor[i] = static_cast<std::uint16_t>(i);
    }
    const std::uint64_t a = upload(memory, tensor), b = upload(memory, Words(64)), c = upload(memory, Words(16));
    LaunchResult result = launch(module, "k", {.block = {32, 1, 1}, .checks = kAllChecks},
                                 Parameters().add(a).add(b).add(c).bytes(), memory);
    return {download<std::uint16_t>(memory, c, 16), std::move(result)};
}

std::string replace(const std::string& field, const std::string& values) {
    const bool wide = field == "global_address" || field == "global_stride";
    return "tensormap.replace.tile." + field + ".shared::cta.b1024." + (wide ? "b64" : "b32") + " [%r2], " + values +
           ";\n";
}

const std::string kAllFields =
    replace("global_address", "%rd1") + replace("rank", "1") + replace("box_dim", "0, 8") + replace("box_dim", "1, 4") +
    replace("global_dim", "0, 64") + replace("global_dim", "1, 4") + replace("global_stride", "0, 128") +
    replace("element_stride", "0, 1") + replace("element_stride", "1, 2") + replace("elemtype", "10") +
    replace("interleave_layout", "0") + replace("swizzle_mode", "0") + replace("swizzle_atomicity", "0") +
    replace("fill_mode", "1");
const std::string kPublish =
    "tensormap.cp_fenceproxy.global.shared::cta.tensormap::generic.release.gpu.sync.aligned [%rd2], [map], 128;\n"
    "fence.proxy.tensormap::generic.acquire.gpu [%rd2], 128;\n";

TEST(TensorMapInKernels, AMapIsMadeFieldByFieldAndPublished) {
    const Loaded made = loaded(kAllFields, kPublish);
    EXPECT_EQ(told(made.result), "");
    for (std::size_t i = 0; i < 8; ++i) {
        EXPECT_EQ(made.words[i], 3 * 64 + 8 + i);
        EXPECT_EQ(made.words[8 + i], 0x7FF7);  // row 5 of four, as bf16
    }
}

TEST(TensorMapInKernels, WithoutTheCopyThereIsNoMap) {
    const Loaded none = loaded(kAllFields, "");
    EXPECT_NE(told(none.result).find("no tensor map here"), std::string::npos) << told(none.result);
}

TEST(TensorMapInKernels, AMapWhoseFieldsDoNotSuitEachOtherIsToldWhenItIsUsed) {
    const Loaded wrong = loaded(kAllFields + replace("elemtype", "2") + replace("fill_mode", "1"), kPublish);
    EXPECT_NE(told(wrong.result).find("only floating-point elements"), std::string::npos) << told(wrong.result);
}

TEST(TensorMapInKernels, ValuesThatNoMapHasAreToldAtTheInstruction) {
    for (const auto& [change, words] : std::vector<std::pair<std::string, std::string>>{
             {replace("rank", "5"), "a rank, less one, of 5"},
             {replace("box_dim", "0, 0"), "a length of the box of 0"},
             {replace("global_dim", "1, 0"), "a length of the tensor of 0"},
             {replace("element_stride", "1, 9"), "an element stride of 9"},
             {replace("elemtype", "13"), "an element type of 13"},
             {replace("interleave_layout", "1"), "an interleave layout of 1"},
             {replace("swizzle_mode", "4"), "a swizzle mode of 4"}}) {
        const Loaded refused = loaded(change, kPublish);
        EXPECT_NE(told(refused.result).find(words), std::string::npos) << change << told(refused.result);
    }
}

TEST(TensorMapInKernels, FormsThatPtxDoesNotHaveAreRefused) {
    for (const std::string& instruction :
         {replace("box_dim", "5, 8"), replace("box_dim", "%r1, 8"), replace("global_stride", "4, 128"),
          replace("rank", "0, 1"), replace("box_size", "0, 1"),
          std::string("tensormap.cp_fenceproxy.global.shared::cta.tensormap::generic.release.gpu.sync.aligned [%rd2], "
                      "[map], 64;\n")}) {
        const Loaded refused = loaded(instruction, "");
        EXPECT_EQ(kinds(refused.result), std::vector{FindingKind::unsupported_instruction})
            << instruction << told(refused.result);
    }
}

TEST(TensorMapInKernels, ElementTypesHaveTheNumbersOfPtxAndNotThoseOfTheDriver) {
    const TensorTile tile{.dims = {64}, .box = {64}, .rank = 1, .element = TensorElement::u8};
    const auto with = [&](std::uint64_t number) {
        TensorMapBytes bytes = encode_tensor_map(tile);
        replace_in_tensor_map(bytes, TensorMapField::element_type, 0, number);
        return decode_tensor_map(bytes).element;
    };
    EXPECT_EQ(with(7), TensorElement::f32);
    EXPECT_EQ(with(8), TensorElement::f32_ftz);
    EXPECT_EQ(with(9), TensorElement::f64);
    EXPECT_EQ(with(10), TensorElement::bf16);
    EXPECT_EQ(with(11), TensorElement::tf32);
}

}  // namespace
}  // namespace warpsmith::emulator
