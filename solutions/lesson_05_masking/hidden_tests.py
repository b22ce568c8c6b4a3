"""Hidden cases of lesson 05. Sizes all differ; every value is drawn afresh."""

import torch

from grader.cases import case, equivalent, randn

PADDING = "padding_mask"
CAUSAL = "causal_mask"
COMBINE = "combine_masks"
SOFTMAX = "masked_softmax"
TEST = "mask_test"
ATTENTION = "masked_attention"
MEAN = "masked_mean"
TORCH = "to_torch_masks"
# Why a case is proved in no other precision than the one it draws.
COARSE = "float32 numbers near 10,000 are 0.001 apart, so right answers round apart"
NAMED = "float32 is asked for by name, and is what torch makes by default"
LEADS = "how far ahead a forbidden score must be to show depends on torch's default float32"


def booleans(rng, *shape):
    """Draw a mask in which each row allows at least one key, and forbids at least one."""
    chances = rng.random(shape)
    allowed = chances > 0.5
    allowed |= chances == chances.max(axis=-1, keepdims=True)
    allowed &= chances != chances.min(axis=-1, keepdims=True)
    return torch.from_numpy(allowed)


def causal(queries, keys):
    return torch.ones(queries, keys, dtype=torch.bool).tril(keys - queries)


# padding_mask


def lengths_and_width(rng):
    """A sequence without padding, one without words, two between; other widths are longer."""
    lengths = rng.permutation([7, 0, rng.integers(1, 4), rng.integers(4, 7)])
    return {"lengths": torch.from_numpy(lengths), "n_keys": 7}


def short_lengths(rng):
    """Even the longest sequence has padding; no two are equally long."""
    return {"lengths": torch.from_numpy(rng.permutation([1, 2, 3, 4])[:3]), "n_keys": 6}


@case(PADDING, "idea", inputs=lengths_and_width, axes=("sequence", "key"))
def words_before_padding(k, lengths, n_keys):
    return k.padding_mask(lengths, n_keys).to(torch.float64).reshape(4, 7)


@case(PADDING, "idea", inputs=short_lengths, axes=("sequence", "key"))
def padding_before_words(k, lengths, n_keys):
    return k.padding_mask(lengths, n_keys, side="left").to(torch.float64).reshape(3, 6)


@case(PADDING, "shapes", inputs=short_lengths, axes=("sequence", "head", "query", "key"))
def a_mask_for_all_heads_and_queries(k, lengths, n_keys):
    return k.padding_mask(lengths, n_keys, "right")


# causal_mask


@case(CAUSAL, "idea", inputs=lambda rng: {"tokens": 5}, axes=("query", "key"))
def as_many_queries_as_keys(k, tokens):
    return k.causal_mask(tokens, tokens)


@case(
    CAUSAL,
    "idea",
    inputs=lambda rng: {"queries": 3, "keys": int(rng.integers(6, 9))},
    axes=("query", "key"),
)
def keys_of_earlier_tokens_from_a_cache(k, queries, keys):
    return k.causal_mask(queries, keys)


@case(
    CAUSAL,
    "edge cases",
    inputs=lambda rng: {"queries": int(rng.integers(5, 8)), "keys": 3},
    axes=("query", "key"),
)
def more_queries_than_keys(k, queries, keys):
    return k.causal_mask(queries, keys)


# combine_masks


def padding_and_causal(rng):
    return {"padding": booleans(rng, 2, 1, 1, 5), "order": causal(4, 5)}


def three_masks(rng):
    return {"heads": booleans(rng, 2, 3, 1, 6), "queries": booleans(rng, 6), "pairs": causal(4, 6)}


def two_of_one_shape(rng):
    return {"one": booleans(rng, 4, 6), "other": booleans(rng, 4, 6)}


@case(COMBINE, "idea", inputs=padding_and_causal, axes=("sequence", "head", "query", "key"))
def padding_together_with_order(k, padding, order):
    return k.combine_masks(padding, order)


@case(COMBINE, "idea", inputs=three_masks, axes=("sequence", "head", "query", "key"))
def three_masks_of_three_shapes(k, heads, queries, pairs):
    return k.combine_masks(heads, queries, pairs)


@case(COMBINE, "idea", inputs=two_of_one_shape, axes=("query", "key"))
def two_masks_of_one_shape(k, one, other):
    return k.combine_masks(one, other)


@case(COMBINE, "idea", inputs=two_of_one_shape)
def with_none_among_them(k, one, other):
    return [k.combine_masks(None, one, None, other), k.combine_masks(other, None)]


