// From a trace to the parts of a Program: values, instructions and the places of values.
#pragma once

#include "graph/program.h"

namespace lamina {

int64_t bytes_of(const Spec& spec);

struct ProgramParts {
    std::vector<Value> values;
    std::vector<Instruction> instructions, settling;
    std::vector<int32_t> inputs, outputs, variables;
    ProgramStats stats{};
};

ProgramParts build(const Trace& trace, const Tensors& outputs);

}  // namespace lamina
