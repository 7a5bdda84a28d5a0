#include "generator/shared_library.hpp"

#include <dlfcn.h>

#include "solver/error.hpp"

namespace warpsmith {

SharedLibrary::SharedLibrary(const std::string& path)
    : path_(path), handle_(dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE)) {
    if (handle_ == nullptr) {
        const char* reason = dlerror();
        throw Error("opening " + path + ": " + (reason == nullptr ? "the loader gave no reason" : reason));
    }
}

SharedLibrary::Symbol SharedLibrary::operator[](const char* name) const {
    void* address = dlsym(handle_, name);
    if (address == nullptr) {
        throw Error("opening " + path_ + ": it has no function " + name + "; it is too old, install a newer one");
    }
    return {address};
}

}  // namespace warpsmith