@case(COMBINE, "idea", inputs=two_of_one_shape)
def no_mask_at_all(k, one, other):
    return [k.combine_masks(), k.combine_masks(None, None)]


# masked_softmax


def scores_and_mask(rng):
    return {"scores": 2 * randn(rng, 2, 4, 5), "mask": booleans(rng, 2, 4, 5)}


def forbidden_far_ahead(rng):
    """Forbidden scores lead by 5,000 in one row, and by 20,000 or more in three."""
    mask = booleans(rng, 4, 6)
    levels = [[-3e4, 1e4], [0.0, 2e4], [0.0, 3e4], [0.0, 5e3]]  # of allowed ones, of forbidden ones
    drawn = torch.from_numpy(rng.permutation(levels))
    lead = torch.where(mask, drawn[:, :1], drawn[:, 1:])
    return {"scores": randn(rng, 4, 6, dtype=torch.float64) + lead, "mask": mask}


def one_mask_for_heads(rng):
    return {"scores": randn(rng, 2, 5, 3, 4), "mask": booleans(rng, 2, 1, 1, 4)}


def left_padding_and_order(rng):
    """(batch, heads, queries, keys): queries at padding have nothing to attend to."""
    lengths = torch.from_numpy(rng.permutation([2, 3, 4]))
    words = torch.arange(5) >= 5 - lengths[:, None]
    return {
        "scores": randn(rng, 3, 2, 5, 5, dtype=torch.float64),
        "mask": words[:, None, None, :] & causal(5, 5),
    }


def left_padding_and_gradient(rng):
    return left_padding_and_order(rng) | {
        "gradient": randn(rng, 3, 2, 5, 5, dtype=torch.float64),
    }


@case(SOFTMAX, "idea", inputs=scores_and_mask, axes=("batch", "query", "key"))
def a_mask_of_the_scores_shape(k, scores, mask):
    return k.masked_softmax(scores, mask)


@case(SOFTMAX, "idea", inputs=forbidden_far_ahead, axes=("query", "key"))
def forbidden_scores_far_above_the_allowed(k, scores, mask):
    return k.masked_softmax(scores, mask)


@case(SOFTMAX, "edge cases", inputs=one_mask_for_heads, axes=("batch", "head", "query", "key"))
def one_mask_for_all_heads_and_queries(k, scores, mask):
    return k.masked_softmax(scores.mT.contiguous().mT, mask)


@case(SOFTMAX, "edge cases", inputs=left_padding_and_order, axes=("batch", "head", "query", "key"))
def rows_with_nothing_to_attend_to(k, scores, mask):
    return k.masked_softmax(scores, mask)


@case(SOFTMAX, "gradient", inputs=left_padding_and_gradient)
def gradient_where_some_rows_are_empty(k, scores, mask, gradient):
    leaf = scores.clone().requires_grad_()
    return torch.autograd.grad(k.masked_softmax(leaf, mask), leaf, gradient)[0]


# mask_test

# A candidate is one generic function, and a recipe of numbers drawn for it says what it does:
# (inverted, one mask for all, fill, fill is added, axis, share left where forbidden, shared again,
# NaN cleared). Nothing in the learner's process says which are right. `run` returns each recipe
# beside its verdict; where a verdict is wrong, `judge` finds the mistake's name by the recipe.

INF = float("inf")
WRONG_IN_ROWS = {
    "no mask at all": [0, 0, 0.0, 1, -1, 1, 0, 1],
    "a mask multiplied onto the weights after the softmax": [0, 0, 0.0, 1, -1, 0, 0, 1],
    "a mask after the softmax, renormalised": [0, 0, 0.0, 1, -1, 0, 1, 1],
    "forbidden scores set to 0": [0, 0, 0.0, 0, -1, 1, 0, 1],
    "-10,000 added to forbidden scores": [0, 0, -1e4, 1, -1, 0, 0, 1],
    "a mask of inverted meaning": [1, 0, -INF, 0, -1, 1, 0, 1],
    "a softmax over the queries": [0, 0, -INF, 0, -2, 1, 0, 1],
    "the first sequence's mask, used for all sequences": [0, 1, -INF, 0, -1, 1, 0, 1],
}
LOW = -1e20  # or lower, as drawn: a fill below every score
WRONG_IN_EMPTY_ROWS = {
    "a softmax that is NaN in empty rows": [0, 0, -INF, 0, -1, 1, 0, 0],
    "a softmax that shares empty rows out equally": [0, 0, LOW, 0, -1, 1, 0, 0],
    "0 / 0 in empty rows, renormalised": [0, 0, LOW, 0, -1, 0, 1, 0],
    "forbidden scores filled with -10,000, which share empty rows out equally": [
        *(0, 0, -1e4, 0, -1, 1, 0, 1)
    ],
}
RIGHT = [
    [0, 0, -INF, 0, -1, 1, 0, 1],
    [0, 0, LOW, 0, -1, 0, 0, 0],
    [0, 0, LOW, 0, -1, 0, 1, 1],
    [0, 0, -INF, 0, -1, 0, 1, 1],
]
# Of (one factor of the scores, another): this one's shares never depend on them.
EQUAL_SHARES = {"equal shares for all allowed keys, whatever their scores": [1.0, 0.0]}


