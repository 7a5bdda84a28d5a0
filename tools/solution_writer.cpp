#include "tools/solution_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

constexpr std::size_t kMostKnown = 1U << 14U;   // values of one variable; those beyond are written anew each time
constexpr std::size_t kFlushBytes = 1U << 16U;  // what a pipe holds

std::string in_json(const auto& value) {
    return nlohmann::ordered_json(value).dump();
}

}  // namespace

SolutionWriter::SolutionWriter(std::shared_ptr<const Scope> scope, bool json, std::FILE* file)
    : scope_(std::move(scope)), json_(json), file_(file) {
    for (const Variable& variable : scope_->variables) {
        const std::string name = json ? in_json(variable.name) + ":" : variable.name + "=";
        names_.push_back((names_.empty() ? "" : json ? "," : " ") + name);
        known_.emplace_back(std::min(variable.values.size(), kMostKnown));
    }
}

void SolutionWriter::write(const SolutionTable& solutions) {
    for (std::size_t row = 0; row < solutions.rows(); ++row) {
        lines_ += json_ ? "{" : "";
        for (std::size_t variable = 0; variable < names_.size(); ++variable) {
            append(variable, solutions.code(row, variable));
        }
        lines_ += json_ ? "}\n" : "\n";
        if (lines_.size() >= kFlushBytes) {
            flush();
        }
    }
    flush();
}

std::string SolutionWriter::written(std::size_t variable, std::uint32_t code) const {
    const Value& value = scope_->variables[variable].values[code];
    return names_[variable] +
           (json_ ? std::visit([](const auto& content) { return in_json(content); }, value) : to_string(value));
}

void SolutionWriter::append(std::size_t variable, std::uint32_t code) {
    if (code >= known_[variable].size()) {
        lines_ += written(variable, code);
        return;
    }
    std::string& text = known_[variable][code];
    if (text.empty()) {
        text = written(variable, code);
    }
    lines_ += text;
}

void SolutionWriter::flush() {
    const bool taken = std::fwrite(lines_.data(), 1, lines_.size(), file_) == lines_.size();
    lines_.clear();
    if (!taken || std::fflush(file_) != 0) {
        throw Error("writing solutions: not all of them were taken; is the disk full?");
    }
}

}  // namespace warpsmith
