#include "core/cpu_count.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>
#include <thread>

#if defined(__linux__)
#include <sched.h>
#endif

namespace lamina {
namespace {

constexpr int no_limit = 1 << 20;

#if defined(__linux__)

int affinity_count() {
    // The kernel's mask may be wider than cpu_set_t.
    for (int capacity = 1024; capacity <= (1 << 18); capacity *= 4) {
        cpu_set_t* set = CPU_ALLOC(capacity);
        if (set == nullptr) break;
        const size_t size = CPU_ALLOC_SIZE(capacity);
        CPU_ZERO_S(size, set);
        const bool ok = sched_getaffinity(0, size, set) == 0;
        const int count = ok ? CPU_COUNT_S(size, set) : 0;
        CPU_FREE(set);
        if (ok) return std::max(count, 1);
    }
    return no_limit;
}

std::string first_line(const std::string& path) {
    std::string line;
    if (FILE* file = std::fopen(path.c_str(), "r")) {
        char buffer[256];
        if (std::fgets(buffer, sizeof buffer, file)) line = buffer;
        std::fclose(file);
    }
    return line;
}

int rounded_up(double quota, double period) {
    if (quota <= 0 || period <= 0) return no_limit;
    const double cpus = quota / period;
    if (cpus >= no_limit) return no_limit;
    const int whole = static_cast<int>(cpus);
    return std::max(whole + (cpus > whole ? 1 : 0), 1);
}

// cgroup v2: "max 100000" or "150000 100000".
int quota_v2(const std::string& folder) {
    double quota = 0, period = 0;
    if (std::sscanf(first_line(folder + "/cpu.max").c_str(), "%lf %lf", &quota, &period) != 2)
        return no_limit;
    return rounded_up(quota, period);
}

int quota_v1(const std::string& folder) {
    double quota = 0, period = 0;
    if (std::sscanf(first_line(folder + "/cpu.cfs_quota_us").c_str(), "%lf", &quota) != 1) return no_limit;
    if (std::sscanf(first_line(folder + "/cpu.cfs_period_us").c_str(), "%lf", &period) != 1) return no_limit;
    return rounded_up(quota, period);
}

// Every ancestor's quota binds. In a container the path may not exist below the mount: then only the root
// counts.
int lowest_quota(const std::string& mount, std::string path, int (*quota)(const std::string&)) {
    int lowest = no_limit;
    while (!path.empty() && path != "/") {
        lowest = std::min(lowest, quota(mount + path));
        path.erase(path.rfind('/'));
    }
    return std::min(lowest, quota(mount));
}

int cgroup_count() {
    FILE* file = std::fopen("/proc/self/cgroup", "r");
    if (file == nullptr) return no_limit;
    int lowest = no_limit;
    char line[4096];
    while (std::fgets(line, sizeof line, file)) {
        line[std::strcspn(line, "\n")] = '\0';
        const char* controllers = std::strchr(line, ':');
        const char* path = controllers ? std::strchr(controllers + 1, ':') : nullptr;
        if (path == nullptr || path[1] != '/') continue;
        std::string names(controllers, path);
        names += ':';
        std::replace(names.begin(), names.end(), ':', ',');
        if (names == ",,") {
            lowest = std::min(lowest, lowest_quota("/sys/fs/cgroup", path + 1, quota_v2));
        } else if (names.find(",cpu,") != std::string::npos) {
            lowest = std::min(lowest, lowest_quota("/sys/fs/cgroup/cpu", path + 1, quota_v1));
        }
    }
    std::fclose(file);
    return lowest;
}

#endif

}  // namespace

int cpu_count() noexcept {
    try {
        int count = static_cast<int>(std::max(std::thread::hardware_concurrency(), 1u));
#if defined(__linux__)
        const int affinity = affinity_count();
        if (affinity < no_limit) count = affinity;
        count = std::min(count, cgroup_count());
#endif
        return count;
    } catch (...) {
        return 1;
    }
}

}  // namespace lamina
