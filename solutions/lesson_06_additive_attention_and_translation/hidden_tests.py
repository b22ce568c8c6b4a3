"""Hidden cases of lesson 06. Sizes all differ, but where a case says so; all is drawn afresh.

Nine exercises make the file long. The cases of `attend_and_decode_step` each hold the same small
attention: the text of a case runs alone in the student kernel, and must not lean on an exercise.
"""

import numpy as np
import torch

from grader.cases import case, equivalent, randn

VOCABULARY = "build_vocabulary"
PAD = "pad_batch"
ADDITIVE = "AdditiveAttention"
LUONG = "luong_score"
STEP = "attend_and_decode_step"
SHIFT = "shift_right"
LOSS = "masked_cross_entropy"
GREEDY = "greedy_decode"
MASS = "alignment_mass"

TOKENS = ["and", "drink", "fünf", "hundred", "milk", "ninety", "one", "the", "warm", "Zebra"]


# build_vocabulary


def sentences_of(rng, counts):
    """Ten tokens, each as often as `counts` says, in a drawn order, cut into four sentences."""
    names = rng.permutation(TOKENS).tolist()
    text = [name for name, count in zip(names, counts, strict=True) for _ in range(count)]
    text = rng.permutation(text).tolist()
    cuts = np.sort(rng.choice(np.arange(1, len(text)), 3, replace=False)).tolist()
    return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]


def counted_sentences(rng):
    counts = [7, 5, 4, 4, 4, 3, 2, 2, 1, 1]
    return {"sentences": sentences_of(rng, counts), "specials": ["<pad>", "<start>", "<end>"]}


def a_token_often_in_one_sentence(rng):
    """One token fills a sentence; another, less frequent, stands in every sentence."""
    often, spread, rare = rng.permutation(TOKENS)[:3].tolist()
    sentences = [[spread, often, often, often, often], [spread, rare], [spread]]
    return {"sentences": sentences, "specials": ["<unk>"]}


def specials_among_the_tokens(rng):
    """Specials that Python would sort otherwise; two stand in the sentences, one of them most."""
    drawn = counted_sentences(rng)
    rows = [[*row, "<pad>", "<unk>", "<pad>"] for row in drawn["sentences"]]
    return {"sentences": [*rows, []], "specials": ["<start>", "<unk>", "<pad>"]}


@case(VOCABULARY, "idea", inputs=counted_sentences)
def frequent_tokens_before_rare_ones(k, sentences, specials):
    return k.build_vocabulary(sentences, specials)


@case(VOCABULARY, "idea", inputs=a_token_often_in_one_sentence)
def occurrences_and_not_sentences(k, sentences, specials):
    return k.build_vocabulary(sentences, specials)


@case(VOCABULARY, "edge cases", inputs=counted_sentences)
def rare_tokens_left_out(k, sentences, specials):
    return [k.build_vocabulary(sentences, specials, min_count) for min_count in (2, 4, 9)]


@case(VOCABULARY, "edge cases", inputs=specials_among_the_tokens)
def specials_that_stand_in_sentences(k, sentences, specials):
    return k.build_vocabulary(sentences, specials, min_count=2)


# pad_batch


def rows_of_numbers(rng):
    lengths = rng.permutation([2, 6, 3, 5]).tolist()
    return {
        "sequences": [rng.integers(1, 40, length).tolist() for length in lengths],
        "pad": int(rng.integers(40, 60)),
    }


def an_empty_row_and_the_number_of_padding(rng):
    drawn = rows_of_numbers(rng)
    pad = drawn["pad"]
    rows = [[*drawn["sequences"][0], pad], [], [pad, 7, pad, 3], *drawn["sequences"][1:]]
    return {"sequences": rows, "pad": pad}


@case(PAD, "idea", inputs=rows_of_numbers)
def four_rows_of_different_lengths(k, sequences, pad):
    return k.pad_batch(sequences, pad)


@case(PAD, "edge cases", inputs=an_empty_row_and_the_number_of_padding)
def an_empty_row_and_padding_within(k, sequences, pad):
    return k.pad_batch(sequences, pad)


# AdditiveAttention


