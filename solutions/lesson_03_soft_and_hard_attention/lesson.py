# ---
# jupyter:
#   jupytext:
#     notebook_metadata_filter: all
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   attend:
#     title: Soft and hard attention
#     goal: You build attention that looks near, attention that looks at one place, and attention in a window. You measure what each can learn.
#     needs: [01_dot_products, 02_softmax_and_weighted_sums]
#     core: false
#     training_minutes: 0
# ---

# %% [markdown]
# | term | 中文 | meaning |
# |---|---|---|
# | soft attention | 软注意力 | a blend of all values, as in lesson 02 |
# | hard attention | 硬注意力 | one value, taken as it is |
# | argmax | 最大值位置 | the position of the largest number |
# | gather | 按索引取值 | take rows by their positions |
# | kernel regression | 核回归 | a blend in which near points count most |
# | Gaussian | 高斯函数 | a bell-shaped curve, highest where the distance is 0 |
# | bandwidth | 带宽 | how wide a Gaussian is, written σ ("sigma") |
# | window | 窗口 | the keys near one position; all others are left out |
#
# You know: query 查询, key 键, value 值, score 分数, weight 权重, softmax, temperature 温度, gradient 梯度.
#
# ## Three questions from lessons 01 and 02
#
# 1. You add 5 to every score of a query. How do its softmax weights change?
# 2. Two keys have equal scores. Which one does `nearest_neighbour` of lesson 01 take?
# 3. How do you measure the slope of a function without calculus?
#
# <details><summary>Answers</summary>
#
# 1. They stay. Only differences between scores count.
# 2. The one that stands first.
# 3. Move one entry up and down by a small step, and divide the change by the distance.
#
# </details>

# %% given="setup"
import sys
from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

sys.path.append("attend.zip")  # in Colab: upload attend.zip next to this notebook
from attend import (
    FEATURES,
    WORD_VECTORS,
    WORDS,
    Checker,
    play,
    show,
    show_maps,
    show_prediction,
)

check = Checker("03_soft_and_hard_attention")

# %% [markdown]
# Two functions of lesson 02 come along. This lesson uses them as they are:

# %% given="from_lesson_02"
from solutions.lesson_02_softmax_and_weighted_sums.kernels import (
    finite_difference_gradient,
    softmax,
)

# %% [markdown]
# ## 1 · Attention by distance
#
# You read a thermometer a few times a day. How warm was it at an hour between two readings?
# Blend the readings, and let near hours count most.
#
# This idea is from 1964, and it is attention. The hour you ask for is the query.
# The hours of your readings are the keys, and the temperatures are the values.
# The weights come from a Gaussian around the query:

# %%
hours, degrees = np.array([2.0, 3.0, 4.0]), np.array([10.0, 15.0, 40.0])
bandwidth = 1 / np.sqrt(2 * np.log(2))  # about 0.85 hours: the curve halves at distance 1
axis_hours = np.linspace(-0.5, 5.5, 200)
figure = Figure(figsize=(12, 4.2), layout="constrained")
left, right = figure.subplots(1, 2, sharey=True)
curve = np.exp(-((axis_hours - 2) ** 2) / (2 * bandwidth**2))
left.plot(axis_hours, curve, color="#555555", label="the Gaussian around the query, hour 2")
heights = np.exp(-((hours - 2) ** 2) / (2 * bandwidth**2))
left.vlines(hours, 0, heights, color="#0072B2", linewidth=4)
left.plot(hours, heights, "o", color="#0072B2", markersize=11, label="its height at each key")
for hour, text in zip(hours, ["1", "1/2", "1/16"], strict=True):
    left.annotate(text, (hour, heights[int(hour) - 2]), (10, 4), textcoords="offset points")
left.set(xlabel="hour", ylim=(0, 1.75), yticks=[0, 1])
left.legend(loc="upper left")
bars = right.bar(["hour 2", "hour 3", "hour 4"], [0.64, 0.32, 0.04], color="#0072B2")
right.bar_label(bars, ["16/25 = 0.64", "8/25 = 0.32", "1/25 = 0.04"])
right.set(title="divided by their sum, 25/16: the weights")
show(
    figure,
    alt="Left, a bell curve around hour 2 with heights 1, 1/2 and 1/16 at hours 2, 3 and 4. "
    "Right, three bars: the weights 0.64, 0.32 and 0.04.",
)

# %% [markdown]
# By hand: the readings are 10, 15 and 40 degrees. The answer for hour 2 is
# 0.64 · 10 + 0.32 · 15 + 0.04 · 40 = 6.4 + 4.8 + 1.6 = **12.8**.
#
# $$o = \sum_i w_i v_i \qquad w_i = \frac{G_i}{\sum_j G_j} \qquad G_i = e^{-|q - k_i|^2 / (2\sigma^2)}$$
#
# $q$ is the query, $k_i$ is key $i$ and $v_i$ its value. $|q - k_i|$ is their distance: the norm of their difference.
# $G_i$ is the Gaussian's height at key $i$, $\sigma$ its bandwidth, $w_i$ the weight and $o$ the output.
# In words: near keys get a large height, and each weight is its share of all heights.
# (Nadaraya, 1964, and Watson, 1964; Hastie, Tibshirani and Friedman, 2009, equation 6.2.)
#
# Compare this with lesson 02. It is a softmax, and the score is the **negative squared distance**:
#
# $$w = \text{softmax}(s) \quad \text{with} \quad s_i = -\frac{|q - k_i|^2}{2\sigma^2}$$
#
# So $2\sigma^2$ plays the part of the temperature.
#
# **Predict.** Readings at hours 2, 6 and 10 are 10, 12 and 20 degrees.
# You ask for hours 3, 7, 9 and 20, with a tiny bandwidth (0.1) and with a huge one (1000).
# (The truth appears after exercise 1.)

