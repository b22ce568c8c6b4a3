# ---
# jupyter:
#   jupytext:
#     notebook_metadata_filter: all
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   attend:
#     title: Self-attention and positions
#     goal: You let a sentence attend to itself, see that it forgets the order of its words, and give the order back in four ways.
#     needs: [04_scaled_dot_product, 05_masking]
#     core: true
#     training_minutes: 0
# ---

# %% [markdown]
# | term | 中文 | meaning |
# |---|---|---|
# | self-attention | 自注意力 | attention whose queries, keys and values come from one sequence |
# | permutation | 排列 | the same tokens in another order |
# | equivariant | 等变 | shuffled inputs give equally shuffled outputs |
# | path length | 路径长度 | how many steps information needs from one token to another |
# | position code | 位置编码 | a vector that says where a token stands |
# | frequency | 频率 | the angle by which a pair of features turns from one position to the next |
# | offset | 偏移 | the position of one token minus the position of another |
# | bias | 偏置 | here: numbers that are added to scores |
#
# You know: query 查询, key 键, value 值, score 分数, weight 权重, mask 掩码, cache 缓存.
#
# ## Three questions from lessons 01, 04 and 05
#
# 1. Two vectors of length 1 have an angle of 60 degrees. What is their dot product? And if you turn both by 20 degrees?
# 2. A query's scores are the same for all five keys. What is its output?
# 3. Four tokens, a causal mask. Which keys may token 1 see? (Tokens count from 0.)
#
# <details><summary>Answers</summary>
#
# 1. cos 60° = 0.5, both times. Only the angle between them counts.
# 2. The mean of the five values.
# 3. Keys 0 and 1.
#
# </details>

# %% given="setup"
import math
import sys
from collections.abc import Callable

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn
from torch.nn import functional as F

