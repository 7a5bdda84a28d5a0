#include "solver/constrint_terms.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "solver/model_text.hpp"

namespace warpsmith {
namespace {

constexpr int kMaxRounds = 30;

std::int64_t saturated(Int128 value) {
    return static_cast<std::int64_t>(std::clamp(value, Int128{0}, Int128{kLargestBound}));
}
std::int64_t added(std::int64_t left, std::int64_t right) {
    return saturated(Int128{left} + right);
}
std::int64_t multiplied(std::int64_t left, std::int64_t right) {
    return saturated(Int128{left} * right);
}

std::int64_t raised(std::int64_t base, std::int64_t exponent) {
    std::int64_t result = 1;
    for (std::int64_t square = base; exponent != 0; exponent /= 2) {
        result = exponent % 2 != 0 ? multiplied(result, square) : result;
        square = multiplied(square, square);
    }
    return result;
}

class Converter {
  public:
    Converter(const SourceText& source, ConstrintSystem& system) : source_(source), system_(system) {}

    ConstrintConstraint relation(ConstrintRelation written) {
        ConstrintConstraint result{.text = std::move(written.text)};
        name_all(written.meaning);
        const Syntax& syntax = written.meaning;
        if (syntax.form == Form::comparison) {
            result.kind = ConstrintKind::member;
            result.left = term(syntax.parts[0]);
            for (const Syntax& value : syntax.parts[1].parts) {
                result.values.push_back(std::get<std::int64_t>(value.value));
            }
        } else if (syntax.op == Op::equal || syntax.op == Op::less_equal) {
            const Syntax& first = syntax.parts[0];
            const auto* zero = std::get_if<std::int64_t>(&syntax.parts[1].value);
            bool divides = syntax.op == Op::equal && first.form == Form::operation && first.op == Op::modulo &&
                           syntax.parts[1].form == Form::constant && zero != nullptr && *zero == 0;
            result.kind = divides                       ? ConstrintKind::divides
                          : syntax.op == Op::less_equal ? ConstrintKind::less_equal
                                                        : ConstrintKind::equal;
            result.left = term(divides ? first.parts[0] : first);
            result.right = term(divides ? first.parts[1] : syntax.parts[1]);
        }
        if (result.kind == ConstrintKind::equal && result.right.kind == ConstrintTermKind::constant) {
            result.values = {result.right.number};
        } else if (result.kind == ConstrintKind::equal && result.left.kind == ConstrintTermKind::constant) {
            result.values = {result.left.number};
        }
        result.meaning = std::move(written.meaning);
        return result;
    }

  private:
    void name_all(const Syntax& syntax) {
        if (syntax.form == Form::name && !system_.index.contains(syntax.name)) {
            if (system_.variables.size() == kMaxParameters) {
                complain(source_, syntax.offset, fmt::format("more than {} names", kMaxParameters));
            }
            system_.index.emplace(syntax.name, system_.variables.size());
            system_.variables.push_back({.name = syntax.name, .offset = syntax.offset});
        }
        for (const Syntax& part : syntax.parts) {
            name_all(part);
        }
    }

    ConstrintTerm term(const Syntax& syntax) const {
        if (syntax.form == Form::constant) {
            return {.kind = ConstrintTermKind::constant, .number = std::get<std::int64_t>(syntax.value)};
        }
        if (syntax.form == Form::name) {
            return {.kind = ConstrintTermKind::variable, .variable = system_.index.find(syntax.name)->second};
        }
        if (syntax.op == Op::power) {
            ConstrintTerm power{.kind = ConstrintTermKind::power,
                                .number = std::get<std::int64_t>(syntax.parts[1].value)};
            power.parts.push_back(term(syntax.parts[0]));
            return power;
        }
        ConstrintTerm result{.kind = syntax.op == Op::add        ? ConstrintTermKind::sum
                                     : syntax.op == Op::multiply ? ConstrintTermKind::product
                                                                 : ConstrintTermKind::remainder};
        for (const Syntax& part : syntax.parts) {
            ConstrintTerm inner = term(part);
            bool flat = inner.kind == result.kind && result.kind != ConstrintTermKind::remainder;
            if (flat) {
                std::ranges::move(inner.parts, std::back_inserter(result.parts));
            } else {
                result.parts.push_back(std::move(inner));
            }
        }
        return result;
    }

    const SourceText& source_;
    ConstrintSystem& system_;
};

class Narrower {
  public:
    explicit Narrower(std::vector<ConstrintVariable>& variables) : variables_(variables) {}

    bool apply(ConstrintConstraint& relation) {
        changed_ = false;
        ConstrintInterval left = bound(relation.left);
        if (relation.kind == ConstrintKind::member) {
            auto [low, high] = std::ranges::minmax(relation.values);
            restrict(relation.left, {low, high});
            return changed_;
        }
        ConstrintInterval right = bound(relation.right);
        switch (relation.kind) {
            case ConstrintKind::equal:
                restrict(relation.left, right);
                restrict(relation.right, left);
                break;
            case ConstrintKind::less_equal:
                restrict(relation.left, {0, right.high});
                restrict(relation.right, {left.low, kLargestBound});
                break;
            case ConstrintKind::divides:
                restrict(relation.right, {1, left.low > 0 ? left.high : kLargestBound});
                break;
            default:
                break;
        }
        return changed_;
    }

