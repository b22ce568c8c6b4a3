# ---
# jupyter:
#   jupytext:
#     notebook_metadata_filter: all
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   attend:
#     title: Softmax and weighted sums
#     goal: You turn scores into weights, and weights into a blend of values. Together they are a soft lookup.
#     needs: [01_dot_products]
#     core: true
#     training_minutes: 0
# ---

# %% [markdown]
# | term | 中文 | meaning |
# |---|---|---|
# | value | 值 | the vector stored with a key: what a lookup gives back |
# | weight | 权重 | how much of one value you take |
# | weighted sum | 加权和 | every value times its weight, added up |
# | distribution | 概率分布 | weights that are never negative and sum to 1 |
# | softmax | 归一化指数函数 | the function that turns scores into a distribution |
# | temperature | 温度 | a number that divides the scores |
# | gradient | 梯度 | how one number changes with each entry of an array |
# | Jacobian | 雅可比矩阵 | how each output changes with each input |
#
# You know from lesson 01: query 查询, key 键, score 分数, dot product 点积.
#
# ## Three questions from lesson 01
#
# 1. *milk* is (0, 0, 3) and *drink* is (1, 2, 2). What is their dot product?
# 2. You make a vector twice as long. What happens to its cosine with another vector?
# 3. `queries` has shape (2, 3) and `keys` has shape (4, 3). What shape has the score matrix?
#
# <details><summary>Answers</summary>
#
# 1. 0·1 + 0·2 + 3·2 = 6.
# 2. Nothing. The cosine compares directions only. (The dot product doubles.)
# 3. (2, 4): one row for each query, one column for each key.
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
    WORD_COLOURS,
    WORD_VECTORS,
    WORDS,
    Checker,
    draw_map,
    draw_vectors,
    play,
    show,
    show_map,
    show_maps,
    show_prediction,
)

check = Checker("02_softmax_and_weighted_sums")
milk_scores = WORD_VECTORS @ WORD_VECTORS[3]  # (4 keys,): each word against the query "milk"

# %% [markdown]
# ## 1 · From scores to weights
#
# The query *milk* scores the four words *cats, drink, warm, milk*: 0, 6, 3 and 9.
# How much should it take from each word?
# You want four weights: none negative, together 1, more for a higher score.
#
# **Predict.** Softmax gives such weights. Write your guess below, before you read on.
# A rough guess is enough: within 0.05 counts as right.

# %%
# Your guess: the weights of cats, drink, warm and milk. Their sum is 1.
my_weights = [None, None, None, None]

# %% [markdown]
# Softmax takes two steps. The **exponential** makes every score positive.
# The **division** by the sum makes all of them together 1. Follow the numbers by hand:

# %%
example = {"cats": 0.0, "drink": np.log(2), "warm": np.log(5)}
steps = {
    "the scores s": list(example.values()),
    "1. exponential: e to the s": [1, 2, 5],
    "2. divide by the sum, 8": [1 / 8, 2 / 8, 5 / 8],
}
figure = Figure(figsize=(12, 3.6), layout="constrained")
for ax, (title, heights) in zip(figure.subplots(1, 3), steps.items(), strict=True):
    bars = ax.bar(list(example), heights, color=[WORD_COLOURS[word] for word in example])
    ax.bar_label(bars, [f"{height:.3g}" for height in heights])
    ax.set_title(title)
    ax.set_ylim(0, 1.2 * max(heights))
    ax.set_yticks([])
show(
    figure,
    alt="Three bar charts. Scores 0, 0.69 and 1.61 become exponentials 1, 2 and 5, "
    "and these become weights 0.125, 0.25 and 0.625.",
)

# %% [markdown]
# $$w_i = \frac{e^{s_i}}{\sum_j e^{s_j}}$$
#
# Here $s_i$ is the score of key $i$, and $w_i$ is its weight. $e$ is 2.718…, and $\sum_j$ adds over all keys $j$.
# In words: a weight is one exponential, divided by the sum of all.
# (Goodfellow, Bengio and Courville, 2016, section 4.1.)
#
# ### Large scores
#
# A computer cannot always follow this formula:

# %%
with np.errstate(over="ignore", invalid="ignore"):
    exponentials = np.exp([10_000.0, 9_999.0])
    print("exponentials:", exponentials)
    print("weights:     ", exponentials / exponentials.sum())

