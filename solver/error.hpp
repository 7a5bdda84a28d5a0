// The one exception of the project: a bug, a broken machine, or input that cannot be used.
#pragma once

#include <stdexcept>
#include <string>

namespace warpsmith {

// The message reads "what we were doing: what went wrong; what to try". A candidate that fails is never an Error: it is
// an Outcome in a Trial.
class Error : public std::runtime_error {
  public:
    explicit Error(const std::string& message) : std::runtime_error(message) {}
};

}  // namespace warpsmith