def additive(rng, *leading, queries, keys, spread=1.0):
    """Weights by name for d_query 3, d_key 5, d_hidden 4; queries and keys with leading axes."""
    return {
        "layers": {
            "w_query.weight": randn(rng, 4, 3),
            "w_key.weight": randn(rng, 4, 5),
            "v.weight": spread * randn(rng, 1, 4),
        },
        "query": randn(rng, *leading, queries, 3),
        "keys": randn(rng, *leading, keys, 5),
    }


def a_batch_of_heads(rng):
    return additive(rng, 2, 3, queries=4, keys=6)


def as_many_queries_as_keys(rng):
    return additive(rng, queries=4, keys=4)


def an_order_that_crosses(rng):
    """Layers that make query i find the key of its own place in a drawn order."""
    n = 5
    return {
        "query": torch.eye(n),
        "keys": torch.eye(n)[torch.from_numpy(rng.permutation(n))],
        "layer": float(rng.uniform(1.5, 2.5)) * torch.eye(n),
        "v": torch.full((1, n), -float(rng.uniform(4.0, 6.0))),
    }


def masked_batch(rng):
    """Large scores, a mask for all queries of a sequence, and a sequence without allowed keys."""
    drawn = additive(rng, 3, queries=2, keys=6, spread=5.0)
    mask = torch.from_numpy(rng.permutation([True, True, True, False, False, False]))
    mask = torch.stack([mask, mask.roll(1), torch.zeros(6).bool()])[:, None, :]
    return drawn | {"mask": mask}


def forbidden_key_far_ahead(rng):
    """The best key of each row is forbidden, and leads by 10,000 or more."""
    drawn = additive(rng, queries=4, keys=7, spread=1e6)
    layers = drawn["layers"]
    hidden = torch.tanh(
        (drawn["query"] @ layers["w_query.weight"].T)[:, None]
        + (drawn["keys"] @ layers["w_key.weight"].T)[None]
    )
    scores = (hidden @ layers["v.weight"].T).squeeze(-1)
    mask = torch.ones(4, 7).bool()
    mask[torch.arange(4), scores.argmax(-1)] = False
    return drawn | {"mask": mask}


def one_query_a_sentence(rng):
    """As while decoding: an axis of size 1 that must stay."""
    return additive(rng, 2, queries=1, keys=6)


def masked_batch_and_gradients(rng):
    return masked_batch(rng) | {
        "of_context": randn(rng, 3, 2, 5),
        "of_weights": randn(rng, 3, 2, 6),
    }


@case(ADDITIVE, "idea", inputs=a_batch_of_heads)
def parameters_by_name(k, layers, query, keys):
    module = k.AdditiveAttention(3, 5, 4)
    return {name: list(parameter.shape) for name, parameter in module.named_parameters()}


@case(ADDITIVE, "idea", inputs=a_batch_of_heads)
def four_queries_and_six_keys_in_a_batch(k, layers, query, keys):
    module = k.AdditiveAttention(3, 5, 4)
    module.load_state_dict(layers)
    context, weights = module(query.transpose(0, 1), keys.transpose(0, 1))
    return context.detach(), weights.detach()


@case(ADDITIVE, "idea", inputs=as_many_queries_as_keys, axes=("query", "key"))
def equal_numbers_of_queries_and_keys(k, layers, query, keys):
    module = k.AdditiveAttention(3, 5, 4)
    module.load_state_dict(layers)
    return module(query, keys)[1].detach()


@case(ADDITIVE, "idea", inputs=an_order_that_crosses, axes=("query", "key"))
def an_alignment_that_crosses(k, query, keys, layer, v):
    module = k.AdditiveAttention(5, 5, 5)
    module.load_state_dict({"w_query.weight": layer, "w_key.weight": layer, "v.weight": v})
    return module(query, keys)[1].detach()


@case(ADDITIVE, "edge cases", inputs=masked_batch)
def padding_and_nothing_but_padding(k, layers, query, keys, mask):
    module = k.AdditiveAttention(3, 5, 4)
    module.load_state_dict(layers)
    context, weights = module(query, keys, mask)
    return context.detach(), weights.detach()


@case(ADDITIVE, "edge cases", inputs=forbidden_key_far_ahead, axes=("query", "key"))
def the_best_key_is_forbidden(k, layers, query, keys, mask):
    module = k.AdditiveAttention(3, 5, 4)
    module.load_state_dict(layers)
    return module(query, keys, mask)[1].detach()


