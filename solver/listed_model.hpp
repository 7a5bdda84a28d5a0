// A model with its ranges narrowed and written out as lists: what the search takes.
#pragma once

#include <optional>
#include <string>

#include "solver/diagram.hpp"
#include "solver/model.hpp"

namespace warpsmith {

// Of all ranges of a model together.
inline constexpr std::size_t kMaxListedValues = std::size_t{1} << 22U;

class ListedModel {
  public:
    // With the solutions of `model`, in the same order. Constraints bound the ranges, divisibility thins them out, and
    // an equality gives a variable its values; what is left is listed. A variable that no constraint mentions keeps its
    // first value alone when only the first solution is asked for. A model without ranges is not copied: then `model`
    // must outlive this. Throws Error when too many values are left, with the variable and what would help.
    explicit ListedModel(const Model& model, Extent extent = Extent::all);

    static std::optional<ListedModel> unless_too_many(const Model& model, Extent extent);

    const Model& operator*() const { return own_ ? *own_ : *model_; }
    const Model* operator->() const { return &**this; }

  private:
    struct Empty {};
    explicit ListedModel(Empty /*unused*/) {}
    std::string list(const Model& model, Extent extent);  // returns why it cannot

    const Model* model_ = nullptr;
    std::optional<Model> own_;
};

}  // namespace warpsmith
