// NVRTC: from source to PTX and cubin, with what the compiler says of the resources they use.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "generator/source.hpp"
#include "generator/toolkit.hpp"

namespace warpsmith {

// As ptxas reports them for the entry function; bytes, and 32-bit registers per thread.
struct Resources {
    std::int64_t registers = 0;
    std::int64_t spill_store_bytes = 0;
    std::int64_t spill_load_bytes = 0;
    std::int64_t stack_bytes = 0;
    std::int64_t static_smem_bytes = 0;

    bool spills() const { return spill_store_bytes > 0 || spill_load_bytes > 0; }
    bool operator==(const Resources&) const = default;
};

// What came of one compilation. A source that does not compile is a value, not an exception.
struct Compiled {
    bool ok = false;
    std::string digest;   // of the source
    std::string toolkit;  // version of the compiler
    std::string ptx;
    std::string cubin;
    std::string lowered_name;  // the entry's name in PTX and cubin
    Resources resources;
    std::string log;  // the compiler's own words
    double compile_ms = 0;
};

// An open NVRTC. Threads may compile at the same time with one Compiler.
class Compiler {
  public:
    // Throws Error when the library cannot be opened or is older than 12.8.
    explicit Compiler(const Toolkit& toolkit);
    ~Compiler();
    Compiler(const Compiler&) = delete;
    Compiler& operator=(const Compiler&) = delete;

    Compiled compile(const Source& source) const;
    const Toolkit& toolkit() const { return toolkit_; }

  private:
    struct Library;
    Toolkit toolkit_;
    std::unique_ptr<Library> library_;
};

}  // namespace warpsmith