# %% [markdown]
# No float is as large as $e^{10000}$: you get inf, and inf / inf is NaN ("not a number").
#
# The cure: let $m$ be the largest score. Multiply top and bottom by $e^{-m}$:
#
# $$w_i = \frac{e^{s_i}}{\sum_j e^{s_j}} = \frac{e^{-m} \, e^{s_i}}{e^{-m} \sum_j e^{s_j}} = \frac{e^{s_i - m}}{\sum_j e^{s_j - m}}$$
#
# In words: subtract the largest score first, and the weights stay the same.
# No exponent is now above 0, so nothing overflows. One term is $e^0 = 1$, so the sum is never 0.
#
# <details><summary>The same with logarithms: logsumexp</summary>
#
# $$\log w_i = s_i - \text{logsumexp}(s), \qquad \text{logsumexp}(s) = \log \sum_j e^{s_j} = m + \log \sum_j e^{s_j - m}$$
#
# Libraries offer it under this name. You meet it again in losses and in lesson 14.
#
# </details>
#
# A score of $-\infty$ gets weight $e^{-\infty} = 0$. Lesson 05 hides words in this way,
# and treats rows of nothing but $-\infty$.

# %% exercise="softmax" points={"idea": 2, "shapes": 1, "edge cases": 1} minutes=18 difficulty=2 importance=5 day=true
from solutions.lesson_02_softmax_and_weighted_sums.kernels import softmax

# %% [markdown] hints="softmax"
# Write it for one row first: subtract, exponential, divide. Then let `axis` say what a row is.
#
# +++
#
# `scores.max(axis=axis)` loses an axis, and then no longer fits `scores`.
# With `keepdims=True` the axis stays, with size 1. The same holds for `sum`.
#
# +++
#
# Order these lines:
#
# ```python
#     return powers / total
#     powers = np.exp(gaps)
# def softmax(scores, axis=-1):
#     total = powers.sum(axis=axis, keepdims=True)
#     gaps = scores - scores.max(axis=axis, keepdims=True)
# ```

# %% check="softmax"
scores = np.log([[1.0, 2.0, 5.0], [4.0, 4.0, 8.0]])  # (2 queries, 3 keys)
with check("softmax") as expect:
    expect("1, 2 and 5 become 1/8, 2/8 and 5/8", softmax(scores)[0], np.array([0.125, 0.25, 0.625]))
    expect("each row sums to 1", softmax(scores).sum(axis=-1), np.ones(2))
    expect("with axis=0, each column sums to 1", softmax(scores, axis=0).sum(axis=0), np.ones(3))
    expect("huge scores give no NaN", softmax(np.array([1e4, 1e4])), np.array([0.5, 0.5]))
    far_apart = softmax(np.array([[1e4, 9e3], [0.0, 0.0]]))
    expect("a row of zeros under a huge one", far_apart, np.array([[1.0, 0.0], [0.5, 0.5]]))
    expect("whole numbers become fractions", softmax(np.array([0, 0])), np.array([0.5, 0.5]))
    expect("-inf gets weight 0", softmax(np.array([7.0, -np.inf])), np.array([1.0, 0.0]))
    expect("the scores stay as they came", scores, np.log([[1.0, 2.0, 5.0], [4.0, 4.0, 8.0]]))

# %% [markdown]
# Now your prediction, beside the truth:

# %%
show_prediction(
    my_weights,
    softmax(milk_scores),
    columns=WORDS,
    alt="The weights of the query milk: cats 0.00, drink 0.05, warm 0.00, milk 0.95.",
    tolerance=0.05,
)

# %% [markdown]
# *milk* is 3 ahead of *drink*, and $e^3$ is about 20: 20 times the weight.
#
# Let every word be the query once. This is your first attention map:

# %%
show_map(
    softmax(WORD_VECTORS @ WORD_VECTORS.T),
    rows=WORDS,
    columns=WORDS,
    title="rows: queries, columns: keys",
    alt="Attention weights of four words. Cats, drink and milk give 0.93 or more to themselves; "
    "warm gives 0.64 to drink, 0.24 to milk, 0.09 to itself and 0.03 to cats.",
)

# %% [markdown]
# Which word does not take most from itself, and why?
#
# <details><summary>Answer</summary>
#
# *warm*. Its vector is short: its product with itself is 2, with *drink* 4.
#
# </details>

