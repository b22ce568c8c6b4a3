# ---
# jupyter:
#   jupytext:
#     notebook_metadata_filter: all
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   attend:
#     title: A language model
#     goal: You build a GPT, train it on English prose until it beats counting, and let it write.
#     needs: [05_masking, 08_multi_head_attention, 09_transformer_block]
#     core: true
#     training_minutes: 2
# ---

# %% [markdown]
# | term | 中文 | meaning |
# |---|---|---|
# | language model | 语言模型 | a model that gives each possible next token a probability |
# | n-gram model | n 元模型 | a language model that counts what followed the last n − 1 tokens |
# | tied embeddings | 权重共享 | one table for tokens that go in and for tokens that come out |
# | sampling | 采样 | choosing the next token by chance, with the model's probabilities |
# | perplexity | 困惑度 | among how many equally likely tokens the model hesitates |
# | nucleus, top-p | 核采样 | the fewest likeliest tokens that together have at least probability p |
# | key-value cache | 键值缓存 | keys and values of all tokens read, kept for later |
# | masked language model | 掩码语言模型 | a model that fills gaps, and sees both sides |
#
# You know: token 词元, causal mask 因果掩码, logits 未归一化得分, encoder 编码器, temperature 温度, dropout 随机失活.
#
# ## Three questions from lessons 02, 05 and 09
#
# 1. The temperature of a softmax falls. What happens to its weights?
# 2. Three new queries meet five keys, the last three of them their own. Which keys may the first query see?
# 3. Where do the norms stand in a pre-norm stack, and where does it have one more?
#
# <details><summary>Answers</summary>
#
# 1. They become sharper: the highest one grows.
# 2. The first three: a causal mask is aligned at the bottom right.
# 3. Before each part; and one behind the last block.
#
# </details>

# %% given="setup"
import functools
import math
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn
from torch.nn import functional as F

sys.path.append("attend.zip")  # in Colab: upload attend.zip next to this notebook
from attend import Checker, english_prose, play, show, show_prediction

check = Checker("11_language_model")


def filled(model):
    """A GPT whose parameters are all known numbers, no two of them the same, for the checks."""
    parts = (model.embed, model.positions, model.encoder)
    known = [parameter for part in parts for parameter in part.parameters()]
    with torch.no_grad():
        for parameter in model.parameters():  # what stands in no part
            parameter.fill_(0.1 if parameter.ndim > 1 else 0.0)
        for place, parameter in enumerate(known, 1):
            waves = torch.arange(1.0, parameter.numel() + 1) * (1 + place / 20)
            parameter.copy_(waves.sin().view_as(parameter))
    return model


# %% [markdown]
# Your attention of lesson 08 and your encoder of lesson 09 come along:

# %% given="attention"
from solutions.lesson_08_multi_head_attention.kernels import (
    MultiHeadAttention,
    merge_heads,
    split_heads,
)

# %% given="encoder"
from solutions.lesson_09_transformer_block.kernels import (
    EncoderBlock,
    TransformerEncoder,
    ready_feed_forward,
)

# %% [markdown]
# ## 1 · What comes next?
#
# *The quick brown f…* You know how it goes on. A language model gives every possible next token a probability.
# Our tokens are characters, and our text is what Python's own manual says about Python.

# %%
prose = english_prose()
characters = sorted(set(prose))
number = {character: place for place, character in enumerate(characters)}
text = torch.tensor([number[character] for character in prose])
cut = int(0.9 * len(text))
train, held_out = text[:cut], text[cut:]
print(f"{len(train):,} characters to learn from, {len(held_out):,} held out")
print(f"{len(characters)} different ones:", "".join(characters[1:]))
print(prose[cut : cut + 200])

# %% [markdown]
# A good model is seldom surprised. If it gave the character that came the probability $p$, its surprise is
# $-\log_2 p$ **bits**: 1 bit at ½, 2 bits at ¼. We average over held-out text: bits per character (Shannon, 1951).
# A guess among 79 equals costs log₂ 79 = 6.3 bits.
#
# **The line to beat is counting.** An n-gram model looks at the last $n - 1$ characters, the history $h$.
# Witten and Bell (1991) mix its counts with those of a shorter history $h'$:
#
# $$p(c \mid h) = \frac{N(h c) + D(h)\, p(c \mid h')}{N(h) + D(h)}$$
#
# In the training text, $N(hc)$ counts how often $c$ followed $h$, $N(h)$ how often anything did.
# $D(h)$ is how many different characters followed $h$: many mean that a new one is likely, too.
# $h'$ is $h$ without its first character. Where no character is left to drop, $1 / 79$ stands for $p(c \mid h')$.
# A history that was never seen is passed over: $p(c \mid h) = p(c \mid h')$.


# %%
class NGram:
    """Counts what follows every history of less than n tokens, and mixes long with short ones."""

    def __init__(self, tokens, n, n_tokens):
        self.n_tokens = n_tokens
        self.after = [defaultdict(Counter) for _ in range(n)]
        tokens = tuple(tokens.tolist())
        for length, after in enumerate(self.after):
            for i in range(length, len(tokens)):
                after[tokens[i - length : i]][tokens[i]] += 1

    def probability(self, token, history):
        """From the shortest history to the longest that was ever seen."""
        p = 1 / self.n_tokens
        for length, after in enumerate(self.after[: len(history) + 1]):
            followed = after.get(history[len(history) - length :])
            if followed is None:
                break
            p = (followed[token] + len(followed) * p) / (followed.total() + len(followed))
        return p

    def bits(self, tokens, n):
        """The mean surprise over a text, from the last n - 1 tokens."""
        tokens = tuple(tokens.tolist())
        chances = [
            self.probability(tokens[i], tokens[max(0, i - n + 1) : i]) for i in range(len(tokens))
        ]
        return -sum(math.log2(p) for p in chances) / len(tokens)

    def write(self, n, n_new, seed=11):
        """New text, token by token."""
        rng, tokens = np.random.default_rng(seed), ()
        for _ in range(n_new):
            history = tokens[max(0, len(tokens) - n + 1) :]
            chances = [self.probability(token, history) for token in range(self.n_tokens)]
            tokens += (int(rng.choice(self.n_tokens, p=np.array(chances) / sum(chances))),)
        return "".join(characters[token] for token in tokens)


counts = NGram(train, 6, len(characters))
COUNTED = {n: counts.bits(held_out, n) for n in (1, 3, 5, 6)}
for n, bits in COUNTED.items():
    print(f"{n}-gram: {bits:.2f} bits per character")
for n in (3, 5):
    print(f"\nthe {n}-gram writes:", counts.write(n, 120))

