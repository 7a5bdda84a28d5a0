// A folder of a test's own, deleted with everything in it when the test ends.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace warpsmith {

class ScratchFolder {
  public:
    ScratchFolder() {
        std::string pattern = testing::TempDir() + "warpsmith-XXXXXX";
        path_ = ::mkdtemp(pattern.data());
        std::filesystem::permissions(path_, std::filesystem::perms(0755));  // for what a test does as another user
    }
    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    std::string file(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_;
};

inline std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// In place where the file is there: file systems write one that is cut to nothing and filled again to the disk at once,
// which takes most of the time of a test that does it often.
inline void write_bytes(const std::string& path, std::string_view bytes) {
    const bool there = std::filesystem::exists(path);
    std::ofstream(path, there ? std::ios::in | std::ios::out | std::ios::binary : std::ios::out | std::ios::binary)
        << bytes;
    std::filesystem::resize_file(path, bytes.size());
}

}  // namespace warpsmith
