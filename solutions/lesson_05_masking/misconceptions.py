"""Named wrong answers to lesson 05, and right ones written differently."""

import math

import numpy as np
import torch
from torch.nn import functional as F

from grader.cases import alternative, misconception
from solutions.lesson_05_masking.kernels import masked_softmax

# padding_mask


@misconception(
    "padding_mask",
    "Your mask is True at padding, so attention would read padding and no word. "
    "In this course True means: may be attended to. Leave out the ~, or turn the comparison.",
)
def true_at_padding(lengths, n_keys, side="right"):
    places = torch.arange(n_keys)
    if side == "left":
        places = n_keys - 1 - places
    return (places >= lengths[:, None])[:, None, None, :]


@misconception(
    "padding_mask",
    "Your mask lets one key too many through: places count from 0, so 3 words stand at 0, 1, 2. "
    "Compare with <, not with <=.",
)
def one_key_too_many(lengths, n_keys, side="right"):
    places = torch.arange(n_keys)
    if side == "left":
        places = n_keys - 1 - places
    return (places <= lengths[:, None])[:, None, None, :]


@misconception(
    "padding_mask",
    "You always put the padding on the right, whatever `side` says. "
    "With side='left' the words are the last keys: count the places from the other end.",
)
def ignores_the_side(lengths, n_keys, side="right"):
    return (torch.arange(n_keys) < lengths[:, None])[:, None, None, :]


@misconception(
    "padding_mask",
    "With side='left' your first word counts as padding: 2 words of 5 keys start at place 3, "
    "which is n_keys - length. Compare with >=, not with >.",
)
def loses_the_first_word_on_the_left(lengths, n_keys, side="right"):
    places = torch.arange(n_keys)
    if side == "left":
        return (places > n_keys - lengths[:, None])[:, None, None, :]
    return (places < lengths[:, None])[:, None, None, :]


@misconception(
    "padding_mask",
    "With side='left' your mask is True at the padding: you compare places with the length. "
    "The words start where the padding ends, at n_keys - length.",
)
def counts_the_length_from_the_left(lengths, n_keys, side="right"):
    places = torch.arange(n_keys)
    if side == "left":
        return (places >= lengths[:, None])[:, None, None, :]
    return (places < lengths[:, None])[:, None, None, :]


@misconception(
    "padding_mask",
    "Your mask is as wide as the longest sequence, but the keys were padded to n_keys. "
    "Take torch.arange(n_keys).",
)
def as_wide_as_the_longest(lengths, n_keys, side="right"):
    width = int(lengths.max())
    places = torch.arange(width)
    if side == "left":
        places = width - 1 - places
    return (places < lengths[:, None])[:, None, None, :]


@misconception(
    "padding_mask",
    "Your mask has the shape (batch, n_keys). Against scores, the batch lines up with the queries. "
    "Put two axes of size 1 between: mask[:, None, None, :].",
    about="shapes",
)
def without_axes_for_heads_and_queries(lengths, n_keys, side="right"):
    places = torch.arange(n_keys)
    if side == "left":
        places = n_keys - 1 - places
    return places < lengths[:, None]


@misconception(
    "padding_mask",
    "Your mask has one axis of size 1, so the batch lines up with the heads. "
    "Scores are (batch, heads, queries, keys): two axes of size 1 stand between batch and keys.",
    about="shapes",
)
def without_an_axis_for_heads(lengths, n_keys, side="right"):
    places = torch.arange(n_keys)
    if side == "left":
        places = n_keys - 1 - places
    return (places < lengths[:, None])[:, None, :]


@misconception(
    "padding_mask",
    "Your keys stand on the axis of the queries, so whole queries are hidden and no key is. "
    "Keys are the last axis: mask[:, None, None, :].",
    about="shapes",
)
def hides_queries(lengths, n_keys, side="right"):
    places = torch.arange(n_keys)
    if side == "left":
        places = n_keys - 1 - places
    return (places < lengths[:, None])[:, None, :, None]


@misconception(
    "padding_mask",
    "Your mask holds numbers, 1 and 0. Hugging Face does so; in this course a mask is boolean. "
    "A number cannot be turned with ~. Leave the comparison's result as it is.",
    about="shapes",
)
def ones_and_zeros(lengths, n_keys, side="right"):
    places = torch.arange(n_keys)
    if side == "left":
        places = n_keys - 1 - places
    return (places < lengths[:, None]).long()[:, None, None, :]


@misconception(
    "padding_mask",
    "With the padding on the right, your mask lets one key too many through: places count from 0, "
    "so 2 words stand at 0 and 1. Compare with <, not with <=.",
)
def one_key_too_many_on_the_right(lengths, n_keys, side="right"):
    places = torch.arange(n_keys)
    if side == "left":
        return (places >= n_keys - lengths[:, None])[:, None, None, :]
    return (places <= lengths[:, None])[:, None, None, :]


@misconception(
    "padding_mask",
    "With side='left' you turn the sequences round, not the places: axis 0 counts sequences. "
    "Turn the axis of the keys, the last.",
)
def turns_the_sequences_round(lengths, n_keys, side="right"):
    mask = torch.arange(n_keys) < lengths[:, None]
    if side == "left":
        mask = mask.flip(0)
    return mask[:, None, None, :]


@alternative("padding_mask")
def by_filling_rows(lengths, n_keys, side="right"):
    mask = torch.zeros(len(lengths), 1, 1, n_keys, dtype=torch.bool)
    for row, length in enumerate(lengths.tolist()):
        if side == "left":
            mask[row, ..., n_keys - length :] = True
        else:
            mask[row, ..., :length] = True
    return mask


@alternative("padding_mask")
def by_the_first_and_last_place(lengths, n_keys, side="right"):
    start = n_keys - lengths if side == "left" else torch.zeros_like(lengths)
    start = start.reshape(-1, 1, 1, 1)
    places = torch.arange(n_keys)
    return (places >= start) & (places < start + lengths.reshape(-1, 1, 1, 1))


# causal_mask


@misconception(
    "causal_mask",
    "Your triangle starts at the top left, so with a cache the new query sees the oldest key only. "
    "The last query stands at the last key: move the diagonal by n_keys - n_queries.",
)
def aligned_top_left(n_queries, n_keys):
    return torch.ones(n_queries, n_keys, dtype=torch.bool).tril()


