// A configuration turned into source: what the compiler is given, and the digest that names it.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "templates/family.hpp"
#include "templates/source_files.hpp"

namespace warpsmith {

// Everything that decides what the compiler makes, the compiler itself excepted.
struct Source {
    std::string text;                                          // one #include of the kernel's header
    std::string name_expression;                               // "scan_forward<ScanConfig{.threads = 128}, float>"
    std::vector<std::string> options;                          // for NVRTC, in order, include paths excepted
    std::vector<std::pair<std::string, std::string>> headers;  // path and text of every header of ours it reaches
    std::string digest;                                        // 32 hexadecimal digits over all of the above
};

// The source of one configuration of a workload for a target.
Source render(const Family& family, const Workload& workload, const Config& config, const Target& target,
              std::span<const SourceFile> sources = source_files());

// "scan_forward<ScanConfig{.threads = 128, .items = 4}, float>"
std::string name_expression(const Entry& entry, const std::string& config_struct, const Config& config);

// The headers of `sources` that `header` reaches through #include "...", itself last, each once, in an order in which
// they can be pasted one after another. Throws Error naming an include that is not there or that goes in a circle.
std::vector<std::pair<std::string, std::string>> header_closure(const std::string& header,
                                                                std::span<const SourceFile> sources = source_files());

// XXH3-128 over everything in the source but its digest.
std::string digest_of(const Source& source);

}  // namespace warpsmith