# %% [markdown]
# ## 2 · Why a sigmoid is no softmax
#
# The sigmoid, $1 / (1 + e^{-s})$, also gives numbers between 0 and 1. Some tutorials use it here:

# %%
all_scores = WORD_VECTORS @ WORD_VECTORS.T  # (4 queries, 4 keys)
sigmoid = 1 / (1 + np.exp(-all_scores))
show_maps(
    {
        "softmax: each row sums to 1": softmax(all_scores),
        "sigmoid: each row sums to 3 or more": sigmoid,
    },
    rows=WORDS,
    columns=WORDS,
    limits=(0, 1),
    alt="Two maps of the same scores. With softmax each row sums to 1. "
    "With a sigmoid nearly every weight is close to 1, and none is below 0.5.",
)

# %% [markdown]
# A sigmoid looks at one score alone, so keys do not compete.
# For the query *milk*, *cats* has score 0 and still gets 0.5.
# With more words, the sum grows. A blend needs a distribution in each row.

# %% exercise="is_distribution" points={"idea": 2} minutes=8 difficulty=2 importance=3
from solutions.lesson_02_softmax_and_weighted_sums.kernels import is_distribution

# %% [markdown] hints="is_distribution"
# There are two conditions. One is about entries, one about sums.
#
# +++
#
# Rounding leaves sums like 0.9999999999. How far is each sum from 1?
# And NaN: is `np.nan >= 0` true or false?
#
# +++
#
# Order these lines:
#
# ```python
#     return bool(none_negative and sums_are_one)
#     sums_are_one = np.all(distance <= tolerance)
# def is_distribution(weights, axis=-1, tolerance=1e-5):
#     distance = np.abs(np.sum(weights, axis=axis) - 1)
#     none_negative = np.all(weights >= 0)
# ```

# %% check="is_distribution"
with check("is_distribution") as expect:
    expect("0.2 and 0.8", is_distribution(np.array([0.2, 0.8])), True)
    expect("0.5 and 0.9: the sum is too large", is_distribution(np.array([0.5, 0.9])), False)
    expect("0.2 and 0.3: the sum is too small", is_distribution(np.array([0.2, 0.3])), False)
    expect("0.5 and 0.5000001: rounding", is_distribution(np.array([0.5, 0.5000001])), True)
    expect("1.5 and -0.5: one is negative", is_distribution(np.array([1.5, -0.5])), False)
    expect("NaN is no weight", is_distribution(np.array([1.0, np.nan])), False)
    expect("a weight of 0 is allowed", is_distribution(np.array([1.0, 0.0])), True)
    expect("two rows, each right", is_distribution(np.array([[0.2, 0.8], [0.5, 0.5]])), True)
    expect("two rows, one wrong", is_distribution(np.array([[0.2, 0.8], [0.5, 0.9]])), False)
    columns = np.array([[0.2, 0.6, 1.0], [0.8, 0.4, 0.0]])  # (2, 3): each column sums to 1
    expect("columns that sum to 1, asked by rows", is_distribution(columns), False)
    expect("the same, asked along axis 0", is_distribution(columns, axis=0), True)

# %% [markdown]
# ## 3 · Temperature
#
# Divide all scores by a number $T$, the temperature, before the softmax:
#
# $$w_i = \frac{e^{s_i / T}}{\sum_j e^{s_j / T}}$$
#
# In words: the temperature shrinks or stretches the differences between scores.
# (Hinton, Vinyals and Dean, 2015, equation 1.)
# By hand: exponentials 1 and 9 give weights 1/10 and 9/10.
# At $T = 2$ each exponential becomes its square root. 1 and 3 give 1/4 and 3/4.

# %% exercise="softmax_with_temperature" points={"idea": 1, "edge cases": 1} minutes=6 difficulty=1 importance=3
from solutions.lesson_02_softmax_and_weighted_sums.kernels import softmax_with_temperature

# %% [markdown] hints="softmax_with_temperature"
# You have a `softmax`. What do you give it?
#
# +++
#
# Refuse first (`raise ValueError`), then divide, then take the softmax along `axis`.
#
# +++
#
# Order these lines:
#
# ```python
#     return softmax(cooled, axis=axis)
#         raise ValueError("temperature must be above 0")
# def softmax_with_temperature(scores, temperature, axis=-1):
#     cooled = scores / temperature
#     if not temperature > 0:
# ```

