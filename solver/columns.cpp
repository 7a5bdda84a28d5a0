#include "solver/columns.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>

namespace warpsmith {
namespace {

// The operators on words. Integers are known to stay within 64 bits and divisors not to be zero.
struct Add {
    auto operator()(auto left, auto right) const { return left + right; }
};
struct Subtract {
    auto operator()(auto left, auto right) const { return left - right; }
};
struct Multiply {
    auto operator()(auto left, auto right) const { return left * right; }
};
struct RealDivide {
    double operator()(auto left, auto right) const { return static_cast<double>(left) / static_cast<double>(right); }
};
struct FloorDivide {
    std::int64_t operator()(std::int64_t left, std::int64_t right) const {
        std::int64_t quotient = left / right;
        std::int64_t rest = left - quotient * right;
        return quotient - ((rest != 0 && (rest ^ right) < 0) ? 1 : 0);
    }
    double operator()(double left, double right) const {
        return std::get<double>(compute(Op::floor_divide, left, right));
    }
};
struct Modulo {
    std::int64_t operator()(std::int64_t left, std::int64_t right) const {
        std::int64_t rest = right == -1 ? 0 : left % right;  // the processor traps on the least integer % -1
        return rest != 0 && (rest ^ right) < 0 ? rest + right : rest;
    }
    double operator()(double left, double right) const { return std::get<double>(compute(Op::modulo, left, right)); }
};
struct Minimum {
    auto operator()(auto left, auto right) const { return right < left ? right : left; }
};
struct Maximum {
    auto operator()(auto left, auto right) const { return left < right ? right : left; }
};
struct Equal {
    std::int64_t operator()(auto left, auto right) const { return left == right ? 1 : 0; }
};
struct NotEqual {
    std::int64_t operator()(auto left, auto right) const { return left != right ? 1 : 0; }
};
struct Less {
    std::int64_t operator()(auto left, auto right) const { return left < right ? 1 : 0; }
};
struct LessEqual {
    std::int64_t operator()(auto left, auto right) const { return left <= right ? 1 : 0; }
};
struct Greater {
    std::int64_t operator()(auto left, auto right) const { return left > right ? 1 : 0; }
};
struct GreaterEqual {
    std::int64_t operator()(auto left, auto right) const { return left >= right ? 1 : 0; }
};
struct And {
    auto operator()(auto left, auto right) const { return left != 0 ? right : left; }
};
struct Or {
    auto operator()(auto left, auto right) const { return left != 0 ? left : right; }
};
struct Negate {
    auto operator()(auto operand, auto) const { return -operand; }
};
struct Absolute {
    auto operator()(auto operand, auto) const { return operand < 0 ? -operand : operand; }
};
struct Not {
    std::int64_t operator()(auto operand, auto) const { return operand == 0 ? 1 : 0; }
};

template <class Number>
Number get(const Word& word) {
    if constexpr (std::is_same_v<Number, double>) {
        return word.real;
    } else {
        return word.integer;
    }
}

void put(Word& word, std::int64_t value) {
    word.integer = value;
}
void put(Word& word, double value) {
    word.real = value;
}

// As Python: an integer that meets a double becomes one.
template <class Function, class Left, class Right, bool left_column, bool right_column>
void loop(Word* out, const Word* left, const Word* right, std::size_t rows) {
    using Common = std::common_type_t<Left, Right>;
    for (std::size_t row = 0; row < rows; ++row) {
        auto left_value = static_cast<Common>(get<Left>(left[left_column ? row : 0]));
        auto right_value = static_cast<Common>(get<Right>(right[right_column ? row : 0]));
        put(out[row], Function{}(left_value, right_value));
    }
}

// One loop for each combination of: the left operand is real, the right one is, which ones are columns.
using Loops = std::array<WordLoop, 16>;

std::size_t loop_index(const Operand& left, const Operand& right) {
    auto bit = [](bool set, unsigned place) { return static_cast<std::size_t>(set) << place; };
    return bit(left.storage == Storage::real, 3) | bit(right.storage == Storage::real, 2) | bit(left.column, 1) |
           bit(right.column, 0);
}

template <class Function, class Left, class Right>
constexpr std::array<WordLoop, 4> loops_of_types() {
    return {loop<Function, Left, Right, false, false>, loop<Function, Left, Right, false, true>,
            loop<Function, Left, Right, true, false>, loop<Function, Left, Right, true, true>};
}

template <class Function>
constexpr Loops loops_of() {
    Loops all{};
    auto place = [&](std::size_t first, const std::array<WordLoop, 4>& loops) {
        std::ranges::copy(loops, all.begin() + static_cast<std::ptrdiff_t>(first));
    };
    place(0, loops_of_types<Function, std::int64_t, std::int64_t>());
    place(4, loops_of_types<Function, std::int64_t, double>());
    place(8, loops_of_types<Function, double, std::int64_t>());
    place(12, loops_of_types<Function, double, double>());
    return all;
}

struct OperatorLoops {
    Op op;
    Loops loops;
};
constexpr OperatorLoops kOperatorLoops[] = {
    {Op::add, loops_of<Add>()},
    {Op::subtract, loops_of<Subtract>()},
    {Op::multiply, loops_of<Multiply>()},
    {Op::real_divide, loops_of<RealDivide>()},
    {Op::floor_divide, loops_of<FloorDivide>()},
    {Op::modulo, loops_of<Modulo>()},
    {Op::minimum, loops_of<Minimum>()},
    {Op::maximum, loops_of<Maximum>()},
    {Op::equal, loops_of<Equal>()},
    {Op::not_equal, loops_of<NotEqual>()},
    {Op::less, loops_of<Less>()},
    {Op::less_equal, loops_of<LessEqual>()},
    {Op::greater, loops_of<Greater>()},
    {Op::greater_equal, loops_of<GreaterEqual>()},
    {Op::logical_and, loops_of<And>()},
    {Op::logical_or, loops_of<Or>()},
    {Op::negate, loops_of<Negate>()},
    {Op::absolute, loops_of<Absolute>()},
    {Op::logical_not, loops_of<Not>()},
};

Scalar row_of(const ColumnStep& step, std::size_t row) {
    Scalar left = step.operands[0].at(row);
    switch (step.op) {
        case Op::logical_and:
        case Op::logical_or: {
            bool decided = failed(left) || truth(left) == (step.op == Op::logical_or);
            return decided ? left : step.operands[1].at(row);
        }
        case Op::select:
            return failed(left) ? left : step.operands[truth(left) ? 1 : 2].at(row);
        default:
            return step.arity == 1 ? compute(step.op, left) : compute(step.op, left, step.operands[1].at(row));
    }
}

void store(const Result& result, std::size_t row, const Scalar& value) {
    if (result.storage == Storage::scalar) {
        result.scalars[row] = value;
    } else if (result.storage == Storage::integer) {
        result.words[row].integer = static_cast<std::int64_t>(std::get<Int128>(value));
    } else {
        const auto* integer = std::get_if<Int128>(&value);
        result.words[row].real = integer != nullptr ? static_cast<double>(*integer) : std::get<double>(value);
    }
}

}  // namespace

Scalar Operand::at(std::size_t row) const {
    std::size_t place = column ? row : 0;
    switch (storage) {
        case Storage::integer:
            return Int128{words[place].integer};
        case Storage::real:
            return words[place].real;
        default:
            return scalars[place];
    }
}

void ColumnStep::run(std::size_t rows) const {
    if (loop != nullptr) {
        loop(result.words, operands[0].words, operands[1].words, rows);
        return;
    }
    for (std::size_t row = 0; row < rows; ++row) {
        store(result, row, row_of(*this, row));
    }
}

ColumnStep ColumnStep::at(std::size_t row) const {
    ColumnStep step = *this;
    auto advance = [&](auto& place) {
        place.words += place.words == nullptr ? 0 : row;
        place.scalars += place.scalars == nullptr ? 0 : row;
    };
    advance(step.result);
    for (Operand& operand : step.operands) {
        if (operand.column) {
            advance(operand);
        }
    }
    return step;
}

WordLoop word_loop(Op op, Storage result, const Operand& left, const Operand& right) {
    bool words = result != Storage::scalar && left.storage != Storage::scalar && right.storage != Storage::scalar;
    const auto* found = std::ranges::find(kOperatorLoops, op, &OperatorLoops::op);
    return words && found != std::end(kOperatorLoops) ? found->loops.at(loop_index(left, right)) : nullptr;
}

}  // namespace warpsmith
