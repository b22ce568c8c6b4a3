"""What a parent of many children gathers into huge pages is its own memory, whole and unchanged."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import re
from pathlib import Path
from grader.kernel.huge_pages import gather

def huge():
    text = Path("/proc/self/smaps_rollup").read_text()
    return int(re.search(r"AnonHugePages: *([0-9]+) kB", text)[1]) // 2048

data = bytes(range(256)) * (80 << 10)  # 20 MiB
before = huge()
gathered = gather()
print(gathered, huge() - before, gather(), data == bytes(range(256)) * (80 << 10))
"""
NEW = tuple(map(int, re.findall(r"\d+", platform.release())[:2])) >= (6, 1)
HAVE_THEM = NEW and Path("/sys/kernel/mm/transparent_hugepage").is_dir()


@pytest.mark.skipif(sys.platform != "linux", reason="nothing is done elsewhere")
def test_memory_is_gathered_and_stays_as_it_was() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=60
    )
    gathered, grown, again, whole = done.stdout.split()
    assert whole == "True"
    assert grown == gathered
    assert int(again) >= int(gathered)
    assert int(gathered) >= (8 if HAVE_THEM else 0)
