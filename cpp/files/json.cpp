#include "files/json.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <unordered_set>

#include "core/error.h"

namespace lamina {

namespace {

constexpr int kMaxDepth = 64;

// How many bytes from the beginning are UTF-8, all or up to the first that are not.
size_t utf8_until(std::string_view text) {
    const auto* p = reinterpret_cast<const unsigned char*>(text.data());
    const size_t n = text.size();
    size_t i = 0;
    while (i < n) {
        const unsigned char c = p[i];
        const int more = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : (c & 0xf0) == 0xe0 ? 2 : 3;
        if (more == 3 && (c < 0xf0 || c > 0xf4)) return i;
        if (n - i <= static_cast<size_t>(more)) return i;
        uint32_t point = more == 0 ? c : more == 1 ? c & 0x1fu : more == 2 ? c & 0xfu : c & 7u;
        for (int k = 1; k <= more; ++k) {
            if ((p[i + static_cast<size_t>(k)] & 0xc0) != 0x80) return i;
            point = point << 6 | (p[i + static_cast<size_t>(k)] & 0x3fu);
        }
        if ((more == 2 && (point < 0x800 || (point >= 0xd800 && point < 0xe000))) ||
            (more == 3 && (point < 0x10000 || point > 0x10ffff)))
            return i;
        i += static_cast<size_t>(more) + 1;
    }
    return n;
}

class Parser {
  public:
    Parser(std::string_view text, std::string_view what) : text_(text), what_(what) {}

    Json document() {
        check_utf8();
        Json value = this->value(0);
        skip();
        if (at_ != text_.size()) refuse("something follows the end");
        return value;
    }

  private:
    [[noreturn]] void refuse(const char* why) const {
        value_error(what_, " is no valid JSON: ", why, " at byte ", at_, ".");
    }

    void check_utf8() {
        at_ = utf8_until(text_);
        if (at_ != text_.size()) refuse("bytes that are not UTF-8");
        at_ = 0;
    }

