# ---
# jupyter:
#   jupytext:
#     notebook_metadata_filter: all
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   attend:
#     title: Multi-head attention
#     goal: You let attention look in several ways at once, and prove that no head is scrambled.
#     needs: [04_scaled_dot_product, 05_masking, 07_self_attention_and_positions]
#     core: true
#     training_minutes: 0
# ---

# %% [markdown]
# | term | 中文 | meaning |
# |---|---|---|
# | head | 头 | one attention of several that run side by side, each on its own features |
# | projection | 投影 | a learned linear layer that makes queries, keys, values or the output |
# | cross-attention | 交叉注意力 | queries from one sequence, keys and values from another |
# | flat memory | 线性内存 | the one long row of numbers in which a tensor is stored |
# | stride | 步长 | how far apart neighbours along an axis lie in flat memory |
# | packed weights | 合并存储的权重 | several weight matrices stored as one |
# | ablation | 消融 | to remove one part and see what is lost |
#
# You know: query 查询, key 键, value 值, weight 权重, mask 掩码, empty row 空行, dropout 随机失活.
#
# ## Three questions from lessons 04, 05 and 07
#
# 1. q is (2, 3, 4, 8) and k is (2, 3, 6, 8). By which number are the products divided?
# 2. Scores are (2, 3, 4, 6), and a mask is (4, 6). For which sequences and heads does it hold?
# 3. Self-attention without positions: you swap two words. What happens to the outputs?
#
# <details><summary>Answers</summary>
#
# 1. √8: a query has 8 features.
# 2. For all of them: it broadcasts.
# 3. They swap in the same way, and nothing else changes.
#
# </details>

# %% given="setup"
import copy
import functools
import math
import sys
from collections.abc import Callable

import torch
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import nn
from torch.nn import functional as F

sys.path.append("attend.zip")  # in Colab: upload attend.zip next to this notebook
from attend import (
    FEATURES,
    WORD_VECTORS,
    WORDS,
    Checker,
    draw_map,
    play,
    show,
    show_maps,
    show_prediction,
)

check = Checker("08_multi_head_attention")
tokens = torch.tensor(WORD_VECTORS, dtype=torch.float32)  # (4 words, 3 features)

# %% [markdown]
# ## 1 · One row of weights cannot look two ways
#
# Who drinks, and what? *drink* should look at *cats* and at *milk*, for different reasons.
# One row of weights has one reason. So let each feature attend alone: three **heads**, each one feature wide.
# Here is *drink* = (1, 2, 2) as the query, by hand:
#
# | | cats | drink | warm | milk |
# |---|---|---|---|---|
# | head 0, *alive*: product | 1·3 = 3 | 1·1 = 1 | 0 | 0 |
# | weight | **0.81** | 0.11 | 0.04 | 0.04 |
# | head 2, *wet*: product | 0 | 2·2 = 4 | 2·1 = 2 | 2·3 = 6 |
# | weight | 0.00 | 0.12 | 0.02 | **0.86** |
#
# Each head is one feature wide, so the scale is √1 = 1.
# Work out head 1, *does*, before you run the cell: which word wins there?

# %%
maps = {"one head, all features": torch.softmax(tokens @ tokens.T / math.sqrt(3), dim=-1)}
for head, feature in enumerate(FEATURES):
    part = tokens[:, head : head + 1]  # (4 words, 1 feature)
    maps[f"head {head}: {feature}"] = torch.softmax(part @ part.T, dim=-1)
show_maps(
    maps,
    rows=WORDS,
    columns=WORDS,
    limits=(0, 1),
    alt="Weights of the four words in four maps. With one head, drink gives 0.75 to itself. Head 0, "
    "alive: drink gives 0.81 to cats. Head 1, does: 0.78 to itself. Head 2, wet: 0.86 to milk.",
)

# %% [markdown]
# Where a word's feature is 0, its products are 0, and the head gives every word 0.25: no opinion.
#
# A model does not cut raw features. It learns **projections** first, and so decides what each head sees:
#
# $$\text{MultiHead}(Q, K, V) = \text{Concat}(\text{head}_0, \dots, \text{head}_{H-1})\, W^O$$
# $$\text{head}_i = \text{Attention}(Q W_i^Q,\; K W_i^K,\; V W_i^V)$$
#
# $H$ counts heads. $W_i^Q$, $W_i^K$ and $W_i^V$ project $d_\text{model}$ features to $d_\text{head} = d_\text{model} / H$.
# Concat puts the heads side by side, and $W^O$ mixes them.
# In words: project, attend in each head, join, project again.
# (Vaswani et al., 2017, section 3.2.2.)
#
# In code, one large projection serves all heads. Its result is cut afterwards, and there it can go wrong without an error.
#
# ## 2 · The cut
#
# A tensor is one row of numbers in **flat memory**. Take 3 tokens with 4 features each, and 2 heads.
# The numbers 0 to 11 stand for what is stored:
#
# | | head 0 | head 1 |
# |---|---|---|
# | token 0 | 0 1 | 2 3 |
# | token 1 | 4 5 | 6 7 |
# | token 2 | 8 9 | 10 11 |
#
# Head 0 owns 0, 1, 4, 5, 8 and 9. `.view` only reads memory in order, under another shape.
#
# **Predict.** Someone writes `x.view(2, 3, 2)` and calls its axes heads, tokens, features.
# Which head does each number go to?

# %%
my_heads = [
    [None, None, None, None],  # token 0: the numbers 0 1 2 3
    [None, None, None, None],  # token 1
    [None, None, None, None],  # token 2
]

# %%
numbers = torch.arange(12).view(3, 4)  # (T, d_model)
show_prediction(
    my_heads,
    torch.tensor([0] * 6 + [1] * 6).view(3, 4),  # its first 6 numbers, then its last 6
    rows=["token 0", "token 1", "token 2"],
    columns=["feature 0", "feature 1", "feature 2", "feature 3"],
    alt="x.view(2, 3, 2) gives head 0 all of token 0 and half of token 1, and head 1 the rest.",
)

# %% [markdown]
# Now three ways to cut, as attention sees them: it takes the last two axes for tokens and features.
# Whatever is left in front, it takes for heads.


