#include "generator/emit_own.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "generator/cpp_string.hpp"

namespace warpsmith {
namespace {

constexpr const char* kSymbols = R"(
    // What constant memory is filled with before the launch, on its stream, from host or device memory. Null leaves it
    // as the last launch of this row had it. All launches share it: those on other streams must not overlap a filling.
)";

std::string emit_arguments(const TunedOwnKernel& kernel) {
    std::string text = "// In the order of the kernel's parameters.\nstruct Arguments {\n";
    for (const OwnParameter& parameter : kernel.parameters) {
        text += fmt::format("    {} {} = {{}};\n", parameter.type, parameter.name);
    }
    if (!kernel.symbols.empty()) {
        text += kSymbols;
    }
    for (const OwnSymbol& symbol : kernel.symbols) {
        text += fmt::format("    {} {} = {{}};\n", symbol.values.type, symbol.values.name);
    }
    return text + "};\n\n";
}

std::string emit_fills(const TunedOwnKernel& row, const OwnKernelText& texts) {
    std::string text;
    for (const OwnSymbol& symbol : row.symbols) {
        text += fmt::format(
            "    if (const cudaError_t error = fill_variable({}, {}, arguments.{}, stream)) {{\n"
            "        return error;\n    }}\n",
            texts.kernel(row), cpp_string(symbol.variable), symbol.values.name);
    }
    return text;
}

std::string emit_launch(const TunedOwnKernel& row, std::size_t index, const OwnKernelText& texts) {
    std::string parameters;
    for (const OwnParameter& parameter : row.parameters) {
        parameters += ", arguments." + parameter.name;
    }
    return fmt::format(
        "inline cudaError_t launch_row_{}([[maybe_unused]] const Arguments& arguments, cudaStream_t stream) {{\n"
        "{}    return launch_kernel(\n        {},\n        {{{}, {}, 1, {}, 0, {}, {}}}, stream{});\n}}\n\n",
        index, emit_fills(row, texts), texts.kernel(row), fmt::join(row.grid, ", "), row.block[0], row.smem_bytes,
        row.block[1], row.block[2], parameters);
}

constexpr const char* kRow = R"(struct Sizes {};  // it was tuned for one problem
inline double squared_distance(const Sizes&, const Sizes&) { return 0; }

struct Row {
    Sizes sizes;
    Gpu gpu;
    Reach reach;
    const char* config;
    const char* provenance;
    cudaError_t (*launch)(const Arguments&, cudaStream_t);
};
)";

constexpr const char* kLaunch = R"(
// The row that `launch` takes on the current GPU; null where no row is for it.
inline const Row* find_row() { return nearest_row(rows, Sizes{}, current_gpu()); }

// cudaErrorInvalidValue where no row is for the current GPU.
inline cudaError_t launch(const Arguments& arguments, cudaStream_t stream) {
    const Row* row = find_row();
    return row == nullptr ? cudaErrorInvalidValue : row->launch(arguments, stream);
}
)";

}  // namespace

std::string emit_own_table(std::span<const TunedOwnKernel* const> rows, const OwnKernelText& texts) {
    const TunedOwnKernel& first = *rows.front();
    std::string text = "// A kernel of the user's own\nnamespace " + first.name + " {\n\n" + emit_arguments(first);
    std::string table = "inline constexpr Row rows[] = {\n";
    for (std::size_t index = 0; index < rows.size(); ++index) {
        const TunedOwnKernel& row = *rows[index];
        text += emit_launch(row, index, texts);
        table += fmt::format("    {{{{}},\n     {},\n     {},\n     {},\n     launch_row_{}}},\n", texts.gpu(row),
                             cpp_string(row.config), cpp_string(row.provenance), index);
    }
    return text + kRow + table + "};\n" + kLaunch + "\n}  // namespace " + first.name + "\n";
}

}  // namespace warpsmith
