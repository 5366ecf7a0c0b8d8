#include "core/shape.h"

#include <algorithm>

#include "core/size.h"

namespace lamina {

namespace {
constexpr int64_t kMaxElements = int64_t{1} << 48;
}

Shape::Shape(std::span<const int64_t> dims) {
    if (dims.size() > kMaxRank)
        value_error("A tensor may have at most ", kMaxRank, " dimensions, got ", dims.size(), ".");
    rank_ = static_cast<int>(dims.size());
    std::copy(dims.begin(), dims.end(), dims_);
    bool empty = false;
    for (int64_t d : dims) {
        if (d < 0) value_error("Shape [", to_string(), "] has a negative dimension.");
        empty |= d == 0;
    }
    // Of an empty tensor, too, so that products and strides of any of its dimensions fit.
    for (int64_t d : dims) {
        if (d > 0 && size_ > kMaxElements / d)
            throw SizeError(text("a tensor of shape [", to_string(), "] is too large to address."));
        if (d > 0) size_ *= d;
    }
    if (empty) size_ = 0;
}

bool Shape::operator==(const Shape& other) const noexcept {
    return rank_ == other.rank_ && std::equal(begin(), end(), other.begin());
}

int64_t Shape::product(int from, int to) const noexcept {
    int64_t p = 1;
    for (int i = from; i < to; ++i) p *= dims_[i];
    return p;
}

Shape Shape::with(int axis, int64_t dim) const {
    int64_t dims[kMaxRank];
    std::copy(begin(), end(), dims);
    dims[axis] = dim;
    return Shape(std::span<const int64_t>(dims, rank_));
}

Shape Shape::without(int axis) const {
    int64_t dims[kMaxRank];
    std::copy(begin(), begin() + axis, dims);
    std::copy(begin() + axis + 1, end(), dims + axis);
    return Shape(std::span<const int64_t>(dims, rank_ - 1));
}

Shape Shape::inserted(int axis, int64_t dim) const {
    int64_t dims[kMaxRank + 1];
    std::copy(begin(), begin() + axis, dims);
    dims[axis] = dim;
    std::copy(begin() + axis, end(), dims + axis + 1);
    return Shape(std::span<const int64_t>(dims, rank_ + 1));
}

std::string Shape::to_string() const {
    std::string s;
    for (int i = 0; i < rank_; ++i) s += (i ? "," : "") + std::to_string(dims_[i]);
    return s;
}

Shape broadcast(const Shape& a, const Shape& b) {
    if (a == b) return a;
    int64_t dims[Shape::kMaxRank];
    const int rank = std::max(a.rank(), b.rank());
    for (int i = 0; i < rank; ++i) {
        const int ia = i - (rank - a.rank()), ib = i - (rank - b.rank());
        const int64_t da = ia < 0 ? 1 : a[ia], db = ib < 0 ? 1 : b[ib];
        if (da != db && da != 1 && db != 1)
            value_error("Operands could not be broadcast together with shapes ", a, " and ", b, ".");
        dims[i] = da == 1 ? db : da;
    }
    return Shape(std::span<const int64_t>(dims, rank));
}

int normalize_axis(const char* op, int64_t axis, int rank) {
    if (axis < -rank || axis >= rank)
        value_error(op, ": axis ", axis, " is out of range [-", rank, ", ", rank, ") for a tensor of rank ",
                    rank, ".");
    return static_cast<int>(axis < 0 ? axis + rank : axis);
}

}  // namespace lamina
