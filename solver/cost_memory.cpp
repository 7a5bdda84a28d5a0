#include "solver/cost_memory.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace warpsmith {
namespace {

constexpr std::size_t kMostEntries = std::size_t{1} << 19U;  // some tens of megabytes

void append(const Scalar& scalar, std::vector<std::uint64_t>& words) {
    words.push_back(scalar.index());
    if (const auto* integer = std::get_if<Int128>(&scalar)) {
        words.push_back(static_cast<std::uint64_t>(*integer));
        words.push_back(static_cast<std::uint64_t>(static_cast<UInt128>(*integer) >> 64U));
    } else if (const auto* real = std::get_if<double>(&scalar)) {
        words.push_back(std::bit_cast<std::uint64_t>(*real));
    } else if (const auto* text = std::get_if<std::string_view>(&scalar)) {
        words.push_back(std::bit_cast<std::uint64_t>(text->data()));  // equal text elsewhere is only not recognised
        words.push_back(text->size());
    }
}

double as_double(const Scalar& number) {
    const auto* integer = std::get_if<Int128>(&number);
    return integer != nullptr ? static_cast<double>(*integer) : std::get<double>(number);
}

// How large a sum of some of the addends can become.
double greatest_sum(const CostModel& model, std::span<const std::pair<TermId, bool>> addends) {
    double sum = 0;
    for (const auto& [id, negative] : addends) {
        const Range& range = model.terms[id].range;
        sum += range.known() ? std::max(std::fabs(as_double(range.low)), std::fabs(as_double(range.high))) : HUGE_VAL;
    }
    return sum;
}

bool may_be_in_sum(const Term& term) {
    const bool adds = term.op == Op::add || term.op == Op::subtract || term.op == Op::negate;
    return adds && term.number && !term.may_fail;
}

}  // namespace

CostMemory::CostMemory(const PartialCost& partial) : partial_(partial) {
    const Term& cost = partial.model().terms[partial.cost()];
    const bool exact_sum = may_be_in_sum(cost) && cost.whole();
    if (!exact_sum) {
        add_split({}, std::vector<bool>(partial.model().terms.size()));
    }
    if (may_be_in_sum(cost)) {
        add_sum();
    }
}

void CostMemory::add_sum() {
    const CostModel& model = partial_.model();
    Split split;
    std::vector<bool> in_sum(model.terms.size());
    collect_addends(split, in_sum);
    const double greatest = greatest_sum(model, split.addends);
    if (model.terms[partial_.cost()].whole()) {
        // Regrouping is exact within 128 bits; a cost as large as this one is searched without being split.
        constexpr double kFarWithin128Bits = 0x1p120;
        if (greatest > kFarWithin128Bits) {
            split.addends.clear();
            in_sum.assign(in_sum.size(), false);
        }
    } else {
        // Of n addends, at most 6 n + 8 roundings lie between a cost and what was learned with other addends settled,
        // each of half an epsilon of the greatest sum.
        const auto roundings = static_cast<double>(6 * split.addends.size() + 8);
        split.slack = roundings * std::numeric_limits<double>::epsilon() * greatest;
    }
    if (std::isfinite(split.slack)) {
        add_split(split, in_sum);
    }
}

// Without recursion: a sum can be long.
void CostMemory::collect_addends(Split& split, std::vector<bool>& in_sum) const {
    std::vector<std::pair<TermId, bool>> pending = {{partial_.cost(), false}};
    while (!pending.empty()) {
        const auto [id, negative] = pending.back();
        pending.pop_back();
        const Term& term = partial_.model().terms[id];
        in_sum[id] = may_be_in_sum(term);
        if (!in_sum[id]) {
            split.addends.emplace_back(id, negative);
        }
        for (std::size_t i = 0; in_sum[id] && i < term.arity; ++i) {
            const bool flips = term.op == Op::negate || (term.op == Op::subtract && i == 1);
            pending.emplace_back(term.operands.at(i), negative != flips);
        }
    }
}

void CostMemory::add_split(const Split& split, const std::vector<bool>& in_sum) {
    const CostModel& model = partial_.model();
    const std::vector<TermId> parts = model.parts_of(partial_.cost());
    std::vector<Level> last_use(model.terms.size(), kNoLevel);  // but as addends
    last_use[partial_.cost()] = split.addends.empty() ? static_cast<Level>(model.deciding) : kNoLevel;
    for (TermId id : parts) {
        for (TermId operand : model.terms[id].operand_ids()) {
            last_use[operand] = std::max(last_use[operand], in_sum[id] ? kNoLevel : model.terms[id].level);
        }
    }
    splits_.push_back(split);
    splits_.back().needed_at.resize(model.deciding);
    for (std::size_t level = 0; level < model.deciding; ++level) {
        const auto here = static_cast<Level>(level);
        std::ranges::copy_if(parts, std::back_inserter(splits_.back().needed_at[level]),
                             [&](TermId id) { return model.terms[id].level < here && last_use[id] >= here; });
    }
}

Scalar CostMemory::settled(const Split& split, std::size_t level) const {
    Scalar sum = Int128{0};
    for (auto [id, negative] : split.addends) {
        if (partial_.model().terms[id].level < static_cast<Level>(level)) {
            sum = compute(negative ? Op::subtract : Op::add, sum, partial_.value(id));
        }
    }
    return sum;
}

std::optional<Scalar>& CostMemory::entry(const Split& split, std::size_t level, NodeId node) {
    if (rests_.size() >= kMostEntries) {  // what is forgotten is found out again
        keys_ = SequenceTable();
        rests_.clear();
    }
    key_ = {static_cast<std::uint64_t>(&split - splits_.data()), level, node};
    for (TermId id : split.needed_at[level]) {
        append(partial_.value(id), key_);
    }
    const std::uint32_t number = keys_.insert(key_);
    if (number == rests_.size()) {
        rests_.emplace_back();
    }
    return rests_[number];
}

std::optional<Scalar> CostMemory::known(std::size_t level, NodeId node) {
    std::optional<Scalar> greatest;
    for (const Split& split : splits_) {
        if (const std::optional<Scalar>& rest = entry(split, level, node)) {
            Scalar bound = compute(Op::add, *rest, settled(split, level));
            bound = split.slack > 0 ? compute(Op::subtract, bound, split.slack) : bound;
            greatest = !greatest || std::is_lt(compare(*greatest, bound)) ? bound : greatest;
        }
    }
    return greatest;
}

void CostMemory::learn(std::size_t level, NodeId node, const Scalar& least) {
    for (const Split& split : splits_) {
        const Scalar found = compute(Op::subtract, least, settled(split, level));
        std::optional<Scalar>& rest = entry(split, level, node);
        rest = !rest || std::is_lt(compare(*rest, found)) ? found : rest;
    }
}

}  // namespace warpsmith