# %%
def draw_memory(ax, cut, title):
    """Flat memory, each cell coloured and named by its place on the first axis of the cut."""
    owner = {int(number): place for place, part in enumerate(cut) for number in part.flatten()}
    for number, place in owner.items():
        colour = ("#0072B2", "#E69F00", "#CC79A7")[place]
        ax.add_patch(Rectangle((number, 0), 0.94, 1, facecolor=colour))
        ink = "white" if place == 0 else "black"
        ax.text(number + 0.47, 0.65, number, ha="center", va="center", color=ink, size=17)
        ax.text(number + 0.47, 0.22, f"in {place}", ha="center", va="center", color=ink, size=12)
    for token in range(3):
        ax.text(4 * token + 2, -0.28, f"token {token}", ha="center", va="center")
        ax.plot([4 * token - 0.03] * 2, [-0.1, 1.1], color="black", linewidth=3)
    ax.set(xlim=(-0.1, 12.1), ylim=(-0.45, 1.15))
    ax.set_title(f"{title}     shape {tuple(cut.shape)}, strides {cut.stride()}", loc="left")
    ax.axis("off")


figure = Figure(figsize=(11, 7.4), layout="constrained")
top, middle, bottom = figure.subplots(3, 1)
draw_memory(top, numbers.view(3, 2, 2).transpose(0, 1), "right: x.view(T, H, d).transpose(0, 1)")
draw_memory(middle, numbers.view(2, 3, 2), "wrong: x.view(H, T, d)")
draw_memory(bottom, numbers.view(3, 2, 2), "wrong: x.view(T, H, d), no transpose")
show(
    figure,
    alt="The numbers 0 to 11 in flat memory, three times. Right: each token's first two numbers "
    "are in head 0, its last two in head 1. view(H, T, d): the first six numbers are in 0, the "
    "last six in 1, across tokens. view(T, H, d): the first axis holds the three tokens.",
)

# %% [markdown]
# The right cut and the middle one have the same shape. Only their **strides** differ.
# `transpose` copies nothing: it swaps strides. Head 1 starts 2 numbers after head 0, the next token 4 later.
# At the bottom tokens stand where heads belong, so heads would attend to heads.

# %% exercise="split_heads" points={"idea": 1, "shapes": 1} minutes=10 difficulty=3 importance=5 day=true
from solutions.lesson_08_multi_head_attention.kernels import split_heads

# %% [markdown] hints="split_heads"
# Two steps: cut the last axis in two, then swap two axes. Which two?
#
# +++
#
# `*x.shape[:-1]` are all sizes but the last. Count axes from the end: after the cut, tokens are -3 and heads -2.
#
# +++
#
# ```python
# return cut.transpose(-3, -2)
# width = x.shape[-1] // n_heads
# cut = x.reshape(*x.shape[:-1], n_heads, width)
# ```

# %% check="split_heads"
x = torch.arange(12.0).view(3, 4)  # (3 tokens, 4 features)
with check("split_heads") as expect:
    heads = split_heads(x, 2)
    expect("two heads, three tokens, two features", heads.shape, (2, 3, 2))
    wanted = torch.tensor([[0.0, 1.0], [4.0, 5.0], [8.0, 9.0]])
    expect("head 0 has the first half of each token", heads[0], wanted)
    expect("head 1 has the second half", heads[1], wanted + 2)
    batch = split_heads(torch.arange(60.0).view(5, 3, 4), 4)
    expect("a batch of five, four heads", batch.shape, (5, 4, 3, 1))
    wanted = torch.tensor([[25.0], [29.0], [33.0]])
    expect("sequence 2, head 1", batch[2, 1], wanted)
    expect("two axes in front", split_heads(torch.ones(7, 5, 3, 4), 2).shape, (7, 5, 2, 3, 2))

# %% [markdown]
# **Back again.** After attention, the heads of a token go side by side. Swap first, then join.
# Behind the swap, memory is no longer in order, and `.view` refuses:

# %%
swapped = torch.zeros(2, 3, 5, 4).transpose(1, 2)  # (B, H, T, d_head) to (B, T, H, d_head)
try:
    swapped.view(2, 5, 12)
except RuntimeError as error:
    print(error)
print(swapped.reshape(2, 5, 12).shape, "- reshape copies where it must")

# %% exercise="merge_heads" points={"idea": 1, "shapes": 1} minutes=8 difficulty=2 importance=5 day=true
from solutions.lesson_08_multi_head_attention.kernels import merge_heads

# %% [markdown] hints="merge_heads"
# The same two steps, undone in the opposite order.
#
# +++
#
# After the swap the last two axes are (H, d_head). `reshape(..., -1)` makes one of them.
#
# +++
#
# ```python
# return swapped.reshape(*swapped.shape[:-2], -1)
# swapped = x.transpose(-3, -2)
# ```

# %% check="merge_heads"
x = torch.tensor([[[1.0, 2.0], [5.0, 6.0], [9.0, 10.0]], [[3.0, 4.0], [7.0, 8.0], [11.0, 12.0]]])
with check("merge_heads") as expect:
    merged = merge_heads(x)  # (2 heads, 3 tokens, 2 features)
    expect("three tokens, four features", merged.shape, (3, 4))
    expect("token 0: head 0, then head 1", merged[0], torch.tensor([1.0, 2.0, 3.0, 4.0]))
    expect("token 2", merged[2], torch.tensor([9.0, 10.0, 11.0, 12.0]))
    batch = torch.arange(120.0).view(2, 3, 5, 4)  # (B, H, T, d_head)
    row = torch.tensor([64.0, 65, 66, 67, 84, 85, 86, 87, 104, 105, 106, 107])
    expect("in a batch: sequence 1, token 1", merge_heads(batch)[1, 1], row)
    wanted = torch.tensor([[[[1.0, 2.0]]], [[[3.0, 4.0]]]])
    expect("two axes in front", merge_heads(wanted.view(2, 1, 2, 1, 1)), wanted)

# %% [markdown]
# ## 3 · What moves?
#
# A round trip proves little: wrong cuts undo themselves, too.

# %%
x = torch.arange(48.0).view(2, 6, 4)
print("right:                ", torch.equal(merge_heads(split_heads(x, 2)), x))
print("view(B, H, T, d_head):", torch.equal(x.view(2, 2, 6, 2).view(2, 6, 4), x))
print("view(B, T, H, d_head):", torch.equal(x.view(2, 6, 2, 2).view(2, 6, 4), x))

