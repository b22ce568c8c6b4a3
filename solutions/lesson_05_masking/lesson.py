# ---
# jupyter:
#   jupytext:
#     notebook_metadata_filter: all
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   attend:
#     title: Masking
#     goal: You decide who may look at whom, in any batch, and you prove that nobody looks elsewhere.
#     needs: [02_softmax_and_weighted_sums, 04_scaled_dot_product]
#     core: true
#     training_minutes: 0
# ---

# %% [markdown]
# | term | 中文 | meaning |
# |---|---|---|
# | token | 词元 | one piece of a sequence: here a word, or padding |
# | padding | 填充 | tokens without meaning that make all sequences of a batch equally long |
# | causal mask | 因果掩码 | a mask that hides every later token |
# | broadcast | 广播 | to repeat an axis of size 1 (or a missing one) until two shapes fit |
# | cache | 缓存 | the stored keys and values of earlier tokens |
# | empty row | 空行 | a query with no allowed key |
# | mean pooling | 平均池化 | one vector for a sequence: the mean of its token vectors |
# | polarity | 极性 | what True means in a mask: allowed, or forbidden |
#
# You know: mask 掩码, query 查询, key 键, value 值, score 分数, weight 权重, gradient 梯度.
#
# ## Three questions from lessons 02 and 04
#
# 1. Which weight does softmax give to a score of −∞?
# 2. q is (2, 3, 4, 8) and k is (2, 3, 6, 8). What shape have the scores, and which axis counts keys?
# 3. Attention divides products by a scale, to get scores. For keys of 3 features, by which?
#
# <details><summary>Answers</summary>
#
# 1. Exactly 0: its exponential is 0.
# 2. (2, 3, 4, 6): batch, heads, queries, keys. The last axis counts keys.
# 3. √3 ≈ 1.73.
#
# </details>

# %% given="setup"
import math
import sys
from collections.abc import Callable

import numpy as np
import torch
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import nn
from torch.nn import functional as F

sys.path.append("attend.zip")  # in Colab: upload attend.zip next to this notebook
from attend import (
    FEATURES,
    WORD_COLOURS,
    WORD_VECTORS,
    WORDS,
    Checker,
    draw_map,
    play,
    show,
    show_maps,
    show_prediction,
)

check = Checker("05_masking")
tokens = torch.tensor(WORD_VECTORS, dtype=torch.float32)  # (4 words, 3 features)

# %% [markdown]
# ## 1 · Padding is not a word
#
# Sentences differ in length; a tensor is a rectangle. So short sentences are filled up:


# %%
def draw_batch(ax, sentences, title):
    """One row for each sentence, one cell for each token."""
    for row, sentence in enumerate(sentences):
        for column, word in enumerate(sentence):
            pad = word == "pad"
            look = {"facecolor": "#f2f2f2", "hatch": "//"} if pad else {"facecolor": "white"}
            edge = "#555555" if pad else WORD_COLOURS[word]
            box = (column + 0.04, row + 0.06), 0.92, 0.88
            ax.add_patch(Rectangle(*box, edgecolor=edge, linewidth=1 if pad else 4, **look))
            paper = {"facecolor": look["facecolor"], "edgecolor": "none", "pad": 1}
            ax.text(column + 0.5, row + 0.5, word, ha="center", va="center", bbox=paper)
    ax.set(xlim=(0, len(sentences[0])), ylim=(len(sentences), 0), title=title, xlabel="place")
    ax.set_xticks([column + 0.5 for column in range(len(sentences[0]))], range(len(sentences[0])))
    ax.set_yticks([row + 0.5 for row in range(len(sentences))], range(len(sentences)))
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


sentences = [["cats", "drink", "warm", "milk"], ["drink", "milk"], ["warm"]]
pads = [["pad"] * (4 - len(words)) for words in sentences]
figure = Figure(figsize=(11, 3.5), layout="constrained")
left, right = figure.subplots(1, 2)
pairs = list(zip(sentences, pads, strict=True))
draw_batch(left, [words + pad for words, pad in pairs], 'side="right"')
draw_batch(right, [pad + words for words, pad in pairs], 'side="left"')
show(
    figure,
    alt="Three sentences, of 4, 2 and 1 words, as rows of four cells. Left, the padding follows "
    "the words; right, it comes before them.",
)

# %% [markdown]
# Training mostly pads on the right. Text generation pads on the left, because new words follow at the right.
#
# Attention would read padding like words. A mask forbids it, and **True means "may be attended to"**.
# By hand, with 4 keys and a length of 2:
#
# | place | 0 | 1 | 2 | 3 | |
# |---|---|---|---|---|---|
# | padding right | True | True | False | False | place < 2 |
# | padding left | False | False | True | True | place ≥ 4 − 2 |
#
# The mask must fit the scores. PyTorch lines up shapes from the right:
#
# ```
# scores   (B, H, T_q, T_k)
# mask     (B, 1,   1, T_k)   its keys, for every head and every query: correct
# mask          (B,    T_k)   under the queries: wrong
# ```
#
# $B$ counts sequences, $H$ heads, $T_q$ queries and $T_k$ keys. Where $B = T_q$, the wrong one even runs:

