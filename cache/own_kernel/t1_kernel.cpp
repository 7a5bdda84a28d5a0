#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cache/own_kernel/included_files.hpp"
#include "cache/own_kernel/numbered_parameters.hpp"
#include "cache/own_kernel/own_kernel.hpp"
#include "cache/own_kernel/t1_arguments.hpp"
#include "generator/source.hpp"
#include "solver/error.hpp"
#include "solver/search.hpp"
#include "solver/t1_file.hpp"

namespace warpsmith {
namespace {

class KernelReader {
  public:
    KernelReader(const SourceText& source, const Json& document)
        : source_(source), folder_(std::filesystem::path(source.file).parent_path()), root_(source, document, "") {}

    OwnKernel run(const Json& document) {
        kernel_.t1_file = source_.file;
        kernel_.t1_text = source_.text;
        kernel_.space.model = read_t1(source_, document).model;
        const T1Cursor spec = root_.at("KernelSpecification", "the kernel, its launch and its arguments");
        read_file(spec);
        read_defaults();
        read_sizes(spec);
        read_launch(spec);
        read_arguments(kernel_, spec, folder_.string());
        if (const auto options = spec.find("CompilerOptions")) {
            for (const T1Cursor& option : options->items("a list of texts")) {
                kernel_.compiler_options.push_back(option.text("an option of the compiler, between quotes"));
            }
        }
        kernel_.digest = digest_of_spec();
        number_parameters(kernel_);
        return std::move(kernel_);
    }

  private:
    // The same whatever the order of members and the spaces between them.
    std::string digest_of_spec() const {
        try {
            return digest_of(Source{.text = nlohmann::json::parse(source_.text).at(spec_name()).dump()});
        } catch (const nlohmann::json::exception& error) {  // of what our own reader takes, a number that is too large
            throw Error(fmt::format("reading {}: {}", source_.file, error.what()));
        }
    }

    const char* spec_name() const {
        return root_.json().find("KernelSpecification") != nullptr ? "KernelSpecification" : "kernelSpecification";
    }

    void read_file(const T1Cursor& spec) {
        const auto language = spec.find("Language");
        if (language && language->text("\"CUDA\"") != "CUDA") {
            language->complain(
                fmt::format("the kernel is written in {}; only \"CUDA\" can be tuned", language->text("")));
        }
        kernel_.kernel_name = spec.at("KernelName", "the name of the kernel").text("the name of the kernel");
        const T1Cursor file = spec.at("KernelFile", "the .cu file, relative to this file");
        const std::filesystem::path path = folder_ / file.text("the .cu file, relative to this file");
        try {
            kernel_.file = read_user_file(path.string());
        } catch (const Error& error) {
            file.complain(fmt::format("{}; its place is relative to the folder of this file", error.what()));
        }
        kernel_.file.path = path.filename().string();
        kernel_.folder = path.has_parent_path() ? path.parent_path().string() : ".";
        kernel_.included = digest_of_included(kernel_.folder, kernel_.file.text);
    }

    // Where every parameter has one.
    void read_defaults() {
        Config config;
        const T1Cursor space = root_.at("ConfigurationSpace", "the parameters");
        for (const T1Cursor& parameter : space.at("TuningParameters", "them").items("a list")) {
            const auto value = parameter.find("Default");
            if (!value) {
                return;
            }
            const std::string& name = parameter.at("Name", "it").text("a name");
            config.fields.emplace_back(name, default_of(name, *value));
        }
        kernel_.defaults = std::move(config);
    }

    static bool is_value(const Value& value, const T1Cursor& given) {
        if (const auto* text = given.json().as<std::string>()) {
            const auto* its_text = std::get_if<std::string>(&value);
            return *text == (its_text != nullptr ? *its_text : to_string(value));
        }
        const auto* real = std::get_if<double>(&value);
        const auto* whole = std::get_if<std::int64_t>(&value);
        return (real != nullptr && *real == given.number()) ||
               (whole != nullptr && static_cast<double>(*whole) == given.number());
    }

    // As a configuration has it: the value, or its position among values that are no whole numbers.
    std::int64_t default_of(const std::string& name, const T1Cursor& value) const {
        const std::vector<Variable>& variables = kernel_.space.model.variables();
        const std::vector<Value>& values = std::ranges::find(variables, name, &Variable::name)->values;
        const bool whole =
            std::ranges::all_of(values, [](const Value& one) { return std::holds_alternative<std::int64_t>(one); });
        const auto same = std::ranges::find_if(values, [&](const Value& one) { return is_value(one, value); });
        if (!whole && same != values.end()) {
            return same - values.begin();
        }
        if (!whole) {
            value.complain(fmt::format("this is none of the values of {}", name));
        }
        const double number = value.number();
        if (number != std::floor(number) || std::abs(number) > 0x1p53) {
            value.complain("this is no whole number");
        }
        return static_cast<std::int64_t>(number);
    }

