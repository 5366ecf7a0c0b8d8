// The memory that Programs work in.
#pragma once

#include <cstdint>
#include <memory>

#include "core/pool.h"

namespace lamina {

// Shared by Programs that never run at the same time: as large as the largest of them needs. What one leaves
// there, the next one writes over.
class Arena {
  public:
    // Where at least so many bytes are. They lie elsewhere than before where there were fewer.
    void* reserve(int64_t bytes) {
        if (bytes > bytes_ || !buffer_) {
            buffer_ = BufferRef();
            bytes_ = 0;
            buffer_ = Pool::global().allocate_internal(static_cast<size_t>(bytes), "program");
            bytes_ = bytes;
        }
        return buffer_->data();
    }

  private:
    BufferRef buffer_;
    int64_t bytes_ = 0;
};

}  // namespace lamina
