// Convolutions, plain and depthwise, and their gradients at every CPU level against ref64.
#include "contractions.h"

using namespace lamina;
using namespace lamina::test;

namespace {

struct Data {
    Values x, filter, dy, bias, addend;
};

// What each of the six kernels gives, one after the other in one vector.
template <class T, class Get>
std::vector<T> run(const Table<T>& table, const ConvShape& s, bool depthwise, int epilogue, const Data& d,
                   Get get) {
    std::vector<T> y(d.dy.single.size(), T(-7)), dx(d.x.single.size(), T(-7)),
        df(d.filter.single.size(), T(-7));
    Epilogue<T> e;
    if (epilogue & 1) e.bias = get(d.bias);
    if (epilogue & 2) e.addend = get(d.addend), e.addend_stride = s.out_c + 1;
    set_activation(e, epilogue);
    std::vector<T> packed(!depthwise && epilogue & 16 ? static_cast<size_t>(table.conv2d_packed_size(s)) : 0);
    if (depthwise) {
        table.depthwise(s, get(d.x), get(d.filter), y.data(), e);
        table.depthwise_grad_input(s, get(d.dy), get(d.filter), dx.data());
        table.depthwise_grad_filter(s, get(d.x), get(d.dy), df.data());
    } else {
        if (packed.empty()) {
            table.conv2d(s, get(d.x), get(d.filter), y.data(), e);
        } else {
            table.conv2d_pack(s, get(d.filter), packed.data());
            table.conv2d_packed(s, get(d.x), packed.data(), y.data(), e);
        }
        table.conv2d_grad_input(s, get(d.dy), get(d.filter), dx.data());
        table.conv2d_grad_filter(s, get(d.x), get(d.dy), df.data());
    }
    y.insert(y.end(), dx.begin(), dx.end());
    y.insert(y.end(), df.begin(), df.end());
    return y;
}

template <class T>
std::vector<T> part(const std::vector<T>& all, size_t begin, size_t count) {
    return std::vector<T>(all.begin() + static_cast<int64_t>(begin),
                          all.begin() + static_cast<int64_t>(begin + count));
}

void check(const std::vector<Table<float>>& tables, const Table<double>& exact, const ConvShape& s,
           bool depthwise, int epilogue) {
    Noise noise{static_cast<uint64_t>(s.in_c * 31 + s.out_c)};
    const int64_t pixels = s.batch * s.out_h * s.out_w;
    const int64_t filter_size = s.k_h * s.k_w * (depthwise ? 1 : s.in_c) * s.out_c;
    const Data d{Values(s.batch * s.in_h * s.in_w * s.in_c, noise), Values(filter_size, noise),
                 Values(pixels * s.out_c, noise), Values(s.out_c, noise),
                 Values(pixels * (s.out_c + 1), noise)};
    const std::vector<double> y =
        run(exact, s, depthwise, epilogue, d, [](const Values& v) { return v.twice.data(); });
    for (const Table<float>& table : tables) {
        bool same = true;
        const std::vector<float> x = on_all_thread_counts(
            [&] {
                return run(table, s, depthwise, epilogue, d, [](const Values& v) { return v.single.data(); });
            },
            same);
        const size_t sizes[] = {d.dy.single.size(), d.x.single.size(), d.filter.single.size()};
        double error[3];
        size_t at = 0;
        for (int i = 0; i < 3; ++i) {
            error[i] = relative_error(part(x, at, sizes[i]), part(y, at, sizes[i]));
            at += sizes[i];
        }
        const bool close = std::max({error[0] / slack(epilogue), error[1], error[2]}) < 5e-6;
        if (!close || !same)
            std::fprintf(
                stderr,
                "%s%s: %ld x %ldx%ldx%ld -> %ldx%ldx%ld, filter %ldx%ld, stride %ld %ld, dilation %ld %ld, "
                "padding %ld %ld, epilogue %d: errors %g %g %g%s\n",
                table.level, depthwise ? " depthwise" : "", long(s.batch), long(s.in_h), long(s.in_w),
                long(s.in_c), long(s.out_h), long(s.out_w), long(s.out_c), long(s.k_h), long(s.k_w),
                long(s.stride_h), long(s.stride_w), long(s.dilation_h), long(s.dilation_w), long(s.pad_top),
                long(s.pad_left), epilogue, error[0], error[1], error[2], same ? "" : ", threads differ");
        CHECK(close);
        CHECK(same);
    }
}

// The output size with padding `before` and `after`.
int64_t output(int64_t in, int64_t taps, int64_t stride, int64_t dilation, int64_t before, int64_t after) {
    return std::max<int64_t>((in + before + after - (taps - 1) * dilation - 1) / stride + 1, 0);
}

ConvShape shape(int64_t batch, int64_t in_h, int64_t in_w, int64_t in_c, int64_t out_c, int64_t k_h,
                int64_t k_w, int64_t stride_h, int64_t stride_w, int64_t dilation_h, int64_t dilation_w,
                int64_t before, int64_t after) {
    return {batch,
            in_h,
            in_w,
            in_c,
            output(in_h, k_h, stride_h, dilation_h, before, after),
            output(in_w, k_w, stride_w, dilation_w, before, after),
            out_c,
            k_h,
            k_w,
            stride_h,
            stride_w,
            dilation_h,
            dilation_w,
            before,
            before};
}

}  // namespace

