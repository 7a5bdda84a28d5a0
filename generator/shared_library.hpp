// A shared library opened at run time, so that a program starts on a machine that does not have it.
#pragma once

#include <string>

namespace warpsmith {

// Stays loaded until the program ends: NVRTC and the CUDA driver leave threads and exit handlers behind.
class SharedLibrary {
  public:
    // A path, or a plain name for the loader to find. Throws Error with the loader's words.
    explicit SharedLibrary(const std::string& path);

    const std::string& path() const { return path_; }

    // What the library has under a name, as whichever function pointer it is assigned to.
    struct Symbol {
        void* address;
        template <class Function>
        operator Function*()
            const {  // NOLINT(google-explicit-constructor): `decltype(f)* f = library["f"]` is the point
            return reinterpret_cast<Function*>(address);
        }
    };
    // Throws Error when the library has no such function.
    Symbol operator[](const char* name) const;

  private:
    std::string path_;
    void* handle_;
};

}  // namespace warpsmith
