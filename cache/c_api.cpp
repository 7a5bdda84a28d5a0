// The C interface: every exception becomes a status and a message.
#include <atomic>
#include <cmath>
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "cache/kernel_store.hpp"
#include "cache/own_cell.hpp"
#include "cache/runtime_cache.hpp"
#include "cache/warpsmith.h"
#include "solver/error.hpp"

struct warpsmith_cache {
    warpsmith::RuntimeCache runtime;

    explicit warpsmith_cache(warpsmith::RuntimeOptions options) : runtime(std::move(options)) {}
};

namespace warpsmith {
namespace {

static_assert(kMaxDimensions == WARPSMITH_MAX_DIMENSIONS);

std::string& message() {
    thread_local std::string text;
    return text;
}

warpsmith_status fail(warpsmith_status status, const std::string& text) noexcept {
    try {
        message() = text;
    } catch (const std::bad_alloc&) {
        message().clear();
    }
    return status;
}

// Runs what may throw.
template <class Action>
warpsmith_status guarded(const Action& action) noexcept {
    try {
        return action();
    } catch (const Error& error) {
        return fail(WARPSMITH_FAILED, error.what());
    } catch (const std::bad_alloc&) {
        return fail(WARPSMITH_FAILED, "out of memory");
    } catch (const std::exception& exception) {
        return fail(WARPSMITH_FAILED, std::string("an error that is a bug in Warpsmith: ") + exception.what());
    }
}

warpsmith_status refuse_null(const char* function) {
    return fail(WARPSMITH_BAD_ARGUMENT, std::string("calling ") + function + ": an argument is a null pointer");
}

std::string text_or(const char* text, const std::string& otherwise) {
    return text == nullptr || *text == '\0' ? otherwise : text;
}

RuntimeOptions runtime_options(const char* database, const warpsmith_options& options) {
    const std::string driver = text_or(options.driver_library, kDriverLibrary);
    const std::string target = text_or(options.target, "");
    return {.database = database,
            .target = target.empty() ? local_target(driver) : find_target(target),
            .accept_modelled = options.accept_modelled != 0,
            .kernels = {.folder = text_or(options.kernel_folder, std::string(database) + ".kernels"),
                        .driver_library = driver,
                        .compile_missing = options.compile_missing != 0,
                        .toolkit = text_or(options.toolkit, "")}};
}

const char* why(Absence absence) {
    switch (absence) {
        case Absence::none:
            return nullptr;
        case Absence::not_a_query:
            return "the query was not made for this cache by this version of the library";
        case Absence::bad_size:
            return "a size is below 1 or beyond 2^30";
        case Absence::nothing_tuned:
            return "nothing of this family, dtype, options and fixed dimensions was tuned for this target";
        case Absence::own_not_tuned:
            return "this kernel, as its files were when it was named, was not tuned for this target";
        case Absence::nothing_fits:
            return "no configuration that was tuned for these fixed dimensions fits the sizes asked";
    }
    return nullptr;
}

WorkloadCode code_of(const warpsmith_query& query) {
    WorkloadCode code{.kind = query.kind, .count = query.count};
    for (std::size_t i = 0; i < kMaxDimensions; ++i) {
        code.sizes[i] = query.sizes[i];
    }
    return code;
}

warpsmith_basis basis_of(const Answer& answer) {
    if (answer.modelled) {
        return WARPSMITH_MODELLED;
    }
    return answer.match.exact ? WARPSMITH_EXACT : WARPSMITH_NEAREST;
}

void fill(warpsmith_choice& choice, const Answer& answer) {
    const Winner& winner = *answer.match.winner;
    const LaunchShape& launch = answer.match.launch;
    choice = {.basis = basis_of(answer),
              .measured = winner.kind == TimeKind::measured ? 1 : 0,
              .median_us = winner.median_us,
              .distance = std::sqrt(answer.match.squared_distance),
              .config = winner.config.data(),  // kept text ends in a zero
              .tuned_for = winner.workload.data(),
              .source_digest = winner.source_digest.data(),
              .toolkit = winner.toolkit.data(),
              .why = nullptr,
              .grid = {launch.grid[0], launch.grid[1], launch.grid[2]},
              .block = {launch.block[0], launch.block[1], launch.block[2]},
              .cluster = launch.cluster,
              .smem_bytes = static_cast<std::uint32_t>(launch.smem_bytes),
              .cooperative = launch.cooperative ? 1 : 0,
              .kernel = answer.match.answered};
}

// The handle that an answer carries; made writable again, as it was when the answer was filled in.
AnsweredRow& row_of(const warpsmith_choice& choice) {
    return *static_cast<AnsweredRow*>(const_cast<void*>(choice.kernel));
}

warpsmith_status refuse_missing(const RuntimeCache& cache, const AnsweredRow& row) {
    const Winner& winner = row.winner;
    const RuntimeOptions& options = cache.options();
    const std::string& folder = options.kernels.folder;
    const bool damaged = has_entry(folder, std::string(winner.source_digest), std::string(winner.toolkit));
    const std::string subject(row.subject);
    return fail(WARPSMITH_NO_KERNEL, "loading " + std::string(winner.config) + " of \"" + subject +
                                         "\": its compiled kernel is " + (damaged ? "damaged" : "not") + " in " +
                                         folder + "; run: warpsmith tune \"" + command_text(subject) + "\" --target " +
                                         options.target.name + " --db " + options.database +
                                         ", or open the cache with compile_missing");
}

warpsmith_kernel public_kernel(const Compiled& compiled, const LoadedKernel* loaded) {
    return {.function = loaded == nullptr ? nullptr : loaded->function,
            .name = compiled.lowered_name.c_str(),
            .cubin = compiled.cubin.data(),
            .cubin_bytes = compiled.cubin.size(),
            .registers = static_cast<std::uint32_t>(compiled.resources.registers),
            .static_smem_bytes = static_cast<std::uint32_t>(compiled.resources.static_smem_bytes),
            .handle = loaded};
}

// `find` gives the public kernel of a row; nothing where it is not in the store.
template <class Find>
warpsmith_status hand_over(const char* function, warpsmith_cache* cache, const warpsmith_choice* choice,
                           warpsmith_kernel* kernel, const Find& find) {
    if (cache == nullptr || choice == nullptr || kernel == nullptr || choice->kernel == nullptr) {
        return refuse_null(function);
    }
    *kernel = {};
    return guarded([&] {
        AnsweredRow& row = row_of(*choice);
        const std::optional<warpsmith_kernel> found = find(cache->runtime, row);
        if (!found) {
            return refuse_missing(cache->runtime, row);
        }
        *kernel = *found;
        return WARPSMITH_OK;
    });
}

// Set once families are looked at without a lock: from then on there are no more.
std::atomic<bool>& families_in_use() {
    static std::atomic<bool> in_use = false;
    return in_use;
}

// The same for all queries and caches.
const WorkloadCoder& shared_coder() {
    static const WorkloadCoder coder = [] {
        families_in_use() = true;
        return WorkloadCoder(families());
    }();
    return coder;
}

warpsmith_status open_cache(const char* database, const warpsmith_options& options, warpsmith_cache** cache) {
    static_cast<void>(shared_coder());
    *cache = new warpsmith_cache(runtime_options(database, options));
    return WARPSMITH_OK;
}

warpsmith_status own_cell(const char* cell_file, const std::string& toolkit) {
    if (families_in_use()) {
        return fail(WARPSMITH_FAILED, "adding the cell in " + std::string(cell_file) +
                                          ": a query was made or a cache opened before; call warpsmith_own_cell first");
    }
    add_own_cell(read_own_cell(cell_file), find_toolkit(toolkit_at(toolkit)));
    return WARPSMITH_OK;
}

warpsmith_query query_of(const WorkloadCode& code) {
    warpsmith_query query = {.kind = code.kind, .count = code.count, .reserved = 0, .sizes = {}};
    for (std::size_t i = 0; i < kMaxDimensions; ++i) {
        query.sizes[i] = code.sizes[i];
    }
    return query;
}

warpsmith_status parse_query(const char* text, warpsmith_query& query) {
    try {
        query = query_of(shared_coder().code(parse_workload(text, families())));
    } catch (const Error& error) {
        return fail(WARPSMITH_BAD_ARGUMENT, error.what());
    }
    return WARPSMITH_OK;
}

}  // namespace
}  // namespace warpsmith

