#include "generator/source.hpp"

#include "generator/digest.hpp"

namespace warpsmith {

std::string name_expression(const Entry& entry, const std::string& config_struct, const Config& config) {
    std::string text = entry.function + "<" + config_struct + "{";
    for (const auto& [field, value] : config.fields) {
        text += (text.back() == '{' ? "." : ", .") + field + " = " + std::to_string(value);
    }
    text += "}";
    for (const std::string& argument : entry.template_arguments) {
        text += ", " + argument;
    }
    return text + ">";
}

std::string digest_of(const Source& source) {
    Digest digest;
    digest.add(source.text);
    digest.add(source.name_expression);
    digest.add(source.options.size());
    for (const std::string& option : source.options) {
        digest.add(option);
    }
    digest.add(source.headers.size());
    for (const auto& [path, text] : source.headers) {
        digest.add(path);
        digest.add(text);
    }
    return digest.hexadecimal();
}

Source render(const Family& family, const Workload& workload, const Config& config, const Target& target,
              std::span<const SourceFile> sources) {
    const Entry entry = family.entry(workload);
    Source source{
        .text = "#include \"" + entry.header + "\"\n",
        .name_expression = name_expression(entry, family.config_struct, config),
        // -lineinfo: the emulator and profilers name source lines; it changes no instruction.
        // -v: registers, spills and shared memory are read from the log.
        // --no-source-include: a file in the current folder must not stand in for a header of ours.
        .options = {"--gpu-architecture=" + target.architecture, "--std=c++20", "-lineinfo", "--ptxas-options=-v",
                    "--no-source-include"},
        .headers = header_closure(entry.header, sources),
        .digest = {},
    };
    source.digest = digest_of(source);
    return source;
}

}  // namespace warpsmith