int main() {
    const std::vector<Table<float>> tables = contraction_tables();
    const Table<double> exact = contractions_ref64();
    auto plain = [&](const ConvShape& s, int epilogue) {
        if (s.out_h > 0 && s.out_w > 0) check(tables, exact, s, false, epilogue);
    };
    auto depthwise = [&](ConvShape s, int64_t multiplier, int epilogue) {
        s.out_c = s.in_c * multiplier;
        if (s.out_h > 0 && s.out_w > 0) check(tables, exact, s, true, epilogue);
    };
    // Every combination of taps, stride, dilation and padding, with channels that take turns.
    const int64_t channels[] = {1, 3, 4, 7, 8, 13, 16, 17, 32, 33, 40, 67};
    int turn = 0;
    for (int64_t k_h : {1, 2, 3, 5})
        for (int64_t k_w : {1, 2, 3, 5})
            for (int64_t stride : {1, 2, 3})
                for (int64_t dilation : {1, 2, 3})
                    for (int64_t pad : {0, 1, 2, 4}) {
                        ++turn;
                        const int64_t in_c = channels[turn % 12],
                                      out_c = channels[(turn * 7 + turn / 12) % 12];
                        const int64_t h = 4 + turn % 9, w = 4 + turn * 5 % 29;
                        const int64_t other = 1 + turn % 2;
                        const ConvShape s = shape(1 + turn % 3, h, w, in_c, out_c, k_h, k_w, stride, other,
                                                  dilation, other == 1 ? dilation : 1, pad, (turn + pad) % 3);
                        plain(s, turn % 32);
                        depthwise(s, 1 + turn % 3, turn % 16);
                    }
    // Sizes around tile widths.
    for (int64_t w = 1; w <= 34; ++w) {
        plain(shape(2, 3, w, 5, w, 3, 3, 1, 1, 1, 1, 1, 1), 3 + 16 * (w % 2));
        plain(shape(1, 4, w, 70, w, 1, 1, 1, 1, 1, 1, 0, 0), 9 + 16 * (w % 2));
        depthwise(shape(1, 5, w, 20, w, 3, 3, 1, 1, 1, 1, 1, 1), 1, 9);
        depthwise(shape(1, 5, w, 20, w, 3, 3, 2, 2, 1, 1, 0, 1), 1, 2);
        plain(shape(1, w, 1, w, 19, 3, 1, 1, 1, 1, 1, 0, 0), 1);
        depthwise(shape(2, 3, w, w, w, 3, 3, 1, 1, 1, 1, 1, 1), 1, 1);
        depthwise(shape(2, 9, 8, w, w, 3, 3, 2, 2, 1, 1, 0, 1), 2, 0);
    }
    // Larger ones: long runs, several blocks of the depth, several parts of the sum.
    plain(shape(2, 9, 9, 300, 50, 3, 3, 1, 1, 1, 1, 1, 1), 7 + 16);
    plain(shape(2, 9, 9, 300, 50, 3, 3, 1, 1, 2, 2, 2, 2), 7);
    plain(shape(9, 32, 32, 16, 48, 3, 3, 1, 1, 1, 1, 1, 1), 0);
    plain(shape(2, 40, 41, 3, 64, 7, 7, 2, 2, 1, 1, 3, 2), 5);
    plain(shape(1, 1, 3000, 4, 8, 1, 9, 1, 1, 1, 1, 0, 0), 0);
    plain(shape(2, 4, 1500, 5, 17, 3, 3, 1, 1, 1, 1, 1, 1), 7);
    plain(shape(2, 3, 1501, 5, 35, 3, 5, 2, 2, 1, 1, 2, 1), 7);
    plain(shape(1, 3, 900, 5, 9, 2, 3, 1, 1, 1, 3, 0, 0), 7);
    plain(shape(1, 3000, 1, 4, 8, 9, 1, 2, 1, 1, 1, 0, 0), 0);
    plain(shape(1, 1, 700, 2, 3, 1, 600, 1, 1, 1, 1, 0, 0), 0);
    plain(shape(16, 8, 8, 64, 64, 3, 3, 1, 1, 1, 1, 1, 1), 4);
    plain(shape(2, 30, 30, 96, 40, 1, 1, 1, 1, 1, 1, 0, 0), 7);
    plain(shape(2, 31, 31, 40, 96, 1, 1, 2, 2, 1, 1, 0, 0), 7);
    depthwise(shape(4, 56, 56, 64, 64, 3, 3, 1, 1, 1, 1, 1, 1), 1, 5);
    depthwise(shape(3, 57, 56, 33, 33, 3, 3, 2, 2, 1, 1, 0, 1), 1, 0);
    return result();
}
