// How a Fourier transform of n numbers is computed: passes over all of them, or a convolution.
#pragma once

#include <memory>
#include <vector>

#include "kernels/table.h"

namespace lamina {

// Complex numbers, real and imaginary parts apart.
template <class T>
struct Parts {
    T *re, *im;
};

// The transform y[k] = sum of x[j] exp(-2 pi i j k / n). It is the other direction's as well, with real and
// imaginary parts swapped before and behind.
template <class T>
class FourierPlan {
  public:
    explicit FourierPlan(int64_t n);

    // The plan for n; it is kept for later calls.
    static std::shared_ptr<const FourierPlan> of(int64_t n);

    // How many values each of the four arrays has that `run` is given.
    int64_t scratch() const noexcept { return work_; }
    // exp(-pi i k / n) for k < n, which a real transform of twice the size needs.
    const T* half_turn_re() const noexcept { return half_turn_re_.data(); }
    const T* half_turn_im() const noexcept { return half_turn_im_.data(); }
    // Transforms the n numbers at x; `x` and `other` are overwritten, and one of them holds the result, which
    // comes back.
    Parts<T> run(Parts<T> x, Parts<T> other) const;

  private:
    struct Pass {
        int64_t radix, m, s;
        std::vector<T> twiddle_re, twiddle_im, root_re, root_im;
    };
    Parts<T> run_passes(Parts<T> x, Parts<T> other) const;
    Parts<T> run_convolution(Parts<T> x, Parts<T> other) const;
    void plan_passes(const std::vector<int64_t>& radices);
    void plan_convolution();

    int64_t n_, work_;
    std::vector<Pass> passes_;
    std::vector<T> half_turn_re_, half_turn_im_;
    // Bluestein's form for sizes with a large prime factor: a convolution with a chirp, by transforms of a
    // power of two.
    std::shared_ptr<const FourierPlan> inner_;
    std::vector<T> chirp_re_, chirp_im_, filter_re_, filter_im_;
};

}  // namespace lamina