sys.path.append("attend.zip")  # in Colab: upload attend.zip next to this notebook
from attend import (
    FEATURES,
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

check = Checker("07_self_attention_and_positions")
tokens = torch.tensor(WORD_VECTORS, dtype=torch.float32)  # (4 words, 3 features)

# %% [markdown]
# From lesson 05 you have attention with a mask. Here it is again:

# %% given="masked_attention"
from solutions.lesson_05_masking.kernels import masked_softmax, masked_attention

# %% [markdown]
# ## 1 · Shuffle the words
#
# In *cats drink warm milk*, let every word attend to all four words.
# Queries, keys and values are the word vectors themselves. From lesson 04 you know the weights of *milk*:
#
# | | cats | drink | warm | milk |
# |---|---|---|---|---|
# | weight | 0.00 | 0.15 | 0.03 | 0.82 |
#
# Now the same words come in another order: *warm cats drink milk*.
# For you the meaning changes: now the cats are warm, and the milk may be cold.
#
# **Predict** the weights of *milk* in the new order.

# %%
my_weights = [None, None, None, None]  # for warm, cats, drink, milk

# %%
order = [2, 0, 1, 3]  # new place 0 holds old word 2, and so on
shuffled_words = [WORDS[place] for place in order]
shuffled = tokens[order]
everyone = torch.ones(4, 4).bool()  # who may attend to whom
output, weights = masked_attention(tokens, tokens, tokens, everyone)
shuffled_output, shuffled_weights = masked_attention(shuffled, shuffled, shuffled, everyone)
show_prediction(
    my_weights,
    shuffled_weights[3],
    columns=shuffled_words,
    alt="The weights of milk: warm 0.03, cats 0.00, drink 0.15, milk 0.82.",
    tolerance=0.02,
)

# %%
show_maps(
    {"cats drink warm milk": output, "warm cats drink milk": shuffled_output},
    rows={"cats drink warm milk": WORDS, "warm cats drink milk": shuffled_words},
    columns=FEATURES,
    alt="The outputs for both orders. Each word has the same output in both; only the rows stand "
    "in another order. Warm is (0.75, 1.21, 1.95) in both.",
)

# %% [markdown]
# Every word keeps its output, whoever is warm. A score compares two words; a sum does not ask in which order it adds.
#
# **Predict again.** Now attention gets a causal mask, or each place adds a vector of its own to the word that stands there.
# Whose output differs between the two orders? Write 1 where it changes, 0 where it stays.

# %%
my_changes = [
    [None, None, None, None],  # causal mask: cats, drink, warm, milk
    [None, None, None, None],  # places added
]

# %%
causal = torch.ones(4, 4).bool().tril()
places = torch.tensor([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])


def changed(mask, codes):
    """For each word, 1 where the two orders give it different outputs."""
    one, two = tokens + codes, shuffled + codes
    before, _ = masked_attention(one, one, one, mask)
    after, _ = masked_attention(two, two, two, mask)
    return ((before[order] - after).abs().amax(dim=-1) > 1e-3).int()[torch.tensor(order).argsort()]


show_prediction(
    my_changes,
    torch.stack([changed(causal, 0 * places), changed(everyone, places)]),
    rows=["causal mask", "places added"],
    columns=WORDS,
    alt="With a causal mask cats, drink and warm change, and milk stays. With vectors for places "
    "all four change.",
)

# %% [markdown]
# <details><summary>Why? Guess first.</summary>
#
# With a causal mask, a word sees itself and the words before it. These change for all but *milk*, which is last in both orders.
# With vectors for places, each moved word becomes another vector. *milk* has not moved, but it mixes the others.
#
# </details>
#
# So attention sees a bag of words, and a causal mask tells it a little about order.
# (Models can learn positions from that mask alone: Haviv et al., 2022.)
# The rest of this lesson says more; the one-day path goes on with lesson 08.
#
# ## 2 · Self-attention
#
# Real models do not compare words themselves. Three matrices make queries, keys and values from the same tokens $X$:
#
# $$Q = X W_Q \qquad K = X W_K \qquad V = X W_V \qquad \text{softmax}\left(\frac{Q K^\top}{\sqrt{d_k}}\right) V$$
#
# $X$ has one row for each of $T$ tokens, with $d_{model}$ features. Each matrix $W$ is $(d_{model}, d_k)$.
# In words: a token asks, offers and gives in three different ways, all of them learned.
# (Vaswani et al., 2017, sections 3.2.1 and 3.2.3.)
#
# `nn.Linear(d_model, d_k, bias=False)` is such a matrix. Its `weight` is stored transposed, $(d_k, d_{model})$.

# %% exercise="SelfAttention" points={"idea": 2, "edge cases": 1} minutes=15 difficulty=2 importance=5 forbid=["scaled_dot_product_attention", "MultiheadAttention"]
from solutions.lesson_07_self_attention_and_positions.kernels import SelfAttention

# %% [markdown] hints="SelfAttention"
# Three modules in `__init__`; in `forward`, each is called on the same `x`.
#
# +++
#
# `masked_attention` needs a mask. What does a mask that allows everything look like?
#
# +++
#
# ```python
#     return masked_attention(self.w_q(x), self.w_k(x), self.w_v(x), mask)
# self.w_v = nn.Linear(d_model, d_k, bias=False)
# if mask is None:
# self.w_q = nn.Linear(d_model, d_k, bias=False)
# super().__init__()
#     mask = torch.ones(1, dtype=torch.bool)
# self.w_k = nn.Linear(d_model, d_k, bias=False)
# ```

# %% check="SelfAttention"
x = torch.tensor([[0.0, math.log(3), 0.0], [1.0, 0.0, 4.0]])  # (2 tokens, d_model = 3)
with check("SelfAttention") as expect:
    attention = SelfAttention(3, 2)
    shapes = {name: tuple(one.shape) for name, one in attention.named_parameters()}
    wanted = {"w_q.weight": (2, 3), "w_k.weight": (2, 3), "w_v.weight": (2, 3)}
    expect("three weights, no bias", shapes, wanted)
    expect("d_k = 2 features come out", attention(x)[0].shape, (2, 2))
    stored = {
        "w_q.weight": torch.tensor([[math.sqrt(2), 0.0, 0.0], [0.0, 0.0, 0.0]]),
        "w_k.weight": torch.tensor([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]),
        "w_v.weight": torch.tensor([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]),
    }
    attention.load_state_dict(stored)
    output, weights = attention(x)
    wanted = torch.tensor([[0.5, 0.5], [0.75, 0.25]])
    expect("token 0 asks nothing, token 1 asks for feature 1", weights, wanted)
    expect("the values are mixed", output, torch.tensor([[2.0, 0.5], [1.0, 0.25]]))
    mask = torch.tensor([[False, False], [True, False]])
    _, weights = attention(x, mask)
    expect("under a mask", weights, torch.tensor([[0.0, 0.0], [1.0, 0.0]]))
    output, _ = attention(torch.ones(2, 5, 3))
    expect("a batch of two sentences", output.shape, (2, 5, 2))

# %% [markdown]
# ## 3 · Who ignores the order?
#
# Let $P$ put tokens into another order. A model $f$ is **equivariant** if $f(P x) = P f(x)$ for every order.
# In words: shuffled tokens in, equally shuffled outputs out. (Zaheer et al., 2017, section 2.)
#
# In PyTorch an order is a list of places, and $Px$ is `x[order]`. So compare `model(x[order])` with `model(x)[order]`.
#
# Do you have to try all $T!$ orders? Two take you far: swap the first two tokens; roll all tokens by one place.
# Repeated, these two make every order:
#
# ```
# swap   0 1 2 3  →  1 0 2 3
# roll   0 1 2 3  →  1 2 3 0
# roll, swap, roll, roll, roll   0 1 2 3  →  0 2 1 3
# ```
#
# So a model that passes both at *every* $x$ is equivariant. To pass at one random $x$ is strong evidence, and no proof.

# %% exercise="is_permutation_equivariant" points={"idea": 2} minutes=12 difficulty=3 importance=4
from solutions.lesson_07_self_attention_and_positions.kernels import is_permutation_equivariant

# %% [markdown] hints="is_permutation_equivariant"
# `[1, 0, *range(2, len(x))]` is the swap. Write the roll in the same way.
#
# +++
#
# `torch.allclose(one, other, rtol=0, atol=1e-4)` allows for rounding. Both orders must agree.
#
# +++
#
# ```python
#         return False
# orders = ([1, 0, *range(2, len(x))], [*range(1, len(x)), 0])
# return True
#     if not torch.allclose(model(x[order]), model(x)[order], rtol=0, atol=1e-4):
# for order in orders:
# ```


# %% check="is_permutation_equivariant"
def attend_to_all(x):
    return masked_attention(x, x, x, torch.ones(1).bool())[0]


def look_back(x):
    return x + x.roll(1, 0)


def look_both_ways(x):
    return x + x.roll(1, 0) + x.roll(-1, 0)


def without(place):
    return lambda x: x - x[place].sum()  # one place decides how much all tokens lose


row = torch.arange(10.0).reshape(5, 2).sin()  # (5 tokens, 2 features)
with check("is_permutation_equivariant") as expect:
    is_one = is_permutation_equivariant
    expect("each token for itself", is_one(lambda x: 2 * x + 1, row), True)
    expect("one mean for all", is_one(lambda x: x.mean(0).expand(5, 2), row), True)
    expect("attention", is_one(attend_to_all, row), True)
    expect("a sum over all tokens so far", is_one(lambda x: x.cumsum(0), row), False)
    expect("each token reads the one before it", is_one(look_back, row), False)
    expect("each token reads both neighbours", is_one(look_both_ways, row), False)
    expect("the words turned round", is_one(lambda x: x.flip(0), row), False)
    expect("positions without tokens", is_one(lambda x: torch.eye(5), row), False)
    special = [is_one(without(place), row) for place in range(5)]
    expect("place 0, 1, 2, 3 or 4 is special", special, [False] * 5)
    added = [is_one(lambda x, size=size: x + size * torch.eye(5, 2), row) for size in (1e-3, 3e-3)]
    expect("positions of 0.001 or 0.003 added", added, [False, False])
    expect("no more than rounding", is_one(lambda x: x + 0.00005 * torch.eye(5, 2), row), True)

# %%
torch.manual_seed(7)
layer = SelfAttention(3, 4)
convolution = nn.Conv1d(3, 4, kernel_size=3, padding=1)
models = {
    "self-attention": lambda x: layer(x)[0],
    "self-attention, causal mask": lambda x: layer(x, causal)[0],
    "self-attention, places added": lambda x: layer(x + places)[0],
    "convolution": lambda x: convolution(x.T).T,
    "one nn.Linear for every token": nn.Linear(3, 4),
}
with torch.no_grad():
    for name, model in models.items():
        blind = is_permutation_equivariant(model, tokens)
        print(f"{name:32}", "ignores the order" if blind else "depends on the order")

# %% [markdown]
# ## 4 · Why not read in order?
#
# A recurrent network reads word by word, so it knows the order. What does attention gain?
# Take five tokens. In one step, a token learns all that the tokens it **reads** know. Who knows of token 0?
#
# | after step | each reads the one before | each reads all |
# |---|---|---|
# | 1 | 0, 1 | all |
# | 2 | 0, 1, 2 | |
# | 3 | 0, 1, 2, 3 | |
# | 4 | all | |
#
# The number of steps from one token to another is the **path length**.
# Long paths make it hard to learn what far words have to do with each other. (Vaswani et al., 2017, section 4.)

# %% exercise="path_length" points={"idea": 1, "edge cases": 1} minutes=12 difficulty=3 importance=3
from solutions.lesson_07_self_attention_and_positions.kernels import path_length

# %% [markdown] hints="path_length"
# Keep a list of booleans: who knows? Start with the source alone.
#
# +++
#
# `reads & knows` keeps in each row the keys that know. Is there any in a row? `.any(dim=-1)`.
# The longest way takes T - 1 steps: look T times, the first time after 0 steps. If the target
# still does not know then, there is no way.
#
# +++
#
# ```python
#     if knows[target]:
# knows[source] = True
#     knows = knows | (reads & knows).any(dim=-1)
# return None
# knows = torch.zeros(len(reads), dtype=torch.bool)
#         return steps
# for steps in range(len(reads)):
# ```

# %% check="path_length"
reads = torch.tensor(
    [  # token 0, 1, 2, 3 is read
        [True, False, False, False],
        [True, True, False, False],
        [False, True, False, False],
        [True, False, True, True],
    ]
)
chain = torch.ones(4, 4).bool().tril(-1) & torch.ones(4, 4).bool().triu(-1)  # 3 reads 2 reads 1...
with check("path_length") as expect:
    expect("token 1 reads token 0", path_length(reads, 0, 1), 1)
    expect("token 2 hears of 0 through 1", path_length(reads, 0, 2), 2)
    expect("token 3 reads 0 itself", path_length(reads, 0, 3), 1)
    expect("from 1 to 3, through 2", path_length(reads, 1, 3), 2)
    expect("nobody tells token 0 anything", path_length(reads, 3, 0), None)
    expect("token 2 knows itself", path_length(reads, 2, 2), 0)
    steps = [path_length(chain, 0, token) for token in range(4)]
    expect("a chain of four, from token 0 to each", steps, [0, 1, 2, 3])


# %%
def networks(count):
    """Who reads whom in one step, for three kinds of layer; booleans (count, count)."""
    square = torch.ones(count, count).bool()
    return {
        "recurrence": square.tril() & square.triu(-1),
        "convolution, width 3": square.tril(1) & square.triu(-1),
        "self-attention": square,
    }


known = {}
for name, reads in networks(8).items():
    arrival = torch.tensor([path_length(reads, 0, token) for token in range(8)])
    known[name] = (arrival <= torch.arange(8)[:, None]).int()  # (8 steps, 8 tokens)
figure = Figure(figsize=(13, 4.8), layout="constrained")
for ax, (name, knows) in zip(figure.subplots(1, 3), known.items(), strict=True):
    draw_map(ax, knows, range(8), range(8), title=name, limits=(0, 1))
    ax.set(xlabel="token", ylabel="after step")
show(
    figure,
    alt="Which of eight tokens know of token 0 after each step, 1 or 0. With recurrence and with a "
    "convolution of width 3, one token more at each step. With self-attention, all after one.",
)

# %% [markdown]
# Now longer sequences, and the price. Table 1 of Vaswani et al. compares layers for $n$ tokens of $d$ features.
# A convolution of width $k$ reads $k$ tokens, itself among them; a dilated one leaves wider gaps at each layer.
# The table tells how things grow: with $k = 3$ news moves one place a layer, so 64 tokens need 63 layers, not 64 / 3.
#
# | layer | cost | steps in sequence | longest path |
# |---|---|---|---|
# | self-attention | $n^2 d$ | 1 | 1 |
# | recurrence | $n d^2$ | $n$ | $n$ |
# | convolution | $k n d^2$ | 1 | $n / k$ |
# | convolution, dilated | $k n d^2$ | 1 | $\log_k n$ |

# %%
lengths = [4, 8, 16, 32, 64]
looks = {
    "self-attention": ("#0072B2", "s-"),
    "recurrence": ("#D55E00", "o--"),
    "convolution, width 3": ("#009E73", "^:"),
}
paths = {name: [path_length(networks(n)[name], 0, n - 1) for n in lengths] for name in looks}
paths["dilated: log₃ n"] = [math.log(n, 3) for n in lengths]
looks["dilated: log₃ n"] = ("#CC79A7", "d-.")
counts, d = np.array([64, 128, 256, 512, 1024, 2048]), 512
costs = {
    "self-attention": counts**2 * d,
    "recurrence": counts * d**2,
    "convolution, width 3": 3 * counts * d**2,
}
figure = Figure(figsize=(14, 5), layout="constrained")
left, right = figure.subplots(1, 2)
for name, (colour, line) in looks.items():
    left.plot(lengths, paths[name], line, color=colour, linewidth=3, markersize=9, label=name)
for name, cost in costs.items():
    colour, line = looks[name]
    right.plot(counts, cost / 1e9, line, color=colour, linewidth=3, markersize=9)
left.set(title="path from first to last token", xlabel="tokens n", ylabel="steps")
right.set(title="multiplications (table), d = 512", xlabel="tokens n", ylabel="billions")
for ax, ticks in ((left, lengths), (right, counts)):
    ax.set_xscale("log", base=2)
    ax.set_xticks(ticks, [str(tick) for tick in ticks])
right.set_yscale("log")
left.legend()
show(
    figure,
    alt="Left, steps from the first to the last of n tokens. For 64 tokens: recurrence and a "
    "convolution of width 3 need 63, a dilated one about 4, self-attention 1. Right, the "
    "multiplications of a layer with 512 features. Attention is cheapest below 512 tokens, costs "
    "as much as recurrence at 512, and more above.",
)

# %% [markdown]
# The cost of comparing and mixing grows with the square of $n$, the others' with the square of $d$. Below $n = d$ it is less than that of recurrence.
# And it works on all tokens at once; recurrence must wait for each token before.
# (As in the paper, constant factors are left out, and so are the projections of section 2, $n d^2$ each.)
#
# ## 5 · Positions as clocks
#
# Give each position a vector, and add it to the word there. The paper writes sines and cosines:
#
# $$PE(p, 2i) = \sin\left(\frac{p}{10000^{2i/d_{model}}}\right) \qquad
# PE(p, 2i + 1) = \cos\left(\frac{p}{10000^{2i/d_{model}}}\right)$$
#
# $PE$ is the position code, $p$ the position, and $i$ counts pairs of features. (Vaswani et al., 2017, section 3.5.)
# In words: each pair of features is the hand of a clock. The first hand is fast; each next one is slower.
#
# By hand, with 4 features: the frequencies are $1/10000^{0/4} = 1$ and $1/10000^{2/4} = 1/100$.
# Position 2 has the angles 2 and 0.02:
#
# | feature | 0 | 1 | 2 | 3 |
# |---|---|---|---|---|
# | is | sin 2 | cos 2 | sin 0.02 | cos 0.02 |
# | value | 0.91 | −0.42 | 0.02 | 1.00 |

# %% exercise="sinusoidal_positions" points={"idea": 2, "edge cases": 1} minutes=15 difficulty=3 importance=4
from solutions.lesson_07_self_attention_and_positions.kernels import sinusoidal_positions

# %% [markdown] hints="sinusoidal_positions"
# First the frequencies, (pairs,); then all angles, (positions, pairs); then sines and cosines.
#
# +++
#
# `torch.arange(0, d_model, 2)` is 2i already. `torch.stack([...], dim=-1).flatten(-2)` puts pairs side by side.
#
# +++
#
# ```python
# angles = torch.arange(n_positions)[:, None] * speeds
#     raise ValueError("d_model must be even")
# speeds = base ** (-torch.arange(0, d_model, 2) / d_model)
# return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)
# if d_model % 2:
# ```

# %% check="sinusoidal_positions"
with check("sinusoidal_positions") as expect:
    codes = sinusoidal_positions(5, 4)
    expect("five positions of four features", codes.shape, (5, 4))
    expect("position 0", codes[0], torch.tensor([0.0, 1.0, 0.0, 1.0]))
    wanted = torch.tensor([math.sin(2), math.cos(2), math.sin(0.02), math.cos(0.02)])
    expect("position 2", codes[2], wanted)
    angles = torch.tensor([1.0, 0.1, 0.01])
    wanted = torch.stack([angles.sin(), angles.cos()]).T.flatten()
    expect("six features, base 1000", sinusoidal_positions(2, 6, 1000.0)[1], wanted)
    try:
        odd = sinusoidal_positions(4, 5)
    except ValueError:
        odd = "ValueError"
    expect("an odd number of features", odd, "ValueError")

# %%
codes = sinusoidal_positions(40, 16)  # (positions, features)
figure = Figure(figsize=(13.5, 4.6), layout="constrained")
axes = figure.subplots(1, 4)
draw_map(axes[0], codes, title="40 codes", limits=(-1, 1))
axes[0].set(xlabel="feature", ylabel="position", aspect="auto")
axes[0].set_xticks([0, 5, 10, 15])
axes[0].set_yticks([0, 10, 20, 30])
for pair, ax in enumerate(axes[1:]):
    hands = codes[:7, 2 * pair : 2 * pair + 2].flip(-1)  # the cosine to the right, the sine up
    for place, (x, y) in enumerate(hands.tolist()):
        ax.plot([0, x], [0, y], color="#0072B2", linewidth=3)
        if pair < 2 or place in (0, 6):  # the third clock has no room for more
            ax.text(1.17 * x, 1.17 * y, str(place), ha="center", va="center")
    turn = np.linspace(0, 2 * np.pi, 100)
    ax.plot(np.cos(turn), np.sin(turn), color="#999999", linewidth=1)
    speed = 10000 ** (-2 * pair / 16)
    ax.set(aspect="equal", xlim=(-1.35, 1.35), ylim=(-1.35, 1.35), xticks=[], yticks=[])
    ax.set(title=f"features {2 * pair} and {2 * pair + 1}", xlabel=f"frequency {speed:.2g}")
    ax.spines[:].set_visible(False)
show(
    figure,
    alt="Left, a map of 40 position codes with 16 features: fast waves in the first features, hardly "
    "any change in the last. Right, three clocks with the hands of positions 0 to 6. The first "
    "hand makes almost a full turn, the second about 110 degrees, the third about 34.",
)

# %% [markdown]
# ## 6 · Moving on is turning
#
# From position $p$ to $p + k$, a hand of frequency $\omega$ (omega) turns by the angle $k\omega$, wherever it stood.
# A turn is a matrix that depends on the **offset** $k$ only:
#
# $$\begin{pmatrix} \sin((p+k)\omega) \\ \cos((p+k)\omega) \end{pmatrix} =
# \begin{pmatrix} \cos k\omega & \sin k\omega \\ -\sin k\omega & \cos k\omega \end{pmatrix}
# \begin{pmatrix} \sin p\omega \\ \cos p\omega \end{pmatrix}$$
#
# So one learned matrix could look "three words back" from anywhere. That was the authors' hope.

# %% exercise="shift_matrix" points={"idea": 1, "edge cases": 1} minutes=12 difficulty=3 importance=2
from solutions.lesson_07_self_attention_and_positions.kernels import shift_matrix

# %% [markdown] hints="shift_matrix"
# Start with zeros, (d_model, d_model). Each pair fills four entries near the diagonal.
#
# +++
#
# For pair i, rows and columns are 2i and 2i + 1. The angle is offset · base^(-2i / d_model).
#
# +++
#
# ```python
#     moved[row + 1, row] = -math.sin(angle)
# for row in range(0, d_model, 2):
#     moved[row, row] = moved[row + 1, row + 1] = math.cos(angle)
# moved = torch.zeros(d_model, d_model)
#     angle = offset * base ** (-row / d_model)
# return moved
#     moved[row, row + 1] = math.sin(angle)
# ```

# %% check="shift_matrix"
with check("shift_matrix") as expect:
    at_2 = torch.tensor([math.sin(2), math.cos(2), math.sin(0.02), math.cos(0.02)])
    at_5 = torch.tensor([math.sin(5), math.cos(5), math.sin(0.05), math.cos(0.05)])
    expect("three positions on", shift_matrix(3, 4) @ at_2, at_5)
    expect("three positions back", shift_matrix(-3, 4) @ at_5, at_2)
    expect("nowhere", shift_matrix(0, 6), torch.eye(6))
    wanted = torch.tensor([math.cos(0.2), math.sin(0.2)])
    expect("the second pair, base 100", shift_matrix(2, 4, 100.0)[2, 2:], wanted)

# %%
codes = sinusoidal_positions(64, 8)
moved = codes @ shift_matrix(3, 8).T  # every row times the matrix
gap = (moved[:61] - codes[3:]).abs().max()
print("one matrix moves all positions by 3:", "yes" if gap < 1e-5 else "no")
wide = sinusoidal_positions(100, 64)
figure = Figure(figsize=(13, 5.4), layout="constrained")
left, right = figure.subplots(1, 2)
draw_map(left, shift_matrix(3, 6), range(6), range(6), title="shift_matrix(3, 6)", limits=(-1, 1))
for start, line in ((30, "-"), (50, "--"), (70, ":")):
    right.plot(range(-30, 30), wide[start - 30 : start + 30] @ wide[start], line, linewidth=4,
               label=f"p = {start}")  # fmt: skip
right.set(title="dot product of two codes", xlabel="offset k", ylabel="code(p) · code(p + k)")
right.legend()
show(
    figure,
    alt="Left, the 6 by 6 matrix that moves on by 3: three blocks of 2 by 2 on the diagonal, zeros "
    "elsewhere. Right, the dot product of the codes of p and p + k over the offset k, for p = 30, "
    "50 and 70: one and the same curve, 32 at offset 0, lower on both sides.",
)

# %% [markdown]
# On the right are three curves, exactly on top of each other: a dot product of two codes depends on the offset only.
#
# ## 7 · Or learn the positions
#
# A table with one trained row for each position is simpler, and does as well in the paper (Table 3, row E).
# BERT and GPT-2 use one. But the table ends, and what lies beyond it has no code.
#
# Two traps. `x += codes` changes the caller's tensor, too:

# %%
x = tokens.clone()


def add_in_place(x):
    x += places
    return x


q, k, v = add_in_place(x), add_in_place(x), add_in_place(x)
show_maps(
    {"q − tokens": q - tokens, "k − tokens": k - tokens, "v − tokens": v - tokens},
    rows=WORDS,
    columns=FEATURES,
    alt="What was added to queries, keys and values: three times the vector of each place, in all "
    "three, since they are one tensor.",
)

# %% [markdown]
# All three are one tensor, and the vectors were added three times.
# The second trap: `table[:, :T]` cuts features, not positions.

# %% exercise="LearnedPositions" points={"idea": 1, "edge cases": 1} minutes=10 difficulty=2 importance=4
from solutions.lesson_07_self_attention_and_positions.kernels import LearnedPositions

# %% [markdown] hints="LearnedPositions"
# T is `x.shape[-2]`. Which rows of the table belong to tokens `start` to `start + T - 1`?
#
# +++
#
# `nn.Parameter(0.02 * torch.randn(...))` is the table. Check the end first, then return `x + ...`.
#
# +++
#
# ```python
#     return x + self.table[start:stop]
#     if stop > len(self.table):
# super().__init__()
#         raise ValueError("the table is too short")
# self.table = nn.Parameter(0.02 * torch.randn(max_positions, d_model))
#     stop = start + x.shape[-2]
# ```

# %% check="LearnedPositions"
with check("LearnedPositions") as expect:
    positions = LearnedPositions(6, 3)
    shapes = {name: tuple(one.shape) for name, one in positions.named_parameters()}
    expect("one parameter, `table`", shapes, {"table": (6, 3)})
    torch.manual_seed(7)
    drawn = LearnedPositions(400, 50).table.detach()
    both = round(drawn.mean().item(), 2), round(drawn.std().item(), 2)
    expect("numbers around 0, with standard deviation 0.02", both, (0.0, 0.02))
    rows = torch.arange(6.0)[:, None].expand(6, 3)
    positions.load_state_dict({"table": rows})
    x = torch.full((2, 4, 3), 10.0)
    wanted = torch.tensor([10.0, 11.0, 12.0, 13.0])
    expect("token p gets row p", positions(x)[1, :, 0], wanted)
    expect("your input stays as it was", x, torch.full((2, 4, 3), 10.0))
    expect("behind two cached tokens", positions(x, start=2)[0, :, 0], wanted + 2)
    expect("no batch", positions(x[0])[:, 0], wanted)
    expect("batch and heads", positions(x[:, None])[1, 0, :, 0], wanted)
    try:
        beyond = positions(x, start=3)
    except ValueError:
        beyond = "ValueError"
    expect("beyond the table", beyond, "ValueError")

# %% [markdown]
# ## 8 · RoPE: turn queries and keys
#
# Added codes mix *where* into *what*. RoPE, the rotary position embedding, adds nothing.
# It turns each pair of features of a query or key by the angle *position · frequency*. The frequencies are those of section 5.
#
# By hand, with one pair and frequency 1: the query (2, 0) at position 1 becomes (2 cos 1, 2 sin 1) = (1.08, 1.68).
#
# Question 1 above says why this helps. Turn the query by $p\omega$ and the key by $j\omega$:
# their dot product depends on the difference alone.
#
# $$(R_p\, q) \cdot (R_j\, k) = q \cdot (R_{j-p}\, k)$$
#
# $R_p$ turns by $p$ positions. (Su et al., 2021, section 3.4.2, equation 34, pairs neighbours, as we do.)

# %% exercise="rotary_embedding" points={"idea": 2, "shapes": 1} minutes=18 difficulty=4 importance=5
from solutions.lesson_07_self_attention_and_positions.kernels import rotary_embedding

# %% [markdown] hints="rotary_embedding"
# The angles are as in `sinusoidal_positions`, but the positions are given.
# `x[..., 0::2]` holds the first feature of every pair.
#
# +++
#
# A point (a, b) turned by an angle is (a cos − b sin, a sin + b cos). Stack both and flatten, as before.
#
# +++
#
# ```python
# a, b = x[..., 0::2], x[..., 1::2]
# return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)
# turns = positions.unsqueeze(-1) * base ** (-torch.arange(0, d, 2) / d)
# d = x.shape[-1]
# cos, sin = turns.cos(), turns.sin()
# ```

# %% check="rotary_embedding"
with check("rotary_embedding") as expect:
    pair = torch.tensor([[2.0, 0.0], [2.0, 0.0]])
    wanted = torch.tensor([[2.0, 0.0], [2 * math.cos(1), 2 * math.sin(1)]])
    expect("positions 0 and 1", rotary_embedding(pair, torch.tensor([0, 1])), wanted)
    far = rotary_embedding(torch.tensor([[0.0, 0.0, 0.0, 1.0]]), torch.tensor([30]))
    wanted = torch.tensor([[0.0, 0.0, -math.sin(0.3), math.cos(0.3)]])
    expect("the second pair turns slowly", far, wanted)
    turned = rotary_embedding(torch.tensor([[0.0, 0.0, 1.0, 0.0]]), torch.tensor([3]), 100.0)
    wanted = torch.tensor([[0.0, 0.0, math.cos(0.3), math.sin(0.3)]])
    expect("base 100", turned, wanted)
    q, k = torch.tensor([[1.0, 2.0, 0.0, 1.0]]), torch.tensor([[0.0, 1.0, 3.0, 1.0]])
    scores = [
        (
            rotary_embedding(q, torch.tensor([at])) * rotary_embedding(k, torch.tensor([at + 2]))
        ).sum()
        for at in (0, 7)
    ]
    expect("an offset of 2 scores alike at 0 and at 7", scores[0], scores[1])
    heads = rotary_embedding(torch.ones(2, 3, 5, 4), torch.arange(5))
    expect("a batch of heads", heads.shape, (2, 3, 5, 4))
    padded = rotary_embedding(pair.expand(2, 3, 2, 2), torch.tensor([[[0, 0]], [[0, 1]]]))
    wanted = torch.tensor([[2.0, 0.0], [2 * math.cos(1), 2 * math.sin(1)]])
    expect("padding: each sequence has its positions", padded[:, 1, 1], wanted)

# %% [markdown]
# **Move the positions.** Before you do: what happens to the score if you move both by 5?


# %%
def draw_rope(query_position, key_position):
    """A query and a key with two pairs of features, turned; and their score over the offset."""
    q, k = torch.tensor([[2.0, 0.5, 1.8, 0.6]]), torch.tensor([[1.2, 1.0, 1.4, -0.8]])
    turned_q = rotary_embedding(q, torch.tensor([query_position]), base=100.0)
    turned_k = rotary_embedding(k, torch.tensor([key_position]), base=100.0)
    score = (turned_q * turned_k).sum().item()
    figure = Figure(figsize=(10.5, 3.9), layout="constrained")
    axes = figure.subplots(1, 3)
    for pair, ax in enumerate(axes[:2]):
        part = slice(2 * pair, 2 * pair + 2)
        arrows = torch.cat([turned_q[:, part], turned_k[:, part]])
        draw_vectors(ax, arrows, ["query", "key"], ["#0072B2", "#D55E00"])
        ax.set(xlim=(-3, 3), ylim=(-3, 3), title=f"pair {pair}, frequency {(1, 0.1)[pair]}")
    offsets = torch.arange(-20, 21)
    row = rotary_embedding(k.expand(41, 4), offsets, base=100.0) @ q[0]
    offset = key_position - query_position
    axes[2].plot(offsets, row, color="#777777")
    axes[2].plot([offset], [score], "o", color="black", markersize=12)
    axes[2].set(
        title=f"score {score:.2f}".replace("-", "−"), xlabel="offset: key − query", ylim=(-8, 8)
    )
    told = f"Query at {query_position}, key at {key_position}: offset {offset}, score {score:.2f}. "
    return figure, told + "Pair 0 turns ten times as fast as pair 1."


play(
    draw_rope,
    stills=[
        {"query_position": 0, "key_position": 3},
        {"query_position": 5, "key_position": 8},
        {"query_position": 5, "key_position": 12},
    ],
    query_position=(0, 20, 1, 0),
    key_position=(0, 20, 1, 3),
)

# %% [markdown]
# Now in attention. Turn queries and keys, never values: positions change the weights, not what is mixed.
# With a cache the queries are the last tokens, and must have their positions.

# %% exercise="rotary_attention" points={"idea": 1} minutes=6 difficulty=2 importance=4 forbid=["scaled_dot_product_attention", "MultiheadAttention"]
from solutions.lesson_07_self_attention_and_positions.kernels import rotary_attention

# %% [markdown] hints="rotary_attention"
# `torch.arange(k.shape[-2])` are the positions of the keys. Which of them belong to the queries?
#
# +++
#
# `spots[-n:]` takes the last n. The values go into `masked_attention` as they are.
#
# +++
#
# ```python
# return masked_attention(rotary_embedding(q, spots[-n:]), rotary_embedding(k, spots), v, mask)
# n = q.shape[-2]
# spots = torch.arange(k.shape[-2])
# ```

# %% check="rotary_attention"
q = torch.tensor([[[math.sqrt(2), 0.0], [math.sqrt(2), 0.0]]])  # (1, 2 queries, d_k = 2)
k = torch.tensor([[[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]])  # (1, 3 keys, d_k = 2)
v = torch.eye(3).repeat(1, 2)[None]  # (1, 3 keys, d_v = 6): the output shows the weights twice
mask = torch.tensor([[True, True, False], [True, True, True]])
with check("rotary_attention") as expect:
    output, weights = rotary_attention(q, k, v, mask)
    near, next_, far = (math.exp(math.cos(offset)) for offset in range(3))
    wanted = torch.tensor([next_, near, 0.0]) / (next_ + near)
    expect("query 0 stands at position 1", weights[0, 0], wanted)
    wanted = torch.tensor([far, next_, 1.0]) / (far + next_ + 1.0)  # key 2 is at a right angle
    expect("query 1 stands at position 2", weights[0, 1], wanted)
    expect("the values stay as they were", output[0], weights[0].repeat(1, 2))
    heads = rotary_attention(q[:, None], k[:, None], v[:, None], mask)[1]
    expect("with an axis for heads, the same", heads[0, 0, 1], wanted)

# %% [markdown]
# **The other layout.** Llama and most models in Hugging Face Transformers pair feature $i$ with feature $i + d_k/2$: halves, not neighbours.
# Both are right, but not with each other's weights: their features stand in another order.


# %%
def of_halves(x, positions, mixed=False):
    """RoPE on halves; mixed takes the angles of neighbours instead, a published mistake."""
    angles = positions[:, None] * 10000 ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    angles = angles.repeat_interleave(2, dim=-1) if mixed else torch.cat([angles, angles], dim=-1)
    first, second = x.chunk(2, dim=-1)
    return x * angles.cos() + torch.cat([-second, first], dim=-1) * angles.sin()


everything, at_1 = torch.eye(6), torch.ones(6)
show_maps(
    {
        "neighbours": rotary_embedding(everything, at_1).T,
        "halves": of_halves(everything, at_1).T,
    },
    rows=range(6),
    columns=range(6),
    limits=(-1, 1),
    alt="The matrices that turn six features to position 1. With neighbours, features 0 and 1 are "
    "mixed, and 2 and 3. With halves, features 0 and 3, and 1 and 4.",
)
to_halves = [0, 2, 4, 1, 3, 5]  # first features of all pairs, then second ones
ours = rotary_embedding(everything, 9 * at_1)[:, to_halves]
theirs = of_halves(everything[:, to_halves], 9 * at_1)
same = torch.allclose(ours, theirs, atol=1e-5)
print("with the features reordered, both layouts", "agree" if same else "differ")

# %% [markdown]
# What happens if you mix the layouts, or leave something out?


# %%
torch.manual_seed(8)
q, k = torch.randn(1, 8), torch.randn(1, 8)


def curves(turn_query, turn_key):
    """Scores at offset 3 from position 0 to 30; scores of query 18 with keys 18 to 0."""
    spots = torch.arange(31)
    moved = (turn_query(q.expand(31, 8), spots) * turn_key(k.expand(31, 8), spots + 3)).sum(-1)
    row = turn_key(k.expand(19, 8), spots[:19]) @ turn_query(q, torch.tensor([18]))[0]
    return moved, row.flip(0)


def mixed(x, positions):
    return of_halves(x, positions, mixed=True)


def not_turned(x, positions):
    return x


lines = {
    "neighbours": (curves(rotary_embedding, rotary_embedding), "#0072B2", "-"),
    "halves": (curves(of_halves, of_halves), "#009E73", "--"),
    "mixed up": (curves(mixed, mixed), "#D55E00", "-."),
    "queries only": (curves(rotary_embedding, not_turned), "#CC79A7", ":"),
    "nothing turned": (curves(not_turned, not_turned), "#000000", "-"),
}
figure = Figure(figsize=(14, 5), layout="constrained")
left, right = figure.subplots(1, 2)
for name, ((moved, row), colour, line) in lines.items():
    width = 2 if name == "nothing turned" else 4
    left.plot(moved, line, color=colour, linewidth=width, label=name)
    right.plot(row, line, color=colour, linewidth=width, label=name)
left.set(title="both move, offset 3: must be level", xlabel="query's position", ylabel="score")
right.set(title="the key moves away: must change", xlabel="distance", ylabel="score")
right.set_xticks(range(0, 19, 3))
figure.legend(*left.get_legend_handles_labels(), loc="outside right center")
show(
    figure,
    alt="Left, a score at offset 3 while both positions move. Level lines for neighbours, for halves "
    "and for nothing turned; wavy ones for the mixture and for queries only. Right, the score as "
    "the key moves away: level lines for queries only and for nothing turned, wavy ones elsewhere.",
)

# %% [markdown]
# Right is what is level on the left and changes on the right. Only neighbours and halves do both.
# Nothing turned passes any test of the offset alone, so always test numbers that you know by hand, too.
#
# ## 9 · ALiBi: far is less
#
# The simplest idea: the further away a key, the more is subtracted from its score.
#
# $$\text{score}_{ij} = \frac{q_i \cdot k_j}{\sqrt{d_k}} - m_h\, |i - j| \qquad m_h = 2^{-8h/H}$$
#
# $i$ and $j$ are positions, $h = 1, \dots, H$ counts heads (lesson 08), and $m_h$ is the slope of head $h$.
# In words: steep heads look at neighbours, flat ones far away. Nothing is learned. (Press et al., 2021, section 3.)
#
# By hand, $H = 2$: the slopes are 1/16 and 1/256. At distance 3 head 1 adds −3/16.

# %% exercise="alibi_bias" points={"idea": 1, "edge cases": 1} minutes=10 difficulty=2 importance=3
from solutions.lesson_07_self_attention_and_positions.kernels import alibi_bias

# %% [markdown] hints="alibi_bias"
# Distances are (queries, keys), slopes are (heads,). Which axes make them broadcast?
#
# +++
#
# The queries are the last tokens: their positions are n_keys - n_queries to n_keys - 1.
#
# +++
#
# ```python
# spots = torch.arange(n_keys)
# return steepness[:, None, None] * -gaps
# gaps = (spots[-n_queries:, None] - spots).abs()
# steepness = 2.0 ** (-8 * torch.arange(1, n_heads + 1) / n_heads)
# ```

# %% check="alibi_bias"
with check("alibi_bias") as expect:
    bias = alibi_bias(2, 3, 3)
    expect("two heads, three tokens", bias.shape, (2, 3, 3))
    wanted = torch.tensor([[0.0, -1.0, -2.0], [-1.0, 0.0, -1.0], [-2.0, -1.0, 0.0]])
    expect("head 1 has the slope 1/16", bias[0], wanted / 16)
    expect("head 2 has the slope 1/256", bias[1], wanted / 256)
    cached = alibi_bias(2, 1, 3)[0]
    expect("a new token behind two cached ones", cached, wanted[2:] / 16)
    wanted = -torch.tensor([2 ** (-8 / 3), 2 ** (-16 / 3), 1 / 256])
    expect("three heads: their slopes", alibi_bias(3, 2, 2)[:, 0, 1], wanted)

# %%
bias = alibi_bias(4, 5, 5) + 0.0  # that makes 0 of -0
earlier = torch.ones(5, 5).bool().tril()
figure = Figure(figsize=(13, 4.6), layout="constrained")
for head, ax in enumerate(figure.subplots(1, 3)):
    title = f"head {head + 1}, slope {2.0 ** (-2 * (head + 1)):.2g}"
    draw_map(ax, bias[head], range(5), range(5), earlier, title, limits=(-1, 0))
    ax.set(xlabel="key", ylabel="query")
show(
    figure,
    alt="The biases of the first three of four heads for five tokens; later keys are masked and "
    "hatched. Each is 0 on the diagonal and falls by the slope with every place to the left: by "
    "0.25, by 0.06 and by 0.02.",
)

# %% [markdown]
# PyTorch adds a float mask, so bias and causal mask go in together:

# %%
torch.manual_seed(9)
q, k, v = (torch.randn(2, 4, 5, 6) for _ in range(3))  # (batch, heads, tokens, features)
bias, earlier = alibi_bias(4, 5, 5), torch.ones(5, 5).bool().tril()
added = bias.masked_fill(~earlier, -torch.inf)
theirs = F.scaled_dot_product_attention(q, k, v, attn_mask=added)
scores = q @ k.transpose(-2, -1) / math.sqrt(6) + bias
mine = masked_softmax(scores, earlier) @ v
print("by hand and PyTorch:", "agree" if torch.allclose(mine, theirs, atol=1e-5) else "differ")

# %% [markdown]
# ## 10 · Who is warm?
#
# Back to *cats drink warm milk* and *warm cats drink milk*. A tiny model must say which is which:
# word vectors, one attention layer, the mean of its outputs, one number.


# %%
class WhoIsWarm(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        self.words = nn.Embedding(4, 8)
        self.attention = SelfAttention(8, 6)
        self.learned = LearnedPositions(4, 8)
        self.answer = nn.Linear(6, 1)

    def forward(self, sentences):
        x = self.words(sentences)  # (2 sentences, 4 tokens, 8 features)
        if self.kind == "learned":
            x = self.learned(x)
        if self.kind == "sinusoidal":
            x = x + sinusoidal_positions(4, 8)
        output, _ = self.attention(x, causal if self.kind == "causal mask" else None)
        q, k, v = self.attention.w_q(x), self.attention.w_k(x), self.attention.w_v(x)
        if self.kind == "RoPE":
            output, _ = rotary_attention(q, k, v, everyone)
        if self.kind == "ALiBi":
            steepest = alibi_bias(8, 4, 4)[0]  # of eight heads; its slope is 1/2
            output = F.scaled_dot_product_attention(q, k, v, attn_mask=steepest)
        return self.answer(output.mean(dim=1))


sentences = torch.tensor([[0, 1, 2, 3], order])
truth = torch.tensor([[0.0], [1.0]])
kinds = {
    "no positions": ("#000000", "-"),
    "causal mask": ("#56B4E9", "--"),
    "sinusoidal": ("#0072B2", "-."),
    "learned": ("#009E73", ":"),
    "RoPE": ("#D55E00", "--"),
    "ALiBi": ("#CC79A7", "-"),
}
figure = Figure(figsize=(11, 4.8), layout="constrained")
ax = figure.subplots()
for kind, (colour, line) in kinds.items():
    torch.manual_seed(0)
    model = WhoIsWarm(kind)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    losses = []
    for _ in range(120):
        loss = F.binary_cross_entropy_with_logits(model(sentences), truth)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    ax.plot(losses, line, color=colour, linewidth=4, label=f"{kind}: {losses[-1]:.2f}")
ax.set(xlabel="step", ylabel="loss", ylim=(0, None), title="two orders of the same four words")
figure.legend(loc="outside right center", title="loss at the end")
show(
    figure,
    alt="The loss over 120 steps. Without positions it stays at 0.69, a pure guess. With a causal "
    "mask, sinusoidal or learned codes, RoPE or ALiBi it falls close to 0.",
)

# %% [markdown]
# Without positions, both sentences give the same number at every step. The best guess is 1/2, and its loss is log 2 ≈ 0.69.
# Any hint of order is enough here. This shows what is possible, not which code is best.
#
# | | enters where | learned numbers | beyond the trained length |
# |---|---|---|---|
# | sinusoidal | added once, to tokens | none | defined, but unfamiliar |
# | learned | added once, to tokens | one row for each position | nothing there |
# | RoPE | turns q and k, in every layer | none | defined, but unfamiliar |
# | ALiBi | added to scores, in every layer | none | made for it |
#
# Press et al., 2021, trained on short texts and tested on longer ones.
# With sinusoids, models soon got worse; with RoPE later; with ALiBi they did not.
#
# ## What you built
#
# - Self-attention, and a test that shows what it cannot see.
# - A measure of how far information has to travel.
# - Four ways to tell attention the order, and the matrix that moves a position.
#
# | yours | PyTorch | Hugging Face Transformers |
# |---|---|---|
# | `SelfAttention` | `nn.MultiheadAttention(d, 1)` called with `(x, x, x)`; it projects its output, too | `BertSelfAttention` |
# | `LearnedPositions` | `nn.Embedding` | `wpe` in GPT-2 |
# | `rotary_embedding` | none; complex numbers: `torch.polar` | `apply_rotary_pos_emb`, halves in Llama |
# | `alibi_bias` | a float `attn_mask` | `build_alibi_tensor` in BLOOM |
#
# **Where it is used.** BERT and GPT-2 learn their positions. Llama and Qwen use RoPE.
# BLOOM and MPT use ALiBi. AlphaFold 2 adds a bias to its scores that it computes for each pair of tokens.
#
# **Further reading**
#
# - Vaswani et al., *Attention Is All You Need*, 2017, arXiv 1706.03762, sections 3.5 and 4.
# - Su et al., *RoFormer: Enhanced Transformer with Rotary Position Embedding*, 2021, arXiv 2104.09864.
# - Press, Smith and Lewis, *Train Short, Test Long: Attention with Linear Biases Enables Input Length Extrapolation*, 2021, arXiv 2108.12409.
# - Gehring et al., *Convolutional Sequence to Sequence Learning*, 2017, arXiv 1705.03122, section 3.1.
# - Zaheer et al., *Deep Sets*, 2017, arXiv 1703.06114.
# - Haviv et al., *Transformer Language Models without Positional Encodings Still Learn Positional Information*, 2022, arXiv 2203.16634.
