/* Warpsmith's run-time library: which tuned kernel to use for a workload, and the kernel itself.
 *
 * A cache is opened once and then asked by any number of threads at a time. Asking (warpsmith_find) takes no lock and
 * allocates nothing. No function throws, prints, or reads an environment variable. */
#ifndef WARPSMITH_H
#define WARPSMITH_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define WARPSMITH_API __attribute__((visibility("default")))
#else
#define WARPSMITH_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What a call came to. Where it is neither of the first two, warpsmith_error_message() says what went wrong and what to
 * try. */
typedef enum warpsmith_status {
    WARPSMITH_OK = 0,
    WARPSMITH_NOT_FOUND = 1,    /* of warpsmith_find: there is no answer; warpsmith_choice.why says why */
    WARPSMITH_NO_KERNEL = 2,    /* the answer's compiled kernel is not in the kernel folder */
    WARPSMITH_BAD_ARGUMENT = 3, /* a null pointer, or text that is no workload */
    WARPSMITH_FAILED = 4
} warpsmith_status;

/* The last message of the calling thread, until its next call that fails; "" before the first. */
WARPSMITH_API const char* warpsmith_error_message(void);

/* "0.1.0" */
WARPSMITH_API const char* warpsmith_version(void);

/* --- Opening -------------------------------------------------------------------------------------------------- */

typedef struct warpsmith_cache warpsmith_cache;

/* All zero is a good start: { 0 } */
typedef struct warpsmith_options {
    const char* target; /* GPU whose results are asked: "h200", or a target's JSON file; NULL: the first local one */
    const char* kernel_folder; /* of compiled kernels; NULL: DATABASE.kernels, where `warpsmith tune` puts them */
    int accept_modelled;       /* not 0: where nothing verified is near, also what was compiled but never run */
    int compile_missing;       /* not 0: a kernel that is not in the folder is compiled when it is first loaded */
    const char* toolkit; /* folder of the CUDA toolkit to compile with; NULL: the one this library was built with */
    const char* driver_library; /* NULL: libcuda.so.1 */
} warpsmith_options;

/* Reads a tuning database that `warpsmith tune` wrote; the file and its folder may be read-only. `options` may be NULL.
 * *cache is set to NULL unless WARPSMITH_OK comes back. */
WARPSMITH_API warpsmith_status warpsmith_open(const char* database, const warpsmith_options* options,
                                              warpsmith_cache** cache);

/* Nobody may be using it. Loaded kernels stay loaded: they belong to their CUDA contexts. NULL is ignored. */
WARPSMITH_API void warpsmith_close(warpsmith_cache* cache);

/* Takes in what was recorded since it was opened or last refreshed. Other threads may go on asking: they get answers
 * from before or from after. *changed (may be NULL) tells whether there was anything; where there was not, it takes
 * microseconds. Where it fails, answers stay as they were. */
WARPSMITH_API warpsmith_status warpsmith_refresh(warpsmith_cache* cache, int* changed);

/* How many workloads were tuned and verified for the target. */
WARPSMITH_API size_t warpsmith_size(const warpsmith_cache* cache);

/* --- Asking --------------------------------------------------------------------------------------------------- */

#define WARPSMITH_MAX_DIMENSIONS 8

/* A workload without text. Made from text once; its sizes may be changed as often as needed. It depends on no cache,
 * only on this version of the library. */
typedef struct warpsmith_query {
    uint64_t kind;  /* family, dtype and options */
    uint32_t count; /* of sizes */
    uint32_t reserved;
    int64_t sizes[WARPSMITH_MAX_DIMENSIONS]; /* see warpsmith_dimension */
} warpsmith_query;

/* "lstm T=128 B=16 N=4 D=64 dtype=bf16", in any order; options that are left out have their defaults. */
WARPSMITH_API warpsmith_status warpsmith_parse(const char* text, warpsmith_query* query);

/* A kernel of the user's own, by the T1 file that `warpsmith tune FILE.json` tuned it with. That and the files that it
 * names are read here; the answer is of what they say now. The query belongs to this cache and has no sizes. Of at most
 * 256 kernels; the same one twice counts once. */
WARPSMITH_API warpsmith_status warpsmith_own_kernel(warpsmith_cache* cache, const char* t1_file,
                                                    warpsmith_query* query);

