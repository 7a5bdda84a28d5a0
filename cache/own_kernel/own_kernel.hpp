// A kernel of the user's own that is to be tuned: its space, launch, arguments and what it must compute, as a T1 file
// says them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cache/own_kernel/element_type.hpp"
#include "device/device.hpp"
#include "generator/user_source.hpp"
#include "templates/family.hpp"

namespace warpsmith {

enum class FillKind : std::uint8_t { none, constant, random, generator, file };

// What a buffer or a scalar holds before a launch.
struct Fill {
    FillKind kind = FillKind::none;
    std::string constant = "0";              // a number, as it is written
    double span = 1;                         // random floats are from 0 to it, random integers from 0 to it inclusive
    std::optional<Expr> element;             // of a generator: over the element's index, variable 0
    std::string file;                        // raw and little-endian, of exactly the size
    std::optional<std::uint64_t> seed = {};  // of random values; else the run's
};

struct OwnArgument {
    std::string name;
    const ElementType* type = nullptr;
    std::uint64_t count = 1;  // elements; of a vector type, all its lanes count
    bool is_buffer = false;
    bool is_output = false;  // compared after a launch
    Fill fill;

    std::size_t bytes() const { return count * type->bytes; }
};

// How an output is compared; the largest or the summed difference may be as large as the threshold.
enum class Comparison : std::uint8_t {
    to_largest,  // each difference, as a share of the largest magnitude that is expected: where the file says nothing
    each,        // each difference: SideBySideComparison
    each_relative,  // as a share of what is expected there: SideBySideRelativeComparison
    sum,            // the sum of all differences: AbsoluteDifference
};

struct OutputCheck {
    std::size_t argument = 0;  // its place among the arguments
    Comparison comparison = Comparison::to_largest;
    double threshold = 0;
    Fill expected;  // none: what the reference configuration computes
};

struct OwnKernel {
    std::string t1_file;
    UserFile file;            // its path is the name alone: the folder is on the include path
    std::string folder;       // of the file
    std::string kernel_name;  // may be a template's instance, whose arguments may be parameters
    std::vector<std::string> compiler_options;
    Space space;  // `threads` of the launch are those of a block in all
    std::array<Expr, 3> grid = {1, 1, 1}, block = {1, 1, 1};
    std::vector<OwnArgument> arguments;
    std::vector<OwnArgument> symbols;  // __constant__ variables, by name, that are filled before a launch
    std::map<std::string, std::vector<Value>> numbered;  // values of parameters that a configuration has by position
    std::vector<OutputCheck> checks;
    std::map<std::string, std::int64_t> sizes;  // ProblemSize, by axis
    std::optional<Config> defaults;             // where every parameter has one
    std::string t1_text;
    std::string digest;    // of all that decides what a configuration computes and how it is launched, its source aside
    std::string included;  // digest of the files that `file` includes from its folder

    bool needs_reference() const;  // whether some output is compared with what a configuration computes
    LaunchShape shape(const Solution& solution) const;
};

// Reads a T1 file and the kernel file that it names, relative to it. Throws Error with file, line, column and the path
// of what cannot be used: "KernelSpecification.Arguments[2].Type".
OwnKernel read_own_kernel(const std::string& t1_file);

// Of all that the two files say, and those that they include.
std::string contents_digest(const OwnKernel& kernel);

// A constraint for each limit that the target has on a launch.
void add_launch_limits(OwnKernel& kernel, const Target& target);

// What the database knows the kernel by: the family "t1:NAME", the problem sizes as dimensions, and the digest.
Workload workload_of(const OwnKernel& kernel);

// As much of a family as the tuning loop asks: its name, dimensions and space. The kernel must outlive it.
Family family_of(const OwnKernel& kernel);

// A parameter is a macro of the compilation, unless the template arguments of the kernel's name have it.
Source source_of(const OwnKernel& kernel, const Config& config, const Target& target,
                 const std::string& toolkit_include);

// What the kernel sees of a parameter: the text of a macro or template argument.
std::string value_text(const OwnKernel& kernel, const std::string& parameter, std::int64_t in_config);

// What an argument holds before a launch; empty where nothing writes it. Throws Error when a file is missing or of
// another size.
std::vector<std::byte> contents_of(const OwnArgument& argument, const Fill& fill, std::uint64_t seed);

}  // namespace warpsmith
