"""Curves of a fit as inline SVG: a chart for each metric, with its values on training and validation data."""

from __future__ import annotations

from html import escape
from math import isfinite
from typing import TYPE_CHECKING

from ..formatting import short_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["chart", "charts"]

WIDTH, HEIGHT = 360.0, 150.0
LEFT, TOP, RIGHT, BOTTOM = 52.0, 24.0, 10.0, 20.0
# Legible on light and dark pages; text takes the page's own color.
COLORS = ("#d9822b", "#3b82c4")
# More points than this are not told apart at the width of a chart.
MOST_POINTS = 300
# Of a fit that runs, so many epochs are looked at for each drawing.
LOOKED_AT = 2000


def charts(history: Mapping[str, Sequence[float]], live: bool = False) -> str:
    """One chart for each metric of a history; keys `val_NAME` are drawn beside `NAME`.

    `live`: again and again while a fit runs. Then not every epoch of a long one is looked at.
    """
    history = dict(history)  # a fit may be adding to it
    epochs = max((len(values) for values in history.values()), default=0)
    if live and epochs > LOOKED_AT:
        history = {name: _thinned(values) for name, values in history.items()}
    names = [name for name in history if not (name.startswith("val_") and name[4:] in history)]
    drawn = []
    for name in names:
        keys = [key for key in (name, f"val_{name}") if key in history]
        drawn.append(chart(name, {key: history[key] for key in keys}, epochs))
    return f'<div style="display:flex;flex-wrap:wrap">{"".join(drawn)}</div>' if drawn else ""


def _thinned(values: Sequence[float]) -> Sequence[float]:
    """Some of the values, the last one among them."""
    step = max(1, len(values) // LOOKED_AT)
    return values[(len(values) - 1) % step :: step]


def chart(title: str, curves: Mapping[str, Sequence[float]], epochs: int | None = None) -> str:
    """Curves over the epochs. Below them stands `epochs`, by default the number of values.

    A value that is not finite leaves a gap; names are escaped.
    """
    finite = [value for values in curves.values() for value in values if isfinite(value)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    if high == low:
        high, low = high + (abs(high) or 1.0) / 2, low - (abs(low) or 1.0) / 2
    if epochs is None:
        epochs = max((len(values) for values in curves.values()), default=0)
    parts = [_text(LEFT, 14, title, size=12)]
    for value in (high, low):
        y = _height(value, low, high)
        parts.append(
            f'<path d="M{LEFT:g} {y:.1f}H{WIDTH - RIGHT:g}" stroke="currentColor" stroke-opacity="0.2"/>'
        )
        parts.append(_text(LEFT - 5, y + 4, short_number(value), anchor="end"))
    parts.append(_text(LEFT, HEIGHT - 5, "epoch 1"))
    parts.append(_text(WIDTH - RIGHT, HEIGHT - 5, str(epochs), anchor="end"))
    for index, (name, values) in enumerate(curves.items()):
        color = COLORS[index % len(COLORS)]
        parts += _curve(values, low, high, color)
        if len(curves) > 1:
            parts.append(_text(WIDTH - RIGHT - 90 * (len(curves) - 1 - index), 14, name, color, anchor="end"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:g}" height="{HEIGHT:g}" role="img" '
        f'font-family="sans-serif" color="inherit">{"".join(parts)}</svg>'
    )


def _height(value: float, low: float, high: float) -> float:
    # Halves first: the difference of the two largest floats is no float.
    share = (value / 2 - low / 2) / (high / 2 - low / 2)
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share)


def _text(
    x: float, y: float, words: str, color: str = "currentColor", *, anchor: str = "start", size: int = 10
) -> str:
    return (
        f'<text x="{x:g}" y="{y:.1f}" fill="{color}" font-size="{size}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )


def _curve(values: Sequence[float], low: float, high: float, color: str) -> list[str]:
    """Lines through the finite values; one that stands alone is a dot."""
    count = len(values)
    step = (WIDTH - LEFT - RIGHT) / max(1, count - 1)
    shown = min(count, MOST_POINTS)
    picked = [round(i * (count - 1) / max(1, shown - 1)) for i in range(shown)]
    runs: list[list[str]] = [[]]
    for i in picked:
        if isfinite(values[i]):
            runs[-1].append(f"{LEFT + i * step:.1f},{_height(values[i], low, high):.1f}")
        else:
            runs.append([])
    parts = []
    for run in runs:
        if len(run) > 1:
            points = " ".join(run)
            parts.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="1.5"/>')
        elif run:
            x, y = run[0].split(",")
            parts.append(f'<circle cx="{x}" cy="{y}" r="2" fill="{color}"/>')
    return parts