@case(ADDITIVE, "edge cases", inputs=one_query_a_sentence)
def a_single_query(k, layers, query, keys):
    module = k.AdditiveAttention(3, 5, 4)
    module.load_state_dict(layers)
    context, weights = module(query, keys)
    return context.detach(), weights.detach()


@case(ADDITIVE, "gradient", inputs=masked_batch_and_gradients)
def gradients_of_layers_and_inputs(k, layers, query, keys, mask, of_context, of_weights):
    module = k.AdditiveAttention(3, 5, 4)
    module.load_state_dict(layers)
    parameters = [module.get_parameter(name) for name in layers]
    leaves = [*parameters, query.clone().requires_grad_(), keys.clone().requires_grad_()]
    answer = module(*leaves[-2:], mask)
    return torch.autograd.grad(answer, leaves, [of_context, of_weights])


# luong_score


def general(rng):
    return {"query": randn(rng, 4, 3), "keys": randn(rng, 6, 5), "w": randn(rng, 3, 5)}


def square_general(rng):
    """d_query equals d_key, so that a turned matrix fits, and is wrong."""
    return {"query": randn(rng, 2, 4), "keys": randn(rng, 3, 4), "w": randn(rng, 4, 4)}


def dot(rng):
    return {"query": randn(rng, 2, 5), "keys": randn(rng, 4, 5)}


def a_double_batch_of_heads(rng):
    return {
        "query": randn(rng, 2, 4, 3, 5, dtype=torch.float64),
        "keys": randn(rng, 2, 6, 3, 7, dtype=torch.float64),
        "w": randn(rng, 5, 7, dtype=torch.float64),
    }


@case(LUONG, "idea", inputs=general, axes=("query", "key"))
def a_matrix_between_two_widths(k, query, keys, w):
    return k.luong_score(query, keys, w)


@case(LUONG, "idea", inputs=square_general, axes=("query", "key"))
def a_square_matrix(k, query, keys, w):
    return k.luong_score(query, keys, w)


@case(LUONG, "idea", inputs=dot, axes=("query", "key"))
def no_matrix(k, query, keys):
    return k.luong_score(query, keys)


@case(LUONG, "shapes", inputs=a_double_batch_of_heads, axes=("batch", "head", "query", "key"))
def a_batch_of_heads_by_matrix(k, query, keys, w):
    return k.luong_score(query.transpose(1, 2), keys.transpose(1, 2), w)


# attend_and_decode_step


def decoding(rng, *, gates, tokens, d_embed, d_state, d_key, batch, queries, keys):
    """All numbers of a Decoder in one row, a score matrix, and what a step is given."""
    rnn = gates * d_state * (d_embed + d_state + 2)
    layers = d_state * (d_key + d_state + 1) + tokens * (d_state + 1)
    words = torch.arange(keys) < torch.from_numpy(rng.integers(1, keys, batch))[:, None]
    return {
        "sizes": [tokens, d_embed, d_state, d_key],
        "numbers": 0.7 * randn(rng, tokens * d_embed + rnn + layers),
        "match": randn(rng, d_state, d_key),
        "tokens": torch.from_numpy(rng.integers(0, tokens, (batch, queries))),
        "state": [randn(rng, 1, batch, d_state) for _ in range(gates - 2)],
        "keys": randn(rng, batch, keys, d_key),
        "words": words,
    }


def a_gru(rng):
    sizes = {"tokens": 8, "d_embed": 2, "d_state": 3, "d_key": 5}
    return decoding(rng, gates=3, batch=2, queries=4, keys=6, **sizes)


def a_gru_of_equal_sizes(rng):
    """Every size is 4, so that whatever changes places still fits, and is wrong."""
    sizes = {"tokens": 7, "d_embed": 2, "d_state": 4, "d_key": 4}
    return decoding(rng, gates=3, batch=4, queries=4, keys=4, **sizes)


def an_lstm(rng):
    sizes = {"tokens": 6, "d_embed": 4, "d_state": 3, "d_key": 2}
    return decoding(rng, gates=4, batch=5, queries=3, keys=7, **sizes)


