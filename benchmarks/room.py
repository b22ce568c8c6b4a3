"""Thirty learners check at once, each in a server of their own: is anything lost, how fast seen?

`python benchmarks/room.py` starts a room, logs each learner in over HTTP, starts their server,
opens a kernel over its websocket, and has all of them run the same check at the same time, again
and again, while the teacher's page is read as a browser reads it. With --restart the room's service
is killed half-way.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import statistics
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from grader.course import find_repository
from grader.room import start
from grader.room.events import Event
from grader.room.folder import Settings, free_ports
from grader.room.plan import load_plan
from grader.room.service import SERVING
from grader.room.store import Store
from grader.room.walls import find_walls

LESSON, EXERCISE = "01_dot_products", "score_matrix"
SETUP = f"""
import numpy as np
from attend import Checker
check = Checker("{LESSON}")
def score_matrix(queries, keys):
    return queries @ keys
"""
CHECK = f"""
queries = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 2.0]])
with check("{EXERCISE}") as expect:
    expect("2 queries, 4 keys", score_matrix(queries, np.ones((4, 3))).shape, (2, 4))
"""
PATIENCE = 600.0  # seconds for all servers to start


@dataclass
class Learner:
    """One simulated learner: a browser's cookies, a token, a kernel's websocket."""

    name: str
    session: aiohttp.ClientSession
    account: str = ""
    socket: Any = None
    reading: asyncio.Task[None] | None = None
    waiting: dict[str, asyncio.Future[None]] = field(default_factory=dict)  # by message

    async def come_in(self, url: str, settings: Settings) -> None:
        """Log in as a browser does, start the server, open a kernel."""
        password = settings.teacher_password if self.name == "teacher" else settings.password
        async with self.session.get(f"{url}/hub/login") as reply:
            text = await reply.text()
        token = text.split('name="_xsrf" value="')[1].split('"')[0]
        form = {"username": self.name, "password": password, "_xsrf": token}
        login = self.session.post(f"{url}/hub/login", data=form, allow_redirects=False)
        async with login as reply:
            assert reply.status == 302, (reply.status, await reply.text())

    async def open_kernel(self, url: str) -> None:
        """Start the learner's server by the page that a browser would be sent to, and a kernel."""
        home = f"{url}/user/{self.account}"
        async with self.session.get(f"{url}/hub/spawn") as reply:
            await reply.read()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            async with self.session.get(f"{home}/lab", headers=NAVIGATE) as reply:
                text = await reply.text()
                if reply.status == 200 and "jupyter-config-data" in text:
                    break
            await asyncio.sleep(1)
        xsrf = next(
            cookie.value
            for cookie in self.session.cookie_jar
            if cookie.key == "_xsrf" and cookie["path"].startswith(f"/user/{self.account}")
        )
        headers = {"X-XSRFToken": xsrf}
        async with self.session.post(f"{home}/api/kernels", json={}, headers=headers) as reply:
            kernel = (await reply.json())["id"]
        self.socket = await self.session.ws_connect(f"{home}/api/kernels/{kernel}/channels")
        self.reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        """Read what comes, always: a server ends a line on which nobody answers its pings."""
        async for reply in self.socket:
            if reply.type != aiohttp.WSMsgType.TEXT:
                continue
            came = json.loads(reply.data)
            done = self.waiting.get(came["parent_header"].get("msg_id"))
            if done is not None and not done.done() and came["msg_type"] == "execute_reply":
                done.set_result(None)

    async def run(self, code: str) -> None:
        """Run code in the kernel, and wait until it is done."""
        number = uuid.uuid4().hex
        header = {"msg_id": number, "msg_type": "execute_request", "username": "", "session": "s"}
        header |= {"version": "5.3", "date": ""}
        content = {"code": code, "silent": False, "store_history": False}
        content |= {"user_expressions": {}, "allow_stdin": False, "stop_on_error": False}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        done = self.waiting[number] = asyncio.get_running_loop().create_future()
        await self.socket.send_json(message | {"channel": "shell", "buffers": []})
        await done
        del self.waiting[number]


