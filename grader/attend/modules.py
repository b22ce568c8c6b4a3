"""What an error of torch's modules means: not set up, other parameters than asked for, a width."""

from __future__ import annotations

import re

__all__ = ["cause_in_module"]

SET_UP = (
    "Call `super().__init__()` first in `__init__`: before it, an nn.Module can hold no layers and "
    "no parameters."
)
UNREADY = re.compile(
    r"before Module\.__init__\(\) call|no attribute '_(modules|parameters|buffers|\w+_hooks)'"
)
NOT_SET = re.compile(r"'(\w+)' object has no attribute '(\w+)'")
SIZES = re.compile(
    r"size mismatch for (\S+): copying a param with shape torch\.Size\(\[([\d, ]*)\]\) from "
    r"checkpoint, the shape in current model is torch\.Size\(\[([\d, ]*)\]\)"
)
MULTIPLIED = re.compile(r"cannot be multiplied \(\d+x(\d+) and (\d+)x\d+\)")
TOLD = (
    (
        "index out of range in self",
        "A number that is looked up here is below 0, or not below the number of the table's rows. "
        "Print the numbers on the line before.",
    ),
    (
        "leaf Variable that requires grad",
        "This line changes a parameter in place, and gradients are recorded. Put it under "
        "`with torch.no_grad():`.",
    ),
    (
        "torch.nn.Parameter or None expected",
        "A parameter does not take a plain tensor. Copy the numbers into it: under "
        "`with torch.no_grad():`, `parameter.copy_(tensor)`.",
    ),
    (
        "For unbatched 2-D input",
        "The RNN reads a vector at each place, (B, T, features), and this has one axis fewer. "
        "Token numbers become vectors in the embedding.",
    ),
    (
        "For batched 3-D input",
        "The RNN's state has an axis more than this, (1, B, features): hand it on as it came.",
    ),
    (
        "same dtype",
        "Numbers of two dtypes meet here: make both alike, with `a.to(b.dtype)`.",
    ),
)
NAMED = 3  # parameters that a sentence can hold


def cause_in_module(error: BaseException, message: str) -> str:
    """What it means; empty for an error that has nothing to do with modules.

    Args:
        error: what was raised.
        message: its words.
    """
    if UNREADY.search(message):
        return SET_UP
    if (found := NOT_SET.search(message)) and _is_own(found[1], error):
        name = found[2]
        return (
            f"`{name}` is not there: is it misspelt, or does `__init__` lack `self.{name} = ...`?"
        )
    for words, told in TOLD:
        if words in message:
            return told
    if "Error(s) in loading state_dict" in message:
        return _loading(message)
    if (sizes := MULTIPLIED.search(message)) and _in_a_linear_layer(error):
        return (
            f"A linear layer reads {sizes[2]} features here, and the last axis of what comes holds "
            f"{sizes[1]}. Was the layer made with other sizes, or are axes not joined yet?"
        )
    return ""


def _loading(message: str) -> str:
    """Which parameters a module lacks, has besides, or holds in another shape."""
    lacking, besides = _listed("Unexpected", message), _listed("Missing", message)
    if lacking:
        also = f" It has {besides} instead." if besides else ""
        return (
            f"Parameters are loaded here by their names, and your module lacks {lacking}.{also} "
            "The docstring has the names. What stands in a plain list, or is a plain tensor, is "
            "not found."
        )
    if besides:
        return f"Your module has {besides} besides what the docstring asks for."
    if sizes := SIZES.search(message):
        name, wanted, held = sizes.groups()
        return f"`{name}` is ({held}) in your module, and ({wanted}) is asked for.{_turned(sizes)}"
    return ""


def _turned(sizes: re.Match[str]) -> str:
    wanted, held = sizes[2].split(", "), sizes[3].split(", ")
    if wanted != held[::-1]:
        return ""
    linear = " `nn.Linear(a, b)` reads a features and gives b; its weight is (b, a)."
    return " The two sizes have changed places." + (linear if ".weight" in sizes[1] else "")


def _listed(kind: str, message: str) -> str:
    """The names behind "Missing key(s)" or "Unexpected key(s)", the first few of them."""
    found = re.search(rf"{kind} key\(s\) in state_dict: ([^\n]*)", message)
    names = re.findall(r'"([^"]+)"', found[1]) if found else []
    more = ", ..." if len(names) > NAMED else ""
    return ", ".join(f"`{name}`" for name in names[:NAMED]) + more


def _is_own(name: str, error: BaseException) -> bool:
    """Whether the notebook itself defines a class of this name."""
    step = error.__traceback__
    return step is not None and isinstance(step.tb_frame.f_globals.get(name), type)


def _in_a_linear_layer(error: BaseException) -> bool:
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    return step is not None and step.tb_frame.f_code.co_filename.endswith("modules/linear.py")