@case(STEP, "idea", inputs=a_gru)
def all_tokens_at_once(k, sizes, numbers, match, tokens, state, keys, words):
    class Product(nn.Module):
        def forward(self, query, keys, mask=None):
            scores = query @ match @ keys.transpose(-2, -1)
            if mask is not None:
                scores = scores.masked_fill(~mask, -torch.inf)
            weights = scores.softmax(-1)
            return weights @ keys, weights

    decoder = k.Decoder(*sizes, Product())
    nn.utils.vector_to_parameters(numbers, decoder.parameters())
    with torch.no_grad():
        return k.attend_and_decode_step(decoder, tokens, state[0], keys, words)


@case(STEP, "idea", inputs=a_gru_of_equal_sizes)
def sizes_that_hide_mistakes(k, sizes, numbers, match, tokens, state, keys, words):
    class Product(nn.Module):
        def forward(self, query, keys, mask=None):
            scores = query @ match @ keys.transpose(-2, -1)
            if mask is not None:
                scores = scores.masked_fill(~mask, -torch.inf)
            weights = scores.softmax(-1)
            return weights @ keys, weights

    decoder = k.Decoder(*sizes, Product())
    nn.utils.vector_to_parameters(numbers, decoder.parameters())
    with torch.no_grad():
        return k.attend_and_decode_step(decoder, tokens, state[0], keys, words)


@case(STEP, "shapes", inputs=a_gru)
def one_token_after_another(k, sizes, numbers, match, tokens, state, keys, words):
    class Product(nn.Module):
        def forward(self, query, keys, mask=None):
            scores = query @ match @ keys.transpose(-2, -1)
            if mask is not None:
                scores = scores.masked_fill(~mask, -torch.inf)
            weights = scores.softmax(-1)
            return weights @ keys, weights

    decoder = k.Decoder(*sizes, Product())
    nn.utils.vector_to_parameters(numbers, decoder.parameters())
    seen, now = [], state[0]
    with torch.no_grad():
        for place in range(3):
            column = tokens[:, place : place + 1]
            logits, now, _ = k.attend_and_decode_step(decoder, column, now, keys, words)
            seen.append(logits)
    return seen


@case(STEP, "shapes", inputs=an_lstm)
def an_lstm_with_two_states(k, sizes, numbers, match, tokens, state, keys, words):
    class Product(nn.Module):
        def forward(self, query, keys, mask=None):
            scores = query @ match @ keys.transpose(-2, -1)
            if mask is not None:
                scores = scores.masked_fill(~mask, -torch.inf)
            weights = scores.softmax(-1)
            return weights @ keys, weights

    decoder = k.Decoder(*sizes, Product(), nn.LSTM)
    nn.utils.vector_to_parameters(numbers, decoder.parameters())
    with torch.no_grad():
        return k.attend_and_decode_step(decoder, tokens, tuple(state), keys, words)


# shift_right


def targets_and_start(rng):
    return {
        "targets": torch.from_numpy(rng.integers(3, 30, (3, 5))),
        "start": int(rng.integers(30, 40)),
    }


def one_target_a_row(rng):
    return {
        "targets": torch.from_numpy(rng.integers(3, 30, (4, 1))),
        "start": int(rng.integers(30, 40)),
    }


@case(SHIFT, "idea", inputs=targets_and_start, axes=("sequence", "place"))
def five_targets_a_row(k, targets, start):
    return k.shift_right(targets, start)


@case(SHIFT, "idea", inputs=one_target_a_row, axes=("sequence", "place"))
def a_single_target_a_row(k, targets, start):
    return k.shift_right(targets, start)


# masked_cross_entropy


def logits_and_targets(rng, lengths=(5, 1, 3)):
    """Targets 0 to 6, of which one, not 0, marks padding behind each row."""
    pad = int(rng.integers(1, 7))
    others = [number for number in range(7) if number != pad]
    targets = np.full((len(lengths), 6), pad)
    for row, length in enumerate(lengths):
        targets[row, :length] = rng.choice(others, length)
    targets[0, 0] = 0  # a number like any other
    logits = 2 * randn(rng, len(lengths), 6, 7)
    return {"logits": logits, "targets": torch.from_numpy(targets), "pad": pad}


