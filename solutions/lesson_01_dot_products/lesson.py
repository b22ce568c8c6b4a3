# ---
# jupyter:
#   jupytext:
#     notebook_metadata_filter: all
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   attend:
#     title: Dot products
#     goal: You measure how similar vectors are, one pair first, then all pairs at once.
#     needs: [00_orientation]
#     core: true
#     training_minutes: 0
# ---

# %% [markdown]
# | term | 中文 | meaning |
# |---|---|---|
# | dot product | 点积 | multiply two vectors entry by entry, then add |
# | norm | 范数 | the length of a vector, written \|a\| |
# | cosine similarity | 余弦相似度 | the dot product divided by both norms |
# | query | 查询 | a vector that asks |
# | key | 键 | a vector that a query is compared with |
# | score | 分数 | one number: how well a key fits a query |
# | value | 值 | what you read where the key fits |
# | bilinear score | 双线性分数 | a score through a weight matrix |
#
# ## Before you start
#
# Answer each question first. Then open it.
#
# <details><summary>A has shape (2, 3) and B has shape (3, 4). What is the shape of A @ B?</summary>
#
# (2, 4). The two 3s meet and are summed over. The outer sizes stay.
#
# </details>
#
# <details><summary>a has shape (5, 1) and b has shape (4,). What is the shape of a * b?</summary>
#
# (5, 4). Broadcasting stretches an axis of size 1. A product of two matrices never does.
#
# </details>
#
# <details><summary>What must two vectors share to have a dot product, and what comes out?</summary>
#
# The same number of entries. One number comes out.
#
# </details>

# %% given="setup"
import sys

import numpy as np

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

check = Checker("01_dot_products")

# %% [markdown]
# ## 1 · One number for two vectors
#
# Attention asks one question again and again: how similar are these two vectors?
# The answer is one number, the dot product.
#
# Here is a sentence of four words. Each word is a vector of three features: three numbers, made up
# so that you can follow each step by hand.

# %%
show_map(
    WORD_VECTORS,
    rows=WORDS,
    columns=FEATURES,
    title="four words, three features",
    alt="A table. cats: alive 3, does 1, wet 0. drink: 1, 2, 2. warm: 0, 1, 1. milk: 0, 0, 3.",
)

# %% [markdown]
# Multiply feature by feature, then add:
#
# - milk · drink = 0×1 + 0×2 + 3×2 = **6**
# - milk · warm = 0×0 + 0×1 + 3×1 = **3**
#
# As a formula, for vectors $a$ and $b$ of $d$ features:
#
# $$a \cdot b = \sum_{i=1}^{d} a_i \, b_i$$
#
# In words: multiply the two entries of each feature $i$, and add all products.
# (Goodfellow, Bengio and Courville, *Deep Learning*, 2016, section 2.2.)
#
# **Predict.** Work out the dot products of cats and of warm with each word.
# Write your numbers in place of `None`. Then run both cells.

# %%
my_scores = [
    [None, None, None, None],  # cats with cats, drink, warm, milk
    [None, None, None, None],  # warm with cats, drink, warm, milk
]

# %%
cats, drink, warm, milk = WORD_VECTORS
true_scores = [[a @ b for b in WORD_VECTORS] for a in (cats, warm)]
show_prediction(
    my_scores,
    true_scores,
    rows=["cats", "warm"],
    columns=WORDS,
    alt="Dot products of cats and of warm with the four words.",
)

# %% [markdown]
# Warm scores higher with drink (4) than with itself (2).
# The vector of drink is longer, and length raises a dot product.
#
# ## 2 · Direction without length
#
# The norm $|a| = \sqrt{a \cdot a}$ is the length of $a$. The dot product has two parts,
# lengths and direction:
#
# $$a \cdot b = |a| \, |b| \cos\theta \qquad\text{so}\qquad \cos\theta = \frac{a \cdot b}{|a| \, |b|}$$
#
# Here $\theta$ is the angle between the vectors. In words: divide the dot product by both
# lengths, and only direction is left. (*Deep Learning*, section 2.5.)
#
# Back to milk. Its norm is 3. The norm of drink is √(1 + 4 + 4) = 3. The norm of warm is √2 ≈ 1.41.
#
# | | dot product | cosine |
# |---|---|---|
# | milk, drink | **6** | 6 / (3 × 3) = 0.67 |
# | milk, warm | 3 | 3 / (3 × 1.41) = **0.71** |
#
# The nearest word to milk changes: drink by dot product, warm by cosine.
#
# **Play.** Turn the query and change its length. Only two features are drawn: alive and wet.
# So warm and milk point the same way here, and their cosines are equal.
# Watch the bars and the titles: which bars follow the length? Where do the titles name different words?

