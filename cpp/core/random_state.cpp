#include "core/random_state.h"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <random>

#include "core/error.h"

namespace lamina {

namespace {

std::mutex g_mutex;
bool g_seeded = false;
RandomState g_state;

uint64_t initial_key() {
    if (const char* text = std::getenv("LAMINA_SEED"); text && *text) {
        uint64_t key = 0;
        const char* end = text + std::strlen(text);
        const auto [rest, error] = std::from_chars(text, end, key);
        if (error != std::errc() || rest != end)
            value_error("LAMINA_SEED must be a whole number from 0 to 2^64 - 1, but is '", text, "'.");
        return key;
    }
    std::random_device entropy;
    return uint64_t{entropy()} << 32 | entropy();
}

RandomState& seeded_state() {
    if (!g_seeded) {
        g_state = {initial_key(), 0};
        g_seeded = true;
    }
    return g_state;
}

}  // namespace

void set_random_seed(uint64_t seed) noexcept { set_random_state({seed, 0}); }

RandomState random_state() {
    const std::lock_guard lock(g_mutex);
    return seeded_state();
}

void set_random_state(const RandomState& state) noexcept {
    const std::lock_guard lock(g_mutex);
    g_state = state;
    g_seeded = true;
}

RandomState next_random_call() {
    const std::lock_guard lock(g_mutex);
    RandomState& state = seeded_state();
    const RandomState call = state;
    ++state.calls;
    return call;
}

}  // namespace lamina
