#include "graph/shared_weights.h"

#include <cstring>
#include <mutex>
#include <vector>

namespace lamina {

namespace {

struct Kept {
    std::mutex mutex;
    std::vector<BufferRef> buffers;

    // Held by nobody else.
    void forget() {
        std::erase_if(buffers, [](const BufferRef& b) { return b->holders() == 1; });
    }
};

// Never destroyed: Programs may outlive main.
Kept& kept() {
    static Kept* all = new Kept;
    return *all;
}

}  // namespace

Tensor share_weights(const Tensor& prepared) {
    Kept& all = kept();
    const std::lock_guard lock(all.mutex);
    all.forget();
    for (const BufferRef& b : all.buffers)
        if (b->bytes() == prepared.bytes() && std::memcmp(b->data(), prepared.raw(), b->bytes()) == 0)
            return Tensor::from_buffer(prepared.dtype(), prepared.shape(), b);
    all.buffers.push_back(prepared.buffer());
    return prepared;
}

void forget_unused_weights() {
    Kept& all = kept();
    const std::lock_guard lock(all.mutex);
    all.forget();
}

}  // namespace lamina