# %%
words = torch.tensor([[True, True, True, True], [True, True, False, False]])  # (B = 2, T_k = 4)
scores = torch.zeros(2, 3, 2, 4)  # B = 2, H = 3, T_q = 2, T_k = 4: equal scores
wrong = scores.masked_fill(~words, -torch.inf).softmax(-1)
right = scores.masked_fill(~words[:, None, None, :], -torch.inf).softmax(-1)
figure = Figure(figsize=(9.6, 5.2), layout="constrained")
for line, (shape, weights) in zip(
    figure.subplots(2, 2), {"(B, T_k)": wrong, "(B, 1, 1, T_k)": right}.items(), strict=True
):
    for number, ax in enumerate(line):
        title = f"mask {shape}, sequence {number}"
        names = ["query 0", "query 1"], range(4)
        draw_map(ax, weights[number, 0], *names, words[number], title, limits=(0, 1))
show(
    figure,
    alt="Weights of two queries over four keys; padding is hatched. With a mask (B, T_k), both "
    "sequences look alike: query 1 misses two words of sequence 0, and query 0 reads the padding "
    "of sequence 1. With (B, 1, 1, T_k), sequence 0 reads four words and sequence 1 its two.",
)
try:
    torch.zeros(2, 3, 5, 4).masked_fill(~words, -torch.inf)  # T_q = 5
except RuntimeError as error:
    print("T_q = 5, an error:", error)

# %% exercise="padding_mask" points={"idea": 2, "shapes": 1} minutes=12 difficulty=2 importance=5 day=true
from solutions.lesson_05_masking.kernels import padding_mask

# %% [markdown] hints="padding_mask"
# `torch.arange(n_keys)` gives the places. Compare them with the lengths, as in the table above.
#
# +++
#
# `lengths[:, None]` is (batch, 1), the places are (n_keys,). Their comparison is (batch, n_keys).
# Then `[:, None, None, :]` adds the two axes.
#
# +++
#
# ```python
#     real = spots < counts
# return real[:, None, None, :]
#     real = spots >= n_keys - counts
# spots = torch.arange(n_keys)
# else:
# if side == "left":
# counts = lengths[:, None]
# ```

# %% check="padding_mask"
lengths = torch.tensor([2, 5, 3])
with check("padding_mask") as expect:
    mask = padding_mask(lengths, 5)
    expect("three sequences, five keys", mask.shape, (3, 1, 1, 5))
    wanted = torch.tensor([True, True, False, False, False])
    expect("two words, then padding", mask[0].flatten(), wanted)
    expect("a full sequence has no padding", mask[1].flatten(), torch.tensor([True] * 5))
    left = padding_mask(lengths, 5, side="left")
    expect("padding on the left", left[0].flatten(), wanted.flip(0))
    expect("no sequence need fill all keys", padding_mask(lengths, 6).shape, (3, 1, 1, 6))

# %% [markdown]
# ## 2 · Nobody looks ahead
#
# A language model predicts the next word. If a word could look at the next one, it would copy it.
# So each query sees its own key and earlier ones. The table of True is a lower triangle:
#
# | query \ key | cats | drink | warm | milk |
# |---|---|---|---|---|
# | cats | True | | | |
# | drink | True | True | | |
# | warm | True | True | True | |
# | milk | True | True | True | True |
#
# When a model writes text, it stores the keys of earlier words in a cache. Only the newest words are queries.
#
# **Predict.** There are 5 keys, and the queries are tokens 3 and 4. Write 1 for allowed, 0 for forbidden.

# %%
my_mask = [
    [None, None, None, None, None],  # token 3
    [None, None, None, None, None],  # token 4, the newest
]

# %% [markdown]
# In words: query $i$ stands at the place of key $i + T_k - T_q$, and sees the keys up to there.
# (Vaswani et al., 2017, section 3.2.3, has the square case.)

# %% exercise="causal_mask" points={"idea": 2, "edge cases": 1} minutes=10 difficulty=2 importance=5 day=true
from solutions.lesson_05_masking.kernels import causal_mask

# %% [markdown] hints="causal_mask"
# The last query sees all keys; each query before it sees one key less.
#
# +++
#
# `tril(diagonal=d)` keeps the entries with column − row ≤ d. Which d lets the last row keep everything?
#
# +++
#
# ```python
# return grid.tril(diagonal=offset)
# offset = n_keys - n_queries
# grid = torch.ones(n_queries, n_keys, dtype=torch.bool)
# ```

# %% check="causal_mask"
with check("causal_mask") as expect:
    square = torch.tensor([[True, False, False], [True, True, False], [True, True, True]])
    expect("three tokens, no cache", causal_mask(3, 3), square)
    cached = torch.tensor([[True, True, True, False], [True, True, True, True]])
    expect("two new tokens, four keys", causal_mask(2, 4), cached)
    expect("one new token sees everything", causal_mask(1, 5), torch.ones(1, 5).bool())
    early = torch.tensor([[False, False], [False, False], [True, False], [True, True]])
    expect("four tokens, keys of the last two", causal_mask(4, 2), early)

