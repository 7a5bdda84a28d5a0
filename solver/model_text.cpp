#include "solver/model_text.hpp"

#include <fmt/format.h>

namespace warpsmith {

void ModelBudget::add_parameter(std::size_t offset, std::size_t values) {
    if (++parameters_ > kMaxParameters) {
        complain(source_, offset, fmt::format("more than {} parameters; at most so many are read", kMaxParameters));
    }
    values_ += values;
    if (values > kMaxDomainValues || values_ > kMaxDomainValues) {
        complain(source_, offset,
                 fmt::format("the domains have more than {} values in all; narrow them", kMaxDomainValues));
    }
}

void ModelBudget::add_expression(std::size_t offset, const Expr& expr) {
    parts_ += expr.weight();
    if (parts_ > kMaxConstraintParts) {
        complain(
            source_, offset,
            fmt::format("the expressions of this file have more than {} parts in all, definitions counted wherever "
                        "they are used; simplify them",
                        kMaxConstraintParts));
    }
}

}  // namespace warpsmith
