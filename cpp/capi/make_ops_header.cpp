// Writes lamina/ops.h from the registry: a C++ function for each public op.
//
//     make_ops_header FILE
//
// Tensors and attributes without a default are parameters; optional tensors follow, and a struct of the other
// attributes comes last: conv2d(x, filter, strides, pad, {.dataFormat = "NHWC"}).
#include <cctype>
#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>

#include "ops/op.h"

namespace lamina {

namespace {

std::string identifier(std::string name) {
    static const std::set<std::string> keywords = {"and",   "or",     "not",    "xor",     "int",
                                                   "float", "double", "bool",   "const",   "delete",
                                                   "new",   "union",  "switch", "operator"};
    return keywords.contains(name) ? name + "_" : name;
}

std::string capitalized(std::string name) {
    name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
    return name;
}

bool required(const AttrSpec& a) { return std::holds_alternative<NotGiven>(a.fallback); }

const char* plain_type(AttrType type) {
    switch (type) {
        case AttrType::boolean:
            return "bool";
        case AttrType::integer:
        case AttrType::seed:
            return "std::int64_t";
        case AttrType::number:
            return "double";
        case AttrType::string:
            return "std::string_view";
        case AttrType::dtype:
            return "DType";
        case AttrType::ints:
        case AttrType::pairs:
        case AttrType::count_or_sizes:
            return "Ints";
        case AttrType::padding:
            return "Padding";
    }
    return "";
}

bool tells_not_given(AttrType type) {
    return type == AttrType::ints || type == AttrType::pairs || type == AttrType::count_or_sizes ||
           type == AttrType::padding;
}

std::string parameter_type(AttrType type) {
    return tells_not_given(type) ? std::string("const ") + plain_type(type) + "&" : plain_type(type);
}

std::string field_type(AttrType type) {
    return tells_not_given(type) ? plain_type(type) : std::string("std::optional<") + plain_type(type) + ">";
}

std::string input_type(const InputSpec& input) {
    switch (input.arity) {
        case Arity::list:
            return "const std::vector<Tensor>&";
        case Arity::variables:
            return "const std::vector<Variable>&";
        default:
            return "const Tensor&";
    }
}

// The doc as comment lines.
std::string comment(const std::string& doc) {
    std::istringstream words(doc);
    std::string word, line = "//", out;
    while (words >> word) {
        if (line.size() + 1 + word.size() > 112) {
            out += line + "\n";
            line = "//";
        }
        line += " " + word;
    }
    return out + line + "\n";
}

class Writer {
  public:
    explicit Writer(std::ostream& out) : out_(out) {}

    void header() {
        out_ << "// An op as a function each; written from the registry, see the Python documentation of "
                "tf.NAME.\n"
                "#pragma once\n\n#include \"lamina/call.h\"\n\nnamespace lamina {\ninline namespace v1 {\n";
        for (const Op* op : all_ops())
            if (!op->internal) function(*op);
        out_ << "\n}  // namespace v1\n}  // namespace lamina\n";
    }

  private:
    void function(const Op& op) {
        const std::string options = options_struct(op);
        std::string parameters, optional, arguments, attributes;
        const auto append = [](std::string& list, const std::string& item) {
            list += (list.empty() ? "" : ", ") + item;
        };
        for (const InputSpec& input : op.inputs) {
            const std::string name = identifier(input.name);
            append(arguments, name);
            if (input.arity == Arity::optional)
                append(optional, "const Tensor& " + name + " = {}");
            else
                append(parameters, input_type(input) + " " + name);
        }
        for (const AttrSpec& a : op.attrs) {
            const std::string name = identifier(a.name);
            if (required(a)) append(parameters, parameter_type(a.type) + " " + name);
            append(attributes,
                   std::string("{\"") + a.name + "\", " + (required(a) ? "" : "options.") + name + "}");
        }
        if (!optional.empty()) append(parameters, optional);
        if (!options.empty()) append(parameters, "const " + options + "& options = {}");

        const size_t results = op.outputs.size();
        const bool list = results == 1 && std::string(op.outputs[0]) == "*";
        const std::string type = results == 0  ? "void"
                                 : list        ? "std::vector<Tensor>"
                                 : results > 1 ? "std::array<Tensor, " + std::to_string(results) + ">"
                                               : "Tensor";
        const std::string caller = results == 0 || list ? "call"
                                   : results > 1        ? "detail::callN<" + std::to_string(results) + ">"
                                                        : "detail::call1";
        out_ << "\n" << comment(op.doc);
        out_ << "inline " << type << " " << identifier(op.name) << "(" << parameters << ") {\n    "
             << (results == 0 ? "" : "return ") << caller << "(\"" << op.name << "\", {" << arguments << "}";
        if (!attributes.empty()) out_ << ",\n        {" << attributes << "}";
        out_ << ");\n}\n";
    }

    // Its name; empty where the op has no attribute with a default.
    std::string options_struct(const Op& op) {
        std::string fields;
        for (const AttrSpec& a : op.attrs)
            if (!required(a)) fields += "    " + field_type(a.type) + " " + identifier(a.name) + " = {};\n";
        if (fields.empty()) return "";
        const std::string name = capitalized(op.name) + "Options";
        out_ << "\nstruct " << name << " {\n" << fields << "};\n";
        return name;
    }

    std::ostream& out_;
};

}  // namespace

}  // namespace lamina

int main(int count, char** arguments) {
    if (count != 2) {
        std::fputs("usage: make_ops_header FILE\n", stderr);
        return 2;
    }
    std::ofstream file(arguments[1]);
    lamina::Writer(file).header();
    file.close();
    return file ? 0 : 1;
}
