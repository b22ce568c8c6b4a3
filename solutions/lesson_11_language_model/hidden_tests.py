"""Hidden cases of lesson 11. Sizes all differ; every value is drawn afresh.

Models get drawn numbers for their parameters, by name. Where a draw chooses a token, it lies apart
from the ends of all shares, so that rounding decides nothing and every right answer is one answer.
"""

import numpy as np
import torch

from grader.cases import case, equivalent, randn
from grader.states import block_state, named, norm_state
from solutions.lesson_11_language_model.kernels import TableModel, generate

TARGETS = "next_token_targets"
MODEL = "GPT"
PERPLEXITY = "perplexity"
SAMPLE = "sample"
FILTER = "filter_logits"
GENERATE = "generate"
CACHE = "KeyValueCache"
MASK = "mask_tokens"
ALMOST_ONE = 1 - 2**-24  # the largest float32 below 1
# Why a case is proved in no other precision than the one it draws.
FINE = "the draw is the largest float32 below 1; sums in float64 do not come so near to it"


def gpt_state(rng, n_tokens=11, context=8, d_model=6, d_ff=7, n_layers=2):
    blocks = {f"blocks.{number}": block_state(rng, d_model, d_ff) for number in range(n_layers)}
    return named(
        embed={"weight": randn(rng, n_tokens, d_model)},
        positions={"weight": randn(rng, context, d_model)},
        encoder=named(**blocks, norm=norm_state(rng, d_model)),
    )


def some_tokens(rng, *shape, n_tokens=11):
    return torch.from_numpy(rng.integers(0, n_tokens, shape))


# next_token_targets


def a_text_and_starts(rng):
    """Four windows of 6 tokens somewhere in 50; neighbours in the text differ."""
    starts = rng.permutation(np.arange(1, 40))[:4]
    text = rng.permutation(np.arange(100, 150))
    return {"text": torch.from_numpy(text), "starts": torch.from_numpy(starts), "length": 6}


def windows_at_the_end(rng):
    """The last target is the text's last token, or lies so many places beyond it."""
    n = int(rng.integers(12, 20))
    over = [int(one) for one in rng.permutation([0, 2, int(rng.integers(4, 9)), n])]
    return {"text": torch.from_numpy(rng.permutation(n)), "over": over, "length": 5}


@case(TARGETS, "idea", inputs=a_text_and_starts)
def windows_of_a_text(k, text, starts, length):
    return k.next_token_targets(text, starts, length)


@case(TARGETS, "idea", inputs=a_text_and_starts)
def one_window_and_windows_of_one_token(k, text, starts, length):
    alone = k.next_token_targets(text, starts[2:3], length + 3)
    return [*alone, *k.next_token_targets(text, starts, 1)]


@case(TARGETS, "edge cases", inputs=windows_at_the_end)
def windows_that_fit_and_windows_that_do_not(k, text, over, length):
    seen = []
    for beyond in over:
        starts = torch.tensor([len(text) - length - 1 + beyond])
        try:
            seen.append(list(k.next_token_targets(text, starts, length)))
        except ValueError as error:
            seen.append(type(error).__name__)
    return seen


@case(TARGETS, "edge cases", inputs=windows_at_the_end)
def a_last_target_that_is_missing(k, text, over, length):
    try:
        return list(k.next_token_targets(text, torch.tensor([len(text) - length]), length))
    except ValueError as error:
        return type(error).__name__


@case(TARGETS, "edge cases", inputs=windows_at_the_end)
def two_windows_of_which_the_second_does_not_fit(k, text, over, length):
    try:
        return list(k.next_token_targets(text, torch.tensor([1, len(text) - 2, 0]), length))
    except ValueError as error:
        return type(error).__name__


@case(TARGETS, "edge cases", inputs=windows_at_the_end)
def two_windows_of_which_the_first_does_not_fit(k, text, over, length):
    try:
        return list(k.next_token_targets(text, torch.tensor([len(text) - 3, 1]), length))
    except ValueError as error:
        return type(error).__name__


# GPT


def texts(rng):
    """Token 0 comes, and is a token like any other."""
    tokens = some_tokens(rng, 3, 5)
    tokens[1, 2] = 0
    return {"tokens": tokens, "state": gpt_state(rng)}


def texts_as_long_as_may_be(rng):
    return {"tokens": some_tokens(rng, 2, 8), "state": gpt_state(rng)}


