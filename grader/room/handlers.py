"""What browsers and learners' kernels may ask of the room."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jupyterhub.services.auth import HubOAuthenticated, UserNotAllowed
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler, authenticated

from grader.errors import GraderError
from grader.room.board import learner_view, teacher_view
from grader.room.feedback import TEMPLATES
from grader.room.limits import Allowance
from grader.room.live import Live
from grader.room.people import TEACHER
from grader.room.room import Room
from grader.templating import render

__all__ = [
    "BoardHandler",
    "CatchUpHandler",
    "EventsHandler",
    "FeedbackHandler",
    "Handler",
    "HealthHandler",
    "LiveHandler",
    "NotFoundHandler",
    "PageHandler",
    "StuckHandler",
    "SubmitHandler",
    "told",
]

BATCH = 100  # events in one request
PAGES = 8  # of one person that listen at once
SPREAD = 1.0  # seconds over which learners' pages hear of a change: the teacher's comes first
EVENTS = Allowance(burst=200, per_second=5)
REQUESTS = Allowance(burst=30, per_second=1)
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
FEEDBACK_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


class Plain(RequestHandler):
    """Headers and errors as every address of the room has them."""

    policy = POLICY

    def set_default_headers(self) -> None:
        """Nothing from elsewhere, nothing guessed, nothing kept."""
        self.set_header("Content-Security-Policy", self.policy)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """One sentence, as JSON."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        sentence = isinstance(error, HTTPError) and error.log_message
        self.finish({"error": sentence or self._reason})


class NotFoundHandler(Plain):
    """Any other address."""

    def prepare(self) -> None:
        """Say so."""
        raise HTTPError(404, "There is nothing here.")

    def check_xsrf_cookie(self) -> None:
        """What is not there needs no protection."""


class HealthHandler(Plain):
    """Whether the room answers."""

    def get(self) -> None:
        """Nothing to say."""
        self.set_status(204)


class Handler(HubOAuthenticated, Plain):  # type: ignore[misc]
    """An address for people of the room."""

    def initialize(self, room: Room, live: Live) -> None:
        """Take what all addresses share."""
        self.room = room
        self.live = live

    async def prepare(self) -> None:
        """Ask the hub who this is, without holding up the others."""
        model = await self.hub_auth.get_user(self, sync=False)
        if not model:
            if "/api/" in self.request.path:  # a script cannot log in: its page must
                raise HTTPError(403, "Nobody is logged in here: load the page again.")
            return
        try:
            self._hub_auth_user_cache = self.check_hub_user(model)
        except UserNotAllowed:
            raise HTTPError(403, "This token is for something else.") from None
        self.hub_auth._persist_url_token_if_set(self)

    @property
    def account(self) -> str:
        """Who calls, as the hub says."""
        return str(self.current_user["name"])

    @property
    def is_teacher(self) -> bool:
        """Whether it is the teacher."""
        return self.account == TEACHER

    def body(self) -> dict[str, Any]:
        """The request's JSON object."""
        try:
            data = json.loads(self.request.body)
        except (ValueError, RecursionError):
            data = None
        if not isinstance(data, dict):
            raise HTTPError(400, "Expected a JSON object.")
        return data

    def word(self, data: dict[str, Any], name: str) -> str:
        """A short string of the request."""
        value = data.get(name, "")
        if not isinstance(value, str) or len(value) > 100:
            raise HTTPError(400, f"Expected a short text as {name}.")
        return value

    def spend(self, allowance: Allowance, cost: float = 1.0) -> None:
        """Take from the caller's allowance, or tell how long to wait."""
        seconds = allowance.wait(self.account, cost)
        if seconds:
            self.set_header("Retry-After", str(int(seconds) + 1))
            raise HTTPError(429, "Too much at once; wait a moment.")


