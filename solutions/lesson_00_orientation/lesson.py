# ---
# jupyter:
#   jupytext:
#     notebook_metadata_filter: all
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
#   attend:
#     title: Orientation
#     goal: You set up your workshop, learn to read a check, and work with whole arrays at once.
#     needs: []
#     core: true
#     training_minutes: 0
# ---

# %% [markdown]
# | term | 中文 | meaning |
# |---|---|---|
# | array | 数组 | a grid of numbers, all of one type |
# | axis | 轴 | one direction of an array: axis 0 runs down, axis 1 runs across |
# | shape | 形状 | how many numbers lie along each axis, as in (4, 3) |
# | standard deviation | 标准差 | how far numbers typically lie from their mean |
# | broadcasting | 广播 | an axis of size 1 is repeated until two shapes fit |
# | batch | 批次 | several examples in one array, along an axis in front |
# | matrix product | 矩阵乘积 | each row times each column, added up |
# | einsum | 爱因斯坦求和 | sums of products, written with one letter for each axis |
#
# ## Welcome
#
# In this course you build attention yourself. You begin with single numbers, and each lesson adds
# one piece. Today you learn the tools, with three small exercises.
#
# Take your time. A wrong answer costs nothing here, and its message teaches you something.
#
# ## 1 · Your workshop
#
# A notebook is made of cells. Click on a cell and press **Shift+Enter**: it runs, and the next
# one is selected. Go from top to bottom.
#
# This first cell tries everything that the course needs. It may take half a minute.

# %%
import importlib
import sys

sys.path.append("attend.zip")  # in Colab: upload attend.zip next to this notebook
needed = {
    "numpy": "arrays",
    "matplotlib": "pictures",
    "ipywidgets": "sliders",
    "sklearn": "handwritten digits, in lesson 01",
    "torch": "PyTorch, from lesson 04 on",
    "attend": "this course's own tools",
}
python = sys.version_info[:2]
missing = [] if python >= (3, 11) else ["Python 3.11 or newer"]
print("✗" if missing else "✓", "Python", sys.version.split()[0])
for name, purpose in needed.items():
    try:
        version = getattr(importlib.import_module(name), "__version__", "")
        print("✓", name, version, f"({purpose})")
    except Exception as error:
        missing.append(name)
        print("✗", name, f"({purpose})", error)
if "attend" in missing:
    print("\nPut the folder attend beside this notebook. In Colab, upload attend.zip.")
if set(missing) - {"attend"}:
    print("\nOpen a terminal in the folder that holds requirements.lock, and type:")
    print("    python -m pip install -r requirements.lock")
    print("Then restart the kernel (menu Kernel), and run this cell again.")
print("\nSomething is missing: see above." if missing else "\nEverything is here.")

# %% given="setup"
import sys

import numpy as np

sys.path.append("attend.zip")  # in Colab: upload attend.zip next to this notebook
from attend import WORDS, Checker, play, show, show_map, show_prediction, show_readiness

check = Checker("00_orientation")

# %% [markdown]
# Now a picture. You need not understand it yet: you will make it yourself in lesson 02.
# Each row is a word of the sentence *cats drink warm milk*. Its numbers say how much it takes from
# each word.

# %%
show_map(
    [
        [0.99, 0.01, 0.00, 0.00],
        [0.02, 0.93, 0.01, 0.05],
        [0.03, 0.64, 0.09, 0.24],
        [0.00, 0.05, 0.00, 0.95],
    ],
    rows=WORDS,
    columns=WORDS,
    title="who looks at whom",
    alt="A map of four words against four words. Cats, drink and milk look mostly at themselves; "
    "warm looks mostly at drink, 0.64.",
)

