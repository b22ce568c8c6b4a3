"""Landlock: from now on this process opens the listed files and no others. It needs no root.

Source: the Linux kernel's documentation, "Landlock: unprivileged access control".
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

__all__ = ["EVERY", "READ_ONLY", "SCRATCH", "WRITE", "landlock_version", "must", "restrict"]

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the system calls' numbers
VERSION, PATH_BENEATH = 1, 1  # a flag of the first, a kind of rule of the second
ACCESS_BITS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # file access rights known to each version
EXECUTE, WRITE, READ, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << bit for bit in range(6))
MAKE_DIR, MAKE_REG, TRUNCATE, IOCTL_DEV = 1 << 7, 1 << 8, 1 << 14, 1 << 15
READ_ONLY = EXECUTE | READ | READ_DIR
SCRATCH = READ | WRITE | READ_DIR | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | TRUNCATE
EVERY = (1 << max(ACCESS_BITS.values())) - 1
FILE_RIGHTS = EXECUTE | WRITE | READ | TRUNCATE | IOCTL_DEV  # those that a file can have
BIND_AND_CONNECT, SIGNALS_AND_ABSTRACT_SOCKETS = 3, 3


def landlock_version() -> int:
    """The version of Landlock here; 0 where there is none."""
    if not sys.platform.startswith("linux"):
        return 0
    libc = ctypes.CDLL(None, use_errno=True)
    asked = libc.syscall(ctypes.c_long(CREATE_RULESET), None, ctypes.c_size_t(0), VERSION)
    return max(int(asked), 0)


def restrict(rules: Iterable[tuple[str, int]], *, tcp: bool) -> None:
    """Close Landlock around this process, which must have no_new_privs set.

    Signals to processes outside, and their abstract sockets, are out of reach too (version 6).

    Args:
        rules: each path that stays, with the rights to it and to what lies beneath.
        tcp: whether TCP stays; without it, none from version 4 on.

    Raises:
        OSError: where a path is not there or a step is refused; go no further then.
    """
    version = landlock_version()
    handled = (1 << ACCESS_BITS[min(version, max(ACCESS_BITS))]) - 1
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    network = 0 if tcp else BIND_AND_CONNECT
    attributes = struct.pack("QQQ", handled, network, SIGNALS_AND_ABSTRACT_SOCKETS)[:size]
    ruleset = _call(CREATE_RULESET, attributes, ctypes.c_size_t(size), 0)
    for path, access in rules:
        if not Path(path).is_dir():
            access &= FILE_RIGHTS
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rule = struct.pack("=Qi", access & handled, descriptor)
        _call(ADD_RULE, ctypes.c_int(ruleset), PATH_BENEATH, rule, 0)
        os.close(descriptor)
    _call(RESTRICT_SELF, ctypes.c_int(ruleset), 0)
    os.close(ruleset)


def must(result: int, layer: str) -> int:
    """What a system call gave.

    Raises:
        OSError: where that is a failure.
    """
    if result < 0:
        raise OSError(ctypes.get_errno(), f"the sandbox could not be closed: {layer}")
    return result


def _call(number: int, *arguments: Any) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    result = int(libc.syscall(ctypes.c_long(number), *arguments))
    return must(result, f"Landlock system call {number}")
