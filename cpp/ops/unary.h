// The shared part of elementwise blocks.
#pragma once

#include "ops/functions.h"
#include "ops/integer_math.h"
#include "ops/kernel_use.h"

namespace lamina {

// y = F(x; p, q) for real tensors; integers take the exact integer form where there is one, and go through
// float32 where there is not (step, clip).
template <Unary F>
void run_unary(const Call& c, Tensors& out, double p = 0, double q = 0) {
    const int64_t n = c[0].size();
    const DType type = c[0].dtype();
    if (is_integral(type)) {
        if constexpr (F == Unary::step || F == Unary::clip) {
            const auto one = [&](int64_t x) {
                if (F == Unary::step) return x > 0 ? 1.0 : p;
                return std::min(std::max(static_cast<double>(x), p), q);
            };
            visit_number(type, [&]<class T>() {
                for (int64_t i = 0; i < n; ++i)
                    out[0].mutable_data<T>()[i] = number_to<T>(one(static_cast<int64_t>(c[0].data<T>()[i])));
            });
        } else {
            visit_number(type, [&]<class T>() {
                const T* x = c[0].data<T>();
                T* y = out[0].mutable_data<T>();
                for (int64_t i = 0; i < n; ++i)
                    y[i] = static_cast<T>(integer_unary<F>(static_cast<int32_t>(x[i])));
            });
        }
        return;
    }
    visit_real(type, [&]<class T>() {
        const auto kernel = kernels<T>().unary[static_cast<int>(F)];
        const T* x = c[0].data<T>();
        T* y = out[0].mutable_data<T>();
        if (n <= kElementwiseGrain) return kernel(x, y, n, static_cast<T>(p), static_cast<T>(q));
        parallel_for(n, kElementwiseGrain, [&](int64_t begin, int64_t end) {
            kernel(x + begin, y + begin, end - begin, static_cast<T>(p), static_cast<T>(q));
        });
    });
}

inline void refuse_complex(const Call& c) {
    if (c[0].dtype() == DType::complex64) type_error(c.op.name, " is not defined for complex64 tensors.");
}

// Completes a block: the result has the input's shape and type, and the kernel is F without parameters unless
// the block brings its own run.
template <Unary F>
Op unary(Op op) {
    if (!op.infer)
        op.infer = [](const Call& c) -> Specs {
            refuse_complex(c);
            return {c[0].spec()};
        };
    if (!op.run) op.run = [](const Call& c, Tensors& out) { run_unary<F>(c, out); };
    op.formula.kind = Formula::Kind::unary;
    op.formula.index = static_cast<uint8_t>(F);
    return op;
}

}  // namespace lamina
