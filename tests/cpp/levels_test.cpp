// Every kernel at every CPU level against ref64, at sizes around the register widths and at odd addresses.
#include <algorithm>
#include <random>

#include "check.h"

using namespace lamina;
using namespace lamina::test;

namespace {

const Table<double> reference = table_ref64();
std::mt19937 generator(7);

constexpr int64_t largest = 67;
constexpr float guard = 12345.0f;

// Values for one case: the floats, at an address that is no multiple of 8 bytes, and the same as doubles.
struct Values {
    std::vector<float> floats;
    std::vector<double> doubles;
    int64_t offset;

    Values(int64_t n, double low, double high, int64_t start = 1)
        : floats(n + start + 1, guard), doubles(n), offset(start) {
        std::uniform_real_distribution<float> draw(static_cast<float>(low), static_cast<float>(high));
        for (int64_t i = 0; i < n; ++i) doubles[i] = floats[i + offset] = draw(generator);
    }

    explicit Values(const std::vector<float>& from)
        : floats(from.size() + 2, guard), doubles(from.begin(), from.end()), offset(1) {
        std::copy(from.begin(), from.end(), floats.begin() + 1);
    }

    float* f() { return floats.data() + offset; }
    double* d() { return doubles.data(); }

    // Whether the floats agree with the doubles, NaN with NaN, and nothing was written behind them.
    bool agrees(double tolerance) const {
        double scale = 0.5;  // results near zero come from differences of values near one
        for (double x : doubles)
            if (std::isfinite(x)) scale = std::max(scale, std::fabs(x));
        for (size_t i = 0; i < doubles.size(); ++i) {
            const double x = floats[i + offset], y = doubles[i];
            if (std::isnan(x) != std::isnan(y)) return false;
            if (x == y || std::isnan(x)) continue;
            if (!(std::fabs(x - y) <= tolerance * scale)) return false;
        }
        return floats.back() == guard && floats.front() == guard;
    }
};

const char* const unary_names[] = {
#define LAMINA_FORMULA(name, ...) #name,
#include "kernels/unary_formulas.h"
#undef LAMINA_FORMULA
};
const char* const binary_names[] = {
#define LAMINA_FORMULA(name, ...) #name,
#include "kernels/binary_formulas.h"
#undef LAMINA_FORMULA
};

void expect(bool good, const char* level, const char* kernel, int64_t n) {
    if (good) return;
    std::fprintf(stderr, "%s %s n=%lld\n", level, kernel, static_cast<long long>(n));
    ++failures;
}

const std::vector<float> special = {0.0f,    -0.0f, 1.0f,   -1.0f,    2.0f,      -2.0f, 0.5f,
                                    -2.5f,   3.0f,  7.0f,   INFINITY, -INFINITY, NAN,   1e-40f,
                                    -1e-40f, 3e38f, -3e38f, 100.0f,   -100.0f,   1e-20f};

void test_unary(const Table<float>& table) {
    for (int op = 0; op < static_cast<int>(Unary::count_); ++op) {
        for (int64_t n = 0; n <= largest; ++n) {
            Values x(n, -4, 4, 1 + n % 3), y(n, 0, 1);
            table.unary[op](x.f(), y.f(), n, 0.25f, 3.0f);
            reference.unary[op](x.d(), y.d(), n, 0.25, 3.0);
            expect(y.agrees(1e-6), table.level, unary_names[op], n);
            table.unary[op](x.f(), x.f(), n, 0.25f, 3.0f);  // in place
            expect(std::equal(x.floats.begin() + x.offset, x.floats.end() - 1, y.floats.begin() + 1,
                              [](float a, float b) { return a == b || (a != a && b != b); }),
                   table.level, unary_names[op], -n);
        }
        for (float value : special) {
            const double wide = value;
            float y = 0;
            double exact = 0;
            table.unary[op](&value, &y, 1, 0.25f, 3.0f);
            reference.unary[op](&wide, &exact, 1, 0.25, 3.0);
            // tan near a pole and rsqrt, reciprocal of denormals are as exact as the rest: two units.
            // gelu is fit to an absolute error, as x (1 + erf) / 2 in floats has one.
            if (op == static_cast<int>(Unary::gelu) && std::fabs(y - exact) < 6e-8) continue;
            if (ulp_error(y, exact) > 2 && static_cast<float>(exact) != y) {
                std::fprintf(stderr, "%s %s(%g) = %g, not %g\n", table.level, unary_names[op], value, y,
                             exact);
                ++failures;
            }
        }
    }
}

void test_binary(const Table<float>& table) {
    for (int op = 0; op < static_cast<int>(Binary::count_); ++op) {
        for (int64_t n = 0; n <= largest; ++n) {
            for (int steps = 0; steps < 4; ++steps) {
                Values a(std::max<int64_t>(n, 1), 0.1, 4), b(std::max<int64_t>(n, 1), -4, 4, 2), y(n, 0, 1);
                table.binary[op](a.f(), b.f(), y.f(), n, steps & 1, steps >> 1);
                reference.binary[op](a.d(), b.d(), y.d(), n, steps & 1, steps >> 1);
                expect(y.agrees(1e-6), table.level, binary_names[op], n);
            }
        }
        for (float left : special) {
            for (float right : special) {
                const double a = left, b = right;
                float y = 0;
                double exact = 0;
                table.binary[op](&left, &right, &y, 1, 1, 1);
                reference.binary[op](&a, &b, &exact, 1, 1, 1);
                if (ulp_error(y, exact) > 1 && static_cast<float>(exact) != y) {
                    std::fprintf(stderr, "%s %s(%g, %g) = %g, not %g\n", table.level, binary_names[op], left,
                                 right, y, exact);
                    ++failures;
                }
            }
        }
    }
}

void test_mod(const Table<float>& table) {
    // Large quotients go another way.
    std::uniform_real_distribution<float> exponent(-30, 60);
    for (int i = 0; i < 20000; ++i) {
        const float a = std::exp2(exponent(generator)) * (i & 1 ? 1 : -1),
                    b = std::exp2(exponent(generator)) * (i & 2 ? 1 : -1);
        const double wide_a = a, wide_b = b;
        float y;
        double exact;
        table.binary[static_cast<int>(Binary::mod)](&a, &b, &y, 1, 1, 1);
        reference.binary[static_cast<int>(Binary::mod)](&wide_a, &wide_b, &exact, 1, 1, 1);
        CHECK(y == static_cast<float>(exact));
    }
}

void test_compare_and_select(const Table<float>& table) {
    for (int64_t n = 0; n <= largest; ++n) {
        for (int steps = 0; steps < 8; ++steps) {
            std::vector<float> a(n + 1), b(n + 1), y(n + 2, guard);
            std::vector<uint8_t> c(n + 1), flags(n + 1, 77);
            for (int64_t i = 0; i <= n; ++i) {
                a[i] = static_cast<float>(generator() % 4);
                b[i] = static_cast<float>(generator() % 4);
                c[i] = generator() % 2;
            }
            if (n > 3) a[n / 2] = NAN;
            const int sa = steps & 1, sb = steps >> 1 & 1, sc = steps >> 2;
            const auto check = [&](Compare op, auto holds) {
                table.compare[static_cast<int>(op)](a.data(), b.data(), flags.data(), n, sa, sb);
                for (int64_t i = 0; i < n; ++i) CHECK(flags[i] == holds(a[i * sa], b[i * sb]));
                CHECK(flags[n] == 77);
            };
            check(Compare::equal, [](float l, float r) { return l == r; });
            check(Compare::not_equal, [](float l, float r) { return l != r; });
            check(Compare::less, [](float l, float r) { return l < r; });
            check(Compare::less_equal, [](float l, float r) { return l <= r; });
            check(Compare::greater, [](float l, float r) { return l > r; });
            check(Compare::greater_equal, [](float l, float r) { return l >= r; });
            table.select(c.data(), a.data(), b.data(), y.data(), n, sc, sa, sb);
            for (int64_t i = 0; i < n; ++i) {
                const float want = c[i * sc] ? a[i * sa] : b[i * sb];
                CHECK(y[i] == want || (y[i] != y[i] && want != want));
            }
            CHECK(y[n] == guard);
        }
    }
}

void test_reduce(const Table<float>& table) {
    std::vector<int64_t> sizes;
    for (int64_t n = 0; n <= largest; ++n) sizes.push_back(n);
    for (int64_t n : {127, 128, 129, 1000, 4095, 4096, 4097, 8192, 12289, 100003}) sizes.push_back(n);
    for (int op = 0; op < static_cast<int>(Reduce::count_); ++op) {
        const bool product = op == static_cast<int>(Reduce::prod);
        for (int64_t n : sizes) {
            Values x(n, product ? 0.99 : -1, product ? 1.01 : 1.5);
            const double exact = reference.reduce_run[op](x.d(), n), got = table.reduce_run[op](x.f(), n);
            const double root = std::sqrt(static_cast<double>(n));
            const double bound = product ? 2e-7 * root * exact : 1e-6 * std::max(std::fabs(exact), root);
            expect(got == exact || std::fabs(got - exact) <= bound, table.level, "reduce_run", n);
            if (n > 0) {
                x.f()[generator() % n] = NAN;
                const float spoilt = table.reduce_run[op](x.f(), n);
                CHECK(spoilt != spoilt);
            }
        }
        for (int64_t inner = 1; inner <= largest; ++inner) {
            for (int64_t n : {0, 1, 7, 8, 9, 20}) {
                Values x(n * inner, 0.5, 1.5), y(inner, 0.5, 1.5);
                table.reduce_columns[op](x.f(), y.f(), n, inner, inner);
                reference.reduce_columns[op](x.d(), y.d(), n, inner, inner);
                expect(y.agrees(2e-6), table.level, "reduce_columns", inner);
            }
        }
        Values x(9 * 2500, 0.5, 1.5), y(2500, 0.5, 1.5);
        table.reduce_columns[op](x.f(), y.f(), 9, 2401, 2500);
        reference.reduce_columns[op](x.d(), y.d(), 9, 2401, 2500);
        expect(y.agrees(2e-6), table.level, "reduce_columns", 2500);
    }
    for (int64_t n : sizes) {
        Values x(n, -1, 1);
        CHECK(table.arg_max(x.f(), n) == reference.arg_max(x.d(), n));
        CHECK(table.arg_min(x.f(), n) == reference.arg_min(x.d(), n));
        if (n < 4) continue;
        const int64_t place = n / 3;
        x.f()[place] = x.f()[n - 1] = 9;  // the first of equals, among NaN
        x.f()[0] = NAN;
        CHECK(table.arg_max(x.f(), n) == place);
        x.f()[place] = x.f()[n - 1] = -9;
        CHECK(table.arg_min(x.f(), n) == place);
        std::fill(x.f(), x.f() + n, NAN);
        CHECK(table.arg_max(x.f(), n) == 0);
    }
}

void test_softmax(const Table<float>& table) {
    for (int64_t n = 0; n <= 300; n += n < largest ? 1 : 53) {
        const int64_t rows = 3;
        Values x(rows * n, -8, 8), y(rows * n, 0, 1), dy(rows * n, -1, 1), dx(rows * n, 0, 1),
            loss(rows, 0, 1);
        for (const bool logarithm : {false, true}) {
            (logarithm ? table.log_softmax : table.softmax)(x.f(), y.f(), rows, n);
            (logarithm ? reference.log_softmax : reference.softmax)(x.d(), y.d(), rows, n);
            expect(y.agrees(1e-6), table.level, "softmax", n);
            (logarithm ? table.log_softmax_grad : table.softmax_grad)(dy.f(), y.f(), dx.f(), rows, n);
            (logarithm ? reference.log_softmax_grad : reference.softmax_grad)(dy.d(), y.d(), dx.d(), rows, n);
            expect(dx.agrees(2e-6), table.level, "softmax_grad", n);
        }
        Values target(rows * n, 0, 1);
        for (int64_t i = 0; i < rows * n; i += 2) target.f()[i] = 0, target.d()[i] = 0;
        table.softmax_cross_entropy(x.f(), target.f(), loss.f(), dx.f(), rows, n);
        reference.softmax_cross_entropy(x.d(), target.d(), loss.d(), dx.d(), rows, n);
        expect(n == 0 || loss.agrees(2e-6), table.level, "softmax_cross_entropy", n);
        expect(dx.agrees(2e-6), table.level, "softmax_cross_entropy's gradient", n);
        Values alone(rows, 0, 1);
        table.softmax_cross_entropy(x.f(), target.f(), alone.f(), nullptr, rows, n);
        CHECK(n == 0 || std::equal(alone.f(), alone.f() + rows, loss.f()));
        table.softmax(x.f(), x.f(), rows, n);  // in place
        reference.softmax(x.d(), x.d(), rows, n);
        expect(x.agrees(1e-6), table.level, "softmax in place", n);
    }
    const float extreme[] = {1e30f, -1e30f, 88.0f};
    float y[3];
    table.softmax(extreme, y, 1, 3);
    CHECK(y[0] == 1 && y[1] == 0 && y[2] == 0);
    const float hidden[] = {-INFINITY, 0.0f}, certain[] = {0.0f, 1.0f};
    table.softmax_cross_entropy(hidden, certain, y, y + 1, 1, 2);
    CHECK(y[0] == 0 && y[1] == 0 && y[2] == 0);
}

void test_optimizers(const Table<float>& table) {
    for (int64_t n = 0; n <= largest; ++n) {
        Values w(n, -1, 1), g(n, -1, 1, 2), m(n, -1, 1, 3), v(n, 2, 3), mom(n, -1, 1);
        table.sgd(w.f(), g.f(), n, 0.1f);
        reference.sgd(w.d(), g.d(), n, 0.1);
        expect(w.agrees(1e-6), table.level, "sgd", n);
        for (const bool nesterov : {false, true}) {
            table.momentum(w.f(), m.f(), g.f(), n, 0.1f, 0.9f, nesterov);
            reference.momentum(w.d(), m.d(), g.d(), n, 0.1, 0.9, nesterov);
            expect(w.agrees(1e-6) && m.agrees(1e-6), table.level, "momentum", n);
        }
        const AdamStep<float> step{0.01f, 0.9f, 0.999f, 1e-7f, 0.1f, 0.001f};
        const AdamStep<double> exact{0.01, 0.9, 0.999, 1e-7, 0.1, 0.001};
        table.adam(w.f(), m.f(), v.f(), g.f(), n, step);
        reference.adam(w.d(), m.d(), v.d(), g.d(), n, exact);
        expect(w.agrees(1e-6) && m.agrees(1e-6) && v.agrees(1e-6), table.level, "adam", n);
        Values mean(n, -1, 1);
        for (const bool centered : {false, true}) {
            table.rmsprop(w.f(), v.f(), centered ? mean.f() : nullptr, mom.f(), g.f(), n,
                          {0.01f, 0.9f, 0.5f, 1e-7f});
            reference.rmsprop(w.d(), v.d(), centered ? mean.d() : nullptr, mom.d(), g.d(), n,
                              {0.01, 0.9, 0.5, 1e-7});
            expect(w.agrees(1e-5) && v.agrees(1e-6) && mom.agrees(1e-5), table.level, "rmsprop", n);
        }
    }
}

// The fused steps are the composed ones, bit for bit.
void test_composed_steps(const Table<float>& table) {
    constexpr int64_t n = largest;
    using Column = std::vector<float>;
    const auto apply = [&table](Binary op, const Column& a, const Column& b) {
        Column y(n);
        table.binary[static_cast<int>(op)](a.data(), b.data(), y.data(), n, a.size() > 1, b.size() > 1);
        return y;
    };
    const auto add = [&](const Column& a, const Column& b) { return apply(Binary::add, a, b); };
    const auto sub = [&](const Column& a, const Column& b) { return apply(Binary::sub, a, b); };
    const auto mul = [&](const Column& a, const Column& b) { return apply(Binary::mul, a, b); };
    const auto div = [&](const Column& a, const Column& b) { return apply(Binary::div, a, b); };
    const auto root = [&table](Column a) {
        table.unary[static_cast<int>(Unary::sqrt)](a.data(), a.data(), n, 0, 0);
        return a;
    };
    const auto draw = [](double low, double high) {
        Values v(n, low, high);
        return Column(v.f(), v.f() + n);
    };
    Column w = draw(-1, 1), g = draw(-1, 1), m = draw(-1, 1), v = draw(1, 2), mean = draw(-0.5, 0.5);

    const AdamStep<float> step{0.01f, 0.9f, 0.999f, 1e-7f, 0.3f, 0.004f, 0.1f, 0.001f};
    const Column next_m = add(mul({step.beta1}, m), mul({step.rest1}, g));
    const Column next_v = add(mul({step.beta2}, v), mul({step.rest2}, mul(g, g)));
    const Column ratio = div(mul({step.learning_rate}, div(next_m, {step.correction1})),
                             add(root(div(next_v, {step.correction2})), {step.epsilon}));
    const Column next_w = sub(w, ratio);
    table.adam(w.data(), m.data(), v.data(), g.data(), n, step);
    CHECK(w == next_w && m == next_m && v == next_v);

    const RmsPropStep<float> rms{0.01f, 0.9f, 0.5f, 1e-7f, 0.1f};
    const Column next_mean = add(mul({rms.decay}, mean), mul({rms.rest}, g));
    const Column next_square = add(mul({rms.decay}, v), mul({rms.rest}, mul(g, g)));
    const Column variance = sub(next_square, mul(next_mean, next_mean));
    const Column next_mom =
        add(mul({rms.momentum}, m), div(mul({rms.learning_rate}, g), root(add(variance, {rms.epsilon}))));
    const Column moved = sub(w, next_mom);
    table.rmsprop(w.data(), v.data(), mean.data(), m.data(), g.data(), n, rms);
    CHECK(w == moved && v == next_square && mean == next_mean && m == next_mom);

    const Column next_a = add(mul({0.9f}, m), g);
    const Column nesterov = sub(w, mul({0.1f}, add(g, mul({0.9f}, next_a))));
    table.momentum(w.data(), m.data(), g.data(), n, 0.1f, 0.9f, true);
    CHECK(w == nesterov && m == next_a);
}

void test_norm(const Table<float>& table) {
    for (int64_t channels : {1, 2, 3, 5, 8, 16, 17, 31, 32, 33, 63, 64, 65, 100, 1024, 1025, 3000}) {
        for (int64_t rows : {1, 2, 15, 16, 17, 100, 1000}) {
            Values x(rows * channels, 3, 5), y(rows * channels, 0, 1), mean(channels, 0, 1),
                variance(channels, 0, 1);
            Values scale(channels, 0.5, 2), offset(channels, -1, 1);
            table.moments(x.f(), mean.f(), variance.f(), rows, channels);
            reference.moments(x.d(), mean.d(), variance.d(), rows, channels);
            expect(mean.agrees(2e-6) && variance.agrees(4e-6), table.level, "moments", channels);
            for (const bool plain : {false, true}) {
                table.batch_norm(x.f(), mean.f(), variance.f(), plain ? nullptr : scale.f(),
                                 plain ? nullptr : offset.f(), 0.001f, y.f(), rows, channels);
                reference.batch_norm(x.d(), mean.d(), variance.d(), plain ? nullptr : scale.d(),
                                     plain ? nullptr : offset.d(), 0.001, y.d(), rows, channels);
                expect(y.agrees(1e-5), table.level, "batch_norm", channels);
            }
        }
    }
}

}  // namespace

int main() {
    for (const Table<float>& table : vector_tables()) {
        test_unary(table);
        test_binary(table);
        test_mod(table);
        test_compare_and_select(table);
        test_reduce(table);
        test_softmax(table);
        test_optimizers(table);
        test_composed_steps(table);
        test_norm(table);
    }
    return result();
}