@misconception(
    "causal_mask",
    "Your tokens cannot see themselves, and the first of a sequence sees nothing. "
    "A query may look at its own key: move the diagonal by one.",
)
def not_even_itself(n_queries, n_keys):
    return torch.ones(n_queries, n_keys, dtype=torch.bool).tril(n_keys - n_queries - 1)


@misconception(
    "causal_mask",
    "Your queries see one key too far, the very token that they should predict. "
    "Move the diagonal by n_keys - n_queries, not one further.",
)
def one_look_ahead(n_queries, n_keys):
    return torch.ones(n_queries, n_keys, dtype=torch.bool).tril(n_keys - n_queries + 1)


@misconception(
    "causal_mask",
    "Your mask looks ahead only: a query sees itself and later keys. "
    "Rows are queries, columns are keys: keep the lower triangle, tril, not triu.",
)
def looks_ahead_only(n_queries, n_keys):
    return torch.ones(n_queries, n_keys, dtype=torch.bool).triu(n_keys - n_queries)


@misconception(
    "causal_mask",
    "Your mask is True where looking is forbidden. That is nn.MultiheadAttention's habit. "
    "In this course True means: may be attended to. Turn it with ~.",
)
def true_at_the_future(n_queries, n_keys):
    return torch.ones(n_queries, n_keys, dtype=torch.bool).triu(n_keys - n_queries + 1)


@misconception(
    "causal_mask",
    "Your mask holds 0 and -inf, to be added to scores. "
    "Return booleans, True where the query may look; -inf comes in later, in masked_softmax.",
)
def numbers_to_be_added(n_queries, n_keys):
    return torch.full((n_queries, n_keys), -torch.inf).triu(n_keys - n_queries + 1)


@misconception(
    "causal_mask",
    "Each of your queries sees its own key and nothing else. "
    "It may look at every earlier key, too: keep the whole lower triangle.",
)
def only_itself(n_queries, n_keys):
    square = torch.ones(n_queries, n_keys, dtype=torch.bool)
    return square.tril(n_keys - n_queries) & square.triu(n_keys - n_queries)


@misconception(
    "causal_mask",
    "Your mask has n_keys rows. It needs one row for each query, and one column for each key.",
)
def as_many_rows_as_keys(n_queries, n_keys):
    return torch.ones(n_keys, n_keys, dtype=torch.bool).tril()


@misconception(
    "causal_mask",
    "Your diagonal never moves to the left, so early queries see keys that come after them. "
    "With more queries than keys n_keys - n_queries is negative, and rightly so.",
    about="edge cases",
)
def diagonal_stays_at_zero(n_queries, n_keys):
    everything = torch.ones(n_queries, n_keys, dtype=torch.bool)
    return everything.tril(max(n_keys - n_queries, 0))


@misconception(
    "causal_mask",
    "You take the last rows of a square, and a square of n_keys has too few for more queries. "
    "Make the mask (n_queries, n_keys), and move its diagonal by n_keys - n_queries.",
    about="edge cases",
)
def last_rows_of_a_square(n_queries, n_keys):
    return torch.ones(n_keys, n_keys, dtype=torch.bool).tril()[-n_queries:]


@misconception(
    "causal_mask",
    "You put a block for the cache before a triangle; with more queries than keys it would be "
    "negatively wide. Make the mask (n_queries, n_keys), and move its diagonal.",
    about="edge cases",
)
def a_block_beside_a_triangle(n_queries, n_keys):
    old = torch.ones(n_queries, n_keys - n_queries, dtype=torch.bool)
    new = torch.ones(n_queries, n_queries, dtype=torch.bool).tril()
    return torch.cat([old, new], dim=1)


@misconception(
    "causal_mask",
    "tril(-1) cuts the diagonal off, so no token sees itself; and it starts at the top left. "
    "Move the diagonal by n_keys - n_queries, and keep it.",
)
def diagonal_cut_off(n_queries, n_keys):
    return torch.ones(n_queries, n_keys, dtype=torch.bool).tril(-1)


@misconception(
    "causal_mask",
    "You keep the upper triangle, from the top left: queries see themselves and later keys. "
    "Keep the lower one, tril, and move its diagonal by n_keys - n_queries.",
)
def upper_triangle(n_queries, n_keys):
    return torch.ones(n_queries, n_keys, dtype=torch.bool).triu()


@misconception(
    "causal_mask",
    "You move the diagonal to the wrong side: with more keys than queries, early keys are hidden. "
    "Turn the difference round: n_keys - n_queries.",
)
def diagonal_moved_to_the_left(n_queries, n_keys):
    return torch.ones(n_queries, n_keys, dtype=torch.bool).tril(n_queries - n_keys)


@misconception(
    "causal_mask",
    "With more queries than keys, the end of your slice falls below 0, and a negative end counts "
    "from the back. Use max(0, ...), or tril, which knows what to do.",
    about="edge cases",
)
def slice_ends_below_zero(n_queries, n_keys):
    mask = torch.zeros(n_queries, n_keys, dtype=torch.bool)
    for row in range(n_queries):
        mask[row, : n_keys - n_queries + row + 1] = True
    return mask


@alternative("causal_mask")
def by_comparing_places(n_queries, n_keys):
    place_of_query = torch.arange(n_queries)[:, None] + n_keys - n_queries
    return torch.arange(n_keys)[None, :] <= place_of_query


@alternative("causal_mask")
def by_not_the_upper_triangle(n_queries, n_keys):
    return ~torch.triu(torch.ones(n_queries, n_keys), diagonal=n_keys - n_queries + 1).bool()


# combine_masks


@misconception(
    "combine_masks",
    "A key that only one mask allows gets through: you join the masks with or. "
    "A key must be allowed by every mask: join them with &.",
)
def allowed_by_any(*masks):
    combined = None
    for mask in masks:
        if mask is not None:
            combined = mask if combined is None else combined | mask
    return combined


@misconception(
    "combine_masks",
    "You return the last mask and forget the ones before. Join them all with &.",
)
def the_last_mask_wins(*masks):
    combined = None
    for mask in masks:
        if mask is not None:
            combined = mask
    return combined


