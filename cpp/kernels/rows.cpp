// Copying rows by index, and adding to them.
#include "core/threads.h"
#include "kernels/fetch.h"
#include "kernels/table.h"
#include "simd/vec.h"

namespace lamina::LAMINA_LEVEL {
namespace {

constexpr int64_t lanes = VReal::lanes;
constexpr int64_t grain_values = 1 << 14;  // less is not worth a second thread

constexpr int64_t rows_ahead = 16;  // of the row that is copied: rows of any order come from far away

// What a row begins with; the rest of a long one is found by the processor.
LAMINA_INLINE void fetch_row(const Real* row, int64_t inner) {
    constexpr int64_t most = 8 * values_per_line;
    fetch_values<1>(row, inner < most ? inner : most);
}

// Rows of one value: the processor overlaps loads that do not depend on each other, from far away, too.
void gather_values(const Real* table, const int32_t* index, Real* y, int64_t rows, int64_t size) {
    for (int64_t i = 0; i < rows; ++i) y[i] = index[i] < 0 || index[i] >= size ? Real(0) : table[index[i]];
}

void gather_rows(const Real* table, const int32_t* index, Real* y, int64_t rows, int64_t inner,
                 int64_t size) {
    if (inner == 0) return;
    parallel_for(rows, grain_values / inner + 1, [&](int64_t begin, int64_t end) {
        if (inner == 1) return gather_values(table, index + begin, y + begin, end - begin, size);
        for (int64_t i = begin; i < end; ++i) {
            if (const int64_t ahead = i + rows_ahead; ahead < end && index[ahead] >= 0 && index[ahead] < size)
                fetch_row(table + index[ahead] * inner, inner);
            Real* to = y + i * inner;
            if (index[i] < 0 || index[i] >= size) {
                for (int64_t j = 0; j < inner; ++j) to[j] = 0;
                continue;
            }
            const Real* from = table + index[i] * inner;
            int64_t j = 0;
            for (; j + lanes <= inner; j += lanes) VReal::load(from + j).store(to + j);
            for (; j < inner; ++j) to[j] = from[j];
        }
    });
}

// Threads take columns, or ranges of target rows where rows are short, so that every sum keeps the order of
// i.
void add_columns(const Real* x, const int32_t* index, Real* y, int64_t rows, int64_t inner, int64_t first_row,
                 int64_t last_row, int64_t first, int64_t last) {
    for (int64_t i = 0; i < rows; ++i) {
        if (index[i] < first_row || index[i] >= last_row) continue;
        const Real* from = x + i * inner;
        Real* to = y + index[i] * inner;
        int64_t j = first;
        for (; j + lanes <= last; j += lanes) (VReal::load(to + j) + VReal::load(from + j)).store(to + j);
        for (; j < last; ++j) to[j] += from[j];
    }
}

void scatter_add_rows(const Real* x, const int32_t* index, Real* y, int64_t rows, int64_t inner,
                      int64_t size) {
    if (rows * inner <= grain_values) return add_columns(x, index, y, rows, inner, 0, size, 0, inner);
    if (inner >= 8 * lanes) {
        const int64_t columns = (inner + lanes - 1) / lanes;
        parallel_for(columns, grain_values / (rows * lanes) + 4, [&](int64_t begin, int64_t end) {
            const int64_t last = end * lanes < inner ? end * lanes : inner;
            add_columns(x, index, y, rows, inner, 0, size, begin * lanes, last);
        });
        return;
    }
    // Every range reads the whole index.
    const int64_t ranges = num_threads();
    const int64_t step = (size + ranges - 1) / ranges;
    parallel_for(ranges, 1, [&](int64_t begin, int64_t end) {
        const int64_t last = end * step < size ? end * step : size;
        add_columns(x, index, y, rows, inner, begin * step, last, 0, inner);
    });
}

}  // namespace

void fill_table_rows(Table<Real>& t) {
    t.gather_rows = gather_rows;
    t.scatter_add_rows = scatter_add_rows;
}

}  // namespace lamina::LAMINA_LEVEL
