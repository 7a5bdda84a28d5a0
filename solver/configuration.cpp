#include "solver/configuration.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "solver/error.hpp"
#include "solver/scalar.hpp"
#include "solver/source_text.hpp"

namespace warpsmith {
namespace {

constexpr std::string_view kSpaces = " \t\r\n,";

template <class Number>
std::optional<Number> number_in(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole ? std::optional(number) : std::nullopt;
}

Value value_in(std::string_view text) {
    if (std::optional<std::int64_t> integer = number_in<std::int64_t>(text)) {
        return *integer;
    }
    std::optional<double> real = number_in<double>(text);
    return real && std::isfinite(*real) ? Value(*real) : Value(std::string(text));
}

// Takes words off the front of a text.
class Words {
  public:
    explicit Words(std::string_view text) : whole_(text), rest_(text) { skip_spaces(); }

    bool empty() const { return rest_.empty(); }

    std::pair<std::string, Value> take() {
        const std::size_t end = std::min(rest_.find_first_of(kSpaces), rest_.size());
        const std::size_t equals = rest_.find('=');
        if (equals == 0 || equals >= end) {
            fail();
        }
        std::string name(rest_.substr(0, equals));
        rest_.remove_prefix(equals + 1);
        Value value = rest_.starts_with('\'') ? Value(quoted()) : unquoted(end - equals - 1);
        skip_spaces();
        return {std::move(name), std::move(value)};
    }

  private:
    Value unquoted(std::size_t length) {
        if (length == 0) {
            fail();
        }
        Value value = value_in(rest_.substr(0, length));
        rest_.remove_prefix(length);
        return value;
    }

    std::string quoted() {
        std::string content;
        for (std::size_t i = 1; i < rest_.size(); ++i) {
            if (rest_[i] == '\'') {
                rest_.remove_prefix(i + 1);
                return content;
            }
            i += rest_[i] == '\\' && i + 1 < rest_.size() ? 1 : 0;
            content += rest_[i];
        }
        fail();
    }

    void skip_spaces() { rest_.remove_prefix(std::min(rest_.find_first_not_of(kSpaces), rest_.size())); }

    [[noreturn]] void fail() const {
        throw Error(
            fmt::format("reading the configuration \"{}\": expected name=value at \"{}\"; for example "
                        "\"threads=128 items=4\"",
                        whole_, rest_));
    }

    std::string_view whole_;
    std::string_view rest_;
};

std::optional<double> as_double(const Value& value) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        return static_cast<double>(*integer);
    }
    const auto* real = std::get_if<double>(&value);
    return real != nullptr ? std::optional(*real) : std::nullopt;
}

std::uint32_t place_of_nearest(const std::vector<Value>& values, const Value& value) {
    const std::optional<double> wanted = as_double(value);
    std::uint32_t nearest = 0;
    double least = HUGE_VAL;
    for (std::uint32_t place = 0; wanted && place < values.size(); ++place) {
        const std::optional<double> listed = as_double(values[place]);
        const double distance = listed ? std::fabs(*listed - *wanted) : HUGE_VAL;
        if (distance < least) {
            least = distance;
            nearest = place;
        }
    }
    return nearest;
}

Wish wish_for(const std::vector<Value>& values, const Value& value) {
    auto same = std::ranges::find_if(
        values, [&](const Value& listed) { return std::is_eq(compare(to_scalar(listed), to_scalar(value))); });
    if (same != values.end()) {
        return {.given = true, .listed = true, .place = static_cast<std::uint32_t>(same - values.begin())};
    }
    return {.given = true, .listed = false, .place = place_of_nearest(values, value)};
}

}  // namespace

Configuration parse_configuration(std::string_view text) {
    Configuration configuration;
    for (Words words(text); !words.empty();) {
        configuration.push_back(words.take());
    }
    return configuration;
}

std::size_t variable_named(const Scope& scope, std::string_view name) {
    auto found = std::ranges::find(scope.variables, name, &Variable::name);
    if (found == scope.variables.end()) {
        std::vector<std::string> names;
        std::ranges::transform(scope.variables, std::back_inserter(names), &Variable::name);
        throw Error(fmt::format("looking up a variable: there is no variable \"{}\"{}; there are {}", name,
                                did_you_mean(name, names), fmt::join(names, ", ")));
    }
    return static_cast<std::size_t>(found - scope.variables.begin());
}

std::vector<Wish> wishes(const Scope& scope, const Configuration& configuration) {
    std::vector<Wish> wishes(scope.variables.size());
    for (const auto& [name, value] : configuration) {
        const std::size_t variable = variable_named(scope, name);
        if (wishes[variable].given) {
            throw Error(fmt::format("reading a configuration: {} is given twice; give it once", name));
        }
        wishes[variable] = wish_for(scope.variables[variable].values, value);
    }
    return wishes;
}

std::optional<std::vector<std::uint32_t>> choices_of(const Scope& scope, const Configuration& configuration) {
    std::vector<std::uint32_t> choices;
    bool listed = true;
    for (const Wish& wish : wishes(scope, configuration)) {
        if (!wish.given) {
            throw Error(fmt::format("reading a configuration: {} has no value; give every variable one",
                                    scope.variables[choices.size()].name));
        }
        listed = listed && wish.listed;
        choices.push_back(wish.place);
    }
    return listed ? std::optional(std::move(choices)) : std::nullopt;
}

}  // namespace warpsmith
