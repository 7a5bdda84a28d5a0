#include "templates/explain_workload.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "solver/advice.hpp"
#include "solver/conflict.hpp"
#include "solver/error.hpp"
#include "templates/family.hpp"
#include "templates/occupancy.hpp"

namespace warpsmith {
namespace {

struct Question {
    const Family& family;
    Workload workload;
    Target target;
    const FixedValues& fixed;
};

// Whether some configuration fits. A workload that the family refuses outright has none.
bool has_configuration(const Question& question) {
    try {
        Space space = question.family.space(question.workload, question.target);
        return !has_no_solution(with_values(space.model, question.fixed));
    } catch (const Error&) {
        return false;
    }
}

bool fits_with_size(Question question, const std::string& dimension, std::int64_t size) {
    question.workload.dims[dimension] = size;
    return has_configuration(question);
}

struct Below {
    std::int64_t size = 0;
    bool nearest = true;
};

// The greatest size below that fits, from the last of `from` downward to above `to`, which fits.
Below greatest_between(const Question& question, const std::string& dimension, std::int64_t from, std::int64_t to) {
    if (from - to <= kMostSizes) {
        for (; from > to && !fits_with_size(question, dimension, from); --from) {
        }
        return {from, true};
    }
    while (from - to > 1) {  // `to` fits and `from` does not
        std::int64_t middle = to + (from - to) / 2;
        (fits_with_size(question, dimension, middle) ? to : from) = middle;
    }
    return {to, false};
}

std::optional<Below> nearest_below(const Question& question, const std::string& dimension) {
    std::int64_t given = question.workload.dim(dimension);
    std::int64_t size = given - 1;
    for (; size >= std::max<std::int64_t>(1, given - kNearSizes); --size) {
        if (fits_with_size(question, dimension, size)) {
            return Below{size};
        }
    }
    std::int64_t half = given / 2;
    while (half > 0 && (half > size || !fits_with_size(question, dimension, half))) {
        half /= 2;
    }
    return half == 0 ? std::nullopt : std::optional(greatest_between(question, dimension, size, half));
}

std::optional<std::int64_t> nearest_above(const Question& question, const std::string& dimension) {
    std::int64_t given = question.workload.dim(dimension);
    for (std::int64_t size = given + 1; size <= given + kNearSizes; ++size) {
        if (fits_with_size(question, dimension, size)) {
            return size;
        }
    }
    return std::nullopt;
}

std::vector<std::string> other_sizes(const Question& question) {
    std::vector<std::string> advice;
    for (const Dimension& dimension : question.family.dimensions) {
        const std::string& name = dimension.name;
        std::optional<Below> below = nearest_below(question, name);
        std::optional<std::int64_t> above = nearest_above(question, name);
        std::string less = below ? fmt::format("{}={}", name, below->size) : "";
        std::string more = above ? fmt::format("{}={}", name, *above) : "";
        if (below && !below->nearest) {
            less += fmt::format(" (larger ones below {} may fit too)", question.workload.dim(name));
        } else if (below && !above) {
            less += fmt::format(", the largest below {} that fits", question.workload.dim(name));
        }
        if (below || above) {
            advice.push_back(less + (below && above ? " or " : "") + more);
        }
    }
    return advice;
}

std::vector<std::string> other_choices(const Question& question) {
    std::vector<std::string> advice;
    for (DType dtype : question.family.dtypes) {
        Question changed = question;
        changed.workload.dtype = dtype;
        if (dtype != question.workload.dtype && has_configuration(changed)) {
            advice.push_back(fmt::format("dtype={}", name(dtype)));
        }
    }
    for (const Option& option : question.family.options) {
        if (option.later) {  // what is computed, or how: no choice instead of another
            continue;
        }
        for (const std::string& value : option.values) {
            Question changed = question;
            changed.workload.options[option.name] = value;
            if (value != question.workload.option(option.name) && has_configuration(changed)) {
                advice.push_back(fmt::format("{}={}", option.name, value));
            }
        }
    }
    return advice;
}

struct Limit {
    const char* name;
    std::int64_t Target::*field;
};

constexpr Limit kLimits[] = {{"smem_per_block", &Target::smem_per_block},
                             {"registers_per_sm", &Target::registers_per_sm},
                             {"registers_per_thread", &Target::registers_per_thread},
                             {"threads_per_block", &Target::threads_per_block},
                             {"threads_per_sm", &Target::threads_per_sm}};

// A value of the limit that is enough while one less is not.
std::optional<std::int64_t> enough(const Question& question, std::int64_t Target::*field) {
    constexpr std::int64_t kGreatestFactor = 4096;
    std::int64_t too_little = question.target.*field;
    std::int64_t most = too_little * kGreatestFactor;
    std::int64_t fitting = too_little;
    auto fits_with = [&](std::int64_t value) {
        Question changed = question;
        changed.target.*field = value;
        // What a block has, its SM has.
        std::int64_t block = changed.target.smem_per_block + changed.target.smem_reserved_per_block;
        changed.target.smem_per_sm =
            std::max(changed.target.smem_per_sm, (block + kSmemUnit - 1) / kSmemUnit * kSmemUnit);
        return has_configuration(changed);
    };
    for (std::int64_t value = 2 * too_little; fitting == too_little && value <= most; value *= 2) {
        fitting = fits_with(value) ? value : fitting;
    }
    if (fitting == too_little) {
        return std::nullopt;
    }
    while (fitting - too_little > 1) {
        std::int64_t middle = too_little + (fitting - too_little) / 2;
        (fits_with(middle) ? fitting : too_little) = middle;
    }
    return fitting;
}

std::vector<std::string> other_targets(const Question& question) {
    std::vector<std::string> advice;
    for (const Limit& limit : kLimits) {
        if (std::optional<std::int64_t> value = enough(question, limit.field)) {
            advice.push_back(fmt::format("a GPU with a {} of {}; that of {} is {}", limit.name, *value,
                                         question.target.name, question.target.*limit.field));
        }
    }
    std::vector<std::string> names;
    for (const Target& target : known_targets()) {
        Question changed = question;
        changed.target = target;
        if (target.name != question.target.name && has_configuration(changed)) {
            names.push_back(target.name);
        }
    }
    if (!names.empty()) {
        advice.push_back(fmt::format("another target: {}", fmt::join(names, ", ")));
    }
    return advice;
}

}  // namespace

Explanation explain_workload(const Workload& workload, const Target& target, const FixedValues& fixed) {
    const Family& family = find_family(workload.family);
    Model model = family.space(workload, target).model;
    Explanation explanation = why_nothing_fits(model, fixed);
    if (explanation.satisfiable) {
        return explanation;
    }
    explanation.advice = better_values(model, fixed);
    const FixedValues none;
    Question question{family, workload, target, explanation.values_do_not_matter ? none : fixed};
    for (const auto& part : {other_sizes(question), other_choices(question), other_targets(question)}) {
        explanation.advice.insert(explanation.advice.end(), part.begin(), part.end());
    }
    return explanation;
}

}  // namespace warpsmith
