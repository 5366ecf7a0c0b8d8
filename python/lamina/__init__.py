"""Lamina: the TensorFlow.js Layers API as a native Python package.

    import lamina as tf

    model = tf.sequential()
    model.add(tf.layers.dense({"units": 1, "inputShape": [1]}))
    model.compile({"optimizer": "sgd", "loss": "meanSquaredError"})
    history = await model.fit(xs, ys, {"epochs": 100})

Names are those of the TensorFlow.js API reference.
"""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any

from . import (
    _core,
    gradients,
    memory,
    numpy_functions,
    ops,
    ops_evaluation,
    ops_matrices,
    ops_pieces,
    ops_recurrent,
    random,
    system,
    tensor,
    tensor_methods,
)
from ._borders import border

if TYPE_CHECKING:
    from types import ModuleType

__version__: str = _core.version

Tensor = _core.Tensor
Variable = _core.Variable

# Where names come from that are imported when they are first asked for, so that `import lamina` stays quick.
_LATER = {
    "enableDebugMode": ".debugging",
    "profile": ".profiling",
    "time": ".profiling",
    "model": ".models",
    "sequential": ".models",
    "loadLayersModel": ".models",
    "modelFromJSON": ".models",
    "LayersModel": ".models",
    "input": ".layers.entrance",
    "SymbolicTensor": ".layers.symbolic",
    "Promise": ".promises",
    "PromiseCancelledError": ".promises",
    "UnawaitedPromiseWarning": ".promises",
    "LaminaWarning": ".errors",
    "History": ".results",
    "Optimizer": ".train",
    "Reduction": ".losses",
    "cosineWindow": ".signal",
    "enclosingPowerOfTwo": ".signal",
    "raggedGather": ".ops_ragged",
    "raggedRange": ".ops_ragged",
    "raggedTensorToTensor": ".ops_ragged",
    "TensorBuffer": ".tensor_buffer",
    "buffer": ".tensor_buffer",
    "Sequential": ".models",
    "RNN": ".layers.recurrent",
    "InputSpec": ".layers.symbolic",
    "LayerVariable": ".layers.variables",
    "Callback": ".callbacks",
    "CustomCallback": ".callbacks",
    "EarlyStopping": ".callbacks",
    "SGDOptimizer": ".train.optimizers",
    "MomentumOptimizer": ".train.optimizers",
    "AdagradOptimizer": ".train.optimizers",
    "AdadeltaOptimizer": ".train.optimizers",
    "RMSPropOptimizer": ".train.optimizers",
    "AdamOptimizer": ".train.adam_family",
    "AdamaxOptimizer": ".train.adam_family",
    "sumOutType": ".util",
    "upcastType": ".util",
    **dict.fromkeys(
        (
            "Environment", "KernelBackend", "backend", "deprecationWarn", "disableDeprecationWarnings",
            "disposeVariables", "enableProdMode", "engine", "env", "findBackend", "findBackendFactory",
            "forceHalfFloat", "getBackend", "nextFrame", "ready", "registerBackend", "removeBackend",
            "setBackend", "setPlatform", "setWebGLContext", "version",
        ),
        ".environment",
    ),
}  # fmt: skip
# Other spellings that TensorFlow.js' guides use.
_ALIASES = {"loadModel": "loadLayersModel", "Model": "LayersModel"}
_MODULES = (
    "browser", "callbacks", "constraints", "data", "fused", "image", "initializers", "io", "layers",
    "linalg", "losses", "math", "metrics", "models", "regularizers", "serialization", "signal",
    "sparse", "spectral", "string", "train", "util",
)  # fmt: skip


def _publish() -> list[str]:
    """Puts ops and eager functions into this module; returns their names."""
    names = globals()
    functions: dict[str, Any] = {
        name: op
        for name, op in vars(_core.ops).items()
        if isinstance(op, _core.Op) and name in _core.public_ops
    }
    modules = (
        gradients, memory, numpy_functions, ops, ops_evaluation, ops_matrices, ops_pieces, ops_recurrent,
        random, system, tensor, tensor_methods,
    )  # fmt: skip
    for module in modules:
        for name in module.__all__:
            value = getattr(module, name)
            if type(value) is FunctionType:
                value = border(value)
                setattr(module, name, value)
            functions[name] = value
    names.update(functions)
    return sorted(functions)


_functions = _publish()

__all__ = sorted([*_functions, *_LATER, *_ALIASES, *_MODULES, "Tensor", "Variable"])  # noqa: PLE0605


@border
def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _MODULES:
        return import_module(f".{name}", __name__)
    source = _ALIASES.get(name, name)
    if source in _LATER:
        module: ModuleType = import_module(_LATER[source], __name__)
        value = getattr(module, source)
        globals()[name] = value
        return value
    if name.startswith("__"):
        raise AttributeError(name)
    from ._absent import replacement
    from ._names import suggest
    from ._python_names import answer, places_of

    # A class of Keras is sought where its kind is; a function of that name in tf is another thing.
    if not answer(name, "tf") and not replacement(name, "tf"):
        for place in places_of(name):
            if place != "tf" and (name[0].isupper() or "tf" not in places_of(name)):
                said = suggest(name, _public(place.removeprefix("tf.")), place)
                raise AttributeError(said.replace(place, "tf", 1))
    inside = [
        f"{module}.{each}"
        for module in ("layers", "train", "browser", "models", "io", "losses", "linalg", "math")
        for each in _public(module)
    ]
    raise AttributeError(suggest(name, __all__, inside=inside))


def _public(module: str) -> list[str]:
    """The public names of a namespace; modules in it are none."""
    from importlib import import_module
    from types import ModuleType

    found = import_module(f".{module}", __name__)
    names: list[str] = vars(found)["__dir__"]() if "__dir__" in vars(found) else found.__all__
    return [name for name in names if not isinstance(vars(found).get(name), ModuleType)]


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
