#include "solver/random_stream.hpp"

#include <bit>

namespace warpsmith {
namespace {

std::uint64_t split_mix(std::uint64_t& state) {
    state += 0x9e3779b97f4a7c15ULL;
    std::uint64_t mixed = state;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebULL;
    return mixed ^ (mixed >> 31U);
}

unsigned bits_of(UInt128 value) {
    const auto high = static_cast<std::uint64_t>(value >> 64U);
    const auto low = static_cast<std::uint64_t>(value);
    return static_cast<unsigned>(high != 0 ? 64 + std::bit_width(high) : std::bit_width(low));
}

}  // namespace

RandomStream::RandomStream(std::uint64_t seed) {
    for (std::uint64_t& word : state_) {
        word = split_mix(seed);
    }
}

std::uint64_t RandomStream::next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

UInt128 RandomStream::below(UInt128 bound) {
    const unsigned bits = bits_of(bound - 1);
    if (bits == 0) {
        return 0;
    }
    for (;;) {  // of as many bits as the largest result has; at least half of the draws are below the bound
        UInt128 drawn = next() >> (bits >= 64 ? 0 : 64 - bits);
        if (bits > 64) {
            drawn |= UInt128{next() >> (128 - bits)} << 64U;
        }
        if (drawn < bound) {
            return drawn;
        }
    }
}

}  // namespace warpsmith
