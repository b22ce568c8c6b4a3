"""Hidden cases of lesson 12. Sizes all differ; every value is drawn afresh.

Modules get drawn numbers for their parameters, by name. A dropout of probability 1 drops
everything: then training, too, has one right answer. A searched model is a LogitTable of numbers.
"""

import numpy as np
import torch

from grader.cases import case, equivalent, randn
from grader.states import attention_state, block_state, feed_forward_state, named, norm_state

EMBED = "embed"
BLOCK = "CrossAttentionBlock"
MODEL = "Transformer"
SCHEDULE = "noam_schedule"
BEAM = "beam_search"
BLEU = "bleu"
# Sums of float32 numbers, returned as Python floats: right answers add in another order.
SUMS = (1e-4, 1e-5)
# Forms of tables that show each mistake of a search; how they were found does not matter.
GREEDY_IS_WRONG = 21
LENGTHS_THAT_DIFFER = 4
FEW_TOKENS = 4


def cross_state(rng, d_model, d_ff):
    return named(
        self_attention=attention_state(rng, d_model),
        cross_attention=attention_state(rng, d_model),
        feed_forward=feed_forward_state(rng, d_model, d_ff),
        norm1=norm_state(rng, d_model),
        norm2=norm_state(rng, d_model),
        norm3=norm_state(rng, d_model),
    )


def some_allowed(rng, *shape):
    """Draw a mask in which each query may attend to at least one key, not to every one."""
    chances = rng.random(shape)
    allowed = chances > 0.5
    allowed |= chances == chances.max(axis=-1, keepdims=True)
    allowed &= chances != chances.min(axis=-1, keepdims=True)
    return torch.from_numpy(allowed)


# embed


def a_sentence(rng):
    return {
        "tokens": torch.from_numpy(rng.integers(0, 9, 5)),
        "table": randn(rng, 9, 6),
        "positions": randn(rng, 7, 6),
    }


def a_batch_of_sentences(rng):
    drawn = a_sentence(rng)
    return drawn | {"tokens": torch.from_numpy(rng.integers(0, 9, (3, 4)))}


def as_many_tokens_as_features(rng):
    """T, d_model and the places are one number, so that a wrong axis fits, and is wrong."""
    return {
        "tokens": torch.from_numpy(rng.integers(0, 8, (2, 5))),
        "table": randn(rng, 8, 5),
        "positions": randn(rng, 5, 5),
    }


def sentences_in_two_leading_axes(rng):
    drawn = a_sentence(rng)
    return drawn | {"tokens": torch.from_numpy(rng.integers(0, 9, (2, 3, 4)))}


def sentences_of_one_token(rng):
    drawn = a_sentence(rng)
    return drawn | {"tokens": torch.from_numpy(rng.integers(0, 9, (4, 1)))}


@case(EMBED, "idea", inputs=a_batch_of_sentences, axes=("sentence", "token", "feature"))
def a_batch(k, tokens, table, positions):
    return k.embed(tokens, table, positions)


@case(EMBED, "idea", inputs=as_many_tokens_as_features, axes=("sentence", "token", "feature"))
def sizes_that_hide_mistakes(k, tokens, table, positions):
    return k.embed(tokens, table, positions)


@case(EMBED, "shapes", inputs=a_sentence, axes=("token", "feature"))
def one_sentence(k, tokens, table, positions):
    return k.embed(tokens, table, positions)


@case(EMBED, "shapes", inputs=sentences_in_two_leading_axes)
def two_leading_dimensions(k, tokens, table, positions):
    return k.embed(tokens, table, positions)


@case(EMBED, "shapes", inputs=sentences_of_one_token, axes=("sentence", "token", "feature"))
def one_token_each(k, tokens, table, positions):
    return k.embed(tokens, table, positions)


# CrossAttentionBlock


def a_block(rng):
    """d_model 6, d_ff 10; four target tokens look at five source tokens."""
    return {
        "x": randn(rng, 2, 4, 6),
        "memory": randn(rng, 2, 5, 6),
        "state": cross_state(rng, 6, 10),
    }


def a_block_of_equal_lengths(rng):
    """As many target tokens as source tokens: swapped roles fit, and are wrong."""
    return a_block(rng) | {"x": randn(rng, 3, 5, 6), "memory": randn(rng, 3, 5, 6)}


def a_masked_block(rng):
    return a_block_of_equal_lengths(rng) | {
        "order": torch.ones(5, 5).bool().tril(),
        "words": some_allowed(rng, 3, 1, 1, 5),
    }


