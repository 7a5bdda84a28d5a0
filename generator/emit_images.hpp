// Compiled kernels as the text of an emitted header.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "generator/emit.hpp"

namespace warpsmith {

// Images, each once, and for each kernel in them a function that loads it.
class EmittedImages {
  public:
    // The function's call. Throws Error when there is no image.
    std::string kernel(const std::string& bytes, const std::string& name, const std::string& workload);

    const std::string& text() const { return text_; }

  private:
    std::map<std::string, std::size_t> images_;
    std::map<std::pair<std::size_t, std::string>, std::size_t> entries_;
    std::string text_;
};

// What a row says of the GPUs that take its image: its target as a Gpu, and the Reach.
std::string image_gpu(const Target& target, ImageKind kind);

}  // namespace warpsmith