def texts_and_a_gradient(rng):
    return texts(rng) | {"gradient": randn(rng, 3, 5, 11)}


def texts_too_long(rng):
    widths = [int(one) for one in rng.permutation([8, 9, 12])]
    return {"texts": [some_tokens(rng, 2, width) for width in widths], "state": gpt_state(rng)}


def a_width(rng):
    return {"d_model": 2 * int(rng.integers(3, 6))}


@case(MODEL, "idea", inputs=a_width)
def parameters_of_a_gpt(k, d_model):
    module = k.GPT(13, d_model, 2, 2, 7, 9)
    shapes = {name: list(one.shape) for name, one in module.named_parameters()}
    return {"shapes": shapes, "context": module.context}


@case(MODEL, "idea", inputs=texts, axes=("text", "place", "token"))
def logits_of_every_place(k, tokens, state):
    module = k.GPT(11, 6, 2, 3, 7, 8)
    module.load_state_dict(state, strict=False)
    return module(tokens).detach()


@case(MODEL, "idea", inputs=texts_as_long_as_may_be, axes=("text", "place", "token"))
def logits_where_the_context_is_full(k, tokens, state):
    module = k.GPT(11, 6, 2, 2, 7, 8)
    module.load_state_dict(state, strict=False)
    return module(tokens).detach()


@case(MODEL, "edge cases", inputs=texts_too_long)
def texts_longer_than_the_context(k, texts, state):
    module = k.GPT(11, 6, 2, 2, 7, 8)
    module.load_state_dict(state, strict=False)
    seen = []
    for tokens in texts:
        try:
            seen.append(module(tokens).detach())
        except ValueError as error:
            seen.append(type(error).__name__)
    return seen


@case(MODEL, "edge cases", inputs=texts)
def all_dropped_in_training_and_nothing_in_evaluation(k, tokens, state):
    module = k.GPT(11, 6, 2, 3, 7, 8, 1.0)
    module.load_state_dict(state, strict=False)
    return [module(tokens).detach(), module.eval()(tokens).detach()]


@case(MODEL, "edge cases", inputs=texts)
def all_dropped_within_the_encoder(k, tokens, state):
    module = k.GPT(11, 6, 2, 3, 7, 8, dropout=1.0)
    module.load_state_dict(state, strict=False)
    return module.encoder(module.embed(tokens)).detach()


# Two samples of 16,000 and of 12,000 numbers: their deviations differ by 8 % less often than once
# in 10^9 runs.
@case(MODEL, "edge cases", inputs=a_width, tolerance=(0.08, 0.0))
def how_far_the_tables_numbers_spread(k, d_model):
    module = k.GPT(400, 40, 1, 2, 7, context=300)
    return [float(table.weight.std()) for table in (module.embed, module.positions)]


@case(MODEL, "gradient", inputs=texts_and_a_gradient)
def gradients_of_every_parameter(k, tokens, state, gradient):
    module = k.GPT(11, 6, 2, 2, 7, 8)
    module.load_state_dict(state, strict=False)
    names, parameters = zip(*sorted(module.named_parameters()), strict=True)
    slopes = torch.autograd.grad(module(tokens), parameters, gradient)
    return dict(zip(names, slopes, strict=True))


# perplexity


def logits_and_targets(rng):
    return {"logits": 2 * randn(rng, 3, 4, 5), "targets": some_tokens(rng, 3, 4, n_tokens=5)}


def some_that_count(rng):
    """Booleans: at least one True, at least one False, different counts in different rows."""
    counted = np.array([[True, True, True, False], [True, False, False, False], [False] * 4])
    return logits_and_targets(rng) | {"counted": torch.from_numpy(rng.permuted(counted, axis=1))}


def logits_far_apart(rng):
    """The target is the highest, or one of two or three equal highest, 10,000 or more ahead."""
    rows, targets = [], []
    for highest in rng.permutation([1, 2, 3, 2]):
        row = np.r_[[1e4] * highest, rng.permutation([-1e4, 0.0, -2e4, 0.0])[: 5 - highest]]
        order = rng.permutation(5)
        rows.append(row[order])
        targets.append(int(np.flatnonzero(row[order] == 1e4)[-1]))
    return {
        "logits": torch.from_numpy(np.array(rows)).float(),
        "targets": torch.tensor(targets),
    }