# %% [markdown]
# An error in place of the picture? Choose *Restart Kernel* in the menu *Kernel*. Then run every
# cell again, from the top.
#
# ## 2 · How the course works
#
# - **Exercises.** The cell ends in `raise NotImplementedError(...)`. Write your code in place of
#   that line. Leave the line with `def` as it is.
# - **Checks.** Run your cell, then the check below it. Each line is **✓ right** or **✗ not yet**.
#   Click on a ✗ line to open it.
# - **Hints.** Up to three fold out below each exercise, each telling more than the last.
# - **Grading.** Hidden tests call your function with fresh numbers. They read your exercise
#   cells, not the outputs and not the check cells. Commands with `!`, new processes and the network
#   do not work there.
# - **Handing in, in a course.** Save the notebook and hand in the file as your teacher says. Do it
#   as often as you like: the best before the deadline counts.
# - **Alone, with the whole repository.** Save, open a terminal in its folder, and type
#   `grader check notebooks/00_orientation.ipynb`. It runs the hidden tests too.
# - **Alone, with the notebooks only.** There is no `grader` command then. The checks in the
#   notebook guide you.
# - **Paths.** ★ below a title: the lesson is on the core path, which leads to a Transformer.
#   *On the one-day path*: a course of one day takes this exercise, too.
#
# **Hints and retries cost nothing.**
#
# ### The honour code
#
# Talk to anyone. Write alone. Name your helpers, machines included.

# %% [markdown]
# **My helpers in this lesson:** none yet. (Double-click here to write; Shift+Enter when done.)

# %% [markdown]
# ## 3 · Are you ready?
#
# Six questions. Use paper, not Python.
#
# ```python
# def total(numbers):
#     result = 0
#     for number in numbers:
#         result = result + 2 * number
#     return result
#
#
# table = np.array([[10, 20, 30], [40, 50, 60]])
# ```
#
# 1. What does `total([1, 2, 3])` return?
# 2. What is `table[1, 2]`?
# 3. What is `table[:, 1]`?
# 4. What is the matrix product of [[1, 2], [3, 4]] and [[5, 6], [7, 8]]?
# 5. What is the derivative of $x^2$ at $x = 3$?
# 6. $e^2 \cdot e^3$ is $e$ to which power?

# %%
# Write your answers in place of None, then run this cell and the next.
my_answers = {
    1: None,
    2: None,
    3: [None, None],
    4: [[None, None], [None, None]],
    5: None,
    6: None,
}

# %%
show_readiness(my_answers)

# %% [markdown]
# Six times ✓? Then you have all you need. Otherwise read at the link first: that is time well
# spent. <https://numpy.org/doc/stable/user/absolute_beginners.html> begins at the beginning.
#
# ## 4 · Shapes and axes
#
# Four people, three columns: height in cm, age in years, number of hands. The shape is (4, 3).

# %%
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

people = np.array([[163, 40, 2], [169, 20, 2], [171, 20, 2], [177, 40, 2]])  # (4 people, 3 columns)
BLUE, ORANGE, GREEN = "#cfe3f1", "#f9dcc9", "#cdebe1"


def draw_cells(ax, values, face, title="", own=None, at=(0, 0)):
    """Draw an array as cells, its corner at (column, row) `at`.

    Cells beyond the shape `own` are copies: pale, with dashed edges.
    """
    values = np.atleast_2d(values)
    own = values.shape if own is None else (1,) * (2 - len(own)) + tuple(own)
    for (row, column), value in np.ndenumerate(values):
        mine = row < own[0] and column < own[1]
        look = {"facecolor": face, "edgecolor": "black", "zorder": 2}
        if not mine:
            look = {"facecolor": "white", "edgecolor": "#777777", "linestyle": "--"}
        x, y = at[0] + column, at[1] + row
        ax.add_patch(Rectangle((x, y), 1, 1, **look))
        text = f"{value:.4g}".replace("-", "−")
        write(ax, x + 0.5, y + 0.5, text, color="black" if mine else "#555555")
    write(ax, at[0] + values.shape[1] / 2, at[1] - 0.35, title)
    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.autoscale_view()
    ax.yaxis.set_inverted(True)


def write(ax, x, y, text, **look):
    ax.text(x, y, text, ha="center", va="center", **look)


figure = Figure(figsize=(8.5, 5.2), layout="constrained")
ax = figure.subplots()
draw_cells(ax, people, BLUE, "people: shape (4, 3)")
draw_cells(ax, people.mean(axis=0), GREEN, at=(0, 4.7))
draw_cells(ax, people.mean(axis=1)[:, None], ORANGE, at=(3.7, 0))
write(ax, -0.8, 2, "axis 0\n↓")
write(ax, 1.5, 4.35, "axis 1  →")
write(ax, 5.1, 5.2, "mean(axis=0):\n3 numbers")
write(ax, 6.0, 2, "mean(axis=1):\n4 numbers")
show(
    figure,
    alt="The table of four people. Below it the means along axis 0, one for each column: 170, 30, "
    "2. Beside it the means along axis 1, one for each row: 68.33, 63.67, 64.33, 73.",
)