def a_source_without_tokens(rng):
    drawn = a_block(rng)
    words = torch.ones(2, 1, 1, 5).bool()
    words[int(rng.integers(2))] = False
    return drawn | {"order": some_allowed(rng, 2, 1, 4, 4), "words": words}


def a_masked_block_and_gradients(rng):
    return a_masked_block(rng) | {
        "of_x": randn(rng, 3, 5, 6),
        "of_weights": randn(rng, 3, 3, 5, 5),
    }


def a_width(rng):
    return {"d_model": 2 * int(rng.integers(3, 6))}


@case(BLOCK, "idea", inputs=a_width)
def parameters_of_a_block(k, d_model):
    module = k.CrossAttentionBlock(d_model, 2, 7)
    return {name: list(one.shape) for name, one in module.named_parameters()}


@case(BLOCK, "idea", inputs=a_block)
def post_norm(k, x, memory, state):
    module = k.CrossAttentionBlock(6, 3, 10)
    module.load_state_dict(state)
    out, weights = module(x, memory)
    return out.detach(), weights.detach()


@case(BLOCK, "idea", inputs=a_block)
def pre_norm(k, x, memory, state):
    module = k.CrossAttentionBlock(6, 2, 10, norm_first=True)
    module.load_state_dict(state)
    out, weights = module(x, memory)
    return out.detach(), weights.detach()


@case(BLOCK, "idea", inputs=a_block_of_equal_lengths)
def a_target_as_long_as_its_source(k, x, memory, state):
    module = k.CrossAttentionBlock(6, 3, 10)
    module.load_state_dict(state)
    out, weights = module(x, memory)
    return out.detach(), weights.detach()


@case(BLOCK, "idea", inputs=a_masked_block)
def two_masks(k, x, memory, state, order, words):
    module = k.CrossAttentionBlock(6, 3, 10, 0.0, True)
    module.load_state_dict(state)
    out, weights = module(x, memory, order, words)
    return out.detach(), weights.detach()


@case(BLOCK, "edge cases", inputs=a_source_without_tokens)
def a_source_of_padding_alone(k, x, memory, state, order, words):
    module = k.CrossAttentionBlock(6, 3, 10)
    module.load_state_dict(state)
    out, weights = module(x, memory, self_mask=order, memory_mask=words)
    return out.detach(), weights.detach()


@case(BLOCK, "edge cases", inputs=a_block)
def all_dropped_in_training_and_nothing_in_evaluation(k, x, memory, state):
    seen = []
    for norm_first in (False, True):
        module = k.CrossAttentionBlock(6, 3, 10, 1.0, norm_first)
        module.load_state_dict(state)
        for training in (True, False):
            out, weights = module.train(training)(x, memory)
            seen.append((out.detach(), weights.detach()))
    return seen


@case(BLOCK, "edge cases", inputs=a_block)
def how_often_the_parts_drop(k, x, memory, state):
    module = k.CrossAttentionBlock(6, 3, 10, 0.25)
    parts = (module.self_attention, module.cross_attention, module.feed_forward)
    return [one.p for part in parts for one in part.modules() if isinstance(one, nn.Dropout)]


@case(BLOCK, "gradient", inputs=a_masked_block_and_gradients)
def gradients_of_parameters_and_inputs(k, x, memory, state, order, words, of_x, of_weights):
    found = []
    for norm_first in (False, True):
        module = k.CrossAttentionBlock(6, 3, 10, norm_first=norm_first)
        module.load_state_dict(state)
        names = sorted(state)
        inputs = [x.clone().requires_grad_(), memory.clone().requires_grad_()]
        leaves = [module.get_parameter(name) for name in names] + inputs
        answer = module(*inputs, order, words)
        found.append(torch.autograd.grad(answer, leaves, [of_x, of_weights]))
    return found


# Transformer


def transformer_state(rng, d_model=6, d_ff=10, n_layers=2, norms=False):
    """n_source 11, n_target 13; the last norms only where asked for."""
    numbers = range(n_layers)
    encoder = {f"blocks.{number}": block_state(rng, d_model, d_ff) for number in numbers}
    decoder = {str(number): cross_state(rng, d_model, d_ff) for number in numbers}
    norm = norm_state(rng, d_model)
    last = {"norm": norm_state(rng, d_model)} if norms else {}
    return named(
        source_table={"weight": randn(rng, 11, d_model)},
        target_table={"weight": randn(rng, 13, d_model)},
        encoder=named(**encoder, **({"norm": norm} if norms else {})),
        decoder=named(**decoder),
        **last,
    )


