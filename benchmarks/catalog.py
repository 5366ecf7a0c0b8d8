"""The peers: which module speaks for each, which variable names its interpreter, and what kind it is."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent

# What holds programs to AVX2. Some peers know no such thing; the report names those that do.
AVX2 = {
    "LAMINA_ISA": "v3",
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
    "XLA_FLAGS": "--xla_cpu_max_isa=AVX2",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
}

SLOWING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "LAMINA_ISA", "LAMINA_EAGER")


@dataclass(frozen=True)
class Entry:
    module: str
    variant: str = ""
    # "fit": has a fit() of its own; "loop": the user writes the loop, or it only does inference.
    style: str = "loop"
    # LAMINA_BENCH_PYTHON_<home> is the interpreter of the virtual environment that holds it.
    home: str = ""
    imports: str = ""

    @property
    def is_javascript(self) -> bool:
        return self.module.endswith(".mjs")

    def interpreter(self) -> str:
        if self.is_javascript:
            return os.environ.get("LAMINA_BENCH_NODE") or shutil.which("node") or "node"
        return (
            os.environ.get(f"LAMINA_BENCH_PYTHON_{self.home}", sys.executable)
            if self.home
            else sys.executable
        )

    def command(self, name: str, script: str = "worker.py") -> list[str]:
        if self.is_javascript:
            return [self.interpreter(), str(HERE / "peers" / self.module), self.variant]
        return [self.interpreter(), str(HERE / script), name]


PEERS: dict[str, Entry] = {
    "lamina": Entry("lamina_peer", style="fit", home="LAMINA", imports="lamina"),
    "numpy": Entry("numpy_peer", imports="numpy"),
    "numpy-out": Entry("numpy_peer", "out"),
    "torch": Entry("torch_peer", home="TORCH", imports="torch"),
    "torch-last": Entry("torch_peer", "channels-last", home="TORCH"),
    "torch-compile": Entry("torch_peer", "compile", home="TORCH"),
    "torch-script": Entry("torch_peer", "script", home="TORCH"),
    "torch-out": Entry("torch_peer", "out", home="TORCH"),
    "jax": Entry("jax_peer", home="JAX", imports="jax, jax.numpy"),
    "jax-aot": Entry("jax_peer", "aot", home="JAX"),
    "keras-jax": Entry("keras_peer", "jax", style="fit", home="JAX", imports="keras"),
    "keras-tf": Entry("keras_peer", "tensorflow", style="fit", home="TF", imports="tensorflow"),
    "tf-function": Entry("tf_peer", home="TF"),
    "onnx": Entry("onnx_peer", home="ONNX", imports="onnxruntime"),
    "tfjs-wasm": Entry("tfjs.mjs", "wasm", style="fit"),
    "tfjs-cpu": Entry("tfjs.mjs", "cpu", style="fit"),
}

# Run unless --peers says otherwise; the others are slow or repeat one of these.
DEFAULT = [name for name in PEERS if name not in ("tfjs-cpu",)]


def environment(threads: int, isa: str, entry: Entry) -> dict[str, str]:
    """What a worker finds: the caller's variables, the threads, and nothing that slows a peer down."""
    variables = dict(os.environ)
    # An import that compiles its source anew each time is not what a user waits for.
    for name in (*SLOWING, "PYTHONDONTWRITEBYTECODE"):
        variables.pop(name, None)
    for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "LAMINA"):
        variables[f"{name}_NUM_THREADS"] = str(threads)
    variables["LAMINA_BENCH_THREADS"] = str(threads)
    variables["TF_CPP_MIN_LOG_LEVEL"] = "3"
    variables["TF_NUM_INTRAOP_THREADS"] = variables["TF_NUM_INTEROP_THREADS"] = str(threads)
    variables["JAX_PLATFORMS"] = "cpu"
    if entry.module == "keras_peer":
        variables["KERAS_BACKEND"] = entry.variant
    elif entry.module == "jax_peer":
        variables["KERAS_BACKEND"] = "jax"
    elif entry.module == "tf_peer":
        variables["KERAS_BACKEND"] = "tensorflow"
    if isa == "v3":
        variables.update(AVX2)
    return variables