    void skip() {
        while (at_ < text_.size() &&
               (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r'))
            ++at_;
    }

    char peek() {
        skip();
        if (at_ == text_.size()) refuse("the text ends too soon");
        return text_[at_];
    }

    bool take(char c) {
        if (peek() != c) return false;
        ++at_;
        return true;
    }

    void word(std::string_view w) {
        if (text_.substr(at_, w.size()) != w) refuse("an unknown word");
        at_ += w.size();
    }

    Json value(int depth) {
        if (depth > kMaxDepth) refuse("too deeply nested");
        switch (peek()) {
            case '{':
                return object(depth);
            case '[':
                return array(depth);
            case '"':
                return Json(string());
            case 't':
                word("true");
                return Json(true);
            case 'f':
                word("false");
                return Json(false);
            case 'n':
                word("null");
                return Json(nullptr);
            default:
                return number();
        }
    }

    Json object(int depth) {
        ++at_;
        JsonObject members;
        std::unordered_set<std::string> names;
        if (take('}')) return Json(std::move(members));
        do {
            if (peek() != '"') refuse("a member without a name");
            std::string name = string();
            if (!names.insert(name).second) refuse("a name that stands twice in one object");
            if (!take(':')) refuse("a member without ':'");
            members.emplace_back(std::move(name), value(depth + 1));
        } while (take(','));
        if (!take('}')) refuse("an object without end");
        return Json(std::move(members));
    }

    Json array(int depth) {
        ++at_;
        JsonArray items;
        if (take(']')) return Json(std::move(items));
        do items.push_back(value(depth + 1));
        while (take(','));
        if (!take(']')) refuse("an array without end");
        return Json(std::move(items));
    }

    uint32_t hex4() {
        uint32_t code = 0;
        if (text_.size() - at_ < 4) refuse("an incomplete escape");
        const char* begin = text_.data() + at_;
        const auto [end, error] = std::from_chars(begin, begin + 4, code, 16);
        if (error != std::errc() || end != begin + 4) refuse("an invalid escape");
        at_ += 4;
        return code;
    }

    void escape(std::string& out) {
        if (at_ == text_.size()) refuse("a string without end");
        const char c = text_[at_++];
        constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
        if (const size_t i = letters.find(c); i != letters.npos) {
            out += meanings[i];
            return;
        }
        if (c != 'u') refuse("an invalid escape");
        uint32_t code = hex4();
        if (code >= 0xd800 && code < 0xdc00) {
            if (text_.substr(at_, 2) != "\\u") refuse("half of a surrogate pair");
            at_ += 2;
            const uint32_t low = hex4();
            if (low < 0xdc00 || low >= 0xe000) refuse("half of a surrogate pair");
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        } else if (code >= 0xdc00 && code < 0xe000) {
            refuse("half of a surrogate pair");
        }
        const auto byte = [&](uint32_t b) { out += static_cast<char>(b); };
        if (code < 0x80) {
            byte(code);
        } else if (code < 0x800) {
            byte(0xc0 | code >> 6);
            byte(0x80 | (code & 0x3f));
        } else {
            if (code < 0x10000) {
                byte(0xe0 | code >> 12);
            } else {
                byte(0xf0 | code >> 18);
                byte(0x80 | (code >> 12 & 0x3f));
            }
            byte(0x80 | (code >> 6 & 0x3f));
            byte(0x80 | (code & 0x3f));
        }
    }

    std::string string() {
        ++at_;
        std::string out;
        while (true) {
            if (at_ == text_.size()) refuse("a string without end");
            const char c = text_[at_++];
            if (c == '"') return out;
            if (static_cast<unsigned char>(c) < 0x20) refuse("a control character in a string");
            if (c == '\\')
                escape(out);
            else
                out += c;
        }
    }

    size_t digits() {
        const size_t from = at_;
        while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
        return at_ - from;
    }

    Json number() {
        const size_t from = at_;
        if (text_[at_] == '-') ++at_;
        const size_t first = at_;
        const size_t whole = digits();
        if (whole == 0 || (whole > 1 && text_[first] == '0')) refuse("an invalid value");
        bool fraction = false;
        if (at_ < text_.size() && text_[at_] == '.') {
            fraction = true;
            ++at_;
            if (digits() == 0) refuse("an invalid number");
        }
        if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
            fraction = true;
            ++at_;
            if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
            if (digits() == 0) refuse("an invalid number");
        }
        const char *begin = text_.data() + from, *end = text_.data() + at_;
        int64_t integer = 0;
        if (!fraction && std::from_chars(begin, end, integer).ec == std::errc()) return Json(integer);
        double real = 0;
        if (std::from_chars(begin, end, real).ec != std::errc()) refuse("a number beyond all doubles");
        return Json(real);
    }

    std::string_view text_, what_;
    size_t at_ = 0;
};

}  // namespace

Json Json::parse(std::string_view text, std::string_view what) { return Parser(text, what).document(); }

const Json* Json::find(std::string_view name) const {
    if (const auto* members = get<JsonObject>())
        for (const auto& [key, value] : *members)
            if (key == name) return &value;
    return nullptr;
}

const std::string& Json::string(std::string_view where) const {
    if (const auto* s = get<std::string>()) return *s;
    value_error(where, " must be a string.");
}

int64_t Json::integer(std::string_view where) const {
    if (const auto* i = get<int64_t>()) return *i;
    value_error(where, " must be a whole number.");
}

double Json::number(std::string_view where) const {
    if (const auto* i = get<int64_t>()) return static_cast<double>(*i);
    if (const auto* d = get<double>()) return *d;
    if (const auto* s = get<std::string>()) {
        constexpr double infinity = std::numeric_limits<double>::infinity();
        if (*s == "Infinity") return infinity;
        if (*s == "-Infinity") return -infinity;
        if (*s == "NaN") return std::numeric_limits<double>::quiet_NaN();
    }
    value_error(where, " must be a number.");
}

bool Json::boolean(std::string_view where) const {
    if (const auto* b = get<bool>()) return *b;
    value_error(where, " must be true or false.");
}

const JsonArray& Json::array(std::string_view where) const {
    if (const auto* a = get<JsonArray>()) return *a;
    value_error(where, " must be an array.");
}

const JsonObject& Json::object(std::string_view where) const {
    if (const auto* o = get<JsonObject>()) return *o;
    value_error(where, " must be an object.");
}

const Json& Json::member(std::string_view name, std::string_view where) const {
    object(where);
    if (const Json* found = find(name)) return *found;
    value_error(where, ".", name, " is missing.");
}

std::string json_string(std::string_view text) {
    if (const size_t at = utf8_until(text); at != text.size())
        value_error("'", text.substr(0, at), "...' is no text for a file: byte ", at, " is not UTF-8.");
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            constexpr char digits[] = "0123456789abcdef";
            out += "\\u00";
            out += digits[c >> 4];
            out += digits[c & 15];
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::string json_number(double value) {
    if (std::isnan(value)) return "\"NaN\"";
    if (std::isinf(value)) return value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    if (value == 0 && std::signbit(value)) return "-0.0";
    char text[32];
    const auto [end, error] = std::to_chars(text, text + sizeof text, value);
    return {text, end};
}

}  // namespace lamina
