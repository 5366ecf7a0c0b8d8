#!/usr/bin/env python3
"""Writes the stubs of the public names from what they are at run time.

    python tools/make_stubs.py            writes python/lamina/**/*.pyi
    python tools/make_stubs.py --check    says which are stale, with status 1

Functions that take a config get overloads: one for a dict with its TypedDict, one for keywords.
`lamina/_typed` has no program: it holds the types of names whose modules are checked themselves and would be
hidden by a stub.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
# The checkout's own build, where there is one, before the installed package.
if any((ROOT / "python" / "lamina").glob("_core*.so")):
    sys.path.insert(0, str(ROOT / "python"))

from stub_core import CORE  # noqa: E402
from stub_text import (  # noqa: E402
    Module,
    annotation_text,
    doc,
    function,
    operation,
    overloads,
    parameters_text,
    typed_dict,
)

import lamina  # noqa: E402
from lamina import _core, activations, metrics, objectives  # noqa: E402
from lamina.config import ConfiguredFunction, Factory  # noqa: E402
from lamina.layers.places import PLACES  # noqa: E402

TYPED = "lamina._typed"


def config_name(name: str) -> str:
    return name[:1].upper() + name[1:] + "Config"


def factory(module: Module, name: str, made: Factory) -> None:
    """`tf.layers.dense`: its config type and overloads."""
    config = config_name(made.__name__)
    if name == made.__name__:
        typed_dict(module, config, made.option_set)
    cls = made.cls
    module.add(cls.__module__, cls.__name__, cls.__name__)
    extra = tuple(
        f"({parameter}: {module.use(kind)}, /) -> {module.use(result)}"
        for parameter, kind, result in getattr(made, "other_forms", ())
    )
    module.body += overloads(
        module,
        name,
        config,
        made.option_set,
        result=cls.__name__,
        positional=made.positional,
        text=cls.__doc__,
        extra=extra,
    )
    module.body.append("")


def configured(
    module: Module, name: str, made: ConfiguredFunction, owner: str = "", indent: str = ""
) -> list[str]:
    """`model.fit`: overloads; its config type goes to the module's level."""
    wrapped = made.__wrapped__
    config = owner + config_name(name)
    typed_dict(module, config, made.option_set)
    signature = inspect.signature(wrapped)
    leading = parameters_text(module, list(signature.parameters.values())[:-1], wrapped.__module__)
    result = annotation_text(module, signature.return_annotation, wrapped.__module__)
    return overloads(
        module,
        name,
        config,
        made.option_set,
        leading=leading,
        result=result,
        positional=made._positional,
        text=wrapped.__doc__,
        indent=indent,
    )


def api_class(module: Module, cls: type, known: list[type]) -> None:
    """A class whose configured methods get their types; all else is as in its module."""
    base = "_" + cls.__name__
    module.add(cls.__module__, cls.__name__, base)
    module.local.add(cls.__name__)
    methods: list[str] = []
    for name, value in vars(cls).items():
        if isinstance(value, ConfiguredFunction):
            methods += configured(module, name, value, cls.__name__, "    ")
    bases = [*(b.__name__ for b in cls.__mro__[1:] if b in known), base]
    module.body.append(f"class {cls.__name__}({', '.join(bases)}):")
    module.body += [*doc(cls.__doc__, "    "), *(methods or ["    pass"]), ""]


def has_configured(cls: type) -> bool:
    return any(isinstance(value, ConfiguredFunction) for base in cls.__mro__ for value in vars(base).values())


def models_module() -> Module:
    """Classes of models with typed methods, and the functions that make them."""
    from lamina import models

    module = Module(f"{TYPED}.models")
    typed: list[type] = []
    for name in models.__all__:
        value = getattr(models, name)
        if isinstance(value, type) and has_configured(value):
            for base in reversed(value.__mro__):
                if base not in typed and has_configured(base):
                    api_class(module, base, typed)
                    typed.append(base)
    for name in sorted(models.__all__):
        value = getattr(models, name)
        if inspect.isfunction(value):
            module.body += [*function(module, name, value), ""]
        elif value not in typed:
            member(module, name, value)
    return module