# %%
from matplotlib.figure import Figure

ends = WORD_VECTORS[:, [0, 2]]  # (4 words, 2 features: alive and wet)
norms = np.hypot(ends[:, 0], ends[:, 1])  # (4,)
angles = np.arctan2(ends[:, 1], ends[:, 0])  # (4,)


def draw_bars(ax, heights, title, limits):
    bars = ax.bar(WORDS, heights, color=[WORD_COLOURS[word] for word in WORDS])
    ax.bar_label(bars, fmt="%.2f", padding=2)
    best = [WORDS[place] for place in np.flatnonzero(np.isclose(heights, max(heights)))]
    said = f"{title}: {' and '.join(best)}"
    ax.set(title=said, ylim=limits)
    ax.axhline(0, color="black", linewidth=1)
    return said


def turn_the_query(angle, length):
    turn = np.radians(angle)
    query = length * np.array([[np.cos(turn), np.sin(turn)]])
    cosines = np.cos(angles - turn)  # (4,) the cosine of the angle between the query and each word
    figure = Figure(figsize=(11, 5.6), layout="constrained")
    axes = figure.subplot_mosaic([["arrows", "dot"], ["arrows", "cosine"]])
    colours = WORD_COLOURS | {"query": "black"}
    draw_vectors(axes["arrows"], np.concatenate([ends, query]), [*WORDS, "query"], colours)
    axes["arrows"].set(xlabel="alive", ylabel="wet", xlim=(-4.6, 4.6), ylim=(-4.6, 4.6))
    said = draw_bars(axes["dot"], length * norms * cosines, "largest dot product", (-15, 15))
    said += ". " + draw_bars(axes["cosine"], cosines, "largest cosine", (-1.5, 1.5))
    return figure, f"A query of length {length} at {angle} degrees among four words. {said}."


play(
    turn_the_query,
    stills=[
        {"angle": 15, "length": 4},
        {"angle": 15, "length": 1},
        {"angle": 60, "length": 4},
    ],
    angle=(0, 360, 15, 15),
    length=(1, 4, 1, 4),
)

# %% [markdown]
# <details><summary>Answer</summary>
#
# The dot products follow the length; the cosines do not. At 60 degrees, for example, the titles differ.
# Drink lies nearest in direction, but milk is longer and gets the larger dot product.
#
# </details>

# %% exercise="cosine_similarity" points={"idea": 2, "edge cases": 1} minutes=10 difficulty=2 importance=4
from solutions.lesson_01_dot_products.kernels import cosine_similarity

# %% [markdown] hints="cosine_similarity"
# You need three numbers: one dot product and two norms. What happens when a norm is 0?
#
# +++
#
# `a @ b` is the dot product, `np.linalg.norm(a)` a norm. Where a norm is 0, return early.
# Then divide each vector by its own norm: the product of two tiny norms may round to 0.
#
# +++
#
# Order these lines:
#
# ```python
#     return float((a / norm_a) @ (b / norm_b))
# def cosine_similarity(a, b):
#         return 0.0
#     norm_a, norm_b = np.linalg.norm(a), np.linalg.norm(b)
#     if norm_a == 0 or norm_b == 0:
# ```

