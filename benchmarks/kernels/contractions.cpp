// Times the contraction kernels: GFLOP/s per CPU level and number of threads.
//
//   bench_kernels [gemm|conv|dense|small|depthwise|pool] [level] [threads]
//
// Times are medians, or with LAMINA_BENCH_BEST=1 the shortest, which a machine at other work disturbs less.
// With LAMINA_BENCH_BLAS=<shared library with scipy_cblas_sgemm64_> gemm is timed against it, in turns.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <thread>
#include <vector>

#include "core/threads.h"
#include "kernels/table.h"

using namespace lamina;

namespace {

using Clock = std::chrono::steady_clock;

double seconds(Clock::duration d) { return std::chrono::duration<double>(d).count(); }

struct Timing {
    std::vector<double> times;
    double typical() {
        static const bool best = std::getenv("LAMINA_BENCH_BEST") != nullptr;
        std::sort(times.begin(), times.end());
        return times[best ? 0 : times.size() / 2];
    }
};

// Medians of the time that each of f and g takes, in turns, so that both see the same machine. `rest`: g's
// own threads go on spinning for a while after a call; f waits until they sleep.
template <class F, class G>
void time_in_turns(double flops, F f, G g, double* f_time, double* g_time, bool rest = false) {
    const int repeats = static_cast<int>(std::clamp(4e8 / flops, 1.0, 2000.0));
    const int rounds = static_cast<int>(std::clamp(2e11 / (flops * repeats), 7.0, rest ? 31.0 : 61.0));
    Timing a, b;
    auto once = [&](auto& call, Timing& t) {
        call();
        const auto start = Clock::now();
        for (int i = 0; i < repeats; ++i) call();
        t.times.push_back(seconds(Clock::now() - start) / repeats);
    };
    for (int i = 0; i < rounds; ++i) {
        if (rest) std::this_thread::sleep_for(std::chrono::milliseconds(30));
        once(f, a);
        once(g, b);
    }
    *f_time = a.typical();
    *g_time = b.typical();
}

template <class F>
double time_of(double flops, F f) {
    double t, nothing;
    time_in_turns(flops, f, [] {}, &t, &nothing);
    return t;
}

struct Array {
    float* p;
    explicit Array(int64_t n)
        : p(static_cast<float*>(std::aligned_alloc(64, (size_t(n) * 4 + 127) / 64 * 64))) {
        uint32_t state = 7;
        for (int64_t i = 0; i < n; ++i) {
            state = state * 1664525u + 1013904223u;
            p[i] = static_cast<float>(state >> 8) * 0x1p-23f - 1;
        }
    }
    ~Array() { std::free(p); }
};

using Sgemm = void (*)(int, int, int, int64_t, int64_t, int64_t, float, const float*, int64_t, const float*,
                       int64_t, float, float*, int64_t);

Sgemm load_blas(int threads) {
    const char* path = std::getenv("LAMINA_BENCH_BLAS");
    // Its threads would spin for a tenth of a second after each call, on the CPUs that the other side needs.
    setenv("OPENBLAS_THREAD_TIMEOUT", "22", 0);
    void* library = path ? dlopen(path, RTLD_NOW | RTLD_GLOBAL) : nullptr;
    if (library == nullptr) return nullptr;
    if (auto set = reinterpret_cast<void (*)(int)>(dlsym(library, "scipy_openblas_set_num_threads64_")))
        set(threads);
    return reinterpret_cast<Sgemm>(dlsym(library, "scipy_cblas_sgemm64_"));
}

struct Product {
    int64_t m, n, k;
    bool ta = false, tb = false;
};

void bench_gemm(const Table<float>& table, int threads, const std::vector<Product>& products) {
    const Sgemm blas = load_blas(threads);
    for (const Product& p : products) {
        Array a(p.m * p.k), b(p.k * p.n), c(p.m * p.n);
        Gemm<float> g{};
        g.a = a.p, g.b = b.p, g.c = c.p;
        g.m = p.m, g.n = p.n, g.k = p.k;
        g.a_stride = p.ta ? p.m : p.k;
        g.b_stride = p.tb ? p.k : p.n;
        g.c_stride = p.n;
        g.transpose_a = p.ta, g.transpose_b = p.tb;
        const double flops = 2.0 * double(p.m) * double(p.n) * double(p.k);
        double ours, theirs = 0;
        time_in_turns(
            flops, [&] { table.gemm(g); },
            [&] {
                if (blas)
                    blas(101, p.ta ? 112 : 111, p.tb ? 112 : 111, p.m, p.n, p.k, 1, a.p, g.a_stride, b.p,
                         g.b_stride, 0, c.p, p.n);
            },
            &ours, &theirs, blas != nullptr && threads > 1);
        std::printf("%-5s %d  gemm %5ld x %5ld x %5ld %c%c  %8.1f GFLOP/s", table.level, threads, long(p.m),
                    long(p.n), long(p.k), p.ta ? 't' : 'n', p.tb ? 't' : 'n', flops / ours * 1e-9);
        if (blas) std::printf("   blas %8.1f   ratio %.3f", flops / theirs * 1e-9, theirs / ours);
        std::printf("\n");
    }
}

void bench_conv(const Table<float>& table, int threads) {
    struct Case {
        int64_t batch, size, in_c, out_c, kernel, stride;
    };
    for (const Case& c : {Case{32, 56, 64, 64, 3, 1},
                          {32, 28, 128, 128, 3, 1},
                          {32, 14, 256, 256, 3, 1},
                          {32, 7, 512, 512, 3, 1},
                          {128, 32, 16, 16, 3, 1},
                          {128, 16, 32, 32, 3, 1},
                          {128, 8, 64, 64, 3, 1},
                          {128, 32, 16, 32, 3, 2},
                          {128, 28, 1, 8, 5, 1},
                          {128, 28, 1, 32, 3, 1},
                          {32, 224, 3, 64, 7, 2},
                          {128, 32, 3, 16, 3, 1},
                          {32, 56, 64, 256, 1, 1},
                          {32, 56, 256, 64, 1, 1},
                          {32, 56, 128, 128, 1, 2},
                          {1, 56, 64, 64, 3, 1},
                          {1, 8, 64, 64, 3, 1}}) {
        ConvShape s{};
        s.batch = c.batch;
        s.in_h = s.in_w = c.size;
        s.in_c = c.in_c;
        s.out_c = c.out_c;
        s.out_h = s.out_w = (c.size + c.stride - 1) / c.stride;
        s.k_h = s.k_w = c.kernel;
        s.stride_h = s.stride_w = c.stride;
        s.dilation_h = s.dilation_w = 1;
        s.pad_top = s.pad_left = std::max<int64_t>((s.out_h - 1) * c.stride + c.kernel - c.size, 0) / 2;
        Array x(s.batch * s.in_h * s.in_w * s.in_c), y(s.batch * s.out_h * s.out_w * s.out_c);
        Array f(s.k_h * s.k_w * s.in_c * s.out_c), df(s.k_h * s.k_w * s.in_c * s.out_c);
        Array dx(s.batch * s.in_h * s.in_w * s.in_c);
        const double flops =
            2.0 * double(s.batch * s.out_h * s.out_w * s.out_c) * double(s.k_h * s.k_w * s.in_c);
        const double forward = time_of(flops, [&] { table.conv2d(s, x.p, f.p, y.p, {}); });
        const double input = time_of(flops, [&] { table.conv2d_grad_input(s, y.p, f.p, dx.p); });
        const double filter = time_of(flops, [&] { table.conv2d_grad_filter(s, x.p, y.p, df.p); });
        std::printf(
            "%-5s %d  conv %3ldx%ldx%ldx%ld -> %ld, %ldx%ld stride %ld: %7.1f %7.1f %7.1f GFLOP/s (%.3f %.3f "
            "%.3f ms)\n",
            table.level, threads, long(c.batch), long(c.size), long(c.size), long(c.in_c), long(c.out_c),
            long(c.kernel), long(c.kernel), long(c.stride), flops / forward * 1e-9, flops / input * 1e-9,
            flops / filter * 1e-9, forward * 1e3, input * 1e3, filter * 1e3);
    }
}

void bench_depthwise(const Table<float>& table, int threads) {
    struct Case {
        int64_t batch, size, channels, kernel, stride;
    };
    for (const Case& c : {Case{32, 56, 128, 3, 1},
                          {32, 112, 32, 3, 1},
                          {32, 14, 512, 3, 1},
                          {32, 56, 128, 3, 2},
                          {1, 56, 128, 3, 1}}) {
        ConvShape s{};
        s.batch = c.batch;
        s.in_h = s.in_w = c.size;
        s.in_c = s.out_c = c.channels;
        s.out_h = s.out_w = (c.size + c.stride - 1) / c.stride;
        s.k_h = s.k_w = c.kernel;
        s.stride_h = s.stride_w = c.stride;
        s.dilation_h = s.dilation_w = 1;
        s.pad_top = s.pad_left = c.stride == 1 ? 1 : 0;
        Array x(s.batch * s.in_h * s.in_w * s.in_c), y(s.batch * s.out_h * s.out_w * s.out_c);
        Array f(s.k_h * s.k_w * s.out_c), df(s.k_h * s.k_w * s.out_c), dx(s.batch * s.in_h * s.in_w * s.in_c);
        const double flops = 2.0 * double(s.batch * s.out_h * s.out_w * s.out_c) * double(s.k_h * s.k_w);
        const double forward = time_of(flops, [&] { table.depthwise(s, x.p, f.p, y.p, {}); });
        const double input = time_of(flops, [&] { table.depthwise_grad_input(s, y.p, f.p, dx.p); });
        const double filter = time_of(flops, [&] { table.depthwise_grad_filter(s, x.p, y.p, df.p); });
        std::printf(
            "%-5s %d  depthwise %3ldx%ldx%ldx%ld stride %ld: %7.1f %7.1f %7.1f GFLOP/s (%.3f %.3f %.3f ms)\n",
            table.level, threads, long(c.batch), long(c.size), long(c.size), long(c.channels), long(c.stride),
            flops / forward * 1e-9, flops / input * 1e-9, flops / filter * 1e-9, forward * 1e3, input * 1e3,
            filter * 1e3);
    }
}

void bench_pool(const Table<float>& table, int threads) {
    struct Case {
        int64_t batch, size, channels, kernel, stride;
    };
    for (const Case& c :
         {Case{32, 112, 64, 3, 2}, {128, 28, 32, 2, 2}, {128, 32, 16, 2, 2}, {128, 8, 64, 8, 8}}) {
        PoolShape s{};
        s.batch = c.batch;
        s.in_h = s.in_w = c.size;
        s.channels = c.channels;
        s.out_h = s.out_w = c.size / c.stride;
        s.k_h = s.k_w = c.kernel;
        s.stride_h = s.stride_w = c.stride;
        s.dilation_h = s.dilation_w = 1;
        Array x(s.batch * s.in_h * s.in_w * s.channels), y(s.batch * s.out_h * s.out_w * s.channels);
        Array dx(s.batch * s.in_h * s.in_w * s.channels);
        const double work = double(s.batch * s.out_h * s.out_w * s.channels) * double(s.k_h * s.k_w);
        const double max = time_of(work, [&] { table.max_pool(s, x.p, y.p); });
        const double max_grad = time_of(work, [&] { table.max_pool_grad(s, y.p, x.p, dx.p); });
        const double avg = time_of(work, [&] { table.avg_pool(s, x.p, y.p); });
        const double avg_grad = time_of(work, [&] { table.avg_pool_grad(s, y.p, dx.p); });
        std::printf(
            "%-5s %d  pool %3ldx%ldx%ldx%ld, %ldx%ld stride %ld: max %.3f grad %.3f  avg %.3f grad %.3f ms\n",
            table.level, threads, long(c.batch), long(c.size), long(c.size), long(c.channels), long(c.kernel),
            long(c.kernel), long(c.stride), max * 1e3, max_grad * 1e3, avg * 1e3, avg_grad * 1e3);
    }
}

#define FILL(isa)                         \
    [] {                                  \
        Table<float> table{};             \
        table.level = #isa;               \
        isa::fill_table_gemm(table);      \
        isa::fill_table_conv(table);      \
        isa::fill_table_depthwise(table); \
        isa::fill_table_pool(table);      \
        return table;                     \
    }()

std::vector<Table<float>> tables() {
    std::vector<Table<float>> all;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) all.push_back(FILL(v2));
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) all.push_back(FILL(v3));
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
        all.push_back(FILL(v4));
