#include "device/emulator/translate.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "device/emulator/instruction_table.hpp"
#include "device/emulator/register_uses.hpp"
#include "device/emulator/worker.hpp"
#include "solver/error.hpp"

namespace warpsmith::emulator {
namespace {

using syntax::StateSpace;

constexpr std::size_t kLargestLocal = std::size_t{1} << 24;  // a thread of a GPU has 512 KiB

// Instruction::extra says which reason.
void report_unsupported(Warp& warp, const Instruction& instruction, std::uint32_t lanes) {
    stop(warp, instruction, first_lane(lanes), FindingKind::unsupported_instruction,
         "the emulator does not support " + warp.program->texts[instruction.extra]);
}

class FunctionTranslator {
  public:
    FunctionTranslator(Program& program, KnownConstants& known, const InstructionTable& table,
                       const syntax::Function& function, std::uint32_t index)
        : program_(program),
          table_(table),
          function_(function),
          frame_(layout(index)),
          assembly_(program, known, function, index, frame_),
          uses_(function) {}

    void translate();

  private:
    FrameLayout layout(std::uint32_t index);
    [[noreturn]] void refuse_size() const;
    void place_static(FrameLayout& frame, std::uint32_t variable);
    void translate_instruction(const syntax::Instruction& instruction);
    void resolve_labels();
    std::uint32_t address_of(const std::string& label, std::uint32_t scope) const;