# %% [markdown]
# The axis that you name is the axis that goes away. `people.mean(axis=0)` walks down the rows and
# leaves one number for each column. `axis=1` mixes centimetres with years: it runs, and means
# nothing.
#
# To compare heights with ages, **standardise** each column. By hand, for the heights:
#
# - The mean is (163 + 169 + 171 + 177) / 4 = **170**.
# - The distances from it are −7, −1, 1 and 7.
# - Their squares are 49, 1, 1 and 49, with mean 25. The root is **5**: the standard deviation.
# - Divide each distance by 5: **−1.4, −0.2, 0.2, 1.4**.
#
# $$z_{ij} = \frac{x_{ij} - \mu_j}{\sigma_j}$$
#
# Here $x_{ij}$ is the number in row $i$ and column $j$. $\mu_j$ is the mean of column $j$, and
# $\sigma_j$ its standard deviation. In words: how many standard deviations does a number lie above
# the mean of its column? (LeCun et al., 1998, section 4.3.)
#
# In the column of hands all numbers are equal. Its standard deviation is 0, and 0 / 0 gives NaN, "not
# a number". Here the answer shall be 0: nobody is above the mean.

# %%
means = people.mean(axis=0, keepdims=True)  # (1, 3): the axis stays, with size 1
figure = Figure(figsize=(10.5, 4.2), layout="constrained")
ax = figure.subplots()
draw_cells(ax, people, BLUE, "people (4, 3)")
write(ax, 3.6, 2, "−", fontsize=24)
draw_cells(ax, np.broadcast_to(means, (4, 3)), ORANGE, "means (1, 3)", own=(1, 3), at=(4.2, 0))
write(ax, 7.8, 2, "=", fontsize=24)
draw_cells(ax, people - means, GREEN, "people − means (4, 3)", at=(8.4, 0))
show(
    figure,
    alt="People minus means. The one row of means, 170, 30, 2, is repeated for all four rows; the "
    "copies have dashed edges. The result has the columns -7, -1, 1, 7; 10, -10, -10, 10; and 0.",
)

# %% [markdown]
# One row of means meets four rows of people. NumPy repeats it: you write no loop.
#
# ### First, see red
#
# Here is a first attempt. It runs, and it is wrong. Run both cells.


# %%
def first_attempt(table):
    return (table - table.mean()) / table.std()


# %%
from contextlib import suppress

# This check is meant to fail, so `suppress` keeps its error from stopping the notebook.
with suppress(Exception), check("standardise_columns") as expect:
    expect("the shape stays (4, 3)", first_attempt(people).shape, (4, 3))
    heights, ages, hands = first_attempt(people).T
    expect("heights: −7, −1, 1, 7, over 5", heights, np.array([-1.4, -0.2, 0.2, 1.4]))
    expect("ages: 10 above or below, over 10", ages, np.array([1.0, -1.0, -1.0, 1.0]))
    expect("hands: all equal, so all 0", hands, np.zeros(4))

# %% [markdown]
# Red is information. Open the first ✗ line and read it in this order:
#
# 1. **Expected** and **What came**: compare two numbers.
# 2. **Difference**: where they first part.
# 3. **Likely cause**: the check knows the usual mistakes.
# 4. **Next**: what to do.
#
# Now mend it. The exercise is the cell below: copy the `return` line into it, and change what the
# likely cause names.
# Run the cell, then its check. A second ✗ may wait for you: the hands. NumPy then warns of 0 / 0 in
# a coloured box. A warning stops nothing; read it, and go on.

# %% exercise="standardise_columns" points={"idea": 4, "edge cases": 2} minutes=5 difficulty=1 importance=4
from solutions.lesson_00_orientation.kernels import standardise_columns

# %% [markdown] hints="standardise_columns"
# `table.mean()` is one number for the whole table. You want one for each column.
#
# +++
#
# `table.mean(axis=0, keepdims=True)` has shape (1, columns), and so has `std`.
# `np.where(condition, x, y)` takes `x` where the condition is true, else `y`. Turn a 0 into a 1
# before you divide.
#
# +++
#
# Order these lines:
#
# ```python
#     safe = np.where(width == 0, 1, width)
#     return (table - centre) / safe
#     width = table.std(axis=0, keepdims=True)
# def standardise_columns(table):
#     centre = table.mean(axis=0, keepdims=True)
# ```

