"""Time and memory over the number of submissions: `benchmarks/grading.py --curve`.

Each size is a fresh course, so that no verdict is there from before. It stops by itself: a size
that would by the last one's pace take longer than what is left of `--limit` is not begun, and one
that does is given up.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
from measuring import TookTooLong, grade, out
from rich.table import Table

from grader.course import Lesson

__all__ = ["measure_curve", "plot_curve", "print_curve"]


def measure_curve(
    lesson: Lesson, folder: Path, notebook: bytes, sizes: Sequence[int], workers: int, limit: float
) -> dict[str, Any]:
    """`grader grade` on classes of growing size, within `limit` seconds in all."""
    ends = time.monotonic() + limit
    measured: list[dict[str, Any]] = []
    left_out = []
    for size in sorted(sizes):
        left = ends - time.monotonic()
        if measured and _predicted(measured, size) > left:
            left_out.append(size)
            continue
        out.print(f"grader grade: {size} …")
        try:
            measured.append(grade(lesson, folder / str(size), notebook, size, workers, limit=left))
        except TookTooLong:  # a busy machine; what the smaller sizes gave stays
            left_out.append(size)
    return {
        "lesson": lesson.name,
        "workers": workers,
        "cores": psutil.cpu_count(),
        "sizes": measured,
        "left_out_for_time": left_out,
    }


def print_curve(results: dict[str, Any]) -> None:
    """Every size, and what each submission more than in the size before cost."""
    table = Table(title="CPU: of all processes. MB: of the coordinator, and of all processes.")
    for column in ("size", "s", "CPU s", "ms each", "CPU ms each", "MB", "MB of all"):
        table.add_column(column, justify="right")
    before: dict[str, Any] = {"size": 0, "seconds": 0.0, "processor_seconds": 0.0}
    for item in results["sizes"]:
        more = item["size"] - before["size"]
        table.add_row(
            f"{item['size']:,}",
            *(f"{item[key]:.1f}" for key in ("seconds", "processor_seconds")),
            *(
                f"{1e3 * (item[key] - before[key]) / more:.0f}"
                for key in ("seconds", "processor_seconds")
            ),
            f"{item['peak_megabytes']:.0f}",
            f"{item['peak_megabytes_of_all']:.0f}",
        )
        before = item
    out.print(table)
    for size in results["left_out_for_time"]:
        out.print(f"{size:,} took, or would have taken, longer than --limit allows.")


def plot_curve(results: dict[str, Any], path: Path) -> None:
    """Seconds and peak memory, side by side, over the number of submissions."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    measured = results["sizes"]
    sizes = [item["size"] for item in measured]
    figure, (times, memory) = pyplot.subplots(1, 2, figsize=(9, 4), layout="constrained")
    times.loglog(sizes, [item["seconds"] for item in measured], "o-", label="on the clock")
    spent = [item["processor_seconds"] for item in measured]
    times.loglog(sizes, spent, "s--", label="of the processors")
    linear = [spent[-1] * size / sizes[-1] for size in sizes]
    times.loglog(sizes, linear, "k:", label="in proportion to the last")
    times.set(xlabel="submissions", ylabel="seconds, start-up counted")
    times.legend()
    for key, label in (
        ("peak_megabytes", "coordinator"),
        ("peak_megabytes_of_all", "all processes"),
    ):
        memory.semilogx(sizes, [item[key] for item in measured], "o-", label=label)
    memory.set(xlabel="submissions", ylabel="most memory held, MB", ylim=(0, None))
    memory.legend()
    figure.suptitle(f"{results['lesson']}, {results['workers']} workers, {results['cores']} cores")
    figure.savefig(path, dpi=120)


def _predicted(measured: Sequence[dict[str, Any]], size: int) -> float:
    """Seconds for so many, in proportion to the largest size so far: start-up makes it too many."""
    last = measured[-1]
    return float(last["seconds"] * size / last["size"])
