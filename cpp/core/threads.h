// The thread pool: parallel loops over index ranges.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace lamina {

using RangeBody = void (*)(void* context, int64_t begin, int64_t end);

// A loop is cut at multiples of this: the grain, or an eighth where that is a multiple of 64.
int64_t cut_unit(int64_t grain) noexcept;

// Runs body over [0, n) in pieces, on the caller and as many workers that each has about `grain` indices or
// more; returns when all are done. Pieces begin at multiples of cut_unit(grain). They may run in any order on
// any thread, so a body must not let results depend on the cut. A nested call, a call with n <= grain and a
// call while another thread uses the pool run on the caller alone. Where a body throws, the pieces that
// nobody has begun are left out, and the caller gets the first exception once all threads are out of the
// loop.
void parallel_for(int64_t n, int64_t grain, RangeBody body, void* context);

// The same for a callable body(begin, end).
template <class F>
inline __attribute__((always_inline)) void parallel_for(int64_t n, int64_t grain, F&& body) {
    using Body = std::remove_reference_t<F>;
    parallel_for(
        n, grain,
        [](void* context, int64_t begin, int64_t end) { (*static_cast<Body*>(context))(begin, end); },
        const_cast<void*>(static_cast<const void*>(&body)));
}

int num_threads() noexcept;
// 1 <= n <= 1024, else std::invalid_argument.
void set_num_threads(int n);

// At least `bytes` of the pool's memory, 64-byte aligned, that belongs to the calling thread until its next
// call with the same slot. Throws what the pool throws. Slots (there are eight) keep users on one thread
// apart: 0 and 1 are gemm's packed panels, 2, 3, 6 and 7 convolution's, 2 an LSTM's, 4 normalisation's and
// that of gemm's parts, 5 fused groups'.
void* thread_scratch(int slot, size_t bytes);

}  // namespace lamina
