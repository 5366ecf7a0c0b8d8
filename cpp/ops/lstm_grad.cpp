// The LSTM backwards through time, as one op that gives the gradients of all its inputs.
//
// The gradients of the sums in the gates never lie in memory as a whole: a block of some rows and steps of
// them is made, stays in the second-level cache, and is multiplied by what it belongs to.
#include <algorithm>
#include <cstring>

#include "ops/functions.h"
#include "ops/lstm.h"

namespace lamina {

namespace {

// Inputs of lstmGrad.
enum { kX, kKernel, kRecurrent, kFirstH, kFirstC, kMask, kY, kState, kDy, kDLastH, kDLastC };

LstmSizes sizes_of(const Call& c) {
    const Shape &x = c[kX].shape(), &recurrent = c[kRecurrent].shape();
    return {x[0], x[1], x[2], recurrent[0]};
}

// How the batch is cut: by sizes alone, since the parts' weight gradients are added up.
struct Cut {
    int64_t parts;  // of the batch; each has weight gradients of its own
    int64_t rows;   // at once, of a part
    int64_t steps;  // of which the gradients of the sums are kept

    explicit Cut(const LstmSizes& s) {
        constexpr int64_t most_parts = 8, most_weights = 1 << 19, depth = 256, block_values = 1 << 17;
        const int64_t weights = (s.inputs + s.units) * 4 * s.units;
        const int64_t least_rows = s.batch < 64 ? 16 : 32;
        parts = weights > most_weights ? 1 : std::clamp<int64_t>(s.batch / least_rows, 1, most_parts);
        // A single part is shared by the threads product by product, which takes more rows.
        const int64_t part = (s.batch - 1) / parts + 1, most_rows = parts == 1 ? depth : 32;
        rows = (part - 1) / ((part - 1) / most_rows + 1) + 1;
        const int64_t wanted = std::max((depth - 1) / rows + 1, block_values / (rows * 4 * s.units));
        steps = std::clamp<int64_t>(wanted, 1, s.steps);
    }
};

template <class T>
struct Backward {
    const Call& c;
    const LstmSizes s;
    const Cut cut;
    Gemm<T> to_h, to_x;
    UnaryKernel<T> activation;
    SlopeKernel<T> slope, recurrent_slope;
    T *dx, *dh, *dc;  // dx may be null
    T* memory;        // for all parts

    // Of each part's memory; whole cache lines.
    static int64_t whole_lines(int64_t n) { return (n + 15) / 16 * 16; }
    int64_t weight_values() const { return whole_lines((s.inputs + s.units + 1) * 4 * s.units); }
    int64_t sum_values() const { return whole_lines(cut.rows * cut.steps * 4 * s.units); }
    int64_t source_values() const { return whole_lines(cut.rows * cut.steps * (s.inputs + s.units)); }
    int64_t part_values() const { return weight_values() + sum_values() + source_values(); }

    // The gradients of kernel, recurrentKernel and bias, one after the other.
    T* weights_of(int64_t part) const { return memory + part * part_values(); }

    void run_part(int64_t part) const {
        const int64_t end = s.batch * (part + 1) / cut.parts;
        bool first = true;
        for (int64_t begin = s.batch * part / cut.parts; begin < end; begin += cut.rows) {
            const int64_t rows = std::min(cut.rows, end - begin);
            for (int64_t last = s.steps; last > 0; last -= cut.steps) {
                const int64_t count = std::min(cut.steps, last);
                for (int64_t t = last; t-- > last - count;) step(part, begin, rows, t, last - 1 - t);
                add_weights(part, rows * count, first);
                first = false;
            }
        }
    }

    // Of a block: the gradients of the sums, and beside them x with h before the step.
    T* sums_of(int64_t part) const { return weights_of(part) + weight_values(); }
    T* sources_of(int64_t part) const { return sums_of(part) + sum_values(); }

