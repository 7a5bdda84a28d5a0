// What constraints say of parts of one another: bounds of terms and of products, which hold in every solution.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "solver/terms.hpp"

namespace warpsmith {

class Limits {
  public:
    // Of a variable: with the others, which are variables too, its product is not above `most`. All are from 1.
    struct Product {
        std::vector<TermId> others;
        Int128 most = 0;
    };

    // The condition must hold, and be one that cannot fail.
    void require(const Terms& terms, TermId condition);

    // Where they are tighter than the range of the term.
    std::optional<Int128> least(TermId term) const;
    std::optional<Int128> most(TermId term) const;

    std::span<const Product> products(TermId variable) const;

  private:
    struct Ends {
        std::optional<Int128> least;
        std::optional<Int128> most;
    };

    void order(const Terms& terms, TermId smaller, TermId larger, Int128 gap);
    void divides(const Terms& terms, const Term& remainder);
    void narrow(const Terms& terms, TermId id, const Ends& ends);
    void narrow_product(const Terms& terms, TermId id, const Ends& ends);

    std::vector<Ends> ends_;                      // by term, as far as there are any
    std::vector<std::vector<Product>> products_;  // by term, as far as there are any
};

}  // namespace warpsmith
