// A 128-bit digest of a sequence of texts and numbers, for naming what is made from them.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace warpsmith {

// XXH3-128: no protection against an adversary, none against chance needed below 2^60 digests.
class Digest {
  public:
    Digest();
    ~Digest();
    Digest(const Digest&) = delete;
    Digest& operator=(const Digest&) = delete;

    void add(std::string_view text);  // its length goes first, so that two texts never run together
    void add(std::size_t number);
    std::string hexadecimal() const;  // 32 digits

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace warpsmith