# %% [markdown]
# Beyond four characters of history counting no longer improves: most longer ones come once, or never.
# A network can do better, since it need not have seen *exactly* this history.
#
# ## 2 · One text, many questions
#
# A model that reads T characters answers T questions at once: after each one, what comes next?
# By hand: the text is `h e l l o`, a window of 4 begins at place 0.
#
# | reads | h | e | l | l |
# |---|---|---|---|---|
# | should say | e | l | l | o |
#
# The targets are the inputs, **shifted by one**. Without the shift the model learns to copy, and its loss falls to 0.

# %% exercise="next_token_targets" points={"idea": 1, "edge cases": 1} minutes=7 difficulty=2 importance=5 day=true
from solutions.lesson_11_language_model.kernels import next_token_targets

# %% [markdown] hints="next_token_targets"
# A window needs `length + 1` tokens of the text: `length` to read, and one more as the last target.
#
# +++
#
# Index with a tensor (B, length + 1): `starts[:, None]` is a column, `torch.arange(length + 1)` a row. Their sum is a table.
#
# +++
#
# ```python
# places = starts[:, None] + torch.arange(length + 1)
# return cut[:, :-1], cut[:, 1:]
# cut = text[places]
#     raise ValueError("a window does not fit")
# if places.max() >= len(text):
# ```

# %% check="next_token_targets"
letters = torch.tensor([7, 3, 9, 4, 8, 6, 5, 2])
with check("next_token_targets") as expect:
    inputs, targets = next_token_targets(letters, torch.tensor([2, 0]), 3)
    expect("two windows to read", inputs, torch.tensor([[9, 4, 8], [7, 3, 9]]))
    expect("what comes next at each place", targets, torch.tensor([[4, 8, 6], [3, 9, 4]]))
    expect("the text stays as it was", letters, torch.tensor([7, 3, 9, 4, 8, 6, 5, 2]))
    try:
        last = torch.cat(next_token_targets(letters, torch.tensor([5]), 2))
    except ValueError:
        last = "ValueError"
    expect("up to the text's end", last, torch.tensor([[6, 5], [5, 2]]))
    for what, starts in (
        ("a window beyond the text", [6]),
        ("a window without its last target", [5]),
        ("two windows, the second beyond", [0, 6]),
        ("two windows, the first beyond", [6, 0]),
    ):
        try:
            refused = next_token_targets(letters, torch.tensor(starts), 3)[1]
        except ValueError:
            refused = "ValueError"
        expect(what, refused, "ValueError")

# %% [markdown]
# ## 3 · A GPT
#
# All questions are answered in one pass, so each place may look back only: a causal mask.
# That is all that makes a language model of your encoder:
#
# $$x = \text{encoder}(E[\text{tokens}] + P,\ \text{causal mask}) \qquad \text{logits} = x\, E^{\top}$$
#
# $E$ is the table of tokens, $P$ that of places. $E$ stands at **both ends**: a token is likely where the output points
# its way. So the table is tied (Press and Wolf, 2017).
# GPT does so (Radford et al., 2018, equation 2). Its successor GPT-2 puts the norms first, as we do (2019, section 2.3).
#
# `nn.Embedding(V, d_model)` is such a table: called with numbers, it returns their rows.
# Both tables are drawn with standard deviation 0.02. Section 5 shows why.
#
# **Predict.** A GPT reads six tokens. You change only token 3, counted from 0.
# At which places can the logits change? Write 1 for yes, 0 for no.

# %%
my_changes = [None, None, None, None, None, None]  # places 0 to 5

# %% exercise="GPT" points={"idea": 3, "edge cases": 1, "gradient": 1} minutes=18 difficulty=3 importance=5 day=true
from solutions.lesson_11_language_model.kernels import GPT

# %% [markdown] hints="GPT"
# Three parts, a dropout and the number `context` in `__init__`. `forward` is the formula above.
#
# +++
#
# `nn.init.normal_(self.embed.weight, std=0.02)` draws a table anew. `torch.ones(T, T).tril().bool()` is True on and below the
# diagonal. `self.embed.weight` is (V, d_model): turn it for the product.
#
# +++
#
# ```python
# T = tokens.shape[1]
# return x @ self.embed.weight.T
# x = self.dropout(self.embed(tokens) + self.positions(torch.arange(T)))
#     raise ValueError("too many tokens")
# x = self.encoder(x, torch.ones(T, T).tril().bool())
# if T > self.context:
# ```

# %% check="GPT"
tokens = torch.tensor([[1, 4, 3, 6], [2, 0, 5, 2]])  # (2 texts, 4 places)
with check("GPT") as expect:
    model = GPT(7, 4, 1, 2, 8, context=5)
    shapes = [tuple(table.weight.shape) for table in (model.embed, model.positions)]
    expect("the shapes of both tables", shapes, [(7, 4), (5, 4)])
    parts = {name.split(".")[0] for name, _ in model.named_parameters()}
    others = parts - {"embed", "positions", "encoder"}
    expect("how many other parts have parameters", len(others), 0)
    wide = GPT(500, 40, 1, 2, 8, context=400)
    spreads = [table.weight.std().item() for table in (wide.embed, wide.positions)]
    expect("embed, positions: 0.02 spread", [0.018 < one < 0.022 for one in spreads], [True, True])
    model = filled(model)
    logits = model(tokens).detach()
    expect("logits of every place", logits.shape, (2, 4, 7))
    wanted = torch.tensor(
        [
            [1.0532, -2.1221, 1.0276, 1.1145, -2.1204, 0.9646, 1.1746],
            [1.0764, -2.1461, 1.0279, 1.1382, -2.144, 0.964, 1.1988],
            [1.1005, -2.0882, 0.947, 1.1597, -2.084, 0.8838, 1.2175],
            [1.0581, -2.0989, 0.9999, 1.1184, -2.0966, 0.9373, 1.1775],
        ]
    )
    expect("the first text", logits[0], wanted, 1e-3)
    wanted = torch.tensor(
        [
            [1.0833, -2.0791, 0.9553, 1.1424, -2.0754, 0.8926, 1.2002],
            [1.0227, -2.1416, 1.0772, 1.0854, -2.1414, 1.0143, 1.1468],
            [1.1559, -1.9956, 0.8008, 1.2104, -1.9876, 0.7385, 1.2635],
            [1.1081, -2.0496, 0.9016, 1.1656, -2.0445, 0.839, 1.2218],
        ]
    )
    expect("the second text", logits[1], wanted, 1e-3)
    silent = filled(GPT(7, 4, 1, 2, 8, context=5, dropout=1.0))
    wanted = torch.tensor([-0.7245, -0.1929, 0.9136, -0.7029, -0.2244, 0.923, -0.6806])
    expect("everything dropped", silent(tokens)[0, 3].detach(), wanted, 1e-3)
    expect("eval() drops nothing", silent.eval()(tokens).detach(), logits, 1e-3)
    expect("the context is kept", model.context, 5)
    model(torch.tensor([[0, 1, 2, 3]])).square().sum().backward()
    left_out = [name for name, one in model.named_parameters() if one.grad is None]
    expect("parameters that no gradient reaches", ", ".join(left_out) or "none", "none")
    wanted = torch.tensor([15.2404, -8.3759, -0.2261, -2.0464])
    slope = model.embed.weight.grad[5]  # token 5 is not read: this comes from the output's end
    expect("the gradient of a token that was not read", slope, wanted, 1e-3)
    for what, n, wanted in (
        ("five tokens in a context of five", 5, "(1, 5, 7)"),
        ("six tokens in a context of five", 6, "ValueError"),
    ):
        try:
            came = str(tuple(model(torch.arange(n)[None]).shape))
        except ValueError:
            came = "ValueError"
        expect(what, came, wanted)

