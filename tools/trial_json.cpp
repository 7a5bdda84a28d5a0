#include "tools/trial_json.hpp"

namespace warpsmith {

nlohmann::ordered_json config_json(const std::string& key) {
    nlohmann::ordered_json object = nlohmann::ordered_json::object();
    for (const auto& [field, value] : parse_config(key).fields) {
        object[field] = value;
    }
    return object;
}

nlohmann::ordered_json to_json(const Trial& trial) {
    const Provenance& provenance = trial.provenance;
    const Resources& resources = trial.resources;
    return {{"workload", trial.workload.key()},
            {"target", provenance.target},
            {"config", config_json(trial.config)},
            {"outcome", name(trial.outcome)},
            {"note", trial.note},
            {"time_us", trial.median_us},
            {"time_kind", name(trial.kind)},
            {"modelled_us", trial.modelled_us},
            {"samples_us", trial.samples_us},
            {"registers", resources.registers},
            {"spill_bytes", resources.spill_store_bytes + resources.spill_load_bytes},
            {"static_smem_bytes", resources.static_smem_bytes},
            {"verified_on", trial.verified_on},
            {"max_error", trial.max_error},
            {"tolerance", trial.tolerance},
            {"architecture", provenance.architecture},
            {"device", provenance.device},
            {"driver", provenance.driver},
            {"toolkit", provenance.toolkit},
            {"source_digest", provenance.source_digest},
            {"compile_options", provenance.compile_options},
            {"library_version", provenance.library_version},
            {"recorded_at", trial.recorded_at}};
}

}  // namespace warpsmith
