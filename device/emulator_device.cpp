// The emulator as a Device: runs the PTX of a compiled kernel on the CPU.
#include <cstring>

#include "device/device.hpp"
#include "device/emulator/launch.hpp"
#include "device/emulator/memory.hpp"
#include "device/emulator/module.hpp"
#include "device/emulator/program.hpp"
#include "device/emulator/tensor_map.hpp"
#include "solver/error.hpp"
#include "templates/occupancy.hpp"

namespace warpsmith {
namespace {

// The arguments where the kernel expects its parameters. Throws Error when they are not the kernel's.
std::vector<std::byte> pack(const emulator::Entry& entry, std::span<const KernelArgument> arguments) {
    if (arguments.size() != entry.parameters.size()) {
        throw Error("launching " + entry.name + ": it takes " + std::to_string(entry.parameters.size()) +
                    " parameters, not " + std::to_string(arguments.size()));
    }
    std::vector<std::byte> packed(entry.parameter_bytes);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::span<const std::byte> bytes = bytes_of(arguments[i]);
        if (bytes.size() != entry.parameters[i].bytes) {
            throw Error("launching " + entry.name + ": parameter " + std::to_string(i) + " has " +
                        std::to_string(entry.parameters[i].bytes) + " bytes, not " + std::to_string(bytes.size()));
        }
        std::memcpy(packed.data() + entry.parameters[i].offset, bytes.data(), bytes.size());
    }
    return packed;
}

LaunchOutcome outcome_of(const emulator::LaunchResult& result) {
    LaunchOutcome outcome{.error = {}, .findings = {}, .output = result.output, .counts = result.counts};
    for (const emulator::Finding& finding : result.findings) {
        outcome.findings.push_back({.kind = std::string(name_of(finding.kind)),
                                    .file = finding.file,
                                    .line = static_cast<int>(finding.line),
                                    .block = finding.block,
                                    .thread = finding.thread,
                                    .message = finding.message});
    }
    if (!result.completed) {
        outcome.error =
            outcome.findings.empty() ? "the kernel did not run to its end" : outcome.findings.front().message;
    }
    return outcome;
}

// Why the driver would refuse a cooperative launch; empty where it would not.
std::string refusal(const LaunchShape& shape, const Target& target, const Resources& used) {
    std::uint64_t blocks = 1, threads = 1;
    for (std::size_t axis = 0; axis < shape.grid.size(); ++axis) {
        blocks *= shape.grid[axis];
        threads *= shape.block[axis];
    }
    const std::int64_t per_sm = occupancy(target, static_cast<std::int64_t>(threads), used.registers,
                                          static_cast<std::int64_t>(shape.smem_bytes) + used.static_smem_bytes)
                                    .blocks_per_sm;
    const std::uint64_t most = static_cast<std::uint64_t>(per_sm * target.sms);
    return blocks <= most ? ""
                          : "a cooperative grid of " + std::to_string(blocks) + " blocks, of which the " +
                                std::to_string(target.sms) + " SMs of " + target.name + " hold " +
                                std::to_string(most) + " at a time; launch fewer";
}

class EmulatedKernel : public Kernel {
  public:
    EmulatedKernel(const Compiled& compiled, const EmulatorOptions& options, std::shared_ptr<emulator::Memory> memory)
        : options_(options),
          used_(compiled.resources),
          memory_(std::move(memory)),
          module_(emulator::Module::parse(compiled.ptx)) {
        entry_ = module_.find(compiled.lowered_name);
        if (entry_ == nullptr) {
            throw Error("loading a kernel: its PTX has no " + compiled.lowered_name);
        }
    }

    std::optional<Buffer> variable(const std::string& name) override {
        const std::optional<std::uint64_t> address = emulator::variable_address(module_, name, *memory_);
        if (!address) {
            return std::nullopt;
        }
        const emulator::Program& program = *module_.program();
        return Buffer{.address = *address, .bytes = program.variables[program.variable_named.at(name)].bytes};
    }

    LaunchOutcome launch(const LaunchShape& shape, std::span<const KernelArgument> arguments) override {
        const std::vector<std::byte> parameters = pack(*entry_, arguments);
        if (const std::string why = shape.cooperative ? refusal(shape, options_.target, used_) : ""; !why.empty()) {
            return {.error = "launching '" + entry_->name + "' on the emulator: " + why, .findings = {}};
        }
        const bool checked = options_.checks == Checks::all;
        const emulator::LaunchConfig config{.grid = shape.grid,
                                            .block = shape.block,
                                            .cluster = {shape.cluster, 1, 1},
                                            .dynamic_smem = shape.smem_bytes,
                                            .seed = options_.seed,
                                            .checks = checked ? emulator::kAllChecks : emulator::Checks{},
                                            .profile = options_.profile,
                                            .max_steps = options_.max_steps,
                                            .threads = options_.threads};
        try {
            return outcome_of(emulator::launch(module_, entry_->name, config, parameters, *memory_));
        } catch (const Error& error) {  // a launch that is refused is a value, as it is on a GPU
            return {.error = error.what(), .findings = {}};
        }
    }

  private:
    EmulatorOptions options_;
    Resources used_;
    std::shared_ptr<emulator::Memory> memory_;
    emulator::Module module_;
    const emulator::Entry* entry_;
};

class EmulatorDevice : public Device {
  public:
    explicit EmulatorDevice(const EmulatorOptions& options) : options_(options) {}

    std::string name() const override { return "emulator"; }
    bool measures() const override { return false; }
    std::string driver() const override { return {}; }

    Buffer allocate(std::size_t bytes) override { return {.address = memory_->allocate(bytes), .bytes = bytes}; }
    void release(Buffer buffer) override { memory_->free(buffer.address); }
    void write(Buffer buffer, std::span<const std::byte> bytes) override { memory_->write(buffer.address, bytes); }
    void read(Buffer buffer, std::span<std::byte> bytes) override { memory_->read(buffer.address, bytes); }

    ByValue encode_tensor_map(const TensorTile& tile) override {
        return ByValue::of(emulator::encode_tensor_map(tile));
    }

    std::unique_ptr<Kernel> load(const Compiled& compiled) override {
        return std::make_unique<EmulatedKernel>(compiled, options_, memory_);
    }

    std::vector<double> time(Kernel& /*kernel*/, const LaunchShape& /*shape*/,
                             std::span<const KernelArgument> /*arguments*/, Timing /*timing*/,
                             int /*samples*/) override {
        throw Error(
            "timing a kernel: the emulator has no clock of its own; its times are modelled, use a GPU to measure");
    }

  private:
    EmulatorOptions options_;
    std::shared_ptr<emulator::Memory> memory_ = std::make_shared<emulator::Memory>();
};

}  // namespace

std::unique_ptr<Device> make_emulator(const EmulatorOptions& options) {
    return std::make_unique<EmulatorDevice>(options);
}

}  // namespace warpsmith