def one_target_hardly_possible(rng):
    """One of twenty targets lies 800 below the others: e to -800 is 0 in every precision."""
    logits = np.zeros((20, 4))
    logits[np.arange(20), rng.integers(0, 4, 20)] = 800.0
    targets = logits.argmax(axis=-1)
    unlikely = int(rng.integers(0, 20))
    targets[unlikely] = (targets[unlikely] + 1) % 4
    return {"logits": torch.from_numpy(logits).float(), "targets": torch.from_numpy(targets)}


@case(PERPLEXITY, "idea", inputs=logits_and_targets)
def perplexity_of_three_texts(k, logits, targets):
    return k.perplexity(logits, targets)


@case(PERPLEXITY, "idea", inputs=logits_and_targets)
def other_leading_dimensions(k, logits, targets):
    single = k.perplexity(logits[1], targets[1])
    parts = logits.reshape(2, 3, 2, 5), targets.reshape(2, 3, 2)
    return [single, k.perplexity(*parts), k.perplexity(logits[2, 3], targets[2, 3])]


@case(PERPLEXITY, "edge cases", inputs=some_that_count)
def targets_that_do_not_count(k, logits, targets, counted):
    alone = torch.ones_like(targets[:1], dtype=torch.bool)
    both = [k.perplexity(logits, targets, counted), k.perplexity(logits, targets, ~counted)]
    return [*both, k.perplexity(logits[:1], targets[:1], alone)]


@case(PERPLEXITY, "edge cases", inputs=logits_far_apart)
def logits_ten_thousand_apart(k, logits, targets):
    return k.perplexity(logits, targets)


@case(PERPLEXITY, "edge cases", inputs=one_target_hardly_possible)
def a_target_that_is_hardly_possible(k, logits, targets):
    return k.perplexity(logits, targets)


# sample


def shares_of(logits, temperature):
    scores = logits.double().numpy() / temperature
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def draws_well_inside(rng, logits, temperature):
    """For each row of logits a token drawn at random, and a draw in the middle of its share."""
    shares = shares_of(logits, temperature)
    chosen = rng.integers(0, shares.shape[-1], shares.shape[:-1])[..., None]
    share = np.take_along_axis(shares, chosen, axis=-1)
    end = np.take_along_axis(shares.cumsum(axis=-1), chosen, axis=-1)
    draws = end - share * rng.uniform(0.2, 0.8, share.shape)
    return torch.from_numpy(draws[..., 0]).float()


def logits_and_draws(rng):
    logits = 0.8 * randn(rng, 4, 3, 5)
    return {"logits": logits, "draws": draws_well_inside(rng, logits, 1.0)}


def three_temperatures(rng):
    logits = 0.8 * randn(rng, 6, 4)
    temperatures = [float(one) for one in rng.permutation([0.5, 3.0, 1.5])]
    draws = [draws_well_inside(rng, logits, one) for one in temperatures]
    return {"logits": logits, "draws": draws, "temperatures": temperatures}


def many_draws(rng):
    return {"logits": randn(rng, 6), "draws": torch.from_numpy(rng.random(6000)).float()}


def rows_with_equals(rng):
    """Two or three equal logits are the highest of each row."""
    logits = torch.from_numpy(
        rng.permuted(np.tile([5.0, 5.0, 1.0, -2.0, 5.0, 3.0], (4, 1)), axis=1)
    )
    logits[1:3] -= 40 * (torch.arange(6) == logits[1:3].argmax(dim=-1, keepdim=True))
    return {"logits": logits.float(), "draws": torch.tensor([0.0, 0.99, 0.5, ALMOST_ONE])}


def forbidden_ends(rng):
    """The first two tokens never come, nor does the last; draws are the smallest and largest."""
    logits = randn(rng, 4, 7)
    logits[:, [0, 1, 6]] = -torch.inf
    logits[2:] *= 0.01
    return {"logits": logits, "draws": torch.tensor([0.0, ALMOST_ONE, 0.0, ALMOST_ONE])}


def logits_far_and_draws(rng):
    logits = torch.from_numpy(
        rng.permuted(np.tile([1e4, 1e4, -1e4, 0.0, 9e3], (3, 1)), axis=1)
    ).float()
    return {"logits": logits, "draws": torch.tensor([0.75, 0.25, 0.9])}


