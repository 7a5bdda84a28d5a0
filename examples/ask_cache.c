/* Asks a tuning database which configuration to use for a workload, from C.
 *
 *   ask_cache DATABASE TARGET WORKLOAD
 *   cc ask_cache.c $(pkg-config --cflags --libs warpsmith) -o ask_cache */
#include <stdio.h>
#include <warpsmith/warpsmith.h>

static int report_error(void) {
    fprintf(stderr, "%s\n", warpsmith_error_message());
    return 2;
}

static int ask(const warpsmith_cache* cache, const char* workload) {
    static const char* const names[] = {"none", "exact", "nearest", "modelled"};
    warpsmith_query query;
    warpsmith_choice choice;
    if (warpsmith_parse(workload, &query) != WARPSMITH_OK) {
        return report_error();
    }
    if (warpsmith_find(cache, &query, &choice) != WARPSMITH_OK) {
        printf("none: %s\n", choice.why);
        return 1;
    }
    printf("%s: %s, tuned for \"%s\"\n", names[choice.basis], choice.config, choice.tuned_for);
    printf("%.2f us, %s\n", choice.median_us, choice.measured ? "measured" : "modelled");
    return 0;
}

int main(int count, char** arguments) {
    warpsmith_options options = {0};
    warpsmith_cache* cache = NULL;
    int status = 0;
    if (count != 4) {
        fprintf(stderr, "usage: ask_cache DATABASE TARGET WORKLOAD\n");
        return 2;
    }
    options.target = arguments[2];
    if (warpsmith_open(arguments[1], &options, &cache) != WARPSMITH_OK) {
        return report_error();
    }
    status = ask(cache, arguments[3]);
    warpsmith_close(cache);
    return status;
}