# %%
torch.manual_seed(11)
model = GPT(9, 12, 2, 3, 24, context=6)
before, after = model(torch.tensor([[1, 5, 2, 7, 3, 8], [1, 5, 2, 4, 3, 8]])).detach()
moved = (before - after).abs().amax(dim=-1) > 1e-6
show_prediction(
    my_changes,
    moved.int().numpy(),
    columns=[f"place {place}" for place in range(6)],
    alt="Logits change at the places 3, 4 and 5, and not at 0, 1 and 2.",
)

# %% [markdown]
# ## 4 · Choose the next token
#
# The model gives probabilities; who chooses? Lay them on a line from 0 to 1, and let a random **draw** fall on it:
#
# | token | a | b | c |
# |---|---|---|---|
# | probability | 0.3 | 0.5 | 0.2 |
# | its share of the line | 0 to 0.3 | 0.3 to 0.8 | 0.8 to 1 |
#
# A draw of 0.75 falls on *b*. A temperature $\tau$ divides the logits $z$ first: $p = \text{softmax}(z / \tau)$.
# At $\tau$ = 0.5 each probability is squared, then all are divided by their sum.
#
# **Predict** the three probabilities at $\tau$ = 0.5, each to within 0.02.

# %%
my_cold = [None, None, None]  # a, b, c

# %% exercise="sample" points={"idea": 2, "edge cases": 1} minutes=10 difficulty=3 importance=5 day=true
from solutions.lesson_11_language_model.kernels import sample

# %% [markdown] hints="sample"
# `cumsum(dim=-1)` gives the ends of the shares. The chosen token is the number of ends that lie at or below the draw.
#
# +++
#
# `draws.unsqueeze(-1)` lines the draws up with the ends. Rounding may leave the last end a little below 1:
# multiply the draws by it.
#
# +++
#
# ```python
# ends = torch.softmax(logits / temperature, dim=-1).cumsum(-1)
#     return logits.argmax(dim=-1)
# if temperature < 0:
# return (ends <= draws.unsqueeze(-1) * ends[..., -1:]).sum(-1)
#     raise ValueError(temperature)
# if temperature == 0:
# ```

# %% check="sample"
logits = torch.log(torch.tensor([0.3, 0.5, 0.2])) + 1  # the table above; + 1 changes nothing
with check("sample") as expect:
    draws = torch.tensor([[0.1, 0.75, 0.9], [0.29, 0.31, 0.79]])  # (2, 3)
    wanted = torch.tensor([[0, 1, 2], [0, 1, 1]])
    expect("where six draws fall", sample(logits.expand(2, 3, 3), draws), wanted)
    draws = (torch.arange(1000) + 0.5) / 1000  # a thousand draws, evenly spread
    chosen = sample(logits.expand(1000, 3), draws)
    expect("how often each comes", chosen.bincount(minlength=3), torch.tensor([300, 500, 200]))
    chosen = sample(logits.expand(1000, 3), draws, temperature=2.0)
    wanted = torch.tensor([322, 415, 263])
    expect("and at a temperature of 2", chosen.bincount(minlength=3), wanted)
    chosen = sample(logits.expand(1000, 3), draws, temperature=0.8)
    wanted = torch.tensor([286, 542, 172])
    expect("and at 0.8", chosen.bincount(minlength=3), wanted)
    expect("one row alone", sample(logits, torch.tensor(0.85)), torch.tensor(2))
    some = torch.tensor([[1.0, 3.0, 3.0], [4.0, 2.0, 4.0]])
    cold = sample(some, torch.tensor([0.99, 0.99]), temperature=0)
    expect("at 0 the first of the likeliest", cold, torch.tensor([1, 0]))
    never = torch.tensor([[-math.inf, 0.0, 0.0, -math.inf]] * 2)
    came = sample(never, torch.tensor([0.0, 0.9999999]))
    expect("what has no probability never comes", came, torch.tensor([1, 2]))
    short = torch.tensor([0.35056666, -1.86304224, -3.01097941, -math.inf])  # their sum: below 1
    last = sample(short, torch.tensor(0.99999994))
    expect("the largest draw there is", last, torch.tensor(2))
    far = sample(1e4 * torch.tensor([-1.0, 1.0, 1.0]), torch.tensor(0.75))
    expect("logits of 10,000", far, torch.tensor(2))
    try:
        refused = sample(logits, torch.tensor(0.5), temperature=-1.0)
    except ValueError:
        refused = "ValueError"
    expect("a temperature below 0", refused, "ValueError")

# %%
chances = torch.tensor([0.3, 0.5, 0.2])
draws = torch.rand(20_000, generator=torch.Generator().manual_seed(11))
chosen = sample(chances.log().expand(20_000, 3), draws, temperature=0.5)
show_prediction(
    my_cold,
    torch.softmax(chances.log() / 0.5, dim=-1),
    columns=["a", "b", "c"],
    tolerance=0.02,
    alt="At a temperature of 0.5: a 0.24, b 0.66, c 0.11.",
)
if None not in my_cold:
    print("in 20,000 random draws:", [round(n / 20_000, 3) for n in chosen.bincount().tolist()])

# %% [markdown]
# ## 5 · Train it
#
# Two blocks of width 128 read 48 characters at a time. PyTorch brings AdamW, which updates the parameters. Its step size
# grows first, then falls like a cosine; long gradients are clipped (lesson 10 builds all this).
# The target, set before this page was written: fewer bits than the 5-gram. The second cell checks it.
# `F.cross_entropy` takes logits and targets and gives the mean of $-\log p$; divided by log 2, that is bits.
# On the way every fourth held-out window is judged, at the end each.
# Training takes about two minutes. A good time for a break.

# %%
CONTEXT, STEPS = 48, 2000
SEED = 11
torch.set_num_threads(1)  # small matrices: a second thread would mostly wait