def sources_and_inputs(rng, norms=False):
    """Four sources of 1 to 5 tokens, padded with anything; seven target tokens each."""
    return {
        "tokens": torch.from_numpy(rng.integers(0, 11, (4, 5))),
        "lengths": torch.from_numpy(rng.permutation([5, 1, 3, rng.integers(2, 5)])),
        "inputs": torch.from_numpy(rng.integers(0, 13, (4, 7))),
        "state": transformer_state(rng, norms=norms),
    }


def sources_and_inputs_with_norms(rng):
    return sources_and_inputs(rng, norms=True)


def a_source_of_nothing(rng):
    drawn = sources_and_inputs(rng)
    return drawn | {"lengths": torch.from_numpy(rng.permutation([0, 2, 5, 4]))}


def as_long_as_may_be(rng):
    """A source of all fourteen places, more than any other size of the model; a target of one."""
    return {
        "tokens": torch.from_numpy(rng.integers(0, 11, (2, 14))),
        "lengths": torch.from_numpy(rng.permutation([14, 9])),
        "inputs": torch.from_numpy(rng.integers(0, 13, (2, 1))),
        "state": transformer_state(rng),
    }


@case(MODEL, "idea", inputs=a_width)
def parameters_of_a_transformer(k, d_model):
    shapes = []
    for norm_first in (False, True):
        module = k.Transformer(11, 13, d_model, 2, 7, 3, norm_first=norm_first)
        shapes.append({name: list(one.shape) for name, one in module.named_parameters()})
    return shapes


@case(MODEL, "idea", inputs=sources_and_inputs)
def logits_and_weights(k, tokens, lengths, inputs, state):
    module = k.Transformer(11, 13, 6, 3, 10, 2, 8)
    module.load_state_dict(state, strict=False)
    logits, weights = module((tokens, lengths), inputs)
    return logits.detach(), weights.detach()


@case(MODEL, "idea", inputs=sources_and_inputs_with_norms)
def logits_and_weights_of_pre_norm(k, tokens, lengths, inputs, state):
    module = k.Transformer(11, 13, 6, 2, 10, 2, max_length=8, norm_first=True)
    module.load_state_dict(state, strict=False)
    logits, weights = module((tokens, lengths), inputs)
    return logits.detach(), weights.detach()


@case(MODEL, "idea", inputs=sources_and_inputs)
def reading_and_writing_apart(k, tokens, lengths, inputs, state):
    module = k.Transformer(11, 13, 6, 3, 10, 2)
    module.load_state_dict(state, strict=False)
    with torch.no_grad():
        memory, words = module.encode((tokens, lengths))
        logits, weights = module.decode(inputs, memory.flip(0), words.flip(0))
    return memory, words, logits, weights


@case(MODEL, "edge cases", inputs=a_source_of_nothing)
def an_empty_source(k, tokens, lengths, inputs, state):
    module = k.Transformer(11, 13, 6, 3, 10, 2, 8)
    module.load_state_dict(state, strict=False)
    logits, weights = module((tokens, lengths), inputs)
    return logits.detach(), weights.detach()


@case(MODEL, "edge cases", inputs=as_long_as_may_be)
def the_longest_source_and_the_shortest_target(k, tokens, lengths, inputs, state):
    module = k.Transformer(11, 13, 6, 3, 10, 2, 14)
    module.load_state_dict(state, strict=False)
    logits, weights = module((tokens, lengths), inputs)
    return logits.detach(), weights.detach()


@case(MODEL, "edge cases", inputs=sources_and_inputs)
def all_dropped_and_nothing_dropped(k, tokens, lengths, inputs, state):
    module = k.Transformer(11, 13, 6, 3, 10, 2, 8, 1.0)
    module.load_state_dict(state, strict=False)
    seen = []
    for training in (True, False):
        memory, words = module.train(training).encode((tokens, lengths))
        logits, weights = module.decode(inputs, memory, words)
        seen += [memory.detach(), logits.detach(), weights.detach()]
    return seen


@case(MODEL, "edge cases", inputs=sources_and_inputs)
def gradients_of_both_tables(k, tokens, lengths, inputs, state):
    module = k.Transformer(11, 13, 6, 3, 10, 2, 8)
    module.load_state_dict(state, strict=False)
    logits, _ = module((tokens, lengths), inputs)
    tables = [module.source_table.weight, module.target_table.weight]
    return torch.autograd.grad(logits.square().sum(), tables)


