// The reader of saved programs under libFuzzer: fuzz_program CORPUS -max_total_time=60
//
// An input is a line with the JSON of the program, a line with the JSON of the tensors, and their bytes. The
// file around them is made here, with a checksum that is right: no change of an input would get past it.
#include "graph/program.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/pool.h"
#include "files/json.h"
#include "files/program_graph.h"
#include "files/sha256.h"

namespace {

std::string line_of(std::string_view& rest) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string line(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return line;
}

std::string file_of(std::string_view rest) {
    const std::string begin = "{\"__metadata__\":{\"sha256\":\"", zeros(64, '0');
    const std::string program = line_of(rest);
    std::string tensors = line_of(rest);
    if (tensors.starts_with('{')) tensors.erase(0, 1);
    std::string header = begin + zeros + "\",\"format\":\"lamina-program\",\"version\":\"1\",\"program\":" +
                         lamina::json_string(program) + "}";
    header += tensors.empty() || tensors == "}" ? "}" : "," + tensors;
    std::string file;
    for (int i = 0; i < 8; ++i) file += static_cast<char>(header.size() >> 8 * i);
    file += header;
    file += rest;
    lamina::Sha256 sum;
    sum.update(std::as_bytes(std::span(file.data(), file.size())));
    return file.replace(8 + begin.size(), zeros.size(), sum.hex());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace lamina;
    // A program may ask for as much as its sizes say; it gets an error here before the machine has none.
    Pool::global().set_cap(int64_t{1} << 28);
    const std::string file = file_of({reinterpret_cast<const char*>(data), size});
    try {
        const ProgramGraph graph =
            ProgramGraph::read(std::as_bytes(std::span(file.data(), file.size())), "input");
        graph.plan(graph.fixed_batch ? graph.fixed_batch : 2)->run();
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::internal) throw;
    }
    return 0;
}