# %% check="cosine_similarity"
cats, drink, warm, milk = WORD_VECTORS
with check("cosine_similarity") as expect:
    expect("milk and drink: 6 / (3 × 3)", cosine_similarity(milk, drink), 0.66666667)
    expect("milk and warm: 3 / (3 × √2)", cosine_similarity(milk, warm), 0.70710678)
    expect("milk, ten times as long", cosine_similarity(10 * milk, warm), 0.70710678)
    expect("milk, a billionth as long", cosine_similarity(1e-9 * milk, warm), 0.70710678)
    expect("cats and milk: a right angle", cosine_similarity(cats, milk), 0.0)
    expect("warm and its opposite", cosine_similarity(warm, -warm), -1.0)
    expect("a vector of zeros and warm", cosine_similarity(np.zeros(3), warm), 0.0)
    expect("warm and a vector of zeros", cosine_similarity(warm, np.zeros(3)), 0.0)
    expect("two vectors of zeros", cosine_similarity(np.zeros(3), np.zeros(3)), 0.0)

# %% [markdown]
# All pairs, both ways. Leave out the diagonal. Which word is largest in each row,
# on the left and on the right?

# %%
figure = Figure(figsize=(12, 5.4), layout="constrained")
left, right = figure.subplots(1, 2)
dots = [[a @ b for b in WORD_VECTORS] for a in WORD_VECTORS]
cosines = [[cosine_similarity(a, b) for b in WORD_VECTORS] for a in WORD_VECTORS]
draw_map(left, dots, rows=WORDS, columns=WORDS, title="dot product")
draw_map(right, cosines, rows=WORDS, columns=WORDS, title="cosine similarity", limits=(0, 1))
show(
    figure,
    alt="Two maps of four words against four words. In the row of milk, drink has the larger dot "
    "product, 6 against 3; warm has the larger cosine, 0.71 against 0.67.",
)

# %% [markdown]
# ## 3 · All queries against all keys
#
# Two loops made these maps. One matrix product does the same, far faster.
#
# Give the two sides names. A **query** asks. Each **key** is compared with it.
# The result is a **score**. Put one query in each row of $Q$, and one key in each row of $K$:
#
# $$S = Q K^\top \qquad S_{ij} = q_i \cdot k_j$$
#
# $K^\top$, the transpose, is $K$ with rows and columns swapped. $q_i$ is row $i$ of $Q$, $k_j$ is row $j$ of $K$.
# In words: row $i$ of $S$ holds the scores of query $i$ with every key.
# (Part of equation 1 in Vaswani et al., 2017.)
#
# A **batch** is several sentences, stacked on a new first axis: (2 sentences, 4 words, 3 features),
# for example. Each sentence has its own scores: sentences never mix.

# %% exercise="score_matrix" points={"idea": 3, "shapes": 1} minutes=10 difficulty=2 importance=5 day=true
from solutions.lesson_01_dot_products.kernels import score_matrix

# %% [markdown] hints="score_matrix"
# The features must meet in the middle: (queries, d) times (d, keys). Which of the two must turn?
#
# +++
#
# `.T` turns a matrix. For a batch it reverses every axis, the sentences too.
# `np.swapaxes(array, -1, -2)` swaps the last two only.
#
# +++
#
# Order these lines:
#
# ```python
#     return queries @ turned
#     turned = np.swapaxes(keys, -1, -2)
# def score_matrix(queries, keys):
# ```

# %% check="score_matrix"
two_words = WORD_VECTORS[[0, 3]]  # cats and milk
three_words = WORD_VECTORS[:3]  # as many rows as features: no error warns you here
two_sentences = np.stack([two_words, 10 * two_words])  # (2 sentences, 2 words, 3 features)
their_keys = np.stack([WORD_VECTORS, WORD_VECTORS + 1])  # (2 sentences, 4 words, 3 features)
cats_and_milk = np.array([[10.0, 5.0, 1.0, 0.0], [0.0, 6.0, 3.0, 9.0]])
with check("score_matrix") as expect:
    expect("2 queries, 4 keys", score_matrix(two_words, WORD_VECTORS).shape, (2, 4))
    expect("cats and milk ask", score_matrix(two_words, WORD_VECTORS), cats_and_milk)
    expect(
        "three words, three features",
        score_matrix(three_words, three_words),
        np.array([[10.0, 5.0, 1.0], [5.0, 9.0, 4.0], [1.0, 4.0, 2.0]]),
    )
    expect(
        "a batch of two sentences",
        score_matrix(two_sentences, their_keys),
        np.array([cats_and_milk, 10 * cats_and_milk + [[40.0], [30.0]]]),
    )
    expect(
        "one more axis in front",
        score_matrix(two_sentences[None], their_keys[None]).shape,
        (1, 2, 2, 4),
    )

