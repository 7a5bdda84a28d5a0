// What every reader of a model in text yields, and the limits that all of them keep.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "solver/model.hpp"
#include "solver/source_text.hpp"

namespace warpsmith {

struct ModelFromText {
    std::string name;
    Model model;
    std::optional<std::uint64_t> expected_count;
};

// A text that is beyond one of these is refused, so that none can exhaust memory or time while it is read.
inline constexpr std::size_t kMaxParameters = 10'000;
inline constexpr std::size_t kMaxDomainValues = std::size_t{1} << 22;         // of all parameters together
inline constexpr std::uint64_t kMaxConstraintParts = std::uint64_t{1} << 22;  // of all constraints and definitions

// Counts what a reader adds to a model, and complains at the place where it becomes too much.
class ModelBudget {
  public:
    explicit ModelBudget(const SourceText& source) : source_(source) {}

    void add_parameter(std::size_t offset, std::size_t values);
    void add_expression(std::size_t offset, const Expr& expr);

  private:
    const SourceText& source_;
    std::size_t parameters_ = 0;
    std::size_t values_ = 0;
    std::uint64_t parts_ = 0;
};

}  // namespace warpsmith
