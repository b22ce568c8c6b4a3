"""Prints up to two gigabytes, to standard output, standard error and the descriptors beneath."""

ANSWERS = {
    "score_matrix": """
import os, sys

line = "x" * (1 << 20)
for _ in range(700):
    print(line)
    print(line, file=sys.stderr)
    for descriptor in (1, 2):
        os.write(descriptor, line[:65536].encode())

def score_matrix(queries, keys):
    for _ in range(100):
        print(line)
    return 0
"""
}
