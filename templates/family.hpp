// What a kernel family says of itself: its dimensions, its space of configurations, its kernel and its mathematics.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "solver/model.hpp"
#include "solver/search.hpp"
#include "templates/target.hpp"
#include "templates/tensor.hpp"
#include "templates/workload.hpp"

namespace warpsmith {

// Fixed dimensions are compiled into the kernel; runtime ones are passed at launch and looked up by nearest.
enum class Binding : std::uint8_t { fixed, runtime };

struct Dimension {
    std::string name;
    Binding binding = Binding::runtime;
    std::string meaning;
};

struct Option {
    std::string name;
    std::vector<std::string> values;  // the first is the default
    std::string meaning;
    // Came after the family: its default is not written in keys, so that what was recorded before stays what it is.
    bool later = false;
};

// One value per tuned parameter: exactly the fields of the kernel's Config struct, in the order of the struct.
struct Config {
    std::vector<std::pair<std::string, std::int64_t>> fields;

    std::int64_t operator[](std::string_view field) const;  // throws Error when there is no such field
    std::string key() const;                                // "warps=4 batch=16"
    bool operator==(const Config&) const = default;
};

// Reads "warps=4 batch=16" (spaces or commas). Throws Error with the word that is not name=integer.
Config parse_config(std::string_view text);

// How a configuration is launched, as expressions over the variables of its space. Cluster is 1 where there is none.
// A runtime dimension stands in them, and in the constraints, as a definition of its own name (model.define("L",
// workload.dim("L"))), so that an emitted header and a lookup can compute the same from the sizes that they are called
// with; value lists do not depend on it.
struct LaunchGeometry {
    Expr grid_x = 1, grid_y = 1, grid_z = 1;
    Expr threads = 32;     // per block, one-dimensional
    Expr cluster = 1;      // blocks along x
    Expr smem_bytes = 0;   // dynamic shared memory
    Expr cooperative = 0;  // 1 where blocks wait for each other, and all are resident together; else 0
};

// What a launch does, from which a time is modelled. Amounts are of one block and one of its serial steps (a time step,
// a tile of keys), over all threads of the block, padding included; device_bytes alone is of the whole launch.
struct Work {
    Expr steps = 1;           // that a block does one after another; where blocks differ, their mean
    Expr tensor_macs = 0;     // multiply-adds on tensor cores, by warps (mma.sync)
    Expr warpgroup_macs = 0;  // the same by warpgroups (wgmma)
    Expr fma = 0;             // f32 arithmetic instructions, per thread
    Expr special = 0;         // ex2, tanh, rcp and the like, per thread
    Expr shared_bytes = 0;    // between shared memory and registers
    Expr l2_bytes = 0;        // between L2 and the SM
    Expr latency_cycles = 0;  // of the longest chain in a step, as if the block were alone on its SM
    Expr device_bytes = 0;    // between device memory and L2, of the whole launch: what is read twice counts once
};

// Every configuration that fits a workload and a target.
struct Space {
    Model model;  // its variables are the Config fields
    LaunchGeometry launch;
    Work work;
};

// The kernel that a workload needs: `function<Config{...}, template_arguments...>` of the file `header`.
struct Entry {
    std::string header;    // path below templates/: "scan/kernel.cuh"
    std::string function;  // "scan_forward"
    std::vector<std::string> template_arguments;
};

// A dimension of the workload passed to the kernel as a 32-bit int.
struct DimensionParameter {
    std::string name;
};

// A number that follows from the fixed dimensions and the options, passed as f32.
struct NumberParameter {
    std::string name;
    float value = 0;
};

// One kernel parameter: a tensor by name, a dimension by name, or a number.
using Parameter = std::variant<std::string, DimensionParameter, NumberParameter>;

// Plain data and pure functions; one value per folder of templates/, made by its spec.cpp.
struct Family {
    std::string name;
    std::string summary;
    std::vector<Dimension> dimensions;
    std::vector<DType> dtypes;
    std::vector<Option> options;
    std::vector<std::string> gates;  // of a recurrent cell, in the order of the G axis; else empty
    std::string config_struct;       // "ScanConfig", defined in the kernel's header or in one it includes

    std::function<Entry(const Workload&)> entry;
    std::function<Space(const Workload&, const Target&)> space;
    std::function<std::vector<TensorSpec>(const Workload&)> tensors;                      // inputs, then outputs
    std::function<std::vector<Parameter>(const Workload&)> parameters;                    // in the kernel's order
    std::function<Tensors(const Workload&, std::uint64_t seed)> inputs;                   // values of every input
    std::function<Tensors(const Workload&, const Tensors& inputs, Precision)> reference;  // values of every output
    std::function<Workload(const Workload&)>
        reduced;            // same compiled kernel, smallest runtime sizes that reach all of it
    std::string cases;      // text of cases.txt: one workload per line, # comments
    std::string file = {};  // of the user's own, which commands name in place of the family; else empty
};

// Every family of templates/, by name.
std::span<const Family> built_in_families();

// These and the user's own.
std::span<const Family> families();

// A family of the user's own, from now on and for this process, with the source file that its kernels begin with. To be
// called before other threads ask for families. Throws Error where the name is taken. The same one again changes
// nothing.
void add_family(Family family, const std::string& path, const std::string& source);

// Throws Error naming the nearest family.
const Family& find_family(std::string_view name);

// The configuration that a solution of the family's space stands for.
Config to_config(const Solution& solution, const Space& space);

// The workloads of a family's cases.
std::vector<Workload> case_workloads(const Family& family);

}  // namespace warpsmith
