// warpsmith best: the configuration to use for a workload, and how that is known.
#include <fmt/format.h>

#include <memory>

#include "tools/arguments.hpp"
#include "tools/command.hpp"
#include "tools/own_kernel_argument.hpp"
#include "tools/recorded.hpp"
#include "tools/trial_json.hpp"
#include "tools/workload_text.hpp"

namespace warpsmith {
namespace {

struct BestArguments {
    std::string workload;
    std::string target;
    std::string database = "tuning.db";
    bool json = false;
};

std::string basis_text(const Choice& choice) {
    if (choice.basis == Basis::exact) {
        return "exact: this workload was tuned for this target";
    }
    return fmt::format("nearest: tuned for \"{}\", {:.2f} powers of two away", choice.trial.workload.key(),
                       choice.distance);
}

void print_json(const Workload& workload, const Choice& choice, const OwnKernel* own) {
    nlohmann::ordered_json object = {{"asked", workload.key()},
                                     {"basis", choice.basis == Basis::exact ? "exact" : "nearest"},
                                     {"distance", choice.distance}};
    object.update(to_json(choice.trial));
    if (own != nullptr) {
        const Config config = parse_config(choice.trial.config);
        object["values"] = nlohmann::ordered_json::object();
        for (const auto& [name, value] : config.fields) {
            object["values"][name] = value_text(*own, name, value);
        }
    }
    fmt::print("{}\n", object.dump());
}

void print_text(const Workload& workload, const Choice& choice, const std::string& values) {
    const Trial& trial = choice.trial;
    const Provenance& provenance = trial.provenance;
    fmt::print("{} on {}\n", workload.key(), provenance.target);
    fmt::print("  config    {}\n", trial.config);
    if (!values.empty()) {
        fmt::print("  values   {}\n", values);
    }
    fmt::print("  basis     {}\n", basis_text(choice));
    fmt::print("  time      {}{}\n", time_text(trial), choice.basis == Basis::exact ? "" : ", of that workload");
    fmt::print("  verified  {}\n", error_text(trial));
    fmt::print("  note      {}\n", trial.note);
    fmt::print("  recorded  {} with toolkit {}, source {}\n", trial.recorded_at, provenance.toolkit,
               provenance.source_digest);
}

int show_best(const BestArguments& arguments) {
    const Target target = chosen_target(arguments.target);
    const bool is_own = names_own_kernel(arguments.workload);
    const auto own = is_own ? own_kernel_for(arguments.workload, target) : nullptr;
    const Workload workload = own ? workload_of(*own) : read_workload(arguments.workload);
    const std::optional<Choice> choice =
        own ? recorded_best(arguments.database, *own, target) : recorded_best(arguments.database, workload, target);
    if (!choice) {
        return nothing_found(not_tuned(own ? arguments.workload : workload.key(), target, arguments.database));
    }
    if (arguments.json) {
        print_json(workload, *choice, own.get());
    } else {
        print_text(workload, *choice, own ? numbered_values(*own, parse_config(choice->trial.config)) : "");
    }
    return kDone;
}

}  // namespace

Command best_command() {
    auto arguments = std::make_shared<BestArguments>();
    return {
        .arguments = {workload_argument(arguments->workload),
                      target_option(arguments->target),
                      database_option(arguments->database),
                      {.name = "--json", .value = &arguments->json, .meaning = "print one JSON object"}},
        .notes =
            "Where this very workload was not tuned, the nearest of the same fixed dimensions answers, and is named.\n"
            "Examples:\n"
            "  warpsmith best \"lstm T=128 B=16 N=4 D=64 dtype=bf16\" --target h200\n"
            "  warpsmith best \"scan T=4096 B=8 D=512 dtype=f32\" --target h200 --json",
        .run = [arguments] { return show_best(*arguments); }};
}

}  // namespace warpsmith
