#include "autograd/tape.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "core/error.h"
#include "ops/functions.h"

namespace lamina {

namespace {

bool saves(const std::vector<int>& which, size_t i) {
    return std::find(which.begin(), which.end(), static_cast<int>(i)) != which.end() ||
           (which.size() == 1 && which[0] == -1);
}

// The type of a gradient by values of a type.
DType gradient_type(DType type) { return is_integral(type) ? DType::float32 : type; }

bool is_gradient_of(DType type, DType of) { return is_integral(of) ? is_real(type) : type == of; }

// What gradient functions see of whole numbers and truth values: a real number each, so that no product or
// quotient is cut. What an op takes as index or condition stays what it is.
void make_real(const Op& op, Inputs& inputs, DType real) {
    size_t at = 0;
    for (size_t slot = 0; slot < op.inputs.size(); ++slot) {
        const InputSpec& spec = op.inputs[slot];
        if (spec.arity == Arity::variables) continue;
        const size_t count = inputs.counts.empty() ? 1 : static_cast<size_t>(inputs.counts[slot]);
        for (size_t i = 0; i < count && at < inputs.tensors.size(); ++i, ++at) {
            Tensor& t = inputs.tensors[at];
            if (t && is_integral(t.dtype()) && spec.accept != Accept::index && spec.accept != Accept::boolean)
                t = cast(t, real);
        }
    }
}

// The value ids of all trainable variables.
class TrainableValues {
  public:
    bool contains(uint64_t id) {
        const std::lock_guard lock(mutex_);
        return ids_.contains(id);
    }
    void set(uint64_t id, bool trainable) {
        const std::lock_guard lock(mutex_);
        if (trainable)
            ids_.insert(id);
        else
            ids_.erase(id);
    }

