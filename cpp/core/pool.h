// The memory pool: blocks by size class, kept for reuse, with statistics and a cap.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace lamina {

class Pool;

// Memory with a count of its holders. The header takes the first 64 bytes of a block and the data begins
// behind it, 64-byte aligned.
class Buffer {
  public:
    void* data() noexcept { return reinterpret_cast<char*>(this) + kHeader; }
    size_t bytes() const noexcept { return bytes_; }
    int64_t holders() const noexcept { return holders_.load(std::memory_order_acquire); }
    void retain() noexcept { holders_.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept;

    static constexpr size_t kHeader = 64;

  private:
    friend class Pool;
    std::atomic<int64_t> holders_;
    size_t bytes_;
    int size_class_;
    bool internal_;
    Buffer* next_free_;
};

// A holder of a buffer.
class BufferRef {
  public:
    BufferRef() = default;
    // Takes over the count that `buffer` was made with.
    explicit BufferRef(Buffer* buffer) noexcept : buffer_(buffer) {}
    BufferRef(const BufferRef& other) noexcept : buffer_(other.buffer_) {
        if (buffer_) buffer_->retain();
    }
    BufferRef(BufferRef&& other) noexcept : buffer_(other.buffer_) { other.buffer_ = nullptr; }
    BufferRef& operator=(BufferRef other) noexcept {
        Buffer* mine = buffer_;
        buffer_ = other.buffer_;
        other.buffer_ = mine;
        return *this;
    }
    ~BufferRef() {
        if (buffer_) buffer_->release();
    }
    Buffer* get() const noexcept { return buffer_; }
    Buffer* operator->() const noexcept { return buffer_; }
    explicit operator bool() const noexcept { return buffer_ != nullptr; }

  private:
    Buffer* buffer_ = nullptr;
};

struct PoolStats {
    int64_t live_buffers, live_bytes;  // held by somebody; bytes as asked for
    int64_t cached_bytes;              // kept for reuse
    int64_t peak_bytes;                // largest live_bytes so far
    int64_t cap_bytes;                 // 0: none
    int64_t used_bytes;                // what the cap counts: blocks in use, those of the machinery too
};

class Pool {
  public:
    static Pool& global();

    // Throws Error(memory) when the system or the cap refuses; `what` names the asker in the message.
    BufferRef allocate(size_t bytes, const char* what = nullptr) { return allocate(bytes, what, false); }
    // For what belongs to the machinery and not to any tensor: left out of live_buffers and live_bytes.
    BufferRef allocate_internal(size_t bytes, const char* what) { return allocate(bytes, what, true); }

    // Gives cached blocks back to the system; returns how many bytes.
    size_t trim() noexcept;
    // Live and cached bytes together stay below `bytes`; 0 lifts the cap.
    void set_cap(int64_t bytes) noexcept;
    PoolStats stats() const noexcept;
    void reset_peak() noexcept;

    // For tests: the n-th allocation from now (1 is the next) fails once; 0 takes that back. Either way
    // threads forget the scratch memory that they keep, so that it is among what can fail.
    void fail_at(int64_t n) noexcept {
        test_round_.fetch_add(1);
        fail_at_.store(n);
    }
    static int64_t test_round() noexcept { return test_round_.load(std::memory_order_relaxed); }
    // For tests: allocations so far.
    int64_t allocations() const noexcept { return allocations_.load(); }

  private:
    friend class Buffer;
    static constexpr int kClasses = 256;

    BufferRef allocate(size_t bytes, const char* what, bool internal);
    void recycle(Buffer* buffer) noexcept;
    size_t trim_locked() noexcept;

    mutable std::mutex mutex_;
    Buffer* free_[kClasses] = {};
    int64_t live_buffers_ = 0, live_bytes_ = 0, live_block_bytes_ = 0, cached_bytes_ = 0, peak_bytes_ = 0,
            cap_bytes_ = 0;
    std::atomic<int64_t> fail_at_{0}, allocations_{0};
    static inline std::atomic<int64_t> test_round_{0};
};

}  // namespace lamina
