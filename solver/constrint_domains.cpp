#include "solver/constrint_domains.hpp"

#include <algorithm>
#include <numeric>

namespace warpsmith {
namespace {

constexpr std::int64_t kMaxDivided = std::int64_t{1} << 32;  // its divisors are found in 65,536 steps
constexpr std::int64_t kMaxListed = std::int64_t{1} << 18;   // of one range
constexpr std::size_t kMaxMultiples = 64;  // kept of one variable: more would hardly narrow it further

bool is_product(const ConstrintTerm& term) {
    return term.kind == ConstrintTermKind::product || term.kind == ConstrintTermKind::variable ||
           term.kind == ConstrintTermKind::power;
}

}  // namespace

ConstrintDomains::ConstrintDomains(const ConstrintSystem& system, const Definitions& definitions)
    : system_(system),
      definitions_(definitions),
      lists_(system.variables.size()),
      multiples_(system.variables.size()),
      values_(system.variables.size()) {
    for (const ConstrintConstraint& relation : system.relations) {
        bool turned = relation.kind == ConstrintKind::equal && relation.left.kind == ConstrintTermKind::constant;
        const ConstrintTerm& given = turned ? relation.right : relation.left;
        if (!relation.values.empty() && given.kind == ConstrintTermKind::variable) {
            lists_[given.variable].push_back(&relation);
        }
        bool equal = relation.kind == ConstrintKind::equal;
        if ((equal || relation.kind == ConstrintKind::divides) && relation.left.bounds.is_single()) {
            add_factors(relation.right, relation.left.bounds.low);
        }
        if (equal && relation.right.bounds.is_single()) {
            add_factors(relation.left, relation.right.bounds.low);
        }
    }
}

// Every factor of what divides a number divides it too, also the factors of a name that an equality gives.
void ConstrintDomains::add_factors(const ConstrintTerm& product, std::int64_t multiple) {
    if (multiple < 1 || multiple >= kLargestBound) {
        return;
    }
    std::vector<const ConstrintTerm*> open{&product};
    std::vector<std::size_t> seen;
    while (!open.empty()) {
        const ConstrintTerm& term = *open.back();
        open.pop_back();
        if (!is_product(term)) {
            continue;
        }
        for (const ConstrintTerm& part : term.parts) {
            open.push_back(&part);
        }
        if (term.kind != ConstrintTermKind::variable || std::ranges::find(seen, term.variable) != seen.end() ||
            seen.size() == kMaxMultiples) {
            continue;
        }
        seen.push_back(term.variable);
        std::vector<std::int64_t>& multiples = multiples_[term.variable];
        if (multiples.size() < kMaxMultiples) {
            multiples.push_back(multiple);
        }
        const std::optional<Definer>& definer = definitions_.of_variable[term.variable];
        if (definer && definer->relation != Definer::kConstant) {
            const ConstrintConstraint& relation = system_.relations[definer->relation];
            const ConstrintTerm& side = definer->on_left ? relation.left : relation.right;
            if (side.kind == ConstrintTermKind::variable) {
                open.push_back(definer->on_left ? &relation.right : &relation.left);
            }
        }
    }
}

std::vector<std::int64_t> ConstrintDomains::divisors(std::int64_t number) {
    auto [found, is_new] = divisors_.try_emplace(number);
    if (is_new) {
        for (std::int64_t divisor = 1; divisor * divisor <= number; ++divisor) {
            if (number % divisor == 0) {
                found->second.push_back(divisor);
                found->second.push_back(number / divisor);
            }
        }
    }
    return found->second;
}

bool ConstrintDomains::fits(std::size_t variable, std::int64_t value) const {
    const ConstrintInterval& bounds = system_.variables[variable].bounds;
    auto divides = [&](std::int64_t multiple) { return multiple % value == 0; };
    auto listed = [&](const ConstrintConstraint* list) {
        return std::ranges::find(list->values, value) != list->values.end();
    };
    return value >= bounds.low && value <= bounds.high && std::ranges::all_of(multiples_[variable], divides) &&
           std::ranges::all_of(lists_[variable], listed);
}

const std::vector<std::int64_t>* ConstrintDomains::list(std::size_t variable) {
    const ConstrintInterval& bounds = system_.variables[variable].bounds;
    const std::vector<std::int64_t>& multiples = multiples_[variable];
    std::vector<std::int64_t>& values = values_[variable];
    if (!lists_[variable].empty()) {
        values = lists_[variable].front()->values;
    } else if (!multiples.empty() && *std::ranges::min_element(multiples) <= kMaxDivided) {
        values = divisors(*std::ranges::min_element(multiples));
    } else if (bounds.high - bounds.low < kMaxListed) {
        values.resize(static_cast<std::size_t>(bounds.high - bounds.low + 1));
        std::iota(values.begin(), values.end(), bounds.low);
    } else {
        return nullptr;
    }
    std::erase_if(values, [&](std::int64_t value) { return !fits(variable, value); });
    std::ranges::sort(values);
    values.erase(std::unique(values.begin(), values.end()), values.end());
    if (values.empty()) {
        values.push_back(bounds.low);
    }
    return &values;
}

bool ConstrintDomains::cover(const ConstrintConstraint& relation) const {
    bool turned = relation.left.kind == ConstrintTermKind::constant && relation.kind != ConstrintKind::member;
    const ConstrintTerm& side = turned ? relation.right : relation.left;
    const ConstrintTerm& other = turned ? relation.left : relation.right;
    bool unary = relation.kind == ConstrintKind::member || other.kind == ConstrintTermKind::constant;
    if (side.kind != ConstrintTermKind::variable || !unary || values_[side.variable].empty()) {
        return false;
    }
    const std::vector<std::int64_t>& values = values_[side.variable];
    switch (relation.kind) {
        case ConstrintKind::member:
            return std::ranges::all_of(values, [&](std::int64_t value) {
                return std::ranges::find(relation.values, value) != relation.values.end();
            });
        case ConstrintKind::equal:
            return values.size() == 1 && values.front() == other.number;
        case ConstrintKind::less_equal:
            return turned ? values.front() >= other.number : values.back() <= other.number;
        default:
            return false;
    }
}

}  // namespace warpsmith
