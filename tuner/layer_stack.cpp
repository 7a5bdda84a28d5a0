#include "tuner/layer_stack.hpp"

#include <algorithm>

namespace warpsmith {
namespace {

std::int64_t ceil_divide(std::int64_t a, std::int64_t b) {
    return (a + b - 1) / b;
}

}  // namespace

std::vector<std::vector<LayerChunk>> wavefront(std::int64_t layers, std::int64_t steps, std::int64_t chunk_steps) {
    const std::int64_t chunks = ceil_divide(steps, chunk_steps);
    std::vector<std::vector<LayerChunk>> fronts(static_cast<std::size_t>(layers + chunks - 1));
    for (std::int64_t layer = 0; layer < layers; ++layer) {
        for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
            const std::int64_t first = chunk * chunk_steps;
            fronts[static_cast<std::size_t>(layer + chunk)].push_back(
                {layer, first, std::min(chunk_steps, steps - first)});
        }
    }
    return fronts;
}

double stack_us(const LayerStack& stack, std::int64_t chunk_steps) {
    const std::int64_t chunks = ceil_divide(stack.steps, chunk_steps);
    const std::int64_t together = std::min({stack.together, stack.layers, chunks});
    const std::int64_t rounds = ceil_divide(stack.layers * chunks, together) + together - 1;
    const double share = static_cast<double>(chunk_steps) / static_cast<double>(stack.steps);
    return static_cast<double>(rounds) * (2 * stack.launch_us + (stack.layer_us - stack.launch_us) * share);
}

std::int64_t best_chunk_steps(const LayerStack& stack) {
    std::int64_t best = stack.steps;
    double least_us = stack_us(stack, best);
    for (std::int64_t chunk_steps = stack.steps - 1; chunk_steps > 0; --chunk_steps) {
        const double us = stack_us(stack, chunk_steps);
        if (us < least_us) {
            least_us = us;
            best = chunk_steps;
        }
    }
    return best;
}

}  // namespace warpsmith
