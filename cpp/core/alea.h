// The random numbers that TensorFlow.js draws for a given seed.
//
// Alea is Johannes Baagøe's generator as npm's `seedrandom` seeds it; the distributions are those of
// TensorFlow.js' rand_util, number for number.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lamina {

// A number as JavaScript's String(x) writes it: what TensorFlow.js makes of a numeric seed.
std::string js_number_to_string(double x);

class Alea {
  public:
    // The seed is UTF-8.
    explicit Alea(std::string_view seed);

    // In [0, 1).
    double next() {
        const double t = 2091639 * s0_ + carry_ * 0x1p-32;
        s0_ = s1_;
        s1_ = s2_;
        carry_ = static_cast<int32_t>(t);
        return s2_ = t - carry_;
    }

  private:
    double s0_, s1_, s2_, carry_ = 1;
};

// min + (max - min) * next(), in double; randomUniform stores it as it is.
class UniformRandom {
  public:
    UniformRandom(double min, double max, std::string_view seed)
        : min_(min), range_(max - min), random_(seed) {}
    double next() { return min_ + range_ * random_.next(); }

  private:
    double min_, range_;
    Alea random_;
};

// Marsaglia's polar method (MPRandGauss). With `whole` numbers are rounded as Math.round does; with
// `truncated` values beyond two standard deviations are drawn again.
class GaussRandom {
  public:
    GaussRandom(double mean, double deviation, bool whole, bool truncated, std::string_view seed)
        : mean_(mean), deviation_(deviation), whole_(whole), truncated_(truncated), random_(seed) {}
    double next();

  private:
    double convert(double x) const;
    // So does NaN: drawn again it would be NaN again.
    bool fits(double x) const { return !(x > mean_ + deviation_ * 2 || x < mean_ - deviation_ * 2); }

    double mean_, deviation_;
    bool whole_, truncated_;
    bool has_waiting_ = false;
    double waiting_ = 0;
    Alea random_;
};

// Marsaglia and Tsang's method (RandGamma).
class GammaRandom {
  public:
    GammaRandom(double alpha, double beta, bool whole, std::string_view seed);
    double next();

  private:
    double alpha_, scale_, d_, c_;
    bool whole_;
    Alea uniform_;
    GaussRandom normal_;
};

}  // namespace lamina
