// Expressions of a space, of which formulas are made for one configuration after another.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cache/formula.hpp"
#include "solver/expr.hpp"

namespace warpsmith {

// Definitions of these names stay open: they stand for the size at the position given, which is a Formulas' input.
using OpenSizes = std::map<std::string, std::size_t, std::less<>>;

// Expressions of one model, walked once and laid out flat.
class FormulaPlan {
  public:
    // Of a model with so many variables.
    FormulaPlan(const std::vector<Expr>& exprs, std::size_t variables, const OpenSizes& open);

  private:
    friend class ConfiguredPlan;
    class Builder;

    // A part of an expression: in closed_ where it depends on no size, else in open_. Each is there once.
    struct Place {
        bool open = false;
        std::uint32_t part = 0;
        bool operator==(const Place&) const = default;
    };
    struct ClosedPart {
        Formulas::Slot slot;  // of closed_
        Expr expr;
    };
    struct OpenPart {
        Op op = Op::variable;             // a variable: a size
        std::array<Place, 3> operands{};  // as Formulas has them
        Formulas::Slot size = 0;          // which
    };

    Formulas closed_;  // over the variables of the model
    std::vector<ClosedPart> closed_parts_;
    std::vector<OpenPart> open_parts_;
    std::vector<Place> roots_;
};

// The expressions with a value for each variable of their model. What the configuration decides is gone: of a choice,
// only the side that it takes is left.
class ConfiguredPlan {
  public:
    // Both must outlive this.
    ConfiguredPlan(const FormulaPlan& plan, std::span<const std::int64_t> variables);

    // Whether an expression depends on a size.
    bool open(std::size_t expression) const { return left(plan_.roots_[expression]).open; }

    // The value of one that does not; nothing where it has none, or is no whole number of 64 bits.
    std::optional<std::int64_t> value(std::size_t expression) const;

    // Adds it to formulas over the sizes. All calls are to be given the same ones: what was added before is used again.
    void add_to(Formulas& formulas, std::size_t expression);

  private:
    using Place = FormulaPlan::Place;

    Place left(Place place) const { return place.open ? left_[place.part] : place; }
    Place left_of(std::uint32_t open) const;
    std::optional<std::int64_t> closed_value(std::uint32_t part) const;
    Formulas::Slot take(Place place, Formulas& formulas);

    const FormulaPlan& plan_;
    std::span<const std::int64_t> variables_;
    std::vector<std::int64_t> values_;                  // of the slots of the plan's closed_
    std::vector<std::optional<std::int64_t>> some_;     // the same, where not all have one
    std::vector<Place> left_;                           // of each open part, what stands for it
    std::vector<std::optional<Formulas::Slot>> taken_;  // of each open part, where it is in the formulas
};

}  // namespace warpsmith
