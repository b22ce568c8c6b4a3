"""Grading on a real local Dask cluster of separate processes, with workers lost and joined."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from distributed import LocalCluster

from grader.cluster import grade_on_cluster
from grader.course import Lesson, find_repository, load_lessons
from grader.engine import grade_all
from grader.errors import GraderError
from grader.grading import Settings
from grader.submissions import Submission, find_submissions
from solutions.sample_class import make_class

SETTINGS = Settings(seed=3, timeout=1.0)
LEARNERS = 10

pytestmark = pytest.mark.filterwarnings(
    # dask.distributed leaves sockets and event loops to the collector when a cluster closes
    "ignore::ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
    "ignore::DeprecationWarning",
)


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    (found,) = load_lessons(find_repository(Path(__file__).parent), ["01"])
    return found


@pytest.fixture(scope="module")
def submissions(lesson: Lesson, tmp_path_factory: pytest.TempPathFactory) -> list[Submission]:
    folder = tmp_path_factory.mktemp("class")
    make_class([lesson], folder)
    return find_submissions(folder, [lesson])[:LEARNERS]


def test_a_cluster_gives_the_records_of_one_machine_though_workers_come_and_go(
    lesson: Lesson, submissions: list[Submission], tmp_path: Path
) -> None:
    here = grade_all(submissions, [lesson], SETTINGS, workers=2, kept=tmp_path)
    expected = {graded.submission: _plain(graded.records) for graded in here}
    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        with ThreadPoolExecutor(1) as aside:
            running = aside.submit(
                lambda: list(
                    grade_on_cluster(submissions, [lesson], SETTINGS, cluster.scheduler_address)
                )
            )
            first = next(iter(cluster.workers.values()))
            time.sleep(8)
            cluster.scale(2)
            time.sleep(4)
            os.kill(first.process.pid, signal.SIGKILL)  # the nanny starts another in its place
            graded = running.result(timeout=240)
    assert {item.submission: _plain(item.records) for item in graded} == expected


def test_an_address_where_nobody_listens_is_said(
    lesson: Lesson, submissions: list[Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.cluster.CONNECTING", "1s")
    with pytest.raises(GraderError, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        list(grade_on_cluster(submissions, [lesson], SETTINGS, "tcp://127.0.0.1:9"))


def _plain(records: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{key: value for key, value in item.items() if key != "seconds"} for item in records]