def shares_that_sum_to_less_than_one(rng):
    """So many rows that rounding leaves some sums below 1; the last token never comes."""
    logits = randn(rng, 80, 9)
    logits[:, 8] = -torch.inf
    return {"logits": logits, "draws": torch.full((80,), ALMOST_ONE)}


def impossible_temperatures(rng):
    return {"temperatures": [float(one) for one in rng.permutation([-0.5, -2.0, 0.7, 1.3])]}


@case(SAMPLE, "idea", inputs=logits_and_draws, axes=("text", "place"))
def where_each_draw_falls(k, logits, draws):
    return k.sample(logits, draws)


@case(SAMPLE, "idea", inputs=three_temperatures)
def colder_and_hotter(k, logits, draws, temperatures):
    pairs = zip(draws, temperatures, strict=True)
    return [k.sample(logits, draw, temperature) for draw, temperature in pairs]


# A draw at the end of a share may fall either way by rounding; 6 of 6,000 at one end come less
# often than once in 10^9 runs.
@case(SAMPLE, "idea", inputs=many_draws, axes=("token",), tolerance=(0.0, 0.001))
def how_often_each_token_comes(k, logits, draws):
    chosen = k.sample(logits.expand(6000, 6), draws)
    return F.one_hot(chosen, 6).to(draws.dtype).mean(dim=0)


@case(SAMPLE, "edge cases", inputs=rows_with_equals)
def at_a_temperature_of_zero(k, logits, draws):
    return [k.sample(logits, draws, 0.0), k.sample(logits[2], draws[2], 0.0)]


@case(SAMPLE, "edge cases", inputs=forbidden_ends, axes=("row",))
def tokens_that_never_come(k, logits, draws):
    return k.sample(logits, draws)


@case(SAMPLE, "edge cases", inputs=logits_far_and_draws, axes=("row",))
def logits_as_far_apart_as_may_be(k, logits, draws):
    return k.sample(logits, draws)


@case(SAMPLE, "edge cases", inputs=shares_that_sum_to_less_than_one, axes=("row",), as_drawn=FINE)
def the_largest_draw_there_is(k, logits, draws):
    return k.sample(logits, draws)


@case(SAMPLE, "edge cases", inputs=impossible_temperatures)
def temperatures_below_zero(k, temperatures):
    seen = []
    for temperature in temperatures:
        try:
            seen.append(k.sample(torch.tensor([0.0, 5.0]), torch.tensor(0.5), temperature))
        except ValueError as error:
            seen.append(type(error).__name__)
    return seen


# filter_logits


def different_logits(rng, *shape):
    """Logits at least 0.3 apart from one another in each row."""
    steps = rng.uniform(0.3, 0.9, shape).cumsum(axis=-1)
    return torch.from_numpy(rng.permuted(steps, axis=-1)).float()


def a_share_apart_from(rng, *logits):
    """A top_p between 0.4 and 0.9, as far as may be from where the ranked shares end."""
    ends = [np.sort(shares_of(one, 1.0))[..., ::-1].cumsum(axis=-1).ravel() for one in logits]
    tries = rng.uniform(0.4, 0.9, 50)
    margins = np.abs(tries[:, None] - np.concatenate(ends)).min(axis=1)
    return float(tries[margins.argmax()])


def logits_to_filter(rng):
    logits = different_logits(rng, 3, 2, 7)
    top_p = a_share_apart_from(rng, logits)
    return {"logits": logits, "top_k": int(rng.integers(2, 5)), "top_p": top_p}


def both_filters(rng):
    """Of the four that top_k keeps top_p drops one or more; over all seven it would keep more."""
    while True:
        logits = different_logits(rng, 3, 7)
        kept = logits.sort(dim=-1).values[:, 3:]
        top_p = a_share_apart_from(rng, logits, kept)
        counts = [
            (np.sort(shares_of(one, 1.0))[..., ::-1].cumsum(axis=-1) < top_p).sum(axis=-1) + 1
            for one in (kept, logits)
        ]
        if (counts[0] < 4).any() and (counts[0] < np.minimum(counts[1], 4)).any():
            return {"logits": logits, "top_p": top_p}


def equal_logits(rng):
    level = float(rng.integers(-3, 4))
    some = torch.from_numpy(rng.permuted(np.tile([2.0, 7.0, 7.0, 1.0, 7.0], (3, 1)), axis=1))
    # Of 16 equals and fewer torch keeps the order by itself; a 32nd is exact in floats.
    return {"even": torch.full((2, 32), level), "some": some.float()}


