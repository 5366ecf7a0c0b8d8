"""Arguments whose own code runs while they are read, and lists that no size can be taken from."""

from __future__ import annotations

import array
import gc
import itertools
import weakref

import pytest

import lamina as tf
from lamina import _core

VALUES = array.array("f", [1.0, 2.0])


def array_object(reaction, result=None):
    class Holder:
        def __array__(self, *args, **kwargs):
            reaction()
            return memoryview(VALUES) if result is None else result(self)

    return Holder()


def nothing():
    pass


def deep(depth):
    rows = []
    for _ in range(depth):
        rows = [rows]
    return rows


def itself():
    rows = [2]
    rows.append(rows)
    return rows


# Each takes a list of sizes, axes, strides, a permutation or paddings.
TAKES_NUMBERS = {
    "zeros": tf.zeros,
    "reshape": lambda n: tf.reshape(tf.ones([6]), n),
    "transpose": lambda n: tf.transpose(tf.ones([2, 3]), n),
    "sum": lambda n: tf.sum(tf.ones([2, 3]), n),
    "tile": lambda n: tf.tile(tf.ones([2, 3]), n),
    "pad": lambda n: tf.pad(tf.ones([2, 3]), n),
    "slice": lambda n: tf.slice(tf.ones([2, 3]), n),
    "stridedSlice": lambda n: tf.stridedSlice(tf.ones([2, 3]), n, n),
    "split": lambda n: tf.split(tf.ones([2, 3]), n),
    "maxPool": lambda n: tf.maxPool(tf.ones([1, 4, 4, 1]), n, 1, "valid"),
    "conv2d": lambda n: tf.conv2d(tf.ones([1, 4, 4, 1]), tf.ones([2, 2, 1, 1]), n, "valid"),
    "randomNormal": tf.randomNormal,
    "batchToSpaceND": lambda n: tf.batchToSpaceND(tf.ones([4, 1, 1, 1]), n, [[0, 0], [0, 0]]),
    "broadcastTo": lambda n: tf.broadcastTo(tf.ones([1]), n),
}
NO_NUMBERS = {
    "holds itself": itself,
    "a hundred thousand deep": lambda: deep(100_000),
    "nested": lambda: [[[2]], 3],
    "one nested number": lambda: [[2], 3],
    "an infinite iterator": lambda: iter(int, 1),
    "a matrix": lambda: tf.ones([2, 3, 2]),
    "a fraction in a tensor": lambda: tf.tensor([1.5, 2.0]),
    "an infinite size": lambda: [float("inf")],
    "bytes": lambda: b"\x02\x03",
}


@pytest.mark.parametrize("what", NO_NUMBERS)
@pytest.mark.parametrize("name", TAKES_NUMBERS)
def test_no_list_of_numbers(name, what):
    with pytest.raises((TypeError, ValueError)):
        TAKES_NUMBERS[name](NO_NUMBERS[what]())


def test_pairs():
    x = tf.ones([2, 3])
    for paddings in (
        [[1, 2], [0, 1]],
        ((1, 2), (0, 1)),
        [1, 2, 0, 1],
        tf.tensor([[1, 2], [0, 1]], None, "int32"),
    ):
        assert tf.pad(x, paddings).shape == (5, 4)
    for paddings in ([[1, 2, 0, 1]], [[1, 2], 0, 1], [[[1, 2], [0, 1]]], [[1], [2], [0], [1]]):
        with pytest.raises(TypeError, match="list of pairs"):
            tf.pad(x, paddings)


def test_an_array_that_is_its_own():
    with pytest.raises(TypeError, match="must return an array"):
        tf.abs(array_object(nothing, lambda self: self))
    with pytest.raises(TypeError, match="must return an array"):
        tf.tensor(array_object(nothing, lambda self: array_object(nothing)))


@pytest.mark.parametrize("change", ["clear", "grow"])
def test_a_list_that_changes_while_it_is_read(change):
    # The members are those of the beginning.
    rows = []
    rows += [
        array_object(rows.clear if change == "clear" else lambda: rows.extend([7] * 1000)) for _ in range(5)
    ]
    assert tf.stack(rows).shape == (5, 2)


def test_sizes_that_clear_their_list():
    class Two:
        def __index__(self):
            sizes.clear()
            gc.collect()
            return 2

    sizes = [Two(), Two(), Two()]
    assert tf.zeros(sizes).shape == (2, 2, 2)


def test_a_tensor_that_is_disposed_while_others_are_read():
    first = tf.tensor([1.0, 2.0])
    # Its value was taken before the second argument was read.
    assert tf.add(first, array_object(first.dispose)).arraySync() == [2.0, 4.0]
    second = tf.tensor([1.0, 2.0])
    with pytest.raises(RuntimeError, match="disposed"):
        tf.add(array_object(second.dispose), second)