def gpt(width=128, n_layers=2):
    return GPT(len(characters), width, n_layers, 4, 4 * width, CONTEXT)


def bits_of(model, tokens, take=1):
    """Bits per character, in every take-th window. What is judged has half a context before it."""
    half = CONTEXT // 2
    starts = torch.arange(0, len(tokens) - CONTEXT - 1, half * take)
    total = []
    with torch.no_grad():
        for some in starts.split(40):
            inputs, targets = next_token_targets(tokens, some, CONTEXT)
            lost = F.cross_entropy(model.eval()(inputs).mT, targets, reduction="none")
            total.append(lost[:, half:])
    return torch.cat(total).mean().item() / math.log(2)


def write(model, start, n_new, temperature=0.8):
    """Let a model write on, with your `sample`: the bare loop."""
    generator = torch.Generator().manual_seed(3)
    tokens = torch.tensor([[number[character] for character in start]])
    with torch.no_grad():
        for _ in range(n_new):
            scores = model.eval()(tokens[:, -CONTEXT:])[:, -1]
            following = sample(scores, torch.rand(1, generator=generator), temperature)
            tokens = torch.cat([tokens, following[None]], dim=1)
    return "".join(characters[token] for token in tokens[0])


class Training:
    """Trains a model for a number of steps that is fixed beforehand; it may pause between."""

    def __init__(self, model, steps, cut_windows=next_token_targets):
        self.model, self.cut_windows = model, cut_windows
        self.optimizer = torch.optim.AdamW(
            model.parameters(), lr=0.004, betas=(0.9, 0.98), weight_decay=0.1
        )
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, 0.004, steps, pct_start=0.1, cycle_momentum=False
        )
        self.generator = torch.Generator().manual_seed(SEED)
        self.history, self.valid = [], []  # training bits; steps and held-out bits
        self.seconds = 0.0

    def step(self):
        starts = torch.randint(len(train) - CONTEXT, (16,), generator=self.generator)
        inputs, targets = self.cut_windows(train, starts, CONTEXT)
        loss = F.cross_entropy(self.model.train()(inputs).flatten(0, 1), targets.flatten())
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.schedule.step()
        self.history.append(loss.item() / math.log(2))

    def run(self, until, every=0):
        """Go on up to a step; tell, every so many, how it goes and what the model writes."""
        while len(self.history) < until:
            began = time.process_time()
            self.step()
            self.seconds += time.process_time() - began
            if every and len(self.history) % every == 0:
                self.tell(every)
        return self

    def tell(self, every):
        self.valid.append((len(self.history), bits_of(self.model, held_out, take=4)))
        print(
            f"step {len(self.history):4}   training {np.mean(self.history[-every:]):.2f} bits   "
            f"held out {self.valid[-1][1]:.2f}   {self.seconds:4.0f} s of CPU   "
            f"{write(self.model, 'The ', 24)!r}",
            flush=True,
        )


@functools.cache  # a second call goes on with the same model
def training():
    torch.manual_seed(SEED)
    return Training(gpt(), STEPS)