def in_a_drawn_order(rng, recipes):
    drawn = [list(recipes[place]) for place in rng.permutation(len(recipes))]
    for recipe in drawn:
        if recipe[2] == LOW:
            recipe[2] = -(10.0 ** float(rng.uniform(20, 37)))
    return {"recipes": drawn}


def wrong_in_rows(rng):
    return in_a_drawn_order(rng, RIGHT + list(WRONG_IN_ROWS.values()))


def wrong_in_empty_rows(rng):
    return in_a_drawn_order(rng, RIGHT + list(WRONG_IN_EMPTY_ROWS.values()))


def survivor(recipe, names):
    """The name of the mistake that a wrong candidate has."""
    plain = [LOW if -INF < part <= LOW else part for part in recipe]
    return next(name for name, listed in names.items() if listed == plain)


def verdicts_by_name(names):
    """Judge pairs of a recipe and a verdict: the first verdict that is wrong is named."""

    def judge(got, expected):
        if not isinstance(got, list) or len(got) != len(expected):
            return "your test did not give one verdict for each function"
        for pair, (recipe, right) in zip(got, expected, strict=True):
            given = pair[1] if isinstance(pair, list) and len(pair) == 2 else None
            verdict = given.item() if hasattr(given, "item") else given
            if type(verdict) is not bool:
                return f"your test must return True or False; it returned a {type(given).__name__}"
            if verdict and not right:
                return f"your test passes {survivor(recipe, names)}"
            if right and not verdict:
                return "your test refuses a right masked softmax"
        return None

    return judge


@case(TEST, "idea", inputs=wrong_in_rows, judge=verdicts_by_name(WRONG_IN_ROWS), as_drawn=LEADS)
def wrong_masks_and_right_ones(k, recipes):
    def build(inverted, one_for_all, fill, added, axis, left, shared, cleared):
        def candidate(scores, mask):
            mask = mask ^ bool(inverted)
            if one_for_all and mask.dim() > 2:
                mask = mask[:1]
            lowered = scores + fill if added else torch.full_like(scores, fill)
            weights = torch.where(mask, scores, lowered).softmax(axis)
            weights = torch.where(mask, weights, left * weights)
            if shared:
                weights = weights / weights.sum(-1, keepdim=True)
            return weights.nan_to_num() if cleared else weights

        return candidate

    return [[recipe, k.mask_test(build(*recipe))] for recipe in recipes]


def sharpness_of_two(rng):
    """The factors of the scores, in two parts: one right candidate, and one that never looks."""
    of_one = float(2 ** rng.uniform(-2, 2))
    recipes = [[of_one, 1 / of_one], *EQUAL_SHARES.values()]
    return {"recipes": [recipes[place] for place in rng.permutation(2)]}


@case(TEST, "idea", inputs=sharpness_of_two, judge=verdicts_by_name(EQUAL_SHARES))
def shares_that_do_not_depend_on_scores(k, recipes):
    def build(first, second):
        def candidate(scores, mask):
            weights = (scores * first * second).masked_fill(~mask, -torch.inf).softmax(-1)
            return weights.nan_to_num()

        return candidate

    return [[recipe, k.mask_test(build(*recipe))] for recipe in recipes]


