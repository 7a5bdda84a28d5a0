#include "solver/explorer.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

namespace warpsmith {
namespace {

void write(const Result& place, std::size_t row, const Scalar& value) {
    if (place.storage == Storage::integer) {
        place.words[row].integer = static_cast<std::int64_t>(std::get<Int128>(value));
    } else if (place.storage == Storage::real) {
        place.words[row].real = std::get<double>(value);
    } else {
        place.scalars[row] = value;
    }
}

}  // namespace

Explorer::Explorer(const Plan& plan, const GroupPlan& group) {
    columns_.resize(plan.terms.size());
    slots_.resize(plan.terms.size());
    allocate(plan, group);
    for (const LevelPlan& level : group.levels) {
        levels_.push_back(bind(plan, level));
    }
}

Result Explorer::place_for(const Term& term, std::size_t rows) {
    if (term.storage == Storage::scalar) {
        return {term.storage, nullptr, scalars_.emplace_back(rows).data()};
    }
    words_.resize(words_.size() + rows);
    return {term.storage, words_.data() + words_.size() - rows, nullptr};
}

// How many words `allocate` hands out at most.
std::size_t Explorer::words_in(const Plan& plan, const GroupPlan& group) {
    std::vector<bool> seen(plan.terms.size());
    std::size_t words = 0;
    for (const LevelPlan& level : group.levels) {
        words += plan.domains[level.variable].values.size() * (level.steps.size() + 1) + level.exports.size();
        for (TermId id : level.steps) {
            for (TermId operand : plan.terms[id].operand_ids()) {
                words += plan.terms.is_constant(operand) && !seen[operand] ? 1 : 0;
                seen[operand] = true;
            }
        }
    }
    return words;
}

void Explorer::place_constants(const Plan& plan, const Term& term) {
    for (TermId operand : term.operand_ids()) {
        Result& slot = slots_[operand];
        if (plan.terms.is_constant(operand) && slot.words == nullptr && slot.scalars == nullptr) {
            slot = place_for(plan.terms[operand], 1);
            write(slot, 0, plan.terms[operand].constant);
        }
    }
}

void Explorer::allocate(const Plan& plan, const GroupPlan& group) {
    words_.reserve(words_in(plan, group));  // places stay where they are
    for (const LevelPlan& level : group.levels) {
        const Domain& domain = plan.domains[level.variable];
        TermId variable = plan.variables[level.variable];
        columns_[variable] = place_for(plan.terms[variable], domain.values.size());
        for (std::size_t row = 0; row < domain.values.size(); ++row) {
            write(columns_[variable], row, domain.values[row]);
        }
        for (TermId id : level.steps) {
            columns_[id] = place_for(plan.terms[id], domain.values.size());
            place_constants(plan, plan.terms[id]);
        }
        for (TermId id : level.exports) {
            slots_[id] = place_for(plan.terms[id], 1);
        }
    }
}

Operand Explorer::operand(const Plan& plan, const LevelPlan& level, TermId id) const {
    bool column = plan.terms[id].level == static_cast<Level>(level.variable);
    const Result& place = column ? columns_[id] : slots_[id];
    return {place.storage, column, place.words, place.scalars};
}

ColumnStep Explorer::bind_step(const Plan& plan, const LevelPlan& level, TermId id) const {
    const Term& term = plan.terms[id];
    ColumnStep step{.op = term.op, .arity = term.arity, .result = columns_[id]};
    for (std::size_t i = 0; i < term.arity; ++i) {
        step.operands[i] = operand(plan, level, term.operands.at(i));
    }
    if (term.arity == 1) {
        step.operands[1] = step.operands[0];  // the loops read two
    }
    auto exact = [&](TermId operand) { return exact_in_double(plan.terms[operand]); };
    bool mixed = step.operands[0].storage != step.operands[1].storage;
    if (!mixed || std::ranges::all_of(term.operand_ids(), exact)) {
        step.loop = word_loop(step.op, step.result.storage, step.operands[0], step.operands[1]);
    }
    return step;
}

Explorer::LevelState Explorer::bind(const Plan& plan, const LevelPlan& level) {
    LevelState state;
    state.rows = plan.domains[level.variable].values.size();
    for (TermId id : level.steps) {
        state.steps.push_back(bind_step(plan, level, id));
    }
    bind_computed(state, plan, level);
    std::size_t steps_before = 0;
    for (const Check& check : level.checks) {
        auto last = std::ranges::find(level.steps, check.condition);
        if (last != level.steps.end()) {
            steps_before = std::max(steps_before, static_cast<std::size_t>(last - level.steps.begin()) + 1);
        }
        state.checks.push_back({steps_before, operand(plan, level, check.condition), check.constraint});
    }
    for (TermId id : level.exports) {
        state.moves.push_back({operand(plan, level, id), slots_[id]});
    }
    for (TermId id : level.key) {
        state.key.push_back(slots_[id].words);
    }
    return state;
}

std::optional<Explorer::Inverse> Explorer::inverse(const Plan& plan, const LevelPlan& level,
                                                   const Term& condition) const {
    const TermId variable = plan.variables[level.variable];
    const Term* term = &condition;
    Inverse inverse{};
    while (true) {
        const bool undoes = term->op == Op::add || term->op == Op::subtract || term->op == Op::multiply;
        const auto [left, right, unused] = term->operands;
        const bool variable_on_left = plan.terms[left].level == static_cast<Level>(level.variable);
        const TermId inner = variable_on_left ? left : right;
        const TermId known = variable_on_left ? right : left;
        if ((!undoes && term != &condition) || !plan.terms[inner].whole() || plan.terms[inner].may_fail ||
            plan.terms[known].storage != Storage::integer ||
            plan.terms[known].level == static_cast<Level>(level.variable)) {
            return std::nullopt;
        }
        if (term == &condition) {
            inverse.value = slots_[known].words;
        } else {
            inverse.undos.push_back({term->op, variable_on_left, slots_[known].words});
        }
        if (inner == variable) {
            return inverse;
        }
        term = &plan.terms[inner];
    }
}

// An equality leaves one row to try at most.
void Explorer::bind_computed(LevelState& state, const Plan& plan, const LevelPlan& level) const {
    constexpr std::size_t kFew = 64;  // rows are tried at once in less time than one of them is looked up
    for (const Check& check : level.checks) {
        const Term& condition = plan.terms[check.condition];
        if (state.rows > kFew && condition.op == Op::equal && !state.computed) {
            state.computed = inverse(plan, level, condition);
        }
    }
    for (std::uint32_t row = 0; state.computed && row < state.rows; ++row) {
        state.rows_by_value.emplace_back(columns_[plan.variables[level.variable]].words[row].integer, row);
    }
    std::ranges::sort(state.rows_by_value);
}

// The rows to try: one at most when an equality gives the value, else all.
void Explorer::start(LevelState& state) {
    state.passing.clear();
    state.one_row = state.computed.has_value();
    Int128 value = state.one_row ? state.computed->value->integer : 0;
    for (std::size_t i = 0; state.one_row && i < state.computed->undos.size(); ++i) {
        const auto& [op, variable_on_left, known] = state.computed->undos[i];
        const Int128 other = known->integer;
        if (op == Op::multiply) {
            state.one_row = other != 0;  // nothing is known where the variable is multiplied by 0
            if (state.one_row && value % other != 0) {
                return;
            }
            value = state.one_row ? value / other : 0;
        } else if (op == Op::add) {
            value -= other;
        } else {
            value = variable_on_left ? value + other : other - value;
        }
    }
    if (!state.one_row) {
        state.passing.resize(state.rows);
        std::iota(state.passing.begin(), state.passing.end(), 0U);
        return;
    }
    auto found =
        std::ranges::lower_bound(state.rows_by_value, value, {}, &std::pair<std::int64_t, std::uint32_t>::first);
    if (found != state.rows_by_value.end() && found->first == value) {
        state.passing.push_back(found->second);
    }
}

void Explorer::run_step(const LevelState& state, const ColumnStep& step) {
    if (!state.one_row) {
        step.run(state.rows);
    } else if (!state.passing.empty()) {
        step.at(state.passing.front()).run(1);
    }
}

void Explorer::keep_passing(LevelState& state, const BoundCheck& check) {
    if (check.condition.storage == Storage::integer) {
        const Word* holds = check.condition.words;
        std::erase_if(state.passing, [&](std::uint32_t row) { return holds[row].integer == 0; });
        return;
    }
    std::erase_if(state.passing, [&](std::uint32_t row) {
        Scalar value = check.condition.at(row);
        if (failed(value)) {
            state.failing.emplace_back(row, check.constraint);
        }
        return !failed(value) && !truth(value);
    });
}

std::span<const std::uint32_t> Explorer::passing(std::size_t level) {
    LevelState& state = levels_[level];
    state.failing.clear();
    start(state);
    nodes_ += state.one_row ? 1 : state.rows;
    std::size_t step = 0;
    for (const BoundCheck& check : state.checks) {
        for (; step < check.steps_before; ++step) {
            run_step(state, state.steps[step]);
        }
        keep_passing(state, check);
        if (state.passing.empty()) {
            return {};
        }
    }
    for (; step < state.steps.size(); ++step) {
        run_step(state, state.steps[step]);
    }
    return state.passing;
}

std::optional<std::size_t> Explorer::failing_constraint(std::size_t level, std::uint32_t row) const {
    for (auto [failing_row, constraint] : levels_[level].failing) {
        if (failing_row == row) {
            return constraint;
        }
    }
    return std::nullopt;
}

void Explorer::choose(std::size_t level, std::uint32_t row) {
    for (const Move& move : levels_[level].moves) {
        if (move.slot.storage == Storage::scalar) {
            *move.slot.scalars = move.column.scalars[row];
        } else {
            *move.slot.words = move.column.words[row];
        }
    }
}

void Explorer::key(std::size_t level, std::vector<std::uint64_t>& words) const {
    constexpr unsigned kWordBits = 64;
    words.clear();
    std::uint64_t word = 0;
    unsigned filled = 0;
    const auto append = [&](std::uint64_t byte) {
        word |= byte << filled;
        filled += 8;
        if (filled == kWordBits) {
            words.push_back(word);
            word = 0;
            filled = 0;
        }
    };
    for (const Word* value : levels_[level].key) {
        const auto number = std::bit_cast<std::uint64_t>(*value);
        std::uint64_t rest = number << 1U ^ (0 - (number >> (kWordBits - 1)));  // the sign last: -1 is small too
        for (; rest >= 0x80; rest >>= 7U) {
            append((rest & 0x7FU) | 0x80U);
        }
        append(rest);
    }
    if (filled > 0) {
        words.push_back(word);
    }
}

}  // namespace warpsmith
