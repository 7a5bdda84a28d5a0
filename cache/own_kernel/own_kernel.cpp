#include "cache/own_kernel/own_kernel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "solver/error.hpp"
#include "solver/evaluate.hpp"
#include "solver/random_stream.hpp"

namespace warpsmith {
namespace {

constexpr std::int64_t kMostBlocksX = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kMostBlocksYZ = 65535;  // CUDA C++ Programming Guide, "Technical Specifications"
constexpr std::int64_t kMostThreadsZ = 64;     // likewise

bool in_a_name(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

const std::int64_t* value_in(const Config& config, std::string_view name) {
    const auto found = std::ranges::find(config.fields, name, &std::pair<std::string, std::int64_t>::first);
    return found == config.fields.end() ? nullptr : &found->second;
}

struct NamedKernel {
    std::string expression;
    std::vector<std::string> used;  // parameters that stand in it
};

// "sum<THREADS, float>" with the values of the parameters among its template arguments.
NamedKernel kernel_of(const OwnKernel& kernel, const Config& config) {
    const std::string& text = kernel.kernel_name;
    const std::size_t open = std::min(text.find('<'), text.size());
    NamedKernel named{.expression = text.substr(0, open), .used = {}};
    for (std::size_t at = open; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && in_a_name(text[end])) {
            ++end;
        }
        const std::string word = text.substr(at, std::max<std::size_t>(end - at, 1));
        const std::int64_t* value = value_in(config, word);
        named.expression += value == nullptr ? word : value_text(kernel, word, *value);
        if (value != nullptr) {
            named.used.push_back(word);
        }
        at += word.size();
    }
    return named;
}

unsigned extent(const Expr& expr, const Solution& solution) {
    return static_cast<unsigned>(evaluate(expr, solution));
}

// "scale(float*)" and "sum<THREADS>" as words of a family's name.
std::string plain_name(const std::string& kernel_name) {
    std::string name = kernel_name.substr(0, kernel_name.find('<'));
    std::ranges::replace_if(
        name, [](char c) { return !in_a_name(c) && c != ':'; }, '_');
    return name;
}

void read_file(const Fill& fill, const OwnArgument& argument, std::vector<std::byte>& bytes) {
    std::error_code failure;
    const std::uintmax_t size = std::filesystem::file_size(fill.file, failure);
    if (failure || size != bytes.size()) {
        throw Error(fmt::format("reading {} for {}: {}", fill.file, argument.name,
                                failure ? failure.message()
                                        : fmt::format("it has {} bytes; {} {} take {}", size, argument.count,
                                                      argument.type->name, bytes.size())));
    }
    std::ifstream stream(fill.file, std::ios::binary);
    if (!stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()))) {
        throw Error(fmt::format("reading {} for {}: it cannot be read; may you read it?", fill.file, argument.name));
    }
}

double generated(const OwnArgument& argument, const Expr& element, std::uint64_t index) {
    const Scalar scalar = evaluate_with(element, [&](std::size_t) -> Scalar { return Int128{index}; });
    const std::optional<Value> value = to_value(scalar);
    if (value && std::holds_alternative<std::int64_t>(*value)) {
        return static_cast<double>(std::get<std::int64_t>(*value));
    }
    if (value && std::holds_alternative<double>(*value)) {
        return std::get<double>(*value);
    }
    throw Error(fmt::format("filling {}: {} is no number for i = {}", argument.name, to_string(element), index));
}

}  // namespace

bool OwnKernel::needs_reference() const {
    return std::ranges::any_of(checks, [](const OutputCheck& check) { return check.expected.kind == FillKind::none; });
}

LaunchShape OwnKernel::shape(const Solution& solution) const {
    return {.grid = {extent(grid[0], solution), extent(grid[1], solution), extent(grid[2], solution)},
            .block = {extent(block[0], solution), extent(block[1], solution), extent(block[2], solution)},
            .smem_bytes = static_cast<std::size_t>(evaluate(space.launch.smem_bytes, solution))};
}

std::string contents_digest(const OwnKernel& kernel) {
    return digest_of({.text = kernel.t1_text, .headers = {{kernel.included, kernel.file.text}}});
}

