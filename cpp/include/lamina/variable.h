// Variables: cells whose tensors optimizers replace. Copies are the same cell.
#pragma once

#include <memory>

#include "lamina/tensor.h"

namespace lamina {
inline namespace v1 {

class Variable {
  public:
    explicit Variable(const Tensor& initial) {
        lamina_variable* made = nullptr;
        detail::check(lamina_variable_create(initial.get(), &made));
        handle_.reset(made, &lamina_variable_free);
    }

    // What it holds now; later updates do not change that tensor.
    Tensor value() const {
        lamina_tensor* value = nullptr;
        detail::check(lamina_variable_read(get(), &value));
        return Tensor(value);
    }
    operator Tensor() const { return value(); }
    // An Error where shape or type are others.
    void assign(const Tensor& value) { detail::check(lamina_variable_assign(get(), value.get())); }

    // For calls of the C interface.
    lamina_variable* get() const noexcept { return handle_.get(); }

  private:
    std::shared_ptr<lamina_variable> handle_;
};

}  // namespace v1
}  // namespace lamina