    void step(int64_t part, int64_t begin, int64_t rows, int64_t t, int64_t place) const {
        const int64_t u = s.units, width = s.inputs + u;
        const uint8_t* mask = c.has(kMask) ? c[kMask].data<uint8_t>() : nullptr;
        T *dz = sums_of(part) + place * rows * 4 * u, *sources = sources_of(part) + place * rows * width;
        parallel_for(rows, 4096 / u + 1, [&](int64_t from, int64_t to) {
            for (int64_t i = from; i < to; ++i) {
                const int64_t b = begin + i, at = b * s.steps + t;
                T *h = dh + b * u, *z = dz + i * 4 * u, *source = sources + i * width;
                const auto copy = [](T* there, const T* here, int64_t n) {
                    std::memcpy(there, here, static_cast<size_t>(n) * sizeof(T));
                };
                copy(source, c[kX].data<T>() + at * s.inputs, s.inputs);
                copy(source + s.inputs, t ? c[kY].data<T>() + (at - 1) * u : c[kFirstH].data<T>() + b * u, u);
                if (c.has(kDy)) {
                    const T* dy = c[kDy].data<T>() + at * u;
                    for (int64_t j = 0; j < u; ++j) h[j] += dy[j];
                }
                if (mask && !mask[at]) {
                    std::memset(z, 0, static_cast<size_t>(4 * u) * sizeof(T));
                    continue;
                }
                const T* gates = c[kState].data<T>() + at * 5 * u;
                const T* c_before = t ? gates - u : c[kFirstC].data<T>() + b * u;
                kernels<T>().lstm_cell_grad(gates, c_before, z, h, dc + b * u, u, activation, slope,
                                            recurrent_slope);
            }
        });
        Gemm<T> g = to_h;
        g.a = dz;
        g.m = rows;
        g.c = dh + begin * u;
        kernels<T>().gemm(g);
        if (!dx) return;
        g = to_x;
        g.a = dz;
        g.m = rows;
        g.c = dx + (begin * s.steps + t) * s.inputs;
        kernels<T>().gemm(g);
    }

    // The products of a block, added to the part's weight gradients.
    void add_weights(int64_t part, int64_t rows, bool first) const {
        const int64_t columns = 4 * s.units, width = s.inputs + s.units;
        T *weights = weights_of(part), *bias = weights + width * columns;
        kernels<T>().gemm({.a = sources_of(part),
                           .b = sums_of(part),
                           .c = weights,
                           .m = width,
                           .n = columns,
                           .k = rows,
                           .a_stride = width,
                           .b_stride = columns,
                           .c_stride = columns,
                           .transpose_a = true,
                           .accumulate = !first,
                           .epilogue = {}});
        if (first) std::memset(bias, 0, static_cast<size_t>(columns) * sizeof(T));
        kernels<T>().reduce_columns[static_cast<int>(Reduce::sum)](sums_of(part), bias, rows, columns,
                                                                   columns);
    }

