#include "generator/emit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "generator/digest.hpp"
#include "generator/emit_prelude.hpp"
#include "generator/emit_table.hpp"
#include "generator/include_line.hpp"
#include "generator/source.hpp"
#include "solver/error.hpp"

namespace warpsmith {
namespace {

constexpr const char* kNamespace = "warpsmith_kernels";

const Family& family_of(const Workload& workload, std::span<const Family> families) {
    for (const Family& family : families) {
        if (family.name == workload.family) {
            return family;
        }
    }
    throw Error("emitting a header: there is no family '" + workload.family + "'");
}

// Kernel headers one after another, each once, without the lines that only make sense in files of their own.
class PastedHeaders {
  public:
    void paste(const std::pair<std::string, std::string>& header) {
        const auto& [path, text] = header;
        if (!pasted_.insert(path).second) {
            return;
        }
        body_ += "// From " + path + "\n";
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
            const IncludeLine include = read_include(line);
            if (include.kind == IncludeLine::Kind::system) {
                system_headers_.insert(include.path);
            } else if (include.kind == IncludeLine::Kind::none) {
                body_ += line + "\n";
            }
        }
        body_ += "\n";
    }

    const std::string& body() const { return body_; }
    const std::set<std::string>& system_headers() const { return system_headers_; }

  private:
    std::set<std::string> pasted_;
    std::set<std::string> system_headers_ = {"cmath", "cuda_bf16.h", "cuda_fp16.h", "type_traits"};
    std::string body_;
};

// Text from a database must not end the comment that it stands in.
std::string in_comment(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == '\\'; }, ' ');
    return text;
}

std::string emit_banner(const std::vector<TunedKernel>& kernels, const std::string& library_version) {
    const Target& target = kernels.front().target;
    std::string text = fmt::format(
        "// Kernels tuned by Warpsmith {} for {} ({}).\n"
        "// This header needs CUDA 12.8 or later and nothing else: nvcc -std=c++20 -arch={}\n//\n",
        library_version, target.product, target.name, target.architecture);
    for (const TunedKernel& kernel : kernels) {
        text += fmt::format("//   {}\n//       {}\n//       {}\n", kernel.workload.key(), kernel.config.key(),
                            in_comment(kernel.provenance));
    }
    return text;
}

// nvcc 13.0 spells a struct of a namespace by its mangled name where it declares, at the end of the file and for the
// host compiler, a kernel that has such a struct as a template argument ("'_ZN1n1SE' was not declared"): so this name
// is given.
std::string emit_mangled_names(const std::set<std::string>& structs, const std::string& version) {
    std::string text = "\n";
    for (const std::string& name : structs) {
        std::string mangled = "_ZN";
        for (const std::string& part : {std::string(kNamespace), version, name}) {
            mangled += std::to_string(part.size()) + part;
        }
        text += fmt::format("using {}E = {}::{}::{};  // for nvcc\n", mangled, kNamespace, version, name);
    }
    return text;
}

void check_targets(const std::vector<TunedKernel>& kernels) {
    if (kernels.empty()) {
        throw Error("emitting a header: there is no tuned kernel to put into it; tune a workload first");
    }
    for (const TunedKernel& kernel : kernels) {
        if (kernel.target.name != kernels.front().target.name) {
            throw Error("emitting a header: the kernels are for " + kernels.front().target.name + " and for " +
                        kernel.target.name + "; emit one header for each");
        }
    }
}

}  // namespace

std::string emit_header(const std::vector<TunedKernel>& kernels, const std::string& library_version,
                        const EmitSources& sources) {
    check_targets(kernels);
    PastedHeaders headers;
    std::map<std::string, std::vector<const TunedKernel*>> tables;
    std::set<std::string> structs;
    for (const TunedKernel& kernel : kernels) {
        const Family& family = family_of(kernel.workload, sources.families);
        for (const auto& header : header_closure(family.entry(kernel.workload).header, sources.files)) {
            headers.paste(header);
        }
        structs.insert(family.config_struct);
        tables[table_name(family, kernel.workload)].push_back(&kernel);
    }
    std::string body = headers.body() + "// How the kernels are launched" + kEmittedPrelude;
    for (const auto& [name, rows] : tables) {
        body += "\n" + emit_table(family_of(rows.front()->workload, sources.families), rows);
    }

    // Two headers may meet in one program: the digest keeps their tables apart.
    Digest digest;
    digest.add(body);
    const std::string version = "v" + digest.hexadecimal();
    std::string text = emit_banner(kernels, library_version) + "#ifndef WARPSMITH_KERNELS_" + version +
                       "\n#define WARPSMITH_KERNELS_" + version + "\n\n";
    for (const std::string& header : headers.system_headers()) {
        text += "#include <" + header + ">\n";
    }
    return text +
           fmt::format(
               "\nnamespace {0} {{\ninline namespace {1} {{\n\n{2}\n}}  // namespace {1}\n}}  // namespace {0}\n",
               kNamespace, version, body) +
           emit_mangled_names(structs, version) + "\n#endif\n";
}

}  // namespace warpsmith
