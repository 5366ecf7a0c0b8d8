// The LSTM over a whole sequence as one op.
//
// The public op arranges its arguments and chooses between the fused forward pass below, whose gradient is a
// fused pass backwards through time, and a loop of simpler ops (lstm_loop.cpp) for activations that the
// former does not know.
#include "ops/lstm.h"

#include <cstring>

#include "ops/activation_table.h"
#include "ops/functions.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

const AttrSpec kActivation{"activation", AttrType::string, std::string("tanh"), true};
const AttrSpec kRecurrentActivation{"recurrentActivation", AttrType::string, std::string("hardSigmoid"),
                                    true};

const Activation& fused_activation(const Call& c, const char* name) {
    const Activation* found = find_activation(c.string(name));
    if (!found) value_error("Error in ", c.op.name, ": unknown fused activation ", c.string(name), ".");
    return *found;
}

// y = f(x)
template <class T>
void activate(const Activation& f, const T* x, T* y, int64_t n) {
    const UnaryKernel<T> kernel = f.kernel<T>();
    if (kernel)
        kernel(x, y, n, T(0), T(0));
    else if (x != y)
        std::memcpy(y, x, static_cast<size_t>(n) * sizeof(T));
}

// Rows of one step on several threads where it pays; a row has about 30 elementary steps for each unit.
template <class F>
void each_row(int64_t batch, int64_t units, F f) {
    parallel_for(batch, 4096 / units + 1, [&](int64_t begin, int64_t end) {
        for (int64_t b = begin; b < end; ++b) f(b);
    });
}

// ---- forward -----------------------------------------------------------------------------------------------

// Of one batch row at one step: gates holds the sums for i, f, c, o and becomes the four gates followed by
// the cell.
template <class T>
void step_forward(const Activation& f, const Activation& recurrent, T* gates, const T* c_before, T* h,
                  int64_t u) {
    activate(recurrent, gates, gates, 2 * u);
    activate(f, gates + 2 * u, gates + 2 * u, u);
    activate(recurrent, gates + 3 * u, gates + 3 * u, u);
    const T *in = gates, *forget = gates + u, *candidate = gates + 2 * u, *out = gates + 3 * u;
    T* cell = gates + 4 * u;
    for (int64_t j = 0; j < u; ++j) cell[j] = forget[j] * c_before[j] + in[j] * candidate[j];
    activate(f, cell, h, u);
    for (int64_t j = 0; j < u; ++j) h[j] *= out[j];
}

template <class T>
void run_forward(const Call& c, const LstmSizes& s, Tensors& out) {
    const Activation &f = fused_activation(c, "activation"),
                     &recurrent = fused_activation(c, "recurrentActivation");
    const int64_t u = s.units, steps = s.steps;
    const T *first_h = c[4].data<T>(), *first_c = c[5].data<T>();
    const uint8_t* mask = c.has(6) ? c[6].data<uint8_t>() : nullptr;
    T *y = out[0].mutable_data<T>(), *last_h = out[1].mutable_data<T>(), *last_c = out[2].mutable_data<T>();
    T* state = out[3].mutable_data<T>();
    const auto copy_row = [&](T* to, const T* from) {
        std::memcpy(to, from, static_cast<size_t>(u) * sizeof(T));
    };

    Gemm<T> all{.a = c[0].data<T>(),
                .b = c[1].data<T>(),
                .c = state,
                .m = s.batch * steps,
                .n = 4 * u,
                .k = s.inputs,
                .a_stride = s.inputs,
                .b_stride = 4 * u,
                .c_stride = 5 * u,
                .epilogue = {}};
    if (c.has(3)) all.epilogue.bias = c[3].data<T>();
    if (s.batch * steps * u > 0) kernels<T>().gemm(all);

    for (int64_t t = 0; t < steps && s.batch * u > 0; ++t) {
        const T* h_before = t ? y + (t - 1) * u : first_h;
        const int64_t h_stride = t ? steps * u : u;
        kernels<T>().gemm({.a = h_before,
                           .b = c[2].data<T>(),
                           .c = state + t * 5 * u,
                           .m = s.batch,
                           .n = 4 * u,
                           .k = u,
                           .a_stride = h_stride,
                           .b_stride = 4 * u,
                           .c_stride = steps * 5 * u,
                           .accumulate = true,
                           .epilogue = {}});
        each_row(s.batch, u, [&](int64_t b) {
            T *h = y + (b * steps + t) * u, *gates = state + (b * steps + t) * 5 * u;
            const T* c_before = t ? gates - u : first_c + b * u;
            step_forward(f, recurrent, gates, c_before, h, u);
            if (mask && !mask[b * steps + t]) {
                copy_row(h, h_before + b * h_stride);
                copy_row(gates + 4 * u, c_before);
            }
        });
    }
    for (int64_t b = 0; b < s.batch; ++b) {
        const int64_t last = (b + 1) * steps;
        copy_row(last_h + b * u, steps ? y + (last - 1) * u : first_h + b * u);
        copy_row(last_c + b * u, steps ? state + last * 5 * u - u : first_c + b * u);
    }
}

