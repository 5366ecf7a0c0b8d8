// Lamina's C++ interface: header-only over the C interface, so that no type of the standard library crosses
// the library's border.
#pragma once

#include "lamina/call.h"
#include "lamina/error.h"
#include "lamina/files.h"
#include "lamina/operators.h"
#include "lamina/optimizers.h"
#include "lamina/program.h"
#include "lamina/system.h"
#include "lamina/tape.h"
#include "lamina/tensor.h"
#include "lamina/variable.h"
// Written from the registry of ops when the library is built.
#include <lamina/ops.h>
