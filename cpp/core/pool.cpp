#include "core/pool.h"

#include <bit>
#include <cstdlib>
#include <new>

#include "core/error.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

namespace lamina {

namespace {

// Classes 0 to 15 are multiples of 64 bytes up to 1 KiB; above, each octave has four steps, so that at most a
// fifth of a block is unused.
constexpr int kSmallClasses = 16;

int class_of(size_t bytes) {
    if (bytes <= kSmallClasses * 64) return bytes == 0 ? 0 : static_cast<int>((bytes - 1) / 64);
    const int octave = std::bit_width(bytes - 1) - 1;  // 2^octave < bytes <= 2^(octave + 1)
    const size_t step = (size_t{1} << octave) / 4;
    const size_t quarter = (bytes - 1 - (size_t{1} << octave)) / step;
    return kSmallClasses + (octave - 10) * 4 + static_cast<int>(quarter);
}

size_t class_bytes(int c) {
    if (c < kSmallClasses) return (static_cast<size_t>(c) + 1) * 64;
    const int octave = 10 + (c - kSmallClasses) / 4;
    return (size_t{1} << octave) +
           ((size_t{1} << octave) / 4) * static_cast<size_t>((c - kSmallClasses) % 4 + 1);
}

}  // namespace

Pool& Pool::global() {
    // Never destroyed: buffers may outlive static destruction in a host program.
    static Pool* pool = new Pool;
    return *pool;
}

BufferRef Pool::allocate(size_t bytes, const char* what, bool internal) {
    const auto refuse = [&](const char* why) {
        fail(ErrorKind::memory, what ? what : "tensor", ": cannot allocate ", bytes, " bytes (", why, ").");
    };
    allocations_.fetch_add(1, std::memory_order_relaxed);
    if (fail_at_.load(std::memory_order_relaxed) > 0 && fail_at_.fetch_sub(1) == 1)
        refuse("failure asked for by a test");
    if (bytes > (size_t{1} << 52)) refuse("more than any machine has");

    const int c = class_of(bytes);
    const size_t block = class_bytes(c);
    Buffer* buffer = nullptr;
    {
        std::lock_guard lock(mutex_);
        if (free_[c]) {
            buffer = free_[c];
            free_[c] = buffer->next_free_;
            cached_bytes_ -= static_cast<int64_t>(block);
        } else if (cap_bytes_ &&
                   live_block_bytes_ + cached_bytes_ + static_cast<int64_t>(block) > cap_bytes_) {
            trim_locked();
            if (live_block_bytes_ + static_cast<int64_t>(block) > cap_bytes_)
                refuse(text("the pool's cap is ", cap_bytes_, " bytes, ", live_block_bytes_, " are in use")
                           .c_str());
        }
        live_block_bytes_ += static_cast<int64_t>(block);
        if (!internal) {
            live_bytes_ += static_cast<int64_t>(bytes);
            ++live_buffers_;
            if (live_bytes_ > peak_bytes_) peak_bytes_ = live_bytes_;
        }
    }
    if (!buffer) {
        void* memory = std::aligned_alloc(64, Buffer::kHeader + block);
        if (!memory) {
            trim();
            memory = std::aligned_alloc(64, Buffer::kHeader + block);
        }
        if (!memory) {
            std::lock_guard lock(mutex_);
            live_block_bytes_ -= static_cast<int64_t>(block);
            if (!internal) {
                live_bytes_ -= static_cast<int64_t>(bytes);
                --live_buffers_;
            }
            refuse("the system has no more memory");
        }
        buffer = new (memory) Buffer;
        buffer->size_class_ = c;
    }
    ASAN_UNPOISON_MEMORY_REGION(buffer->data(), block);
    // What lies behind the bytes asked for is out of bounds for a sanitizer build.
    ASAN_POISON_MEMORY_REGION(static_cast<char*>(buffer->data()) + bytes, block - bytes);
    buffer->bytes_ = bytes;
    buffer->internal_ = internal;
    buffer->holders_.store(1, std::memory_order_relaxed);
    return BufferRef(buffer);
}

void Buffer::release() noexcept {
    if (holders_.fetch_sub(1, std::memory_order_acq_rel) == 1) Pool::global().recycle(this);
}

void Pool::recycle(Buffer* buffer) noexcept {
    const auto block = static_cast<int64_t>(class_bytes(buffer->size_class_));
    ASAN_POISON_MEMORY_REGION(buffer->data(), static_cast<size_t>(block));
    std::lock_guard lock(mutex_);
    live_block_bytes_ -= block;
    if (!buffer->internal_) {
        live_bytes_ -= static_cast<int64_t>(buffer->bytes_);
        --live_buffers_;
    }
    cached_bytes_ += block;
    buffer->next_free_ = free_[buffer->size_class_];
    free_[buffer->size_class_] = buffer;
}

size_t Pool::trim() noexcept {
    std::lock_guard lock(mutex_);
    return trim_locked();
}

size_t Pool::trim_locked() noexcept {
    const auto freed = static_cast<size_t>(cached_bytes_);
    for (Buffer*& head : free_) {
        while (Buffer* buffer = head) {
            head = buffer->next_free_;
            ASAN_UNPOISON_MEMORY_REGION(buffer->data(), class_bytes(buffer->size_class_));
            std::free(buffer);
        }
    }
    cached_bytes_ = 0;
    return freed;
}

void Pool::set_cap(int64_t bytes) noexcept {
    std::lock_guard lock(mutex_);
    cap_bytes_ = bytes;
}

PoolStats Pool::stats() const noexcept {
    std::lock_guard lock(mutex_);
    return {live_buffers_, live_bytes_, cached_bytes_, peak_bytes_, cap_bytes_, live_block_bytes_};
}

void Pool::reset_peak() noexcept {
    std::lock_guard lock(mutex_);
    peak_bytes_ = live_bytes_;
}

}  // namespace lamina
