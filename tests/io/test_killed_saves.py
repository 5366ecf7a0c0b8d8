"""Saving, interrupted at every system call: the old model is there or the new one, and no false success."""

from __future__ import annotations

import errno
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import lamina as tf
from support.nets import NETS, array

NET = NETS[0]
HERE = Path(__file__).resolve().parent
SOURCE = HERE / "tamper.c"
NO_NTH, CANNOT, KILLED = 99, 98, 128 + 9

pytestmark = [
    pytest.mark.skipif(
        sys.platform != "linux" or platform.machine() != "x86_64",
        reason="tamper.c knows the system calls of Linux on x86-64",
    ),
    pytest.mark.slow,
    pytest.mark.watchdog(300),
]


class Killing:
    """A process that has imported Lamina and forks for each save (killing.py)."""

    def __init__(self, library: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, HERE / "killing.py", library],
            env={
                **os.environ,
                "LAMINA_NUM_THREADS": "1",
                "PYTHONPATH": os.pathsep.join([str(HERE.parent), *sys.path]),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, mode: str, n: int, target: Path | None) -> Ended:
        """Saves into `target`, where the n-th call meets what `mode` says (tamper.c)."""
        assert self.process.stdin is not None and self.process.stdout is not None
        request = {"mode": mode, "n": n, "target": None if target is None else str(target)}
        print(json.dumps(request), file=self.process.stdin, flush=True)
        return Ended(**json.loads(self.process.stdout.readline()))

    def close(self) -> None:
        self.process.communicate(timeout=60)
        assert self.process.returncode == 0


@dataclass
class Ended:
    returncode: int
    stderr: str


@pytest.fixture(scope="module")
def killing(tmp_path_factory) -> Iterator[Killing]:
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("there is no C compiler")
    library = tmp_path_factory.mktemp("tamper") / "tamper.so"
    subprocess.run([compiler, "-O1", "-Wall", "-shared", "-fPIC", "-o", library, SOURCE], check=True)
    killing = Killing(library)
    try:
        if killing.run("kill", 1, None).returncode == CANNOT:
            pytest.skip("ptrace is not permitted here")
        yield killing
    finally:
        killing.close()


def weights(folder: Path) -> list[Any] | None:
    """The weights of the model there; None where there is no model."""
    try:
        model = tf.loadLayersModel(folder).result()
    except FileNotFoundError:
        assert not (folder / "model.json").exists()
        return None
    found = [array(w).tolist() for w in model.getWeights()]
    model.dispose()
    return found


@pytest.fixture
def old(tmp_path) -> Path:
    """A saved model, to be copied."""
    model = NET.model("adam")
    model.save(tmp_path / "old", includeOptimizer=True).result()
    model.dispose()
    return tmp_path / "old"


def expected() -> tuple[list[Any], list[Any]]:
    model = NET.make()
    model.setWeights(NET.model().getWeights())
    before = [array(w).tolist() for w in model.getWeights()]
    after = [(array(w) + 1).tolist() for w in model.getWeights()]
    model.dispose()
    return before, after


def stray(folder: Path) -> set[str]:
    """Files beside the model.json that it does not name."""
    if not folder.exists():
        return set()
    names = {path.name for path in folder.iterdir()}
    if "model.json" in names:
        content = json.loads((folder / "model.json").read_text())
        names -= {"model.json", *(path for group in content["weightsManifest"] for path in group["paths"])}
    return names


def each(killing: Killing, mode: str, old: Path | None, work: Path) -> Any:
    """Lets the n-th call fail, for n from 1 on, until there are no more; gives the results and the places."""
    for n in range(1, 1000):
        target = work / f"{mode}-{n}"
        if old is not None:
            shutil.copytree(old, target)
        # One directory more, where none is there: it has to be made.
        done = killing.run(mode, n, target if old is not None else target / "deep")
        if done.returncode == NO_NTH:
            return
        yield done, target if old is not None else target / "deep"
        shutil.rmtree(target, ignore_errors=True)
    raise AssertionError("no end")


@pytest.mark.parametrize("there", [True, False], ids=["over an old model", "into a new folder"])
def test_killed_at_every_system_call(killing, old, tmp_path, there):
    before, after = expected()
    seen = []
    for done, place in each(killing, "kill", old if there else None, tmp_path):
        assert done.returncode == KILLED, done.stderr
        found = weights(place)
        assert found in ((before, after) if there else (None, after))
        seen.append(found == after)
    assert len(seen) > 40
    assert not seen[0]
    assert seen[-1]


@pytest.mark.parametrize("there", [True, False], ids=["over an old model", "into a new folder"])
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO], ids=["ENOSPC", "EIO"])
def test_every_call_that_changes_files_fails(killing, old, tmp_path, there, error):
    before, after = expected()
    said = 0
    for done, place in each(killing, str(error), old if there else None, tmp_path):
        found = weights(place)
        if done.returncode == 0:
            # What failed was not needed: looking at the old model, or taking its shards away.
            assert found == after
        else:
            assert f"errno {error}" in done.stderr
            assert found in ((before, after) if there else (None, after))
            assert not any(name.endswith(".tmp") for name in stray(place))
            said += 1
    # Opening, writing, syncing, closing and renaming of 3 files; the folder, twice.
    assert said >= 3 * 5 + 2 * 3


@pytest.mark.parametrize("mode", ["kill", str(errno.ENOSPC)], ids=["killed", "ENOSPC"])
def test_an_exported_program_is_the_old_one_or_the_new_one(killing, tmp_path, mode):
    target = tmp_path / "net.lamina"
    model = NET.model()
    contents = []
    for added in (0, 1):
        model.setWeights([array(w) + added for w in model.getWeights()])
        model.exportProgram(target).result()
        contents.append(target.read_bytes())
    model.dispose()
    seen = []
    for n in range(1, 1000):
        target.write_bytes(contents[0])
        done = killing.run(mode, n, target)
        if done.returncode == NO_NTH:
            break
        assert target.read_bytes() in contents
        seen.append(target.read_bytes() == contents[1])
        assert done.returncode == KILLED if mode == "kill" else seen[-1] or "errno 28" in done.stderr
    assert len(seen) > 5
    assert not seen[0]
    assert seen[-1]


def test_short_writes_are_finished(killing, old, tmp_path):
    _, after = expected()
    count = 0
    for done, place in each(killing, "short", old, tmp_path):
        assert done.returncode == 0, done.stderr
        assert weights(place) == after
        assert stray(place) == set()
        count += 1
    assert count >= 3


def test_a_name_comes_after_what_it_names(tmp_path, monkeypatch):
    """Contents are synced before they get their name, and names before the file that needs them."""
    seen: list[str] = []
    sync, rename = os.fsync, os.replace

    def name(path: str) -> str:
        return "shard" if "weights" in path else Path(path).name.partition(".json")[0]

    def seen_sync(handle: int) -> None:
        seen.append(f"sync {name(os.readlink(f'/proc/self/fd/{handle}'))}")
        sync(handle)

    def seen_rename(source: str, target: str) -> None:
        seen.append(f"name {name(target)}")
        rename(source, target)

    monkeypatch.setattr(os, "fsync", seen_sync)
    monkeypatch.setattr(os, "replace", seen_rename)
    monkeypatch.setattr("lamina.io.files.SHARD_BYTES", 200)
    model = NET.model()
    model.save(tmp_path / "upper" / "lower").result()
    model.dispose()
    assert seen == [
        f"sync {tmp_path.name}",
        "sync upper",
        *["sync shard", "name shard"] * 2,
        "sync lower",
        "sync model",
        "name model",
        "sync lower",
    ]