    // to = the sum over all parts of n values that lie `offset` behind the start of a part's gradients.
    void join(T* to, int64_t offset, int64_t n) const {
        parallel_for(n, kElementwiseGrain, [&](int64_t begin, int64_t end) {
            const auto from = [&](int64_t part) { return weights_of(part) + offset + begin; };
            std::memcpy(to + begin, from(0), static_cast<size_t>(end - begin) * sizeof(T));
            for (int64_t part = 1; part < cut.parts; ++part)
                kernels<T>().binary[static_cast<int>(Binary::add)](to + begin, from(part), to + begin,
                                                                   end - begin, 1, 1);
        });
    }
};

template <class T>
void copy_or_clear(T* to, const Tensor& from, int64_t n) {
    if (from)
        std::memcpy(to, from.data<T>(), static_cast<size_t>(n) * sizeof(T));
    else
        std::memset(to, 0, static_cast<size_t>(n) * sizeof(T));
}

template <class T>
void run_backward(const Call& c, Tensors& out) {
    const LstmSizes s = sizes_of(c);
    const int64_t u = s.units, columns = 4 * u;
    copy_or_clear(out[4].mutable_data<T>(), c[kDLastH], s.batch * u);
    copy_or_clear(out[5].mutable_data<T>(), c[kDLastC], s.batch * u);
    if (s.batch * s.steps * u == 0) {
        for (size_t i = 0; i < 4; ++i) copy_or_clear(out[i].mutable_data<T>(), {}, out[i].size());
        return;
    }
    const bool input = c.flag("inputGradient");
    const Activation &f = lstm_activation(c, "activation"), &g = lstm_activation(c, "recurrentActivation");
    const Packed<T> recurrent(c[kRecurrent], columns, u, true, kPackedRecurrent);
    const Packed<T> kernel(c[kKernel], columns, input ? s.inputs : 0, true, kPackedKernel);
    Backward<T> b{.c = c,
                  .s = s,
                  .cut = Cut(s),
                  .to_h = recurrent.product,
                  .to_x = kernel.product,
                  .activation = f.kernel<T>(),
                  .slope = f.slope<T>(),
                  .recurrent_slope = g.slope<T>(),
                  .dx = input ? out[0].mutable_data<T>() : nullptr,
                  .dh = out[4].mutable_data<T>(),
                  .dc = out[5].mutable_data<T>(),
                  .memory = nullptr};
    b.to_h.a_stride = b.to_x.a_stride = columns;
    b.to_h.c_stride = u;
    b.to_h.accumulate = true;
    b.to_x.c_stride = s.steps * s.inputs;
    Tensor memory = Tensor::empty(c[kState].dtype(), {b.cut.parts * b.part_values()}, c.op.name);
    b.memory = memory.mutable_data<T>();
    if (b.cut.parts == 1)
        b.run_part(0);
    else
        parallel_for(b.cut.parts, 1, [&](int64_t begin, int64_t end) {
            for (int64_t part = begin; part < end; ++part) b.run_part(part);
        });
    b.join(out[1].mutable_data<T>(), 0, s.inputs * columns);
    b.join(out[2].mutable_data<T>(), s.inputs * columns, u * columns);
    b.join(out[3].mutable_data<T>(), (s.inputs + u) * columns, columns);
}

void check(const Call& c) {
    for (const char* name : {"activation", "recurrentActivation"}) lstm_activation(c, name);
    if (c[kX].rank() != 3 || c[kRecurrent].rank() != 2)
        value_error("Error in ", c.op.name, ": x must be rank 3 and recurrentKernel rank 2, but got ranks ",
                    c[kX].rank(), " and ", c[kRecurrent].rank(), ".");
    const auto [batch, steps, inputs, u] = sizes_of(c);
    const Shape wanted[] = {c[kX].shape(),     {inputs, 4 * u}, {u, 4 * u},        {batch, u},
                            {batch, u},        {batch, steps},  {batch, steps, u}, {batch, steps, 5 * u},
                            {batch, steps, u}, {batch, u},      {batch, u}};
    for (int slot = kKernel; slot <= kDLastC; ++slot)
        if (c.has(slot) && !(c[slot].shape() == wanted[slot]))
            value_error("Error in ", c.op.name, ": ", c.op.inputs[static_cast<size_t>(slot)].name,
                        " must have shape [", wanted[slot], "], but got [", c[slot].shape(), "].");
}

std::vector<AttrSpec> grad_attrs() {
    std::vector<AttrSpec> attrs = lstm_attrs();
    attrs.push_back({"inputGradient", AttrType::boolean, true, true});
    return attrs;
}

const Op& lstm_grad_op = define({
    .name = "lstmGrad",
    .inputs = {{"x", Accept::real},
               {"kernel", Accept::real},
               {"recurrentKernel", Accept::real},
               {"initialH", Accept::real},
               {"initialC", Accept::real},
               {"mask", Accept::boolean, Arity::optional},
               {"y", Accept::real},
               {"state", Accept::real},
               {"dy", Accept::real, Arity::optional},
               {"dLastH", Accept::real, Arity::optional},
               {"dLastC", Accept::real, Arity::optional}},
    .attrs = grad_attrs(),
    .outputs = {"dx", "dKernel", "dRecurrentKernel", "dBias", "dInitialH", "dInitialC"},
    .infer = [](const Call& c) -> Specs {
        check(c);
        const auto [batch, steps, inputs, u] = sizes_of(c);
        const DType type = c[kState].dtype();
        return {{type, c.flag("inputGradient") ? c[kX].shape() : Shape{0}},
                {type, {inputs, 4 * u}},
                {type, {u, 4 * u}},
                {type, {4 * u}},
                {type, {batch, u}},
                {type, {batch, u}}};
    },
    .run = [](const Call& c,
              Tensors& out) { visit_real(c[kState].dtype(), [&]<class T>() { run_backward<T>(c, out); }); },
    // Two tapes that watch the forward pass see the loop of simpler ops; nothing else comes here.
    .grad = [](const Gradient&) -> Tensors {
        fail(ErrorKind::runtime,
             "lstm: a gradient of a gradient needs both to be asked for around the forward pass.");
    },
    .method = false,
    .internal = true,
    .doc = "The gradients of lstmFused by its inputs, given its results y and state; dx is empty unless "
           "inputGradient.",
});

}  // namespace

Tensors lstm_grad(const Gradient& g) {
    Inputs inputs{g.x(0), g.x(1), g.x(2),        g.x(4),        g.x(5),       g.x(6),
                  g.y(0), g.y(3), g.upstream[0], g.upstream[1], g.upstream[2]};
    Attrs attrs = g.attrs;
    attrs.push_back(g.wants(0));
    const Tensors found = call(lstm_grad_op, std::move(inputs), std::move(attrs));
    // In the order x, kernel, recurrentKernel, bias, initialH, initialC, mask.
    Tensors all(7);
    for (int i = 0; i < 6; ++i)
        if (g.wants(i)) all[static_cast<size_t>(i)] = found[static_cast<size_t>(i)];
    return all;
}

}  // namespace lamina
