#include "tuner/layer_stack.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

#include "cache/solutions_by_config.hpp"
#include "solver/search.hpp"
#include "tests/contract/cases.hpp"
#include "tuner/verify.hpp"

namespace warpsmith {
namespace {

TEST(LayerStack, AWavefrontHasChunksOfLayersThatGrowOneByOne) {
    const std::vector<std::vector<LayerChunk>> expected = {
        {{0, 0, 2}}, {{0, 2, 2}, {1, 0, 2}}, {{0, 4, 1}, {1, 2, 2}}, {{1, 4, 1}}};
    EXPECT_EQ(wavefront(2, 5, 2), expected);
    EXPECT_EQ(wavefront(2, 5, 5), (std::vector<std::vector<LayerChunk>>{{{0, 0, 5}}, {{1, 0, 5}}}));
}

// So many chunks at a time, in the order of the fronts, as soon as those that they wait for are done.
std::int64_t simulated_rounds(std::int64_t layers, std::int64_t steps, std::int64_t chunk_steps,
                              std::int64_t together) {
    std::vector<LayerChunk> waiting;
    for (auto front : wavefront(layers, steps, chunk_steps)) {
        std::ranges::sort(front, std::greater(), &LayerChunk::layer);
        waiting.insert(waiting.end(), front.begin(), front.end());
    }
    std::int64_t rounds = 0;
    for (; !waiting.empty(); ++rounds) {
        std::vector<LayerChunk> later, running;
        for (const LayerChunk& chunk : waiting) {
            const bool ready = std::ranges::none_of(waiting, [&](const LayerChunk& other) {
                return (other.layer == chunk.layer && other.first_step < chunk.first_step) ||
                       (other.layer == chunk.layer - 1 && other.first_step == chunk.first_step);
            });
            (ready && std::ssize(running) < together ? running : later).push_back(chunk);
        }
        waiting = later;
    }
    return rounds;
}

TEST(LayerStack, ItsTimeIsThatOfItsRounds) {
    for (const std::int64_t layers : {1, 2, 5}) {
        for (const std::int64_t together : {1, 2, 3, 8}) {
            for (std::int64_t chunk_steps = 1; chunk_steps <= 7; ++chunk_steps) {
                const auto rounds = static_cast<double>(simulated_rounds(layers, 7, chunk_steps, together));
                EXPECT_NEAR(stack_us({layers, 7, 100, 2, together}, chunk_steps),
                            rounds * (2 * 2 + 98 * static_cast<double>(chunk_steps) / 7), 1e-9)
                    << layers << " " << together << " " << chunk_steps;
            }
        }
    }
}

TEST(LayerStack, AWavefrontDoesNotPayWhereOneLaunchTakesTheGpu) {
    EXPECT_EQ(best_chunk_steps({.layers = 4, .steps = 1024, .layer_us = 3000, .launch_us = 2, .together = 1}), 1024);
    EXPECT_EQ(best_chunk_steps({.layers = 1, .steps = 1024, .layer_us = 3000, .launch_us = 2, .together = 8}), 1024);
}

// Four layers of 1,000 us in 100 steps of 10 us: in K chunks (K + 3) (4 us + 1,000 us / K), least at K = sqrt(750) or
// so.
TEST(LayerStack, ChunksAreAsShortAsLaunchesAllow) {
    LayerStack stack{.layers = 4, .steps = 100, .layer_us = 1002, .launch_us = 2, .together = 4};
    EXPECT_EQ(best_chunk_steps(stack), 4);
    EXPECT_DOUBLE_EQ(stack_us(stack, 4), 28 * 44);
    EXPECT_DOUBLE_EQ(stack_us(stack, 100), 4 * 1004);
    stack.layer_us = 1000, stack.launch_us = 0;
    EXPECT_EQ(best_chunk_steps(stack), 1);
    EXPECT_DOUBLE_EQ(stack_us(stack, 1), 103 * 10);
}

// A stack of layers of one kernel on the emulator. Every launch is verified, too.
class EmulatedStack {
  public:
    EmulatedStack(const std::string& text, std::size_t layers)
        : whole_(parse_workload(text, families())), family_(find_family(whole_.family)), layers_(layers) {
        const Space space = family_.space(whole_, target_);
        config_ = to_config(first(space.model).value(), space);
        compiled_ = compile_for_emulator(family_, whole_, config_, target_);
        for (std::size_t i = 0; i < layers; ++i) {
            layers_[i].given = family_.inputs(whole_, i + 1);
        }
    }