# %%
my_answers = [
    [None, None, None, None],  # bandwidth 0.1: hours 3, 7, 9, 20
    [None, None, None, None],  # bandwidth 1000: hours 3, 7, 9, 20
]

# %% [markdown]
# ### Far away
#
# Ask for hour 100, and write the fraction as it stands:

# %%
gaussians = np.exp(-((100 - np.array([2.0, 6.0, 10.0])) ** 2) / 2)  # bandwidth 1
print("heights:", gaussians)
with np.errstate(invalid="ignore"):
    print("weights:", gaussians / gaussians.sum())

# %% [markdown]
# Every height is rounded to 0, and 0 / 0 is NaN. But hour 10 is still the nearest key.
# You know the cure: subtract the largest score first. The function that does so stands above.

# %% exercise="kernel_regression" points={"idea": 3, "shapes": 1, "edge cases": 1} minutes=18 difficulty=3 importance=4
from solutions.lesson_03_soft_and_hard_attention.kernels import kernel_regression

# %% [markdown] hints="kernel_regression"
# First the differences of all queries and all keys, then the scores, then two steps from lesson 02.
#
# +++
#
# Broadcasting makes all pairs: give `queries` an axis of size 1 for the keys, and `keys` one for
# the queries. `queries[..., :, None, :]` has shape (..., n_queries, 1, d).
#
# +++
#
# Order these lines:
#
# ```python
# return np.matmul(shares, values)
# shares = softmax(closeness, axis=-1)
# closeness = -np.sum(apart**2, axis=-1) / (2 * bandwidth**2)
# apart = queries[..., :, None, :] - keys[..., None, :, :]
# ```

# %% check="kernel_regression"
times = np.array([[2.0], [3.0], [4.0]])  # (3 keys, 1 feature)
readings = np.array([[10.0, 0.0], [15.0, 0.0], [40.0, 100.0]])  # (3 keys, 2 features)
halving = 1 / np.sqrt(2 * np.log(2))  # the Gaussian is 1/2 at distance 1 and 1/16 at distance 2
with check("kernel_regression") as expect:
    answer = kernel_regression(np.array([[2.0]]), times, readings, halving)
    expect("the blend that you followed by hand", answer, np.array([[12.8, 4.0]]))
    answer = kernel_regression(np.array([[3.0]]), times, readings, halving)
    expect("in the middle, weights 1/4, 1/2 and 1/4", answer, np.array([[20.0, 25.0]]))
    corner = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])  # distances 1, 1 and √2 from (0, 0)
    answer = kernel_regression(np.zeros((1, 2)), corner, readings, halving)
    expect("points in a plane, weights 0.4, 0.4 and 0.2", answer, np.array([[18.0, 20.0]]))
    answer = kernel_regression(np.array([[100.0]]), times, readings, 1.0)
    expect("far away, the nearest key's value", answer, np.array([[40.0, 100.0]]))
    batch = np.zeros((2, 4, 1)), np.zeros((2, 3, 1)), np.zeros((2, 3, 5))
    expect("a batch keeps its axis", kernel_regression(*batch, 1.0).shape, (2, 4, 5))

# %%
few_hours, few_degrees = np.array([[2.0], [6.0], [10.0]]), np.array([[10.0], [12.0], [20.0]])
asked = np.array([[3.0], [7.0], [9.0], [20.0]])
show_prediction(
    my_answers,
    [kernel_regression(asked, few_hours, few_degrees, width)[:, 0] for width in (0.1, 1000)],
    rows=["σ = 0.1", "σ = 1000"],
    columns=["hour 3", "hour 7", "hour 9", "hour 20"],
    alt="With bandwidth 0.1: 10, 12, 20, 20, each the nearest reading. With 1000: 14 everywhere.",
    tolerance=0.5,
)

# %% [markdown]
# A tiny bandwidth takes the nearest reading alone. A huge one takes the mean of all, 14.
#
# **Play.** Here are 16 noisy readings of one day. Find a bandwidth that follows the true curve.
# Then move the query, and watch which readings count. (A larger dot has more weight.)

# %%
generator = np.random.default_rng(3)
day_hours = np.sort(generator.uniform(0, 24, (16, 1)), axis=0)  # (16 keys, 1 feature)
true_degrees = 15 - 7 * np.cos((np.linspace(0, 24, 241) - 3) * np.pi / 12)
day_degrees = (
    15 - 7 * np.cos((day_hours - 3) * np.pi / 12) + 1.5 * generator.standard_normal((16, 1))
)


