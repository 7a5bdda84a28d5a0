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
    std::uint64_t layers = 0;  // 0: the workload by itself
    bool json = false;
};

// What is shown of an answer.
struct Answer {
    const Workload& workload;
    const Choice& choice;
    const OwnKernel* own = nullptr;
    const StackChoice* stack = nullptr;
};

std::string basis_text(const Choice& choice) {
    if (choice.basis == Basis::exact) {
        return "exact: this workload was tuned for this target";
    }
    return fmt::format("nearest: tuned for \"{}\", {:.2f} powers of two away", choice.trial.workload.key(),
                       choice.distance);
}

nlohmann::ordered_json stack_json(const StackChoice& stack) {
    return {{"layers", stack.stack.layers},
            {"together", stack.stack.together},
            {"chunk_steps", stack.chunk_steps},
            {"modelled_us", stack_us(stack.stack, stack.chunk_steps)},
            {"layer_after_layer_us", stack_us(stack.stack, stack.stack.steps)}};
}

void print_json(const Answer& answer) {
    const Choice& choice = answer.choice;
    nlohmann::ordered_json object = {{"asked", answer.workload.key()},
                                     {"basis", choice.basis == Basis::exact ? "exact" : "nearest"},
                                     {"distance", choice.distance}};
    object.update(to_json(choice.trial));
    if (answer.own != nullptr) {
        const Config config = parse_config(choice.trial.config);
        object["values"] = nlohmann::ordered_json::object();
        for (const auto& [name, value] : config.fields) {
            object["values"][name] = value_text(*answer.own, name, value);
        }
    }
    if (answer.stack != nullptr) {
        object["stack"] = stack_json(*answer.stack);
    }
    fmt::print("{}\n", object.dump());
}

void print_stack(const StackChoice& chosen) {
    const LayerStack& stack = chosen.stack;
    const double in_turn_us = stack_us(stack, stack.steps);
    if (chosen.chunk_steps == stack.steps) {
        fmt::print("  stack     of {}, layer after layer: {:.2f} us, modelled; chunks do not pay\n", stack.layers,
                   in_turn_us);
        return;
    }
    fmt::print("  stack     of {}, in chunks of {} steps, {} launches side by side: {:.2f} us, modelled\n",
               stack.layers, chosen.chunk_steps, stack.together, stack_us(stack, chosen.chunk_steps));
    fmt::print("            layer after layer: {:.2f} us, modelled\n", in_turn_us);
}

void print_text(const Answer& answer) {
    const Trial& trial = answer.choice.trial;
    const Provenance& provenance = trial.provenance;
    fmt::print("{} on {}\n", answer.workload.key(), provenance.target);
    fmt::print("  config    {}\n", trial.config);
    const std::string values = answer.own == nullptr ? "" : numbered_values(*answer.own, parse_config(trial.config));
    if (!values.empty()) {
        fmt::print("  values   {}\n", values);
    }
    fmt::print("  basis     {}\n", basis_text(answer.choice));
    fmt::print("  time      {}{}\n", time_text(trial), answer.choice.basis == Basis::exact ? "" : ", of that workload");
    fmt::print("  verified  {}\n", error_text(trial));
    fmt::print("  note      {}\n", trial.note);
    fmt::print("  recorded  {} with toolkit {}, source {}\n", trial.recorded_at, provenance.toolkit,
               provenance.source_digest);
    if (answer.stack != nullptr) {
        print_stack(*answer.stack);
    }
}

int show(const BestArguments& arguments, const Answer& answer) {
    arguments.json ? print_json(answer) : print_text(answer);
    return kDone;
}

int show_stack(const BestArguments& arguments, const Target& target) {
    const Workload workload = read_workload(arguments.workload);
    const std::optional<StackChoice> stack = recorded_stack(arguments.database, workload, target, arguments.layers);
    return stack ? show(arguments, {workload, stack->choice, nullptr, &*stack})
                 : nothing_found(not_tuned(workload.key(), target, arguments.database));
}

int show_best(const BestArguments& arguments) {
    const Target target = chosen_target(arguments.target);
    if (arguments.layers > 0) {
        return show_stack(arguments, target);
    }
    const bool is_own = names_own_kernel(arguments.workload);
    const auto own = is_own ? own_kernel_for(arguments.workload, target) : nullptr;
    const Workload workload = own ? workload_of(*own) : read_workload(arguments.workload);
    const std::optional<Choice> choice =
        own ? recorded_best(arguments.database, *own, target) : recorded_best(arguments.database, workload, target);
    if (!choice) {
        return nothing_found(not_tuned(own ? arguments.workload : workload.key(), target, arguments.database));
    }
    return show(arguments, {workload, *choice, own.get()});
}

}  // namespace

Command best_command() {
    auto arguments = std::make_shared<BestArguments>();
    return {
        .arguments = {workload_argument(arguments->workload),
                      target_option(arguments->target),
                      database_option(arguments->database),
                      layers_option(arguments->layers),
                      {.name = "--json", .value = &arguments->json, .meaning = "print one JSON object"}},
        .notes =
            "Where this very workload was not tuned, the nearest of the same fixed dimensions answers, and is named.\n"
            "Examples:\n"
            "  warpsmith best \"lstm T=128 B=16 N=4 D=64 dtype=bf16\" --target h200\n"
            "  warpsmith best \"lstm T=1024 B=16 N=1 D=256 dtype=bf16\" --layers 4\n"
            "  warpsmith best \"scan T=4096 B=8 D=512 dtype=f32\" --target h200 --json",
        .run = [arguments] { return show_best(*arguments); }};
}

}  // namespace warpsmith
