# ---
# jupyter:
#   jupytext:
#     notebook_metadata_filter: all
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   attend:
#     title: Text classification
#     goal: You build a Transformer that judges film reviews, and try out what each habit of good training does.
#     needs: [05_masking, 08_multi_head_attention, 09_transformer_block]
#     core: false
#     training_minutes: 3
# ---

# %% [markdown]
# | term | 中文 | meaning |
# |---|---|---|
# | bag of words | 词袋模型 | a model that knows which words a text has, and not their order |
# | [CLS] | 分类标记 | a token in front of each text, whose output stands for the text |
# | label smoothing | 标签平滑 | training on labels that are not quite sure |
# | gradient clipping | 梯度裁剪 | shrinking a gradient that is too long |
# | warm-up | 预热 | a learning rate that rises from small to full |
# | weight decay | 权重衰减 | drawing weights towards 0 a little in each step |
# | augmentation | 数据增强 | changing training examples so that each reads a little new |
# | early stopping | 早停 | ending when the validation loss has had no new best for a while |
#
# You know: token 词元, mask 掩码, padding 填充, encoder 编码器, gradient 梯度, logits 未归一化得分 (scores before a softmax).
#
# ## Three questions from lessons 05, 07 and 09
#
# 1. Why must a mean over the words of a review leave its padding out?
# 2. You shuffle the words of a review, and the encoder has no positions. What happens to the mean of its outputs?
# 3. Deep post-norm stacks fail when the first steps are too large. What is the usual cure?
#
# <details><summary>Answers</summary>
#
# 1. Padding depends on the longest review of the batch. An answer must not.
# 2. Nothing. Each word gets the same vector as before, so the mean stays.
# 3. Warm-up: small steps at first. Here you build it.
#
# </details>

# %% given="setup"
import functools
import math
import re
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

sys.path.append("attend.zip")  # in Colab: upload attend.zip next to this notebook
from attend import (
    Checker,
    film_reviews,
    imdb_reviews,
    play,
    show,
    show_prediction,
)

check = Checker("10_text_classification")
PAD, CLS, UNKNOWN = range(3)  # the numbers of the special tokens

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
# ## 1 · Reviews whose words deceive
#
# Is a review good or bad? That is text classification, and sentiment 情感 is its best-known case.
# Our 6,000 reviews are made by a small grammar. Each has one or two sentences of four kinds, and often a filler:
#
# | kind | example, positive | what decides |
# |---|---|---|
# | plain | the music was very gripping. | the word |
# | negated | nobody called the plot dull. | the word and its negation |
# | contrast | although the cast was cold, i found the humour fresh. | the part without *although*; with *but*, the part behind it |
# | weighed | the opening was slightly tired and the ending was utterly warm. | the stronger part |
#
# All sentences of one review mean the same in the end.
# Three tokens are no words: [CLS] begins each review, [PAD] fills short ones up, [UNK] stands for a word that the model does not know.


# %%
class Corpus:
    """Reviews by split, as numbers: [CLS] first, then words and marks; padding on the right."""

    def __init__(self, reviews, longest=63, n_words=10_000):
        self.reviews, self.longest = reviews, longest
        counts = Counter(word for review in reviews["train"] for word in self.cut(review.text))
        names = ["[PAD]", "[CLS]", "[UNK]", *(word for word, _ in counts.most_common(n_words))]
        self.number = {name: number for number, name in enumerate(names)}
        self.parts = {split: self.batch(each) for split, each in reviews.items()}

    def cut(self, text):
        return re.findall(r"\w+|[.,!?]", text.lower())[: self.longest]

    def batch(self, reviews):
        """Tokens (B, T), words (B, T), True at a token, and labels (B,)."""
        rows = [
            torch.tensor([CLS, *(self.number.get(word, UNKNOWN) for word in self.cut(one.text))])
            for one in reviews
        ]
        tokens = pad_sequence(rows, batch_first=True, padding_value=PAD)
        return tokens, tokens != PAD, torch.tensor([one.label for one in reviews])


corpus = Corpus(film_reviews())
for split, (tokens, words, labels) in corpus.parts.items():
    print(f"{split:6} {len(labels):5,} reviews, {labels.float().mean():.0%} positive,", end=" ")
    print(f"{words.sum(dim=1).float().mean():.0f} tokens each, at most {tokens.shape[1]}")
print(len(corpus.number), "different tokens")
for review in corpus.reviews["test"][:5]:
    print(["negative", "positive"][review.label], "·", review.text)

# %% [markdown]
# "train" is to learn from, "valid" to choose with. "test" only judges: nothing is chosen by what it says.
#
# **Predict.** A bag of words adds up what each word says, wherever it stands.
# What share of the held-out reviews does it judge rightly, among those of one kind only?

# %%
my_shares = [None, None, None, None]  # plain, negated, contrast, weighed, each from 0 to 1

# %% [markdown]
# ## 2 · From a review to two scores
#
# A classifier turns a review of any length into one vector, and that into one score for each class:
#
# $$x = \text{encoder}(E[\text{tokens}] + P) \qquad \text{scores} = W\, \text{pool}(x) + b$$
#
# $E$ is the table of tokens, $P$ the table of places, $W$ and $b$ are a linear layer. Two ways to pool:
#
# | pooling | the vector of a review is | used by |
# |---|---|---|
# | "mean" | the mean of its tokens' outputs, without padding | Sentence-BERT (Reimers and Gurevych, 2019, section 3) |
# | "cls" | the output of [CLS], the first token, which collects by attention | BERT (Devlin et al., 2018, section 3) |
#
# By hand: the outputs are [CLS] (0, 3), *dull* (3, 0), padding (9, 9).
# "mean" gives (1.5, 1.5), "cls" gives (0, 3). [CLS] counts as a token.
#
# New here: `nn.init.normal_(t, std=s)` fills a tensor with normal random numbers of standard deviation $s$.

# %% exercise="TextClassifier" points={"idea": 3, "edge cases": 1, "gradient": 1} minutes=25 difficulty=3 importance=5
from solutions.lesson_10_text_classification.kernels import TextClassifier

# %% [markdown] hints="TextClassifier"
# Four parts and a dropout in `__init__`; in `forward`: embed, add, drop, encode, pool, score.
#
# +++
#
# `self.positions(torch.arange(T))` is (T, d_model) and adds to every row. The encoder's mask is
# `words[:, None, None, :]`. For the mean, multiply by `words.unsqueeze(-1)` and divide by a count of at least 1.
#
# +++
#
# ```python
#     pooled = x[:, 0]
# x = self.encoder(x, words[:, None, None, :])
# pooled = (x * words.unsqueeze(-1)).sum(dim=1) / words.sum(dim=1, keepdim=True).clamp(min=1)
# x = self.dropout(self.embed(tokens) + self.positions(torch.arange(tokens.shape[1])))
# return self.output(pooled)
# if self.pooling == "cls":
# ```

# %% check="TextClassifier"
tokens = torch.tensor([[1, 4, 3, 5], [1, 5, 0, 0], [1, 6, 2, 0]])  # (3 reviews, 4 places)
words = tokens != 0


def known(**options):
    """A small classifier of two classes whose every number is known."""
    model = TextClassifier(7, 6, 2, 2, 5, max_length=6, **options)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            waves = torch.arange(1.0, parameter.numel() + 1) * len(name)
            parameter.copy_(waves.sin().view_as(parameter))
    return model