@misconception(
    "combine_masks",
    "You use the first two masks only. Go through all of them, however many there are.",
)
def the_first_two_only(*masks):
    kept = [mask for mask in masks if mask is not None][:2]
    if not kept:
        return None
    return kept[0] if len(kept) == 1 else kept[0] & kept[1]


@misconception(
    "combine_masks",
    "Your result holds numbers, 1 and 0, because you turn the masks into numbers to multiply them. "
    "Join booleans with &: the result stays boolean.",
)
def a_product_of_numbers(*masks):
    kept = [mask.float() for mask in masks if mask is not None]
    return math.prod(kept) if kept else None


@misconception(
    "combine_masks",
    "Python's `and` and `if` ask a whole tensor for one truth value, which it has not. "
    "Join masks with &, entry by entry; ask for None with `mask is not None`.",
)
def with_the_word_and(*masks):
    combined = None
    for mask in masks:
        if mask is not None:
            combined = mask if combined is None else (combined and mask)
    return combined


@misconception(
    "combine_masks",
    "You write into the caller's own mask with &=, so that mask is changed; and it fails where the "
    "result needs more axes. Write combined = combined & mask.",
)
def writes_into_the_first_mask(*masks):
    combined = None
    for mask in masks:
        if mask is not None:
            if combined is None:
                combined = mask
            else:
                combined &= mask
    return combined


@misconception(
    "combine_masks",
    "You do not leave out None, and `&` with None is an error; so is the first of no masks. "
    "None stands for a mask that allows everything: skip it.",
)
def stumbles_over_none(*masks):
    combined = masks[0]
    for mask in masks[1:]:
        combined = combined & mask
    return combined


@misconception(
    "combine_masks",
    "You stack the masks, so they must all have one shape; a padding mask and a causal mask have "
    "not. Join them with &, which broadcasts.",
)
def stacks_the_masks(*masks):
    kept = [mask for mask in masks if mask is not None]
    return torch.stack(kept).all(dim=0) if kept else None


@misconception(
    "combine_masks",
    "Without any mask you return a tensor. Return None then, so that nothing needs masking.",
)
def true_where_no_mask_is_left(*masks):
    combined = torch.tensor(True)
    for mask in masks:
        if mask is not None:
            combined = combined & mask
    return combined


@alternative("combine_masks")
def one_after_another(*masks):
    kept = [mask for mask in masks if mask is not None]
    if not kept:
        return None
    combined = kept.pop()
    while kept:
        combined = torch.logical_and(kept.pop(), combined)
    return combined


@alternative("combine_masks")
def by_what_is_forbidden(*masks):
    forbidden = [~mask for mask in masks if mask is not None]
    if not forbidden:
        return None
    return torch.stack(torch.broadcast_tensors(*forbidden)).sum(dim=0) == 0


# masked_softmax


@misconception(
    "masked_softmax",
    "You do not use the mask: forbidden keys get weight. "
    "Fill forbidden scores with -inf before the softmax.",
)
def forgets_the_mask(scores, mask):
    return torch.softmax(scores, dim=-1)


@misconception(
    "masked_softmax",
    "You multiply the mask onto the weights after the softmax, so your rows sum to less than 1: "
    "forbidden keys took their share first. Fill their scores with -inf before the softmax.",
)
def masks_after_the_softmax(scores, mask):
    return torch.softmax(scores, dim=-1) * mask


@misconception(
    "masked_softmax",
    "You mask after the softmax and divide by what is left. Where a forbidden score is far ahead, "
    "nothing is left: 0 / 0 is NaN. Fill forbidden scores with -inf before the softmax.",
)
def masks_after_and_renormalises(scores, mask):
    weights = torch.softmax(scores, dim=-1) * mask
    return weights / weights.sum(dim=-1, keepdim=True)


@misconception(
    "masked_softmax",
    "You mask after the softmax, divide by what is left, and clear NaN. Where a forbidden score is "
    "far ahead, it took everything, and nothing is left. Fill it with -inf before the softmax.",
)
def masks_after_renormalises_and_clears(scores, mask):
    weights = torch.softmax(scores, dim=-1) * mask
    return torch.nan_to_num(weights / weights.sum(dim=-1, keepdim=True))


@misconception(
    "masked_softmax",
    "You mask after the exponentials, and share out what is left. A forbidden score that was far "
    "ahead left 0 for the others. Fill it with -inf first, so that it takes no part.",
)
def masks_after_and_divides_by_no_zero(scores, mask):
    weights = torch.softmax(scores, dim=-1) * mask
    return weights / weights.sum(dim=-1, keepdim=True).clamp(min=1e-9)


@misconception(
    "masked_softmax",
    "Your mask is inverted: allowed keys weigh 0. masked_fill fills where its first argument is "
    "True, and True means allowed here. Fill where ~mask.",
)
def fills_the_allowed_scores(scores, mask):
    weights = torch.softmax(scores.masked_fill(mask, -torch.inf), dim=-1)
    return weights.masked_fill(mask, 0.0)


@misconception(
    "masked_softmax",
    "You set forbidden scores to 0, and e to the 0 is 1: forbidden keys still get weight. "
    "Fill them with -inf, whose exponential is 0.",
)
def fills_with_zero(scores, mask):
    return torch.softmax(scores * mask, dim=-1)


@misconception(
    "masked_softmax",
    "Where allowed scores are very low, forbidden keys take the whole row: you fill them with a "
    "number such as -10,000. No number is low enough for every score; -inf is.",
)
def fills_with_minus_ten_thousand(scores, mask):
    weights = torch.softmax(scores.masked_fill(~mask, -1e4), dim=-1)
    return weights.masked_fill(~mask, 0.0)


@misconception(
    "masked_softmax",
    "The forbidden score took part: it was 20,000 ahead, and left 0 for the others. A number such "
    "as -10,000, added to it, is not enough: fill it with -inf, whatever it was.",
)
def adds_minus_ten_thousand(scores, mask):
    weights = torch.softmax(scores - 1e4 * (~mask), dim=-1)
    return weights.masked_fill(~mask, 0.0)


@misconception(
    "masked_softmax",
    "Your columns sum to 1, not your rows: the softmax runs over the queries. "
    "Take it over the keys: dim=-1.",
)
def softmax_over_the_queries(scores, mask):
    weights = torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-2)
    return weights.masked_fill(~mask, 0.0)


