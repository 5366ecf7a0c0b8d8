"""Lines that are broken on purpose, each with the tests that must notice. Run by tests/mutants.py."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """`old` occurs exactly once in `file`; `tests` are arguments for pytest, or "ctest:REGEX"."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


GUARDS = "tests/house/test_guards.py"
RULES = "tests/house/test_rules.py"
ORACLE = "tests/interop/test_oracle.py"
ORACLE_MODELS = "tests/interop/test_oracle_models.py"
LEVELS = "tests/ops/test_levels.py"
VALUES = "tests/ops/test_values.py"
GRADIENTS = "tests/ops/test_gradients.py"
BY_HAND = "tests/acceptance/test_gradients.py"
MEMORY = "tests/acceptance/test_memory.py"
STEPS = "tests/train/test_steps.py"
FIT = "tests/models/test_fit.py"
FILES = "tests/io/test_files.py"
LAYERS = "tests/layers/test_table.py"
PROGRAMS = "tests/programs/test_models.py"
FOLDING = "tests/programs/test_folding.py"

MUTATIONS = [
    Mutation(
        "leak check: only growth counts",
        "tests/support/leaks.py",
        "    if after != before:",
        "    if after > before:",
        (GUARDS,),
    ),
    Mutation(
        "leak check: failing tests are checked too",
        "tests/support/leaks.py",
        "or request.node.stash.get(failed, False)",
        "or False",
        (GUARDS,),
    ),
    Mutation(
        "watchdog: the marker's limit is ignored",
        "tests/support/watchdog.py",
        "float(marker.args[0]) if marker is not None",
        "float(DEFAULT_S) if marker is not None",
        (f"{GUARDS}::test_a_hanging_test_fails_by_name",),
    ),
    Mutation(
        "layering: an area may include the one above",
        "tools/check_includes.py",
        "RANK[other] <= RANK[area]",
        "RANK[other] <= RANK[area] + 4",
        (f"{RULES}::test_upward_includes",),
    ),
    Mutation(
        "layering: imports in functions are missed",
        "tools/check_imports.py",
        "        else:\n            yield from imports(node)",
        "        elif isinstance(node, ast.If):\n            yield from imports(node)",
        (f"{RULES}::test_upward_imports",),
    ),
    Mutation(
        "oracle: real and imaginary parts swapped",
        "tests/interop/codec.mjs",
        "const real = values.filter((_, i) => i % 2 === 0);",
        "const real = values.filter((_, i) => i % 2 === 1);",
        (f"{ORACLE}::test_round_trip",),
    ),
    Mutation(
        "oracle: the direction of the second derivative is lost",
        "tests/interop/oracle.mjs",
        "tf.sum(tf.mul(g, v[i]))",
        "tf.sum(g)",
        (ORACLE,),
    ),
    Mutation(
        "oracle: weights are not set",
        "tests/interop/models.mjs",
        "if (weights != null) model.setWeights(weights);",
        "",
        (ORACLE_MODELS,),
    ),
    Mutation(
        "elementwise: the tail is left out",
        "cpp/kernels/elementwise.cpp",
        "if (i < n) Formula::apply(VReal::load_partial(x + i, n - i)",
        "if (i + 1 < n) Formula::apply(VReal::load_partial(x + i, n - i)",
        ("ctest:levels_test",),
    ),
    Mutation(
        "elementwise: a repeated operand moves on",
        "cpp/kernels/elementwise.cpp",
        "return advances ? VReal::load(p + i) : value; }",
        "return VReal::load(p + i); }",
        ("ctest:levels_test",),
    ),
    Mutation(
        "gemm: the second block of the depth forgets the first",
        "cpp/kernels/gemm_vector.cpp",
        "t.add = i > 0 || g.accumulate;",
        "t.add = g.accumulate;",
        ("ctest:gemm_test",),
    ),
    Mutation(
        "gemm: the addend's stride in a single column",
        "cpp/kernels/gemm_vector.cpp",
        "g.c[i] += e.addend[i * e.addend_stride];",
        "g.c[i] += e.addend[i];",
        ("ctest:gemm_test",),
    ),
    Mutation(
        "conv: dilation is ignored",
        "cpp/kernels/conv_axis.h",
        "a.offset[t] = t * dilation - pad;",
        "a.offset[t] = t - pad;",
        ("ctest:conv_test",),
    ),
    Mutation(
        "conv: the sign of the padding in the gradient",
        "cpp/kernels/conv_axis.h",
        "phase + pad - t * dilation;",
        "phase - pad - t * dilation;",
        ("ctest:conv_test",),
    ),
    Mutation(
        "depthwise: the stride of rows",
        "cpp/kernels/depthwise_vector.cpp",
        "q * d.h.stride + d.h.offset[t]) * pitch; };",
        "q + d.h.offset[t]) * pitch; };",
        (
            LEVELS,
            "-kdepthwise",
        ),
    ),
    Mutation(
        "pool: a tap beyond the edge",
        "cpp/kernels/pool.cpp",
        "(last - 1) * dilation >= size)",
        "(last - 1) * dilation > size)",
        (
            LEVELS,
            "-kPool",
        ),
    ),
    Mutation(
        "pool: the smallest of a window",
        "cpp/kernels/pool.cpp",
        "return (x > best) |",
        "return (x < best) |",
        (
            VALUES,
            "-kmaxPool",
        ),
    ),
    Mutation(
        "normalisation: epsilon",
        "cpp/kernels/norm.cpp",
        "sqrt(VReal(variance[channel]) + VReal(epsilon));",
        "sqrt(VReal(variance[channel]));",
        (
            VALUES,
            "-kbatchNorm",
        ),
    ),
    Mutation(
        "rows: what is added to a row replaces it",
        "cpp/kernels/rows.cpp",
        "(VReal::load(to + j) + VReal::load(from + j)).store(to + j);",
        "VReal::load(from + j).store(to + j);",
        (
            GRADIENTS,
            LEVELS,
            "-kgather",
        ),
    ),
    Mutation(
        "adam: bias correction of the mean",
        "cpp/kernels/optimizers.cpp",
        "rate * (next_mean / correction1) /",
        "rate * next_mean /",
        (
            STEPS,
            "-ktfjs and adam",
        ),
    ),
    Mutation(
        "rmsprop: epsilon outside of the root",
        "cpp/kernels/optimizers.cpp",
        "/ sqrt(variance + epsilon);",
        "/ (sqrt(variance) + epsilon);",
        (
            STEPS,
            "-ktfjs and rmsprop",
        ),
    ),
    Mutation(
        "momentum: Nesterov's look ahead",
        "cpp/kernels/optimizers.cpp",
        "(nesterov ? gradient + factor * next : next)",
        "(nesterov ? next : next)",
        (
            STEPS,
            "-ktfjs and nesterov",
        ),
    ),
    Mutation(
        "cos: the sign of the gradient",
        "cpp/ops/unary.cpp",
        "return chain(g, neg(sin(g.x(0)))); },",
        "return chain(g, sin(g.x(0))); },",
        (
            GRADIENTS,
            "-kcos",
        ),
    ),
    Mutation(
        "sqrt: the result is not saved",
        "cpp/ops/unary.cpp",
        "return {div(g.dy(), mul(g.y(), 2.0))}; },\n    .saves = {.outputs = {0}},",
        "return {div(g.dy(), mul(g.y(), 2.0))}; },",
        (
            GRADIENTS,
            "-ksqrt",
        ),
    ),
    Mutation(
        "broadcasting: the gradient is not summed",
        "cpp/ops/binary.cpp",
        "return g.wants(i) ? sum_to(make(), g.shape(i)) : Tensor();",
        "return g.wants(i) ? make() : Tensor();",
        (
            GRADIENTS,
            "-kmul",
        ),
    ),
    Mutation(
        "same padding: the odd pixel comes first",
        "cpp/ops/conv_shape.cpp",
        "    return {out, total / 2};",
        "    return {out, (total + 1) / 2};",
        (
            VALUES,
            "-kconv2d or Pool",
        ),
    ),
    Mutation(
        "tape: one way back instead of their sum",
        "cpp/autograd/tape.cpp",
        "sum = sum ? add(sum, d) : d;",
        "sum = d;",
        (BY_HAND,),
    ),
    Mutation(
        "fused ops: differentiated twice as they are",
        "cpp/ops/dispatch.cpp",
        "tapes_tracking(inputs) > (op.grad ? 1 : 0)",
        "tapes_tracking(inputs) > (op.grad ? 2 : 0)",
        ("tests/ops/test_nn_derivatives.py",),
    ),
    Mutation(
        "buffer: one holder more than counted",
        "cpp/core/pool.h",
        "void retain() noexcept { holders_.fetch_add(1, std::memory_order_relaxed); }",
        "void retain() noexcept { holders_.fetch_add(2, std::memory_order_relaxed); }",
        (
            "ctest:pool_test",
            MEMORY,
        ),
    ),
    Mutation(
        "variable: written in place under an export",
        "cpp/core/tensor.cpp",
        " || value_.rep_->buffer->holders() != 1) {",
        ") {",
        (MEMORY,),
    ),
    Mutation(
        "scope: keep() is forgotten",
        "cpp/core/handle.cpp",
        "else if (!escapes && !handle->kept_)",
        "else if (!escapes)",
        (MEMORY,),
    ),
    Mutation(
        "scope: a result does not move to the outer scope",
        "cpp/core/handle.cpp",
        "if (escapes && scope->parent_)",
        "if (false && escapes && scope->parent_)",
        (MEMORY,),
    ),
    Mutation(
        "pool: the cap is a block too late",
        "cpp/core/pool.cpp",
        "            if (live_block_bytes_ + static_cast<int64_t>(block) > cap_bytes_)\n",
        "            if (live_block_bytes_ > cap_bytes_)\n",
        ("tests/properties/test_pool.py",),
    ),
    Mutation(
        "random: a round of Philox is left out",
        "cpp/core/random.cpp",
        "constexpr int rounds = 10;",
        "constexpr int rounds = 9;",
        ("ctest:random_test",),
    ),
    Mutation(
        "random: a seed's state leaves [0, 1)",
        "cpp/core/alea.cpp",
        "        if (*s < 0) *s += 1;\n",
        "        if (*s < 0) *s += 2;\n",
        ("ctest:random_test",),
    ),
    Mutation(
        "plan: values of one step share memory",
        "cpp/graph/plan.cpp",
        "if (other.last < v.first ||",
        "if (other.last <= v.first ||",
        (PROGRAMS,),
    ),
    Mutation(
        "train step: dropout and statistics as in inference",
        "python/lamina/models/steps.py",
        "outputs = model.run(inputs, training=True)",
        "outputs = model.run(inputs, training=False)",
        (
            PROGRAMS,
            STEPS,
        ),
    ),
    Mutation(
        "train step: penalties of weights are forgotten",
        "python/lamina/models/steps.py",
        "[*values, *penalties, *model.calculateLosses()]",
        "[*values, *penalties]",
        (FIT,),
    ),
    Mutation(
        "fit: a small last batch counts like a whole one",
        "cpp/graph/steps.cpp",
        "sums[j] += last_values[j] * static_cast<double>(rows);",
        "sums[j] += last_values[j] * static_cast<double>(range.batch_size);",
        (FIT,),
    ),
    Mutation(
        "batch normalization: the average moves all the way",
        "python/lamina/layers/normalization.py",
        "1 - self.momentum)",
        "self.momentum)",
        (
            LAYERS,
            "-kbatchNorm",
        ),
    ),
    Mutation(
        "constraints: not applied after a step",
        "python/lamina/train/optimizer.py",
        "        apply_constraints([row.variable for row in used])",
        "        apply_constraints([])",
        ("tests/train/test_optimizers.py",),
    ),
    Mutation(
        "early stopping: one epoch too patient",
        "python/lamina/callbacks/stopping.py",
        "if self._wait >= self.patience:",
        "if self._wait > self.patience:",
        ("tests/models/test_callbacks.py",),
    ),
    Mutation(
        "adadelta: the mean of squared gradients never fades",
        "cpp/kernels/optimizers.cpp",
        "grads.set(rho * before + rest * (gradient * gradient));",
        "grads.set(before + rest * (gradient * gradient));",
        (STEPS, "-ktfjs and adadelta"),
    ),
    Mutation(
        "schedules: compiled steps count wrongly",
        "python/lamina/train/optimizer.py",
        'step = _core.ops.add(self._step, _core.tensor(1, [], "int32"))',
        'step = _core.ops.add(self._step, _core.tensor(2, [], "int32"))',
        ("tests/train/test_schedules.py", "-knot keras"),
    ),
    Mutation(
        "limits of gradients: short ones are made longer",
        "python/lamina/train/clipping.py",
        "ops.maximum(ops.sqrt(squares), limit)",
        "ops.sqrt(squares)",
        ("tests/train/test_optimizers.py", "-klimits"),
    ),
    Mutation(
        "names: a table of other libraries is not read",
        "python/lamina/_names.py",
        "        said = answer(name, table) or answer(_snake(name), table)",
        "        said = answer(_snake(name), table)",
        ("tests/config/test_python_names.py",),
    ),
    Mutation(
        "files: a changed shard is taken",
        "python/lamina/io/shards.py",
        "if sha256(data).hexdigest() != checksum:",
        "if False and sha256(data).hexdigest() != checksum:",
        (FILES,),
    ),
    Mutation(
        "files: shards of the model just saved are removed",
        "python/lamina/io/files.py",
        "for path in before - set(paths):",
        "for path in before:",
        (FILES,),
    ),
    Mutation(
        "files: a program whose checksum differs is opened",
        "cpp/files/tensor_file.cpp",
        "if (header.substr(kBegin.size(), kDigest) != digest_of(bytes))",
        "if (false && header.substr(kBegin.size(), kDigest) != digest_of(bytes))",
        ("tests/cpp_api/test_program_files.py",),
    ),
    Mutation(
        "files: a program's sizes grow from the wrong start",
        "cpp/files/program_from_traces.cpp",
        "found.plus = values[0] - found.times * traces_[0].batch;",
        "found.plus = values[0];",
        ("tests/cpp_api/test_programs.py", "-kevery_batch_size"),
    ),
    Mutation(
        "ticket: the last in the queue is the next",
        "python/lamina/_ticket.py",
        "                self._queue[0].release()\n",
        "                self._queue[-1].release()\n",
        ("tests/promises/test_ticket.py",),
    ),
    Mutation(
        "promises: an awaited fit is called forgotten",
        "python/lamina/_promises/reports.py",
        "if core.settled or core.awaited or core.warned",
        "if core.settled or core.warned",
        ("tests/promises/test_reports.py",),
    ),
    Mutation(
        "settle: a new version of a variable goes unnoticed",
        "cpp/graph/settle.cpp",
        "->version() != versions_[i]) return false;",
        "->version() < versions_[i]) return false;",
        (FOLDING,),
    ),
    Mutation(
        "fold: what others read is folded too",
        "cpp/graph/fold.cpp",
        "        if (updates_ || before < 0 || !folds(*n.op) || readers_[static_cast<size_t>(before)] != 1)",
        "        if (updates_ || before < 0 || !folds(*n.op) || readers_[static_cast<size_t>(before)] < 1)",
        (FOLDING,),
    ),
    Mutation(
        "max pool: windows that overlap are taken for ones apart",
        "cpp/kernels/pool.cpp",
        "s.stride_h >= s.k_h && s.stride_w >= s.k_w",
        "s.stride_h >= s.k_h && s.stride_w >= 1",
        ("tests/ops/test_pool_windows.py",),
    ),
    Mutation(
        "fourier: one output of four has the wrong sign",
        "cpp/kernels/fourier.cpp",
        "        a[3] = first - turned;",
        "        a[3] = first + turned;",
        ("tests/ops/test_spectral.py",),
    ),
    Mutation(
        "resize: the last pixel is left out of the gradient",
        "cpp/ops/resize.cpp",
        "if (bottom != top || down != 0) {",
        "if (bottom != top && down > 0.5) {",
        ("tests/ops/test_gradients.py",),
    ),
    Mutation(
        "boxes: the one with just the threshold stays",
        "cpp/ops/non_max_suppression.cpp",
        "suppressed = share >= limits.overlap;",
        "suppressed = share > 1.5 * limits.overlap;",
        ("tests/ops/test_values.py",),
    ),
    Mutation(
        "asin: the small part is forgotten",
        "cpp/simd/vec_inverse.h",
        "const VReal far = VReal(half_pi_high) - (twice_asin_root(half) - VReal(half_pi_low));",
        "const VReal far = VReal(half_pi_high) - twice_asin_root(half) * VReal(1.0001f);",
        ("tests/ops/test_levels.py",),
    ),
    Mutation(
        "regex: the end of a line is the end of the text",
        "python/lamina/_regex.py",
        r'found += r"\Z"',
        r'found += "$"',
        ("tests/ops/test_namespaces.py",),
    ),
]
