#include "solver/domain_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "solver/evaluate.hpp"
#include "solver/json_reader.hpp"
#include "solver/model_text.hpp"
#include "solver/parser.hpp"

namespace warpsmith {
namespace {

class DomainReader {
  public:
    DomainReader(const SourceText& source, const Model& model) : source_(source), model_(model) {}

    DomainFromText range(const Json& limits) const {
        std::vector<std::int64_t> numbers = integers(limits, 2, 3);
        const ValueRange range{numbers[0], numbers[1], numbers.size() == 3 ? numbers[2] : 1};
        if (range.step == 0) {
            complain(source_, limits.offset, "the step of a range cannot be 0");
        }
        if (is_too_large(range)) {
            complain(source_, limits.offset, "this range has more than 2^62 values; narrow it or give a larger step");
        }
        return range;
    }

    DomainFromText divisors(const Json& number) const {
        std::int64_t n = integer(number);
        if (n < 1) {
            complain(source_, number.offset, fmt::format("expected a number from 1, found {}", n));
        }
        return any_values(divisors_of(n));
    }

    DomainFromText powers(const Json& limits) const {
        std::vector<std::int64_t> numbers = integers(limits, 2, 2);
        return any_values(powers_of_two(numbers[0], numbers[1]));
    }

  private:
    static std::vector<Value> any_values(const std::vector<std::int64_t>& numbers) {
        return {numbers.begin(), numbers.end()};
    }

    std::vector<std::int64_t> integers(const Json& json, std::size_t fewest, std::size_t most) const {
        const Json::List& list = expect_list(source_, json, "a pair of limits");
        if (list.size() < fewest || list.size() > most) {
            complain(source_, json.offset,
                     fmt::format("expected [first, last{}], found {} values",
                                 most == 3 ? "] or [first, last, step" : "", list.size()));
        }
        std::vector<std::int64_t> numbers;
        for (const Json& element : list) {
            numbers.push_back(integer(element));
        }
        return numbers;
    }

    std::int64_t integer(const Json& json) const {
        if (const auto* number = json.as<std::int64_t>()) {
            return *number;
        }
        if (json.as<std::string>() == nullptr) {
            complain(source_, json.offset,
                     fmt::format("expected an integer or an expression in quotes, found a {}", type_name(json)));
        }
        Expr expr = parse_expression(text_of(source_, json), model_);
        Scalar result = evaluate_with(expr, [&](std::size_t index) {
            const Variable& variable = model_.variables()[index];
            if (variable.values.size() != 1) {
                const std::uint64_t values = variable.range ? size(*variable.range) : variable.values.size();
                complain(
                    source_, json.offset,
                    fmt::format("\"{}\" has {} values; a domain can only be computed from parameters with a single "
                                "value",
                                variable.name, values));
            }
            return to_scalar(variable.values.front());
        });
        std::optional<Value> value = to_value(result);
        const auto* number = value ? std::get_if<std::int64_t>(&*value) : nullptr;
        if (number == nullptr) {
            const auto* failure = std::get_if<Failure>(&result);
            complain(source_, json.offset,
                     fmt::format("expected an integer within 64 bits, found {}", failure != nullptr ? failure->reason
                                                                                 : value            ? to_string(*value)
                                                                                                    : "a larger one"));
        }
        return *number;
    }

    const SourceText& source_;
    const Model& model_;
};

struct Kind {
    std::string_view name;
    DomainFromText (DomainReader::*values)(const Json&) const;
};
constexpr Kind kKinds[] = {{"range", &DomainReader::range},
                           {"divisors_of", &DomainReader::divisors},
                           {"powers_of_two", &DomainReader::powers}};

}  // namespace

DomainFromText domain_values(const SourceText& source, const Json& domain, const std::string& parameter,
                             const Model& model) {
    if (domain.as<Json::List>() != nullptr) {
        return parameter_values(source, domain, parameter);
    }
    const auto* object = domain.as<Json::Object>();
    const Kind* kind = nullptr;
    if (object != nullptr && object->size() == 1) {
        const Kind* found = std::ranges::find(kKinds, object->front().name, &Kind::name);
        kind = found == std::end(kKinds) ? nullptr : found;
    }
    if (kind == nullptr) {
        complain(
            source, domain.offset,
            fmt::format("the domain of \"{}\" is {}; expected a list of values, {{\"range\": [first, last, step]}}, "
                        "{{\"divisors_of\": n}} or {{\"powers_of_two\": [first, last]}}",
                        parameter, object == nullptr ? fmt::format("a {}", type_name(domain)) : "another object"));
    }
    return (DomainReader(source, model).*kind->values)(object->front().value);
}

std::vector<Value> evenly_spaced(const SourceText& source, const Json& count, const std::string& parameter) {
    constexpr std::int64_t kMostValues = 1'000'000;
    constexpr double kEnd = 500.0;
    const auto* number = count.as<std::int64_t>();
    if (number == nullptr || *number < 2 || *number > kMostValues) {
        complain(source, count.offset, fmt::format("\"{}\": expected 2 to {} values", parameter, kMostValues));
    }
    std::vector<Value> values;
    for (std::int64_t i = 0; i + 1 < *number; ++i) {
        values.emplace_back(static_cast<double>(i) * (2 * kEnd / static_cast<double>(*number - 1)) - kEnd);
    }
    values.emplace_back(kEnd);
    return values;
}

}  // namespace warpsmith