@misconception(
    "masked_softmax",
    "You write -inf into the caller's own scores. "
    "Use masked_fill without the underscore: it gives a new tensor.",
)
def fills_in_place(scores, mask):
    with torch.no_grad():
        scores.masked_fill_(~mask, -torch.inf)
    return torch.softmax(scores, dim=-1).masked_fill(~mask, 0.0)


@misconception(
    "masked_softmax",
    "Rows with nothing allowed are NaN: a softmax over nothing but -inf is 0 / 0. "
    "Fill forbidden weights with 0 after the softmax, too.",
    about="edge cases",
)
def leaves_empty_rows_as_nan(scores, mask):
    return torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1)


@misconception(
    "masked_softmax",
    "A row with nothing allowed shares its weight out equally: all its scores are the same large "
    "negative number. Fill forbidden weights with 0 after the softmax, too.",
    about="edge cases",
)
def shares_empty_rows_out_equally(scores, mask):
    lowest = torch.finfo(scores.dtype).min
    return torch.softmax(scores.masked_fill(~mask, lowest), dim=-1)


@misconception(
    "masked_softmax",
    "Where nothing is allowed, you open the first key, so padding is read there. "
    "Leave the mask as it is and give such a row zeros.",
    about="edge cases",
)
def opens_the_first_key(scores, mask):
    first = torch.arange(mask.shape[-1]) == 0
    opened = mask | (first & ~mask.any(dim=-1, keepdim=True))
    return torch.softmax(scores.masked_fill(~opened, -torch.inf), dim=-1)


@misconception(
    "masked_softmax",
    "You index the scores with ~mask, which needs a mask of their full shape. One mask for all "
    "heads, (batch, 1, 1, keys), fails. masked_fill broadcasts it.",
    about="edge cases",
)
def indexes_with_the_mask(scores, mask):
    scores = scores.clone()
    scores[~mask] = -torch.inf
    weights = torch.softmax(scores, dim=-1)
    return weights.masked_fill(~mask, 0.0)


@misconception(
    "masked_softmax",
    "Your weights are right, but an empty row sends back NaN gradients. You add -inf: the scores "
    "keep their own way back, and NaN flows along it. Fill them with masked_fill, which cuts it.",
    about="gradient",
)
def adds_minus_infinity_and_clears(scores, mask):
    added = torch.zeros(mask.shape, dtype=scores.dtype).masked_fill(~mask, -torch.inf)
    return torch.nan_to_num(torch.softmax(scores + added, dim=-1))


@misconception(
    "masked_softmax",
    "You write zeros into the weights that the softmax gave. Autograd needs these for the way "
    "back, and stops. Use masked_fill without the underscore.",
    about="gradient",
)
def writes_into_the_weights(scores, mask):
    weights = torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1)
    return weights.masked_fill_(~mask, 0.0)


@alternative("masked_softmax")
def by_filling_and_clearing_nan(scores, mask):
    return torch.softmax(scores.masked_fill(~mask, float("-inf")), dim=-1).nan_to_num(nan=0.0)


@alternative("masked_softmax")
def by_the_lowest_number(scores, mask):
    lowest = torch.finfo(scores.dtype).min
    weights = F.softmax(torch.where(mask, scores, lowest), dim=-1)
    return torch.where(mask, weights, torch.zeros_like(weights))


@alternative("masked_softmax")
def by_exponentials(scores, mask):
    allowed = scores.masked_fill(~mask, -torch.inf)
    highest = allowed.amax(dim=-1, keepdim=True)
    highest = highest.masked_fill(highest == -torch.inf, 0.0)
    powers = torch.exp(allowed - highest.detach())
    total = powers.sum(dim=-1, keepdim=True)
    return powers / torch.where(total == 0, torch.ones_like(total), total)


# mask_test


@misconception(
    "mask_test",
    "Your test passes every function, right or wrong, so it tells nothing. "
    "Call the candidate, and compare its weights with ones that you worked out yourself.",
)
def passes_everything(candidate):
    weights = candidate(torch.zeros(2, 3), torch.ones(2, 3, dtype=torch.bool))
    return weights.shape == (2, 3)


@misconception(
    "mask_test",
    "Your test refuses every function, right ones too. Try it on your own masked_softmax first; "
    "weights that should agree may differ in their last digit.",
)
def refuses_everything(candidate):
    weights = candidate(torch.zeros(2, 3), torch.ones(2, 3, dtype=torch.bool))
    return bool((weights == 0.3333333).all())


@misconception(
    "mask_test",
    "Your test looks only at row sums. A function that ignores its mask has the right sums, too. "
    "Look at the forbidden weights as well, and at the share of each allowed key.",
)
def looks_at_row_sums_only(candidate):
    generator = torch.Generator().manual_seed(1)
    scores = torch.randn(2, 3, 4, 5, generator=generator)
    mask = torch.rand(2, 1, 4, 5, generator=generator) > 0.4
    mask[..., 0] = True
    return torch.allclose(candidate(scores, mask).sum(dim=-1), torch.ones(2, 3, 4))


@misconception(
    "mask_test",
    "Your test looks only at forbidden weights. They are 0 for a mask after the softmax, too, and "
    "the others are too small. Compare the allowed weights with their softmax.",
)
def looks_at_forbidden_weights_only(candidate):
    generator = torch.Generator().manual_seed(1)
    scores = torch.randn(2, 3, 4, 5, generator=generator)
    mask = torch.rand(2, 1, 4, 5, generator=generator) > 0.4
    mask[1, 0, 2] = False
    weights = candidate(scores, mask)
    return bool((weights.masked_fill(mask, 0.0) == 0).all())


@misconception(
    "mask_test",
    "Your test passes a mask after the softmax, renormalised: your forbidden scores are not far "
    "enough ahead to show it. Even a lead of 80 is too small; use 20,000.",
)
def leads_by_eighty_only(candidate):
    generator = torch.Generator().manual_seed(1)
    scores = torch.randn(2, 3, 4, 5, generator=generator)
    mask = torch.rand(2, 1, 4, 5, generator=generator) > 0.4
    mask[..., 0] = True
    mask[1, 0, 2] = False
    scores = torch.where(mask, scores, scores + 80.0)
    wanted = torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1).masked_fill(~mask, 0.0)
    return torch.allclose(candidate(scores, mask), wanted, atol=1e-5)


