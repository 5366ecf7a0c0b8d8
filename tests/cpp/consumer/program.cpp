// A program that Python has exported:
//
//     consumer run FILE BATCH IN OUT        its outputs for the inputs in the file IN, to the file OUT
//     consumer memory FILE BATCH IN OUT     the same from memory, with allocations counted
//     consumer threads FILE BATCH IN OUT    the same on eight threads at once, which must agree
//     consumer show FILE                    its inputs and outputs
//     consumer time FILE BATCH              the microseconds of a run
//
// Input and output files hold the values of all ports one after another.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <thread>

#include "check.h"

namespace {

std::vector<char> content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

template <class T>
std::size_t put(std::span<T> to, const char* from) {
    std::memcpy(to.data(), from, to.size_bytes());
    return to.size_bytes();
}

void setInputs(const lamina::Program& program, lamina::Context& context, const std::vector<char>& values) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < program.inputCount(); ++i) {
        const char* from = values.data() + at;
        switch (program.input(i).dtype) {
            case lamina::DType::int32:
                at += put(context.input<std::int32_t>(i), from);
                break;
            case lamina::DType::boolean:
                at += put(context.input<bool>(i), from);
                break;
            default:
                at += put(context.input(i), from);
        }
    }
    if (at != values.size())
        throw lamina::Error(lamina::ErrorCode::value, "the file of inputs has another size");
}

std::vector<char> outputs(const lamina::Program& program, const lamina::Context& context) {
    std::vector<char> values;
    const auto append = [&](const auto& from) {
        const char* begin = reinterpret_cast<const char*>(from.data());
        values.insert(values.end(), begin, begin + from.size_bytes());
    };
    for (std::size_t i = 0; i < program.outputCount(); ++i)
        if (program.output(i).dtype == lamina::DType::int32)
            append(context.output<std::int32_t>(i));
        else
            append(context.output(i));
    return values;
}

lamina::Program fromMemory(const std::string& path) {
    const std::vector<char> bytes = content(path);
    return lamina::Program::load(std::as_bytes(std::span(bytes)));
}

// Runs take nothing from the library's pool; what they take from the heap is printed. On one thread: another
// may come in any run for the first time, and gets its working memory then.
void runCounted(lamina::Context& context) {
    const int threads = lamina::numThreads();
    lamina::setNumThreads(1);
    context.run();
    const std::int64_t pool = lamina::memory().allocations;
    const long own = allocations();
    for (int i = 0; i < 20; ++i) context.run();
    CHECK(lamina::memory().allocations == pool);
    std::printf("%ld\n", allocations() - own);
    lamina::setNumThreads(threads);
}

void runOnThreads(const lamina::Program& program, std::int64_t batch, const std::vector<char>& in,
                  const std::vector<char>& expected) {
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&] {
            lamina::Context context(program, batch);
            setInputs(program, context, in);
            for (int i = 0; i < 50; ++i) {
                context.run();
                if (outputs(program, context) != expected) ++wrong;
            }
        });
    for (std::thread& t : threads) t.join();
    CHECK(wrong == 0);
}

void describe(const lamina::Port& port, const char* what) {
    std::printf("%s %s %d [", what, port.name.c_str(), static_cast<int>(port.dtype));
    for (const std::int64_t d : port.shape) std::printf(" %lld", static_cast<long long>(d));
    std::printf(" ]\n");
}

void show(const lamina::Program& program) {
    std::printf("batch %lld\n", static_cast<long long>(program.batch()));
    for (std::size_t i = 0; i < program.inputCount(); ++i) describe(program.input(i), "input");
    for (std::size_t i = 0; i < program.outputCount(); ++i) describe(program.output(i), "output");
    CHECK(refuses([&] { program.input(99); }, lamina::ErrorCode::index, "no input 99"));
    CHECK(refuses([&] { program.output(99); }, lamina::ErrorCode::index, "no output 99"));
    CHECK(refuses([&] { lamina::Context(program, 0); }, lamina::ErrorCode::value, "batch"));
    lamina::Context context(program);
    CHECK(refuses([&] { context.input<std::complex<float>>(); }, lamina::ErrorCode::type, "another type"));
    CHECK(refuses([&] { context.output<std::complex<float>>(); }, lamina::ErrorCode::type, "another type"));
    if (program.inputCount() != 1 || program.input().dtype != lamina::DType::float32) return;
    const std::vector<float> zeros(context.input().size());
    CHECK(context.run(zeros).size() == context.output().size());
    CHECK(refuses([&] { context.run(std::span<const float>()); }, lamina::ErrorCode::value, "got 0"));
}

void measure(const lamina::Program& program, std::int64_t batch) {
    lamina::Context context(program, batch);
    using Clock = std::chrono::steady_clock;
    double best = 1e30;
    for (int repeat = 0; repeat < 50; ++repeat) {
        const auto begin = Clock::now();
        for (int i = 0; i < 100; ++i) context.run();
        best = std::min(best, std::chrono::duration<double, std::micro>(Clock::now() - begin).count() / 100);
    }
    std::printf("%.3f\n", best);
}

}  // namespace

int useProgram(int count, char** arguments) {
    const std::string what = arguments[0], file = arguments[1];
    const lamina::Program program = what == "memory" ? fromMemory(file) : lamina::Program::load(file);
    if (what == "show") {
        show(program);
        return failures != 0;
    }
    const std::int64_t batch = count > 2 ? std::atoll(arguments[2]) : 1;
    if (what == "time") {
        measure(program, batch);
        return 0;
    }
    if (count != 5) return 2;
    const std::vector<char> in = content(arguments[3]);
    lamina::Context context(program, batch);
    setInputs(program, context, in);
    if (what == "memory") runCounted(context);
    context.run();
    const std::vector<char> result = outputs(program, context);
    if (what == "threads") runOnThreads(program, batch, in, result);
    std::ofstream(arguments[4], std::ios::binary)
        .write(result.data(), static_cast<std::streamsize>(result.size()));
    return failures != 0;
}
