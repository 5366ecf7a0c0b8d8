// The content of a .lamina file: a file of tensors whose metadata describe the graph in JSON.
#include <algorithm>
#include <map>

#include "core/error.h"
#include "files/json.h"
#include "files/program_graph.h"
#include "files/tensor_file.h"

namespace lamina {

namespace {

constexpr std::string_view kFormat = "lamina-program", kVersion = "1";
// Planning takes time with the square of it.
constexpr size_t kMaxCalls = size_t{1} << 15;
constexpr std::string_view kFrom[] = {"", "input", "call", "weight", "constant"};

std::string constant_name(size_t i) { return text("constant:", i); }

// ---- writing -------------------------------------------------------------------------------------------------

template <class Items, class Write>
std::string list(const Items& items, Write&& write) {
    std::string out = "[";
    for (size_t i = 0; i < items.size(); ++i) out += (i ? "," : "") + write(items[i]);
    return out + "]";
}

std::string json_of(const BatchInt& n) {
    return n.times ? text("{\"plus\":", n.plus, ",\"perSample\":", n.times, "}") : std::to_string(n.plus);
}

std::string json_of(const BatchShape& shape) {
    return list(shape, [](const BatchInt& n) { return json_of(n); });
}

std::string json_of(const GraphValue& v) {
    if (v.from == GraphValue::From::none) return "null";
    const std::string head = text("[\"", kFrom[static_cast<size_t>(v.from)], "\",", v.index);
    return v.from == GraphValue::From::node ? text(head, ",", v.output, "]") : head + "]";
}

std::string json_of(const GraphAttr& attr) {
    const Attr& a = attr.value;
    if (const auto* b = std::get_if<bool>(&a)) return *b ? "true" : "false";
    if (const auto* i = std::get_if<int64_t>(&a))
        return json_of(BatchInt{*i, attr.times.empty() ? 0 : attr.times[0]});
    if (const auto* d = std::get_if<double>(&a)) return json_number(*d);
    if (const auto* s = std::get_if<std::string>(&a)) return json_string(*s);
    if (const auto* t = std::get_if<DType>(&a)) return json_string(name_of(*t));
    if (const auto* v = std::get_if<Ints>(&a)) {
        BatchShape numbers;
        for (size_t i = 0; i < v->size(); ++i)
            numbers.push_back({(*v)[i], attr.times.empty() ? 0 : attr.times[i]});
        return json_of(numbers);
    }
    return "null";
}

std::string json_of(const GraphCall& c) {
    std::string out = text("{\"op\":", json_string(c.op->name), ",\"version\":", c.op->version,
                           ",\"inputs\":", list(c.inputs, [](const GraphValue& v) { return json_of(v); }));
    if (!c.counts.empty())
        out += ",\"counts\":" + list(c.counts, [](int32_t n) { return std::to_string(n); });
    out += ",\"attrs\":{";
    bool first = true;
    for (size_t i = 0; i < c.attrs.size(); ++i) {
        if (std::holds_alternative<NotGiven>(c.attrs[i].value)) continue;
        out += text(first ? "" : ",", json_string(c.op->attrs[i].name), ":", json_of(c.attrs[i]));
        first = false;
    }
    const auto spec = [](const GraphSpec& s) {
        return text("{\"dtype\":", json_string(name_of(s.dtype)), ",\"shape\":", json_of(s.shape), "}");
    };
    return text(out, "},\"outputs\":", list(c.outputs, spec), "}");
}

std::string json_of(const GraphPort& port) {
    return text("\"name\":", json_string(port.name), ",\"dtype\":", json_string(name_of(port.dtype)),
                ",\"shape\":", json_of(port.shape));
}

// ---- reading -------------------------------------------------------------------------------------------------

BatchInt batch_int(const Json& json, const std::string& where) {
    if (!json.get<JsonObject>()) return {json.integer(where), 0};
    return {json.member("plus", where).integer(where + ".plus"),
            json.member("perSample", where).integer(where + ".perSample")};
}

BatchShape batch_shape(const Json& json, const std::string& where) {
    BatchShape shape;
    for (const Json& n : json.array(where)) shape.push_back(batch_int(n, where));
    if (shape.size() > Shape::kMaxRank)
        value_error(where, " has more than ", Shape::kMaxRank, " dimensions.");
    return shape;
}

DType dtype_of_json(const Json& json, const std::string& where) {
    const std::string& name = json.string(where);
    for (const DType t : {DType::float32, DType::int32, DType::boolean, DType::complex64})
        if (name == name_of(t)) return t;
    value_error(where, ": '", name, "' is no type of a program's values.");
}

GraphAttr ints_of(const Json& json, const std::string& where) {
    GraphAttr attr{Ints()};
    bool grows = false;
    for (const Json& item : json.array(where)) {
        const BatchInt n = batch_int(item, where);
        std::get<Ints>(attr.value).push_back(n.plus);
        attr.times.push_back(n.times);
        grows |= n.times != 0;
    }
    if (!grows) attr.times.clear();
    return attr;
}

GraphAttr int_of(const Json& json, const std::string& where) {
    const BatchInt n = batch_int(json, where);
    GraphAttr attr{n.plus};
    if (n.times) attr.times.push_back(n.times);
    return attr;
}

GraphAttr string_of(const Json& json, const AttrSpec& spec, const std::string& where) {
    const std::string& value = json.string(where);
    const auto& choices = spec.choices;
    if (!choices.empty() &&
        std::none_of(choices.begin(), choices.end(), [&](const char* c) { return value == c; }))
        value_error(where, ": '", value, "' is none of its choices.");
    return {value};
}

GraphAttr attr_of(const Json& json, const AttrSpec& spec, const std::string& where) {
    if (json.is_null()) {
        const bool means_none = std::holds_alternative<None>(spec.fallback);
        if (!spec.nullable && !means_none) value_error(where, " must not be null.");
        return {means_none ? Attr(None{}) : Attr(NotGiven{})};
    }
    switch (spec.type) {
        case AttrType::boolean:
            return {json.boolean(where)};
        case AttrType::integer:
            return int_of(json, where);
        case AttrType::number:
            return {json.number(where)};
        case AttrType::string:
        case AttrType::seed:
            return string_of(json, spec, where);
        case AttrType::dtype:
            string_of(json, spec, where);
            return {dtype_of_json(json, where)};
        case AttrType::ints:
        case AttrType::pairs:
            return ints_of(json, where);
        case AttrType::count_or_sizes:
            return json.get<JsonArray>() ? ints_of(json, where) : int_of(json, where);
        case AttrType::padding:
            return json.get<JsonArray>() ? ints_of(json, where) : string_of(json, spec, where);
    }
    value_error(where, " is of no known type.");
}

class Reader {
  public:
    Reader(const TensorFile& file, const std::string& what) : what_(what) {
        for (const NamedTensor& t : file.tensors) tensors_.emplace(t.name, t.value);
    }

