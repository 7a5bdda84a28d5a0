// What a kernel is asked to compute: a family, its named dimensions, a dtype and options, and the text form of all
// that.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "templates/dtype.hpp"

namespace warpsmith {

struct Family;

struct Workload {
    std::string family;
    std::map<std::string, std::int64_t> dims;  // every dimension of the family, by name
    DType dtype = DType::f32;
    // Every option of the family, defaults filled in, but for options that came later than the family: they are there
    // where they differ from their default.
    std::map<std::string, std::string> options;

    // Both throw Error when the family has no such name: a bug in the family.
    std::int64_t dim(const std::string& name) const;
    const std::string& option(const std::string& name) const;

    // The same for an option that came later.
    std::string option_or(const std::string& name, const std::string& otherwise) const;

    // Canonical text, "lstm B=16 D=64 N=4 T=128 dtype=bf16 direction=forward": dimensions and options sorted by name,
    // defaults written out. Equal keys mean equal workloads.
    std::string key() const;

    bool operator==(const Workload&) const = default;
};

// Reads "family dim=value ... dtype=bf16 option=value" in any order. Throws Error naming the first word that does not
// fit and the nearest one that would.
Workload parse_workload(std::string_view text, std::span<const Family> families);

}  // namespace warpsmith
