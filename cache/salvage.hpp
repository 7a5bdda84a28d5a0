// What can be saved of a tuning database that is damaged: whole trials, read from its pages and told by their
// checksums.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cache/imported.hpp"
#include "cache/trial.hpp"

namespace warpsmith {

struct Salvaged {
    std::vector<Trial> trials;           // in the order in which they were recorded
    std::vector<ImportedFile> imported;  // results of other tuners
    std::size_t without_samples = 0;     // of them: their samples were damaged and are left out
    std::size_t unsealed = 0;            // of them: of a schema without checksums, so that a changed byte may go unseen
    std::size_t lost = 0;                // trials and results that are known to have been there, at least
};

// Reads the file as it is; it needs to be no SQLite database any more. Throws Error only when it cannot be read.
Salvaged salvage(const std::string& path);

}  // namespace warpsmith