@dataclass
class Teacher:
    """The teacher's page: hears that something changed, and asks for the board."""

    session: aiohttp.ClientSession
    url: str
    seen: dict[tuple[str, int], float] = field(default_factory=dict)

    async def watch(self) -> None:
        """Note when each learner's each attempt is first on the page."""
        async with self.session.get(f"{self.url}/services/room/", headers=NAVIGATE) as reply:
            text = await reply.text()
        xsrf = text.split('name="xsrf" content="')[1].split('"')[0]
        while True:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                await self._listen(xsrf)
            await asyncio.sleep(1.5)  # as the page's script does

    async def _listen(self, xsrf: str) -> None:
        address = f"{self.url}/services/room/api"
        forever = aiohttp.ClientTimeout(total=None, sock_read=60)
        live = self.session.get(f"{address}/live", params={"_xsrf": xsrf}, timeout=forever)
        async with live as stream:
            async for line in stream.content:
                if not line.startswith(b"data:"):
                    continue
                headers = {"X-XSRFToken": xsrf}
                async with self.session.get(f"{address}/board", headers=headers) as reply:
                    board = await reply.json()
                now = time.time()
                for one in board.get("learners", ()):
                    square = one["squares"].get(f"{LESSON}/{EXERCISE}", {"attempts": 0})
                    for attempt in range(1, square["attempts"] + 1):
                        self.seen.setdefault((one["account"], attempt), now)


NAVIGATE = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin"}


def session() -> aiohttp.ClientSession:
    """One browser's cookies, kept for an address that is a number too."""
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))


async def measure(
    room: start.RoomFolder, learners: int, rounds: int, pause: float, restart: bool
) -> dict[str, Any]:
    """The whole of it."""
    settings = room.settings()
    url = f"http://127.0.0.1:{settings.port}"
    teacher = Learner("teacher", session())
    await teacher.come_in(url, settings)
    page = Teacher(teacher.session, url)
    watching = asyncio.create_task(page.watch())
    people = [Learner(f"learner number {number}", session()) for number in range(1, learners + 1)]
    began = time.monotonic()
    await asyncio.gather(*(one.come_in(url, settings) for one in people))
    accounts = {one.name: one.account for one in room.people.everybody()}
    for one in people:
        one.account = accounts[one.name]
    await asyncio.gather(*(one.open_kernel(url) for one in people))
    await asyncio.gather(*(one.run(SETUP) for one in people))
    started = time.monotonic() - began
    checking = time.monotonic()
    for number in range(rounds):
        if restart and number == rounds // 2:
            _kill_service(room)
        await asyncio.gather(*(one.run(CHECK) for one in people))
        await asyncio.sleep(pause)
    checked = time.monotonic() - checking
    expected = learners * rounds
    for _ in range(4 * 120):
        if len(page.seen) >= expected:
            break
        await asyncio.sleep(0.25)
    watching.cancel()
    memory = _memory(start_pid=os.getpid())
    for one in (*people, teacher):
        await one.session.close()
    store = Store(room.store)
    events = [one for one in store.events() if one.kind == "checked"]
    store.close()
    return {
        "learners": learners,
        "rounds": rounds,
        "pause": pause,
        "restarted": restart,
        "seconds_until_all_had_a_kernel": round(started, 1),
        "seconds_of_checking": round(checked, 1),
        "events_expected": expected,
        "events_kept": len(events),
        **_delays(events, page.seen),
        "memory_of_all_megabytes": memory,
    }


def _delays(events: list[Event], seen: dict[tuple[str, int], float]) -> dict[str, Any]:
    delays = sorted(
        seen[one.account, one.attempt] - one.at
        for one in events
        if (one.account, one.attempt) in seen
    )
    return {
        "on_the_page": len(delays),
        "delay_median": round(statistics.median(delays), 3),
        "delay_95_percent": round(delays[int(0.95 * (len(delays) - 1))], 3),
        "delay_longest": round(delays[-1], 3),
    }


def _kill_service(room: start.RoomFolder) -> None:
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if "grader.room.service" in words and str(room.folder) in words and SERVING in words:
            process.send_signal(signal.SIGKILL)


def _memory(start_pid: int) -> int:
    """Megabytes of everything that was started, shared pages counted once."""
    total = 0
    for process in psutil.Process(start_pid).children(recursive=True):
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue
    return total >> 20


def main() -> None:
    """Start a room, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--pause", type=float, default=5.0, help="seconds between two rounds")
    parser.add_argument("--restart", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    repository = find_repository()
    with tempfile.TemporaryDirectory() as temporary:
        Path(temporary).chmod(0o711)
        folder = Path(temporary)
        (port,) = free_ports(1)
        room = start.open_folder(
            folder / "room",
            repository,
            folder / "course",
            "half-day",
            "127.0.0.1",
            port,
            find_walls(),
        )
        start.release_first(room, load_plan(repository, "half-day"))
        running = start.Running(room)
        try:
            found = asyncio.run(
                measure(room, options.learners, options.rounds, options.pause, options.restart)
            )
        finally:
            running.stop()
    found["cores"] = os.cpu_count()
    found["load_before"] = round(os.getloadavg()[2], 1)
    text = json.dumps(found, indent=1)
    sys.stdout.write(text + "\n")
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