@case(TEST, "edge cases", inputs=wrong_in_empty_rows, judge=verdicts_by_name(WRONG_IN_EMPTY_ROWS))
def masks_that_fail_in_empty_rows(k, recipes):
    def build(inverted, one_for_all, fill, added, axis, left, shared, cleared):
        def candidate(scores, mask):
            mask = mask ^ bool(inverted)
            if one_for_all and mask.dim() > 2:
                mask = mask[:1]
            lowered = scores + fill if added else torch.full_like(scores, fill)
            weights = torch.where(mask, scores, lowered).softmax(axis)
            weights = torch.where(mask, weights, left * weights)
            if shared:
                weights = weights / weights.sum(-1, keepdim=True)
            return weights.nan_to_num() if cleared else weights

        return candidate

    return [[recipe, k.mask_test(build(*recipe))] for recipe in recipes]


# masked_attention


def heads_under_one_mask(rng):
    return {
        "queries": randn(rng, 2, 3, 4, 5),
        "keys": randn(rng, 2, 3, 6, 5),
        "values": randn(rng, 2, 3, 6, 7),
        "mask": booleans(rng, 2, 1, 4, 6),
    }


def keys_that_shout(rng):
    """The last feature puts forbidden scores near 10,000 and allowed ones near -30,000."""
    mask = torch.from_numpy(rng.permutation([True, True, True, False, False]))
    lead = torch.where(mask, -3e4, 1e4).to(torch.float64).unsqueeze(-1)
    twos = torch.full((3, 1), 2.0, dtype=torch.float64)  # 2 / √4 leaves the lead as it is
    return {
        "queries": torch.cat([randn(rng, 3, 3, dtype=torch.float64), twos], dim=-1),
        "keys": torch.cat([randn(rng, 5, 3, dtype=torch.float64), lead], dim=-1),
        "values": randn(rng, 5, 6, dtype=torch.float64),
        "mask": mask,
    }


def heads_with_left_padding(rng):
    """(batch, tokens, heads, features), so that the case's transpose is a view."""
    lengths = torch.from_numpy(rng.permutation([2, 4]))
    words = torch.arange(6) >= 6 - lengths[:, None]
    return {
        "queries": randn(rng, 2, 4, 3, 5, dtype=torch.float64),
        "keys": randn(rng, 2, 6, 3, 5, dtype=torch.float64),
        "values": randn(rng, 2, 6, 3, 7, dtype=torch.float64),
        "mask": words[:, None, None, :] & causal(4, 6),
    }


def heads_with_left_padding_and_gradients(rng):
    return heads_with_left_padding(rng) | {
        "of_output": randn(rng, 2, 3, 4, 7, dtype=torch.float64),
        "of_weights": randn(rng, 2, 3, 4, 6, dtype=torch.float64),
    }


@case(ATTENTION, "idea", inputs=heads_under_one_mask)
def heads_that_share_a_mask(k, queries, keys, values, mask):
    return k.masked_attention(queries, keys, values, mask)


@case(ATTENTION, "idea", inputs=keys_that_shout, as_drawn=COARSE)
def forbidden_keys_far_ahead(k, queries, keys, values, mask):
    return k.masked_attention(queries, keys, values, mask)


@case(ATTENTION, "edge cases", inputs=heads_with_left_padding)
def queries_that_may_look_at_nothing(k, queries, keys, values, mask):
    queries, keys, values = (each.transpose(1, 2) for each in (queries, keys, values))
    return k.masked_attention(queries, keys, values, mask)


@case(ATTENTION, "edge cases", inputs=heads_with_left_padding_and_gradients)
def gradients_past_empty_rows(k, queries, keys, values, mask, of_output, of_weights):
    leaves = [each.transpose(1, 2).requires_grad_() for each in (queries, keys, values)]
    answer = k.masked_attention(*leaves, mask)
    return torch.autograd.grad(answer, leaves, [of_output, of_weights])


# masked_mean


def values_and_words(rng):
    """One of the sequences is a single word."""
    mask = booleans(rng, 3, 5)
    mask[int(rng.integers(3))] = torch.arange(5) == int(rng.integers(5))
    return {"values": randn(rng, 3, 5, 4), "mask": mask}


def heads_of_values(rng):
    values = randn(rng, 2, 3, 6, 5, dtype=torch.float64)
    return {"values": values, "mask": booleans(rng, 2, 3, 6)}


def sequences_and_features(rng):
    """As many sequences as features, so that a count may stand under the wrong ones unseen."""
    return {"values": randn(rng, 4, 6, 4), "mask": booleans(rng, 4, 6)}


def an_empty_sequence(rng):
    mask = booleans(rng, 3, 6)
    mask[int(rng.integers(3))] = False
    return {"values": randn(rng, 3, 6, 4), "mask": mask}


