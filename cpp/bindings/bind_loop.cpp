// Feeds, sinks and the loop over batches, as models use them.
#include <memory>

#include "bindings/areas.h"
#include "bindings/rows.h"
#include "bindings/stop_flag.h"
#include "bindings/tensor_type.h"
#include "graph/loop.h"

namespace lamina::python {

namespace {

py::list to_list(const std::vector<double>& values) {
    py::list list;
    for (double v : values) list.append(v);
    return list;
}

Column column_of(py::handle given) {
    Column c;
    if (py::isinstance<Rows>(given)) {
        const Rows& rows = given.cast<const Rows&>();
        c.data = rows.data;
        c.keeper = rows.keeper;
        c.bytes = rows.bytes;
        c.row_elements = rows.row_elements();
        return c;
    }
    const auto held = std::make_shared<Tensor>(unwrap(given.ptr()));
    c.data = held->raw();
    c.keeper = held;
    c.row_elements = held->shape().product(1, held->rank());
    return c;
}

std::unique_ptr<ArrayFeed> make_feed(const py::iterable& columns, int64_t samples, int64_t batch_size,
                                     int64_t shuffled_block) {
    if (batch_size <= 0) value_error("a feed's batches hold at least one sample, got ", batch_size, ".");
    std::vector<Column> found;
    for (const py::handle column : columns)
        if (!column.is_none()) found.push_back(column_of(column));
    return std::make_unique<ArrayFeed>(std::move(found), samples, batch_size, shuffled_block);
}

std::vector<Program*> programs_of(const py::iterable& given, const ArrayFeed& feed) {
    std::vector<Program*> programs;
    for (const py::handle each : given) {
        if (each.is_none()) continue;
        programs.push_back(each.cast<Program*>());
        if (programs.back()->input_count() != feed.column_count())
            value_error("a program with ", programs.back()->input_count(), " inputs was given ",
                        feed.column_count(), " columns.");
    }
    return programs;
}

// The end of a call that may take so long; 0: any time.
Clock::time_point limit_after(double milliseconds) {
    if (milliseconds <= 0) return Clock::time_point::max();
    const std::chrono::duration<double, std::milli> limit(milliseconds);
    return Clock::now() + std::chrono::duration_cast<Clock::duration>(limit);
}

const char* name_of(Ended why) {
    switch (why) {
        case Ended::done:
            return "done";
        case Ended::asked:
            return "asked";
        case Ended::late:
            return "late";
        case Ended::no_program:
            break;
    }
    return "no program";
}

py::tuple loop_over(ArrayFeed& feed, const py::iterable& programs, Sink& sink, int64_t begin, int64_t end,
                    StopFlag& stop, double limit_ms, const py::object& order) {
    const Loop loop{feed,           programs_of(programs, feed), sink, stop.flag,
                    &stop.finished, limit_after(limit_ms)};
    Tensor permutation;
    if (!order.is_none()) {
        permutation = unwrap(order.ptr());
        if (permutation.dtype() != DType::int32 || permutation.size() != feed.samples())
            value_error("order must hold one int32 for each sample.");
        feed.set_order(permutation.data<int32_t>());
    }
    struct InOrder {
        ArrayFeed& feed;
        ~InOrder() { feed.set_order(nullptr); }
    } in_order{feed};
    const LoopEnd ended = [&] {
        const py::gil_scoped_release released;
        return run_loop(loop, begin, end);
    }();
    return py::make_tuple(ended.batch, name_of(ended.why));
}

py::tuple loop_over_epochs(ArrayFeed& feed, const py::iterable& programs, int64_t updates, int64_t steps,
                           int64_t epochs, StopFlag& stop, double limit_ms) {
    Sums unused;
    const Loop loop{feed,           programs_of(programs, feed), unused, stop.flag,
                    &stop.finished, limit_after(limit_ms)};
    struct InOrder {
        ArrayFeed& feed;
        ~InOrder() { feed.set_order(nullptr); }
    } in_order{feed};
    const EpochsEnd ended = [&] {
        const py::gil_scoped_release released;
        return run_epochs(loop, steps, epochs, static_cast<uint64_t>(updates));
    }();
    return py::make_tuple(ended.complete, to_list(ended.sums), ended.batch, to_list(ended.partial));
}

}  // namespace

void bind_loop(py::module_& m) {
    py::class_<ArrayFeed>(m, "Feed", "Batches of columns, tensors or Rows; None is left out.")
        .def(py::init(&make_feed), py::arg("columns"), py::arg("samples"), py::arg("batch_size"),
             py::arg("shuffled_block") = 0)
        .def_property_readonly("batches", &ArrayFeed::batches);

    py::class_<Sink>(m, "Sink", "What becomes of a loop's outputs.");
    py::class_<Sums, Sink>(m, "Sums", "Sums of outputs times batch sizes, from `totals` on.")
        .def(py::init([](const py::iterable& totals) {
                 std::vector<double> values;
                 for (const py::handle each : totals) values.push_back(each.cast<double>());
                 return std::make_unique<Sums>(std::move(values));
             }),
             py::arg("totals") = py::tuple())
        .def(
            "add",
            [](Sums& self, const py::iterable& values, int64_t rows) {
                std::vector<double> found;
                for (const py::handle each : values) found.push_back(each.cast<double>());
                self.add(std::move(found), rows);
            },
            py::arg("values"), py::arg("rows"), "Of a batch that ran elsewhere.")
        .def_property_readonly("totals", [](const Sums& self) { return to_list(self.totals); })
        .def_property_readonly(
            "last", [](const Sums& self) { return to_list(self.last); }, "The outputs of the last batch.");
    py::class_<Results, Sink>(m, "Results", "Outputs one behind the other.")
        .def_static(
            "of",
            [](const Program& full, int64_t runs, const Program* last) -> py::object {
                auto found = Results::of(full, runs, last);
                return found ? py::cast(std::move(*found)) : py::none();
            },
            py::arg("full"), py::arg("runs"), py::arg("last").none(true),
            "For so many runs of a Program and one of another; None where their outputs cannot be "
            "joined along the first axis.")
        .def("tensors", [](Results& self) {
            py::list list;
            for (const Tensor& t : self.results) list.append(py::reinterpret_steal<py::object>(wrap(t)));
            return list;
        });

    m.def("run_loop", loop_over, py::arg("feed"), py::arg("programs"), py::arg("sink"), py::arg("begin"),
          py::arg("end"), py::arg("stop"), py::arg("limit_ms") = 0.0, py::arg("order") = py::none(),
          "Runs the batches [begin, end); gives the batch behind the last that ran, and why it came back: "
          "'done', 'asked' (`stop` was set), 'late' (`limit_ms` have passed), or 'no program' for the next "
          "batch. `order`: a permutation of the samples.");
    m.def("run_epochs", loop_over_epochs, py::arg("feed"), py::arg("programs"), py::arg("updates"),
          py::arg("steps"), py::arg("epochs"), py::arg("stop"), py::arg("limit_ms") = 0.0,
          "Runs whole epochs; gives how many were completed, their sums, and batch and sums of one that was "
          "stopped. Returns early as run_loop does.");
    m.def("shuffle_seed", &shuffle_seed);
    m.def(
        "shuffled",
        [](int64_t n, uint64_t seed, int64_t block) {
            if (n < 0 || n > INT32_MAX) value_error("cannot shuffle ", n, " samples.");
            Tensor order = Tensor::empty(DType::int32, Shape{n}, "shuffle");
            shuffle(order.mutable_data<int32_t>(), n, seed, block);
            return py::reinterpret_steal<py::object>(wrap(order));
        },
        py::arg("n"), py::arg("seed"), py::arg("block") = 1,
        "A random permutation of 0 .. n-1 as an int32 tensor; blocks of so many keep together.");
}

}  // namespace lamina::python
