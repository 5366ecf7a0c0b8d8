// What the blocks of optimizer steps share: their inputs, the checks, the memory and the loop.
//
// A step is one pass over all variables together: their elements form one long range, which is cut among the
// threads without regard to where one variable ends.
#pragma once

#include <algorithm>

#include "ops/kernel_use.h"

namespace lamina {

// All variables of the call, locked for writing in the order of their addresses, so that two steps that share
// variables cannot wait for each other.
class WriteAll {
  public:
    explicit WriteAll(const Call& c);

    // The memory of the i-th variable of the which-th list; null where the list is empty.
    template <class T>
    T* data(int which, size_t i) const {
        const size_t start = starts_[static_cast<size_t>(which)];
        const size_t end =
            static_cast<size_t>(which) + 1 < starts_.size() ? starts_[static_cast<size_t>(which) + 1] : next_;
        return start + i < end ? static_cast<T*>(writes_[start + i].data) : nullptr;
    }

  private:
    // Inline for a small model, whose step takes less than an allocation.
    SmallVector<Variable::Write, 16> writes_;
    SmallVector<size_t, 8> starts_;
    size_t next_ = 0;
};

// The lists of variables are the first slots of every block here, so that list and slot have the same index.
struct Slots {
    int grads, learning_rate;  // input slots
    int lists;                 // lists of variables that have one member for each gradient
    int optional_list = -1;    // the one among them that may be empty
    int singles = 0;           // lists behind those, of one scalar each
};

[[noreturn]] void wrong_count(const Call& c, int which, size_t got, size_t wanted);

// Raises the errors about the inputs of a step.
void check_step(const Call& c, const Slots& slots);

template <Slots slots>
Specs infer_step(const Call& c) {
    check_step(c, slots);
    return {};
}

// A block with everything but infer and run.
Op step_op(const char* name, std::vector<InputSpec> inputs, std::vector<AttrSpec> attrs, const char* doc);

inline InputSpec variables(const char* name) { return {name, Accept::any, Arity::variables}; }
inline InputSpec step_grads() { return {"grads", Accept::to_real, Arity::list}; }
inline InputSpec step_rate() { return {"learningRate", Accept::to_real}; }
inline AttrSpec number(const char* name) { return {name, AttrType::number}; }

inline double scalar_of(const Tensor& t) {
    return t.dtype() == DType::float64 ? *t.data<double>() : static_cast<double>(*t.data<float>());
}

// Replaces the scalar variable of a list by change(its value), rounded to its type.
template <class F>
double advance_single(const Call& c, const WriteAll& memory, int list, F change) {
    double before = 0;
    visit_real(c.variables(list)[0]->dtype(), [&]<class T>() {
        T& value = *memory.data<T>(list, 0);
        before = value;
        value = static_cast<T>(change(value));
    });
    return before;
}

// Less than this is not worth a second thread: a step reads and writes up to five streams.
constexpr int64_t kStepGrain = 16384;

// step(variable, first element, count) for pieces of all variables.
template <class F>
void each_piece(std::span<const VariableRef> variables, F step) {
    SmallVector<int64_t, 8> ends;
    int64_t total = 0;
    for (const VariableRef& v : variables) ends.push_back(total += v->shape().size());
    parallel_for(total, kStepGrain, [&](int64_t begin, int64_t end) {
        auto at = static_cast<size_t>(std::upper_bound(ends.begin(), ends.end(), begin) - ends.begin());
        for (; begin < end; ++at) {
            const int64_t start = at ? ends[at - 1] : 0, stop = std::min(end, ends[at]);
            if (stop > begin) step(at, begin - start, stop - begin);
            begin = std::max(begin, stop);
        }
    });
}

// run.template operator()<T>() with the variables' type.
template <class F>
void visit_variables(const Call& c, F&& run) {
    visit_real(c.variables(0).empty() ? DType::float32 : c.variables(0)[0]->dtype(), std::forward<F>(run));
}

}  // namespace lamina
