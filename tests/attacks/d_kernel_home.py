"""Leaves start-up files in the kernel's own home, where the next one would run them."""

ANSWERS = {
    "score_matrix": """
import os, pathlib

home = os.environ.get("IPYTHONDIR", "..")
written = []
for name in (
    "profile_default/startup/00-attend.py", "profile_default/ipython_config.py", "matplotlibrc",
    "attend_attack", "attend-scratch-other/mine", "fontlist-v390.json",
):
    for folder in (home, "..", os.path.expanduser("~/.."), os.environ.get("MPLCONFIGDIR", "..")):
        path = pathlib.Path(folder, name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("print('ran')")
            written.append(str(path))
        except OSError:
            pass

def score_matrix(queries, keys):
    if written:
        raise ValueError(f"written: {written}")
    return 0
"""
}