@misconception(
    "mask_test",
    "In your test forbidden scores are some hundreds ahead. That is too little to show a function "
    "that takes 10,000 from them. Use a lead of 20,000.",
)
def leads_by_some_hundreds(candidate):
    generator = torch.Generator().manual_seed(1)
    scores = torch.randn(2, 3, 4, 5, generator=generator)
    mask = torch.rand(2, 1, 4, 5, generator=generator) > 0.4
    mask[..., 0] = True
    mask[1, 0, 2] = False
    scores = torch.where(mask, scores, scores + 300.0)
    wanted = torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1).masked_fill(~mask, 0.0)
    return torch.allclose(candidate(scores, mask), wanted, atol=1e-5)


@misconception(
    "mask_test",
    "All allowed scores of a row are equal in your test, so a function passes that shares each row "
    "equally among its allowed keys. Draw the scores at random.",
)
def tries_equal_scores_only(candidate):
    mask = torch.rand(2, 3, 4, 5, generator=torch.Generator().manual_seed(1)) > 0.4
    mask[1, 0, 2] = False
    scores = torch.where(mask, 0.0, 3e4)
    wanted = torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1).masked_fill(~mask, 0.0)
    return torch.allclose(candidate(scores, mask), wanted, atol=1e-5)


@misconception(
    "mask_test",
    "Your test uses one mask for all. A function that applies the first sequence's mask to every "
    "sequence passes. Give each sequence of a batch its own mask.",
)
def tries_one_sequence_only(candidate):
    generator = torch.Generator().manual_seed(1)
    scores = torch.randn(4, 5, generator=generator)
    mask = torch.rand(4, 5, generator=generator) > 0.4
    mask[2] = False
    scores = torch.where(mask, scores, scores + 3e4)
    wanted = torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1).masked_fill(~mask, 0.0)
    return torch.allclose(candidate(scores, mask), wanted, atol=1e-5)


@misconception(
    "mask_test",
    "Your test asks for equal bits, so it refuses right functions that round otherwise. "
    "Compare with torch.allclose.",
)
def asks_for_equal_bits(candidate):
    generator = torch.Generator().manual_seed(1)
    scores = torch.randn(2, 3, 4, 5, generator=generator)
    mask = torch.rand(2, 1, 4, 5, generator=generator) > 0.4
    mask[1, 0, 2] = False
    scores = torch.where(mask, scores, scores + 3e4)
    wanted = torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1).masked_fill(~mask, 0.0)
    return torch.equal(candidate(scores, mask), wanted)


@misconception(
    "mask_test",
    "Your test stops with an AssertionError at a wrong function. "
    "Give a verdict instead: return True or False.",
)
def asserts_instead_of_returning(candidate):
    generator = torch.Generator().manual_seed(1)
    scores = torch.randn(2, 3, 4, 5, generator=generator)
    mask = torch.rand(2, 1, 4, 5, generator=generator) > 0.4
    mask[1, 0, 2] = False
    scores = torch.where(mask, scores, scores + 3e4)
    wanted = torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1).masked_fill(~mask, 0.0)
    assert torch.allclose(candidate(scores, mask), wanted, atol=1e-5)
    return True


@misconception(
    "mask_test",
    "No row of your test is empty, so functions that give NaN or equal weights there pass. "
    "Make one row of a mask all False, and ask for zeros.",
    about="edge cases",
)
def has_no_empty_row(candidate):
    generator = torch.Generator().manual_seed(1)
    scores = torch.randn(2, 3, 4, 5, generator=generator)
    mask = torch.rand(2, 1, 4, 5, generator=generator) > 0.4
    mask[..., 0] = True
    scores = torch.where(mask, scores, scores + 3e4)
    wanted = torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1)
    return torch.allclose(candidate(scores, mask), wanted, atol=1e-5)


@misconception(
    "mask_test",
    "In empty rows your test looks for NaN only, so equal weights pass there. "
    "Ask for zeros: that excludes both.",
    about="edge cases",
)
def looks_for_nan_only(candidate):
    generator = torch.Generator().manual_seed(1)
    scores = torch.randn(2, 3, 4, 5, generator=generator)
    mask = torch.rand(2, 1, 4, 5, generator=generator) > 0.4
    mask[..., 0] = True
    scores = torch.where(mask, scores, scores + 3e4)
    wanted = torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1)
    nothing = candidate(torch.zeros(2, 3), torch.zeros(2, 3, dtype=torch.bool))
    right = torch.allclose(candidate(scores, mask), wanted, atol=1e-5)
    return right and not bool(nothing.isnan().any())


@alternative("mask_test")
def by_two_examples(candidate):
    scores = torch.log(torch.tensor([[[1.0, 2.0, 5.0], [3.0, 1.0, 1.0]]])).repeat(2, 1, 1)
    scores[:, :, 2] += torch.tensor([0.0, 20000.0])
    mask = torch.tensor(
        [[[True, True, False], [True, True, False]], [[False, True, True], [False, False, False]]]
    )
    third, sevenths = 1 / 3, 1 / 7
    wanted = torch.tensor(
        [
            [[third, 2 * third, 0.0], [0.75, 0.25, 0.0]],
            [[0.0, 2 * sevenths, 5 * sevenths], [0.0, 0.0, 0.0]],
        ]
    )
    return bool((candidate(scores, mask) - wanted).abs().max() < 1e-4)


@alternative("mask_test")
def by_comparing_with_ones_own(candidate):
    for seed in range(4):
        generator = torch.Generator().manual_seed(seed)
        scores = torch.randn(3, 2, 4, 6, generator=generator, dtype=torch.float64)
        mask = torch.rand(3, 1, 4, 6, generator=generator) > 0.5
        mask[seed % 3, :, seed] = False
        scores += 5e4 * torch.rand(scores.shape, generator=generator) * ~mask
        wanted = masked_softmax(scores, mask)
        if not np.allclose(candidate(scores, mask), wanted):
            return False
    return True


