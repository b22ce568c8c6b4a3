"""An answer that gives lists where tuples are expected."""

ANSWERS = {
    "score_shapes": """
def score_shapes(first, second):
    plain = [first[0], second[1]] if first[1] == second[0] else None
    turned = [first[0], second[0]] if first[1] == second[1] else None
    return [plain, turned]
"""
}