with check("TextClassifier") as expect:
    model = TextClassifier(7, 6, 2, 3, 5, n_classes=4, max_length=9)
    shapes = {name: tuple(one.shape) for name, one in model.named_parameters()}
    shapes = {name: shape for name, shape in shapes.items() if "encoder" not in name}
    wanted = {"embed.weight": (7, 6), "positions.weight": (9, 6)}
    wanted |= {"output.weight": (4, 6), "output.bias": (4,)}
    expect("two tables and a layer, beside the encoder", shapes, wanted)
    blocks = model.encoder.blocks
    sizes = [len(blocks), blocks[0].attention.n_heads, blocks[0].feed_forward.linear1.out_features]
    expect("the encoder: blocks, heads, inner width", sizes, [2, 3, 5])
    model = TextClassifier(500, 40, 1, 2, 8, max_length=600)
    spreads = [table.weight.std().item() for table in (model.embed, model.positions)]
    expect(
        "both tables' spread, to one digit", [float(f"{one:.1g}") for one in spreads], [0.1, 0.1]
    )
    model = known()
    scores = torch.tensor([[-0.7801, -0.9582], [-1.0191, -0.5105], [-0.6754, -1.1666]])
    expect("mean: the scores", model(tokens, words).detach(), scores, 1e-3)
    longer = torch.tensor([[1, 5, 0, 0, 0, 0]])
    expect("more padding: the same", model(longer, longer != 0).detach(), scores[1:2], 1e-3)
    fewer = words.clone()
    fewer[2, 2] = False
    wanted = torch.tensor([[-0.7819, -0.9239]])
    expect("`words` alone says what is padding", model(tokens, fewer)[2:].detach(), wanted, 1e-3)
    wanted = torch.tensor([[-0.8402, -0.8836]])
    expect("another order", model(tokens[:1, [0, 2, 1, 3]], words[:1]).detach(), wanted, 1e-3)
    empty = model(tokens[:1], torch.zeros(1, 4).bool())[0].detach()
    expect("no True place: the bias is left", empty, model.output.bias.detach())
    wanted = torch.tensor([[-0.9714, -0.5991], [-0.9727, -0.5995], [-0.9779, -0.5883]])
    expect("cls: the scores", known(pooling="cls")(tokens, words).detach(), wanted, 1e-3)
    silent = known(dropout=1.0)
    wanted = torch.tensor([[-0.8747, -0.6094]])
    expect("everything dropped", silent(tokens, words)[:1].detach(), wanted, 1e-3)
    expect("eval() drops nothing", silent.eval()(tokens, words).detach(), scores, 1e-3)
    model(tokens, words).square().sum().backward()
    left_out = [name for name, one in model.named_parameters() if one.grad is None]
    expect("parameters that no gradient reaches", left_out, [])
    try:
        refused = TextClassifier(7, 4, 1, 2, 8, pooling="max").pooling
    except ValueError:
        refused = "ValueError"
    expect("a pooling that does not exist", refused, "ValueError")

# %% [markdown]
# ## 3 · Labels that are not quite sure
#
# Cross-entropy asks for a probability of 1, so scores grow without end. Label smoothing asks for a little less.
# With a share $\varepsilon$ and $K$ classes, the target of class $k$ is
#
# $$t_k = (1 - \varepsilon)\,[k \text{ is right}] + \frac{\varepsilon}{K} \qquad
# \text{loss} = -\sum_k t_k \log p_k$$
#
# $[\ldots]$ is 1 where it is true, else 0. $p$ is the softmax of the scores. The batch's loss is the mean over its reviews.
# By hand: $\varepsilon = 0.2$, $K = 2$: the targets are 0.9 and 0.1.
# A model that says 0.5 and 0.5 loses log 2 = 0.69. One that says 0.9 and 0.1 loses 0.33, and less is not possible.
# (Szegedy et al., 2016, section 7.)

# %% exercise="label_smoothing" points={"idea": 2, "edge cases": 1, "gradient": 1} minutes=15 difficulty=2 importance=4 forbid=["cross_entropy", "nll_loss", "CrossEntropyLoss", "NLLLoss", "kl_div", "KLDivLoss"]
from solutions.lesson_10_text_classification.kernels import label_smoothing

# %% [markdown] hints="label_smoothing"
# You need two numbers for each review: the log-probability of its right class, and the mean of all of them.
#
# +++
#
# `torch.log_softmax(logits, dim=-1)` is safe far from 0. `logs.gather(-1, labels.unsqueeze(-1))` picks (B, 1).
#
# +++
#
# ```python
# return -((1 - smoothing) * right + smoothing * logs.mean(dim=-1)).mean()
# right = logs.gather(-1, labels.unsqueeze(-1)).squeeze(-1)
# logs = torch.log_softmax(logits, dim=-1)
# ```

# %% check="label_smoothing"
logits = torch.log(torch.tensor([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8]]))  # (3 reviews, 2 classes)
logits += torch.tensor([[3.0], [-2.0], [1.0]])  # scores are no log-probabilities
before = logits.clone()
labels = torch.tensor([0, 1, 0])
with check("label_smoothing") as expect:
    first = label_smoothing(logits[:1], labels[:1], 0.2)
    expect("0.9 and 0.1, as by hand", first, torch.tensor(0.3251), 1e-4)
    even = label_smoothing(logits[1:2], labels[1:2], 0.2)
    expect("0.5 and 0.5: log 2", even, torch.tensor(math.log(2)))
    plain = -(math.log(0.9) + math.log(0.5) + math.log(0.2)) / 3
    expect("no smoothing", label_smoothing(logits, labels, 0.0), torch.tensor(plain))
    expect("the mean of three", label_smoothing(logits, labels, 0.2), torch.tensor(0.8297), 1e-4)
    three = torch.log(torch.tensor([[0.6, 0.3, 0.1]]))
    wanted = -(0.8 * math.log(0.6) + 0.1 * math.log(0.3) + 0.1 * math.log(0.1))
    expect("three classes", label_smoothing(three, labels[:1], 0.3), torch.tensor(wanted))
    expect("the scores stay as they were", logits, before)
    far = label_smoothing(1e4 * torch.tensor([[1.0, -1.0]]), labels[:1], 0.2)
    expect("far scores: a finite loss", far, torch.tensor(2000.0))
    leaf = logits.clone().requires_grad_()
    label_smoothing(leaf, labels, 0.2).backward()
    wanted = torch.tensor([[0.0, 0.0], [0.4, -0.4], [-0.7, 0.7]]) / 3
    expect("the gradient: probabilities minus targets", leaf.grad, wanted)

# %% [markdown]
# ## 4 · One step, and a gradient that is too long
#
# Some models now and then get a gradient far longer than the others, and one such step can spoil them. Clipping bounds the step:
#
# $$g \leftarrow g \cdot \min\!\left(1, \frac{c}{\lVert g \rVert}\right) \qquad
# \lVert g \rVert = \sqrt{\textstyle\sum_i g_i^2}$$
#
# $g$ holds the gradients of *all* parameters together, $c$ is the largest norm (`max_norm`).
# By hand: the gradients are (3, 0) and (4). The norm is √(9 + 16) = 5. With $c$ = 1 they become (0.6, 0) and (0.8).
# One factor for all: the step gets shorter, and keeps its direction.
# (Pascanu, Mikolov and Bengio, 2013, algorithm 1.)
#
# The order of a step: training mode, empty gradients, loss, backward, clip, update.
# To try it, here is the bag of words. It is also the line that your Transformer must beat.
# (The first optimizer takes some seconds: PyTorch loads more of itself.)

# %% given="bag"
from solutions.lesson_10_text_classification.kernels import BagOfWords

# %% exercise="train_step" points={"idea": 2, "edge cases": 1} minutes=20 difficulty=3 importance=5 forbid=["clip_grad_norm_", "clip_grad_norm", "clip_grad_value_", "clip_grads_with_norm_", "get_total_norm"]
from solutions.lesson_10_text_classification.kernels import train_step