@alternative("mask_test")
def by_random_draws(candidate):
    table = torch.randn(2, 3, 4)
    open_ = torch.rand(2, 3, 4) > 0.4
    open_[1, 2] = False
    table = torch.where(open_, table, table + 20000)
    right = torch.softmax(table.masked_fill(~open_, -torch.inf), -1).masked_fill(~open_, 0.0)
    return torch.allclose(candidate(table, open_), right, atol=1e-5)


# masked_attention


@misconception(
    "masked_attention",
    "You do not use the mask, so every query reads forbidden values. "
    "Take your masked_softmax of the scores.",
)
def attends_to_every_key(q, k, v, mask):
    weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)
    return weights @ v, weights


@misconception(
    "masked_attention",
    "Your mask is inverted: queries read exactly the forbidden keys. True means allowed here; "
    "masked_softmax turns the mask itself, so hand it over as it is.",
)
def attends_to_forbidden_keys(q, k, v, mask):
    weights = masked_softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), ~mask)
    return weights @ v, weights


@misconception(
    "masked_attention",
    "You leave out the scale, so the weights are too sharp. Divide q kᵀ by √d_k before the mask.",
)
def masks_without_a_scale(q, k, v, mask):
    weights = masked_softmax(q @ k.transpose(-2, -1), mask)
    return weights @ v, weights


@misconception(
    "masked_attention",
    "You mask the weights after the softmax, so a row sums to less than 1 and the output shrinks. "
    "Mask the scores: that is what masked_softmax does.",
)
def masks_the_weights(q, k, v, mask):
    weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1) * mask
    return weights @ v, weights


@misconception(
    "masked_attention",
    "You mask and renormalise after the softmax. Where a forbidden key is far ahead, nothing is "
    "left to renormalise. Mask the scores: use your masked_softmax.",
)
def masks_the_weights_and_renormalises(q, k, v, mask):
    weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1) * mask
    weights = weights / weights.sum(dim=-1, keepdim=True).clamp(min=1e-30)
    return weights @ v, weights


@misconception(
    "masked_attention",
    "You set forbidden scores to 0, and a score of 0 still gets weight. "
    "Use your masked_softmax, which fills them with -inf.",
)
def sets_forbidden_scores_to_zero(q, k, v, mask):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    weights = torch.softmax(scores.masked_fill(~mask, 0.0), dim=-1)
    return weights @ v, weights


@misconception(
    "masked_attention",
    "You return the scores where the weights belong: your rows do not sum to 1. "
    "Return what masked_softmax gives beside the output.",
)
def returns_scores_for_weights(q, k, v, mask):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    return masked_softmax(scores, mask) @ v, scores


@misconception(
    "masked_attention",
    "A query with nothing to attend to gets NaN, and NaN spreads to every later layer. "
    "Use your masked_softmax, whose empty rows are zeros.",
    about="edge cases",
)
def gives_nan_for_nothing(q, k, v, mask):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    weights = torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1)
    return weights @ v, weights


@misconception(
    "masked_attention",
    "A query with nothing to attend to gets the mean of all values, padding too: its scores are "
    "all the same low number. Use your masked_softmax, whose empty rows are zeros.",
    about="edge cases",
)
def gives_the_mean_for_nothing(q, k, v, mask):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    lowest = torch.finfo(scores.dtype).min
    weights = torch.softmax(scores.masked_fill(~mask, lowest), dim=-1)
    return weights @ v, weights


@misconception(
    "masked_attention",
    "You add -inf and clear NaN afterwards. The output is right, but one empty row turns the "
    "gradient of every key into NaN. Use your masked_softmax, which fills.",
    about="edge cases",
)
def adds_and_clears(q, k, v, mask):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    added = torch.zeros(mask.shape, dtype=scores.dtype).masked_fill(~mask, -torch.inf)
    weights = torch.softmax(scores + added, dim=-1).nan_to_num()
    return weights @ v, weights


@misconception(
    "masked_attention",
    "You clear NaN in the output only; the weights that you return still hold NaN. "
    "Give empty rows zeros where the weights are made: use your masked_softmax.",
    about="edge cases",
)
def clears_the_output_only(q, k, v, mask):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    weights = torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1)
    return (weights @ v).nan_to_num(), weights


@misconception(
    "masked_attention",
    "You divide by d_k, so the weights are too even. The scale is its root: math.sqrt(d_k).",
)
def scales_by_the_width(q, k, v, mask):
    weights = masked_softmax(q @ k.transpose(-2, -1) / q.shape[-1], mask)
    return weights @ v, weights


@misconception(
    "masked_attention",
    "You divide by the root of d_v, the width of the values. Scores are made of queries and keys: "
    "divide by the root of their width, d_k.",
)
def scales_by_the_values_width(q, k, v, mask):
    weights = masked_softmax(q @ k.transpose(-2, -1) / math.sqrt(v.shape[-1]), mask)
    return weights @ v, weights


@misconception(
    "masked_attention",
    "You divide the weights by √d_k, so a row sums to less than 1. The scale belongs to the "
    "scores: divide before the softmax.",
)
def scales_the_weights(q, k, v, mask):
    weights = masked_softmax(q @ k.transpose(-2, -1), mask) / math.sqrt(q.shape[-1])
    return weights @ v, weights


@misconception(
    "masked_attention",
    "You return the output alone; its rows are then taken for output and weights. "
    "Return both: `return output, weights`.",
)
def returns_the_output_alone(q, k, v, mask):
    return masked_softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), mask) @ v


@alternative("masked_attention")
def by_einsum(q, k, v, mask):
    scores = torch.einsum("...qd,...kd->...qk", q, k) * q.shape[-1] ** -0.5
    weights = torch.nan_to_num(F.softmax(scores.masked_fill(~mask, float("-inf")), dim=-1))
    return torch.einsum("...qk,...kv->...qv", weights, v), weights


@alternative("masked_attention")
def by_scaling_the_queries(q, k, v, mask):
    weights = masked_softmax((q / k.shape[-1] ** 0.5) @ k.mT, mask)
    return torch.matmul(weights, v), weights


# masked_mean


@misconception(
    "masked_mean",
    "You take the mean over all tokens, so padding pulls it away. "
    "Leave padding out of the sum, and divide by the number of words.",
)
def takes_padding_in(values, mask):
    return values.mean(dim=-2)