def logits_with_a_long_tail(rng):
    """In the second row one token has all the probability that a float can tell from 1."""
    tail = np.tile([3.0, 1.0, -25.0, -60.0, -300.0, 2.0], (2, 1))
    tail[1, 0] = 500.0
    tail = rng.permuted(tail, axis=1)
    return {"logits": torch.from_numpy(tail).float()}


def forbidden_logits(rng):
    logits = different_logits(rng, 2, 6)
    forbidden = rng.permuted(np.tile([True, True, False, True, False, False], (2, 1)), axis=1)
    return {"logits": logits.masked_fill(torch.from_numpy(forbidden), -torch.inf)}


def impossible_filters(rng):
    pairs = [(0, 1.0), (-2, 0.5), (None, 0.0), (2, -0.3), (None, 1.2), (1, 1.0), (None, 0.7)]
    order = rng.permutation(len(pairs))
    return {"pairs": [list(pairs[i]) for i in order], "logits": different_logits(rng, 5)}


@case(FILTER, "idea", inputs=logits_to_filter, axes=("text", "place", "token"))
def the_first_k(k, logits, top_k, top_p):
    return k.filter_logits(logits, top_k=top_k)


@case(FILTER, "idea", inputs=logits_to_filter, axes=("text", "place", "token"))
def the_fewest_that_reach_p(k, logits, top_k, top_p):
    return k.filter_logits(logits, top_p=top_p)


@case(FILTER, "idea", inputs=both_filters, axes=("text", "token"))
def of_four_the_fewest_that_reach_p(k, logits, top_p):
    return k.filter_logits(logits, 4, top_p)


@case(FILTER, "idea", inputs=logits_to_filter)
def one_row_alone(k, logits, top_k, top_p):
    row = logits[1, 0]
    return [k.filter_logits(row, top_k), k.filter_logits(row, None, top_p), k.filter_logits(row)]


@case(FILTER, "edge cases", inputs=equal_logits)
def of_equals_the_first(k, even, some):
    evens = [k.filter_logits(even, 3), k.filter_logits(even, top_p=0.5)]
    return [*evens, k.filter_logits(some, 2), k.filter_logits(some, 1)]


@case(FILTER, "edge cases", inputs=logits_with_a_long_tail)
def filters_that_let_everything_through(k, logits):
    return [k.filter_logits(logits, 20), k.filter_logits(logits, top_p=1.0)]


@case(FILTER, "edge cases", inputs=logits_with_a_long_tail)
def filters_that_let_one_through(k, logits):
    return [k.filter_logits(logits, 1), k.filter_logits(logits, top_p=1e-6)]


@case(FILTER, "edge cases", inputs=forbidden_logits, axes=("text", "token"))
def tokens_that_were_forbidden_before(k, logits):
    return k.filter_logits(logits, 5, 0.999)


@case(FILTER, "edge cases", inputs=impossible_filters)
def filters_that_make_no_sense(k, pairs, logits):
    seen = []
    for top_k, top_p in pairs:
        try:
            seen.append(k.filter_logits(logits, top_k, top_p))
        except ValueError as error:
            seen.append(type(error).__name__)
    return seen


# generate


def draws_that_rounding_cannot_move(rng, n_steps, ask):
    """Draws for which moving all a little changes no choice; `ask` answers draws with a text."""
    while True:
        draws = torch.from_numpy(rng.uniform(0.01, 0.98, (3, n_steps))).float()
        moved = [ask(draws + step) for step in (-2e-4, 2e-4)]
        if torch.equal(*moved):
            return draws, moved[0]


def a_table_and_texts(rng, **options):
    """A table of five tokens, three texts, and draws for five steps."""
    table, tokens = 1.5 * randn(rng, 5, 5, 5), some_tokens(rng, 3, 2, n_tokens=5)
    model = TableModel(table, context=9)
    draws, _ = draws_that_rounding_cannot_move(
        rng, 5, lambda draws: generate(model, tokens, draws, 9, **options)
    )
    return {"table": table, "tokens": tokens, "draws": draws}


