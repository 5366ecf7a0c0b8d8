// An op: everything the system knows of one operation, in one block.
//
// A block is defined once, in a .cpp file of this folder, with designated initialisers:
//
//     const Op& tanh_op = define({
//         .name = "tanh",
//         .inputs = {{"x", Accept::real}},
//         .infer = same_as_input,
//         .run = run_unary<Unary::tanh>,
//         .grad = [](const Gradient& g) -> Tensors { return {...}; },
//         .saves = {.outputs = {0}},
//         .doc = "...",
//     });
//
// The eager function, the Python function, method, signature and docstring, the traced node, and the duty to
// have a row in the test table follow from the block.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/size.h"
#include "core/small_vector.h"
#include "core/tensor.h"

namespace lamina {

using Tensors = SmallVector<Tensor, 4>;
using Specs = SmallVector<Spec, 2>;

// ---- attributes --------------------------------------------------------------------------------------------

struct NotGiven {
    bool operator==(const NotGiven&) const = default;
};
struct None {
    bool operator==(const None&) const = default;
};
using Ints = std::vector<int64_t>;
using Attr = std::variant<NotGiven, None, bool, int64_t, double, std::string, Ints, DType>;
using Attrs = SmallVector<Attr, 3>;

enum class AttrType : uint8_t {
    boolean,
    integer,
    number,
    string,
    dtype,
    ints,            // a number or a list of numbers
    count_or_sizes,  // a number (int64_t) or a list (Ints)
    padding,         // a string, a number, or four pairs of numbers
    seed,            // a number or a string; kept as its text
    pairs,           // a list of pairs of numbers, as one list of them (Ints); that list is taken, too
};

struct AttrSpec {
    const char* name;
    AttrType type;
    Attr fallback = NotGiven{};  // NotGiven: required
    bool nullable = false;  // None may be passed; it means what the fallback means unless that is None too
    std::vector<const char*> choices = {};
};

// ---- inputs ------------------------------------------------------------------------------------------------

// Which types an input may have, and what an array-like or a number becomes.
enum class Accept : uint8_t {
    any,
    numeric,  // no strings
    real,     // float32; integer tensors are refused, as TensorFlow.js does
    to_real,  // integers and booleans are cast to float32 first
    boolean,
    index,  // int32
};

enum class Arity : uint8_t { one, optional, list, variables };

struct InputSpec {
    const char* name;
    Accept accept = Accept::any;
    Arity arity = Arity::one;
};

// The arguments of a call. Slots that hold one tensor (or an undefined one, where optional) come in order in
// `tensors`; a list takes as many places as it has members, and counts then has an entry per slot.
struct Inputs {
    Tensors tensors;
    SmallVector<int32_t, 4> counts;
    std::vector<VariableRef> variables;
    SmallVector<int32_t, 4> variable_counts;  // per slot of Arity::variables, in order

    Inputs() = default;
    Inputs(std::initializer_list<Tensor> items) : tensors(items) {}
};

// ---- the block ---------------------------------------------------------------------------------------------

struct Op;

// One call of an op, with all attributes filled in.
struct Call {
    const Op& op;
    const Inputs& inputs;
    const Attrs& attrs;
    const void* plan = nullptr;  // what Op::plan gave, in a Program; null: nothing

    // The tensor in slot i; undefined where an optional one was left out.
    const Tensor& operator[](int slot) const { return inputs.tensors[static_cast<size_t>(offset(slot))]; }
    bool has(int slot) const { return static_cast<bool>((*this)[slot]); }
    // What Op::prepare gave, or null.
    const Tensor* prepared() const;
    std::span<const Tensor> list(int slot) const;
    std::span<const VariableRef> variables(int which) const;

    const Attr& attr(std::string_view name) const;
    bool given(std::string_view name) const;  // neither NotGiven nor None
    bool flag(std::string_view name) const { return std::get<bool>(attr(name)); }
    int64_t integer(std::string_view name) const { return std::get<int64_t>(attr(name)); }
    double number(std::string_view name) const { return std::get<double>(attr(name)); }
    const std::string& string(std::string_view name) const { return std::get<std::string>(attr(name)); }
    const Ints& ints(std::string_view name) const { return std::get<Ints>(attr(name)); }
    // The same numbers for arithmetic that is checked: what shapes are worked out of.
    Size size(std::string_view name) const { return integer(name); }
    SizeList sizes(std::string_view name) const { return std::span<const int64_t>(ints(name)); }
    DType dtype(std::string_view name) const { return std::get<DType>(attr(name)); }

