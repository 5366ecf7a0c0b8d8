#include "kernels/isa.h"

#include <atomic>
#include <cstdlib>
#include <string>

#include "core/error.h"
#include "simd/cpu.h"

namespace lamina {

namespace {

struct Level {
    const char* name;
    void (*fill)(Table<float>&);
};

#define LAMINA_FILL_ALL(level)                \
    [](auto& table) {                         \
        level::fill_table_elementwise(table); \
        level::fill_table_lstm(table);        \
        level::fill_table_numbers(table);     \
        level::fill_table_layout(table);      \
        level::fill_table_random(table);      \
        level::fill_table_reduce(table);      \
        level::fill_table_optimizers(table);  \
        level::fill_table_gemm(table);        \
        level::fill_table_conv(table);        \
        level::fill_table_depthwise(table);   \
        level::fill_table_pool(table);        \
        level::fill_table_rows(table);        \
        level::fill_table_fourier(table);     \
        level::fill_table_norm(table);        \
        level::fill_table_norm_grad(table);   \
    }

// Lowest first.
constexpr Level kLevels[] = {
#if defined(__x86_64__)
    {"v2", LAMINA_FILL_ALL(v2)},
    {"v3", LAMINA_FILL_ALL(v3)},
    {"v4", LAMINA_FILL_ALL(v4)},
#else
    {"neon", LAMINA_FILL_ALL(neon)},
#endif
};
constexpr int kLevelCount = sizeof kLevels / sizeof *kLevels;

Table<float> g_tables[kLevelCount];
Table<double> g_reference;
std::atomic<const Table<float>*> g_active{nullptr};

std::string names_of_levels() {
    std::string names;
    for (const std::string& name : available_levels()) names += (names.empty() ? "" : ", ") + name;
    return names;
}

const Table<float>* table_named(std::string_view name) {
    for (int i = 0; i < kLevelCount; ++i)
        if (name == kLevels[i].name && cpu_runs(kLevels[i].name)) return &g_tables[i];
    return nullptr;
}

// Filled when the library is loaded. LAMINA_ISA chooses a level; one that is not there is reported by the
// first caller of isa_problem().
std::string g_problem;

const Table<float>* choose() {
    for (int i = 0; i < kLevelCount; ++i) {
        kLevels[i].fill(g_tables[i]);
        g_tables[i].level = kLevels[i].name;
    }
    const auto fill_reference = LAMINA_FILL_ALL(ref64);
    fill_reference(g_reference);
    g_reference.level = "ref64";

    const Table<float>* best = &g_tables[0];
    for (int i = 0; i < kLevelCount; ++i)
        if (cpu_runs(kLevels[i].name)) best = &g_tables[i];
    for (const char* variable : {"LAMINA_ISA", "LAMINA_REQUIRE_ISA"}) {
        const char* wanted = std::getenv(variable);
        if (!wanted || !*wanted) continue;
        if (const Table<float>* table = table_named(wanted)) {
            if (std::string_view(variable) == "LAMINA_ISA") best = table;
        } else {
            g_problem = text(variable, "=", wanted, ": this CPU and build offer ", names_of_levels(), ".");
        }
    }
    return best;
}

struct AtLoad {
    AtLoad() { g_active.store(choose()); }
} at_load;

}  // namespace

std::string isa_problem() { return g_problem; }

template <>
const Table<float>& kernels<float>() noexcept {
    return *g_active.load(std::memory_order_relaxed);
}

template <>
const Table<double>& kernels<double>() noexcept {
    return g_reference;
}

std::vector<std::string> available_levels() {
    std::vector<std::string> names;
    for (const Level& level : kLevels)
        if (cpu_runs(level.name)) names.emplace_back(level.name);
    return names;
}

std::string active_level() { return kernels<float>().level; }

void set_level(std::string_view name) {
    const Table<float>* table = table_named(name);
    if (!table)
        value_error("Unknown CPU level '", name, "': this CPU and build offer ", names_of_levels(), ".");
    g_active.store(table);
}

}  // namespace lamina
