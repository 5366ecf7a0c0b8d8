#include "core/alea.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>

namespace lamina {
namespace {

// JavaScript's x >>> 0 for non-negative x below 2^53.
double to_uint32(double x) { return static_cast<uint32_t>(static_cast<uint64_t>(x)); }

// Math.round: halves go up.
double js_round(double x) {
    const double below = std::floor(x);
    return x - below >= 0.5 ? below + 1 : below;
}

// Baagøe's string hash; it sees UTF-16 code units.
class Mash {
  public:
    double operator()(std::u16string_view data) {
        for (const char16_t unit : data) {
            n_ += unit;
            double h = 0.02519603282416938 * n_;
            n_ = to_uint32(h);
            h -= n_;
            h *= n_;
            n_ = to_uint32(h);
            h -= n_;
            n_ += h * 0x1p32;
        }
        return to_uint32(n_) * 0x1p-32;
    }

  private:
    double n_ = 0xefc8249d;
};

// Bytes that are no UTF-8 become U+FFFD.
std::u16string utf16(std::string_view text) {
    std::u16string units;
    for (size_t i = 0; i < text.size();) {
        const unsigned char lead = text[i++];
        const int more = lead < 0x80                   ? 0
                         : lead >= 0xf0 && lead < 0xf8 ? 3
                         : lead >= 0xe0                ? 2
                         : lead >= 0xc2                ? 1
                                                       : -1;
        uint32_t code = more == 0 ? lead : more > 0 ? lead & (0x3f >> more) : 0xfffd;
        for (int k = 0; k < more; ++k) {
            if (lead >= 0xf8 || i >= text.size() || (text[i] & 0xc0) != 0x80) {
                code = 0xfffd;
                break;
            }
            code = code << 6 | (text[i++] & 0x3f);
        }
        if (code > 0xffff) {
            units += static_cast<char16_t>(0xd800 + ((code - 0x10000) >> 10));
            units += static_cast<char16_t>(0xdc00 + (code & 0x3ff));
        } else {
            units += static_cast<char16_t>(code);
        }
    }
    return units;
}

}  // namespace

std::string js_number_to_string(double x) {
    if (x != x) return "NaN";
    if (x == 0) return "0";
    if (std::isinf(x)) return x < 0 ? "-Infinity" : "Infinity";
    // The shortest digits that read back as x, as "d.ddde[+-]xx".
    char buffer[40];
    const auto end =
        std::to_chars(buffer, buffer + sizeof buffer, std::fabs(x), std::chars_format::scientific).ptr;
    const std::string_view text(buffer, static_cast<size_t>(end - buffer));
    const size_t mark = text.find('e');
    std::string digits(1, text[0]);
    if (mark > 1) digits += text.substr(2, mark - 2);
    const int point = std::atoi(std::string(text.substr(mark + 1)).c_str()) + 1;  // digits before the point
    const int count = static_cast<int>(digits.size());

    std::string out = x < 0 ? "-" : "";
    if (point > 21 || point < -5) {
        out += digits[0];
        if (count > 1) out += '.' + digits.substr(1);
        return out + (point > 0 ? "e+" : "e-") + std::to_string(std::abs(point - 1));
    }
    if (point <= 0) return out + "0." + std::string(static_cast<size_t>(-point), '0') + digits;
    if (point >= count) return out + digits + std::string(static_cast<size_t>(point - count), '0');
    return out + digits.substr(0, static_cast<size_t>(point)) + '.' +
           digits.substr(static_cast<size_t>(point));
}

Alea::Alea(std::string_view seed) {
    Mash mash;
    s0_ = mash(u" ");
    s1_ = mash(u" ");
    s2_ = mash(u" ");
    const std::u16string units = utf16(seed);
    for (double* s : {&s0_, &s1_, &s2_}) {
        *s -= mash(units);
        if (*s < 0) *s += 1;
    }
}

double GaussRandom::convert(double x) const { return whole_ ? js_round(x) : x; }

double GaussRandom::next() {
    if (has_waiting_) {
        has_waiting_ = false;
        return waiting_;
    }
    double x, y;
    do {
        double a, b, s;
        do {
            a = 2 * random_.next() - 1;
            b = 2 * random_.next() - 1;
            s = a * a + b * b;
        } while (s >= 1 || s == 0);
        const double factor = std::sqrt(-2.0 * std::log(s) / s);
        x = mean_ + deviation_ * a * factor;
        y = mean_ + deviation_ * b * factor;
    } while (truncated_ && !fits(x));
    if (!truncated_ || fits(y)) {
        waiting_ = convert(y);
        has_waiting_ = true;
    }
    return convert(x);
}

// The normal numbers are seeded by the first uniform one.
GammaRandom::GammaRandom(double alpha, double beta, bool whole, std::string_view seed)
    : alpha_(alpha),
      scale_(1 / beta),
      d_(alpha < 1 ? alpha + 2.0 / 3 : alpha - 1.0 / 3),
      c_(1 / std::sqrt(9 * d_)),
      whole_(whole),
      uniform_(seed),
      normal_(0, 1, whole, false, js_number_to_string(uniform_.next())) {}

double GammaRandom::next() {
    double v;
    for (;;) {
        double x;
        do {
            x = normal_.next();
            v = 1 + c_ * x;
        } while (v <= 0);
        v *= v * v;
        const double square = x * x;
        const double quick = 1 - 0.331 * square * square;
        const double exact = 0.5 * square + d_ * (1 - v + std::log(v));
        const double u = uniform_.next();
        if (u < quick || std::log(u) < exact) break;
    }
    v = 1 / scale_ * d_ * v;
    if (alpha_ < 1) v *= std::pow(uniform_.next(), 1 / alpha_);
    return whole_ ? js_round(v) : v;
}

}  // namespace lamina