  private:
    int offset(int slot) const;
};

// What a gradient function sees of a call: the values it said it saves, the shapes of all, and the gradients
// that arrive at the outputs.
struct Gradient {
    const Op& op;
    const Attrs& attrs;
    const Inputs& saved_inputs;  // undefined where not saved
    const Specs& input_specs;
    const Tensors& saved_outputs;
    const Specs& output_specs;
    const Tensors& upstream;  // undefined where nothing arrives
    const SmallVector<bool, 4>& wanted;

    const Tensor& x(int i) const { return saved_inputs.tensors[static_cast<size_t>(i)]; }
    const Tensor& y(int i = 0) const { return saved_outputs[static_cast<size_t>(i)]; }
    const Spec& spec(int i) const { return input_specs[static_cast<size_t>(i)]; }
    const Shape& shape(int i) const { return spec(i).shape; }
    // The gradient at output i; zeros where nothing arrives.
    Tensor dy(int i = 0) const;
    bool wants(int i) const { return wanted[static_cast<size_t>(i)]; }
    int count() const { return static_cast<int>(wanted.size()); }
    Call call() const { return Call{op, saved_inputs, attrs}; }
};

struct Saves {
    std::vector<int> inputs = {};  // flat indices; {-1} means all
    std::vector<int> outputs = {};
};

// For elementwise ops: the kernel that computes them, so that a Program can run a chain of them tile by tile.
struct Formula {
    enum class Kind : uint8_t { none, unary, binary, compare, select, cast };
    Kind kind = Kind::none;
    uint8_t index = 0;        // into the kernel table's row of that kind
    const char* p = nullptr;  // the attributes that are a unary formula's parameters
    const char* q = nullptr;
};

enum class Shapes : uint8_t { fixed, from_values };
enum class Effect : uint8_t { pure, random, updates };

struct Op {
    const char* name;
    std::vector<InputSpec> inputs = {};
    std::vector<AttrSpec> attrs = {};
    std::vector<const char*> outputs = {"y"};  // names; {"*"}: as many as the call says, a list
    bool promote = false;                      // inputs are cast to their common type first
    Shapes shapes = Shapes::fixed;
    Effect effect = Effect::pure;
    // The outputs' types and shapes; all errors about arguments come from here. Null for from_values ops.
    Specs (*infer)(const Call&) = nullptr;
    // Computes into `out`, allocated as infer said.
    void (*run)(const Call&, Tensors& out) = nullptr;
    // A handle on the first input's buffer, in place of run; where run is set too, only if the dtype stays.
    Tensors (*shares)(const Call&) = nullptr;
    // One tensor per flat input, undefined where there is no gradient. Written as Tensor code: it
    // differentiates again.
    Tensors (*grad)(const Gradient&) = nullptr;
    // Why there is no gradient, where grad is null.
    const char* no_grad = nullptr;
    Saves saves = {};
    Formula formula = {};
    // What the kernel needs of the second input in a form of its own, for weights that stay the same over
    // many runs of a Program; undefined where that gains nothing. It lies behind the inputs of later calls.
    Tensor (*prepare)(const Call&) = nullptr;
    // What run works out from shapes and attributes alone, for a Program, which keeps it with the
    // instruction; null where that is nothing. Runs find it in Call::plan.
    std::shared_ptr<const void> (*plan)(const Call&) = nullptr;
    // For fused ops: the same result in simpler ops, used where a derivative of higher order may be asked
    // for.
    Tensors (*decompose)(const Call&) = nullptr;
    bool method = true;     // is also a method of Tensor
    bool internal = false;  // not part of the public tf namespace
    int version = 1;        // raised when a call that was saved would mean something else
    const char* doc = "";
};

// Whether a call gives its input's own memory back, under another shape.
inline bool shares_memory(const Op& op, const Spec& in, const Spec& out) {
    return op.shares && (!op.run || in.dtype == out.dtype);
}

// Adds a block to the registry; an incomplete block or a name taken twice ends the program at load.
const Op& define(Op op);

// All blocks by name; nullptr where there is none.
const Op* find_op(std::string_view name);
std::vector<const Op*> all_ops();

// Calls an op: fills attributes in, promotes, infers, runs or traces, records. `attrs` are in the block's
// order and may be fewer than it declares.
Tensors call(const Op& op, Inputs inputs, Attrs attrs = {});

inline Tensor call1(const Op& op, Inputs inputs, Attrs attrs = {}) {
    return call(op, std::move(inputs), std::move(attrs))[0];
}

}  // namespace lamina