def a_table_and_options(rng):
    """Options that change what is written, each of them, and their order too."""
    while True:
        options = {"temperature": 2.5, "top_k": 4, "top_p": float(rng.uniform(0.7, 0.9))}
        drawn = a_table_and_texts(rng, **options)
        model = TableModel(drawn["table"], context=9)
        ask = (model, drawn["tokens"], drawn["draws"], 9)
        wanted = generate(*ask, **options)
        hot = TableModel(drawn["table"] / 2.5, context=9)
        others = [generate(*ask, **options | {name: each}) for name, each in (
            ("temperature", 1.0), ("top_k", None), ("top_p", 1.0)
        )]  # fmt: skip
        others.append(generate(hot, *ask[1:], **options | {"temperature": 1.0}))
        if not any(torch.equal(wanted, other) for other in others):
            return drawn | {"options": options}


def a_narrow_table(rng):
    """The context is 3, and texts begin with 2 tokens; wider reading raises an error."""
    table, tokens = 1.5 * randn(rng, 5, 5, 5), some_tokens(rng, 3, 2, n_tokens=5)
    model = TableModel(table, context=3)
    draws, _ = draws_that_rounding_cannot_move(
        rng, 6, lambda draws: generate(model, tokens, draws, 3)
    )
    return {"table": table, "tokens": tokens, "draws": draws}


def texts_that_end(rng, end=None, given=0):
    """Rows end at three different steps, the last one before the draws do; `end` is given in one.

    Args:
        end: the end token; else one that no option has, too.
        given: where it stands in the row in which it is given.
    """
    end = int(rng.integers(2, 5)) if end is None else end
    while True:
        table, tokens = randn(rng, 5, 5, 5), some_tokens(rng, 3, 2, n_tokens=5)
        tokens[tokens == end] = 1
        tokens[1, given] = end
        model = TableModel(table, context=9)
        draws, text = draws_that_rounding_cannot_move(
            rng, 7, lambda draws, ask=(model, tokens): generate(*ask, draws, 9, end=end)
        )
        lengths = (text[:, 2:] == end).int().argmax(dim=1)
        goes_on = lengths[1] > 0  # the row in which end is given
        ended = (text[:, 2:] == end).any(dim=1).all()
        if ended and goes_on and len(set(lengths.tolist())) == 3 and lengths.max() < 5:
            return {"table": table, "tokens": tokens, "draws": draws, "end": end}


def texts_that_end_with_zero(rng):
    """The end token is 0, and one text is given that ends in it."""
    return texts_that_end(rng, end=0, given=1)


@case(GENERATE, "idea", inputs=a_table_and_texts, axes=("text", "place"))
def five_tokens_more(k, table, tokens, draws):
    return k.generate(k.TableModel(table, 9), tokens, draws, 9)


@case(GENERATE, "idea", inputs=a_table_and_options, axes=("text", "place"))
def with_filters_and_a_temperature(k, table, tokens, draws, options):
    return k.generate(k.TableModel(table, 9), tokens, draws, 9, **options)


@case(GENERATE, "idea", inputs=a_narrow_table)
def what_is_read_where_the_context_is_small(k, table, tokens, draws):
    model, seen = k.TableModel(table, 3), []

    def reads(some):
        seen.append(some.clone())
        return model(some)

    return {"text": k.generate(reads, tokens, draws, 3), "read": seen}


@case(GENERATE, "edge cases", inputs=texts_that_end)
def texts_that_end_at_different_steps(k, table, tokens, draws, end):
    model, calls = k.TableModel(table, 9), []

    def reads(some):
        calls.append(some.shape[1])
        return model(some)

    return {"text": k.generate(reads, tokens, draws, 9, end=end), "tokens read": calls}


@case(GENERATE, "edge cases", inputs=texts_that_end_with_zero, axes=("text", "place"))
def texts_that_end_with_token_zero(k, table, tokens, draws, end):
    return k.generate(k.TableModel(table, 9), tokens, draws, 9, end=end)


@case(GENERATE, "edge cases", inputs=texts_that_end, axes=("text", "place"))
def a_single_text_that_ends(k, table, tokens, draws, end):
    return k.generate(k.TableModel(table, 9), tokens[:1], draws[:1], 9, end=end)


@case(GENERATE, "edge cases", inputs=texts_that_end, axes=("text", "place"))
def the_end_token_where_nothing_ends(k, table, tokens, draws, end):
    return k.generate(k.TableModel(table, 9), tokens, draws[:, :4], 9)


@case(GENERATE, "edge cases", inputs=a_table_and_texts, axes=("text", "place"))
def nothing_to_write(k, table, tokens, draws):
    return k.generate(k.TableModel(table, 9), tokens, draws[:, :0], 9)


