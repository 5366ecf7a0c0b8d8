"""What a figure depends on besides the program: the processor, the load, and who else was computing."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path


def cpu_model() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def features() -> list[str]:
    """The instruction sets that matter here."""
    try:
        flags = set(Path("/proc/cpuinfo").read_text().partition("flags")[2].partition("\n")[0].split())
    except OSError:
        return []
    return [
        name
        for name in ("sse4_2", "avx2", "fma", "avx512f", "avx512_vnni", "amx_tile", "asimd")
        if name in flags
    ]


def caches() -> dict[str, str]:
    found = {}
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        try:
            level = (index / "level").read_text().strip()
            kind = (index / "type").read_text().strip()
            found[f"L{level} {kind.lower()}"] = (index / "size").read_text().strip()
        except OSError:
            continue
    return found


def memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def load() -> float:
    return round(os.getloadavg()[0], 2)


def describe() -> dict[str, object]:
    return {
        "cpu": cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "features": features(),
        "caches": caches(),
        "memory": memory_bytes(),
        "system": platform.platform(),
        "load": load(),
    }


class Others:
    """The share of the machine that other processes took between two moments."""

    def __init__(self) -> None:
        self._busy = busy_seconds()
        self._start = time.perf_counter()

    def share(self, own: float) -> float:
        """`own`: the CPU seconds of the process that was measured."""
        wall = max(time.perf_counter() - self._start, 1e-9)
        others = busy_seconds() - self._busy - own
        return round(min(1.0, max(0.0, others) / wall / (os.cpu_count() or 1)), 3)


def busy_seconds() -> float:
    """CPU seconds of all processes since the machine started, without waiting; 0 where nobody counts them."""
    try:
        first = Path("/proc/stat").read_text().partition("\n")[0].split()
    except OSError:
        return 0.0
    user, nice, system = (int(value) for value in first[1:4])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")
