"""Coverage-guided fuzzing of the readers, by Atheris: `python tests/fuzz/fuzz.py TARGET SECONDS [FOLDER]`.

Inputs that are new to the coverage are kept in FOLDER. Half of the changes are libFuzzer's own, of bytes, the
other half changes the JSON in its structure, so that most inputs get past the parser. Exit status 0: nothing
was found; else the input is in a file named crash-, timeout- or oom-.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from pathlib import Path

import atheris

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

# The first import of a module is the one that counts: nothing of Lamina comes before.
with atheris.instrument_imports(include=["lamina"]):
    import lamina.layers
    import lamina.models.loading
    import lamina.train
    from fuzz.targets import TARGETS, quiet

from support import damage  # noqa: E402

LARGEST = 1 << 16
# Numbers that a file without weights may get: few, so that inputs are quick and memory stays small.
MADE_UP = 1 << 20


def mutate(data: bytes, largest: int, seed: int) -> bytes:
    """A change of bytes, or one of the JSON in the first line."""
    draw = random.Random(seed)
    line, newline, rest = data.partition(b"\n")
    try:
        content = json.loads(line)
        if draw.random() < 0.5:
            return bytes(atheris.Mutate(data, largest))
        for _ in range(draw.choice([1, 1, 2, 3])):
            content = changed(content, draw)
        return (json.dumps(content).encode() + newline + rest)[:largest]
    except (ValueError, RecursionError):  # no JSON, or too deep to be copied
        return bytes(atheris.Mutate(data, largest))


def changed(content: object, draw: random.Random) -> object:
    places = list(damage.places(content))
    path, value = draw.choice(places)
    kind = draw.randrange(5)
    if kind == 0 and path:
        new = damage.MISSING
    elif kind == 1:
        # Another value of the same document.
        new = draw.choice(places)[1]
    elif kind == 2 and isinstance(value, (int, float)):
        new = draw.choice([value + 1, -value, value * 2**20, 0, value / 2])
    elif kind == 3 and isinstance(value, str):
        new = draw.choice([each for _, each in places if isinstance(each, str)])
    else:
        new = draw.choice(damage.PROBES)
    return damage.Change(path, new).apply(content)


def main(target: str, seconds: int, folder: str | None) -> None:
    quiet()
    lamina.models.loading.MADE_UP = MADE_UP
    kept = folder or tempfile.mkdtemp(prefix="lamina-fuzz-")
    Path(kept).mkdir(parents=True, exist_ok=True)
    options = [f"-max_total_time={seconds}", "-timeout=20", "-rss_limit_mb=3000", f"-max_len={LARGEST}"]
    corpus = [kept, str(HERE / "corpus" / target)]
    atheris.Setup([sys.argv[0], *options, *corpus], TARGETS[target], custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None)
