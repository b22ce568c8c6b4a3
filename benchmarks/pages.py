"""What each solved page takes, and whether it reaches its result under other seeds too.

`python benchmarks/pages.py 06 10 --seeds 3`: every number that a page seeds a generator with is
raised by 0, 100, 200; the page runs from top to bottom as a learner's would, in a folder that holds
nothing but attend.zip. Its own assertions say whether it reaches what it promises. Processor time
is that of all processes: other work on the machine lengthens it little. Nothing here is a test.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from pathlib import Path
from typing import Any

from measuring import BIN, TookTooLong, out, solved_notebook, timed
from rich.table import Table

from grader.build import attend_zip
from grader.course import Lesson, find_repository, load_lessons

STEP = 100  # between one set of seeds and the next
LIMIT = 900.0  # seconds that one page may take on a busy machine
LINES = 4  # of what a cell printed at its end
SEEDED = re.compile(r"(manual_seed\(|default_rng\(|\bSEED = |\bseed=)(\d+)\b")


def main() -> None:
    """Run the pages, print a table, and write the figures beside this file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lessons", nargs="*")
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    repository = find_repository()
    figures = []
    for lesson in load_lessons(repository, options.lessons or None):
        for number in range(options.seeds):
            out.print(f"{lesson.name}, seeds + {number * STEP} …")
            figures.append(run_page(lesson, number * STEP))
        _write(repository / "benchmarks" / "pages.json", figures)
    _print(figures)


def _write(path: Path, figures: list[dict[str, Any]]) -> None:
    """Keep what is known of other lessons."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    done = {one["lesson"] for one in figures}
    every = figures + [one for one in known if one["lesson"] not in done]
    every.sort(key=lambda one: (one["lesson"], one["seeds"]))
    path.write_text(json.dumps(every, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def run_page(lesson: Lesson, shift: int) -> dict[str, Any]:
    """Run one solved page with its seeds raised; what it took, and what its assertions saw."""
    notebook = json.loads(solved_notebook(lesson))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            text = "".join(cell["source"])
            cell["source"] = SEEDED.sub(lambda m: f"{m[1]}{int(m[2]) + shift}", text)
    with tempfile.TemporaryDirectory(prefix="attend-page-") as name:
        folder = Path(name)
        (folder / "attend.zip").write_bytes(attend_zip([lesson]))
        page = folder / "page.ipynb"
        page.write_text(json.dumps(notebook), encoding="utf-8")
        command = [BIN / "jupyter", "execute", "--inplace", "--timeout=-1", page]
        figures: dict[str, Any] = {"lesson": lesson.name, "seeds": shift}
        try:
            figures |= timed(command, folder, limit=LIMIT)
        except TookTooLong as error:
            return figures | {"failed": str(error)}
        except SystemExit as error:
            return figures | {"failed": str(error).strip().splitlines()[-1]}
        return figures | {"said": _results(json.loads(page.read_text(encoding="utf-8")))}


def _results(page: Any) -> list[str]:
    """The last lines that each cell with an assertion printed; its training's come before them."""
    lines = []
    for cell in page["cells"]:
        if cell["cell_type"] == "code" and re.search(r"(?m)^assert ", "".join(cell["source"])):
            streams = [one for one in cell["outputs"] if one["output_type"] == "stream"]
            printed = "".join("".join(one["text"]) for one in streams if one["name"] == "stdout")
            lines += printed.strip().splitlines()[-LINES:]
    return lines


def _print(figures: list[dict[str, Any]]) -> None:
    table = Table("lesson", "seeds", "s", "CPU s", "MB of all", "what its assertions saw")
    for one in figures:
        numbers = (
            [f"{one[key]:.0f}" for key in ("seconds", "processor_seconds", "peak_megabytes_of_all")]
            if "seconds" in one
            else ["–"] * 3
        )
        said = one.get("failed") or "\n".join(one["said"])
        table.add_row(one["lesson"][:2], f"+{one['seeds']}", *numbers, said)
    out.print(table)


if __name__ == "__main__":
    main()
