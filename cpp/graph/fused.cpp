#include "graph/fused.h"

#include <algorithm>

#include "core/threads.h"
#include "kernels/isa.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

// Elements of a tile: a few tiles of float stay in 32 KiB of first-level cache.
constexpr int64_t kTile = 1024;
constexpr int kScratchSlot = 5;
constexpr size_t kMaxOperands = 64;

// The elements [begin, begin + n) of the domain, of an operand that repeats, written out one by one.
template <class T>
void expand(const FusedOperand& e, const T* from, int64_t begin, int64_t n, T* to) {
    if (e.spread == FusedOperand::Spread::periodic) {
        int64_t at = begin % e.period;
        while (n > 0) {
            const int64_t run = std::min(n, e.period - at);
            std::copy_n(from + at, run, to);
            to += run;
            n -= run;
            at = 0;
        }
        return;
    }
    int64_t at = begin / e.period, left = e.period - begin % e.period;
    while (n > 0) {
        const int64_t run = std::min(n, left);
        std::fill_n(to, run, from[at++]);
        to += run;
        n -= run;
        left = e.period;
    }
}

template <class T>
void run_step(const FusedStep& s, const void* const* operand, const int* step, void* to, int64_t n) {
    const Table<T>& table = kernels<T>();
    const auto real = [&](int i) { return static_cast<const T*>(operand[i]); };
    switch (s.formula.kind) {
        case Formula::Kind::unary: {
            const auto kernel = table.unary[s.formula.index];
            if (step[0] == 1)
                return kernel(real(0), static_cast<T*>(to), n, static_cast<T>(s.p), static_cast<T>(s.q));
            T one;
            kernel(real(0), &one, 1, static_cast<T>(s.p), static_cast<T>(s.q));
            std::fill_n(static_cast<T*>(to), n, one);
            return;
        }
        case Formula::Kind::binary:
            return table.binary[s.formula.index](real(0), real(1), static_cast<T*>(to), n, step[0], step[1]);
        case Formula::Kind::compare:
            return table.compare[s.formula.index](real(0), real(1), static_cast<uint8_t*>(to), n, step[0],
                                                  step[1]);
        case Formula::Kind::select:
            return table.select(static_cast<const uint8_t*>(operand[0]), real(1), real(2),
                                static_cast<T*>(to), n, step[0], step[1], step[2]);
        case Formula::Kind::cast: {
            const auto* x = static_cast<const uint8_t*>(operand[0]);
            auto* y = static_cast<T*>(to);
            if (step[0] == 1)
                table.from_truth(x, y, n);
            else
                std::fill_n(y, n, static_cast<T>(*x != 0));
            return;
        }
        case Formula::Kind::none:
            return;
    }
}

}  // namespace

template <class T>
static void run_tiles(const FusedGroup& g, const void* const* in, void* const* out) {
    const int64_t size = g.domain.size();
    const size_t externals = g.externals.size();
    const auto tiles = [&](int64_t begin, int64_t end) {
        const int64_t width = std::min(kTile, end - begin);
        // Tile buffers: first those for results, then one for each operand that has to be written out.
        auto* scratch =
            static_cast<char*>(thread_scratch(kScratchSlot, static_cast<size_t>(width) * sizeof(T) *
                                                                (static_cast<size_t>(g.slots) + externals)));
        const auto buffer = [&](size_t i) { return scratch + i * static_cast<size_t>(width) * sizeof(T); };
        const void* data[kMaxOperands];
        int step[kMaxOperands];
        for (int64_t at = begin; at < end; at += width) {
            const int64_t n = std::min(width, end - at);
            for (size_t i = 0; i < externals; ++i) {
                const FusedOperand& e = g.externals[i];
                step[i] = e.spread == FusedOperand::Spread::scalar ? 0 : 1;
                if (step[i] == 0) {
                    data[i] = in[i];
                } else if (e.spread == FusedOperand::Spread::direct) {
                    data[i] = static_cast<const char*>(in[i]) + at * e.period;  // period: bytes of an element
                } else {
                    auto* to = reinterpret_cast<T*>(buffer(static_cast<size_t>(g.slots) + i));
                    expand(e, static_cast<const T*>(in[i]), at, n, to);
                    data[i] = to;
                }
            }
            for (size_t k = 0; k < g.steps.size(); ++k) {
                const FusedStep& s = g.steps[k];
                const void* operand[3] = {};
                int operand_step[3] = {};
                for (int i = 0; i < 3 && s.operands[i] >= 0; ++i) {
                    operand[i] = data[s.operands[i]];
                    operand_step[i] = step[s.operands[i]];
                }
                void* to =
                    out[k] ? static_cast<char*>(out[k]) + static_cast<size_t>(at) * (s.truth ? 1 : sizeof(T))
                           : buffer(static_cast<size_t>(s.slot));
                run_step<T>(s, operand, operand_step, to, n);
                data[externals + k] = to;
                step[externals + k] = 1;
            }
        }
    };
    // A few ops an element weigh more than one: the pieces get smaller.
    const int64_t grain =
        std::max<int64_t>(kTile, kElementwiseGrain / static_cast<int64_t>(g.steps.size()) / kTile * kTile);
    if (size <= grain)
        tiles(0, size);
    else
        parallel_for(size, grain, tiles);
}