def test_an_error_on_the_way_is_passed_on():
    class Stops(BaseException):
        pass

    def stop():
        raise Stops

    with pytest.raises(Stops):
        tf.abs(array_object(stop))

    class Closed:
        def __getattr__(self, name):
            raise Stops(name)

    with pytest.raises(Stops):
        tf.abs(Closed())


def test_rows_of_changing_lengths():
    class Row(list):
        lengths = iter([2, 3, 1, 4, 2])

        def __len__(self):
            return next(self.lengths, 1)

    with pytest.raises(ValueError, match=r"rows|elements"):
        tf.tensor([Row([True, False, True, True]), [True, False]])
    with pytest.raises((ValueError, TypeError, MemoryError)):

        class Long(list):
            def __len__(self):
                return 2**62

        tf.tensor([Long([1.0]), Long([1.0])])


def test_a_sequence_without_end():
    class Endless:
        def __len__(self):
            return 3

        def __getitem__(self, i):
            return 1.0

    assert tf.tensor(Endless()).arraySync() == [1.0, 1.0, 1.0]


def test_another_op_on_the_way():
    assert tf.add(1.0, array_object(lambda: tf.tidy(lambda: tf.zeros([3]).dataSync()))).arraySync() == [
        2.0,
        3.0,
    ]


def test_variables_that_are_dropped_while_they_are_listed():
    seen = []
    variable = tf.variable(1.0, name="listed once")
    reference = weakref.ref(variable, lambda _: seen.append(sorted(_core.registeredVariables())))
    del variable
    assert reference() is None
    assert all("listed once" not in names for names in seen)


def test_names_that_are_no_text():
    with pytest.raises(TypeError, match="no argument"):
        tf.abs(1.0, **{"\udc80": 1})
    with pytest.raises(TypeError):
        tf.abs("é" * 100, "é" * 100)


BAD_GRADIENTS = {
    "number": lambda dy, saved: 3.0,
    "number in a list": lambda dy, saved: [dy, 0],
    "string": lambda dy, saved: "dy",
    "dict": lambda dy, saved: {"a": dy},
    "array": lambda dy, saved: [VALUES, VALUES],
    "nothing": lambda dy, saved: None,
    "nested": lambda dy, saved: [[dy, dy]],
    "too few": lambda dy, saved: [dy],
    "too many": lambda dy, saved: [dy, dy, dy],
    "none at all": lambda dy, saved: [],
    "another dtype": lambda dy, saved: [dy, tf.cast(dy, "int32")],
    "strings": lambda dy, saved: [dy, tf.tensor(["a", "b"])],
    "complex": lambda dy, saved: [dy, tf.complex(dy, dy)],
    "another shape": lambda dy, saved: [dy, tf.ones([3])],
    "disposed": lambda dy, saved: [dy, gone()],
}


def gone():
    tensor = tf.ones([2])
    tensor.dispose()
    return tensor


@pytest.mark.parametrize("what", BAD_GRADIENTS)
def test_gradients_that_are_none(what):
    f = tf.customGrad(lambda a, b, save: {"value": tf.mul(a, b), "gradFunc": BAD_GRADIENTS[what]})
    g = tf.grads(lambda a, b: tf.sum(f(a, b)))
    with pytest.raises((TypeError, ValueError, RuntimeError), match=r"gradFunc|gradient|disposed"):
        g([tf.ones([2]), tf.ones([2])])


@pytest.mark.parametrize("result", [3.0, "y", {"a": 1}, [1.0], None, len], ids=lambda r: type(r).__name__)
def test_functions_that_return_no_tensor(result):
    variable = tf.variable(1.0)
    rule = {"value": result, "gradFunc": lambda dy, saved: dy}
    for call in (
        lambda: tf.grad(lambda x: result)(tf.ones([2])),
        lambda: tf.customGrad(lambda x, save: rule)(tf.ones([2])),
        lambda: tf.customGrad(lambda x, save: result)(tf.ones([2])),
        lambda: tf.customGrad(lambda x, save: save([result]))(tf.ones([2])),
        lambda: tf.variableGrads(lambda: result),
        lambda: tf.variableGrads(lambda: result, [variable]),
    ):
        with pytest.raises(TypeError):
            call()


@pytest.mark.parametrize("name", ["sizeFromShape", "computeStrides", "assertNonNegativeIntegerDimensions"])
def test_shapes_without_end(name):
    for take in (getattr(tf.util, name), tf.buffer):
        with pytest.raises(ValueError, match="more than"):
            take(itertools.repeat(1))