# %% [markdown]
# ## 4 · Which products are defined
#
# Square matrices hide a forgotten transpose. With three words and three features,
# `q @ k` runs without an error. The numbers on the left mean nothing.

# %%
q = k = WORD_VECTORS[:3]  # (3 words, 3 features)
show_maps(
    {"q @ k runs, and is wrong": q @ k, "q @ k.T: the scores": q @ k.T},
    rows={"q @ k runs, and is wrong": WORDS[:3], "q @ k.T: the scores": WORDS[:3]},
    columns={"q @ k runs, and is wrong": FEATURES, "q @ k.T: the scores": WORDS[:3]},
    alt="Two 3 by 3 maps. Left, without the transpose: 10, 5, 2; 5, 7, 6; 1, 3, 3. Right, with "
    "it, the true scores: 10, 5, 1; 5, 9, 4; 1, 4, 2.",
)

# %% [markdown]
# With all four words the sizes differ, and NumPy refuses:

# %%
q = k = WORD_VECTORS  # (4 words, 3 features)
try:
    q @ k
except ValueError as error:
    print("q @ k:", error)
print("q @ k.T has shape", (q @ k.T).shape)

# %% [markdown]
# So test with sizes that all differ.
#
# The rule: $(n, m)$ times $(m, p)$ gives $(n, p)$. The inner sizes must be equal.
#
# One published example multiplies $Q$ (2×3) by "$K^\top$" (2×3), which is not defined. Its keys are
# columns already, so it needs no transpose. In this course a key is always a row.

# %% exercise="score_shapes" points={"idea": 3} minutes=10 difficulty=2 importance=4
from solutions.lesson_01_dot_products.kernels import score_shapes

# %% [markdown] hints="score_shapes"
# Write the shapes beside each other: (2, 3) (3, 5). Which two numbers touch?
#
# +++
#
# For A @ B compare `first[1]` with `second[0]`. B.T has the shape `(second[1], second[0])`.
#
# +++
#
# Order these lines:
#
# ```python
#     return plain, transposed
#     transposed = (first[0], second[0]) if first[1] == second[1] else None
# def score_shapes(first, second):
#     plain = (first[0], second[1]) if first[1] == second[0] else None
# ```

# %% check="score_shapes"
with check("score_shapes") as expect:
    expect("2×3 and 3×5: A @ B only", score_shapes((2, 3), (3, 5)), ((2, 5), None))
    expect("2×3 and 5×3: A @ B.T only", score_shapes((2, 3), (5, 3)), (None, (2, 5)))
    expect("2×3 and 3×2", score_shapes((2, 3), (3, 2)), ((2, 2), None))
    expect("2×3 and 2×3", score_shapes((2, 3), (2, 3)), (None, (2, 2)))
    expect("a square B: both run", score_shapes((2, 3), (3, 3)), ((2, 3), (2, 3)))
    expect("2×3 and 4×5: neither", score_shapes((2, 3), (4, 5)), (None, None))
    expect("a size of 1 does not stretch", score_shapes((2, 3), (1, 5)), (None, None))

# %% [markdown]
# ## 5 · Retrieve real digits
#
# Here are 1,797 handwritten digits, 8×8 pixels each, as vectors of 64 grey values.
# 500 of them ask: they are the queries. The other 1,297 are the keys.
#
# For each query, find the key with the largest score and read its label, the **value**.
# If it names the query's digit, the answer is right.
#
# **Predict.** How many of 100 answers are right by raw dot product, and how many by cosine?
# Write two numbers from 0 to 100. Within 5 counts as right.

# %%
my_percentages = [None, None]  # by raw dot product, by cosine

# %%
from sklearn.datasets import load_digits

images, labels = load_digits(return_X_y=True)  # (1797, 64) from 0 to 16, and (1797,)
order = np.random.default_rng(0).permutation(len(images))
query_images, key_images = images[order[:500]], images[order[500:]]
query_labels, key_labels = labels[order[:500]], labels[order[500:]]


