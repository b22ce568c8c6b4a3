"""environment.yml, requirements.lock and pyproject.toml name the same versions."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from conftest import REPOSITORY

# What conda calls otherwise than pip does.
PIP_NAMES = {"pytorch": "torch", "pytorch-cpu": "torch", "matplotlib-base": "matplotlib"}


def normal(name: str) -> str:
    lower = re.sub(r"[-_.]+", "-", name).lower()
    return PIP_NAMES.get(lower, lower)


def locked() -> dict[str, str]:
    """requirements.lock by normal name; a build's own mark (+cpu) is no version."""
    found = {}
    for line in (REPOSITORY / "requirements.lock").read_text(encoding="utf-8").splitlines():
        match = re.match(r"([A-Za-z0-9._-]+)==([^\s;+]+)", line)
        if match:
            found[normal(match[1])] = match[2]
    return found


def in_environment() -> dict[str, str]:
    """environment.yml by normal name, pip's part too."""
    text = Path(REPOSITORY / "environment.yml").read_text(encoding="utf-8")
    entries: list[str] = []
    for item in yaml.safe_load(text)["dependencies"]:
        entries += [item] if isinstance(item, str) else item["pip"]
    found = {}
    for entry in entries:
        match = re.match(r"(?:[\w-]+::)?([A-Za-z0-9._-]+)\s*={1,2}\s*([0-9][\w.]*)", entry)
        if match:
            found[normal(match[1])] = match[2]
    return found


def test_conda_and_pip_install_the_same_versions() -> None:
    lock, environment = locked(), in_environment()
    both = lock.keys() & environment.keys()
    assert {name: environment[name] for name in both} == {name: lock[name] for name in both}
    assert {"torch", "numpy", "nbgrader", "jupyterlab"} <= both


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    names = {normal(re.split(r"[<>=!~;\[ ]", entry)[0]) for entry in wanted}
    assert names - locked().keys() == set()


def test_what_learners_need_is_in_the_conda_environment() -> None:
    text = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    wanted = {
        normal(re.split(r"[<>=!~;\[ ]", entry)[0])
        for entry in tomllib.loads(text)["project"]["dependencies"]
    }
    conda = (REPOSITORY / "environment.yml").read_text(encoding="utf-8").lower()
    names = {normal(name) for name in re.findall(r"(?m)^\s*- ([a-z0-9._-]+)", conda)}
    assert wanted - names == set()


@pytest.mark.parametrize("name", ["environment.yml", "requirements.lock", "pyproject.toml"])
def test_no_file_names_a_registry(name: str) -> None:
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    assert not re.search(r"index-url|https?://", text)
