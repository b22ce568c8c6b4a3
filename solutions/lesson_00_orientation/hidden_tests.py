"""Hidden cases of lesson 00. Sizes all differ, but where a square case is the point."""

import numpy as np

from grader.cases import case, equivalent

# standardise_columns


def columns_of_many_sizes(rng):
    """Random columns, each at its own height and of its own spread."""
    heights, spreads = rng.uniform(-50, 50, 3), rng.uniform(0.1, 20, 3)
    return {"table": heights + spreads * rng.standard_normal((5, 3))}


@case("standardise_columns", "idea", inputs=columns_of_many_sizes, axes=("row", "column"))
def random_columns(k, table):
    return k.standardise_columns(table)


@case(
    "standardise_columns",
    "idea",
    inputs=lambda rng: {"table": 3 + 2 * rng.standard_normal((4, 4))},
    axes=("row", "column"),
)
def as_many_rows_as_columns(k, table):
    return k.standardise_columns(table)


@case(
    "standardise_columns",
    "idea",
    inputs=lambda rng: {"table": rng.standard_normal((6, 14)).astype(np.float32)},
    axes=("row", "column"),
)
def float32_and_not_contiguous(k, table):
    return k.standardise_columns(table[:, ::2].T)


def whole_numbers(rng):
    return {"table": np.cumsum(rng.integers(1, 9, (7, 2)), axis=0)}  # no column is constant


@case("standardise_columns", "edge cases", inputs=whole_numbers, axes=("row", "column"))
def a_table_of_whole_numbers(k, table):
    return k.standardise_columns(table)


def with_constant_columns(rng):
    table = rng.standard_normal((4, 6))
    table[:, rng.permutation(6)[:3]] = rng.permutation([-3.0, 0.0, 8.0])
    return {"table": table}


@case("standardise_columns", "edge cases", inputs=with_constant_columns, axes=("row", "column"))
def constant_columns_among_others(k, table):
    return k.standardise_columns(table)


def a_single_row(rng):
    return {"table": rng.standard_normal((1, 5))}


@case("standardise_columns", "edge cases", inputs=a_single_row, axes=("row", "column"))
def one_row(k, table):
    return k.standardise_columns(table)


def almost_constant(rng):
    return {"table": 1e-7 * rng.standard_normal((5, 3))}


@case("standardise_columns", "edge cases", inputs=almost_constant, axes=("row", "column"))
def columns_that_vary_very_little(k, table):
    return k.standardise_columns(table)


# pairwise_sums


@case(
    "pairwise_sums",
    "idea",
    inputs=lambda rng: {"a": rng.standard_normal(3), "b": rng.standard_normal(5)},
    axes=("a", "b"),
)
def three_numbers_and_five(k, a, b):
    return k.pairwise_sums(a, b)


@case(
    "pairwise_sums",
    "idea",
    inputs=lambda rng: {"a": rng.standard_normal(4), "b": rng.standard_normal(4)},
    axes=("a", "b"),
)
def as_many_numbers_in_both(k, a, b):
    return k.pairwise_sums(a, b)


@case(
    "pairwise_sums",
    "idea",
    inputs=lambda rng: {"a": rng.standard_normal(1), "b": rng.standard_normal(6)},
    axes=("a", "b"),
)
def a_single_number(k, a, b):
    return k.pairwise_sums(a, b)


@case(
    "pairwise_sums",
    "shapes",
    inputs=lambda rng: {"a": rng.standard_normal((2, 3)), "b": rng.standard_normal((2, 4))},
    axes=("batch", "a", "b"),
)
def a_batch_of_pairs(k, a, b):
    return k.pairwise_sums(a, b)


@case(
    "pairwise_sums",
    "shapes",
    inputs=lambda rng: {"a": rng.standard_normal((3, 3)), "b": rng.standard_normal((3, 3))},
    axes=("batch", "a", "b"),
)
def a_batch_where_every_size_is_three(k, a, b):
    return k.pairwise_sums(a, b)


def two_leading_axes(rng):
    return {
        "a": rng.standard_normal((2, 3, 8)).astype(np.float32),
        "b": rng.standard_normal((3, 2, 5)).astype(np.float32),
    }


@case("pairwise_sums", "shapes", inputs=two_leading_axes)
def two_leading_axes_not_contiguous(k, a, b):
    return k.pairwise_sums(a[..., ::2], b.swapaxes(0, 1))


# batched_matmul


@case(
    "batched_matmul",
    "idea",
    inputs=lambda rng: {
        "left": rng.standard_normal((2, 4)),
        "right": rng.standard_normal((4, 3)),
    },
    axes=("row", "column"),
)
def one_pair_of_matrices(k, left, right):
    return k.batched_matmul(left, right)


@case(
    "batched_matmul",
    "idea",
    inputs=lambda rng: {
        "left": rng.standard_normal((3, 3)),
        "right": rng.standard_normal((3, 3)),
    },
    axes=("row", "column"),
)
def one_pair_of_square_matrices(k, left, right):
    return k.batched_matmul(left, right)


@case(
    "batched_matmul",
    "shapes",
    inputs=lambda rng: {
        "left": rng.standard_normal((5, 2, 4)),
        "right": rng.standard_normal((5, 4, 3)),
    },
    axes=("batch", "row", "column"),
)
def a_batch_of_pairs_of_matrices(k, left, right):
    return k.batched_matmul(left, right)


@case(
    "batched_matmul",
    "shapes",
    inputs=lambda rng: {
        "left": rng.standard_normal((4, 2, 3)),
        "right": rng.standard_normal((3, 5)),
    },
    axes=("batch", "row", "column"),
)
def one_matrix_serves_the_batch(k, left, right):
    return k.batched_matmul(left, right)


def two_batches(rng):
    return {
        "left": rng.standard_normal((2, 3, 8, 5)).astype(np.float32),
        "right": rng.standard_normal((3, 2, 7, 5)).astype(np.float32),
    }


@case("batched_matmul", "shapes", inputs=two_batches)
def two_leading_axes_of_matrices(k, left, right):
    return k.batched_matmul(left[:, :, ::2], right.swapaxes(0, 1).swapaxes(2, 3))


# Mutants of the kernels that no case kills, with the reason why each is a right answer.

UNKILLED = [
    equivalent(
        "standardise_columns",
        "a table has two axes, and -2 is the first",
        "means = table.mean(axis=-2, keepdims=True)",
        "spreads = table.std(axis=-2, keepdims=True)",
    ),
    equivalent(
        "standardise_columns",
        "(columns,) meets the rows of (rows, columns) as (1, columns) does",
        "means = table.mean(axis=0)",
        "means = table.mean(axis=0, keepdims=False)",
        "spreads = table.std(axis=0)",
        "spreads = table.std(axis=0, keepdims=False)",
    ),
    equivalent(
        "standardise_columns",
        "where a spread is 0 the numerator is 0, whatever divides it",
        "standardised: np.ndarray = (table - means) / np.where(spreads > 0, spreads, 2.0)",
    ),
    equivalent(
        "pairwise_sums",
        "the dots take the last axis along",
        "sums: np.ndarray = a[..., None] + b[..., None, :]",
    ),
    equivalent(
        "pairwise_sums",
        "every input has a first axis, and the dots take the others",
        "sums: np.ndarray = a[:, ..., None] + b[..., None, :]",
    ),
    equivalent(
        "batched_matmul",
        "letters name axes, large or small",
        'products: np.ndarray = np.einsum("...IJ,...JK->...IK", left, right)',
    ),
]