void add_launch_limits(OwnKernel& kernel, const Target& target) {
    Model& model = kernel.space.model;
    const LaunchGeometry& launch = kernel.space.launch;
    const std::array most_blocks = {kMostBlocksX, kMostBlocksYZ, kMostBlocksYZ};
    for (std::size_t axis = 0; axis < 3; ++axis) {
        model.require(kernel.grid[axis] >= 1 && kernel.grid[axis] <= most_blocks[axis],
                      fmt::format("the grid has 1 to {} blocks along {}", most_blocks[axis], "xyz"[axis]));
        model.require(kernel.block[axis] >= 1, fmt::format("a block has threads along {}", "xyz"[axis]));
    }
    model.require(kernel.block[2] <= kMostThreadsZ,
                  fmt::format("a block has at most {} threads along z", kMostThreadsZ));
    model.require(launch.threads <= target.threads_per_block,
                  fmt::format("a block of {} has at most {} threads", target.name, target.threads_per_block));
    model.require(
        launch.smem_bytes >= 0 && launch.smem_bytes <= target.smem_per_block,
        fmt::format("a block of {} has at most {} bytes of shared memory", target.name, target.smem_per_block));
}

Workload workload_of(const OwnKernel& kernel) {
    Workload workload{.family = "t1:" + plain_name(kernel.kernel_name),
                      .dims = kernel.sizes,
                      .options = {{"input", kernel.digest.substr(0, 16)}}};
    for (const OutputCheck& check : kernel.checks) {  // the nearest that a workload can say
        if (const auto dtype = parse_dtype(kernel.arguments[check.argument].type->name)) {
            workload.dtype = *dtype;
        }
    }
    return workload;
}

Family family_of(const OwnKernel& kernel) {
    Family family{.name = workload_of(kernel).family, .summary = "a kernel of the user's own"};
    for (const auto& [axis, size] : kernel.sizes) {
        family.dimensions.push_back({.name = axis, .binding = Binding::fixed, .meaning = "size of the problem"});
    }
    family.dtypes = {workload_of(kernel).dtype};
    family.options = {{.name = "input", .values = {kernel.digest.substr(0, 16)}, .meaning = "digest of the T1 file"}};
    family.space = [&kernel](const Workload&, const Target&) { return kernel.space; };
    family.tensors = [](const Workload&) { return std::vector<TensorSpec>(); };
    return family;
}

std::string value_text(const OwnKernel& kernel, const std::string& parameter, std::int64_t in_config) {
    const auto values = kernel.numbered.find(parameter);
    if (values == kernel.numbered.end()) {
        return std::to_string(in_config);
    }
    const Value& value = values->second.at(static_cast<std::size_t>(in_config));
    const auto* text = std::get_if<std::string>(&value);
    return text != nullptr ? *text : to_string(value);
}

Source source_of(const OwnKernel& kernel, const Config& config, const Target& target,
                 const std::string& toolkit_include) {
    const NamedKernel named = kernel_of(kernel, config);
    Source source = user_source(kernel.file, named.expression, target.architecture, toolkit_include);
    std::string macros;
    for (const auto& [name, value] : config.fields) {
        if (std::ranges::find(named.used, name) == named.used.end()) {
            macros += fmt::format("#define {} {}\n", name, value_text(kernel, name, value));
        }
    }
    source.text = macros + source.text + "// includes " + kernel.included + "\n";
    for (const std::string& option : kernel.compiler_options) {
        if (option.starts_with("-std") || option.starts_with("--std")) {
            std::erase_if(source.options, [](const std::string& ours) { return ours.starts_with("--std"); });
        }
        source.options.push_back(option);
    }
    std::erase_if(source.options, [](const std::string& option) { return option.starts_with("--include-path="); });
    source.digest = digest_of(source);  // the same wherever the files lie
    source.options.push_back("--include-path=" + kernel.folder);
    source.options.push_back("--include-path=" + toolkit_include + "/cccl");
    return source;
}

std::vector<std::byte> contents_of(const OwnArgument& argument, const Fill& fill, std::uint64_t seed) {
    if (fill.kind == FillKind::none) {
        return {};
    }
    std::vector<std::byte> bytes(argument.bytes());
    if (fill.kind == FillKind::file) {
        read_file(fill, argument, bytes);
        return bytes;
    }
    RandomStream random(fill.seed.value_or(seed));
    const bool whole = argument.type->name.front() == 'i' || argument.type->name.front() == 'u';
    for (std::size_t at = 0; at < bytes.size(); at += argument.type->bytes) {
        if (fill.kind == FillKind::constant) {
            argument.type->parse(fill.constant, bytes.data() + at);
            continue;
        }
        if (fill.kind == FillKind::generator) {
            const double value = generated(argument, *fill.element, at / argument.type->bytes);
            argument.type->store_number(value, bytes.data() + at);
            continue;
        }
        const double unit = static_cast<double>(random.next() >> 11U) * 0x1p-53;
        argument.type->store_number(whole ? std::floor(unit * (fill.span + 1)) : unit * fill.span, bytes.data() + at);
    }
    return bytes;
}

}  // namespace warpsmith
