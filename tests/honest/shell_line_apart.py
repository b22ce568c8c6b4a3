"""A shell command in a cell of one's own; the answer does not need it."""

CELLS = ["!pip list\n", "!nvidia-smi"]
