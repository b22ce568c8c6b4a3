"""What the files under deploy/ rely on: no secret in them, no learner's work overwritten."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import REPOSITORY

from grader.course import load_lessons
from grader.release import release_files, write_release

KUBERNETES = REPOSITORY / "deploy" / "kubernetes"
LITTLEST = REPOSITORY / "deploy" / "littlest-jupyterhub"
FIRST_WITH_SHARED_PASSWORD = (5, 3)  # JupyterHub
TEACHERS, ROOMS = "t" * 32, "r" * 8  # the shortest passwords that are allowed


@pytest.fixture(scope="module")
def values() -> Any:
    return yaml.safe_load((KUBERNETES / "values.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return (KUBERNETES / "Dockerfile").read_text(encoding="utf-8")


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_nobody_logs_in_without_a_password_and_none_is_in_the_file(values: Any) -> None:
    assert values["hub"]["config"]["JupyterHub"]["authenticator_class"] == "shared-password"
    said = json.dumps(values).replace("shared-password", "").lower()
    assert not re.search(r"password|secret|token", said)
    assert values["proxy"]["https"]["enabled"] is True


def test_learners_pods_have_no_internet_and_no_more_memory_than_said(values: Any) -> None:
    user = values["singleuser"]
    assert user["networkPolicy"]["enabled"] is True
    assert user["networkPolicy"]["egressAllowRules"] == {"nonPrivateIPs": False}
    assert user["memory"] == {"guarantee": "1G", "limit": "3G"}


def test_the_room_is_a_service_whose_token_the_chart_makes(values: Any) -> None:
    assert values["hub"]["services"].keys() == {"room"}
    assert values["hub"]["services"]["room"].keys() == {"url", "oauth_no_confirm"}
    for role in ("user", "server"):
        assert "access:services!service=room" in values["hub"]["loadRoles"][role]["scopes"]


def test_nobodys_server_is_stopped_over_lunch(values: Any) -> None:
    assert values["cull"]["timeout"] > 3600


def start_hook(values: Any, root: Path) -> None:
    """Run what a starting pod runs, with its folders under another root."""
    command = values["singleuser"]["lifecycleHooks"]["postStart"]["exec"]["command"]
    moved = [
        re.sub(r"/(home/jovyan|opt)/", rf"{root}/\1/", word) for word in command
    ]  # words of the shell's own stay
    subprocess.run(moved, check=True, timeout=20)


@pytest.fixture
def pod(tmp_path: Path) -> Path:
    """A pod's disk: an empty home, and the release in /opt/attend."""
    (tmp_path / "home" / "jovyan").mkdir(parents=True)
    write_release(REPOSITORY, load_lessons(REPOSITORY, ["01"]), tmp_path / "opt" / "attend")
    return tmp_path


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_new_home_gets_the_whole_release(values: Any, pod: Path) -> None:
    start_hook(values, pod)
    home = pod / "home" / "jovyan"
    assert files(home / "attend") == files(pod / "opt" / "attend")
    assert [path.name for path in home.iterdir()] == ["attend"]
    opened = values["singleuser"]["defaultUrl"].removeprefix("/lab/tree/")
    assert (home / opened).is_dir()


def test_work_in_an_old_home_stays(values: Any, pod: Path) -> None:
    start_hook(values, pod)
    notebook = pod / "home" / "jovyan" / "attend" / "notebooks" / "01_dot_products.ipynb"
    notebook.write_text("my work")
    before = files(pod / "home")
    start_hook(values, pod)
    assert notebook.read_text() == "my work" and files(pod / "home") == before


def test_a_copy_that_was_cut_off_is_made_again(values: Any, pod: Path) -> None:
    half = pod / "home" / "jovyan" / ".attend"
    half.mkdir()
    (half / "half.ipynb").write_text("{")
    start_hook(values, pod)
    assert files(pod / "home" / "jovyan" / "attend") == files(pod / "opt" / "attend")
    assert not half.exists()


def test_the_image_is_built_of_a_release(dockerfile: str) -> None:
    released = release_files(REPOSITORY, load_lessons(REPOSITORY, ["01"]))
    copied = [line.split()[1] for line in dockerfile.splitlines() if line.startswith("COPY")]
    assert copied == ["requirements.lock", "."] and "requirements.lock" in released
    for told in (dockerfile, text(KUBERNETES / "README.md")):
        assert re.search(r"--tag registry\.example\.org/attend:day release$", told, re.MULTILINE)


def test_the_image_is_the_one_that_the_values_name(values: Any, dockerfile: str) -> None:
    image = values["singleuser"]["image"]
    assert f"--tag {image['name']}:{image['tag']} release" in dockerfile


