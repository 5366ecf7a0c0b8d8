#include "graph/fold.h"

#include <optional>
#include <string_view>
#include <unordered_map>

#include "graph/live.h"
#include "ops/activation_table.h"
#include "ops/conv_shape.h"
#include "ops/functions.h"

namespace lamina {

namespace {

size_t place_of(const Op& op, std::string_view attr) {
    for (size_t i = 0; i < op.attrs.size(); ++i)
        if (attr == op.attrs[i].name) return i;
    return op.attrs.size();
}

// activation(x * filter + bias), by one of the fused ops.
struct Product {
    const Op* op = nullptr;
    Tensor x, filter, bias;  // no bias: undefined
    Attrs attrs;

    const Attr& attr(std::string_view name) const { return attrs[place_of(*op, name)]; }
    void set(std::string_view name, Attr value) { attrs[place_of(*op, name)] = std::move(value); }
    bool is_linear() const { return std::get<std::string>(attr("activation")) == "linear"; }
    bool has_activation(const char* name) const { return std::get<std::string>(attr("activation")) == name; }
};

struct Kind {
    const Op *plain, *fused;
    bool depthwise, image;
};

const Kind* kind_of(const Op* op) {
    static const Kind kinds[] = {
        {find_op("conv2d"), find_op("fusedConv2d"), false, true},
        {find_op("depthwiseConv2d"), find_op("fusedDepthwiseConv2d"), true, true},
        {find_op("matMul"), find_op("fusedMatMul"), false, false},
    };
    for (const Kind& kind : kinds)
        if (op == kind.plain || op == kind.fused) return &kind;
    return nullptr;
}

// A call of a product as one of its fused op; nothing where the last dimension of the filter does not follow
// the channels of the result.
std::optional<Product> product_of(const Op& op, const Inputs& inputs, const Attrs& attrs) {
    const Kind* kind = kind_of(&op);
    if (!kind || !is_real(inputs.tensors[0].dtype())) return std::nullopt;
    Product p;
    p.op = kind->fused;
    p.x = inputs.tensors[0];
    p.filter = inputs.tensors[1];
    if (&op == kind->fused) {
        p.bias = inputs.tensors[2];
        p.attrs = attrs;
    } else {
        for (const AttrSpec& spec : p.op->attrs) {
            const size_t own = place_of(op, spec.name);
            p.attrs.push_back(own < op.attrs.size() ? attrs[own] : spec.fallback);
        }
    }
    const bool last = kind->image ? std::get<std::string>(p.attr("dataFormat")) == "NHWC"
                                  : p.filter.rank() == 2 && !std::get<bool>(p.attr("transposeB"));
    if (!last || (p.bias && p.bias.rank() != 1)) return std::nullopt;
    return p;
}

// While it exists, its trace takes the calls of this thread.
struct Tracing {
    explicit Tracing(Trace& t) : trace(t) { trace.push(); }
    ~Tracing() { trace.pop(); }
    Tracing(const Tracing&) = delete;
    Tracing& operator=(const Tracing&) = delete;
    RecordingPaused paused;
    Trace& trace;
};

class Folder {
  public:
    Folder(const Trace& trace, const Tensors& outputs) : old_(trace) {
        for (const Tensor& t : outputs) wanted_.push_back(trace.source_of(t));
        live_ = live_nodes(trace, wanted_);
        readers_.resize(trace.nodes().size(), 0);
        const auto count = [&](const Source& s) {
            if (s.node >= 0) ++readers_[static_cast<size_t>(s.node)];
        };
        for (size_t i = 0; i < live_.size(); ++i)
            if (live_[i])
                for (const Source& s : trace.nodes()[i].inputs) count(s);
        for (const Source& s : wanted_) count(s);
        for (size_t i = 0; i < live_.size(); ++i)
            updates_ |= live_[i] && trace.nodes()[i].op && trace.nodes()[i].op->effect == Effect::updates;
    }

    // Whether some live node can be folded into one that nobody else reads.
    bool has_work() const {
        const std::vector<GraphNode>& nodes = old_.nodes();
        for (size_t i = 0; i < nodes.size(); ++i) {
            const GraphNode& n = nodes[i];
            if (!n.op || !live_[i]) continue;
            if (is_masked_pool(n)) return true;
            static const Op* pool = find_op("maxPool");
            const int32_t before = n.inputs.empty() ? -1 : n.inputs[0].node;
            if (!updates_ && (folds(*n.op) || n.op == pool) && before >= 0 &&
                readers_[static_cast<size_t>(before)] == 1 && kind_of(nodes[static_cast<size_t>(before)].op))
                return true;
        }
        return false;
    }