    ProgramGraph read(const Json& json) {
        if (const Json& batch = json.member("batch", what_); !batch.is_null()) {
            graph_.fixed_batch = batch.integer(what_ + ".batch");
            if (graph_.fixed_batch < 1) value_error(what_, ".batch must be at least 1.");
        }
        for (const Json& item : json.member("inputs", what_).array(what_ + ".inputs"))
            graph_.inputs.push_back(port(item, text(what_, ".inputs[", graph_.inputs.size(), "]")));
        for (const Json& item : json.member("weights", what_).array(what_ + ".weights")) {
            const std::string& name = item.string(what_ + ".weights");
            graph_.weights.push_back({name, Variable::make(tensor(name))});
        }
        read_constants(json);
        const JsonArray& calls = json.member("calls", what_).array(what_ + ".calls");
        if (calls.size() > kMaxCalls) value_error(what_, ".calls: more than ", kMaxCalls, " of them.");
        for (const Json& item : calls)
            graph_.calls.push_back(call(item, text(what_, ".calls[", graph_.calls.size(), "]")));
        for (const Json& item : json.member("outputs", what_).array(what_ + ".outputs")) {
            const std::string where = text(what_, ".outputs[", graph_.outputs.size(), "]");
            graph_.outputs.push_back(port(item, where));
            graph_.results.push_back(value(item.member("value", where), where + ".value"));
            if (graph_.results.back().from == GraphValue::From::none)
                value_error(where, ".value must not be null.");
        }
        if (graph_.outputs.empty()) value_error(what_, ".outputs is empty.");
        return std::move(graph_);
    }

