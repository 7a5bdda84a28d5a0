// warpsmith run: launches one kernel of the user's own file and tells what it computed and what is wrong with it.
#include <fmt/format.h>

#include <charconv>
#include <memory>

#include "generator/user_source.hpp"
#include "solver/error.hpp"
#include "tools/arguments.hpp"
#include "tools/command.hpp"
#include "tools/device_argument.hpp"
#include "tools/run_argument.hpp"
#include "tools/run_report.hpp"
#include "tuner/counted_model.hpp"

namespace warpsmith {
namespace {

struct RunArguments {
    std::string file;
    std::string kernel;
    std::string grid;
    std::string block;
    std::uint64_t cluster = 1;
    std::uint64_t smem_bytes = 0;
    std::vector<std::string> arguments;
    std::string target = "h200";
    std::string toolkit;
    std::string on = "emulator";
    std::string check = "all";
    std::uint64_t seed = 0;
    bool profile = false;
    bool json = false;
};

unsigned parse_extent(std::string_view option, std::string_view text) {
    unsigned extent = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), extent);
    if (error != std::errc() || end != text.data() + text.size() || extent == 0) {
        throw Error(fmt::format("reading {}: '{}' is no extent; write X, X,Y or X,Y,Z, each at least 1", option, text));
    }
    return extent;
}

// "X[,Y[,Z]]"
std::array<unsigned, 3> parse_extents(std::string_view option, std::string_view text) {
    std::array<unsigned, 3> extents = {1, 1, 1};
    for (std::size_t axis = 0; axis < extents.size(); ++axis) {
        const std::size_t comma = text.find(',');
        extents[axis] = parse_extent(option, text.substr(0, comma));
        if (comma == std::string_view::npos) {
            return extents;
        }
        text.remove_prefix(comma + 1);
    }
    throw Error(fmt::format("reading {}: more than three extents; write X, X,Y or X,Y,Z", option));
}

LaunchShape shape_of(const RunArguments& arguments) {
    if (arguments.cluster == 0 || arguments.cluster > 16) {
        throw Error(fmt::format("reading --cluster: {} blocks; 1 to 16 are possible", arguments.cluster));
    }
    return {.grid = parse_extents("--grid", arguments.grid),
            .block = parse_extents("--block", arguments.block),
            .cluster = static_cast<unsigned>(arguments.cluster),
            .smem_bytes = arguments.smem_bytes};
}

std::vector<RunArgument> parse_arguments(const RunArguments& arguments) {
    std::vector<RunArgument> parsed;
    for (std::size_t i = 0; i < arguments.arguments.size(); ++i) {  // each buffer has random values of its own
        parsed.push_back(parse_run_argument(arguments.arguments[i], arguments.seed + (std::uint64_t{i} << 32)));
    }
    return parsed;
}

// Uploads the arguments, and finds them again after the launch.
class RunMemory {
  public:
    RunMemory(Device& device, const std::vector<RunArgument>& arguments) : device_(device), arguments_(arguments) {
        for (const RunArgument& argument : arguments) {
            buffers_.push_back(argument.is_buffer ? device.allocate(argument.count * argument.type->bytes) : Buffer{});
            if (argument.is_buffer && !argument.bytes.empty()) {
                device.write(buffers_.back(), argument.bytes);
            }
        }
        for (std::size_t i = 0; i < arguments.size(); ++i) {
            values_.push_back(value_of(i));
        }
    }

    const std::vector<KernelArgument>& values() const { return values_; }

    std::vector<RunBuffer> read() const {
        std::vector<RunBuffer> buffers;
        for (std::size_t i = 0; i < arguments_.size(); ++i) {
            if (arguments_[i].is_buffer) {
                buffers.push_back({i, arguments_[i].type, std::vector<std::byte>(buffers_[i].bytes)});
                device_.read(buffers_[i], buffers.back().bytes);
            }
        }
        return buffers;
    }

  private:
    KernelArgument value_of(std::size_t index) const {
        const RunArgument& argument = arguments_[index];
        if (!argument.tensor_map) {
            return argument.is_buffer ? KernelArgument(buffers_[index]) : KernelArgument(ByValue{argument.bytes});
        }
        const std::size_t mapped = argument.tensor_map->buffer.value_or(index);
        if (mapped >= arguments_.size() || !arguments_[mapped].is_buffer) {
            throw Error(fmt::format("making the tensor map of argument {}: argument {} is no buffer; they count from 0",
                                    index, mapped));
        }
        return device_.encode_tensor_map(
            argument.tensor_map->tile_at(buffers_[mapped].address, arguments_[mapped].type->name));
    }

    Device& device_;
    const std::vector<RunArgument>& arguments_;
    std::vector<Buffer> buffers_;  // [argument]
    std::vector<KernelArgument> values_;
};

int print(const RunArguments& arguments, const RunReport& report) {
    if (arguments.json) {
        const auto replace = nlohmann::ordered_json::error_handler_t::replace;  // a kernel may print any bytes
        fmt::print("{}\n", run_json(report).dump(-1, ' ', false, replace));
    } else {
        fmt::print("{}", run_text(report));
    }
    return report.outcome.ok() ? kDone : kNothingFound;
}

// A GPU that has faulted gives nothing back.
std::vector<RunBuffer> buffers_after(const RunMemory& memory, Place place, const LaunchOutcome& outcome) {
    return place == Place::gpu && !outcome.error.empty() ? std::vector<RunBuffer>() : memory.read();
}