# %% [markdown]
# So probe it. Six tokens, two heads, self-attention. Change token 3 only: which outputs move?
#
# **Predict** for three cuts, each with its own way back. Write 1 where an output moves, else 0.

# %%
my_moves = [
    [None, None, None, None, None, None],  # yours: split_heads, merge_heads
    [None, None, None, None, None, None],  # view(B, T, H, d_head), no transpose
    [None, None, None, None, None, None],  # view(B, H, T, d_head), no transpose
]


# %%
def as_tokens_of_heads(x, n_heads):
    return x.view(*x.shape[:2], n_heads, -1)  # (B, T, H, d_head)


def as_heads_of_tokens(x, n_heads):
    return x.view(x.shape[0], n_heads, x.shape[1], -1)  # (B, H, T, d_head)


def without_swap(heads):
    return heads.reshape(probe.shape)  # straight back to (B, T, d_model)


cuts = {
    "yours": (split_heads, merge_heads),
    "view(B, T, H, d)": (as_tokens_of_heads, without_swap),
    "view(B, H, T, d)": (as_heads_of_tokens, without_swap),
}
probe = torch.randn(1, 6, 8, generator=torch.Generator().manual_seed(8))  # (B, T, d_model)


def movement(cut, token, n_heads):
    """Which features of which outputs move when one token changes: (6 tokens, 8 features)."""
    split, merge = cuts[cut]
    changed = probe.clone()
    changed[0, token] += 1.0
    heads = [split(x, n_heads) for x in (probe, changed)]
    before, after = (merge(F.scaled_dot_product_attention(x, x, x)) for x in heads)
    return (after - before)[0].abs() > 1e-6


show_prediction(
    my_moves,
    torch.stack([movement(cut, 3, 2).any(dim=-1) for cut in cuts]).int(),
    rows=list(cuts),
    columns=[f"token {token}" for token in range(6)],
    alt="Which outputs move when token 3 changes. Yours: all six. view(B, T, H, d): token 3 alone. "
    "view(B, H, T, d): tokens 3, 4 and 5.",
)

# %% [markdown]
# <details><summary>Why? Guess first.</summary>
#
# Every token attends to every token, so all six must move.
# With `view(B, T, H, d)`, the heads of one token attend to one another. Tokens never meet.
# With `view(B, H, T, d)`, head 0 holds tokens 0 to 2, and head 1 the others.
#
# </details>
#
# Neither mistake raises an error here. Only the outputs are wrong.
# Play with it: each row is an output token, each column a feature. 1 means that it moves.


# %%
def draw_movement(cut, token, heads):
    """Which outputs move, for one cut, one changed token and a number of heads."""
    moved = movement(cut, token, heads)
    figure = Figure(figsize=(6.2, 5), layout="constrained")
    ax = figure.subplots()
    rows = [f"token {place}" + (" *" if place == token else "") for place in range(6)]
    draw_map(ax, moved.int(), rows, title=f"{cut}, {heads} heads", limits=(0, 1))
    width = 8 // heads
    ax.set_xticks([width * (head + 0.5) - 0.5 for head in range(heads)], range(heads))
    crosses = cut == "view(B, H, T, d)"  # there, a head is made of tokens
    ax.set_xlabel("columns where a head should be" if crosses else "head")
    for edge in range(width, 8, width):
        ax.axvline(edge - 0.5, color="#D55E00", linewidth=5)
    count = int(moved.any(dim=-1).sum())
    told = f"{cut}, {heads} heads, token {token} (*) changed: {count} of 6 outputs move (1)."
    return figure, told


play(
    draw_movement,
    stills=[
        {"cut": "yours", "token": 3, "heads": 2},
        {"cut": "view(B, T, H, d)", "token": 3, "heads": 2},
        {"cut": "view(B, H, T, d)", "token": 3, "heads": 4},
    ],
    cut=list(cuts),
    token=(0, 5, 1, 3),
    heads=[2, 4],
)

# %% [markdown]
# **Your test.** What moves is one symptom. A missing scale, say, moves all outputs as well.
# Write a test that finds every fault, as in lesson 05. It gets right and wrong functions in random order.
# All verdicts must be true. A good test computes the answer in a second, slower way, and compares.

# %% exercise="heads_test" points={"idea": 2, "edge cases": 1} minutes=20 difficulty=4 importance=4
from solutions.lesson_08_multi_head_attention.kernels import heads_test

# %% [markdown] hints="heads_test"
# Which features does head h read? Take them with a slice, attend, and join the results.
#
# +++
#
# | your example has | which kills |
# |---|---|
# | random numbers, three heads or more | scrambled heads, one head only, two at most |
# | two sequences | one that reads the wrong sequence |
# | B, T, H and d_head that all differ, and √d_head not 2 | every wrong scale |
#
# `F.scaled_dot_product_attention(part, part, part)` is one head of self-attention.
#
# +++
#
# ```python
# return torch.allclose(candidate(x, 4), torch.cat(wanted, dim=-1), atol=1e-5)
# wanted = [F.scaled_dot_product_attention(part, part, part) for part in parts]
# x = torch.randn(2, 5, 12)
# parts = x.chunk(4, dim=-1)
# ```


# %% check="heads_test"
def by_pytorch(x, n_heads):
    heads = x.unflatten(-1, (n_heads, -1)).transpose(1, 2)
    return F.scaled_dot_product_attention(heads, heads, heads).transpose(1, 2).flatten(2)


def rounded_otherwise(x, n_heads):
    return by_pytorch(x.double(), n_heads).to(x.dtype)


def same_as_it_came(x, n_heads):
    return x


def heads_never_cut(x, n_heads):
    return F.scaled_dot_product_attention(x, x, x)


def cut_across_tokens(x, n_heads):
    heads = x.reshape(x.shape[0], n_heads, x.shape[1], -1)
    return F.scaled_dot_product_attention(heads, heads, heads).reshape(x.shape)


def never_scaled(x, n_heads):
    heads = x.unflatten(-1, (n_heads, -1)).transpose(1, 2)
    mixed = F.scaled_dot_product_attention(heads, heads, heads, scale=1.0)
    return mixed.transpose(1, 2).flatten(2)


