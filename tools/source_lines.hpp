// Lines of the source that a finding or a profile speaks of: of files on the disk, and of the kernels that the program
// carries.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace warpsmith {

class SourceLines {
  public:
    // Empty when there is no such line; they count from 1.
    std::string line(const std::string& file, int number);

    // The lines around one of a file, the one itself marked; empty when the file is not there.
    std::string excerpt(const std::string& file, int number);

  private:
    const std::vector<std::string>& lines_of(const std::string& file);

    std::map<std::string, std::vector<std::string>> files_;
};

}  // namespace warpsmith
