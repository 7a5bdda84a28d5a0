// Arguments that several subcommands share, and what they stand for.
#pragma once

#include <string>
#include <vector>

#include "generator/toolkit.hpp"
#include "templates/target.hpp"
#include "tools/command.hpp"

namespace warpsmith {

Argument workload_argument(std::string& workload);
Argument workloads_argument(std::vector<std::string>& workloads);
Argument space_argument(std::string& space);
Argument brackets_option(bool& counted);
Argument target_option(std::string& target);
Argument database_option(std::string& path);
Argument toolkit_option(std::string& folder);
Argument layers_option(std::uint64_t& layers);
Argument jobs_option(std::uint64_t& jobs);

// "local", a name of the table or a JSON file; where empty, the local GPU if there is one, else an H200, which is said
// on standard error.
Target chosen_target(const std::string& argument);

// The folder given if there is one, else the first complete one of: CUDA_HOME, CUDA_PATH, the one the program was built
// with, the one that nvcc in PATH belongs to. Throws Error saying what is missing where.
Toolkit chosen_toolkit(const std::string& argument);

// The value of an environment variable, empty where it is not set.
std::string environment(const char* name);

bool is_file(const std::string& path);

// Where the kernels that a database speaks of are kept: beside it.
std::string kernel_folder(const std::string& database);

}  // namespace warpsmith