print("before:", repr(write(training().model, "The ", 90)))
training().run(STEPS // 2, every=200)
print("half-way:", repr(write(training().model, "The ", 90)))


# %%
def trained():
    """The model, trained to the end: once, however often this is called."""
    return training().run(STEPS, every=200).model


print("at the end:", repr(write(trained(), "The ", 90)))
reached, line = bits_of(trained(), held_out), COUNTED[5]
print(f"held out: GPT {reached:.3f} bits per character, 5-gram {line:.3f}")
assert reached < line, "expected fewer bits than the 5-gram: was a cell above or the seed changed?"

# %% [markdown]
# **What the tables' spread is worth.** `nn.Embedding` draws with standard deviation 1. The table is tied, so in a model of
# width 64 the first logits are sums of 64 products, and huge: the third curve begins far above the picture.
# Loud *places* beside quiet tokens do more harm: what a token is drowns in where it stands.
# One small model, three starts:


# %%
@functools.cache
def started(loud):
    """The training bits of one block of width 64, with loud tables put in its place."""
    torch.manual_seed(SEED)
    model = gpt(64, 1)
    for name in loud:
        nn.init.normal_(getattr(model, name).weight)
    print("150 steps with spread 1 in:", ", ".join(loud) or "nothing", flush=True)
    return Training(model, 150).run(150).history


STARTS = {
    "both 0.02": ((), "#0072B2", "-"),
    "places 1": (("positions",), "#D55E00", "--"),
    "places and tokens 1": (("positions", "embed"), "#009E73", ":"),
}
history, valid = training().run(STEPS).history, training().valid
figure = Figure(figsize=(14, 4.6), layout="constrained")
left, after = figure.subplots(1, 2)
left.plot(history, color="#888888", linewidth=1, label="training")
left.plot(*zip(*valid, strict=True), "o-", color="#0072B2", linewidth=3, label="GPT, held out")
for n, line in ((3, ":"), (5, "--")):
    left.axhline(COUNTED[n], color="#D55E00", linestyle=line, linewidth=3, label=f"{n}-gram")
left.set(xlabel="step", ylabel="bits per character", ylim=(1, 6.6), title="against counting")
left.legend()
for name, (loud, colour, line) in STARTS.items():
    smooth = np.convolve(started(loud), np.ones(10) / 10, "valid")
    after.plot(np.arange(10, 151), smooth, line, color=colour, linewidth=3, label=name)
after.set(xlabel="step", ylabel="bits, mean of 10 steps", ylim=(3, 8))
after.set_title("spread of the tables (training)")
after.legend()
show(
    figure,
    alt=f"Left, the GPT's held-out bits fall from {valid[0][1]:.2f} to {valid[-1][1]:.2f}; the "
    f"3-gram stays at {COUNTED[3]:.2f}, the 5-gram at {COUNTED[5]:.2f}. Right, a small "
    "model's first and last training bits: "
    + "; ".join(
        f"{name}: {started(loud)[0]:.1f} and {np.mean(started(loud)[-10:]):.1f}"
        for name, (loud, _, _) in STARTS.items()
    )
    + ".",
)

# %% [markdown]
# The second model has learned how often each letter comes (the 1-gram has 4.5 bits), and does not see which ones it reads.
# The third catches up here, after a bad start.
#
# **A mistake that training hides.** This model gets its inputs as targets. Watch the loss, then read.


# %%
def without_the_shift(tokens, starts, length):
    inputs, _ = next_token_targets(tokens, starts, length)
    return inputs, inputs


torch.manual_seed(SEED)
copies = Training(gpt(64, 1), 200, without_the_shift).run(200)
print(f"without the shift: {np.mean(copies.history[-10:]):.2f} bits in training")
print("it writes:", repr(write(copies.model, "The v", 60)))

# %% [markdown]
# It says again what it read last.
#
# **What all this does not show.** The text is small and has one subject. So the numbers say nothing about English at large,
# and nothing about counting with more text: n-grams, too, get better with more.
#
# ## 6 · Perplexity
#
# Papers often state perplexity: as unsure as a fair choice among so many tokens.
#
# $$\text{perplexity} = \exp\!\Big(-\frac{1}{n} \sum_{i=1}^{n} \log p_i\Big) = 2^{\text{bits}}$$
#
# $p_i$ is the probability that target $i$ got. By hand: ½ and ⅛. The mean of 1 and 3 bits is 2, the perplexity 4.
# Average *logarithms*: the mean of 2 and 8 would be 5. (Bengio et al., 2003.)

# %% exercise="perplexity" points={"idea": 1, "edge cases": 1} minutes=8 difficulty=2 importance=4
from solutions.lesson_11_language_model.kernels import perplexity

# %% [markdown] hints="perplexity"
# Log-softmax, then pick the target's entry at each place, then choose what counts, then the mean.
#
# +++
#
# `gather(-1, targets.unsqueeze(-1))` picks; `log_p[counted]` is a flat tensor of those that count.
#
# +++
#
# ```python
#     picked = picked[counted]
# logs = torch.log_softmax(logits, dim=-1)
# if counted is not None:
# return math.exp(-picked.mean())
# picked = logs.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
# ```

# %% check="perplexity"
chances = torch.tensor(
    [[[0.5, 0.25, 0.25], [0.1, 0.8, 0.1]], [[0.1, 0.1, 0.8], [0.25, 0.25, 0.5]]]
)  # (2 texts, 2 places, 3 tokens)
targets = torch.tensor([[0, 2], [2, 1]])  # their probabilities: ½, 0.1; 0.8, ¼
logits = chances.log() + 2  # logits are no log-probabilities
with check("perplexity") as expect:
    hand = perplexity(torch.log(torch.tensor([[0.5, 0.5], [0.875, 0.125]])), torch.tensor([0, 1]))
    expect("½ and ⅛, as by hand", hand, 4.0, 1e-4)
    expect("two texts", perplexity(logits, targets), 3.1623, 1e-3)
    expect(
        "nothing known: all five",
        perplexity(torch.zeros(4, 5), torch.tensor([0, 3, 1, 1])),
        5.0,
        1e-4,
    )
    first = torch.tensor([[True, False], [True, False]])
    expect("only the first places count", perplexity(logits, targets, first), 1.5811, 1e-3)
    three = torch.tensor([[True, False], [True, True]])
    expect("three of four count", perplexity(logits, targets, three), 2.1544, 1e-3)
    expect("one place alone", perplexity(logits[0, 0], targets[0, 0]), 2.0, 1e-4)
    far = 1e4 * torch.tensor([[1.0, 1.0, -1.0]])
    expect("logits of 10,000", perplexity(far, torch.tensor([1])), 2.0, 1e-4)
    four = torch.tensor([[200.0, 0.0]] * 4)  # -log p is 200 for the first target, 0 for the others
    rare = perplexity(four, torch.tensor([1, 0, 0, 0]))
    expect("one target hardly possible: log of it", math.log(rare), 50.0, 1e-3)
    expect("a number of Python", type(rare).__name__, "float")


# %%
def surprises(model, words):
    """The bits of each character of a text but the first."""
    tokens = torch.tensor([number[character] for character in words])
    with torch.no_grad():
        logs = torch.log_softmax(model.eval()(tokens[None, :-1])[0], dim=-1)
    return -logs.gather(-1, tokens[1:, None])[:, 0] / math.log(2)


model = trained()
words = held_out[: CONTEXT + 1].tolist()
words = "".join(characters[token] for token in words)
bits = surprises(model, words)
figure = Figure(figsize=(14, 3), layout="constrained")
ax = figure.subplots()
ax.bar(range(1, len(words)), bits, color="#0072B2")
ax.set_xticks(range(len(words)), [character.replace(" ", "␣") for character in words])
ax.set(ylabel="bits", title="surprise, character by character", xlim=(-0.7, len(words) - 0.3))
late = range(10, len(words))  # before, the model has read too little
starts = [i for i in late if words[i - 1] == " " and words[i].isalpha()]
others = [i for i in late if i not in starts]
means = [bits[[i - 1 for i in places]].mean().item() for places in (starts, others)]
show(
    figure,
    alt=f"A bar for each character of a held-out piece. From the tenth on first letters of words "
    f"cost {means[0]:.1f} bits in the mean, all other characters {means[1]:.1f}.",
)
tokens = torch.tensor([[number[character] for character in words]])
with torch.no_grad():
    value = perplexity(model(tokens[:, :-1]), tokens[:, 1:])
print(f"perplexity of this piece: {value:.2f}; 2 to its mean bits: {2 ** bits.mean():.2f}")

# %% [markdown]
# First letters of words are the hard part. Inside a word the model is often sure.
#
# ## 7 · Cut the tail off
#
# At each place most tokens are wrong. Each is unlikely, but together they are chosen now and then. Two filters forbid them:
#
# | filter | keeps |
# |---|---|
# | top-k | the k likeliest tokens (Fan et al., 2018) |
# | top-p | the fewest likely ones whose probabilities sum to at least p: the nucleus (Holtzman et al., 2020) |
#
# By hand: 0.5, 0.3, 0.15, 0.05 and p = 0.6. The first sums to 0.5, the second reaches 0.8. Both stay:
# the token that **crosses** p is in. Where a model is sure, the nucleus is small; where it is not, large.

# %% exercise="filter_logits" points={"idea": 2, "edge cases": 1} minutes=14 difficulty=3 importance=4
from solutions.lesson_11_language_model.kernels import filter_logits

# %% [markdown] hints="filter_logits"
# Rank first: `logits.sort(dim=-1, descending=True, stable=True)` gives values and where they stood.
#
# +++
#
# A ranked token stays if those *above* it have less than p together: `cumsum` minus the token's own share.
# `torch.zeros_like(logits).scatter(-1, order, ranked)` puts values back.
#
# +++
#
# ```python
# if top_k is not None:
#     ranked = ranked.masked_fill(p.cumsum(-1) - p >= top_p, -torch.inf)
# return torch.zeros_like(logits).scatter(-1, order, ranked)
#     ranked[..., top_k:] = -torch.inf
# ranked, order = logits.sort(dim=-1, descending=True, stable=True)
# if top_p < 1:
#     p = torch.softmax(ranked, dim=-1)
# ```
#
# Before all this, raise the ValueErrors.

# %% check="filter_logits"
logits = torch.log(torch.tensor([[0.05, 0.5, 0.15, 0.3], [0.3, 0.05, 0.5, 0.15]])) + 4
before, no = logits.clone(), -math.inf
with check("filter_logits") as expect:
    first, second = logits.tolist()
    wanted = torch.tensor([[no, first[1], no, first[3]], [second[0], no, second[2], no]])
    expect("top_k = 2", filter_logits(logits, top_k=2), wanted)
    expect("top_p = 0.6: the token that crosses stays", filter_logits(logits, top_p=0.6), wanted)
    wanted = torch.tensor([[no, *first[1:]], [second[0], no, *second[2:]]])
    expect("top_p = 0.9", filter_logits(logits, top_p=0.9), wanted)
    alone = torch.tensor([[no, first[1], no, no], [no, no, second[2], no]])
    expect("top_p = 0.3: one is always left", filter_logits(logits, top_p=0.3), alone)
    expect("of two the first has 0.625", filter_logits(logits, 2, 0.6), alone)
    expect("your logits stay as they were", logits, before)
    even = filter_logits(torch.zeros(20), top_k=8, top_p=0.25)  # each of eight has 0.125
    expect("of equals the first", even, torch.tensor([0.0] * 2 + [no] * 18))
    twins = filter_logits(torch.tensor([2.0, 7.0, 7.0, 1.0]), top_k=1)
    expect("of two highest the first", twins, torch.tensor([no, 7.0, no, no]))
    tail = torch.tensor([0.0, -200.0, 1.0])
    expect("no filter: a long tail stays", filter_logits(tail), tail)
    expect("a k beyond the tokens", filter_logits(tail, top_k=7), tail)
    for what, filters in (
        ("top_k = 0", (0, 1.0)),
        ("top_k = -1", (-1, 1.0)),
        ("top_p = 0", (None, 0.0)),
        ("top_p = -0.1", (None, -0.1)),
        ("top_p = 1.5", (None, 1.5)),
    ):
        try:
            refused = filter_logits(tail, *filters)
        except ValueError:
            refused = "ValueError"
        expect(what, refused, "ValueError")

# %% [markdown]
# Play with all three. A cross marks tokens that are forbidden.


# %%
def draw_choices(start, temperature, top_k, top_p):
    """The twenty likeliest next characters after a beginning, and what a filter leaves."""
    tokens = torch.tensor([[number[character] for character in start]])
    with torch.no_grad():
        logits = trained().eval()(tokens)[0, -1]
    kept = filter_logits(logits, top_k, top_p)
    chances = torch.softmax(kept / temperature, dim=-1)
    order = logits.argsort(descending=True)[:20]
    names = [characters[token].replace(" ", "␣").replace("\n", "↵") for token in order]
    figure = Figure(figsize=(5.6, 3.4), layout="constrained")
    ax = figure.subplots()
    ax.bar(names, torch.softmax(logits, dim=-1)[order], color="#bbbbbb", label="the model's")
    allowed = kept[order] > -math.inf
    for one, marker, colour, label in (
        (allowed, "o", "#D55E00", "what is sampled"),
        (~allowed, "x", "#000000", "forbidden"),
    ):
        places = one.nonzero()[:, 0]
        style = {"color": colour, "markersize": 7, "clip_on": False, "zorder": 3}
        ax.plot(places, chances[order][places], marker, label=label, **style)
    ax.set(ylabel="probability", title=f"after “{start}”")
    ax.margins(y=0.08)
    ax.legend()
    stays = int((kept > -math.inf).sum())
    stay = "character stays" if stays == 1 else "characters stay"
    top = ", ".join(
        f"{name} {chances[token]:.2f}" for name, token in zip(names[:3], order, strict=False)
    )
    return figure, f"After “{start}” {stays} {stay}. Sampled most: {top}."


play(
    draw_choices,
    stills=[
        {"start": "The val", "temperature": 1.0, "top_k": 79, "top_p": 0.9},
        {"start": "The ", "temperature": 1.0, "top_k": 79, "top_p": 0.9},
        {"start": "The ", "temperature": 0.5, "top_k": 8, "top_p": 1.0},
    ],
    start=["The ", "The val", "The value of", "Python"],
    temperature=(0.1, 3.0, 0.1, 1.0),
    top_k=(1, 79, 1, 79),
    top_p=(0.05, 1.0, 0.05, 0.9),
)

# %% [markdown]
# ## 8 · Let it write
#
# The loop of a writer: read the last `context` tokens, filter, sample, append, again.
# A text may end: its end token is chosen, and its row holds nothing else from there. Where all rows have ended, stop.
# (Here the filter comes before the temperature. Hugging Face's order is the other one.)
#
# To try your loop, `TableModel` is a model that you can follow by hand: a table says what follows the last two tokens.

# %% given="table"
from solutions.lesson_11_language_model.kernels import TableModel

# %% exercise="generate" points={"idea": 1, "edge cases": 1} minutes=12 difficulty=3 importance=4
from solutions.lesson_11_language_model.kernels import generate

# %% [markdown] hints="generate"
# One step for each column of `draws`. Remember which rows have ended: a boolean for each.
#
# +++
#
# `model(tokens[:, -context:])[:, -1]` are the logits that count. `chosen.masked_fill(ended, end)` silences ended rows.
#
# +++
#
# ```python
#         new = new.masked_fill(over, end)
#     new = sample(filter_logits(scores, top_k, top_p), draws[:, n], temperature)
# return tokens
#         break
# over = torch.zeros(len(tokens)).bool()
#     if over.all():
#     tokens = torch.cat([tokens, new[:, None]], dim=1)
# for n in range(draws.shape[1]):
#     if end is not None:
#         over = new == end
#     scores = model(tokens[:, -context:])[:, -1]
# ```

# %% check="generate"
table = torch.zeros(4, 4, 4)  # (second last, last, next)
for one in range(4):
    for other in range(4):
        table[one, other, (one + other) % 4] = 30.0  # the sum of the last two, modulo 4
middle = torch.full((3, 5), 0.5)
with check("generate") as expect:
    model, seen = TableModel(table, context=3), []

    def reads(tokens):
        """The model, and a note of what it reads."""
        seen.append(tokens[0].tolist())
        return model(tokens)

    begin = torch.tensor([[1, 1], [3, 1], [1, 2]])
    wanted = torch.tensor([[1, 1, 2, 3, 1, 0], [3, 1, 0, 1, 1, 2], [1, 2, 3, 1, 0, 1]])
    expect("each is the sum of the two before", generate(reads, begin, middle[:, :4], 3), wanted)
    expect("what the model read of text 0", seen, [[1, 1], [1, 1, 2], [1, 2, 3], [2, 3, 1]])
    seen.clear()
    wanted = torch.tensor([[1, 1, 2, 3, 3, 3, 3], [3, 1, 0, 1, 1, 2, 3], [1, 2, 3, 3, 3, 3, 3]])
    long = generate(reads, begin, torch.full((3, 9), 0.5), 3, end=3)
    expect("3 ends a text; all have ended", long, wanted)
    expect("how often the model was asked", len(seen), 5)
    two = torch.tensor([[2, 0], [1, 2]])
    wanted = torch.tensor([[2, 0, 2, 2, 0], [1, 2, 3, 1, 0]])
    both = generate(TableModel(table, context=2), two, middle[:2], 2, end=0)
    expect("0 ends two texts in the same step", both, wanted)
    even = TableModel(torch.zeros(4, 4, 4), context=9)
    draws = torch.tensor([[0.1, 0.9, 0.6]])
    came = generate(even, begin[:1], draws, 9)
    expect("a draw for each step", came, torch.tensor([[1, 1, 0, 3, 2]]))
    came = generate(even, begin[:1], draws, 9, top_k=2)
    expect("with top_k = 2", came, torch.tensor([[1, 1, 0, 1, 1]]))
    slope = TableModel(torch.log(torch.tensor([0.1, 0.2, 0.3, 0.4])).expand(4, 4, 4), context=9)
    came = generate(slope, torch.tensor([[1]]), draws[:, :2], 9, temperature=0.0)
    expect("at a temperature of 0", came, torch.tensor([[1, 3, 3]]))
    came = generate(slope, torch.tensor([[1]]), draws[:, :1], 9, temperature=4.0, top_p=0.65)
    expect("filtered first, then heated", came, torch.tensor([[1, 2]]))
    expect("no draws: nothing new", generate(even, begin, middle[:, :0], 9), begin)


# %%
def written(start, n_new, seed=11, **options):
    """What the trained model writes after a beginning."""
    tokens = torch.tensor([[number[character] for character in start]])
    draws = torch.rand(1, n_new, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        tokens = generate(trained().eval(), tokens, draws, CONTEXT, **options)
    return "".join(characters[token] for token in tokens[0])


SETTINGS = {
    "temperature 0": {"temperature": 0.0},
    "temperature 0.5": {"temperature": 0.5},
    "temperature 1": {},
    "temperature 1, top-p 0.9": {"top_p": 0.9},
    "temperature 2": {"temperature": 2.0},
}
for name, options in SETTINGS.items():
    print(f"{name}:\n   {written('The value ', 150, **options)!r}\n")

# %% [markdown]
# At 0 the model falls into a circle. At 2 it hardly spells. In between it writes words, and no sense:
# it has read one small text. Low loss means good guesses, not truth.
#
# ## 9 · Read nothing twice
#
# To add one character, your loop reads all the others again. But the causal mask says that their
# keys and values cannot change: nothing new reaches them. So keep both, block by block, and read new tokens only.
#
# Two things go wrong easily. New tokens stand at the places from `length` on, not from 0.
# And a mask for several new tokens is aligned at the **bottom right**; `is_causal=True` is not.

# %% exercise="KeyValueCache" points={"idea": 1, "edge cases": 1} minutes=25 difficulty=4 importance=4
from solutions.lesson_11_language_model.kernels import KeyValueCache

# %% [markdown] hints="KeyValueCache"
# Write your GPT's `forward` again, for new tokens, with the block's and the attention's lines spelled out.
# In each block, old keys and values come in front of the new ones.
#
# +++
#
# `split_heads(attention.w_k(y), attention.n_heads)` are new keys, (B, H, T_new, d_head): join along axis -2.
# The mask is `torch.ones(new, total).tril(length).bool()`. `F.scaled_dot_product_attention(q, k, v, attn_mask=mask)` attends.
#
# +++
#
# Inside the loop over the blocks, for block i:
#
# ```python
# x = x + block.feed_forward(block.norm2(x))
# y, part = block.norm1(x), block.attention
# x = x + part.w_o(merge_heads(y))
# y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
# q, k, v = (split_heads(w(y), part.n_heads) for w in (part.w_q, part.w_k, part.w_v))
# self.kept[i] = k, v
#     k, v = (torch.cat([old, new], dim=-2) for old, new in zip(self.kept[i], (k, v)))
# if i in self.kept:
# ```

# %% check="KeyValueCache"
tokens = torch.tensor([[1, 4, 3, 6, 5, 2], [0, 6, 2, 3, 1, 4]])
with check("KeyValueCache") as expect, torch.no_grad():
    model = filled(GPT(7, 4, 2, 2, 8, context=6)).eval()
    whole, asked = model(tokens), []
    model.register_forward_pre_hook(lambda *_: asked.append(1))  # notes each call of the model
    cache = KeyValueCache(model)
    expect("nothing is read at first", cache.length, 0)
    expect("three tokens at once", cache.read(tokens[:, :3]), whole[:, :3], 1e-3)
    expect("three have been read", cache.length, 3)
    expect("then one", cache.read(tokens[:, 3:4]), whole[:, 3:4], 1e-3)
    expect("four have been read", cache.length, 4)
    other = KeyValueCache(model)
    other.read(tokens[:1, :2])
    expect("another text, in pairs", other.read(tokens[:1, 2:4]), whole[:1, 2:4], 1e-3)
    try:
        full = other.read(tokens[:1, 4:])
    except ValueError:
        full = "ValueError"
    expect("a full context", full, whole[:1, 4:], 1e-3)
    try:
        refused = other.read(tokens[:1, :1]).shape
    except ValueError:
        refused = "ValueError"
    expect("a seventh token in a context of six", refused, "ValueError")
    expect("its length stays", other.length, 6)
    expect("how often the model itself was called", len(asked), 0)
    for block in model.encoder.blocks:  # new keys and values say nothing now; old ones stay
        for part in (block.attention.w_k, block.attention.w_v):
            nn.init.zeros_(part.weight)
    wanted = torch.tensor(
        [
            [0.2124, 0.6191, -0.8195, 0.1844, 0.6386, -0.8106, 0.1562],
            [0.1284, 0.7961, -0.909, 0.0951, 0.8157, -0.895, 0.0618],
        ]
    )
    came = cache.read(tokens[:, 4:5])[:, 0]
    expect("keys and values are kept as they were computed", came, wanted, 1e-3)


# %%
@functools.cache
def seconds_for_one_more(length):
    """The median time of one more token behind `length` others: read all again, or with a cache."""
    torch.manual_seed(11)
    model = GPT(len(characters), 128, 3, 4, 512, context=1024).eval()
    tokens = torch.randint(len(characters), (1, length + 8))
    cache, times = KeyValueCache(model), ([], [])
    with torch.no_grad():
        cache.read(tokens[:, :length])
        for place in range(length, length + 8):
            began = time.perf_counter()
            again = model(tokens[:, : place + 1])[:, -1]
            between = time.perf_counter()
            kept = cache.read(tokens[:, place : place + 1])[:, -1]
            times[0].append(between - began)
            times[1].append(time.perf_counter() - between)
            assert torch.allclose(again, kept, atol=1e-4), "with the cache other logits come"
    return [statistics.median(some) for some in times]


LENGTHS = [32, 64, 128, 256, 512, 1000]
took = np.array([seconds_for_one_more(length) for length in LENGTHS]) * 1000
figure = Figure(figsize=(13, 4.2), layout="constrained")
left, after = figure.subplots(1, 2)
left.plot(LENGTHS, took[:, 0], "s--", color="#D55E00", linewidth=3, label="reads all again")
left.plot(LENGTHS, took[:, 1], "o-", color="#0072B2", linewidth=3, label="with a cache")
left.set(xlabel="tokens before", ylabel="ms for one more token", ylim=(0, None))
left.legend()
after.plot(LENGTHS, took[:, 0] / took[:, 1], "o-", color="#0072B2", linewidth=3)
after.set(xlabel="tokens before", ylabel="times faster", ylim=(0, None))
show(
    figure,
    alt="Milliseconds for one more token, without and with a cache: "
    + "; ".join(f"{n} tokens: {a:.1f} and {b:.1f}" for n, (a, b) in zip(LENGTHS, took, strict=True))
    + ".",
)

# %% [markdown]
# The logits are the same but for rounding; the cell asserts it.
# The price is memory: 2 · layers · $d_{model}$ numbers for each token. (Your machine decides how steep the curves are.)
# And a full cache cannot slide: our places are absolute. Rotary positions (lesson 07) know distances only,
# so there old entries can be dropped. But the kept ones hold what they have read from those: the logits are no longer a fresh reading's.
#
# ## 10 · BERT fills gaps
#
# BERT reads both sides and has no causal mask. So what should it predict? Tokens that are hidden from it.
# 15 % are chosen; **all of these are targets**. Of the chosen ones:
#
# | share | the model reads |
# |---|---|
# | 80 % | the mask token |
# | 10 % | another token, drawn at random |
# | 10 % | the token itself |
#
# So it cannot trust what it reads, and it learns to work without mask tokens, too (Devlin et al., 2018, section 3.1).

# %% exercise="mask_tokens" points={"idea": 1} minutes=10 difficulty=4 importance=3
from solutions.lesson_11_language_model.kernels import mask_tokens

# %% [markdown] hints="mask_tokens"
# `chosen = words & (draws < p)` is True at all targets.
#
# +++
#
# Put the other tokens in up to 0.9 p, then the mask token over those up to 0.8 p.
#
# +++
#
# ```python
# return read, tokens.masked_fill(~chosen, -100)
# read = torch.where(chosen & (draws < 0.9 * p), others, tokens)
# chosen = words & (draws < p)
# read = read.masked_fill(chosen & (draws < 0.8 * p), mask_token)
# ```

# %% check="mask_tokens"
tokens = torch.tensor(
    [[11, 12, 13, 14, 15, 16], [21, 22, 23, 24, 3, 3], [31, 32, 3, 33, 34, 35]]
)  # (3 texts, 6 places)
words = tokens > 3
draws = torch.tensor(
    [
        [0.39, 0.41, 0.46, 0.49, 0.51, 0.1],
        [0.9, 0.2, 0.44, 0.47, 0.1, 0.43],
        [0.78, 0.85, 0.3, 0.92, 0.7, 0.97],
    ]
)
before = tokens.clone()
with check("mask_tokens") as expect:
    read, targets = mask_tokens(tokens, words, draws, tokens + 50, mask_token=2, p=0.5)
    wanted = torch.tensor([[2, 62, 13, 14, 15, 2], [21, 2, 73, 24, 3, 3], [31, 32, 3, 33, 34, 35]])
    expect("what is read", read, wanted)
    wanted = torch.tensor([[11, 12, 13, 14, -100, 16], [-100, 22, 23, 24, -100, -100], [-100] * 6])
    expect("what is asked", targets, wanted)
    expect("the tokens stay as they were", tokens, before)
    low = draws * 0.3  # 0.117 and 0.123: on either side of 0.8 · 0.15
    read, targets = mask_tokens(tokens, words, low, tokens + 50, mask_token=1)
    wanted = torch.tensor([[1, 62, 13, 14, 15, 1], [21, 1, 73, 24, 3, 3], [31, 32, 3, 33, 34, 35]])
    expect("p = 0.15 by default", read, wanted)
    read, targets = mask_tokens(tokens, words, draws, tokens + 50, mask_token=2, p=0.95)
    expect("the last text at p = 0.95", read[2], torch.tensor([81, 82, 3, 33, 2, 35]))

# %% [markdown]
# ## What you built
#
# - A GPT that guesses better than counting, on a text that you can read yourself.
# - A sampler with temperature, top-k and top-p, exact for every draw.
# - A cache that changes the time and not the text.
#
# | yours | PyTorch | Hugging Face Transformers |
# |---|---|---|
# | `GPT` | | `GPT2LMHeadModel` |
# | the shift in `next_token_targets` | | inside the model, from `labels` |
# | `perplexity` | `exp` of `F.cross_entropy` | `exp` of `outputs.loss` |
# | `sample` | `torch.multinomial` | `do_sample=True` |
# | `filter_logits` | | `TopKLogitsWarper`, `TopPLogitsWarper` |
# | `generate` | | `model.generate` |
# | `KeyValueCache` | | `DynamicCache`, `use_cache=True` |
# | `mask_tokens` | | `DataCollatorForLanguageModeling` |
#
# **Where it is used.** Every chat assistant is such a model, some hundred thousand times larger, on pieces of words in place of characters.
# Autocompletion, speech recognition and compression need the same probabilities.
#
# **Further reading**
#
# - Shannon, *Prediction and Entropy of Printed English*, 1951. He let people guess: 0.6 to 1.3 bits a letter.
# - Witten and Bell, *The Zero-Frequency Problem*, 1991.
# - Bengio et al., *A Neural Probabilistic Language Model*, 2003.
# - Radford et al., *Improving Language Understanding by Generative Pre-Training*, 2018; *Language Models are Unsupervised Multitask Learners*, 2019.
# - Press and Wolf, *Using the Output Embedding to Improve Language Models*, 2017, arXiv 1608.05859.
# - Fan, Lewis and Dauphin, *Hierarchical Neural Story Generation*, 2018, arXiv 1805.04833.
# - Holtzman et al., *The Curious Case of Neural Text Degeneration*, 2020, arXiv 1904.09751.
# - Devlin et al., *BERT*, 2018, arXiv 1810.04805.
