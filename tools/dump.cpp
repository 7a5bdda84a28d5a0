#include "tools/dump.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "solver/error.hpp"
#include "solver/suggestion.hpp"
#include "tools/npy.hpp"
#include "tools/trial_json.hpp"

namespace warpsmith {
namespace {

using Json = nlohmann::ordered_json;

std::string shape_text(const std::vector<std::int64_t>& shape) {
    std::string text;
    for (std::int64_t extent : shape) {
        text += fmt::format("{}{}", text.empty() ? "" : ",", extent);
    }
    return "(" + text + ")";
}

// Writes one array and returns its line of the manifest.
Json dump_tensor(const std::string& folder, const Tensor& tensor, const char* role) {
    const bool reference = std::string_view(role) == "reference";
    const std::string file = tensor.spec.name + (reference ? ".reference.npy" : ".npy");
    write_npy(folder + "/" + file,
              {.descr = reference ? "<f8" : "<f4", .shape = tensor.spec.shape, .values = tensor.values});
    return {{"name", tensor.spec.name},
            {"role", role},
            {"dtype", reference ? "f64" : name(tensor.spec.dtype)},
            {"layout", tensor.spec.layout},
            {"shape", tensor.spec.shape},
            {"file", file}};
}

// The workload's options, and the numbers that follow from it and are passed to the kernel: attention's scale.
Json options_json(const Family& family, const Workload& workload) {
    Json options = workload.options;
    for (const Parameter& parameter : family.parameters(workload)) {
        if (const auto* number = std::get_if<NumberParameter>(&parameter)) {
            options[number->name] = number->value;
        }
    }
    return options;
}

Json manifest_of(const Family& family, const Workload& workload, const Config& config, Json arrays) {
    Json manifest = {{"family", family.name},
                     {"dims", workload.dims},
                     {"options", options_json(family, workload)},
                     {"config", config_json(config.key())}};
    if (!family.gates.empty()) {
        manifest["gates"] = family.gates;
    }
    manifest["arrays"] = std::move(arrays);
    return manifest;
}

}  // namespace

void dump(const std::string& folder, const Family& family, const Problem& problem, const Config& config,
          const Tensors& computed) {
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    Json arrays = Json::array();
    for (const Tensor& tensor : problem.inputs) {
        arrays.push_back(dump_tensor(folder, tensor, "input"));
    }
    for (const Tensor& tensor : computed) {
        arrays.push_back(dump_tensor(folder, tensor, "output"));
    }
    for (const Tensor& tensor : problem.expected) {
        arrays.push_back(dump_tensor(folder, tensor, "reference"));
    }
    const Json manifest = manifest_of(family, problem.workload, config, std::move(arrays));
    const std::string path = folder + "/manifest.json";
    std::ofstream stream(path);
    stream << manifest.dump(2) << "\n";
    stream.close();
    if (!stream) {
        throw Error("writing " + path + ": it cannot be written; may you write to the folder, and is the disk full?");
    }
}

void replace_inputs(Tensors& inputs, const std::vector<std::string>& replacements) {
    std::vector<std::string> names;
    for (const Tensor& tensor : inputs) {
        names.push_back(tensor.spec.name);
    }
    for (const std::string& replacement : replacements) {
        const std::size_t equals = replacement.find('=');
        const std::string wanted = replacement.substr(0, equals);
        auto tensor = std::ranges::find(inputs, wanted, [](const Tensor& t) { return t.spec.name; });
        if (equals == std::string::npos || tensor == inputs.end()) {
            throw Error(fmt::format("reading --input {}: there is no input '{}'; {}", replacement, wanted,
                                    suggestion(wanted, names)));
        }
        NpyArray array = read_npy(replacement.substr(equals + 1));
        if (array.shape != tensor->spec.shape) {
            throw Error(fmt::format("reading --input {}: its shape is {}, that of {} is {} ({})", replacement,
                                    shape_text(array.shape), wanted, shape_text(tensor->spec.shape),
                                    tensor->spec.layout));
        }
        std::ranges::transform(array.values, tensor->values.begin(),
                               [&](double value) { return round_to(tensor->spec.dtype, value); });
    }
}

}  // namespace warpsmith
