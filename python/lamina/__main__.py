"""`python -m lamina`: run a file with top-level await, or tell about this installation."""

from __future__ import annotations

import sys

USAGE = """usage: python -m lamina run FILE [ARGUMENT ...]   runs a file, `await` at top level included
       python -m lamina doctor                     what to paste into a report, with a self-test
       python -m lamina --isa                      shows the CPU levels and the one in use
       python -m lamina --version
       python -m lamina --cmake-dir                where CMake finds the C++ interface (-Dlamina_DIR=...)
       python -m lamina --include-dir              the directory of its headers
       python -m lamina --export-sdk DIRECTORY     copies all of it there, for programs without Python"""


def show_isa() -> None:
    from . import _core

    active = _core.active_level()
    for level in _core.available_levels():
        print(f"{level}{'  (in use)' if level == active else ''}")


def show_sdk(option: str, folder: str = "") -> int:
    from .sdk import cmake_dir, export_sdk, include_dir

    try:
        if option == "--export-sdk":
            print(f"{folder}: {', '.join(export_sdk(folder))}")
        else:
            print(cmake_dir() if option == "--cmake-dir" else include_dir())
    except OSError as error:
        print(f"lamina: {error}", file=sys.stderr)
        return 1
    return 0


def main(arguments: list[str]) -> int:
    match arguments:
        case ["run", file, *rest]:
            from .running import run_file

            return run_file(file, rest)
        case ["doctor"]:
            from .doctor import report

            return 0 if report() else 1
        case ["--isa"]:
            show_isa()
            return 0
        case ["--version"]:
            from . import __version__

            print(__version__)
            return 0
        case ["--cmake-dir" | "--include-dir" | "--export-sdk", *rest] if len(rest) == (
            arguments[0] == "--export-sdk"
        ):
            return show_sdk(*arguments)
        case ["-h" | "--help"]:
            print(USAGE)
            return 0
        case _:
            print(USAGE, file=sys.stderr)
            return 2


def command(arguments: list[str]) -> int:
    """main(), which ends without a word when nobody reads on what it prints (`... | head -1`)."""
    try:
        status = main(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        if not _reader_is_gone():
            raise
        return 128 + 13  # what a shell reports of a program that SIGPIPE ended
    return status


def _reader_is_gone() -> bool:
    """Whether standard output leads nowhere; then it leads to the null device from now on, since Python
    flushes it once more in the end."""
    import os
    import select

    if not hasattr(select, "poll"):  # Windows, where pipes do not break
        return False
    poll = select.poll()
    poll.register(1, 0)
    if not any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0)):
        return False
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)
    return True


if __name__ == "__main__":
    sys.exit(command(sys.argv[1:]))