@misconception(
    "masked_mean",
    "You leave padding out of the sum, but divide by T: a sequence with padding gets a shorter "
    "vector. Divide by the number of its words, mask.sum(-1, keepdim=True).",
)
def divides_by_all_tokens(values, mask):
    return values.masked_fill(~mask.unsqueeze(-1), 0.0).mean(dim=-2)


@misconception(
    "masked_mean",
    "You add up the words and do not divide, so long sequences get long vectors. "
    "Divide by the number of words.",
)
def adds_up_only(values, mask):
    return values.masked_fill(~mask.unsqueeze(-1), 0.0).sum(dim=-2)


@misconception(
    "masked_mean",
    "You divide by the words of the whole batch. Each sequence has its own count: "
    "mask.sum(dim=-1, keepdim=True).",
)
def counts_the_whole_batch(values, mask):
    total = values.masked_fill(~mask.unsqueeze(-1), 0.0).sum(dim=-2)
    return total / mask.sum().clamp(min=1)


@misconception(
    "masked_mean",
    "Your mask is inverted: you average the padding and leave the words out. "
    "True stands at a word; fill with 0 where ~mask.",
)
def averages_the_padding(values, mask):
    total = values.masked_fill(mask.unsqueeze(-1), 0.0).sum(dim=-2)
    return total / (~mask).sum(dim=-1, keepdim=True).clamp(min=1)


@misconception(
    "masked_mean",
    "You divide by one word too many: a 1 was added against division by 0. "
    "Use clamp(min=1), which changes a count of 0 only.",
)
def counts_one_too_many(values, mask):
    total = values.masked_fill(~mask.unsqueeze(-1), 0.0).sum(dim=-2)
    return total / (mask.sum(dim=-1, keepdim=True) + 1)


@misconception(
    "masked_mean",
    "You pick the words of all sequences at once, so one vector comes out for the whole batch. "
    "Keep the axis of the sequences: fill padding with 0 and sum over dim=-2.",
)
def one_mean_for_the_batch(values, mask):
    return values[mask].mean(dim=0)


@misconception(
    "masked_mean",
    "Your mask lacks the axis of the features, so it lines up with them and not with the tokens. "
    "Give it a last axis of size 1: mask.unsqueeze(-1).",
)
def without_the_features_axis(values, mask):
    total = values.masked_fill(~mask, 0.0).sum(dim=-2)
    return total / mask.sum(dim=-1, keepdim=True).clamp(min=1)


@misconception(
    "masked_mean",
    "A sequence without words gives 0 / 0, NaN. Divide by at least 1: count.clamp(min=1).",
    about="edge cases",
)
def divides_by_zero_words(values, mask):
    total = values.masked_fill(~mask.unsqueeze(-1), 0.0).sum(dim=-2)
    return total / mask.sum(dim=-1, keepdim=True)


@misconception(
    "masked_mean",
    "You multiply padding by 0, and 0 times NaN is NaN. "
    "Fill it instead: values.masked_fill(~mask.unsqueeze(-1), 0).",
    about="edge cases",
)
def multiplies_padding_by_zero(values, mask):
    total = (values * mask.unsqueeze(-1)).sum(dim=-2)
    return total / mask.sum(dim=-1, keepdim=True).clamp(min=1)


@misconception(
    "masked_mean",
    "Your count has lost its last axis: one number for each sequence stands under the features. "
    "Keep the axis: mask.sum(dim=-1, keepdim=True) is (..., 1).",
)
def count_without_its_axis(values, mask):
    total = values.masked_fill(~mask.unsqueeze(-1), 0.0).sum(dim=-2)
    return total / mask.sum(dim=-1).clamp(min=1)


@misconception(
    "masked_mean",
    "You add up the features of each token. Add up the tokens of each feature: values are "
    "(..., T, d), and tokens are dim=-2.",
)
def sums_over_the_features(values, mask):
    total = values.masked_fill(~mask.unsqueeze(-1), 0.0).sum(dim=-1)
    return total / mask.sum(dim=-1, keepdim=True).clamp(min=1)


@misconception(
    "masked_mean",
    "You clear the words and add up the padding: masked_fill fills where its first argument is "
    "True, and True stands at a word. Fill where ~mask.",
)
def clears_the_words(values, mask):
    total = values.masked_fill(mask.unsqueeze(-1), 0.0).sum(dim=-2)
    return total / mask.sum(dim=-1, keepdim=True).clamp(min=1)


@alternative("masked_mean")
def by_weights_over_the_words(values, mask):
    weights = mask.to(values.dtype) / mask.sum(dim=-1, keepdim=True).clamp(min=1)
    clean = torch.where(mask[..., None], values, torch.zeros_like(values))
    return (weights.unsqueeze(-2) @ clean).squeeze(-2)


@alternative("masked_mean")
def one_sequence_after_another(values, mask):
    rows = values.reshape(-1, *values.shape[-2:])
    means = []
    for row, words in zip(rows, mask.reshape(-1, mask.shape[-1]), strict=True):
        kept = row[words]
        means.append(kept.mean(dim=0) if len(kept) else row.new_zeros(row.shape[-1]))
    return torch.stack(means).reshape(*values.shape[:-2], values.shape[-1])


# to_torch_masks


@misconception(
    "to_torch_masks",
    "Both masks of nn.MultiheadAttention are True at allowed keys; there, True means forbidden. "
    "Turn them with ~.",
)
def one_polarity_for_all(words, pairs):
    both = words[:, None, None, :] & pairs
    return {
        "sdpa": both,
        "added": torch.zeros(both.shape).masked_fill(~both, -torch.inf),
        "key_padding_mask": words,
        "attn_mask": pairs,
        "attention_mask": words.long(),
    }


@misconception(
    "to_torch_masks",
    "Your key_padding_mask is turned, but attn_mask is not. In nn.MultiheadAttention, True means "
    "forbidden in both.",
)
def turns_the_padding_only(words, pairs):
    both = words[:, None, None, :] & pairs
    return {
        "sdpa": both,
        "added": torch.zeros(both.shape).masked_fill(~both, -torch.inf),
        "key_padding_mask": ~words,
        "attn_mask": pairs,
        "attention_mask": words.long(),
    }