# KeyValueCache


def texts_to_read(rng):
    return {"tokens": some_tokens(rng, 3, 7), "state": gpt_state(rng)}


def texts_and_other_weights(rng):
    """Other numbers for the tables, the norms before attention, and what makes keys and values."""
    others = gpt_state(rng)
    kinds = ("embed", "positions", "norm1", "w_k", "w_v")
    return texts_to_read(rng) | {
        "others": {name: each for name, each in others.items() if any(one in name for one in kinds)}
    }


def two_readers(rng):
    return {
        "tokens": some_tokens(rng, 2, 11),
        "others": some_tokens(rng, 1, 4),
        "state": gpt_state(rng),
    }


@case(CACHE, "idea", inputs=texts_to_read)
def a_beginning_and_then_token_by_token(k, tokens, state):
    model = k.GPT(11, 6, 2, 3, 7, 8).eval()
    model.load_state_dict(state, strict=False)
    cache = k.KeyValueCache(model)
    pieces = [tokens[:, :3], tokens[:, 3:4], tokens[:, 4:5], tokens[:, 5:6]]
    return [cache.read(piece).detach() for piece in pieces]


@case(CACHE, "idea", inputs=texts_to_read)
def pieces_of_several_tokens(k, tokens, state):
    model = k.GPT(11, 6, 2, 2, 7, 8).eval()
    model.load_state_dict(state, strict=False)
    cache = k.KeyValueCache(model)
    return [cache.read(piece).detach() for piece in tokens.split([1, 4, 2], dim=1)]


@case(CACHE, "idea", inputs=texts_and_other_weights)
def a_model_that_changes_while_it_reads(k, tokens, state, others):
    model = k.GPT(11, 6, 2, 2, 7, 8).eval()
    model.load_state_dict(state, strict=False)
    cache = k.KeyValueCache(model)
    first = cache.read(tokens[:, :4]).detach()
    model.load_state_dict(state | others, strict=False)
    return [first, cache.read(tokens[:, 4:6]).detach(), cache.read(tokens[:, 6:]).detach()]


@case(CACHE, "edge cases", inputs=two_readers)
def a_context_that_is_full(k, tokens, others, state):
    model = k.GPT(11, 6, 2, 3, 7, 8).eval()
    model.load_state_dict(state, strict=False)
    cache, seen = k.KeyValueCache(model), []
    for piece in (tokens[:, :5], tokens[:, 5:9], tokens[:, 5:8], tokens[:, 8:9]):
        try:
            seen.append(cache.read(piece).detach())
        except ValueError as error:
            seen.append(type(error).__name__)
        seen.append(cache.length)
    return seen


@case(CACHE, "edge cases", inputs=two_readers)
def two_caches_of_one_model(k, tokens, others, state):
    model = k.GPT(11, 6, 2, 3, 7, 8).eval()
    model.load_state_dict(state, strict=False)
    one, other = k.KeyValueCache(model), k.KeyValueCache(model)
    lengths = [one.length, other.length]
    logits = [one.read(tokens[:, :3]), other.read(others[:, :2]), one.read(tokens[:, 3:5])]
    logits.append(other.read(others[:, 2:]))
    return [each.detach() for each in logits] + [lengths, one.length, other.length]


@case(CACHE, "edge cases", inputs=two_readers)
def a_text_in_one_piece(k, tokens, others, state):
    model = k.GPT(11, 6, 2, 2, 7, 8).eval()
    model.load_state_dict(state, strict=False)
    cache = k.KeyValueCache(model)
    return [cache.read(tokens[:, :8]).detach(), cache.length]


@case(CACHE, "edge cases", inputs=two_readers)
def a_model_of_one_block(k, tokens, others, state):
    model = k.GPT(11, 6, 1, 2, 7, 8).eval()
    model.load_state_dict(state, strict=False)
    cache = k.KeyValueCache(model)
    return [cache.read(tokens[:, :3]).detach(), cache.read(tokens[:, 3:8]).detach()]


# mask_tokens


