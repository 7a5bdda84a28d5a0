#include "tuner/worker/messages.hpp"

namespace warpsmith {

Message hello_message(const std::string& version, const std::string& setup, std::uint64_t memory_bytes) {
    return {{"version", version}, {"setup", setup}, {"memory_bytes", memory_bytes}};
}

Message stage_message(const StageStart& start) {
    return {{"stage", static_cast<int>(start.stage)}, {"launches", start.launches}};
}

Message to_message(const std::optional<DeviceFacts>& device) {
    if (!device) {
        return {{"device", nullptr}};
    }
    return {{"device", {{"name", device->name}, {"driver", device->driver}, {"measures", device->measures}}}};
}

std::optional<DeviceFacts> device_from(const Message& message) {
    const Message& device = message.at("device");
    if (device.is_null()) {
        return std::nullopt;
    }
    return DeviceFacts{.name = device.at("name"), .driver = device.at("driver"), .measures = device.at("measures")};
}

Message to_message(const RunJob& job) {
    const LaunchShape& shape = job.timed_shape;
    return {{"run",
             {{"config", job.config.key()},
              {"sizes", static_cast<int>(job.sizes)},
              {"grid", shape.grid},
              {"block", shape.block},
              {"cluster", shape.cluster},
              {"smem_bytes", shape.smem_bytes},
              {"cooperative", shape.cooperative},
              {"effort", job.effort},
              {"fastest_us", job.fastest_us},
              {"most_steps", job.most_steps}}}};
}

RunJob run_job_from(const Message& message) {
    const Message& job = message.at("run");
    return {.config = parse_config(job.at("config").get<std::string>()),
            .sizes = static_cast<Sizes>(job.at("sizes").get<int>()),
            .timed_shape = {.grid = job.at("grid"),
                            .block = job.at("block"),
                            .cluster = job.at("cluster"),
                            .smem_bytes = job.at("smem_bytes"),
                            .cooperative = job.at("cooperative")},
            .effort = job.at("effort"),
            .fastest_us = job.at("fastest_us"),
            .most_steps = job.at("most_steps")};
}

Message to_message(const JobResult& result) {
    const Resources& used = result.resources;
    return {{"done",
             {{"outcome", std::string(name(result.outcome))},
              {"note", result.note},
              {"registers", used.registers},
              {"spill_store_bytes", used.spill_store_bytes},
              {"spill_load_bytes", used.spill_load_bytes},
              {"stack_bytes", used.stack_bytes},
              {"static_smem_bytes", used.static_smem_bytes},
              {"samples_us", result.samples_us},
              {"batch_samples_us", result.batch_samples_us},
              {"max_error", result.max_error},
              {"tolerance", result.tolerance},
              {"modelled_us", result.modelled_us},
              {"bound_by", result.bound_by},
              {"steps", result.steps},
              {"compiled", result.compiled},
              {"timing_s", result.timing_s}}}};
}

JobResult result_from(const Message& message) {
    const Message& result = message.at("done");
    return {.outcome = parse_outcome(result.at("outcome").get<std::string>()).value(),
            .note = result.at("note"),
            .resources = {.registers = result.at("registers"),
                          .spill_store_bytes = result.at("spill_store_bytes"),
                          .spill_load_bytes = result.at("spill_load_bytes"),
                          .stack_bytes = result.at("stack_bytes"),
                          .static_smem_bytes = result.at("static_smem_bytes")},
            .samples_us = result.at("samples_us"),
            .batch_samples_us = result.at("batch_samples_us"),
            .max_error = result.at("max_error"),
            .tolerance = result.at("tolerance"),
            .modelled_us = result.at("modelled_us"),
            .bound_by = result.at("bound_by"),
            .steps = result.at("steps"),
            .compiled = result.at("compiled"),
            .timing_s = result.at("timing_s")};
}

}  // namespace warpsmith
