#include "ops/fourier_plan.h"

#include <cmath>
#include <map>
#include <mutex>
#include <numbers>

#include "kernels/isa.h"

namespace lamina {

namespace {

// Above this a convolution is cheaper than a sum of all terms.
constexpr int64_t kLargestRadix = 13;
constexpr size_t kPlansKept = 32;

// Fours first, then the other factors; empty where one is too large.
std::vector<int64_t> radices_of(int64_t n) {
    std::vector<int64_t> radices;
    const auto divide = [&](int64_t radix) {
        for (; n % radix == 0; n /= radix) radices.push_back(radix);
    };
    divide(4);
    for (int64_t radix = 2; n > 1; ++radix) {
        if (radix > kLargestRadix) return {};
        divide(radix);
    }
    return radices;
}

// exp(-2 pi i turn / n), from an angle of at most one turn.
template <class T>
void push_root(std::vector<T>& re, std::vector<T>& im, int64_t turn, int64_t n) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(turn % n) / static_cast<double>(n);
    re.push_back(static_cast<T>(std::cos(angle)));
    im.push_back(static_cast<T>(-std::sin(angle)));
}

}  // namespace

template <class T>
FourierPlan<T>::FourierPlan(int64_t n) : n_(n), work_(n) {
    for (int64_t k = 0; k < n; ++k) push_root(half_turn_re_, half_turn_im_, k, 2 * n);
    const std::vector<int64_t> radices = radices_of(n);
    if (n > 1 && radices.empty())
        plan_convolution();
    else
        plan_passes(radices);
}

template <class T>
void FourierPlan<T>::plan_passes(const std::vector<int64_t>& radices) {
    int64_t length = n_, s = 1;
    for (const int64_t radix : radices) {
        Pass pass{radix, length / radix, s, {}, {}, {}, {}};
        for (int64_t j = 1; j < radix; ++j)
            for (int64_t p = 0; p < pass.m; ++p) push_root(pass.twiddle_re, pass.twiddle_im, p * j, length);
        for (int64_t i = 0; i < radix; ++i) push_root(pass.root_re, pass.root_im, i, radix);
        passes_.push_back(std::move(pass));
        length /= radix;
        s *= radix;
    }
}

template <class T>
void FourierPlan<T>::plan_convolution() {
    work_ = 1;
    while (work_ < 2 * n_ - 1) work_ *= 2;
    inner_ = of(work_);
    // exp(-pi i j^2 / n); j^2 is taken modulo 2 n, which no rounding touches.
    for (int64_t j = 0; j < n_; ++j) push_root(chirp_re_, chirp_im_, j * j % (2 * n_), 2 * n_);

    // The transform of its conjugate, laid around zero; in double, so that it costs no digits.
    const size_t size = static_cast<size_t>(work_);
    std::vector<double> re(size), im(size), other_re(size), other_im(size), chirp_re, chirp_im;
    for (int64_t j = 0; j < n_; ++j) {
        push_root(chirp_re, chirp_im, j * j % (2 * n_), 2 * n_);
        const auto at = static_cast<size_t>(j);
        re[at] = chirp_re[at];
        im[at] = -chirp_im[at];
        if (j > 0) {
            re[size - at] = re[at];
            im[size - at] = im[at];
        }
    }
    const auto y =
        FourierPlan<double>::of(work_)->run({re.data(), im.data()}, {other_re.data(), other_im.data()});
    for (size_t i = 0; i < size; ++i) {
        filter_re_.push_back(static_cast<T>(y.re[i] / static_cast<double>(work_)));
        filter_im_.push_back(static_cast<T>(y.im[i] / static_cast<double>(work_)));
    }
}

template <class T>
std::shared_ptr<const FourierPlan<T>> FourierPlan<T>::of(int64_t n) {
    static std::mutex mutex;
    static std::map<int64_t, std::shared_ptr<const FourierPlan>> plans;
    {
        const std::lock_guard lock(mutex);
        const auto found = plans.find(n);
        if (found != plans.end()) return found->second;
    }
    // Not under the lock: a convolution asks for another plan.
    auto plan = std::make_shared<const FourierPlan>(n);
    const std::lock_guard lock(mutex);
    if (plans.size() >= kPlansKept) plans.clear();
    plans[n] = plan;
    return plan;
}

template <class T>
Parts<T> FourierPlan<T>::run(Parts<T> x, Parts<T> other) const {
    return inner_ ? run_convolution(x, other) : run_passes(x, other);
}

template <class T>
Parts<T> FourierPlan<T>::run_passes(Parts<T> x, Parts<T> other) const {
    for (const Pass& p : passes_) {
        kernels<T>().fourier_pass({x.re, x.im, other.re, other.im, p.twiddle_re.data(), p.twiddle_im.data(),
                                   p.root_re.data(), p.root_im.data(), p.radix, p.m, p.s});
        std::swap(x, other);
    }
    return x;
}

template <class T>
Parts<T> FourierPlan<T>::run_convolution(Parts<T> x, Parts<T> other) const {
    const auto multiply = [](Parts<T> y, const std::vector<T>& re, const std::vector<T>& im, int64_t n) {
        for (int64_t i = 0; i < n; ++i) {
            const auto at = static_cast<size_t>(i);
            const T a = y.re[i], b = y.im[i];
            y.re[i] = a * re[at] - b * im[at];
            y.im[i] = a * im[at] + b * re[at];
        }
    };
    multiply(x, chirp_re_, chirp_im_, n_);
    for (int64_t i = n_; i < work_; ++i) x.re[i] = x.im[i] = 0;
    const Parts<T> spectrum = inner_->run(x, other);
    multiply(spectrum, filter_re_, filter_im_, work_);
    const Parts<T> rest = spectrum.re == x.re ? other : x;
    const Parts<T> swapped = inner_->run({spectrum.im, spectrum.re}, {rest.im, rest.re});
    const Parts<T> y{swapped.im, swapped.re};
    multiply(y, chirp_re_, chirp_im_, n_);
    return y;
}

template class FourierPlan<float>;
template class FourierPlan<double>;

}  // namespace lamina
