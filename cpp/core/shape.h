// The shape of a tensor.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <ostream>
#include <span>
#include <string>

namespace lamina {

class Shape {
  public:
    // TensorFlow.js allows 6; two more serve intermediate steps of our own ops.
    static constexpr int kMaxRank = 8;

    Shape() = default;
    Shape(std::initializer_list<int64_t> dims) : Shape(std::span(dims.begin(), dims.size())) {}
    // Negative sizes, too many dimensions and a product beyond 2^48 elements are ValueErrors.
    explicit Shape(std::span<const int64_t> dims);

    int rank() const noexcept { return rank_; }
    int64_t operator[](int i) const noexcept { return dims_[i]; }
    int64_t size() const noexcept { return size_; }
    const int64_t* begin() const noexcept { return dims_; }
    const int64_t* end() const noexcept { return dims_ + rank_; }
    operator std::span<const int64_t>() const noexcept { return {dims_, static_cast<size_t>(rank_)}; }

    bool operator==(const Shape& other) const noexcept;
    // The product of the dimensions in [from, to).
    int64_t product(int from, int to) const noexcept;
    Shape with(int axis, int64_t dim) const;
    Shape without(int axis) const;
    Shape inserted(int axis, int64_t dim) const;
    std::string to_string() const;

  private:
    int64_t dims_[kMaxRank] = {};
    int64_t size_ = 1;
    int rank_ = 0;
};

inline std::ostream& operator<<(std::ostream& out, const Shape& shape) { return out << shape.to_string(); }

// The shape of an elementwise result; a ValueError in TensorFlow.js' words where there is none.
Shape broadcast(const Shape& a, const Shape& b);

// axis + rank where negative; a ValueError naming `op` outside of [-rank, rank).
int normalize_axis(const char* op, int64_t axis, int rank);

}  // namespace lamina
