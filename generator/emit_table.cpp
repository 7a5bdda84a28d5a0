#include "generator/emit_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "generator/cpp_string.hpp"
#include "generator/cuda_expression.hpp"
#include "generator/source.hpp"
#include "solver/error.hpp"

namespace warpsmith {
namespace {

std::string identifier(std::string text) {
    for (char& c : text) {
        c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    }
    return text;
}

std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

std::string emit_sizes(const Family& family) {
    std::string text = "struct Sizes {\n";
    for (const Dimension& dimension : family.dimensions) {
        const bool fixed = dimension.binding == Binding::fixed;
        text += fmt::format("    int {} = 0;  // {}{}\n", dimension.name, dimension.meaning,
                            fixed ? "; as in a row of the table" : "");
    }
    return text + "};\n";
}

std::string emit_arguments(const Family& family, const Workload& workload) {
    std::string text =
        "// Device pointers, with the axes of each in the order of memory, slowest first.\nstruct Arguments {\n    "
        "Sizes sizes;\n";
    for (const TensorSpec& tensor : family.tensors(workload)) {
        const char* access = tensor.role == Role::input ? "const " : "";
        text += fmt::format("    {}{}* {} = nullptr;  // {}\n", access, cuda_type(tensor.dtype), tensor.name,
                            tensor.layout);
    }
    return text + "};\n";
}

std::string emit_distance(const Family& family) {
    std::vector<std::string> refused;
    std::vector<std::string> distance;
    for (const Dimension& dimension : family.dimensions) {
        if (dimension.binding == Binding::fixed) {
            refused.push_back(fmt::format("row.{0} != wanted.{0}", dimension.name));
        } else {
            refused.push_back(fmt::format("wanted.{} < 1", dimension.name));
            distance.push_back(fmt::format("squared_log_ratio(row.{0}, wanted.{0})", dimension.name));
        }
    }
    return fmt::format(
        "// In octaves over the runtime sizes; negative where the row is not for the wanted sizes.\n"
        "inline double squared_distance(const Sizes& row, const Sizes& wanted) {{\n"
        "    if ({}) {{\n        return -1;\n    }}\n    return {};\n}}\n",
        fmt::join(refused, " || "), distance.empty() ? "0" : fmt::format("{}", fmt::join(distance, " + ")));
}

struct ParameterText {
    std::string operator()(const std::string& tensor) const { return "arguments." + tensor; }
    std::string operator()(const DimensionParameter& dimension) const { return "arguments.sizes." + dimension.name; }
    std::string operator()(const NumberParameter& number) const {
        if (!std::isfinite(number.value)) {
            throw Error("emitting a kernel's parameters: " + number.name + " is not finite and cannot be written down");
        }
        return fmt::format("{:#.9g}f /* {} */", number.value, number.name);
    }
};

// The launch of one row: its kernel, with a geometry computed from the sizes it is called with.
std::string emit_row_launch(const Family& family, const TunedKernel& row, std::size_t index, const KernelText& texts) {
    const Space space = family.space(row.workload, row.target);
    ChosenConfig chosen{.model = space.model, .config = row.config, .runtime_dimensions = {}};
    for (const Dimension& dimension : family.dimensions) {
        if (dimension.binding == Binding::runtime) {
            chosen.runtime_dimensions.insert(dimension.name);
        }
    }
    std::set<std::string> used;
    std::string shape;
    const LaunchGeometry& launch = space.launch;
    for (const Expr& amount : {launch.grid_x, launch.grid_y, launch.grid_z, launch.threads, launch.cluster,
                               launch.smem_bytes, launch.cooperative}) {
        used.merge(runtime_dimensions_of(amount, chosen));
        shape += (shape.empty() ? "" : ", ") + cuda_expression(amount, chosen);
    }
    std::string text =
        fmt::format("inline cudaError_t launch_row_{}(const Arguments& arguments, cudaStream_t stream) {{\n", index);
    for (const std::string& dimension : used) {
        text += fmt::format("    const long long {0} = arguments.sizes.{0};\n", dimension);
    }
    std::string parameters;
    for (const Parameter& parameter : family.parameters(row.workload)) {
        parameters += ", " + std::visit(ParameterText{}, parameter);
    }
    return text + fmt::format("    return launch_kernel(\n        {},\n        {{{}}}, stream{});\n}}\n",
                              texts.kernel(row), shape, parameters);
}

std::string emit_rows(const Family& family, const std::vector<const TunedKernel*>& rows, const KernelText& texts) {
    std::string names;
    for (const Dimension& dimension : family.dimensions) {
        names += (names.empty() ? "" : ", ") + dimension.name;
    }
    std::string text = fmt::format(
        "struct Row {{\n    Sizes sizes;{}\n    const char* config;\n    const char* provenance;\n"
        "    cudaError_t (*launch)(const Arguments&, cudaStream_t);\n}};\n"
        "inline constexpr Row rows[] = {{  // sizes: {}\n",
        texts.gpu ? "\n    Gpu gpu;\n    Reach reach;" : "", names);
    for (std::size_t index = 0; index < rows.size(); ++index) {
        std::vector<std::int64_t> sizes;
        for (const Dimension& dimension : family.dimensions) {
            sizes.push_back(rows[index]->workload.dim(dimension.name));
        }
        text +=
            fmt::format("    {{{{{}}},{}\n     {},\n     {},\n     launch_row_{}}},\n", fmt::join(sizes, ", "),
                        texts.gpu ? "\n     " + texts.gpu(*rows[index]) + "," : "",
                        cpp_string(rows[index]->config.key()), cpp_string(one_line(rows[index]->provenance)), index);
    }
    return text + "};\n";
}

constexpr const char* kFindRow = R"(
// The row that `launch` takes, or null where no row was compiled for the fixed sizes.
inline const Row* find_row(const Sizes& wanted) { return nearest_row(rows, wanted); }
)";

constexpr const char* kFindRowOfGpu = R"(
// The row that `launch` takes on a GPU, the current one if none is named; null where no row is for it and the fixed
// sizes.
inline const Row* find_row(const Sizes& wanted, const Gpu& gpu) { return nearest_row(rows, wanted, gpu); }
inline const Row* find_row(const Sizes& wanted) { return find_row(wanted, current_gpu()); }
)";