# %% [markdown] hints="train_step"
# Collect the gradients after `backward()`: `[one.grad for one in model.parameters() if one.grad is not None]`.
#
# +++
#
# `gradient.square().sum()` for each, added up, then the root: that is the norm. `gradient.mul_(factor)` shrinks in place.
# `.item()` and `float()` make Python floats.
#
# +++
#
# ```python
#         slope.mul_(max_norm / norm)
# loss = label_smoothing(model(tokens, words), labels, smoothing)
# optimizer.zero_grad()
#     for slope in slopes:
# return loss.item(), norm
# model.train()
# slopes = [one.grad for one in model.parameters() if one.grad is not None]
# if norm > max_norm:
# optimizer.step()
# loss.backward()
# norm = math.sqrt(sum(float(slope.square().sum()) for slope in slopes))
# ```

# %% check="train_step"
tokens, labels = torch.tensor([[1, 1, 1]]), torch.tensor([1])  # one review, of token 1
words = torch.tensor([[True, True, False]])  # its last place is padding


def after_one_step(gradients=0.0, mode=True, **options):
    """A bag of two tokens after one step of plain gradient descent, rate 1; loss and norm."""
    model = BagOfWords(2, dropout=0.0 if mode else 1.0).train(mode)
    model.unused = nn.Parameter(torch.ones(2))
    for parameter in (model.says.weight, model.bias):
        parameter.grad = torch.full_like(parameter, gradients)
    groups = [{"params": [model.says.weight]}, {"params": [model.bias, model.unused]}]
    optimizer = torch.optim.SGD(groups, lr=1.0)
    loss, norm = train_step(model, optimizer, tokens, words, labels, **options)
    return model.says.weight[1].detach(), model.bias.detach(), loss, norm


with check("train_step") as expect:
    says, bias, loss, norm = after_one_step(max_norm=100.0)
    expect("the loss of 0.5 and 0.5", loss, math.log(2))
    expect("the norm: root of 1 + 1 + 0.25 + 0.25", norm, math.sqrt(2.5))
    expect("the word moves by its gradient", says, torch.tensor([-1.0, 1.0]))
    expect("and so does the bias", bias, torch.tensor([-0.5, 0.5]))
    kinds = [type(one).__name__ for one in (loss, norm)]
    expect("loss and norm: two Python floats", kinds, ["float", "float"])
    says, bias, _, norm = after_one_step(max_norm=math.sqrt(2.5) / 5)
    expect("clipped to a fifth: the word", says, torch.tensor([-0.2, 0.2]))
    expect("and the bias, by the same factor", bias, torch.tensor([-0.1, 0.1]))
    expect("the norm is that from before", norm, math.sqrt(2.5))
    says, _, _, _ = after_one_step(max_norm=100.0, smoothing=0.4)
    expect("smoothed labels: 0.8 and 0.2", says, torch.tensor([-0.6, 0.6]))
    says, _, _, _ = after_one_step(gradients=7.0, max_norm=100.0)
    expect("old gradients do not count", says, torch.tensor([-1.0, 1.0]))
    says, _, _, _ = after_one_step(mode=False, max_norm=100.0)
    expect("a model in eval() trains in training mode", says, torch.zeros(2))

# %% [markdown]
# ## 5 · The line to beat
#
# `BagOfWords` has one row of `says` for each token: what it adds to "negative" and to "positive". It trains with your `train_step`.


# %%
torch.set_num_threads(1)  # small matrices: a second thread would mostly wait


def scores_of(model, split, corpus=corpus):
    """The scores of every review of a part, (n, 2), in evaluation mode."""
    tokens, words, _ = corpus.parts[split]
    model.eval()
    with torch.no_grad():
        rows = []
        for some_tokens, some_words in zip(tokens.split(250), words.split(250), strict=True):
            width = int(some_words.sum(dim=1).max())
            rows.append(model(some_tokens[:, :width], some_words[:, :width]))
    return torch.cat(rows)


def judged(model, split, corpus=corpus):
    """The loss on a part, without smoothing, and for each review: is it judged rightly?"""
    scores, labels = scores_of(model, split, corpus), corpus.parts[split][2]
    return F.cross_entropy(scores, labels).item(), scores.argmax(dim=-1) == labels


