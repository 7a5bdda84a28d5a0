// A turn at something that only one process or thread should do at a time; it ends with its holder, however that ends.
#pragma once

#include <string>

namespace warpsmith {

class FileClaim {
  public:
    // Waits until nobody else claims the file, which is made for it and is nothing but the claim. Where the file system
    // has no locks, or the file cannot be made, nobody waits: the work is then done twice at worst.
    explicit FileClaim(const std::string& path);
    ~FileClaim();
    FileClaim(const FileClaim&) = delete;
    FileClaim& operator=(const FileClaim&) = delete;

  private:
    std::string path_;
    int descriptor_ = -1;
};

}  // namespace warpsmith
