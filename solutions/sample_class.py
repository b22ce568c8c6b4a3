"""A class of 24 simulated learners, with what each must get: `python -m solutions.sample_class D`.

Made when the demo runs, since it contains answers. Learners hand in stubs, solutions,
alternatives, misconceptions, syntax errors, endless loops, crashes, deleted cells and notebooks cut
in half. What a misconception must get is worked out here, in this process, on inputs of another
seed than the grader's: a second way to the same verdict.
"""

from __future__ import annotations

import copy
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.course import Exercise, Lesson, find_repository, load_lessons
from grader.drawing import Prepared, earned_points, judge
from grader.notebook import released, write_notebook
from grader.stub import cut_stub, free_names, solution_source

__all__ = ["LEARNERS", "make_class"]

LEARNERS = (
    *("ada", "amara", "björn", "chen", "diego", "elif", "farah", "giulia", "hana", "ivan", "jamal"),
    *("kofi", "leila", "marek", "nadia", "oluwaseun", "priya", "quentin", "rosa", "søren", "tala"),
    *("uma", "víctor", "李雷"),
)
# What happens to one exercise of a lesson, or to the whole notebook, beside plain right and wrong.
MISHAPS = ("syntax error", "endless loop", "crash", "deleted cell", "cut in half", "not started")
TRUTH_SEED = 7919


@dataclass(frozen=True)
class Answer:
    """What a learner hands in for one exercise, and what that must get."""

    kind: str
    text: str | None  # None: the cell is deleted
    points: float
    status: str
    misconception: str | None = None


def make_class(lessons: Sequence[Lesson], folder: Path, seed: int = 1) -> list[dict[str, Any]]:
    """Write every learner's notebooks under `folder`; return the truth, one record a verdict."""
    rng = random.Random(seed)
    makers = [_Maker(lesson) for lesson in lessons]
    truth = []
    for number, student in enumerate(LEARNERS):
        for position, maker in enumerate(makers):
            # Each mishap comes up for some learner in some lesson; most lessons go without one.
            turn = number + 5 * position
            mishap = MISHAPS[turn // 4 % len(MISHAPS)] if turn % 4 == 0 else ""
            truth += maker.hand_in(student, mishap, folder, rng)
    return truth


class _Maker:
    """Makes notebooks of one lesson."""

    def __init__(self, lesson: Lesson) -> None:
        self.lesson = lesson
        self.release = released(lesson)
        self.solutions = {
            name: solution_source(lesson.kernels_source, name) for name in lesson.exercises
        }
        self.prepared = {name: Prepared(lesson, name, TRUTH_SEED) for name in lesson.exercises}

    def hand_in(
        self, student: str, mishap: str, folder: Path, rng: random.Random
    ) -> list[dict[str, Any]]:
        """Write one notebook; return what its verdicts must be."""
        answers = self._answers(mishap, rng)
        notebook = copy.deepcopy(self.release)
        kept = []
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            answer = answers.get(name)
            if answer is not None and answer.text is None:
                continue
            if answer is not None and answer.text is not None:
                cell.source = answer.text
            kept.append(cell)
        notebook.cells = kept
        data = write_notebook(notebook)
        home = folder / student / self.lesson.name
        home.mkdir(parents=True, exist_ok=True)
        half = data[: len(data) // 2]
        (home / f"{self.lesson.name}.ipynb").write_bytes(half if mishap == "cut in half" else data)
        return [
            {
                "student": student,
                "lesson": self.lesson.name,
                "exercise": name,
                "points": answer.points,
                "status": answer.status,
                "misconception": answer.misconception,
                "kind": answer.kind,
            }
            for name, answer in answers.items()
        ]

    def _answers(self, mishap: str, rng: random.Random) -> dict[str, Answer]:
        exercises = self.lesson.exercises
        if mishap in ("not started", "cut in half"):
            status = "missing" if mishap == "not started" else "unreadable"
            return {
                name: Answer(mishap, cut_stub(self.solutions[name], name), 0.0, status)
                for name in exercises
            }
        answers = {name: self._ordinary(exercise, rng) for name, exercise in exercises.items()}
        if mishap:
            struck = rng.choice(list(exercises))
            answers[struck] = self._struck(struck, mishap)
        return self._without_dependants(answers)

    def _ordinary(self, exercise: Exercise, rng: random.Random) -> Answer:
        """Three in five right, in some way; the others hold a misconception."""
        candidates = self.lesson.candidates[exercise.name]
        right = [item for item in candidates if item.kind == "alternative"]
        wrong = [item for item in candidates if item.kind == "misconception"]
        if rng.random() < 0.4:
            chosen = rng.choice(wrong)
            points, status = self._worth(exercise, chosen)
            return Answer("misconception", chosen.source, points, status, chosen.name)
        if rng.random() < 0.3:
            return Answer("alternative", rng.choice(right).source, exercise.total, "passed")
        return Answer("solution", self.solutions[exercise.name], exercise.total, "passed")

    def _struck(self, name: str, mishap: str) -> Answer:
        stub = cut_stub(self.solutions[name], name)
        body = {"endless loop": "while True: pass", "crash": "import ctypes; ctypes.string_at(0)"}
        if mishap == "deleted cell":
            return Answer(mishap, None, 0.0, "missing")
        if mishap == "syntax error":
            return Answer(mishap, self.solutions[name] + "\n)", 0.0, "error")
        text = stub.replace(f'raise NotImplementedError("{name} is not written yet")', body[mishap])
        return Answer(mishap, text, 0.0, "timeout" if mishap == "endless loop" else "crashed")

    def _worth(self, exercise: Exercise, candidate: Any) -> tuple[float, str]:
        """What a wrong answer must get: the points of the requirements whose cases all hold."""
        prepared = self.prepared[exercise.name]
        results = prepared.results(candidate)
        passed = [
            judge(drawn, result) is None
            for drawn, result in zip(prepared.drawn, results, strict=True)
        ]
        points = earned_points(exercise.points, prepared.drawn, passed)
        if points:
            return points, "partial"
        return 0.0, "error" if all(result.error for result in results) else "failed"

    def _without_dependants(self, answers: dict[str, Answer]) -> dict[str, Answer]:
        """Who got one exercise wrong has not yet begun those that build on it."""
        wrong = {name for name, answer in answers.items() if answer.status != "passed"}
        for name, answer in answers.items():
            builds_on = free_names(self.solutions[name]) | self._names_in(answer)
            if (builds_on - {name}) & wrong:
                stub = cut_stub(self.solutions[name], name)
                answers[name] = Answer("not started", stub, 0.0, "missing")
                wrong.add(name)
        return answers

    def _names_in(self, answer: Answer) -> set[str]:
        try:
            return free_names(answer.text or "")
        except SyntaxError:
            return set()


def main(folder: Path) -> None:
    """Make the class of all lessons there are, and its truth beside it."""
    truth = make_class(load_lessons(find_repository()), folder / "submitted")
    (folder / "truth.json").write_text(
        json.dumps(truth, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    learners = len({item["student"] for item in truth})
    print(f"{learners} learners handed in {len(truth)} answers.")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