  private:
    Tensor tensor(const std::string& name) const {
        if (const auto found = tensors_.find(name); found != tensors_.end()) return found->second;
        value_error(what_, ": there is no tensor '", name, "' in the file.");
    }

    void read_constants(const Json& json) {
        for (const Json& item : json.member("constants", what_).array(what_ + ".constants")) {
            const size_t i = graph_.constants.size();
            GraphConstant c{tensor(constant_name(i))};
            if (!item.is_null()) {
                c.shape = batch_shape(item, text(what_, ".constants[", i, "]"));
                if (c.value.rank() != 0 || c.shape.empty())
                    value_error(what_, ".constants[", i, "]: only a scalar can be repeated.");
            }
            graph_.constants.push_back(std::move(c));
        }
    }

    GraphPort port(const Json& json, const std::string& where) const {
        return {json.member("name", where).string(where + ".name"),
                dtype_of_json(json.member("dtype", where), where + ".dtype"),
                batch_shape(json.member("shape", where), where + ".shape")};
    }

    GraphValue value(const Json& json, const std::string& where) const {
        if (json.is_null()) return {};
        const JsonArray& parts = json.array(where);
        if (parts.size() < 2) value_error(where, " must be [kind, index].");
        const std::string& kind = parts[0].string(where);
        const size_t counts[] = {0, graph_.inputs.size(), graph_.calls.size(), graph_.weights.size(),
                                 graph_.constants.size()};
        for (size_t k = 1; k < std::size(kFrom); ++k) {
            if (kind != kFrom[k]) continue;
            GraphValue v{static_cast<GraphValue::From>(k)};
            const int64_t index = parts[1].integer(where);
            if (index < 0 || static_cast<uint64_t>(index) >= counts[k])
                value_error(where, ": there is no ", kind, " ", index, " before this place.");
            v.index = static_cast<int32_t>(index);
            const bool has_output = v.from == GraphValue::From::node;
            if (parts.size() != (has_output ? 3u : 2u)) value_error(where, " has the wrong length.");
            if (has_output) {
                const int64_t output = parts[2].integer(where);
                const auto made = graph_.calls[static_cast<size_t>(index)].outputs.size();
                if (output < 0 || static_cast<uint64_t>(output) >= made)
                    value_error(where, ": there is no output ", output, ".");
                v.output = static_cast<int32_t>(output);
            }
            return v;
        }
        value_error(where, ": '", kind, "' is no kind of value.");
    }

    GraphCall call(const Json& json, const std::string& where) const {
        const std::string& name = json.member("op", where).string(where + ".op");
        const Op* op = find_op(name);
        if (!op) value_error(where, ".op: '", name, "' is unknown to this release.");
        const int64_t version = json.member("version", where).integer(where + ".version");
        if (version != op->version)
            value_error(where, ".version: the file has ", name, " of version ", version,
                        ", this release knows version ", op->version, ".");
        if (op->effect != Effect::pure || op->shapes != Shapes::fixed)
            value_error(where, ".op: ", name, " cannot stand in a program.");
        GraphCall c;
        c.op = op;
        for (const Json& item : json.member("inputs", where).array(where + ".inputs"))
            c.inputs.push_back(value(item, text(where, ".inputs[", c.inputs.size(), "]")));
        read_counts(json, where, c);
        // What depends on constants alone would be computed while the file is opened.
        if (std::none_of(c.inputs.begin(), c.inputs.end(), [](const GraphValue& v) {
                return v.from != GraphValue::From::none && v.from != GraphValue::From::constant;
            }))
            value_error(where, ".inputs: ", name, " must depend on an input or a weight.");
        read_attrs(json.member("attrs", where), where + ".attrs", c);
        for (const Json& item : json.member("outputs", where).array(where + ".outputs"))
            c.outputs.push_back({dtype_of_json(item.member("dtype", where), where + ".outputs"),
                                 batch_shape(item.member("shape", where), where + ".outputs")});
        return c;
    }