def draw_day(bandwidth, query):
    line = np.linspace(0, 24, 241)[:, None]  # (241 queries, 1 feature)
    fitted = kernel_regression(line, day_hours, day_degrees, bandwidth)[:, 0]
    taken = kernel_regression(np.array([[query]]), day_hours, np.eye(16), bandwidth)[0]  # weights
    answer = float(taken @ day_degrees[:, 0])
    error = float(np.sqrt(np.mean((fitted - true_degrees) ** 2)))
    figure = Figure(figsize=(7, 4.6), layout="constrained")
    ax = figure.subplots()
    ax.plot(line[:, 0], true_degrees, ":", color="#555555", label="the true curve")
    ax.plot(line[:, 0], fitted, color="#D55E00", linewidth=3, label="your kernel regression")
    ax.scatter(day_hours[:, 0], day_degrees[:, 0], s=25 + 700 * taken, color="#0072B2", alpha=0.6)
    ax.axvline(query, color="black", linewidth=1)
    ax.plot([query], [answer], "s", color="black", markersize=10)
    ax.set(xlabel="hour", ylabel="°C", ylim=(3, 28), xticks=range(0, 25, 4))
    ax.set_title(f"σ = {bandwidth:g} hours: typical error {error:.1f} °C")
    ax.legend(loc="upper left")
    told = f"Kernel regression over one day with bandwidth {bandwidth:g} hours. "
    told += f"At hour {query:g} it answers {answer:.1f} degrees, the largest weight being "
    told += f"{taken.max():.2f}. Its typical error is {error:.1f} degrees."
    return figure, told


play(
    draw_day,
    stills=[
        {"bandwidth": 0.2, "query": 12},
        {"bandwidth": 1.6, "query": 12},
        {"bandwidth": 9.0, "query": 12},
    ],
    bandwidth=(0.2, 9.0, 0.2, 1.6),
    query=(0, 24, 1, 12),
)

# %% [markdown]
# Too narrow, and the curve copies the noise. Too wide, and it forgets the day.
# Nothing was trained here. A transformer learns what "near" means: it learns the keys and queries.
#
# How do distances and dot products belong together? Multiply out:
#
# $$-|q - k_i|^2 = 2\, q \cdot k_i - |k_i|^2 - |q|^2$$
#
# Which of the three parts can a softmax over the keys not see?
#
# <details><summary>Answer</summary>
#
# $|q|^2$: it is the same for every key, and only differences count.
# If all keys have one length, $|k_i|^2$ falls away too.
# Then kernel regression is dot-product attention, with scores $q \cdot k_i / \sigma^2$.
#
# </details>
#
# ## 2 · Hard attention
#
# Make the bandwidth, or the temperature, smaller and smaller. In the end, one key has all the weight:

# %%
word_scores = WORD_VECTORS @ WORD_VECTORS.T  # (4 queries, 4 keys)
show_maps(
    {
        "soft, temperature 3": softmax(word_scores / 3),
        "soft, temperature 0.5": softmax(word_scores / 0.5),
        "hard": np.eye(4)[word_scores.argmax(axis=-1)],
    },
    rows=WORDS,
    columns=WORDS,
    limits=(0, 1),
    alt="Three maps of four words. At temperature 3 each row spreads its weight; at 0.5 one key "
    "has 0.86 or more; in the hard map it has 1: cats, drink and milk take themselves, warm takes drink.",
)

# %% [markdown]
# $$o = v_{b} \quad \text{with} \quad b = \arg\max_i \; q \cdot k_i$$
#
# $\arg\max_i$ gives the position $i$ with the largest score; here it is called $b$, the best.
# In words: find the best key, and take its value as it is.
# (Xu et al., 2015, section 4.1, call it hard attention. They draw $b$ at random; here the best always wins.)
#
# Taking rows by position is a **gather**. The best keys of the four words are 0, 1, 1 and 3:
#
# ```
# values         best       output
# row 0: 10      0          10
# row 1: 20      1          20
# row 2: 30      1          20
# row 3: 40      3          40
# ```
#
# With a batch, each sentence must take from its own values. `values[best]` cannot do that:
# it always looks along the first axis. `np.take_along_axis` looks along the axis that you name.

# %% exercise="hard_attention" points={"idea": 2, "shapes": 1, "edge cases": 1} minutes=12 difficulty=2 importance=4
from solutions.lesson_03_soft_and_hard_attention.kernels import hard_attention

# %% [markdown] hints="hard_attention"
# Three steps: all scores (lesson 01), the best key of each query, its value.
#
# +++
#
# `best` has shape (..., n_queries), the values (..., n_keys, d_v). For `np.take_along_axis` both
# need equally many axes: `best[..., None]`. The keys are axis -2 of the values.
#
# +++
#
# Order these lines:
#
# ```python
# return np.take_along_axis(values, winner[..., None], axis=-2)
# winner = np.argmax(matches, axis=-1)
# matches = np.matmul(queries, turned)
# turned = np.swapaxes(keys, -1, -2)
# ```

