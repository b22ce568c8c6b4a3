"""Writes replies whose fields are arrays, huge shapes on empty buffers, NaN keys and wrong types."""

ANSWERS = {
    "score_matrix": """
import json, os, stat, struct

def send(tree, buffers=()):
    tree = json.dumps(tree).encode()
    body = struct.pack("<II", len(tree), len(buffers)) + tree
    body += b"".join(struct.pack("<Q", len(each)) + each for each in buffers)
    for descriptor in range(3, 64):
        try:
            if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                os.write(descriptor, struct.pack("<Q", len(body)) + body)
        except OSError:
            pass

array = {"array": ["float64", [2], 0]}
buffer = [b"\\0" * 16]
turn = 0

def score_matrix(queries, keys):
    global turn
    turn += 1
    fields = [
        {"case": array, "value": array, "unchanged": array},
        {"case": 0, "error": {"dict": [["type", array], ["message", array], ["line", array]]}},
        {"case": 0, "refused": array},
    ][turn % 3]
    send({"dict": [[name, value] for name, value in fields.items()]}, buffer)
    return 0
""",
    "bilinear_scores": """
import json, os, stat, struct

def bilinear_scores(queries, keys, weight):
    for value in (
        {"array": ["float64", [0, 1 << 62], 0]}, {"tensor": ["float32", [0, 1 << 62, 1 << 62], 0, True]},
        {"dict": [[float("nan"), 1], [{"scalar": ["float64", [], 0]}, 2]]},
        {"tensor": ["bfloat16", [1 << 40, 0], 0, 1]}, {"integer": "9" * 4300}, {"integer": 1e308},
    ):
        tree = json.dumps({"dict": [["case", 0], ["value", value], ["unchanged", True]]}).encode()
        body = struct.pack("<II", len(tree), 1) + tree + struct.pack("<Q", 0)
        for descriptor in range(3, 64):
            try:
                if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                    os.write(descriptor, struct.pack("<Q", len(body)) + body)
            except OSError:
                pass
    return 0
""",
}