def batches(steps, n_reviews, seed, corpus=corpus, size=32):
    """Random batches of the first reviews to learn from, each as wide as its longest review."""
    tokens, words, labels = corpus.parts["train"]
    generator = torch.Generator().manual_seed(seed)
    order = torch.cat(
        [
            torch.randperm(n_reviews, generator=generator)
            for _ in range(steps * size // n_reviews + 1)
        ]
    )
    for rows in order.split(size)[:steps]:
        width = int(words[rows].sum(dim=1).max())
        yield tokens[rows, :width], words[rows, :width], labels[rows]


@functools.cache  # a second call gives the same model, without training again
def trained_bag():
    bag = BagOfWords(len(corpus.number))
    optimizer = torch.optim.AdamW(bag.parameters(), lr=0.03, weight_decay=0.0)
    losses = []
    for step, batch in enumerate(batches(500, 4000, seed=10), start=1):
        losses.append(train_step(bag, optimizer, *batch)[0])
        if step % 100 == 0:
            mean = np.mean(losses[-100:])
            print(f"bag of words, step {step}: loss {mean:.3f}, mean of 100 steps", flush=True)
    return bag


KINDS = ["plain", "negated", "contrast", "weighed"]
KIND_OF = [set(review.kinds.split("+")) for review in corpus.reviews["test"]]


def shares_by_kind(right):
    """The share of right answers among held-out reviews of one kind only."""
    return [right[[kinds == {kind} for kinds in KIND_OF]].float().mean().item() for kind in KINDS]


_, right = judged(trained_bag(), "test")
print(f"the bag of words judges {right.float().mean():.1%} of 1,000 held-out reviews rightly")
show_prediction(
    my_shares,
    shares_by_kind(right),
    columns=KINDS,
    tolerance=0.1,
    alt="The share that the bag of words judges rightly: "
    + ", ".join(
        f"{kind} {share:.2f}" for kind, share in zip(KINDS, shares_by_kind(right), strict=True)
    ),
)

# %% [markdown]
# <details><summary>What you see</summary>
#
# Of the negated reviews it judges almost none rightly: it is worse than a coin. *not dull* counts as *dull*.
# In contrasts and weighed sentences both words stand, and it guesses.
#
# </details>
#
# What does each word add? Look for *not*: alone it says next to nothing.

# %%
says = trained_bag().says.weight.detach()
pull = {word: (says[n, 1] - says[n, 0]).item() for word, n in corpus.number.items() if n > UNKNOWN}
chosen = [
    "charming",
    "warm",
    "not",
    "nobody",
    "although",
    "but",
    "very",
    "slightly",
    "dull",
    "tired",
]
figure = Figure(figsize=(8, 4.2), layout="constrained")
ax = figure.subplots()
ax.barh(chosen, [pull[word] for word in chosen], color="#0072B2")
ax.axvline(0, color="#555555")
ax.invert_yaxis()
ax.set(xlabel="what a word adds: to the left for negative, to the right for positive")
show(
    figure,
    alt="What words add in the bag of words: "
    + ", ".join(f"{word} {pull[word]:+.1f}" for word in chosen)
    + ".",
)

# %% [markdown]
# ## 6 · A learning rate that rises and falls
#
# Adam divides each number's gradient by the usual size of that number's past gradients. Its first steps rest on
# few gradients, so they are rough: warm-up keeps them small.
# At the end, large steps only shake the weights: the rate falls, here along half a cosine.
# The learning rate at step $t$ is the largest one, $\eta_{\max}$, times this factor:
#
# | step $t$ | factor |
# |---|---|
# | below the warm-up's length $t_w$ | $(t + 1) / t_w$ |
# | from $t_w$ to the end $t_e$ | $f + (1 - f)\,\tfrac{1}{2}\left(1 + \cos(\pi p)\right)$, where $p = (t - t_w) / (t_e - t_w)$ |
# | beyond | $f$, the floor |
#
# By hand: $t_w$ = 4, $t_e$ = 10, $f$ = 0. Step 0 gets 0.25, step 3 gets 1, step 7 is half-way down: 0.5.
# (Loshchilov and Hutter, 2017, equation 5, for the cosine. They start the cosine again and again; a single fall is now usual.)

# %% exercise="warmup_cosine" points={"idea": 2, "edge cases": 1} minutes=12 difficulty=2 importance=4
from solutions.lesson_10_text_classification.kernels import warmup_cosine

# %% [markdown] hints="warmup_cosine"
# Three cases, in this order: in the warm-up, at the end or beyond, on the way down.
#
# +++
#
# On the way down, the share done is (step − warmup_steps) / (total_steps − warmup_steps).
#
# +++
#
# ```python
# share = (step - warmup_steps) / (total_steps - warmup_steps)
# if step >= total_steps:
#     return (step + 1) / warmup_steps
#     return floor
# return floor + (1 - floor) * (1 + math.cos(math.pi * share)) / 2
# if step < warmup_steps:
# ```

# %% check="warmup_cosine"
with check("warmup_cosine") as expect:
    up = [warmup_cosine(step, 4, 10) for step in range(4)]
    expect("four steps up", up, [0.25, 0.5, 0.75, 1.0])
    down = [warmup_cosine(step, 4, 10) for step in range(4, 10)]
    wanted = [1.0, 0.9330, 0.75, 0.5, 0.25, 0.0670]
    expect("six steps down", down, wanted, 1e-4)
    up = [warmup_cosine(step, 4, 10, 0.3) for step in range(4)]
    expect("a floor does not change the way up", up, [0.25, 0.5, 0.75, 1.0])
    low = [warmup_cosine(step, 4, 10, 0.3) for step in range(4, 10)]
    wanted = [1.0, 0.9531, 0.825, 0.65, 0.475, 0.3469]
    expect("six steps down to a floor of 0.3", low, wanted, 1e-4)
    expect("a floor of 0.2", warmup_cosine(7, 4, 10, 0.2), 0.6)
    ends = [warmup_cosine(step, 4, 10, 0.2) for step in (10, 11, 25)]
    expect("at the end and beyond", ends, [0.2, 0.2, 0.2])
    expect("no warm-up", [warmup_cosine(step, 0, 2) for step in range(3)], [1.0, 0.5, 0.0])
    all_up = [warmup_cosine(step, 2, 2) for step in range(3)]
    expect("nothing but warm-up", all_up, [0.5, 1.0, 0.0])


# %%
def draw_schedule(warmup, floor):
    """The factor over 100 steps."""
    factors = [warmup_cosine(step, warmup, 100, floor) for step in range(120)]
    figure = Figure(figsize=(5.6, 3.4), layout="constrained")
    ax = figure.subplots()
    ax.plot(factors, color="#0072B2", linewidth=3)
    ax.axvspan(0, warmup, color="#fee838", alpha=0.5)
    ax.set(xlabel="step, of 100", ylabel="factor", ylim=(-0.03, 1.05))
    return figure, (
        f"The factor starts at {factors[0]:.2f}, rises to 1 in {warmup} steps, falls along half a "
        f"cosine to {floor} at step 100, and stays there."
    )


play(
    draw_schedule,
    stills=[
        {"warmup": 10, "floor": 0.0},
        {"warmup": 40, "floor": 0.0},
        {"warmup": 0, "floor": 0.3},
    ],
    warmup=(0, 100, 5, 10),
    floor=(0.0, 1.0, 0.1, 0.0),
)

# %% [markdown]
# ## 7 · Which weights decay
#
# Weight decay multiplies weights by a little less than 1 in each step, apart from the gradient:
#
# $$w \leftarrow w - \eta\, \lambda\, w - \eta \cdot \text{Adam's step}$$
#
# $\eta$ is the learning rate, $\lambda$ the strength. It keeps weights small, so the model must spread what it knows.
# (Loshchilov and Hutter, 2019. This is AdamW. In plain Adam, decay put into the gradient is divided by the gradient's usual size as well.)
#
# By hand: $w$ = 2, $\eta$ = 0.01, $\lambda$ = 0.1, gradient 0. Then $w$ becomes 2 − 0.002 = 1.998.
# Not everything should decay. A norm's weight starts at 1 and belongs near it. A rare word has a gradient seldom, but would
# decay in every step. So AdamW gets two groups:
#
# | decays | does not |
# |---|---|
# | weights of two or more axes | biases, norms, all that has fewer axes |
# | | tables of `nn.Embedding` |

# %% exercise="parameter_groups" points={"idea": 1, "edge cases": 1} minutes=15 difficulty=3 importance=4
from solutions.lesson_10_text_classification.kernels import parameter_groups

# %% [markdown] hints="parameter_groups"
# Two lists, and one loop over `model.parameters()`. It gives a shared parameter once.
#
# +++
#
# Tensors cannot be compared with `in`; their `id()` can: collect `id(part.weight)` of every `nn.Embedding` in
# `model.modules()`.
#
# +++
#
# ```python
#     if parameter.requires_grad:
# decays, stays = [], []
#         chosen = parameter.dim() >= 2 and id(parameter) not in tables
# tables = {id(part.weight) for part in model.modules() if isinstance(part, nn.Embedding)}
# return [{"params": decays, "weight_decay": weight_decay}, {"params": stays, "weight_decay": 0.0}]
#         (decays if chosen else stays).append(parameter)
# for parameter in model.parameters():
# ```


# %% check="parameter_groups"
def grouped(model):
    """The names in each group, in alphabetical order."""
    names = {id(one): name for name, one in model.named_parameters()}
    groups = parameter_groups(model, 0.3) or []
    return [
        sorted(names.get(id(one), "a stranger") for one in one_of["params"]) for one_of in groups
    ]


with check("parameter_groups") as expect:
    small = nn.Sequential(nn.Sequential(nn.Embedding(5, 4), nn.LayerNorm(4)), nn.Linear(4, 3))
    small.bend = nn.Conv1d(4, 3, 2)
    small.mix, small.scale = nn.Parameter(torch.ones(2, 3)), nn.Parameter(torch.ones(4))
    groups = parameter_groups(small, 0.3)
    keys = groups and [sorted(group) for group in groups]
    expect("two dicts, each of two entries", keys, [["params", "weight_decay"]] * 2)
    expect("the strengths", [group["weight_decay"] for group in groups], [0.3, 0.0])
    found = grouped(small)
    expect("weights decay", found[0], ["1.weight", "bend.weight", "mix"])
    stays = ["0.0.weight", "0.1.bias", "0.1.weight", "1.bias", "bend.bias", "scale"]
    expect("tables, norms, biases, other vectors do not", found[1], stays)
    small[1].requires_grad_(False)
    small[0][0].requires_grad_(False)
    thawed = [["bend.weight", "mix"], [*stays[1:3], *stays[4:]]]
    expect("what is frozen is in neither", grouped(small), thawed)
    shared = nn.Sequential(nn.Linear(4, 5, bias=False), nn.Embedding(5, 4))
    shared[1].weight = shared[0].weight
    expect("a table that is shared does not decay", grouped(shared), [[], ["0.weight"]])

# %% [markdown]
# ## 8 · New reviews from old ones
#
# More data is the best cure for overfitting 过拟合, and augmentation makes some. In each epoch, one pass over all reviews, it hides other words:
#
# `[CLS] the plot was very charming .` → `[CLS] the [UNK] was very charming .`
#
# A model cannot rely on one word alone, then. (Iyyer et al., 2015.)
# But an augmentation must keep the label. What if it hides *not*? We will measure.

# %% exercise="word_dropout" points={"idea": 1, "edge cases": 1} minutes=8 difficulty=2 importance=3
from solutions.lesson_10_text_classification.kernels import word_dropout

# %% [markdown] hints="word_dropout"
# Two conditions: the draw is below p, and the token is a word.
#
# +++
#
# `tokens.masked_fill(booleans, number)` gives a new tensor. Join booleans with `&`, each in parentheses.
#
# +++
#
# ```python
# return tokens.masked_fill(hidden, unknown)
#     raise ValueError(f"p is {p}")
# hidden = (draws < p) & (tokens > unknown)
# if not 0 <= p <= 1:
# ```

# %% check="word_dropout"
tokens = torch.tensor([[1, 7, 5, 9, 0], [1, 4, 2, 3, 8]])
draws = torch.tensor([[0.1, 0.2, 0.6, 0.25, 0.0], [0.3, 0.1, 0.1, 0.2, 0.9]])
before = tokens.clone(), draws.clone()
with check("word_dropout") as expect:
    hidden = word_dropout(tokens, draws, 0.25)
    wanted = torch.tensor([[1, 2, 5, 9, 0], [1, 2, 2, 2, 8]])
    expect("7, 4 and 3 have a draw below 0.25", hidden, wanted)
    expect("of the same dtype", str(hidden.dtype), "torch.int64")
    expect("p = 0 hides nothing", word_dropout(tokens, draws, 0.0), before[0])
    wanted = torch.tensor([[1, 2, 2, 2, 0], [1, 2, 2, 2, 2]])
    expect("p = 1 hides every word, no special", word_dropout(tokens, draws, 1.0), wanted)
    wanted = torch.tensor([[1, 6, 5, 9, 0], [1, 4, 2, 3, 8]])
    expect("unknown may be 6", word_dropout(tokens, draws, 0.25, unknown=6), wanted)
    expect("the tokens stay as they were", tokens, before[0])
    expect("and so do the draws", draws, before[1])
    refused = []
    for p in (1.5, -0.5):
        try:
            refused.append(word_dropout(tokens, draws, p))
        except ValueError:
            refused.append("ValueError")
    expect("1.5 and -0.5 are no probabilities", refused, ["ValueError", "ValueError"])

# %% [markdown]
# ## 9 · All together
#
# The loop that uses all of it: draw a batch, hide words, take a step, follow the schedule.
# (The first run hides no words: section 10 tries that. Dropout is 0 in all runs but that on IMDb.)
# The target, set before this page was written: at least 95 % of the held-out reviews right.
# The seeds 10, 11 and 12 all reached it. Right answers that draw their first numbers in another order got 95.7 to 98.4 % in seven tries.
# So a right answer may just miss it, by chance.


# %%
def fit(
    model,
    steps,
    name="",
    *,
    n_reviews=4000,
    rate=0.005,
    warmup=0.1,
    floor=0.0,
    decay=0.05,
    smoothing=0.1,
    max_norm=1.0,
    hidden=0.0,
    seed=10,
    optimizer=None,
    every=0,
    corpus=corpus,
):
    """Train; return loss and norm of each step, and (step, loss, share right) on "valid"."""
    optimizer = optimizer or torch.optim.AdamW(parameter_groups(model, decay), lr=rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: warmup_cosine(step, int(warmup * steps), steps, floor)
    )
    generator = torch.Generator().manual_seed(seed)
    started, history, valid = time.process_time(), [], []
    for step, (tokens, words, labels) in enumerate(batches(steps, n_reviews, seed, corpus)):
        draws = torch.rand(tokens.shape, generator=generator)
        tokens = word_dropout(tokens, draws, hidden, UNKNOWN)
        history.append(train_step(model, optimizer, tokens, words, labels, smoothing, max_norm))
        schedule.step()
        if every and (step + 1) % every == 0:
            loss, right = judged(model, "valid", corpus)
            valid.append((step + 1, loss, right.float().mean().item()))
            print(
                f"{name:16} step {step + 1:5}   loss {np.mean(history[-every:], axis=0)[0]:.3f}   "
                f"valid: loss {loss:.3f}, right {valid[-1][2]:.1%}   "
                f"{time.process_time() - started:4.0f} s of CPU",
                flush=True,
            )
    return np.array(history), np.array(valid)


@functools.cache
def trained():
    """The trained Transformer, and how its training went."""
    torch.manual_seed(10)
    model = TextClassifier(len(corpus.number), 32, 2, 4, 64)
    return model, *fit(model, 600, "Transformer", every=75)


model = trained()[0]
share = judged(model, "test")[1].float().mean().item()
print(f"held out: {share:.1%} right; the bag of words:", end=" ")
print(f"{judged(trained_bag(), 'test')[1].float().mean():.1%}")
print("The target, 95 %, is", "reached." if share >= 0.95 else "missed.")
ADVICE = (
    "Run all checks above again. If each line is ticked, try another seed, at both places in this "
    "cell: seed=10 in fit, and manual_seed(10) in trained()."
)
assert share >= 0.9, f"{share:.1%} is far below the target. {ADVICE}"

# %%
model, history, valid = trained()
both = {
    "bag of words": shares_by_kind(judged(trained_bag(), "test")[1]),
    "Transformer": shares_by_kind(judged(model, "test")[1]),
}
bag_share = judged(trained_bag(), "valid")[1].float().mean().item()
looks = {"bag of words": ("#D55E00", "//", -0.2), "Transformer": ("#0072B2", "", 0.2)}
figure = Figure(figsize=(14, 4.6), layout="constrained")
left, after = figure.subplots(1, 2)
left.plot(valid[:, 0], valid[:, 2], "o-", color="#0072B2", linewidth=3, label="Transformer")
left.axhline(bag_share, color="#D55E00", linestyle="--", linewidth=3, label="bag of words")
left.set(
    xlabel="step", ylabel="reviews right", title="while training (validation)", ylim=(0.4, 1.03)
)
left.legend(loc="lower right")
for name, (colour, hatch, shift) in looks.items():
    after.bar(np.arange(4) + shift, both[name], 0.38, color=colour, hatch=hatch, label=name)
after.axhline(0.5, color="#555555", linewidth=2, linestyle=":", label="a coin")
after.set_xticks(range(4), KINDS)
after.set(ylabel="reviews right", title="held out, by kind", ylim=(0, 1.03))
after.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=3)
show(
    figure,
    alt=f"Left, the share of validation reviews right rises from {valid[0, 2]:.2f} to "
    f"{valid[-1, 2]:.2f}; the bag of words has {bag_share:.2f}. Right, by kind: "
    + "; ".join(
        f"{name}: " + ", ".join(f"{k} {s:.2f}" for k, s in zip(KINDS, shares, strict=True))
        for name, shares in both.items()
    )
    + ".",
)

