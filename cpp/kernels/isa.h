// Which level's kernels are used.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernels/table.h"

namespace lamina {

// float: the active level; double: the reference level.
template <class T>
const Table<T>& kernels() noexcept;

// The levels that this build has and this CPU can run, lowest first.
std::vector<std::string> available_levels();
std::string active_level();
// What was wrong with LAMINA_ISA or LAMINA_REQUIRE_ISA when the library was loaded; empty: nothing. The
// importer raises it.
std::string isa_problem();
// Chooses the kernels of float tensors from now on, in all threads; a ValueError names the levels there are.
void set_level(std::string_view name);

}  // namespace lamina
