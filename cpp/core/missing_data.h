// How often a thread asked for values that do not exist, since they are only traced.
#pragma once

#include <cstdint>

namespace lamina {

// Each time is also an error; code that catches it would be compiled with what it does then.
uint64_t missing_data_count();

}  // namespace lamina
