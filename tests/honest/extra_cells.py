"""Extra cells: notes, experiments, one that fails, one that never ends, one that is no Python."""

CELLS = [
    "x = np.arange(5)\nx * 2",
    "1 / 0",
    "while True: pass",
    "this is a note to myself",
    "del np",
    "score_matrix = None",
    "%%bash\necho hello",
]
