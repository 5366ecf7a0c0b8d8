"""Calls into the core that return after a while: the same epochs, in more pieces."""

from __future__ import annotations

import pytest

import lamina as tf
from lamina import _core
from support.nets import NETS

from .sides import bits, weights_of

NET = NETS[0]


@pytest.mark.parametrize("size", [4, 64], ids=["steps", "one step"])
def test_a_fit_in_pieces_is_the_same_fit(monkeypatch, size):
    """A limit that has always passed lets one step run at a time."""

    def fit() -> tuple[dict[str, list[float]], bytes]:
        tf.setRandomSeed(3)
        model = NET.model(tf.train.adam(0.01))
        history = model.fit(NET.x, NET.y, epochs=5, batchSize=size, verbose=0).result()
        found = dict(history.history), bits(weights_of(model))
        model.dispose()
        return found

    whole = fit()
    calls = []
    for name in ("run_epochs", "run_loop"):
        ran = getattr(_core, name)

        def limited(*arguments, ran=ran, name=name, **options):
            calls.append(name)
            return ran(*arguments, **{**options, "limit_ms": 1e-6})

        monkeypatch.setattr(_core, name, limited)
    assert fit() == whole
    steps = -(-len(NET.x) // size)
    assert calls.count("run_epochs") == 5
    assert calls.count("run_loop") == 5 * (steps - 1)
