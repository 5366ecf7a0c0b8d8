"""What programs in C++ need of this package: liblamina, its headers, and what CMake's find_package reads."""

from __future__ import annotations

import os
import shutil

__all__ = ["cmake_dir", "export_sdk", "include_dir"]

PARTS = ("cmake", "include", "lib")


def cmake_dir() -> str:
    """The directory for `-Dlamina_DIR`. Raises FileNotFoundError where the package was built without it."""
    return _part("cmake")


def include_dir() -> str:
    """The directory that holds `lamina/lamina.h`. Raises FileNotFoundError likewise."""
    return _part("include")


def export_sdk(folder: str | os.PathLike[str]) -> list[str]:
    """Copies library, headers and CMake files to a directory, so that no program needs Python. Returns their
    names.
    """
    parts = [_part(name) for name in PARTS]
    os.makedirs(folder, exist_ok=True)
    for name, part in zip(PARTS, parts, strict=True):
        shutil.copytree(part, os.path.join(folder, name), dirs_exist_ok=True)
    return list(PARTS)


def _part(name: str) -> str:
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), name)
    if not os.path.isdir(folder):
        raise FileNotFoundError(f"This installation of Lamina has no C++ interface: there is no '{folder}'")
    return folder
