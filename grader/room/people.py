"""Who is in the room: names in any script, each with an account that every system can bear.

One room password lets anybody in under any name. So that two people with one name do not take each
other's work, a name belongs to the browser that first brought it; another browser has to give the
person's own code. That keeps honest people apart. It is no lock: see docs/room.md.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import unicodedata
from dataclasses import asdict, dataclass
from pathlib import Path

from grader.errors import GraderError

__all__ = ["MOST", "TEACHER", "NameTaken", "People", "Person", "split_code", "tidy_name"]

TEACHER = "teacher"
LONGEST = 40  # characters of a name
MOST = 500  # people in one room; a flood of names ends here
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
CODE = re.compile(rf"^(.*\S)\s+#([{LETTERS}]{{5}})$")


class NameTaken(GraderError):
    """Somebody else has this name."""


@dataclass(frozen=True)
class Person:
    """One learner: the name as typed, and the plain account that stands for it everywhere else."""

    number: int
    name: str
    code: str  # five letters that show on another device that it is the same person
    device: str  # the hash of what the first browser keeps

    @property
    def account(self) -> str:
        """What the hub calls this person."""
        return f"learner-{self.number:02d}"

    @property
    def student(self) -> str:
        """What the gradebook calls this person: the name as far as a folder can bear it."""
        plain = "".join(c if unicodedata.category(c)[0] in "LMN" else "-" for c in self.name)
        return f"{re.sub('-+', '-', plain).strip('-') or 'learner'}-{self.number:02d}"


class People:
    """The register of a room, in one file; only the hub writes it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def everybody(self) -> list[Person]:
        """All, in the order in which they came."""
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return []
        return [Person(**item) for item in data]

    @property
    def stamp(self) -> tuple[int, int]:
        """What changes whenever somebody has come in."""
        try:
            facts = self._path.stat()
        except FileNotFoundError:
            return (0, 0)
        return (facts.st_mtime_ns, facts.st_ino)

    def find(self, account: str) -> Person | None:
        """The person of an account."""
        return next((one for one in self.everybody() if one.account == account), None)

    def admit(self, typed: str, device: str) -> Person:
        """Let somebody in: the same person as before, or a new one.

        Args:
            typed: the name, with " #code" behind it where one was given.
            device: the secret that this browser keeps.

        Raises:
            NameTaken: where another browser brought this name, and no right code came.
            GraderError: where the name is none, or the room is full.
        """
        name, code = split_code(typed)
        name = tidy_name(name)
        people = self.everybody()
        known = next((one for one in people if _key(one.name) == _key(name)), None)
        if known is None:
            return self._enter(people, name, device)
        same_device = hmac.compare_digest(known.device, _hash(device))
        if not same_device and not hmac.compare_digest(known.code, code):
            raise NameTaken(
                f"Somebody called {known.name} is here already. If that is you in another browser, "
                f"type your code too: {known.name} #code (it stands on your page of the room). "
                "Otherwise add something to your name, such as the first letter of your surname."
            )
        return known

    def _enter(self, people: list[Person], name: str, device: str) -> Person:
        if len(people) >= MOST:
            raise GraderError(f"The room is full: it holds {MOST} people.")
        code = "".join(secrets.choice(LETTERS) for _ in range(5))
        person = Person(len(people) + 1, name, code, _hash(device))
        part = self._path.with_suffix(".part")
        part.touch(mode=0o600)
        part.write_text(
            json.dumps([asdict(one) for one in (*people, person)], ensure_ascii=False, indent=1),
            encoding="utf-8",
        )
        part.replace(self._path)  # the whole register, or the one before
        return person


def tidy_name(typed: str) -> str:
    """A name as people read it: one spelling of each letter, no control or direction marks.

    Raises:
        GraderError: where nothing is left, or it is too long.
    """
    composed = unicodedata.normalize("NFKC", typed)
    kept = "".join(c for c in composed if c.isspace() or unicodedata.category(c)[0] != "C")
    name = " ".join(kept.split())
    if not any(c.isalnum() for c in name):
        raise GraderError("Type a name, in any script: at least one letter or digit.")
    if len(name) > LONGEST:
        raise GraderError(f"A name of at most {LONGEST} characters, please; this has {len(name)}.")
    return name


def split_code(typed: str) -> tuple[str, str]:
    """What was typed as name and code; the code is empty where none was given."""
    found = CODE.match(unicodedata.normalize("NFKC", typed).strip())
    return (found[1], found[2]) if found else (typed, "")


def _key(name: str) -> str:
    """Names that people would take for one are one: Ada, ADA and ada."""
    return unicodedata.normalize("NFKC", name).casefold()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