with check("heads_test") as expect:
    expect("heads cut and merged by PyTorch pass", heads_test(by_pytorch), True)
    expect("a function that rounds otherwise passes", heads_test(rounded_otherwise), True)
    expect("one that does nothing is killed", heads_test(same_as_it_came), False)
    expect("one that never cuts is killed", heads_test(heads_never_cut), False)
    expect("one that cuts across tokens is killed", heads_test(cut_across_tokens), False)
    expect("one without a scale is killed", heads_test(never_scaled), False)

# %% [markdown]
# Which of these does your test kill?


# %%
def attend(x, n_heads, split=split_heads, merge=merge_heads, scale=None, axis=-1, sequences=None):
    q = split(x, n_heads)
    k = q if sequences is None else q[sequences].expand_as(q)
    products = q @ k.transpose(-2, -1)
    weights = torch.softmax(products / (scale or math.sqrt(q.shape[-1])), dim=axis)
    return merge(weights @ k)


def scrambled(x, n_heads):
    return attend(x, n_heads, as_heads_of_tokens, lambda heads: heads.reshape(x.shape))


def heads_attend_to_heads(x, n_heads):
    return attend(x, n_heads, as_tokens_of_heads, lambda heads: heads.reshape(x.shape))


def every_nth_feature(x, n_heads):
    return attend(
        x,
        n_heads,
        lambda x, n_heads: x.unflatten(-1, (-1, n_heads)).movedim(-1, 1),
        lambda heads: heads.movedim(1, -1).flatten(2),
    )


suspects = {
    "view(B, H, T, d)": scrambled,
    "view(B, T, H, d)": heads_attend_to_heads,
    "head h has every H-th feature": every_nth_feature,
    "no scale": lambda x, n_heads: attend(x, n_heads, scale=1.0),
    "divided by √d_model": lambda x, n_heads: attend(x, n_heads, scale=math.sqrt(x.shape[-1])),
    "divided by √H": lambda x, n_heads: attend(x, n_heads, scale=math.sqrt(n_heads)),
    "softmax over queries": lambda x, n_heads: attend(x, n_heads, axis=-2),
    "reads sequence 0 only": lambda x, n_heads: attend(x, n_heads, sequences=slice(0, 1)),
}
for name, function in suspects.items():
    print("survives" if heads_test(function) else "  killed", "·", name)

# %% [markdown]
# ## 4 · The module
#
# ```
# q (B, T_q, d_model)  →  w_q  →  split  →  (B, H, T_q, d_head)
# k (B, T_k, d_model)  →  w_k  →  split  →  (B, H, T_k, d_head)
# v (B, T_k, d_model)  →  w_v  →  split  →  (B, H, T_k, d_head)
# attend in every head, for all heads at once        →  (B, H, T_q, d_head)
# merge  →  (B, T_q, d_model)  →  w_o  →  output (B, T_q, d_model)
# ```
#
# In self-attention 自注意力, q, k and v are one tensor. In cross-attention, k and v come from elsewhere.
# The mask is lesson 05's: fill before the softmax, and clear empty rows after it.
#
# Three faults from published code:
#
# - The products are divided by √d_model. A head multiplies d_head features only: divide by √d_head.
# - `w_o` is missing. Then the heads never meet.
# - `nn.Dropout` is built inside `forward`, so `eval()` never reaches it.

# %% exercise="MultiHeadAttention" points={"idea": 3, "edge cases": 2, "gradient": 1} minutes=22 difficulty=4 importance=5 day=true forbid=["scaled_dot_product_attention", "MultiheadAttention"]
from solutions.lesson_08_multi_head_attention.kernels import MultiHeadAttention

# %% [markdown] hints="MultiHeadAttention"
# Follow the picture line by line. `__init__` makes four `nn.Linear` and one `nn.Dropout`.
#
# +++
#
# `n_heads` does not divide `d_model` where `d_model % n_heads` is not 0. Scores are lesson 04's, with
# `queries.shape[-1]` under the root. Where a mask is given: `scores.masked_fill(~mask, -torch.inf)` before
# the softmax, `weights.masked_fill(~mask, 0.0)` after it. Then dropout.
#
# +++
#
# The lines of `forward`:
#
# ```python
#     weights = weights.masked_fill(~mask, 0.0)
# scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])
# return self.w_o(merge_heads(weights @ values)), weights
# if mask is not None:
# keys = split_heads(self.w_k(k), self.n_heads)
# weights = torch.softmax(scores, dim=-1)
# if mask is not None:
# queries = split_heads(self.w_q(q), self.n_heads)
#     scores = scores.masked_fill(~mask, -torch.inf)
# weights = self.dropout(weights)
# values = split_heads(self.w_v(v), self.n_heads)
# ```

