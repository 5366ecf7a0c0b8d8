// FarmHash's Fingerprint64, as its authors publish it (github.com/google/farmhash, farmhashna::Hash64).
#include "ops/fingerprint.h"

#include <bit>
#include <cstring>
#include <utility>

namespace lamina {

namespace {

constexpr uint64_t k0 = 0xc3a5c85c97cb3127, k1 = 0xb492b66fbe98f273, k2 = 0x9ae16a3b2f90404f;

struct Pair {
    uint64_t first, second;
};

template <class T>
uint64_t read(const char* at) {
    static_assert(std::endian::native == std::endian::little);
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}
uint64_t word(const char* at) { return read<uint64_t>(at); }
uint64_t half(const char* at) { return read<uint32_t>(at); }
uint64_t byte(const char* at) { return read<uint8_t>(at); }

uint64_t mix(uint64_t x) { return x ^ (x >> 47); }
uint64_t turn(uint64_t x, int bits) { return std::rotr(x, bits); }

uint64_t join(uint64_t a, uint64_t b, uint64_t factor) {
    const uint64_t c = mix((a ^ b) * factor);
    return mix((b ^ c) * factor) * factor;
}

Pair join_32(const char* at, uint64_t a, uint64_t b) {
    a += word(at);
    b = turn(b + a + word(at + 24), 21);
    const uint64_t c = a;
    a += word(at + 8) + word(at + 16);
    b += turn(a, 44);
    return {a + word(at + 24), b + c};
}

uint64_t up_to_16(const char* s, uint64_t n) {
    const uint64_t factor = k2 + 2 * n;
    if (n >= 8) {
        const uint64_t a = word(s) + k2, b = word(s + n - 8);
        return join(turn(b, 37) * factor + a, (turn(a, 25) + b) * factor, factor);
    }
    if (n >= 4) return join(n + (half(s) << 3), half(s + n - 4), factor);
    if (n == 0) return k2;
    const uint64_t y = byte(s) + (byte(s + n / 2) << 8), z = n + (byte(s + n - 1) << 2);
    return mix(y * k2 ^ z * k0) * k2;
}

uint64_t up_to_32(const char* s, uint64_t n) {
    const uint64_t factor = k2 + 2 * n;
    const uint64_t a = word(s) * k1, b = word(s + 8), c = word(s + n - 8) * factor, d = word(s + n - 16) * k2;
    return join(turn(a + b, 43) + turn(c, 30) + d, a + turn(b + k2, 18) + c, factor);
}

uint64_t up_to_64(const char* s, uint64_t n) {
    const uint64_t factor = k2 + 2 * n;
    const uint64_t a = word(s) * k2, b = word(s + 8), c = word(s + n - 8) * factor, d = word(s + n - 16) * k2;
    const uint64_t y = turn(a + b, 43) + turn(c, 30) + d;
    const uint64_t z = join(y, a + turn(b + k2, 18) + c, factor);
    const uint64_t e = word(s + 16) * factor, f = word(s + 24);
    const uint64_t g = (y + word(s + n - 32)) * factor, h = (z + word(s + n - 24)) * factor;
    return join(turn(e + f, 43) + turn(g, 30) + h, e + turn(f + a, 18) + g, factor);
}

// What a block of 64 bytes is stirred into.
struct State {
    uint64_t x, y, z;
    Pair v, w;

    void block(const char* s, uint64_t factor, uint64_t times) {
        x = turn(x + y + v.first + word(s + 8), 37) * factor;
        y = turn(y + v.second + word(s + 48), 42) * factor;
        x ^= w.second * times;
        y += v.first * times + word(s + 40);
        z = turn(z + w.first, 33) * factor;
        v = join_32(s, v.second * factor, x + w.first);
        w = join_32(s + 32, z + w.second, y + word(s + 16));
        std::swap(z, x);
    }
};

}  // namespace

uint64_t fingerprint64(std::string_view bytes) noexcept {
    const char* s = bytes.data();
    const uint64_t n = bytes.size(), seed = 81;
    if (n <= 16) return up_to_16(s, n);
    if (n <= 32) return up_to_32(s, n);
    if (n <= 64) return up_to_64(s, n);

    const uint64_t y = seed * k1 + 113;
    State state{seed * k2 + word(s), y, mix(y * k2 + 113) * k2, {0, 0}, {0, 0}};
    const char* const end = s + (n - 1) / 64 * 64;
    for (; s != end; s += 64) state.block(s, k1, 1);
    // The last 64 bytes, of which some came before.
    const uint64_t factor = k1 + ((state.z & 0xff) << 1);
    state.w.first += (n - 1) & 63;
    state.v.first += state.w.first;
    state.w.first += state.v.first;
    state.block(bytes.data() + n - 64, factor, 9);
    const auto& [x, last_y, z, v, w] = state;
    return join(join(v.first, w.first, factor) + mix(last_y) * k0 + z, join(v.second, w.second, factor) + x,
                factor);
}

}  // namespace lamina
