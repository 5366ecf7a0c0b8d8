"""Short lists of plain numbers have a way of their own into a tensor: it gives what the general one does."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as tf


class Longhand(list):
    """A list that is read by the general way, whatever it holds."""


@pytest.mark.parametrize("dtype", [None, "float32", "int32", "bool"])
@pytest.mark.parametrize(
    "values",
    [
        [1.5],
        [0.1, 1, -2],
        (1e300, -1e-300, float("inf"), float("nan"), -0.0),
        [2**31, -(2**53) - 1, 2**63, 2**70],
        [[1.5, 2], [3, 4.25]],
        [(1, 2, 3)],
        [0.5] * 64,
        [[0.25] * 8] * 8,
        [0.5] * 65,
        [[1.0], [2.0, 3.0]],
        [[1.0], 2.0],
        [1.0, [2.0]],
        [1.0, True],
        [True, 1.0],
        [1.0, "2"],
        [1.0, None],
        [10**400],
        [[1.0, 2.0], np.ones(2)],
        [[[1.0]], [[2.0]]],
        [[]],
        [],
    ],
    ids=repr,
)
def test_a_few_numbers_are_read_as_any_are(values, dtype):
    def read(values):
        try:
            t = tf.tensor(values, dtype=dtype)
        except (ValueError, TypeError) as error:
            return type(error), str(error)
        return t.dtype, t.shape, np.asarray(t).tobytes()

    assert read(values) == read(Longhand(values))
