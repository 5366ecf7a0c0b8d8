// Models that Python has exported: model.exportProgram("digits.lamina").
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "lamina/tensor.h"

namespace lamina {
inline namespace v1 {

// An input or output; of a Program, a size is -1 where it grows with the batch.
struct Port {
    std::string name;
    DType dtype;
    Shape shape;
};

namespace detail {

inline Port portOf(const lamina_port& port) {
    return {port.name, static_cast<DType>(port.dtype), Shape(port.shape, port.shape + port.rank)};
}

template <class T, class Pointer>
std::span<T> valuesOf(const lamina_port& port, Pointer data) {
    if (static_cast<DType>(port.dtype) != dtypeOf<std::remove_const_t<T>>)
        throw Error(ErrorCode::type,
                    std::string("'") + port.name + "' is of another type than was asked for.");
    std::size_t size = 1;
    for (std::size_t i = 0; i < port.rank; ++i) size *= static_cast<std::size_t>(port.shape[i]);
    return {static_cast<T*>(data), size};
}

}  // namespace detail

// A network with its weights. It never changes: any number of threads may use one, each with a Context of its
// own.
class Program {
  public:
    // An Error that says what is wrong with the file, if it is not one that exportProgram wrote.
    static Program load(const std::string& path) {
        lamina_program* made = nullptr;
        detail::check(lamina_program_load(path.c_str(), &made));
        return Program(made);
    }
    static Program load(std::span<const std::byte> bytes) {
        lamina_program* made = nullptr;
        detail::check(lamina_program_read(bytes.data(), bytes.size(), &made));
        return Program(made);
    }

    std::size_t inputCount() const noexcept { return lamina_program_input_count(get()); }
    std::size_t outputCount() const noexcept { return lamina_program_output_count(get()); }
    Port input(std::size_t index = 0) const {
        lamina_port port{};
        detail::check(lamina_program_input(get(), index, &port));
        return detail::portOf(port);
    }
    Port output(std::size_t index = 0) const {
        lamina_port port{};
        detail::check(lamina_program_output(get(), index, &port));
        return detail::portOf(port);
    }
    // The one batch size that it was exported for; 0: any.
    std::int64_t batch() const noexcept { return lamina_program_batch(get()); }

    // For calls of the C interface.
    const lamina_program* get() const noexcept { return handle_.get(); }

  private:
    explicit Program(lamina_program* handle) : handle_(handle, &lamina_program_free) {}

    std::shared_ptr<lamina_program> handle_;
};

// The memory in which a Program runs on batches of one size; for one thread at a time.
class Context {
  public:
    // Plans and allocates all that run() needs. An Error where the program cannot take such batches.
    Context(const Program& program, std::int64_t batch) {
        lamina_context* made = nullptr;
        detail::check(lamina_context_create(program.get(), batch, &made));
        handle_.reset(made);
    }

    // For the batch size that the program has, or for one sample.
    explicit Context(const Program& program) : Context(program, program.batch() ? program.batch() : 1) {}

    // Where to write the values of an input, in row-major order; the same place for all runs.
    template <Element T = float>
    std::span<T> input(std::size_t index = 0) {
        lamina_port port{};
        void* data = nullptr;
        detail::check(lamina_context_input(handle_.get(), index, &data, &port));
        return detail::valuesOf<T>(port, data);
    }

    // Computes the outputs from the inputs. Takes no memory.
    void run() { detail::check(lamina_context_run(handle_.get())); }

    // What the last run computed, until the next one.
    template <Element T = float>
    std::span<const T> output(std::size_t index = 0) const {
        lamina_port port{};
        const void* data = nullptr;
        detail::check(lamina_context_output(handle_.get(), index, &data, &port));
        return detail::valuesOf<const T>(port, data);
    }

    // For a network of one float input and output: the output for these values.
    std::span<const float> run(std::span<const float> values) {
        const std::span<float> in = input();
        if (values.size() != in.size())
            throw Error(ErrorCode::value, "The program takes " + std::to_string(in.size()) + " values, got " +
                                              std::to_string(values.size()) + ".");
        std::copy(values.begin(), values.end(), in.begin());
        run();
        return output();
    }

  private:
    struct Free {
        void operator()(lamina_context* context) const { lamina_context_free(context); }
    };
    std::unique_ptr<lamina_context, Free> handle_;
};

}  // namespace v1
}  // namespace lamina
