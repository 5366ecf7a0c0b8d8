// Two-dimensional convolutions and their gradients.
#include "kernels/conv_forward.h"
#include "kernels/conv_grad_filter.h"

namespace lamina::LAMINA_LEVEL {
namespace {

void multiply(const Gemm<Real>& args) {
    Table<Real> table;
    fill_table_gemm(table);
    table.gemm(args);
}

// A single column is a single row: tiles run along rows.
ConvShape along_rows(const ConvShape& s) {
    if (s.in_w != 1 || s.out_w != 1 || s.k_w != 1 || s.pad_left != 0) return s;
    ConvShape t = s;
    t.in_h = t.out_h = t.k_h = t.stride_h = t.dilation_h = 1;
    t.pad_top = 0;
    t.in_w = s.in_h;
    t.out_w = s.out_h;
    t.k_w = s.k_h;
    t.stride_w = s.stride_h;
    t.dilation_w = s.dilation_h;
    t.pad_left = s.pad_top;
    return t;
}

// Every pixel by itself: a matrix product.
bool is_pointwise(const ConvShape& s) {
    return s.k_h == 1 && s.k_w == 1 && s.stride_h == 1 && s.stride_w == 1 && s.pad_top == 0 &&
           s.pad_left == 0 && s.in_h == s.out_h && s.in_w == s.out_w;
}

Gemm<Real> pointwise(const ConvShape& s, const Real* x, const Real* filter, Real* y,
                     const Epilogue<Real>& epilogue) {
    return {
        x,     filter, y,       s.batch * s.in_h * s.in_w, s.out_c, s.in_c, s.in_c, s.out_c, s.out_c, false,
        false, false,  epilogue};
}

Convolution forward(const ConvShape& s, AxisMemory& m, const Real* x, const Real* filter, Real* y) {
    Convolution c;
    c.source = {x, s.batch, s.in_c, vertical(s).forward(m), horizontal(s).forward(m)};
    c.filter = filter;
    c.tap_size = s.in_c * s.out_c;
    c.filter_in = s.out_c;
    c.filter_out = 1;
    c.y = y;
    c.out_c = s.out_c;
    c.y_column = s.out_c;
    c.y_row = s.out_w * c.y_column;
    c.y_image = s.out_h * c.y_row;
    c.epilogue = nullptr;
    c.packed = nullptr;
    return c;
}

void conv2d(const ConvShape& shape, const Real* x, const Real* filter, Real* y,
            const Epilogue<Real>& epilogue) {
    if (is_pointwise(shape)) return multiply(pointwise(shape, x, filter, y, epilogue));
    const ConvShape s = along_rows(shape);
    AxisMemory m(s);
    Convolution c = forward(s, m, x, filter, y);
    c.epilogue = &epilogue;
    convolve(c);
}

// Only what lies in a window is computed, yet in the order of sums of the whole convolution.
void conv2d_max_pool(const ConvShape& shape, int64_t rows, int64_t columns, const Real* x, const Real* filter,
                     const Real* packed, Real* y, const Epilogue<Real>& epilogue) {
    const ConvShape s = along_rows(shape);
    const bool turned = s.in_w != shape.in_w || s.out_w != shape.out_w;
    AxisMemory m(s);
    Convolution c = forward(s, m, x, filter, y);
    c.epilogue = &epilogue;
    c.packed = packed;
    c.windows = turned ? Windows{columns, rows} : Windows{rows, columns};
    c.row_pixels = c.source.widest();
    c.source.segments = 1;
    c.source.h.out = s.out_h / c.windows.h * c.windows.h;
    c.source.w.out = s.out_w / c.windows.w * c.windows.w;
    c.y_row = s.out_w / c.windows.w * s.out_c;
    c.y_image = s.out_h / c.windows.h * c.y_row;
    convolve(c);
}

constexpr int64_t most_prepared_pixels = 1 << 14;

int64_t conv2d_packed_size(const ConvShape& s) {
    // Few pixels read the filter in place; beside many, packing it each time is nothing.
    const int64_t pixels = s.batch * s.out_h * s.out_w;
    if (pixels < 4 || pixels > most_prepared_pixels) return 0;
    return s.k_h * s.k_w * s.in_c * (ceil_div(s.out_c, lanes) * lanes);
}

void conv2d_pack(const ConvShape& shape, const Real* filter, Real* packed) {
    if (is_pointwise(shape)) {
        Table<Real> table;
        fill_table_gemm(table);
        return table.gemm_pack(pointwise(shape, nullptr, filter, nullptr, {}), packed);
    }
    const ConvShape s = along_rows(shape);
    AxisMemory m(s);
    pack_filter(forward(s, m, nullptr, filter, nullptr), packed);
}

void conv2d_packed(const ConvShape& shape, const Real* x, const Real* packed, Real* y,
                   const Epilogue<Real>& epilogue) {
    if (is_pointwise(shape)) {
        Gemm<Real> g = pointwise(shape, x, nullptr, y, epilogue);
        g.packed_b = packed;
        return multiply(g);
    }
    const ConvShape s = along_rows(shape);
    AxisMemory m(s);
    Convolution c = forward(s, m, x, nullptr, y);
    c.epilogue = &epilogue;
    c.packed = packed;
    convolve(c);
}

// With strides, the inputs fall into stride_h * stride_w phases, each a convolution without stride.
void conv2d_grad_input(const ConvShape& shape, const Real* dy, const Real* filter, Real* dx) {
    if (is_pointwise(shape)) {
        Gemm<Real> g{dy,         filter,      dx,          shape.batch * shape.in_h * shape.in_w,
                     shape.in_c, shape.out_c, shape.out_c, shape.out_c,
                     shape.in_c, false,       true,        false,
                     {}};
        return multiply(g);
    }
    const ConvShape s = along_rows(shape);
    for (int64_t ph = 0; ph < min(s.stride_h, s.in_h); ++ph)
        for (int64_t pw = 0; pw < min(s.stride_w, s.in_w); ++pw) {
            AxisMemory m(s);
            Convolution c;
            c.source = {dy, s.batch, s.out_c, vertical(s).backward(m, ph), horizontal(s).backward(m, pw)};
            c.filter = filter;
            c.tap_size = s.in_c * s.out_c;
            c.filter_in = 1;
            c.filter_out = s.out_c;
            c.y = dx + (ph * s.in_w + pw) * s.in_c;
            c.out_c = s.in_c;
            c.y_column = s.stride_w * s.in_c;
            c.y_row = s.stride_h * s.in_w * s.in_c;
            c.y_image = s.in_h * s.in_w * s.in_c;
            c.epilogue = nullptr;
            c.packed = nullptr;
            convolve(c);
        }
}

void conv2d_grad_filter(const ConvShape& shape, const Real* x, const Real* dy, Real* dfilter) {
    const ConvShape s = along_rows(shape);
    AxisMemory m(s);
    filter_gradient({x, s.batch, s.in_c, vertical(s).forward(m), horizontal(s).forward(m)}, dy, s.out_c,
                    dfilter);
}

}  // namespace

void fill_table_conv(Table<Real>& t) {
    t.conv2d = conv2d;
    t.conv2d_packed_size = conv2d_packed_size;
    t.conv2d_pack = conv2d_pack;
    t.conv2d_packed = conv2d_packed;
    t.conv2d_max_pool = conv2d_max_pool;
    t.conv2d_grad_input = conv2d_grad_input;
    t.conv2d_grad_filter = conv2d_grad_filter;
}

}  // namespace lamina::LAMINA_LEVEL
