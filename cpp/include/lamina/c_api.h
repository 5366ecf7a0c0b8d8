/* Lamina's C interface: handles and status codes. The C++ interface (lamina/lamina.h) stands on it.
 *
 * A function that can fail returns a lamina_status; what went wrong is then in lamina_last_error(). Results
 * are written through pointers that come last, and only on success. Whoever receives a handle frees it with
 * the function of its type; NULL may always be freed. Handles of tensors, variables, programs and tensor
 * files may be used by several threads at once; a tape belongs to the thread that made it, a context to one
 * thread at a time.
 */
#ifndef LAMINA_C_API_H
#define LAMINA_C_API_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#if defined(LAMINA_STATIC)
#define LAMINA_API
#elif defined(LAMINA_BUILDING)
#define LAMINA_API __declspec(dllexport)
#else
#define LAMINA_API __declspec(dllimport)
#endif
#else
#define LAMINA_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Raised when programs that were compiled before would no longer run. */
#define LAMINA_ABI_VERSION 1

typedef int32_t lamina_status;
enum {
    LAMINA_OK = 0,
    LAMINA_VALUE_ERROR = 1,
    LAMINA_TYPE_ERROR = 2,
    LAMINA_RUNTIME_ERROR = 3,
    LAMINA_MEMORY_ERROR = 4,
    LAMINA_INDEX_ERROR = 5,
    LAMINA_INTERNAL_ERROR = 6
};

/* The element types: float, int32_t, one byte that is 0 or 1, two floats, UTF-8 text. */
typedef int32_t lamina_dtype;
enum { LAMINA_FLOAT32 = 0, LAMINA_INT32 = 1, LAMINA_BOOL = 2, LAMINA_COMPLEX64 = 3, LAMINA_STRING = 4 };

typedef struct lamina_tensor lamina_tensor;
typedef struct lamina_variable lamina_variable;
typedef struct lamina_tape lamina_tape;
typedef struct lamina_tensor_file lamina_tensor_file;
typedef struct lamina_program lamina_program;
typedef struct lamina_context lamina_context;

/* ---- the library ---------------------------------------------------------------------------------------- */

/* The text of the calling thread's last error; valid until its next one. A function without a status, asked
 * about a NULL handle, answers 0, NULL or, for a type, -1, and keeps the error here. */
LAMINA_API const char* lamina_last_error(void);
LAMINA_API int32_t lamina_abi_version(void);
LAMINA_API const char* lamina_version(void);
/* The CPU level in use: "v2", "v3", "v4" or "neon". */
LAMINA_API lamina_status lamina_cpu_level(const char** level);
LAMINA_API int32_t lamina_num_threads(void);
LAMINA_API lamina_status lamina_set_num_threads(int32_t threads);
LAMINA_API lamina_status lamina_set_random_seed(uint64_t seed);

typedef struct lamina_memory {
    int64_t live_buffers, live_bytes; /* of tensors and variables */
    int64_t cached_bytes;             /* kept for reuse */
    int64_t allocations;              /* so far, of the library's pool */
} lamina_memory;
LAMINA_API void lamina_memory_stats(lamina_memory* stats);
/* Gives memory that is kept for reuse back to the system; returns how many bytes. */
LAMINA_API size_t lamina_memory_trim(void);

/* ---- tensors -------------------------------------------------------------------------------------------- */

/* Copies the values, in row-major order. */
LAMINA_API lamina_status lamina_tensor_create(lamina_dtype dtype, const int64_t* shape, size_t rank,
                                              const void* values, lamina_tensor** tensor);
LAMINA_API lamina_status lamina_tensor_create_strings(const int64_t* shape, size_t rank,
                                                      const char* const* values, const size_t* lengths,
                                                      lamina_tensor** tensor);
/* Another handle on the same value. */
LAMINA_API lamina_status lamina_tensor_share(const lamina_tensor* tensor, lamina_tensor** other);
LAMINA_API void lamina_tensor_free(lamina_tensor* tensor);
LAMINA_API lamina_dtype lamina_tensor_dtype(const lamina_tensor* tensor);
LAMINA_API size_t lamina_tensor_rank(const lamina_tensor* tensor);
LAMINA_API const int64_t* lamina_tensor_shape(const lamina_tensor* tensor);
LAMINA_API int64_t lamina_tensor_size(const lamina_tensor* tensor);
/* The values, for as long as the handle lives; not for strings. */
LAMINA_API lamina_status lamina_tensor_data(const lamina_tensor* tensor, const void** data);
LAMINA_API lamina_status lamina_tensor_string(const lamina_tensor* tensor, int64_t index, const char** text,
                                              size_t* length);

/* ---- variables ------------------------------------------------------------------------------------------ */

LAMINA_API lamina_status lamina_variable_create(const lamina_tensor* initial, lamina_variable** variable);
LAMINA_API void lamina_variable_free(lamina_variable* variable);
/* What it holds now: later updates do not change that tensor. */
LAMINA_API lamina_status lamina_variable_read(const lamina_variable* variable, lamina_tensor** value);
LAMINA_API lamina_status lamina_variable_assign(lamina_variable* variable, const lamina_tensor* value);

/* ---- ops ------------------------------------------------------------------------------------------------ */

/* What stands in one of an op's slots: a tensor (NULL where an optional one is left out), a list of them, or
 * variables, which stand for their values where the op does not update them. */