def percent_right(answers):  # (500,) the row of the key that each query found
    return 100 * np.mean(key_labels[answers] == query_labels)


# %% exercise="nearest_neighbour" points={"idea": 3, "edge cases": 2} minutes=15 difficulty=3 importance=5 day=true
from solutions.lesson_01_dot_products.kernels import nearest_neighbour

# %% [markdown] hints="nearest_neighbour"
# `score_matrix` gives all scores. You want, in each row, the place of the largest: `argmax`.
# For the cosine, think: does the query's norm change which key wins?
#
# +++
#
# It does not: it divides a whole row. So divide only the keys, each by its own norm:
# `np.linalg.norm` takes an `axis` and `keepdims=True`. Where a norm is 0, divide by 1.
#
# +++
#
# Order these lines:
#
# ```python
#         keys = keys / np.where(norms > 0, norms, 1.0)
#     return score_matrix(queries, keys).argmax(axis=-1)
#     if cosine:
# def nearest_neighbour(queries, keys, cosine=True):
#         norms = np.linalg.norm(keys, axis=-1, keepdims=True)
# ```

# %% check="nearest_neighbour"
asking = np.array([[0, 0, 3], [3, 1, 0]])  # milk and cats
answering = np.array([[1, 2, 2], [0, 1, 1], [-9, -3, 0], [2, 1, 0], [2, 1, 0]])  # drink, warm, ...
with_zeros = np.array([[-1, 0, -1], [0, 0, 0], [-2, -1, -1]])
of_two_lengths = np.array([[0.5, 0.5, 0.5], [1.0, 2.0, 9.0]])  # cosines with milk: 0.58 and 0.97
close = np.array([[4, 0, 1], [3, 2, 1]])  # dot products with cats 12 and 11, cosines 0.92 and 0.93
with check("nearest_neighbour") as expect:
    expect("one answer for each query", nearest_neighbour(asking, answering).shape, (2,))
    expect(
        "by dot product, milk finds drink",
        nearest_neighbour(asking, answering, cosine=False),
        np.array([0, 3]),
    )
    expect("by cosine, milk finds warm", nearest_neighbour(asking, answering), np.array([1, 3]))
    expect(
        "a key of zeros is not NaN",
        nearest_neighbour(asking, np.concatenate([with_zeros[1:2], answering])),
        np.array([2, 4]),
    )
    expect(
        "a short key and a long one", nearest_neighbour(asking[:1], of_two_lengths), np.array([1])
    )
    expect("two close ones", nearest_neighbour(asking[1:], close), np.array([1]))
    expect("zeros win over opposites", nearest_neighbour(asking, with_zeros), np.array([1, 1]))

# %%
by_dot = nearest_neighbour(query_images, key_images, cosine=False)
by_cosine = nearest_neighbour(query_images, key_images, cosine=True)
show_prediction(
    my_percentages,
    [percent_right(by_dot), percent_right(by_cosine)],
    columns=["dot", "cosine"],
    tolerance=5,
    alt="Percentages of right digits, by raw dot product and by cosine.",
)

# %% [markdown]
# By dot product 71 % are right, by cosine 99 %. (The means over ten random splits: 71 % and 98.8 %.)
# Look at six queries that the dot product gets wrong:

# %%
by_dot = nearest_neighbour(query_images, key_images, cosine=False)
by_cosine = nearest_neighbour(query_images, key_images, cosine=True)
found = [(by_dot, "dot"), (by_cosine, "cosine")]
wrong = np.flatnonzero(key_labels[by_dot] != query_labels)[:6]
figure = Figure(figsize=(13, 7), layout="constrained")
axes = figure.subplots(3, 6)
for column, query in enumerate(wrong):
    axes[0, column].imshow(query_images[query].reshape(8, 8))
    axes[0, column].set_title(f"query: {query_labels[query]}")
    for row, (answers, name) in enumerate(found, start=1):
        key = answers[query]
        mark = "✓" if key_labels[key] == query_labels[query] else "✗"
        axes[row, column].imshow(key_images[key].reshape(8, 8))
        axes[row, column].set_title(f"{name}: {key_labels[key]} {mark}")