# %% check="softmax_with_temperature"
scores = np.log([1.0, 9.0])
with check("softmax_with_temperature") as expect:
    at_two = softmax_with_temperature(scores, 2.0)
    expect("at temperature 2, the weights are 1/4 and 3/4", at_two, np.array([0.25, 0.75]))
    at_one = softmax_with_temperature(scores, 1.0)
    expect("at temperature 1, it is softmax", at_one, np.array([0.1, 0.9]))
    columns = softmax_with_temperature(np.stack([scores, 0 * scores]), 2.0, axis=0)
    expect("axis=0 is passed on", columns, np.array([[0.5, 0.75], [0.5, 0.25]]))
    cold = softmax_with_temperature(np.array([12.0, 3.0]), 0.01)
    expect("near 0, the best key takes all", cold, np.array([1.0, 0.0]))
    hot = softmax_with_temperature(np.array([1e4, 1e4 * (1 - np.log(3))]), 1e4)
    expect("at 1e4, huge scores share 3 to 1", hot, np.array([0.75, 0.25]))
    for temperature in (0.0, -1.0):
        try:
            came = softmax_with_temperature(scores, temperature)
        except ValueError:
            came = "a ValueError is raised"
        expect(f"temperature {temperature:g} is refused", came, "a ValueError is raised")

# %% [markdown]
# Choose a word and move the temperature. Say first what you expect at 30, and at 0.5.


# %%
def draw_weights(word, temperature):
    weights = softmax_with_temperature(WORD_VECTORS @ WORD_VECTORS[WORDS.index(word)], temperature)
    figure = Figure(figsize=(3.0, 3.0), layout="constrained")
    ax = figure.subplots()
    bars = ax.bar(WORDS, weights, color=[WORD_COLOURS[key] for key in WORDS])
    ax.bar_label(bars, [f"{weight:.2f}" for weight in weights])
    ax.set_ylim(0, 1.15)
    ax.set_yticks([])
    ax.set_title(f"{word}, temperature {temperature:g}")
    told = ", ".join(f"{key} {weight:.2f}" for key, weight in zip(WORDS, weights, strict=True))
    return figure, f"Weights of the query {word} at temperature {temperature:g}: {told}."


play(
    draw_weights,
    stills=[
        {"word": "milk", "temperature": 0.5},
        {"word": "milk", "temperature": 5.0},
        {"word": "milk", "temperature": 30.0},
    ],
    word=["milk", "warm", "drink", "cats"],
    temperature=(0.5, 30.0, 0.5, 1.0),
)

# %% [markdown]
# A low temperature gives nearly everything to the best key. A high one treats all keys alike.
#
# ## 4 · The weighted sum
#
# Weights say how much to take. The values say of what:
#
# $$o = \sum_i w_i v_i$$
#
# $v_i$ is the value of key $i$, and $o$ is the output: vectors with equally many entries.
# In words: multiply each value by its weight, and add.
# (Graves, Wayne and Danihelka, 2014, equation 2.)
#
# By hand, with three words and their features (alive, does, wet):
#
# | | weight | value | weight × value |
# |---|---|---|---|
# | cats | 0.5 | (3, 1, 0) | (1.5, 0.5, 0) |
# | drink | 0.25 | (1, 2, 2) | (0.25, 0.5, 0.5) |
# | milk | 0.25 | (0, 0, 3) | (0, 0, 0.75) |
# | **sum** | 1 | | **(1.75, 1, 1.25)** |

# %%
three = ["cats", "drink", "milk"]
tips = WORD_VECTORS[[0, 1, 3]][:, [1, 2]]  # (3 keys, 2 features): does and wet
blend = np.array([1.0, 1.25])
figure = Figure(figsize=(7.5, 5.6), layout="constrained")
ax = figure.subplots()
ax.fill(*tips.T, facecolor="#eeeeee", edgecolor="#777777", linestyle=":")
draw_vectors(ax, [*tips, blend], [*three, "blend"], [*map(WORD_COLOURS.get, three), "black"])
ax.set_xlabel("does")
ax.set_ylabel("wet")
show(
    figure,
    alt="The values of cats, drink and milk as arrows in the plane of the features does and wet. "
    "The blend, an arrow to (1, 1.25), ends inside the triangle of their three tips.",
)