# %% check="hard_attention"
asking = np.array([[1.0, 2.0], [3.0, 1.0], [0.0, 0.0]])  # (3 queries, d_k = 2)
answering = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [-9.0, 0.0]])  # (4 keys, d_k = 2)
stored = np.array([[10.0, 1.0, 0.5], [20.0, 2.0, 0.6], [30.0, 3.0, 0.7], [40.0, 4.0, 0.8]])
with check("hard_attention") as expect:
    taken = hard_attention(asking[:2], answering[[0, 1, 3]], stored[[0, 1, 3]])
    wanted = np.array([[20.0, 2.0, 0.6], [10.0, 1.0, 0.5]])
    expect("each query takes one value, unchanged", taken, wanted)
    expect("of equal keys, the first", hard_attention(asking, answering, stored)[0], stored[1])
    expect("all scores equal: the first", hard_attention(asking, answering, stored)[2], stored[0])
    batch = hard_attention(
        np.stack([asking, -asking]), np.stack([answering] * 2), np.stack([stored, 100 * stored])
    )
    expect("a batch takes from its own values", batch[1, 1], 100 * stored[3])
    words = hard_attention(WORD_VECTORS, WORD_VECTORS, np.arange(4.0)[:, None])
    expect("the words take 0, 1, 1 and 3", words, np.array([[0.0], [1.0], [1.0], [3.0]]))

# %% [markdown]
# ## 3 · What hard attention can learn
#
# Turn the query slowly from *cats* into *milk*. Read the feature **wet** of the output:

# %%
parts = np.linspace(0, 1, 401)[:, None]  # how much milk is in the query
moving = (1 - parts) * WORD_VECTORS[0] + parts * WORD_VECTORS[3]  # (401 queries, 3 features)
soft_wet = softmax(moving @ WORD_VECTORS.T) @ WORD_VECTORS[:, 2]
hard_wet = hard_attention(moving, WORD_VECTORS, WORD_VECTORS)[:, 2]
figure = Figure(figsize=(10, 4.6), layout="constrained")
ax = figure.subplots()
ax.plot(parts, soft_wet, "--", color="#0072B2", linewidth=3, label="soft attention")
jumps = np.flatnonzero(np.diff(hard_wet)) + 1
for place, step in enumerate(np.split(np.arange(401), jumps)):
    label = "hard attention" if place == 0 else None
    ax.plot(parts[step], hard_wet[step], color="#D55E00", linewidth=4, label=label)
for x, y, word in [(0.13, -0.32, "cats"), (0.64, 1.93, "drink"), (0.72, 3.12, "milk")]:
    ax.text(x, y, f"takes {word}: slope 0")
ax.set(xlabel="how much milk is in the query", ylabel="wet", ylim=(-0.5, 3.6), yticks=range(4))
ax.legend(loc="upper left")
show(
    figure,
    alt="The output's feature wet as the query turns from cats to milk. Soft attention rises "
    "smoothly from 0 to 3. Hard attention is a staircase with flat steps at 0, 2 and 3.",
)

# %% [markdown]
# Soft attention has a slope everywhere. Hard attention has flat steps:
# a small change of the query changes nothing. At a jump there is no slope at all.
# One says: the gradient is 0 **almost everywhere**. The same holds for the keys.
#
# The values are different. The output *is* the taken value: where it grows by 1, the output grows by 1.
#
# **Predict.** Four words ask with hard attention; they take 0, 1, 1 and 3.
# The loss is the sum of all entries of all outputs.
# You raise one entry of a word's value by 1. By how much does the loss grow?
# (The truth appears after exercise 3.)

# %%
my_slopes = [None, None, None, None]  # for an entry of the value of cats, drink, warm, milk

# %% [markdown]
# Now any loss $L$. Let $g_t$ be its gradient with respect to output $t$, and $b_t$ the best key of query $t$:
#
# $$\frac{\partial L}{\partial q_t} = 0 \qquad \frac{\partial L}{\partial k_i} = 0 \qquad \frac{\partial L}{\partial v_i} = \sum_{t\,:\,b_t = i} g_t$$
#
# The last sum runs over those queries $t$ that take key $i$.
# In words: each value collects the gradients of the outputs that took it.
# (This follows from the definition: the output is a copy of a value.)
#
# ### A trap
#
# `+=` with a list of positions counts a position once, even if it stands there twice:

# %%
best = np.array([2, 0, 2, 2])
lost, kept = np.zeros(4), np.zeros(4)
lost[best] += 1
np.add.at(kept, best, 1)
print("lost[best] += 1:       ", lost)
print("np.add.at(kept, best, 1):", kept)

# %% exercise="hard_attention_gradient" points={"idea": 2, "edge cases": 2} minutes=15 difficulty=3 importance=4
from solutions.lesson_03_soft_and_hard_attention.kernels import hard_attention_gradient

# %% [markdown] hints="hard_attention_gradient"
# Two of the three arrays need no computation. For the third, you need to know who took what.
#
# +++
#
# Start from zeros in the shape of `values`: floats, as `np.zeros(values.shape)` gives them. Then add
# each row of `output_gradient` to the row that its query took. The trap above says how.
#
# +++
#
# Order these lines:
#
# ```python
# return np.zeros(queries.shape), np.zeros(keys.shape), collected
# collected = np.zeros(values.shape)
# winner = np.argmax(queries @ keys.T, axis=-1)
# np.add.at(collected, winner, output_gradient)
# ```

# %% check="hard_attention_gradient"
upstream = np.array([[1.0, -2.0], [0.5, 4.0], [3.0, 1.0], [-1.0, 2.0]])  # (4 queries, d_v = 2)
start = np.array([[38.0, 0.0], [10.0, 250.0], [40.0, 0.0], [4.0, 200.0]])  # (4 keys, d_v = 2)