# %% check="standardise_columns"
four_people = np.array([[163, 40, 2], [169, 20, 2], [171, 20, 2], [177, 40, 2]])
with check("standardise_columns") as expect:
    expect("the shape stays (4, 3)", standardise_columns(four_people).shape, (4, 3))
    heights, ages, hands = standardise_columns(four_people).T
    expect("heights: −7, −1, 1, 7, over 5", heights, np.array([-1.4, -0.2, 0.2, 1.4]))
    expect("ages: 10 above or below, over 10", ages, np.array([1.0, -1.0, -1.0, 1.0]))
    expect("hands: all equal, so all 0", hands, np.zeros(4))
    expect("one person alone: all 0", standardise_columns(four_people[:1]), np.zeros((1, 3)))
    hardly = np.array([[3e-8], [1e-8]])  # mean 2e-8, standard deviation 1e-8
    expect("a column that hardly varies", standardise_columns(hardly), np.array([[1.0], [-1.0]]))

# %% [markdown]
# Green? You have read a message, found the cause and mended it. Every lesson works like this.
#
# ## 5 · Broadcasting
#
# Which shapes fit? Write them below one another, **from the right**:
#
# ```
# people         (4, 3)
# column means      (3,)   fits: 3 meets 3, and is repeated 4 times
# row means         (4,)   an error: 3 meets 4
# row means      (4, 1)    fits: 1 is repeated 3 times
# ```
#
# Two sizes fit if they are equal, or if one of them is 1. A missing size counts as 1.
# `people.mean(axis=1, keepdims=True)` gives the last shape: `keepdims` leaves the axis in place,
# with size 1.
#
# **Play.** Choose two shapes. Say what you expect, then look.

# %%
left_arrays = {
    "(4, 3)": 10 * np.arange(1, 13).reshape(4, 3),
    "(4, 1)": 10 * np.arange(1, 5)[:, None],
    "(3,)": 10 * np.arange(1, 4),
}
right_arrays = {
    "(3,)": np.arange(1, 4),
    "(4,)": np.arange(1, 5),
    "(4, 1)": np.arange(1, 5)[:, None],
}


def add_two_shapes(left, right):
    a, b = left_arrays[left], right_arrays[right]
    fits = a.shape[-1] == b.shape[-1] or 1 in (a.shape[-1], b.shape[-1])
    shape = np.broadcast_shapes(a.shape, b.shape) if fits else None
    figure = Figure(figsize=(8.6, 3.4), layout="constrained")
    ax = figure.subplots()
    start = 0
    for array, face, name, sign in ((a, BLUE, left, "+"), (b, ORANGE, right, "=")):
        shown = np.atleast_2d(np.broadcast_to(array, shape) if fits else array)
        draw_cells(ax, shown, face, name, own=array.shape, at=(start, 0))
        start += shown.shape[1] + 1.2
        write(ax, start - 0.6, 0.5, sign, fontsize=22)
    if fits:
        draw_cells(ax, a + b, GREEN, str(shape), at=(start, 0))
        said = f"fit: the result has shape {shape}. Copies have dashed edges."
    else:
        write(ax, start + 1.5, 0.5, "error:\n3 meets 4", fontsize=18)
        said = "do not fit: 3 meets 4, and NumPy raises a ValueError."
    return figure, f"Shapes {left} and {right} {said}"


play(
    add_two_shapes,
    stills=[
        {"left": "(4, 1)", "right": "(3,)"},
        {"left": "(4, 3)", "right": "(3,)"},
        {"left": "(4, 3)", "right": "(4,)"},
    ],
    left=list(left_arrays),
    right=list(right_arrays),
)

# %% [markdown]
# (4, 1) and (3,) are the useful couple: a column meets a row, and every pair of numbers appears.
# To turn a row into a column, add an axis with `None`. If `a` has shape (4,), then `a[:, None]`
# has shape (4, 1).
#
# **Predict.** What is `c[:, None] - d`? Write six numbers in place of `None`, then run both cells.

# %%
c = np.array([10, 20])
d = np.array([1, 4, 6])
my_differences = [
    [None, None, None],
    [None, None, None],
]