# %% check="MultiHeadAttention"
root, a, b = math.sqrt(2), math.log(3), math.log(4)  # d_model = 6, three heads: d_head = 2
eye, zeros = torch.eye(6), torch.zeros(6)
given = {"w_q.weight": eye, "w_q.bias": zeros, "w_k.bias": zeros, "w_v.bias": zeros}
given |= {
    "w_k.weight": eye.roll(1, 0),
    "w_v.weight": eye.flip(0),
}  # last feature first; turned round
given |= {"w_o.weight": 2 * eye, "w_o.bias": torch.ones(6)}  # twice the merged heads, plus 1
q = torch.tensor([[[root, 0.0, 0.0, root, 0.0, 0.0], [0.0] * 6]])  # one sequence, two queries
k = torch.tensor([[[9.0, 9.0, 0.0, 0.0, 5.0, a], [7.0, 7.0, b, 0.0, 5.0, 0.0], [99.0] * 6]])
v = torch.tensor([[[6.0, 2.0, 0.0, 10.0, 0.0, 8.0], [0.0, 4.0, 5.0, 0.0, 4.0, 0.0], [1.0] * 6]])
words = torch.tensor([[[[True, True, False]]]])  # key 2 is padding
with check("MultiHeadAttention") as expect, torch.no_grad():
    attention = MultiHeadAttention(6, 3)
    names = sorted(name for name, _ in attention.named_parameters())
    expect("four projections, each with a bias", names, sorted(given))
    expect("n_heads is kept", attention.n_heads, 3)
    attention.load_state_dict(given)
    output, weights = attention(q, k, v, words)
    expect("one batch, three heads, two queries, three keys", weights.shape, (1, 3, 2, 3))
    expect("query 0, head 0: 3 to 1, padding 0", weights[0, 0, 0], torch.tensor([0.75, 0.25, 0.0]))
    expect("query 0, head 1: 1 to 4", weights[0, 1, 0], torch.tensor([0.2, 0.8, 0.0]))
    halves = torch.tensor([[0.5, 0.5, 0.0]] * 3)
    expect("query 1 asks nothing", weights[0, :, 1], halves)
    wanted = 2 * torch.tensor([[6.0, 1.0, 2.0, 4.0, 3.0, 3.0], [4.0, 2.0, 5.0, 2.5, 3.0, 3.0]]) + 1
    expect("merged heads, doubled, plus 1", output[0], wanted)
    output, weights = attention(q, k, v, torch.zeros(1, 3).bool())
    expect("nothing to attend to: weights of 0", weights, torch.zeros(1, 3, 2, 3))
    output, weights = attention(torch.ones(4, 5, 6), torch.ones(4, 7, 6), torch.ones(4, 7, 6))
    expect("no mask, other sizes: the output", output.shape, (4, 5, 6))
    expect("and the weights", weights.shape, (4, 3, 5, 7))
    dropped = MultiHeadAttention(6, 3, dropout=1.0)
    dropped.load_state_dict(given)
    output, weights = dropped(q, k, v, words)
    expect("dropout 1, in training: no weight is left", weights, torch.zeros(1, 3, 2, 3))
    expect("so only w_o's bias comes out", output, torch.ones(1, 2, 6))
    rows = dropped.eval()(q, k, v)[1].sum(-1)
    expect("in eval() each row sums to 1", rows, torch.ones(1, 3, 2))
    try:
        refused = type(MultiHeadAttention(6, 4)).__name__
    except ValueError:
        refused = "ValueError"
    expect("four heads do not divide six features", refused, "ValueError")

# %% [markdown]
# ## 5 · The same, head by head
#
# The paper's formula has a small matrix for each head. Where are they in `w_q`?
# `nn.Linear` stores its weight as (out, in), so each *row* makes one output feature.
# Head $i$ owns rows $i \cdot d_\text{head}$ up to $(i + 1) \cdot d_\text{head}$, and the same places of the bias.
# In `w_o` it owns columns, for these read what the head has made:


# %%
def draw_owners(ax, name, by_rows):
    """A weight matrix of 6 by 6, its rows or columns coloured and named by their head."""
    for place in range(6):
        head = place // 2
        corner, size = ((0, place), (6, 1)) if by_rows else ((place, 0), (1, 6))
        colour = ("#0072B2", "#E69F00", "#CC79A7")[head]
        ax.add_patch(Rectangle(corner, *size, facecolor=colour, edgecolor="white", linewidth=2))
        x, y = (3, place + 0.5) if by_rows else (place + 0.5, 3)
        ink = "white" if head == 0 else "black"
        turn = 0 if by_rows else 90
        ax.text(x, y, f"head {head}", ha="center", va="center", color=ink, rotation=turn)
    ax.set(xlim=(0, 6), ylim=(6, 0), aspect=1, title=name, xlabel="in", ylabel="out")
    ax.set_xticks([place + 0.5 for place in range(6)], range(6))
    ax.set_yticks([place + 0.5 for place in range(6)], range(6))
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


figure = Figure(figsize=(13.6, 4), layout="constrained")
for ax, name in zip(figure.subplots(1, 4), ("w_q", "w_k", "w_v", "w_o"), strict=True):
    draw_owners(ax, f"{name}.weight", by_rows=name != "w_o")
show(
    figure,
    alt="Four weight matrices of 6 by 6 for three heads. In w_q, w_k and w_v, head 0 owns rows 0 "
    "and 1, head 1 rows 2 and 3, head 2 rows 4 and 5. In w_o the heads own columns instead.",
)

# %% [markdown]
# Write the formula as it stands, with a loop over heads, and nothing to split or merge.

# %% exercise="stacked_heads" points={"idea": 1, "gradient": 1} minutes=15 difficulty=3 importance=3 forbid=["split_heads", "merge_heads", "scaled_dot_product_attention", "MultiheadAttention"]
from solutions.lesson_08_multi_head_attention.kernels import stacked_heads

# %% [markdown] hints="stacked_heads"
# For one head, what do you need of `attention.w_q.weight`, and of its bias?
#
# +++
#
# `F.linear(x, weight, bias)` does what `nn.Linear` does. `torch.cat(..., dim=-1)` puts outputs side by side;
# `torch.stack(..., dim=1)` puts the heads behind the batch.
#
# +++
#
# ```python
# return attention.w_o(torch.cat(outputs, dim=-1)), torch.stack(weights, dim=1)
# for head in range(attention.n_heads):
#     weights.append(torch.softmax(query @ key.transpose(-2, -1) / math.sqrt(width), dim=-1))
#     key = F.linear(k, attention.w_k.weight[rows], attention.w_k.bias[rows])
#     outputs.append(weights[-1] @ value)
# width = attention.w_q.out_features // attention.n_heads
#     query = F.linear(q, attention.w_q.weight[rows], attention.w_q.bias[rows])
# outputs, weights = [], []
#     value = F.linear(v, attention.w_v.weight[rows], attention.w_v.bias[rows])
#     rows = slice(head * width, (head + 1) * width)
# ```

# %% check="stacked_heads"
attention = nn.Module()  # any module with these parts will do
attention.n_heads = 2
for name in ("w_q", "w_k", "w_v", "w_o"):
    setattr(attention, name, nn.Linear(4, 4))
