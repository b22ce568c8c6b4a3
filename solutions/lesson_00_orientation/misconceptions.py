"""Wrong answers of lesson 00, each with what is said to its author, and right ones."""

import numpy as np

from grader.cases import alternative, misconception

# standardise_columns


@misconception(
    "standardise_columns",
    "You use one mean and one standard deviation for the whole table, so heights and ages are "
    "mixed. Give each column its own: `table.mean(axis=0)` and `table.std(axis=0)`.",
)
def the_whole_table_at_once(table):
    spread = table.std()
    return (table - table.mean()) / (spread if spread > 0 else 1.0)


@misconception(
    "standardise_columns",
    "You standardise each row: each row of your answer has mean 0. "
    "Walk down the rows instead, with `axis=0`: that gives one mean a column.",
)
def rows_for_columns(table):
    spreads = table.std(axis=1, keepdims=True)
    return (table - table.mean(axis=1, keepdims=True)) / np.where(spreads > 0, spreads, 1.0)


@misconception(
    "standardise_columns",
    "You subtract the column's mean and stop there, so wide columns stay wide. "
    "Then divide by the column's standard deviation.",
)
def the_division_forgotten(table):
    return table - table.mean(axis=0)


@misconception(
    "standardise_columns",
    "You divide by the standard deviation, but the mean stays in: your columns are not centred "
    "at 0. Subtract each column's mean first.",
)
def the_mean_left_in(table):
    spreads = table.std(axis=0)
    return np.where(spreads > 0, table / np.where(spreads > 0, spreads, 1.0), 0.0)


@misconception(
    "standardise_columns",
    "Each column has its own mean in your answer, but all share one standard deviation. "
    "Take `std` along axis 0 too.",
)
def one_spread_for_all_columns(table):
    spread = table.std()
    return (table - table.mean(axis=0)) / (spread if spread > 0 else 1.0)


@misconception(
    "standardise_columns",
    "You divide by the variance, the square of the standard deviation, so wide columns come out "
    "too narrow. Divide by `np.std`, not by `np.var`.",
)
def divided_by_the_variance(table):
    variances = table.var(axis=0)
    return (table - table.mean(axis=0)) / np.where(variances > 0, variances, 1.0)


@misconception(
    "standardise_columns",
    "You divide by rows - 1 inside the standard deviation (`ddof=1`), so your numbers are a little "
    "too small. `np.std` divides by the number of rows: leave `ddof` at 0.",
)
def one_row_less_in_the_spread(table):
    spreads = table.std(axis=0, ddof=1)
    return (table - table.mean(axis=0)) / np.where(spreads > 0, spreads, 1.0)


@misconception(
    "standardise_columns",
    "With `ddof=1` you divide by rows - 1 inside the standard deviation: your numbers are a little "
    "too small, and one row alone gives 0 / 0. Leave `ddof` at 0, as `np.std` has it.",
)
def one_row_less_where_there_is_one(table):
    spreads = table.std(axis=0, ddof=1)
    return (table - table.mean(axis=0)) / np.where(spreads == 0, 1.0, spreads)


@misconception(
    "standardise_columns",
    "Brackets are missing: `/` comes before `-`, so you divide the means and subtract that from "
    "the table. Subtract first: `(table - means) / spreads`.",
)
def brackets_missing(table):
    return table - table.mean(axis=0) / table.std(axis=0)


@misconception(
    "standardise_columns",
    "You divide the means, not the differences: `/` comes before `-`. "
    "Put brackets around the difference: `(table - means) / spreads`.",
)
def brackets_missing_and_no_zero_below(table):
    spreads = table.std(axis=0)
    return table - table.mean(axis=0) / np.where(spreads > 0, spreads, 1.0)


@misconception(
    "standardise_columns",
    "Your columns run from 0 to 1: you scale by smallest and largest. "
    "Use the mean and the standard deviation instead.",
)
def scaled_from_smallest_to_largest(table):
    lowest, highest = table.min(axis=0), table.max(axis=0)
    return (table - lowest) / np.where(highest > lowest, highest - lowest, 1.0)