def anything_at_padding(rng):
    drawn = values_and_words(rng)
    drawn["values"][~drawn["mask"]] = float("nan")
    return drawn


@case(MEAN, "idea", inputs=values_and_words, axes=("sequence", "feature"))
def words_of_three_sequences(k, values, mask):
    return k.masked_mean(values, mask)


@case(MEAN, "idea", inputs=heads_of_values, axes=("batch", "head", "feature"))
def two_leading_dimensions(k, values, mask):
    return k.masked_mean(values, mask)


@case(MEAN, "idea", inputs=sequences_and_features, axes=("sequence", "feature"))
def as_many_features_as_sequences(k, values, mask):
    return k.masked_mean(values, mask)


@case(MEAN, "edge cases", inputs=an_empty_sequence, axes=("sequence", "feature"))
def a_sequence_without_words(k, values, mask):
    return k.masked_mean(values, mask)


@case(MEAN, "edge cases", inputs=anything_at_padding, axes=("sequence", "feature"))
def padding_that_holds_no_number(k, values, mask):
    return k.masked_mean(values, mask)


# to_torch_masks


def words_and_pairs(rng):
    return {"words": booleans(rng, 3, 5), "pairs": booleans(rng, 4, 5)}


@case(TORCH, "idea", inputs=words_and_pairs)
def what_each_form_says(k, words, pairs):
    masks = k.to_torch_masks(words, pairs)
    return {name: mask.to(torch.float64).flatten() for name, mask in masks.items()}


@case(TORCH, "shapes", inputs=words_and_pairs, as_drawn=NAMED)
def shapes_and_dtypes_of_the_forms(k, words, pairs):
    masks = k.to_torch_masks(words, pairs)
    return {name: [list(mask.shape), mask.dtype] for name, mask in masks.items()}


# Mutants of the kernels that no case kills, with the reason why each is a right answer.

UNKILLED = [
    equivalent(
        PADDING,
        "places have one axis",
        "places = places.flip(-1)",
    ),
    equivalent(
        TEST,
        "other draws make as good a test",
        "generator = None",
        "generator = torch.Generator()",
        "generator = torch.Generator().manual_seed(4)",
        "generator = torch.Generator().manual_seed(-5)",
        "generator = torch.Generator().manual_seed(6)",
        "scores = torch.randn(3, 4, 5, generator=None)",
        "scores = torch.randn(3, 4, 5)",
        "mask = torch.rand(3, 4, 5, generator=None) > 0.4",
        "mask = torch.rand(3, 4, 5) > 0.4",
    ),
    equivalent(
        TEST,
        "every sequence may have the same scores, as long as each has its own mask",
        "scores = torch.randn(4, 5, generator=generator)",
    ),
    equivalent(
        TEST,
        "other shares of forbidden keys make as good a test",
        "mask = torch.rand(3, 4, 5, generator=generator) < 0.4",
        "mask = torch.rand(3, 4, 5, generator=generator) >= 0.4",
        "mask = torch.rand(3, 4, 5, generator=generator) > 0.8",
    ),
    equivalent(
        TEST,
        "other empty rows, or more of them, make as good a test",
        "mask[2] = False",
        "mask[1] = False",
        "mask[2, 1] = False",
        "mask[0, 2] = False",
        "mask[-1, 2] = False",
        "mask[2, 2] = False",
        "mask[1, 1] = False",
        "mask[1, -2] = False",
        "mask[1, 3] = False",
    ),
    equivalent(
        TEST,
        "any lead over 10,000 makes as good a test",
        "scores = torch.where(mask, scores, 3e4)",
        "scores = torch.where(mask, scores, scores + 60000.0)",
        "scores = torch.where(mask, scores, scores + 30001.0)",
    ),
    equivalent(
        TEST,
        "a row of allowed scores has one axis",
        "wanted[row][allowed] = torch.softmax(scores[row][allowed], dim=0)",
    ),
    equivalent(
        TEST,
        "any tolerance between the last digit and a wrong weight makes as good a test",
        "return torch.allclose(wanted, candidate(scores, mask), atol=1e-5)",
        "return torch.allclose(candidate(scores, mask), wanted)",
        "return torch.allclose(candidate(scores, mask), wanted, atol=2e-05)",
        "return torch.allclose(candidate(scores, mask), wanted, atol=0.0)",
    ),
    equivalent(
        ATTENTION,
        "queries and keys have the same d_k",
        "scores = q @ k.transpose(-2, -1) / math.sqrt(k.shape[-1])",
    ),
]
