# ---
# jupyter:
#   jupytext:
#     notebook_metadata_filter: all
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   attend:
#     title: Scaled dot-product attention
#     goal: You build attention itself, on paper and in PyTorch, and see why its products are scaled.
#     needs: [01_dot_products, 02_softmax_and_weighted_sums]
#     core: true
#     training_minutes: 0
# ---

# %% [markdown]
# | term | 中文 | meaning |
# |---|---|---|
# | product | 乘积 | here: the dot product of a query and a key |
# | scale | 缩放 | the number that divides each product; what comes out is the score |
# | tensor | 张量 | PyTorch's array, which can also record how it was made |
# | autograd | 自动求导 | the part of PyTorch that follows this record back and gives gradients |
# | mask | 掩码 | a table of True and False: which query may attend to which key |
# | module | 模块 | a Python object that holds parameters and a `forward` step |
# | parameter | 参数 | a tensor that training changes |
# | dropout | 随机失活 | setting random weights to 0 while a model trains |
#
# You know: query 查询, key 键, value 值, weight 权重, temperature 温度, gradient 梯度.
#
# ## Three questions from lessons 01 and 02
#
# 1. *drink* is (1, 2, 2) and *milk* is (0, 0, 3). What is their dot product?
# 2. You add 100 to every score of one query. How do its softmax weights change?
# 3. The queries are (3, 4) and the keys (5, 4). What shape have the scores, and along which axis do their weights sum to 1?
#
# <details><summary>Answers</summary>
#
# 1. 1·0 + 2·0 + 2·3 = 6.
# 2. They stay. Only differences between scores count.
# 3. (3, 5), a row for each query. The weights sum to 1 along the last axis, the keys.
#
# </details>

# %% given="setup"
import math
import sys

import numpy as np
import torch
from matplotlib.figure import Figure
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
    draw_vectors,
    play,
    show,
    show_maps,
    show_prediction,
)

check = Checker("04_scaled_dot_product")

# %% [markdown]
# ## 1 · Attention on paper
#
# In lesson 02 you scored keys, took a softmax and added up values.
# There, the product of a query and a key was its score 分数.
# Attention adds one step: it divides each **product** by a scale, and that is the **score**.
# Let *milk* be the query. The four words are keys and values at once.
# Each key has 3 features, so the scale is √3 ≈ 1.73.
#
# | | cats | drink | warm | milk | sum |
# |---|---|---|---|---|---|
# | product with *milk* | 0 | 6 | 3 | 9 | |
# | score: product / √3 | 0 | 3.46 | 1.73 | 5.20 | |
# | exponential | 1 | 31.9 | 5.65 | 181 | 219 |
# | weight | 0.00 | 0.15 | 0.03 | 0.82 | 1 |
#
# The output is 0.15 · *drink* + 0.03 · *warm* + 0.82 · *milk*, and hardly any *cats*.
# That is about (0.16, 0.32, 2.79): *milk*, with a little *drink* in it.
#
# $$\text{Attention}(Q, K, V) = \text{softmax}\left(\frac{Q K^\top}{\sqrt{d_k}}\right) V$$
#
# | symbol | is | shape |
# |---|---|---|
# | $Q$ | the queries, one a row | $(T_q, d_k)$ |
# | $K$, and turned on its side $K^\top$ | the keys, one a row | $(T_k, d_k)$ |
# | $V$ | the values, one a row | $(T_k, d_v)$ |
#
# $T_q$ and $T_k$ count queries and keys. $d_k$ counts the features of a key, $d_v$ those of a value.
# In words: compare every query with every key, scale, softmax, then mix the values.
# (Vaswani et al., 2017, section 3.2.1, equation 1.)
#
# **Your turn, on paper.** Take these numbers:
#
# $$Q = \begin{pmatrix} 1 & 2 & 3 \\ 4 & 5 & 6 \end{pmatrix} \quad
# K = \begin{pmatrix} 7 & 9 & 11 \\ 8 & 10 & 12 \end{pmatrix} \quad
# V = \begin{pmatrix} 0 \\ 100 \end{pmatrix}$$
#
# $QK$ would be 2×3 times 2×3, which is not defined: the published slip of lesson 01.
# Each key is a row, so the product is $QK^\top$. Work out its four numbers.

# %%
# Your products: one row for each query, one column for each key.
my_products = [
    [None, None],
    [None, None],
]

# %%
show_prediction(
    my_products,
    np.array([[1, 2, 3], [4, 5, 6]]) @ np.array([[7, 9, 11], [8, 10, 12]]).T,
    rows=["query 0", "query 1"],
    columns=["key 0", "key 1"],
    alt="The products of two queries and two keys: yours beside the true ones.",
)

# %% [markdown]
# Now write all of attention as a function.

# %% exercise="attention_by_hand" points={"idea": 1, "edge cases": 1} minutes=20 difficulty=2 importance=4 day=true
from solutions.lesson_04_scaled_dot_product.kernels import attention_by_hand

