// The LSTM over a whole sequence as one op.
//
// The public op arranges its arguments and chooses between the fused forward pass below, whose gradient is a
// fused pass backwards through time (lstm_grad.cpp), and a loop of simpler ops (lstm_loop.cpp) for
// activations that the former does not know.
#include "ops/lstm.h"

#include <cstring>

#include "ops/activation_table.h"
#include "ops/functions.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

// ---- forward -----------------------------------------------------------------------------------------------

// Rows that a thread takes through all steps at once: their sums stay in its second-level cache.
constexpr int64_t kMostRows = 64;
// Fewer rows fill no register tile: then the threads share each product instead.
constexpr int64_t kFewRows = 8;

// Rows begin to end through all steps.
template <class T>
struct Forward {
    const Call& c;
    const LstmSizes& s;
    const Gemm<T> by_x, by_h;
    UnaryKernel<T> activation, recurrent;
    T *y, *state;

    void run(int64_t begin, int64_t end) const {
        const int64_t rows = end - begin, u = s.units;
        const uint8_t* mask = c.has(6) ? c[6].data<uint8_t>() : nullptr;
        T* sums = static_cast<T*>(thread_scratch(2, static_cast<size_t>(rows * 4 * u) * sizeof(T)));
        // Few rows are no work for a product: what comes of x is then computed for all steps at once, in
        // state.
        const bool ahead = rows < kFewRows;
        const int64_t sums_stride = ahead ? s.steps * 5 * u : 4 * u;
        if (ahead)
            multiply(by_x, c[0].data<T>() + begin * s.steps * s.inputs, s.inputs,
                     state + begin * s.steps * 5 * u, 5 * u, rows * s.steps);
        for (int64_t t = 0; t < s.steps; ++t) {
            const T* h_before = t ? y + (begin * s.steps + t - 1) * u : c[4].data<T>() + begin * u;
            const int64_t h_stride = t ? s.steps * u : u;
            if (ahead)
                sums = state + (begin * s.steps + t) * 5 * u;
            else
                multiply(by_x, c[0].data<T>() + (begin * s.steps + t) * s.inputs, s.steps * s.inputs, sums,
                         sums_stride, rows);
            multiply(by_h, h_before, h_stride, sums, sums_stride, rows);
            parallel_for(rows, 4096 / u + 1, [&](int64_t first, int64_t last) {
                for (int64_t i = first; i < last; ++i) {
                    const int64_t at = (begin + i) * s.steps + t;
                    T *h = y + at * u, *gates = state + at * 5 * u;
                    const T* c_before = t ? gates - u : c[5].data<T>() + (begin + i) * u;
                    kernels<T>().lstm_cell(sums + i * sums_stride, c_before, gates, h, u, activation,
                                           recurrent);
                    if (mask && !mask[at]) {
                        std::memcpy(h, h_before + i * h_stride, static_cast<size_t>(u) * sizeof(T));
                        std::memcpy(gates + 4 * u, c_before, static_cast<size_t>(u) * sizeof(T));
                    }
                }
            });
        }
    }

    static void multiply(Gemm<T> g, const T* a, int64_t a_stride, T* to, int64_t stride, int64_t rows) {
        g.a = a;
        g.a_stride = a_stride;
        g.c = to;
        g.c_stride = stride;
        g.m = rows;
        kernels<T>().gemm(g);
    }
};

template <class T>
void run_forward(const Call& c, const LstmSizes& s, Tensors& out) {
    const int64_t u = s.units, steps = s.steps;
    T *y = out[0].mutable_data<T>(), *last_h = out[1].mutable_data<T>(), *last_c = out[2].mutable_data<T>();
    T* state = out[3].mutable_data<T>();
    if (s.batch * steps * u > 0) {
        const Packed<T> kernel(c[1], s.inputs, 4 * u, false, kPackedKernel);
        const Packed<T> recurrent(c[2], u, 4 * u, false, kPackedRecurrent);
        Gemm<T> by_x = kernel.product, by_h = recurrent.product;
        if (c.has(3)) by_x.epilogue.bias = c[3].data<T>();
        by_h.accumulate = true;
        const Forward<T> forward{c,
                                 s,
                                 by_x,
                                 by_h,
                                 lstm_activation(c, "activation").kernel<T>(),
                                 lstm_activation(c, "recurrentActivation").kernel<T>(),
                                 y,
                                 state};
        // The sums of a row do not depend on the rows beside it: threads may cut as they like.
        const int64_t threads = s.batch < kFewRows * num_threads() ? 1 : num_threads();
        const int64_t pieces = threads * ((s.batch - 1) / (threads * kMostRows) + 1);
        if (threads == 1)
            forward.run(0, s.batch);
        else
            parallel_for(s.batch, (s.batch - 1) / pieces + 1,
                         [&](int64_t begin, int64_t end) { forward.run(begin, end); });
    }
    for (int64_t b = 0; b < s.batch; ++b) {
        const int64_t last = (b + 1) * steps;
        const size_t bytes = static_cast<size_t>(u) * sizeof(T);
        std::memcpy(last_h + b * u, steps ? y + (last - 1) * u : c[4].data<T>() + b * u, bytes);
        std::memcpy(last_c + b * u, steps ? state + last * 5 * u - u : c[5].data<T>() + b * u, bytes);
    }
}

