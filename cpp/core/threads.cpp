// A fork-join pool. A call opens a job; workers that see it enter, take pieces and leave; the caller
// takes pieces too, closes the job and waits for those inside. A worker that wakes late finds the job
// closed, so a call never waits for a thread that has not started on it. An exception stays with the job
// until all have left, then the caller throws it.
#include "core/threads.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "core/cpu_count.h"
#include "core/interrupt.h"
#include "core/placement.h"
#include "core/pool.h"

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#include <signal.h>
#define LAMINA_HAS_FORK 1
#endif
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace lamina {
namespace {

constexpr int max_threads = 1024;
constexpr int64_t pieces_alone = 16;  // between which Ctrl-C is heard where there is one thread
constexpr int64_t pieces_per_thread = 8;
constexpr auto spin_time = std::chrono::microseconds(50);
constexpr auto worth_waking = std::chrono::microseconds(20);  // less work is done before a sleeper is there
constexpr int selfish_spins = 256;  // some microseconds; then others may have the CPU between looks

void pause_cpu() {
#if defined(__x86_64__)
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

// The floating-point control word: rounding and denormals. Workers take the caller's, so that every piece of
// a loop computes alike.
uint64_t float_mode() {
#if defined(__x86_64__)
    return _mm_getcsr() & ~0x3fu;  // without the sticky exception flags
#elif defined(__aarch64__)
    uint64_t mode;
    asm volatile("mrs %0, fpcr" : "=r"(mode));
    return mode;
#else
    return 0;
#endif
}

void set_float_mode(uint64_t mode) {
#if defined(__x86_64__)
    if (float_mode() != mode) _mm_setcsr(static_cast<unsigned>(mode));
#elif defined(__aarch64__)
    if (float_mode() != mode) asm volatile("msr fpcr, %0" : : "r"(mode));
#else
    (void)mode;
#endif
}

// The state word: an epoch that grows with every job, whether the job is open, how many workers are inside.
constexpr uint64_t inside_one = 1;
constexpr uint64_t inside_mask = 0xffff;
constexpr uint64_t open_bit = 0x10000;
constexpr uint64_t epoch_one = 0x20000;

// The indices that one participant takes first; others take from it when their own are gone.
struct alignas(64) Share {
    std::atomic<int64_t> next{0};
    int64_t end = 0;
};

struct alignas(64) Worker {
    std::atomic<bool> parked{false};
    std::mutex mutex;
    std::condition_variable wake;
    Placement placement;
};

struct Workers {
    alignas(64) std::atomic<uint64_t> state{0};
    alignas(64) std::atomic<bool> busy{false};

    // The open job.
    alignas(64) RangeBody body = nullptr;
    void* context = nullptr;
    int64_t step = 1;
    int participants = 0;
    uint64_t mode = 0;
    std::atomic<bool> failed{false};
    std::exception_ptr error;  // written by whoever sets `failed`

    // Guarded by busy.
    int started = 0;                                      // workers
    std::chrono::steady_clock::time_point last_asleep{};  // when a job ended that had found workers asleep
    Worker* workers[max_threads - 1] = {};
    Share shares[max_threads];

    bool some_sleep() const {
        return std::any_of(workers, workers + participants - 1,
                           [](Worker* each) { return each->parked.load(); });
    }

    // A worker marks itself before it looks at the state again: either it sees the job or this sees the mark.
    void wake() {
        for (int i = 0; i < participants - 1; ++i) {
            Worker& worker = *workers[i];
            if (!worker.parked.load()) continue;
            {
                std::lock_guard lock(worker.mutex);
                if (worker.parked.load()) worker.placement.keep_apart();
            }
            worker.wake.notify_one();
        }
    }

    // As many as `most` pieces of `size` indices, first of its own share.
    void take_pieces(int self, int64_t size, int64_t most = INT64_MAX) noexcept {
        try {
            run_pieces(self, size, most);
        } catch (...) {
            if (!failed.exchange(true)) error = std::current_exception();
            for (int i = 0; i < participants; ++i)
                shares[i].next.store(shares[i].end, std::memory_order_relaxed);
        }
    }

    void run_pieces(int self, int64_t size, int64_t most) {
        for (int i = 0; i < participants; ++i) {
            Share& share = shares[self + i < participants ? self + i : self + i - participants];
            for (;; --most) {
                if (most == 0) return;
                const int64_t begin = share.next.fetch_add(size, std::memory_order_relaxed);
                if (begin >= share.end) break;
                body(context, begin, std::min(begin + size, share.end));
                if (self == 0) check_interrupt();
            }
        }
    }
};

// Never destroyed: workers may outlive main. A forked child forgets its parent's pool.
std::atomic<Workers*> current_pool{nullptr};
thread_local bool inside_loop = false;

void work(Workers& pool, Worker& self, int index) {
    inside_loop = true;
    self.placement.note();
    uint64_t seen = 0;
    for (;;) {
        // Wait for an epoch that is new to this worker.
        auto is_new = [&] { return pool.state.load(std::memory_order_acquire) / epoch_one != seen; };
        const auto start = std::chrono::steady_clock::now();
        int spins = 0;
        while (!is_new()) {
            pause_cpu();
            if (++spins < selfish_spins || spins % 16 != 0) continue;
            std::this_thread::yield();
            if (std::chrono::steady_clock::now() - start > spin_time) {
                std::unique_lock lock(self.mutex);
                self.parked.store(true);
                self.wake.wait(lock, [&] { return pool.state.load() / epoch_one != seen; });
                self.parked.store(false);
                self.placement.restore();
            }
        }
        uint64_t state = pool.state.load(std::memory_order_acquire);
        while ((state & open_bit) &&
               !pool.state.compare_exchange_weak(state, state + inside_one, std::memory_order_acq_rel)) {
        }
        seen = state / epoch_one;
        if (!(state & open_bit)) continue;
        if (index < pool.participants) {
            set_float_mode(pool.mode);
            pool.take_pieces(index, pool.step);
        }
        pool.state.fetch_sub(inside_one, std::memory_order_release);
    }
}

bool start_worker(Workers& pool, int index) {
#if defined(LAMINA_HAS_FORK)
    // Signals belong to the program's own threads.
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
#endif
    bool ok = true;
    try {
        Worker* worker = new Worker;
        pool.workers[index - 1] = worker;
        std::thread([&pool, worker, index] { work(pool, *worker, index); }).detach();
    } catch (...) {
        ok = false;
    }
#if defined(LAMINA_HAS_FORK)
    pthread_sigmask(SIG_SETMASK, &old, nullptr);
#endif
    return ok;
}

Workers* get_pool() {
    Workers* pool = current_pool.load(std::memory_order_acquire);
    if (pool != nullptr) return pool;
#if defined(LAMINA_HAS_FORK)
    static const int registered = pthread_atfork(nullptr, nullptr, [] {
        current_pool.store(nullptr);
        inside_loop = false;
    });
    (void)registered;
#endif
    Workers* fresh = new (std::nothrow) Workers;
    if (fresh == nullptr) return nullptr;
    if (current_pool.compare_exchange_strong(pool, fresh)) return fresh;
    delete fresh;
    return pool;
}

int initial_threads() {
    if (const char* text = std::getenv("LAMINA_NUM_THREADS")) {
        char* end;
        const long n = std::strtol(text, &end, 10);
        if (end != text && *end == '\0' && n >= 1) return static_cast<int>(std::min<long>(n, max_threads));
    }
    return std::min(cpu_count(), max_threads);
}

std::atomic<int> wanted_threads{0};  // 0: not asked yet

struct Scratch {
    static constexpr int slots = 8;
    BufferRef memory[slots];
    size_t size[slots] = {};
    int64_t round[slots] = {};
};

}  // namespace

int num_threads() noexcept {
    int n = wanted_threads.load(std::memory_order_relaxed);
    if (n == 0) {
        const int initial = initial_threads();
        n = wanted_threads.compare_exchange_strong(n, initial) ? initial : n;
    }
    return n;
}

void set_num_threads(int n) {
    if (n < 1 || n > max_threads)
        throw std::invalid_argument("The number of threads must be from 1 to 1024, but " + std::to_string(n) +
                                    " was given.");
    wanted_threads.store(n);
}

int64_t cut_unit(int64_t grain) noexcept { return grain >= 4096 && grain % 512 == 0 ? grain / 8 : grain; }

void parallel_for(int64_t n, int64_t grain, RangeBody body, void* context) {
    if (n <= 0) return;
    grain = std::max<int64_t>(grain, 1);
    const int threads = n <= grain || inside_loop ? 1 : num_threads();
    Workers* pool = threads > 1 ? get_pool() : nullptr;
    if (pool == nullptr || pool->busy.exchange(true, std::memory_order_acquire)) {
        if (n <= grain || inside_loop || !is_interruptible()) return body(context, 0, n);
        const int64_t unit = cut_unit(grain), step = std::max(n / pieces_alone / unit, int64_t{1}) * unit;
        for (int64_t begin = 0; begin < n; begin += step) {
            body(context, begin, std::min(begin + step, n));
            check_interrupt();
        }
        return;
    }
    int participants = static_cast<int>(std::min<int64_t>(threads, (n + grain - 1) / grain));
    while (pool->started < participants - 1 && start_worker(*pool, pool->started + 1)) ++pool->started;
    participants = std::min(participants, pool->started + 1);

    // Shares are cut at multiples of the unit, and about equal.
    const int64_t unit = cut_unit(grain);
    auto whole_units = [unit](int64_t count, int64_t parts) {
        return (count / unit + parts - 1) / parts * unit;
    };
    const int64_t share = whole_units(n + unit - 1, participants);
    pool->body = body;
    pool->context = context;
    pool->step = whole_units(share, pieces_per_thread);
    pool->participants = participants;
    pool->mode = float_mode();
    for (int i = 0; i < participants; ++i) {
        pool->shares[i].next.store(std::min(i * share, n), std::memory_order_relaxed);
        pool->shares[i].end = std::min((i + 1) * share, n);
    }
    const uint64_t epoch = pool->state.load(std::memory_order_relaxed) / epoch_one;
    pool->state.store((epoch + 1) * epoch_one | open_bit);
    inside_loop = true;
    const bool asleep = pool->some_sleep();
    if (asleep) {
        // A short loop with no other just before is done sooner than sleepers are there: see how long a small
        // piece takes, where there are any.
        const auto start = std::chrono::steady_clock::now();
        bool wakes = grain == 1 || start - pool->last_asleep < spin_time;
        if (!wakes) {
            pool->take_pieces(0, grain, 1);
            wakes = (std::chrono::steady_clock::now() - start) * (n / grain) > worth_waking;
        }
        if (wakes) pool->wake();
    }
    pool->take_pieces(0, pool->step);
    inside_loop = false;
    if (asleep) pool->last_asleep = std::chrono::steady_clock::now();

    pool->state.fetch_and(~open_bit, std::memory_order_acq_rel);
    for (int spins = 0; pool->state.load(std::memory_order_acquire) & inside_mask;) {
        // On a crowded machine a worker may have lost its CPU: let it have this one.
        pause_cpu();
        if (++spins >= selfish_spins && spins % 16 == 0) std::this_thread::yield();
    }
    std::exception_ptr error;
    if (pool->failed.load(std::memory_order_relaxed)) [[unlikely]] {
        error = std::exchange(pool->error, nullptr);
        pool->failed.store(false, std::memory_order_relaxed);
    }
    pool->busy.store(false, std::memory_order_release);
    if (error) [[unlikely]]
        std::rethrow_exception(std::move(error));
}

void* thread_scratch(int slot, size_t bytes) {
    static thread_local Scratch scratch;
    const int64_t round = Pool::test_round();
    if (scratch.size[slot] < bytes || scratch.round[slot] != round) [[unlikely]] {
        scratch.memory[slot] = {};
        scratch.size[slot] = 0;
        // In steps, so that slightly growing wishes do not allocate each time.
        const size_t size = (bytes + bytes / 4 + 4095) / 4096 * 4096;
        scratch.memory[slot] = Pool::global().allocate_internal(size, "scratch memory");
        scratch.size[slot] = size;
        scratch.round[slot] = round;
    }
    return scratch.memory[slot]->data();
}

}  // namespace lamina
