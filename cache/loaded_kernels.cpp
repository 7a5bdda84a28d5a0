#include "cache/loaded_kernels.hpp"

#include <fmt/format.h>

#include <optional>

#include "cache/kernel_store.hpp"
#include "cache/own_cell.hpp"
#include "generator/source.hpp"
#include "solver/error.hpp"

namespace warpsmith {
namespace {

const LoadedKernel* in_context(const KernelSlot& slot, std::uint64_t context) {
    const LoadedKernel* kernel = slot.loaded.load(std::memory_order_acquire);
    while (kernel != nullptr && kernel->context_number != context) {
        kernel = kernel->next;
    }
    return kernel;
}

// A folder that is only read stays as it is: the next process compiles again.
void save_if_possible(const std::string& folder, const Compiled& compiled) {
    try {
        KernelStore(folder).save(compiled);
    } catch (const Error&) {
        return;
    }
}

}  // namespace

LoadedKernels::LoadedKernels(KernelPlaces places, Target target, const WorkloadCoder& coder)
    : places_(std::move(places)), target_(std::move(target)), coder_(coder) {}

const Compiled* LoadedKernels::fetch(AnsweredRow& row) {
    KernelSlot& slot = *row.kernel;
    if (const Compiled* compiled = slot.compiled.load(std::memory_order_acquire)) {
        return compiled;
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    if (const Compiled* compiled = slot.compiled.load(std::memory_order_acquire)) {
        return compiled;
    }
    std::optional<Compiled> compiled =
        load_kernel(places_.folder, std::string(slot.source_digest), std::string(slot.toolkit));
    if (!compiled && places_.compile_missing) {
        compiled = compile(row);
    }
    if (!compiled) {
        return nullptr;
    }
    const Compiled& kept = compiled_.emplace_back(std::move(*compiled));
    slot.compiled.store(&kept, std::memory_order_release);
    return &kept;
}

std::optional<Source> LoadedKernels::render_again(const AnsweredRow& row, const std::string& toolkit_include) const {
    if (row.source != nullptr) {
        return (*row.source)(toolkit_include);
    }
    const std::optional<WorkloadCode> code = coder_.read(row.winner.workload);
    if (!code) {
        return std::nullopt;
    }
    return render(*coder_.family(code->kind), coder_.workload(*code), parse_config(row.winner.config), target_);
}

std::optional<Compiled> LoadedKernels::compile(const AnsweredRow& row) const {
    const std::string doing = fmt::format("compiling {} for \"{}\": ", row.winner.config, row.subject);
    const Toolkit toolkit = find_toolkit(toolkit_at(places_.toolkit));
    const std::optional<Source> source = render_again(row, toolkit.include_directory);
    if (!source) {
        return std::nullopt;
    }
    if (source->digest != row.winner.source_digest) {
        throw Error(fmt::format("{}its source has changed since it was tuned; run: warpsmith tune \"{}\" --target {}",
                                doing, command_text(row.subject), target_.name));
    }
    Compiled compiled = Compiler(toolkit).compile(*source);
    if (!compiled.ok) {
        throw Error(doing + compiled.log);
    }
    save_if_possible(places_.folder, compiled);
    return compiled;
}

const Driver& LoadedKernels::driver() {
    if (const Driver* driver = driver_.load(std::memory_order_acquire)) {
        return *driver;
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!opened_) {
        opened_ = std::make_unique<const Driver>(places_.driver_library);
        driver_.store(opened_.get(), std::memory_order_release);
    }
    return *opened_;
}

const LoadedKernel* LoadedKernels::load(AnsweredRow& row) {
    KernelSlot& slot = *row.kernel;
    const Driver& driver = this->driver();
    const std::optional<std::uint64_t> present = driver.context_of_this_thread();
    const LoadedKernel* known = present ? in_context(slot, *present) : nullptr;
    if (known != nullptr) {
        return known;
    }
    const Compiled* compiled = fetch(row);
    if (compiled == nullptr) {
        return nullptr;
    }
    std::shared_ptr<const GpuContext> context = GpuContext::of_this_thread(driver);
    const std::uint64_t number = driver.context_of_this_thread().value_or(0);
    const std::lock_guard<std::mutex> lock(mutex_);
    if (const LoadedKernel* loaded = in_context(slot, number)) {  // by another thread, meanwhile
        return loaded;
    }
    void* function = context->find_function(context->load_module(compiled->cubin), compiled->lowered_name);
    const LoadedKernel& kernel = loaded_.emplace_back(
        LoadedKernel{compiled, number, std::move(context), function, slot.loaded.load(std::memory_order_acquire)});
    slot.loaded.store(&kernel, std::memory_order_release);
    return &kernel;
}

}  // namespace warpsmith
