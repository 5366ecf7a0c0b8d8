// The activations that fused ops apply themselves, on the way out of a kernel: those whose derivative follows
// from their own result, so that the value before the activation need not be kept.
#pragma once

#include <limits>
#include <string_view>
#include <vector>

#include "kernels/isa.h"
#include "ops/op.h"

namespace lamina {

struct Activation {
    const char* name;  // as the attribute `activation` says it: the name of the op
    bool identity;     // "linear"
    Unary formula;     // unless identity
    bool takes_alpha;  // alpha is the formula's parameter p
    // The gradient as a kernel (unless identity) and as Tensor code.
    Slope slope_formula;
    Tensor (*grad)(const Tensor& dy, const Tensor& y, double alpha);

    // Null for "linear", these two.
    template <class T>
    UnaryKernel<T> kernel() const {
        return identity ? nullptr : kernels<T>().unary[static_cast<int>(formula)];
    }
    template <class T>
    SlopeKernel<T> slope() const {
        return identity ? nullptr : kernels<T>().slope[static_cast<int>(slope_formula)];
    }
};

// nullptr where there is none of that name.
const Activation* find_activation(std::string_view name);
// All names, for AttrSpec::choices.
std::vector<const char*> activation_names();

// The attributes `activation` and `alpha` of a fused op, and what they say.
std::vector<AttrSpec> activation_attrs();
const Activation& activation_of(const Call& c);
double activation_alpha(const Call& c);
// The same activation as an op of its own.
Tensor apply_activation(const Activation& activation, const Tensor& x, double alpha);

// Sets the epilogue's activation.
template <class T>
void fuse_activation(const Call& c, Epilogue<T>& epilogue) {
    const Activation& activation = activation_of(c);
    epilogue.activation = activation.kernel<T>();
    if (activation.takes_alpha) epilogue.p = static_cast<T>(activation_alpha(c));
    if (activation.identity) return;
    epilogue.clamps = activation.formula == Unary::relu || activation.formula == Unary::relu6;
    epilogue.high = activation.formula == Unary::relu6 ? T(6) : std::numeric_limits<T>::infinity();
}

}  // namespace lamina