@misconception(
    "standardise_columns",
    "You divide by the length of each centred column, so more rows give smaller numbers. "
    "The standard deviation takes the mean of the squares: use `np.std`.",
)
def divided_by_the_norm(table):
    centred = table - table.mean(axis=0)
    norms = np.linalg.norm(centred, axis=0)
    return centred / np.where(norms > 0, norms, 1.0)


@misconception(
    "standardise_columns",
    "You divide by the mean distance from the mean. The standard deviation squares the distances, "
    "takes their mean, then the root: use `np.std`.",
)
def the_mean_distance_for_the_spread(table):
    centred = table - table.mean(axis=0)
    distances = np.abs(centred).mean(axis=0)
    return centred / np.where(distances > 0, distances, 1.0)


@misconception(
    "standardise_columns",
    "You write into the caller's table: after your call it has changed, and a table of whole "
    "numbers raises an error. Make a new array: `table - means` in place of `table -= means`.",
)
def written_into_the_table(table):
    spreads = table.std(axis=0)
    table -= table.mean(axis=0)
    table /= np.where(spreads > 0, spreads, 1.0)
    return table


@misconception(
    "standardise_columns",
    "A column of equal numbers gives NaN in your answer, because 0 is divided by 0. "
    "Where the standard deviation is 0, divide by 1: the answer is then 0.",
    about="edge cases",
)
def nan_for_constant_columns(table):
    return (table - table.mean(axis=0)) / table.std(axis=0)


@misconception(
    "standardise_columns",
    "You leave columns of equal numbers as they are. Their answer is 0: subtract the mean there "
    "too, and divide by 1.",
    about="edge cases",
)
def constant_columns_left_alone(table):
    spreads = table.std(axis=0)
    standardised = (table - table.mean(axis=0)) / np.where(spreads > 0, spreads, 1.0)
    return np.where(spreads > 0, standardised, table)


@misconception(
    "standardise_columns",
    "You add a small number to every standard deviation, so a column that varies very little "
    "comes out too small. Treat only a standard deviation of exactly 0 on its own.",
    about="edge cases",
)
def a_small_number_added_to_the_spread(table):
    return (table - table.mean(axis=0)) / (table.std(axis=0) + 1e-8)


@misconception(
    "standardise_columns",
    "With a table of whole numbers your answers are whole numbers too: what comes after the point "
    "is cut off. `astype(int)` does that, and so do `table.copy()` and `np.zeros_like(table)`, "
    "which keep the table's type. Start from `np.zeros(table.shape)`.",
    about="edge cases",
)
def kept_as_whole_numbers(table):
    standardised = np.zeros_like(table)
    for column in range(table.shape[1]):
        spread = table[:, column].std()
        if spread > 0:
            standardised[:, column] = (table[:, column] - table[:, column].mean()) / spread
    return standardised


@alternative("standardise_columns")
def column_by_column(table):
    columns = []
    for column in table.T:
        spread = column.std()
        columns.append((column - column.mean()) / (spread if spread else 1))
    return np.stack(columns, axis=1)


@alternative("standardise_columns")
def root_of_the_mean_square(table):
    centred = table - np.mean(table, axis=0)
    spreads = np.sqrt(np.mean(centred**2, axis=0))
    return np.divide(centred, spreads, out=np.zeros_like(centred), where=spreads != 0)


@alternative("standardise_columns")
def not_a_number_made_zero(table):
    with np.errstate(invalid="ignore"):
        return np.nan_to_num((table - table.mean(0)) / table.std(0))


# pairwise_sums


@misconception(
    "pairwise_sums",
    "`a + b` adds number 0 to number 0, 1 to 1, and so on; different sizes raise an error. "
    "Give `a` a new last axis, `a[..., :, None]`, so that each number meets all of `b`.",
)
def added_place_by_place(a, b):
    return a + b


@misconception(
    "pairwise_sums",
    "`zip` takes each number of `a` with one number of `b`, and stops at the shorter. "
    "Make all pairs: a new axis in each array, and broadcasting does the rest.",
)
def paired_by_zip(a, b):
    return np.array([x + y for x, y in zip(a, b, strict=False)])


