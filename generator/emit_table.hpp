// The part of an emitted header that belongs to one family, dtype and set of options.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "generator/emit.hpp"

namespace warpsmith {

// A C++ name from a family, a dtype and the options that are not the default: "lstm_bf16".
std::string table_name(const Family& family, const Workload& workload);

// How the rows of a table get at their kernels.
struct KernelText {
    std::function<std::string(const TunedKernel&)> kernel;  // an expression: what launch_kernel takes first
    std::function<std::string(const TunedKernel&)> gpu;     // of rows that say which GPUs they are for; else none
};

// Rows of one table: sizes, arguments, a launch for each, `rows`, `find_row` and `launch`.
std::string emit_table(const Family& family, const std::vector<const TunedKernel*>& rows, const KernelText& texts);

}  // namespace warpsmith
