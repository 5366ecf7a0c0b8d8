"""ONNX Runtime: inference of graphs built here, channels first, with the nodes a converter leaves."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
from cases import Calls, Unsupported, Values
from onnx import TensorProto, helper, numpy_helper


class Peer:
    def __init__(self, variant: str, threads: int) -> None:
        del variant
        self.options = onnxruntime.SessionOptions()
        self.options.intra_op_num_threads = threads
        self.options.inter_op_num_threads = 1

    def versions(self) -> dict[str, str]:
        return {"onnxruntime": onnxruntime.__version__}

    def prepare(self, workload: dict[str, Any]) -> Calls:
        if workload["kind"] != "predict":
            raise Unsupported("inference only")
        values, model = Values(), workload["model"]
        graph = Graph(workload["batch"], model["input"])
        graph.add(model["layers"])
        providers = ["CPUExecutionProvider"]
        session = onnxruntime.InferenceSession(graph.serialized(), self.options, providers=providers)

        def make() -> tuple[Any]:
            x = values.inputs(model, workload["batch"])
            return (np.ascontiguousarray(x.transpose(0, 3, 1, 2)) if x.ndim == 4 else x,)

        return Calls(make, lambda x: session.run(None, {"x": x}))


class Graph:
    def __init__(self, batch: int, shape: list[int]) -> None:
        self._values = Values(3)
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._end = "x"
        # Without the batch: channels, height, width, or one number.
        self._shape = [shape[2], *shape[:2]] if len(shape) == 3 else list(shape)
        self._start = [batch, *self._shape]

    def serialized(self) -> bytes:
        start = helper.make_tensor_value_info("x", TensorProto.FLOAT, self._start)
        end = helper.make_tensor_value_info(self._end, TensorProto.FLOAT, None)
        graph = helper.make_graph(self._nodes, "model", [start], [end], self._constants)
        opset = helper.make_opsetid("", 17)
        return helper.make_model(graph, opset_imports=[opset], ir_version=9).SerializeToString()

    def _constant(self, array: Any) -> str:
        name = f"constant{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(array, np.float32), name))
        return name

    def _weights(self, *shape: int) -> str:
        reach = 1 / np.sqrt(max(1, np.prod(shape[1:])))
        return self._constant(self._values.uniform(*shape) * np.float32(reach))

    def _node(self, kind: str, *constants: str, **attributes: Any) -> None:
        end = f"value{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, [self._end, *constants], [end], **attributes))
        self._end = end

    def _activation(self, name: str) -> None:
        if name == "softmax":
            self._node("Softmax", axis=-1)
        elif name != "linear":
            self._node({"relu": "Relu", "sigmoid": "Sigmoid"}[name])

    def _conv(self, layer: dict[str, Any], filters: int, groups: int) -> None:
        channels, *size = self._shape
        kernel, stride = layer["kernel"], layer["stride"]
        constants = [self._weights(filters, channels // groups, kernel, kernel)]
        if layer.get("bias"):
            constants.append(self._weights(filters))
        pad = 0 if layer.get("padding") == "valid" else kernel // 2
        shared = {"kernel_shape": [kernel, kernel], "strides": [stride, stride], "pads": [pad] * 4}
        self._node("Conv", *constants, group=groups, **shared)
        self._shape = [filters, *((s + 2 * pad - kernel) // stride + 1 for s in size)]

    def add(self, layers: list[dict[str, Any]]) -> None:
        for layer in layers:
            self._layer(layer)

    def _layer(self, layer: dict[str, Any]) -> None:
        name, channels = layer["layer"], self._shape[0]
        if name == "dense":
            self._node("Gemm", self._weights(channels, layer["units"]), self._weights(layer["units"]))
            self._shape = [layer["units"]]
        elif name == "conv":
            self._conv(layer, layer["filters"], 1)
        elif name == "depthwise":
            self._conv(layer, channels, channels)
        elif name == "batchNorm":
            one, zero = np.ones(channels), np.zeros(channels)
            self._node("BatchNormalization", *map(self._constant, (one, zero, zero, one)))
        elif name == "relu":
            self._node("Relu")
        elif name == "relu6":
            self._node("Clip", self._constant(np.float32(0)), self._constant(np.float32(6)))
        elif name == "maxPool":
            size = layer["size"]
            self._node("MaxPool", kernel_shape=[size, size], strides=[size, size])
            self._shape = [channels, *(s // size for s in self._shape[1:])]
        elif name in ("globalPool", "flatten"):
            if name == "globalPool":
                self._node("GlobalAveragePool")
                self._shape = [channels]
            self._node("Flatten")
            self._shape = [int(np.prod(self._shape))]
        else:
            raise Unsupported(f"no {name} here")
        self._activation(layer.get("activation", "linear"))
