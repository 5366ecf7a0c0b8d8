// The error of every elementary function at every CPU level, over all floats by a stride, against the C
// library in double. LAMINA_ULP_STRIDE=1 makes it exhaustive.
#include <algorithm>
#include <cstring>

#include "check.h"

using namespace lamina;
using namespace lamina::test;

namespace {

float float_of(uint32_t bits) {
    float x;
    std::memcpy(&x, &bits, sizeof x);
    return x;
}

double sigmoid(double x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); }
double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }

struct Function {
    const char* name;
    Unary op;
    double (*exact)(double);
    double bound;
};

const Function functions[] = {
    {"exp", Unary::exp, std::exp, 2},           {"log", Unary::log, std::log, 2},
    {"tanh", Unary::tanh, std::tanh, 2},        {"sigmoid", Unary::sigmoid, sigmoid, 2},
    {"erf", Unary::erf, std::erf, 2},           {"sin", Unary::sin, std::sin, 2},
    {"cos", Unary::cos, std::cos, 2},           {"tan", Unary::tan, std::tan, 2},
    {"expm1", Unary::expm1, std::expm1, 2},     {"log1p", Unary::log1p, std::log1p, 2},
    {"sinh", Unary::sinh, std::sinh, 2},        {"cosh", Unary::cosh, std::cosh, 2},
    {"softplus", Unary::softplus, softplus, 2}, {"asin", Unary::asin, std::asin, 2},
    {"acos", Unary::acos, std::acos, 2},        {"atan", Unary::atan, std::atan, 2},
    {"asinh", Unary::asinh, std::asinh, 2},     {"acosh", Unary::acosh, std::acosh, 2},
    {"atanh", Unary::atanh, std::atanh, 2},
};

struct Worst {
    double error = 0;
    float at = 0;

    void see(double e, float x) {
        if (e > error) error = e, at = x;
    }
};

void sweep(const Function& f, const std::vector<Table<float>>& tables, uint64_t stride) {
    constexpr int block = 4096;
    std::vector<float> x(block), y(block);
    std::vector<double> exact(block);
    std::vector<Worst> worst(tables.size());
    for (uint64_t start = 0; start <= UINT32_MAX; start += stride * block) {
        int n = 0;
        for (; n < block && start + n * stride <= UINT32_MAX; ++n) {
            x[n] = float_of(static_cast<uint32_t>(start + n * stride));
            exact[n] = f.exact(x[n]);
        }
        for (size_t t = 0; t < tables.size(); ++t) {
            tables[t].unary[static_cast<int>(f.op)](x.data(), y.data(), n, 0, 0);
            for (int i = 0; i < n; ++i) worst[t].see(ulp_error(y[i], exact[i]), x[i]);
        }
    }
    std::printf("%-9s", f.name);
    for (size_t t = 0; t < tables.size(); ++t) {
        std::printf("  %s %6.3f at %-13.7g", tables[t].level, worst[t].error, worst[t].at);
        CHECK(worst[t].error <= f.bound);
    }
    std::printf("  bound %g\n", f.bound);
}

struct Bits {
    uint64_t state = 1;

    uint32_t operator()() {
        state = state * 6364136223846793005u + 1442695040888963407u;
        return static_cast<uint32_t>(state >> 32);
    }
};

// Over any first floats and the second ones that `second` makes for them, given the number of the pair.
void sweep_pairs(const char* name, Binary op, double (*exact)(double, double), double bound,
                 float (*second)(float first, Bits& bits, int number),
                 const std::vector<Table<float>>& tables, int count) {
    Bits bits;
    std::vector<float> a(count), b(count), y(count);
    for (int i = 0; i < count; ++i) {
        a[i] = float_of(bits());
        b[i] = second(a[i], bits, i);
    }
    std::printf("%-9s", name);
    for (const auto& table : tables) {
        table.binary[static_cast<int>(op)](a.data(), b.data(), y.data(), count, 1, 1);
        Worst worst;
        for (int i = 0; i < count; ++i) worst.see(ulp_error(y[i], exact(a[i], b[i])), a[i]);
        std::printf("  %s %6.3f at %-13.7g", table.level, worst.error, worst.at);
        CHECK(worst.error <= bound);
    }
    std::printf("  bound %g\n", bound);
}

// Any exponent, and those whose power is mostly a normal number; a third of these is whole.
float exponent(float base, Bits& bits, int number) {
    float found = float_of(bits());
    if (number % 4)
        found = static_cast<float>(bits() / 4294967296.0 * 300 - 150) / std::log2(std::fabs(base));
    return number % 4 == 2 ? std::round(found) : found;
}

// Any float, and those that are neither more than 2^20 times the other nor less.
float neighbour(float other, Bits& bits, int number) {
    float found = number % 4 ? std::ldexp(other, static_cast<int>(bits() % 41) - 20) : float_of(bits());
    if (number % 4 > 1) found *= static_cast<float>(bits() / 2147483648.0 - 1);
    return found;
}

}  // namespace

int main() {
    const char* given = std::getenv("LAMINA_ULP_STRIDE");
    const uint64_t stride = given ? std::strtoull(given, nullptr, 10) : 599;
    const char* only = std::getenv("LAMINA_ULP_FUNCTION");
    const auto tables = vector_tables();
    for (const Function& f : functions)
        if (!only || !std::strcmp(only, f.name)) sweep(f, tables, stride);
    const int pairs = given ? 50000000 : 500000;
    if (!only || !std::strcmp(only, "pow"))
        sweep_pairs("pow", Binary::pow, std::pow, 1, exponent, tables, pairs);
    if (!only || !std::strcmp(only, "atan2"))
        sweep_pairs("atan2", Binary::atan2, std::atan2, 2, neighbour, tables, pairs);
    return result();
}