// ---- the blocks --------------------------------------------------------------------------------------------

std::vector<InputSpec> lstm_inputs() {
    return {{"x", Accept::to_real},
            {"kernel", Accept::to_real},
            {"recurrentKernel", Accept::to_real},
            {"bias", Accept::to_real, Arity::optional},
            {"initialH", Accept::to_real},
            {"initialC", Accept::to_real},
            {"mask", Accept::boolean, Arity::optional}};
}

std::vector<AttrSpec> attrs_with_direction() {
    std::vector<AttrSpec> attrs = lstm_attrs();
    attrs.push_back({"goBackwards", AttrType::boolean, false, true});
    return attrs;
}

Specs infer_lstm(const Call& c) {
    const LstmSizes s = lstm_sizes(c);
    const DType type = c[0].dtype();
    const Spec last{type, {s.batch, s.units}};
    return {{type, {s.batch, s.steps, s.units}}, last, last};
}

const Op& lstm_fused_op = define({
    .name = "lstmFused",
    .inputs = lstm_inputs(),
    .attrs = lstm_attrs(),
    .outputs = {"y", "lastH", "lastC", "state"},
    .infer = [](const Call& c) -> Specs {
        Specs specs = infer_lstm(c);
        for (const char* name : {"activation", "recurrentActivation"}) lstm_activation(c, name);
        const Shape& y = specs[0].shape;
        specs.push_back({c[0].dtype(), {y[0], y[1], 5 * y[2]}});
        return specs;
    },
    .run =
        [](const Call& c, Tensors& out) {
            visit_real(c[0].dtype(), [&]<class T>() { run_forward<T>(c, lstm_sizes(c), out); });
        },
    .grad = lstm_grad,
    .saves = {.inputs = {0, 1, 2, 4, 5, 6}, .outputs = {0, 3}},
    .decompose = [](const Call& c) { return lstm_loop(c, true); },
    .method = false,
    .internal = true,
    .doc = "lstm in the order of time; `state` holds the gates i, f, c, o and the cell of each step.",
});

[[maybe_unused]] const Op& lstm_op = define({
    .name = "lstm",
    .inputs = lstm_inputs(),
    .attrs = attrs_with_direction(),
    .outputs = {"outputs", "lastH", "lastC"},
    .infer = infer_lstm,
    .no_grad = "made of differentiable ops",
    .decompose = [](const Call& c) -> Tensors {
        infer_lstm(c);
        Inputs inputs = c.inputs;
        if (c.flag("goBackwards"))
            for (size_t i : {0, 6})
                if (inputs.tensors[i]) inputs.tensors[i] = reverse(inputs.tensors[i], {1});
        const Attrs attrs{c.attr("activation"), c.attr("recurrentActivation")};
        Tensors all;
        if (find_activation(c.string("activation")) && find_activation(c.string("recurrentActivation")))
            all = call(lstm_fused_op, std::move(inputs), attrs);
        else
            all = lstm_loop({lstm_fused_op, inputs, attrs}, false);
        all.resize(3);
        return all;
    },
    .method = false,
    .internal = true,
    .doc = "A long short-term memory over x [batch, time, inputs]: the outputs of all steps and the last "
           "state. Gates are "
           "in the order i, f, c, o. Where the mask [batch, time] is false, a step keeps its state. "
           "goBackwards goes "
           "from the last step to the first, and so do the outputs.",
});

}  // namespace

}  // namespace lamina