    static void read_counts(const Json& json, const std::string& where, GraphCall& c) {
        const std::vector<InputSpec>& slots = c.op->inputs;
        const Json* counts = json.find("counts");
        if (counts)
            for (const Json& n : counts->array(where + ".counts")) {
                const int64_t count = n.integer(where + ".counts");
                if (count < 0 || count > static_cast<int64_t>(c.inputs.size()))
                    value_error(where, ".counts: there are not ", count, " inputs.");
                c.counts.push_back(static_cast<int32_t>(count));
            }
        if (counts && c.counts.size() != slots.size()) value_error(where, ".counts has the wrong length.");
        int64_t total = 0;
        for (size_t i = 0; i < slots.size(); ++i) {
            const int32_t count = counts ? c.counts[i] : 1;
            if (slots[i].arity == Arity::variables || (slots[i].arity != Arity::list && count != 1))
                value_error(where, ".inputs: ", c.op->name, " takes other arguments.");
            total += count;
        }
        if (total != static_cast<int64_t>(c.inputs.size()))
            value_error(where, ".inputs: ", c.op->name, " takes ", total, " of them, got ", c.inputs.size(),
                        ".");
    }

    static void read_attrs(const Json& json, const std::string& where, GraphCall& c) {
        for (const AttrSpec& spec : c.op->attrs) {
            const Json* given = json.find(spec.name);
            if (!given && std::holds_alternative<NotGiven>(spec.fallback))
                value_error(where, ".", spec.name, " is missing.");
            c.attrs.push_back(given ? attr_of(*given, spec, text(where, ".", spec.name))
                                    : GraphAttr{NotGiven{}});
        }
        for (const auto& [name, value] : json.object(where)) {
            const auto known = [&, &name = name](const AttrSpec& spec) { return name == spec.name; };
            if (std::none_of(c.op->attrs.begin(), c.op->attrs.end(), known))
                value_error(where, ".", name, " is unknown to this release.");
        }
    }

    std::map<std::string_view, Tensor> tensors_;
    const std::string& what_;
    ProgramGraph graph_;
};

}  // namespace

std::string ProgramGraph::describe() const {
    std::string out_ports = "[";
    for (size_t i = 0; i < outputs.size(); ++i)
        out_ports += text(i ? "," : "", "{", json_of(outputs[i]), ",\"value\":", json_of(results[i]), "}");
    return text(
        "{\"batch\":", fixed_batch ? std::to_string(fixed_batch) : "null",
        ",\"inputs\":", list(inputs, [](const GraphPort& p) { return text("{", json_of(p), "}"); }),
        ",\"weights\":", list(weights, [](const GraphWeight& w) { return json_string(w.name); }),
        ",\"constants\":",
        list(constants, [](const GraphConstant& c) { return c.shape.empty() ? "null" : json_of(c.shape); }),
        ",\"calls\":", list(calls, [](const GraphCall& c) { return json_of(c); }), ",\"outputs\":", out_ports,
        "]}");
}

std::string ProgramGraph::write() const {
    std::vector<NamedTensor> tensors;
    for (const GraphWeight& w : weights) tensors.push_back({w.name, w.variable->read()});
    for (size_t i = 0; i < constants.size(); ++i) tensors.push_back({constant_name(i), constants[i].value});
    return write_tensor_file(
        tensors,
        {{"format", std::string(kFormat)}, {"version", std::string(kVersion)}, {"program", describe()}});
}

ProgramGraph ProgramGraph::read(std::span<const std::byte> bytes, std::string_view what) {
    const TensorFile file = read_tensor_file(bytes, what);
    const std::string *format = file.find_metadata("format"), *version = file.find_metadata("version"),
                      *program = file.find_metadata("program");
    if (!file.verified || !format || *format != kFormat || !version || !program)
        value_error(what, " is no program written by exportProgram.");
    if (*version != kVersion)
        value_error(what, " is of version '", *version, "' of the format; this release reads version ",
                    kVersion, ".");
    const std::string where = text("The program in ", what);
    return Reader(file, where).read(Json::parse(*program, where));
}

}  // namespace lamina
