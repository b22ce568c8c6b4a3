"""Starts a program that would read what this process may not."""

ANSWERS = {
    "score_matrix": """
import os, subprocess

ways = (
    lambda: subprocess.check_output(["/bin/cat", "@REPOSITORY@/pyproject.toml"]),
    lambda: os.popen("cat @REPOSITORY@/pyproject.toml").read(),
    lambda: os.posix_spawn("/bin/true", ["true"], {}),
    lambda: get_ipython().getoutput("cat @REPOSITORY@/pyproject.toml"),
)

def score_matrix(queries, keys):
    for way in ways:
        try:
            came = way()
        except Exception:
            continue
        if came and "attend" in str(came):
            raise ValueError(f"it ran: {came!r}")
    return 0
"""
}
