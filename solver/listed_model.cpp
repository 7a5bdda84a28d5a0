#include "solver/listed_model.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "solver/domains.hpp"
#include "solver/error.hpp"
#include "solver/images.hpp"
#include "solver/propagation.hpp"

namespace warpsmith {
namespace {

constexpr Int128 kFew = 4096;  // are listed without a look at equalities

bool has_ranges(const Model& model) {
    return std::ranges::any_of(model.variables(), [](const Variable& variable) { return variable.range.has_value(); });
}

std::vector<bool> mentioned_variables(const Model& model) {
    std::vector<bool> mentioned(model.variables().size());
    for (const Constraint& constraint : model.constraints()) {
        for (std::size_t variable : variables_in(constraint.condition)) {
            mentioned[variable] = true;
        }
    }
    return mentioned;
}

struct Listing {
    std::optional<Model> model;
    std::string obstacle;  // why there is none
};

class RangeLister {
  public:
    RangeLister(const Model& model, Extent extent) : model_(model), failures_(model.variables().size()) {
        std::ranges::transform(model.variables(), std::back_inserter(known_),
                               [](const Variable& variable) { return knowledge_of(variable); });
        if (extent == Extent::first) {
            settle_unmentioned();
        }
    }

    Listing run() {
        while (!unlisted().empty()) {
            if (!propagate(model_, known_)) {
                return {excluded(), ""};
            }
            if (!list_few() && !list_images() && !list_smallest()) {
                return {std::nullopt, obstacle()};
            }
        }
        return {with_lists(), ""};
    }

  private:
    std::vector<std::size_t> unlisted() const {
        std::vector<std::size_t> variables;
        for (std::size_t v = 0; v < known_.size(); ++v) {
            if (!known_[v].listed) {
                variables.push_back(v);
            }
        }
        return variables;
    }

    void settle_unmentioned() {
        const std::vector<bool> mentioned = mentioned_variables(model_);
        for (std::size_t v : unlisted()) {
            if (!mentioned[v]) {
                list(v, {model_.variables()[v].range->first});
            }
        }
    }

    // Those that a few values are left of, or divisors.
    bool list_few() {
        bool any = false;
        for (std::size_t v : unlisted()) {
            const Knowledge& known = known_[v];
            if (known.size() <= std::min(kFew, static_cast<Int128>(budget_))) {
                any |= list(v, remaining_values(known));
            } else if (known.divides > 0) {
                std::vector<std::int64_t> divisors = divisors_of(static_cast<std::int64_t>(known.divides));
                std::erase_if(divisors, [&](std::int64_t value) { return !known.allows(value); });
                any |= list(v, std::move(divisors));
            }
        }
        return any;
    }

    bool list_images() {
        bool any = false;
        for (std::size_t v : unlisted()) {
            for (std::size_t c = 0; c < model_.constraints().size() && !known_[v].listed; ++c) {
                std::optional<std::vector<std::int64_t>> values = images(model_, known_, c, v, failures_[v]);
                any |= values && list(v, std::move(*values));
            }
        }
        return any;
    }

    bool list_smallest() {
        const std::vector<std::size_t> variables = unlisted();
        auto smallest = std::ranges::min_element(variables, {}, [&](std::size_t v) { return known_[v].size(); });
        return known_[*smallest].size() <= static_cast<Int128>(budget_) &&
               list(*smallest, remaining_values(known_[*smallest]));
    }

    static std::vector<std::int64_t> remaining_values(const Knowledge& known) {
        std::vector<std::int64_t> values;
        const Int128 step = std::max<Int128>(known.congruence.modulus, 1);
        for (Int128 value = known.low; value <= known.high; value += step) {
            if (known.allows(value)) {
                values.push_back(static_cast<std::int64_t>(value));
            }
        }
        return values;
    }

    // Unless there are too many. The values ascend.
    bool list(std::size_t variable, std::vector<std::int64_t> values) {
        if (values.size() > budget_) {
            return false;
        }
        budget_ -= values.size();
        if (model_.variables()[variable].range->step < 0) {
            std::ranges::reverse(values);
        }
        std::vector<Scalar> scalars(values.size());
        std::ranges::transform(values, scalars.begin(), [](std::int64_t value) { return Int128{value}; });
        known_[variable] = knowledge_of(std::move(scalars));
        return true;
    }

    // No assignment is left: every range becomes an empty list.
    Model excluded() {
        for (std::size_t v = 0; v < known_.size(); ++v) {
            if (model_.variables()[v].range) {
                known_[v] = knowledge_of(std::vector<Scalar>());
            }
        }
        return with_lists();
    }

    Model with_lists() const {
        Model result;
        for (std::size_t v = 0; v < known_.size(); ++v) {
            Variable variable = model_.variables()[v];
            if (variable.range) {
                variable.range.reset();
                for (const Scalar& value : known_[v].values) {
                    variable.values.emplace_back(static_cast<std::int64_t>(std::get<Int128>(value)));
                }
            }
            result.variable(variable);
        }
        for (const Definition& definition : model_.definitions()) {
            result.define(definition.name, definition.value);
        }
        for (const Constraint& constraint : model_.constraints()) {
            result.require(constraint.condition, constraint.reason);
        }
        if (model_.cost()) {
            result.minimize(*model_.cost());
        }
        return result;
    }

    std::string obstacle() const {
        const std::size_t v = unlisted().front();
        const Knowledge& known = known_[v];
        const std::string why =
            failures_[v].empty() ? "" : fmt::format("; there is no value for some of {}", failures_[v]);
        return fmt::format(
            "solving: {} is left with {} values from {} to {}, and {} at most can be listed{}; bound it, let it divide "
            "a number, or give it as a value of other variables, as in `{} == a * b`",
            model_.variables()[v].name, static_cast<std::int64_t>(known.size()), static_cast<std::int64_t>(known.low),
            static_cast<std::int64_t>(known.high), kMaxListedValues, why, model_.variables()[v].name);
    }

    const Model& model_;
    std::vector<Knowledge> known_;  // by variable
    std::size_t budget_ = kMaxListedValues;
    std::vector<std::string> failures_;  // by variable: why an equality did not give its values
};

}  // namespace

ListedModel::ListedModel(const Model& model, Extent extent) {
    if (const std::string obstacle = list(model, extent); !obstacle.empty()) {
        throw Error(obstacle);
    }
}

std::optional<ListedModel> ListedModel::unless_too_many(const Model& model, Extent extent) {
    ListedModel listed(Empty{});
    return listed.list(model, extent).empty() ? std::optional(std::move(listed)) : std::nullopt;
}

std::string ListedModel::list(const Model& model, Extent extent) {
    model_ = &model;
    if (!has_ranges(model)) {
        return "";
    }
    Listing listing = RangeLister(model, extent).run();
    own_ = std::move(listing.model);
    return listing.obstacle;
}

}  // namespace warpsmith
