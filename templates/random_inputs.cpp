#include "templates/random_inputs.hpp"

namespace warpsmith {
namespace {

// SplitMix64 (Steele, Lea and Flood 2014): every counter value gives an independent 64-bit number.
std::uint64_t mixed(std::uint64_t counter) {
    counter = (counter ^ (counter >> 30)) * 0xbf58476d1ce4e5b9U;
    counter = (counter ^ (counter >> 27)) * 0x94d049bb133111ebU;
    return counter ^ (counter >> 31);
}

constexpr std::uint64_t kIncrement = 0x9e3779b97f4a7c15U;

}  // namespace

Tensor random_tensor(const TensorSpec& spec, double low, double high, std::uint64_t seed) {
    std::uint64_t counter = mixed(seed * kIncrement + 1);
    for (char letter : spec.name) {
        counter = mixed(counter + kIncrement + static_cast<unsigned char>(letter));
    }
    Tensor tensor{spec, std::vector<double>(static_cast<std::size_t>(spec.elements()))};
    for (double& value : tensor.values) {
        counter += kIncrement;
        double unit = static_cast<double>(mixed(counter) >> 11) * 0x1p-53;
        value = round_to(spec.dtype, low + (high - low) * unit);
    }
    return tensor;
}

}  // namespace warpsmith
