// Files of tensors and saved programs.
#include <cstring>

#include "capi/handles.h"
#include "graph/builder.h"

using namespace lamina;
using capi::guarded;
using capi::looked_at;
using capi::needed;

namespace lamina::capi {

namespace {

std::span<const std::byte> bytes_at(const void* bytes, size_t size) {
    if (size) needed(static_cast<const std::byte*>(bytes), "bytes");
    return {static_cast<const std::byte*>(bytes), size};
}

std::vector<Port> ports(const std::vector<GraphPort>& graph, int64_t batch) {
    std::vector<Port> found;
    for (const GraphPort& p : graph) {
        Ints shape;
        for (const BatchInt& d : p.shape) shape.push_back(batch ? d.at(batch) : d.times ? -1 : d.plus);
        found.push_back({p.name, p.dtype, shape});
    }
    return found;
}

lamina_program* opened(std::span<const std::byte> bytes, const std::string& what) {
    auto graph = std::make_shared<const ProgramGraph>(ProgramGraph::read(bytes, what));
    return new lamina_program{graph, ports(graph->inputs, graph->fixed_batch),
                              ports(graph->outputs, graph->fixed_batch)};
}

const Port& at(const std::vector<Port>& ports, size_t index, const char* what) {
    if (index >= ports.size())
        fail(ErrorKind::index, "There is no ", what, " ", index, ": the program has ", ports.size(), ".");
    return ports[index];
}

}  // namespace

}  // namespace lamina::capi

extern "C" {

lamina_status lamina_tensor_file_save(const char* path, const char* const* names,
                                      const lamina_tensor* const* tensors, size_t count) {
    return guarded([&] {
        std::vector<NamedTensor> all;
        if (count) needed(names, "names"), needed(tensors, "tensors");
        for (size_t i = 0; i < count; ++i)
            all.push_back({&needed(names[i], "a name"), needed(tensors[i], "a tensor").value});
        write_file(&needed(path, "path"), write_tensor_file(all, {{"format", "lamina-tensors"}}));
    });
}

lamina_status lamina_tensor_file_load(const char* path, lamina_tensor_file** file) {
    return guarded([&] {
        const std::vector<std::byte> bytes = read_file(&needed(path, "path"));
        needed(file, "file") = new lamina_tensor_file{read_tensor_file(bytes, text("'", path, "'"))};
    });
}

lamina_status lamina_tensor_file_read(const void* bytes, size_t size, lamina_tensor_file** file) {
    return guarded([&] {
        needed(file, "file") =
            new lamina_tensor_file{read_tensor_file(capi::bytes_at(bytes, size), "The given file")};
    });
}

void lamina_tensor_file_free(lamina_tensor_file* file) { delete file; }

size_t lamina_tensor_file_count(const lamina_tensor_file* file) {
    return looked_at(file, size_t{0}, [](const lamina_tensor_file& f) { return f.value.tensors.size(); });
}

const char* lamina_tensor_file_name(const lamina_tensor_file* file, size_t index) {
    return looked_at(file, static_cast<const char*>(nullptr), [index](const lamina_tensor_file& f) {
        const auto& all = f.value.tensors;
        return index < all.size() ? all[index].name.c_str() : nullptr;
    });
}

lamina_status lamina_tensor_file_tensor(const lamina_tensor_file* file, size_t index,
                                        lamina_tensor** tensor) {
    return guarded([&] {
        const auto& all = needed(file, "file").value.tensors;
        if (index >= all.size())
            fail(ErrorKind::index, "There is no tensor ", index, ": the file has ", all.size(), ".");
        needed(tensor, "tensor") = new lamina_tensor{all[index].value};
    });
}

lamina_status lamina_program_load(const char* path, lamina_program** program) {
    return guarded([&] {
        const std::vector<std::byte> bytes = read_file(&needed(path, "path"));
        needed(program, "program") = capi::opened(bytes, text("'", path, "'"));
    });
}

lamina_status lamina_program_read(const void* bytes, size_t size, lamina_program** program) {
    return guarded(
        [&] { needed(program, "program") = capi::opened(capi::bytes_at(bytes, size), "The given program"); });
}

void lamina_program_free(lamina_program* program) { delete program; }

size_t lamina_program_input_count(const lamina_program* program) {
    return looked_at(program, size_t{0}, [](const lamina_program& p) { return p.inputs.size(); });
}

size_t lamina_program_output_count(const lamina_program* program) {
    return looked_at(program, size_t{0}, [](const lamina_program& p) { return p.outputs.size(); });
}

lamina_status lamina_program_input(const lamina_program* program, size_t index, lamina_port* port) {
    return guarded(
        [&] { needed(port, "port") = capi::at(needed(program, "program").inputs, index, "input").view(); });
}

lamina_status lamina_program_output(const lamina_program* program, size_t index, lamina_port* port) {
    return guarded(
        [&] { needed(port, "port") = capi::at(needed(program, "program").outputs, index, "output").view(); });
}

int64_t lamina_program_batch(const lamina_program* program) {
    return looked_at(program, int64_t{0}, [](const lamina_program& p) { return p.graph->fixed_batch; });
}

lamina_status lamina_context_create(const lamina_program* program, int64_t batch, lamina_context** context) {
    return guarded([&] {
        const std::shared_ptr<const ProgramGraph>& graph = needed(program, "program").graph;
        auto made = std::make_unique<lamina_context>();
        made->graph = graph;
        made->program = graph->plan(batch);
        made->inputs = capi::ports(graph->inputs, batch);
        made->outputs = capi::ports(graph->outputs, batch);
        // From now on inputs have a place, and outputs too.
        for (size_t i = 0; i < graph->inputs.size(); ++i)
            std::memset(made->program->input_memory(i), 0,
                        static_cast<size_t>(bytes_of(made->program->input_spec(i))));
        made->program->run();
        needed(context, "context") = made.release();
    });
}

void lamina_context_free(lamina_context* context) { delete context; }

lamina_status lamina_context_input(lamina_context* context, size_t index, void** data, lamina_port* port) {
    return guarded([&] {
        const capi::Port& found = capi::at(needed(context, "context").inputs, index, "input");
        if (port) *port = found.view();
        needed(data, "data") = context->program->input_memory(index);
    });
}

lamina_status lamina_context_run(lamina_context* context) {
    return guarded([&] {
        const RecordingPaused paused;
        needed(context, "context").program->run();
    });
}

lamina_status lamina_context_output(const lamina_context* context, size_t index, const void** data,
                                    lamina_port* port) {
    return guarded([&] {
        const capi::Port& found = capi::at(needed(context, "context").outputs, index, "output");
        if (port) *port = found.view();
        needed(data, "data") = context->program->output_data(index);
    });
}

}  // extern "C"