# %% [markdown]
# The blend lies inside the triangle of the three values. More weight pulls it towards one of them.
# While the weights are a distribution, it can never leave the triangle.
#
# ### A trap
#
# `weights * values` looks right. With three words and three features it even runs.
# Compare its last row with the table above:

# %%
weights = np.array([0.5, 0.25, 0.25])  # (3 keys,)
values = WORD_VECTORS[[0, 1, 3]]  # (3 keys, 3 features)
wrong = weights * values
show_map(
    np.vstack([wrong, wrong.sum(axis=0)]),
    rows=[*three, "sum"],
    columns=FEATURES,
    title="weights * values: wrong",
    alt="A map of weights * values, with the sum below. Each column is multiplied by one weight, "
    "and the sum is (2, 0.75, 1.25), not (1.75, 1, 1.25).",
)
try:
    np.array([0.4, 0.2, 0.2, 0.2]) * WORD_VECTORS  # (4 keys,) with (4 keys, 3 features)
except ValueError as error:
    print("Four words, three features: ValueError,", error)

# %% [markdown]
# Here the *features* are weighted: alive by the weight of cats. NumPy lines up shapes from the right:
#
# ```
# weights    (3,)    stands over the features
# values   (3, 3)    (keys, features)
# ```
#
# Which shape must the weights have, to stand over the keys?
# The wrong product may run: with as many keys as features, or with one feature.
# Check the shape, and the numbers.

# %% exercise="weighted_sum" points={"idea": 2, "shapes": 1} minutes=12 difficulty=2 importance=5 day=true
from solutions.lesson_02_softmax_and_weighted_sums.kernels import weighted_sum

# %% [markdown] hints="weighted_sum"
# Give the weights a last axis of size 1, so that it meets the features.
#
# +++
#
# `weights[..., None]` adds that axis, whatever stands before it. In the product, the keys are axis -2.
# (`weights @ values` pairs each row of weights with every set of values.)
#
# +++
#
# Order these lines:
#
# ```python
#     return taken.sum(axis=-2)
# def weighted_sum(weights, values):
#     taken = each * values
#     each = weights[..., None]
# ```

# %% check="weighted_sum"
weights = np.array([[0.5, 0.25, 0.25], [0.0, 0.0, 1.0]])  # (2 queries, 3 keys)
values = np.array([[4.0, 0.0], [0.0, 4.0], [8.0, 8.0]])  # (3 keys, 2 features)
square = np.array([[3.0, 1.0, 0.0], [1.0, 2.0, 2.0], [0.0, 0.0, 3.0]])  # (3 keys, 3 features)
with check("weighted_sum") as expect:
    first = weighted_sum(weights[0], values)
    expect("half the first value, a quarter of each other", first, np.array([4.0, 3.0]))
    by_hand = weighted_sum(weights[0], square)
    expect("the sum that you followed by hand", by_hand, np.array([1.75, 1.0, 1.25]))
    unequal = weighted_sum(np.array([2.0, 1.0]), values[:2])
    expect("weights 2 and 1 are used as they are", unequal, np.array([8.0, 4.0]))
    shared = weighted_sum(weights, values)
    expect("two rows of weights share the values", shared, np.array([[4.0, 3.0], [8.0, 8.0]]))
    own = weighted_sum(weights, np.stack([values, values + 1]))  # values: (2, 3 keys, 2 features)
    expect("each row has its own values", own, np.array([[4.0, 3.0], [9.0, 9.0]]))

# %% [markdown]
# ## 5 · A soft lookup
#
# A Python dictionary gives the one value whose key equals your query, or an error.
# A soft lookup has an answer for every query. It blends all values, by how well their keys match:
#
# $$o = \sum_i w_i v_i \quad \text{with} \quad w = \text{softmax}(q \cdot k_1, q \cdot k_2, \dots)$$
#
# $q$ is the query and $k_i$ is key $i$. In words: score, softmax, weighted sum.
# (Sukhbaatar et al., 2015, section 2.1.)

# %% exercise="soft_lookup" points={"idea": 1, "shapes": 1} minutes=8 difficulty=2 importance=5
from solutions.lesson_02_softmax_and_weighted_sums.kernels import soft_lookup