# %% [markdown]
# ## 10 · What is each habit worth?
#
# An ablation changes one thing and keeps the rest. "All habits" hides 1 word in 20, and is all that you built; each run has 250 steps.
# A seed fixes what is drawn at random. Four rows have three seeds each, and show what chance does; the others have one.
# Seventeen runs: count on three minutes, more on an old machine.
#
# **Predict**, before the picture comes: which rows will leave the band that three seeds of "all habits" span?


# %%
HABITS = {
    "all habits": {},
    "no warm-up": {"warmup": 0.0},
    "no fall": {"floor": 1.0},
    "no decay": {"decay": 0.0},
    "no smoothing": {"smoothing": 0.0},
    "no clipping": {"max_norm": math.inf},
    "no hidden words": {"hidden": 0.0},
    "1 in 5 hidden": {"hidden": 0.2},
    "[CLS] pooling": {},
}
THRICE = ("all habits", "no warm-up", "no fall", "1 in 5 hidden")


@functools.cache
def small_run(habit, seed):
    """A model trained for 250 steps with one thing changed; how it went, how it judges "valid"."""
    torch.manual_seed(seed)
    pooling = "cls" if habit == "[CLS] pooling" else "mean"
    model = TextClassifier(len(corpus.number), 32, 2, 4, 64, pooling=pooling)
    history, _ = fit(model, 250, **{"hidden": 0.05, "seed": seed, **HABITS[habit]})
    loss, right = judged(model, "valid")
    print(f"{habit:16} seed {seed}: {right.float().mean():.1%} right, loss {loss:.3f}", flush=True)
    return model, history, loss, right.float().mean().item()


