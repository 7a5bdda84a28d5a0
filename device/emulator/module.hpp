// A PTX module, parsed and translated once and launched many times.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "device/emulator/memory.hpp"

namespace warpsmith::emulator {

struct Program;

struct Parameter {
    std::string name;
    std::size_t offset = 0;
    std::size_t bytes = 0;
    std::size_t align = 1;
};

struct Entry {
    std::string name;  // as lowered
    std::vector<Parameter> parameters;
    std::size_t parameter_bytes = 0;
    std::size_t static_smem_bytes = 0;
    std::array<unsigned, 3> required_cluster = {0, 0, 0};  // zeros: not said
};

class Module {
  public:
    // Throws Error naming the line when the text is not PTX. An instruction that the emulator does not know is not an
    // error here: it is a finding of the launch that executes it.
    static Module parse(std::string_view ptx);

    const std::vector<Entry>& entries() const { return entries_; }
    const Entry* find(std::string_view name) const;  // null when there is no such kernel
    const std::shared_ptr<const Program>& program() const { return program_; }
    // The same, for launches that check races: instructions that touch registers of a wgmma tell so.
    const Program& watched_program() const { return watched_ != nullptr ? *watched_ : *program_; }

  private:
    std::vector<Entry> entries_;
    std::shared_ptr<const Program> program_;
    std::shared_ptr<const Program> watched_;  // null where there is no wgmma
};

// Device address of a __device__ or __constant__ variable of the module, by its lowered name, in this memory; nothing
// when there is no such variable. Allocates and initialises the module's variables on first use.
std::optional<std::uint64_t> variable_address(const Module& module, std::string_view name, Memory& memory);

}  // namespace warpsmith::emulator
