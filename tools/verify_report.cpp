#include "tools/verify_report.hpp"

#include <fmt/format.h>

#include "tools/finding_report.hpp"
#include "tools/profile_report.hpp"
#include "tools/run_report.hpp"
#include "tools/table.hpp"

namespace warpsmith {
namespace {

using Json = nlohmann::ordered_json;

std::string outputs_table(const Verification& verification) {
    std::vector<TableRow> rows = {{"output", "largest error", "tolerance", "result"}};
    for (const OutputError& output : verification.outputs) {
        rows.push_back({output.tensor, fmt::format("{:.3e}", output.max_error), fmt::format("{:.3e}", output.tolerance),
                        output.within() ? "within" : "WRONG"});
    }
    return verification.outputs.empty() ? std::string() : table(rows);
}

Json config_json(const Config& config) {
    Json json = Json::object();
    for (const auto& [name, value] : config.fields) {
        json[name] = value;
    }
    return json;
}

Json outputs_json(const Verification& verification) {
    Json json = Json::array();
    for (const OutputError& output : verification.outputs) {
        json.push_back({{"name", output.tensor},
                        {"max_error", output.max_error},
                        {"tolerance", output.tolerance},
                        {"within", output.within()}});
    }
    return json;
}

}  // namespace

Json verify_json(const VerifyReport& report) {
    const Verification& verification = report.verification;
    Json json = {{"workload", report.workload.key()},
                 {"target", report.target.name},
                 {"device", report.device},
                 {"config", config_json(report.config)},
                 {"status", verification.ok() ? "verified" : "failed"},
                 {"outputs", outputs_json(verification)},
                 {"findings", findings_json(verification.launch.findings)},
                 {"defects", verification.defects}};
    if (!verification.launch.error.empty()) {
        json["error"] = verification.launch.error;
    }
    if (report.modelled_from_counts) {
        json["counts"] = counts_json(*verification.launch.counts);
        json["modelled"] = modelled_json(report.modelled, report.target);
        json["modelled_from_counts"] = modelled_json(*report.modelled_from_counts, report.target);
    }
    return json;
}

std::string verify_text(const VerifyReport& report) {
    const Verification& verification = report.verification;
    SourceLines source;
    std::string text = fmt::format("{} on {}, run on {}\nconfig {} ({})\n", report.workload.key(), report.target.name,
                                   report.device, report.config.key(), report.why);
    text += outputs_table(verification);
    if (!verification.launch.error.empty()) {
        text += fmt::format("the launch failed: {}\n", verification.launch.error);
    }
    text += findings_text(verification.launch.findings, source);
    for (const std::string& defect : verification.defects) {
        text += defect + "\n";
    }
    if (report.modelled_from_counts) {
        text += profile_text(*verification.launch.counts, source) +
                modelled_text(report.modelled, report.target, "what the family says of its kernel") +
                modelled_text(*report.modelled_from_counts, report.target, "the counts");
    }
    return text + (verification.ok() ? "verified\n" : "NOT verified\n");
}

}  // namespace warpsmith