root = math.sqrt(2)  # d_head = 2
turn = torch.eye(4).roll(1, 0)  # a query (a, b, c, d) becomes (d, a, b, c)
with check("stacked_heads") as expect:
    with torch.no_grad():
        attention.w_q.weight.copy_(turn)
        attention.w_q.bias.copy_(torch.tensor([root, 0.0, 0.0, 0.0]))
        for projection in (attention.w_k, attention.w_v, attention.w_o):
            projection.weight.copy_(torch.eye(4))
            projection.bias.zero_()
        attention.w_o.bias.fill_(1.0)
    q = torch.tensor([[[0.0, 0.0, root, 0.0]]])  # w_q makes it (√2, 0, 0, √2)
    k = torch.tensor([[[math.log(3), 9.0, 9.0, 0.0], [0.0, 7.0, 7.0, math.log(4)]]])
    v = torch.tensor([[[8.0, 0.0, 10.0, 0.0], [0.0, 4.0, 0.0, 5.0]]])
    output, weights = stacked_heads(attention, q, k, v)
    expect("one batch, two heads, one query, two keys", weights.shape, (1, 2, 1, 2))
    expect("head 0: 3 to 1", weights[0, 0, 0], torch.tensor([0.75, 0.25]))
    expect("head 1: 1 to 4", weights[0, 1, 0], torch.tensor([0.2, 0.8]))
    expect("joined, and 1 added by w_o", output[0, 0], torch.tensor([7.0, 2.0, 3.0, 5.0]))
    batch = torch.ones(3, 5, 4)
    output, weights = stacked_heads(attention, batch, batch[:, :2], batch[:, :2])
    expect("the weights of a batch", weights.shape, (3, 2, 5, 2))
    slope = torch.autograd.grad(output.sum(), attention.w_v.bias)[0]
    expect("a gradient reaches w_v: 5 queries of 3 sequences", slope, torch.full((4,), 15.0))


# %%
def gap(one, other):
    """The largest difference of two answers, output and weights."""
    return max((a - b).abs().max().item() for a, b in zip(one, other, strict=True))


generator = torch.Generator().manual_seed(8)
q, k, v = (torch.randn(2, size, 12, generator=generator) for size in (4, 7, 7))
torch.manual_seed(8)
for n_heads in (1, 2, 3, 4, 6, 12):
    attention = MultiHeadAttention(12, n_heads)
    difference = gap(attention(q, k, v), stacked_heads(attention, q, k, v))
    verdict = (
        "" if difference < 1e-5 else "  ← too much: look at your merge_heads, and at your rows"
    )
    print(f"{n_heads:2} heads: split and stacked differ by at most {difference:.0e}{verdict}")

# %% [markdown]
# Differences near 1e-7 are rounding. Two ways of writing that agree are the best evidence you can have.
#
# ## 6 · What do heads cost?
#
# Twelve features: one head, or twelve heads. Which module has more parameters?
#
# <details><summary>Guess first.</summary>
#
# Neither. `w_q` is 12 × 12 either way: heads share its rows, they add none.
#
# </details>
#
# By hand for $d_\text{model} = 6$: four matrices of 36 and four biases of 6 make 168.
# If $d_\text{head}$ is chosen freely, the number of heads matters: `w_q` has $H \cdot d_\text{head}$ rows, and `w_o` reads as many features.

# %% exercise="parameter_count" points={"idea": 1} minutes=6 difficulty=2 importance=3
from solutions.lesson_08_multi_head_attention.kernels import parameter_count

# %% [markdown] hints="parameter_count"
# How many rows and columns has each of the four matrices? How many biases has each?
#
# +++
#
# Let `width` be n_heads · d_head. Three matrices are width × d_model, and w_o is d_model × width.
#
# +++
#
# ```python
# return matrices + 3 * width + d_model if bias else matrices
# matrices = 4 * d_model * width
# width = d_model if d_head is None else n_heads * d_head
# ```

# %% check="parameter_count"
with check("parameter_count") as expect:
    expect("by hand: 4 · 36 + 4 · 6", parameter_count(6, 2), 168)
    expect("three heads, the same", parameter_count(6, 3), 168)
    expect("without biases", parameter_count(6, 3, bias=False), 144)
    expect("five heads of width 2: 4 · 60 + 30 + 6", parameter_count(6, 5, 2), 276)
    expect("nn.Linear counts alike", parameter_count(3, 1), 4 * (3 * 3 + 3))

# %% [markdown]
# How many heads are best? Vaswani et al. (2017, table 3, rows A) kept the cost equal:
# 1 head was 0.9 BLEU worse than the best setting, and 32 heads were worse than 8 or 16, too.
# (BLEU 机器翻译评分 measures translations.) Narrow heads see little; one head looks one way.
#
# ## 7 · PyTorch's layer, with your weights
#
# `nn.MultiheadAttention` computes the same. It stores three projections as **packed weights**:
#
# ```
# in_proj_weight (3 · d_model, d_model)     in_proj_bias (3 · d_model,)
#   rows 0 to d_model:                      w_q, head after head
#   rows d_model to 2 · d_model:            w_k
#   rows 2 · d_model to 3 · d_model:        w_v
# out_proj                                  w_o
# ```

# %% exercise="from_torch" points={"idea": 1, "edge cases": 1} minutes=15 difficulty=3 importance=4
from solutions.lesson_08_multi_head_attention.kernels import from_torch

# %% [markdown] hints="from_torch"
# Make a `MultiHeadAttention` of the same sizes. Then fill its eight parameters.
#
# +++
#
# `in_proj_weight.chunk(3)` gives three blocks. Under `torch.no_grad()`, `parameter.copy_(block)` copies numbers.
# `layer.embed_dim`, `layer.num_heads`, `layer.dropout` and `layer.training` say the rest.
#
# +++
#
# ```python
#     if layer.in_proj_bias is None:
# return attention.train(layer.training)
#     for project, weight, bias in zip(projects, weights, biases):
# with torch.no_grad():
#         project.weight.copy_(weight)
# attention = MultiHeadAttention(layer.embed_dim, layer.num_heads, layer.dropout)
#         biases = [torch.zeros(layer.embed_dim)] * 4
#     else:
#         biases = [*layer.in_proj_bias.chunk(3), layer.out_proj.bias]
#         project.bias.copy_(bias)
#     weights = [*layer.in_proj_weight.chunk(3), layer.out_proj.weight]
# projects = [attention.w_q, attention.w_k, attention.w_v, attention.w_o]
# ```

# %% check="from_torch"
layer = nn.MultiheadAttention(4, 2, dropout=1.0, batch_first=True).eval()
with torch.no_grad():
    layer.in_proj_weight.copy_(torch.arange(48.0).view(12, 4) / 48)
    layer.in_proj_bias.copy_(torch.arange(12.0))
    layer.out_proj.weight.copy_(torch.eye(4).roll(1, 0))
    layer.out_proj.bias.fill_(2.0)
