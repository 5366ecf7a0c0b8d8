"""Artifacts to models: tf.loadLayersModel, tf.models.modelFromJSON."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from typing import Any

from ..config import Anything, Boolean, Config, Function, configured, option
from ..errors import LaminaWarning
from ..io.artifacts import FormatError
from ..io.files import FileHandler
from ..io.manifest import guarded, parse_json, read_groups
from ..io.router import handler_for
from ..io.shards import Shards
from ..io.weights import decodeWeights, numbers_of
from ..kinds import String, to_camel_case
from ..layers.budget import at_most
from ..options import options_of_a_file
from ..promises import Promise
from ..results import AttrDict
from ..serialization import custom_objects, deserialize, find_class
from .saving import Savable
from .topology import fast_weights, make_layer

__all__ = ["loadLayersModel", "modelFromJSON"]

# 512 MiB of numbers, as twice as many are let through.
MADE_UP = 1 << 26


def _take_weights(model: Any, artifacts: Mapping[str, Any], strict: bool) -> None:
    specs = artifacts.get("weightSpecs")
    if specs is None:
        raise FormatError(
            "LayersModel artifacts contains weight data, but not weight specs. "
            "Therefore loading of weights cannot proceed."
        )
    values = decodeWeights(artifacts["weightData"], specs)
    of_optimizer = {spec["name"] for spec in specs if spec.get("group") == "optimizer"}
    model.loadWeights({name: v for name, v in values.items() if name not in of_optimizer}, strict)
    slots = [AttrDict(name=name, tensor=v) for name, v in values.items() if name in of_optimizer]
    if slots and model.optimizer is not None:
        model.optimizer.restore(slots, model._named_for_optimizer(), len(model.trainableWeights))


def _take_training_config(model: Any, config: Any) -> None:
    if not isinstance(config, Mapping):
        raise FormatError(f"trainingConfig: expected an object, got {type(config).__name__}")
    for key in ("weighted_metrics", "loss_weights", "sample_weight_mode"):
        if config.get(key) is not None:
            raise FormatError(f"trainingConfig.{key}: loading {key} is not supported yet.")
    loss = config.get("loss")
    spec = config.get("optimizer_config")
    if not isinstance(spec, Mapping) or not isinstance(spec.get("class_name"), str):
        raise FormatError("trainingConfig.optimizer_config: expected an object with class_name and config")
    lacks = _what_compiling_lacks(spec["class_name"], loss)
    if lacks:
        warnings.warn(
            f"The model is loaded but not compiled: {lacks}. Call compile() before you train it.",
            LaminaWarning,
            stacklevel=2,
        )
        return
    from ..train.optimizer import Optimizer

    with guarded("trainingConfig.optimizer_config"):
        optimizer = deserialize(dict(spec), Optimizer, "optimizer")
    with guarded("trainingConfig (loss, metrics)"):
        model.compile(
            {"optimizer": optimizer, "loss": _read(loss), "metrics": _read(config.get("metrics"), True)}
        )
    optimizer.begin_use(model._compilation, made_by_model=True)


def _what_compiling_lacks(optimizer: str, loss: Any) -> str:
    """Why a sound file cannot be compiled here; empty where it can."""
    if loss in (None, {}, []):
        return "its loss was a function, which a file cannot hold"
    from ..train import optimizers as optimizers
    from ..train.optimizer import Optimizer

    try:
        find_class(optimizer, Optimizer, "optimizer")
    except ValueError as error:
        return str(error)
    return ""


def _read(value: Any, is_metric: bool = False) -> Any:
    """Losses or metrics as compile takes them, from their spelling in files."""
    if isinstance(value, Mapping):
        return {name: _read(each, is_metric) for name, each in value.items()}
    if isinstance(value, list):
        return [_read(each, is_metric) for each in value]
    if not isinstance(value, str):
        return value
    from .. import metrics

    name = to_camel_case(value)
    return metrics.from_label(name) if is_metric else name


def _model_from(
    topology: Any, classes: Mapping[str, type] | None, numbers: int | None, fast: bool = True
) -> Savable:
    """The model of a topology. `numbers`: about how many its weights may have; `fast`: they begin as 0."""
    where = "modelTopology"
    if isinstance(topology, Mapping) and topology.get("model_config") is not None:
        topology, where = topology["model_config"], "modelTopology.model_config"
    if not isinstance(topology, Mapping):
        raise FormatError(f"{where}: expected an object, got {type(topology).__name__}")
    with (
        guarded("modelTopology"),
        options_of_a_file(),
        custom_objects(classes),
        fast_weights(fast),
        at_most(numbers),
    ):
        model = make_layer(topology)
        if isinstance(model, Savable) and (model.layers or fast):
            model._ensure_built()
    if not isinstance(model, Savable):
        raise FormatError(f"modelTopology: {topology.get('class_name')} is a layer, not a model")
    return model


@configured(
    "tf.loadLayersModel",
    option("strict", Boolean(), True, "Whether every weight needs a value and every value a weight."),
    option("onProgress", Function(), None, "Called with the share that is loaded, from 0 to 1."),
    option(
        "weightPathPrefix", String(), None, "The directory of the weights, where it is not that of the model."
    ),
    option(
        "customObjects",
        Anything("{class name: class}", "dict[str, type]"),
        None,
        "Classes of your own, by name.",
    ),
)
def loadLayersModel(pathOrIOHandler: Any, config: Config) -> Promise[Any]:
    """A Promise of the model in a directory, at a path or file:// URL, or behind a handler with `load()`.

    The Promise is rejected with FileNotFoundError, or with ValueError for what is no layers-model of known
    layers, naming file and field.
    """

    def work(context: Any) -> Any:
        progress = config.onProgress
        options = {
            "onProgress": None if progress is None else lambda share: context.call(progress, share),
            "weightPathPrefix": config.weightPathPrefix,
        }
        handler = handler_for(pathOrIOHandler, "load", options)
        artifacts = handler.load() if isinstance(handler, FileHandler) else context.call(handler.load)
        return _from_artifacts(artifacts, config.strict, config.customObjects)

    return Promise.start(work, name="loadLayersModel")


def _from_artifacts(
    artifacts: Mapping[str, Any], strict: bool, classes: Mapping[str, type] | None
) -> Savable:
    if artifacts.get("modelTopology") is None:
        raise FormatError("modelTopology is missing")
    has_weights = artifacts.get("weightData") is not None
    specs = artifacts.get("weightSpecs") if has_weights else None
    numbers = 0 if specs is None else numbers_of(specs)
    fast = specs is not None and strict
    if not fast:
        # Weights that no file holds are made up; a small file must not ask for all memory.
        numbers = max(numbers, MADE_UP)
    model = _model_from(artifacts["modelTopology"], classes, numbers, fast)
    try:
        if artifacts.get("trainingConfig") is not None:
            _take_training_config(model, artifacts["trainingConfig"])
        if artifacts.get("userDefinedMetadata") is not None:
            with guarded("userDefinedMetadata"):
                model.setUserDefinedMetadata(artifacts["userDefinedMetadata"])
        if has_weights:
            with guarded("weightsManifest"):
                _take_weights(model, artifacts, strict)
        if artifacts.get("damage"):
            raise FormatError(artifacts["damage"])
    except BaseException:
        model.dispose()
        raise
    return model


def modelFromJSON(
    modelAndWeightsConfig: str | Mapping[str, Any], customObjects: Mapping[str, type] | None = None
) -> Promise[Any]:
    """A Promise of the model that JSON (a string or a dict) describes.

    The weights are fresh, unless `{"modelTopology", "weightsManifest", "pathPrefix"}` says where they lie.
    """

    def work(_context: Any) -> Any:
        config = modelAndWeightsConfig
        if isinstance(config, str):
            config = parse_json(config, "modelFromJSON: this")
        if not isinstance(config, Mapping):
            raise FormatError(f"modelFromJSON: expected JSON or a dict, got {type(config).__name__}")
        if "modelTopology" not in config:
            config = {"modelTopology": config}
        manifest = config.get("weightsManifest")
        if manifest is None:
            return _model_from(config["modelTopology"], customObjects, None, fast=False)
        specs, data = read_groups(manifest, Shards(os.fspath(config.get("pathPrefix") or ".")))
        model = _model_from(config["modelTopology"], customObjects, numbers_of(specs))
        try:
            _take_weights(model, {"weightSpecs": specs, "weightData": data}, strict=True)
        except BaseException:
            model.dispose()
            raise
        return model

    return Promise.start(work, name="modelFromJSON")