# %% [markdown] hints="soft_lookup"
# Three lines: you have written two of the functions, and the third is a product from lesson 01.
#
# +++
#
# `query` has shape (..., d_k), and `keys` (n_keys, d_k). Which product has shape (..., n_keys)?
#
# +++
#
# Order these lines:
#
# ```python
#     return weighted_sum(weights, values)
#     weights = softmax(matches)
# def soft_lookup(query, keys, values):
#     matches = np.matmul(query, keys.T)
# ```

# %% check="soft_lookup"
keys = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])  # (2 keys, d_k = 3)
values = np.array([[8.0, 0.0, 4.0, 0.0], [0.0, 8.0, 4.0, 8.0]])  # (2 keys, d_v = 4)
query = np.array([np.log(3), 0.0, 5.0])
with check("soft_lookup") as expect:
    told = "weights 3/4 and 1/4 blend the values"
    expect(told, soft_lookup(query, keys, values), np.array([6.0, 2.0, 4.0, 2.0]))
    told = "a query that matches no key takes the mean"
    expect(told, soft_lookup(0 * query, keys, values), np.array([4.0, 4.0, 4.0, 4.0]))
    told = "two queries give two rows"
    both = soft_lookup(np.stack([query, 0 * query]), keys, values)
    expect(told, both, np.array([[6.0, 2.0, 4.0, 2.0], [4.0, 4.0, 4.0, 4.0]]))

# %% [markdown]
# Each word now stores two facts: degrees Celsius, and millilitres. *warm* asks:

# %%
facts = np.array([[38.0, 0.0], [10.0, 250.0], [40.0, 0.0], [4.0, 200.0]])  # (4 keys, 2 features)
warm_scores = WORD_VECTORS @ WORD_VECTORS[2]
figure = Figure(figsize=(13, 5.4), layout="constrained")
axes = figure.subplots(1, 4)
draw_map(axes[0], warm_scores[:, None], WORDS, ["score"], title="keys · query")
draw_map(axes[1], softmax(warm_scores)[:, None], WORDS, ["weight"], title="softmax")
draw_map(axes[2], facts, WORDS, ["°C", "ml"], title="the values")
answer = soft_lookup(WORD_VECTORS[2], WORD_VECTORS, facts)
draw_map(axes[3], answer[None], ["warm"], ["°C", "ml"], title="the blend", limits=(0, 250))
show(
    figure,
    alt="The lookup of warm in four steps: scores 1, 4, 2, 3; weights 0.03, 0.64, 0.09, 0.24; "
    f"the stored facts; their blend, {answer[0]:.1f} degrees and {answer[1]:.0f} millilitres.",
)

# %% [markdown]
# ## 6 · Slopes, measured
#
# A model learns by moving its numbers so that a **loss**, one number, falls.
# For this it needs the gradient. To measure it, move one entry up and down:

# %%
x = np.linspace(-0.2, 3.0, 200)
here, step = 1.0, 0.6
figure = Figure(figsize=(8.5, 4.6), layout="constrained")
ax = figure.subplots()
ax.plot(x, np.sin(x) * x, color="#0072B2", label="the function f")
ends = np.array([here - step, here + step])
ax.plot(ends, np.sin(ends) * ends, "o--", color="#D55E00", label="through f(x − h) and f(x + h)")
slope = np.sin(here) + here * np.cos(here)
near = np.array([here - 0.9, here + 0.9])
ax.plot(
    near,
    np.sin(here) * here + slope * (near - here),
    ":",
    color="black",
    label="the true slope at x",
)
ax.plot([here], [np.sin(here) * here], "s", color="black")
ax.set_xticks([here - step, here, here + step], ["x − h", "x", "x + h"])
ax.set_yticks([])
ax.legend(loc="upper left")
show(
    figure,
    alt="A curve, its true slope at a place x, and a dashed line through the two places a step h "
    "below and above x. The two lines are nearly parallel.",
)

# %% [markdown]
# $$\frac{\partial f}{\partial x_i} \approx \frac{f(x + h\,u_i) - f(x - h\,u_i)}{2h}$$
#
# $\partial f / \partial x_i$ is the slope of $f$ in entry $i$ of $x$, and $h$ is a small step.
# $u_i$ is an array of zeros with a single 1, at entry $i$.
# In words: the change of $f$, divided by the distance between both places.
# (Goodfellow et al., 2016, section 11.5.)
# It is slow: two calls of $f$ for each entry. It needs no calculus, so it can check yours.