# %%
show_prediction(
    my_mask,
    causal_mask(2, 5),
    rows=["token 3", "token 4"],
    columns=range(5),
    alt="Token 3 may look at keys 0 to 3; token 4 may look at all five keys.",
)

# %% [markdown]
# **A trap in PyTorch.** `F.scaled_dot_product_attention(..., is_causal=True)` starts its triangle at the *top left*.
# With a cache, that is wrong. Here all scores are equal, so weights show who is seen:

# %%
queries, keys, values = torch.zeros(2, 3), torch.zeros(5, 3), torch.eye(5)  # output = weights
yours, top_left = causal_mask(2, 5), causal_mask(5, 5)[:2]
show_maps(
    {
        "attn_mask=causal_mask(2, 5)": F.scaled_dot_product_attention(
            queries, keys, values, attn_mask=yours
        ),
        "is_causal=True": F.scaled_dot_product_attention(queries, keys, values, is_causal=True),
    },
    rows=["token 3", "token 4"],
    columns=range(5),
    masks={"attn_mask=causal_mask(2, 5)": yours, "is_causal=True": top_left},
    limits=(0, 1),
    alt="Two queries, five keys. With your mask token 3 gives 0.25 to keys 0 to 3 and token 4 gives "
    "0.20 to all. With is_causal=True token 3 sees key 0 only, and token 4 keys 0 and 1 only.",
)

# %% [markdown]
# The newest token sees the two oldest keys, without any error. Only for $T_q = T_k$ are both the same.
# The FlashAttention library started at the top left too, and moved to the bottom right in version 2.1.
#
# ## 3 · Two masks at once
#
# Real batches need both masks. A key is allowed where **every** mask allows it:
#
# ```
# padding  (B, 1,   1, T_k)
# causal        (T_q, T_k)
# both     (B, 1, T_q, T_k)
# ```

# %% exercise="combine_masks" points={"idea": 1} minutes=6 difficulty=1 importance=4
from solutions.lesson_05_masking.kernels import combine_masks

# %% [markdown] hints="combine_masks"
# `one & other` works entry by entry, and broadcasts.
#
# +++
#
# Start with None. Go through the masks, and skip each None.
#
# +++
#
# ```python
#     if each is not None:
# return result
# result = None
#         result = each if result is None else result & each
# for each in masks:
# ```

# %% check="combine_masks"
first = torch.tensor([[True, True, False]])  # (1, 3)
second = torch.tensor([[True], [False]])  # (2, 1)
with check("combine_masks") as expect:
    wanted = torch.tensor([[True, True, False], [False, False, False]])
    expect("allowed where both allow it", combine_masks(first, second), wanted)
    expect("None allows everything", combine_masks(None, first), first)
    third = torch.tensor([[False, True, True]])
    wanted = torch.tensor([[False, True, False]])
    expect("three masks", combine_masks(first, None, third, first), wanted)
    expect("no mask is left", combine_masks(None), None)
    expect("no mask at all", combine_masks(), None)

# %% [markdown]
# **The mask debugger.** One figure shows who may look at whom, and why not.
# Before you move anything: which rows become empty with padding on the left?


# %%
def draw_who(pads, side, causal, queries):
    """Who may look at whom: ticks where allowed; elsewhere the reason."""
    words = list(WORDS) + ["pad"] * pads if side == "right" else ["pad"] * pads + list(WORDS)
    queries = min(queries, len(words))
    padding = padding_mask(torch.tensor([4]), len(words), side)[0, 0]  # (1, T_k)
    order = torch.ones(queries, len(words)).bool()
    if causal == "yes":
        order = causal_mask(queries, len(words))
    allowed = padding & order  # (T_q, T_k)
    figure = Figure(figsize=(4.2, 4.3), layout="constrained")
    ax = figure.subplots()
    for row in range(queries):
        for column in range(len(words)):
            seen = bool(allowed[row, column])
            look = {"facecolor": "#fee838"} if seen else {"facecolor": "#f2f2f2", "hatch": "//"}
            ax.add_patch(Rectangle((column, row), 1, 1, edgecolor="#777777", **look))
            text = "✓" if seen else ("later" if padding[0, column] else "pad")
            paper = {"facecolor": look["facecolor"], "edgecolor": "none", "pad": 1}
            ax.text(column + 0.5, row + 0.5, text, ha="center", va="center", bbox=paper, size=11)
    empty = [not bool(row.any()) for row in allowed]
    rows = zip(words[-queries:], empty, strict=True)
    names = [("→ " if bare else "") + word for word, bare in rows]
    ax.set(xlim=(0, len(words)), ylim=(queries, 0), xlabel="keys", ylabel="queries", aspect=1)
    ax.set_xticks([column + 0.5 for column in range(len(words))], words, rotation=45)
    ax.set_yticks([row + 0.5 for row in range(queries)], names)
    ax.tick_params(length=0)
    ax.set_title(f"{allowed.sum()} allowed, {sum(empty)} empty rows (→)")
    told = f"{pads} padding on the {side}, causal: {causal}, the last {queries} tokens as queries. "
    told += f"{allowed.sum()} of {allowed.numel()} pairs are allowed; {sum(empty)} rows are empty."
    return figure, told


