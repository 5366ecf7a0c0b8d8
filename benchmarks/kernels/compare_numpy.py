"""Times float32 matrix products against NumPy's BLAS: same process, same arrays, in turns.

    python compare_numpy.py build/benchmarks/kernels/libcompare_kernels.so [--level v4] [--threads 2]

Each turn waits until the other side's threads have gone to sleep. Both sides are called from Python with
results in place; at n = 64 the call itself counts.
"""

import argparse
import ctypes
import os
import platform
import statistics
import time


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("library")
    parser.add_argument("--level", default="v4")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--sizes", type=int, nargs="+", default=[64, 256, 512, 1024, 2048])
    parser.add_argument("--rounds", type=int, default=15)
    return parser.parse_args()


def main() -> None:
    args = arguments()
    # Read by OpenBLAS when it is loaded. Its threads would otherwise spin for 0.1 s after a call.
    os.environ["OPENBLAS_NUM_THREADS"] = str(args.threads)
    os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "22")
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        os.environ.pop(name, None)
    import numpy as np

    library = ctypes.CDLL(args.library)
    gemm = library.compare_gemm
    gemm.restype = ctypes.c_bool
    gemm.argtypes = [ctypes.c_char_p, *[ctypes.c_void_p] * 3, *[ctypes.c_int64] * 3]
    library.compare_set_threads(args.threads)
    level = args.level.encode()

    print(
        f"{platform.processor() or platform.machine()}, {args.threads} threads, level {args.level}, "
        f"NumPy {np.__version__}"
    )
    print("    n    Lamina     NumPy  GFLOP/s   ratio (medians)   ratio (best)")
    for n in args.sizes:
        rng = np.random.default_rng(0)
        a, b = (rng.standard_normal((n, n), dtype=np.float32) for _ in range(2))
        c, d = np.empty_like(a), np.empty_like(a)
        pointers = [array.ctypes.data for array in (a, b, c)]
        if not gemm(level, *pointers, n, n, n):
            raise SystemExit(f"This library has no level {args.level}.")
        assert np.allclose(c, a @ b, atol=1e-3 * n**0.5)
        repeats = max(1, min(2000, int(4e8 / (2 * n**3))))

        def ours(repeats: int = repeats, pointers: list[int] = pointers, n: int = n) -> None:
            for _ in range(repeats):
                gemm(level, *pointers, n, n, n)

        def theirs(repeats: int = repeats, a: object = a, b: object = b, d: object = d) -> None:
            for _ in range(repeats):
                np.dot(a, b, out=d)

        times: dict[object, list[float]] = {ours: [], theirs: []}
        for _ in range(args.rounds):
            for side in (ours, theirs):
                time.sleep(0.03)
                side()
                start = time.perf_counter()
                side()
                times[side].append((time.perf_counter() - start) / repeats)
        flops = 2 * n**3 * 1e-9
        middle = [statistics.median(times[side]) for side in (ours, theirs)]
        best = [min(times[side]) for side in (ours, theirs)]
        print(
            f"{n:5d} {flops / middle[0]:9.1f} {flops / middle[1]:9.1f} "
            f"{middle[1] / middle[0]:17.3f} {best[1] / best[0]:16.3f}"
        )


if __name__ == "__main__":
    main()
