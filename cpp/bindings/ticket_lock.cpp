// A re-entrant lock that serves its waiters in the order of their arrival.
//
// A plain lock lets the thread that just released it take it again before anybody else wakes; a fit that
// locks step by step would starve every `predict`. Here the lock is handed to the first in the queue.
//
// It is written in C++ because Ctrl-C may raise between any two instructions of Python code. `with` on a type
// of C leaves no such gap: the lock is either not taken, or given back.
//
// The interpreter's lock guards all fields. So a fork, whose thread holds it, finds them whole.
#include "bindings/ticket_lock.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <vector>

#include "bindings/areas.h"

namespace lamina::python {

namespace {

using Clock = std::chrono::steady_clock;

// The longest sleep in one go: where a signal does not end it (Windows), Ctrl-C is noticed by this clock.
constexpr auto kTick = std::chrono::milliseconds(100);
// How long a fork waits for each lock. That is longer than a step. The holder may itself wait for a lock of
// the forking thread, so the wait must end.
constexpr auto kForkPatience = std::chrono::seconds(2);

// Stands on the stack of the thread that waits.
struct Waiter {
    unsigned long thread;
    PyThread_type_lock gate;
    bool served = false;
};

struct TicketLock {
    PyObject_HEAD unsigned long owner;
    Py_ssize_t depth;  // 0: free
    std::deque<Waiter*>* queue;
    PyObject* on_wait;
};

PyTypeObject* g_type = nullptr;

// Never destroyed: locks may outlive static objects.
std::vector<TicketLock*>& all_locks() {
    static auto& locks = *new std::vector<TicketLock*>();
    return locks;
}

TicketLock* as_lock(PyObject* o) { return reinterpret_cast<TicketLock*>(o); }

bool held_here(const TicketLock* lock) {
    return lock->depth > 0 && lock->owner == PyThread_get_thread_ident();
}

bool take_at_once(TicketLock* lock) {
    if (lock->depth > 0 && !held_here(lock)) return false;
    lock->owner = PyThread_get_thread_ident();
    ++lock->depth;
    return true;
}

void give_back(TicketLock* lock) {
    if (--lock->depth > 0 || lock->queue->empty()) return;
    Waiter* next = lock->queue->front();
    lock->queue->pop_front();
    lock->owner = next->thread;
    lock->depth = 1;
    next->served = true;
    PyThread_release_lock(next->gate);
}

// One place in the queue; leaves it, or gives the lock back, unless `keep` is called.
class Place {
  public:
    explicit Place(TicketLock* lock)
        : lock_(lock), waiter_{PyThread_get_thread_ident(), PyThread_allocate_lock()} {
        if (!waiter_.gate) throw std::bad_alloc();
        PyThread_acquire_lock(waiter_.gate, NOWAIT_LOCK);
        try {
            lock->queue->push_back(&waiter_);
        } catch (...) {
            PyThread_free_lock(waiter_.gate);
            throw;
        }
    }
    ~Place() {
        if (!waiter_.served) {
            auto& queue = *lock_->queue;
            queue.erase(std::remove(queue.begin(), queue.end(), &waiter_), queue.end());
        } else if (!kept_) {
            give_back(lock_);
        }
        PyThread_free_lock(waiter_.gate);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    bool served() const { return waiter_.served; }
    void keep() { kept_ = true; }
    void sleep(Clock::duration time) {
        const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(time).count();
        const py::gil_scoped_release released;
        if (PyThread_acquire_lock_timed(waiter_.gate, std::max<PY_TIMEOUT_T>(microseconds, 0), 1) ==
            PY_LOCK_ACQUIRED)
            PyThread_release_lock(waiter_.gate);
    }

  private:
    TicketLock* lock_;
    Waiter waiter_;
    bool kept_ = false;
};

// Whether the lock was had in time; without a limit where `seconds` is negative.
bool take(TicketLock* lock, double seconds) {
    if (take_at_once(lock)) return true;
    if (seconds == 0) return false;
    constexpr double kLongest = 1e9;
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                        std::chrono::duration<double>(std::min(seconds, kLongest)));
    Place place(lock);
    if (lock->on_wait != Py_None) {
        PyObject* done = PyObject_CallNoArgs(lock->on_wait);
        if (!done) throw py::error_already_set();
        Py_DECREF(done);
    }
    while (!place.served()) {
        const Clock::duration left = seconds < 0 ? Clock::duration(kTick) : end - Clock::now();
        if (left <= Clock::duration::zero()) return false;
        place.sleep(std::min<Clock::duration>(left, kTick));
        if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    }
    place.keep();
    return true;
}

PyObject* make(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
    static const char* names[] = {"on_wait", nullptr};
    PyObject* on_wait = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O", const_cast<char**>(names), &on_wait)) return nullptr;
    return guarded<PyObject*>(nullptr, [&] {
        auto queue = std::make_unique<std::deque<Waiter*>>();
        auto object = py::reinterpret_steal<py::object>(type->tp_alloc(type, 0));
        if (!object) throw py::error_already_set();
        TicketLock* lock = as_lock(object.ptr());
        lock->queue = queue.release();
        lock->on_wait = Py_NewRef(on_wait);
        all_locks().push_back(lock);
        return object.release().ptr();
    });
}

int traverse(PyObject* self, visitproc visit, void* arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(as_lock(self)->on_wait);
    return 0;
}

int clear_references(PyObject* self) {
    TicketLock* lock = as_lock(self);
    if (lock->on_wait) Py_SETREF(lock->on_wait, Py_NewRef(Py_None));
    return 0;
}

void deallocate(PyObject* self) {
    PyObject_GC_UnTrack(self);
    auto& locks = all_locks();
    locks.erase(std::remove(locks.begin(), locks.end(), as_lock(self)), locks.end());
    PyTypeObject* type = Py_TYPE(self);
    Py_CLEAR(as_lock(self)->on_wait);
    delete as_lock(self)->queue;
    type->tp_free(self);
    Py_DECREF(type);
}

PyObject* enter(PyObject* self, PyObject*) {
    return guarded<PyObject*>(nullptr, [&] {
        take(as_lock(self), -1);
        return Py_NewRef(Py_True);
    });
}

PyObject* acquire(PyObject* self, PyObject* args, PyObject* kwargs) {
    static const char* names[] = {"blocking", "timeout", nullptr};
    int blocking = 1;
    double timeout = -1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|pd", const_cast<char**>(names), &blocking, &timeout))
        return nullptr;
    return guarded<PyObject*>(nullptr,
                              [&] { return PyBool_FromLong(take(as_lock(self), blocking ? timeout : 0)); });
}

PyObject* release(PyObject* self, PyObject*) {
    if (!held_here(as_lock(self))) {
        PyErr_SetString(PyExc_RuntimeError, "This thread does not hold the lock that it releases.");
        return nullptr;
    }
    give_back(as_lock(self));
    Py_RETURN_NONE;
}

PyObject* leave(PyObject* self, PyObject* const*, Py_ssize_t) { return release(self, nullptr); }

PyObject* get_held(PyObject* self, void*) { return PyBool_FromLong(held_here(as_lock(self))); }

PyObject* get_free(PyObject* self, void*) {
    return PyBool_FromLong(as_lock(self)->depth == 0 || held_here(as_lock(self)));
}

PyObject* get_waiting(PyObject* self, void*) { return PyLong_FromSize_t(as_lock(self)->queue->size()); }

PyObject* represent(PyObject* self) {
    return PyUnicode_FromFormat("<TicketLock %s by this thread, %zu waiting>",
                                held_here(as_lock(self)) ? "held" : "not held", as_lock(self)->queue->size());
}

// What the forking thread holds from before the fork until after it: no step is cut in two.
std::vector<py::object>& held_over_fork() {
    static auto& held = *new std::vector<py::object>();
    return held;
}

void before_fork() {
    std::vector<py::object> locks;
    for (TicketLock* lock : all_locks())
        locks.push_back(py::reinterpret_borrow<py::object>(reinterpret_cast<PyObject*>(lock)));
    for (py::object& lock : locks) {
        try {
            if (take(as_lock(lock.ptr()), std::chrono::duration<double>(kForkPatience).count()))
                held_over_fork().push_back(lock);
        } catch (py::error_already_set& error) {
            // A fork cannot be called off. Ctrl-C is raised behind it.
            if (error.matches(PyExc_KeyboardInterrupt)) PyErr_SetInterrupt();
        }
    }
}

void after_fork_in_parent() {
    std::vector<py::object> held;
    held.swap(held_over_fork());
    for (const py::object& lock : held) give_back(as_lock(lock.ptr()));
}

void after_fork_in_child() {
    // The threads that held a lock or waited do not exist here, nor do their stacks.
    for (TicketLock* lock : all_locks()) {
        lock->queue->clear();
        if (!held_here(lock)) lock->depth = 0;
    }
    after_fork_in_parent();
}

PyGetSetDef properties[] = {
    {"held", get_held, nullptr, "Whether this very thread holds the lock.", nullptr},
    {"free", get_free, nullptr, "Whether this thread would have the lock at once.", nullptr},
    {"waiting", get_waiting, nullptr, "How many threads stand in the queue.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

template <class F>
PyCFunction as_method(F* function) {
    return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

PyMethodDef methods[] = {
    {"acquire", as_method(acquire), METH_VARARGS | METH_KEYWORDS,
     "Takes the lock; False if it is not to be had within `timeout` seconds, at once if not blocking."},
    {"release", release, METH_NOARGS,
     "Gives the lock back; RuntimeError where this thread does not hold it."},
    {"__enter__", enter, METH_NOARGS, nullptr},
    {"__exit__", as_method(leave), METH_FASTCALL, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

bool is_ticket_lock(PyObject* object) { return Py_TYPE(object) == g_type; }

TakenAtOnce::TakenAtOnce(PyObject* ticket_lock)
    : lock_(ticket_lock), held_(take_at_once(as_lock(ticket_lock))) {}

TakenAtOnce::~TakenAtOnce() {
    if (held_) give_back(as_lock(lock_));
}

void init_ticket_lock(py::module_& m) {
    static PyType_Slot slots[] = {
        {Py_tp_new, reinterpret_cast<void*>(make)},
        {Py_tp_dealloc, reinterpret_cast<void*>(deallocate)},
        {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
        {Py_tp_clear, reinterpret_cast<void*>(clear_references)},
        {Py_tp_repr, reinterpret_cast<void*>(represent)},
        {Py_tp_getset, properties},
        {Py_tp_methods, methods},
        {Py_tp_doc, const_cast<char*>("A re-entrant lock that serves its waiters in the order of their "
                                      "arrival.\n\n`on_wait` is called by each thread that has to queue, so "
                                      "that the holder may hurry.")},
        {0, nullptr},
    };
    static PyType_Spec spec = {"lamina.TicketLock", sizeof(TicketLock), 0,
                               Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, slots};
    g_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
    if (!g_type) throw py::error_already_set();
    m.attr("TicketLock") = py::reinterpret_borrow<py::object>(reinterpret_cast<PyObject*>(g_type));

    const py::module_ os = py::module_::import("os");
    if (py::hasattr(os, "register_at_fork"))
        os.attr("register_at_fork")(py::arg("before") = py::cpp_function(before_fork),
                                    py::arg("after_in_parent") = py::cpp_function(after_fork_in_parent),
                                    py::arg("after_in_child") = py::cpp_function(after_fork_in_child));
}

}  // namespace lamina::python
