// Writes the solutions of a product of diagrams, in lexicographic order, into a table: from any place on.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "solver/diagram.hpp"
#include "solver/solution_table.hpp"

namespace warpsmith {

class Listing {
  public:
    // The diagrams have at least one solution each, and must outlive the listing.
    Listing(std::span<const Diagram> groups, std::size_t variables);

    // Fills the table with the solutions from the place `begin` on; there must be as many as it has rows. Each call
    // begins where the one before ended, or later.
    void write(SolutionTable& table, std::uint64_t begin);

  private:
    std::size_t write(std::size_t variable, std::size_t first, Count skipped);
    bool others_are_untouched(std::size_t variable) const;
    Count count_of_others(std::size_t group) const;
    void copy(std::size_t variable, std::size_t source, std::size_t first, std::size_t rows);

    std::span<const Diagram> groups_;
    SolutionTable* table_ = nullptr;
    std::uint64_t begin_ = 0;
    std::vector<std::size_t> group_of_;                   // by variable
    std::vector<bool> repeats_;                           // by variable: what follows can be copied
    std::vector<std::vector<std::uint64_t>> written_at_;  // by group and node: a place where its solutions start
    std::vector<NodeId> current_;                         // by group
};

}  // namespace warpsmith
