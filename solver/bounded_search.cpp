#include "solver/bounded_search.hpp"

#include <algorithm>

#include "solver/depth_first.hpp"
#include "solver/parts.hpp"

namespace warpsmith {
namespace {

constexpr std::uint64_t kMostSteps = 16'000;  // some 100 us, less than most plans take
constexpr std::size_t kMostBounds = 1U << 15U;

std::uint64_t bit(std::size_t variable) {
    return std::uint64_t{1} << variable;
}

class BoundedSearch {
  public:
    BoundedSearch(const Model& model, const Parts& parts)
        : model_(model), parts_(parts), levels_(model.variables().size()) {
        bounds_.resize((levels_.size() + 1) * parts.size());
        for (PartId id = 0; id < parts.size(); ++id) {
            bounds_[id] = parts[id].bounds;
            const bool open = parts[id].must_hold && parts[id].variables == 0;
            is_over_ |= open && !parts[id].bounds.always_true();
        }
        for (std::size_t variable = 0; variable < levels_.size(); ++variable) {
            prepare(variable);
        }
    }

    bool is_over() const { return is_over_ || steps_ > kMostSteps; }
    std::uint64_t nodes() const { return nodes_; }

    bool enter(std::size_t variable, std::uint32_t choice) {
        ++nodes_;
        const std::optional<PartId> id = parts_.variable(variable);
        const Bounds* above = bounds_.data() + variable * parts_.size();
        Bounds* here = bounds_.data() + (variable + 1) * parts_.size();
        const auto* value = std::get_if<std::int64_t>(&model_.variables()[variable].values[choice]);
        if (id && value != nullptr && above[*id].known() && (*value < above[*id].low || *value > above[*id].high)) {
            return false;
        }
        steps_ += 1 + parts_.size() / kCopiedPerStep;
        std::copy_n(above, parts_.size(), here);
        if (id) {
            here[*id] = value != nullptr ? bounds_of(*value) : Bounds{};
            if (parts_[*id].must_hold && !holds(here[*id])) {
                return false;
            }
        }
        const Level& level = levels_[variable];
        return std::ranges::all_of(level.limits, [&](const Limit& limit) { return keep_within(limit, here); }) &&
               std::ranges::all_of(level.parts, [&](PartId part) { return update(part, variable, here); });
    }

  private:
    static constexpr std::size_t kCopiedPerStep = 16;

    struct Limit {
        const ProductLimit* product;
        std::vector<PartId> open;  // the factors that are not set yet
    };
    struct Level {
        std::vector<Limit> limits;
        std::vector<PartId> parts;  // what a value changes
    };

    void prepare(std::size_t variable) {
        Level& level = levels_[variable];
        std::uint64_t changed = bit(variable);
        for (const ProductLimit& product : parts_.limits()) {
            if ((product.variables & bit(variable)) == 0) {
                continue;
            }
            Limit& limit = level.limits.emplace_back(Limit{&product, {}});
            std::ranges::copy_if(product.factors, std::back_inserter(limit.open),
                                 [&](PartId factor) { return parts_[factor].variables > bit(variable); });
            changed |= product.variables & ~(bit(variable) - 1);
        }
        for (PartId id = 0; id < parts_.size(); ++id) {
            if ((parts_[id].variables & changed) != 0 && parts_[id].arity > 0) {
                level.parts.push_back(id);
            }
        }
    }

    // What the factors that are set leave of the others.
    bool keep_within(const Limit& limit, Bounds* here) {
        std::int64_t least = 1;
        for (const PartId factor : limit.product->factors) {
            least *= here[factor].low;
        }
        steps_ += limit.product->factors.size() + limit.open.size();
        if (least > limit.product->limit) {
            return false;
        }
        for (const PartId factor : limit.open) {
            const std::int64_t most = limit.product->limit / (least / here[factor].low);
            here[factor].high = std::min(here[factor].high, most);
        }
        return true;
    }

    // Of a constraint whose variables are all set; where its bounds do not tell, the search is over.
    bool holds(const Bounds& bounds) {
        is_over_ |= !bounds.always_true() && !bounds.always_false();
        return bounds.always_true();
    }

    // Whether there may be solutions with these bounds.
    bool update(PartId id, std::size_t variable, Bounds* here) {
        ++steps_;
        const Part& part = parts_[id];
        std::array<Bounds, 3> operands;
        for (std::size_t i = 0; i < part.arity; ++i) {
            operands.at(i) = here[part.operands.at(i)];
        }
        Bounds bounds = bounds_of(part.op, std::span(operands.data(), part.arity));
        if (part.must_hold && bounds.always_false()) {
            return false;
        }
        const bool is_last = part.variables >> variable == 1;
        if (part.must_hold && is_last && !holds(bounds)) {
            return false;
        }
        if (bounds.known() && part.bounds.known()) {
            bounds.low = std::max(bounds.low, part.bounds.low);
            bounds.high = std::min(bounds.high, part.bounds.high);
        }
        here[id] = bounds;
        return bounds.low <= bounds.high;
    }

    const Model& model_;
    const Parts& parts_;
    std::vector<Level> levels_;   // by variable
    std::vector<Bounds> bounds_;  // of all parts, by how many variables are set
    std::uint64_t steps_ = 0;
    std::uint64_t nodes_ = 0;
    bool is_over_ = false;
};

}  // namespace

Probe bounded_first(const Model& model) {
    const std::optional<Parts> parts = Parts::of(model);
    if (!parts || (model.variables().size() + 1) * parts->size() > kMostBounds) {
        return {};
    }
    BoundedSearch search(model, *parts);
    if (search.is_over()) {
        return {};  // a constraint without variables does not hold
    }
    std::optional<std::vector<std::uint32_t>> choices = first_depth_first(model, search);
    return {.choices = std::move(choices), .nodes = search.nodes()};
}

}  // namespace warpsmith
