// What the CPU at hand can run.
#pragma once

namespace lamina {

// level: "v2", "v3", "v4" (x86-64 micro-architecture levels) or "neon".
bool cpu_runs(const char* level) noexcept;

}  // namespace lamina