play(
    draw_who,
    stills=[
        {"pads": 2, "side": "right", "causal": "yes", "queries": 6},
        {"pads": 2, "side": "left", "causal": "yes", "queries": 6},
        {"pads": 1, "side": "left", "causal": "yes", "queries": 2},
    ],
    pads=(0, 3, 1, 2),
    side=["right", "left"],
    causal=["yes", "no"],
    queries=(1, 7, 1, 6),
)

# %% [markdown]
# With left padding and a causal mask, the first queries see nothing but padding. Their rows are **empty**.
# These queries are padding themselves: leave their outputs out of every mean and every loss.
# But NaN there can spread to everything else, as you will see.
#
# ## 4 · Before the softmax
#
# *milk* is the query, and *milk* itself is forbidden. From lesson 04 you know the exponentials:
#
# | | cats | drink | warm | milk | sum |
# |---|---|---|---|---|---|
# | exponential | 1 | 31.9 | 5.65 | 181 | 219 |
# | weight without mask | 0.00 | 0.15 | 0.03 | 0.82 | 1 |
#
# **Predict** two rows of weights: the score of *milk* becomes −∞ *before* the softmax,
# or its weight becomes 0 *after* it.

# %%
my_rows = [
    [None, None, None, None],  # −∞ before: cats, drink, warm, milk
    [None, None, None, None],  # 0 after
]

# %%
milk_scores = tokens @ tokens[3] / math.sqrt(3)  # (4 keys,)
no_milk = torch.tensor([True, True, True, False])
show_prediction(
    my_rows,
    torch.stack(
        [
            torch.softmax(milk_scores.masked_fill(~no_milk, -torch.inf), dim=-1),
            torch.softmax(milk_scores, dim=-1) * no_milk,
        ]
    ),
    rows=["−∞ before", "0 after"],
    columns=WORDS,
    alt="Before: cats 0.03, drink 0.83, warm 0.15, milk 0. After: 0.00, 0.15, 0.03, 0.",
    tolerance=0.02,
)

# %% [markdown]
# <details><summary>Why? Guess first.</summary>
#
# Before: the exponential of *milk* is 0, and the other three share the whole: 31.9 / 38.6 = 0.83.
# After: *milk* took its 0.82 first. The row sums to 0.18, and the output shrinks.
#
# </details>
#
# $$w_{ij} = \frac{m_{ij}\, e^{s_{ij}}}{\sum_l m_{il}\, e^{s_{il}}} \qquad w_{ij} = 0 \text{ where the sum is } 0$$
#
# $s_{ij}$ is the score of query $i$ and key $j$, and $w_{ij}$ the weight. $m_{ij}$ is 1 where the mask is True, else 0.
# The sum runs over all keys $l$.
# In words: a softmax over the allowed keys alone.
# (Vaswani et al., 2017, section 3.2.3, set forbidden scores to −∞.)
#
# In an empty row everything is −∞, and the softmax is 0 / 0 = NaN. Our convention: **an empty row weighs 0**.
# (Below, some calls are not allowed. The check does not look for them; the grading does.)

# %% exercise="masked_softmax" points={"idea": 2, "edge cases": 1, "gradient": 1} minutes=23 difficulty=3 importance=5 day=true forbid=["scaled_dot_product_attention", "MultiheadAttention"]
from solutions.lesson_05_masking.kernels import masked_softmax

# %% [markdown] hints="masked_softmax"
# One fill before the softmax, one after it. What is each for?
#
# +++
#
# `x.masked_fill(where, value)` fills where `where` is True, and broadcasts. `~mask` is True where forbidden.
# Multiplying will not do: 0 times NaN is NaN.
#
# +++
#
# ```python
# return shares.masked_fill(closed, 0.0)
# shares = torch.softmax(open_scores, dim=-1)
# closed = ~mask
# open_scores = scores.masked_fill(closed, -torch.inf)
# ```

# %% check="masked_softmax"
scores = torch.log(torch.tensor([[1.0, 2.0, 5.0, 4.0], [3.0, 1.0, 1.0, 4.0]]))  # (2, 4)
mask = torch.tensor([[True, True, True, False], [False, False, False, False]])
before = scores.clone()  # a copy, to compare with
with check("masked_softmax") as expect:
    weights = masked_softmax(scores, mask)
    wanted = torch.tensor([0.125, 0.25, 0.625, 0.0])
    expect("your scores stay as they were", scores, before)
    expect("1, 2 and 5 share the whole; 4 is forbidden", weights[0], wanted)
    expect("an empty row is all 0", weights[1], torch.zeros(4))
    far = torch.tensor([0.0, 0.0, 20000.0])
    shared = masked_softmax(far, torch.tensor([True, True, False]))
    expect("a forbidden score far ahead changes nothing", shared, torch.tensor([0.5, 0.5, 0.0]))
    low = torch.tensor([-20000.0, -20000.0, -15000.0])
    shared = masked_softmax(low, torch.tensor([True, True, False]))
    expect("nor where the allowed ones are very low", shared, torch.tensor([0.5, 0.5, 0.0]))
    heads = masked_softmax(torch.zeros(2, 3, 5, 4), torch.ones(2, 1, 1, 4).bool())
    expect("one mask for all heads", heads.shape, (2, 3, 5, 4))
    leaf = scores.clone().requires_grad_()
    masked_softmax(leaf, mask).square().sum().backward()
    expect("an empty row sends back 0, no NaN", leaf.grad[1], torch.zeros(4))

