#include "cache/durable_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTemporaryPrefix = ".writing-";

// Writing one kernel takes milliseconds: a temporary folder of this age has no writer any more.
constexpr std::chrono::hours kAbandonedAfter{1};

[[noreturn]] void fail(const fs::path& path) {
    throw Error(fmt::format("writing {}: {}; make room, or name another folder", path.string(), std::strerror(errno)));
}

class OpenFile {
  public:
    OpenFile(const fs::path& path, int flags)
        : path_(path), descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {
        if (descriptor_ < 0) {
            fail(path_);
        }
    }
    ~OpenFile() { ::close(descriptor_); }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;

    void write(std::string_view bytes) {
        while (!bytes.empty()) {
            ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
            if (written < 0 && errno != EINTR) {
                fail(path_);
            }
            bytes.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
        }
    }

    void synchronise() {
        // Some network and FUSE file systems do not synchronise folders and say EINVAL: there is no more to be done.
        if (::fsync(descriptor_) != 0 && errno != EINVAL) {
            fail(path_);
        }
    }

  private:
    fs::path path_;
    int descriptor_;
};

void synchronise_folder(const fs::path& folder) {
    OpenFile(folder, O_RDONLY | O_DIRECTORY).synchronise();
}

// A new folder with a name of its own, deleted with everything in it at the end, wherever it has been moved to since.
class TemporaryFolder {
  public:
    explicit TemporaryFolder(const fs::path& parent) {
        std::string pattern = (parent / (std::string(kTemporaryPrefix) + "XXXXXX")).string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            fail(parent);
        }
        path_ = pattern;
    }
    ~TemporaryFolder() {
        std::error_code ignored;  // what cannot be deleted now is deleted as abandoned later
        fs::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

}  // namespace

bool create_durably(const std::string& folder, std::span<const NamedBytes> files) {
    fs::path destination(folder);
    TemporaryFolder temporary(destination.parent_path());
    fs::path contents = temporary.path() / "contents";
    if (::mkdir(contents.c_str(), 0755) != 0) {  // mkdtemp's own folder is for its owner only
        fail(contents);
    }
    for (const NamedBytes& file : files) {
        OpenFile out(contents / file.name, O_WRONLY | O_CREAT | O_EXCL);
        out.write(file.bytes);
        out.synchronise();
    }
    synchronise_folder(contents);
    if (::rename(contents.c_str(), destination.c_str()) != 0) {
        if (errno == ENOTEMPTY || errno == EEXIST) {
            return false;
        }
        fail(destination);
    }
    synchronise_folder(destination.parent_path());
    return true;
}

void remove_at_once(const std::string& folder) {
    fs::path path(folder);
    TemporaryFolder temporary(path.parent_path());
    std::error_code gone;  // another process may have taken it away
    fs::rename(path, temporary.path() / "removed", gone);
}

void remove_abandoned(const std::string& parent) {
    std::error_code gone;  // another process may be deleting the same
    for (const fs::directory_entry& entry : fs::directory_iterator(parent, gone)) {
        bool temporary = entry.path().filename().string().starts_with(kTemporaryPrefix);
        fs::file_time_type written = entry.last_write_time(gone);
        if (temporary && !gone && fs::file_time_type::clock::now() - written > kAbandonedAfter) {
            fs::remove_all(entry.path(), gone);
        }
    }
}

std::optional<std::string> read_bytes(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return std::nullopt;
    }
    std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return file.bad() ? std::nullopt : std::optional<std::string>(std::move(bytes));
}

}  // namespace warpsmith
