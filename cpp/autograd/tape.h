// Gradients: a tape of the calls that lead from watched values on, and its way back.
#pragma once

#include <unordered_set>
#include <vector>

#include "ops/recorder.h"

namespace lamina {

// Gradients of one call by somebody else's rule: given dy for each output, one tensor per input (undefined:
// none).
using CustomGradient = std::function<Tensors(const Tensors& dys)>;

// Records what its thread calls while it is pushed. The backward pass is made of ordinary calls, so a tape
// that is pushed meanwhile records it: gradients of gradients.
class Tape final : public Recorder {
  public:
    void watch(const Tensor& t) { tracked_.insert(t.value_id()); }
    // From now on every trainable variable is watched once a call takes it.
    void watch_variables() { watches_variables_ = true; }
    // Watches `t` if it is such a variable.
    void meet(const Tensor& t);
    // The variables met so far.
    const std::vector<uint64_t>& met() const noexcept { return met_; }
    bool tracks(const Tensor& t) const;

    bool tracks(const Inputs& inputs) const override;
    void record(const Call& call, const Tensors& out) override;
    void record_custom(const Tensors& inputs, const Tensors& outputs, CustomGradient gradient);

    // d(target)/d(source), weighted by dy (ones where undefined) of target's shape: of the source's type, and
    // float32 of whole numbers and truth values. Zeros where target depends on a source through functions
    // without slope alone; undefined where it does not depend on it. May be called repeatedly, during or
    // after recording.
    Tensors gradient(const Tensor& target, const Tensors& sources, const Tensor& dy = {}) const;
    size_t size() const noexcept { return nodes_.size(); }
    // Of all that the recorded calls gave.
    int64_t elements() const noexcept;

  private:
    struct Node {
        const Op* op = nullptr;  // null: custom, or without slope
        Attrs attrs;
        Inputs inputs;  // only what the block saves; counts as in the call
        Specs input_specs;
        Tensors outputs;
        Specs output_specs;
        SmallVector<uint64_t, 4> input_ids, output_ids;
        SmallVector<bool, 4> tracked;
        CustomGradient custom;
        bool has_slope() const { return op || custom; }
    };
    void note(Node node);
    // A call through which no slope passes: what follows from it depends on what leads to it all the same.
    void note_flat(const Call& call, const Tensors& out);
    bool depends(const Tensors& tensors) const;
    Tensors backward(const Node& node, const Tensors& upstream) const;
    std::unordered_set<uint64_t> values_behind(const Tensor& target) const;

    bool watches_variables_ = false;
    std::vector<uint64_t> met_;
    std::unordered_set<uint64_t> tracked_;
    std::unordered_set<uint64_t> flat_;  // depend on watched values, but without slope
    std::vector<Node> nodes_;
};

// Shows a step with a gradient of its own to all tapes of the calling thread.
void record_custom(const Tensors& inputs, const Tensors& outputs, const CustomGradient& gradient);
// Tells all tapes whether the variable of this value id is trainable. Any thread.
void note_trainable(uint64_t value_id, bool trainable);

}  // namespace lamina
