#include "generator/nvrtc.hpp"

#include <nvrtc.h>

#include <chrono>
#include <filesystem>
#include <span>
#include <tuple>
#include <vector>

#include "generator/compile.hpp"
#include "generator/resources.hpp"
#include "generator/shared_library.hpp"
#include "solver/error.hpp"

namespace warpsmith {

bool is_older(const NvrtcVersion& left, const NvrtcVersion& right) {
    return std::tie(left.major, left.minor) < std::tie(right.major, right.minor);
}

std::string to_string(const NvrtcVersion& version) {
    return std::to_string(version.major) + "." + std::to_string(version.minor);
}

NvrtcVersion nvrtc_version(const std::string& library) {
    const SharedLibrary file(library);
    NvrtcVersion version;
    decltype(nvrtcVersion)* ask = file["nvrtcVersion"];
    if (ask(&version.major, &version.minor) != NVRTC_SUCCESS) {
        throw Error("asking " + library + " for its version: it does not answer; install the toolkit again");
    }
    return version;
}

namespace {

// The functions of an open NVRTC.
struct Nvrtc {
    explicit Nvrtc(const std::string& path) : file(path) {}

    // Throws Error: the program was told to do what NVRTC cannot, or NVRTC is broken.
    void check(nvrtcResult result, const std::string& doing) const {
        if (result != NVRTC_SUCCESS) {
            throw Error("NVRTC, " + doing + ": " + error_string(result) + "; is the toolkit of " + file.path() +
                        " complete?");
        }
    }

    SharedLibrary file;
    decltype(nvrtcGetErrorString)* error_string = file["nvrtcGetErrorString"];
    decltype(nvrtcCreateProgram)* create = file["nvrtcCreateProgram"];
    decltype(nvrtcDestroyProgram)* destroy = file["nvrtcDestroyProgram"];
    decltype(nvrtcAddNameExpression)* add_name = file["nvrtcAddNameExpression"];
    decltype(nvrtcCompileProgram)* compile = file["nvrtcCompileProgram"];
    decltype(nvrtcGetLoweredName)* lowered_name = file["nvrtcGetLoweredName"];
    decltype(nvrtcGetPTXSize)* ptx_size = file["nvrtcGetPTXSize"];
    decltype(nvrtcGetPTX)* ptx = file["nvrtcGetPTX"];
    decltype(nvrtcGetCUBINSize)* cubin_size = file["nvrtcGetCUBINSize"];
    decltype(nvrtcGetCUBIN)* cubin = file["nvrtcGetCUBIN"];
    decltype(nvrtcGetProgramLogSize)* log_size = file["nvrtcGetProgramLogSize"];
    decltype(nvrtcGetProgramLog)* log = file["nvrtcGetProgramLog"];
};

// What NVRTC calls the text that includes the kernel; messages name the headers, hardly ever this.
constexpr const char* kProgramName = "warpsmith.cu";

// Where there is a driver, NVRTC has a cache of its own, and what comes out of it has an empty log: no registers, no
// spills. KernelStore keeps what was compiled. Not an option of the source: it changes nothing that is compiled.
constexpr const char* kNoCache = "--no-cache";

// One compilation, from source text to what NVRTC made of it.
class Program {
  public:
    Program(const Nvrtc& nvrtc, const Source& source) : nvrtc_(nvrtc) {
        std::vector<const char*> paths;
        std::vector<const char*> texts;
        for (const auto& [path, text] : source.headers) {
            paths.push_back(path.c_str());
            texts.push_back(text.c_str());
        }
        nvrtc_.check(nvrtc_.create(&program_, source.text.c_str(), kProgramName, static_cast<int>(texts.size()),
                                   texts.data(), paths.data()),
                     "creating a program");
    }
    ~Program() { nvrtc_.destroy(&program_); }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    // `more_options` go with those of the source.
    nvrtcResult compile(const Source& source, std::span<const std::string> more_options) {
        if (!source.name_expression.empty()) {
            nvrtc_.check(nvrtc_.add_name(program_, source.name_expression.c_str()), "adding a name expression");
        }
        std::vector<const char*> options;
        for (const std::string& option : source.options) {
            options.push_back(option.c_str());
        }
        for (const std::string& option : more_options) {
            options.push_back(option.c_str());
        }
        return nvrtc_.compile(program_, static_cast<int>(options.size()), options.data());
    }

    std::string lowered_name(const std::string& name_expression) const {
        const char* name = nullptr;
        nvrtc_.check(nvrtc_.lowered_name(program_, name_expression.c_str(), &name), "asking for a lowered name");
        return name;
    }

