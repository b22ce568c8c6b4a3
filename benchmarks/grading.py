"""How fast a class is graded, beside stock nbgrader, in one run: `make bench`.

Copies of one solved torch lesson are graded by `grader grade`, and by `nbgrader autograde` as it
ships (it runs every cell, and the hidden tests in the same process). Stock's time for many is
extrapolated from its slope over a few. Whole processes are timed, start-up counted. Figures are
ratios of this run on this machine; nothing here is a test.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from grader.course import Lesson, find_repository, load_lessons
from grader.grading import imports_of
from grader.kernel.sources import kernels
from grader.nbgrader_course import build_course
from grader.notebook import source_notebook, write_notebook

# As shipped, but for a longer patience: the hidden tests' first import outlasts its four seconds.
STOCK_CONFIG = """c = get_config()
c.CourseDirectory.course_id = "attend"
c.Execute.timeout = 300
c.Execute.iopub_timeout = 60
"""
BIN = Path(sys.executable).parent
out = Console(highlight=False)


def main() -> None:
    """Measure, print, and write benchmarks/grading.json and grading.png."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lesson", default="04")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 60, 600])
    parser.add_argument("--stock", type=int, nargs=2, default=[1, 4])
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    repository = find_repository()
    (lesson,) = load_lessons(repository, [options.lesson])
    with tempfile.TemporaryDirectory(prefix="attend-bench-") as name:
        results = measure(lesson, Path(name), options)
    report(results)
    target = repository / "benchmarks"
    (target / "grading.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    plot(results, target / "grading.png")


def measure(lesson: Lesson, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Every figure of one run."""
    solved = write_notebook(_without_hidden(source_notebook(lesson)))
    ours = []
    for size in options.sizes:
        out.print(f"grader grade: {size} …")
        ours.append(_grade(lesson, folder / f"ours-{size}", solved, size, options.workers))
    again = folder / f"ours-{max(options.sizes)}"
    out.print("again, with verdicts kept …")
    kept = _timed([BIN / "grader", "grade", "--course", again], again)
    _hand_in(lesson, again, _changed(solved), 1)
    one_changed = _timed([BIN / "grader", "grade", "--course", again], again)
    stock = []
    for size in options.stock:
        out.print(f"nbgrader autograde, as shipped: {size} …")
        stock.append(_stock(lesson, folder / f"stock-{size}", solved, size))
    out.print("the floor …")
    return {
        "lesson": lesson.name,
        "workers": options.workers,
        "cores": psutil.cpu_count(),
        "ours": ours,
        "kept_again": kept,
        "one_changed": one_changed,
        "stock": stock,
        "floor_seconds": _floor(lesson),
    }


def report(results: dict[str, Any]) -> None:
    """Print the figures and their ratios."""
    slope, start = stock_line(results["stock"])
    table = Table("submissions", "grader, s", "stock nbgrader, s", "ratio", "peak memory, MB")
    for item in results["ours"]:
        stock = start + slope * item["size"]
        ratio = stock / item["seconds"]
        table.add_row(
            str(item["size"]),
            f"{item['seconds']:.1f}",
            f"{stock:.0f}",
            f"{ratio:.0f}",
            f"{item['peak_megabytes']:.0f}",
        )
    out.print(table)
    first, last = results["ours"][-2], results["ours"][-1]
    margin = (last["seconds"] - first["seconds"]) / (last["size"] - first["size"])
    out.print(
        f"At the margin {margin * 1e3:.0f} ms a submission, stock {slope * 1e3:.0f} ms: ", end=""
    )
    out.print(f"{slope / margin:.0f} times.")
    out.print(
        f"Floor (fork, close the sandbox, one empty cell, kill): "
        f"{results['floor_seconds'] * 1e3:.0f} ms on one core."
    )
    out.print(
        f"All {last['size']} again with verdicts kept: {results['kept_again']['seconds']:.1f} s; "
        f"with one notebook changed: {results['one_changed']['seconds']:.1f} s."
    )


def stock_line(stock: Sequence[dict[str, Any]]) -> tuple[float, float]:
    """Seconds a submission, and seconds of start, from two measured sizes."""
    few, more = stock
    slope = (more["seconds"] - few["seconds"]) / (more["size"] - few["size"])
    return slope, few["seconds"] - slope * few["size"]


def plot(results: dict[str, Any], path: Path) -> None:
    """Both lines over the number of submissions, on logarithmic axes."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    slope, start = stock_line(results["stock"])
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


def _grade(lesson: Lesson, course: Path, solved: bytes, size: int, workers: int) -> dict[str, Any]:
    build_course(course, [lesson])
    _hand_in(lesson, course, solved, size)
    command = [BIN / "grader", "grade", "--course", course, "--workers", str(workers)]
    return {"size": size, **_timed(command, course)}


def _stock(lesson: Lesson, course: Path, solved: bytes, size: int) -> dict[str, Any]:
    build_course(course, [lesson])
    (course / "nbgrader_config.py").write_text(STOCK_CONFIG, encoding="utf-8")
    _hand_in(lesson, course, solved, size)
    return {"size": size, **_timed([BIN / "nbgrader", "autograde", lesson.name], course)}


def _hand_in(lesson: Lesson, course: Path, notebook: bytes, size: int) -> None:
    for number in range(size):
        home = course / "submitted" / f"learner{number:05d}" / lesson.name
        home.mkdir(parents=True, exist_ok=True)
        (home / f"{lesson.name}.ipynb").write_bytes(notebook)
        if (course / "source").is_dir():
            shutil.copy(course / "source" / lesson.name / "attend.zip", home)


def _timed(command: Sequence[Any], folder: Path) -> dict[str, float]:
    """Run a command to its end; its wall time and the peak memory of its largest process.

    Raises:
        SystemExit: where it fails, with the end of what it said.
    """
    started = time.monotonic()
    with tempfile.TemporaryFile() as said:
        process = psutil.Popen(
            [str(part) for part in command], cwd=folder, stdout=said, stderr=subprocess.STDOUT
        )
        peak = 0.0
        while process.poll() is None:
            try:
                peak = max(peak, process.memory_info().rss / 1e6)
            except psutil.Error:
                break
            time.sleep(0.1)
        if process.wait() != 0:
            said.seek(0)
            sys.exit(said.read()[-2000:].decode(errors="replace"))
    return {"seconds": time.monotonic() - started, "peak_megabytes": peak}


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


def _without_hidden(notebook: Any) -> Any:
    for cell in notebook.cells:
        cell.source = cell.source.split("\n### BEGIN HIDDEN TESTS")[0]
    return notebook


def _changed(notebook: bytes) -> bytes:
    data = json.loads(notebook)
    data["cells"][0]["source"] = "changed"
    return json.dumps(data).encode()


if __name__ == "__main__":
    main()