def loss_of_queries(queries):
    return np.sum(upstream * hard_attention(queries, WORD_VECTORS, start))


def loss_of_keys(keys):
    return np.sum(upstream * hard_attention(WORD_VECTORS, keys, start))


def loss_of_values(values):
    return np.sum(upstream * hard_attention(WORD_VECTORS, WORD_VECTORS, values))


with check("hard_attention_gradient") as expect:
    to_q, to_k, to_v = hard_attention_gradient(WORD_VECTORS, WORD_VECTORS, start, upstream)
    measured = finite_difference_gradient(loss_of_queries, WORD_VECTORS)
    expect("queries: what you measure with small steps", to_q, measured, 1e-6)
    measured = finite_difference_gradient(loss_of_keys, WORD_VECTORS)
    expect("keys: what you measure with small steps", to_k, measured, 1e-6)
    measured = finite_difference_gradient(loss_of_values, start)
    expect("values: what you measure with small steps", to_v, measured, 1e-6)
    wanted = np.array([[1.0, -2.0], [3.5, 5.0], [0.0, 0.0], [-1.0, 2.0]])
    expect("drink collects from two queries, warm from none", to_v, wanted)
    nowhere, rows = np.zeros((2, 2)), np.array([[0.5, 2.0], [1.0, 1.0]])  # all scores are 0
    tied = hard_attention_gradient(nowhere, np.eye(2), np.ones((2, 2)), rows)[2]
    expect("at a tie, the first key's value", tied, np.array([[1.5, 3.0], [0.0, 0.0]]))
    whole = hard_attention_gradient(nowhere, np.eye(2), np.array([[1, 2], [3, 4]]), rows)[2]
    expect("whole-number values, and halves stay", whole, np.array([[1.5, 3.0], [0.0, 0.0]]))

# %%
one_each = np.ones((4, 3))  # the loss is the sum of all entries of the outputs
slopes = hard_attention_gradient(WORD_VECTORS, WORD_VECTORS, WORD_VECTORS, one_each)[2]
show_prediction(
    my_slopes,
    slopes[:, 0],
    columns=WORDS,
    alt="The slopes: cats 1, drink 2, warm 0, milk 1.",
)

# %% [markdown]
# *drink* is taken twice, *warm* never: its value can learn nothing from this sentence.
# The same loss, measured with your small steps of lesson 02. Which map is empty?


# %%
def sum_of_soft(queries):
    return np.sum(softmax(queries @ WORD_VECTORS.T) @ WORD_VECTORS)


def sum_of_hard(queries):
    return np.sum(hard_attention(queries, WORD_VECTORS, WORD_VECTORS))


def sum_of_values(values):
    return np.sum(hard_attention(WORD_VECTORS, WORD_VECTORS, values))


show_maps(
    {
        "soft, queries": finite_difference_gradient(sum_of_soft, WORD_VECTORS),
        "hard, queries": finite_difference_gradient(sum_of_hard, WORD_VECTORS),
        "hard, values": finite_difference_gradient(sum_of_values, WORD_VECTORS).round(6),
    },
    rows=WORDS,
    columns=FEATURES,
    alt="Three maps of slopes. Soft attention, to the queries: small numbers other than 0, the "
    "largest in the row of warm. Hard attention, to the queries: 0 everywhere. Hard attention, to "
    "the values: cats 1, drink 2, warm 0, milk 1.",
)

# %% [markdown]
#
# ### Trained as if argmax had a slope
#
# Some tutorials train hard attention as they train soft attention. What if you borrow the slopes of a softmax?
# Two values are 0 and 10. A query should learn to output 4; the loss is (output − 4)².
# At each step, the query moves a little against its gradient:

# %%
two_keys, two_values, target = np.eye(2), np.array([[0.0], [10.0]]), 4.0


def soft_output(query):
    return float((softmax(query @ two_keys.T) @ two_values)[0])


def hard_output(query):
    return float(hard_attention(query[None], two_keys, two_values)[0, 0])


def soft_slope(query):
    return 2 * (soft_output(query) - target) * finite_difference_gradient(soft_output, query)


def hard_slope(query):
    return 2 * (hard_output(query) - target) * finite_difference_gradient(hard_output, query)


def false_slope(query):
    return 2 * (hard_output(query) - target) * finite_difference_gradient(soft_output, query)


ways = {
    "soft attention": (soft_output, soft_slope, "#0072B2", "--"),
    "hard, its true gradient": (hard_output, hard_slope, "#D55E00", "-"),
    "hard, with soft attention's slopes": (hard_output, false_slope, "#555555", ":"),
}
figure = Figure(figsize=(11, 4.8), layout="constrained")
ax = figure.subplots()
for name, (output, slope, colour, line) in ways.items():
    query, losses = np.array([0.0, 1.0]), []
    for _ in range(40):
        losses.append((output(query) - target) ** 2)
        query = query - 0.02 * slope(query)
    ax.plot(losses, line, color=colour, linewidth=3, label=name)
