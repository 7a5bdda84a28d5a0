#include "cache/workload_code.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <tuple>

#include "cache/slot_table.hpp"
#include "solver/error.hpp"

namespace warpsmith {
namespace {

// A kind is family + 1, dtype and the options as one number, from the highest bits down: 24, 8 and 32.
constexpr unsigned kFamilyShift = 40;
constexpr unsigned kDTypeShift = 32;

// Words are of a few letters, too few for a call.
bool take_start(std::string_view& rest, std::string_view start) {
    std::size_t length = 0;
    while (length < start.size() && length < rest.size() && rest[length] == start[length]) {
        ++length;
    }
    if (length < start.size()) {
        return false;
    }
    rest.remove_prefix(length);
    return true;
}

// Of up to 18 digits, so that it stays within 64 bits; none: 0.
std::int64_t take_size(std::string_view& rest) {
    constexpr std::size_t kMostDigits = 18;
    std::int64_t size = 0;
    std::size_t length = 0;
    const std::size_t most = std::min(rest.size(), kMostDigits);
    while (length < most && rest[length] >= '0' && rest[length] <= '9') {
        size = 10 * size + (rest[length++] - '0');
    }
    rest.remove_prefix(length);
    return size;
}

// What comes before the next space, or all.
std::string_view take_word(std::string_view& rest) {
    std::size_t length = 0;
    while (length < rest.size() && rest[length] != ' ') {
        ++length;
    }
    const std::string_view word = rest.substr(0, length);
    rest.remove_prefix(length);
    return word;
}

}  // namespace

std::uint64_t hash_of(const WorkloadCode& code) {
    std::uint64_t hash = code.kind;
    for (const std::int64_t size : code.used()) {
        hash = mixed(static_cast<std::uint64_t>(size), hash);
    }
    return hash;
}

WorkloadCoder::WorkloadCoder(std::span<const Family> families) : families_(families) {
    for (const Family& family : families) {
        std::uint64_t combinations = 1;
        for (const Option& option : family.options) {
            combinations *= std::max<std::size_t>(option.values.size(), 1);
        }
        const bool options_fit =
            family.options.size() <= 32 && combinations <= std::numeric_limits<std::uint32_t>::max();
        if (family.dimensions.size() > kMaxDimensions || !options_fit) {
            throw Error(
                fmt::format("preparing lookups of {}: it has more than {} dimensions or 32 options; this is a bug in "
                            "the family",
                            family.name, kMaxDimensions));
        }
        layouts_.push_back(layout_of(family));
    }
}

WorkloadCoder::Layout WorkloadCoder::layout_of(const Family& family) {
    Layout layout;
    for (std::size_t i = 0; i < family.dimensions.size(); ++i) {
        if (family.dimensions[i].binding == Binding::runtime) {
            layout.runtime_positions[layout.runtime_count++] = static_cast<std::uint8_t>(i);
        } else {
            layout.fixed_positions.push_back(static_cast<std::uint8_t>(i));
        }
        layout.words.push_back(
            {.start = " " + family.dimensions[i].name + "=", .what = Word::What::dimension, .position = i});
    }
    layout.words.push_back({.start = " dtype=", .what = Word::What::dtype});
    std::uint64_t stride = 1;
    for (const Option& option : family.options) {
        layout.words.push_back(
            {.start = " " + option.name + "=", .what = Word::What::option, .stride = stride, .option = &option});
        stride *= option.values.size();
    }
    std::sort(layout.words.begin(), layout.words.end(),
              [](const Word& a, const Word& b) { return std::tie(a.what, a.start) < std::tie(b.what, b.start); });
    return layout;
}

WorkloadCode WorkloadCoder::code(const Workload& workload) const {
    const std::optional<WorkloadCode> code = read(workload.key());
    if (!code) {
        throw Error(fmt::format(
            "looking up \"{}\": it is no workload of a family that is known; see: warpsmith families", workload.key()));
    }
    return *code;
}

std::optional<std::size_t> WorkloadCoder::family_called(std::string_view name) const {
    const auto found =
        std::find_if(families_.begin(), families_.end(), [&](const Family& f) { return f.name == name; });
    return found == families_.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - families_.begin()));
}

