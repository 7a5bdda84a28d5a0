#include "device/emulator/module.hpp"

#include <algorithm>

#include "device/emulator/layout.hpp"
#include "device/emulator/parser.hpp"
#include "device/emulator/products.hpp"
#include "device/emulator/program.hpp"
#include "device/emulator/translate.hpp"
#include "solver/error.hpp"

namespace warpsmith::emulator {
namespace {

Entry describe(const syntax::Function& function, const Program& program) {
    Entry entry{.name = function.name};
    for (const std::uint32_t v : function.parameters) {
        const syntax::Variable& variable = function.variables[v];
        const std::size_t offset = (entry.parameter_bytes + variable.align - 1) / variable.align * variable.align;
        entry.parameters.push_back({variable.name, offset, variable.bytes, variable.align});
        entry.parameter_bytes = offset + variable.bytes;
    }
    for (std::size_t i = 0; i < std::min<std::size_t>(function.required_cluster.size(), 3); ++i) {
        entry.required_cluster[i] = function.required_cluster[i];
    }
    const Function& translated = program.functions[program.function_named.at(function.name)];
    entry.static_smem_bytes = layout_of(program, translated).static_smem_bytes;
    return entry;
}

// Each kernel is laid out among all functions and variables of its module: 15,000 kernels take half a second.
constexpr std::size_t kMostPairs = 250'000'000;

void check_size(const syntax::Module& tree) {
    const std::size_t kernels = static_cast<std::size_t>(
        std::ranges::count_if(tree.functions, [](const syntax::Function& function) { return function.is_entry; }));
    const std::size_t parts = tree.functions.size() + tree.variables.size();
    if (kernels * parts > kMostPairs) {
        throw Error("reading PTX: " + std::to_string(kernels) + " kernels among " + std::to_string(parts) +
                    " functions and variables are too many; split the module");
    }
}

}  // namespace

Module Module::parse(std::string_view ptx) {
    const syntax::Module tree = parse_module(ptx);
    check_size(tree);
    Module module;
    module.program_ = translate(tree);
    if (!module.program_->uses.empty()) {
        module.watched_ = std::make_shared<const Program>(watched(*module.program_));
    }
    for (const syntax::Function& function : tree.functions) {
        if (function.is_entry && function.has_body) {
            module.entries_.push_back(describe(function, *module.program_));
        }
    }
    return module;
}

const Entry* Module::find(std::string_view name) const {
    const auto found =
        std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.name == name; });
    return found == entries_.end() ? nullptr : &*found;
}

std::optional<std::uint64_t> variable_address(const Module& module, std::string_view name, Memory& memory) {
    const Program& program = *module.program();
    const auto found = program.variable_named.find(std::string(name));
    if (found == program.variable_named.end()) {
        return std::nullopt;
    }
    const std::uint64_t address = global_addresses(module.program(), memory)[found->second];
    return address != 0 ? std::optional(address) : std::nullopt;
}

}  // namespace warpsmith::emulator