# %%
show_prediction(
    my_differences,
    c[:, None] - d,
    rows=["10", "20"],
    columns=["1", "4", "6"],
    alt="All differences: 10 minus 1, 4 and 6 is 9, 6, 4; 20 minus them is 19, 16, 14.",
)

# %% [markdown]
# Now for sums, and for a batch as well. `...` stands for all axes in front, however many.
# So `x[..., None]` adds an axis at the end, and `x[..., None, :]` adds one before the last.

# %% exercise="pairwise_sums" points={"idea": 4, "shapes": 2} minutes=8 difficulty=2 importance=4
from solutions.lesson_00_orientation.kernels import pairwise_sums

# %% [markdown] hints="pairwise_sums"
# One array must become a column, the other a row. Which?
#
# +++
#
# For a column of `a`, write `a[..., None]`: its shape is (..., n, 1). What must the shape of `b`
# be, so that the result is (..., n, m)?
#
# +++
#
# Order these lines:
#
# ```python
#     return column + row
#     row = b[..., None, :]
# def pairwise_sums(a, b):
#     column = a[..., :, None]
# ```

# %% check="pairwise_sums"
tens = np.array([10.0, 20.0])
ones = np.array([1.0, 2.0, 4.0])
two_by_three = np.array([[11.0, 12.0, 14.0], [21.0, 22.0, 24.0]])
with check("pairwise_sums") as expect:
    expect("2 numbers and 3 numbers: 6 sums", pairwise_sums(tens, ones).shape, (2, 3))
    expect("10 and 20 in rows, 1, 2, 4 in columns", pairwise_sums(tens, ones), two_by_three)
    expect(
        "as many numbers in both",
        pairwise_sums(tens, ones[:2]),
        np.array([[11.0, 12.0], [21.0, 22.0]]),
    )
    batch = pairwise_sums(np.stack([tens, 10 * tens]), np.stack([ones, ones + 5]))
    expect(
        "a batch of two",
        batch,
        np.array([two_by_three, two_by_three + np.array([[95.0], [185.0]])]),
    )
    deeper = pairwise_sums(np.zeros((5, 4, 2)), np.zeros((5, 4, 3)))
    expect("two axes in front", deeper.shape, (5, 4, 2, 3))

# %% [markdown]
# Why without a loop? Let the clock answer:

# %%
from time import perf_counter

many, more = np.arange(600.0), np.arange(500.0)
start = perf_counter()
by_loop = np.array([[x + y for y in more] for x in many])
middle = perf_counter()
at_once = pairwise_sums(many, more)
end = perf_counter()
assert np.array_equal(by_loop, at_once)
print(f"two loops: {1000 * (middle - start):6.1f} ms")
print(f"yours:     {1000 * (end - middle):6.1f} ms")

# %% [markdown]
# ## 6 · Matrix products, and einsum
#
# A matrix product takes each row on the left and each column on the right. It multiplies them
# number by number, and adds. Follow the thick frames: 0·1 + 1·0 + 3·2 = **6**.

# %%
A = np.array([[1, 2, 0], [0, 1, 3]])  # (n, m) = (2, 3)
B = np.array([[1, 0, 2, 1], [0, 1, 1, 2], [2, 1, 0, 0]])  # (m, p) = (3, 4)
figure = Figure(figsize=(8, 6), layout="constrained")
ax = figure.subplots()
draw_cells(ax, A, BLUE, "A: (n, m) = (2, 3)", at=(0, 3.8))
draw_cells(ax, B, ORANGE, "B: (m, p) = (3, 4)", at=(3.6, 0))
draw_cells(ax, A @ B, GREEN, "A @ B: (n, p) = (2, 4)", at=(3.6, 3.8))
for corner, width, height in (((0, 4.8), 3, 1), ((3.6, 0), 1, 3), ((3.6, 4.8), 1, 1)):
    ax.add_patch(Rectangle(corner, width, height, fill=False, linewidth=5, zorder=3))
show(
    figure,
    alt="A matrix product. Row 1 of A, which is 0, 1, 3, and column 0 of B, which is 1, 0, 2, are "
    "framed. They meet in row 1 and column 0 of the product: 6.",
)