// PTX is all that the emulator reads; the registers of a modelled time are those of machine code.
std::string architecture_for(const RunArguments& arguments, Place place, const Target& target) {
    return place == Place::gpu || arguments.profile || !target.architecture.starts_with("sm_")
               ? target.architecture
               : "compute_" + target.architecture.substr(3);
}

std::int64_t bytes_of(const std::vector<RunBuffer>& buffers) {
    std::size_t bytes = 0;
    for (const RunBuffer& buffer : buffers) {
        bytes += buffer.bytes.size();
    }
    return static_cast<std::int64_t>(bytes);
}

int run_kernel(const RunArguments& arguments) {
    const LaunchShape shape = shape_of(arguments);
    const std::vector<RunArgument> parsed = parse_arguments(arguments);
    const Target target = chosen_target(arguments.on == "gpu" ? "local" : arguments.target);
    const Place place = chosen_place(arguments.on, target);
    const Compiler compiler(chosen_toolkit(arguments.toolkit));
    const Compiled compiled =
        compiler.compile(user_source(arguments.file, arguments.kernel, architecture_for(arguments, place, target),
                                     compiler.toolkit().include_directory));
    if (!compiled.ok) {
        fmt::print(stderr, "{}", compiled.log);
        return print(arguments, {.outcome = {.error = "the file does not compile", .findings = {}}, .buffers = {}});
    }
    const std::unique_ptr<Device> device =
        make_device(place, {.checks = arguments.check == "all" ? Checks::all : Checks::none,
                            .seed = arguments.seed,
                            .threads = chosen_jobs(0),
                            .profile = arguments.profile,
                            .target = target});
    const RunMemory memory(*device, parsed);
    RunReport report{
        .outcome = device->load(compiled)->launch(shape, memory.values()), .buffers = {}, .target = target};
    report.buffers = buffers_after(memory, place, report.outcome);
    if (arguments.profile && report.outcome.ok() && report.outcome.counts) {
        report.modelled =
            modelled_time({.shape = shape, .counts = *report.outcome.counts, .buffer_bytes = bytes_of(report.buffers)},
                          compiled.resources, target);
    }
    return print(arguments, report);
}

std::vector<Argument> run_options(RunArguments& arguments) {
    return {{.name = "FILE", .value = &arguments.file, .meaning = "a CUDA C++ file", .required = true},
            {.name = "KERNEL",
             .value = &arguments.kernel,
             .meaning = "a kernel's name, or the name of an instance of a template",
             .required = true},
            {.name = "--grid",
             .value = &arguments.grid,
             .meaning = "blocks of the launch",
             .shown = "X[,Y[,Z]]",
             .required = true},
            {.name = "--block",
             .value = &arguments.block,
             .meaning = "threads of a block",
             .shown = "X[,Y[,Z]]",
             .required = true},
            {.name = "--cluster", .value = &arguments.cluster, .meaning = "blocks of a cluster", .shown = "X"},
            {.name = "--smem", .value = &arguments.smem_bytes, .meaning = "dynamic shared memory", .shown = "BYTES"},
            {.name = "--arg",
             .value = &arguments.arguments,
             .meaning =
                 "the next argument of the kernel: a scalar (i32=5) or a buffer (f32[1024]=iota|zeros|ones|"
                 "random|uninit|@file.bin) or a tensor map of one (tensormap:f32[800]=iota,dims=40x20,box=32x8); types "
                 "i8 u8 i16 u16 i32 u32 i64 u64 f16 bf16 f32 f64",
             .shown = "SPEC"},
            {.name = "--target",
             .value = &arguments.target,
             .meaning = "GPU to compile for",
             .shown = "NAME|FILE.json|local"},
            {.name = "--on",
             .value = &arguments.on,
             .meaning = "where the kernel runs; a GPU is the local one, and checks nothing",
             .choices = {"gpu", "emulator"}},
            {.name = "--check",
             .value = &arguments.check,
             .meaning = "memory, race and barrier checks of the emulator",
             .choices = {"all", "none"}},
            {.name = "--seed",
             .value = &arguments.seed,
             .meaning = "of random buffers, and of the order in which warps and blocks run",
             .shown = "N"},
            {.name = "--profile",
             .value = &arguments.profile,
             .meaning = "count by source line, memory traffic too, and model a time from that"},
            {.name = "--json", .value = &arguments.json, .meaning = "print one JSON object"},
            toolkit_option(arguments.toolkit)};
}

}  // namespace

Command run_command() {
    auto arguments = std::make_shared<RunArguments>();
    return {.arguments = run_options(*arguments),
            .notes =
                "Exit code 1 when a check finds something, the launch fails or the file does not compile.\n"
                "Examples:\n"
                "  warpsmith run add.cu add --grid 4 --block 256 --arg f32[1024]=iota --arg f32[1024]=zeros --arg "
                "i32=1024\n"
                "  warpsmith run sum.cu \"sum<256>\" --grid 1 --block 256 --arg f32[256]=random --arg f32[1]=uninit "
                "--json\n"
                "  warpsmith run gemm.cu gemm --grid 2,2 --block 32,8 --smem 65536 --arg bf16[4096]=@a.bin --profile",
            .run = [arguments] { return run_kernel(*arguments); }};
}

}  // namespace warpsmith