for ax in axes.flat:
    ax.set_axis_off()
show(
    figure,
    alt="Six digits that ask, in the top row. Below each, the key found by dot product, always "
    "the wrong digit and always with much ink; below that, the key found by cosine, five times right.",
)

# %% [markdown]
# The dot product prefers keys with much ink: their norms are large. Count how often each key is
# chosen:

# %%
key_norms = np.linalg.norm(key_images, axis=1)  # (1297,)
figure = Figure(figsize=(13, 4.5), layout="constrained")
left, right = figure.subplots(1, 2, sharey=True)
for ax, cosine, title in [(left, False, "by dot product"), (right, True, "by cosine")]:
    answers = nearest_neighbour(query_images, key_images, cosine=cosine)
    chosen = np.bincount(answers, minlength=len(key_images))  # (1297,)
    ax.scatter(key_norms, chosen, s=36, color="#0072B2", alpha=0.5)
    ax.set(title=f"{title}: {np.count_nonzero(chosen)} keys chosen", xlabel="norm of the key")
left.set_ylabel("times chosen")
show(
    figure,
    alt="Two clouds of 1,297 keys, norm across and times chosen up. By dot product only keys with "
    "a large norm are chosen, the longest one 61 times. By cosine the choices spread over all norms.",
)

# %% [markdown]
# A few long keys win far too often: the longest one answers 61 of 500 queries. Some tutorials claim that a dot product needs no
# normalisation. You have just measured the opposite.
#
# Attention keeps the raw dot product all the same. It divides by a constant (lesson 04) and lets
# learned weights set the lengths. Those come now.
#
# ## 6 · A learned notion of similarity
#
# Suppose a noun looks for its verb: **alive** in the query should fit **does** in the key.
# A weight matrix $W$ says which features count together:
#
# $$s(q, k) = q \, W \, k^\top = \sum_{i} \sum_{j} q_i \, W_{ij} \, k_j$$
#
# Here $q$ and $k$ are single rows, so $q_i$ is now one number: feature $i$ of the query.
# $W_{ij}$ joins it with feature $j$ of the key.
# In words: multiply each feature of the query with each feature of the key, weigh each
# product, add. (Luong, Pham and Manning, 2015, section 3.1, call this score "general".)
#
# By hand: let $W$ be 0, but for a 1 at (alive, does). Then cats with drink gives 3 × 1 × 2 = 6.
# The other way round, drink with cats gives 1 × 1 × 1 = 1. The score now has a direction.
# If $W$ has ones on its diagonal and zeros elsewhere, you get the dot product back.
#
# $W$ has a row for each query feature and a column for each key feature. It need not be square.

# %% exercise="bilinear_scores" points={"idea": 3, "shapes": 2} minutes=10 difficulty=2 importance=4
from solutions.lesson_01_dot_products.kernels import bilinear_scores

# %% [markdown] hints="bilinear_scores"
# Follow the shapes: (queries, d_q), (d_q, d_k), then the keys. What must come third?
#
# +++
#
# `queries @ weight` are new queries, with as many features as the keys.
# You have a function for what is left.
#
# +++
#
# Order these lines:
#
# ```python
#     return score_matrix(new_queries, keys)
# def bilinear_scores(queries, keys, weight):
#     new_queries = queries @ weight
# ```

# %% check="bilinear_scores"
who_does = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])  # 1 at (alive, does)
two_to_three = np.array([[1.0, 0.0, 2.0], [0.0, -1.0, 3.0]])  # (2 query features, 3 key features)
short = np.array([[1.0, 1.0]])  # one query of 2 features
with check("bilinear_scores") as expect:
    expect(
        "cats and drink look for a verb",
        bilinear_scores(WORD_VECTORS[:2], WORD_VECTORS, who_does),
        np.array([[3.0, 6.0, 3.0, 0.0], [1.0, 2.0, 1.0, 0.0]]),
    )
    expect(
        "2 features ask, 3 answer",
        bilinear_scores(short, WORD_VECTORS, two_to_three),
        np.array([[2.0, 9.0, 4.0, 15.0]]),
    )
    expect(
        "a batch shares the weight",
        bilinear_scores(np.stack([short, 2 * short]), np.stack([WORD_VECTORS] * 2), two_to_three),
        np.array([[[2.0, 9.0, 4.0, 15.0]], [[4.0, 18.0, 8.0, 30.0]]]),
    )
    expect(
        "one more axis in front",
        bilinear_scores(short[None, None], WORD_VECTORS[None, None], two_to_three).shape,
        (1, 1, 1, 4),
    )

