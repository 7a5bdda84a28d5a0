// Recurrent layers one above the other, in chunks of steps: which launches may run side by side, and whether that pays.
//
// A chunk begins with the states that the one before it in its layer has left, and its x is the product of W with what
// the same chunk of the layer below has put out. So chunks wait for none of their front, where layer and chunk have the
// same sum: the fronts are a wavefront through the stack. One chunk of all steps is layer after layer.
#pragma once

#include <cstdint>
#include <vector>

namespace warpsmith {

struct LayerStack {
    std::int64_t layers = 1, steps = 1;
    double layer_us = 0;        // one layer in one launch
    double launch_us = 0;       // of that, what a launch takes however few its steps are
    std::int64_t together = 1;  // launches that the GPU holds side by side; 1 where one takes more than half of it
};

// Steps of one layer, done by one launch behind that of their input product.
struct LayerChunk {
    std::int64_t layer = 0, first_step = 0, steps = 0;
    bool operator==(const LayerChunk&) const = default;
};

// The fronts, each behind the one before; chunks have so many steps, the last ones of a layer maybe fewer.
std::vector<std::vector<LayerChunk>> wavefront(std::int64_t layers, std::int64_t steps, std::int64_t chunk_steps);

// Modelled. Of K chunks in each of L layers at most M run at a time, where M is `together`, or K or L if that is less,
// and each begins when there is room for it and those that it waits for are done, earlier fronts first. They then take
// ceil(L K / M) + M - 1 rounds: M - 1 of them more than if all places were taken from the first to the last. A round is
//
//     2 launch_us + (layer_us - launch_us) * chunk_steps / steps
//
// of which one launch is that of the input product. Its work is left out: it is the same in any order.
double stack_us(const LayerStack& stack, std::int64_t chunk_steps);

// The one with the least stack_us, the longest of them where several have it.
std::int64_t best_chunk_steps(const LayerStack& stack);

}  // namespace warpsmith
