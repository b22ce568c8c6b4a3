"""How fast a class is graded, beside stock nbgrader, in one run: `make bench`.

Copies of one solved torch lesson are graded by `grader grade`, and by `nbgrader autograde` as it
ships (it runs every cell, and the hidden tests in the same process). Stock's time for many is
extrapolated from its slope over a few. Whole processes are timed, start-up counted. Figures are
ratios of this run on this machine; nothing here is a test.

`--with-otter` adds `otter run` (see otter_run.py). `--curve` measures time and memory over growing
classes instead (see curve.py), and `--sizes`, `--limit` bound it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
from breakdown import breakdown, print_breakdown
from curve import measure_curve, plot_curve, print_curve
from measuring import BIN, changed, copy_tools, grade, hand_in, out, solved_notebook, timed
from otter_run import measure_otter
from rich.table import Table

from grader.course import Lesson, find_repository, load_lessons
from grader.grading import imports_of
from grader.kernel.sources import kernels
from grader.nbgrader_course import build_course

# As shipped, but for a longer patience: the hidden tests' first import outlasts its four seconds.
STOCK_CONFIG = """c = get_config()
c.CourseDirectory.course_id = "attend"
c.Execute.timeout = 300
c.Execute.iopub_timeout = 60
"""
SIZES = [1, 60, 600]
CURVE = [100, 1000, 10_000]
BROKEN_DOWN = 20  # submissions over which a submission's time is broken down


def main() -> None:
    """Measure, print, and write the figures and the plot beside this file."""
    options = _options()
    repository = find_repository()
    (lesson,) = load_lessons(repository, [options.lesson])
    target = repository / "benchmarks"
    with tempfile.TemporaryDirectory(prefix="attend-bench-") as name:
        notebook = solved_notebook(lesson)
        if options.curve:
            sizes = options.sizes or CURVE
            results = measure_curve(
                lesson, Path(name), notebook, sizes, options.workers, options.limit
            )
            print_curve(results)
            if not results["sizes"]:
                sys.exit("Not one size ended within --limit; nothing was written.")
            plot_curve(results, target / "curve.png")
        else:
            results = measure(lesson, Path(name), notebook, options)
            report(results)
            plot(results, target / "grading.png")
    written = target / ("curve.json" if options.curve else "grading.json")
    written.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lesson", default="04")
    parser.add_argument("--sizes", type=int, nargs="+", help=f"two or more; {SIZES}, or {CURVE}")
    parser.add_argument("--stock", type=int, nargs=2, default=[1, 4])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--with-otter", type=int, nargs="?", const=3, default=0, metavar="RUNS")
    parser.add_argument("--curve", action="store_true", help="time and memory over growing classes")
    parser.add_argument("--limit", type=float, default=3600.0, help="seconds that it may take")
    return parser.parse_args()


def measure(
    lesson: Lesson, folder: Path, notebook: bytes, options: argparse.Namespace
) -> dict[str, Any]:
    """Every figure of one run."""
    sizes = options.sizes or SIZES
    ours = []
    for size in sizes:
        out.print(f"grader grade: {size} …")
        ours.append(grade(lesson, folder / f"ours-{size}", notebook, size, options.workers))
    again = folder / f"ours-{max(sizes)}"
    command = [BIN / "grader", "grade", "--course", again]
    out.print("again, with verdicts kept …")
    kept = timed(command, again)
    hand_in(lesson, again, changed(notebook), 1)
    one_changed = timed(command, again)
    stock = []
    for size in options.stock:
        out.print(f"nbgrader autograde, as shipped: {size} …")
        stock.append(_stock(lesson, folder / f"stock-{size}", notebook, size))
    otter = None
    if options.with_otter:
        otter = measure_otter(lesson, folder, notebook, options.with_otter)
    out.print("the floor, and what stands above it …")
    return {
        "lesson": lesson.name,
        "workers": options.workers,
        "cores": psutil.cpu_count(),
        "ours": ours,
        "kept_again": kept,
        "one_changed": one_changed,
        "stock": stock,
        "otter": otter,
        "floor_seconds": _floor(lesson),
        "milliseconds": breakdown(lesson, folder / "broken-down", notebook, BROKEN_DOWN),
    }


def report(results: dict[str, Any]) -> None:
    """Print the figures and their ratios, by the clock and in the processors' time."""
    for key, told in (("seconds", "by the clock"), ("processor_seconds", "of the processors")):
        _report_time(results, key, told)
    last = results["ours"][-1]
    margin, _ = line(results["ours"][-2:])
    if results["otter"]:
        middle = statistics.median(results["otter"]["seconds"])
        out.print(
            f"otter run {results['otter']['version']}: {middle:.1f} s a submission, the median of "
            f"{len(results['otter']['seconds'])}; {middle / margin:.0f} times ours at the margin."
        )
    print_breakdown(results["milliseconds"], 1e3 * results["floor_seconds"])
    out.print(
        f"All {last['size']} again with verdicts kept: {results['kept_again']['seconds']:.1f} s; "
        f"with one notebook changed: {results['one_changed']['seconds']:.1f} s."
    )