def member(module: Module, name: str, value: Any) -> None:
    """One name of a namespace, as what it is."""
    if isinstance(value, Factory):
        factory(module, name, value)
    elif isinstance(value, ConfiguredFunction):
        module.body += [*configured(module, name, value), ""]
    elif isinstance(value, _core.Op):
        module.add("lamina._core", "Tensor")
        module.body += operation(module, name, value)
    elif isinstance(value, type):
        origin = "lamina._core" if value.__module__ == "lamina" else value.__module__
        module.add(origin, value.__name__, name)
    elif inspect.isfunction(value):
        module.add(value.__module__, value.__name__, name)
    elif not isinstance(value, ModuleType):
        module.body.append(f"{name}: {module.use('Any')}")


def is_typed(source: ModuleType) -> bool:
    """Whether the namespace has functions whose options its own source does not show to a type checker."""
    return any(
        isinstance(getattr(source, name), (Factory, ConfiguredFunction)) for name in public_names(source)
    )


def public_names(source: ModuleType) -> list[str]:
    return [
        name
        for name in sorted(set(dir(source)))
        if not name.startswith("_") and not isinstance(getattr(source, name), ModuleType)
    ]


def inner_namespaces(source: ModuleType) -> dict[str, ModuleType]:
    """Namespaces within one that have typed functions: `tf.train.schedules`."""
    inner = {name: getattr(source, name) for name in getattr(source, "__all__", ())}
    return {n: value for n, value in inner.items() if isinstance(value, ModuleType) and is_typed(value)}


def namespace_module(name: str, source: ModuleType) -> Module:
    module = Module(name)
    for each in inner_namespaces(source):
        stub = f"{name.rpartition('.')[2]}_{each}"
        module.add(TYPED, stub)
        module.body.append(f"{each} = {stub}")
    for each in public_names(source):
        value = getattr(source, each)
        own = isinstance(value, (Factory, ConfiguredFunction)) or each in getattr(source, "__all__", ())
        if own and not each.isupper():
            member(module, each, value)
    return module


def literal(names: Any) -> str:
    return "Literal[" + ", ".join(f'"{name}"' for name in names) + "]"


def identifiers_module() -> Module:
    from lamina import constraints, initializers, regularizers, serialization

    module = Module(f"{TYPED}.identifiers")
    module.add("collections.abc", "Callable")
    module.add("collections.abc", "Mapping")
    module.add("collections.abc", "Sequence")
    for name in ("Any", "Literal", "Protocol", "TypeAlias"):
        module.add("typing", name)
    module.add("lamina._core", "Tensor")
    families = {
        "Initializer": (initializers, initializers.Initializer),
        "Regularizer": (regularizers, regularizers.Regularizer),
        "Constraint": (constraints, constraints.Constraint),
    }
    body = [
        "class _Array(Protocol):",
        "    def __array__(self) -> Any: ...",
        "",
        "class _Buffer(Protocol):",
        "    def __buffer__(self, flags: int, /) -> memoryview: ...",
        "",
        "TensorLike: TypeAlias = Tensor | float | complex | bool | str | Sequence[Any] | _Array | _Buffer",
        f"DTypeName: TypeAlias = {literal(['float32', 'int32', 'bool', 'complex64', 'string'])}",
    ]
    module.add("lamina.activations", "Activation")
    names = literal(activations.activation_names())
    body.append(f"ActivationIdentifier: TypeAlias = {names} | Activation | Callable[[Tensor], Tensor]")
    classes = serialization.SerializationMap.getMap().classNameMap
    for family, (source, base) in families.items():
        module.add(source.__name__, family)
        known = [*source._FACTORIES, *(n for n, c in classes.items() if issubclass(c, base))]
        body.append(
            f"{family}Identifier: TypeAlias = {literal(sorted(set(known)))} | {family} | Mapping[str, Any]"
        )
    module.add("lamina.layers.recurrent", "RNNCell")
    module.add("lamina.layers.symbolic", "SymbolicTensor")
    body += [
        "CellIdentifier: TypeAlias = RNNCell | Mapping[str, Any]",
        "SymbolicTensors: TypeAlias = SymbolicTensor | Sequence[SymbolicTensor]",
        "_Function: TypeAlias = Callable[[Any, Any], Any]",
        f"_OneLoss: TypeAlias = {literal(sorted(objectives.losses))} | _Function",
        "Loss: TypeAlias = _OneLoss | Sequence[_OneLoss] | Mapping[str, _OneLoss]",
        "_OneMetric: TypeAlias = "
        f"{literal(sorted({*metrics.metrics, *metrics.ACCURACY, *metrics.CROSSENTROPY}))}"
        " | _Function",
        "_Metrics: TypeAlias = _OneMetric | Sequence[_OneMetric]",
        "Metrics: TypeAlias = _Metrics | Sequence[_Metrics] | Mapping[str, _Metrics]",
        "ClassWeights: TypeAlias = Mapping[Any, Any] | Sequence[Mapping[Any, Any]]",
        "Callbacks: TypeAlias = Any",
    ]
    module.body = body
    return module