ax.set(xlabel="step", ylabel="loss", ylim=(-1, 52))
ax.legend(loc="upper right")
show(
    figure,
    alt="Losses over 40 steps. Soft attention falls to 0. Hard attention with its true gradient "
    "stays at 36. With the slopes of soft attention it jumps between 36 and 16 and never settles.",
)

# %% [markdown]
# Soft attention learns. Hard attention with its true gradient, 0, never moves its query.
# With borrowed slopes it moves, and then jumps for ever between 36 and 16:
# it follows the slope of another function.
# Lesson 13 shows two careful ways, Gumbel-softmax and REINFORCE.
#
# ## 4 · A window
#
# Soft attention reads every key. In a long text most of them are far away.
# **Local attention** reads only keys near a position $p$: the positions $s$ with $p - D \le s \le p + D$.
# (From here on $s$ is a position, as in the paper, and no score.)
# $D$ is the window's half width. Inside, it is soft.
#
# By hand: the exponentials of four scores are 1, 2, 5 and 2, and $D = 1$. Positions count from 0.
#
# | centre p | inside | weights |
# |---|---|---|
# | 1 | 0, 1, 2 | 1/8, 2/8, 5/8, 0 |
# | 0 | 0, 1 | 1/3, 2/3, 0, 0 |
# | 3 | 2, 3 | 0, 0, 5/7, 2/7 |
# | 1.5 | 1, 2 | 0, 2/7, 5/7, 0 |
#
# At the ends, the window is cut. A centre may lie between two keys.
# Each row sums to 1, because the softmax runs inside the window only.
#
# Luong, Pham and Manning (2015, section 3.2) set $p_t = t$ for word $t$: they call it **local-m**, for monotonic (it only moves forwards).
# It fits two languages with nearly the same word order.
# The weights are their equation 7, a softmax, inside the window.

# %% exercise="local_window_weights" points={"idea": 2, "shapes": 1, "edge cases": 1} minutes=12 difficulty=2 importance=4
from solutions.lesson_03_soft_and_hard_attention.kernels import local_window_weights

# %% [markdown] hints="local_window_weights"
# Which score must a key outside have, so that softmax gives it exactly 0? (Lesson 02 knows one.)
#
# +++
#
# `np.arange(n_keys) - centres[:, None]` holds every signed distance, (n_queries, n_keys).
# `np.where(condition, a, b)` takes from `a` where the condition is True, else from `b`.
#
# +++
#
# Order these lines:
#
# ```python
# return softmax(cut, axis=-1)
# cut = np.where(near, scores, -np.inf)
# near = np.abs(places - centres[:, None]) <= half_width
# places = np.arange(scores.shape[-1])
# ```

# %% check="local_window_weights"
four_scores = np.log([[1.0, 2.0, 5.0, 2.0]])  # (1 query, 4 keys)
with check("local_window_weights") as expect:
    given = four_scores.copy()
    middle = local_window_weights(given, np.array([1]), 1)
    expect("your scores stay as they were", given, four_scores)
    expect("around key 1", middle, np.array([[0.125, 0.25, 0.625, 0.0]]))
    ends = local_window_weights(np.repeat(four_scores, 2, axis=0), np.array([0, 3]), 1)
    expect("cut at both ends", ends, np.array([[1 / 3, 2 / 3, 0, 0], [0, 0, 5 / 7, 2 / 7]]))
    between = local_window_weights(four_scores, np.array([1.5]), 1)
    expect("between keys 1 and 2", between, np.array([[0, 2 / 7, 5 / 7, 0]]))
    wide = local_window_weights(four_scores, np.array([0.5]), 2)
    expect("two to each side of 0.5", wide, np.array([[0.125, 0.25, 0.625, 0.0]]))
    far = local_window_weights(np.array([[*four_scores[0, :3], 1e4]]), np.array([1]), 1)
    expect("a huge score outside changes nothing", far, np.array([[0.125, 0.25, 0.625, 0.0]]))
    low = local_window_weights(np.array([[-1e10, -1e10, -1e10, 0.0]]), np.array([0]), 1)
    expect("nor do very low scores inside", low, np.array([[0.5, 0.5, 0.0, 0.0]]))
    batch = local_window_weights(np.zeros((2, 3, 5)), np.arange(3), 1)
    expect("a batch shares its centres", batch[1].sum(axis=-1), np.ones(3))

# %% [markdown]
# The sentence, with all keys and with $D = 1$. (At temperature 3, so that small weights can be seen.)

# %%
near_words = np.abs(np.arange(4) - np.arange(4)[:, None]) <= 1
show_maps(
    {
        "global": softmax(word_scores / 3),
        "local-m, D = 1": local_window_weights(word_scores / 3, np.arange(4), 1),
    },
    rows=WORDS,
    columns=WORDS,
    masks={"local-m, D = 1": near_words},
    limits=(0, 1),
    alt="Two maps of four words at temperature 3. Left, global attention: every word may look at "
    "every word. Right, local-m with half width 1: only neighbours, all other cells are hatched.",
)