#elif defined(__aarch64__)
    all.push_back(FILL(neon));
#endif
    return all;
}

}  // namespace

int main(int argc, char** argv) {
    const char* what = argc > 1 ? argv[1] : "gemm";
    const char* level = argc > 2 ? argv[2] : "all";
    const int threads = argc > 3 ? std::atoi(argv[3]) : num_threads();
    set_num_threads(threads);
    for (const Table<float>& table : tables()) {
        if (std::strcmp(level, "all") != 0 && std::strcmp(level, table.level) != 0) continue;
        auto is = [&](const char* name) { return std::strcmp(what, name) == 0; };
        if (is("gemm"))
            bench_gemm(table, threads,
                       {{64, 64, 64},
                        {96, 96, 96},
                        {128, 128, 128},
                        {256, 256, 256},
                        {512, 512, 512},
                        {1024, 1024, 1024},
                        {2048, 2048, 2048}});
        if (is("transposed"))
            for (bool ta : {false, true})
                for (bool tb : {false, true})
                    bench_gemm(table, threads,
                               {{64, 64, 64, ta, tb}, {256, 256, 256, ta, tb}, {1000, 1000, 1000, ta, tb}});
        if (is("dense"))  // the layers of small models: forward, gradients by weights and by input
            bench_gemm(table, threads,
                       {{32, 128, 784},
                        {784, 128, 32, true, false},
                        {32, 784, 128, false, true},
                        {32, 10, 128},
                        {128, 10, 32, true, false},
                        {32, 128, 10, false, true},
                        {128, 512, 512},
                        {512, 512, 128, true, false},
                        {128, 512, 512, false, true},
                        {32, 512, 512},
                        {512, 512, 32, true, false},
                        {32, 512, 512, false, true},
                        {64, 64, 100352, true, false}});
        if (is("small"))
            bench_gemm(table, threads,
                       {{1, 1, 1},
                        {1, 10, 64},
                        {1, 128, 784},
                        {1, 1024, 1024},
                        {1, 1024, 1024, false, true},
                        {1024, 1, 1024},
                        {1024, 1, 1024, true, false},
                        {2, 1024, 1024},
                        {4, 1024, 1024},
                        {8, 1024, 1024},
                        {4, 1024, 1024, false, true},
                        {8, 8, 8},
                        {16, 16, 16},
                        {32, 32, 32},
                        {48, 48, 48},
                        {100, 100, 100}});
        if (is("conv")) bench_conv(table, threads);
        if (is("depthwise")) bench_depthwise(table, threads);
        if (is("pool")) bench_pool(table, threads);
    }
}