# %% [markdown] hints="attention_by_hand"
# Do one query first. Which three lists does it leave on your paper?
#
# +++
#
# `math.exp(710)` overflows. What may you subtract from every score of a row (question 2 above)?
#
# +++
#
# ```python
#     weights.append([power / sum(powers) for power in powers])
# for row in products:
#     powers = [math.exp(score - max(scores)) for score in scores]
# return products, weights, output
# products = [[sum(a * b for a, b in zip(query, key)) for key in k] for query in q]
#     scores = [product / math.sqrt(len(k[0])) for product in row]
# output = [[sum(w * x for w, x in zip(row, column)) for column in zip(*v)] for row in weights]
# weights = []
# ```

# %% check="attention_by_hand"
q = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
k = [[7.0, 9.0, 11.0], [8.0, 10.0, 12.0]]
v = [[0.0], [100.0]]
with check("attention_by_hand") as expect:
    products, weights, output = attention_by_hand(q, k, v)
    expect("the products, before the scale", products, [[58.0, 64.0], [139.0, 154.0]])
    expect("query 0 gives key 1 a weight of 0.97", weights[0], [0.0304, 0.9696], 1e-3)
    expect("query 1 gives it almost all", weights[1], [0.0002, 0.9998], 1e-3)
    expect("so the outputs are nearly 100", output, [[96.96], [99.98]], 0.01)
    q = [[2e4, 2.0, 0.0, 0.0], [-2e4, 2.0, 0.0, 0.0]]  # d_k = 4: the scale is 2
    k = [[1.0, 0.0, 0.0, 0.0], [1.0, math.log(3), 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]
    _, weights, _ = attention_by_hand(q[:1], k, [[1.0], [2.0], [3.0]])
    expect("scores of 10,000 give finite weights", weights[0], [0.25, 0.75, 0.0])
    _, weights, _ = attention_by_hand(q, k, [[1.0], [2.0], [3.0]])
    expect("scores of -10,000 below them do, too", weights[1], [0.0, 0.0, 1.0])

# %% [markdown]
# Now the whole sentence. Find your row for *milk*:

# %%
sentence = WORD_VECTORS.tolist()
products, weights, output = attention_by_hand(sentence, sentence, sentence)
figure = Figure(figsize=(14.5, 4.8), layout="constrained")
axes = figure.subplots(1, 3)
draw_map(axes[0], products, WORDS, WORDS, title="products q · k: no scale yet")
draw_map(axes[1], weights, WORDS, WORDS, title="weights: each row sums to 1", limits=(0, 1))
draw_map(axes[2], output, WORDS, FEATURES, title="output: mixed values")
show(
    figure,
    alt="Three maps with one row a word. Products: milk has 0, 6, 3, 9. Weights: milk has 0.00, "
    "0.15, 0.03, 0.82, and warm gives 0.49 to drink. Output: milk becomes (0.16, 0.32, 2.79).",
)

# %% [markdown]
# ## 2 · From arrays to tensors
#
# From here on you use PyTorch. A tensor works as a NumPy array does; a few names differ.
#
# | NumPy | PyTorch |
# |---|---|
# | `np.array(x)`, `x.astype(...)` | `torch.tensor(x)`, `x.to(...)` |
# | `x.sum(axis=-1, keepdims=True)` | `x.sum(dim=-1, keepdim=True)` |
# | `np.swapaxes(x, -2, -1)` | `x.transpose(-2, -1)` |
# | `softmax(x)` of lesson 02 | `torch.softmax(x, dim=-1)` |
# | `np.where(m, a, x)` | `x.masked_fill(m, a)`, which returns a new tensor |
# | `~m`, the opposite of booleans | `~m` |
#
# A comparison gives booleans, and `x * (x > 0.5)` counts True as 1.

# %%
words = torch.tensor(WORD_VECTORS)  # copies; torch.from_numpy(WORD_VECTORS) would share the memory
print(words.shape, words.dtype)  # torch.Size([4, 3]) torch.float64
print((words @ words.transpose(-2, -1)).numpy())  # and back to NumPy
tokens = words.to(torch.float32)  # PyTorch's usual dtype, for later

# %% [markdown]
# The new part is autograd. It records every step with a tensor made with `requires_grad=True`.
# `torch.autograd.grad` then gives the gradient in one pass.
# In lesson 02 you used small steps. Both must agree:


# %%
def weight_of_milk(query):
    return torch.softmax(words @ query / math.sqrt(3), dim=-1)[3]


query = torch.tensor([1.0, 2.0, 2.0], dtype=torch.float64, requires_grad=True)  # drink
by_autograd = torch.autograd.grad(weight_of_milk(query), query)[0]  # a tuple: one for each input

step = 1e-5
by_steps = torch.zeros(3, dtype=torch.float64)
with torch.no_grad():  # nothing is recorded in here
    for i in range(3):
        h = torch.zeros(3, dtype=torch.float64)
        h[i] = step
        by_steps[i] = (weight_of_milk(query + h) - weight_of_milk(query - h)) / (2 * step)
show_maps(
    {"autograd": by_autograd, "small steps": by_steps},
    rows=["slope"],
    columns=FEATURES,
    alt="The slopes of the weight of milk in the query's three features, by autograd and by small "
    "steps. Both are -0.07, -0.12 and 0.08.",
)


def compare(one, other):
    """Differences below 1e-5 are rounding."""
    return "agree" if (one - other).abs().max() < 1e-5 else "differ"


print("autograd and small steps", compare(by_autograd, by_steps))

# %% [markdown]
# `.item()` and `.detach()` end the record.
# `.numpy()` refuses a recorded tensor, so write `.detach().numpy()`.
#
# ## 3 · How large do products grow?
#
# Take random vectors. Each entry has mean 0 and standard deviation 1.
# **Predict**: how large is the standard deviation of $q \cdot k$ for each number of features $d_k$?

# %%
sizes = [1, 4, 16, 64, 256]  # d_k
my_spreads = [None, None, None, None, None]  # one number for each d_k

# %%
generator = torch.Generator().manual_seed(4)  # a source of random numbers; 4 sets where it starts
random_queries, random_keys = {}, {}
for d_k in sizes:
    random_queries[d_k] = torch.randn(2000, 1, d_k, generator=generator)
    random_keys[d_k] = torch.randn(2000, 8, d_k, generator=generator)
show_prediction(
    my_spreads,
    [(random_queries[n] @ random_keys[n].transpose(-2, -1)).std().item() for n in sizes],
    columns=[f"d_k {d_k}" for d_k in sizes],
    alt="The standard deviation of a product for five sizes of d_k: yours beside the true one.",
    tolerance=0.5,
)

# %% [markdown]
# <details><summary>Why? Guess first.</summary>
#
# Each of the $d_k$ terms $q_i k_i$ has variance 1, and independent variances add.
# So $q \cdot k$ has variance $d_k$ and standard deviation $\sqrt{d_k}$: 1, 2, 4, 8, 16.
# (Vaswani et al., 2017, footnote 4.) Divide by $\sqrt{d_k}$, and it is 1 for any $d_k$.
#
# </details>

# %% [markdown]
# What happens without the scale? Eight random keys compete for each query, and each has a random value.
# How strongly does the output still answer to the query?


# %%
random_values = torch.randn(2000, 8, 1, generator=generator)


def measured(d_k, scale):
    """The mean largest weight, and the median length of the gradient of the output in a query."""
    query = random_queries[d_k].clone().requires_grad_()  # a copy, recorded from here on
    scores = query @ random_keys[d_k].transpose(-2, -1) / scale
    weights = torch.softmax(scores, dim=-1)  # (2000, 1, 8 keys)
    output = weights @ random_values
    gradient = torch.autograd.grad(output.sum(), query)[0]
    return weights.amax(dim=-1).mean().item(), gradient.norm(dim=-1).median().item()


lines = {
    "no scale": ([measured(d_k, 1) for d_k in sizes], "#D55E00", "o--"),
    "divided by √d_k": ([measured(d_k, math.sqrt(d_k)) for d_k in sizes], "#0072B2", "s-"),
    "divided by d_k": ([measured(d_k, d_k) for d_k in sizes], "#555555", "^:"),
}
figure = Figure(figsize=(13, 4.8), layout="constrained")
axes = figure.subplots(1, 2)
for name, (points, colour, line) in lines.items():
    for column, ax in enumerate(axes):
        heights = [point[column] for point in points]
        ax.plot(sizes, heights, line, color=colour, label=name, linewidth=3, markersize=9)
for ax, title in zip(axes, ("largest of 8 weights", "gradient in a query (median)"), strict=True):
    ax.set_xscale("log", base=2)
    ax.set_xticks(sizes, [str(d_k) for d_k in sizes])
    ax.set_xlabel("features d_k")
    ax.set_title(title)
axes[0].axhline(1 / 8, color="#999999", linewidth=1)
axes[0].text(1, 0.06, "all equal: 1/8")
axes[0].set_ylim(0, 1.02)
axes[1].set_ylim(0, None)
axes[0].legend()
show(
    figure,
    alt="Two plots over the number of features d_k. Without a scale the largest of 8 weights grows "
    "from 0.31 to 0.94; the median gradient rises from 0.18 to 0.56, then falls to 0.02. Divided "
    "by the root both stay level, near 0.36 and 0.3. Divided by d_k the largest weight falls to "
    "0.14, near 1/8, and the gradient to 0.02.",
)

# %% [markdown]
# Without the scale, one key wins nearly everything where features are many.
# On the right is the median gradient: half of the queries get less.
# Without the scale it rises at first. At $d_k = 256$ most queries get almost none.
# Divided by $d_k$, all keys look alike, and all queries get little. The root keeps both level.
#
# Some headers say "Not allowed here". The check does not look for such calls; the grading does.

# %% exercise="attention_weights" points={"idea": 3, "shapes": 1, "edge cases": 1, "gradient": 1} minutes=15 difficulty=2 importance=5 forbid=["scaled_dot_product_attention", "MultiheadAttention"]
from solutions.lesson_04_scaled_dot_product.kernels import attention_weights

# %% [markdown] hints="attention_weights"
# Which two axes of `k` must change places, so that features meet features in `@`?
#
# +++
#
# Count axes from the end: -1 holds the features, -2 the queries or keys.
#
# +++
#
# ```python
# return torch.softmax(scores, dim=-1)
# d_k = q.shape[-1]
# scores = q @ k.transpose(-2, -1) / math.sqrt(d_k)
# ```

# %% check="attention_weights"
queries = torch.tensor([[2.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])  # (2 queries, d_k = 4)
keys = torch.tensor([[math.log(5), 9.0, 9.0, 9.0], [math.log(2), 8.0, 8.0, 8.0]])
keys = torch.cat([keys, torch.zeros(3, 4)])  # (5 keys, d_k = 4)
with check("attention_weights") as expect:
    weights = attention_weights(queries, keys)
    wanted = torch.tensor([0.5, 0.2, 0.1, 0.1, 0.1])
    expect("two queries and five keys give (2, 5)", weights.shape, (2, 5))
    expect("exponentials 5, 2, 1, 1, 1 become weights", weights[0], wanted)
    expect("a query of zeros treats all keys alike", weights[1], torch.ones(5) / 5)
    batch = attention_weights(torch.ones(2, 5, 3, 4), torch.ones(2, 5, 6, 4))
    expect("leading dimensions stay in front", batch.shape, (2, 5, 3, 6))
    pair = torch.stack([queries, 2 * queries]).double()  # a batch of 2, in float64
    pair = attention_weights(pair, keys.double())
    expect("in a batch, the first as before", pair[0, 0], wanted.double())
    wanted = torch.tensor([25.0, 4.0, 1.0, 1.0, 1.0]).double() / 32
    expect("and twice the query squares the exponentials", pair[1, 0], wanted)
    far = attention_weights(1e4 * queries, keys)
    wanted = torch.tensor([[1.0, 0.0, 0.0, 0.0, 0.0], [0.2, 0.2, 0.2, 0.2, 0.2]])
    expect("far scores give no NaN, nor do zeros beside them", far, wanted)
    recorded = attention_weights(queries.clone().requires_grad_(), keys)
    expect("a gradient reaches q", recorded.requires_grad, True)

# %% [markdown]
# ## 4 · The whole of attention
#
# Models attend many times at once: for each sentence of a batch ($B$) and for each head
# ($H$: several attentions side by side, from lesson 08 on).
# Tensors then have leading dimensions, and `@` works on the last two axes only:
#
# ```
# q (B, H, T_q, d_k)  @  kᵀ (B, H, d_k, T_k)  →  scores (B, H, T_q, T_k)
# weights (B, H, T_q, T_k)  @  v (B, H, T_k, d_v)  →  output (B, H, T_q, d_v)
# ```
#
# A published trap: `transpose(1, 2)` swaps heads with tokens (the pieces of a text, here words; $T$ counts them). Where $H = T = d_k$, it runs and is wrong:

# %%
cube = torch.randn(2, 3, 3, 3, generator=generator)  # B = 2, H = T = d_k = 3
gap = cube @ cube.transpose(1, 2) - cube @ cube.transpose(-2, -1)
print(f"equal sizes: runs, and is wrong by up to {gap.abs().max():.1f}")
uneven = torch.randn(2, 3, 4, 5, generator=generator)  # B = 2, H = 3, T = 4, d_k = 5
try:
    uneven @ uneven.transpose(1, 2)
except RuntimeError as error:
    print("unequal sizes: an error:", error)

# %% [markdown]
# So always test with sizes that differ.
#
# **A mask** forbids keys. Here, True means "may be attended to".
# A forbidden score becomes −∞ *before* the softmax. Its exponential is 0, and the others share the whole.
# By hand: the exponentials of *milk* without *milk* are 1, 31.9 and 5.65, with sum 38.6.
# *drink* now gets 31.9 / 38.6 = 0.83.

# %% exercise="scaled_dot_product_attention" points={"idea": 3, "shapes": 1, "edge cases": 1, "gradient": 1} minutes=25 difficulty=3 importance=5 day=true forbid=["scaled_dot_product_attention", "MultiheadAttention"]
from solutions.lesson_04_scaled_dot_product.kernels import scaled_dot_product_attention

# %% [markdown] hints="scaled_dot_product_attention"
# It is the formula of section 1, line by line. Return two things.
#
# +++
#
# `scores.masked_fill(where, value)` fills where `where` is True. `~mask` is the mask's opposite.
#
# +++
#
# ```python
# weights = torch.softmax(scores, dim=-1)
#     scores = scores.masked_fill(~mask, -torch.inf)
# return weights @ v, weights
# scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
# if mask is not None:
# ```

# %% check="scaled_dot_product_attention"
queries = torch.tensor([[2.0, 0.0, 0.0, 0.0]])  # (1 query, d_k = 4)
keys = torch.tensor([[math.log(5), 9.0, 9.0, 9.0], [math.log(2), 8.0, 8.0, 8.0]])
keys = torch.cat([keys, torch.zeros(3, 4)])  # (5 keys, d_k = 4)
values = torch.tensor([[10.0, 0.0], [0.0, 10.0], [0.0, 10.0], [0.0, 0.0], [0.0, 0.0]])
queries_before = queries.clone()
with check("scaled_dot_product_attention") as expect:
    output, weights = scaled_dot_product_attention(queries, keys, values)
    wanted = torch.tensor([[0.5, 0.2, 0.1, 0.1, 0.1]])
    expect("exponentials 5, 2, 1, 1, 1 become weights", weights, wanted)
    expect("they mix the values", output, torch.tensor([[5.0, 3.0]]))
    mask = torch.tensor([[True, False, True, True, True]])
    output, weights = scaled_dot_product_attention(queries, keys, values, mask)
    wanted = torch.tensor([[0.625, 0.0, 0.125, 0.125, 0.125]])
    expect("without key 1 the others share the whole", weights, wanted)
    expect("and the output follows", output, torch.tensor([[6.25, 1.25]]))
    q, k, v = torch.ones(2, 5, 3, 4), torch.ones(2, 5, 6, 4), torch.ones(2, 5, 6, 7)
    output, weights = scaled_dot_product_attention(q, k, v)
    expect("the output of a batch of heads", output.shape, (2, 5, 3, 7))
    expect("the weights of a batch of heads", weights.shape, (2, 5, 3, 6))
    low = torch.tensor([[-2e4], [-2e4], [5.0]]).double()  # (3 keys, d_k = 1)
    mask = torch.tensor([True, True, False])  # (3 keys,), for every query of the batch
    q, v = torch.ones(2, 4, 1).double(), torch.tensor([[1.0], [3.0], [9.0]]).double()
    inputs = (q, low, v, mask)
    before = [each.clone() for each in inputs]
    output, weights = scaled_dot_product_attention(*inputs)
    wanted = torch.tensor([0.5, 0.5, 0.0]).double().expand(2, 4, 3)
    expect("a mask of one axis; the allowed scores are -20,000", weights, wanted)
    expect("the outputs follow", output, 2 * q)
    expect("your inputs stay as they were", [queries, *inputs], [queries_before, *before])
    pair = torch.stack([queries, 2 * queries]).double().requires_grad_()  # a batch, in float64
    output, weights = scaled_dot_product_attention(pair, keys.double(), values.double())
    wanted = torch.tensor([[25.0, 4.0, 1.0, 1.0, 1.0]]).double() / 32
    expect("twice the query squares the exponentials", weights[1], wanted)
    expect("a gradient reaches q", [output.requires_grad, weights.requires_grad], [True, True])

# %% [markdown]
# PyTorch has the same function, but it returns the output only. Do you agree with it?

# %%
q, k, v = (torch.randn(2, 3, *size, generator=generator) for size in ((4, 6), (5, 6), (5, 7)))
mask = torch.rand(4, 5, generator=generator) > 0.3
mask[:, 0] = True  # each query has one key at least
yours, weights = scaled_dot_product_attention(q, k, v, mask)
theirs = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
print("yours and PyTorch's", compare(yours, theirs))

no_milk = torch.tensor([True, True, True, False])
_, free = scaled_dot_product_attention(tokens, tokens, tokens)
_, hidden = scaled_dot_product_attention(tokens, tokens, tokens, no_milk)
show_maps(
    {"no mask": free, "milk is forbidden": hidden},
    rows=WORDS,
    columns=WORDS,
    masks={"milk is forbidden": no_milk.expand(4, 4)},
    limits=(0, 1),
    alt="Attention weights of the four words, without and with a mask that forbids milk. With it, "
    "the column milk is 0 and hatched, and the row milk gives 0.83 to drink.",
)

# %% [markdown]
# **Guess, then turn the query and move the scale.** At which angles are *drink* and *milk* equal?
# *warm* and *milk* point the same way. Which gets more at 105 degrees, and which at 225?
#
# <details><summary>Answers. Guess first.</summary>
#
# At 45 and 225 degrees, whatever the scale: there both products are equal.
# *milk* is three times as long as *warm*, so its product is three times as large.
# At 105 degrees products with both are positive, and *milk* gets more.
# At 225 they are negative. Then the shorter *warm* is ahead.
#
# </details>


# %%
def draw_attention(angle, scale):
    """Keys in the plane of two features, a query of length 2, and its weights."""
    keys = tokens[:, [0, 2]]  # (4 keys, 2 features): alive and wet
    turn = math.radians(angle)
    query = 2 * torch.tensor([[math.cos(turn), math.sin(turn)]])
    undone = math.sqrt(2) / scale  # your function divides by √2 itself
    _, weights = scaled_dot_product_attention(query * undone, keys, keys)
    figure = Figure(figsize=(8.4, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    draw_vectors(left, keys, WORDS)
    draw_vectors(left, query, ["query"], ["black"])
    left.set(xlabel="alive", ylabel="wet")
    bars = right.bar(WORDS, weights[0], color=[WORD_COLOURS[word] for word in WORDS])
    right.bar_label(bars, [f"{weight:.2f}" for weight in weights[0]])
    right.set(ylim=(0, 1.12), title=f"weights, scale {scale:.1f}")
    told = ", ".join(f"{word} {w:.2f}" for word, w in zip(WORDS, weights[0], strict=True))
    return figure, f"A query at {angle} degrees, scores divided by {scale:.1f}. Weights: {told}."


play(
    draw_attention,
    stills=[
        {"angle": 105, "scale": 1.4},
        {"angle": 45, "scale": 1.4},
        {"angle": 105, "scale": 6.0},
    ],
    angle=(0, 360, 5, 105),
    scale=(0.4, 8.0, 0.2, 1.4),
)

# %% [markdown]
# ## 5 · A module that learns its temperature
#
# A module bundles parameters with the step that uses them. The smallest one:


# %%
class Slope(nn.Module):
    def __init__(self):
        super().__init__()  # first, always
        self.slope = nn.Parameter(torch.tensor(1.0))  # registered, because it is an nn.Parameter

    def forward(self, x):
        return self.slope * x


line = Slope()
optimizer = torch.optim.SGD(line.parameters(), lr=0.1)  # finds what is registered
loss = (line(torch.tensor(2.0)) - 6.0) ** 2  # line(x) calls forward(x)
optimizer.zero_grad()  # forget old gradients
loss.backward()  # autograd fills line.slope.grad: 2 · (2 - 6) · 2 = -16
optimizer.step()  # slope - 0.1 · gradient
print(f"slope after one step: {line.slope.item():.1f}")  # 1 + 1.6

# %% [markdown]
# Now attention as a module. It divides the scores by a temperature τ (tau) as well:
# $\text{softmax}(Q K^\top / (\tau \sqrt{d_k}))\, V$. Training finds τ.
#
# `named_parameters()` lists a module's parameters with their names.
# `state_dict()` holds their values by name, to save them.

# %% exercise="TemperatureAttention" points={"idea": 1, "gradient": 1} minutes=15 difficulty=2 importance=3
from solutions.lesson_04_scaled_dot_product.kernels import TemperatureAttention

# %% [markdown] hints="TemperatureAttention"
# Your function does all but τ. What can you divide before you call it?
#
# +++
#
# `__init__` makes one `nn.Parameter`, after `super().__init__()`. `forward` uses that very object.
#
# +++
#
# ```python
# return scaled_dot_product_attention(q / self.temperature, k, v)
# self.temperature = nn.Parameter(torch.tensor(float(temperature)))
# super().__init__()
# ```

# %% check="TemperatureAttention"
queries = torch.tensor([[math.sqrt(5), 0.0, 0.0, 0.0, 0.0]])  # (1 query, d_k = 5)
keys = torch.tensor([[math.log(2), 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0]])
values = torch.tensor([[17.0, 0.0, 4.0], [0.0, 17.0, 4.0]])
with check("TemperatureAttention") as expect:
    attention = TemperatureAttention(0.25)
    stored = dict(attention.state_dict())
    expect("one parameter, which starts at 0.25", stored, {"temperature": torch.tensor(0.25)})
    output, weights = attention(queries, keys, values)
    expect("at τ = 0.25, 2 to 1 becomes 16 to 1", weights, torch.tensor([[16.0, 1.0]]) / 17)
    expect("the output follows", output, torch.tensor([[16.0, 1.0, 4.0]]))
    parameter = attention.get_parameter("temperature")
    expect("the output is recorded", output.requires_grad, True)
    weights[0, 0].backward()
    slope = torch.tensor(-16 * math.log(2) * 16 / 17**2)  # -log(2) / τ² times w (1 - w)
    expect("a gradient reaches the temperature", parameter.grad, slope)
    with torch.no_grad():
        parameter.fill_(0.5)  # a new value in the same parameter
    _, weights = attention(queries, keys, values)
    expect("changed to 0.5, it makes 4 to 1", weights, torch.tensor([[0.8, 0.2]]))
    stored = dict(TemperatureAttention(2).state_dict())
    expect("an int will do", stored, {"temperature": torch.tensor(2.0)})

# %% [markdown]
# A teacher attends at τ = 0.4. Your module starts at 2 and sees only the teacher's outputs.
# The loss is `F.mse_loss`: the mean of the squared differences.

# %%
q, k, v = (torch.randn(16, *size, generator=generator) for size in ((4, 6), (5, 6), (5, 3)))
target = scaled_dot_product_attention(q / 0.4, k, v)[0]
student = TemperatureAttention(2.0)
optimizer = torch.optim.SGD(student.parameters(), lr=1.0)
temperatures, losses = [], []
for _ in range(30):
    loss = F.mse_loss(student(q, k, v)[0], target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    temperatures.append(student.temperature.item())
    losses.append(loss.item())

figure = Figure(figsize=(12, 4), layout="constrained")
left, right = figure.subplots(1, 2)
left.plot(losses, color="#D55E00", linewidth=3)
left.set(title="loss", xlabel="step", ylim=(0, None))
right.plot(temperatures, color="#0072B2", linewidth=3)
right.axhline(0.4, color="#555555", linestyle=":")
right.text(29, 0.44, "the teacher's 0.4", ha="right", va="bottom")
right.set(title="temperature", xlabel="step", ylim=(0, 2.1))
show(
    figure,
    alt=f"Left, the loss falls from {losses[0]:.2f} to {losses[-1]:.4f} in 30 steps. Right, the "
    f"temperature falls from 2 to {temperatures[-1]:.2f}, where the teacher's 0.4 is marked.",
)

# %% [markdown]
# ## 6 · Dropout, and the flag called training
#
# While a model trains, dropout sets random weights to 0. Then it cannot rely on one key alone.
# The others are divided by $1 - p$, where $p$ is the probability of a drop. The expected weight stays.
# (Srivastava et al., 2014.)
#
# By hand: weights (0.4, 0.6), draws (0.9, 0.1), $p$ = 0.5. The draw 0.1 is below $p$, so 0.6 is dropped.
# 0.4 stays and becomes 0.4 / 0.5 = 0.8.
#
# In this course, random numbers are arguments. Then every result can be repeated.

# %% exercise="attention_dropout" points={"idea": 1, "edge cases": 1} minutes=10 difficulty=2 importance=3
from solutions.lesson_04_scaled_dot_product.kernels import attention_dropout

# %% [markdown] hints="attention_dropout"
# Four cases: a bad `p`, evaluation, `p = 1`, the rest. In which order?
#
# +++
#
# `draws >= p` is True where a weight stays. In a product, True counts as 1.
#
# +++
#
# ```python
# if p == 1:
#     return weights
# return weights * (draws >= p) / (1 - p)
# if not 0 <= p <= 1:
#     return torch.zeros_like(weights)
# if not training:
#     raise ValueError(f"p is a probability, got {p}")
# ```

# %% check="attention_dropout"
weights = torch.tensor([[0.4, 0.6, 0.0], [0.1, 0.2, 0.7]])  # (2 queries, 3 keys)
draws = torch.tensor([[0.9, 0.1, 0.8], [0.3, 0.75, 0.2]])
before = weights.clone()  # a copy, to compare with
with check("attention_dropout") as expect:
    wanted = torch.tensor([[1.6, 0.0, 0.0], [0.0, 0.8, 0.0]])
    dropped = attention_dropout(weights, draws, 0.75, True)
    expect("at p = 0.75 what stays is multiplied by 4", dropped, wanted)
    expect("your input stays as it was", weights, before)
    expect("evaluation changes nothing", attention_dropout(weights, draws, 0.75, False), before)
    expect("not even at p = 1", attention_dropout(weights, draws, 1.0, False), before)
    nothing = attention_dropout(weights, draws, 1.0, True)
    expect("p = 1 gives zeros, no NaN", nothing, torch.zeros(2, 3))
    try:
        refused = attention_dropout(weights, draws, 1.5, True)
    except ValueError:
        refused = "ValueError"
    expect("p = 1.5 is refused", refused, "ValueError")

# %% [markdown]
# A module knows whether it trains: `model.train()` and `model.eval()` set `model.training`, in all its parts.
# `nn.MultiheadAttention(3, 1, batch_first=True)` is PyTorch's layer: 3 features, 1 head, batch first.
#
# Six equal keys get 1/6 each. Which of these five lines still drop weights? Guess first:

# %%
my_guess = {
    "nn.MultiheadAttention, eval()": None,  # True or False
    "nn.MultiheadAttention, train()": None,
    "nn.Dropout, eval()": None,
    "nn.Dropout built inside forward": None,
    "F.scaled_dot_product_attention, dropout_p=0.5": None,
}

# %%
layer = nn.MultiheadAttention(3, 1, dropout=0.5, batch_first=True)
equal = torch.ones(2, 6, 3)  # (2 sentences, 6 equal keys, 3 features)
sixths = torch.full((6,), 1 / 6)
torch.manual_seed(4)  # these five draw their own random numbers, from here on
settings = [
    layer.eval()(equal, equal, equal)[1][0, 0],  # [1]: the weights; [0, 0]: the first query's
    layer.train()(equal, equal, equal)[1][0, 0],
    nn.Dropout(0.5).eval()(sixths),
    nn.Dropout(0.5)(sixths),
    # values that are an identity matrix give the weights themselves back
    F.scaled_dot_product_attention(equal[0, :1], equal[0], torch.eye(6), dropout_p=0.5)[0],
]
figure = Figure(figsize=(13, 4.6), layout="constrained")
draw_map(
    figure.subplots(),
    torch.stack(settings).detach(),  # (5 settings, 6 keys)
    list(my_guess),
    [f"key {i}" for i in range(6)],
    title="one row a setting: its six weights",
)
show(
    figure,
    alt="Weights of six equal keys in five settings. In eval() every weight is 0.17. In train(), "
    "with a Dropout built inside forward, and with dropout_p, weights are either 0 or 0.33.",
)

# %% [markdown]
# Three lines do, and each is a trap:
#
# 1. `nn.MultiheadAttention` returns its weights *after* dropout, so rows need not sum to 1.
#    That is our convention, too: the weights returned are those used. Draw maps in `eval()`.
# 2. `dropout_p` ignores `eval()`. Pass `p if self.training else 0.0`.
# 3. A module built inside `forward` is new in each call, and new modules train. Build it in `__init__`.
#
# ## 7 · Backwards by hand (a stretch)
#
# Let $G$ be the gradient of the loss in the output, $W$ the weights, $S$ the scores.
# $dX$ is the gradient in $X$, and $\odot$ multiplies entry by entry.
#
# $$dV = W^\top G \qquad dW = G V^\top \qquad dS = W \odot (dW - \text{rowsum}(W \odot dW))$$
# $$dQ = dS\, K / \sqrt{d_k} \qquad dK = dS^\top Q / \sqrt{d_k}$$
#
# In words: a product sends its gradient back through the other factor, transposed.
# The softmax step is `softmax_backward` from lesson 02. (Dao et al., 2022, appendix B.)

# %% exercise="attention_backward" points={"idea": 1, "shapes": 1} minutes=25 difficulty=4 importance=2 forbid=["autograd", "backward", "vjp"]
from solutions.lesson_04_scaled_dot_product.kernels import attention_backward

# %% [markdown] hints="attention_backward"
# Compute the weights again. Then each equation is one line.
#
# +++
#
# `rowsum` sums over the keys and keeps the axis: `.sum(dim=-1, keepdim=True)`.
#
# +++
#
# ```python
# grad_weights = grad_output @ v.transpose(-2, -1)
# return grad_scores @ k / root, grad_scores.transpose(-2, -1) @ q / root, grad_v
# root = math.sqrt(q.shape[-1])
# grad_scores = weights * (grad_weights - (weights * grad_weights).sum(dim=-1, keepdim=True))
# weights = torch.softmax(q @ k.transpose(-2, -1) / root, dim=-1)
# grad_v = weights.transpose(-2, -1) @ grad_output
# ```

# %% check="attention_backward"
q = torch.tensor([[0.0, 0.0, 4.0, 0.0], [0.0, 0.0, 0.0, 2.0]])  # products 0: every weight is 1/2
k = torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0]])
v = torch.tensor([[6.0, 0.0, 1.0], [2.0, 5.0, 1.0]])
grad_output = torch.tensor([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0]])
with check("attention_backward") as expect:
    # by hand: dW is (6, 2) and (0, 10); its row means are 4 and 5; dS is (1, -1) and (-2.5, 2.5)
    grad_q, grad_k, grad_v = attention_backward(q, k, v, grad_output)
    wanted = torch.tensor([[0.5, 1.0, 0.0], [0.5, 1.0, 0.0]])
    expect("each value gets half of what each output got", grad_v, wanted)
    wanted = torch.tensor([[0.5, -1.0, 0.0, 0.0], [-1.25, 2.5, 0.0, 0.0]])
    expect("query 0 turns to key 0, query 1 to key 1", grad_q, wanted)
    wanted = torch.tensor([[0.0, 0.0, 2.0, -2.5], [0.0, 0.0, -2.0, 2.5]])
    expect("key 0 turns to query 0, key 1 to query 1", grad_k, wanted)

    draw = torch.Generator().manual_seed(7)
    q, k = torch.randn(6, 2, 4, generator=draw), torch.randn(6, 3, 4, generator=draw)
    v, grad_output = torch.randn(6, 3, 5, generator=draw), torch.randn(6, 2, 5, generator=draw)
    recorded = [each.clone().requires_grad_() for each in (q, k, v)]
    output = F.scaled_dot_product_attention(*recorded)
    wanted = torch.autograd.grad(output, recorded, grad_output)
    grad_q, grad_k, grad_v = attention_backward(q, k, v, grad_output)
    expect("a batch of 6, 2 queries, 3 keys: q as autograd has it", grad_q, wanted[0])
    expect("and k", grad_k, wanted[1])
    expect("and v", grad_v, wanted[2])

# %% [markdown]
# Does it agree with autograd through your own forward function, for a batch of heads?

# %%
leaves = [torch.randn(2, 3, *size, requires_grad=True) for size in ((4, 6), (5, 6), (5, 7))]
grad_output = torch.randn(2, 3, 4, 7)
by_autograd = torch.autograd.grad(scaled_dot_product_attention(*leaves)[0], leaves, grad_output)
by_hand = attention_backward(*(leaf.detach() for leaf in leaves), grad_output)
for name, one, other in zip("qkv", by_hand, by_autograd, strict=True):
    print(f"d{name}: your gradient and autograd's {compare(one, other)}")

# %% [markdown]
# ## What you built
#
# - Attention by hand, and in PyTorch: the centre of every transformer.
# - A module that learns, dropout, and attention's gradients.
#
# | yours | PyTorch | Hugging Face Transformers |
# |---|---|---|
# | `scaled_dot_product_attention(q, k, v, mask)` | `F.scaled_dot_product_attention(q, k, v, attn_mask)`, no weights | `attn_implementation="sdpa"`; for the weights `"eager"` and `output_attentions=True` |
# | `attention_dropout` | `dropout_p=`, `nn.Dropout` | `attention_dropout` |
#
# **Where it is used.** Language models compute this formula in every layer.
# So do Vision Transformer (images), Whisper (speech) and AlphaFold 2 (proteins).
#
# **Further reading**
#
# - Vaswani et al., *Attention Is All You Need*, 2017, arXiv 1706.03762, section 3.2.
# - Srivastava et al., *Dropout: A Simple Way to Prevent Neural Networks from Overfitting*, 2014, JMLR 15.
# - Dao et al., *FlashAttention*, 2022, arXiv 2205.14135.