# Two samples of 16,000 and of 12,000 numbers: their deviations differ by 8 % less often than once
# in 10^9 runs.
@case(MODEL, "edge cases", inputs=a_width, tolerance=(0.08, 0.0))
def how_far_the_tables_numbers_spread(k, d_model):
    module = k.Transformer(80, 60, 200, 2, 7, 1)
    tables = (module.source_table, module.target_table)
    return [float(table.weight.std()) for table in tables]


# noam_schedule


def a_schedule(rng):
    return {"d_model": int(rng.integers(30, 60)), "warmup": int(rng.integers(5, 9))}


@case(SCHEDULE, "idea", inputs=a_schedule, axes=("step from 1 on",))
def up_and_down(k, d_model, warmup):
    steps = range(1, 4 * warmup)
    return np.array([k.noam_schedule(step, d_model, warmup) for step in steps])


@case(SCHEDULE, "idea", inputs=a_schedule, axes=("four times the width",))
def wider_models(k, d_model, warmup):
    widths = [d_model * 4**times for times in range(3)]
    return np.array([k.noam_schedule(warmup + 2, width, warmup) for width in widths])


@case(SCHEDULE, "edge cases", inputs=a_schedule)
def no_step_before_the_first(k, d_model, warmup):
    seen = []
    for step in (0, -1, -warmup):
        try:
            seen.append(k.noam_schedule(step, d_model, warmup))
        except ValueError as error:
            seen.append(type(error).__name__)
    return seen


@case(SCHEDULE, "edge cases", inputs=a_schedule)
def one_step_of_warm_up(k, d_model, warmup):
    rates = [k.noam_schedule(step, d_model, 1) for step in (1, 2, warmup)]
    return [rates, [isinstance(rate, float) for rate in rates]]


# beam_search


def numbers_for(rng, n_tokens=6):
    """The start and the end token: two different ones, neither 0."""
    start, end = rng.permutation(np.arange(1, n_tokens))[:2].tolist()
    return {"start": start, "end": end}


def a_table(rng, form, places=5, n_tokens=6):
    """Logits of a form, so that what a mistake shows is the same in each draw.

    The tokens' numbers and the last digits are drawn. Each row is lifted by another number, for
    logits are no log-probabilities.
    """
    drawn = numbers_for(rng, n_tokens)
    ends = (drawn["start"], drawn["end"])
    numbers = [*ends, *(token for token in rng.permutation(n_tokens).tolist() if token not in ends)]
    shape = (places, n_tokens, n_tokens)
    logits = 1.5 * np.random.default_rng(form).standard_normal(shape) + rng.uniform(0, 0.02, shape)
    logits += 3 * rng.standard_normal((places, n_tokens, 1))
    table = np.empty_like(logits)
    table[:, np.array(numbers)[:, None], numbers] = logits
    return drawn | {"table": torch.tensor(table, dtype=torch.float32)}


def greedy_is_wrong(rng):
    """The likeliest token leads away from the best target; nothing is as long as the limit."""
    return a_table(rng, GREEDY_IS_WRONG)


def lengths_that_differ(rng):
    """The best sum and the best score belong to different targets."""
    return a_table(rng, LENGTHS_THAT_DIFFER)


def an_end_far_away(rng):
    """The end token comes hardly ever."""
    drawn = a_table(rng, GREEDY_IS_WRONG)
    drawn["table"][:, :, drawn["end"]] -= 40.0
    return drawn


def few_tokens(rng):
    return a_table(rng, FEW_TOKENS, 4, 3)


def hardly_possible(rng):
    """All tokens but start are far away, so probabilities come out as 0 and their logs do not."""
    drawn = a_table(rng, GREEDY_IS_WRONG)
    drawn["table"][:, :, drawn["start"]] += 900.0
    return drawn


@case(BEAM, "idea", inputs=greedy_is_wrong, tolerance=SUMS)
def greedy_would_miss_the_best(k, table, start, end):
    return k.beam_search(k.LogitTable(table), start, end, 3, 7)


@case(BEAM, "idea", inputs=greedy_is_wrong, tolerance=SUMS)
def a_single_hypothesis(k, table, start, end):
    return k.beam_search(k.LogitTable(table), start, end, width=1, max_length=7)


