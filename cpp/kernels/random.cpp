// Random numbers by counting, at the width of the level.
#include "core/random_groups.h"
#include "kernels/table.h"
#include "simd/vec.h"

namespace lamina::LAMINA_LEVEL {
namespace {

using philox_groups::Sequence;

void random_uniform(uint64_t key, uint64_t stream, Real* out, int64_t begin, int64_t n) {
    philox_groups::uniform(Sequence(key, stream, 0), out, begin, n);
}
void random_normal(uint64_t key, uint64_t stream, Real* out, int64_t begin, int64_t n) {
    philox_groups::normal(Sequence(key, stream, 0), out, begin, n);
}
void random_truncated_normal(uint64_t key, uint64_t stream, Real* out, int64_t begin, int64_t n) {
    philox_groups::truncated_normal(Sequence(key, stream, 0), out, begin, n);
}
void random_dropout(uint64_t key, uint64_t stream, double rate, Real* out, int64_t begin, int64_t n) {
    philox_groups::dropout(Sequence(key, stream, 0), rate, out, begin, n);
}

}  // namespace

void fill_table_random(Table<Real>& t) {
    t.random_uniform = random_uniform;
    t.random_normal = random_normal;
    t.random_truncated_normal = random_truncated_normal;
    t.random_dropout = random_dropout;
}

}  // namespace lamina::LAMINA_LEVEL
