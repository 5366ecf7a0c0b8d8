#include "core/dtype.h"

#include "core/error.h"

namespace lamina {

namespace {

// What other libraries call the nearest of the five; null for what is like none.
const char* meant_by(std::string_view name) {
    if (name.starts_with("int") || name.starts_with("uint") || name == "long" || name == "short")
        return "int32";
    if (name.starts_with("float") || name.starts_with("bfloat") || name == "double" || name == "half" ||
        name == "number")
        return "float32";
    if (name.starts_with("bool")) return "bool";
    if (name.starts_with("complex")) return "complex64";
    if (name.starts_with("str") || name == "object" || name == "text") return "string";
    return nullptr;
}

}  // namespace

DType dtype_from_name(std::string_view name, bool internal) {
    for (DType t : {DType::float32, DType::int32, DType::boolean, DType::complex64, DType::string})
        if (name == name_of(t)) return t;
    if (internal && name == name_of(DType::float64)) return DType::float64;
    const char* const meant = meant_by(name);
    value_error("Unknown dtype '", name,
                "'. Valid dtypes are 'float32', 'int32', 'bool', 'complex64', 'string'.",
                meant ? " Did you mean '" : "", meant ? meant : "", meant ? "'?" : "");
}

DType promote(DType a, DType b) {
    if (a == b) return a;
    if (a == DType::string || b == DType::string)
        type_error("Can not upcast ", name_of(a), " with ", name_of(b));
    const auto order = [](DType t) {
        switch (t) {
            case DType::boolean:
                return 0;
            case DType::int32:
                return 1;
            case DType::float32:
                return 2;
            case DType::float64:
                return 3;
            default:
                return 4;
        }
    };
    return order(a) > order(b) ? a : b;
}

}  // namespace lamina