# %% [markdown]
# Now compare it with four other ways to mask. The row is *milk* again, in three situations.


# %%
def after(scores, mask):
    return torch.softmax(scores, dim=-1) * mask


def after_and_shared(scores, mask):
    kept = torch.softmax(scores, dim=-1) * mask
    return kept / kept.sum(dim=-1, keepdim=True)


def zero_before(scores, mask):
    return torch.softmax(scores.masked_fill(~mask, 0.0), dim=-1)


def ten_thousand_less(scores, mask):
    return torch.softmax(scores - 1e4 * (~mask), dim=-1)


wrong_masks = {
    "0 after": after,
    "0 after, shared": after_and_shared,
    "0 before": zero_before,
    "−10,000 added": ten_thousand_less,
}
situations = {
    "milk is forbidden": (milk_scores, no_milk),
    "and its score is 10,000 higher": (milk_scores + 1e4 * (~no_milk), no_milk),
    "everything is forbidden": (milk_scores, torch.zeros(4).bool()),
}
figure = Figure(figsize=(15, 5.4), layout="constrained")
for ax, (title, (scores, mask)) in zip(figure.subplots(1, 3), situations.items(), strict=True):
    rows = torch.stack([one(scores, mask) for one in (masked_softmax, *wrong_masks.values())])
    names = ["yours", *wrong_masks] if ax.get_subplotspec().is_first_col() else [""] * 5
    draw_map(
        ax,
        torch.cat([rows, rows.sum(-1, keepdim=True)], dim=-1).round(decimals=4),
        names,
        [*WORDS, "sum"],
        title=title,
        limits=(0, 1),
    )
show(
    figure,
    alt="Weights of four words and their sum, in three situations. Yours: 0.03, 0.83, 0.15, 0, "
    "twice; then zeros. 0 after: sums of 0.18, 0 and 0. 0 after, shared: right, then NaN twice. "
    "0 before: milk gets 0.03, then every word 0.25. −10,000 added: right, then as if unmasked.",
)

# %% [markdown]
# | what they do | what happens |
# |---|---|
# | 0 after | rows do not sum to 1 |
# | 0 after, shared again | right, until a forbidden score is far ahead: 0 / 0 |
# | 0 before | $e^0 = 1$: a forbidden key still gets weight |
# | −10,000 added (BERT's code did so) | right, until a score is 10,000 ahead; an empty row is not masked |
#
# Two of them look right on ordinary scores. At a lead of 80 the allowed weights shrink to about $e^{-80}$;
# dividing by their sum brings them back. From about 104 on, float32 rounds them to 0.
# And a lower number, −1e9 say? float16 has none below −65,504, and no number helps an empty row.
#
# **And the gradient?** Adding −∞ and clearing NaN afterwards gives your weights exactly. Now go backwards:


# %%
def added_and_cleared(scores, mask):
    added = torch.zeros(mask.shape).masked_fill(~mask, -torch.inf)
    return torch.softmax(scores + added, dim=-1).nan_to_num()


causal_after_padding = torch.ones(4, 4).bool().tril() & torch.tensor([False, True, True, True])
slopes = {}  # query 0 is empty
for name, function in {"yours": masked_softmax, "−∞ added, NaN cleared": added_and_cleared}.items():
    keys = tokens.clone().requires_grad_()
    weights = function(tokens @ keys.T / math.sqrt(3), causal_after_padding)
    (slopes[name],) = torch.autograd.grad((weights @ tokens).square().sum(), keys)
show_maps(
    slopes,
    rows=WORDS,
    columns=FEATURES,
    alt="The gradient of the keys, 4 words by 3 features. Yours is finite. With −inf added and NaN "
    "cleared, every one of its 12 entries is NaN.",
)

# %% [markdown]
# One empty row turned the gradient of *every* key into NaN. One step of training then ruins the model.
# Why? Lesson 02's `softmax_backward` multiplies by the weights. In an empty row these are NaN, and 0 · NaN is NaN.
# `masked_fill` cuts the way back at forbidden scores. `scores + ...` leaves it open, and NaN flows through.
#
# ## 5 · Your test
#
# You have just seen that a wrong mask can look right. So write the test that shows it.
# A test is worth what it kills: wrong functions that it refuses. But it must pass every right one.
# The hidden tests hand you right and wrong functions in random order. All verdicts must be true.
# Fix your numbers: write them down, or draw them with `torch.Generator().manual_seed(5)`.
# A test that draws new ones each time has luck today, and none tomorrow.

# %% exercise="mask_test" points={"idea": 2, "edge cases": 1} minutes=20 difficulty=4 importance=4
from solutions.lesson_05_masking.kernels import mask_test

