"""The name somebody probably meant: near spellings, and what Python libraries call the same thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["MissingName", "camel", "nearest", "suggest"]


def camel(name: str) -> str:
    """snake_case as lowerCamelCase."""
    head, *tail = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in tail)


def _snake(name: str) -> str:
    """lowerCamelCase as snake_case, for old camelCase spellings of Python names."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name spelled most like `name`, case aside; None when nothing is like it."""
    by_lower: dict[str, str] = {}
    for each in known:
        by_lower.setdefault(each.lower(), each)
    wanted = camel(name).lower()
    if wanted in by_lower:
        return by_lower[wanted]
    from difflib import get_close_matches

    found = get_close_matches(wanted, by_lower, n=1, cutoff=0.7)
    return by_lower[found[0]] if found else None


# What TensorFlow, Keras and PyTorch call things, by dotted name without the leading module; the first name
# that is there is meant.
_PYTHON_NAMES = {
    "Sequential": "sequential",
    "Model": "model",
    "Input": "input",
    "Tensor": "Tensor",
    "Variable": "variable",
    "constant": "tensor",
    "convert_to_tensor": "tensor",
    "reduce_all": "all",
    "reduce_any": "any",
    "reduce_logsumexp": "logSumExp",
    "reduce_max": "max",
    "reduce_mean": "mean",
    "reduce_min": "min",
    "reduce_prod": "prod",
    "reduce_sum": "sum",
    "matmul": "matMul",
    "mm": "matMul",
    "multiply": "mul",
    "subtract": "sub",
    "divide": "div",
    "negative": "neg",
    "absolute": "abs",
    "power": "pow",
    "argmax": "argMax",
    "argmin": "argMin",
    "concatenate": "concat",
    "cat": "concat",
    "permute": "transpose",
    "arange": "range",
    "eye": "eye",
    "full": "fill",
    "rand": "randomUniform",
    "randn": "randomNormal",
    "norm": "norm",
    "GradientTape": "variableGrads",
    "gradients": "grads",
    "set_seed": "setRandomSeed",
    "load_model": "loadLayersModel",
    "model_from_json": "models.modelFromJSON",
    "random.normal": "randomNormal",
    "random.uniform": "randomUniform",
    "random.truncated_normal": "truncatedNormal",
    "random.set_seed": "setRandomSeed",
    "math.reduce_mean": "mean",
    "nn.relu": "relu",
    "nn.softmax": "softmax",
    "nn.sigmoid": "sigmoid",
    "nn.conv2d": "conv2d",
    "linalg.matmul": "matMul",
    # methods of a model
    "fit_generator": "fitDataset fit",
    "evaluate_generator": "evaluateDataset evaluate",
    "predict_generator": "predict",
    "train_on_batch": "trainOnBatch",
    "predict_on_batch": "predictOnBatch",
    "test_on_batch": "evaluate",
    "get_weights": "getWeights",
    "set_weights": "setWeights",
    "save_weights": "save",
    "get_layer": "getLayer",
    "reset_states": "resetStates",
    "reset_state": "resetStates",
    "count_params": "countParams",
    "get_config": "getConfig",
    "from_config": "fromConfig",
    "add_weight": "addWeight",
    "add_loss": "addLoss",
    "compute_output_shape": "computeOutputShape",
    "compute_mask": "computeMask",
    "trainable_weights": "trainableWeights",
    "trainable_variables": "trainableWeights",
    "non_trainable_weights": "nonTrainableWeights",
    "to_json": "toJSON",
    # methods of a tensor
    "numpy": "arraySync",
    "tolist": "arraySync",
    "item": "dataSync",
    "astype": "cast",
    "view": "reshape",
    "unsqueeze": "expandDims",
    # layers
    "Conv2D": "conv2d",
    "Conv2d": "conv2d",
    "Linear": "dense",
    "MaxPool2D": "maxPooling2d",
    "AveragePooling2D": "averagePooling2d",
    "AvgPool2D": "averagePooling2d",
    "GlobalAvgPool2D": "globalAveragePooling2d",
    "BatchNorm": "batchNormalization",
    "BatchNorm2d": "batchNormalization",
    "LSTM": "lstm",
    "GRU": "gru",
    "SimpleRNN": "simpleRNN",
    "ReLU": "reLU",
    "LeakyReLU": "leakyReLU",
    "PReLU": "prelu",
    "Upsample": "upSampling2d",
    # optimizers
    "SGD": "sgd",
    "RMSprop": "rmsprop",
    "RMSProp": "rmsprop",
    "Adam": "adam",
    # initializers
    "lecun_normal": "leCunNormal",
    "LecunNormal": "leCunNormal",
    "lecun_uniform": "leCunUniform",
    "LecunUniform": "leCunUniform",
    # callbacks
    "EarlyStopping": "earlyStopping",
}

_NAMESPACES = {
    "keras": "the names of tf.keras are in tf itself: tf.sequential, tf.layers.dense, tf.train.adam",
    "nn": "the functions of tf.nn are in tf itself: tf.relu, tf.softmax",
    "math": "the functions of tf.math are in tf itself: tf.sum, tf.exp",
    "random": "the functions of tf.random are in tf itself: tf.randomNormal, tf.setRandomSeed",
    "optimizers": "optimizers are in tf.train: tf.train.sgd, tf.train.adam",
    "optim": "optimizers are in tf.train: tf.train.sgd, tf.train.adam",
    "activations": 'activations are functions of tf (tf.relu) or strings ({"activation": "relu"})',
    "function": "there is no tf.function: fit() and predict() compile the model by themselves",
    "Session": "there are no sessions: operations run at once",
    "placeholder": "there are no placeholders: tf.input({...}) makes a model's input",
    "float32": 'dtypes are strings: "float32"',
    "int32": 'dtypes are strings: "int32"',
    "bool": 'dtypes are strings: "bool"',
}


def suggest(name: str, available: Iterable[str], where: str = "tf", inside: Iterable[str] = ()) -> str:
    """The message for a name that `where` ("tf", "tf.layers", "LayersModel") does not have.

    `inside`: dotted names below it ("layers.dense"), of which only the very one is suggested.
    """
    known = list(available)
    missing = f"{where} has no {name!r}"
    if where == "tf" and name in _NAMESPACES and name not in known:
        return f"{missing}: {_NAMESPACES[name]}."
    from ._absent import is_absent

    if is_absent(name, where):
        return f"{missing} yet: it is a part of TensorFlow.js that Lamina does not have so far."
    python = _PYTHON_NAMES.get(name) or _PYTHON_NAMES.get(_snake(name), "")
    meant = next((each for each in python.split() if each in known or "." in each), None)
    if meant is None and camel(name).lower() not in map(str.lower, known):
        meant = next((each for each in inside if each.rpartition(".")[2].lower() == name.lower()), None)
    meant = meant or nearest(name, known)
    return f"{missing}; did you mean {where}.{meant}?" if meant else f"{missing}."


class MissingName(AttributeError):
    """An attribute that a class does not have; the right name is sought when the message is read."""

    def __init__(self, name: str, owner: type) -> None:
        super().__init__(name)
        self.missing = name
        self.owner = owner

    def __str__(self) -> str:
        names = [name for name in dir(self.owner) if not name.startswith("_")]
        return suggest(self.missing, names, self.owner.__name__)
