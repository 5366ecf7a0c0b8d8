// Depthwise convolutions by plain loops: the reference.
#include "kernels/table.h"
#include "simd/vec.h"

namespace lamina::LAMINA_LEVEL {
namespace {

// Calls f(x offset, filter offset, y offset) for every product.
template <class F>
void each_product(const ConvShape& s, F f) {
    const int64_t multiplier = s.out_c / s.in_c;
    for (int64_t b = 0; b < s.batch; ++b)
        for (int64_t oh = 0; oh < s.out_h; ++oh)
            for (int64_t ow = 0; ow < s.out_w; ++ow)
                for (int64_t kh = 0; kh < s.k_h; ++kh)
                    for (int64_t kw = 0; kw < s.k_w; ++kw) {
                        const int64_t ih = oh * s.stride_h + kh * s.dilation_h - s.pad_top;
                        const int64_t iw = ow * s.stride_w + kw * s.dilation_w - s.pad_left;
                        if (ih < 0 || ih >= s.in_h || iw < 0 || iw >= s.in_w) continue;
                        for (int64_t o = 0; o < s.out_c; ++o)
                            f(((b * s.in_h + ih) * s.in_w + iw) * s.in_c + o / multiplier,
                              (kh * s.k_w + kw) * s.out_c + o,
                              ((b * s.out_h + oh) * s.out_w + ow) * s.out_c + o);
                    }
}

void depthwise(const ConvShape& s, const Real* x, const Real* filter, Real* y, const Epilogue<Real>& e) {
    const int64_t pixels = s.batch * s.out_h * s.out_w;
    for (int64_t i = 0; i < pixels * s.out_c; ++i) y[i] = 0;
    each_product(s, [&](int64_t i, int64_t f, int64_t o) { y[o] += x[i] * filter[f]; });
    for (int64_t i = 0; i < pixels; ++i) {
        Real* row = y + i * s.out_c;
        for (int64_t o = 0; o < s.out_c; ++o) {
            if (e.bias) row[o] += e.bias[o];
            if (e.addend) row[o] += e.addend[i * e.addend_stride + o];
        }
        if (e.activation) e.activation(row, row, s.out_c, e.p, e.q);
    }
}

void depthwise_grad_input(const ConvShape& s, const Real* dy, const Real* filter, Real* dx) {
    for (int64_t i = 0; i < s.batch * s.in_h * s.in_w * s.in_c; ++i) dx[i] = 0;
    each_product(s, [&](int64_t i, int64_t f, int64_t o) { dx[i] += dy[o] * filter[f]; });
}

void depthwise_grad_filter(const ConvShape& s, const Real* x, const Real* dy, Real* dfilter) {
    for (int64_t i = 0; i < s.k_h * s.k_w * s.out_c; ++i) dfilter[i] = 0;
    each_product(s, [&](int64_t i, int64_t f, int64_t o) { dfilter[f] += x[i] * dy[o]; });
}

}  // namespace

void fill_table_depthwise(Table<Real>& t) {
    t.depthwise = depthwise;
    t.depthwise_grad_input = depthwise_grad_input;
    t.depthwise_grad_filter = depthwise_grad_filter;
}

}  // namespace lamina::LAMINA_LEVEL