@misconception(
    "pairwise_sums",
    "Your table lies on its side: a row for each number of `b`. The rows belong to `a`: "
    "give `a` its new axis at the end, and `b` before its last.",
)
def one_row_for_each_number_of_b(a, b):
    return a[..., None, :] + b[..., :, None]


@misconception(
    "pairwise_sums",
    "The shape is right, but you multiply: these are all products. Put `+` between the two.",
)
def products_for_sums(a, b):
    return a[..., :, None] * b[..., None, :]


@misconception(
    "pairwise_sums",
    "The shape is right, but you subtract: these are all differences. Put `+` between the two.",
)
def differences_for_sums(a, b):
    return a[..., :, None] - b[..., None, :]


@misconception(
    "pairwise_sums",
    "Your sums stand in one long row. Keep the two axes, one for `a` and one for `b`: "
    "leave out `ravel` or `reshape(-1)`.",
)
def all_sums_in_one_row(a, b):
    return (a[..., :, None] + b[..., None, :]).reshape(*a.shape[:-1], -1)


@misconception(
    "pairwise_sums",
    "You add the sum of all of `b` to each number of `a`. "
    "Each pair needs a place of its own: do not call `sum`.",
)
def the_total_of_b(a, b):
    return a + b.sum(axis=-1, keepdims=True)


@misconception(
    "pairwise_sums",
    "You join the arrays, `a` and then `b`, and add nothing. "
    "Give each a new axis and put `+` between them.",
)
def joined_end_to_end(a, b):
    return np.concatenate([a, b], axis=-1)


@misconception(
    "pairwise_sums",
    "`a[:, None]` puts the new axis second. With a batch, that is not the end: the wrong numbers "
    "meet, or an error comes. Count from the end: `a[..., :, None]` and `b[..., None, :]`.",
    about="shapes",
)
def the_new_axis_always_second(a, b):
    return a[:, None] + b


@misconception(
    "pairwise_sums",
    "Only `a` gets a new axis. With a batch, the batch axis of `b` then meets the numbers of `a`: "
    "the shape may be right, the sums are not. Give `b` an axis before its last: `b[..., None, "
    ":]`.",
    about="shapes",
)
def no_new_axis_for_b(a, b):
    return a[..., None] + b


@misconception(
    "pairwise_sums",
    "`np.add.outer` pairs every number with every other, across the batch too: you get too many "
    "axes. Keep the batch apart with `a[..., :, None] + b[..., None, :]`.",
    about="shapes",
)
def every_batch_entry_with_every_other(a, b):
    return np.add.outer(a, b)


@misconception(
    "pairwise_sums",
    "You flatten the batch, so numbers of one entry meet those of another. "
    "Keep the leading axes: `a[..., :, None] + b[..., None, :]`.",
    about="shapes",
)
def the_batch_flattened(a, b):
    return a.reshape(-1, 1) + b.reshape(1, -1)


@misconception(
    "pairwise_sums",
    "You allow one leading axis at most. `...` stands for any number of them: "
    "`a[..., :, None] + b[..., None, :]`.",
    about="shapes",
)
def one_axis_in_front_at_most(a, b):
    if a.ndim == 1:
        return a[:, None] + b
    return a[:, :, None] + b[:, None, :]


@alternative("pairwise_sums")
def one_new_axis_is_enough(a, b):
    return np.expand_dims(a, -1) + np.expand_dims(b, -2)


@alternative("pairwise_sums")
def two_loops_for_each_batch_entry(a, b):
    sums = np.empty((*a.shape, b.shape[-1]))
    for entry in np.ndindex(a.shape):
        for j in range(b.shape[-1]):
            sums[(*entry, j)] = a[entry] + b[(*entry[:-1], j)]
    return sums


# batched_matmul


@misconception(
    "batched_matmul",
    "`*` multiplies entry by entry; matrices of other sizes raise an error. "
    "A matrix product takes rows times columns: use `@`, or `np.einsum`.",
)
def entry_by_entry(left, right):
    return left * right


