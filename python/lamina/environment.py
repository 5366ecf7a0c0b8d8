"""tf.env, tf.engine and the backend: what TensorFlow.js asks of its surroundings, answered for the one
backend there is.
"""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, Any

from . import _core
from .changes import everything
from .errors import LaminaWarning
from .results import AttrDict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .promises import Promise

__all__ = [
    "Environment",
    "KernelBackend",
    "backend",
    "deprecationWarn",
    "disableDeprecationWarnings",
    "disposeVariables",
    "enableProdMode",
    "engine",
    "env",
    "findBackend",
    "findBackendFactory",
    "forceHalfFloat",
    "getBackend",
    "nextFrame",
    "ready",
    "registerBackend",
    "removeBackend",
    "setBackend",
    "setPlatform",
    "setWebGLContext",
    "version",
]

_NAME = "cpu"
_ONLY = (
    "Lamina has one backend, 'cpu': its own C++ kernels, for the best instruction set of the machine "
    "(LAMINA_ISA), on all its cores (tf.setNumThreads)."
)

version: AttrDict[str] = AttrDict(lamina=_core.version, tfjs="4.22.0")


# ---- flags -------------------------------------------------------------------------------------------------


class Flag:
    """A flag of tf.env(): how it is read, and how it is set, where it can be."""

    __slots__ = ("doc", "read", "write")

    def __init__(self, doc: str, read: Callable[[], Any], write: Callable[[Any], None] | None = None) -> None:
        self.doc = doc
        self.read = read
        self.write = write


def _read_debug() -> bool:
    from .debugging import debugging

    return debugging()


_debug_modes: list[Any] = []


def _write_debug(value: Any) -> None:
    from .debugging import enableDebugMode

    if value and not _debug_modes:
        _debug_modes.append(enableDebugMode())
    elif not value and _debug_modes:
        _debug_modes.pop().disable()


def _read_eager() -> bool:
    return os.environ.get("LAMINA_EAGER", "") not in ("", "0")


def _write_eager(value: Any) -> None:
    os.environ["LAMINA_EAGER"] = "1" if value else "0"
    everything.notify()


def _write_threads(value: Any) -> None:
    from .system import setNumThreads

    setNumThreads(value)


def _read_seed() -> int:
    return int(_core.random_state()[0])


def _write_seed(value: Any) -> None:
    from .random import setRandomSeed

    setRandomSeed(value)


def _write_limit(value: Any) -> None:
    from .system import setMemoryLimit

    setMemoryLimit(value)


_FLAGS = {
    "DEBUG": Flag("Whether every result is checked, as by tf.enableDebugMode().", _read_debug, _write_debug),
    "LAMINA_EAGER": Flag("Whether models run step by step, not as Programs.", _read_eager, _write_eager),
    "LAMINA_ISA": Flag("The instruction set of the kernels.", _core.active_level, _core.set_level),
    "LAMINA_NUM_THREADS": Flag("How many threads compute.", _core.num_threads, _write_threads),
    "LAMINA_SEED": Flag("The key of all random numbers without a seed.", _read_seed, _write_seed),
    "LAMINA_MEMORY_LIMIT": Flag(
        "Bytes that tensors may take, 0 without a limit.",
        lambda: _core.pool_stats()["capBytes"],
        _write_limit,
    ),
    "IS_BROWSER": Flag("Whether this is a browser.", lambda: False),
    "IS_NODE": Flag("Whether this is Node.", lambda: False),
    "HAS_WEBGL": Flag("Whether there is WebGL.", lambda: False),
    "WEBGL_VERSION": Flag("The version of WebGL.", lambda: 0),
}
# Flags that hold what was set.
_DEFAULTS = {"PROD": False, "DEPRECATION_WARNINGS_ENABLED": True, "IS_TEST": False}


