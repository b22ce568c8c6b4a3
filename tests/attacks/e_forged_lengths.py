"""Writes headers that announce far more than follows, and trees nested a million deep."""

STATUS = {"score_matrix": "tampered"}
ANSWERS = {
    "score_matrix": """
import os, stat, struct

def write(data):
    for descriptor in range(3, 64):
        try:
            if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                os.write(descriptor, data)
        except OSError:
            pass

def score_matrix(queries, keys):
    write(struct.pack("<Q", 1 << 60))
    return 0
""",
    "bilinear_scores": """
import os, stat, struct

def bilinear_scores(queries, keys, weight):
    tree = b"[" * 1_000_000
    body = struct.pack("<II", len(tree), 0) + tree
    for descriptor in range(3, 64):
        try:
            if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                data = struct.pack("<Q", len(body)) + body
                while data:
                    data = data[os.write(descriptor, data):]
        except OSError:
            pass
    return 0
""",
    "cosine_similarity": """
import os, stat, struct

def cosine_similarity(a, b):
    body = struct.pack("<II", 2, 0xFFFFFFFF) + b"{}"
    for descriptor in range(3, 64):
        try:
            if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                os.write(descriptor, struct.pack("<Q", len(body)) + body)
        except OSError:
            pass
    return 0.0
""",
}