# What the C++ module has beside operations: its own names are few and rarely change.
BINARY = ("add", "sub", "mul", "mod", "pow", "and", "xor", "or", "floordiv", "truediv", "matmul")
COMPARISON = ("lt", "le", "gt", "ge", "eq", "ne")
UNARY = {"neg": "Tensor", "pos": "Tensor", "abs": "Tensor", "invert": "Tensor"}
SCALAR = {"bool": "bool", "int": "int", "float": "float", "index": "int", "len": "int", "hash": "int"}
PROPERTIES = {
    "shape": "tuple[int, ...]",
    "dtype": "str",
    "size": "int",
    "rank": "int",
    "ndim": "int",
    "id": "int",
    "isDisposed": "bool",
    "kept": "bool",
}


def core_module() -> Module:
    """`_core`: Tensor with its operations, operators and methods; the namespace of operations."""
    module = Module("lamina._core")
    module.local |= {"Tensor", "Variable"}
    for name in ("Callable", "Sequence"):
        module.add("collections.abc", name)
    module.use("Any | TensorLike | DTypeName")
    lines = ["class Tensor:"]
    for name, kind in PROPERTIES.items():
        assert hasattr(_core.Tensor, name), name
        lines += ["    @property", f"    def {name}(self) -> {kind}: ..."]
    for name in BINARY:
        lines += [
            f"    def __{form}{name}__(self, other: TensorLike, /) -> Tensor: ..." for form in ("", "r")
        ]
    for name in COMPARISON:
        ignore = "  # type: ignore[override]" if name in ("eq", "ne") else ""
        lines.append(f"    def __{name}__(self, other: TensorLike, /) -> Tensor: ...{ignore}")
    for name, kind in {**UNARY, **SCALAR}.items():
        lines.append(f"    def __{name}__(self) -> {kind}: ...")
    lines += [
        "    def dispose(self) -> None: ...",
        "    def __buffer__(self, flags: int, /) -> memoryview: ...",
    ]
    lines += ["    def __dlpack__(self, **kwargs: Any) -> Any: ..."]
    for name, value in sorted(vars(_core.Tensor).items()):
        if isinstance(value, _core.Op):
            lines += operation(module, name, value, "    ", method=True)
        elif inspect.isfunction(value) and name != "__reduce__":
            lines += function(module, name, value, "    ", skip=1, first="self")
    for name, value in sorted(vars(_core.Tensor).items()):
        if name.startswith("__") or name in PROPERTIES or f"def {name}(" in "".join(lines):
            continue
        kind = type(value).__name__
        if kind == "method_descriptor":
            lines.append(f"    def {name}(self, *args: Any) -> Any: ...")
        elif kind == "getset_descriptor":
            lines += ["    @property", f"    def {name}(self) -> Any: ..."]
    module.body = ["\n".join(lines), "", "class _Ops:"]
    for name in sorted(_core.op_names()):
        made = getattr(_core.ops, name, None)
        if isinstance(made, _core.Op):
            first, *rest = operation(module, name, made, "    ", strict=False)
            module.body += [first.replace("(", "(self, ", 1).replace("(self, )", "(self)"), *rest]
    module.body += ["", "ops: _Ops", CORE]
    for name, value in sorted(vars(_core).items()):
        if name.startswith("__") or f"def {name}(" in CORE or f"class {name}" in CORE or name == "Tensor":
            continue
        if inspect.isbuiltin(value):
            module.body.append(f"def {name}(*args: Any, **kwargs: Any) -> Any: ...")
        elif inspect.isclass(value):
            module.body.append(f"class {name}:\n    def __getattr__(self, name: str) -> Any: ...")
    return module