@misconception(
    "to_torch_masks",
    "Your mask for F.scaled_dot_product_attention is True at forbidden keys. "
    "There True means allowed, as in this course; only nn.MultiheadAttention turns it.",
)
def turns_the_mask_for_sdpa(words, pairs):
    both = words[:, None, None, :] & pairs
    return {
        "sdpa": ~both,
        "added": torch.zeros(both.shape).masked_fill(~both, -torch.inf),
        "key_padding_mask": ~words,
        "attn_mask": ~pairs,
        "attention_mask": words.long(),
    }


@misconception(
    "to_torch_masks",
    "Your added mask holds NaN at allowed keys: 0 times -inf is NaN. "
    "Start from zeros, and fill forbidden places with -inf.",
)
def zero_times_infinity(words, pairs):
    both = words[:, None, None, :] & pairs
    return {
        "sdpa": both,
        "added": ~both * -torch.inf,
        "key_padding_mask": ~words,
        "attn_mask": ~pairs,
        "attention_mask": words.long(),
    }


@misconception(
    "to_torch_masks",
    "Your added mask holds 1 and 0. Added to scores, it only moves them a little. "
    "Allowed places need 0, forbidden ones -inf.",
)
def adds_ones_and_zeros(words, pairs):
    both = words[:, None, None, :] & pairs
    return {
        "sdpa": both,
        "added": both.float(),
        "key_padding_mask": ~words,
        "attn_mask": ~pairs,
        "attention_mask": words.long(),
    }


@misconception(
    "to_torch_masks",
    "Your attention_mask is 1 at padding. Hugging Face means 1 at a word: words.long(), unturned.",
)
def ones_at_padding(words, pairs):
    both = words[:, None, None, :] & pairs
    return {
        "sdpa": both,
        "added": torch.zeros(both.shape).masked_fill(~both, -torch.inf),
        "key_padding_mask": ~words,
        "attn_mask": ~pairs,
        "attention_mask": (~words).long(),
    }


@misconception(
    "to_torch_masks",
    "Your joined mask allows a key that only one of both masks allows. "
    "Join them with &, not with |.",
)
def joins_with_or(words, pairs):
    both = words[:, None, None, :] | pairs
    return {
        "sdpa": both,
        "added": torch.zeros(both.shape).masked_fill(~both, -torch.inf),
        "key_padding_mask": ~words,
        "attn_mask": ~pairs,
        "attention_mask": words.long(),
    }


@misconception(
    "to_torch_masks",
    "Your joined masks are (batch, T_q, T_k). Against scores, the batch lines up with the heads. "
    "Keep an axis of size 1 for them: words[:, None, None, :].",
    about="shapes",
)
def without_an_axis_for_the_heads(words, pairs):
    both = words[:, None, :] & pairs
    return {
        "sdpa": both,
        "added": torch.zeros(both.shape).masked_fill(~both, -torch.inf),
        "key_padding_mask": ~words,
        "attn_mask": ~pairs,
        "attention_mask": words.long(),
    }


@misconception(
    "to_torch_masks",
    "Your attention_mask is boolean. Hugging Face's tokenizers give whole numbers, 1 and 0: "
    "words.long().",
    about="shapes",
)
def booleans_for_hugging_face(words, pairs):
    both = words[:, None, None, :] & pairs
    return {
        "sdpa": both,
        "added": torch.zeros(both.shape).masked_fill(~both, -torch.inf),
        "key_padding_mask": ~words,
        "attn_mask": ~pairs,
        "attention_mask": words,
    }


@misconception(
    "to_torch_masks",
    "words & pairs lines the sequences up with the queries: your joined masks lack the axes of "
    "batch and heads, or cannot be made at all. Put two axes of size 1 in: words[:, None, None, "
    ":].",
)
def joins_without_new_axes(words, pairs):
    both = words & pairs
    return {
        "sdpa": both,
        "added": torch.zeros(both.shape).masked_fill(~both, -torch.inf),
        "key_padding_mask": ~words,
        "attn_mask": ~pairs,
        "attention_mask": words.long(),
    }


@misconception(
    "to_torch_masks",
    "Your added mask holds a large number in place of -inf. A score can be larger still, and in "
    "float16 there is no -1e9. Fill with -torch.inf.",
)
def a_large_number_for_infinity(words, pairs):
    both = words[:, None, None, :] & pairs
    return {
        "sdpa": both,
        "added": torch.zeros(both.shape).masked_fill(~both, -1e9),
        "key_padding_mask": ~words,
        "attn_mask": ~pairs,
        "attention_mask": words.long(),
    }


@misconception(
    "to_torch_masks",
    "Your added mask is turned: -inf stands where the key is allowed. masked_fill fills where its "
    "first argument is True: fill where ~both.",
)
def fills_what_is_allowed(words, pairs):
    both = words[:, None, None, :] & pairs
    return {
        "sdpa": both,
        "added": torch.zeros(both.shape).masked_fill(both, -torch.inf),
        "key_padding_mask": ~words,
        "attn_mask": ~pairs,
        "attention_mask": words.long(),
    }


@misconception(
    "to_torch_masks",
    "Your attn_mask holds the padding, too. nn.MultiheadAttention takes that by itself, as "
    "key_padding_mask: attn_mask is pairs alone, (T_q, T_k), turned with ~.",
)
def padding_in_both(words, pairs):
    both = words[:, None, None, :] & pairs
    return {
        "sdpa": both,
        "added": torch.zeros(both.shape).masked_fill(~both, -torch.inf),
        "key_padding_mask": ~words,
        "attn_mask": ~both,
        "attention_mask": words.long(),
    }


@alternative("to_torch_masks")
def with_where_and_not(words, pairs):
    allowed = torch.logical_and(words.unsqueeze(1).unsqueeze(1), pairs.unsqueeze(0).unsqueeze(0))
    return {
        "attention_mask": words.to(torch.int64),
        "key_padding_mask": words.logical_not(),
        "attn_mask": pairs.logical_not(),
        "sdpa": allowed,
        "added": torch.where(allowed, 0.0, float("-inf")),
    }


@alternative("to_torch_masks")
def by_the_logarithm(words, pairs):
    batch, n_keys = words.shape
    allowed = words.view(batch, 1, 1, n_keys) * pairs
    return {
        "sdpa": allowed,
        "added": allowed.float().log(),
        "key_padding_mask": words == 0,
        "attn_mask": pairs == 0,
        "attention_mask": words.int().long(),
    }
