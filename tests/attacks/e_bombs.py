"""Unpacks bombs: a few bytes that hold gigabytes, compressed, repeated, multiplied."""

ANSWERS = {
    "score_matrix": """
import bz2, lzma, zlib

def score_matrix(queries, keys):
    once = zlib.compress(bytes(1 << 26))
    return len(b"".join(zlib.decompress(once) for _ in range(64)))
""",
    "bilinear_scores": """
import io, zipfile

def bilinear_scores(queries, keys, weight):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for index in range(40):
            archive.writestr(f"{index}.npy", bytes(100 << 20))
    return [zipfile.ZipFile(bomb).read(f"{index}.npy") for index in range(40)]
""",
    "cosine_similarity": "def cosine_similarity(a, b): return ('x' * 10**6 * 10**6)",
    "score_shapes": "def score_shapes(first, second): return [[[0] * 10**4] * 10**4] * 10**4",
}