def _report_time(results: dict[str, Any], key: str, told: str) -> None:
    slope, start = line(results["stock"], key)
    table = Table("submissions", "grader, s", "stock nbgrader, s", "ratio", "peak memory, MB")
    table.title = f"Seconds {told}"
    for item in results["ours"]:
        stock = start + slope * item["size"]
        numbers = item[key], stock, stock / item[key], item["peak_megabytes"]
        table.add_row(
            f"{item['size']}", *(f"{n:.{d}f}" for n, d in zip(numbers, (1, 0, 0, 0), strict=True))
        )
    out.print(table)
    margin, _ = line(results["ours"][-2:], key)
    times = f"{slope / margin:.0f} times"
    out.print(f"At the margin {1e3 * margin:.0f} ms each, stock {1e3 * slope:.0f} ms: {times}.")


def line(two: Sequence[dict[str, Any]], key: str = "seconds") -> tuple[float, float]:
    """Seconds a submission, and seconds of start, from two measured sizes."""
    few, more = two
    slope = (more[key] - few[key]) / (more["size"] - few["size"])
    return slope, few[key] - slope * few["size"]


def plot(results: dict[str, Any], path: Path) -> None:
    """Both lines over the number of submissions, on logarithmic axes."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    slope, start = line(results["stock"])
    sizes = [item["size"] for item in results["ours"]]
    figure, ax = pyplot.subplots(figsize=(7, 4.5), layout="constrained")
    ax.loglog(
        sizes, [start + slope * size for size in sizes], "s--", label="stock nbgrader (slope)"
    )
    ax.loglog(
        [item["size"] for item in results["stock"]],
        [item["seconds"] for item in results["stock"]],
        "ks",
        label="stock nbgrader (measured)",
    )
    ax.loglog(sizes, [item["seconds"] for item in results["ours"]], "o-", label="grader grade")
    ax.set(
        xlabel="submissions",
        ylabel="seconds, start-up counted",
        title=f"{results['lesson']}, {results['cores']} cores",
    )
    ax.legend()
    figure.savefig(path, dpi=120)


def _stock(lesson: Lesson, course: Path, notebook: bytes, size: int) -> dict[str, Any]:
    build_course(course, [lesson])
    (course / "nbgrader_config.py").write_text(STOCK_CONFIG, encoding="utf-8")
    hand_in(lesson, course, notebook, size)
    copy_tools(lesson, course)
    return {"size": size, **timed([BIN / "nbgrader", "autograde", lesson.name], course)}


def _floor(lesson: Lesson) -> float:
    """The median time to fork a kernel, run an empty cell and kill it."""
    times = []
    with kernels(imports_of([lesson])) as source:
        for _ in range(30):
            started = time.perf_counter()
            kernel = source.fork()
            kernel.run_cell("pass", 10)
            kernel.close()
            times.append(time.perf_counter() - started)
    return statistics.median(times)


if __name__ == "__main__":
    main()
