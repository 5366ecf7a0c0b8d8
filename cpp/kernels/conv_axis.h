// One direction of a convolution, forward and backward, as a list of offsets.
#pragma once

#include "kernels/gemm_tile.h"

namespace lamina::LAMINA_LEVEL {
namespace {

// Rows, or columns: output q reads input q * stride + offset[t] for the filter's tap[t]. Offsets ascend.
struct Axis {
    int64_t out, in, stride, taps;
    int64_t* offset;
    int64_t* tap;

    int64_t low() const { return taps > 0 ? offset[0] : 0; }
    int64_t high() const { return taps > 0 ? offset[taps - 1] : 0; }
    bool is_dense() const { return taps > 0 && high() - low() == taps - 1; }
    bool needs_padding() const { return low() < 0 || (out - 1) * stride + high() >= in; }
    // Inputs between the first and the last that `count` outputs read.
    int64_t span(int64_t count) const { return (count - 1) * stride + high() - low() + 1; }
};

// Room for the offsets and taps of both axes.
struct AxisMemory {
    int64_t* next;

    explicit AxisMemory(const ConvShape& s) {
        next = static_cast<int64_t*>(
            thread_scratch(6, static_cast<size_t>(2 * (s.k_h + s.k_w)) * sizeof(int64_t)));
    }
    int64_t* take(int64_t n) { return (next += n) - n; }
};

// One direction of a shape; tap_size: values of the filter between taps of this direction.
struct Direction {
    int64_t in, out, stride, taps, dilation, pad, tap_step;

    // Output q reads input q * stride + t * dilation - pad.
    Axis forward(AxisMemory& m) const {
        Axis a{out, in, stride, taps, m.take(taps), m.take(taps)};
        for (int64_t t = 0; t < taps; ++t) {
            a.offset[t] = t * dilation - pad;
            a.tap[t] = t * tap_step;
        }
        return a;
    }
    // Input phase + q * stride gets from output q + (phase + pad - t * dilation) / stride, for each tap where
    // that is whole.
    Axis backward(AxisMemory& m, int64_t phase) const {
        Axis a{ceil_div(in - phase, stride), out, 1, 0, m.take(taps), m.take(taps)};
        for (int64_t t = taps - 1; t >= 0; --t) {
            const int64_t place = phase + pad - t * dilation;
            if (place % stride != 0) continue;
            a.offset[a.taps] = place / stride;
            a.tap[a.taps++] = t * tap_step;
        }
        return a;
    }
};

Direction vertical(const ConvShape& s) {
    return {s.in_h, s.out_h, s.stride_h, s.k_h, s.dilation_h, s.pad_top, s.k_w};
}
Direction horizontal(const ConvShape& s) {
    return {s.in_w, s.out_w, s.stride_w, s.k_w, s.dilation_w, s.pad_left, 1};
}

}  // namespace
}  // namespace lamina::LAMINA_LEVEL