# %% [markdown]
# ## 5 · A window that finds its place
#
# Word order often differs between languages, so $p_t = t$ is too simple. Let the model predict $p_t$ (**local-p**):
#
# $$p_t = S \cdot \text{sigmoid}\big(v_p^\top \tanh(W_p h_t)\big)$$
#
# $S$ is the number of keys. $h_t$ is the vector of the word that asks. The matrix $W_p$ and the vector $v_p$ are learned.
# tanh squeezes each entry between −1 and 1. $v_p^\top$ times the result is a dot product: one number.
# The sigmoid squeezes that number between 0 and 1.
# In words: a small network says how far into the sentence to look. (Luong et al., equation 9.)
# By hand: $S = 4$, and $v_p^\top \tanh(W_p h_t)$ is ln 3 ≈ 1.1. Its sigmoid is 1 / (1 + 1/3) = 3/4, so $p_t = 3$.
#
# But a window alone cannot teach $p_t$. Move it a little: the same keys stay inside, and nothing changes.
# It is the staircase of section 3 again. So local-p multiplies each weight by a Gaussian around $p_t$:
#
# $$a_t(s) = \text{window}_t(s) \cdot e^{-(s - p_t)^2 / (2\sigma^2)} \qquad \sigma = D / 2$$
#
# $\text{window}_t(s)$ is the weight of key $s$ in section 4, and $a_t(s)$ is its new weight.
# In words: the softmax inside the window, made smaller away from the centre. (Luong et al., equation 10.)
#
# By hand: five equal scores, $p_t = 2$ and $D = 2$, so $\sigma = 1$:
#
# | key s | 0 | 1 | 2 | 3 | 4 | sum |
# |---|---|---|---|---|---|---|
# | window | 0.2 | 0.2 | 0.2 | 0.2 | 0.2 | 1 |
# | Gaussian | 0.14 | 0.61 | 1 | 0.61 | 0.14 | |
# | product | 0.03 | 0.12 | 0.2 | 0.12 | 0.03 | **0.5** |
#
# **The row does not sum to 1.** Equation 10 does not divide again, so this is no distribution.

# %% exercise="local_gaussian_weights" points={"idea": 2, "edge cases": 1} minutes=6 difficulty=2 importance=3
from solutions.lesson_03_soft_and_hard_attention.kernels import local_gaussian_weights

# %% [markdown] hints="local_gaussian_weights"
# You have the first factor already. The second is the Gaussian of section 1.
#
# +++
#
# The distances are the positions minus the centres, (n_queries, n_keys). The bandwidth is
# `half_width / 2`.
#
# +++
#
# Order these lines:
#
# ```python
# return bell * local_window_weights(scores, centres, half_width)
# bell = np.exp(-(away**2) / (2 * sigma**2))
# away = np.arange(scores.shape[-1]) - centres[:, None]
# sigma = half_width / 2
# ```

# %% check="local_gaussian_weights"
with check("local_gaussian_weights") as expect:
    by_hand = local_gaussian_weights(np.zeros((1, 5)), np.array([2.0]), 2)
    wanted = np.array([[0.02707, 0.12131, 0.2, 0.12131, 0.02707]])
    expect("the row that you followed by hand", by_hand, wanted, 1e-4)
    expect("it sums to 0.5, not to 1", by_hand.sum(), 0.49675, 1e-4)
    between = local_gaussian_weights(np.zeros((1, 6)), np.array([2.5]), 1)
    wanted = np.array([[0.0, 0.0, 0.30327, 0.30327, 0.0, 0.0]])
    expect("a centre between keys 2 and 3", between, wanted, 1e-4)
    cut = local_gaussian_weights(np.log([[1.0, 3.0, 9.0, 9.0]]), np.array([0.0]), 1)
    expect("cut at the end", cut, np.array([[0.25, 0.1015, 0.0, 0.0]]), 1e-4)

# %% [markdown]
# **Play.** Move the centre and the half width. Watch the sum of the lower bars.

# %%
nine_scores = np.array([[0.4, 1.3, -0.5, 0.9, 1.6, 0.2, -1.0, 1.1, 0.5]])  # (1 query, 9 keys)


def draw_window(centre, half_width):
    place = np.array([centre])
    window = local_window_weights(nine_scores, place, half_width)[0]
    products = local_gaussian_weights(nine_scores, place, half_width)[0]
    figure = Figure(figsize=(6.4, 5.6), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, sharey=True)
    upper.bar(range(9), window, color="#0072B2")
    upper.set_title(f"window: sum {window.sum():.2f}")
    lower.bar(range(9), products, color="#D55E00")
    lower.set_title(f"times the Gaussian: sum {products.sum():.2f}")
    line = np.linspace(max(centre - half_width, -0.5), min(centre + half_width, 8.5), 100)
    bell = np.exp(-((line - centre) ** 2) / (2 * (half_width / 2) ** 2))
    lower.plot(line, bell, "--", color="#555555", label="the Gaussian")
    lower.legend(loc="upper right")
    for ax in (upper, lower):
        ax.axvspan(line[0], line[-1], color="#eeeeee", zorder=0)
        ax.axvline(centre, color="black", linewidth=1)
        ax.set(ylim=(0, 1.05), yticks=[0, 1], xlim=(-0.6, 8.6), xticks=range(9))
    lower.set_xlabel("position of the key")
    told = f"Centre {centre:g}, half width {half_width}. The window's weights sum to "
    told += f"{window.sum():.2f}, their products with the Gaussian to {products.sum():.2f}."
    return figure, told


