// Errors, and what concerns the library as a whole.
#include <new>

#include "capi/handles.h"
#include "core/random_state.h"
#include "core/threads.h"
#include "kernels/isa.h"

namespace lamina::capi {

namespace {

thread_local std::string t_error;

lamina_status status_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::value:
            return LAMINA_VALUE_ERROR;
        case ErrorKind::type:
            return LAMINA_TYPE_ERROR;
        case ErrorKind::memory:
            return LAMINA_MEMORY_ERROR;
        case ErrorKind::index:
            return LAMINA_INDEX_ERROR;
        case ErrorKind::runtime:
        case ErrorKind::disposed:
            return LAMINA_RUNTIME_ERROR;
        case ErrorKind::internal:
            break;
    }
    return LAMINA_INTERNAL_ERROR;
}

lamina_status keep(lamina_status status, const char* message) noexcept {
    try {
        t_error = message;
    } catch (...) {
        t_error.clear();
    }
    return status;
}

}  // namespace

lamina_status keep_error() noexcept {
    try {
        throw;
    } catch (const Error& e) {
        return keep(status_of(e.kind()), e.what());
    } catch (const std::bad_alloc&) {
        return keep(LAMINA_MEMORY_ERROR, "There is no memory left.");
    } catch (const std::exception& e) {
        return keep(LAMINA_INTERNAL_ERROR, e.what());
    } catch (...) {
        return keep(LAMINA_INTERNAL_ERROR, "unknown exception");
    }
}

void check_usable() {
    static const std::string problem = isa_problem();
    if (!problem.empty()) fail(ErrorKind::runtime, problem);
}

}  // namespace lamina::capi

using namespace lamina;
using capi::guarded;
using capi::needed;

extern "C" {

const char* lamina_last_error(void) { return capi::t_error.c_str(); }

int32_t lamina_abi_version(void) { return LAMINA_ABI_VERSION; }

const char* lamina_version(void) { return LAMINA_VERSION; }

lamina_status lamina_cpu_level(const char** level) {
    return guarded([&] {
        const std::string active = active_level();
        for (const char* name : {"v2", "v3", "v4", "neon"})
            if (active == name) {
                needed(level, "level") = name;
                return;
            }
        fail(ErrorKind::internal, "unknown CPU level ", active);
    });
}

int32_t lamina_num_threads(void) { return num_threads(); }

lamina_status lamina_set_num_threads(int32_t threads) {
    return guarded([&] {
        if (threads < 1 || threads > 1024)
            value_error("the number of threads must be between 1 and 1024, got ", threads, ".");
        set_num_threads(threads);
    });
}

lamina_status lamina_set_random_seed(uint64_t seed) {
    return guarded([&] { set_random_seed(seed); });
}

void lamina_memory_stats(lamina_memory* stats) {
    const PoolStats s = Pool::global().stats();
    if (stats) *stats = {s.live_buffers, s.live_bytes, s.cached_bytes, Pool::global().allocations()};
}

size_t lamina_memory_trim(void) { return Pool::global().trim(); }

}  // extern "C"
