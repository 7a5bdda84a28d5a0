// The constraints of a model as a list of parts, each distinct one once, with bounds that hold in every solution.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "solver/bounds.hpp"
#include "solver/model.hpp"
#include "solver/sequence_table.hpp"

namespace warpsmith {

using PartId = std::uint32_t;

struct Part {
    Op op = Op::constant;
    std::uint8_t arity = 0;
    bool must_hold = false;
    std::array<PartId, 3> operands{};
    std::uint64_t variables = 0;  // a bit for each variable in it
    Bounds bounds;                // in every solution; known where it has a value whatever the variables are

    std::span<const PartId> operand_ids() const { return {operands.data(), arity}; }
};

// What a product of variables is at most, in every solution. Each of them is at least 1.
struct ProductLimit {
    std::vector<PartId> factors;
    std::uint64_t variables = 0;
    std::int64_t limit = 0;
};

class Parts {
  public:
    static constexpr std::size_t kMostVariables = 64;

    // None for more variables, or for large constraints.
    static std::optional<Parts> of(const Model& model);

    std::size_t size() const { return parts_.size(); }
    const Part& operator[](PartId id) const { return parts_[id]; }  // operands come before results
    std::optional<PartId> variable(std::size_t place) const { return variables_[place]; }  // if a constraint has it
    const std::vector<ProductLimit>& limits() const { return limits_; }

  private:
    static constexpr std::size_t kMostVisits = 4'000;

    explicit Parts(std::size_t variables) : variables_(variables) {}

    PartId part_of(const Model& model, const Expr& expr);
    PartId leaf(const Model& model, const Expr& expr);
    PartId intern(const Part& part, std::uint64_t detail);
    Bounds computed(const Part& part) const;
    void require(PartId id);
    void relate(Op op, PartId left, PartId right);
    void narrow(PartId id, std::int64_t low, std::int64_t high);
    void find_limits();
    bool collect_factors(PartId id, ProductLimit& limit) const;

    std::vector<Part> parts_;
    SequenceTable known_;
    std::map<const ExprNode*, PartId> named_;
    std::vector<std::optional<PartId>> variables_;
    std::vector<ProductLimit> limits_;
    std::size_t visits_ = 0;
};

}  // namespace warpsmith
