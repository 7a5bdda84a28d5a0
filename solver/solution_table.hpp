// Solutions listed flat, in a few bytes each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "solver/solution.hpp"

namespace warpsmith {

// For each variable a column of codes: places in its value list.
class SolutionTable {
  public:
    SolutionTable(std::shared_ptr<const Scope> scope, std::size_t rows);

    std::size_t rows() const { return rows_; }
    std::size_t bytes() const;  // of all columns
    std::uint32_t code(std::size_t row, std::size_t variable) const;
    Solution operator[](std::size_t row) const;

    // Sets `count` rows from `first` on, to one code or to what the rows from `source` on hold.
    void fill(std::size_t variable, std::size_t first, std::size_t count, std::uint32_t code);
    void repeat(std::size_t variable, std::size_t source, std::size_t first, std::size_t count);

  private:
    struct Column {
        std::size_t width = 0;  // bytes per row: 0 where there is only one value, else 1, 2 or 4
        std::unique_ptr<std::byte[]> bytes;
    };

    std::shared_ptr<const Scope> scope_;
    std::size_t rows_ = 0;
    std::vector<Column> columns_;
};

}  // namespace warpsmith
