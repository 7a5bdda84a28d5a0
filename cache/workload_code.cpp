#include "cache/workload_code.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "cache/slot_table.hpp"
#include "solver/error.hpp"

namespace warpsmith {
namespace {

// A kind is family + 1, dtype and the options as one number, from the highest bits down: 24, 8 and 32.
constexpr unsigned kFamilyShift = 40;
constexpr unsigned kDTypeShift = 32;

std::uint64_t kind_of(std::size_t family, DType dtype, std::uint64_t options) {
    return (static_cast<std::uint64_t>(family) + 1) << kFamilyShift | static_cast<std::uint64_t>(dtype) << kDTypeShift |
           options;
}

// "name=value" of a key, or its family, which has no '='.
struct Word {
    std::string_view name, value;
};

Word next_word(std::string_view& rest) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    const std::size_t equals = word.find('=');
    return equals == std::string_view::npos ? Word{word, {}} : Word{word.substr(0, equals), word.substr(equals + 1)};
}

template <class Named>
std::size_t position(std::string_view name, const std::vector<Named>& among) {
    return static_cast<std::size_t>(
        std::find_if(among.begin(), among.end(), [&](const Named& one) { return one.name == name; }) - among.begin());
}

// Fills a code word by word; what is said twice or not at all is found by counting.
class CodeReader {
  public:
    CodeReader(const Family& family, std::size_t number) : family_(family), number_(number) {
        code_.count = static_cast<std::uint32_t>(family.dimensions.size());
    }

    bool take(const Word& word) {
        const std::size_t dimension = position(word.name, family_.dimensions);
        if (dimension < family_.dimensions.size()) {
            std::int64_t& size = code_.sizes[dimension];
            const bool first = size == 0;
            const char* end = word.value.data() + word.value.size();
            const bool whole = std::from_chars(word.value.data(), end, size).ptr == end;
            ++taken_;
            return first && whole && size > 0;
        }
        ++taken_;
        return word.name == "dtype" ? take_dtype(word.value) : take_option(word);
    }

    std::optional<WorkloadCode> finish() const {
        std::size_t wanted = family_.dimensions.size() + family_.options.size() + 1;
        for (std::size_t i = 0; i < family_.options.size(); ++i) {
            wanted -= family_.options[i].later && (seen_ >> i & 1U) == 0 ? 1 : 0;
        }
        if (taken_ != wanted || !dtype_) {
            return std::nullopt;
        }
        WorkloadCode code = code_;
        code.kind = kind_of(number_, *dtype_, options_);
        return code;
    }

  private:
    bool take_dtype(std::string_view value) {
        const bool first = !dtype_;
        dtype_ = parse_dtype(value);
        return first && dtype_;
    }

    bool take_option(const Word& word) {
        std::uint64_t stride = 1;
        for (std::size_t i = 0; i < family_.options.size(); ++i) {
            const Option& option = family_.options[i];
            if (option.name == word.name) {
                const auto value = std::find(option.values.begin(), option.values.end(), word.value);
                const bool first = (seen_ >> i & 1U) == 0;
                seen_ |= std::uint64_t{1} << i;
                options_ += stride * static_cast<std::uint64_t>(value - option.values.begin());
                return first && value != option.values.end();
            }
            stride *= option.values.size();
        }
        return false;
    }

    const Family& family_;
    std::size_t number_;
    WorkloadCode code_;
    std::optional<DType> dtype_;
    std::uint64_t options_ = 0;
    std::uint64_t seen_ = 0;  // one bit per option
    std::size_t taken_ = 0;
};

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
        Runtime runtime;
        for (std::size_t i = 0; i < family.dimensions.size(); ++i) {
            if (family.dimensions[i].binding == Binding::runtime) {
                runtime.positions[runtime.count++] = static_cast<std::uint8_t>(i);
            }
        }
        runtime_.push_back(runtime);
    }
}

WorkloadCode WorkloadCoder::code(const Workload& workload) const {
    const std::optional<WorkloadCode> code = read(workload.key());
    if (!code) {
        throw Error(fmt::format(
            "looking up \"{}\": it is no workload of a family that is known; see: warpsmith families", workload.key()));
    }
    return *code;
}

std::optional<WorkloadCode> WorkloadCoder::read(std::string_view key) const {
    std::string_view rest = key;
    const std::string_view name = next_word(rest).name;
    const auto family =
        std::find_if(families_.begin(), families_.end(), [&](const Family& f) { return f.name == name; });
    if (family == families_.end()) {
        return std::nullopt;
    }
    CodeReader reader(*family, static_cast<std::size_t>(family - families_.begin()));
    while (!rest.empty()) {
        if (!reader.take(next_word(rest))) {
            return std::nullopt;
        }
    }
    return reader.finish();
}

const Family* WorkloadCoder::family(std::uint64_t kind) const {
    const std::uint64_t number = kind >> kFamilyShift;
    return number == 0 || number > families_.size() ? nullptr : &families_[number - 1];
}

std::span<const std::uint8_t> WorkloadCoder::runtime_dimensions(std::uint64_t kind) const {
    const Runtime& runtime = runtime_[(kind >> kFamilyShift) - 1];
    return std::span(runtime.positions).first(runtime.count);
}

WorkloadCode WorkloadCoder::fixed_part(WorkloadCode code) const {
    for (const std::uint8_t position : runtime_dimensions(code.kind)) {
        code.sizes[position] = 0;
    }
    return code;
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
