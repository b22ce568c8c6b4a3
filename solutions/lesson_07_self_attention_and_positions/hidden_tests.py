"""Hidden cases of lesson 07. Sizes all differ; every value is drawn afresh."""

import torch

from grader.cases import case, equivalent, randn, survivor

SELF = "SelfAttention"
EQUIVARIANT = "is_permutation_equivariant"
PATH = "path_length"
SINUSOIDAL = "sinusoidal_positions"
SHIFT = "shift_matrix"
LEARNED = "LearnedPositions"
ROTARY = "rotary_embedding"
ROTARY_ATTENTION = "rotary_attention"
ALIBI = "alibi_bias"

ANGLES = (1e-3, 1e-4)  # a position times a rounded frequency: more error than a plain product


def booleans(rng, *shape):
    """Draw a mask in which each row allows at least one key, and forbids at least one."""
    chances = rng.random(shape)
    allowed = chances > 0.5
    allowed |= chances == chances.max(axis=-1, keepdims=True)
    allowed &= chances != chances.min(axis=-1, keepdims=True)
    return torch.from_numpy(allowed)


# SelfAttention


def projections(rng, d_model, d_k):
    """Weights of about equal strength, so that scores are of the order of 1."""
    return {f"{name}.weight": randn(rng, d_k, d_model) / 2 for name in ("w_q", "w_k", "w_v")}


def two_sentences(rng):
    return {"stored": projections(rng, 7, 3), "x": randn(rng, 2, 5, 7)}


def a_sentence_under_a_mask(rng):
    """One sentence without a batch; one of its queries may attend to nothing."""
    mask = booleans(rng, 6, 6)
    mask[int(rng.integers(6))] = False
    return {"stored": projections(rng, 4, 5), "x": randn(rng, 6, 4), "mask": mask}


@case(SELF, "idea", inputs=lambda rng: {"x": randn(rng, 3, 5, 7), "d_k": 4})
def shapes_of_parameters_and_output(k, x, d_k):
    module = k.SelfAttention(7, d_k)
    shapes = {name: list(one.shape) for name, one in module.named_parameters()}
    output, weights = module(x)
    return shapes, list(output.shape), list(weights.shape)


@case(SELF, "idea", inputs=two_sentences)
def loaded_projections_are_used(k, stored, x):
    module = k.SelfAttention(7, 3)
    module.load_state_dict(stored)
    output, weights = module.eval()(x)
    return output.detach(), weights.detach()


@case(SELF, "edge cases", inputs=a_sentence_under_a_mask)
def a_mask_with_an_empty_row(k, stored, x, mask):
    module = k.SelfAttention(4, 5)
    module.load_state_dict(stored)
    output, weights = module.eval()(x, mask)
    return output.detach(), weights.detach()


# is_permutation_equivariant

# Each model is a list of numbers, the strengths of its parts, in the order in which `run` adds them
# up. Equivariant models first; then the others, whose names follow in the order of their lists.

OTHERS = (
    "a model that adds a vector for each position",
    "a model that adds a tiny vector for each position, of about 0.0005",
    "a model whose output does not depend on its tokens, but on positions",
    "a model in which each token reads the one before it",
    "a model in which each token reads both neighbours, in a ring",
    "a model that turns the sequence round",
    "attention with a causal mask",
    "attention that prefers near tokens",
    *(f"a model that treats the token at place {place} differently" for place in range(6)),
    "a model that subtracts the first token's sum from all, so that no entry grows or none falls",
    "a model that adds the first token's sum to all, so that no entry grows or none falls",
    "a model that sorts its outputs",
)


