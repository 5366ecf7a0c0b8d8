#include "simd/cpu.h"

#include <cstring>

namespace lamina {

bool cpu_runs(const char* level) noexcept {
#if defined(__x86_64__)
    __builtin_cpu_init();
    const auto is = [&](const char* name) { return std::strcmp(level, name) == 0; };
    if (is("v2")) return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
    if (is("v3"))
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
               __builtin_cpu_supports("bmi2");
    if (is("v4"))
        return cpu_runs("v3") && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
    return false;
#else
    return std::strcmp(level, "neon") == 0;
#endif
}

}  // namespace lamina