@contextmanager
def told() -> Iterator[None]:
    """What a person can mend, as a sentence to them."""
    try:
        yield
    except GraderError as error:
        raise HTTPError(409, str(error).replace("%", "%%")) from None
    except OSError as error:
        raise HTTPError(409, f"Your folder does not allow it: {error.strerror}.") from None


class PageHandler(Handler):
    """The room's page: the teacher's or the learner's."""

    @authenticated
    def get(self) -> None:
        """Send the page; its script fetches the rest."""
        template = "teacher.html" if self.is_teacher else "learner.html"
        person = self.room.folder.people.find(self.account)
        xsrf = self.xsrf_token.decode()  # which also sets the cookie that must match it
        name = person.name if person else "Teacher"
        code = person.code if person else ""
        title = self.room.plan.title
        page = render(TEMPLATES / template, name=name, code=code, title=title, xsrf=xsrf)
        self.finish(page)


class BoardHandler(Handler):
    """The room as JSON."""

    @authenticated
    def get(self) -> None:
        """All of it for the teacher; for a learner one's own row and the others' shapes."""
        board = self.room.board()
        if self.is_teacher:
            self.finish(teacher_view(board, self.room.clock()) | {"waiting": self.room.waiting})
        else:
            self.finish(learner_view(board, self.account))


class LiveHandler(Handler):
    """News, as server-sent events: the room's version after each change."""

    @authenticated
    async def get(self) -> None:
        """Send a line for each, until the page is closed."""
        if self.live.listening[self.account] >= PAGES:
            raise HTTPError(429, f"The room is open in {PAGES} places already; close some.")
        self.set_header("Content-Type", "text/event-stream")
        self.live.listening[self.account] += 1
        try:
            async for version in self.live.versions():
                if not self.is_teacher:
                    await asyncio.sleep(random.uniform(0, SPREAD))
                self.write(f"data: {version}\n\n")
                await self.flush()
        except StreamClosedError:
            return
        finally:
            self.live.listening[self.account] -= 1


class EventsHandler(Handler):
    """What a learner's kernel has to tell."""

    @authenticated
    def post(self) -> None:
        """Keep the events, as this learner's."""
        sent = self.body().get("events")
        if not isinstance(sent, list) or len(sent) > BATCH:
            raise HTTPError(400, f"Expected a list of at most {BATCH} events.")
        self.spend(EVENTS, len(sent))
        self.finish({"kept": self.room.take_events(self.account, sent)})


class StuckHandler(Handler):
    """I am stuck; I am no longer."""

    @authenticated
    def post(self) -> None:
        """Note it."""
        self.spend(REQUESTS)
        data = self.body()
        lesson, exercise = self.word(data, "lesson"), self.word(data, "exercise")
        stuck = data.get("stuck") is True
        with told():
            self.room.say_stuck(self.account, lesson, exercise, stuck)
        self.finish({"stuck": stuck})


class SubmitHandler(Handler):
    """Hand in a notebook, as it is saved."""

    @authenticated
    def post(self) -> None:
        """Take it; the feedback follows."""
        self.spend(REQUESTS, 3)
        lesson = self.word(self.body(), "lesson")
        with told():
            number = self.room.submit(self.account, lesson)
        self.finish({"number": number})


class CatchUpHandler(Handler):
    """Put the solved state of a lesson into one's own folder."""

    @authenticated
    async def post(self) -> None:
        """Put it there, and keep one's own work beside it."""
        self.spend(REQUESTS, 5)
        lesson = self.word(self.body(), "lesson")
        with told():
            aside = await self.room.catch_up(self.account, lesson)
        self.finish({"aside": aside})


class FeedbackHandler(Handler):
    """One's own newest feedback."""

    policy = FEEDBACK_POLICY

    @authenticated
    def get(self, lesson: str) -> None:
        """Send the page."""
        with told():
            page = self.room.feedback(self.account, lesson)
        if page is None:
            raise HTTPError(404, "There is no feedback on this lesson yet.")
        self.finish(page)
