// Gradients.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "lamina/variable.h"

namespace lamina {
inline namespace v1 {

// Records what its thread calls, from its construction to stop() or its end. What is watched has gradients; a
// gradient taken before stop() is recorded too and can be differentiated again, also by an outer tape.
class Tape {
  public:
    Tape() {
        lamina_tape* made = nullptr;
        detail::check(lamina_tape_create(&made));
        handle_.reset(made);
    }

    void watch(const Tensor& tensor) { detail::check(lamina_tape_watch(handle_.get(), tensor.get())); }
    void watch(const Variable& variable) {
        detail::check(lamina_tape_watch_variable(handle_.get(), variable.get()));
    }
    void stop() noexcept { lamina_tape_stop(handle_.get()); }

    // d(target)/d(source) for each source, weighted by dy (ones where there is none); no tensor for a source
    // that target does not depend on.
    std::vector<Tensor> gradient(const Tensor& target, const std::vector<Tensor>& sources,
                                 const Tensor& dy = {}) const {
        std::vector<const lamina_tensor*> given;
        for (const Tensor& t : sources) given.push_back(t.get());
        return gradient(target, given.data(), nullptr, given.size(), dy);
    }
    std::vector<Tensor> gradient(const Tensor& target, const std::vector<Variable>& sources,
                                 const Tensor& dy = {}) const {
        std::vector<lamina_variable*> given;
        for (const Variable& v : sources) given.push_back(v.get());
        return gradient(target, nullptr, given.data(), given.size(), dy);
    }

  private:
    struct Free {
        void operator()(lamina_tape* tape) const { lamina_tape_free(tape); }
    };

    std::vector<Tensor> gradient(const Tensor& target, const lamina_tensor* const* tensors,
                                 lamina_variable* const* variables, std::size_t count,
                                 const Tensor& dy) const {
        std::vector<lamina_tensor*> found(count);
        detail::check(lamina_tape_gradient(handle_.get(), target.get(), tensors, variables, count, dy.get(),
                                           found.data()));
        std::vector<Tensor> gradients;
        for (lamina_tensor* t : found) gradients.emplace_back(t);
        return gradients;
    }

    std::unique_ptr<lamina_tape, Free> handle_;
};

struct ValueAndGradients {
    Tensor value;
    std::vector<Tensor> gradients;
};

// f(), and its gradient by each of the variables.
inline ValueAndGradients valueAndGradients(const std::function<Tensor()>& f,
                                           const std::vector<Variable>& variables) {
    Tape tape;
    for (const Variable& v : variables) tape.watch(v);
    Tensor value = f();
    tape.stop();
    std::vector<Tensor> gradients = tape.gradient(value, variables);
    return {std::move(value), std::move(gradients)};
}

}  // namespace v1
}  // namespace lamina
