// Files that may be gzip as streams of what is in them.
#pragma once

#include <cstdint>
#include <memory>
#include <streambuf>
#include <string>
#include <vector>

namespace warpsmith {

// Reads plain files as they are. Throws Error when the file cannot be opened, is damaged, or holds more than the limit.
class GzipStream : public std::streambuf {
  public:
    explicit GzipStream(std::string path);

    static constexpr std::uint64_t kMaxBytes = std::uint64_t{4} << 30U;  // some million results

  protected:
    int_type underflow() override;

  private:
    struct Close {
        void operator()(void* file) const;
    };

    std::string path_;
    std::unique_ptr<void, Close> file_;
    std::vector<char> buffer_;
    std::uint64_t bytes_ = 0;
};

}  // namespace warpsmith