def far_logits(rng):
    drawn = logits_and_targets(rng)
    return drawn | {"logits": 1e4 * drawn["logits"]}


def anything_at_padding(rng):
    drawn = logits_and_targets(rng, (2, 4))
    logits = drawn["logits"]
    logits[drawn["targets"] == drawn["pad"]] = float("nan")
    return drawn


def one_target_in_all(rng):
    return logits_and_targets(rng, (1, 0))


def nothing_but_padding(rng):
    drawn = logits_and_targets(rng)
    return drawn | {"targets": torch.full((3, 6), drawn["pad"])}


@case(LOSS, "idea", inputs=logits_and_targets)
def rows_of_five_one_and_three_targets(k, logits, targets, pad):
    return k.masked_cross_entropy(logits, targets, pad)


@case(LOSS, "idea", inputs=logits_and_targets)
def gradient_of_the_logits(k, logits, targets, pad):
    watched = logits.clone().requires_grad_()
    return torch.autograd.grad(k.masked_cross_entropy(watched, targets, pad), watched)[0]


@case(LOSS, "edge cases", inputs=far_logits)
def logits_of_ten_thousand(k, logits, targets, pad):
    return k.masked_cross_entropy(logits, targets, pad)


@case(LOSS, "edge cases", inputs=anything_at_padding)
def no_numbers_at_padding(k, logits, targets, pad):
    watched = logits.clone().requires_grad_()
    loss = k.masked_cross_entropy(watched, targets, pad)
    return loss.detach(), torch.autograd.grad(loss, watched)[0]


@case(LOSS, "edge cases", inputs=one_target_in_all)
def a_single_target(k, logits, targets, pad):
    return k.masked_cross_entropy(logits, targets, pad)


@case(LOSS, "edge cases", inputs=nothing_but_padding)
def a_batch_of_padding_alone(k, logits, targets, pad):
    return k.masked_cross_entropy(logits, targets, pad)


# greedy_decode


def lengths_of(table, places, start, end, most):
    """How many tokens each row writes, in plain NumPy: to choose tables worth asking about."""
    lengths = []
    for place in places:
        token = start
        for length in range(1, most + 1):
            token = int(table[(place + length - 1) % len(table), token].argmax())
            if token == end:
                break
        lengths.append(length)
    return lengths


def a_table(rng, fits, *, rows=4, most=9):
    """A table of 6 places and 7 tokens whose rows' lengths fit.

    The special numbers are drawn, and none is one of the page's.
    """
    while True:
        start, end, pad = (3 + rng.permutation(4)[:3]).tolist()
        table = rng.standard_normal((6, 7, 7))
        table[:, :, pad] -= 9.0
        places = rng.choice(6, rows, replace=False)
        if fits(lengths_of(table, places.tolist(), start, end, most)):
            return {
                "table": torch.from_numpy(table).float(),
                "source": torch.from_numpy(places),
                "start": start,
                "end": end,
                "pad": pad,
                "max_length": most,
            }


def rows_that_end_apart(rng):
    return a_table(rng, lambda lengths: len(set(lengths)) >= 3 and 4 <= max(lengths) < 8)


def rows_that_do_not_all_end(rng):
    """At most 5 tokens: one row ends before, and one would go on to 7 or more."""
    drawn = a_table(rng, lambda lengths: min(lengths) < 4 and max(lengths) >= 7)
    return drawn | {"max_length": 5}


def a_row_that_writes_padding(rng):
    """The first token of one row that goes on is the number of padding; what follows is another."""
    while True:
        drawn = rows_that_end_apart(rng)
        table, first, pad = drawn["table"], int(drawn["source"][0]), drawn["pad"]
        table[first, drawn["start"], pad] = 9.0
        after = (first + 1) % len(table)
        lengths = lengths_of(table, drawn["source"].tolist(), drawn["start"], drawn["end"], 9)
        if 3 <= lengths[0] < 8 and table[after, pad].argmax() != drawn["end"]:
            return drawn


def rows_that_end_at_once(rng):
    drawn = rows_that_end_apart(rng)
    drawn["table"][:, drawn["start"], drawn["end"]] += 20.0
    return drawn


