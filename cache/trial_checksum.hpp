// The checksum that a trial's row carries: what SQLite cannot see, a changed byte within a value, is seen by it.
#pragma once

#include <cstdint>
#include <string>

#include "cache/trial.hpp"

namespace warpsmith {

// 32 hexadecimal digits: 16 over the trial's number in the database and all of it but its samples, with the columns of
// the workload and environment that it refers to; 16 over its number and samples. Only the latter differ where a sample
// alone is damaged.
std::string checksum(std::int64_t id, const Trial& trial);

// Whether a row's checksum is that of what was read.
bool whole_but_for_samples(const std::string& recorded, std::int64_t id, const Trial& trial);

}  // namespace warpsmith
