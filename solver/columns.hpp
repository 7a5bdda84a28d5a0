// The inner loops of the search: one operator applied to all values of a variable at once.
#pragma once

#include <cstddef>
#include <cstdint>

#include "solver/terms.hpp"

namespace warpsmith {

union Word {
    std::int64_t integer;
    double real;
};

// Where the values of a term are: one per value of the variable, or one for all of them.
struct Operand {
    Storage storage = Storage::integer;
    bool column = false;
    const Word* words = nullptr;      // of an integer or a real
    const Scalar* scalars = nullptr;  // of a scalar

    Scalar at(std::size_t row) const;
};

struct Result {
    Storage storage = Storage::integer;
    Word* words = nullptr;
    Scalar* scalars = nullptr;
};

using WordLoop = void (*)(Word* out, const Word* left, const Word* right, std::size_t rows);

// Applies `op` row by row. A row whose operands fail fails, except where `op` does not evaluate them.
struct ColumnStep {
    Op op = Op::constant;
    std::uint8_t arity = 0;
    WordLoop loop = nullptr;  // null: no fast loop fits, the operands are computed one by one as Scalars
    Result result;
    Operand operands[3];

    void run(std::size_t rows) const;
    ColumnStep at(std::size_t row) const;  // whose first row is this one
};

// The fast loop for these storages, or null. Both operands of mixed type are below 2^53, see Term.
WordLoop word_loop(Op op, Storage result, const Operand& left, const Operand& right);

}  // namespace warpsmith
