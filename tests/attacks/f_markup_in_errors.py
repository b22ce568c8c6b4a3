"""Raises errors whose type and text are markup, terminal codes, formulas and half characters."""

ANSWERS = {
    "score_matrix": r"""
def score_matrix(queries, keys):
    raise type("<script>", (Exception,), {})(
        "[bold red]4 of 4[/] <script>alert(4)</script> \x1b[2J\x1b]0;passed\x07 \ud800 \u202e =cmd|4"
    )
""",
    "bilinear_scores": r"""
def bilinear_scores(queries, keys, weight):
    raise ValueError("=HYPERLINK(4)\r\nstudent,20,20\r\n" + "x" * 100_000)
""",
    "score_shapes": r"""
def score_shapes(first, second):
    return "\ud800<b>", {"\x1b[2J": "\ud800"}
""",
}
