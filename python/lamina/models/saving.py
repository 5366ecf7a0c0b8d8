"""Models to artifacts: save, and the names that weights have in files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..config import Boolean, Config, configured, option
from ..kinds import describe
from ..results import AttrDict, SaveResult
from .training import Trainable

if TYPE_CHECKING:
    from ..io.artifacts import ModelArtifacts
    from ..promises import Promise

__all__ = ["Savable"]

FORMAT = "layers-model"
GENERATED_BY = "TensorFlow.js tfjs-layers v4.22.0"


class Savable(Trainable):
    """The part of a model that deals with files."""

    userDefinedMetadata: dict[str, Any] | None = None

    def setUserDefinedMetadata(self, userDefinedMetadata: Mapping[str, Any]) -> None:
        """Data of your own (plain JSON) that are saved with the model."""
        from .metadata import check_metadata

        check_metadata(userDefinedMetadata, self.name)
        self.userDefinedMetadata = dict(userDefinedMetadata)

    def getUserDefinedMetadata(self) -> dict[str, Any] | None:
        """What setUserDefinedMetadata set, or the file held."""
        return self.userDefinedMetadata

    def getNamedWeights(self, config: Mapping[str, Any] | None = None) -> list[AttrDict[Any]]:
        """The weights as `{"name", "tensor"}`, named as in files; `{"trainableOnly": True}` leaves out the
        rest.
        """
        weights = self.trainableWeights if config and config.get("trainableOnly") else self.weights
        names = self._names_in_files()
        return [AttrDict(name=names[weight.name], tensor=weight.read().clone()) for weight in weights]

    def _names_in_files(self) -> dict[str, str]:
        from .weights import named_weights

        return {weight.name: name for name, weight in named_weights(self).items()}

    def _named_for_optimizer(self) -> dict[str, Any]:
        """Variables by their names in files: those that are trained first, as TensorFlow.js counts them."""
        from .weights import named_weights

        trained = {id(weight) for weight in self.trainableWeights}
        named = sorted(named_weights(self).items(), key=lambda entry: id(entry[1]) not in trained)
        return {name: weight.read() for name, weight in named}

    def _optimizer_state(self) -> list[AttrDict[Any]]:
        optimizer = self.optimizer
        if optimizer.iterations:
            # TensorFlow.js finds state by its place: one for each trained weight, used or not.
            optimizer.prepare([weight.read() for weight in self.trainableWeights])
        state: list[AttrDict[Any]] = optimizer.state_of(self._named_for_optimizer())
        return state

    @configured(
        "tf.LayersModel.save",
        option("trainableOnly", Boolean(), False, "Leave out weights that training does not change."),
        option("includeOptimizer", Boolean(), False, "Save the optimizer too, so that training can go on."),
    )
    def save(self, handlerOrURL: Any, config: Config) -> Promise[SaveResult]:
        """Saves the model as it is at the call; a Promise of the SaveResult.

        handlerOrURL: a directory, a path ending in .json, a file:// URL, or a handler with `save(artifacts)`.
        The Promise is rejected with ValueError where nothing handles it or the optimizer cannot be saved.
        """
        from ..io.files import FileHandler
        from ..io.router import handler_for
        from ..io.weights import encodeWeights
        from ..promises import Promise

        try:
            handler = handler_for(handlerOrURL, "save")
            self.assertNotDisposed()
            self._using("save()")
            self._ensure_built()
            with self.lock:
                artifacts, weights, slots = self._snapshot(config)
        except Exception as error:
            return Promise.reject(error, name="save")

        def work(context: Any) -> SaveResult:
            encoded = encodeWeights(weights)
            for_optimizer = encodeWeights(slots, "optimizer")
            artifacts["weightSpecs"] = encoded.specs + for_optimizer.specs
            artifacts["weightData"] = encoded.data + for_optimizer.data if slots else encoded.data
            if isinstance(handler, FileHandler):
                return handler.save(artifacts)
            result: SaveResult = context.call(handler.save, artifacts)
            return result

        return Promise.start(work, name="save")

    def _snapshot(self, config: Config) -> tuple[ModelArtifacts, list[Any], list[Any]]:
        from ..io.artifacts import ModelArtifacts
        from .metadata import check_metadata

        artifacts = ModelArtifacts(
            modelTopology=self.topology(), format=FORMAT, generatedBy=GENERATED_BY, convertedBy=None
        )
        slots: list[Any] = []
        if config.includeOptimizer and self._compilation is not None:
            artifacts["trainingConfig"] = self._compilation.training_config()
            slots = [
                AttrDict(name=entry.name, tensor=entry.tensor.clone()) for entry in self._optimizer_state()
            ]
        if self.userDefinedMetadata is not None:
            check_metadata(self.userDefinedMetadata, self.name, check_size=True)
            artifacts["userDefinedMetadata"] = self.userDefinedMetadata
        return artifacts, self.getNamedWeights(config), slots

    def topology(self) -> dict[str, Any]:
        raise NotImplementedError

    def loadWeights(self, weights: Mapping[str, Any], strict: bool = True) -> None:
        """Assigns tensors by their names in files. Raises ValueError for names and shapes that do not fit."""
        from .weights import load_weights

        if not isinstance(weights, Mapping):
            raise TypeError(
                f"loadWeights takes tensors by their names, {{name: tensor}}, but got {describe(weights)}. "
                "The weights in a file come with their model: tf.loadLayersModel(path)."
            )
        self._ensure_built()
        with self.lock:
            load_weights(self, weights, strict)
