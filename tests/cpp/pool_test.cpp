// Pooling, and rows by index, at every CPU level against plain loops written here and against ref64.
#include <limits>

#include "contractions.h"

using namespace lamina;
using namespace lamina::test;

namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

// The window's first largest by `>`: its place in the image, -1 where it is empty.
int64_t largest(const PoolShape& s, const float* x, int64_t oh, int64_t ow, int64_t c) {
    int64_t place = -1;
    for (int64_t kh = 0; kh < s.k_h; ++kh)
        for (int64_t kw = 0; kw < s.k_w; ++kw) {
            const int64_t h = oh * s.stride_h + kh * s.dilation_h - s.pad_top;
            const int64_t w = ow * s.stride_w + kw * s.dilation_w - s.pad_left;
            if (h < 0 || h >= s.in_h || w < 0 || w >= s.in_w) continue;
            const int64_t at = (h * s.in_w + w) * s.channels + c;
            if (place < 0 || x[at] > x[place] || (std::isnan(x[place]) && !std::isnan(x[at]))) place = at;
        }
    return place;
}

void check_pool(const std::vector<Table<float>>& tables, const Table<double>& exact, const PoolShape& s,
                bool ties) {
    Noise noise{static_cast<uint64_t>(s.channels + s.in_w)};
    const int64_t in_size = s.in_h * s.in_w * s.channels, out_size = s.out_h * s.out_w * s.channels;
    Values x(s.batch * in_size, noise), dy(s.batch * out_size, noise);
    if (ties)
        for (float& v : x.single) v = std::floor(v * 2);
    for (size_t i = 0; i < x.single.size(); i += 11) x.single[i] = nan;
    // Sums are compared with ref64's; there NaN would hide everything.
    Values numbers(s.batch * in_size, noise);
    std::vector<double> avg(dy.twice.size()), avg_grad(x.twice.size());
    exact.avg_pool(s, numbers.twice.data(), avg.data());
    exact.avg_pool_grad(s, dy.twice.data(), avg_grad.data());
    std::vector<float> max(dy.single.size()), picked(dy.single.size());
    std::vector<double> grad(x.single.size());
    for (int64_t b = 0; b < s.batch; ++b)
        for (int64_t oh = 0; oh < s.out_h; ++oh)
            for (int64_t ow = 0; ow < s.out_w; ++ow)
                for (int64_t c = 0; c < s.channels; ++c) {
                    const size_t out = size_t(b * out_size + (oh * s.out_w + ow) * s.channels + c);
                    const int64_t place = largest(s, x.single.data() + b * in_size, oh, ow, c);
                    max[out] = place < 0 ? -std::numeric_limits<float>::infinity()
                                         : x.single[size_t(b * in_size + place)];
                    picked[out] = place < 0 ? 0 : numbers.single[size_t(b * in_size + place)];
                    if (place >= 0) grad[size_t(b * in_size + place)] += dy.single[out];
                }
    for (const Table<float>& table : tables) {
        bool same = true;
        std::vector<float> y = on_all_thread_counts(
            [&] {
                std::vector<float> z(max.size());
                table.max_pool(s, x.single.data(), z.data());
                return z;
            },
            same);
        bool equal = true;
        for (size_t i = 0; i < y.size(); ++i)
            equal = equal && (y[i] == max[i] || (std::isnan(y[i]) && std::isnan(max[i])));
        CHECK(equal);
        y = on_all_thread_counts(
            [&] {
                std::vector<float> z(max.size());
                table.max_pool_pick(s, numbers.single.data(), x.single.data(), z.data());
                return z;
            },
            same);
        CHECK(y == picked);
        y = on_all_thread_counts(
            [&] {
                std::vector<float> z(grad.size(), nan);
                table.max_pool_grad(s, dy.single.data(), x.single.data(), z.data());
                return z;
            },
            same);
        CHECK(relative_error(y, grad) < 1e-6);
        y = on_all_thread_counts(
            [&] {
                std::vector<float> z(grad.size(), nan);
                table.avg_pool_grad(s, dy.single.data(), z.data());
                return z;
            },
            same);
        CHECK(relative_error(y, avg_grad) < 1e-6);
        y = on_all_thread_counts(
            [&] {
                std::vector<float> z(avg.size());
                table.avg_pool(s, numbers.single.data(), z.data());
                return z;
            },
            same);
        for (size_t i = 0; i < y.size(); ++i)
            if (std::isnan(avg[i])) {
                CHECK(std::isnan(y[i]));
                y[i] = 0;
            }
        std::vector<double> defined = avg;
        for (double& v : defined) v = std::isnan(v) ? 0 : v;
        CHECK(relative_error(y, defined) < 1e-6);
        CHECK(same);
    }
}

void check_rows(const std::vector<Table<float>>& tables, int64_t rows, int64_t inner, int64_t size) {
    Noise noise{static_cast<uint64_t>(rows + inner)};
    const Values table_values(size * inner, noise), x(rows * inner, noise), start(size * inner, noise);
    std::vector<int32_t> index(static_cast<size_t>(rows));
    for (int32_t& i : index) i = static_cast<int32_t>(noise.below(size + 2) - 1);
    std::vector<float> gathered(x.single.size()), added = start.single;
    for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < inner; ++j) {
            const int64_t at = index[size_t(i)];
            if (at < 0 || at >= size) continue;
            gathered[size_t(i * inner + j)] = table_values.single[size_t(at * inner + j)];
            added[size_t(at * inner + j)] += x.single[size_t(i * inner + j)];
        }
    for (const Table<float>& table : tables)
        for (int threads : {1, 2, 4}) {
            set_num_threads(threads);
            std::vector<float> y(x.single.size(), nan), z = start.single;
            table.gather_rows(table_values.single.data(), index.data(), y.data(), rows, inner, size);
            CHECK(y == gathered);
            table.scatter_add_rows(x.single.data(), index.data(), z.data(), rows, inner, size);
            CHECK(same_bits(z, added));
        }
}

}  // namespace

int main() {
    const std::vector<Table<float>> tables = contraction_tables();
    const Table<double> exact = contractions_ref64();
    int turn = 0;
    for (int64_t k : {1, 2, 3, 5})
        for (int64_t stride : {1, 2, 3})
            for (int64_t dilation : {1, 2})
                for (int64_t pad : {0, 1, 3})
                    for (int64_t channels : {1, 3, 8, 16, 19, 32, 67}) {
                        ++turn;
                        PoolShape s{1 + turn % 3, 5 + turn % 7, 6 + turn % 5, channels, 0, 0,   k,
                                    1 + turn % 3, stride,       1 + turn % 2, dilation, 1, pad, pad};
                        s.out_h = (s.in_h + 2 * pad - (s.k_h - 1) * dilation - 1) / stride + 1;
                        s.out_w = (s.in_w + 2 * pad - s.k_w) / s.stride_w + 1;
                        if (s.out_h > 0 && s.out_w > 0) check_pool(tables, exact, s, turn % 2 == 0);
                    }
    check_pool(tables, exact, {9, 56, 56, 70, 28, 28, 3, 3, 2, 2, 1, 1, 0, 0}, true);
    for (int64_t inner : {0, 1, 3, 16, 33, 128, 1000})
        for (int64_t rows : {0, 1, 7, 500, 3000}) check_rows(tables, rows, inner, 1 + rows / 3);
    return result();
}
