// Two-dimensional convolutions by plain loops: the reference.
#include "core/threads.h"
#include "kernels/table.h"
#include "simd/vec.h"

namespace lamina::LAMINA_LEVEL {
namespace {

// Calls f(x offset, filter offset, y offset), at channel 0, for every product of an input pixel, a filter tap
// and an output pixel.
template <class F>
void each_tap(const ConvShape& s, F f) {
    for (int64_t b = 0; b < s.batch; ++b)
        for (int64_t oh = 0; oh < s.out_h; ++oh)
            for (int64_t ow = 0; ow < s.out_w; ++ow)
                for (int64_t kh = 0; kh < s.k_h; ++kh)
                    for (int64_t kw = 0; kw < s.k_w; ++kw) {
                        const int64_t ih = oh * s.stride_h + kh * s.dilation_h - s.pad_top;
                        const int64_t iw = ow * s.stride_w + kw * s.dilation_w - s.pad_left;
                        if (ih < 0 || ih >= s.in_h || iw < 0 || iw >= s.in_w) continue;
                        f(((b * s.in_h + ih) * s.in_w + iw) * s.in_c, (kh * s.k_w + kw) * s.in_c * s.out_c,
                          ((b * s.out_h + oh) * s.out_w + ow) * s.out_c);
                    }
}

void conv2d(const ConvShape& s, const Real* x, const Real* filter, Real* y, const Epilogue<Real>& e) {
    const int64_t pixels = s.batch * s.out_h * s.out_w;
    for (int64_t i = 0; i < pixels * s.out_c; ++i) y[i] = 0;
    each_tap(s, [&](int64_t x0, int64_t f0, int64_t y0) {
        for (int64_t i = 0; i < s.in_c; ++i)
            for (int64_t o = 0; o < s.out_c; ++o) y[y0 + o] += x[x0 + i] * filter[f0 + i * s.out_c + o];
    });
    for (int64_t i = 0; i < pixels; ++i) {
        Real* row = y + i * s.out_c;
        for (int64_t o = 0; o < s.out_c; ++o) {
            if (e.bias) row[o] += e.bias[o];
            if (e.addend) row[o] += e.addend[i * e.addend_stride + o];
        }
        if (e.activation) e.activation(row, row, s.out_c, e.p, e.q);
    }
}

void conv2d_max_pool(const ConvShape& s, int64_t rows, int64_t columns, const Real* x, const Real* filter,
                     const Real*, Real* y, const Epilogue<Real>& e) {
    const int64_t pixels = s.batch * s.out_h * s.out_w;
    auto* all = static_cast<Real*>(thread_scratch(7, static_cast<size_t>(pixels * s.out_c) * sizeof(Real)));
    conv2d(s, x, filter, all, e);
    for (int64_t b = 0; b < s.batch; ++b)
        for (int64_t h = 0; h < s.out_h / rows; ++h)
            for (int64_t w = 0; w < s.out_w / columns; ++w, y += s.out_c)
                for (int64_t o = 0; o < s.out_c; ++o) {
                    y[o] = static_cast<Real>(__builtin_nan(""));
                    for (int64_t i = 0; i < rows * columns; ++i) {
                        const int64_t row = h * rows + i / columns, column = w * columns + i % columns;
                        const Real value = all[((b * s.out_h + row) * s.out_w + column) * s.out_c + o];
                        if (value > y[o] || (y[o] != y[o] && value == value)) y[o] = value;
                    }
                }
}

void conv2d_grad_input(const ConvShape& s, const Real* dy, const Real* filter, Real* dx) {
    for (int64_t i = 0; i < s.batch * s.in_h * s.in_w * s.in_c; ++i) dx[i] = 0;
    each_tap(s, [&](int64_t x0, int64_t f0, int64_t y0) {
        for (int64_t i = 0; i < s.in_c; ++i)
            for (int64_t o = 0; o < s.out_c; ++o) dx[x0 + i] += dy[y0 + o] * filter[f0 + i * s.out_c + o];
    });
}

void conv2d_grad_filter(const ConvShape& s, const Real* x, const Real* dy, Real* dfilter) {
    for (int64_t i = 0; i < s.k_h * s.k_w * s.in_c * s.out_c; ++i) dfilter[i] = 0;
    each_tap(s, [&](int64_t x0, int64_t f0, int64_t y0) {
        for (int64_t i = 0; i < s.in_c; ++i)
            for (int64_t o = 0; o < s.out_c; ++o) dfilter[f0 + i * s.out_c + o] += x[x0 + i] * dy[y0 + o];
    });
}

}  // namespace

void fill_table_conv(Table<Real>& t) {
    t.conv2d = conv2d;
    t.conv2d_packed_size = [](const ConvShape&) -> int64_t { return 0; };
    t.conv2d_pack = nullptr;
    t.conv2d_packed = nullptr;
    t.conv2d_max_pool = conv2d_max_pool;
    t.conv2d_grad_input = conv2d_grad_input;
    t.conv2d_grad_filter = conv2d_grad_filter;
}

}  // namespace lamina::LAMINA_LEVEL