@case(GREEDY, "idea", inputs=rows_that_end_apart, axes=("row", "place"))
def rows_end_at_different_times(k, table, source, start, end, pad, max_length):
    return k.greedy_decode(k.TableModel(table, start), source, end, pad, max_length)


@case(GREEDY, "edge cases", inputs=rows_that_do_not_all_end, axes=("row", "place"))
def a_row_that_does_not_end(k, table, source, start, end, pad, max_length):
    return k.greedy_decode(k.TableModel(table, start), source, end, pad, max_length)


@case(GREEDY, "edge cases", inputs=a_row_that_writes_padding, axes=("row", "place"))
def padding_that_is_written(k, table, source, start, end, pad, max_length):
    return k.greedy_decode(k.TableModel(table, start), source, end, pad, max_length)


@case(GREEDY, "edge cases", inputs=rows_that_end_at_once, axes=("row", "place"))
def every_row_ends_at_once(k, table, source, start, end, pad, max_length):
    return k.greedy_decode(k.TableModel(table, start), source, end, pad, max_length)


# alignment_mass


def weights_and_links(rng):
    """Three sentences of 5 target and 4 source tokens, with 2, 4 and 3 linked target tokens.

    In each, the last linked one looks elsewhere altogether: its share is exactly 0. What a mean may
    be taken over is never equally much: linked target tokens, linked source tokens, links, rows.
    """
    links = np.zeros((3, 5, 4), dtype=bool)
    weights = torch.softmax(2 * randn(rng, 3, 5, 4), dim=-1)
    for sentence, count in enumerate(rng.permutation([2, 4, 3])):
        targets = np.sort(rng.choice(5, count, replace=False))
        for target in targets:
            links[sentence, target, rng.choice(4, rng.integers(1, 3), replace=False)] = True
        elsewhere = ~torch.from_numpy(links[sentence, targets[-1]])
        weights[sentence, targets[-1]] = elsewhere / elsewhere.sum()
    links[0, links[0].any(-1).argmax(), :2] = True  # two links: their weights are summed
    counts = {links.any(-1).sum(), links.any(-2).sum(), links.sum(), links[..., 0].size}
    if len(counts) < 4:
        return weights_and_links(rng)
    return {"weights": weights, "links": torch.from_numpy(links)}


@case(MASS, "idea", inputs=weights_and_links)
def share_on_linked_tokens(k, weights, links):
    return k.alignment_mass(weights, links)


UNKILLED = [
    equivalent(
        PAD,
        "rows of whole numbers keep them, whatever is written into them",
        "tokens[row, : len(sequence)] = torch.tensor(sequence, dtype=None)",
        "tokens[row, : len(sequence)] = torch.tensor(sequence)",
    ),
    equivalent(
        PAD,
        "a tensor of one whole number serves as a size",
        "tokens = torch.full((len(sequences), lengths.max()), pad)",
    ),
    equivalent(
        ADDITIVE,
        "nn.Linear takes None for False",
        "self.w_query = nn.Linear(d_query, d_hidden, bias=None)",
        "self.w_key = nn.Linear(d_key, d_hidden, bias=None)",
        "self.v = nn.Linear(d_hidden, 1, bias=None)",
    ),
    equivalent(
        STEP,
        "words have two axes, and the new one comes between them either way",
        "context, weights = decoder.attention(queries, keys, words.unsqueeze(1))",
    ),
    equivalent(
        SHIFT,
        "targets have two axes, and -1 is the second",
        "return torch.cat([first, targets[:, :-1]], dim=-1)",
    ),
    equivalent(
        LOSS,
        "what is picked has two axes, and 1 is the last",
        "log_probabilities = torch.log_softmax(logits[real], dim=1)",
        "chosen = log_probabilities.gather(1, targets[real].unsqueeze(-1))",
        "chosen = log_probabilities.gather(-1, targets[real].unsqueeze(1))",
    ),
    equivalent(
        GREEDY,
        "logits have two axes, and 1 is the last",
        "tokens = logits.argmax(dim=1).masked_fill(ended, pad)",
    ),
    equivalent(
        GREEDY,
        "vectors that are stacked get a second axis, and it is the last",
        "return torch.stack(written, dim=-1)",
    ),
]
