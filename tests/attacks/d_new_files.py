"""Makes new files wherever a later run might read them: verdicts, autograded, the system's folders."""

ANSWERS = {
    "score_matrix": """
import os, pathlib

for folder in (
    "@COURSE@", "@COURSE@/verdicts", "@COURSE@/autograded", "@COURSE@/submitted/control",
    "@REPOSITORY@", "@REPOSITORY@/grader", "/tmp", "/dev/shm", "/var/tmp", "/",
):
    for act in (
        lambda: pathlib.Path(folder, "attend_attack").write_text("4"),
        lambda: os.mkdir(folder + "/attend_attack"),
        lambda: os.mkfifo(folder + "/attend_attack"),
    ):
        try:
            act()
        except OSError:
            pass

def score_matrix(queries, keys):
    return 0
"""
}
