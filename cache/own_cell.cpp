#include "cache/own_cell.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "device/device.hpp"
#include "generator/digest.hpp"
#include "solver/error.hpp"
#include "templates/recurrent/traced_cell.hpp"
#include "templates/source_files.hpp"

namespace warpsmith {
namespace {

bool is_word(char c) {
    return (std::isalnum(static_cast<unsigned char>(c)) != 0) || c == '_';
}

// The name of the last struct in front of the function `step`.
std::string cell_struct(const OwnCell& cell) {
    const std::string& text = cell.text;
    std::size_t step = text.rfind(" step(");
    std::size_t at = step == std::string::npos ? step : text.rfind("struct ", step);
    if (at == std::string::npos) {
        throw Error(
            fmt::format("reading the cell in {}: there is no struct with a function step(x, r, state); "
                        "docs/recurrent.md shows one",
                        cell.path));
    }
    at += std::string_view("struct ").size();
    std::size_t end = at;
    while (end < text.size() && is_word(text[end])) {
        ++end;
    }
    return text.substr(at, end - at);
}

std::string family_name(const OwnCell& cell) {
    std::string name = std::filesystem::path(cell.path).stem().string();
    if (name.empty() || !std::all_of(name.begin(), name.end(), is_word)) {
        throw Error(
            fmt::format("reading the cell in {}: its family is called as the file is, so let that be letters, "
                        "digits and underscores before .cuh",
                        cell.path));
    }
    return name;
}

constexpr const char* kProjectedKernels = "recurrent/projected_kernel.cuh";

// All that it may include, and itself.
std::vector<SourceFile> sources_with(const OwnCell& cell, const std::string& header) {
    std::vector<SourceFile> sources(source_files().begin(), source_files().end());
    sources.push_back({header, cell.text});
    return sources;
}

// Whether the file includes a header of the templates, or one that does.
bool includes(const OwnCell& cell, const std::string& header, const std::string& other) {
    const auto closure = header_closure(header, sources_with(cell, header));
    return std::ranges::any_of(closure, [&](const auto& found) { return found.first == other; });
}

// The file's own headers, and the trace that describe_cell writes.
Source describing_source(const OwnCell& cell, const std::string& header, const std::string& type) {
    const std::vector<SourceFile> sources = sources_with(cell, header);
    Source source{.text = fmt::format("#include \"{}\"\n#include \"recurrent/describe.cuh\"\n", header),
                  .name_expression = fmt::format("describe_cell<{}>", type),
                  .options = {"--gpu-architecture=compute_90a", "--std=c++20", "--no-source-include"},
                  .headers = header_closure(header, sources),
                  .digest = {}};
    for (const auto& found : header_closure("recurrent/describe.cuh", sources)) {
        if (std::ranges::none_of(source.headers, [&](const auto& there) { return there.first == found.first; })) {
            source.headers.push_back(found);
        }
    }
    source.digest = digest_of(source);
    return source;
}

std::vector<std::int32_t> described(const OwnCell& cell, const Compiled& compiled) {
    constexpr std::size_t kWords = 4096;  // more than the longest trace takes
    const std::unique_ptr<Device> device = make_emulator({});
    const Buffer buffer = device->allocate(kWords * sizeof(std::int32_t));
    std::vector<std::int32_t> words(kWords);
    device->write(buffer, std::as_bytes(std::span(words)));
    const LaunchOutcome outcome = device->load(compiled)->launch({}, std::vector<KernelArgument>{buffer});
    if (!outcome.ok()) {
        throw Error(fmt::format("reading the trace of the cell in {}: {}", cell.path, outcome.error));
    }
    device->read(buffer, std::as_writable_bytes(std::span(words)));
    return words;
}

}  // namespace

OwnCell read_own_cell(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw Error(fmt::format("reading the cell in {}: there is no such file, or it cannot be read", path));
    }
    return {path, std::string(std::istreambuf_iterator<char>(file), {})};
}

std::string add_own_cell(const OwnCell& cell, const Toolkit& toolkit) {
    std::string name = family_name(cell);
    const std::string type = cell_struct(cell), header = "own/" + name + ".cuh";
    const Compiled compiled = Compiler(toolkit).compile(describing_source(cell, header, type));
    if (!compiled.ok) {
        throw Error(fmt::format("compiling the cell {} in {} with numbers that write down what is done with them: {}",
                                type, cell.path, compiled.log));
    }
    const TracedCell traced = read_traced_cell(described(cell, compiled));
    if (traced.projects && !includes(cell, header, kProjectedKernels)) {
        throw Error(fmt::format("reading the cell in {}: its h is projected, whose kernels are others; include \"{}\"",
                                cell.path, kProjectedKernels));
    }
    Family family = traced_family(name, type, header, traced);
    family.file = cell.path;
    add_family(std::move(family), header, cell.text);
    return name;
}

std::string command_text(std::string_view key) {
    const std::string_view name = key.substr(0, key.find(' '));
    const auto family = std::ranges::find(families(), name, &Family::name);
    if (family == families().end() || family->file.empty()) {
        return std::string(key);
    }
    return family->file + std::string(key.substr(name.size()));
}

}  // namespace warpsmith