using namespace warpsmith;  // NOLINT(google-build-using-namespace): what follows is the C interface to it

const char* warpsmith_error_message(void) {
    return message().c_str();
}

const char* warpsmith_version(void) {
    return WARPSMITH_VERSION;
}

warpsmith_status warpsmith_open(const char* database, const warpsmith_options* options, warpsmith_cache** cache) {
    if (database == nullptr || cache == nullptr) {
        return refuse_null("warpsmith_open");
    }
    *cache = nullptr;
    return guarded([&] { return open_cache(database, options == nullptr ? warpsmith_options{} : *options, cache); });
}

void warpsmith_close(warpsmith_cache* cache) {
    delete cache;
}

warpsmith_status warpsmith_refresh(warpsmith_cache* cache, int* changed) {
    if (cache == nullptr) {
        return refuse_null("warpsmith_refresh");
    }
    return guarded([&] {
        const bool any = cache->runtime.refresh();
        if (changed != nullptr) {
            *changed = any ? 1 : 0;
        }
        return WARPSMITH_OK;
    });
}

size_t warpsmith_size(const warpsmith_cache* cache) {
    return cache == nullptr ? 0 : cache->runtime.size();
}

warpsmith_status warpsmith_parse(const char* text, warpsmith_query* query) {
    if (text == nullptr || query == nullptr) {
        return refuse_null("warpsmith_parse");
    }
    return guarded([&] { return parse_query(text, *query); });
}

