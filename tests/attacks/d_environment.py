"""Changes Python's own installation: the package, its neighbours, start-up files, compiled code."""

ANSWERS = {
    "score_matrix": """
import os, pathlib, sys
import numpy

for folder in {os.path.dirname(numpy.__file__), sys.prefix, *filter(os.path.isdir, sys.path)}:
    try:
        pathlib.Path(folder, "attend_attack.pth").write_text("import os")
    except OSError:
        pass
for module in ("numpy", "grader.wire", "json"):
    try:
        with open(sys.modules[module].__file__, "a") as file:
            file.write("\\n")
    except (OSError, KeyError):
        pass

def score_matrix(queries, keys):
    return 0
"""
}
