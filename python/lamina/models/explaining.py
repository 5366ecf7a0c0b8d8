"""What model.explain() tells: the Programs of a model, instruction by instruction, with what each costs."""

from __future__ import annotations

from typing import Any

__all__ = ["Explanation", "explain"]

NAMES = {"train": "a step of training", "test": "a step of evaluation", "predict": "predict"}
WIDTH = 46


class Explanation:
    """The Programs of a model as dicts in `programs`; `str()` of it is the text."""

    def __init__(self, programs: list[dict[str, Any]], text: str) -> None:
        self.programs = programs
        self._text = text

    def __str__(self) -> str:
        return self._text

    __repr__ = __str__


def explain(model: Any, runs: int) -> Explanation:
    """Measures each Program of the model on zeros; weights and random numbers stay what they are."""
    found = []
    for what, specs, kept in model.programs:
        with model.lock:
            kept.program.measure(runs)
            instructions = kept.program.report()
        found.append(
            {
                "what": what,
                "columns": [spec for spec in specs if spec is not None],
                "traceMs": 1000 * kept.trace_seconds,
                "planMs": 1000 * kept.plan_seconds,
                "stats": dict(kept.program.stats),
                "instructions": [
                    {"ops": ops, "shapes": [list(shape) for shape in shapes], "us": nanoseconds / 1000}
                    for ops, shapes, nanoseconds in instructions
                ],
            }
        )
    lines = [f"{model.name}: {_count(len(found), 'Program')}"]
    for program in found:
        lines += ["", *_described(program)]
    if not found:
        lines.append("Nothing is compiled yet: call predict, evaluate, trainOnBatch or fit first.")
    return Explanation(found, "\n".join(lines))


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def _described(program: dict[str, Any]) -> list[str]:
    stats = program["stats"]
    columns = ", ".join(f"{dtype}[{','.join(map(str, shape))}]" for shape, dtype in program["columns"])
    arena, peak = stats["arenaBytes"], stats["peakLiveBytes"]
    total = sum(each["us"] for each in program["instructions"])
    lines = [
        f"{NAMES[program['what']]} on {columns}",
        f"  traced in {program['traceMs']:.2f} ms ({_count(stats['tracedNodes'], 'node')}), "
        f"planned in {program['planMs']:.2f} ms",
        f"  arena {arena:,} bytes; most alive at once {peak:,} ({arena / max(1, peak):.2f} times)",
        f"  {_count(stats['instructions'], 'instruction')}, {stats['fusedOps']} ops fused in "
        f"{_count(stats['fusedGroups'], 'group')}; {total:.1f} us a run",
        f"  {'us':>9} {'%':>5}  {'op':<{WIDTH}} result",
    ]
    for each in program["instructions"]:
        share = 100 * each["us"] / total if total else 0
        first, *rest = _wrapped(each["ops"])
        shapes = " ".join(f"[{','.join(map(str, shape))}]" for shape in each["shapes"])
        lines.append(f"  {each['us']:>9.2f} {share:>5.1f}  {first:<{WIDTH}} {shapes}".rstrip())
        lines += [" " * 19 + line for line in rest]
    return lines


def _wrapped(ops: list[str]) -> list[str]:
    """The names of a group, in lines of at most WIDTH."""
    if len(ops) == 1:
        return ops
    lines = [f"fused {len(ops)}:"]
    for op in ops:
        if len(lines[-1]) + 1 + len(op) > WIDTH:
            lines.append("  " + op)
        else:
            lines[-1] += " " + op
    return lines
