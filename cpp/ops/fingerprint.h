// A hash of bytes that stays the same for ever: FarmHash's Fingerprint64.
#pragma once

#include <cstdint>
#include <string_view>

namespace lamina {

uint64_t fingerprint64(std::string_view bytes) noexcept;

}  // namespace lamina
