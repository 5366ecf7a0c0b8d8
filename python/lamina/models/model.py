"""LayersModel and tf.model: models put together from symbolic tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import _core
from .._borders import borders
from ..config import Anything, configured, option
from ..kinds import String
from ..notebook import in_notebook
from ..results import DisposeResult
from ..serialization import SerializationMap, to_json
from .container import as_tensors
from .executor import Executor
from .exporting import Exportable
from .graph import Graph
from .saving import Savable
from .training import Trainable

if TYPE_CHECKING:
    from .explaining import Explanation

__all__ = ["Functional", "LayersModel", "model"]

KERAS_VERSION = "tfjs-layers 4.22.0"
BACKEND = "tensor_flow.js"


class LayersModel(Exportable, Savable, Trainable):
    """A model made of layers; made by tf.model()."""

    className = "Model"
    options = ()

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None) -> None:
        super().__init__(name)
        self._set_graph(as_tensors(inputs), as_tensors(outputs))
        self.layers = list(self.graph.layers)
        self._add_inner_node()
        self.built = True

    def summary(
        self,
        lineLength: int | None = None,
        positions: Sequence[float] | None = None,
        printFn: Callable[[str], Any] = print,
    ) -> None:
        """Prints a table of the layers, their shapes and numbers of parameters, line by line through
        `printFn`. In a notebook it is an HTML table by default.
        """
        from .summary import print_summary, summary_html

        self._ensure_built()
        if printFn is print and in_notebook():
            from ..notebook.live import Output

            lines: list[str] = []
            print_summary(self, lineLength, positions, lines.append)
            Output().show(summary_html(self), "\n".join(lines))
            return
        print_summary(self, lineLength, positions, printFn)

    def _repr_html_(self) -> str | None:
        from .summary import summary_html

        return summary_html(self) if self.built else None

    def explain(self, runs: int = 20, printFn: Callable[[str], Any] = print) -> Explanation:
        """Tells how the model is compiled: for each Program its ops, fused groups and their measured costs,
        its memory, and how long it took to trace and plan.

        `runs`: how often each is measured, on zeros; weights and random numbers stay what they are. The text
        goes line by line through `printFn`, and is the str() of what is returned.
        """
        from .explaining import explain

        self._using("explain()")
        found = explain(self, runs)
        for line in str(found).split("\n"):
            printFn(line)
        return found

    def execute(self, inputs: Any, outputs: str | Sequence[str]) -> Any:
        """The values of layers' outputs by name, for tensors given as one, a list, or a dict by input name.

        A name is that of a layer, or of one of its symbolic outputs. Raises ValueError for unknown names.
        """
        self._using("execute()")
        names = [outputs] if isinstance(outputs, str) else list(outputs)
        if not names:
            raise ValueError("`outputs` is an empty Array, which is not allowed.")
        graph = Graph(self.graph.inputs, [self._symbolic(name) for name in names])
        given = self._execute_inputs(inputs)
        with self.lock:
            values = Executor(graph).run(given)[0]
        return values[0] if isinstance(outputs, str) else values

    def _execute_inputs(self, inputs: Any) -> list[Any]:
        if isinstance(inputs, Mapping):
            missing = [name for name in self.inputNames if inputs.get(name) is None]
            if missing:
                raise ValueError(f"No value is provided for the model's input {missing[0]}")
            inputs = [inputs[name] for name in self.inputNames]
        elif isinstance(inputs, _core.Tensor) or not isinstance(inputs, (list, tuple)):
            inputs = [inputs]
        if len(inputs) != len(self.inputNames):
            raise ValueError(
                f"The number of inputs provided ({len(inputs)}) does not match the number of inputs of this "
                f"model ({len(self.inputNames)})."
            )
        return [x if isinstance(x, _core.Tensor) else _core.tensor(x) for x in inputs]

    def _symbolic(self, name: str) -> Any:
        for layer in self.layers:
            for node in layer.inboundNodes:
                if node not in self.graph:
                    continue
                for tensor in node.outputTensors:
                    if tensor.name == name:
                        return tensor
                if layer.name == name and len(node.outputTensors) == 1:
                    return node.outputTensors[0]
        raise ValueError(f'Cannot find SymbolicTensors for output name(s): ["{name}"]')

    def dispose(self) -> DisposeResult:
        """Gives up one use of the model, and with the last one its weights and the optimizer that compile
        made.

        Returns `{refCountAfterDispose, numDisposedVariables}`. Raises DisposedError the second time.
        """
        result = super().dispose()
        if result.refCountAfterDispose == 0:
            disposed = self._drop_compilation()
            result["numDisposedVariables"] += disposed
        return result

    # --- config ---

    @classmethod
    def fromConfig(cls, config: Any) -> LayersModel:
        """A model from what getConfig() returned, or from the config in a file of TensorFlow.js or Keras.

        Raises ValueError where it cannot be put together, naming the layers.
        """
        from .topology import restore_graph

        inputs, outputs = restore_graph(config)
        return cls(inputs, outputs, config.get("name"))

    def topology(self) -> dict[str, Any]:
        """The architecture as plain JSON data, in the form of TensorFlow.js' files."""
        spec = to_json({"className": self.getClassName(), "config": self.getConfig()})
        return {**spec, "keras_version": KERAS_VERSION, "backend": BACKEND}

    def toJSON(self, unused: Any = None, returnString: bool = True) -> Any:
        """The architecture as a JSON string, or as a dict where returnString is False."""
        import json

        topology = self.topology()
        return json.dumps(topology) if returnString else topology


class Functional(LayersModel):
    """The name under which newer files of Keras know such a model."""

    className = "Functional"
    options = ()


SerializationMap.register(LayersModel)
SerializationMap.register(Functional)
for part in LayersModel.__mro__:
    if part.__module__.startswith(f"{__package__}."):
        borders(part)


@configured(
    "tf.model",
    option(
        "inputs", Anything("a symbolic tensor, or a list of them", "SymbolicTensors"), doc="From tf.input()."
    ),
    option(
        "outputs",
        Anything("a symbolic tensor, or a list of them", "SymbolicTensors"),
        doc="What it computes.",
    ),
    option("name", String(), None, "Name of the model."),
)
def model(config: Any) -> LayersModel:
    """A model of all that lies between inputs and outputs: `tf.model({"inputs": x, "outputs": y})`."""
    return LayersModel(config.inputs, config.outputs, config.name)