    Program& program_;
    const InstructionTable& table_;
    const syntax::Function& function_;
    FrameLayout frame_;
    Assembly assembly_;
    RegisterUses uses_;
    std::vector<std::uint32_t> addresses_;                                      // [instruction of the syntax] -> pc
    std::map<std::pair<std::uint32_t, std::string_view>, std::size_t> labels_;  // by scope and name: its instruction
};

std::uint32_t align_up(std::size_t value, std::size_t align) {
    return static_cast<std::uint32_t>((value + align - 1) / align * align);
}

void FunctionTranslator::refuse_size() const {
    throw Error("translating PTX: function '" + function_.name +
                "' has over 16 MiB of local variables or parameters; pass pointers to them");
}

// Static variables of functions are the module's, under a name of their own.
void FunctionTranslator::place_static(FrameLayout& frame, std::uint32_t variable) {
    frame.module_indices[variable] = static_cast<std::uint32_t>(program_.variables.size());
    program_.variables.push_back(function_.variables[variable]);
}

FrameLayout FunctionTranslator::layout(std::uint32_t index) {
    FrameLayout frame;
    Function& translated = program_.functions[index];
    const std::size_t signature = function_.results.size() + function_.parameters.size();
    std::size_t offset = 0, local = 0;
    for (std::uint32_t v = 0; v < function_.variables.size(); ++v) {
        const syntax::Variable& variable = function_.variables[v];
        const bool on_stack = variable.space == StateSpace::local || variable.space == StateSpace::param;
        if (on_stack && variable.bytes > kLargestLocal) {
            refuse_size();
        }
        if (variable.space == StateSpace::local) {
            local = align_up(local, variable.align);
            frame.locals[v] = static_cast<std::uint32_t>(local);
            local += variable.bytes;
        } else if (variable.space != StateSpace::param) {
            place_static(frame, v);
        } else if (function_.is_entry && v < signature) {
            offset = align_up(offset, variable.align);
            frame.entry_offsets[v] = static_cast<std::uint32_t>(offset);
            offset += variable.bytes;
        } else {
            const std::uint32_t bytes = align_up(variable.bytes, 16);
            frame.parameters[v] = {frame.reserve(std::size_t{bytes} * kLanes), bytes};
        }
        if (local > kLargestLocal || offset > kLargestLocal) {
            refuse_size();
        }
    }
    translated.local_bytes = align_up(local, 16);
    for (const std::uint32_t v : function_.results) {
        translated.results.push_back(frame.parameters[v]);
    }
    for (const std::uint32_t v : function_.is_entry ? std::vector<std::uint32_t>{} : function_.parameters) {
        translated.parameters.push_back(frame.parameters[v]);
    }
    return frame;
}

void FunctionTranslator::translate_instruction(const syntax::Instruction& instruction) {
    const std::size_t first = program_.code.size();
    assembly_.start(instruction);
    try {
        table_.translate(assembly_);
        if (program_.code.size() > first) {
            uses_.note(assembly_, first);
        }
    } catch (const Unsupported& unsupported) {
        program_.code.resize(first);
        assembly_.forget_fixups_from(first);
        Instruction& emitted = assembly_.emit(report_unsupported, Class::other);
        emitted.flow = Flow::control;
        emitted.successor = Successor::none;
        emitted.extra = static_cast<std::uint32_t>(program_.texts.size());
        program_.texts.push_back(unsupported.reason);
    }
}

// Labels of the scope itself hide those of the scopes around it.
std::uint32_t FunctionTranslator::address_of(const std::string& label, std::uint32_t scope) const {
    for (;;) {
        if (const auto found = labels_.find({scope, label}); found != labels_.end()) {
            return addresses_[found->second];
        }
        if (scope == 0) {
            throw Error("translating PTX: function '" + function_.name + "' branches to '" + label +
                        "', which is not there; pass PTX that ptxas accepts");
        }
        scope = function_.scope_parents[scope];
    }
}

void FunctionTranslator::resolve_labels() {
    for (const syntax::Label& label : function_.labels) {
        labels_.try_emplace({label.scope, label.name}, label.position);
    }
    std::unordered_map<std::string, std::uint32_t> known;  // most labels are used many times
    for (const Fixup& fixup : assembly_.fixups()) {
        Instruction& instruction = program_.code[fixup.instruction];
        const auto [place, is_new] = known.try_emplace(std::to_string(fixup.scope) + fixup.label, 0);
        if (is_new) {
            place->second = address_of(fixup.label, fixup.scope);
        }
        instruction.extra = place->second;
    }
    for (const auto& [table, branch] : assembly_.table_fixups()) {
        const syntax::BranchTable& source = function_.branch_tables[table];
        std::vector<std::uint32_t>& targets = program_.branch_tables[branch];
        for (const std::string& label : source.labels) {
            targets.push_back(address_of(label, source.scope));
        }
    }
}

void FunctionTranslator::translate() {
    Function& translated = assembly_.translated();
    translated.first = static_cast<std::uint32_t>(program_.code.size());
    for (const syntax::Instruction& instruction : function_.body) {
        addresses_.push_back(static_cast<std::uint32_t>(program_.code.size()));
        translate_instruction(instruction);
    }
    addresses_.push_back(static_cast<std::uint32_t>(program_.code.size()));
    const syntax::Instruction end{.opcode = "ret"};  // a label may stand behind the last instruction
    translate_instruction(end);
    resolve_labels();
    uses_.tell(program_);
    translated.last = static_cast<std::uint32_t>(program_.code.size());
    translated.frame_bytes = frame_.next;
}

void declare_functions(const syntax::Module& module, Program& program, std::vector<std::size_t>& bodies) {
    for (std::size_t f = 0; f < module.functions.size(); ++f) {
        const syntax::Function& function = module.functions[f];
        const auto [place, is_new] =
            program.function_named.try_emplace(function.name, static_cast<std::uint32_t>(program.functions.size()));
        if (is_new) {
            program.functions.push_back({.name = function.name, .is_entry = function.is_entry});
            bodies.push_back(f);
        }
        if (function.has_body) {
            if (program.functions[place->second].has_body) {
                throw Error("translating PTX: function '" + function.name +
                            "' has two bodies; pass PTX that ptxas accepts");
            }
            program.functions[place->second].has_body = true;
            bodies[place->second] = f;
        }
    }
}

void find_control(Program& program) {
    program.next_control.resize(program.code.size() + 1);
    std::uint32_t next = static_cast<std::uint32_t>(program.code.size());
    program.next_control[program.code.size()] = next;
    for (std::size_t pc = program.code.size(); pc-- > 0;) {
        next = program.code[pc].flow == Flow::straight ? next : static_cast<std::uint32_t>(pc);
        program.next_control[pc] = next;
    }
}

}  // namespace

std::shared_ptr<const Program> translate(const syntax::Module& module) {
    const std::shared_ptr<Program> program = std::make_shared<Program>();
    program->files = module.files;
    program->variables = module.variables;
    for (std::uint32_t v = 0; v < program->variables.size(); ++v) {
        program->variable_named[program->variables[v].name] = v;
    }
    std::vector<std::size_t> bodies;
    declare_functions(module, *program, bodies);
    const InstructionTable table;
    KnownConstants known;
    std::vector<std::unique_ptr<FunctionTranslator>> translators;
    for (std::uint32_t f = 0; f < bodies.size(); ++f) {  // first the layouts, which calls look up
        translators.push_back(
            std::make_unique<FunctionTranslator>(*program, known, table, module.functions[bodies[f]], f));
    }
    for (std::uint32_t f = 0; f < bodies.size(); ++f) {
        if (program->functions[f].has_body) {
            translators[f]->translate();
        }
    }
    if (!program->uses.empty()) {
        program->uses.resize(program->code.size());
    }
    find_control(*program);
    return program;
}

}  // namespace warpsmith::emulator
