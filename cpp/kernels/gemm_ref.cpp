// Matrix products by plain loops: the reference.
#include "kernels/table.h"
#include "simd/vec.h"

namespace lamina::LAMINA_LEVEL {
namespace {

void gemm(const Gemm<Real>& g) {
    const Epilogue<Real>& e = g.epilogue;
    for (int64_t i = 0; i < g.m; ++i) {
        Real* c = g.c + i * g.c_stride;
        for (int64_t j = 0; j < g.n; ++j) {
            Real sum = 0;
            for (int64_t p = 0; p < g.k; ++p) {
                const Real a = g.transpose_a ? g.a[p * g.a_stride + i] : g.a[i * g.a_stride + p];
                const Real b = g.transpose_b ? g.b[j * g.b_stride + p] : g.b[p * g.b_stride + j];
                sum += a * b;
            }
            if (g.accumulate) sum += c[j];
            if (e.bias) sum += e.bias[j];
            if (e.addend) sum += e.addend[i * e.addend_stride + j];
            c[j] = sum;
        }
        if (e.activation) e.activation(c, c, g.n, e.p, e.q);
    }
}

void gemm_batched(const Gemm<Real>& args, int64_t batch, int64_t a_step, int64_t b_step, int64_t c_step) {
    Gemm<Real> g = args;
    for (int64_t i = 0; i < batch; ++i) {
        g.a = args.a + i * a_step;
        g.b = args.b + i * b_step;
        g.c = args.c + i * c_step;
        gemm(g);
    }
}

}  // namespace

void fill_table_gemm(Table<Real>& t) {
    t.gemm = gemm;
    t.gemm_batched = gemm_batched;
    t.gemm_packed_size = [](const Gemm<Real>&) -> int64_t { return 0; };
    t.gemm_pack = nullptr;
}

}  // namespace lamina::LAMINA_LEVEL
