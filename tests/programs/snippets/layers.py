"""Layers of a user's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import lamina as tf

from .case import CLOSED, OPEN, Case, Own, error, snippet


class Attributes(Own):
    className = "Attributes"

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self._k = 1.0
        self.inner = tf.layers.dense(units=4, name="inner", kernelInitializer="ones")

    @property
    def rate(self) -> float:
        return self._k * 0.5

    def scale(self, x: Any) -> Any:
        return x.mul(self.rate)

    def call(self, inputs: Any, kwargs: Any) -> Any:
        return self.scale(self.inner.apply(inputs))


def changing(make: Callable[[], Any], change: Callable[[Any], None], **options: Any) -> Case:
    """A case whose change works on the layer that was made last."""
    made: list[Any] = []

    def layer() -> Any:
        made.append(make())
        return made[-1]

    return Case(layer=layer, change=lambda: change(made[-1]), **options)


@snippet(CLOSED)
def attributes_properties_and_methods() -> Case:
    def change(layer: Any) -> None:
        layer._k += 1.0

    return changing(lambda: Attributes({}), change)


@snippet(CLOSED)
def a_base_and_super() -> Case:
    class Doubled(Attributes):
        className = "Doubled"

        def scale(self, x: Any) -> Any:
            return super().scale(x).mul(2.0)

        def call(self, inputs: Any, kwargs: Any) -> Any:
            return super().call(inputs, kwargs).add(1.0)

    def change(layer: Any) -> None:
        layer._k += 1.0

    return changing(lambda: Doubled({}), change)


@snippet(CLOSED)
def an_attribute_of_another_layer() -> Case:
    other = Attributes({})

    class Reads(Own):
        className = "Reads"

        def call(self, inputs: Any) -> Any:
            return inputs.mul(other._k)

    def change() -> None:
        other._k += 1.0

    return Case(layer=lambda: Reads({}), change=change)


@snippet(CLOSED)
def class_attributes() -> Case:
    class Base(Own):
        className = "Base"
        factor = 1.0

    class Derived(Base):
        className = "Derived"

        def call(self, inputs: Any) -> Any:
            return inputs.mul(self.factor).mul(type(self).factor)

    def change() -> None:
        Base.factor += 1.0
        if Base.factor > 2:
            Derived.factor = 0.5

    return Case(layer=lambda: Derived({}), change=change)


@snippet(CLOSED)
def a_method_that_is_replaced_on_the_class() -> Case:
    class Plain(Own):
        className = "Plain"

        def call(self, inputs: Any) -> Any:
            return inputs.mul(2.0)

    def change() -> None:
        Plain.call = lambda self, inputs: inputs.mul(3.0)  # type: ignore[method-assign]

    return Case(layer=lambda: Plain({}), change=change)


class Kept(Own):
    className = "Kept"

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.kept = {"factor": 1.0}
        self.steps = [1.0, 2.0]

    def call(self, inputs: Any) -> Any:
        for step in self.steps:
            inputs = inputs.mul(step)
        return inputs.mul(self.kept["factor"])


@snippet(CLOSED)
def containers_that_are_attributes() -> Case:
    def change(layer: Any) -> None:
        layer.kept["factor"] += 0.5
        layer.steps.append(0.5)

    return changing(lambda: Kept({}), change)


@snippet(CLOSED)
def a_list_of_layers() -> Case:
    class Stack(Own):
        className = "Stack"

        def __init__(self, config: Any) -> None:
            super().__init__(config)
            self.blocks = [
                tf.layers.dense(units=4, name=f"block{i}", kernelInitializer="identity") for i in range(3)
            ]

        def call(self, inputs: Any) -> Any:
            outputs = []
            for block in self.blocks:
                inputs = block.apply(inputs)
                outputs.append(inputs)
            total = outputs[0]
            for each in outputs[1:]:
                total += each
            return total

    def change(layer: Any) -> None:
        if len(layer.blocks) > 1:
            layer.blocks.pop()

    return changing(lambda: Stack({}), change)


@snippet(OPEN, "an array" and "numpy.ndarray")
def an_array_in_a_list() -> Case:
    class Held(Own):
        className = "Held"

        def __init__(self, config: Any) -> None:
            super().__init__(config)
            self.arrays = [np.ones(4, "float32")]

        def call(self, inputs: Any) -> Any:
            return inputs.mul(self.arrays[0])

    return changing(lambda: Held({}), lambda layer: layer.arrays[0].__iadd__(1))


@snippet(OPEN)
def a_list_that_the_code_fills() -> Case:
    """Nothing in the instructions says whose list it is: the trace finds out."""

    class Fills(Own):
        className = "Fills"

        def __init__(self, config: Any) -> None:
            super().__init__(config)
            self.seen = [1.0]

        def call(self, inputs: Any) -> Any:
            self.seen.append(1.0)
            return inputs.mul(len(self.seen))

    return Case(layer=lambda: Fills({}))


@snippet(OPEN, "reads `__dict__`")
def the_dict_of_an_object() -> Case:
    class Sneaks(Own):
        className = "Sneaks"

        def call(self, inputs: Any) -> Any:
            return inputs.mul(self.__dict__["factor"])

    def make() -> Any:
        layer = Sneaks({})
        layer.factor = 1.0
        return layer

    def change(layer: Any) -> None:
        layer.factor += 1.0

    return changing(make, change)


@snippet(OPEN, "sets the attribute `steps`")
def an_attribute_that_is_set() -> Case:
    class Counts(Own):
        className = "Counts"

        def __init__(self, config: Any) -> None:
            super().__init__(config)
            self.steps = 0

        def call(self, inputs: Any) -> Any:
            self.steps += 1
            return inputs.mul(self.steps)

    return Case(layer=lambda: Counts({}))


@snippet(OPEN, "call hook")
def a_call_hook() -> Case:
    draws: list[int] = []

    def prepare(model: Any) -> None:
        model.layers[0].setCallHook(lambda inputs, kwargs: draws.append(1))

    return Case(draws=draws, prepare=prepare)


@snippet(OPEN, "`call` of")
def a_method_that_is_shadowed() -> Case:
    draws: list[int] = []

    def prepare(model: Any) -> None:
        layer = model.layers[0]
        method = layer.call

        def shadow(inputs: Any, kwargs: Any) -> Any:
            draws.append(1)
            return method(inputs, kwargs)

        layer.call = shadow

    return Case(draws=draws, prepare=prepare)


@snippet(CLOSED)
def a_branch_on_a_size() -> Case:
    class Branches(Own):
        className = "Branches"

        def call(self, inputs: Any) -> Any:
            return inputs.mul(2.0) if inputs.shape[0] > 4 else inputs.mul(3.0 + len(inputs.shape))

    return Case(layer=lambda: Branches({}))


@snippet(CLOSED)
def a_branch_on_training() -> Case:
    class Noise(Own):
        className = "Noise"

        def call(self, inputs: Any, kwargs: Any) -> Any:
            return inputs.mul(2.0) if kwargs.get("training", False) else inputs

    return Case(layer=lambda: Noise({}))


@snippet(OPEN, "foreign" and "Counter")
def an_object_of_no_layer() -> Case:
    class Counter:
        def __init__(self) -> None:
            self.n = 0.0

        def next(self) -> float:
            self.n += 1
            return self.n

    counter = Counter()
    return Case(loss=lambda a, b: error(a, b).mul(counter.next()))