class Environment:
    """Flags by name: Lamina's own, and those of TensorFlow.js that mean something here.

    DEBUG, PROD, IS_TEST, DEPRECATION_WARNINGS_ENABLED, LAMINA_EAGER, LAMINA_ISA, LAMINA_NUM_THREADS,
    LAMINA_SEED, LAMINA_MEMORY_LIMIT; to read only: IS_BROWSER, IS_NODE, HAS_WEBGL, WEBGL_VERSION.
    """

    platformName = "python"

    def __init__(self) -> None:
        self._values: dict[str, Any] = dict(_DEFAULTS)
        self._registered: dict[str, tuple[Callable[[], Any], Callable[[Any], None] | None]] = {}

    def _known(self, flagName: str) -> None:
        if flagName in _FLAGS or flagName in self._values or flagName in self._registered:
            return
        if flagName.startswith(("WEBGL", "WEBGPU", "WASM", "CANVAS", "SOFTWARE_WEBGL")):
            raise ValueError(f"The flag {flagName} is for a browser. {_ONLY}")
        from ._names import nearest

        near = nearest(flagName, [*_FLAGS, *_DEFAULTS])
        hint = f" Did you mean {near}?" if near else ""
        raise ValueError(f"Cannot evaluate flag '{flagName}': no evaluation function found.{hint}")

    def get(self, flagName: str) -> Any:
        """The value of a flag. Raises ValueError for a name that is none."""
        self._known(flagName)
        if flagName in _FLAGS:
            return _FLAGS[flagName].read()
        if flagName not in self._values:
            self._values[flagName] = self._registered[flagName][0]()
        return self._values[flagName]

    def getAsync(self, flagName: str) -> Promise[Any]:
        """A Promise of get()."""
        from .promises import Promise

        return Promise.resolve(self.get(flagName))

    def getBool(self, flagName: str) -> bool:
        """The value of a flag that is True or False."""
        return bool(self.get(flagName))

    def getNumber(self, flagName: str) -> float:
        """The value of a flag that is a number."""
        value: float = self.get(flagName)
        return value

    def getString(self, flagName: str) -> str:
        """The value of a flag that is a string."""
        value: str = self.get(flagName)
        return value

    def set(self, flagName: str, value: Any) -> None:
        """Sets a flag. Raises ValueError for a name that is none, and for one that can only be read."""
        self._known(flagName)
        if flagName in _FLAGS:
            write = _FLAGS[flagName].write
            if write is None:
                raise ValueError(f"The flag {flagName} can only be read.")
            write(value)
            return
        self._values[flagName] = value
        hook = self._registered.get(flagName, (None, None))[1]
        if hook is not None:
            hook(value)

    def getFlags(self) -> dict[str, Any]:
        """All flags with their values."""
        names = sorted({*_FLAGS, *self._values, *self._registered})
        return {name: self.get(name) for name in names}

    @property
    def features(self) -> dict[str, Any]:
        """As getFlags()."""
        return self.getFlags()

    def setFlags(self, flags: Mapping[str, Any]) -> None:
        """Sets several flags."""
        for name, value in flags.items():
            self.set(name, value)

    def registerFlag(
        self,
        flagName: str,
        evaluationFn: Callable[[], Any],
        setHook: Callable[[Any], None] | None = None,
    ) -> None:
        """Adds a flag of one's own; evaluationFn() gives its value until it is set, setHook(value) hears of
        that.
        """
        self._registered[flagName] = (evaluationFn, setHook)

    def reset(self) -> None:
        """Forgets what was set, but for flags that change how Lamina runs."""
        self._values = dict(_DEFAULTS)

    def getQueryParams(self, queryString: str) -> dict[str, str]:
        """This is for the address of a web page: raises RuntimeError."""
        raise RuntimeError("getQueryParams() is for a browser; urllib.parse.parse_qsl() reads such text.")

    def setPlatform(self, platformName: str, platform: Any) -> None:
        """There is nothing to set: raises RuntimeError."""
        setPlatform(platformName, platform)


_environment = Environment()


def env() -> Environment:
    """The flags: tf.env().get("LAMINA_NUM_THREADS"), tf.env().set("DEBUG", True)."""
    return _environment


# ---- the backend -------------------------------------------------------------------------------------------


class KernelBackend:
    """The one backend."""

    def epsilon(self) -> float:
        """The small number that keeps denominators from 0."""
        return 1e-7

    def floatPrecision(self) -> int:
        """Bits of a float."""
        return 32

    def numDataIds(self) -> int:
        """How many pieces of memory tensors hold."""
        return int(_core.memory()["numDataBuffers"])

    def memory(self) -> AttrDict[Any]:
        """Whether tf.memory() is exact: it is."""
        return AttrDict(unreliable=False)


_backend = KernelBackend()


def getBackend() -> str:
    """'cpu'."""
    return _NAME


def backend() -> KernelBackend:
    """The one backend, with epsilon() and floatPrecision()."""
    return _backend


