// Loops over broadcast operands: the output is walked in runs along which each operand either advances or
// stands still.
#pragma once

#include <array>

#include "core/shape.h"
#include "core/threads.h"

namespace lamina {

// Up to three operands against one output shape, with adjacent dimensions merged where all agree.
template <int Operands>
class BroadcastPlan {
  public:
    BroadcastPlan(const Shape& out, const std::array<const Shape*, Operands>& shapes) {
        int64_t strides[Operands][Shape::kMaxRank];
        for (int k = 0; k < Operands; ++k) {
            const Shape& s = *shapes[static_cast<size_t>(k)];
            const int skip = out.rank() - s.rank();
            int64_t stride = 1;
            for (int i = out.rank() - 1; i >= 0; --i) {
                const int64_t dim = i < skip ? 1 : s[i - skip];
                strides[k][i] = dim == 1 ? 0 : stride;
                stride *= dim;
            }
        }
        for (int i = 0; i < out.rank(); ++i) {
            if (out[i] == 1) continue;
            bool merge = rank_ > 0;
            for (int k = 0; k < Operands && merge; ++k)
                merge = strides_[k][rank_ - 1] == strides[k][i] * out[i];
            if (!merge) ++rank_;
            dims_[rank_ - 1] = merge ? dims_[rank_ - 1] * out[i] : out[i];
            for (int k = 0; k < Operands; ++k) strides_[k][rank_ - 1] = strides[k][i];
        }
        if (rank_ == 0) {
            rank_ = 1;
            dims_[0] = out.size();
            for (int k = 0; k < Operands; ++k) strides_[k][0] = 0;
        }
        size_ = out.size();
    }

    // The length of operand k where it is one row for all rows of the output and the other operands are like
    // the output itself; else 0.
    int64_t repeated_row(int k) const {
        if (rank_ != 2) return 0;
        for (int i = 0; i < Operands; ++i)
            if (strides_[i][0] != (i == k ? 0 : dims_[1]) || strides_[i][1] != 1) return 0;
        return dims_[1];
    }

    int step(int k) const { return static_cast<int>(strides_[k][rank_ - 1]); }

    // f(offsets of the operands, output offset, count) for all runs, on several threads where it pays.
    template <class F>
    void run(int64_t grain, F&& f) const {
        if (rank_ == 1 && size_ <= grain) {
            f(std::array<int64_t, Operands>{}, int64_t{0}, size_);
            return;
        }
        parallel_for(size_, grain, [&](int64_t begin, int64_t end) { walk(begin, end, f); });
    }

  private:
    template <class F>
    void walk(int64_t begin, int64_t end, F& f) const {
        int64_t index[Shape::kMaxRank];
        int64_t rest = begin;
        std::array<int64_t, Operands> at{};
        for (int i = rank_ - 1; i >= 0; --i) {
            index[i] = rest % dims_[i];
            rest /= dims_[i];
            for (int k = 0; k < Operands; ++k) at[static_cast<size_t>(k)] += index[i] * strides_[k][i];
        }
        const int last = rank_ - 1;
        while (begin < end) {
            const int64_t n = std::min(dims_[last] - index[last], end - begin);
            f(at, begin, n);
            begin += n;
            if (begin >= end) return;
            for (int k = 0; k < Operands; ++k) at[static_cast<size_t>(k)] -= index[last] * strides_[k][last];
            index[last] = 0;
            for (int i = last - 1; i >= 0; --i) {
                ++index[i];
                for (int k = 0; k < Operands; ++k) at[static_cast<size_t>(k)] += strides_[k][i];
                if (index[i] < dims_[i]) break;
                for (int k = 0; k < Operands; ++k) at[static_cast<size_t>(k)] -= dims_[i] * strides_[k][i];
                index[i] = 0;
            }
        }
    }

    int rank_ = 0;
    int64_t size_ = 0;
    int64_t dims_[Shape::kMaxRank];
    int64_t strides_[Operands][Shape::kMaxRank];
};

}  // namespace lamina
