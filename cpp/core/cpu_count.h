// How many CPUs this process may use.
#pragma once

namespace lamina {

// The smaller of the CPU affinity mask and the cgroup's CPU quota (rounded up), at least 1.
int cpu_count() noexcept;

}  // namespace lamina
