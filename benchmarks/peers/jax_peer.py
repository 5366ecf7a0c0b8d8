"""JAX below fit(): jitted steps with donated state over stateless calls of Keras layers, jitted operators.

The variant "aot" calls what was compiled ahead of time, which skips the search for it.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from cases import Calls, Epochs, Unsupported, Values
from jax import lax


class Peer:
    def __init__(self, variant: str, threads: int) -> None:
        del threads  # the process is held to that many cores
        self.ahead = variant == "aot"

    def versions(self) -> dict[str, str]:
        import keras

        return {"jax": jax.__version__, "keras": keras.__version__}

    def prepare(self, workload: dict[str, Any]) -> Any:
        values = Values()
        kind = workload["kind"]
        if kind == "predict":
            return self.predict(workload, values)
        if self.ahead or kind in ("own", "digits"):
            raise Unsupported
        if kind == "first":
            return first(workload, values)
        if kind == "fit":
            return training(workload, values)
        return Calls(
            lambda: arrays(values.of_op(workload)), op(workload), nbytes=workload["work"].get("bytes", 0)
        )

    def predict(self, workload: dict[str, Any], values: Values) -> Calls:
        from peers.keras_models import build

        model = build(workload["model"])
        trained = [v.value for v in model.trainable_variables]
        others = [v.value for v in model.non_trainable_variables]

        @jax.jit
        def forward(x: Any) -> Any:
            return model.stateless_call(trained, others, x, training=False)[0]

        def make() -> tuple[Any, ...]:
            return arrays((values.inputs(workload["model"], workload["batch"]),))

        called = forward.lower(*make()).compile() if self.ahead else forward
        return Calls(make, lambda x: np.asarray(called(x)))


def arrays(given: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(jnp.asarray(array) for array in given)


def first(workload: dict[str, Any], values: Values) -> Calls:
    if workload["bar"]:
        raise Unsupported
    sizes = [1, *workload["units"]]

    def loss(weights: Any, x: Any, y: Any) -> Any:
        for w, b in weights:
            x = x @ w + b
        return jnp.mean((x - y) ** 2)

    # Compiled once, not for each program: what a loop costs at its best.
    @jax.jit
    def step(weights: Any, x: Any, y: Any) -> Any:
        return jax.tree.map(lambda a, g: a - 0.01 * g, weights, jax.grad(loss)(weights, x, y))

    def call(x: Any, y: Any) -> None:
        weights = [(jnp.ones((a, b)), jnp.zeros(b)) for a, b in pairwise(sizes)]
        for _ in range(workload["epochs"]):
            weights = step(weights, x, y)
        jax.block_until_ready(weights)

    return Calls(lambda: arrays(values.line()), call)


def training(workload: dict[str, Any], values: Values) -> Epochs:
    import keras

    from peers.keras_models import LOSSES, build

    model, optimizer = build(workload["model"]), keras.optimizers.Adam(1e-3)
    optimizer.build(model.trainable_variables)
    loss, batch = LOSSES[workload["model"]["loss"]], workload["batch"]

    def loss_of(trained: Any, others: Any, x: Any, y: Any) -> Any:
        predicted, others = model.stateless_call(trained, others, x, training=True)
        return jnp.mean(loss(y, predicted)), others

    def step(state: Any, x: Any, y: Any) -> Any:
        trained, others, slots = state
        (value, others), gradients = jax.value_and_grad(loss_of, has_aux=True)(trained, others, x, y)
        trained, slots = optimizer.stateless_apply(slots, gradients, trained)
        return (trained, others, slots), value

    compiled = jax.jit(step, donate_argnums=0)
    groups = (model.trainable_variables, model.non_trainable_variables, optimizer.variables)
    # Copies: donated arrays are gone, and the model keeps its own.
    state = [jax.tree.map(jnp.array, tuple([v.value for v in group] for group in groups))]

    def fit(x: Any, y: Any, epochs: int) -> None:
        for _ in range(epochs):
            for part in zip(x, y, strict=True):
                state[0], _ = compiled(state[0], *part)
        jax.block_until_ready(state[0])

    def data() -> tuple[Any, Any]:
        """Ready batches: the loop of JAX is given what fit() has to gather."""
        x, y = values.data(workload)
        starts = range(0, len(x), batch)
        return tuple([jnp.asarray(part[s : s + batch]) for s in starts] for part in (x, y))  # type: ignore[return-value]

    return Epochs(data, workload["steps"], fit)


def op(workload: dict[str, Any]) -> Callable[..., Any]:
    name, shape = workload["op"], workload["shape"]
    if name == "adam":
        return adam(shape)
    filters = workload.get("filters", shape[-1])

    def conv(x: Any, w: Any, groups: int = 1) -> Any:
        w = w.reshape(3, 3, 1, -1) if groups > 1 else w
        numbers = ("NHWC", "HWIO", "NHWC")
        return lax.conv_general_dilated(
            x, w, (1, 1), "SAME", dimension_numbers=numbers, feature_group_count=groups
        )

    def norm(x: Any, axes: Any) -> Any:
        mean = x.mean(axes, keepdims=True)
        variance = (x * x).mean(axes, keepdims=True) - mean * mean
        return (x - mean) * lax.rsqrt(variance + 1e-3)

    window = (1, 2, 2, 1)
    calls: dict[str, Callable[..., Any]] = {
        "matMul": lambda a, b: a @ b,
        "add": lambda a, b: a + b,
        "relu": jax.nn.relu,
        "exp": jnp.exp,
        "tanh": jnp.tanh,
        "sigmoid": jax.nn.sigmoid,
        "gelu": lambda x: jax.nn.gelu(x, approximate=False),
        "softmax": jax.nn.softmax,
        "sumRows": lambda x: x.sum(0),
        "sumColumns": lambda x: x.sum(1),
        "layerNorm": lambda x: norm(x, -1),
        "batchNorm": lambda x: norm(x, (0, 1, 2)),
        "conv": conv,
        "convInput": lambda g, w: jax.vjp(lambda x: conv(x, w), jnp.zeros(shape))[1](g)[0],
        "convFilter": lambda x, g: jax.vjp(lambda w: conv(x, w), jnp.zeros((3, 3, shape[-1], filters)))[1](g)[
            0
        ],
        "depthwise": lambda x, w: conv(x, w, shape[-1]),
        "maxPool": lambda x: lax.reduce_window(x, -jnp.inf, lax.max, window, window, "VALID"),
        "gather": lambda table, rows: jnp.take(table, rows, 0),
    }
    compiled = jax.jit(calls[name])
    return lambda *inputs: compiled(*inputs).block_until_ready()


def adam(shape: list[int]) -> Callable[[Any], None]:
    def update(state: Any, gradient: Any) -> Any:
        weights, mean, square = state
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient * gradient
        return weights - 1e-3 * mean / (jnp.sqrt(square) + 1e-7), mean, square

    compiled = jax.jit(update, donate_argnums=0)
    state = [tuple(jnp.array(np.zeros(shape, np.float32)) for _ in range(3))]

    def call(gradient: Any) -> None:
        state[0] = compiled(state[0], gradient)
        jax.block_until_ready(state[0])

    return call