# %% [markdown] hints="mask_test"
# Make scores and a mask, work out the right weights without the candidate, and compare with `torch.allclose`.
#
# +++
#
# | your example has | which kills |
# |---|---|
# | a forbidden key | no mask, 0 after, 0 before, inverted |
# | a forbidden score 20,000 ahead | 0 after, shared; −10,000 added |
# | two sequences, each with its own mask | one mask for all |
# | an empty row, with zeros wanted | NaN, equal shares |
#
# +++
#
# For a batch of two sequences with three queries and four keys:
#
# ```python
# return torch.allclose(candidate(table, open_), right, atol=1e-5)
# open_[1, 2] = False
# right = torch.softmax(table.masked_fill(~open_, -torch.inf), -1).masked_fill(~open_, 0.0)
# table = torch.where(open_, table, table + 20000)
# table = torch.randn(2, 3, 4, generator=dice)
# dice = torch.Generator().manual_seed(5)
# open_ = torch.rand(2, 3, 4, generator=dice) > 0.4
# ```


# %% check="mask_test"
def unmasked(scores, mask):
    return torch.softmax(scores, dim=-1)


def upside_down(scores, mask):
    return torch.softmax(scores.masked_fill(mask, -torch.inf), dim=-1)


def never_normalised(scores, mask):
    return torch.exp(scores - scores.amax(dim=-1, keepdim=True)) * mask


def equally_shared(scores, mask):
    return mask / mask.sum(dim=-1, keepdim=True).clamp(min=1)


def by_logarithms(scores, mask):
    filled = scores.masked_fill(~mask, -torch.inf)
    return torch.log_softmax(filled, dim=-1).exp().nan_to_num()


def rounded_otherwise(scores, mask):
    filled = scores.double().masked_fill(~mask, -torch.inf)
    return torch.softmax(filled, dim=-1).nan_to_num().to(scores.dtype)


with check("mask_test") as expect:
    expect("your own masked_softmax passes", mask_test(masked_softmax), True)
    expect("one that rounds otherwise passes", mask_test(rounded_otherwise), True)
    expect("one that goes by logarithms passes", mask_test(by_logarithms), True)
    expect("a function that ignores its mask is killed", mask_test(unmasked), False)
    expect("an inverted mask is killed", mask_test(upside_down), False)
    expect("exponentials that nobody divides are killed", mask_test(never_normalised), False)
    expect("equal shares, whatever the scores, are killed", mask_test(equally_shared), False)

# %% [markdown]
# The check is easy. How many of these does your test kill?


# %%
def nan_if_empty(scores, mask):
    return torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1)


def equal_if_empty(scores, mask):
    return torch.softmax(scores.masked_fill(~mask, torch.finfo(scores.dtype).min), dim=-1)


def first_mask_for_all(scores, mask):
    return masked_softmax(scores, mask[:1] if mask.dim() > 2 else mask)


for name, function in {
    **wrong_masks,
    "the first sequence's mask, for all": first_mask_for_all,
    "NaN in empty rows": nan_if_empty,
    "equal shares in empty rows": equal_if_empty,
}.items():
    print("survives" if mask_test(function) else "  killed", "·", name)

# %% [markdown]
# ## 6 · Attention that obeys
#
# Put it together: score, mask, softmax, mix.

# %% exercise="masked_attention" points={"idea": 1, "edge cases": 1} minutes=8 difficulty=2 importance=5 forbid=["scaled_dot_product_attention", "MultiheadAttention"]
from solutions.lesson_05_masking.kernels import masked_attention

# %% [markdown] hints="masked_attention"
# It is lesson 04's function with your `masked_softmax` in it.
#
# +++
#
# Scale first, then mask. The mask goes in as it is; no `~` is needed here.
#
# +++
#
# ```python
# return shares @ v, shares
# shares = masked_softmax(fit, mask)
# fit = q @ k.transpose(-2, -1) / math.sqrt(k.shape[-1])
# ```