def runs_of(habit):
    return [small_run(habit, seed) for seed in ((1, 2, 3) if habit in THRICE else (1,))]


print("one line for each run of 250 steps:", flush=True)
for habit in HABITS:
    runs_of(habit)

# %%
runs = {habit: runs_of(habit) for habit in HABITS}
figure = Figure(figsize=(13, 4.4), layout="constrained")
left, after = figure.subplots(1, 2, sharey=True)
titles = "validation reviews right (more is better)", "validation loss (less is better)"
for ax, which, title in ((left, 3, titles[0]), (after, 2, titles[1])):
    chance = [run[which] for run in runs["all habits"]]
    ax.axvspan(
        min(chance), max(chance), color="#fee838", alpha=0.6, label="all habits, three seeds"
    )
    for place, some in enumerate(runs.values()):
        values = [run[which] for run in some]
        ax.plot(values, [place] * len(values), "o", color="#0072B2", markersize=11)
    ax.set_xlabel(title)
left.set_yticks(range(len(runs)), list(runs))
left.invert_yaxis()
figure.legend(*left.get_legend_handles_labels(), loc="outside lower center")
show(
    figure,
    alt="Validation reviews right. "
    + "; ".join(
        f"{habit}: " + ", ".join(f"{run[3]:.2f}" for run in some) for habit, some in runs.items()
    )
    + ". A band marks the range of the three seeds with all habits.",
)

# %% [markdown]
# A dot inside the band differs from "all habits" by no more than chance does. One outside may mean something, or not.
# In our run, seed by seed:
#
# | row | reviews right, three seeds | so |
# |---|---|---|
# | all habits | 80.4, 79.2, 65.9 % | the band |
# | no fall | 84.1, 84.8, 71.5 % | better than "all habits" under each seed |
# | no warm-up | 73.0, 79.1, 73.0 % | inside the band: no difference shown |
# | 1 in 5 hidden | 73.3, 73.5, 75.2 % | inside the band: no difference shown |
#
# Does the fall harm, then? Perhaps: 250 steps may be too few, so that it takes the large steps away before the model has learned.
# Section 9 trains for 600 steps with the fall (and hides no words), and reaches its target. What a habit is worth may depend on the length of training.
#
# How large is chance? With two threads a processor adds the same numbers in another order, which changes their last digits.
# That was enough: with the same seeds "all habits" then had 76.7, 81.5 and 74.0 %, "no warm-up" once 86.4 %.
#
# So this experiment ranks nothing. It is small and short, at one learning rate, and most of these habits were made for models
# a thousand times larger. To know what a habit is worth in your case, measure it there, with several seeds.
#
# What a habit *does* is easier to see than what it is worth:
# the first steps, the length of gradients, and how sure the answers are.


# %%
def sureness(model):
    """The probability that a model gives to the class it chooses."""
    return scores_of(model, "valid").softmax(dim=-1).amax(dim=-1)


def norm_of_weights(model):
    decays = parameter_groups(model, 0.0)[0]["params"]
    return math.sqrt(sum(one.square().sum().item() for one in decays))


figure = Figure(figsize=(15, 4.2), layout="constrained")
left, middle, after = figure.subplots(1, 3)
looks = {
    "all habits": ("#0072B2", "-"),
    "no warm-up": ("#D55E00", "--"),
    "no fall": ("#009E73", ":"),
}
for habit, (colour, line) in looks.items():
    losses = runs_of(habit)[0][1][:, 0]
    smooth = np.convolve(losses, np.ones(20) / 20, "valid")
    left.plot(np.arange(20, 251), smooth, line, color=colour, linewidth=3, label=habit)
left.set(title="schedule: training", xlabel="step", ylabel="loss, mean of 20 steps")
left.legend()
norms = runs_of("no clipping")[0][1][:, 1]
middle.plot(norms, color="#0072B2", linewidth=1)
middle.axhline(1, color="#D55E00", linestyle="--", linewidth=3, label="max_norm in the other runs")
middle.set(title="without clipping", xlabel="step", ylabel="the gradient's norm", ylim=(0, None))
middle.legend()
bins = np.linspace(0.5, 1, 21)
above = {}
for habit, colour, hatch in (("all habits", "#0072B2", ""), ("no smoothing", "#D55E00", "//")):
    sure = sureness(runs_of(habit)[0][0])
    above[habit] = (sure > 0.975).float().mean().item()
    after.hist(sure, bins, color=colour, hatch=hatch, alpha=0.55, label=habit)
after.set(title="smoothing", xlabel="probability of the chosen class", ylabel="reviews")
after.legend(loc="upper left")
weights = {habit: norm_of_weights(runs_of(habit)[0][0]) for habit in ("all habits", "no decay")}
show(
    figure,
    alt="Left, training losses with all habits, without warm-up and without the fall. Middle, the "
    f"gradient's norm without clipping: {np.mean(norms > 1):.0%} of the steps lie above 1, the "
    f"largest is {norms.max():.1f}. Right, {above['all habits']:.0%} of the answers are surer than "
    f"0.975 with smoothing, {above['no smoothing']:.0%} without it.",
)
print(f"norms above 1: {np.mean(norms > 1):.0%} of the steps; the largest: {norms.max():.1f}")
print(f"norm of all weights that decay: {weights['all habits']:.2f}, without decay:", end=" ")
print(f"{weights['no decay']:.2f}")

# %% [markdown]
# - **Schedule.** Without warm-up, only the first losses differ.
# - **Clipping** works often here, and no gradient is huge: this training does not need it. Others do.
# - **Smoothing.** The target of the right class is 0.95, so hardly any answer is surer than that.
# - **Decay** changes the weights' norm by a few per cent in so short a run.
#
# ## 11 · When to stop
#
# Long training on few reviews overfits: the model learns them by heart, and its loss on new ones rises.
# Early stopping waits for `patience` epochs without a new best validation loss. It then goes back to the best model:
# at each new best, training keeps a copy of `model.state_dict()`.
# (Goodfellow, Bengio and Courville, 2016, section 7.8, algorithm 7.1.)

# %% exercise="early_stopping" points={"idea": 1} minutes=8 difficulty=2 importance=4
from solutions.lesson_10_text_classification.kernels import early_stopping

# %% [markdown] hints="early_stopping"
# Go through the losses as training does. Remember the epoch of the best one.
#
# +++
#
# After each epoch: is its loss smaller than the best? If not, how many epochs ago was the best?
#
# +++
#
# ```python
#         return epoch, best
# for epoch, loss in enumerate(losses):
#     if epoch - best >= patience:
# best = 0
#         best = epoch
#     if loss < losses[best]:
# return len(losses) - 1, best
# ```