# %% exercise="finite_difference_gradient" points={"idea": 2, "shapes": 1, "edge cases": 1} minutes=15 difficulty=3 importance=4
from solutions.lesson_02_softmax_and_weighted_sums.kernels import finite_difference_gradient

# %% [markdown] hints="finite_difference_gradient"
# For each entry, build an array that is zero but for `step` at that entry.
#
# +++
#
# `np.ndindex(point.shape)` gives the index of every entry, for any number of axes.
# Turn `point` into float64 first: whole numbers cannot hold a small step.
#
# +++
#
# Order these lines:
#
# ```python
#         nudge[index] = step
#     return slopes
#         rise = function(start + nudge) - function(start - nudge)
#     start = np.array(point, dtype=float)
# def finite_difference_gradient(function, point, step=1e-5):
#         slopes[index] = rise / (2 * step)
#     slopes = np.zeros(start.shape)
#         nudge = np.zeros(start.shape)
#     for index in np.ndindex(start.shape):
# ```


# %% check="finite_difference_gradient"
def product(x):
    return x[0] * x[1]


def sum_of_cubes(x):
    return np.sum(x**3)


with check("finite_difference_gradient") as expect:
    start = np.array([2.0, 3.0])
    slopes = finite_difference_gradient(product, start)
    expect("the slopes of x0 · x1 at (2, 3) are 3 and 2", slopes, np.array([3.0, 2.0]), 1e-6)
    expect("the point stays as it is", start, np.array([2.0, 3.0]))
    slopes = finite_difference_gradient(sum_of_cubes, np.array([[1.0, 2.0, 3.0]]))
    expect("a matrix keeps its shape", slopes, np.array([[3.0, 12.0, 27.0]]), 1e-6)
    slopes = finite_difference_gradient(sum_of_cubes, np.array([1.0, 2.0]), step=1.0)
    expect("a large step h adds h squared here", slopes, np.array([4.0, 13.0]))
    slopes = finite_difference_gradient(product, np.array([2, 3]))
    expect("whole numbers work too", slopes, np.array([3.0, 2.0]), 1e-6)

# %% [markdown]
# ## 7 · Backwards through softmax
#
# Now by calculus. How does weight $w_i$ change with score $s_j$? All these slopes are the Jacobian:
#
# $$\frac{\partial w_i}{\partial s_j} = w_i \,(\delta_{ij} - w_j)$$
#
# $\delta_{ij}$ is 1 where $i = j$, and 0 elsewhere. For the weights 1/2, 1/4 and 1/4, in sixteenths:

# %%
w = np.array([0.5, 0.25, 0.25])
show_map(
    16 * (np.diag(w) - np.outer(w, w)),
    rows=["w cats", "w drink", "w milk"],
    columns=["s cats", "s drink", "s milk"],
    title="16 × slope of each w in each s",
    alt="The Jacobian of softmax at weights 0.5, 0.25, 0.25, times 16. The diagonal is positive: "
    "4, 3, 3. All else is negative: -2 or -1. Each row and each column sums to 0.",
)

# %% [markdown]
# A higher score raises its own weight and lowers all others. Each column sums to 0.
#
# Let $g_i$ be the slope of the loss $L$ in weight $i$. Multiply it by the Jacobian, and add:
#
# $$\frac{\partial L}{\partial s_j} = \sum_i g_i \frac{\partial w_i}{\partial s_j} = w_j \Big(g_j - \sum_i w_i g_i\Big)$$
#
# In words: a score's gradient is its weight, times how far its $g$ lies above the weighted mean of all $g$.
# By hand, with $g = (4, 0, 4)$: the weighted mean is 2 + 0 + 1 = 3.
# The gradient is ½·1, ¼·(−3) and ¼·1, that is (0.5, −0.75, 0.25).
#
# A vector of slopes times a Jacobian is called a vector-Jacobian product.
# You get it here without ever building the Jacobian. (Goodfellow et al., 2016, section 6.5.2.)

# %% exercise="softmax_backward" points={"idea": 2, "shapes": 1} minutes=15 difficulty=3 importance=4
from solutions.lesson_02_softmax_and_weighted_sums.kernels import softmax_backward

