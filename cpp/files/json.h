// JSON of strangers: every error says where in the document it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace lamina {

class Json;
using JsonArray = std::vector<Json>;
using JsonObject = std::vector<std::pair<std::string, Json>>;  // in the document's order, names unique

class Json {
  public:
    // A ValueError that begins with `what` for text that is not JSON, is nested deeper than 64, names a
    // member twice or is not UTF-8.
    static Json parse(std::string_view text, std::string_view what);

    Json() = default;
    template <class T>
    explicit Json(T value) : value_(std::move(value)) {}

    bool is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }
    template <class T>
    const T* get() const {
        return std::get_if<T>(&value_);
    }
    // The member of that name; nullptr where there is none or this is no object.
    const Json* find(std::string_view name) const;

    // The value as that type, or a ValueError that names `where`. Whole numbers are int64_t, and double too.
    const std::string& string(std::string_view where) const;
    int64_t integer(std::string_view where) const;
    double number(std::string_view where) const;
    bool boolean(std::string_view where) const;
    const JsonArray& array(std::string_view where) const;
    const JsonObject& object(std::string_view where) const;
    const Json& member(std::string_view name, std::string_view where) const;

  private:
    std::variant<std::nullptr_t, bool, int64_t, double, std::string, JsonArray, JsonObject> value_ = nullptr;
};

// Text as a JSON string, with its quotes.
std::string json_string(std::string_view text);
// The shortest decimal that reads back as the same double; NaN and infinities become strings ("NaN",
// "Infinity"), which Json::number takes back.
std::string json_number(double value);

}  // namespace lamina