def setBackend(backendName: str) -> Promise[bool]:
    """A Promise of True for 'cpu'; for every other name it is rejected with ValueError."""
    from .promises import Promise

    if backendName == _NAME:
        return Promise.resolve(True)
    error = ValueError(f"Backend name '{backendName}' not found in registry. {_ONLY}")
    return Promise.reject(error, name="setBackend")


def ready() -> Promise[None]:
    """A Promise that is kept: the backend is ready once Lamina is imported."""
    from .promises import Promise

    return Promise.resolve(None)


def findBackend(name: str) -> KernelBackend | None:
    """The backend of that name; None where there is none."""
    return _backend if name == _NAME else None


def findBackendFactory(name: str) -> Callable[[], KernelBackend] | None:
    """A function that gives the backend of that name; None where there is none."""
    return backend if name == _NAME else None


def registerBackend(name: str, factory: Any, priority: int = 1) -> bool:
    """There is nothing to register: raises RuntimeError."""
    raise RuntimeError(f"registerBackend('{name}'): backends cannot be added. {_ONLY}")


def removeBackend(name: str) -> None:
    """There is nothing to remove: raises RuntimeError for 'cpu', ValueError for other names."""
    if name == _NAME:
        raise RuntimeError(f"removeBackend('{name}'): it cannot be removed. {_ONLY}")
    raise ValueError(f"{name} backend not found in registry. {_ONLY}")


def setPlatform(platformName: str, platform: Any) -> None:
    """There is nothing to set: raises RuntimeError."""
    raise RuntimeError(
        f"setPlatform('{platformName}'): the platform is Python; files and URLs go through tf.io handlers."
    )


def forceHalfFloat() -> None:
    """This is for graphics cards in a browser: raises RuntimeError."""
    raise RuntimeError(f"forceHalfFloat() is for WebGL: numbers are float32 here. {_ONLY}")


def setWebGLContext(webGLVersion: int, gl: Any) -> None:
    """This is for a browser: raises RuntimeError."""
    raise RuntimeError(f"setWebGLContext() is for a browser. {_ONLY}")


class Engine:
    """What tf.engine() gives: the scopes of memory, and what is alive."""

    backend = _backend
    backendName = _NAME

    @property
    def registeredVariables(self) -> dict[str, Any]:
        """The variables by name."""
        return dict(_core.registeredVariables())

    def startScope(self, name: str | None = None) -> None:
        """Opens a scope: what is made until endScope() is disposed there."""
        _core.start_scope()

    def endScope(self, result: Any = None) -> None:
        """Ends the innermost scope; tensors in the result are kept."""
        from .memory import tensors_in

        if _core.scope_depth() == 0:
            raise RuntimeError("endScope(): no scope is open")
        _core.end_scope(list(tensors_in(result)))

    def tidy(self, nameOrFn: Any, fn: Any = None) -> Any:
        """As tf.tidy."""
        from .memory import tidy

        return tidy(nameOrFn, fn)

    def memory(self) -> AttrDict[Any]:
        """As tf.memory."""
        from .memory import memory

        return memory()

    def disposeVariables(self) -> None:
        """As tf.disposeVariables."""
        disposeVariables()


_engine = Engine()


def engine() -> Engine:
    """Scopes by hand: tf.engine().startScope() ... tf.engine().endScope(). tf.tidy does both."""
    return _engine


# ---- the rest ----------------------------------------------------------------------------------------------


def disposeVariables() -> None:
    """Disposes all variables, those of models and optimizers included."""
    for variable in list(_core.registeredVariables().values()):
        variable.dispose()


def nextFrame() -> Promise[None]:
    """A Promise that is kept in a moment: `await tf.nextFrame()` lets the event loop do its other work."""
    from time import sleep

    from .promises import Promise

    # What was kept already would not let the loop run at all.
    return Promise.start(lambda context: sleep(0.001), name="nextFrame")


def enableProdMode() -> None:
    """Ends the debug mode. There are no other checks to leave out."""
    _environment.set("PROD", True)
    _environment.set("DEBUG", False)


def deprecationWarn(msg: str) -> None:
    """Warns of something that will go, unless disableDeprecationWarnings() was called."""
    if _environment.getBool("DEPRECATION_WARNINGS_ENABLED"):
        warnings.warn(
            f"{msg} You can disable deprecation warnings with tf.disableDeprecationWarnings().",
            LaminaWarning,
            stacklevel=2,
        )


def disableDeprecationWarnings() -> None:
    """Has deprecationWarn() keep silent from now on."""
    _environment.set("DEPRECATION_WARNINGS_ENABLED", False)