@case(BEAM, "idea", inputs=lengths_that_differ, tolerance=SUMS)
def short_and_long_targets(k, table, start, end):
    model = k.LogitTable(table)
    return [k.beam_search(model, start, end, 4, 7, alpha) for alpha in (0.0, 0.6, 1.4)]


@case(BEAM, "idea", inputs=greedy_is_wrong, tolerance=SUMS)
def what_the_model_is_asked(k, table, start, end):
    model, asked = k.LogitTable(table), []

    class Noting:
        def __call__(self, prefixes):
            asked.extend(prefixes.tolist())
            return model(prefixes)

    k.beam_search(Noting(), start, end, 3, 7)
    return sorted(asked)


@case(BEAM, "edge cases", inputs=an_end_far_away, tolerance=SUMS)
def no_end_before_the_limit(k, table, start, end):
    return k.beam_search(k.LogitTable(table), start, end, 3, 8)


@case(BEAM, "edge cases", inputs=few_tokens, tolerance=SUMS)
def wider_than_the_vocabulary(k, table, start, end):
    return k.beam_search(k.LogitTable(table), start, end, 7, 4)


@case(BEAM, "edge cases", inputs=greedy_is_wrong, tolerance=SUMS)
def one_token_at_most(k, table, start, end):
    found = [k.beam_search(k.LogitTable(table), start, end, width, 1) for width in (2, 9)]
    return [found, [isinstance(score, float) for rows in found for _, score in rows]]


@case(BEAM, "edge cases", inputs=hardly_possible, tolerance=SUMS)
def probabilities_that_round_to_nothing(k, table, start, end):
    return k.beam_search(k.LogitTable(table), start, end, 3, 5)


# bleu


WORDS = ["acht", "drei", "ein", "hundert", "neunzig", "und", "vier"]


def sentence(rng, length):
    return rng.choice(WORDS, length).tolist()


def spoiled(rng, reference, changes):
    """The reference with some of its words changed."""
    row = list(reference)
    for place in rng.choice(len(row), changes, replace=False).tolist():
        others = [word for word in WORDS if word != row[place]]
        row[place] = str(rng.choice(others))
    return row


def a_corpus(rng):
    """Six sentences of 8 to 13 words with a mistake or two; candidates are shorter by a few."""
    references = [sentence(rng, length) for length in rng.permutation(np.arange(8, 14)).tolist()]
    candidates = [
        spoiled(rng, reference, 1)[: len(reference) - int(cut)]
        for reference, cut in zip(references, rng.permutation([0, 0, 1, 1, 2, 3]), strict=True)
    ]
    return {"candidates": candidates, "references": references}


def words_that_come_again(rng):
    """Candidates that say one right word, or a pair of them, too often."""
    references = [sentence(rng, 9) for _ in range(3)]
    candidates = [[*row[:6], *row[4:6], row[5], row[5], *row[6:]] for row in references]
    return {"candidates": candidates, "references": references}


def longer_than_their_references(rng):
    drawn = a_corpus(rng)
    candidates = [[*row, *sentence(rng, 4)] for row in drawn["candidates"]]
    return drawn | {"candidates": candidates}


def long_and_short(rng):
    """One candidate far too long, the others too short, and all together too short."""
    references = [sentence(rng, length) for length in (10, 9, 11, 12)]
    candidates = [[*references[0], *sentence(rng, 5)]]
    candidates += [row[: len(row) - 3] for row in references[1:]]
    order = rng.permutation(4).tolist()
    return {
        "candidates": [candidates[place] for place in order],
        "references": [references[place] for place in order],
    }


def short_and_empty(rng):
    """Sentences with fewer words than four, and an empty one, among others."""
    drawn = a_corpus(rng)
    short = [sentence(rng, 2), [], sentence(rng, 1)]
    return {
        "candidates": [*short, *drawn["candidates"]],
        "references": [[*row, *sentence(rng, 1)] for row in short] + drawn["references"],
    }


def nothing_in_common(rng):
    """No pair of words matches; single words do."""
    row = rng.permutation(WORDS).tolist()
    return {"candidates": [row, []], "references": [row[::-1], row[:2]]}


@case(BLEU, "idea", inputs=a_corpus)
def a_corpus_with_some_mistakes(k, candidates, references):
    return k.bleu(candidates, references)


@case(BLEU, "idea", inputs=words_that_come_again)
def a_right_word_too_often(k, candidates, references):
    return k.bleu(candidates, references)