    // ProblemSizeX is a name in what follows, and problem_size_x as Kernel Tuner's files have it.
    void read_sizes(const T1Cursor& spec) {
        const auto sizes = spec.find("ProblemSize");
        if (!sizes) {
            return;
        }
        const bool is_list = sizes->json().as<Json::List>() != nullptr;
        const std::vector<T1Cursor> axes = is_list ? sizes->items("a list") : std::vector<T1Cursor>{*sizes};
        if (axes.empty() || axes.size() > 3) {
            sizes->complain("write one to three sizes");
        }
        for (std::size_t axis = 0; axis < axes.size(); ++axis) {
            const std::int64_t size = evaluated(axes[axis], axes[axis].expression(Model()), 1);
            kernel_.sizes.emplace(std::string(1, "XYZ"[axis]), size);
            for (const std::string& name :
                 {std::string("ProblemSize") + "XYZ"[axis], std::string("problem_size_") + "xyz"[axis]}) {
                if (!kernel_.space.model.find(name)) {
                    kernel_.space.model.define(name, size);
                }
            }
        }
    }

    static std::int64_t evaluated(const T1Cursor& at, const Expr& expr, std::int64_t least) {
        Model nothing;
        nothing.variable("nothing", std::vector<std::int64_t>{0});
        const std::optional<std::int64_t> value = whole_value(expr, first(nothing).value());
        if (!value || *value < least) {
            at.complain(fmt::format("this must come to a whole number of at least {}", least));
        }
        return *value;
    }

    void read_extents(const T1Cursor& spec, const char* key, std::array<Expr, 3>& extents) {
        const auto object = spec.find(key);
        for (std::size_t axis = 0; object && axis < 3; ++axis) {
            if (const auto extent = object->find(std::string(1, "XYZ"[axis]))) {
                extents[axis] = extent->expression(kernel_.space.model);
            }
        }
    }

    void read_launch(const T1Cursor& spec) {
        if (!spec.find("LocalSize")) {
            spec.complain("LocalSize is missing; add the threads of a block, as {\"X\": \"block_size_x\"}");
        }
        read_extents(spec, "LocalSize", kernel_.block);
        const auto kind = spec.find("GlobalSizeType");
        const std::string convention = kind ? kind->text("\"CUDA\" or \"OpenCL\"") : "CUDA";
        if (convention != "CUDA" && convention != "OpenCL") {
            kind->complain("this is neither \"CUDA\", sizes in blocks, nor \"OpenCL\", sizes in threads");
        }
        if (spec.find("GlobalSize")) {
            read_extents(spec, "GlobalSize", kernel_.grid);
            for (std::size_t axis = 0; convention == "OpenCL" && axis < 3; ++axis) {
                kernel_.grid[axis] = ceil_div(kernel_.grid[axis], kernel_.block[axis]);
            }
        } else {
            read_divided_grid(spec);
        }
        LaunchGeometry& launch = kernel_.space.launch;
        launch.grid_x = kernel_.grid[0];
        launch.grid_y = kernel_.grid[1];
        launch.grid_z = kernel_.grid[2];
        launch.threads = kernel_.block[0] * kernel_.block[1] * kernel_.block[2];
        if (const auto smem = spec.find("SharedMemory")) {
            launch.smem_bytes = smem->expression(kernel_.space.model);
        }
    }

    // Each axis of the problem over the product of its divisors, rounded up; without divisors, over the block.
    void read_divided_grid(const T1Cursor& spec) {
        if (kernel_.sizes.empty()) {
            spec.complain("GlobalSize is missing; add it, as {\"X\": \"n // block_size_x\"}, or ProblemSize");
        }
        for (std::size_t axis = 0; axis < kernel_.sizes.size(); ++axis) {
            Expr divisor = kernel_.block[axis];
            if (const auto divisors = spec.find(std::string("GridDiv") + "XYZ"[axis])) {
                divisor = 1;
                const bool is_list = divisors->json().as<Json::List>() != nullptr;
                for (const T1Cursor& part : is_list ? divisors->items("a list") : std::vector<T1Cursor>{*divisors}) {
                    divisor = divisor * part.expression(kernel_.space.model);
                }
            }
            kernel_.grid[axis] = ceil_div(kernel_.sizes.at(std::string(1, "XYZ"[axis])), divisor);
        }
    }

    const SourceText& source_;
    std::filesystem::path folder_;
    T1Cursor root_;
    OwnKernel kernel_;
};

}  // namespace

OwnKernel read_own_kernel(const std::string& t1_file) {
    const SourceText source = read_source(t1_file);
    const Json document = parse_json(source);
    if (!is_t1(document)) {
        throw Error(
            fmt::format("reading {}: it has no ConfigurationSpace, so it is no T1 tuning input; `solve` takes "
                        "other space files, tune only these",
                        t1_file));
    }
    return KernelReader(source, document).run(document);
}

}  // namespace warpsmith
