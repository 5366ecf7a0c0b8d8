// The thread pool: every index once, nested and concurrent calls, exceptions, changing counts, fork.
#include "core/threads.h"

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "check.h"
#include "core/error.h"
#include "core/pool.h"

using namespace lamina;

namespace {

// Runs a loop over [0, n) and checks that every index came once.
bool covers(int64_t n, int64_t grain) {
    std::vector<std::atomic<int>> seen(static_cast<size_t>(n));
    std::atomic<bool> pieces{true};
    parallel_for(n, grain, [&](int64_t begin, int64_t end) {
        const int64_t unit = cut_unit(grain);
        if (begin % unit != 0 || begin >= end || (end - begin < unit && end != n)) pieces = false;
        for (int64_t i = begin; i < end; ++i) seen[static_cast<size_t>(i)]++;
    });
    bool once = true;
    for (const auto& count : seen) once = once && count == 1;
    return once && pieces;
}

void test_cover() {
    for (int threads : {1, 2, 3, 4, 16}) {
        set_num_threads(threads);
        CHECK(num_threads() == threads);
        for (int64_t n : {0, 1, 2, 3, 7, 64, 1000, 4097, 20000})
            for (int64_t grain : {1, 2, 5, 64, 4096, 5000}) CHECK(covers(n, grain));
    }
}

void test_limits() {
    for (int n : {0, -1, 1025}) {
        bool thrown = false;
        try {
            set_num_threads(n);
        } catch (const std::invalid_argument&) {
            thrown = true;
        }
        CHECK(thrown);
    }
}

void test_nested() {
    set_num_threads(4);
    std::atomic<int64_t> sum{0};
    std::atomic<bool> inlined{true};
    parallel_for(100, 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const auto self = std::this_thread::get_id();
            parallel_for(10, 1, [&](int64_t b, int64_t e) {
                if (std::this_thread::get_id() != self) inlined = false;
                sum += e - b;
            });
        }
    });
    CHECK(sum == 1000);
    CHECK(inlined);
}

void test_concurrent() {
    set_num_threads(3);
    std::atomic<int64_t> sum{0};
    std::vector<std::thread> callers;
    for (int t = 0; t < 6; ++t)
        callers.emplace_back([&] {
            for (int i = 0; i < 300; ++i)
                parallel_for(64, 4, [&](int64_t begin, int64_t end) { sum += end - begin; });
        });
    for (std::thread& t : callers) t.join();
    CHECK(sum == 6 * 300 * 64);
}

// Sleeping workers wake, and late ones find nothing wrong.
void test_pauses() {
    set_num_threads(4);
    for (int i = 0; i < 200; ++i) {
        CHECK(covers(40, 1));
        if (i % 4 == 0) std::this_thread::sleep_for(std::chrono::microseconds(i * 3));
    }
}

void test_scratch() {
    set_num_threads(4);
    std::atomic<bool> good{true};
    parallel_for(64, 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            auto* a = static_cast<int64_t*>(thread_scratch(0, 800));
            auto* b = static_cast<int64_t*>(thread_scratch(1, static_cast<size_t>(i + 1) * 800));
            if (reinterpret_cast<uintptr_t>(a) % 64 || reinterpret_cast<uintptr_t>(b) % 64 || a == b)
                good = false;
            for (int j = 0; j < 100; ++j) a[j] = b[j] = i;
            for (int j = 0; j < 100; ++j)
                if (a[j] != i) good = false;
        }
    });
    CHECK(good);
}

struct Thrown {
    int64_t at;
};

// What a piece throws on any thread reaches the caller when nobody is inside any more, and the next loop is
// whole.
void test_exceptions() {
    for (int threads : {1, 2, 4}) {
        set_num_threads(threads);
        for (int64_t bad = 0; bad < 300; ++bad) {
            std::atomic<int> inside{0}, thrown{0};
            int64_t got = -1;
            try {
                parallel_for(300, 1, [&](int64_t begin, int64_t end) {
                    ++inside;
                    for (int64_t i = begin; i < end; ++i)
                        // Every third index: several threads throw in one loop.
                        if (i >= bad && i % 3 == bad % 3) {
                            ++thrown;
                            --inside;
                            throw Thrown{i};
                        }
                    --inside;
                });
            } catch (const Thrown& error) {
                got = error.at;
                CHECK(inside == 0);
            }
            CHECK(thrown >= 1 && thrown <= threads);
            CHECK(got >= bad && got % 3 == bad % 3);
            if (bad % 10 == 0) CHECK(covers(300, 1));
        }
    }
}

// A loop inside a loop throws through both; callers that find the pool occupied get their own exceptions.
void test_nested_and_concurrent_exceptions() {
    set_num_threads(3);
    std::atomic<int> right{0};
    std::vector<std::thread> callers;
    for (int t = 0; t < 4; ++t)
        callers.emplace_back([&, t] {
            for (int i = 0; i < 200; ++i) try {
                    parallel_for(16, 1, [&](int64_t, int64_t) {
                        parallel_for(4, 1, [&](int64_t, int64_t) { throw Thrown{t}; });
                    });
                } catch (const Thrown& error) {
                    right += error.at == t;
                }
        });
    for (std::thread& t : callers) t.join();
    CHECK(right == 800);
    CHECK(covers(1000, 1));
}

// Scratch memory that cannot be had, on whichever thread asks for it, is an error of the loop; nothing is
// lost.
void test_scratch_failures() {
    set_num_threads(4);
    const auto loop = [] {
        parallel_for(64, 1, [](int64_t begin, int64_t) {
            for (int slot : {0, 3}) *static_cast<int64_t*>(thread_scratch(slot, 1000)) = begin;
        });
    };
    int failures = 0;
    for (int64_t n = 1; n <= 8; ++n)
        for (int i = 0; i < 50; ++i) {
            Pool::global().fail_at(n);
            try {
                loop();
            } catch (const Error& error) {
                CHECK(error.kind() == ErrorKind::memory);
                ++failures;
            }
            Pool::global().fail_at(0);
            loop();
        }
    // The caller takes two slots at least, so the first two allocations of each turn are always asked for.
    CHECK(failures >= 100);
}

// A child has no workers of its parent; it starts its own. (ThreadSanitizer does not follow threads after
// fork.)
void test_fork() {
#if !defined(__SANITIZE_THREAD__)
    set_num_threads(4);
    CHECK(covers(100, 1));
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0) _exit(covers(100, 1) && covers(5000, 7) ? 0 : 1);
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(covers(100, 1));
#endif
}

}  // namespace

int main(int argc, char**) {
    test_cover();
    test_limits();
    test_nested();
    test_concurrent();
    test_pauses();
    test_scratch();
    test_exceptions();
    test_nested_and_concurrent_exceptions();
    test_scratch_failures();
    test_fork();
    if (argc > 1) {  // any argument: how long an empty loop takes
        set_num_threads(2);
        double best = 1;
        for (int i = 0; i < 2000; ++i) {
            const auto start = std::chrono::steady_clock::now();
            for (int j = 0; j < 10; ++j) parallel_for(2, 1, [](int64_t, int64_t) {});
            best = std::min(
                best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / 10);
        }
        std::printf("an empty loop on two threads: %.2f us\n", best * 1e6);
    }
    return lamina::test::result();
}
