// A saved Program: the unfused graph of a model's outputs with its weights, for one batch size or for any.
// It is fused and planned when it is opened, so that one file serves every CPU level and later releases.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/program.h"
#include "graph/trace.h"

namespace lamina {

// plus + times * batch: a size, or a number of an attribute, that may grow with the batch.
struct BatchInt {
    int64_t plus = 0, times = 0;

    // A ValueError where the result does not fit.
    int64_t at(int64_t batch) const;
    bool operator==(const BatchInt&) const = default;
};
using BatchShape = std::vector<BatchInt>;

struct GraphValue {
    enum class From : uint8_t { none, input, node, weight, constant };
    From from = From::none;
    int32_t index = 0;   // of the input, node, weight or constant
    int32_t output = 0;  // of the node

    bool operator==(const GraphValue&) const = default;
};

struct GraphPort {
    std::string name;
    DType dtype = DType::float32;
    BatchShape shape;
};

// Whole numbers of a value (an int64_t or Ints) are its `plus`; `times` is empty where none grows.
struct GraphAttr {
    Attr value;
    Ints times = {};
};

struct GraphSpec {
    DType dtype = DType::float32;
    BatchShape shape;
};

struct GraphCall {
    const Op* op = nullptr;
    std::vector<GraphAttr> attrs;  // in the block's order
    std::vector<GraphValue> inputs;
    std::vector<int32_t> counts;  // a number for each slot, or empty
    std::vector<GraphSpec> outputs;
};

struct GraphWeight {
    std::string name;
    VariableRef variable;  // never written: all plans share it
};

// A tensor that the trace computed. One whose shape grows with the batch has one value everywhere: `value` is
// then a scalar and `shape` not empty.
struct GraphConstant {
    Tensor value;
    BatchShape shape = {};
};

// What a trace of the model for one batch size has shown.
struct TracedModel {
    const Trace* trace;
    Tensors outputs;
    int64_t batch;
};

// A variable's name in the file.
struct WeightName {
    const Variable* variable;
    std::string name;
};

class ProgramGraph {
  public:
    // The graph that all these traces show, each for another batch size; one trace: for that size alone. The
    // first two tell how sizes grow, the others must agree. A ValueError says what does not.
    static ProgramGraph from_traces(std::span<const TracedModel> traces,
                                    const std::vector<std::string>& input_names,
                                    const std::vector<std::string>& output_names,
                                    const std::vector<WeightName>& weights);

    // The content of a .lamina file, and back. read() raises a ValueError that begins with `what` for
    // anything but a sound file whose checksum is right.
    std::string write() const;
    static ProgramGraph read(std::span<const std::byte> bytes, std::string_view what);

    // Made ready to run on so many samples. The Program's weights are this graph's own.
    std::unique_ptr<Program> plan(int64_t batch) const;

    // The one batch size that there is; 0: any.
    int64_t fixed_batch = 0;
    std::vector<GraphPort> inputs, outputs;
    std::vector<GraphValue> results;  // of each output
    std::vector<GraphCall> calls;
    std::vector<GraphWeight> weights;
    std::vector<GraphConstant> constants;

  private:
    std::string describe() const;
};

}  // namespace lamina