def package_module() -> Module:
    """`lamina` itself."""
    from lamina import models

    module = Module("lamina")
    for name in sorted(lamina.__all__):
        value = getattr(lamina, name)
        if isinstance(value, ModuleType):
            typed = name != "layers" and is_typed(value)
            module.add(TYPED if typed else "lamina", name, name)
        elif isinstance(value, ConfiguredFunction) or (isinstance(value, type) and has_configured(value)):
            source = next((n for n in models.__all__ if getattr(models, n) is value), None)
            module.add(f"{TYPED}.models" if source else "lamina.layers", source or name, name)
        elif inspect.isfunction(value) and value.__name__ in models.__all__:
            module.add(f"{TYPED}.models", value.__name__, name)
        else:
            member(module, name, value)
    module.body.append("__version__: str")
    return module


def stubs() -> dict[Path, str]:
    """The text of every stub by its path."""
    modules = [core_module(), package_module(), identifiers_module(), models_module()]
    for name in lamina.__all__:
        value = getattr(lamina, name)
        if isinstance(value, ModuleType) and name not in ("layers", "models") and is_typed(value):
            modules.append(namespace_module(f"{TYPED}.{name}", value))
            for inner, space in inner_namespaces(value).items():
                modules.append(namespace_module(f"{TYPED}.{name}_{inner}", space))
    modules.append(namespace_module("lamina.layers", lamina.layers))
    typed = Module(TYPED)
    modules.append(typed)
    texts = {}
    for module in modules:
        parts = module.name.split(".")
        package = module.name in ("lamina", "lamina.layers", TYPED)
        path = ROOT.joinpath("python", *parts, "__init__.pyi") if package else ROOT.joinpath("python", *parts)
        texts[path if package else path.with_suffix(".pyi")] = module.text()
    texts[ROOT / "python" / "lamina" / "layers" / "places.py"] = places_of_layers()
    return texts


# Nothing is looked up in a table that may be stale.
PLACES.clear()


def places_of_layers() -> str:
    """The table by which tf.layers imports the one module that has a name."""
    found = {name: getattr(made, "cls", made).__module__ for name, made in lamina.layers.load_all().items()}
    for name, cls in lamina.serialization.SerializationMap.getMap().classNameMap.items():
        if issubclass(cls, lamina.layers.Layer) and cls.__module__.startswith("lamina.layers."):
            found[name] = cls.__module__
    lines = [f'    "{name}": "{found[name].rpartition(".")[2]}",' for name in sorted(found)]
    start = '"""Which module of tf.layers defines a name. Written by tools/make_stubs.py."""\n\n'
    return "\n".join([f"{start}PLACES = {{", *lines, "}", ""])


def main() -> int:
    written = stubs()
    if "--check" in sys.argv[1:]:
        stale = [
            path for path, text in written.items() if not path.exists() or path.read_text("utf-8") != text
        ]
        for path in stale:
            print(f"{path.relative_to(ROOT)} is stale: run python tools/make_stubs.py")
        return bool(stale)
    for path, text in written.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
