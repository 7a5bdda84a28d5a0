// warpsmith db: a table of what can be done with a tuning database.
#include <array>

#include "tools/db_commands.hpp"

namespace warpsmith {
namespace {

constexpr std::array kCommands = {
    NamedCommand{"check", "whether it is sound, and what can be saved where it is not", db_check_command},
    NamedCommand{"list", "the newest trial of every configuration, newest first", db_list_command},
    NamedCommand{"model", "how well the model ranks what was measured", db_model_command},
    NamedCommand{"merge", "add the trials of other databases", db_merge_command},
    NamedCommand{"export", "write results as Kernel Tuner, T4 tools or Kernel Launcher read them", db_export_command},
    NamedCommand{"import", "read results of Kernel Tuner, T4 tools or Kernel Launcher", db_import_command},
};

}  // namespace

Command db_command() {
    return {.notes =
                "warpsmith db COMMAND --help tells more, with examples.\n"
                "Examples:\n"
                "  warpsmith db list --db tuning.db",
            .commands = kCommands};
}

}  // namespace warpsmith
