#include "solver/terms.hpp"

#include <algorithm>
#include <compare>
#include <limits>

namespace warpsmith {
namespace {

constexpr Int128 kInt64Min = std::numeric_limits<std::int64_t>::min();
constexpr Int128 kInt64Max = std::numeric_limits<std::int64_t>::max();

bool is_comparison(Op op) {
    return op >= Op::equal && op <= Op::greater_equal;
}

bool yields_an_operand(Op op) {
    return op == Op::select || op == Op::logical_and || op == Op::logical_or || op == Op::minimum || op == Op::maximum;
}

bool accepts_text(Op op) {
    return op == Op::select || op == Op::logical_and || op == Op::logical_or || op == Op::logical_not ||
           op == Op::equal || op == Op::not_equal;
}

Storage storage_of(const Term& term) {
    if (term.may_fail || !term.number) {
        return Storage::scalar;
    }
    if (term.whole()) {
        return term.range.within(kInt64Min, kInt64Max) ? Storage::integer : Storage::scalar;
    }
    return Storage::real;
}

}  // namespace

bool exact_in_double(const Term& term) {
    return !term.whole() || term.range.within(-kExactInDouble, kExactInDouble);
}

// A total order, in which every NaN has its place and failures differ by their reason.
bool Terms::ScalarOrder::operator()(const Scalar& left, const Scalar& right) const {
    if (left.index() != right.index()) {
        return left.index() < right.index();
    }
    if (const auto* real = std::get_if<double>(&left)) {
        return std::is_lt(std::strong_order(*real, std::get<double>(right)));
    }
    if (const auto* failure = std::get_if<Failure>(&left)) {
        return std::string_view(failure->reason) < std::get<Failure>(right).reason;
    }
    return std::is_lt(compare(left, right));
}

std::size_t Terms::KeyHash::operator()(const Key& key) const {
    std::uint64_t hash = static_cast<std::uint64_t>(key.op);
    for (TermId operand : key.operands) {
        hash = (hash ^ operand) * 0x9e3779b97f4a7c15ULL;
        hash ^= hash >> 29U;
    }
    return hash;
}

TermId Terms::append(const Term& term) {
    terms_.push_back(term);
    return static_cast<TermId>(terms_.size() - 1);
}

TermId Terms::constant(Scalar value) {
    auto known = constants_.find(value);
    if (known != constants_.end()) {
        return known->second;
    }
    Term term{.constant = value, .range = range_of(std::span(&value, 1))};
    term.number = term.whole() || std::holds_alternative<double>(value);
    term.may_fail = failed(value);
    term.storage = storage_of(term);
    TermId id = append(term);
    constants_.emplace(value, id);
    return id;
}

TermId Terms::variable(Level level, std::span<const Scalar> values) {
    if (values.size() == 1) {
        return constant(values[0]);
    }
    auto all = [&](auto is_kind) { return std::ranges::all_of(values, is_kind); };
    auto is_real = [](const Scalar& value) { return std::holds_alternative<double>(value); };
    Term term{.op = Op::variable, .level = level, .range = range_of(values)};
    // Integers among doubles keep their exactness, so such a variable counts as neither.
    term.number = term.whole() || all(is_real);
    term.storage = storage_of(term);
    return append(term);
}

TermId Terms::variable(Level level, Int128 low, Int128 high) {
    Term term{.op = Op::variable, .number = true, .level = level, .range = {.low = low, .high = high, .whole = true}};
    term.storage = storage_of(term);
    return append(term);
}

bool Terms::equals(TermId term, std::int64_t value) const {
    const auto* integer = std::get_if<Int128>(&terms_[term].constant);
    return is_constant(term) && integer != nullptr && *integer == value;
}

std::vector<TermId> Terms::factors(TermId term) const {
    std::vector<TermId> result;
    collect_factors(term, result);
    std::ranges::reverse(result);
    return result;
}

// The last one first.
void Terms::collect_factors(TermId term, std::vector<TermId>& factors) const {
    while (terms_[term].op == Op::multiply && terms_[term].whole() && !terms_[term].may_fail) {
        factors.push_back(terms_[term].operands[1]);
        term = terms_[term].operands[0];
    }
    factors.push_back(term);
}

TermId Terms::apply(Op op, std::span<const TermId> operands) {
    if (op == Op::named) {
        return operands[0];
    }
    if (std::optional<TermId> simpler = identity(op, operands)) {
        return *simpler;
    }
    auto exact = [&](TermId operand) { return terms_[operand].whole() && !terms_[operand].may_fail; };
    bool reorders = (op == Op::multiply || op == Op::add || op == Op::subtract) && std::ranges::all_of(operands, exact);
    if (!reorders) {
        return intern(op, operands);
    }
    const Key as_written{.op = op, .operands = {operands[0], operands[1]}};
    auto known = known_.find(as_written);
    if (known != known_.end()) {
        return known->second;
    }
    TermId result =
        op == Op::multiply ? product(operands[0], operands[1]) : sum(operands[0], operands[1], op == Op::subtract);
    known_.emplace(as_written, result);
    return result;
}

TermId Terms::intern(Op op, std::span<const TermId> operands) {
    if (std::ranges::all_of(operands, [&](TermId operand) { return is_constant(operand); })) {
        const Scalar& left = terms_[operands[0]].constant;
        return constant(operands.size() == 1 ? compute(op, left) : compute(op, left, terms_[operands[1]].constant));
    }
    Key key{.op = op, .operands = {}};
    std::ranges::copy(operands, key.operands.begin());
    auto known = known_.find(key);
    if (known != known_.end()) {
        return known->second;
    }
    Term term{.op = op, .arity = static_cast<std::uint8_t>(operands.size()), .operands = key.operands};
    std::array<Range, 3> ranges;
    for (std::size_t i = 0; i < operands.size(); ++i) {
        const Term& operand = terms_[operands[i]];
        ranges.at(i) = operand.range;
        term.level = std::max(term.level, operand.level);
        term.may_fail |= operand.may_fail;
    }
    for (TermId operand : operands) {
        term.weight += terms_[operand].level == term.level ? terms_[operand].weight : 0;
    }
    term.weight = std::min(term.weight, kMaxWeight);
    term.range = range_of(op, std::span(ranges.data(), operands.size()));
    classify(term);
    bool settled =
        !term.may_fail && term.number && term.range.known() && std::is_eq(compare(term.range.low, term.range.high));
    TermId id = settled ? constant(term.range.low) : append(term);
    known_.emplace(key, id);
    return id;
}

// An operand that the operator yields whatever the other operands are.
std::optional<TermId> Terms::identity(Op op, std::span<const TermId> operands) const {
    const Term& first = terms_[operands[0]];
    bool fails = is_constant(operands[0]) && failed(first.constant);
    bool holds = is_constant(operands[0]) ? truth(first.constant) : first.range.always_true();
    bool decided = is_constant(operands[0]) || (!first.may_fail && (holds || first.range.always_false()));
    std::optional<std::size_t> yielded;
    if (op == Op::select && decided) {
        yielded = fails ? 0 : holds ? 1 : 2;
    } else if ((op == Op::logical_and || op == Op::logical_or) && decided) {
        yielded = fails || holds == (op == Op::logical_or) ? 0 : 1;
    } else if (op == Op::logical_and || op == Op::logical_or) {
        bool neutral = first.boolean() && equals(operands[1], op == Op::logical_and ? 1 : 0);
        yielded = neutral ? std::optional<std::size_t>(0) : std::nullopt;
    } else {
        bool same = (op == Op::minimum || op == Op::maximum) && operands[0] == operands[1];
        bool by_one = op == Op::floor_divide && first.whole() && equals(operands[1], 1);
        yielded = same || by_one ? std::optional<std::size_t>(0) : std::nullopt;
    }
    return yielded ? std::optional(operands[*yielded]) : std::nullopt;
}

TermId Terms::product(TermId left, TermId right) {
    std::vector<TermId>& all = factors_;
    all.clear();
    collect_factors(left, all);
    collect_factors(right, all);
    std::ranges::sort(all, {}, [&](TermId factor) { return std::pair(terms_[factor].level, factor); });
    TermId result = all.front();
    for (TermId factor : std::span(all).subspan(1)) {
        if (equals(result, 0) || equals(factor, 1)) {
            continue;
        }
        result = equals(result, 1) ? factor : intern(Op::multiply, std::array{result, factor});
    }
    return result;
}

void Terms::collect_addends(TermId term, bool negative, std::vector<std::pair<TermId, bool>>& addends) const {
    const Term& sum = terms_[term];
    bool exact = sum.whole() && !sum.may_fail;
    if (exact && (sum.op == Op::add || sum.op == Op::subtract)) {
        collect_addends(sum.operands[0], negative, addends);
        collect_addends(sum.operands[1], negative != (sum.op == Op::subtract), addends);
    } else if (exact && sum.op == Op::negate) {
        collect_addends(sum.operands[0], !negative, addends);
    } else {
        addends.emplace_back(term, negative);
    }
}

TermId Terms::sum(TermId left, TermId right, bool subtract) {
    std::vector<std::pair<TermId, bool>>& addends = addends_;
    addends.clear();
    collect_addends(left, false, addends);
    collect_addends(right, subtract, addends);
    std::ranges::sort(addends, {}, [&](const auto& addend) {
        return std::tuple(terms_[addend.first].level, addend.second, addend.first);
    });
    auto [result, negative] = addends.front();
    result = negative ? intern(Op::negate, std::array{result}) : result;
    for (auto [addend, subtracted] : std::span(addends).subspan(1)) {
        if (equals(addend, 0)) {
            continue;
        }
        bool starts = equals(result, 0) && !subtracted;
        result = starts ? addend : intern(subtracted ? Op::subtract : Op::add, std::array{result, addend});
    }
    return result;
}

// Fills what follows from the operator, the operands and the range.
void Terms::classify(Term& term) const {
    auto operand = [&](std::size_t i) -> const Term& { return terms_[term.operands.at(i)]; };
    std::span<const TermId> values = term.operand_ids().subspan(term.op == Op::select ? 1 : 0);
    auto is_number = [&](TermId id) { return terms_[id].number; };
    auto is_whole = [&](TermId id) { return terms_[id].whole(); };
    bool numbers = std::ranges::all_of(values, is_number);

    bool truth = is_comparison(term.op) || term.op == Op::logical_not;
    bool mixed = yields_an_operand(term.op) && !term.whole() && std::ranges::any_of(values, is_whole);
    bool divides = term.op == Op::floor_divide || term.op == Op::real_divide || term.op == Op::modulo;
    bool rounds = term.op == Op::real_divide && !(exact_in_double(operand(0)) && exact_in_double(operand(1)));
    term.number = truth || (numbers && !mixed && !rounds);

    bool by_zero = divides && !operand(1).range.always_true();
    bool beyond = !term.range.known() && (term.whole() || term.op == Op::power);
    term.may_fail |= by_zero || beyond || (!numbers && !accepts_text(term.op));
    term.storage = storage_of(term);
}

TermId translate(Terms& terms, const Expr& expr, std::span<const TermId> variables) {
    if (expr.op() == Op::constant) {
        return terms.constant(to_scalar(expr.value()));
    }
    if (expr.op() == Op::variable) {
        return variables[expr.index()];
    }
    std::array<TermId, 3> operands{};
    std::size_t arity = 0;
    for (const Expr& operand : expr.operands()) {
        operands.at(arity++) = translate(terms, operand, variables);
    }
    return terms.apply(expr.op(), std::span(operands.data(), arity));
}

}  // namespace warpsmith
