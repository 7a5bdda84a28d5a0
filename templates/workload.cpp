#include "templates/workload.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "solver/error.hpp"
#include "solver/suggestion.hpp"
#include "templates/family.hpp"

namespace warpsmith {
namespace {

// No dimension is larger: products of three stay within 64 bits.
constexpr std::int64_t kLargestDimension = std::int64_t{1} << 30;

std::vector<std::string> names_of(const Family& family) {
    std::vector<std::string> names;
    for (const Dimension& dimension : family.dimensions) {
        names.push_back(dimension.name);
    }
    names.emplace_back("dtype");
    for (const Option& option : family.options) {
        names.push_back(option.name);
    }
    return names;
}

std::int64_t read_dimension(const std::string& where, const std::string& name, const std::string& value) {
    std::int64_t number = 0;
    auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (code != std::errc() || end != value.data() + value.size() || number < 1 || number > kLargestDimension) {
        throw Error(where + "'" + name + "=" + value + "' is not a size; give a whole number from 1 to " +
                    std::to_string(kLargestDimension));
    }
    return number;
}

DType read_dtype(const std::string& where, const std::string& value, const Family& family) {
    std::optional<DType> dtype = parse_dtype(value);
    std::vector<std::string> known;
    bool offered = false;
    for (DType candidate : family.dtypes) {
        known.emplace_back(name(candidate));
        offered = offered || (dtype && candidate == *dtype);
    }
    if (!offered) {
        throw Error(where + "dtype '" + value + "' is not one of " + family.name + "'s; " + suggestion(value, known));
    }
    return *dtype;
}

// Sets what one word "name=value" says; every word may be said once.
void read_word(const std::string& where, const std::string& word, const Family& family, Workload& workload,
               bool& dtype_set) {
    std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == word.size()) {
        throw Error(where + "'" + word + "' is not name=value");
    }
    std::string key = word.substr(0, equals);
    std::string value = word.substr(equals + 1);
    bool again = workload.dims.contains(key) || workload.options.contains(key) || (key == "dtype" && dtype_set);
    if (again) {
        throw Error(where + "'" + key + "' is given twice");
    }
    if (key == "dtype") {
        workload.dtype = read_dtype(where, value, family);
        dtype_set = true;
        return;
    }
    for (const Dimension& dimension : family.dimensions) {
        if (dimension.name == key) {
            workload.dims[key] = read_dimension(where, key, value);
            return;
        }
    }
    for (const Option& option : family.options) {
        if (option.name == key) {
            bool offered = std::find(option.values.begin(), option.values.end(), value) != option.values.end();
            if (!offered) {
                throw Error(where + "'" + value + "' is no value of '" + key + "'; " +
                            suggestion(value, option.values));
            }
            workload.options[key] = value;
            return;
        }
    }
    throw Error(where + family.name + " has no '" + key + "'; " + suggestion(key, names_of(family)));
}

void fill_defaults(const std::string& where, const Family& family, Workload& workload, bool dtype_set) {
    std::string missing;
    for (const Dimension& dimension : family.dimensions) {
        if (!workload.dims.contains(dimension.name)) {
            missing += (missing.empty() ? "" : ", ") + dimension.name + " (" + dimension.meaning + ")";
        }
    }
    if (!missing.empty()) {
        throw Error(where + "sizes are missing: " + missing);
    }
    if (!dtype_set) {
        throw Error(where + "dtype is missing; add for example dtype=" + std::string(name(family.dtypes.front())));
    }
    for (const Option& option : family.options) {
        const auto [given, is_new] = workload.options.try_emplace(option.name, option.values.front());
        if (option.later && given->second == option.values.front()) {
            workload.options.erase(given);
        }
    }
}

const Family& family_named(const std::string& where, const std::string& word, std::span<const Family> families) {
    std::vector<std::string> known;
    for (const Family& family : families) {
        if (family.name == word) {
            return family;
        }
        known.push_back(family.name);
    }
    throw Error(where + "there is no family '" + word + "'; " + suggestion(word, known));
}

}  // namespace

std::int64_t Workload::dim(const std::string& name) const {
    auto found = dims.find(name);
    if (found == dims.end()) {
        throw Error("reading dimension '" + name + "' of '" + key() + "': there is none; this is a bug in the family");
    }
    return found->second;
}

const std::string& Workload::option(const std::string& name) const {
    auto found = options.find(name);
    if (found == options.end()) {
        throw Error("reading option '" + name + "' of '" + key() + "': there is none; this is a bug in the family");
    }
    return found->second;
}

std::string Workload::option_or(const std::string& name, const std::string& otherwise) const {
    auto found = options.find(name);
    return found == options.end() ? otherwise : found->second;
}

std::string Workload::key() const {
    std::string text = family;
    for (const auto& [dimension, size] : dims) {
        text += " " + dimension + "=" + std::to_string(size);
    }
    text += " dtype=" + std::string(warpsmith::name(dtype));
    for (const auto& [option, value] : options) {
        text += " " + option + "=" + value;
    }
    return text;
}

Workload parse_workload(std::string_view text, std::span<const Family> families) {
    std::string where = "reading workload \"" + std::string(text) + "\": ";
    std::istringstream words{std::string(text)};
    std::string word;
    if (!(words >> word)) {
        throw Error("reading a workload: the text is empty; give for example \"lstm T=128 B=16 N=4 D=64 dtype=bf16\"");
    }
    const Family& family = family_named(where, word, families);
    Workload workload{.family = family.name, .dims = {}, .dtype = DType::f32, .options = {}};
    bool dtype_set = false;
    while (words >> word) {
        read_word(where, word, family, workload, dtype_set);
    }
    fill_defaults(where, family, workload, dtype_set);
    return workload;
}

}  // namespace warpsmith
