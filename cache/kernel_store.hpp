// Compiled kernels on disk, named by the digest of their source and the version of their compiler.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "generator/compile.hpp"

namespace warpsmith {

// An entry of a kernel store that is only read, or nothing when there is none or it is damaged.
std::optional<Compiled> load_kernel(const std::string& folder, const std::string& digest, const std::string& toolkit);

// Whether there is one, be it damaged.
bool has_entry(const std::string& folder, const std::string& digest, const std::string& toolkit);

// A folder with one subfolder per compiled kernel. Entries appear whole or not at all, whoever else writes at the same
// time and whenever the power fails: they are written beside, synchronised, and renamed into place.
class KernelStore {
  public:
    // Creates the folder. Throws Error when it cannot be written.
    explicit KernelStore(std::string folder);

    // As load_kernel().
    std::optional<Compiled> load(const std::string& digest, const std::string& toolkit) const {
        return load_kernel(folder_, digest, toolkit);
    }

    struct Fetched {
        Compiled kernel;
        bool compiled = false;  // just now
    };

    // The kernel of that digest and toolkit: the store's, else what `compile` makes, which is kept where it compiled.
    // Where several threads or processes want the same at once, one compiles and the others wait for it; when that one
    // dies, the next goes on.
    Fetched load_or_compile(const std::string& digest, const std::string& toolkit,
                            const std::function<Compiled()>& compile) const;

    // Keeps a kernel that compiled. Throws Error when the disk does not take it.
    void save(const Compiled& compiled) const;

    const std::string& folder() const { return folder_; }

  private:
    std::string folder_;
};

}  // namespace warpsmith
