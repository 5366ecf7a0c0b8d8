// The LSTM as a loop of simpler ops over time.
#include "ops/functions.h"
#include "ops/lstm.h"

namespace lamina {

namespace {

Tensor activate(const Call& c, const char* which, const Tensor& x) {
    const std::string& name = c.string(which);
    if (name == "linear") return x;
    const Op* op = find_op(name);
    if (!op || op->inputs.size() != 1) value_error("Error in lstm: unknown ", which, " ", name, ".");
    return call1(*op, {x});
}

Tensor step_of(const Tensor& sequence, int64_t t) {
    const Shape& s = sequence.shape();
    return reshape(slice(sequence, {0, t, 0}, {s[0], 1, s[2]}), {s[0], s[2]});
}

Tensor along_time(const Tensors& steps, const Tensor& first, int64_t width) {
    const int64_t batch = first.shape()[0];
    if (steps.empty()) return zeros({batch, 0, width}, first.dtype());
    Tensors expanded;
    for (const Tensor& step : steps) expanded.push_back(reshape(step, {batch, 1, width}));
    return concat(expanded, 1);
}

}  // namespace

std::vector<AttrSpec> lstm_attrs() {
    return {{"activation", AttrType::string, std::string("tanh"), true},
            {"recurrentActivation", AttrType::string, std::string("hardSigmoid"), true}};
}

const Activation& lstm_activation(const Call& c, const char* name) {
    const Activation* found = find_activation(c.string(name));
    if (!found) value_error("Error in ", c.op.name, ": unknown fused activation ", c.string(name), ".");
    return *found;
}

LstmSizes lstm_sizes(const Call& c) {
    const auto check = [&](int slot, const Shape& wanted) {
        if (c.has(slot) && !(c[slot].shape() == wanted))
            value_error("Error in lstm: ", c.op.inputs[static_cast<size_t>(slot)].name, " must have shape [",
                        wanted, "], but got [", c[slot].shape(), "].");
    };
    const Shape &x = c[0].shape(), &recurrent = c[2].shape();
    if (x.rank() != 3)
        value_error("Error in lstm: x must be rank 3, [batch, time, inputs], but got rank ", x.rank(), ".");
    if (recurrent.rank() != 2)
        value_error("Error in lstm: recurrentKernel must be rank 2, but got rank ", recurrent.rank(), ".");
    const LstmSizes s{x[0], x[1], x[2], recurrent[0]};
    check(1, {s.inputs, 4 * s.units});
    check(2, {s.units, 4 * s.units});
    check(3, {4 * s.units});
    check(4, {s.batch, s.units});
    check(5, {s.batch, s.units});
    check(6, {s.batch, s.steps});
    return s;
}

Tensors lstm_loop(const Call& c, bool with_state) {
    const LstmSizes s = lstm_sizes(c);
    const int64_t u = s.units;
    Tensor sums = mat_mul(reshape(c[0], {s.batch * s.steps, s.inputs}), c[1]);
    if (c.has(3)) sums = add(sums, c[3]);
    sums = reshape(sums, {s.batch, s.steps, 4 * u});
    Tensor h = c[4], cell = c[5];
    Tensors outputs, states;
    for (int64_t t = 0; t < s.steps; ++t) {
        const Tensor z = add(step_of(sums, t), mat_mul(h, c[2]));
        const auto gate = [&](int64_t k, const char* which) {
            return activate(c, which, slice(z, {0, k * u}, {s.batch, u}));
        };
        const Tensor in = gate(0, "recurrentActivation"), forget = gate(1, "recurrentActivation");
        const Tensor candidate = gate(2, "activation"), out = gate(3, "recurrentActivation");
        Tensor next_cell = add(mul(forget, cell), mul(in, candidate));
        Tensor next = mul(out, activate(c, "activation", next_cell));
        if (c.has(6)) {
            const Tensor taken = broadcast_to(slice(c[6], {0, t}, {s.batch, 1}), {s.batch, u});
            next_cell = where(taken, next_cell, cell);
            next = where(taken, next, h);
        }
        h = next;
        cell = next_cell;
        outputs.push_back(h);
        if (with_state) states.push_back(concat({in, forget, candidate, out, cell}, 1));
    }
    Tensors all{along_time(outputs, c[4], u), h, cell};
    if (with_state) all.push_back(along_time(states, c[4], 5 * u));
    return all;
}

}  // namespace lamina