torch.manual_seed(8)
with check("from_torch") as expect:
    attention = from_torch(layer)
    state = {name: each.detach() for name, each in attention.state_dict().items()}
    expect("w_k is the second block", state["w_k.weight"] * 48, torch.arange(16.0, 32).view(4, 4))
    biases = [state[f"w_{name}.bias"] for name in "qkvo"]
    wanted = [torch.arange(4.0), torch.arange(4.0, 8), torch.arange(8.0, 12), torch.full((4,), 2.0)]
    expect("four biases", biases, wanted)
    expect("w_o is out_proj", state["w_o.weight"], torch.eye(4).roll(1, 0))
    x = torch.tensor([[[1.0, 0.0, 2.0, 0.0], [0.0, 3.0, 0.0, 1.0], [1.0, 1.0, 0.0, 0.0]]])
    with torch.no_grad():
        theirs = layer(x, x, x, average_attn_weights=False)
        expect("the layer's own output and weights", attention(x, x, x), theirs)
        weights = from_torch(layer.train())(x, x, x)[1]
        expect("in training its dropout drops, here everything", weights, torch.zeros(1, 2, 3, 3))
    modes = [from_torch(layer.train(mode)).training for mode in (True, False)]
    expect("training or evaluation, as the layer is", modes, [True, False])
    with torch.no_grad():
        layer.in_proj_weight.zero_()
        layer.out_proj.weight.zero_()
    kept = [attention.w_q.weight.detach() * 48, attention.w_o.weight.detach()]
    wanted = [torch.arange(16.0).view(4, 4), torch.eye(4).roll(1, 0)]
    expect("the layer changes, your copy does not", kept, wanted)
    bare = from_torch(nn.MultiheadAttention(4, 2, bias=False, batch_first=True))
    biases = [bare.w_k.bias.detach(), bare.w_o.bias.detach()]
    expect("a layer without biases: zeros", biases, [torch.zeros(4), torch.zeros(4)])

# %% [markdown]
# Do you agree, with masks as well? **Polarity** 极性 is opposite: in both of its masks, True means *forbidden*.

# %%
torch.manual_seed(8)
layer = nn.MultiheadAttention(12, 3, batch_first=True).eval()
for bias in (layer.in_proj_bias, layer.out_proj.bias):
    nn.init.normal_(bias)  # PyTorch starts them at 0, which would hide a forgotten bias
attention = from_torch(layer)
words = torch.arange(7) < torch.tensor([[6], [4]])  # (B = 2, T_k = 7), True at a word
pairs = torch.ones(4, 7).bool().tril(3)  # (T_q = 4, T_k = 7), True: allowed
padded = words[:, None, None, :]  # (B, 1, 1, T_k)
settings = {
    "self-attention": ((q, q, q), None, {}),
    "cross-attention": ((q, k, v), None, {}),
    "key_padding_mask": ((q, k, v), padded, {"key_padding_mask": ~words}),
    "attn_mask": ((q, k, v), pairs, {"attn_mask": ~pairs}),
    "both masks": ((q, k, v), padded & pairs, {"key_padding_mask": ~words, "attn_mask": ~pairs}),
    "WITHOUT the ~": ((q, k, v), padded, {"key_padding_mask": words}),
}
with torch.no_grad():
    for name, (inputs, mask, theirs) in settings.items():
        yours = attention(*inputs, mask)
        difference = gap(yours, layer(*inputs, average_attn_weights=False, **theirs))
        print(f"{name:17} largest difference {difference:.0e}")

# %% [markdown]
# Two more habits of the layer: it averages the heads' weights unless told otherwise,
# and its empty rows give NaN (lesson 05). Yours gives zeros.
#
# ## 8 · Two questions at once, and a head removed
#
# Now a task that two looks solve. Each token must answer two questions:
# which symbol stands to its left, and which one stands first? (The first two tokens are not asked.) A single layer must do it, with 1 head or 2.


# %%
class TwoQuestions(nn.Module):
    """Symbols and places as vectors, one attention, one linear layer that gives both answers."""

    def __init__(self, n_heads):
        super().__init__()
        self.symbols, self.places = nn.Embedding(10, 16), nn.Embedding(8, 16)
        self.attention = MultiHeadAttention(16, n_heads)
        self.answers = nn.Linear(16, 20)

    def forward(self, symbols):
        x = self.symbols(symbols) + self.places.weight  # (B, T = 8, 16)
        output, weights = self.attention(x, x, x)
        return self.answers(output).unflatten(-1, (2, 10)), weights


def truth(symbols):
    """The left neighbour and the first symbol of tokens 2 to 7: (B, 6, 2)."""
    first = symbols[:, :1].expand(-1, 6)
    return torch.stack([symbols[:, 1:-1], first], dim=-1)