typedef struct lamina_argument {
    const lamina_tensor* const* tensors;
    lamina_variable* const* variables; /* used where tensors is NULL */
    size_t count;
} lamina_argument;

typedef int32_t lamina_attr_kind;
enum {
    LAMINA_ATTR_NOT_GIVEN = 0,
    LAMINA_ATTR_NONE = 1,
    LAMINA_ATTR_BOOL = 2,    /* integer */
    LAMINA_ATTR_INTEGER = 3, /* integer */
    LAMINA_ATTR_NUMBER = 4,  /* number */
    LAMINA_ATTR_STRING = 5,  /* text, of `count` bytes */
    LAMINA_ATTR_INTS = 6,    /* ints, `count` of them */
    LAMINA_ATTR_DTYPE = 7    /* integer */
};

typedef struct lamina_attr {
    const char* name;
    lamina_attr_kind kind;
    int64_t integer;
    double number;
    const char* text;
    const int64_t* ints;
    size_t count;
} lamina_attr;

/* Calls the op of that name with a value for each of its slots, in order. `results` is an array of `count`
 * tensors; each is freed by itself, the array by lamina_results_free. */
LAMINA_API lamina_status lamina_call(const char* op, const lamina_argument* arguments, size_t argument_count,
                                     const lamina_attr* attrs, size_t attr_count, lamina_tensor*** results,
                                     size_t* count);
LAMINA_API void lamina_results_free(lamina_tensor** results);

/* ---- gradients ------------------------------------------------------------------------------------------ */

/* Records what this thread calls from now on, until lamina_tape_stop, which is this thread's, too. */
LAMINA_API lamina_status lamina_tape_create(lamina_tape** tape);
LAMINA_API void lamina_tape_stop(lamina_tape* tape);
LAMINA_API void lamina_tape_free(lamina_tape* tape);
LAMINA_API lamina_status lamina_tape_watch(lamina_tape* tape, const lamina_tensor* tensor);
LAMINA_API lamina_status lamina_tape_watch_variable(lamina_tape* tape, const lamina_variable* variable);
/* gradients[i] = d(target)/d(sources[i]) weighted by dy (NULL: ones), or NULL where target does not depend on
 * it. A source is a tensor, or, where that is NULL, a variable. */
LAMINA_API lamina_status lamina_tape_gradient(const lamina_tape* tape, const lamina_tensor* target,
                                              const lamina_tensor* const* sources,
                                              lamina_variable* const* variables, size_t count,
                                              const lamina_tensor* dy, lamina_tensor** gradients);

/* ---- files of tensors (safetensors) --------------------------------------------------------------------- */

/* The file is replaced whole or not at all, and carries a sha256 of its content. Names are UTF-8. What is
 * read must be a regular file. */
LAMINA_API lamina_status lamina_tensor_file_save(const char* path, const char* const* names,
                                                 const lamina_tensor* const* tensors, size_t count);
LAMINA_API lamina_status lamina_tensor_file_load(const char* path, lamina_tensor_file** file);
LAMINA_API lamina_status lamina_tensor_file_read(const void* bytes, size_t size, lamina_tensor_file** file);
LAMINA_API void lamina_tensor_file_free(lamina_tensor_file* file);
LAMINA_API size_t lamina_tensor_file_count(const lamina_tensor_file* file);
/* NULL beyond the last one. */
LAMINA_API const char* lamina_tensor_file_name(const lamina_tensor_file* file, size_t index);
LAMINA_API lamina_status lamina_tensor_file_tensor(const lamina_tensor_file* file, size_t index,
                                                   lamina_tensor** tensor);

/* ---- programs ------------------------------------------------------------------------------------------- */

typedef struct lamina_port {
    const char* name;
    lamina_dtype dtype;
    size_t rank;
    const int64_t* shape; /* of a program: -1 where a size grows with the batch */
} lamina_port;

LAMINA_API lamina_status lamina_program_load(const char* path, lamina_program** program);
LAMINA_API lamina_status lamina_program_read(const void* bytes, size_t size, lamina_program** program);
LAMINA_API void lamina_program_free(lamina_program* program);
LAMINA_API size_t lamina_program_input_count(const lamina_program* program);
LAMINA_API size_t lamina_program_output_count(const lamina_program* program);
LAMINA_API lamina_status lamina_program_input(const lamina_program* program, size_t index, lamina_port* port);
LAMINA_API lamina_status lamina_program_output(const lamina_program* program, size_t index,
                                               lamina_port* port);
/* The one batch size that it was exported for; 0: any. */
LAMINA_API int64_t lamina_program_batch(const lamina_program* program);

/* Memory and plan for running the program on `batch` samples. It keeps what it needs of the program. */
LAMINA_API lamina_status lamina_context_create(const lamina_program* program, int64_t batch,
                                               lamina_context** context);
LAMINA_API void lamina_context_free(lamina_context* context);
/* Where to write the values of input i, the same place for all runs. */
LAMINA_API lamina_status lamina_context_input(lamina_context* context, size_t index, void** data,
                                              lamina_port* port);
/* Computes the outputs. Takes no memory, but for what kernels need on a thread that runs for the first time.
 */
LAMINA_API lamina_status lamina_context_run(lamina_context* context);
/* Where the last run left output i; valid until the next one. */
LAMINA_API lamina_status lamina_context_output(const lamina_context* context, size_t index, const void** data,
                                               lamina_port* port);

#ifdef __cplusplus
}
#endif

#endif
