"""The other parts of a step: metrics, activations, regularizers, optimizers."""

from __future__ import annotations

import random
from typing import Any

import lamina as tf

from .case import CLOSED, OPEN, Case, Own, snippet

FACTOR = 1.0
STATE = {"factor": 1.0}


@snippet(CLOSED)
def a_metric() -> Case:
    def change() -> None:
        global FACTOR
        FACTOR += 1.0

    global FACTOR
    FACTOR = 1.0
    return Case(metrics=[lambda a, b: tf.max(tf.abs(a.sub(b))).mul(FACTOR)], change=change)


@snippet(CLOSED)
def an_activation() -> Case:
    factor = 1.0

    def change() -> None:
        nonlocal factor
        factor += 1.0

    return Case(
        layer=lambda: tf.layers.dense(units=4, activation=lambda x: x.tanh().mul(factor)), change=change
    )


@snippet(CLOSED)
def a_regularizer_and_a_constraint() -> Case:
    class Slight(tf.regularizers.Regularizer):
        className = "Slight"
        options = ()

        def __init__(self) -> None:
            self.rate = 0.5

        def apply(self, x: Any) -> Any:
            return x.square().sum().mul(self.rate)

    class Shorter(tf.constraints.Constraint):
        className = "Shorter"
        options = ()

        def apply(self, w: Any) -> Any:
            return w.mul(0.9)

    slight = Slight()

    def change() -> None:
        slight.rate += 1.0

    return Case(
        layer=lambda: tf.layers.dense(
            units=4, kernelRegularizer=slight, biasRegularizer=slight, kernelConstraint=Shorter()
        ),
        change=change,
    )


@snippet(CLOSED)
def an_initializer() -> Case:
    """It runs when the layer is built, not in a step: what it does there is nobody's business."""
    drawn: list[float] = []

    class Draws(tf.initializers.Initializer):
        className = "Draws"
        options = ()

        def apply(self, shape: Any, dtype: Any = None) -> Any:
            drawn.append(random.random())
            return tf.ones(shape)

    return Case(layer=lambda: tf.layers.dense(units=4, kernelInitializer=Draws()))


@snippet(CLOSED)
def a_loss_of_a_layer() -> Case:
    factor = 1.0

    class Penalized(Own):
        className = "Penalized"

        def build(self, inputShape: Any) -> None:
            gain = self.addWeight("gain", [inputShape[-1]], "float32", "ones")
            self.gain = gain
            self.addLoss(lambda: gain.read().square().sum().mul(factor))
            self.built = True

        def call(self, inputs: Any) -> Any:
            return inputs.mul(self.gain.read())

    def change() -> None:
        nonlocal factor
        factor += 1.0

    return Case(layer=lambda: Penalized({}), change=change)


@snippet(CLOSED)
def a_schedule() -> Case:
    from lamina.train.schedules import LearningRateSchedule

    class Slower(LearningRateSchedule):
        className = "Slower"
        options = ()

        def __init__(self) -> None:
            self.first = 0.1

        def call(self, step: Any) -> Any:
            return tf.div(self.first, tf.add(step, 1.0))

    slower = Slower()

    def change() -> None:
        slower.first *= 0.5

    return Case(optimizer=lambda: tf.train.sgd(slower), change=change)


@snippet(OPEN, "`STATE` is a dict")
def a_schedule_that_reads_a_dict() -> Case:
    from lamina.train.schedules import LearningRateSchedule

    class Read(LearningRateSchedule):
        className = "Read"
        options = ()

        def __init__(self) -> None:
            """Nothing to set."""

        def call(self, step: Any) -> Any:
            return tf.mul(tf.div(1.0, tf.add(step, 1.0)), STATE["factor"])

    STATE["factor"] = 0.1
    return Case(optimizer=lambda: tf.train.sgd(Read()), change=lambda: STATE.update(factor=0.2))


@snippet(CLOSED)
def an_optimizer() -> Case:
    class Slow(tf.SGDOptimizer):
        className = "Slow"

        def apply(self, variables: Any, grads: Any) -> None:
            super().apply(variables, [None if g is None else g.mul(FACTOR) for g in grads])

    def change() -> None:
        global FACTOR
        FACTOR += 1.0

    global FACTOR
    FACTOR = 1.0
    return Case(optimizer=lambda: Slow({"learningRate": 0.01}), change=change)


class Largest(tf.metrics.Metric):
    factory = "largest"

    def __init__(self) -> None:
        super().__init__()
        self.scale = 1.0
        self._largest = self.addVariable()

    def updateState(self, yTrue: Any, yPred: Any, sampleWeight: Any = None) -> None:
        found = yTrue.sub(yPred).abs().max().mul(self.scale)
        self.assign(self._largest, tf.maximum(self._largest, found))

    def result(self) -> Any:
        return tf.add(self._largest, 0.0)


@snippet(CLOSED)
def a_metric_with_state() -> Case:
    largest = Largest()

    def change() -> None:
        largest.scale += 1.0

    return Case(metrics=[largest], change=change)


@snippet(OPEN, "sets the attribute `seen`")
def a_metric_that_counts_in_python() -> Case:
    class Counting(Largest):
        factory = "counting"
        seen = 0

        def updateState(self, yTrue: Any, yPred: Any, sampleWeight: Any = None) -> None:
            self.seen += 1
            super().updateState(yTrue, yPred.mul(self.seen), sampleWeight)

    return Case(metrics=[Counting()])
