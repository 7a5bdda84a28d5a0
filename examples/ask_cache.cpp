// Asks a tuning database which configuration to use for a workload, from C++17.
//
//   ask_cache DATABASE TARGET WORKLOAD
//   c++ -std=c++17 ask_cache.cpp $(pkg-config --cflags --libs warpsmith) -o ask_cache
#include <cstdio>
#include <warpsmith/warpsmith.hpp>

namespace {

const char* basis_name(const warpsmith::Choice& choice) {
    constexpr const char* kNames[] = {"none", "exact", "nearest", "modelled"};
    return kNames[choice.basis];
}

int ask(const char* database, const char* target, const char* workload) {
    warpsmith::CacheOptions options;
    options.target = target;
    const warpsmith::Cache cache(database, options);
    const warpsmith::Query query(workload);
    const warpsmith::Choice choice = cache.find(query);
    if (!choice) {
        std::printf("none: %s\n", choice.why);
        return 1;
    }
    std::printf("%s: %s, tuned for \"%s\"\n", basis_name(choice), choice.config, choice.tuned_for);
    std::printf("%.2f us, %s\n", choice.median_us, choice.measured != 0 ? "measured" : "modelled");
    std::printf("grid %u,%u,%u block %u shared memory %u\n", choice.grid[0], choice.grid[1], choice.grid[2],
                choice.block[0], choice.smem_bytes);
    const warpsmith::Kernel kernel = cache.fetch(choice);  // cache.load(choice) where there is a GPU
    std::printf("%s: %zu bytes, %u registers\n", kernel.name, kernel.cubin_bytes, kernel.registers);
    return 0;
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 4) {
        std::fprintf(stderr, "usage: ask_cache DATABASE TARGET WORKLOAD\n");
        return 2;
    }
    try {
        return ask(arguments[1], arguments[2], arguments[3]);
    } catch (const warpsmith::Failure& failure) {
        std::fprintf(stderr, "%s\n", failure.what());
        return 2;
    }
}