@case(BLEU, "idea", inputs=longer_than_their_references)
def longer_than_right(k, candidates, references):
    return k.bleu(candidates, references)


@case(BLEU, "idea", inputs=long_and_short)
def one_too_long_and_the_others_too_short(k, candidates, references):
    return k.bleu(candidates, references)


@case(BLEU, "idea", inputs=a_corpus)
def other_lengths_of_n_grams(k, candidates, references):
    return [k.bleu(candidates, references, max_n) for max_n in (1, 2, 3)]


@case(BLEU, "edge cases", inputs=short_and_empty)
def sentences_of_few_words(k, candidates, references):
    return k.bleu(candidates, references)


@case(BLEU, "edge cases", inputs=nothing_in_common)
def no_pair_in_common(k, candidates, references):
    seen = [k.bleu(candidates, references), k.bleu(candidates[1:], references[1:])]
    return [*seen, k.bleu(references[1:], references[1:]), k.bleu(candidates, references, 1)]


UNKILLED = [
    equivalent(
        EMBED,
        "a table has two axes, and positions are as wide as the table",
        "rows = math.sqrt(positions.shape[-1]) * table[tokens]",
        "rows = math.sqrt(table.shape[1]) * table[tokens]",
    ),
    equivalent(
        MODEL,
        "both tables begin alike, in any order",
        "for table in (self.target_table, self.source_table):",
    ),
    equivalent(
        MODEL,
        "the task leaves open whether positions are saved with the parameters",
        'self.register_buffer("positions", positions, persistent=None)',
        'self.register_buffer("positions", positions)',
        'self.register_buffer("positions", positions, persistent=True)',
    ),
    equivalent(
        MODEL,
        "a source's tokens have two axes, and a vector gets its second one at 1",
        "words = torch.arange(tokens.shape[-1]) < lengths.unsqueeze(-1)",
        "words = torch.arange(tokens.shape[1]) < lengths.unsqueeze(1)",
    ),
    equivalent(
        SCHEDULE,
        "a power and a product of floats are floats, and min has no order",
        "return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)",
        "return float(d_model**-0.5 * min(step * warmup**-1.5, step**-0.5))",
    ),
    equivalent(
        BLEU,
        "the lists start alike, and each candidate has its reference",
        "counted, matched = [0] * max_n, [0] * max_n",
        "for candidate, reference in zip(candidates, references, strict=None):",
        "for candidate, reference in zip(candidates, references):",
        "for candidate, reference in zip(candidates, references, strict=False):",
        "logs = [math.log(m / c) for m, c in zip(matched, counted, strict=None)]",
        "logs = [math.log(m / c) for m, c in zip(matched, counted)]",
        "logs = [math.log(m / c) for m, c in zip(matched, counted, strict=False)]",
        "return math.exp(min(shorter, 0.0) + sum(logs) / max_n)",
    ),
    equivalent(
        BLEU,
        "a product of all matches over a product of all counts: the order of either does not count",
        "matched[1 - n] += (mine & theirs).total()",
        "matched[n - 2] += (mine & theirs).total()",
        "counted[1 - n] += mine.total()",
        "counted[n - 2] += mine.total()",
    ),
    equivalent(
        BEAM,
        "what has two axes has its last one at 1, and a vector gets its second there",
        "logs = torch.log_softmax(next_logits(beam), dim=1)",
        "candidates = (sums.unsqueeze(1) + logs).flatten()",
        "tokens = places % logs.shape[1]",
        "beam = torch.cat([beam[places // logs.shape[-1]], tokens.unsqueeze(-1)], dim=-1)",
        "beam = torch.cat([beam[places // logs.shape[1]], tokens.unsqueeze(-1)], dim=1)",
        "beam = torch.cat([beam[places // logs.shape[-1]], tokens.unsqueeze(1)], dim=1)",
        "length = beam.shape[-1] - 1",
        "return sorted(complete, key=lambda each: -each[-1])[:width]",
    ),
    equivalent(
        BEAM,
        "min has no order, and each row has its score",
        "sums, places = candidates.topk(min(len(candidates), width))",
        "complete += zip(beam[over, 1:].tolist(), (sums[over] / penalty).tolist(), strict=None)",
        "complete += zip(beam[over, 1:].tolist(), (sums[over] / penalty).tolist())",
        "complete += zip(beam[over, 1:].tolist(), (sums[over] / penalty).tolist(), strict=False)",
    ),
]