def texts_to_hide(rng):
    """Draws in the middle of each twentieth of p, and above p; some places are no words.

    `spread` has them between 0 and 1.
    """
    p = float(rng.choice([0.2, 0.3, 0.5]))
    order = rng.permutation(30).reshape(5, 6)
    twentieths = (order + 0.5) / 20
    return {
        "tokens": some_tokens(rng, 5, 6, n_tokens=40) + 3,
        "words": torch.from_numpy(~np.isin(order, [3, 16, 18, 25])),  # one of each kind
        "draws": torch.from_numpy(p * twentieths).float(),
        "spread": torch.from_numpy(twentieths / 1.5).float(),
        "others": some_tokens(rng, 5, 6, n_tokens=40) + 50,
        "p": p,
    }


def texts_for_the_usual_share(rng):
    drawn = texts_to_hide(rng)
    return drawn | {"draws": drawn["spread"] * 1.5 * 0.15}


def draws_where_parts_end(rng):
    """For p = 5 / 8 the parts end at 1 / 2, 9 / 16 and 5 / 8, which floats hold exactly."""
    draws = rng.permutation([0.5, 0.5625, 0.625, 0.0, 0.25, 0.5])
    return {
        "tokens": some_tokens(rng, 2, 3) + 3,
        "draws": torch.from_numpy(draws.reshape(2, 3)).float(),
        "others": some_tokens(rng, 2, 3) + 50,
        "p": 0.625,
    }


@case(MASK, "idea", inputs=texts_to_hide)
def what_is_read_and_what_is_asked(k, tokens, words, draws, spread, others, p):
    return k.mask_tokens(tokens, words, draws, others, 2, p)


@case(MASK, "idea", inputs=texts_for_the_usual_share)
def the_share_that_nobody_chose(k, tokens, words, draws, spread, others, p):
    return k.mask_tokens(tokens, words, draws, others, mask_token=1)


@case(MASK, "idea", inputs=draws_where_parts_end)
def where_one_part_ends_and_the_next_begins(k, tokens, draws, others, p):
    return k.mask_tokens(tokens, tokens > 0, draws, others, 2, p)


@case(MASK, "idea", inputs=texts_to_hide)
def nothing_hidden_and_everything_chosen(k, tokens, words, draws, spread, others, p):
    nothing = k.mask_tokens(tokens, words, draws, others, 2, 0.0)
    return [*nothing, *k.mask_tokens(tokens, words, spread, others, 2, 1.0)]


UNKILLED = [
    equivalent(
        TARGETS,
        "a tensor of one number adds and compares as its number does",
        "if starts.max() + length + 1 > len(text):",
    ),
    equivalent(
        MODEL,
        "two independent draws, in any order",
        "for table in (self.positions, self.embed):",
    ),
    equivalent(MODEL, "axis 1 of two is the last", "n_places = tokens.shape[-1]"),
    equivalent(
        PERPLEXITY,
        "the mean of a column is the mean of its numbers",
        "log_p = torch.log_softmax(logits, dim=-1).gather(-1, targets.unsqueeze(-1))",
    ),
    equivalent(
        PERPLEXITY,
        "None as an index adds an axis, and the mean stays",
        "if True:",
        "if logits is not None:",
        "if targets is not None:",
    ),
    equivalent(
        FILTER,
        "sort takes the last axis by itself",
        "ranked, order = logits.sort(descending=True, stable=True)",
    ),
    equivalent(
        FILTER,
        "scatter writes every place",
        "return logits.scatter(-1, order, ranked)",
        "return torch.ones_like(logits).scatter(-1, order, ranked)",
    ),
    equivalent(
        GENERATE,
        "tokens and draws have one row for each text",
        "ended = torch.zeros(len(draws), dtype=torch.bool)",
    ),
    equivalent(
        GENERATE,
        "axis 1 of two is the last",
        "for draw in draws.unbind(dim=-1):",
        "tokens = torch.cat([tokens, chosen.unsqueeze(1)], dim=-1)",
        "tokens = torch.cat([tokens, chosen.unsqueeze(-1)], dim=1)",
    ),
    equivalent(
        CACHE,
        "axis 1 of two is the last",
        "total = self.length + tokens.shape[-1]",
        "back = torch.ones(tokens.shape[-1], total, dtype=torch.bool).tril(self.length)",
    ),
    equivalent(CACHE, "an annotation alone does nothing", "delete block: Any"),
    equivalent(
        CACHE,
        "axis 2 of four is the last but one",
        "k, v = torch.cat([earlier_k, k], dim=2), torch.cat([earlier_v, v], dim=-2)",
        "k, v = torch.cat([earlier_k, k], dim=-2), torch.cat([earlier_v, v], dim=2)",
    ),
]
