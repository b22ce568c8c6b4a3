"""An answer that keeps a value in a file, in its working folder and in a temporary one."""

ANSWERS = {
    "score_matrix": """
import tempfile
from pathlib import Path

def score_matrix(queries, keys):
    np.save("scores.npy", queries @ keys.swapaxes(-1, -2))
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"kept")
    Path("folder").mkdir(exist_ok=True)
    return np.load("scores.npy")
"""
}
