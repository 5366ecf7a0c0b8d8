// What a compiler has to be told of a loop.
#pragma once

// Before a loop whose rounds do not depend on each other, though pointers with unknown steps hide it.
#if defined(__clang__)
#define LAMINA_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define LAMINA_INDEPENDENT _Pragma("GCC ivdep")
#endif