constexpr const char* kLaunch = R"(
// cudaErrorInvalidValue where no row was compiled for the fixed sizes.
inline cudaError_t launch(const Arguments& arguments, cudaStream_t stream) {
    const Row* row = find_row(arguments.sizes);
    return row == nullptr ? cudaErrorInvalidValue : row->launch(arguments, stream);
}
)";

}  // namespace

std::string table_name(const Family& family, const Workload& workload) {
    std::string name = family.name + "_" + std::string(warpsmith::name(workload.dtype));
    for (const Option& option : family.options) {
        const std::string value = workload.option_or(option.name, option.values.front());
        if (value != option.values.front()) {
            name += "_" + option.name + "_" + value;
        }
    }
    return identifier(name);
}

std::string emit_table(const Family& family, const std::vector<const TunedKernel*>& rows, const KernelText& texts) {
    const Workload& workload = rows.front()->workload;
    const std::string name = table_name(family, workload);
    std::string text = "// " + family.summary + "\nnamespace " + name + " {\n\n";
    text += emit_sizes(family) + "\n" + emit_arguments(family, workload) + "\n";
    for (std::size_t index = 0; index < rows.size(); ++index) {
        text += emit_row_launch(family, *rows[index], index, texts) + "\n";
    }
    text += emit_rows(family, rows, texts) + "\n" + emit_distance(family) + (texts.gpu ? kFindRowOfGpu : kFindRow) +
            kLaunch;
    return text + "\n}  // namespace " + name + "\n";
}

}  // namespace warpsmith