def test_the_images_python_is_one_that_the_lessons_take(dockerfile: str) -> None:
    project = tomllib.loads(text(REPOSITORY / "pyproject.toml"))["project"]
    (python,) = re.findall(r"(?m)^FROM python:(\S+)-slim$", dockerfile)
    assert project["requires-python"] == f">={python}"


def test_the_images_jupyterhub_is_the_charts(dockerfile: str) -> None:
    (version,) = re.findall(r"(?m)^ARG JUPYTERHUB_VERSION=(\S+)$", dockerfile)
    (chart,) = re.findall(r"--version (\S+) \\", text(KUBERNETES / "README.md"))
    assert f"Chart {chart} runs {version}." in dockerfile
    assert tuple(map(int, version.split(".")[:2])) >= FIRST_WITH_SHARED_PASSWORD


def test_a_learners_process_is_nobody_special(dockerfile: str) -> None:
    lines = [line for line in dockerfile.splitlines() if line and not line.startswith("#")]
    assert "USER 1000" in lines and lines[-1] == 'CMD ["jupyterhub-singleuser"]'
    after = lines[lines.index("USER 1000") :]
    assert not [line for line in after if line.startswith(("RUN", "COPY", "ADD", "USER root"))]


def littlest(folder: Path, **passwords: str) -> Any:
    """The settings that a hub reads, with the password file in a folder."""
    from traitlets.config import Config

    path = folder / "passwords.json"
    path.write_text(json.dumps(passwords))
    source = text(LITTLEST / "attend.py").replace(
        "/opt/tljh/config/attend-passwords.json", str(path)
    )
    settings = Config()
    exec(compile(source, "attend.py", "exec"), {"get_config": lambda: settings})
    return settings


def test_the_littlest_hub_is_told_what_the_large_one_is(values: Any, tmp_path: Path) -> None:
    settings = littlest(tmp_path, room=ROOMS, teacher=TEACHERS)
    config, user = values["hub"]["config"], values["singleuser"]
    assert settings.JupyterHub.authenticator_class == config["JupyterHub"]["authenticator_class"]
    assert settings.Authenticator.admin_users == set(config["Authenticator"]["admin_users"])
    assert settings.Authenticator.allow_all is config["Authenticator"]["allow_all"] is True
    assert settings.Spawner.default_url == user["defaultUrl"]
    assert settings.SystemdSpawner.mem_limit == user["memory"]["limit"]
    assert settings.SystemdSpawner.cpu_limit == user["cpu"]["limit"]


def logged_in(settings: Any, name: str, password: str) -> Any:
    """Whether JupyterHub's own authenticator lets somebody in under these settings."""
    shared = pytest.importorskip(
        "jupyterhub.authenticators.shared", reason="JupyterHub is not installed here"
    )
    authenticator = shared.SharedPasswordAuthenticator(config=settings)
    given = {"username": name, "password": password}
    return asyncio.run(authenticator.get_authenticated_user(None, given))


def test_the_room_and_the_teacher_have_their_own_passwords(tmp_path: Path) -> None:
    settings = littlest(tmp_path, room=ROOMS, teacher=TEACHERS)
    assert logged_in(settings, "ada", ROOMS)["name"] == "ada"
    assert logged_in(settings, "ada", "guessed1") is None
    assert logged_in(settings, "teacher", ROOMS) is None
    assert logged_in(settings, "teacher", TEACHERS)["name"] == "teacher"


@pytest.mark.parametrize("name", ["björn", "-ada", "ada lovelace", "a" * 25, "../root", "1st"])
def test_a_name_that_is_no_account_is_refused(tmp_path: Path, name: str) -> None:
    assert logged_in(littlest(tmp_path, room=ROOMS, teacher=TEACHERS), name, ROOMS) is None


@pytest.mark.parametrize("short", [{"room": ROOMS[1:]}, {"teacher": TEACHERS[1:]}])
def test_short_passwords_are_refused_as_the_readmes_say(
    tmp_path: Path, short: dict[str, str]
) -> None:
    from traitlets import TraitError

    passwords = {"room": ROOMS, "teacher": TEACHERS} | short
    with pytest.raises((TraitError, ValueError), match="at least"):
        logged_in(littlest(tmp_path, **passwords), "ada", passwords["room"])
    for folder in (KUBERNETES, LITTLEST):
        assert re.search(rf"at\s+least {len(ROOMS)}\s+characters", text(folder / "README.md"))
        assert re.search(rf"\b{len(TEACHERS)}\b", text(folder / "README.md"))


@pytest.mark.parametrize("folder", [KUBERNETES, LITTLEST], ids=lambda folder: folder.name)
def test_what_a_readme_links_to_is_there(folder: Path) -> None:
    linked = re.findall(r"\]\((?!https)([^)#]+)\)", text(folder / "README.md"))
    assert linked and [name for name in linked if not (folder / name).exists()] == []