@functools.cache  # a second call gives the same model back
def trained(n_heads):
    """A model after 200 steps, and its losses."""
    torch.manual_seed(0)
    model = TwoQuestions(n_heads)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for step in range(200):
        symbols = torch.randint(10, (64, 8))
        logits = model(symbols)[0][:, 2:]
        loss = F.cross_entropy(logits.flatten(0, 2), truth(symbols).flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if (step + 1) % 50 == 0:
            print(f"heads: {n_heads}, step {step + 1:3}: loss {loss.item():.3f}")
    return model, losses


for n_heads in (1, 2):
    trained(n_heads)

# %% [markdown]
# Both have the same number of parameters. The loss at the start is that of guessing, log 10 ≈ 2.3.

# %%
fresh = torch.randint(10, (500, 8), generator=torch.Generator().manual_seed(1))  # never trained on
lines = {"1 head": (trained(1)[1], "--", "#D55E00"), "2 heads": (trained(2)[1], "-", "#0072B2")}
with torch.no_grad():
    looks = trained(2)[0](fresh)[1].mean(dim=0)  # (2 heads, 8 tokens, 8 keys)
figure = Figure(figsize=(15.5, 4.2), layout="constrained")
left, *others = figure.subplots(1, 3)
for name, (losses, line, colour) in lines.items():
    left.plot(losses, line, label=name, color=colour, linewidth=3)
left.set(title="loss", xlabel="step", ylim=(0, None))
left.legend()
for head, ax in enumerate(others):
    names = [f"token {token}" for token in range(2, 8)]
    draw_map(ax, looks[head, 2:], names, title=f"2 heads: weights of head {head}", limits=(0, 1))
    ax.set_xlabel("key")
show(
    figure,
    alt=f"Left, the loss of two heads falls to {lines['2 heads'][0][-1]:.2f} in 200 steps, that of "
    f"one head to {lines['1 head'][0][-1]:.2f}. Right, the mean weights of both heads: one looks at "
    "the key to the left of each token, the other at key 0.",
)

# %% [markdown]
# Nobody told the heads what to look for. Is it true that each answers one question? Remove one, and see.
# Which numbers in which parameter let head $i$ speak? Its features are the columns
# $i \cdot d_\text{head}$ up to $(i + 1) \cdot d_\text{head}$ of `w_o.weight`. (Michel, Levy and Neubig, 2019.)

# %% exercise="ablate_head" points={"idea": 1, "edge cases": 1} minutes=10 difficulty=3 importance=4
from solutions.lesson_08_multi_head_attention.kernels import ablate_head

# %% [markdown] hints="ablate_head"
# Copy first: `copy.deepcopy(attention)`. Then change the copy.
#
# +++
#
# `w_o.weight` is (out, in): rows are output features, columns read the merged heads.
# Change it under `torch.no_grad()`.
#
# +++
#
# ```python
# return ablated
# width = attention.w_o.in_features // attention.n_heads
#     ablated.w_o.weight[:, head * width : (head + 1) * width] = 0.0
# with torch.no_grad():
# ablated = copy.deepcopy(attention)
# ```


# %% check="ablate_head"
class Equal(nn.Module):
    """Every token has the same weight, so the mixed values are their mean."""

    def __init__(self):
        super().__init__()
        self.n_heads = 2
        self.w_q, self.w_k, self.w_v, self.w_o = (nn.Linear(6, 6) for _ in range(4))
        self.load_state_dict({name: torch.ones_like(x) for name, x in self.state_dict().items()})
        with torch.no_grad():
            self.w_v.bias[3:] = 3.0  # so that head 1 gives more than head 0

    def forward(self, q, k, v, mask=None):
        return self.w_o(self.w_v(v).mean(dim=1, keepdim=True).expand_as(q)), None


model = Equal()
x = torch.full((1, 2, 6), 0.5)  # w_v makes it 6 · 0.5 + 1 = 4 in head 0, and + 3 = 6 in head 1
with check("ablate_head") as expect:  # w_o adds three of both, and 1
    expect("with both heads: 12 + 18 + 1", model(x, x, x)[0][0, 0], torch.full((6,), 31.0))
    ablated = ablate_head(model, 1)
    expect("without head 1: 12 + 1", ablated(x, x, x)[0][0, 0], torch.full((6,), 13.0))
    again = ablate_head(ablated, 0)
    expect("without both: w_o's bias", again(x, x, x)[0][0, 0], torch.ones(6))
    expect("the model has both heads still", model(x, x, x)[0][0, 0], torch.full((6,), 31.0))


# %%
def shares_right(model):
    """The share of right answers on fresh sequences: left neighbour, first symbol."""
    with torch.no_grad():
        chosen = model(fresh)[0][:, 2:].argmax(dim=-1)  # (500, 6, 2)
    return (chosen == truth(fresh)).float().mean(dim=(0, 1))


results = {"1 head": shares_right(trained(1)[0]), "2 heads": shares_right(trained(2)[0])}
for head in range(2):
    fewer = copy.deepcopy(trained(2)[0])
    fewer.attention = ablate_head(fewer.attention, head)
    results[f"2 heads, without head {head}"] = shares_right(fewer)
figure = Figure(figsize=(6.5, 5), layout="constrained")
draw_map(
    figure.subplots(),
    torch.stack(list(results.values())),
    list(results),
    ["left?", "first?"],
    title="share of right answers",
    limits=(0, 1),
)
show(
    figure,
    alt="The share of right answers to both questions. "
    + "; ".join(f"{name}: {a:.2f}, {b:.2f}" for name, (a, b) in results.items())
    + ".",
)

# %% [markdown]
# Without a head, one answer falls to guessing, 1 in 10, and the other stays. Here a head has one job.
# With each of the seeds 0 to 9, two heads answered everything. One head never did.
# It can mix both symbols unequally and tell them apart, with some seeds nearly always: its worse answer was right in 9 % to 93 % of cases.
#
# This is a toy that was made so. In trained models it is less tidy:
#
# - In BERT, some heads look a fixed distance away, some at the separator, and some at the whole sentence.
#   A few match grammar, such as the object of a verb (Clark et al., 2019).
# - A method that learns which heads to drop removed 38 of the 48 encoder heads of a translator.
#   That cost 0.15 BLEU. Heads with a clear job went last (Voita et al., 2019).
# - Many heads can be removed from a finished model with little loss (Michel, Levy and Neubig, 2019).
#
# ## What you built
#
# - Heads that are cut and merged as they must be, and a test that tells.
# - Multi-head attention: self, cross, masked; twice, and in agreement with PyTorch.
# - An ablation that shows what a head does.
#
# | yours | PyTorch | Hugging Face Transformers |
# |---|---|---|
# | `MultiHeadAttention` | `nn.MultiheadAttention(..., batch_first=True)` | inside each model, such as `BertSelfAttention` |
# | `n_heads`, `d_model` | `num_heads`, `embed_dim` | `num_attention_heads`, `hidden_size` |
# | weights of each head | `average_attn_weights=False` | `output_attentions=True` |
#
# **Where it is used.** In Transformers, in each layer. The first one had 8 heads of width 64. BERT-base and the
# smallest GPT-2 have 12 of width 64. Lesson 09 puts your module into a block.
#
# **Further reading**
#
# - Vaswani et al., *Attention Is All You Need*, 2017, arXiv 1706.03762, section 3.2.2.
# - Michel, Levy and Neubig, *Are Sixteen Heads Really Better than One?*, 2019, arXiv 1905.10650.
# - Voita et al., *Analyzing Multi-Head Self-Attention*, 2019, arXiv 1905.09418.
# - Clark et al., *What Does BERT Look at?*, 2019, arXiv 1906.04341.
