#include "solver/constrint_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "solver/constrint_definitions.hpp"
#include "solver/constrint_directives.hpp"
#include "solver/constrint_domains.hpp"
#include "solver/parser.hpp"

namespace warpsmith {
namespace {

class ModelBuilder {
  public:
    ModelBuilder(const SourceText& source, const ConstrintSystem& system, const ConstrintDirectives& directives)
        : source_(source),
          system_(system),
          directives_(directives),
          chosen_(choose_definitions(system, directives.order)),
          domains_(system, chosen_),
          budget_(source) {}

    ModelFromText run() {
        for (const ValueOrder& entry : directives_.order) {
            add_parameter(entry.variable, entry.largest_first);
        }
        for (std::size_t i = 0; i < system_.variables.size(); ++i) {
            if (!model_.find(system_.variables[i].name) && !chosen_.of_variable[i]) {
                add_parameter(i, false);
            }
        }
        for (std::size_t variable : chosen_.order) {
            define(variable);
        }
        for (std::size_t i = 0; i < system_.relations.size(); ++i) {
            add_relation(i);
        }
        return {.name = source_.file, .model = std::move(model_), .expected_count = std::nullopt};
    }

  private:
    void add_parameter(std::size_t index, bool largest_first) {
        const ConstrintVariable& variable = system_.variables[index];
        const std::vector<std::int64_t>* listed = domains_.list(index);
        if (listed == nullptr) {
            complain(
                source_, variable.offset,
                fmt::format("\"{}\" can be anything from {} to {}; bound it (as in {} <= 64) or let it follow from "
                            "the others",
                            variable.name, variable.bounds.low, variable.bounds.high, variable.name));
        }
        budget_.add_parameter(variable.offset, listed->size());
        std::vector<std::int64_t> values = *listed;
        if (largest_first) {
            std::ranges::reverse(values);
        }
        model_.variable(variable.name, std::move(values));
    }

    Expr expression(const ConstrintTerm& term) const {
        switch (term.kind) {
            case ConstrintTermKind::constant:
                return {term.number};
            case ConstrintTermKind::variable:
                return *model_.find(system_.variables[term.variable].name);
            case ConstrintTermKind::power:
                return pow(expression(term.parts[0]), Expr(term.number));
            case ConstrintTermKind::remainder:
                return expression(term.parts[0]) % expression(term.parts[1]);
            default:
                return combined(term, term.parts.size());
        }
    }

    // The sum or product of the parts but one.
    Expr combined(const ConstrintTerm& term, std::size_t left_out) const {
        std::optional<Expr> result;
        for (std::size_t i = 0; i < term.parts.size(); ++i) {
            if (i != left_out) {
                Expr part = expression(term.parts[i]);
                result = !result ? part : term.kind == ConstrintTermKind::sum ? *result + part : *result * part;
            }
        }
        return *result;
    }

    // The side with the variable equals `other`: what does the variable equal? Conditions on the way are required.
    Expr solved_for(std::size_t variable, const ConstrintTerm& side, const Expr& other,
                    const ConstrintConstraint& relation) {
        if (side.kind == ConstrintTermKind::variable) {
            return other;
        }
        auto part = std::ranges::find_if(side.parts,
                                         [&](const ConstrintTerm& term) { return occurrences(term, variable) != 0; });
        Expr rest = combined(side, static_cast<std::size_t>(part - side.parts.begin()));
        if (side.kind == ConstrintTermKind::sum) {
            return solved_for(variable, *part, other - rest, relation);
        }
        require(other % rest == 0, relation);
        return solved_for(variable, *part, other / rest, relation);
    }

    void require(const Expr& condition, const ConstrintConstraint& relation) {
        budget_.add_expression(relation.meaning.offset, condition);
        model_.require(condition, relation.text);
    }

    void define(std::size_t variable) {
        const Definer& definer = *chosen_.of_variable[variable];
        const std::string& name = system_.variables[variable].name;
        if (definer.relation == Definer::kConstant) {
            model_.define(name, domains_.list(variable)->front());
            return;
        }
        const ConstrintConstraint& relation = system_.relations[definer.relation];
        const ConstrintTerm& side = definer.on_left ? relation.left : relation.right;
        const ConstrintTerm& other = definer.on_left ? relation.right : relation.left;
        Expr value = solved_for(variable, side, expression(other), relation);
        budget_.add_expression(relation.meaning.offset, value);
        Expr defined = model_.define(name, value);
        if (side.kind != ConstrintTermKind::variable || other.bounds.low < 1) {
            require(defined >= 1, relation);
        }
        if (other.bounds.high > kLargestConstrint) {
            require(defined <= kLargestConstrint, relation);
        }
    }

    void add_relation(std::size_t index) {
        const ConstrintConstraint& relation = system_.relations[index];
        if (chosen_.is_used[index] || domains_.cover(relation)) {
            return;
        }
        require(to_expr(relation.meaning, source_, model_), relation);
    }

    const SourceText& source_;
    const ConstrintSystem& system_;
    const ConstrintDirectives& directives_;
    Definitions chosen_;
    ConstrintDomains domains_;
    ModelBudget budget_;
    Model model_;
};

}  // namespace

ModelFromText read_constrint(const SourceText& source, Brackets brackets) {
    bool counted = brackets == Brackets::counted || asks_for_brackets(source);
    ConstrintSystem system =
        system_of(source, parse_constrint(source, counted ? Brackets::counted : Brackets::dropped));
    narrow(system);
    ConstrintDirectives directives = read_directives(source, system);
    return ModelBuilder(source, system, directives).run();
}

}  // namespace warpsmith