// ---- backward ----------------------------------------------------------------------------------------------

// Of one batch row at one step: dz for the four sums; dh and dc become the gradients of h and c before the
// step, dh without what comes through the sums.
template <class T>
void step_backward(const Activation& f, const Activation& recurrent, const T* gates, const T* c_before, T* dz,
                   T* dh, T* dc, T* room, int64_t u) {
    const T *in = gates, *forget = gates + u, *candidate = gates + 2 * u, *out = gates + 3 * u,
            *cell = gates + 4 * u;
    const ActivationGrad<T> grad = f.grad_loop<T>(), recurrent_grad = recurrent.grad_loop<T>();
    activate(f, cell, room, u);
    for (int64_t j = 0; j < u; ++j) dz[3 * u + j] = dh[j] * room[j];
    for (int64_t j = 0; j < u; ++j) dh[j] *= out[j];
    grad(dh, room, dh, u, T(0));
    for (int64_t j = 0; j < u; ++j) {
        const T d = dc[j] + dh[j];
        dz[j] = d * candidate[j];
        dz[u + j] = d * c_before[j];
        dz[2 * u + j] = d * in[j];
        dc[j] = d * forget[j];
        dh[j] = 0;
    }
    recurrent_grad(dz, gates, dz, 2 * u, T(0));
    grad(dz + 2 * u, candidate, dz + 2 * u, u, T(0));
    recurrent_grad(dz + 3 * u, out, dz + 3 * u, u, T(0));
}

struct GradSizes {
    int64_t batch, steps, units;
};

GradSizes grad_sizes(const Call& c) {
    const Shape& state = c[3].shape();
    return {state[0], state[1], c[0].shape()[0]};
}

void check_lstm_grad(const Call& c) {
    for (const char* name : {"activation", "recurrentActivation"}) fused_activation(c, name);
    if (c[0].rank() != 2 || c[3].rank() != 3)
        value_error("Error in ", c.op.name,
                    ": recurrentKernel must be rank 2 and state rank 3, but got ranks ", c[0].rank(), " and ",
                    c[3].rank(), ".");
    const auto [batch, steps, u] = grad_sizes(c);
    const Shape wanted[] = {{u, 4 * u},        {batch, u}, {batch, steps}, {batch, steps, 5 * u},
                            {batch, steps, u}, {batch, u}, {batch, u}};
    for (int slot = 0; slot < 7; ++slot)
        if (c.has(slot) && !(c[slot].shape() == wanted[slot]))
            value_error("Error in ", c.op.name, ": ", c.op.inputs[static_cast<size_t>(slot)].name,
                        " must have shape [", wanted[slot], "], but got [", c[slot].shape(), "].");
}

// Inputs: recurrentKernel, initialC, mask, state, dy, dLastH, dLastC.
template <class T>
void run_backward(const Call& c, Tensors& out) {
    const Activation &f = fused_activation(c, "activation"),
                     &recurrent = fused_activation(c, "recurrentActivation");
    // Structured bindings could not be captured below: clang 14 refuses that.
    const GradSizes sizes = grad_sizes(c);
    const int64_t batch = sizes.batch, steps = sizes.steps, u = sizes.units;
    const uint8_t* mask = c.has(2) ? c[2].data<uint8_t>() : nullptr;
    const T *first_c = c[1].data<T>(), *state = c[3].data<T>(), *dy = c.has(4) ? c[4].data<T>() : nullptr;
    T *dz = out[0].mutable_data<T>(), *dh = out[1].mutable_data<T>(), *dc = out[2].mutable_data<T>();
    for (int k = 0; k < 2; ++k) {
        T* to = k ? dc : dh;
        const size_t bytes = static_cast<size_t>(batch * u) * sizeof(T);
        if (c.has(5 + k))
            std::memcpy(to, c[5 + k].data<T>(), bytes);
        else
            std::memset(to, 0, bytes);
    }
    if (batch * u == 0) return;
    Tensor room = Tensor::empty(c[3].dtype(), {batch, u}, c.op.name);
    T* rooms = room.mutable_data<T>();
    for (int64_t t = steps; t-- > 0;) {
        each_row(batch, u, [&](int64_t b) {
            const int64_t at = b * steps + t;
            T *h = dh + b * u, *z = dz + at * 4 * u;
            if (dy)
                for (int64_t j = 0; j < u; ++j) h[j] += dy[at * u + j];
            if (mask && !mask[at]) {
                std::memset(z, 0, static_cast<size_t>(4 * u) * sizeof(T));
                return;
            }
            const T* gates = state + at * 5 * u;
            step_backward(f, recurrent, gates, t ? gates - u : first_c + b * u, z, h, dc + b * u,
                          rooms + b * u, u);
        });
        kernels<T>().gemm({.a = dz + t * 4 * u,
                           .b = c[0].data<T>(),
                           .c = dh,
                           .m = batch,
                           .n = u,
                           .k = 4 * u,
                           .a_stride = steps * 4 * u,
                           .b_stride = 4 * u,
                           .c_stride = u,
                           .transpose_b = true,
                           .accumulate = true,
                           .epilogue = {}});
    }
}