def models_in_a_drawn_order(rng):
    # special: 0 for no token, else 1 + its place
    #      own attend mean most shared code before ring back causal near special first sorted
    right = [
        [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [1, 0, -1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 2e-5, 0, 0, 0, 0, 0, 0, 0, 0],
        [1, 0, 0, 1, 0, 2e-5, 0, 0, 0, 0, 0, 0, 0, 0],
    ]
    wrong = [
        [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 5e-4, 0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
        [1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
        [1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0],
        *([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 + place, 0, 0] for place in range(6)),
        [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, 0],
        [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    ]
    recipes = [[float(part) for part in recipe] for recipe in right + wrong]
    order = [int(place) for place in rng.permutation(len(recipes))]
    return {
        "recipes": [recipes[place] for place in order],
        "order": order,
        "x": randn(rng, 6, 5),
        "table": randn(rng, 5, 3),
        "compare": randn(rng, 5, 5) / 3,
        "code": torch.from_numpy(rng.choice([-1.0, 1.0], (6, 3)) * rng.uniform(0.5, 1, (6, 3))),
        "shared": randn(rng, 3),
    }


def verdicts_by_name(got, expected):
    """Judge a list of verdicts, equivariant models first: the first that is wrong is named."""
    if not isinstance(got, list) or len(got) != len(expected):
        return "your function did not give one verdict for each model"
    rights = len(expected) - len(OTHERS)
    for place, (given, right) in enumerate(zip(got, expected, strict=True)):
        verdict = given.item() if hasattr(given, "item") else given
        if type(verdict) is not bool:
            return f"your function must return True or False; it returned a {type(given).__name__}"
        if verdict != right:
            return f"your function says {verdict} for " + (
                "an equivariant model" if right else OTHERS[place - rights]
            )
    return None


@case(EQUIVARIANT, "idea", inputs=models_in_a_drawn_order, judge=verdicts_by_name)
def equivariant_models_and_others(k, recipes, order, x, table, compare, code, shared):
    def build(
        own,
        attend,
        mean,
        most,
        same,
        coded,
        before,
        ring,
        back,
        causal,
        near,
        special,
        first,
        ranked,
    ):
        def model(tokens):
            values = tokens @ table
            scores = tokens @ compare @ tokens.T
            places = torch.arange(6)
            distances = (places[:, None] - places).abs()
            later = places > places[:, None]
            output = own * values
            output = output + attend * scores.softmax(-1) @ values
            output = output + mean * values.mean(0)
            output = output + most * values.amax(0)
            output = output + same * shared
            output = output + coded * code.to(values.dtype)
            output = output + before * values.roll(1, 0)
            output = output + ring * (values.roll(1, 0) + values.roll(-1, 0))
            output = output + back * values.flip(0)
            output = output + causal * scores.masked_fill(later, -1e9).softmax(-1) @ values
            output = output + near * (scores - distances).softmax(-1) @ values
            output = output + (places == special - 1)[:, None] * values.sum(0)
            output = output + first * values[0].sum()
            return output + ranked * values.sort(0).values

        return model

    verdicts = [None for _ in order]
    for i in range(len(order)):
        verdicts[order[i]] = k.is_permutation_equivariant(build(*recipes[i]), x)
    return verdicts


# path_length


def a_ring_with_shortcuts(rng):
    """Tokens in a drawn order read the one before them; two read further; some read themselves."""
    order = rng.permutation(7)
    reads = torch.from_numpy(rng.random(7) > 0.5).diag()
    reads[order, order[[6, 0, 1, 2, 3, 4, 5]]] = True
    reads[order[4], order[1]] = True
    reads[order[0], order[3]] = True
    return {"reads": reads}


def words_in_a_row(rng):
    """Each reads the one before it: the last hears of the first after five steps."""
    return {"reads": torch.ones(6, 6).bool().tril() & torch.ones(6, 6).bool().triu(-1)}


def two_islands(rng):
    """A chain of three, from left to right, and two tokens that read each other; nobody crosses."""
    order = rng.permutation(5)
    order[:3].sort()
    reads = torch.zeros(5, 5).bool()
    reads[order[[1, 2, 3, 4]], order[[0, 1, 4, 3]]] = True
    return {"reads": reads}


@case(PATH, "idea", inputs=a_ring_with_shortcuts)
def steps_between_different_tokens(k, reads):
    return [k.path_length(reads, i, j) for i in range(7) for j in range(7) if i != j]


@case(PATH, "idea", inputs=words_in_a_row)
def steps_along_a_row(k, reads):
    return [k.path_length(reads, 0, target) for target in range(1, len(reads))]


@case(PATH, "edge cases", inputs=two_islands)
def tokens_that_nothing_reaches(k, reads):
    return [k.path_length(reads, i, j) for i in range(5) for j in range(5) if i != j]


@case(PATH, "edge cases", inputs=a_ring_with_shortcuts)
def from_a_token_to_itself(k, reads):
    return [k.path_length(reads, token, token) for token in range(len(reads))]


# sinusoidal_positions


@case(
    SINUSOIDAL,
    "idea",
    inputs=lambda rng: {"n_positions": int(rng.integers(7, 11)), "d_model": 6},
    axes=("position", "feature"),
    tolerance=ANGLES,
)
def more_positions_than_features(k, n_positions, d_model):
    return k.sinusoidal_positions(n_positions, d_model)


@case(
    SINUSOIDAL,
    "idea",
    inputs=lambda rng: {"n_positions": int(rng.integers(4, 8)), "d_model": 10},
    axes=("position", "feature"),
    tolerance=ANGLES,
)
def more_features_than_positions(k, n_positions, d_model):
    return k.sinusoidal_positions(n_positions, d_model)


@case(
    SINUSOIDAL,
    "edge cases",
    inputs=lambda rng: {"n_positions": 9, "d_model": 4, "base": float(rng.uniform(20, 500))},
    axes=("position", "feature"),
    tolerance=ANGLES,
)
def another_base(k, n_positions, d_model, base):
    return k.sinusoidal_positions(n_positions, d_model, base)


@case(
    SINUSOIDAL,
    "edge cases",
    inputs=lambda rng: {"n_positions": 4, "d_model": int(rng.choice([5, 7]))},
)
def an_odd_number_of_features(k, n_positions, d_model):
    try:
        return k.sinusoidal_positions(n_positions, d_model)
    except ValueError as error:
        return type(error).__name__


# shift_matrix


@case(
    SHIFT,
    "idea",
    inputs=lambda rng: {"offset": int(rng.integers(2, 7)), "d_model": 6},
    axes=("feature of the moved code", "feature of the code"),
    tolerance=ANGLES,
)
def some_positions_on(k, offset, d_model):
    return k.shift_matrix(offset, d_model)


@case(
    SHIFT,
    "idea",
    inputs=lambda rng: {"offset": int(rng.integers(11, 20)), "d_model": 4},
    axes=("feature of the moved code", "feature of the code"),
    tolerance=ANGLES,
)
def far_on(k, offset, d_model):
    return k.shift_matrix(offset, d_model)


@case(
    SHIFT,
    "edge cases",
    inputs=lambda rng: {"offset": -int(rng.integers(2, 7)), "d_model": 4},
    axes=("feature of the moved code", "feature of the code"),
    tolerance=ANGLES,
)
def some_positions_back(k, offset, d_model):
    return k.shift_matrix(offset, d_model)


@case(
    SHIFT,
    "edge cases",
    inputs=lambda rng: {"offset": int(rng.integers(2, 7)), "base": float(rng.uniform(20, 500))},
    axes=("feature of the moved code", "feature of the code"),
    tolerance=ANGLES,
)
def with_another_base(k, offset, base):
    return [k.shift_matrix(offset, 8, base=base), k.shift_matrix(0, 2, base)]


# LearnedPositions


def a_table_and_tokens(rng):
    return {"table": randn(rng, 8, 4), "x": randn(rng, 2, 5, 4)}


@case(LEARNED, "idea", inputs=lambda rng: {"max_positions": 9, "d_model": 5})
def parameters_with_their_shapes(k, max_positions, d_model):
    module = k.LearnedPositions(max_positions, d_model)
    return {name: list(one.shape) for name, one in module.named_parameters()}


@case(
    LEARNED,
    "idea",
    inputs=lambda rng: {"max_positions": int(rng.integers(400, 500)), "d_model": 64},
    tolerance=(0.1, 1.5e-3),  # eight standard errors of the mean, and more of the spreads
)
def spread_before_training(k, max_positions, d_model):
    table = k.LearnedPositions(max_positions, d_model).table.detach()
    return [table.mean(), table.std(), table.std(dim=0).mean(), table.std(dim=1).mean()]


@case(LEARNED, "idea", inputs=a_table_and_tokens, axes=("batch", "token", "feature"))
def a_loaded_table_is_added(k, table, x):
    module = k.LearnedPositions(8, 4)
    module.load_state_dict({"table": table})
    return module(x).detach()


@case(LEARNED, "edge cases", inputs=a_table_and_tokens)
def tokens_behind_a_cache(k, table, x):
    module = k.LearnedPositions(8, 4)
    module.load_state_dict({"table": table})
    return [module(x, start).detach() for start in (2, 3)]


@case(LEARNED, "edge cases", inputs=a_table_and_tokens)
def one_sentence_and_heads_of_tokens(k, table, x):
    module = k.LearnedPositions(8, 4)
    module.load_state_dict({"table": table})
    heads = torch.stack([x, 2 * x, -x], dim=1)  # (batch, heads, tokens, features)
    return [module(x[0], start=1).detach(), module(heads).detach()]


@case(LEARNED, "edge cases", inputs=a_table_and_tokens)
def more_tokens_than_positions(k, table, x):
    module = k.LearnedPositions(8, 4)
    module.load_state_dict({"table": table})
    seen = []
    for tokens, start in ((x, 4), (x, 11), (torch.cat([x, x], dim=1), 0)):
        try:
            seen.append(module(tokens, start).detach())
        except ValueError as error:
            seen.append(type(error).__name__)
    return seen


# rotary_embedding


def tokens_from_the_start(rng):
    return {"x": randn(rng, 7, 6), "positions": torch.arange(7)}


def tokens_in_any_order(rng):
    """Positions as a cache gives them: none is 0, and they need not follow one another."""
    positions = rng.choice(40, 4, replace=False) + 1
    base = float(rng.uniform(20, 500))
    return {"x": randn(rng, 4, 10), "positions": torch.from_numpy(positions), "base": base}


def a_query_and_a_key(rng):
    start = int(rng.integers(3, 30))
    return {"query": randn(rng, 1, 8), "key": randn(rng, 1, 8), "start": start}


def heads_behind_tokens(rng):
    """(batch, tokens, heads, features), so that the case's transpose is a view."""
    positions = torch.from_numpy(rng.permutation(20)[:5])
    return {"x": randn(rng, 2, 5, 3, 4), "positions": positions}


def each_sequence_its_own_positions(rng):
    """Padding on the left shifts the positions of some sequences."""
    positions = torch.arange(5) + torch.from_numpy(rng.permutation(9)[:3]).reshape(3, 1, 1)
    return {"x": randn(rng, 3, 2, 5, 6), "positions": positions}


@case(ROTARY, "idea", inputs=tokens_from_the_start, axes=("token", "feature"), tolerance=ANGLES)
def positions_from_zero(k, x, positions):
    return k.rotary_embedding(x, positions)


@case(ROTARY, "idea", inputs=tokens_in_any_order, axes=("token", "feature"), tolerance=ANGLES)
def positions_in_any_order_and_another_base(k, x, positions, base):
    return k.rotary_embedding(x, positions, base)


@case(ROTARY, "idea", inputs=a_query_and_a_key, tolerance=ANGLES)
def scores_at_two_places_and_three_offsets(k, query, key, start):
    scores = []
    for of_query, of_key in ((0, 0), (start, start), (2, 5), (start + 2, start + 5), (5, 2)):
        turned_query = k.rotary_embedding(query, torch.tensor([of_query]))
        turned_key = k.rotary_embedding(key, torch.tensor([of_key]))
        scores.append((turned_query * turned_key).sum())
    return torch.stack(scores)


@case(
    ROTARY,
    "shapes",
    inputs=heads_behind_tokens,
    axes=("batch", "head", "token", "feature"),
    tolerance=ANGLES,
)
def heads_from_a_transposed_view(k, x, positions):
    return k.rotary_embedding(x.transpose(1, 2), positions)


@case(
    ROTARY,
    "shapes",
    inputs=each_sequence_its_own_positions,
    axes=("batch", "head", "token", "feature"),
    tolerance=ANGLES,
)
def positions_of_each_sequence(k, x, positions):
    return k.rotary_embedding(x, positions)


# rotary_attention


def heads_in_order(rng):
    return {
        "queries": randn(rng, 2, 3, 5, 4),
        "keys": randn(rng, 2, 3, 5, 4),
        "values": randn(rng, 2, 3, 5, 6),
        "mask": torch.ones(5, 5).bool().tril(),
    }


def new_tokens_and_a_cache(rng):
    return {
        "queries": randn(rng, 3, 2, 8),
        "keys": randn(rng, 3, 7, 8),
        "values": randn(rng, 3, 7, 4),
        "mask": booleans(rng, 3, 1, 7),
    }


@case(ROTARY_ATTENTION, "idea", inputs=heads_in_order, tolerance=ANGLES)
def as_many_queries_as_keys(k, queries, keys, values, mask):
    return k.rotary_attention(queries, keys, values, mask)


@case(ROTARY_ATTENTION, "idea", inputs=new_tokens_and_a_cache, tolerance=ANGLES)
def queries_that_are_the_last_tokens(k, queries, keys, values, mask):
    return k.rotary_attention(queries, keys, values, mask)


# alibi_bias


@case(
    ALIBI,
    "idea",
    inputs=lambda rng: {"n_heads": int(rng.choice([2, 4])), "tokens": 5},
    axes=("head", "query", "key"),
)
def as_many_tokens_each_way(k, n_heads, tokens):
    return k.alibi_bias(n_heads, tokens, tokens)


@case(
    ALIBI,
    "edge cases",
    inputs=lambda rng: {"n_heads": 8, "queries": 2, "keys": int(rng.integers(5, 8))},
    axes=("head", "query", "key"),
)
def queries_behind_a_cache(k, n_heads, queries, keys):
    return k.alibi_bias(n_heads, queries, keys)


@case(
    ALIBI,
    "edge cases",
    inputs=lambda rng: {"n_heads": int(rng.choice([3, 5, 6])), "tokens": 4},
    axes=("head", "query", "key"),
)
def heads_that_are_no_power_of_two(k, n_heads, tokens):
    return k.alibi_bias(n_heads, tokens, tokens)


# Mutants of the kernels that no case kills, with the reason why.

UNKILLED = [
    equivalent(
        SELF,
        "nn.Linear takes None for False",
        "self.w_q = nn.Linear(d_model, d_k, bias=None)",
        "self.w_k = nn.Linear(d_model, d_k, bias=None)",
        "self.w_v = nn.Linear(d_model, d_k, bias=None)",
    ),
    equivalent(
        EQUIVARIANT,
        "a difference has no order, and nor have two tests that must both hold",
        "torch.allclose(output[order], model(x[order]), rtol=0.0, atol=1e-4)",
        "for order in (rolled, swapped)",
    ),
    survivor(
        EQUIVARIANT,
        "a tolerance of about the same size tells all honest models apart",
        "torch.allclose(model(x[order]), output[order], atol=1e-4)",
        "torch.allclose(model(x[order]), output[order], rtol=0.0, atol=0.0002)",
    ),
    equivalent(PATH, "the table has two axes", "reached = (reads & reached).any(dim=1)"),
    equivalent(SINUSOIDAL, "odd is odd, whatever the divisor's sign", "if d_model % -2:"),
    equivalent(
        SINUSOIDAL,
        "the stack has three axes",
        "return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)",
    ),
    equivalent(
        ROTARY_ATTENTION,
        "there are as many values as keys",
        "places = torch.arange(v.shape[-2])",
    ),
    equivalent(
        ALIBI,
        "a distance has no direction",
        "distances = (places - places[-n_queries:, None]).abs()",
    ),
]