# %% [markdown] hints="softmax_backward"
# You need no Jacobian and no loop. Which number is the same for all scores of a row?
#
# +++
#
# The weighted mean is a sum of `weights * weights_gradient`, one for each row. Keep its axis.
#
# +++
#
# Order these lines:
#
# ```python
#     return weights * above
#     above = weights_gradient - mean
# def softmax_backward(weights, weights_gradient, axis=-1):
#     mean = np.sum(weights * weights_gradient, axis=axis, keepdims=True)
# ```

# %% check="softmax_backward"
scores = np.array([[0.0, 1.0, 2.0], [3.0, 1.0, -1.0]])  # (2 queries, 3 keys)
upstream = np.array([[1.0, -2.0, 0.5], [0.0, 4.0, 3.0]])  # how the loss changes with each weight


def loss(scores):
    return np.sum(upstream * softmax(scores))


with check("softmax_backward") as expect:
    by_hand = softmax_backward(np.array([0.5, 0.25, 0.25]), np.array([4.0, 0.0, 4.0]))
    expect("the gradient that you followed by hand", by_hand, np.array([0.5, -0.75, 0.25]))
    measured = finite_difference_gradient(loss, scores)
    by_rows = softmax_backward(softmax(scores), upstream)
    expect("it is what you measure with small steps", by_rows, measured, 1e-6)
    by_columns = softmax_backward(softmax(scores, 0), upstream, axis=0)
    expect("along axis 0 each column sums to 0", by_columns.sum(axis=0), np.zeros(3))

# %% [markdown]
# For the query *milk*, how strongly does the weight of *drink* answer to what enters its softmax,
# its score divided by the temperature?

# %%
temperatures = np.linspace(0.5, 8, 60)
only_drink = np.array([0.0, 1.0, 0.0, 0.0])  # the loss is the weight of drink
answers = [softmax_backward(softmax(milk_scores / t), only_drink)[1] for t in temperatures]
figure = Figure(figsize=(8.5, 4.2), layout="constrained")
ax = figure.subplots()
ax.plot(temperatures, answers, color=WORD_COLOURS["drink"], linewidth=3)
ax.set_xlabel("temperature")
ax.set_ylabel("slope in score / temperature")
ax.set_ylim(0, 0.25)
show(
    figure,
    alt="The slope of the weight of drink in its score divided by the temperature rises with the "
    f"temperature, from almost 0 at 0.5 to {answers[-1]:.2f} at 8.",
)

# %% [markdown]
# Where one key has nearly all the weight, slopes are nearly 0, and little is learned.
# For this reason, lesson 04 divides the scores by a square root.
#
# ## What you built
#
# A safe softmax, with temperature; a test that a sigmoid fails; a weighted sum.
# Together they are a soft lookup: attention, but for the scale. And you can check any gradient.
#
# | yours | PyTorch | Hugging Face Transformers |
# |---|---|---|
# | `softmax(scores, axis)` | `torch.softmax(scores, dim)`, `torch.logsumexp` | `nn.functional.softmax(..., dim=-1, dtype=torch.float32)` |
# | `softmax_with_temperature` | `torch.softmax(scores / temperature, dim)` | `generate(temperature=...)` |
# | `weighted_sum` | `weights @ values` (its batches: lesson 04) | `torch.matmul(attn_weights, value_states)` |
# | `finite_difference_gradient` | `torch.autograd.gradcheck` | |
# | `softmax_backward` | `loss.backward()` | |
#
# **Where it is used.** Every attention layer takes a softmax over keys and a weighted sum of values.
# Chat systems set the temperature when they choose a word.
# FlashAttention (lesson 14) computes $m$ and the sum block by block.
#
# **Further reading**
#
# - Goodfellow, Bengio and Courville, *Deep Learning*, 2016, sections 4.1, 6.5.2 and 11.5.
# - Graves, Wayne and Danihelka, *Neural Turing Machines*, 2014, arXiv 1410.5401.
# - Sukhbaatar, Szlam, Weston and Fergus, *End-To-End Memory Networks*, 2015, arXiv 1503.08895.
# - Hinton, Vinyals and Dean, *Distilling the Knowledge in a Neural Network*, 2015, arXiv 1503.02531.
# - Blanchard, Higham and Higham, *Accurately computing the log-sum-exp and softmax functions*, 2021.