/* A recurrent cell of the user's own, by the file that `warpsmith tune "my_cell.cuh T=..."` was given: from now on,
 * and for all caches, my_cell is a family like the others. To be called before the first query is made and the first
 * cache opened, and by one thread: WARPSMITH_FAILED later on, as where the file is no cell or there is a family of that
 * name. The file is compiled once, with `toolkit` (NULL: the one this library was built with), to read what its cell
 * computes; no GPU is needed. Of at most 64 cells; the same one twice counts once. */
WARPSMITH_API warpsmith_status warpsmith_own_cell(const char* cell_file, const char* toolkit);

/* The place in sizes[] of the dimension with this name; -1 where the query's family has none. */
WARPSMITH_API int warpsmith_dimension(const warpsmith_query* query, const char* name);

typedef enum warpsmith_basis {
    WARPSMITH_NONE = 0,
    WARPSMITH_EXACT = 1,   /* this very workload was tuned for this target */
    WARPSMITH_NEAREST = 2, /* another with the same fixed dimensions was; this configuration fits the one asked, too */
    WARPSMITH_MODELLED = 3 /* compiled and ranked by the model; it never ran (accept_modelled) */
} warpsmith_basis;

/* Text and handles in it stay valid until the cache is closed. */
typedef struct warpsmith_choice {
    warpsmith_basis basis;
    int measured;          /* whether median_us comes from a clock; else it is modelled */
    double median_us;      /* of the workload that it was tuned for */
    double distance;       /* to that: Euclidean over log2 of the runtime dimensions; 0 where it is the one asked */
    const char* config;    /* "warps=4 batch=16" */
    const char* tuned_for; /* canonical text of a workload */
    const char *source_digest, *toolkit;             /* of the kernel */
    const char* why;                                 /* there is no answer; NULL where there is one */
    uint32_t grid[3], block[3], cluster, smem_bytes; /* the launch for the sizes asked; dynamic shared memory */
    int cooperative;                                 /* whether it must be a cooperative launch */
    const void* kernel;                              /* for warpsmith_load */
} warpsmith_choice;

/* WARPSMITH_OK or WARPSMITH_NOT_FOUND, or WARPSMITH_BAD_ARGUMENT for a null pointer. Exact where the workload was
 * tuned, else the nearest of the same family, dtype, options and fixed dimensions whose configuration satisfies every
 * constraint at the sizes asked. */
WARPSMITH_API warpsmith_status warpsmith_find(const warpsmith_cache* cache, const warpsmith_query* query,
                                              warpsmith_choice* choice);

/* --- The kernel ----------------------------------------------------------------------------------------------- */

typedef struct warpsmith_kernel {
    void* function;   /* CUfunction; NULL where it was only fetched */
    const char* name; /* of the kernel in the cubin */
    const void* cubin;
    size_t cubin_bytes;
    uint32_t registers;         /* per thread */
    uint32_t static_smem_bytes; /* per block */
    const void* handle;         /* for warpsmith_launch; NULL where it was only fetched */
} warpsmith_kernel;

/* Reads the choice's cubin from the kernel folder, at its first use; needs no GPU and no driver. The row of the
 * database that the choice rests on is read whole first: WARPSMITH_FAILED where its checksum, or the cubin's, is wrong.
 * Nothing is compiled unless the cache was opened with compile_missing. What *kernel points to is valid until the cache
 * is closed. */
WARPSMITH_API warpsmith_status warpsmith_fetch(warpsmith_cache* cache, const warpsmith_choice* choice,
                                               warpsmith_kernel* kernel);

/* As warpsmith_fetch, and loads it into the CUDA context of the calling thread, or of the first GPU where the thread
 * has none. Once per kernel and context; after that no lock is taken. */
WARPSMITH_API warpsmith_status warpsmith_load(warpsmith_cache* cache, const warpsmith_choice* choice,
                                              warpsmith_kernel* kernel);

/* Enqueues a loaded kernel in the stream (a CUstream or cudaStream_t; NULL: the default one) with the choice's launch.
 * `parameters` points to the address of each kernel parameter, in the order in which `warpsmith families` lists them,
 * or the T1 file has them. */
WARPSMITH_API warpsmith_status warpsmith_launch(const warpsmith_kernel* kernel, const warpsmith_choice* choice,
                                                void* stream, void** parameters);

#ifdef __cplusplus
}
#endif

#endif
