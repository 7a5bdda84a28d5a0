#include "generator/emit.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "generator/digest.hpp"
#include "generator/emit_images.hpp"
#include "generator/emit_own.hpp"
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

// NVRTC knows neither the runtime nor the host's library.
constexpr const char* kHostOnly = "#ifndef __CUDACC_RTC__\n\n";
constexpr const char* kEndOfHostOnly = "\n#endif  // __CUDACC_RTC__\n";

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
                if (const std::string_view macro = defined_macro(line); !macro.empty()) {
                    macros_.emplace(macro);
                }
            }
        }
        body_ += "\n";
    }

    const std::string& body() const { return body_; }
    // Namespaces do not hold macros: what follows is to be as if there were none.
    std::string ending() const {
        std::string text;
        for (const std::string& macro : macros_) {
            text += "#undef " + macro + "\n";
        }
        return text;
    }
    const std::set<std::string>& system_headers() const { return system_headers_; }

  private:
    std::set<std::string> pasted_;
    std::set<std::string> macros_;
    std::set<std::string> system_headers_ = {"cuda_bf16.h", "cuda_fp16.h"};
    std::string body_;
};

// Text from a database must not end the comment that it stands in.
std::string in_comment(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == '\\'; }, ' ');
    return text;
}

std::string emit_row_comment(const std::string& workload, const std::string& config, const Target& target,
                             const std::string& provenance) {
    return fmt::format("//   {} on {}\n//       {}\n//       {}\n", in_comment(workload), target.name,
                       in_comment(config), in_comment(provenance));
}

std::string emit_rows_comment(const std::vector<TunedKernel>& kernels) {
    std::string text = "//\n";
    for (const TunedKernel& kernel : kernels) {
        text += emit_row_comment(kernel.workload.key(), kernel.config.key(), kernel.target, kernel.provenance);
    }
    return text;
}

std::string emit_banner(const std::vector<TunedKernel>& kernels, const std::string& library_version) {
    const Target& target = kernels.front().target;
    return fmt::format(
               "// Kernels tuned by Warpsmith {} for {} ({}).\n"
               "// This header needs CUDA 12.8 or later and nothing else: nvcc -std=c++20 -arch={}\n",
               library_version, target.product, target.name, target.architecture) +
           emit_rows_comment(kernels);
}

std::string emit_image_banner(const std::vector<TunedKernel>& kernels, std::span<const TunedOwnKernel> own,
                              const std::string& library_version, ImageKind kind) {
    std::set<std::string> products;
    const auto add = [&](const Target& target) {
        products.insert(fmt::format("{} ({})", target.product, target.name));
    };
    for (const TunedKernel& kernel : kernels) {
        add(kernel.target);
    }
    std::string rows = emit_rows_comment(kernels);
    for (const TunedOwnKernel& kernel : own) {
        add(kernel.target);
        rows += emit_row_comment(kernel.workload, kernel.config, kernel.target, kernel.provenance);
    }
    return fmt::format(
               "// Kernels tuned by Warpsmith {} for {}, as {}.\n"
               "// This header needs the CUDA runtime, 12.8 or later, and nothing else: c++ -std=c++17 ... -lcudart\n",
               library_version, fmt::join(products, ", "), kind == ImageKind::ptx ? "PTX" : "machine code") +
           rows;
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

void check_any(bool any) {
    if (!any) {
        throw Error("emitting a header: there is no tuned kernel to put into it; tune a workload first");
    }
}

void check_targets(const std::vector<TunedKernel>& kernels) {
    check_any(!kernels.empty());
    for (const TunedKernel& kernel : kernels) {
        if (kernel.target.name != kernels.front().target.name) {
            throw Error("emitting a header: the kernels are for " + kernels.front().target.name + " and for " +
                        kernel.target.name + "; emit one header for each, or embed compiled kernels");
        }
    }
}

using Tables = std::map<std::string, std::vector<const TunedKernel*>>;

std::string emit_tables(const Tables& tables, std::span<const Family> families, const KernelText& texts) {
    std::string text;
    for (const auto& [name, rows] : tables) {
        text += "\n" + emit_table(family_of(rows.front()->workload, families), rows, texts);
    }
    return text;
}

// Two headers may meet in one program: the digest keeps their tables apart.
std::string version_of(const std::string& body) {
    Digest digest;
    digest.add(body);
    return "v" + digest.hexadecimal();
}

// Not an inline namespace: a call with an argument of one header's would find another header's templates, too.
std::string wrap(const std::string& includes, const std::string& body, const std::string& ending = "") {
    const std::string version = version_of(body);
    return fmt::format(
        "#ifndef WARPSMITH_KERNELS_{0}\n#define WARPSMITH_KERNELS_{0}\n\n{1}\nnamespace {2} {{\nnamespace {0} {{\n\n"
        "{3}\n}}  // namespace {0}\nusing namespace {0};\n}}  // namespace {2}\n{4}\n#endif\n",
        version, includes, kNamespace, body, ending);
}

std::string include_lines(const std::set<std::string>& headers) {
    std::string text;
    for (const std::string& header : headers) {
        text += "#include <" + header + ">\n";
    }
    return text;
}

bool is_built_in(const std::string& header) {
    return std::ranges::find(built_in_source_files(), header, &SourceFile::path) != built_in_source_files().end();
}

// Kernels whose files can stand in one namespace: those of the tree, or of one file of the user's own. Two of those may
// use a name for two things, and a template that both need calls what is declared beside it.
std::string emit_part(const std::vector<const TunedKernel*>& kernels, const EmitSources& sources) {
    PastedHeaders headers;
    Tables tables;
    std::set<std::string> structs;
    for (const TunedKernel* kernel : kernels) {
        const Family& family = family_of(kernel->workload, sources.families);
        for (const auto& header : header_closure(family.entry(kernel->workload).header, sources.files)) {
            headers.paste(header);
        }
        structs.insert(family.config_struct);
        tables[table_name(family, kernel->workload)].push_back(kernel);
    }
    const KernelText texts{.kernel =
                               [&](const TunedKernel& tuned) {
                                   const Family& family = family_of(tuned.workload, sources.families);
                                   return name_expression(family.entry(tuned.workload), family.config_struct,
                                                          tuned.config);
                               },
                           .gpu = nullptr};
    const std::string body = headers.body() + kHostOnly + "// How the kernels are launched" + kEmittedPrelude +
                             kEmittedSourcePrelude + emit_tables(tables, sources.families, texts) + kEndOfHostOnly;
    return wrap(
        include_lines(headers.system_headers()) + kHostOnly + "#include <cmath>\n#include <type_traits>\n#endif\n",
        body, emit_mangled_names(structs, version_of(body)) + headers.ending());
}

}  // namespace

