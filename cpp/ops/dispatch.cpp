// Calling an op: the one path that eager calls, gradients and traces take.
#include "core/error.h"
#include "core/interrupt.h"
#include "ops/functions.h"
#include "ops/op.h"
#include "ops/recorder.h"

namespace lamina {

namespace {

thread_local Recorder* t_top = nullptr;

void fill_attrs(const Op& op, Attrs& attrs) {
    if (attrs.size() > op.attrs.size())
        type_error(op.name, " takes ", op.attrs.size(), " options, got ", attrs.size(), ".");
    attrs.resize(op.attrs.size(), NotGiven{});
    for (size_t i = 0; i < attrs.size(); ++i) {
        const AttrSpec& spec = op.attrs[i];
        const bool none = std::holds_alternative<None>(attrs[i]);
        if (std::holds_alternative<NotGiven>(attrs[i]) || (none && spec.nullable)) {
            if (std::holds_alternative<NotGiven>(spec.fallback))
                type_error("Argument '", spec.name, "' of '", op.name, "' is missing.");
            attrs[i] = spec.fallback;
        }
    }
}

void check_type(const Op& op, const InputSpec& spec, Tensor& t) {
    const DType type = t.dtype();
    const auto refuse = [&](const char* wanted) {
        type_error("Argument '", spec.name, "' passed to '", op.name, "' must be ", wanted,
                   " tensor, but got ", name_of(type), " tensor");
    };
    switch (spec.accept) {
        case Accept::any:
            return;
        case Accept::numeric:
            if (type == DType::string) refuse("numeric");
            return;
        case Accept::real:
            if (!is_real(type)) refuse("float32");
            return;
        case Accept::to_real:
            if (is_integral(type))
                t = cast(t, DType::float32);
            else if (!is_real(type))
                refuse("float32");
            return;
        case Accept::boolean:
            if (type != DType::boolean) refuse("bool");
            return;
        case Accept::index:
            if (type == DType::boolean)
                t = cast(t, DType::int32);
            else if (type != DType::int32)
                refuse("int32");
            return;
    }
}

void check_inputs(const Op& op, Inputs& inputs) {
    size_t at = 0, which_variables = 0;
    for (size_t slot = 0; slot < op.inputs.size(); ++slot) {
        const InputSpec& spec = op.inputs[slot];
        if (spec.arity == Arity::variables) {
            ++which_variables;
            continue;
        }
        const size_t count = inputs.counts.empty() ? 1 : static_cast<size_t>(inputs.counts[slot]);
        for (size_t i = 0; i < count; ++i, ++at) {
            Tensor& t = inputs.tensors[at];
            if (t)
                check_type(op, spec, t);
            else if (spec.arity != Arity::optional)
                type_error("Argument '", spec.name, "' of '", op.name, "' is missing.");
        }
    }
    (void)which_variables;
}

void promote_inputs(Inputs& inputs) {
    bool mixed = false;
    for (const Tensor& t : inputs.tensors) mixed |= t && t.dtype() != inputs.tensors[0].dtype();
    if (!mixed) return;
    DType common = inputs.tensors[0].dtype();
    for (const Tensor& t : inputs.tensors)
        if (t) common = promote(common, t.dtype());
    for (Tensor& t : inputs.tensors)
        if (t && t.dtype() != common) t = cast(t, common);
}

// Now and then: a composed op may make very many calls.
void look_up() {
    constexpr unsigned kCalls = 64;
    thread_local unsigned calls = 0;
    if (++calls % kCalls == 0) check_interrupt();
}

// Sizes know of no op.
template <class F>
auto named(const Op& op, F f) {
    try {
        return f();
    } catch (const SizeError& e) {
        value_error("Error in ", op.name, ": ", e.what());
    }
}

// Whether there is neither a result to compute nor an index to check, however long dimensions are.
bool is_nothing(const Op& op, const Inputs& inputs, const Specs& specs) {
    if (specs.empty() || op.effect != Effect::pure) return false;
    for (const Spec& spec : specs)
        if (spec.shape.size() != 0 || spec.dtype == DType::string) return false;
    for (const Tensor& t : inputs.tensors)
        if (t && t.dtype() == DType::int32 && t.size() != 0) return false;
    return true;
}

int tapes_tracking(const Inputs& inputs) {
    int count = 0;
    for (Recorder* r = t_top; r; r = r->below()) count += r->tracks(inputs);
    return count;
}

}  // namespace

Tensors call(const Op& op, Inputs inputs, Attrs attrs) {
    fill_attrs(op, attrs);
    check_inputs(op, inputs);
    if (op.promote) promote_inputs(inputs);
    const Call c{op, inputs, attrs};

    // A fused op's own gradient is not differentiable: where two tapes watch, its parts are recorded instead;
    // where it has none at all, already for one.
    if (op.decompose && (!op.run || (t_top && tapes_tracking(inputs) > (op.grad ? 1 : 0))))
        return named(op, [&] { return op.decompose(c); });

    Specs specs;
    if (op.infer) specs = named(op, [&] { return op.infer(c); });
    Tensors out;
    bool taken = false;
    for (Recorder* r = t_top; r && !taken; r = r->below()) taken = r->take(c, specs, out);
    if (!taken) {
        // What a kernel calls on its way is not a step of the computation.
        const RecordingPaused paused;
        const Interruptible may_end(op.effect != Effect::updates);
        look_up();
        if (op.shares && shares_memory(op, c[0].spec(), specs[0])) {
            out = op.shares(c);
        } else {
            for (const Spec& spec : specs) out.push_back(Tensor::empty(spec, op.name));
            if (!is_nothing(op, inputs, specs)) op.run(c, out);
        }
    }
    for (Recorder* r = t_top; r; r = r->below()) r->record(c, out);
    return out;
}

// ---- Call, Gradient ----------------------------------------------------------------------------------------

int Call::offset(int slot) const {
    if (inputs.counts.empty()) return slot;
    int at = 0;
    for (int i = 0; i < slot; ++i) at += inputs.counts[static_cast<size_t>(i)];
    return at;
}

const Tensor* Call::prepared() const {
    return op.prepare && inputs.tensors.size() > op.inputs.size() ? &inputs.tensors[op.inputs.size()]
                                                                  : nullptr;
}

std::span<const Tensor> Call::list(int slot) const {
    const size_t count =
        inputs.counts.empty() ? 1 : static_cast<size_t>(inputs.counts[static_cast<size_t>(slot)]);
    return {inputs.tensors.data() + offset(slot), count};
}

std::span<const VariableRef> Call::variables(int which) const {
    size_t at = 0;
    for (int i = 0; i < which; ++i) at += static_cast<size_t>(inputs.variable_counts[static_cast<size_t>(i)]);
    return {inputs.variables.data() + at,
            static_cast<size_t>(inputs.variable_counts[static_cast<size_t>(which)])};
}

const Attr& Call::attr(std::string_view name) const {
    // Mostly both are the same literal, which the linker keeps once.
    for (size_t i = 0; i < op.attrs.size(); ++i)
        if (name.data() == op.attrs[i].name) return attrs[i];
    for (size_t i = 0; i < op.attrs.size(); ++i)
        if (name == op.attrs[i].name) return attrs[i];
    fail(ErrorKind::internal, op.name, " has no attribute ", name);
}

bool Call::given(std::string_view name) const {
    const Attr& a = attr(name);
    return !std::holds_alternative<NotGiven>(a) && !std::holds_alternative<None>(a);
}

Tensor Gradient::dy(int i) const {
    const Tensor& d = upstream[static_cast<size_t>(i)];
    if (d) return d;
    const Spec& spec = output_specs[static_cast<size_t>(i)];
    return zeros(spec.shape, spec.dtype);
}

// ---- Recorder ----------------------------------------------------------------------------------------------

void Recorder::push() {
    below_ = t_top;
    t_top = this;
}

void Recorder::pop() noexcept {
    for (Recorder** link = &t_top; *link; link = &(*link)->below_) {
        if (*link == this) {
            *link = below_;
            below_ = nullptr;
            return;
        }
    }
}

Recorder* Recorder::top() noexcept { return t_top; }

RecordingPaused::RecordingPaused() noexcept : saved_(t_top) { t_top = nullptr; }
RecordingPaused::~RecordingPaused() { t_top = saved_; }

}  // namespace lamina