const Op& lstm_grad_op = define({
    .name = "lstmGrad",
    .inputs = {{"recurrentKernel", Accept::real},
               {"initialC", Accept::real},
               {"mask", Accept::boolean, Arity::optional},
               {"state", Accept::real},
               {"dy", Accept::real, Arity::optional},
               {"dLastH", Accept::real, Arity::optional},
               {"dLastC", Accept::real, Arity::optional}},
    .attrs = {kActivation, kRecurrentActivation},
    .outputs = {"dz", "dInitialH", "dInitialC"},
    .infer = [](const Call& c) -> Specs {
        check_lstm_grad(c);
        const auto [batch, steps, units] = grad_sizes(c);
        const DType type = c[3].dtype();
        return {{type, {batch, steps, 4 * units}}, {type, {batch, units}}, {type, {batch, units}}};
    },
    .run = [](const Call& c,
              Tensors& out) { visit_real(c[3].dtype(), [&]<class T>() { run_backward<T>(c, out); }); },
    // Two tapes that watch the forward pass see the loop of simpler ops; nothing else comes here.
    .grad = [](const Gradient&) -> Tensors {
        fail(ErrorKind::runtime,
             "lstm: a gradient of a gradient needs both to be asked for around the forward pass.");
    },
    .method = false,
    .internal = true,
    .doc = "The gradient of lstmFused by the sums that enter its gates and by the initial state.",
});

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

Specs infer_lstm(const Call& c) {
    const LstmSizes s = lstm_sizes(c);
    const DType type = c[0].dtype();
    const Spec last{type, {s.batch, s.units}};
    return {{type, {s.batch, s.steps, s.units}}, last, last};
}

const Op& lstm_fused_op = define({
    .name = "lstmFused",
    .inputs = lstm_inputs(),
    .attrs = {kActivation, kRecurrentActivation},
    .outputs = {"y", "lastH", "lastC", "state"},
    .infer = [](const Call& c) -> Specs {
        Specs specs = infer_lstm(c);
        for (const char* name : {"activation", "recurrentActivation"}) fused_activation(c, name);
        const Shape& y = specs[0].shape;
        specs.push_back({c[0].dtype(), {y[0], y[1], 5 * y[2]}});
        return specs;
    },
    .run =
        [](const Call& c, Tensors& out) {
            visit_real(c[0].dtype(), [&]<class T>() { run_forward<T>(c, lstm_sizes(c), out); });
        },
    .grad = [](const Gradient& g) -> Tensors {
        const Tensor &x = g.x(0), &kernel = g.x(1), &first_h = g.x(4), &y = g.y(0);
        const int64_t batch = x.shape()[0], steps = x.shape()[1], inputs = x.shape()[2],
                      u = first_h.shape()[1];
        Inputs arguments{g.x(2), g.x(5), g.x(6), g.y(3), g.upstream[0], g.upstream[1], g.upstream[2]};
        const Tensors through = call(lstm_grad_op, std::move(arguments), g.attrs);
        const Tensor dz = reshape(through[0], {batch * steps, 4 * u});
        Tensors all(7);
        if (g.wants(0)) all[0] = reshape(mat_mul(dz, kernel, false, true), x.shape());
        if (g.wants(1)) all[1] = mat_mul(reshape(x, {batch * steps, inputs}), dz, true, false);
        if (g.wants(2)) {
            Tensor before = reshape(first_h, {batch, 1, u});
            if (steps > 1) before = concat({before, slice(y, {0, 0, 0}, {batch, steps - 1, u})}, 1);
            if (steps == 0) before = y;
            all[2] = mat_mul(reshape(before, {batch * steps, u}), dz, true, false);
        }
        if (g.wants(3)) all[3] = sum(dz, {0});
        if (g.wants(4)) all[4] = through[1];
        if (g.wants(5)) all[5] = through[2];
        return all;
    },
    .saves = {.inputs = {0, 1, 2, 4, 5, 6}, .outputs = {0, 3}},
    .decompose = [](const Call& c) { return lstm_loop(c, true); },
    .method = false,
    .internal = true,
    .doc = "lstm in the order of time; `state` holds the gates i, f, c, o and the cell of each step.",
});

[[maybe_unused]] const Op& lstm_op = define({
    .name = "lstm",
    .inputs = lstm_inputs(),
    .attrs = {kActivation, kRecurrentActivation, {"goBackwards", AttrType::boolean, false, true}},
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