std::vector<const void*>& FusedGroup::pointers_in() {
    static thread_local std::vector<const void*> pointers;
    return pointers;
}

std::vector<void*>& FusedGroup::pointers_out() {
    static thread_local std::vector<void*> pointers;
    return pointers;
}

void FusedGroup::execute(const void* const* in, void* const* out) const {
    if (domain.size() == 0) return;
    if (dtype == DType::float64)
        run_tiles<double>(*this, in, out);
    else
        run_tiles<float>(*this, in, out);
}

bool FusedGroup::spread_of(const Shape& operand, const Shape& domain, FusedOperand& out) {
    if (operand.size() == 1) {
        out.spread = FusedOperand::Spread::scalar;
        return true;
    }
    if (operand.size() == domain.size()) {
        out.spread = FusedOperand::Spread::direct;
        return true;
    }
    if (operand.rank() > domain.rank()) return false;
    // Dimensions of the operand that are 1 where the domain's are not must all come first (periodic) or last
    // (repeated).
    const int skip = domain.rank() - operand.rank();
    int first_full = domain.rank(), last_full = -1;
    for (int i = 0; i < domain.rank(); ++i) {
        const int64_t dim = i < skip ? 1 : operand[i - skip];
        if (dim == 1) continue;
        first_full = std::min(first_full, i);
        last_full = i;
    }
    for (int i = first_full; i <= last_full; ++i)
        if (operand[i - skip] != domain[i]) return false;
    if (domain.product(last_full + 1, domain.rank()) == 1) {
        out.spread = FusedOperand::Spread::periodic;
        out.period = operand.size();
        return true;
    }
    if (domain.product(0, first_full) == 1) {
        out.spread = FusedOperand::Spread::repeated;
        out.period = domain.product(last_full + 1, domain.rank());
        return true;
    }
    return false;
}

void FusedGroup::assign_slots() {
    const auto offset = static_cast<int32_t>(externals.size());
    std::vector<int32_t> last_use(steps.size(), -1);
    for (size_t k = 0; k < steps.size(); ++k)
        for (int32_t o : steps[k].operands)
            if (o >= offset) last_use[static_cast<size_t>(o - offset)] = static_cast<int32_t>(k);
    std::vector<int32_t> free_slots;
    slots = 0;
    for (size_t k = 0; k < steps.size(); ++k) {
        FusedStep& s = steps[k];
        if (s.output < 0) {
            if (free_slots.empty()) free_slots.push_back(slots++);
            s.slot = free_slots.back();
            free_slots.pop_back();
        }
        // What was read for the last time here is free for the next step, not for this one's own result.
        for (int i = 0; i < 3; ++i) {
            const int32_t o = s.operands[i];
            if (o < offset || last_use[static_cast<size_t>(o - offset)] != static_cast<int32_t>(k)) continue;
            const FusedStep& source = steps[static_cast<size_t>(o - offset)];
            const bool again = (i > 0 && s.operands[0] == o) || (i > 1 && s.operands[1] == o);
            if (source.slot >= 0 && !again) free_slots.push_back(source.slot);
        }
    }
}

bool can_fuse(const Op& op, const Specs& outputs, const std::vector<Spec>& inputs) {
    if (op.formula.kind == Formula::Kind::none || outputs.size() != 1) return false;
    const auto is = [](DType t, DType wanted) { return t == wanted; };
    const DType out = outputs[0].dtype;
    switch (op.formula.kind) {
        case Formula::Kind::unary:
            return is_real(out) && inputs[0].dtype == out;
        case Formula::Kind::binary:
            return is_real(out) && inputs[0].dtype == out && inputs[1].dtype == out;
        case Formula::Kind::compare:
            return is_real(inputs[0].dtype) && inputs[1].dtype == inputs[0].dtype;
        case Formula::Kind::select:
            return is_real(out) && is(inputs[0].dtype, DType::boolean) && inputs[1].dtype == out &&
                   inputs[2].dtype == out;
        case Formula::Kind::cast:
            return is_real(out) && is(inputs[0].dtype, DType::boolean);
        case Formula::Kind::none:
            break;
    }
    return false;
}

}  // namespace lamina
