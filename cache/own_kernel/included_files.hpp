// The files of the user's own that a kernel file includes: what they say is part of what is compiled.
#pragma once

#include <string>

namespace warpsmith {

// A digest of every file that `text` includes between quotes, from the folder or one below it, and that those include.
// Files that are not there are the compiler's to find, or to complain about.
std::string digest_of_included(const std::string& folder, const std::string& text);

}  // namespace warpsmith
