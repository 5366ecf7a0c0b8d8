// Chains of elementwise ops that run tile by tile, so that what lies between them stays in the first-level
// cache.
#pragma once

#include <vector>

#include "ops/op.h"

namespace lamina {

// An operand that comes from outside of the group, and how its elements spread over the group's domain.
struct FusedOperand {
    enum class Spread : uint8_t {
        direct,    // one element for each of the domain
        scalar,    // one for all
        periodic,  // repeats itself: [n] against [m, n]
        repeated,  // each element stands for `period` in a row: [m, 1] against [m, n]
    };
    int32_t value = -1;
    Spread spread = Spread::direct;
    int64_t period = 1;
};

// One op of the group. Operands are numbered: first the external ones, then the results of earlier steps.
struct FusedStep {
    const Op* op = nullptr;
    Formula formula;
    double p = 0, q = 0;
    int32_t operands[3] = {-1, -1, -1};
    bool truth = false;       // the result is bool, one byte an element
    bool from_truth = false;  // a cast of truth values
    int32_t output = -1;      // the value that receives the result, -1 where only the group itself needs it
    int32_t slot = -1;        // the tile buffer for the result where there is no output
};

struct FusedGroup {
    DType dtype = DType::float32;
    Shape domain;
    std::vector<FusedOperand> externals;
    std::vector<FusedStep> steps;
    int32_t slots = 0;

    // Data of externals and outputs by value number.
    template <class Lookup>
    void run(Lookup&& data_of) const {
        std::vector<const void*>& in = pointers_in();
        std::vector<void*>& out = pointers_out();
        in.clear();
        out.clear();
        for (const FusedOperand& e : externals) in.push_back(data_of(e.value));
        for (const FusedStep& s : steps) out.push_back(s.output < 0 ? nullptr : data_of(s.output));
        execute(in.data(), out.data());
    }

    // How an operand of that shape spreads over the domain; false where it does so in none of our ways.
    static bool spread_of(const Shape& operand, const Shape& domain, FusedOperand& out);
    // Gives tile buffers to results that stay inside.
    void assign_slots();

  private:
    static std::vector<const void*>& pointers_in();
    static std::vector<void*>& pointers_out();
    void execute(const void* const* in, void* const* out) const;
};

// Whether the op's result can be computed in a group: its formula is known and its types are fit.
bool can_fuse(const Op& op, const Specs& outputs, const std::vector<Spec>& inputs);

}  // namespace lamina
