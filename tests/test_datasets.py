"""The embedded data: whole, unchanged, made by its maker, at hand in a release."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REPOSITORY

from grader.attend import datasets
from grader.build import attend_zip

DATA = REPOSITORY / "data"


def test_the_prose_is_what_its_maker_writes() -> None:
    spec = importlib.util.spec_from_file_location("make_prose", DATA / "make_prose.py")
    assert spec is not None and spec.loader is not None
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    made = (DATA / "english_prose.txt").read_text(encoding="utf-8")
    if sys.version_info[:3] == maker.MADE_WITH:
        assert maker.prose() == made
    # Under any Python: the maker's rules hold of each paragraph of the frozen file.
    assert [next(maker.paragraphs(line), None) for line in made.splitlines()] == made.splitlines()


def test_each_data_file_has_a_card() -> None:
    cards = (DATA / "README.md").read_text(encoding="utf-8")
    for name, checksum in datasets.CHECKSUMS.items():
        assert f"`{name}`" in cards and checksum in cards


def test_a_changed_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(datasets.CHECKSUMS, "english_prose.txt", "0" * 64)
    with pytest.raises(ValueError, match=r"english_prose\.txt was changed"):
        datasets._read("english_prose.txt")


def test_the_archive_for_colab_brings_the_data(tmp_path: Path) -> None:
    (tmp_path / "attend.zip").write_bytes(attend_zip([]))
    code = "import sys; sys.path.insert(0, 'attend.zip'); import attend; "
    code += "print(attend.__file__); print(len(attend.english_prose()))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    place, length = run.stdout.split("\n")[:2]
    assert "attend.zip" in place
    assert int(length) == len(datasets.english_prose())
