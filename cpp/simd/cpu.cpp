#include "simd/cpu.h"

#include <cstdint>
#include <cstring>
#include <initializer_list>

#if defined(__x86_64__)
// Asked by hand: what __builtin_cpu_supports needs is missing from some compilers' run-time libraries.
#include <cpuid.h>
#endif

namespace lamina {

#if defined(__x86_64__)

namespace {

struct Leaf {
    unsigned a = 0, b = 0, c = 0, d = 0;
};

/// All bits are 0 where the CPU has no such leaf.
Leaf leaf(unsigned number) {
    Leaf found;
    if (!__get_cpuid_count(number, 0, &found.a, &found.b, &found.c, &found.d)) return {};
    return found;
}

constexpr bool has(unsigned bits, std::initializer_list<int> wanted) {
    for (const int bit : wanted)
        if (!(bits >> bit & 1)) return false;
    return true;
}

/// Whether the operating system keeps these registers (bits of XCR0) when it changes threads.
bool saved(uint64_t registers) {
    constexpr int osxsave = 27;
    if (!has(leaf(1).c, {osxsave})) return false;
    uint32_t low = 0, high = 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return ((uint64_t{high} << 32 | low) & registers) == registers;
}

constexpr uint64_t kAvxRegisters = 0x6, kAvx512Registers = 0xe6;

// sse3, ssse3, cx16, sse4.1, sse4.2, popcnt
bool runs_v2() { return has(leaf(1).c, {0, 9, 13, 19, 20, 23}); }

// fma, movbe, avx, f16c; bmi1, avx2, bmi2; lzcnt
bool runs_v3() {
    return runs_v2() && saved(kAvxRegisters) && has(leaf(1).c, {12, 22, 28, 29}) &&
           has(leaf(7).b, {3, 5, 8}) && has(leaf(0x80000001).c, {5});
}

// avx512: f, dq, cd, bw, vl
bool runs_v4() { return runs_v3() && saved(kAvx512Registers) && has(leaf(7).b, {16, 17, 28, 30, 31}); }

}  // namespace

bool cpu_runs(const char* level) noexcept {
    if (std::strcmp(level, "v2") == 0) return runs_v2();
    if (std::strcmp(level, "v3") == 0) return runs_v3();
    return std::strcmp(level, "v4") == 0 && runs_v4();
}

#else

bool cpu_runs(const char* level) noexcept { return std::strcmp(level, "neon") == 0; }

#endif

}  // namespace lamina