@misconception(
    "batched_matmul",
    "You multiply in the wrong order: the right matrix times the left one. "
    "Square matrices hide this. Put `left` first.",
)
def the_wrong_order(left, right):
    return right @ left


@misconception(
    "batched_matmul",
    "You turn the right matrices first, so rows meet rows; only square ones fit then. "
    "Multiply `left` by `right` as they stand: `left @ right`, or einsum with `ij,jk->ik`.",
)
def the_right_matrix_turned(left, right):
    return left @ np.swapaxes(right, -1, -2)


@misconception(
    "batched_matmul",
    "You turn the left matrices first, so columns meet columns; only square ones fit then. "
    "Multiply `left` by `right` as they stand.",
)
def the_left_matrix_turned(left, right):
    return np.swapaxes(left, -1, -2) @ right


@misconception(
    "batched_matmul",
    "Your products lie on their side: shape (p, n) where (n, p) is asked for. "
    "In einsum, write the letters after the arrow in the other order: `->...ik`.",
)
def the_result_turned(left, right):
    return np.einsum("...ij,...jk->...ki", left, right)


@misconception(
    "batched_matmul",
    "You keep the axis that the matrices share, so nothing is added up: one axis too many. "
    "Write `ij,jk->ik`: a letter that is missing after the arrow is summed over.",
)
def the_sum_forgotten(left, right):
    return np.einsum("...ij,...jk->...ijk", left, right)


@misconception(
    "batched_matmul",
    "Your entries are too small by a factor of m: you take the mean of the products. "
    "Add them up instead.",
)
def the_mean_for_the_sum(left, right):
    return left @ right / left.shape[-1]


@misconception(
    "batched_matmul",
    "Only the diagonal of each product is there: row 0 meets column 0, row 1 column 1, and so on. "
    "Each row meets each column; give rows and columns different letters.",
)
def each_row_with_one_column(left, right):
    return np.einsum("...ij,...ji->...i", left, right)


@misconception(
    "batched_matmul",
    "Your loop takes the first axis apart. In a batch that gives matrices; without one it gives "
    "single rows. `@` and einsum's `...` do without a loop.",
)
def a_loop_over_the_first_axis(left, right):
    return np.array([one @ other for one, other in zip(left, right, strict=False)])


@misconception(
    "batched_matmul",
    "`np.dot` pairs each matrix of one batch with each of the other, so you get too many axes. "
    "Use `@`, or `np.einsum` with `...`: they keep the batch apart.",
    about="shapes",
)
def np_dot_on_a_batch(left, right):
    return np.dot(left, right)


@misconception(
    "batched_matmul",
    "You add up the products of the whole batch. The letter of the batch is missing after the "
    "arrow: write `...` on all three sides.",
    about="shapes",
)
def summed_over_the_batch(left, right):
    products = left @ right
    return products.sum(axis=tuple(range(products.ndim - 2)))


@misconception(
    "batched_matmul",
    "The first right matrix serves your whole batch. "
    "Each left matrix has its own partner: leave out the index, and let `@` pair them.",
    about="shapes",
)
def the_first_right_matrix_for_all(left, right):
    return left @ right.reshape(-1, *right.shape[-2:])[0]


@misconception(
    "batched_matmul",
    "You allow no axis, or exactly one, in front of the matrices; others raise an error. "
    "In einsum `...` stands for any number of them, also none.",
    about="shapes",
)
def one_batch_axis_at_most(left, right):
    if left.ndim == 2:
        return np.einsum("ij,jk->ik", left, right)
    return np.einsum("bij,bjk->bik", left, right)


@misconception(
    "batched_matmul",
    "You loop over both batches together, so a single right matrix is taken apart row by row. "
    "Let `@` or einsum's `...` repeat it for the whole batch.",
    about="shapes",
)
def a_shared_matrix_taken_apart(left, right):
    if left.ndim == 2:
        return left @ right
    return np.stack([one @ other for one, other in zip(left, right, strict=False)])


@alternative("batched_matmul")
def by_matmul(left, right):
    return left @ right


@alternative("batched_matmul")
def by_broadcasting(left, right):
    return (left[..., :, :, None] * right[..., None, :, :]).sum(axis=-2)
