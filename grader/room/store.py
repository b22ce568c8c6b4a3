"""What the room must not lose: events, submissions, and what the teacher has released.

One SQLite file, written by the room's service alone. Events are only ever added; the same event
sent twice is one.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sql

from grader.room.events import Event

__all__ = ["Store", "Submitted"]

TABLES = sql.MetaData()
EVENTS = sql.Table(
    "events",
    TABLES,
    sql.Column("account", sql.String, primary_key=True),
    sql.Column("id", sql.String, primary_key=True),  # the learner's; one cannot take another's
    sql.Column("at", sql.Float, index=True),
    sql.Column("kind", sql.String),
    sql.Column("lesson", sql.String),
    sql.Column("exercise", sql.String),
    sql.Column("status", sql.String),
    sql.Column("attempt", sql.Integer),
    sql.Column("misconception", sql.String),
)
SUBMISSIONS = sql.Table(
    "submissions",
    TABLES,
    sql.Column("number", sql.Integer, primary_key=True),
    sql.Column("account", sql.String, index=True),
    sql.Column("lesson", sql.String),
    sql.Column("at", sql.Float),
    sql.Column("content", sql.String),  # the hash of the notebook, which names its file
    sql.Column("in_time", sql.Boolean),
    sql.Column("own", sql.Boolean),  # not after the solved state was put in place
    sql.Column("points", sql.Float, nullable=True),  # none until it is graded
    sql.Column("max_points", sql.Float, nullable=True),
)
RELEASES = sql.Table(
    "releases",
    TABLES,
    sql.Column("lesson", sql.String, primary_key=True),
    sql.Column("at", sql.Float),
)
CHANGES = sql.select(sql.func.total_changes())  # rows that this connection has written so far


@dataclass(frozen=True)
class Submitted:
    """One notebook that was handed in; `points` is None until it is graded."""

    number: int
    account: str
    lesson: str
    at: float
    content: str
    in_time: bool
    own: bool
    points: float | None
    max_points: float | None

    @property
    def counts(self) -> bool:
        """Whether it may count at all."""
        return self.in_time and self.own


class Store:
    """The room's memory."""

    def __init__(self, path: Path) -> None:
        """Open it, made if missing."""
        path.touch(mode=0o600)
        self._engine = sql.create_engine(f"sqlite:///{path}")
        sql.event.listen(self._engine, "connect", _set_up)
        TABLES.create_all(self._engine)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def add(self, events: Iterable[Event]) -> int:
        """Keep events, all or none; return how many were new."""
        rows = [event.record() for event in events]
        if not rows:
            return 0
        statement = EVENTS.insert().prefix_with("OR IGNORE")
        with self._engine.begin() as connection:
            before = int(connection.execute(CHANGES).scalar_one())
            connection.execute(statement, rows)
            return int(connection.execute(CHANGES).scalar_one()) - before

    def events(self) -> list[Event]:
        """Every event, in the order in which they happened."""
        return [Event(**row) for row in self._rows(EVENTS.select().order_by(EVENTS.c.at))]

    def release(self, lesson: str, at: float | None = None) -> None:
        """Note that a lesson is released; the first time counts."""
        row = {"lesson": lesson, "at": time.time() if at is None else at}
        with self._engine.begin() as connection:
            connection.execute(RELEASES.insert().prefix_with("OR IGNORE"), row)

    def withdraw(self, lesson: str) -> None:
        """Take a release back; notebooks that learners have stay theirs."""
        with self._engine.begin() as connection:
            connection.execute(RELEASES.delete().where(RELEASES.c.lesson == lesson))

    def releases(self) -> dict[str, float]:
        """When each released lesson was, in that order."""
        rows = self._rows(RELEASES.select().order_by(RELEASES.c.at))
        return {row["lesson"]: row["at"] for row in rows}

    def submit(
        self, account: str, lesson: str, at: float, content: str, *, in_time: bool, own: bool
    ) -> Submitted:
        """Note a submission."""
        row: dict[str, Any] = {"account": account, "lesson": lesson, "at": at, "content": content}
        row |= {"in_time": in_time, "own": own}
        with self._engine.begin() as connection:
            key = connection.execute(SUBMISSIONS.insert(), row).inserted_primary_key
        assert key is not None
        return Submitted(int(key[0]), **row, points=None, max_points=None)

    def graded(self, number: int, points: float, max_points: float) -> None:
        """Note what a submission got."""
        with self._engine.begin() as connection:
            connection.execute(
                SUBMISSIONS.update().where(SUBMISSIONS.c.number == number),
                {"points": points, "max_points": max_points},
            )

    def submissions(self, account: str | None = None) -> list[Submitted]:
        """Every submission, or one learner's, in order."""
        query = SUBMISSIONS.select().order_by(SUBMISSIONS.c.number)
        if account is not None:
            query = query.where(SUBMISSIONS.c.account == account)
        return [Submitted(**row) for row in self._rows(query)]

    def best(self, account: str, lesson: str) -> Submitted | None:
        """The submission that counts: of those in time the one with most points, the first such."""
        graded = [
            one
            for one in self.submissions(account)
            if one.lesson == lesson and one.counts and one.points is not None
        ]
        return max(graded, key=lambda one: (one.points or 0.0, -one.number), default=None)

    def _rows(self, query: sql.Select[Any]) -> Sequence[dict[str, Any]]:
        with self._engine.connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]


def _set_up(connection: Any, record: Any) -> None:
    """Readers do not wait for the writer, and what is written survives a killed process."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA busy_timeout=5000")