# %% [markdown]
# $$C_{ik} = \sum_{j=1}^{m} A_{ij} \, B_{jk}$$
#
# $C$ is the product. $A$ has $n$ rows and $m$ columns, $B$ has $m$ rows and $p$ columns. $\sum$ says:
# add up, for each $j$ from 1 to $m$. In words: row $i$ of $A$ times column $k$ of $B$.
# (Goodfellow, Bengio and Courville, *Deep Learning*, 2016, section 2.2.)
#
# **einsum** writes the formula with one letter for each axis: `np.einsum("ij,jk->ik", A, B)`.
# A letter that is missing after the arrow is summed over: here `j`.
#
# | einsum | gives |
# |---|---|
# | `"ij->ji"` | the transpose: rows and columns swapped |
# | `"ij->j"` | the sum of each column |
# | `"i,j->ij"` | the product of each pair |
# | `"ij,jk->ik"` | the matrix product |
# | `"...ij->...ji"` | the transpose of each matrix in a batch |
#
# Attention needs a matrix product for each entry of a batch. `@` can do it, too: it multiplies along
# the last two axes, and broadcasts the axes in front.

# %% exercise="batched_matmul" points={"idea": 4, "shapes": 4} minutes=8 difficulty=2 importance=5
from solutions.lesson_00_orientation.kernels import batched_matmul

# %% [markdown] hints="batched_matmul"
# One line is enough. Two lines of the table above belong together: the product, and the batch.
#
# +++
#
# `...` stands three times: before the letters of each array, and after the arrow. `@` needs no
# letters at all.
#
# +++
#
# Order these lines:
#
# ```python
#     return np.einsum(recipe, left, right)
# def batched_matmul(left, right):
#     recipe = "...ab,...bc->...ac"
# ```

# %% check="batched_matmul"
one = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 3.0]])  # (2, 3)
other = np.array([[1.0, 0.0, 2.0, 1.0], [0.0, 1.0, 1.0, 2.0], [2.0, 1.0, 0.0, 0.0]])  # (3, 4)
product = np.array([[1.0, 2.0, 4.0, 5.0], [6.0, 4.0, 1.0, 2.0]])
with check("batched_matmul") as expect:
    expect(
        "two square matrices",
        batched_matmul(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, 6.0], [7.0, 8.0]])),
        np.array([[19.0, 22.0], [43.0, 50.0]]),
    )
    expect("(2, 3) by (3, 4) gives (2, 4)", batched_matmul(one, other).shape, (2, 4))
    expect("the product that you followed by hand", batched_matmul(one, other), product)
    five = np.arange(5.0)[:, None, None]  # (5, 1, 1)
    pairs = batched_matmul(np.stack([one] * 5), five * other)
    expect("a batch of five pairs", pairs, five * product)
    shared = batched_matmul(five * one, other)
    expect("one matrix serves the batch", shared, five * product)
    deeper = batched_matmul(np.zeros((6, 5, 2, 3)), np.zeros((6, 5, 3, 4)))
    expect("two axes in front", deeper.shape, (6, 5, 2, 4))

# %% [markdown]
# ## What you built
#
# - a table brought to one scale (`standardise_columns`), and a first message read and mended;
# - every pair at once (`pairwise_sums`): lesson 06 compares words in this way;
# - many matrix products in one call (`batched_matmul`): each attention layer makes two.
#
# In lesson 01 you ask how similar two words are.
#
# | here | elsewhere |
# |---|---|
# | `standardise_columns(x)` | `StandardScaler().fit_transform(x)` in scikit-learn |
# | `pairwise_sums(a, b)` | `a[..., :, None] + b[..., None, :]` in PyTorch too |
# | `batched_matmul(a, b)` | `torch.matmul(a, b)`, `torch.einsum("...ij,...jk->...ik", a, b)` |
#
# **Where it is used.** Image models standardise each colour first. In Hugging Face Transformers the
# settings for it are called `image_mean` and `image_std`. Layer normalisation (lesson 09)
# standardises inside a network.
#
# **Further reading**
#
# - Broadcasting: <https://numpy.org/doc/stable/user/basics.broadcasting.html>
# - einsum: <https://numpy.org/doc/stable/reference/generated/numpy.einsum.html>
# - Harris et al., *Array programming with NumPy*, Nature 585, 2020.
# - LeCun, Bottou, Orr and Müller, *Efficient BackProp*, 1998.