play(
    draw_window,
    stills=[
        {"centre": 4.0, "half_width": 1},
        {"centre": 4.0, "half_width": 4},
        {"centre": 0.5, "half_width": 2},
    ],
    centre=(0.0, 8.0, 0.25, 4.0),
    half_width=(1, 4, 1, 2),
)

# %% [markdown]
# Why do the rows not sum to 1, and what would change if you divided again?
#
# <details><summary>Answer</summary>
#
# The softmax shares out exactly 1. Each Gaussian factor is at most 1, so the sum falls below 1.
# So the weights sum to less than 1. The sum is smallest where the scores and $p_t$ disagree most.
# If you divided again, you would get softmax(score − (s − p)² / (2σ²)) inside the window:
# the scores of kernel regression, added to the old ones.
#
# </details>
#
# Now move the centre slowly, and read one output. Does it have a slope?

# %%
nine_values = np.array([2.0, 8.0, 1.0, 6.0, 9.0, 3.0, 5.0, 7.0, 4.0])
places = np.linspace(2.05, 5.95, 400)
many = np.repeat(nine_scores, 400, axis=0)  # (400 queries, 9 keys): the same scores
figure = Figure(figsize=(10, 4.6), layout="constrained")
ax = figure.subplots()
kinds = {
    "window alone": (local_window_weights, "#D55E00", "-"),
    "times the Gaussian": (local_gaussian_weights, "#0072B2", "--"),
}
steps = np.split(np.arange(400), np.flatnonzero(np.diff(np.floor(places))) + 1)
for name, (weigh, colour, line) in kinds.items():
    outputs = weigh(many, places, 2) @ nine_values
    for place, step in enumerate(steps):
        label = name if place == 0 else None
        ax.plot(places[step], outputs[step], line, color=colour, linewidth=3, label=label)
ax.set(xlabel="centre p, half width 2", ylabel="output", ylim=(0, 11))
ax.legend(loc="upper right")
show(
    figure,
    alt="The output over the window's centre. With the window alone it is a staircase of flat "
    "steps. Times the Gaussian it is curved between the jumps, so it has a slope there.",
)


def output_at(centre):
    return float((local_gaussian_weights(nine_scores, centre, 2) @ nine_values)[0])


def output_of_window(centre):
    return float((local_window_weights(nine_scores, centre, 2) @ nine_values)[0])


here = np.array([4.3])
print(
    f"slope at 4.3, window alone:       {finite_difference_gradient(output_of_window, here)[0]:.3f}"
)
print(f"slope at 4.3, times the Gaussian: {finite_difference_gradient(output_at, here)[0]:.3f}")

# %% [markdown]
# With the Gaussian, $p_t$ can learn. Jumps remain where a key enters or leaves the window:
# local attention is differentiable (has a slope) *almost* everywhere.
#
# ## What you built
#
# - Attention by distance (`kernel_regression`): a softmax over negative squared distances.
# - Attention to one key (`hard_attention`), and what flows back through it: only values learn.
# - Attention in a window (`local_window_weights`, `local_gaussian_weights`), between the two.
#
# | | reads | gradient to query and key | each row sums to |
# |---|---|---|---|
# | soft, global | all keys | yes | 1 |
# | hard | one key | 0 almost everywhere | 1 |
# | local-m | a window | yes, inside | 1 |
# | local-p | a window | yes, inside, and to $p_t$ | at most 1 |
#
# | yours | PyTorch | Hugging Face Transformers |
# |---|---|---|
# | `kernel_regression` | `torch.softmax(-torch.cdist(q, k)**2 / (2 * sigma**2), -1) @ v` | |
# | `hard_attention` | `scores.argmax(-1)`, then `torch.take_along_dim` | |
# | `hard_attention_gradient` | `loss.backward()`: `argmax` records no gradient | |
# | `local_window_weights` | a mask for `F.scaled_dot_product_attention` (lessons 04, 05) | `sliding_window` (Mistral), `attention_window` (Longformer) |
#
# These sliding windows move with the word, as local-m does, but inside one text.
# Longformer's `attention_window` is the whole width, half to each side. A few chosen words see everything.
# Mistral's window looks back only: at the word itself and those just before it.
# (Not every later Mistral model uses it.)
#
# **Where it is used.** Statisticians smooth data with kernel regression.
# Search systems read only the best passages: a hard choice.
# Windows make long texts affordable: the number of scores is the text's length times the window's width,
# not the length squared (lesson 14).
#
# **Further reading**
#
# - Luong, Pham and Manning, *Effective Approaches to Attention-based Neural Machine Translation*, 2015, section 3.2 (arXiv 1508.04025).
# - Xu et al., *Show, Attend and Tell*, 2015, section 4 (arXiv 1502.03044).
# - Hastie, Tibshirani and Friedman, *The Elements of Statistical Learning*, second edition, 2009, section 6.1.
# - Zhang, Lipton, Li and Smola, *Dive into Deep Learning*, the chapter on attention: "Attention Pooling by Similarity".
# - Tsai et al., *Transformer Dissection*, 2019: attention seen as a kernel smoother (arXiv 1908.11775).
# - Beltagy, Peters and Cohan, *Longformer*, 2020 (arXiv 2004.05150). Jiang et al., *Mistral 7B*, 2023 (arXiv 2310.06825).
