#include "cache/file_claim.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace warpsmith {
namespace {

// False where there are no locks.
bool wait_for_lock(int descriptor) {
    int result = 0;
    do {
        result = ::flock(descriptor, LOCK_EX);
    } while (result != 0 && errno == EINTR);
    return result == 0;
}

// Whether this is still the file of that name: who held the claim before has deleted it.
bool is_at(int descriptor, const std::string& path) {
    struct ::stat held {
    }, present{};
    return ::fstat(descriptor, &held) == 0 && ::stat(path.c_str(), &present) == 0 && held.st_dev == present.st_dev &&
           held.st_ino == present.st_ino;
}

}  // namespace

FileClaim::FileClaim(const std::string& path) : path_(path) {
    for (;;) {
        descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (descriptor_ < 0 || !wait_for_lock(descriptor_) || is_at(descriptor_, path_)) {
            return;
        }
        ::close(descriptor_);
    }
}

FileClaim::~FileClaim() {
    if (descriptor_ >= 0) {
        ::unlink(path_.c_str());  // while it is held: who waits sees that its file is gone
        ::close(descriptor_);
    }
}

}  // namespace warpsmith
