// The commands of `warpsmith db`, one file each.
#pragma once

#include "tools/command.hpp"

namespace warpsmith {

Command db_check_command();
Command db_export_command();
Command db_import_command();
Command db_list_command();
Command db_merge_command();
Command db_model_command();

// The format of other tuners' results, as import and export take it.
Argument format_option(std::string& format);

}  // namespace warpsmith