    Folded run() {
        Folded result;
        result.trace = std::make_unique<Trace>();
        fresh_ = result.trace.get();
        const std::vector<GraphNode>& nodes = old_.nodes();
        values_.resize(nodes.size());
        products_.resize(nodes.size());
        const Tracing tracing(*fresh_);
        for (const int32_t i : old_.inputs())
            values_[static_cast<size_t>(i)].push_back(
                fresh_->input(nodes[static_cast<size_t>(i)].outputs[0]));
        for (size_t i = 0; i < nodes.size(); ++i) {
            const GraphNode& n = nodes[i];
            if (!n.op || !live_[i]) continue;
            Inputs inputs = n.layout;
            for (const Source& s : n.inputs) inputs.tensors.push_back(value_of(s));
            if (n.op->effect == Effect::updates)
                for (const VariableRef& v : n.layout.variables) past_[v.get()].push_back(v->read());
            if (is_masked_pool(n)) {
                values_[i] = masked_pool(n);
                continue;
            }
            if (Tensors pooled = largest_of_product(n, inputs); !pooled.empty()) {
                values_[i] = std::move(pooled);
                continue;
            }
            if (std::optional<Product> folded = folded_into_product(n, inputs)) {
                values_[i] = call(*folded->op, {folded->x, folded->filter, folded->bias}, folded->attrs);
                products_[i] = std::move(folded);
                continue;
            }
            products_[i] = product_of(*n.op, inputs, n.attrs);
            values_[i] = call(*n.op, std::move(inputs), n.attrs);
        }
        for (const Source& s : wanted_) result.outputs.push_back(value_of(s));
        return result;
    }

  private:
    static bool folds(const Op& op) {
        const std::string_view name = op.name;
        return name == "batchNorm" || name == "clipByValue" || find_activation(name);
    }

    Tensor value_of(const Source& s) const {
        if (s.node >= 0) return values_[static_cast<size_t>(s.node)][static_cast<size_t>(s.output)];
        if (!s.variable) return s.constant;
        const auto past = past_.find(s.variable.get());
        return past != past_.end() && s.version < static_cast<int32_t>(past->second.size())
                   ? past->second[static_cast<size_t>(s.version)]
                   : s.variable->read();
    }

    // The gradient of relu behind that of maxPool: mul(maxPoolGrad(dy, x), step(x)) with x = relu(...)
    bool is_masked_pool(const GraphNode& n) const {
        static const Op *product = find_op("mul"), *pool = find_op("maxPoolGrad"), *slope = find_op("step");
        if (n.op != product || n.inputs[0].node < 0 || n.inputs[1].node < 0) return false;
        const GraphNode& grad = old_.nodes()[static_cast<size_t>(n.inputs[0].node)];
        const GraphNode& mask = old_.nodes()[static_cast<size_t>(n.inputs[1].node)];
        if (grad.op != pool || mask.op != slope || readers_[static_cast<size_t>(n.inputs[0].node)] != 1)
            return false;
        const Source &x = grad.inputs[1], &y = mask.inputs[0];
        return x.node >= 0 && x.node == y.node && x.output == y.output &&
               std::get<double>(mask.attrs[0]) == 0 && !std::get<bool>(grad.attrs[place_of(*pool, "relu")]);
    }
    Tensors masked_pool(const GraphNode& n) {
        const GraphNode& grad = old_.nodes()[static_cast<size_t>(n.inputs[0].node)];
        Attrs attrs = grad.attrs;
        attrs[place_of(*grad.op, "relu")] = true;
        return call(*grad.op, {value_of(grad.inputs[0]), value_of(grad.inputs[1])}, std::move(attrs));
    }

    // A product that the node reads and nobody else does, in a trace without updates; null: none.
    const Product* product_before(const GraphNode& n) const {
        const int32_t before = n.inputs.empty() ? -1 : n.inputs[0].node;
        if (updates_ || before < 0 || readers_[static_cast<size_t>(before)] != 1) return nullptr;
        const std::optional<Product>& p = products_[static_cast<size_t>(before)];
        return p ? &*p : nullptr;
    }

