// lamina._core: the C++ core as Python sees it.
#include "bindings/areas.h"
#include "bindings/dependent.h"
#include "bindings/guards.h"
#include "bindings/op_type.h"
#include "bindings/tensor_type.h"
#include "bindings/ticket_lock.h"
#include "kernels/isa.h"

// What Python calls is at the end; this is what it calls in the main interpreter.
#define PyInit__core PyInit__core_of_main

PYBIND11_MODULE(_core, m) {
    namespace lp = lamina::python;
    m.doc() = "Lamina's core: tensors, ops, gradients, traces, memory.";
    m.attr("version") = LAMINA_VERSION;
    if (const std::string problem = lamina::isa_problem(); !problem.empty())
        throw pybind11::import_error(problem);

    pybind11::register_exception_translator([](std::exception_ptr p) {
        try {
            if (p) std::rethrow_exception(p);
        } catch (const lamina::Error&) {
            lp::set_python_error();
        }
    });
    lp::init_tensor_types(m);
    lp::init_op_type(m);
    lp::bind_tensors(m);
    lp::bind_autograd(m);
    lp::bind_dependents(m);
    lp::bind_graph(m);
    lp::bind_rows(m);
    lp::bind_loop(m);
    lp::bind_watch(m);
    lp::init_border(m);
    lp::init_ticket_lock(m);
    lp::init_guards(m);
    lp::init_quick_predict(m);
    lp::bind_system(m);
}

#undef PyInit__core

// In a sub-interpreter pybind11 would wait for ever for a lock that the same thread has.
extern "C" PYBIND11_EXPORT PyObject* PyInit__core() {
    if (PyInterpreterState_Get() == PyInterpreterState_Main()) return PyInit__core_of_main();
    PyErr_SetString(PyExc_ImportError,
                    "lamina works in the main interpreter only, not in a sub-interpreter.");
    return nullptr;
}
