// Matrix products at every CPU level against ref64.
#include "contractions.h"

using namespace lamina;
using namespace lamina::test;

namespace {

struct Case {
    int64_t m, n, k;
    bool transpose_a, transpose_b, accumulate;
    int epilogue;  // bits: 1 bias, 2 addend, 4 activation, 8 one that clamps, 16 b packed ahead
};

template <class T>
void run(const Table<T>& table, const Case& c, const T* a, const T* b, const T* bias, const T* addend, T* y,
         int64_t gap) {
    Gemm<T> g{};
    g.a = a;
    g.b = b;
    g.c = y;
    g.m = c.m;
    g.n = c.n;
    g.k = c.k;
    g.a_stride = (c.transpose_a ? c.m : c.k) + gap;
    g.b_stride = (c.transpose_b ? c.k : c.n) + gap;
    g.c_stride = c.n + gap;
    g.transpose_a = c.transpose_a;
    g.transpose_b = c.transpose_b;
    g.accumulate = c.accumulate;
    if (c.epilogue & 1) g.epilogue.bias = bias;
    if (c.epilogue & 2) g.epilogue.addend = addend, g.epilogue.addend_stride = c.n + gap + 1;
    set_activation(g.epilogue, c.epilogue);
    std::vector<T> packed(c.epilogue & 16 ? static_cast<size_t>(table.gemm_packed_size(g)) : 0);
    if (!packed.empty()) {
        table.gemm_pack(g, packed.data());
        g.packed_b = packed.data();
        g.b = nullptr;
    }
    table.gemm(g);
}

void check(const std::vector<Table<float>>& tables, const Table<double>& exact, const Case& c, int64_t gap) {
    Noise noise{static_cast<uint64_t>(c.m * 10007 + c.n * 101 + c.k)};
    const Values a((c.transpose_a ? c.k : c.m) * ((c.transpose_a ? c.m : c.k) + gap), noise);
    const Values b((c.transpose_b ? c.n : c.k) * ((c.transpose_b ? c.k : c.n) + gap), noise);
    const Values bias(c.n, noise), addend(c.m * (c.n + gap + 1), noise), start(c.m * (c.n + gap), noise);
    std::vector<double> y = start.twice;
    run(exact, c, a.twice.data(), b.twice.data(), bias.twice.data(), addend.twice.data(), y.data(), gap);
    for (const Table<float>& table : tables) {
        bool same = true;
        const std::vector<float> x = on_all_thread_counts(
            [&] {
                std::vector<float> z = start.single;
                run(table, c, a.single.data(), b.single.data(), bias.single.data(), addend.single.data(),
                    z.data(), gap);
                return z;
            },
            same);
        const bool close =
            relative_error(x, y) < slack(c.epilogue) * (2e-6 + 1e-8 * static_cast<double>(c.k));
        if (!close || !same)
            std::fprintf(stderr,
                         "%s: m %ld n %ld k %ld transpose %d %d accumulate %d epilogue %d: error %g\n",
                         table.level, long(c.m), long(c.n), long(c.k), c.transpose_a, c.transpose_b,
                         c.accumulate, c.epilogue, relative_error(x, y));
        CHECK(close);
        CHECK(same);
    }
}

void check_batched(const std::vector<Table<float>>& tables, const Table<double>& exact) {
    for (int64_t batch : {1, 3, 40}) {
        for (int64_t size : {5, 33, 150}) {
            Noise noise;
            const Values a(batch * size * size, noise), b(batch * size * size, noise);
            std::vector<double> y(a.twice.size());
            auto args = [&](auto* pa, auto* pb, auto* pc) {
                Gemm<std::remove_pointer_t<decltype(pc)>> g{};
                g.a = pa, g.b = pb, g.c = pc;
                g.m = g.n = g.k = g.a_stride = g.b_stride = g.c_stride = size;
                return g;
            };
            exact.gemm_batched(args(a.twice.data(), b.twice.data(), y.data()), batch, size * size, 0,
                               size * size);
            for (const Table<float>& table : tables) {
                bool same = true;
                const std::vector<float> x = on_all_thread_counts(
                    [&] {
                        std::vector<float> z(a.single.size());
                        table.gemm_batched(args(a.single.data(), b.single.data(), z.data()), batch,
                                           size * size, 0, size * size);
                        return z;
                    },
                    same);
                CHECK(same);
                CHECK(relative_error(x, y) < 4e-6);
            }
        }
    }
}

}  // namespace

int main() {
    const std::vector<Table<float>> tables = contraction_tables();
    const Table<double> exact = contractions_ref64();
    int turn = 0;
    for (int64_t m = 1; m <= 67; m += m < 34 ? 1 : 3)
        for (int64_t n = 1; n <= 67; n += n < 36 ? 1 : 5) {
            ++turn;
            const int64_t k = 1 + (turn * 7) % 67;
            check(tables, exact,
                  {m, n, k, (turn & 1) != 0, (turn & 2) != 0, (turn % 3) == 0, (turn / 4) % 32}, turn % 2);
        }
    for (bool ta : {false, true})
        for (bool tb : {false, true})
            for (int epilogue = 0; epilogue < 32; epilogue += epilogue < 8 ? 1 : 9) {
                for (int64_t k : {0, 1, 2, 15, 16, 17, 255, 256, 257, 700})
                    for (int64_t m : {1, 2, 3, 29, 131})
                        check(tables, exact, {m, 97, k, ta, tb, epilogue % 2 == 0, epilogue}, 0);
                check(tables, exact, {200, 1, 333, ta, tb, false, epilogue}, 3);
                check(tables, exact, {200, 1, 33, ta, tb, true, epilogue}, 0);
                check(tables, exact, {60, 450, 65, ta, tb, true, epilogue}, 0);
                check(tables, exact, {33, 40, 9000, ta, tb, false, epilogue}, 0);
            }
    check_batched(tables, exact);
    return result();
}