    // What every layer puts out, chunks of a front in random order.
    std::vector<Tensors> run(std::int64_t chunk_steps) {
        std::mt19937 random(1);
        for (auto& layer : layers_) {
            layer.put_out.clear();
            layer.states.clear();
        }
        for (auto& front : wavefront(static_cast<std::int64_t>(layers_.size()), whole_.dim("T"), chunk_steps)) {
            std::ranges::shuffle(front, random);
            for (const LayerChunk& chunk : front) {
                launch(chunk);
            }
        }
        std::vector<Tensors> all;
        for (Layer& layer : layers_) {
            all.push_back(layer.states);
            all.back().push_back({.spec = {}, .values = layer.put_out});
        }
        return all;
    }

  private:
    struct Layer {
        Tensors given;                // of all steps
        std::vector<double> put_out;  // h, as far as it has come
        Tensors states;               // hT and so on of its last chunk
    };

    void launch(const LayerChunk& chunk) {
        Layer& layer = layers_[static_cast<std::size_t>(chunk.layer)];
        Workload workload = whole_;
        workload.dims["T"] = chunk.steps;
        Tensors inputs = family_.inputs(workload, 1);
        for (Tensor& input : inputs) {
            input.values = input_of(layer, input.spec.name, chunk);
        }
        const Space space = family_.space(workload, target_);
        const std::unique_ptr<Device> device = make_emulator({.checks = Checks::all});
        const Verification result = verify(*device, family_, make_problem(family_, workload, std::move(inputs)), space,
                                           solutions_by_config(space).at(config_.key()), compiled_);
        ASSERT_TRUE(result.ok()) << result.summary();
        const std::vector<double>& h = find(result.computed, "h").values;
        layer.put_out.insert(layer.put_out.end(), h.begin(), h.end());
        layer.states = result.computed;
        std::erase_if(layer.states, [](const Tensor& tensor) { return tensor.spec.name == "h"; });
    }

    std::vector<double> input_of(const Layer& layer, const std::string& name, const LayerChunk& chunk) const {
        if (name == "x") {
            return x_of(layer, chunk);
        }
        const bool first_states = name.ends_with("0");
        return first_states && chunk.first_step > 0 ? find(layer.states, name.substr(0, name.size() - 1) + "T").values
                                                    : find(layer.given, name).values;
    }

    // Above the first layer with a sum of two units of the layer below at the same step, in place of W h.
    std::vector<double> x_of(const Layer& layer, const LayerChunk& chunk) const {
        const std::vector<double>& given = find(layer.given, "x").values;
        const auto D = static_cast<std::size_t>(whole_.dim("D")), T = static_cast<std::size_t>(whole_.dim("T"));
        const std::size_t step = given.size() / T, row = family_.gates.size() * D;
        std::vector<double> x;
        const auto first_step = static_cast<std::size_t>(chunk.first_step),
                   steps = static_cast<std::size_t>(chunk.steps);
        for (std::size_t i = first_step * step; i < (first_step + steps) * step; ++i) {
            double sum = 0;
            if (chunk.layer > 0) {
                const std::vector<double>& below = layers_[static_cast<std::size_t>(chunk.layer - 1)].put_out;
                sum = below.at(i / row * D + i % D) + below.at(i / row * D + (i + 1) % D);
            }
            x.push_back(round_to(whole_.dtype, given[i] + sum));
        }
        return x;
    }

    Workload whole_;
    const Family& family_;
    Target target_ = find_target("h200");
    std::vector<Layer> layers_;
    Config config_;
    Compiled compiled_;
};

// h goes from chunk to chunk in the dtype, further states in f32: nothing is lost where the cell itself does not read
// h, as an LSTM, or where the dtype is f32.
TEST(LayerStack, ChunksInAnyOrderOfTheirFrontsGiveTheBitsOfLayerAfterLayer) {
    for (const char* const workload : {"lstm T=6 B=2 N=1 D=16 dtype=bf16", "gru T=6 B=2 N=1 D=16 dtype=f32"}) {
        EmulatedStack stack(workload, 3);
        const std::vector<Tensors> in_turn = stack.run(6), in_chunks = stack.run(2), of_four = stack.run(4);
        for (std::size_t layer = 0; layer < in_turn.size(); ++layer) {
            for (std::size_t i = 0; i < in_turn[layer].size(); ++i) {
                EXPECT_FALSE(in_turn[layer][i].values.empty());
                EXPECT_EQ(in_turn[layer][i].values, in_chunks[layer][i].values) << workload << " " << layer << " " << i;
                EXPECT_EQ(in_turn[layer][i].values, of_four[layer][i].values) << workload << " " << layer << " " << i;
            }
        }
    }
}

}  // namespace
}  // namespace warpsmith
