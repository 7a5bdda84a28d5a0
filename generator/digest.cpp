#include "generator/digest.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <cstdint>

namespace warpsmith {

struct Digest::State {
    struct Free {
        void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
    };
    std::unique_ptr<XXH3_state_t, Free> xxh3{XXH3_createState()};
};

Digest::Digest() : state_(std::make_unique<State>()) {
    XXH3_128bits_reset(state_->xxh3.get());
}
Digest::~Digest() = default;

void Digest::add(std::string_view text) {
    add(text.size());
    XXH3_128bits_update(state_->xxh3.get(), text.data(), text.size());
}

void Digest::add(std::size_t number) {
    const std::uint64_t fixed_width = number;
    XXH3_128bits_update(state_->xxh3.get(), &fixed_width, sizeof fixed_width);
}

std::string Digest::hexadecimal() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(state_->xxh3.get());
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace warpsmith