    std::string ptx() const { return without_end(read(nvrtc_.ptx_size, nvrtc_.ptx, "reading PTX")); }
    std::string cubin() const { return read(nvrtc_.cubin_size, nvrtc_.cubin, "reading a cubin"); }
    std::string log() const { return without_end(read(nvrtc_.log_size, nvrtc_.log, "reading the log")); }

  private:
    template <class Size, class Read>
    std::string read(Size size_of, Read read_into, const char* doing) const {
        std::size_t size = 0;
        nvrtc_.check(size_of(program_, &size), doing);
        std::string text(size, '\0');
        nvrtc_.check(read_into(program_, text.data()), doing);
        return text;
    }

    // NVRTC counts the NUL at the end of a text.
    static std::string without_end(std::string text) {
        while (!text.empty() && text.back() == '\0') {
            text.pop_back();
        }
        return text;
    }

    const Nvrtc& nvrtc_;
    nvrtcProgram program_ = nullptr;
};

// NVRTC 13.0 opens this by its plain name, under which the loader finds it only where a system administrator said so.
// Once it is open, that name is known.
void open_builtins(const std::string& library, const NvrtcVersion& version) {
    namespace fs = std::filesystem;
    const fs::path builtins = fs::canonical(library).parent_path() / ("libnvrtc-builtins.so." + to_string(version));
    if (fs::exists(builtins)) {
        const SharedLibrary stays_open(builtins.string());
    }
}

// NVRTC puts the current folder in front of the headers that it is given by name; PTX is not to depend on that folder.
std::string with_given_names(std::string ptx, const Source& source) {
    std::error_code ignored;  // a folder that was removed is not written by NVRTC either
    const std::filesystem::path folder = std::filesystem::current_path(ignored);
    for (const auto& [path, text] : source.headers) {
        const std::string written = '"' + (folder / path).string() + '"';
        if (const std::size_t found = ptx.find(written); found != std::string::npos) {
            ptx.replace(found, written.size(), '"' + path + '"');
        }
    }
    return ptx;
}

// NVRTC before its cache refuses the option that turns it off.
bool knows_option(const Nvrtc& nvrtc, const std::string& option) {
    Program nothing(nvrtc, Source{});
    return nothing.compile(Source{}, std::span(&option, 1)) == NVRTC_SUCCESS;
}

bool is_fault_of_source(nvrtcResult result) {
    return result == NVRTC_ERROR_COMPILATION || result == NVRTC_ERROR_INVALID_OPTION;
}

}  // namespace

struct Compiler::Library {
    Nvrtc nvrtc;
    std::vector<std::string> options;  // of every compilation
};

Compiler::Compiler(const Toolkit& toolkit)
    : toolkit_(toolkit), library_(new Library{.nvrtc = Nvrtc(toolkit.nvrtc_library), .options = {}}) {
    const NvrtcVersion version = nvrtc_version(toolkit.nvrtc_library);
    if (is_older(version, kOldestNvrtc)) {
        throw Error("opening " + toolkit.nvrtc_library + ": it is NVRTC " + to_string(version) + "; install CUDA " +
                    to_string(kOldestNvrtc) + " or later");
    }
    open_builtins(toolkit.nvrtc_library, version);
    toolkit_.version = to_string(version);
    library_->options.push_back("--include-path=" + toolkit_.include_directory);
    if (knows_option(library_->nvrtc, kNoCache)) {
        library_->options.emplace_back(kNoCache);
    }
}

Compiler::~Compiler() = default;

Compiled Compiler::compile(const Source& source) const {
    const auto start = std::chrono::steady_clock::now();
    Compiled compiled{.digest = source.digest, .toolkit = toolkit_.version};
    Program program(library_->nvrtc, source);
    const nvrtcResult result = program.compile(source, library_->options);
    compiled.log = program.log();
    compiled.ok = result == NVRTC_SUCCESS;
    if (compiled.ok) {
        compiled.ptx = with_given_names(program.ptx(), source);
        compiled.cubin = program.cubin();
        compiled.lowered_name = program.lowered_name(source.name_expression);
        if (!compiled.cubin.empty()) {  // a virtual architecture (compute_90a) ends at PTX
            compiled.resources = resources_of(compiled.lowered_name, compiled.log);
        }
    } else if (!is_fault_of_source(result)) {
        library_->nvrtc.check(result, "compiling " + source.name_expression + "\n" + compiled.log);
    }
    const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
    compiled.compile_ms = elapsed.count();
    return compiled;
}

}  // namespace warpsmith