std::string emit_header(const std::vector<TunedKernel>& kernels, const std::string& library_version,
                        const EmitSources& sources) {
    check_targets(kernels);
    std::map<std::string, std::vector<const TunedKernel*>> parts;  // by the file that is not of the tree
    for (const TunedKernel& kernel : kernels) {
        const std::string header = family_of(kernel.workload, sources.families).entry(kernel.workload).header;
        parts[is_built_in(header) ? "" : header].push_back(&kernel);
    }
    std::string text = emit_banner(kernels, library_version);
    for (const auto& [header, its_kernels] : parts) {
        text += emit_part(its_kernels, sources);
    }
    return text;
}

std::string emit_image_header(const std::vector<TunedKernel>& kernels, ImageKind kind,
                              const std::string& library_version, std::span<const Family> families,
                              std::span<const TunedOwnKernel> own) {
    check_any(!kernels.empty() || !own.empty());
    Tables tables;
    for (const TunedKernel& kernel : kernels) {
        tables[table_name(family_of(kernel.workload, families), kernel.workload)].push_back(&kernel);
    }
    EmittedImages images;
    const auto kernel = [&](const TunedKernel& tuned) {
        return images.kernel(tuned.image, tuned.image_entry, tuned.workload.key());
    };
    const auto gpu = [&](const auto& tuned) { return image_gpu(tuned.target, kind); };
    std::string rows = emit_tables(tables, families, {.kernel = kernel, .gpu = gpu});
    std::map<std::string, std::vector<const TunedOwnKernel*>> own_tables;
    for (const TunedOwnKernel& tuned : own) {
        own_tables[tuned.name].push_back(&tuned);
    }
    const auto own_kernel = [&](const TunedOwnKernel& tuned) {
        return images.kernel(tuned.image, tuned.image_entry, tuned.workload);
    };
    for (const auto& [name, its_rows] : own_tables) {
        rows += "\n" + emit_own_table(its_rows, {.kernel = own_kernel, .gpu = gpu});
    }
    return emit_image_banner(kernels, own, library_version, kind) +
           wrap(include_lines({"cmath", "cstring", "cuda_bf16.h", "cuda_fp16.h", "cuda_runtime_api.h", "tuple"}),
                std::string("// How the kernels are launched") + kEmittedPrelude + kEmittedImagePrelude + "\n" +
                    images.text() + rows);
}

}  // namespace warpsmith
