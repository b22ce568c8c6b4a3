"""`python -m grader.kernel.solo [MODULE ...]`: one student kernel over standard input and output.

No sandbox: for checking one's own work, on systems that have none.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from grader.kernel.shell import make_shell, warm_up

__all__ = ["main"]


def main(preload: list[str]) -> None:
    """Take the standard streams for the pipe, and give the submission the null device instead."""
    incoming = os.fdopen(os.dup(0), "rb")
    outgoing = os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    warm_up(preload, Path.cwd())
    from grader.kernel import child

    child.serve(make_shell(), incoming, outgoing)


if __name__ == "__main__":
    main(sys.argv[1:])