# %% check="early_stopping"
with check("early_stopping") as expect:
    losses = [0.7, 0.5, 0.6, 0.55, 0.1]
    expect("two epochs without a best", early_stopping(losses, 2), (3, 1))
    expect("with more patience it goes on", early_stopping(losses, 3), (4, 4))
    expect("patience 1", early_stopping(losses, 1), (2, 1))
    waves = [0.9, 1.0, 0.8, 0.9, 0.7]
    expect("a new best starts the count again", early_stopping(waves, 2), (4, 4))
    expect("losses above 1", early_stopping([3.0, 2.0, 2.5, 2.6, 0.2], 2), (3, 1))
    expect("a little better is better", early_stopping([0.5, 0.496, 0.6, 0.7], 2), (3, 1))
    expect("it never runs out", early_stopping([0.9, 0.8, 0.85], 2), (2, 1))
    expect("as good is not better", early_stopping([0.5, 0.4, 0.4, 0.4, 0.3], 2), (3, 1))
    zigzag = [0.5, 0.7, 0.6, 0.65, 0.3]
    expect("a fall that is no best", early_stopping(zigzag, 3), (3, 0))


# %%
@functools.cache
def long_run():
    """Three hundred reviews, learned by heart: losses after each epoch of ten steps."""
    torch.manual_seed(1)
    model = TextClassifier(len(corpus.number), 32, 1, 4, 64)
    options = {"n_reviews": 300, "decay": 0.0, "smoothing": 0.0, "floor": 1.0, "every": 10}
    return fit(model, 200, "by heart", **options)


history, valid = long_run()
PATIENCE = 5
stop, best = early_stopping(valid[:, 1].tolist(), PATIENCE)
epochs = np.arange(len(valid))
figure = Figure(figsize=(10, 4.4), layout="constrained")
ax = figure.subplots()
ax.plot(
    epochs,
    history[:, 0].reshape(len(epochs), -1).mean(axis=1),
    "--",
    color="#555555",
    linewidth=3,
    label="training loss",
)
ax.plot(epochs, valid[:, 1], "o-", color="#0072B2", linewidth=3, label="validation loss")
ax.axvline(best, color="#009E73", linewidth=3, label=f"best: epoch {best}")
ax.axvline(stop, color="#D55E00", linestyle=":", linewidth=4, label=f"end: epoch {stop}")
ax.set(xlabel="epoch", ylabel="loss", ylim=(0, None), xticks=range(0, len(epochs), 5))
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
show(
    figure,
    alt=f"The training loss falls to {history[-10:, 0].mean():.2f}. The validation loss is lowest "
    f"at epoch {best}, {valid[best, 1]:.2f}; with patience {PATIENCE} training ends at epoch "
    f"{stop}. At the last epoch it is {valid[-1, 1]:.2f}.",
)
print(f"kept: epoch {best}, {valid[best, 2]:.1%} right; after {len(epochs)} epochs:", end=" ")
print(f"{valid[-1, 2]:.1%} right")
print(f"lowest validation loss: {valid[best, 1]:.2f}; a coin's: {math.log(2):.2f}")

# %% [markdown]
# Read the printed lines before you trust the rule. In our run it kept epoch 6 with 71.0 % right, and the last epoch had 76.1 %.
# Here early stopping keeps the model that judges *worse*. Two reasons:
#
# - Loss and share of right answers are two measures. A model that gets surer, where it is wrong as well, loses more, and may be right more often.
#   To have honest probabilities, watch the loss. To have right answers, watch their share.
# - Its validation loss stays near a coin's for nine epochs. Which of them is the lowest is little more than chance.
#
# ## 12 · Momentum and L1
#
# **Momentum** adds up past gradients, so that steps in one direction grow: $m \leftarrow 0.9\, m + g$ and $w \leftarrow w - \eta\, m$.
# Adam does this for each number with its own scale.
# **L1** takes the same amount $a$ from each weight, whatever its size, and stops at 0: the sign of $w$ stays, and its size becomes $\max(|w| - a, 0)$.
# Weight decay takes a share of $w$, so it comes near 0 and never gets there. Which words does a bag of words need?
# (Each step sees the same 1,000 reviews. With small batches, their noise would push weights off 0 again.)


# %%
@functools.cache
def optimised(name):
    """The training loss of a model of one block under one optimizer."""
    torch.manual_seed(1)
    model = TextClassifier(len(corpus.number), 32, 1, 4, 64)
    made = {
        "SGD": lambda: torch.optim.SGD(model.parameters(), lr=0.1),
        "SGD with momentum": lambda: torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9),
        "AdamW": lambda: None,
    }
    history, _ = fit(model, 200, optimizer=made[name](), n_reviews=1000)
    print(f"{name}: loss {history[-20:, 0].mean():.2f} at the end", flush=True)
    return np.convolve(history[:, 0], np.ones(20) / 20, "valid")


@functools.cache
def bag_with(shrink, strength):
    """The rows of a bag of words, shrunk in each step: by a share of them, or by an amount."""
    bag = BagOfWords(len(corpus.number))
    optimizer = torch.optim.SGD(bag.parameters(), lr=0.2)
    for batch in batches(300, 1000, seed=1, size=1000):  # the same 1,000 reviews in each step
        train_step(bag, optimizer, *batch, max_norm=math.inf)
        with torch.no_grad():
            rows = bag.says.weight
            if shrink == "decay":
                rows.mul_(1 - 0.2 * strength)
            else:
                rows.copy_(rows.sign() * (rows.abs() - 0.2 * strength).clamp(min=0))
    pull = (bag.says.weight[:, 1] - bag.says.weight[:, 0]).detach()[3:]
    share = judged(bag, "valid")[1].float().mean().item()
    print(f"bag of words, {shrink} {strength}: {share:.1%} of validation reviews right", flush=True)
    return pull, share


pulls = {"nothing": ("decay", 0.0), "weight decay": ("decay", 0.01), "L1": ("L1", 0.006)}
figure = Figure(figsize=(14, 4.4), layout="constrained")
left, after = figure.subplots(1, 2)
for name, line, colour in (
    ("SGD", ":", "#555555"),
    ("SGD with momentum", "--", "#D55E00"),
    ("AdamW", "-", "#0072B2"),
):
    left.plot(np.arange(20, 201), optimised(name), line, color=colour, linewidth=3, label=name)
left.set(title="training loss, mean of 20 steps", xlabel="step")
left.legend()
told = []
for place, (name, setting) in enumerate(pulls.items()):
    pull, share = bag_with(*setting)
    zeros, small = int((pull == 0).sum()), int((pull.abs() < 0.1).sum())
    after.plot(pull, np.full(len(pull), place), "|", color="#0072B2", markersize=26)
    after.text(
        1.02,
        place,
        f"{zeros} at 0\n{small - zeros} more below 0.1\n{share:.0%} right",
        transform=after.get_yaxis_transform(),
        va="center",
    )
    told.append(
        f"{name}: {zeros} of {len(pull)} words at 0, {small - zeros} more below 0.1, "
        f"{share:.0%} right"
    )
after.set_yticks(range(3), list(pulls))
after.set(
    title="bag of words", xlabel="what each word adds: negative or positive", ylim=(2.6, -0.6)
)
show(
    figure,
    alt=f"Left, training losses end at {optimised('SGD')[-1]:.2f} for SGD, "
    f"{optimised('SGD with momentum')[-1]:.2f} with momentum, {optimised('AdamW')[-1]:.2f} for "
    "AdamW. Right: " + "; ".join(told) + ".",
)