# %% check="masked_attention"
q = torch.tensor([[2.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]])  # (2 queries, d_k = 4)
k = torch.tensor([[math.log(3), 1.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [9.0, 9.0, 9.0, 9.0]])
v = torch.tensor([[8.0, 0.0], [0.0, 4.0], [5.0, 5.0]])  # (3 keys, d_v = 2)
mask = torch.tensor([[True, True, False], [False, False, False]])
with check("masked_attention") as expect:
    output, weights = masked_attention(q, k, v, mask)
    expect("3 to 1, and nothing for key 2", weights[0], torch.tensor([0.75, 0.25, 0.0]))
    expect("the output mixes two values", output[0], torch.tensor([6.0, 1.0]))
    expect("nothing to attend to: weights of zeros", weights[1], torch.zeros(3))
    expect("and an output of zeros", output[1], torch.zeros(2))
    q, k, v = torch.ones(2, 5, 3, 4), torch.ones(2, 5, 6, 4), torch.ones(2, 5, 6, 7)
    output, weights = masked_attention(q, k, v, torch.ones(2, 1, 3, 6).bool())
    expect("a batch of heads", output.shape, (2, 5, 3, 7))

# %% [markdown]
# **Padding must never change an answer.** Attend within the four words alone; then pad them and compare.
# Each token gets a position vector, too (lesson 07 says why). Left padding shifts tokens to later places.


# %%
generator = torch.Generator().manual_seed(3)
positions = torch.randn(7, 3, generator=generator)  # one vector for each place
alone = tokens + positions[:4]
answer, _ = masked_attention(alone, alone, alone, causal_mask(4, 4))


def change(side, shift, masked=True, junk=50.0):
    """The largest change of the four words' outputs when three tokens of junk are added."""
    padding = torch.full((3, 3), junk)
    first = 3 if side == "left" else 0  # the place of the first word
    row = torch.cat([padding, tokens] if side == "left" else [tokens, padding])
    places = (torch.arange(7) - (first if shift else 0)).clamp(min=0)
    row = row + positions[places]
    words = padding_mask(torch.tensor([4]), 7, side)[0, 0] if masked else None
    output, _ = masked_attention(row, row, row, combine_masks(words, causal_mask(7, 7)))
    return (output[first : first + 4] - answer).abs().max().item()


changes = {
    "padding right": change("right", shift=False),
    "left, positions shifted back": change("left", shift=True),
    "left, positions as they come": change("left", shift=False),
    "left, no padding mask": change("left", shift=True, masked=False),
    "left, NaN in the padding": change("left", shift=True, junk=math.nan),
}
figure = Figure(figsize=(11, 3.8), layout="constrained")
ax = figure.subplots()
bars = ax.barh(list(changes), [3e3 if math.isnan(one) else one for one in changes.values()])
for bar, one in zip(bars, changes.values(), strict=True):
    bar.set(color="#D55E00")
    if math.isnan(one):
        bar.set(facecolor="#f2f2f2", edgecolor="#555555", hatch="//")
    told = f"{one:.0e}" if 0 < one < 1e-4 else f"{one:.2g}".replace("nan", "NaN")
    ax.text(max(bar.get_width(), 1e-8), bar.get_y() + 0.4, f" {told}", va="center")
ax.set(xscale="log", xlim=(1e-8, 1e5), xlabel="largest change of an output")
ax.invert_yaxis()
show(
    figure,
    alt="How much padding changes the outputs. "
    + "; ".join(f"{name}: {one:.1g}" for name, one in changes.items())
    + ".",
)

# %% [markdown]
# The first two differ from 0 by rounding at most. Positions must count words, not places.
# And padding must be finite: its weight is 0, but 0 · NaN is NaN.
# (With causal attention, right padding is never seen by words. Without it, you need the mask there, too.)
#
# ## 7 · One vector for a sentence
#
# A classifier needs one vector for each sentence. Mean pooling takes the mean of its words, not of its padding.
# By hand: *drink* (1, 2, 2), *milk* (0, 0, 3), and two pads (9, 9, 9).
# The mean of the two words is (0.5, 1, 2.5). With the pads it would be (4.75, 5, 5.75).
# (Reimers and Gurevych, 2019, section 3.)

# %% exercise="masked_mean" points={"idea": 1, "edge cases": 1} minutes=10 difficulty=2 importance=4
from solutions.lesson_05_masking.kernels import masked_mean

# %% [markdown] hints="masked_mean"
# The sum of the words, divided by the number of words. Which axis does each sum run over?
#
# +++
#
# `mask.unsqueeze(-1)` is (..., T, 1) and fits the values. `count.clamp(min=1)` turns a count of 0 into 1.
#
# +++
#
# ```python
# return added / number.clamp(min=1)
# clean = values.masked_fill(~mask.unsqueeze(-1), 0.0)
# number = mask.sum(dim=-1, keepdim=True)
# added = clean.sum(dim=-2)
# ```

# %% check="masked_mean"
two_words, three_words = [[1.0, 2.0], [3.0, 6.0]], [[1.0, 0.0], [2.0, 0.0], [6.0, 3.0]]
pad = [9.0, 9.0]
values = torch.tensor([[*two_words, pad, pad], [pad] * 4, [*three_words, pad]])
mask = torch.tensor([[True, True, False, False], [False] * 4, [True, True, True, False]])
with check("masked_mean") as expect:
    mean = masked_mean(values, mask)
    expect("the mean of two words", mean[0], torch.tensor([2.0, 4.0]))
    expect("no word: zeros", mean[1], torch.zeros(2))
    expect("the mean of three words", mean[2], torch.tensor([3.0, 1.0]))
    broken = values.clone()
    broken[0, 2] = torch.nan
    expect("NaN at padding does no harm", masked_mean(broken, mask)[0], torch.tensor([2.0, 4.0]))

# %% [markdown]
# ## 8 · Polarity: the same masks in other dialects
#
# | where | form | True or 1 means |
# |---|---|---|
# | this course, `F.scaled_dot_product_attention` | boolean | may be attended to |
# | `nn.MultiheadAttention`, `nn.Transformer...`: `key_padding_mask`, `attn_mask` | boolean | **forbidden** |
# | all of these | float | it is added: 0 allowed, −∞ forbidden |
# | Hugging Face, `attention_mask` | 1 and 0 | a word |

# %% exercise="to_torch_masks" points={"idea": 1, "shapes": 1} minutes=8 difficulty=2 importance=4
from solutions.lesson_05_masking.kernels import to_torch_masks

# %% [markdown] hints="to_torch_masks"
# Join both masks first; `words` needs two axes of size 1 for that.
#
# +++
#
# For "added", start from zeros and fill. `~both * -torch.inf` gives NaN: 0 times −∞ is NaN.
#
# +++
#
# ```python
#     "attention_mask": words.long(),
# joined = words[:, None, None, :] & pairs
#     "attn_mask": ~pairs,
# return {
#     "added": torch.zeros(joined.shape).masked_fill(~joined, -torch.inf),
#     "sdpa": joined,
# }
#     "key_padding_mask": ~words,
# ```

# %% check="to_torch_masks"
words = torch.tensor([[True, True, False]])  # one sequence: two words, then padding
pairs = torch.tensor([[True, False, False], [True, True, False]])  # (2 queries, 3 keys)
with check("to_torch_masks") as expect:
    masks = to_torch_masks(words, pairs)
    both = torch.tensor([[[[True, False, False], [True, True, False]]]])
    expect("sdpa: both masks, True is allowed", masks["sdpa"], both)
    added = torch.tensor([[[[0.0, -torch.inf, -torch.inf], [0.0, 0.0, -torch.inf]]]])
    expect("added: 0 and -inf", masks["added"], added)
    wanted = torch.tensor([[False, False, True]])
    expect("key_padding_mask: True at padding", masks["key_padding_mask"], wanted)
    wanted = torch.tensor([[False, True, True], [False, False, True]])
    expect("attn_mask: True is forbidden", masks["attn_mask"], wanted)
    expect("attention_mask: 1 at a word", masks["attention_mask"], torch.tensor([[1, 1, 0]]))

# %% [markdown]
# With the wrong polarity nothing fails. The layer reads exactly the padding:

# %%
words, pairs = torch.tensor([[True, True, False, False]]), torch.ones(4, 4).bool()
masks = to_torch_masks(words, pairs)
torch.manual_seed(5)
layer = nn.MultiheadAttention(3, 1, batch_first=True)
row = torch.cat([tokens[[1, 3]], torch.zeros(2, 3)])[None]  # drink, milk, pad, pad
with torch.no_grad():
    _, obeyed = layer(row, row, row, key_padding_mask=masks["key_padding_mask"])
    _, inverted = layer(row, row, row, key_padding_mask=words)
names = ["drink", "milk", "pad", "pad"]
show_maps(
    {"key_padding_mask=~words": obeyed[0], "key_padding_mask=words": inverted[0]},
    rows=names,
    columns=names,
    masks=words.expand(4, 4),
    limits=(0, 1),
    alt="Weights of nn.MultiheadAttention; padding is hatched. With ~words, all weight lies on "
    "drink and milk. With words, all weight lies on the two pads.",
)

# %% [markdown]
# Libraries differ on empty rows as well. What do they give in a sequence of nothing but padding?

# %%
row, closed = torch.ones(1, 3, 4), torch.ones(1, 3).bool()  # True: forbidden
layer = nn.MultiheadAttention(4, 2, batch_first=True)
results = {
    "F.scaled_dot_product_attention": F.scaled_dot_product_attention(
        row, row, row, attn_mask=~closed
    ),
    "nn.MultiheadAttention": layer(row, row, row, key_padding_mask=closed)[0],
    "need_weights=False": layer(row, row, row, key_padding_mask=closed, need_weights=False)[0],
}
with torch.no_grad():
    output, _ = layer.eval()(row, row, row, key_padding_mask=closed, need_weights=False)
results["need_weights=False, eval()"] = output
for name, output in results.items():
    print(f"{name:35} {output[0, 0, 0].item()}")

# %% [markdown]
# One layer, two answers. With `need_weights=False` it takes another path through its code;
# in `eval()`, without gradients, it takes a third.
# So do not rely on a library there. Give it no empty row, or overwrite its output.
#
# ## What you built
#
# - Masks for padding and for order, joined, in every dialect.
# - A softmax and an attention that obey them, with finite gradients; a mean over words.
# - A test that tells right masks from wrong ones.
#
# | yours | PyTorch | Hugging Face Transformers |
# |---|---|---|
# | `padding_mask` | `key_padding_mask` (True: padding) | `attention_mask` (1: word), `padding_side="left"` |
# | `causal_mask` | `is_causal=True` (top left); `torch.nn.attention.bias.causal_lower_right` | made inside the model |
# | `masked_attention` | `F.scaled_dot_product_attention(..., attn_mask=...)` | `attn_implementation="sdpa"` |
#
# **Where it is used.** GPT models use the causal mask, BERT the padding mask. A translator's decoder uses both.
# FlashAttention's causal mask is aligned bottom right, and gives zeros for empty rows: your two conventions.
#
# **Further reading**
#
# - Vaswani et al., *Attention Is All You Need*, 2017, arXiv 1706.03762, section 3.2.3.
# - Reimers and Gurevych, *Sentence-BERT*, 2019, arXiv 1908.10084, section 3.
# - The documentation of `F.scaled_dot_product_attention` and `nn.MultiheadAttention`.
# - The FlashAttention repository, Dao-AILab/flash-attention, README, "2.1: Change behavior of causal flag".
