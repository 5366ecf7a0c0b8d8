"""Compiling: what a model keeps of its optimizer, losses and metrics, and of the fit that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import _core
from .._core import TicketLock
from .._promises.sole import Sole
from ..config import Anything, Boolean, Config, configured, option
from ..debugging import debugging
from .container import Container
from .programs import Programs, eager_by_environment

if TYPE_CHECKING:
    from ..results import History
    from .compilation import Compilation

__all__ = ["Compilable"]

LOSS = Anything("a name, a function f(yTrue, yPred), or a list or dict of them, one for each output", "Loss")
METRICS = Anything("a name, a function f(yTrue, yPred), a list of them, or a dict by output", "Metrics")


class Compilable(Container):
    """The part of a model that settles how it is trained."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        self._compilation: Compilation | None = None
        # Makes a running epoch return after its step.
        self.stop_flag = _core.StopFlag()
        self._lock = TicketLock(on_wait=self.stop_flag.set)
        self.programs = Programs(self)
        self._fit = Sole("Cannot start training because another fit() call is ongoing.", self._fit_begins)
        self._history: History | None = None
        self._stop_training = False

    # --- what others read ---

    @property
    def lock(self) -> TicketLock:
        """Held for each step; whoever reads or changes the weights waits for at most one."""
        return self._lock

    @property
    def isTraining(self) -> bool:
        """Whether a fit runs."""
        return self._fit.core is not None

    def _fit_begins(self) -> None:
        self._stop_training = False
        self.programs.slow_down()

    @property
    def stopTraining(self) -> bool:
        """Set to True in a callback to end the fit after the current batch."""
        return self._stop_training

    @stopTraining.setter
    def stopTraining(self, stop: bool) -> None:
        self._stop_training = bool(stop)
        if stop:
            self.stop_flag.set()

    @property
    def runs_eagerly(self) -> bool:
        """Whether steps go through Python: `runEagerly` of compile, LAMINA_EAGER=1, or the debug mode."""
        by_choice = self._compilation is not None and self._compilation.runs_eagerly
        return by_choice or debugging() or eager_by_environment()

    @property
    def history(self) -> History | None:
        """The History of the last fit."""
        return self._history

    @property
    def optimizer(self) -> Any:
        """The optimizer that the model was compiled with."""
        return self._compilation.optimizer if self._compilation else None

    @optimizer.setter
    def optimizer(self, optimizer: Any) -> None:
        compiled = self._compiled()
        if compiled.optimizer is not optimizer:
            before, compiled.optimizer = compiled.optimizer, optimizer
            optimizer.begin_use(compiled)
            # A fit that runs goes on with what it began with.
            if not self.isTraining:
                before.end_use(compiled)
            self.programs.clear()

    @property
    def loss(self) -> Any:
        return self._compilation.loss if self._compilation else None

    @property
    def metrics(self) -> Any:
        return self._compilation.given_metrics if self._compilation else None

    @property
    def metricsNames(self) -> list[str]:
        """The labels of what evaluate returns: 'loss', then losses of single outputs, then metrics."""
        return list(self._compilation.names) if self._compilation else []

    # --- compile ---

    @configured(
        "tf.LayersModel.compile",
        option(
            "optimizer",
            Anything("an optimizer or its name", "Optimizer | str"),
            doc="What moves the weights.",
        ),
        option("loss", LOSS, None, "What to make small."),
        option("metrics", METRICS, None, "What else to report."),
        option("runEagerly", Boolean(), False, "Run every step through Python, for looking into it."),
    )
    def compile(self, config: Config) -> None:
        """Settles how the model is trained.

        Raises ValueError for names that are not known and for losses that do not fit the outputs.
        """
        self._compile(config)

    def _compile(self, config: Config) -> None:
        from .compilation import Compilation

        self._ensure_built()
        before = self._compilation
        self._compilation = Compilation(
            config.optimizer, config.loss, config.metrics, self.outputNames, self.internalOutputShapes
        )
        self._compilation.runs_eagerly = config.runEagerly
        self.programs.clear()
        # A fit that runs goes on with what it began with.
        if before is not None and not self.isTraining:
            before.optimizer.end_use(before)

    def _drop_compilation(self) -> int:
        """Forgets what compile settled; how many variables of its own optimizer that freed."""
        self.programs.clear()
        # A fit that runs finds out at its next step.
        self.stop_flag.set()
        compiled, self._compilation = self._compilation, None
        return 0 if compiled is None else compiled.optimizer.end_use(compiled)

    def _compiled(self) -> Compilation:
        if self._compilation is None:
            raise RuntimeError(self._not_compiled)
        return self._compilation

    _not_compiled = (
        "You must compile a model before training/testing. Use LayersModel.compile(modelCompileArgs)."
    )

    def checkTrainableWeightsConsistency(self) -> None:
        """Finds nothing to warn of: `trainable` takes effect at the next step, compiled again or not."""