# %% [markdown]
# The rates of the three optimizers are not tuned, so this is no race.
# Weight decay set no word to 0. In our run L1 set 41 of 64 to exactly 0, and the bag judges as many validation reviews rightly as before: 67 % (without, 66 %).
# So L1 shows which words a model can do without.
#
# ## 13 · A misjudged review
#
# Where is your Transformer wrong, and what did it look at? A hook keeps the last block's weights.
# And what changes the answer? Each token in turn is masked: nobody looks at it, and the mean leaves it out.
# All others keep their places. (Cutting it out would move every later word by one place, and the model has learned places.)


# %%
def looks_of(model, tokens):
    """How much each token is looked at in the last block: the mean over heads and queries, (T,)."""
    kept = []
    attention = model.encoder.blocks[-1].attention
    hook = attention.register_forward_hook(lambda module, inputs, output: kept.append(output[1]))
    with torch.no_grad():
        model.eval()(tokens[None], torch.ones(1, len(tokens)).bool())
    hook.remove()
    return kept[0][0].mean(dim=(0, 1))


def positive(model, rows, words):
    """The probability of "positive" for rows of equal length."""
    with torch.no_grad():
        return model.eval()(rows, words).softmax(dim=-1)[:, 1]


def effects_of(model, tokens):
    """How p("positive") changes when one token is masked, token by token; all keep their places."""
    rows = tokens.repeat(len(tokens), 1)  # one row for each token that is masked
    others = ~torch.eye(len(tokens), dtype=torch.bool)
    return positive(model, rows, others) - positive(model, rows, torch.ones_like(others))


def most_misjudged(model):
    """The held-out review whose label gets the smallest probability, and its tokens."""
    tokens, words, labels = corpus.parts["test"]
    chance = scores_of(model, "test").softmax(dim=-1)[torch.arange(len(labels)), labels]
    worst = int(chance.argmin())
    return corpus.reviews["test"][worst], tokens[worst][words[worst]]


model = trained()[0]
review, tokens = most_misjudged(model)
names = ["[CLS]", *corpus.cut(review.text)]
seen, effects = looks_of(model, tokens), effects_of(model, tokens)
chance = positive(model, tokens[None], tokens[None] != PAD).item()
figure = Figure(figsize=(14, 0.9 + 0.36 * len(names)), layout="constrained")
left, after = figure.subplots(1, 2, sharey=True)
left.barh(range(len(names)), seen, color="#0072B2")
left.set_xlabel("looked at: mean weight in the last block")
after.barh(range(len(names)), effects, color="#D55E00", hatch="//")
after.axvline(0, color="#555555")
after.set_xlabel('change of p("positive") when the token is masked')
left.set_yticks(range(len(names)), names)
left.invert_yaxis()
order = [names[i] for i in seen.argsort(descending=True)[:3]]
moves = [names[i] for i in effects.abs().argsort(descending=True)[:3]]
show(
    figure,
    alt=f"The review: {review.text} Looked at most: {', '.join(order)}. Masking these changes "
    f"the answer most: {', '.join(moves)}.",
)
print(review.text)
print(f'label: {["negative", "positive"][review.label]}; the model gives "positive" {chance:.2f}')
agreement = np.corrcoef(seen, effects.abs())[0, 1]
print(
    f"correlation between how much a token is looked at and what masking it changes: {agreement:.2f}"
)

# %% [markdown]
# It is tempting to read the left picture as the reason. It proves little:
#
# - What the last block looks at has passed a block already and is a mix: a weight on a place is not a weight on its word.
# - The residual stream carries each word past attention.
# - Jain and Wallace (2019) changed weights strongly in trained models, and the answers often stayed.
# - What masking a word changes is closer to a cause. But the model was never trained on reviews with a gap,
#   and words act together: of two that say the same, masking one may change nothing.
#
# The two pictures need not agree, and a third may differ again. The printed correlation is that of one review in one model.
#
# ## 14 · Real reviews
#
# IMDb's reviews (Maas et al., 2011) are 50,000, long and human. Put `aclImdb_v1.tar.gz` beside this notebook
# and set `IMDB = "aclImdb_v1.tar.gz"`; `DOWNLOAD = True` fetches it there first (84 MB).
# The loader checks its checksum and reads it in place. The cell below uses the first 127 tokens of each review and takes some minutes.

# %%
IMDB = None  # "aclImdb_v1.tar.gz", or where your copy lies
DOWNLOAD = False  # True: fetch it there first, and go on where an earlier download broke off

if IMDB:
    real = Corpus(imdb_reviews(IMDB, DOWNLOAD), longest=127)
    steps, n_reviews = 1000, len(real.reviews["train"])
    for name, real_model in {
        "bag of words": BagOfWords(len(real.number)),
        "Transformer": TextClassifier(len(real.number), 32, 2, 4, 64, max_length=128, dropout=0.1),
    }.items():
        fit(real_model, steps, name, n_reviews=n_reviews, rate=0.003, every=250, corpus=real)
        share = judged(real_model, "test", real)[1].float().mean()
        print(f"IMDb, {name}: {share:.1%} of {len(real.reviews['test']):,} held-out reviews right")
else:
    print("IMDB is None: nothing is read and nothing is downloaded.")

# %% [markdown]
# Do not expect the picture of section 9. In long reviews single words say a lot, and a bag of words is hard to beat
# for a small Transformer that has read nothing else. Models that have read much before, as BERT, do beat it.
#
# ## What you built
#
# - A classifier with two poolings, and a line to beat, measured beside it.
# - A loss, a step, a schedule, groups, an augmentation and a way to stop, most of them with an ablation.
# - A look at a mistake, and at what such a look does not prove.
#
# | yours | PyTorch | Hugging Face Transformers |
# |---|---|---|
# | `TextClassifier` | | `AutoModelForSequenceClassification` |
# | `label_smoothing` | `F.cross_entropy(..., label_smoothing=...)` | `label_smoothing_factor` |
# | clipping in `train_step` | `nn.utils.clip_grad_norm_` | `max_grad_norm`: 1.0 |
# | `warmup_cosine` | `LambdaLR`; `CosineAnnealingLR` | `get_cosine_schedule_with_warmup`, nearly |
# | `parameter_groups` | groups of `torch.optim.AdamW` | made inside `Trainer`; tables decay there, too |
# | `early_stopping` | | `EarlyStoppingCallback` |
#
# **Where it is used.** Filters for spam, answers sorted by topic, search results judged by relevance.
# Most of the habits are older than Transformers. Large language models are trained with clipping, warm-up, a falling rate and weight decay.
#
# **Further reading**
#
# - Devlin et al., *BERT*, 2018, arXiv 1810.04805, section 3.
# - Loshchilov and Hutter, *SGDR: Stochastic Gradient Descent with Warm Restarts*, 2017, arXiv 1608.03983.
# - Loshchilov and Hutter, *Decoupled Weight Decay Regularization*, 2019, arXiv 1711.05101.
# - Szegedy et al., *Rethinking the Inception Architecture for Computer Vision*, 2016, arXiv 1512.00567.
# - Pascanu, Mikolov and Bengio, *On the difficulty of training recurrent neural networks*, 2013, arXiv 1211.5063.
# - Reimers and Gurevych, *Sentence-BERT*, 2019, arXiv 1908.10084, section 3.
# - Goodfellow, Bengio and Courville, *Deep Learning*, 2016, section 7.8 (early stopping).
# - Iyyer et al., *Deep Unordered Composition Rivals Syntactic Methods for Text Classification*, 2015 (hidden words).
# - Maas et al., *Learning Word Vectors for Sentiment Analysis*, 2011.
# - Jain and Wallace, *Attention is not Explanation*, 2019, arXiv 1902.10186.
