// Reads what a T1 file says of a kernel's arguments, and of what outputs are compared with.
#pragma once

#include <string>

#include "cache/own_kernel/own_kernel.hpp"
#include "cache/own_kernel/t1_cursor.hpp"

namespace warpsmith {

// Adds arguments and checks to a kernel whose space is read; files are relative to the folder.
void read_arguments(OwnKernel& kernel, const T1Cursor& spec, const std::string& folder);

}  // namespace warpsmith
