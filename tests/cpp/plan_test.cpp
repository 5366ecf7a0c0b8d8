// The planner of a Program's memory, on random lifetimes: nothing that lives at once overlaps, and little is
// lost.
#include "graph/plan.h"

#include "check.h"
#include "core/random.h"

using namespace lamina;
using namespace lamina::test;

namespace {

int64_t aligned(int64_t bytes) { return (std::max<int64_t>(bytes, 1) + 63) / 64 * 64; }

bool meet(const Lifetime& a, const Lifetime& b) { return a.first <= b.last && b.first <= a.last; }

// What is alive at once at most, counted step by step.
int64_t peak(const std::vector<Lifetime>& values, int32_t steps) {
    int64_t most = 0;
    for (int32_t t = 0; t < steps; ++t) {
        int64_t live = 0;
        for (const Lifetime& v : values)
            if (v.first <= t && t <= v.last) live += aligned(v.bytes);
        most = std::max(most, live);
    }
    return most;
}

void check_plan(const std::vector<Lifetime>& values, int32_t steps) {
    const Plan plan = plan_arena(values);
    CHECK(plan.offsets.size() == values.size());
    CHECK(plan.peak_bytes == peak(values, steps));
    CHECK(plan.arena_bytes >= plan.peak_bytes);
    for (size_t i = 0; i < values.size(); ++i) {
        CHECK(plan.offsets[i] >= 0 && plan.offsets[i] % 64 == 0);
        CHECK(plan.offsets[i] + values[i].bytes <= plan.arena_bytes);
        for (size_t j = 0; j < i; ++j)
            if (meet(values[i], values[j]))
                CHECK(plan.offsets[i] + aligned(values[i].bytes) <= plan.offsets[j] ||
                      plan.offsets[j] + aligned(values[j].bytes) <= plan.offsets[i]);
    }
}

void random_lifetimes() {
    uint32_t bits[4];
    uint64_t drawn = 0;
    const auto below = [&](uint32_t n) {
        philox_bits(1, 2, 3, bits, static_cast<int64_t>(drawn++), 1);
        return static_cast<int32_t>(bits[0] % n);
    };
    for (int round = 0; round < 300; ++round) {
        const int32_t steps = 1 + below(40);
        std::vector<Lifetime> values(static_cast<size_t>(below(60)));
        for (Lifetime& v : values) {
            v.first = below(static_cast<uint32_t>(steps));
            v.last = std::min(steps - 1, v.first + below(6));
            v.bytes = below(4) ? below(5000) : 0;
        }
        check_plan(values, steps);
    }
}

// A forward and a backward pass: values are kept from step i to step 2n - i.
void training() {
    constexpr int32_t n = 50;
    std::vector<Lifetime> values;
    for (int32_t i = 0; i < n; ++i) {
        values.push_back({1000 + 64 * (i % 7), i, 2 * n - i});
        values.push_back({2000, n + i, n + i + 1});
    }
    check_plan(values, 2 * n + 1);
    const Plan plan = plan_arena(values);
    CHECK(static_cast<double>(plan.arena_bytes) <= 1.1 * static_cast<double>(plan.peak_bytes));
}

}  // namespace

int main() {
    random_lifetimes();
    training();
    check_plan({}, 1);
    return result();
}
