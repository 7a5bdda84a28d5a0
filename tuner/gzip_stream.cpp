#include "tuner/gzip_stream.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <filesystem>
#include <utility>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

constexpr unsigned kBufferBytes = 1U << 18U;

gzFile handle(void* file) {
    return static_cast<gzFile>(file);
}

}  // namespace

void GzipStream::Close::operator()(void* file) const {
    gzclose(handle(file));
}

GzipStream::GzipStream(std::string path) : path_(std::move(path)), buffer_(kBufferBytes) {
    file_.reset(std::filesystem::is_directory(path_) ? nullptr : gzopen(path_.c_str(), "rb"));
    if (!file_) {
        throw Error(fmt::format("reading {}: it cannot be opened; is it there, and a file?", path_));
    }
}

GzipStream::int_type GzipStream::underflow() {
    const int read = gzread(handle(file_.get()), buffer_.data(), kBufferBytes);
    int status = Z_OK;
    const char* message = gzerror(handle(file_.get()), &status);
    if (read < 0 || (status != Z_OK && status != Z_STREAM_END)) {
        throw Error(fmt::format("reading {}: {}; is the file complete?", path_, message));
    }
    bytes_ += static_cast<std::uint64_t>(read);
    if (bytes_ > kMaxBytes) {
        throw Error(
            fmt::format("reading {}: it holds more than {} GiB; leave out some of it", path_, kMaxBytes >> 30U));
    }
    if (read == 0) {
        return traits_type::eof();
    }
    setg(buffer_.data(), buffer_.data(), buffer_.data() + read);
    return traits_type::to_int_type(*gptr());
}

}  // namespace warpsmith
