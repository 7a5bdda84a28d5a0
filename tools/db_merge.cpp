// warpsmith db merge: makes one tuning database of several.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cache/merge.hpp"
#include "tools/arguments.hpp"
#include "tools/db_commands.hpp"

namespace warpsmith {
namespace {

struct MergeArguments {
    std::string database = "tuning.db";
    std::vector<std::string> from;
    bool json = false;
};

int merge(const MergeArguments& arguments) {
    for (const MergedFile& file : merge_databases(arguments.database, arguments.from)) {
        if (arguments.json) {
            fmt::print("{}\n", nlohmann::ordered_json{{"database", arguments.database},
                                                      {"from", file.path},
                                                      {"added", file.added},
                                                      {"known", file.known},
                                                      {"imported_added", file.imported.added},
                                                      {"imported_known", file.imported.known}}
                                   .dump());
        } else {
            fmt::print("{}: {} trials added, {} known before\n", file.path, file.added, file.known);
            if (file.imported.added + file.imported.known > 0) {
                fmt::print("  and of other tuners' results {} added, {} known before\n", file.imported.added,
                           file.imported.known);
            }
        }
    }
    return kDone;
}

}  // namespace

Command db_merge_command() {
    auto arguments = std::make_shared<MergeArguments>();
    return {.arguments = {{.name = "FROM",
                           .value = &arguments->from,
                           .meaning = "databases whose trials are added",
                           .shown = "...",
                           .required = true},
                          database_option(arguments->database),
                          {.name = "--json", .value = &arguments->json, .meaning = "print one JSON object per file"}},
            .notes =
                "What is there already is not added again; the other files are not changed.\n"
                "Examples:\n"
                "  warpsmith db merge --db all.db node1.db node2.db",
            .run = [arguments] { return merge(*arguments); }};
}

}  // namespace warpsmith