warpsmith_status warpsmith_own_kernel(warpsmith_cache* cache, const char* t1_file, warpsmith_query* query) {
    if (cache == nullptr || t1_file == nullptr || query == nullptr) {
        return refuse_null("warpsmith_own_kernel");
    }
    return guarded([&] {
        *query = query_of(cache->runtime.add_own_kernel(t1_file));
        return WARPSMITH_OK;
    });
}

warpsmith_status warpsmith_own_cell(const char* cell_file, const char* toolkit) {
    if (cell_file == nullptr) {
        return refuse_null("warpsmith_own_cell");
    }
    return guarded([&] { return own_cell(cell_file, text_or(toolkit, "")); });
}

int warpsmith_dimension(const warpsmith_query* query, const char* name) {
    const Family* family = query == nullptr || name == nullptr ? nullptr : shared_coder().family(query->kind);
    for (std::size_t i = 0; family != nullptr && i < family->dimensions.size(); ++i) {
        if (family->dimensions[i].name == name) {
            return static_cast<int>(i);
        }
    }
    return -1;
}

warpsmith_status warpsmith_find(const warpsmith_cache* cache, const warpsmith_query* query, warpsmith_choice* choice) {
    if (cache == nullptr || query == nullptr || choice == nullptr) {
        return refuse_null("warpsmith_find");
    }
    const Answer answer = cache->runtime.find(code_of(*query));
    if (answer.match.winner == nullptr) {
        *choice = {};
        choice->why = why(answer.match.absence);
        return WARPSMITH_NOT_FOUND;
    }
    fill(*choice, answer);
    return WARPSMITH_OK;
}

warpsmith_status warpsmith_fetch(warpsmith_cache* cache, const warpsmith_choice* choice, warpsmith_kernel* kernel) {
    return hand_over("warpsmith_fetch", cache, choice, kernel, [](RuntimeCache& runtime, AnsweredRow& row) {
        const Compiled* compiled = runtime.fetch(row);
        return compiled == nullptr ? std::nullopt : std::optional(public_kernel(*compiled, nullptr));
    });
}

warpsmith_status warpsmith_load(warpsmith_cache* cache, const warpsmith_choice* choice, warpsmith_kernel* kernel) {
    return hand_over("warpsmith_load", cache, choice, kernel, [](RuntimeCache& runtime, AnsweredRow& row) {
        const LoadedKernel* loaded = runtime.load(row);
        return loaded == nullptr ? std::nullopt : std::optional(public_kernel(*loaded->compiled, loaded));
    });
}

warpsmith_status warpsmith_launch(const warpsmith_kernel* kernel, const warpsmith_choice* choice, void* stream,
                                  void** parameters) {
    if (kernel == nullptr || choice == nullptr || kernel->handle == nullptr || parameters == nullptr) {
        return refuse_null("warpsmith_launch");
    }
    return guarded([&] {
        const auto& loaded = *static_cast<const LoadedKernel*>(kernel->handle);
        const LaunchShape shape{.grid = {choice->grid[0], choice->grid[1], choice->grid[2]},
                                .block = {choice->block[0], choice->block[1], choice->block[2]},
                                .cluster = choice->cluster,
                                .smem_bytes = choice->smem_bytes,
                                .cooperative = choice->cooperative != 0};
        const std::string error = loaded.context->launch(loaded.function, shape, std::span(parameters, 1), stream);
        return error.empty() ? WARPSMITH_OK
                             : fail(WARPSMITH_FAILED, "launching " + std::string(choice->config) + ": " + error);
    });
}
