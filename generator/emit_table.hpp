// The part of an emitted header for one family, dtype and set of options: its sizes, arguments, rows and `launch`.
#pragma once

#include <string>
#include <vector>

#include "generator/emit.hpp"

namespace warpsmith {

// "lstm_bf16", "attention_bf16_mask_causal": the namespace of a workload's table. Options at their default are left
// out.
std::string table_name(const Family& family, const Workload& workload);

// `rows` are of one table and in the order in which they will stand there.
std::string emit_table(const Family& family, const std::vector<const TunedKernel*>& rows);

}  // namespace warpsmith
