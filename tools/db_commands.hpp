// The commands of `warpsmith db`, one file each.
#pragma once

#include "tools/command.hpp"

namespace warpsmith {

Command db_check_command();
Command db_list_command();
Command db_merge_command();

}  // namespace warpsmith