# %% [markdown]
# A weight can be **learned**. Two keys of the same digit should score 1, all others 0. Which $W$
# comes closest? NumPy finds the one whose squared errors have the smallest sum (*least squares*).
# Only keys are used to learn; the queries stay unseen.
#
# <details><summary>How does the cell find it?</summary>
#
# With the keys in $X$ and the wanted scores in $Y$, you want $X W X^\top$ close to $Y$.
# `pinv(X)` is the pseudo-inverse $X^+$: it undoes $X$ as well as anything can.
# So $W = X^+ \, Y \, (X^+)^\top$.
#
# </details>

# %%
same_digit = (key_labels[:, None] == key_labels).astype(float)  # (1297, 1297)
inverse = np.linalg.pinv(key_images)  # (64, 1297)
learned = inverse @ same_digit @ inverse.T  # (64, 64): W of the least squared error
by_weight = bilinear_scores(query_images, key_images, learned).argmax(axis=-1)

bars = {
    "raw dot product": percent_right(nearest_neighbour(query_images, key_images, cosine=False)),
    "learned W": percent_right(by_weight),
    "cosine": percent_right(nearest_neighbour(query_images, key_images)),
}
figure = Figure(figsize=(9, 3.6), layout="constrained")
ax = figure.subplots()
drawn = ax.barh(list(bars), list(bars.values()), color=["#0072B2", "#D55E00", "#009E73"])
ax.bar_label(drawn, fmt="%.1f %%", padding=4)
ax.set(xlim=(0, 115), xlabel="digits retrieved right, of 100")
ax.invert_yaxis()
show(
    figure,
    alt="Three bars of digits retrieved right: "
    + ", ".join(f"{name} {value:.1f} %" for name, value in bars.items()),
)

# %% [markdown]
# The scores are raw again, yet $W$ lifts 71 % to 93 %. It has learned which pixels matter together.
# Cosine gets 99 % here and learns nothing. But it cannot learn that alive should fit does.
# Attention learns such a $W$ in two parts, one for queries and one for keys: $W = W_Q W_K^\top$
# (lesson 07).
#
# ## What you built
#
# - a similarity that ignores length (`cosine_similarity`), and why that can matter;
# - all scores in one product (`score_matrix`), and a test for its shapes (`score_shapes`);
# - hard retrieval: one best key for each query (`nearest_neighbour`);
# - a similarity that can be learned (`bilinear_scores`).
#
# In lesson 02, a query no longer picks one key. It mixes all of them.
#
# | here | PyTorch |
# |---|---|
# | `score_matrix(q, k)` | `q @ k.transpose(-2, -1)` |
# | `cosine_similarity(a, b)` | `F.cosine_similarity(a, b, dim=-1)`, with a small `eps` against zeros |
# | `bilinear_scores(q, k, W)` | `q @ W @ k.transpose(-2, -1)`; `nn.Bilinear` scores pair by pair |
#
# In Hugging Face Transformers, look for `torch.matmul(query, key_states.transpose(2, 3))`.
# It stands in the attention code of Llama and many other models.
#
# **Where it is used.** Search engines and chat systems find passages by comparing vectors.
# Photo collections find faces the same way. Every attention layer computes a score matrix.
#
# **Further reading**
#
# - Vaswani et al., *Attention Is All You Need*, 2017, section 3.2.1 (arXiv 1706.03762).
# - Luong, Pham and Manning, *Effective Approaches to Attention-based Neural Machine
#   Translation*, 2015, section 3.1 (arXiv 1508.04025).
# - Reimers and Gurevych, *Sentence-BERT*, 2019: sentences compared by cosine (arXiv 1908.10084).
# - Johnson, Douze and Jégou, *Billion-scale similarity search with GPUs*, 2017 (arXiv 1702.08734).
