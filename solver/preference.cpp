#include "solver/preference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <numeric>

#include "solver/configuration.hpp"
#include "solver/error.hpp"
#include "solver/lightest.hpp"
#include "solver/scalar.hpp"

namespace warpsmith {
namespace {

bool is_smaller(const Value& left, const Value& right) {
    const std::partial_ordering order = compare(to_scalar(left), to_scalar(right));
    return order == std::partial_ordering::unordered ? left.index() < right.index() : std::is_lt(order);
}

// For each value, how many values are preferred to it.
std::vector<std::uint64_t> places(const std::vector<Value>& values, Prefer prefer) {
    std::vector<std::uint32_t> order(values.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, [&](std::uint32_t left, std::uint32_t right) {
        return prefer == Prefer::smallest ? is_smaller(values[left], values[right])
                                          : is_smaller(values[right], values[left]);
    });
    std::vector<std::uint64_t> places(values.size());
    for (std::uint64_t place = 0; place < order.size(); ++place) {
        places[order[place]] = place;
    }
    return places;
}

// Puts the places of several variables into few words, the most important variable into the highest bits: weights that
// are compared like the places one after the other.
class Packing {
  public:
    struct Field {
        std::size_t word;
        unsigned shift;
    };

    Field add(std::size_t values) {
        const auto bits = static_cast<unsigned>(std::bit_width(values));
        if (words_ == 0 || bits > free_bits_) {
            ++words_;
            free_bits_ = 64;
        }
        free_bits_ -= bits;
        return {words_ - 1, free_bits_};
    }
    std::size_t words() const { return words_; }

  private:
    std::size_t words_ = 0;
    unsigned free_bits_ = 0;
};

}  // namespace

Preference parse_preference(const std::string& text) {
    const std::size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const std::string wanted = equals == std::string::npos ? "" : text.substr(equals + 1);
    if (name.empty() || (wanted != "largest" && wanted != "smallest")) {
        throw Error(
            fmt::format("reading the preference \"{}\": expected NAME=largest or NAME=smallest; for example "
                        "threads=largest",
                        text));
    }
    return {.variable = name, .prefer = wanted == "largest" ? Prefer::largest : Prefer::smallest};
}

std::vector<Solution> preferred(const SolutionSet& set, std::span<const Preference> preferences, std::size_t limit) {
    const Scope& scope = *set.scope();
    std::vector<std::size_t> variables;
    std::vector<Packing::Field> fields;
    Packing packing;
    for (const Preference& preference : preferences) {
        const std::size_t variable = variable_named(scope, preference.variable);
        if (std::ranges::find(variables, variable) != variables.end()) {
            throw Error(fmt::format("reading preferences: {} is given twice; give it once", preference.variable));
        }
        variables.push_back(variable);
        fields.push_back(packing.add(scope.variables[variable].values.size()));
    }
    Weights weights(scope, packing.words());
    for (std::size_t i = 0; i < variables.size(); ++i) {
        const std::vector<std::uint64_t> ranks = places(scope.variables[variables[i]].values, preferences[i].prefer);
        for (std::uint32_t code = 0; code < ranks.size(); ++code) {
            weights.of(variables[i], code)[fields[i].word] = ranks[code] << fields[i].shift;
        }
    }
    return lightest(set, weights, limit);
}

}  // namespace warpsmith