  private:
    ConstrintInterval bound(ConstrintTerm& term) {
        for (ConstrintTerm& part : term.parts) {
            bound(part);
        }
        term.bounds = computed(term);
        return term.bounds;
    }

    ConstrintInterval computed(const ConstrintTerm& term) const {
        switch (term.kind) {
            case ConstrintTermKind::constant:
                return {std::min(term.number, kLargestBound), std::min(term.number, kLargestBound)};
            case ConstrintTermKind::variable:
                return variables_[term.variable].bounds;
            case ConstrintTermKind::sum:
            case ConstrintTermKind::product: {
                bool sum = term.kind == ConstrintTermKind::sum;
                ConstrintInterval total{sum ? 0 : 1, sum ? 0 : 1};
                for (const ConstrintTerm& part : term.parts) {
                    total.low = (sum ? added : multiplied)(total.low, part.bounds.low);
                    total.high = (sum ? added : multiplied)(total.high, part.bounds.high);
                }
                return total;
            }
            case ConstrintTermKind::power:
                return {raised(term.parts[0].bounds.low, term.number), raised(term.parts[0].bounds.high, term.number)};
            default:
                return {0, std::min(term.parts[0].bounds.high, term.parts[1].bounds.high)};
        }
    }

    // The term is known to lie in `allowed`: so do its parts in what the others leave them.
    void restrict(const ConstrintTerm& term, ConstrintInterval allowed) {
        switch (term.kind) {
            case ConstrintTermKind::variable:
                restrict_variable(variables_[term.variable].bounds, allowed);
                break;
            case ConstrintTermKind::sum:
                restrict_parts(term, allowed, added,
                               [](ConstrintInterval total, ConstrintInterval others) -> ConstrintInterval {
                                   return {total.low - others.high,
                                           total.high == kLargestBound ? kLargestBound : total.high - others.low};
                               });
                break;
            case ConstrintTermKind::product:
                restrict_parts(term, allowed, multiplied,
                               [](ConstrintInterval total, ConstrintInterval others) -> ConstrintInterval {
                                   bool open = total.high == kLargestBound || others.low == 0;
                                   return {others.high == 0 ? 0 : (total.low + others.high - 1) / others.high,
                                           open ? kLargestBound : total.high / others.low};
                               });
                break;
            case ConstrintTermKind::power:
                restrict(term.parts[0], rooted(allowed, term.number));
                break;
            default:
                break;
        }
    }

    template <class Combine, class Rest>
    void restrict_parts(const ConstrintTerm& term, ConstrintInterval allowed, Combine combine, Rest rest) {
        std::int64_t neutral = term.kind == ConstrintTermKind::sum ? 0 : 1;
        std::vector<ConstrintInterval> after(term.parts.size() + 1, {neutral, neutral});  // of all parts from here on
        for (std::size_t i = term.parts.size(); i-- > 0;) {
            after[i] = {combine(after[i + 1].low, term.parts[i].bounds.low),
                        combine(after[i + 1].high, term.parts[i].bounds.high)};
        }
        ConstrintInterval before{neutral, neutral};
        for (std::size_t i = 0; i < term.parts.size(); ++i) {
            ConstrintInterval others{combine(before.low, after[i + 1].low), combine(before.high, after[i + 1].high)};
            restrict(term.parts[i], rest(allowed, others));
            before = {combine(before.low, term.parts[i].bounds.low), combine(before.high, term.parts[i].bounds.high)};
        }
    }

    static ConstrintInterval rooted(ConstrintInterval allowed, std::int64_t exponent) {
        std::int64_t low = 0;
        std::int64_t high = kLargestBound;
        while (low < high) {  // the largest number whose power is not above
            std::int64_t middle = low + (high - low + 1) / 2;
            (raised(middle, exponent) <= allowed.high ? low : high) =
                raised(middle, exponent) <= allowed.high ? middle : middle - 1;
        }
        return {allowed.low > 0 ? 1 : 0, low};
    }

    void restrict_variable(ConstrintInterval& bounds, ConstrintInterval allowed) {
        ConstrintInterval narrowed{std::max(bounds.low, allowed.low), std::min(bounds.high, allowed.high)};
        if (narrowed.low <= narrowed.high && (narrowed.low != bounds.low || narrowed.high != bounds.high)) {
            bounds = narrowed;
            changed_ = true;
        }
    }

    std::vector<ConstrintVariable>& variables_;
    bool changed_ = false;
};

}  // namespace

ConstrintSystem system_of(const SourceText& source, std::vector<ConstrintRelation> relations) {
    ConstrintSystem system;
    Converter converter(source, system);
    for (ConstrintRelation& relation : relations) {
        system.relations.push_back(converter.relation(std::move(relation)));
    }
    return system;
}

void narrow(ConstrintSystem& system) {
    Narrower narrower(system.variables);
    bool changed = true;
    for (int round = 0; round < kMaxRounds && changed; ++round) {
        changed = false;
        for (ConstrintConstraint& relation : system.relations) {
            changed = narrower.apply(relation) || changed;
        }
    }
}

std::size_t occurrences(const ConstrintTerm& term, std::size_t variable) {
    std::size_t count = term.kind == ConstrintTermKind::variable && term.variable == variable ? 1 : 0;
    for (const ConstrintTerm& part : term.parts) {
        count += occurrences(part, variable);
    }
    return count;
}

}  // namespace warpsmith
