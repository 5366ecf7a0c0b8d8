#include "core/random.h"

#include "core/random_groups.h"

namespace lamina {

using namespace philox_groups;

void philox_bits(uint64_t key, uint64_t stream, uint64_t step, uint32_t* out, int64_t begin,
                 int64_t n) noexcept {
    constexpr int64_t few = 4;  // which are sooner made one by one than with their group
    const Sequence s(key, stream, step);
    if (n <= few) {
        for (int64_t i = begin; i < begin + n; ++i) {
            uint32_t word[4];
            s.block(static_cast<uint64_t>(i / group * blocks + i % blocks), word);
            *out++ = word[i / blocks % 4];
        }
        return;
    }
    const Keys keys(s.key);
    fill(out, begin, n, [&](uint32_t* values, int64_t g) {
        const Words words(s, keys, g);
        std::memcpy(values, words.all(), sizeof words.word);
    });
}

void philox_block(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4]) noexcept {
    Sequence s(0, 0, counter[2] | uint64_t{counter[3]} << 32);
    s.key = key[0] | uint64_t{key[1]} << 32;
    s.block(counter[0] | uint64_t{counter[1]} << 32, out);
}

}  // namespace lamina