    // maxPool behind a convolution, in one pass where there is one; else nothing.
    Tensors largest_of_product(const GraphNode& n, const Inputs& inputs) const {
        static const Op *pool = find_op("maxPool"), *conv = find_op("fusedConv2d"),
                        *both = find_op("fusedConv2dMaxPool");
        const Product* p = n.op == pool ? product_before(n) : nullptr;
        if (!p || p->op != conv || p->x.rank() != 4) return {};
        const Call pooling{*n.op, inputs, n.attrs};
        const Inputs operands{p->x, p->filter, p->bias};
        const Call convolution{*conv, operands, p->attrs};
        const ConvShape s = conv_shape(convolution, conv->name, p->x.shape(), p->filter.shape(), false);
        if (channels_first(pooling) ||
            !can_keep_largest(s, pool_shape(pooling, pool->name, pooling[0].shape())))
            return {};
        Attrs attrs;
        for (const AttrSpec& spec : both->attrs)
            attrs.push_back(std::string_view(spec.name) == "filterSize" ? pooling.attr(spec.name)
                                                                        : p->attr(spec.name));
        return call(*both, operands, std::move(attrs));
    }

    // Whether it depends on variables and constants alone.
    bool is_settled(const Tensor& t) {
        if (!t || !t.is_symbolic()) return true;
        const GraphNode& n = fresh_->nodes()[static_cast<size_t>(t.symbol().node)];
        if (!n.op || n.op->effect != Effect::pure) return false;
        for (const Source& s : n.inputs)
            if (s.node >= 0 && !is_settled(values_of_fresh(s))) return false;
        return true;
    }
    Tensor values_of_fresh(const Source& s) const {
        const Spec& spec =
            fresh_->nodes()[static_cast<size_t>(s.node)].outputs[static_cast<size_t>(s.output)];
        return Tensor::symbolic(spec, {fresh_, s.node, s.output});
    }

    std::optional<Product> folded_into_product(const GraphNode& n, const Inputs& inputs) {
        const Product* p = folds(*n.op) ? product_before(n) : nullptr;
        if (!p) return std::nullopt;
        const Call c{*n.op, inputs, n.attrs};
        if (std::string_view(n.op->name) == "batchNorm") return normalized(*p, c);
        return activated(*p, c);
    }

    // With s = scale / sqrt(variance + epsilon): (x f + b - mean) s + offset = x (f s) + (b - mean) s +
    // offset
    std::optional<Product> normalized(Product p, const Call& c) {
        if (!p.is_linear() || !is_settled(p.filter) || !is_settled(p.bias)) return std::nullopt;
        const int64_t channels = c[0].shape()[c[0].rank() - 1];
        for (int i = 1; i < 5; ++i)
            if (c.has(i) && (!is_settled(c[i]) || c[i].rank() != 1 || c[i].size() != channels ||
                             c[i].dtype() != c[0].dtype()))
                return std::nullopt;
        const Tensor inverse = rsqrt(add(c[2], c.number("varianceEpsilon")));
        const Tensor s = c.has(4) ? mul(inverse, c[4]) : inverse;
        const Shape& f = p.filter.shape();
        const bool depthwise = kind_of(p.op)->depthwise;
        p.filter = mul(p.filter, depthwise ? reshape(s, {f[2], f[3]}) : s);
        p.bias = mul(p.bias ? sub(p.bias, c[1]) : neg(c[1]), s);
        if (c.has(3)) p.bias = add(p.bias, c[3]);
        return p;
    }

    std::optional<Product> activated(Product p, const Call& c) {
        const std::string_view name = c.op.name;
        if (name == "clipByValue") {
            // relu6 is what lies between 0 and 6; behind relu the lower bound may be anything below.
            const double low = c.number("clipValueMin"), high = c.number("clipValueMax");
            const bool fits = p.is_linear() ? low == 0 : p.has_activation("relu") && low <= 0;
            if (!fits || high != 6) return std::nullopt;
            p.set("activation", std::string("relu6"));
            return p;
        }
        if (!p.is_linear()) return std::nullopt;
        if (find_activation(name)->takes_alpha) {
            if (c.number("alpha") < 0) return std::nullopt;  // the fused ops refuse it
            p.set("alpha", c.number("alpha"));
        }
        p.set("activation", std::string(name));
        return p;
    }

    const Trace& old_;
    std::vector<Source> wanted_;
    std::vector<char> live_;
    std::vector<int32_t> readers_;  // by node of the old trace, as are the following
    std::vector<Tensors> values_;
    std::vector<std::optional<Product>> products_;
    std::unordered_map<const Variable*, std::vector<Tensor>> past_;  // what updates of the trace put aside
    Trace* fresh_ = nullptr;
    bool updates_ = false;
};

}  // namespace

Folded fold(const Trace& trace, const Tensors& outputs) {
    Folder folder(trace, outputs);
    if (!folder.has_work()) return {};
    return folder.run();
}

}  // namespace lamina
