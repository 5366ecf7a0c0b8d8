#include "files/program_graph.h"

#include "core/error.h"
#include "graph/builder.h"
#include "ops/functions.h"

namespace lamina {

namespace {

// More than any machine has, and so little that sums of it cannot overflow.
constexpr int64_t kMaxBytes = int64_t{1} << 48;

// Ops of the calling thread go to this trace and to nothing else.
class Tracing {
  public:
    explicit Tracing(Trace& trace) : trace_(trace) { trace_.push(); }
    ~Tracing() { trace_.pop(); }
    Tracing(const Tracing&) = delete;

  private:
    RecordingPaused paused_;
    Trace& trace_;
};

Shape shape_at(const BatchShape& shape, int64_t batch) {
    Ints dims;
    for (const BatchInt& d : shape) dims.push_back(d.at(batch));
    return Shape(dims);
}

Attr attr_at(const GraphAttr& attr, int64_t batch) {
    if (attr.times.empty()) return attr.value;
    if (const auto* i = std::get_if<int64_t>(&attr.value)) return BatchInt{*i, attr.times[0]}.at(batch);
    Ints values = std::get<Ints>(attr.value);
    for (size_t i = 0; i < values.size(); ++i) values[i] = BatchInt{values[i], attr.times[i]}.at(batch);
    return values;
}

class Replay {
  public:
    Replay(const ProgramGraph& graph, int64_t batch) : graph_(graph), batch_(batch) {}

    std::unique_ptr<Program> program() {
        const Tracing tracing(trace_);
        for (const GraphPort& port : graph_.inputs)
            inputs_.push_back(trace_.input(counted({port.dtype, shape_at(port.shape, batch_)})));
        for (const GraphConstant& c : graph_.constants) constants_.push_back(constant(c));
        for (const GraphCall& c : graph_.calls) {
            Inputs arguments;
            for (const GraphValue& v : c.inputs) arguments.tensors.push_back(value(v));
            for (const int32_t n : c.counts) arguments.counts.push_back(n);
            Attrs attrs;
            for (const GraphAttr& a : c.attrs) attrs.push_back(attr_at(a, batch_));
            Tensors made;
            try {
                made = call(*c.op, std::move(arguments), std::move(attrs));
            } catch (const Error& e) {
                fail(e.kind(), "Call ", results_.size(), " of the program, ", c.op->name, ": ", e.what());
            }
            check(c, made);
            results_.push_back(std::move(made));
        }
        Tensors outputs;
        for (size_t i = 0; i < graph_.results.size(); ++i) {
            const Tensor t = value(graph_.results[i]);
            const GraphPort& port = graph_.outputs[i];
            if (t.dtype() != port.dtype || !(t.shape() == shape_at(port.shape, batch_)))
                value_error("The program's output '", port.name,
                            "' is not of the type and shape that it states.");
            outputs.push_back(t);
        }
        auto program = std::make_unique<Program>(trace_, outputs);
        program->freeze();
        return program;
    }

  private:
    void check(const GraphCall& c, const Tensors& made) {
        bool same = made.size() == c.outputs.size();
        for (size_t i = 0; same && i < made.size(); ++i)
            same = counted(made[i].spec()).dtype == c.outputs[i].dtype &&
                   made[i].shape() == shape_at(c.outputs[i].shape, batch_);
        if (!same)
            value_error("Call ", results_.size(), " of the program, ", c.op->name,
                        ", gives results of another type or shape than the file states.");
    }

    const Spec& counted(const Spec& spec) {
        bytes_ += bytes_of(spec);
        if (bytes_ > kMaxBytes)
            fail(ErrorKind::memory, "The program takes more memory for ", batch_,
                 " samples than any machine has.");
        return spec;
    }

    Tensor constant(const GraphConstant& c) {
        if (c.shape.empty()) return c.value;
        const Shape shape = shape_at(c.shape, batch_);
        counted({c.value.dtype(), shape});
        return broadcast_to(c.value, shape);
    }

    Tensor value(const GraphValue& v) const {
        const auto i = static_cast<size_t>(v.index);
        switch (v.from) {
            case GraphValue::From::input:
                return inputs_[i];
            case GraphValue::From::weight:
                return graph_.weights[i].variable->read();
            case GraphValue::From::constant:
                return constants_[i];
            case GraphValue::From::node:
                return results_[i][static_cast<size_t>(v.output)];
            case GraphValue::From::none:
                break;
        }
        return {};
    }

    const ProgramGraph& graph_;
    int64_t batch_;
    int64_t bytes_ = 0;
    Trace trace_;
    Tensors inputs_, constants_;
    std::vector<Tensors> results_;
};

}  // namespace

int64_t BatchInt::at(int64_t batch) const {
    int64_t product, sum;
    if (__builtin_mul_overflow(times, batch, &product) || __builtin_add_overflow(plus, product, &sum))
        value_error("A size of the program does not fit for ", batch, " samples.");
    return sum;
}

std::unique_ptr<Program> ProgramGraph::plan(int64_t batch) const {
    if (fixed_batch && batch != fixed_batch)
        value_error("The program was exported for batches of ", fixed_batch, ", not of ", batch, ".");
    if (batch < 1) value_error("A batch has at least one sample, got ", batch, ".");
    return Replay(*this, batch).program();
}

}  // namespace lamina
