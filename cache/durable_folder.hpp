// Folders that appear on disk whole or not at all, whoever writes at the same time and whenever the power fails.
#pragma once

#include <optional>
#include <span>
#include <string>

namespace warpsmith {

struct NamedBytes {
    std::string name;
    std::string bytes;
};

// Writes the files into a temporary folder beside `folder`, synchronises them, and renames it into place. False, with
// nothing left behind, when `folder` is there already. Throws Error when the disk does not take it.
bool create_durably(const std::string& folder, std::span<const NamedBytes> files);

// Takes a folder, if it is there, away at once for all readers, then deletes it.
void remove_at_once(const std::string& folder);

// Deletes what writers that were killed left behind in `parent`.
void remove_abandoned(const std::string& parent);

// Nothing when the file cannot be read.
std::optional<std::string> read_bytes(const std::string& path);

}  // namespace warpsmith
