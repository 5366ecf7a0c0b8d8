// What stands behind the handles of the C interface.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "autograd/tape.h"
#include "files/program_graph.h"
#include "files/tensor_file.h"
#include "lamina/c_api.h"
#include "ops/op.h"

struct lamina_tensor {
    lamina::Tensor value;
};

struct lamina_variable {
    lamina::VariableRef value;
};

struct lamina_tape {
    lamina::Tape value;
};

struct lamina_tensor_file {
    lamina::TensorFile value;
};

namespace lamina::capi {

// Sizes and names of a port, kept where the caller may look at them.
struct Port {
    std::string name;
    DType dtype;
    Ints shape;

    lamina_port view() const {
        return {name.c_str(), static_cast<lamina_dtype>(dtype), shape.size(), shape.data()};
    }
};

}  // namespace lamina::capi

struct lamina_program {
    std::shared_ptr<const lamina::ProgramGraph> graph;
    std::vector<lamina::capi::Port> inputs, outputs;
};

struct lamina_context {
    std::shared_ptr<const lamina::ProgramGraph> graph;
    std::unique_ptr<lamina::Program> program;
    std::vector<lamina::capi::Port> inputs, outputs;
};

namespace lamina::capi {

// Keeps the exception in flight for lamina_last_error; its status.
lamina_status keep_error() noexcept;
// Why the library cannot be used, an Error, the first time that it is asked.
void check_usable();

template <class F>
lamina_status guarded(F&& f) noexcept {
    try {
        check_usable();
        f();
        return LAMINA_OK;
    } catch (...) {
        return keep_error();
    }
}

// A ValueError where a pointer that must be given is null.
template <class T>
T& needed(T* pointer, const char* what) {
    if (!pointer) value_error(what, " is null.");
    return *pointer;
}

// What a function that gives no status says of a handle: f(*handle); of NULL `none`, and keeps the error.
template <class T, class R, class F>
R looked_at(T* handle, R none, F f) noexcept {
    R found = none;
    guarded([&] { found = f(needed(handle, "the handle")); });
    return found;
}

DType dtype_from(lamina_dtype dtype);
Shape shape_from(const int64_t* shape, size_t rank);
// A ValueError where the attribute is not what the op takes under that name.
Attr attr_from(const lamina_attr& attr, const AttrSpec& spec, const char* op);

}  // namespace lamina::capi
