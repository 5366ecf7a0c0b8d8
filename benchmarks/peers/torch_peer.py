"""PyTorch: eager, channels-last, compiled, scripted, and with results in a given place ("out").

Training takes a shuffled batch each step, with the fused Adam. Classifiers train on logits, as
PyTorch's users do.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from cases import Calls, Epochs, Unsupported, Values
from digits import Digits
from torch import nn

LAST = torch.channels_last


class Peer:
    def __init__(self, variant: str, threads: int) -> None:
        torch.set_num_threads(threads)
        torch.manual_seed(0)
        self.variant = variant

    def versions(self) -> dict[str, str]:
        return {"torch": torch.__version__}

    def prepare(self, workload: dict[str, Any]) -> Any:
        kind = workload["kind"]
        if kind == "first":
            return self.first(workload)
        if kind == "op":
            return self.op(workload)
        if self.variant == "out" or kind == "own":
            raise Unsupported
        images = len(workload["model"]["input"]) == 3
        if self.variant == "channels-last" and not images:
            raise Unsupported("no images")
        if kind == "digits":
            return Digits(lambda: self.classifier(workload))
        return self.fit(workload) if kind == "fit" else self.predict(workload)

    def first(self, workload: dict[str, Any]) -> Calls:
        if self.variant or workload["bar"]:
            raise Unsupported
        values = Values()

        def call(x: Any, y: Any) -> None:
            sizes = [1, *workload["units"]]
            model = nn.Sequential(*(nn.Linear(a, b) for a, b in pairwise(sizes)))
            optimizer = torch.optim.SGD(model.parameters(), 0.01)
            loss = nn.MSELoss()
            for _ in range(workload["epochs"]):
                optimizer.zero_grad()
                loss(model(x), y).backward()
                optimizer.step()

        return Calls(lambda: tuple(map(torch.from_numpy, values.line())), call)

    def image(self, x: Any) -> torch.Tensor:
        """Of an array of images with channels at the end."""
        x = torch.from_numpy(x)
        if x.ndim != 4:
            return x.long() if x.dtype == torch.int32 else x
        x = x.permute(0, 3, 1, 2)
        return x.contiguous(memory_format=LAST) if self.variant == "channels-last" else x.contiguous()

    def fit(self, workload: dict[str, Any]) -> Epochs:
        values = Values()
        _, fit = self.trained(workload)

        def data() -> tuple[Any, Any]:
            x, y = values.data(workload)
            return self.image(x), torch.from_numpy(y)

        return Epochs(data, workload["steps"], fit)

    def classifier(self, workload: dict[str, Any]) -> tuple[Any, Any]:
        model, fit = self.trained(workload)

        def predict(x: Any) -> Any:
            model.eval()
            with torch.no_grad():
                found = [model(part).numpy() for part in self.image(x).split(1000)]
            model.train()
            return np.concatenate(found)

        return lambda x, y: fit(self.image(x), torch.from_numpy(y), 1), predict

    def trained(self, workload: dict[str, Any]) -> tuple[nn.Module, Callable[[Any, Any, int], None]]:
        """A new model, and fit(x, y, epochs) for it."""
        described = workload["model"]
        if self.variant == "script":
            raise Unsupported("inference only")
        if self.variant == "compile" and "vocabulary" in described:
            raise Unsupported(
                "the compiler unrolls the time steps: slower than eager, and minutes to compile"
            )
        model = build(described, logits=True).train()
        if self.variant == "channels-last":
            model = model.to(memory_format=LAST)
        optimizer = torch.optim.Adam(model.parameters(), 1e-3, eps=1e-7, fused=True)
        losses: dict[str, Callable[..., Any]] = {
            "crossEntropy": F.cross_entropy,
            "binaryCrossEntropy": F.binary_cross_entropy_with_logits,
            "squares": F.mse_loss,
        }
        loss, batch = losses[described["loss"]], workload["batch"]

        def forward(x: Any, y: Any) -> Any:
            return loss(model(x), y)

        if self.variant == "compile":
            torch._dynamo.reset()
            forward = torch.compile(forward)

        def fit(x: Any, y: Any, epochs: int) -> None:
            for _ in range(epochs):
                order = torch.randperm(len(x))
                for start in range(0, len(x), batch):
                    rows = order[start : start + batch]
                    optimizer.zero_grad(set_to_none=True)
                    value = forward(x[rows], y[rows])
                    value.backward()
                    optimizer.step()
                value.item()

        return model, fit

    def predict(self, workload: dict[str, Any]) -> Calls:
        values = Values()
        model = build(workload["model"], logits=False).eval()

        def make() -> tuple[Any]:
            return (self.image(values.inputs(workload["model"], workload["batch"])),)

        if self.variant == "channels-last":
            model = model.to(memory_format=LAST)
        elif self.variant == "compile":
            torch._dynamo.reset()
            model = torch.compile(model, options={"freezing": True})
        elif self.variant == "script":
            with torch.no_grad():
                model = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(model, make()[0])))

        return Calls(make, model, torch.no_grad)

    def op(self, workload: dict[str, Any]) -> Calls:
        if self.variant not in ("", "out"):
            raise Unsupported
        call = (with_out if self.variant else op)(workload)
        values = Values()

        def make() -> tuple[Any, ...]:
            arrays = values.of_op(workload)
            return tuple(to_torch(workload["op"], place, array) for place, array in enumerate(arrays))

        return Calls(make, call, torch.no_grad, workload["work"].get("bytes", 0))


def to_torch(op: str, place: int, array: Any) -> torch.Tensor:
    x = torch.from_numpy(array)
    if x.ndim != 4:
        return x.long() if x.dtype == torch.int32 else x
    # The second input is a filter, but for the gradient by it, where it is the gradient of the result.
    is_filter = place == 1 and op != "convFilter"
    axes = (2, 3, 0, 1) if op == "depthwise" else (3, 2, 0, 1)
    return x.permute(axes if is_filter else (0, 3, 1, 2)).contiguous(memory_format=LAST)


def op(workload: dict[str, Any]) -> Callable[..., Any]:
    name, shape = workload["op"], workload["shape"]
    if name == "adam":
        weights = nn.Parameter(torch.zeros(shape))
        optimizer = torch.optim.Adam([weights], 1e-3, fused=True)

        def update(gradient: torch.Tensor) -> None:
            weights.grad = gradient
            optimizer.step()

        return update
    width = shape[-1]
    one, zero = torch.ones(width), torch.zeros(width)
    mean, variance = torch.zeros(width), torch.ones(width)
    kept: dict[str, torch.Tensor] = {}
    if name in ("convInput", "convFilter"):
        filters = workload["filters"]
        by_input = name == "convInput"
        # Only the sizes of the other operand are read.
        sizes = (shape[0], width, shape[1], shape[2]) if by_input else (filters, width, 3, 3)
        kept["other"] = torch.empty(sizes).contiguous(memory_format=LAST)
        rest = ([1, 1], [1, 1], [1, 1], False, [0, 0], 1, [by_input, not by_input, False])
        backward = torch.ops.aten.convolution_backward
        if by_input:
            return lambda gradient, w: backward(gradient, kept["other"], w, None, *rest)
        return lambda x, gradient: backward(gradient, x, kept["other"], None, *rest)
    calls: dict[str, Callable[..., Any]] = {
        "matMul": torch.mm,
        "add": torch.add,
        "relu": torch.relu,
        "exp": torch.exp,
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
        "gelu": F.gelu,
        "softmax": lambda x: torch.softmax(x, -1),
        "sumRows": lambda x: torch.sum(x, 0),
        "sumColumns": lambda x: torch.sum(x, 1),
        "layerNorm": lambda x: F.layer_norm(x, (width,), one, zero, 1e-3),
        "batchNorm": lambda x: F.batch_norm(x, mean, variance, one, zero, True, eps=1e-3),
        "conv": lambda x, w: F.conv2d(x, w, padding=1),
        "depthwise": lambda x, w: F.conv2d(x, w, padding=1, groups=width),
        "maxPool": lambda x: F.max_pool2d(x, 2),
        "gather": lambda table, rows: F.embedding(rows, table),
    }
    return calls[name]


def with_out(workload: dict[str, Any]) -> Callable[..., Any]:
    result = torch.empty(workload["shape"])
    calls: dict[str, Callable[..., Any]] = {
        "matMul": lambda a, b: torch.mm(a, b, out=result),
        "add": lambda a, b: torch.add(a, b, out=result),
        "relu": lambda x: torch.clamp_min(x, 0, out=result),
        "exp": lambda x: torch.exp(x, out=result),
        "tanh": lambda x: torch.tanh(x, out=result),
        "sigmoid": lambda x: torch.sigmoid(x, out=result),
        "gelu": lambda x: torch.ops.aten.gelu.out(x, out=result),
    }
    if workload["op"] not in calls:
        raise Unsupported
    return calls[workload["op"]]


class Residual(nn.Module):
    def __init__(self, branch: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.branch, self.shortcut = branch, shortcut

    def forward(self, x: Any) -> Any:
        return self.branch(x) + self.shortcut(x)


class LastOutput(nn.Module):
    def __init__(self, size: int, units: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(size, units, batch_first=True)

    def forward(self, x: Any) -> Any:
        return self.lstm(x)[0][:, -1]


ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "softmax": lambda: nn.Softmax(-1),
    "sigmoid": nn.Sigmoid,
}


def build(described: dict[str, Any], logits: bool) -> nn.Module:
    """Sizes are found by passing a sample through what is there so far."""
    shape = described["input"]
    if "vocabulary" in described:
        sample = torch.zeros(1, *shape, dtype=torch.long)
    else:
        sample = torch.zeros(1, shape[2], *shape[:2]) if len(shape) == 3 else torch.zeros(1, *shape)
    layers = described["layers"]
    if logits and layers[-1]["activation"] != "linear":
        layers = [*layers[:-1], {**layers[-1], "activation": "linear"}]
    with torch.no_grad():
        return sequence(layers, sample)[0]


def sequence(layers: list[dict[str, Any]], x: torch.Tensor) -> tuple[nn.Module, torch.Tensor]:
    parts: list[nn.Module] = []
    for layer in layers:
        for part in make(layer, x):
            # Normalising one sample by itself would change the statistics.
            x = part.eval()(x)
            parts.append(part)
    return nn.Sequential(*parts), x


def make(layer: dict[str, Any], x: torch.Tensor) -> list[nn.Module]:
    name, channels = layer["layer"], x.shape[1] if x.ndim > 1 else 0
    activation = [ACTIVATIONS[layer["activation"]]()] if layer.get("activation", "linear") != "linear" else []
    if name == "dense":
        return [nn.Linear(channels, layer["units"]), *activation]
    if name == "conv":
        pad = layer["kernel"] // 2 if layer["padding"] == "same" else 0
        rest = {"stride": layer["stride"], "padding": pad, "bias": layer["bias"]}
        return [nn.Conv2d(channels, layer["filters"], layer["kernel"], **rest), *activation]
    if name == "depthwise":
        rest = {"stride": layer["stride"], "padding": layer["kernel"] // 2, "groups": channels, "bias": False}
        return [nn.Conv2d(channels, channels, layer["kernel"], **rest)]
    if name == "residual":
        branch, shortcut = sequence(layer["branch"], x)[0], sequence(layer["shortcut"], x)[0]
        return [Residual(branch, shortcut)]
    if name == "embedding":
        return [nn.Embedding(layer["vocabulary"], layer["size"])]
    if name == "lstm":
        return [LastOutput(x.shape[-1], layer["units"])]
    simple: dict[str, Callable[[], list[nn.Module]]] = {
        "batchNorm": lambda: [nn.BatchNorm2d(channels)],
        "relu": lambda: [nn.ReLU()],
        "relu6": lambda: [nn.ReLU6()],
        "maxPool": lambda: [nn.MaxPool2d(layer["size"])],
        "flatten": lambda: [nn.Flatten()],
        "globalPool": lambda: [nn.AdaptiveAvgPool2d(1), nn.Flatten()],
    }
    return simple[name]()