std::optional<WorkloadCode> WorkloadCoder::read(std::string_view key) const {
    Before none;
    return read(key, none);
}

std::optional<WorkloadCode> WorkloadCoder::read(std::string_view key, Before& before) const {
    std::string_view rest = key;
    const std::string_view name = take_word(rest);
    if (name != before.family || name.empty()) {
        const std::optional<std::size_t> number = family_called(name);
        if (!number) {
            return std::nullopt;
        }
        before = {.family = name, .ending = {}, .number = *number};
    }
    const std::size_t dimensions = families_[before.number].dimensions.size();
    const std::span<const Word> words = layouts_[before.number].words;
    WorkloadCode code{.kind = (before.number + 1) << kFamilyShift, .count = static_cast<std::uint32_t>(dimensions)};
    for (const Word& word : words.first(dimensions)) {
        std::int64_t& size = code.sizes[word.position];
        if (!take_start(rest, word.start) || (size = take_size(rest)) == 0) {
            return std::nullopt;
        }
    }
    if (!rest.empty() && rest == before.ending) {
        code.kind = before.kind;
        return code;
    }
    const std::string_view ending = rest;
    for (const Word& word : words.subspan(dimensions)) {
        const bool may_miss = word.option != nullptr && word.option->later;
        if (take_start(rest, word.start) ? !take(word, rest, code) : !may_miss) {
            return std::nullopt;
        }
    }
    if (!rest.empty()) {
        return std::nullopt;
    }
    before.ending = ending;
    before.kind = code.kind;
    return code;
}

bool WorkloadCoder::take(const Word& word, std::string_view& rest, WorkloadCode& code) {
    const std::string_view value = take_word(rest);
    if (word.what == Word::What::dtype) {
        const std::optional<DType> dtype = parse_dtype(value);
        code.kind |= dtype ? static_cast<std::uint64_t>(*dtype) << kDTypeShift : 0;
        return dtype.has_value();
    }
    const std::vector<std::string>& values = word.option->values;
    const auto chosen = std::find(values.begin(), values.end(), value);
    code.kind += word.stride * static_cast<std::uint64_t>(chosen - values.begin());
    return chosen != values.end();
}

const Family* WorkloadCoder::family(std::uint64_t kind) const {
    const std::uint64_t number = kind >> kFamilyShift;
    return number == 0 || number > families_.size() ? nullptr : &families_[number - 1];
}

std::span<const std::uint8_t> WorkloadCoder::runtime_dimensions(std::uint64_t kind) const {
    const Layout& layout = layouts_[(kind >> kFamilyShift) - 1];
    return std::span(layout.runtime_positions).first(layout.runtime_count);
}

WorkloadCode WorkloadCoder::fixed_part(WorkloadCode code) const {
    for (const std::uint8_t position : runtime_dimensions(code.kind)) {
        code.sizes[position] = 0;
    }
    return code;
}

bool WorkloadCoder::is_of(const WorkloadCode& code, const WorkloadCode& fixed) const {
    if (code.kind != fixed.kind) {
        return false;
    }
    const std::vector<std::uint8_t>& positions = layouts_[(code.kind >> kFamilyShift) - 1].fixed_positions;
    return std::all_of(positions.begin(), positions.end(),
                       [&](std::uint8_t i) { return code.sizes[i] == fixed.sizes[i]; });
}

Workload WorkloadCoder::workload(const WorkloadCode& code) const {
    const Family* family = this->family(code.kind);
    if (family == nullptr) {
        throw Error("looking up a workload: its query was not made by this library; make it from text first");
    }
    Workload workload{.family = family->name, .dims = {}, .dtype = DType::f32, .options = {}};
    workload.dtype = static_cast<DType>(code.kind >> kDTypeShift & 0xFF);
    for (std::size_t i = 0; i < family->dimensions.size(); ++i) {
        workload.dims[family->dimensions[i].name] = code.sizes[i];
    }
    std::uint64_t options = code.kind & 0xFFFFFFFF;
    for (const Option& option : family->options) {
        const std::size_t value = options % option.values.size();
        if (value > 0 || !option.later) {
            workload.options[option.name] = option.values[value];
        }
        options /= option.values.size();
    }
    return workload;
}

}  // namespace warpsmith
