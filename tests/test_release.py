"""What learners receive holds no solution and no hidden test."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import DOUBLE_CHECK, DOUBLE_SLOT, HEADER, SETUP, MakeLesson, secret_lines

from grader.course import Lesson, load_lessons
from grader.errors import GraderError
from grader.notebook import source_notebook, write_notebook
from grader.release import answers_shown, release_files, write_release


@pytest.fixture(scope="module")
def lessons(repository: Path) -> list[Lesson]:
    return load_lessons(repository)


@pytest.fixture(scope="module")
def files(repository: Path, lessons: list[Lesson]) -> dict[str, bytes]:
    return release_files(repository, lessons)


def texts(name: str, data: bytes) -> Iterator[str]:
    """Everything readable in a file: strings of JSON unescaped, members of archives too."""
    yield name
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                yield from texts(member, archive.read(member))
        return
    text = data.decode()
    yield text
    if name.endswith((".json", ".ipynb")):
        yield from strings(json.loads(text))


def strings(tree: Any) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, list):
        yield "".join(item for item in tree if isinstance(item, str))
        for item in tree:
            yield from strings(item)
    elif isinstance(tree, dict):
        for key, item in tree.items():
            yield from strings(key)
            yield from strings(item)


def leaks(files: Mapping[str, bytes], lessons: list[Lesson]) -> list[str]:
    """Each secret line that some file holds."""
    everything = {
        name: "\n".join(text for text in texts(name, data)) for name, data in files.items()
    }
    return [
        f"{name}: {where}: {line}"
        for lesson in lessons
        for line, where in secret_lines(lesson).items()
        for name, text in everything.items()
        if line in text
    ]


def test_no_file_holds_a_solution_or_a_hidden_test(
    files: dict[str, bytes], lessons: list[Lesson]
) -> None:
    assert leaks(files, lessons) == []


def test_there_are_secrets_to_look_for(lessons: list[Lesson]) -> None:
    for lesson in lessons:
        found = secret_lines(lesson).values()
        assert any("solution" in where for where in found), lesson
        assert any("hidden case" in where for where in found), lesson


def test_the_search_would_find_a_leak(lessons: list[Lesson]) -> None:
    """It finds the solutions in a source notebook, and what lies in an archive."""
    lesson = lessons[0]
    source = write_notebook(source_notebook(lesson))
    assert leaks({"notebooks/some.ipynb": source}, [lesson])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.write(lesson.folder / "hidden_tests.py", "attend/innocent.py")
    assert leaks({"notebooks/attend.zip": buffer.getvalue()}, [lesson])


def test_nothing_in_it_imports_from_the_repository(files: dict[str, bytes]) -> None:
    for name, data in files.items():
        if name.endswith((".ipynb", ".zip")):
            for text in texts(name, data):
                assert "from solutions" not in text and "import solutions" not in text, name
                assert "import grader" not in text and "from grader" not in text, name


def test_no_path_of_a_release_is_a_secret_one(files: dict[str, bytes]) -> None:
    for name in files:
        assert not {"solutions", "grader", "tests"} & set(Path(name).parts)


def test_a_release_of_one_lesson_holds_that_lesson_alone(
    repository: Path, lessons: list[Lesson], tmp_path: Path
) -> None:
    written = write_release(repository, lessons[1:2], tmp_path)
    notebooks = [path.stem for path in written if path.suffix == ".ipynb"]
    assert notebooks == [lessons[1].name]
    with zipfile.ZipFile(tmp_path / "notebooks" / "attend.zip") as archive:
        checks = [name for name in archive.namelist() if "checks/" in name]
    assert checks == [f"attend/checks/{lessons[1].name}.json"]


def test_the_attend_archive_can_be_imported_from(files: dict[str, bytes], tmp_path: Path) -> None:
    import subprocess
    import sys

    (tmp_path / "attend.zip").write_bytes(files["notebooks/attend.zip"])
    code = "import sys; sys.path.append('attend.zip'); import attend; print(attend.__file__)"
    ran = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "attend.zip" in ran.stdout


def test_a_release_is_the_same_each_time(
    repository: Path, lessons: list[Lesson], files: dict[str, bytes]
) -> None:
    assert release_files(repository, lessons) == files


def test_a_release_never_goes_into_solutions(repository: Path, lessons: list[Lesson]) -> None:
    for folder in (repository / "solutions", repository / "solutions" / "out"):
        with pytest.raises(GraderError, match="another folder"):
            write_release(repository, lessons[:1], folder)
    assert not (repository / "solutions" / "out").exists()


def test_a_folder_that_cannot_be_written_is_said(
    repository: Path, lessons: list[Lesson], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(GraderError, match="cannot be written"):
        write_release(repository, lessons[:1], tmp_path / "file")


SHOWN = (
    HEADER + SETUP + '# %% given="double"\nfrom solutions.lesson_99_tiny.kernels import double\n'
)


def test_a_given_answer_to_an_exercise_of_another_lesson_is_told(make_lesson: MakeLesson) -> None:
    first = make_lesson()
    second = make_lesson(name="99_later", page=SHOWN)
    assert answers_shown([first]) == answers_shown([second]) == []
    (said,) = answers_shown([first, second])
    assert "99_later shows the answer to double, an exercise of 99_tiny" in said


def test_a_lesson_may_give_its_own_kernels(make_lesson: MakeLesson) -> None:
    page = SHOWN + "\n" + DOUBLE_SLOT + DOUBLE_CHECK
    assert answers_shown([make_lesson(page=page)]) == []