  private:
    std::mutex mutex_;
    std::unordered_set<uint64_t> ids_;
};

// Never destroyed: variables may end after it.
TrainableValues& trainable_values() {
    static auto* values = new TrainableValues;
    return *values;
}

}  // namespace

bool Tape::tracks(const Tensor& t) const {
    return tracked_.contains(t.value_id()) ||
           (watches_variables_ && trainable_values().contains(t.value_id()));
}

bool Tape::tracks(const Inputs& inputs) const {
    for (const Tensor& t : inputs.tensors)
        if (t && tracks(t)) return true;
    return false;
}

void Tape::meet(const Tensor& t) {
    if (!watches_variables_ || tracked_.contains(t.value_id()) || !tracks(t)) return;
    tracked_.insert(t.value_id());
    met_.push_back(t.value_id());
}

void Tape::record(const Call& call, const Tensors& out) {
    for (const Tensor& t : call.inputs.tensors)
        if (t) meet(t);
    if (!call.op.grad || !tracks(call.inputs)) return note_flat(call, out);
    Node node;
    node.op = &call.op;
    node.attrs = call.attrs;
    node.inputs.counts = call.inputs.counts;
    for (size_t i = 0; i < call.inputs.tensors.size(); ++i) {
        const Tensor& t = call.inputs.tensors[i];
        node.input_ids.push_back(t ? t.value_id() : 0);
        node.input_specs.push_back(t ? t.spec() : Spec());
        node.tracked.push_back(t && tracked_.contains(t.value_id()));
        node.inputs.tensors.push_back(saves(call.op.saves.inputs, i) ? t : Tensor());
    }
    for (size_t i = 0; i < out.size(); ++i) {
        node.output_ids.push_back(out[i].value_id());
        node.output_specs.push_back(out[i].spec());
        node.outputs.push_back(saves(call.op.saves.outputs, i) ? out[i] : Tensor());
    }
    note(std::move(node));
}

void Tape::record_custom(const Tensors& inputs, const Tensors& outputs, CustomGradient gradient) {
    Node node;
    for (const Tensor& t : inputs) {
        meet(t);
        node.input_ids.push_back(t.value_id());
        node.input_specs.push_back(t.spec());
        node.tracked.push_back(tracked_.contains(t.value_id()));
    }
    if (std::none_of(node.tracked.begin(), node.tracked.end(), [](bool b) { return b; })) return;
    for (const Tensor& t : outputs) {
        node.output_ids.push_back(t.value_id());
        node.output_specs.push_back(t.spec());
    }
    node.custom = std::move(gradient);
    note(std::move(node));
}

bool Tape::depends(const Tensors& tensors) const {
    for (const Tensor& t : tensors)
        if (t && (tracked_.contains(t.value_id()) || flat_.contains(t.value_id()))) return true;
    return false;
}

void Tape::note_flat(const Call& call, const Tensors& out) {
    if (!depends(call.inputs.tensors)) return;
    Node node;
    for (const Tensor& t : call.inputs.tensors) node.input_ids.push_back(t ? t.value_id() : 0);
    for (const Tensor& t : out) {
        node.output_ids.push_back(t.value_id());
        flat_.insert(t.value_id());
    }
    nodes_.push_back(std::move(node));
}

void Tape::note(Node node) {
    for (uint64_t id : node.output_ids) tracked_.insert(id);
    nodes_.push_back(std::move(node));
}

Tensors Tape::backward(const Node& node, const Tensors& upstream) const {
    Specs output_specs = node.output_specs;
    for (Spec& spec : output_specs) spec.dtype = gradient_type(spec.dtype);
    if (node.custom) {
        Tensors dys;
        for (size_t i = 0; i < upstream.size(); ++i)
            dys.push_back(upstream[i] ? upstream[i] : zeros(output_specs[i].shape, output_specs[i].dtype));
        return node.custom(dys);
    }
    DType real = DType::float32;
    for (const Tensor& d : upstream)
        if (d && d.dtype() == DType::float64) real = DType::float64;
    Inputs inputs = node.inputs;
    make_real(*node.op, inputs, real);
    return node.op->grad(Gradient{*node.op, node.attrs, inputs, node.input_specs, node.outputs, output_specs,
                                  upstream, node.tracked});
}

std::unordered_set<uint64_t> Tape::values_behind(const Tensor& target) const {
    std::unordered_set<uint64_t> found{target.value_id()};
    for (size_t i = nodes_.size(); i-- > 0;) {
        const Node& node = nodes_[i];
        const auto leads = [&](uint64_t id) { return found.contains(id); };
        if (std::any_of(node.output_ids.begin(), node.output_ids.end(), leads))
            found.insert(node.input_ids.begin(), node.input_ids.end());
    }
    return found;
}

int64_t Tape::elements() const noexcept {
    int64_t n = 0;
    for (const Node& node : nodes_)
        for (const Spec& spec : node.output_specs) n += spec.shape.size();
    return n;
}

Tensors Tape::gradient(const Tensor& target, const Tensors& sources, const Tensor& dy) const {
    if (dy && !(dy.shape() == target.shape()))
        value_error("The shape of dy passed in grad(f)(x, dy) must match the shape returned by f(x): [",
                    dy.shape(), "] and [", target.shape(), "].");

    if (target.dtype() == DType::string) type_error("Strings have no gradient.");

    // Only nodes between a source and the target matter.
    std::unordered_set<uint64_t> from_source;
    for (const Tensor& s : sources) from_source.insert(s.value_id());
    std::vector<char> reached(nodes_.size(), 0);
    for (size_t i = 0; i < nodes_.size(); ++i) {
        const Node& node = nodes_[i];
        for (uint64_t id : node.input_ids) reached[i] |= from_source.contains(id);
        if (reached[i])
            for (uint64_t id : node.output_ids) from_source.insert(id);
    }

    std::unordered_map<uint64_t, Tensor> arriving;
    const auto arrive = [&](uint64_t id, const Tensor& d) {
        Tensor& sum = arriving[id];
        sum = sum ? add(sum, d) : d;
    };
    // A source that is the target itself keeps the seed.
    const DType seed = gradient_type(target.dtype());
    arrive(target.value_id(), dy ? (is_gradient_of(dy.dtype(), target.dtype()) ? dy : cast(dy, seed))
                                 : fill(target.shape(), 1, seed));

    // The tape may grow while it is read, when a gradient is taken during recording.
    for (size_t i = reached.size(); i-- > 0;) {
        if (!reached[i] || !nodes_[i].has_slope()) continue;
        // A copy, since nodes_ may move.
        const Node node = nodes_[i];
        Tensors upstream(node.output_ids.size());
        bool any = false;
        for (size_t k = 0; k < node.output_ids.size(); ++k) {
            const auto found = arriving.find(node.output_ids[k]);
            if (found == arriving.end()) continue;
            // An output that shares its input's identity (a clone of a variable) passes on what has arrived.
            upstream[k] = found->second;
            any = true;
        }
        if (!any) continue;
        const Tensors grads = backward(node, upstream);
        if (grads.size() != node.input_ids.size())
            fail(ErrorKind::value, node.custom ? "customGrad" : node.op->name,
                 ": the gradient function returned ", grads.size(), " gradients for ", node.input_ids.size(),
                 " inputs.");
        for (size_t k = 0; k < grads.size(); ++k) {
            if (!grads[k] || !node.tracked[k]) continue;
            if (!(grads[k].shape() == node.input_specs[k].shape))
                value_error("Error in gradient for op ", node.custom ? "customGrad" : node.op->name,
                            ": the gradient of input ", k, " has shape [", grads[k].shape(),
                            "], which does not match the shape of the input [", node.input_specs[k].shape,
                            "].");
            if (!is_gradient_of(grads[k].dtype(), node.input_specs[k].dtype))
                type_error("Error in gradient for op ", node.custom ? "customGrad" : node.op->name,
                           ": the gradient of input ", k, " must have '",
                           name_of(gradient_type(node.input_specs[k].dtype)), "' dtype, but has '",
                           name_of(grads[k].dtype()), "'.");
            arrive(node.input_ids[k], grads[k]);
        }
    }

    Tensors result;
    std::unordered_set<uint64_t> behind;
    for (const Tensor& s : sources) {
        const auto found = arriving.find(s.value_id());
        if (found != arriving.end()) {
            result.push_back(found->second);
            continue;
        }
        if (behind.empty()) behind = values_behind(target);
        const bool flat = behind.contains(s.value_id()) && s.dtype() != DType::string;
        result.push_back(flat ? zeros(s.shape(), gradient_type(s.dtype())) : Tensor());
    }
    return result;
}

void record_custom(const Tensors& inputs, const Tensors& outputs, const CustomGradient& gradient) {
    for (Recorder* r = Recorder::top(); r; r = r->below())
        if (auto* tape = dynamic_cast<Tape*>(r)) tape->record_custom(inputs, outputs, gradient);
}

void note_trainable(uint64_t value_id, bool trainable) { trainable_values().set(value_id, trainable); }

}  // namespace lamina
