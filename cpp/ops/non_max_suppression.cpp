// Non-maximum suppression: the best of boxes that lie over each other.
#include <algorithm>
#include <cmath>
#include <vector>

#include "core/interrupt.h"
#include "ops/functions.h"
#include "ops/integer_math.h"
#include "ops/kernel_use.h"

namespace lamina {

namespace {

struct Candidate {
    double score;
    int64_t box;
    size_t compared;  // with so many of the selected boxes
};

// The best comes last; of equal scores the box with the smaller number is better.
bool is_worse(const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score < b.score : a.box > b.box;
}

template <class T>
double overlap(const T* a, const T* b) {
    const auto low = [](double p, double q) { return std::min(p, q); };
    const auto high = [](double p, double q) { return std::max(p, q); };
    const double top_a = low(a[0], a[2]), bottom_a = high(a[0], a[2]);
    const double left_a = low(a[1], a[3]), right_a = high(a[1], a[3]);
    const double top_b = low(b[0], b[2]), bottom_b = high(b[0], b[2]);
    const double left_b = low(b[1], b[3]), right_b = high(b[1], b[3]);
    const double area_a = (bottom_a - top_a) * (right_a - left_a);
    const double area_b = (bottom_b - top_b) * (right_b - left_b);
    if (area_a <= 0 || area_b <= 0) return 0;
    const double common = high(low(bottom_a, bottom_b) - high(top_a, top_b), 0) *
                          high(low(right_a, right_b) - high(left_a, left_b), 0);
    return common / (area_a + area_b - common);
}

struct Limits {
    int64_t count;
    double overlap, score, sigma;
};

// The numbers of the selected boxes, best first.
template <class T>
std::vector<int32_t> select_boxes(const T* boxes, const T* scores, int64_t n, const Limits& limits) {
    std::vector<Candidate> waiting;
    for (int64_t i = 0; i < n; ++i)
        if (scores[i] > limits.score) waiting.push_back({static_cast<double>(scores[i]), i, 0});
    std::sort(waiting.begin(), waiting.end(), is_worse);
    const double scale = limits.sigma > 0 ? -0.5 / limits.sigma : 0;
    std::vector<int32_t> selected;
    while (static_cast<int64_t>(selected.size()) < limits.count && !waiting.empty()) {
        check_interrupt();
        Candidate best = waiting.back();
        waiting.pop_back();
        const double before = best.score;
        bool suppressed = false;
        for (size_t k = selected.size(); k > best.compared && !suppressed; --k) {
            const double share = overlap(boxes + 4 * best.box, boxes + 4 * selected[k - 1]);
            suppressed = share >= limits.overlap;
            if (!suppressed) best.score *= std::exp(scale * share * share);
            if (best.score <= limits.score) break;
        }
        best.compared = selected.size();
        if (suppressed) continue;
        if (best.score == before)
            selected.push_back(static_cast<int32_t>(best.box));
        else if (best.score > limits.score)
            waiting.insert(std::upper_bound(waiting.begin(), waiting.end(), best, is_worse), best);
    }
    return selected;
}

[[maybe_unused]] const Op& select_boxes_op = define({
    .name = "selectBoxes",
    .inputs = {{"boxes", Accept::to_real}, {"scores", Accept::to_real}},
    .attrs = {{"maxOutputSize", AttrType::integer},
              {"iouThreshold", AttrType::number, 0.5, true},
              {"scoreThreshold", AttrType::number, -std::numeric_limits<double>::infinity(), true},
              {"softNmsSigma", AttrType::number, 0.0, true}},
    .promote = true,
    .shapes = Shapes::from_values,
    .run =
        [](const Call& c, Tensors& out) {
            const Shape &boxes = c[0].shape(), &scores = c[1].shape();
            const double overlap = c.number("iouThreshold"), sigma = c.number("softNmsSigma");
            if (!(overlap >= 0 && overlap <= 1))
                value_error("iouThreshold must be in [0, 1], but was '", overlap, "'");
            if (boxes.rank() != 2)
                value_error("boxes must be a 2D tensor, but was of rank '", boxes.rank(), "'");
            if (boxes[1] != 4) value_error("boxes must have 4 columns, but 2nd dimension was ", boxes[1]);
            if (scores.rank() != 1) value_error("scores must be a 1D tensor");
            if (scores[0] != boxes[0])
                value_error("scores has incompatible shape with boxes. Expected ", boxes[0], ", but was ",
                            scores[0]);
            check_positions("nonMaxSuppression", boxes[0]);
            if (!(sigma >= 0 && sigma <= 1))
                value_error("softNmsSigma must be in [0, 1], but was '", sigma, "'");
            const Limits limits{c.integer("maxOutputSize"), overlap, c.number("scoreThreshold"), sigma};
            visit_real(c[0].dtype(), [&]<class T>() {
                const auto selected = select_boxes<T>(c[0].data<T>(), c[1].data<T>(), boxes[0], limits);
                Tensor y = Tensor::empty(DType::int32, Shape{static_cast<int64_t>(selected.size())},
                                         "nonMaxSuppression");
                std::copy(selected.begin(), selected.end(), y.mutable_data<int32_t>());
                out.push_back(y);
            });
        },
    .no_grad = "its results are indices",
    .method = false,
    .internal = true,
    .doc = "The numbers of at most maxOutputSize of the boxes [n, 4] (y1, x1, y2, x2), best score first: of "
           "those that share iouThreshold of their area with a better one none, nor of those with a score of "
           "scoreThreshold "
           "or less. With softNmsSigma a box loses score for what it shares: the factor is exp(-iou^2 / (2 "
           "sigma)).",
});

}  // namespace

}  // namespace lamina
