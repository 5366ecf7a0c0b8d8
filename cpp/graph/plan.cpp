#include "graph/plan.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

namespace lamina {

namespace {

int64_t aligned(int64_t bytes) { return (std::max<int64_t>(bytes, 1) + 63) / 64 * 64; }

int64_t peak(const std::vector<Lifetime>& values) {
    std::vector<std::pair<int64_t, int64_t>>
        events;  // (time, change); ends come after starts of the same step
    for (const Lifetime& v : values) {
        events.emplace_back(2 * static_cast<int64_t>(v.first), aligned(v.bytes));
        events.emplace_back(2 * static_cast<int64_t>(v.last) + 1, -aligned(v.bytes));
    }
    std::sort(events.begin(), events.end(), [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first < b.first : a.second > b.second;
    });
    int64_t live = 0, most = 0;
    for (const auto& [time, change] : events) most = std::max(most, live += change);
    return most;
}

}  // namespace

Plan plan_arena(const std::vector<Lifetime>& values) {
    Plan plan{std::vector<int64_t>(values.size(), 0), 0, peak(values)};
    std::vector<size_t> order(values.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return values[a].bytes > values[b].bytes; });

    std::vector<size_t> placed;  // by offset
    for (const size_t i : order) {
        const Lifetime& v = values[i];
        const int64_t bytes = aligned(v.bytes);
        int64_t at = 0, best = -1, best_gap = INT64_MAX;
        for (const size_t j : placed) {
            const Lifetime& other = values[j];
            if (other.last < v.first || v.last < other.first) continue;
            const int64_t gap = plan.offsets[j] - at;
            if (gap >= bytes && gap < best_gap) {
                best = at;
                best_gap = gap;
            }
            at = std::max(at, plan.offsets[j] + aligned(other.bytes));
        }
        const int64_t offset = best >= 0 ? best : at;
        plan.offsets[i] = offset;
        plan.arena_bytes = std::max(plan.arena_bytes, offset + bytes);
        placed.insert(std::upper_bound(placed.begin(), placed.end(), offset,
                                       [&](int64_t o, size_t j) { return o < plan.offsets[j]; }),
                      i);
    }
    return plan;
}

}  // namespace lamina
