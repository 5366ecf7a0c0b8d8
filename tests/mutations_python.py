"""Lines of the package, of the tests' own helpers and of tools that are broken on purpose."""

from __future__ import annotations

from mutation import FILES, FIT, GUARDS, LAYERS, ORACLE, ORACLE_MODELS, PROGRAMS, RULES, STEPS, Mutation

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
        "train step: dropout and statistics as in inference",
        "python/lamina/models/steps.py",
        "outputs, masks = model.run_with_masks(inputs, training=True)",
        "outputs, masks = model.run_with_masks(inputs, training=False)",
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
        "losses: the mask of an output is forgotten",
        "python/lamina/models/weighting.py",
        "for factors in (weights, None if mask is None else _shares(mask)):",
        "for factors in (weights,):",
        ("tests/train/test_masked_losses.py",),
    ),
    Mutation(
        "counting metrics: a run takes the counts of another",
        "python/lamina/models/counting.py",
        "if owner is run or not self._variables:",
        "if owner is not None or not self._variables:",
        ("tests/train/test_counted_metrics.py",),
    ),
    Mutation(
        "batch normalization: the average moves all the way",
        "python/lamina/layers/batch_normalization.py",
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
        "promises: an awaited fit is called forgotten",
        "python/lamina/_promises/reports.py",
        "if core.settled or core.awaited or core.warned",
        "if core.settled or core.warned",
        ("tests/promises/test_reports.py",),
    ),
    Mutation(
        "regex: the end of a line is the end of the text",
        "python/lamina/_regex.py",
        r'found += r"\Z"',
        r'found += "$"',
        ("tests/ops/test_namespaces.py",),
    ),
    Mutation(
        "files: a link may lead out of the folder",
        "python/lamina/io/shards.py",
        'if not any(place.startswith(os.path.join(root, "")) for root in self._roots):',
        "if False:",
        ("tests/io/test_flips.py",),
    ),
    Mutation(
        "files: a changed model.json is taken",
        "python/lamina/io/manifest.py",
        'if SEAL not in first or "sha256" not in first:',
        "if True:",
        ("tests/io/test_damage.py",),
    ),
    Mutation(
        "files: a layer may be larger than its file",
        "python/lamina/layers/budget.py",
        "if needed > left[0]:",
        "if needed > 2**70:",
        ("tests/io/test_flips.py",),
    ),
    Mutation(
        "files: two saves at a time",
        "python/lamina/io/files.py",
        "with _saving[0]:\n            _make_folders(folder)\n            before",
        "if True:\n            _make_folders(folder)\n            before",
        ("tests/programs/test_threads.py",),
    ),
    Mutation(
        "optimizers: compiled steps keep the slots before setWeights",
        "python/lamina/train/optimizer.py",
        """        # Compiled steps hold the slots that they were compiled with.
        notify(self)
""",
        "",
        ("tests/programs/test_memory_errors.py",),
    ),
    Mutation(
        "changes: dependents are told before the write",
        "python/lamina/changes.py",
        """        object.__setattr__(self, name, value)
        # Looked for""",
        """        notify(self)
        object.__setattr__(self, name, value)
        return
        # Looked for""",
        ("tests/programs/test_dependents.py",),
    ),
    Mutation(
        "programs: what is toggled during a trace is not looked at after it",
        "python/lamina/models/programs.py",
        " or (values and watch.values != values)",
        "",
        ("tests/programs/test_trainable.py",),
    ),
    Mutation(
        "changes: a frozen layer is known as such only when something else changes",
        "python/lamina/layers/variables.py",
        "        toggle(self)\n",
        "",
        ("tests/programs/test_trainable.py",),
    ),
]
