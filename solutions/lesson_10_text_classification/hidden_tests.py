"""Hidden cases of lesson 10. Sizes all differ; every value is drawn afresh.

Models get drawn numbers for their parameters, by name. A step of training is judged by the
parameters that it leaves behind. A dropout of probability 1 drops everything: then training, too,
has one right answer.
"""

import numpy as np
import torch

from grader.cases import case, equivalent, randn
from grader.states import block_state, linear_state, named, norm_state

CLASSIFIER = "TextClassifier"
SMOOTHING = "label_smoothing"
STEP = "train_step"
SCHEDULE = "warmup_cosine"
GROUPS = "parameter_groups"
DROPOUT = "word_dropout"
STOPPING = "early_stopping"
# Why a case is proved in no other precision than the one it draws.
COARSE = "float32 numbers near 10,000 are 0.001 apart, so right answers round apart"


def classifier_state(rng, n_layers=2, n_tokens=11, d_model=6, d_ff=7, n_classes=3, places=8):
    blocks = {f"blocks.{number}": block_state(rng, d_model, d_ff) for number in range(n_layers)}
    return named(
        embed={"weight": randn(rng, n_tokens, d_model)},
        positions={"weight": randn(rng, places, d_model)},
        encoder=named(**blocks, norm=norm_state(rng, d_model)),
        output=linear_state(rng, d_model, n_classes),
    )


def some_tokens(rng, batch, width, n_tokens=11):
    return torch.from_numpy(rng.integers(1, n_tokens, (batch, width)))


def up_to(lengths, width):
    """Booleans, True at the first tokens of each row; what stands behind them is anything."""
    return torch.arange(width) < torch.from_numpy(lengths)[:, None]


# TextClassifier


def texts(rng):
    """Four texts of 1 to 5 tokens, padded to 5; there are places for 8."""
    lengths = rng.permutation([5, 1, 3, rng.integers(2, 5)])
    return {
        "tokens": some_tokens(rng, 4, 5),
        "words": up_to(lengths, 5),
        "state": classifier_state(rng),
    }


def texts_as_long_as_may_be(rng):
    drawn = texts(rng)
    lengths = rng.permutation([8, 4, 6])
    return drawn | {"tokens": some_tokens(rng, 3, 8), "words": up_to(lengths, 8)}


def a_text_without_words(rng):
    drawn = texts(rng)
    return drawn | {"words": up_to(rng.permutation([0, 2, 5, 3]), 5)}


def texts_and_a_gradient(rng):
    return texts(rng) | {"gradient": randn(rng, 4, 3)}


def a_width(rng):
    return {"d_model": 2 * int(rng.integers(3, 6))}


def other_poolings(rng):
    return {"poolings": [str(one) for one in rng.permutation(["max", "last", "Mean", ""])]}


@case(CLASSIFIER, "idea", inputs=a_width)
def parameters_of_a_classifier(k, d_model):
    shapes = []
    for pooling in ("mean", "cls"):
        module = k.TextClassifier(13, d_model, 2, 2, 7, 5, 9, pooling=pooling)
        shapes.append({name: list(one.shape) for name, one in module.named_parameters()})
    return shapes


@case(CLASSIFIER, "idea", inputs=a_width)
def sizes_that_nobody_chose(k, d_model):
    module = k.TextClassifier(13, d_model, 1, 2, 7)
    return [list(module.positions.weight.shape), list(module.output.weight.shape)]


@case(CLASSIFIER, "idea", inputs=texts, axes=("text", "class"))
def scores_from_the_mean_of_the_words(k, tokens, words, state):
    module = k.TextClassifier(11, 6, 2, 3, 7, 3, 8)
    module.load_state_dict(state)
    return module(tokens, words).detach()


@case(CLASSIFIER, "idea", inputs=texts_as_long_as_may_be, axes=("text", "class"))
def scores_from_the_first_token(k, tokens, words, state):
    module = k.TextClassifier(11, 6, 2, 2, 7, 3, 8, pooling="cls")
    module.load_state_dict(state)
    return module(tokens, words).detach()


@case(CLASSIFIER, "edge cases", inputs=a_text_without_words, axes=("text", "class"))
def a_text_of_padding_alone(k, tokens, words, state):
    module = k.TextClassifier(11, 6, 2, 3, 7, 3, 8, pooling="mean")
    module.load_state_dict(state)
    return module(tokens, words).detach()


@case(CLASSIFIER, "edge cases", inputs=texts)
def all_dropped_in_training_and_nothing_in_evaluation(k, tokens, words, state):
    outputs = []
    for pooling in ("mean", "cls"):
        module = k.TextClassifier(11, 6, 2, 3, 7, 3, 8, 1.0, pooling)
        module.load_state_dict(state)
        outputs += [module(tokens, words).detach(), module.eval()(tokens, words).detach()]
    return outputs


@case(CLASSIFIER, "edge cases", inputs=other_poolings)
def poolings_that_do_not_exist(k, poolings):
    seen = []
    for pooling in poolings:
        try:
            seen.append(k.TextClassifier(11, 6, 1, 3, 7, pooling=pooling).pooling)
        except ValueError as error:
            seen.append(type(error).__name__)
    return seen


# Two samples of 16,000 and of 12,000 numbers: their deviations differ by 8 % less often than once
# in 10^9 runs.
@case(CLASSIFIER, "edge cases", inputs=a_width, tolerance=(0.08, 0.0))
def how_far_the_tables_numbers_spread(k, d_model):
    module = k.TextClassifier(400, 40, 1, 2, 7, max_length=300)
    return [float(table.weight.std()) for table in (module.embed, module.positions)]


@case(CLASSIFIER, "gradient", inputs=texts_and_a_gradient)
def gradients_of_every_parameter(k, tokens, words, state, gradient):
    found = []
    for pooling in ("mean", "cls"):
        module = k.TextClassifier(11, 6, 2, 2, 7, 3, 8, pooling=pooling)
        module.load_state_dict(state)
        names, parameters = zip(*sorted(module.named_parameters()), strict=True)
        slopes = torch.autograd.grad(module(tokens, words), parameters, gradient)
        found.append(dict(zip(names, slopes, strict=True)))
    return found


# label_smoothing


def scores_and_labels(rng):
    labels = torch.from_numpy(rng.permutation([0, 4, rng.integers(1, 4), 4]))
    return {"logits": 2 * randn(rng, 4, 5), "labels": labels, "smoothing": float(rng.random())}


def scores_far_apart(rng):
    drawn = scores_and_labels(rng)
    far = torch.from_numpy(rng.permutation([-1e4, 2e4, 1e4, 0.0, -2e4]))
    return drawn | {"logits": drawn["logits"].double() + far}


def scores_and_a_gradient(rng):
    return scores_and_labels(rng) | {"gradient": randn(rng, 1)}


@case(SMOOTHING, "idea", inputs=scores_and_labels)
def labels_that_are_not_quite_sure(k, logits, labels, smoothing):
    return k.label_smoothing(logits, labels, smoothing)


@case(SMOOTHING, "idea", inputs=scores_and_labels)
def from_no_smoothing_to_nothing_else(k, logits, labels, smoothing):
    return [k.label_smoothing(logits, labels, share) for share in (0.0, 0.1, 1.0)]


@case(SMOOTHING, "idea", inputs=scores_and_labels)
def a_single_text(k, logits, labels, smoothing):
    return [k.label_smoothing(logits[i : i + 1, :3], labels[i : i + 1] % 3, 0.25) for i in range(4)]


@case(SMOOTHING, "edge cases", inputs=scores_far_apart, as_drawn=COARSE)
def scores_of_ten_thousand_either_way(k, logits, labels, smoothing):
    return k.label_smoothing(logits, labels, smoothing)


@case(SMOOTHING, "gradient", inputs=scores_and_a_gradient)
def gradient_of_the_scores(k, logits, labels, smoothing, gradient):
    leaf = logits.clone().requires_grad_()
    loss = k.label_smoothing(leaf, labels, smoothing)
    return torch.autograd.grad(loss, leaf, gradient.squeeze())


# train_step


def a_batch_for_a_bag(rng):
    """Reviews of a few words that come again and again, so that the gradient's norm is large."""
    return {
        "tokens": some_tokens(rng, 3, 7, 4),
        "words": up_to(rng.permutation([7, 5, 6]), 7),
        "labels": torch.from_numpy(rng.permutation([0, 1, rng.integers(2)])),
        "state": {"says.weight": 0.3 * randn(rng, 4, 2), "bias": randn(rng, 2)},
    }


def two_batches_for_a_bag(rng):
    first, second = a_batch_for_a_bag(rng), a_batch_for_a_bag(rng)
    both = {name: [first[name], second[name]] for name in ("tokens", "words", "labels")}
    return both | {"state": first["state"]}


@case(STEP, "idea", inputs=a_batch_for_a_bag)
def one_step_without_clipping(k, tokens, words, labels, state):
    model = k.BagOfWords(4)
    model.load_state_dict(state)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    loss, norm = k.train_step(model, optimizer, tokens, words, labels, max_norm=1e6)
    return {"loss": loss, "norm": norm, "after": dict(model.state_dict())}


@case(STEP, "idea", inputs=a_batch_for_a_bag)
def one_step_with_gradients_clipped(k, tokens, words, labels, state):
    model = k.BagOfWords(4)
    model.load_state_dict(state)
    groups = [{"params": [one]} for one in model.parameters()]
    optimizer = torch.optim.SGD(groups, lr=0.5)
    loss, norm = k.train_step(model, optimizer, tokens, words, labels, max_norm=0.01)
    return {"loss": loss, "norm": norm, "after": dict(model.state_dict())}


@case(STEP, "idea", inputs=a_batch_for_a_bag)
def one_step_with_smoothed_labels(k, tokens, words, labels, state):
    model = k.BagOfWords(4)
    model.load_state_dict(state)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    loss, norm = k.train_step(model, optimizer, tokens, words, labels, 0.4, 1e6)
    return {"loss": loss, "norm": norm, "after": dict(model.state_dict())}


@case(STEP, "idea", inputs=a_batch_for_a_bag)
def clipping_and_smoothing_that_nobody_chose(k, tokens, words, labels, state):
    model = k.BagOfWords(4)
    model.load_state_dict({name: 20 * each for name, each in state.items()})
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    steps = [k.train_step(model, optimizer, tokens, words, each) for each in (labels, 1 - labels)]
    return {"steps": steps, "after": dict(model.state_dict())}


@case(STEP, "idea", inputs=two_batches_for_a_bag)
def two_steps_with_momentum(k, tokens, words, labels, state):
    model = k.BagOfWords(4)
    model.load_state_dict(state)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.9)
    steps = []
    for batch in zip(tokens, words, labels, strict=True):
        steps.append(k.train_step(model, optimizer, *batch, max_norm=0.5))
    return {"steps": steps, "after": dict(model.state_dict())}


@case(STEP, "edge cases", inputs=a_batch_for_a_bag)
def gradients_left_over_from_before(k, tokens, words, labels, state):
    model = k.BagOfWords(4)
    model.load_state_dict(state)
    for parameter in model.parameters():
        parameter.grad = torch.full_like(parameter, 3.0)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    told = k.train_step(model, optimizer, tokens, words, labels, max_norm=1e6)
    floats = [isinstance(one, float) for one in told]
    return {"told": told, "Python floats": floats, "after": dict(model.state_dict())}


@case(STEP, "edge cases", inputs=a_batch_for_a_bag)
def a_model_that_comes_in_evaluation_mode(k, tokens, words, labels, state):
    model = k.BagOfWords(4, dropout=1.0)
    model.load_state_dict(state)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    loss, norm = k.train_step(model.eval(), optimizer, tokens, words, labels, max_norm=1e6)
    return {"loss": loss, "norm": norm, "after": dict(model.state_dict())}


@case(STEP, "edge cases", inputs=a_batch_for_a_bag)
def a_parameter_that_gets_no_gradient(k, tokens, words, labels, state):
    model = k.BagOfWords(4)
    model.load_state_dict(state)
    model.unused = nn.Parameter(torch.ones(3))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5, weight_decay=0.1)
    loss, norm = k.train_step(model, optimizer, tokens, words, labels, max_norm=0.02)
    return {"loss": loss, "norm": norm, "after": dict(model.state_dict())}


# warmup_cosine


def a_schedule(rng):
    warmup = int(rng.integers(3, 7))
    return {
        "warmup": warmup,
        "total": warmup + int(rng.integers(5, 9)),
        "floor": float(rng.uniform(0.35, 0.6)),  # above the first step of any warm-up
    }


@case(SCHEDULE, "idea", inputs=a_schedule, axes=("step",))
def up_in_a_line(k, warmup, total, floor):
    return np.array([k.warmup_cosine(step, warmup, total, floor) for step in range(warmup)])


@case(SCHEDULE, "idea", inputs=a_schedule, axes=("step from the end of warm-up",))
def down_along_a_cosine(k, warmup, total, floor):
    steps = range(warmup, total)
    return np.array([k.warmup_cosine(step, warmup, total, floor) for step in steps])


@case(SCHEDULE, "idea", inputs=a_schedule, axes=("step",))
def a_floor_that_nobody_chose(k, warmup, total, floor):
    return np.array([k.warmup_cosine(step, warmup, total) for step in range(total)])


@case(SCHEDULE, "edge cases", inputs=a_schedule, axes=("step",))
def without_warm_up(k, warmup, total, floor):
    return np.array([k.warmup_cosine(step, 0, total, floor) for step in range(total)])


@case(SCHEDULE, "edge cases", inputs=a_schedule, axes=("step",))
def nothing_but_warm_up(k, warmup, total, floor):
    return np.array([k.warmup_cosine(step, total, total, floor) for step in range(total + 3)])


@case(SCHEDULE, "edge cases", inputs=a_schedule, axes=("step from the end",))
def at_the_end_and_beyond(k, warmup, total, floor):
    steps = (total, total + 1, 2 * total)
    return np.array([k.warmup_cosine(step, warmup, total, floor) for step in steps])


# parameter_groups

# A group's parameters may come in any order, so cases give them by name.


def a_decay(rng):
    return {"decay": float(rng.uniform(0.05, 0.5))}


def parameters_of_every_kind(rng):
    return a_decay(rng) | {"scale": randn(rng, 5), "matrix": randn(rng, 3, 4)}


@case(GROUPS, "idea", inputs=a_decay)
def groups_of_a_small_transformer(k, decay):
    model = nn.Sequential(nn.Embedding(7, 4), nn.TransformerEncoderLayer(4, 2, 6), nn.Linear(4, 3))
    names = {id(one): name for name, one in model.named_parameters()}
    groups = k.parameter_groups(model, decay)
    found = [sorted(names.get(id(one), "none") for one in group["params"]) for group in groups]
    return [*found, [group["weight_decay"] for group in groups]]


@case(GROUPS, "idea", inputs=parameters_of_every_kind)
def groups_of_other_kinds_of_parameters(k, decay, scale, matrix):
    model = nn.Sequential(nn.Conv1d(4, 3, 2), nn.BatchNorm1d(3), nn.EmbeddingBag(6, 3))
    model.scale, model.matrix = nn.Parameter(scale), nn.Parameter(matrix)
    model.places = nn.ModuleList([nn.Embedding(9, 5)])
    names = {id(one): name for name, one in model.named_parameters()}
    groups = k.parameter_groups(model, decay)
    return [sorted(names.get(id(one), "none") for one in group["params"]) for group in groups]


@case(GROUPS, "idea", inputs=parameters_of_every_kind)
def what_a_step_without_gradients_shrinks(k, decay, scale, matrix):
    model = nn.Sequential(nn.Embedding(3, 4), nn.LayerNorm(4), nn.Linear(4, 2))
    for number, parameter in enumerate(model.parameters()):
        nn.init.constant_(parameter, 1.0 + number)
        parameter.grad = torch.zeros_like(parameter)
    torch.optim.AdamW(k.parameter_groups(model, decay), lr=0.1).step()
    return {name: each[..., 0].detach().flatten()[0] for name, each in model.named_parameters()}


@case(GROUPS, "edge cases", inputs=a_decay)
def a_table_that_is_also_a_layers_weight(k, decay):
    model = nn.Sequential(nn.Linear(4, 7), nn.Linear(7, 4), nn.Embedding(4, 7))
    model[2].weight = model[1].weight
    names = {id(one): name for name, one in model.named_parameters()}
    groups = k.parameter_groups(model, decay)
    return [sorted(names.get(id(one), "none") for one in group["params"]) for group in groups]


@case(GROUPS, "edge cases", inputs=a_decay)
def parameters_that_do_not_train(k, decay):
    model = nn.Sequential(nn.Embedding(5, 4), nn.Linear(4, 3), nn.LayerNorm(3), nn.Linear(3, 2))
    model[1].requires_grad_(False)
    model[2].bias.requires_grad_(False)
    names = {id(one): name for name, one in model.named_parameters()}
    groups = k.parameter_groups(model, decay)
    return [sorted(names.get(id(one), "none") for one in group["params"]) for group in groups]


# word_dropout


def reviews_and_draws(rng):
    """Draws are whole eighths, so that some are p itself; specials are among the tokens."""
    tokens = torch.from_numpy(rng.integers(0, 9, (14, 17)))
    tokens[:, 0] = 1
    tokens[:3, 14:] = torch.from_numpy(rng.permutation([0, 2, 1]))
    return {
        "tokens": tokens,
        "draws": torch.from_numpy(rng.integers(0, 8, (14, 17)) / 8).float(),
        "p": int(rng.integers(3, 6)) / 8,
    }


def impossible_chances(rng):
    return {"chances": [float(one) for one in rng.permutation([-0.25, 1.5, -3.0, 0.5, 20.0])]}


@case(DROPOUT, "idea", inputs=reviews_and_draws, axes=("review", "token"))
def words_whose_draw_is_below_p(k, tokens, draws, p):
    return k.word_dropout(tokens, draws, p)


@case(DROPOUT, "idea", inputs=reviews_and_draws, axes=("review", "token"))
def another_number_for_unknown(k, tokens, draws, p):
    return k.word_dropout(tokens, draws, p, unknown=4)


@case(DROPOUT, "idea", inputs=reviews_and_draws)
def no_word_and_every_word(k, tokens, draws, p):
    return [k.word_dropout(tokens, draws, 0.0), k.word_dropout(tokens, draws, 1.0)]


@case(DROPOUT, "edge cases", inputs=impossible_chances)
def chances_below_0_and_above_1(k, chances):
    seen = []
    for p in chances:
        try:
            seen.append(k.word_dropout(torch.tensor([[1, 7, 0]]), torch.full((1, 3), 0.9), p))
        except ValueError as error:
            seen.append(type(error).__name__)
    return seen


# early_stopping


def losses_that_rise_again(rng):
    """The best loss but one is followed by `patience` worse ones; the best comes too late.

    The worse ones fall, so that only the first of them is a rise. All before the end are above 1.
    """
    patience = int(rng.integers(2, 5))
    falling = np.sort(rng.uniform(1.2, 2.5, 4))[::-1]
    worse = np.sort(rng.uniform(2.5, 3.0, patience))[::-1]
    losses = [*falling, *worse, *rng.uniform(0.1, 0.3, 3)]
    return {"losses": [float(one) for one in losses], "patience": patience}


def losses_with_a_short_rise(rng):
    """A rise that is one epoch too short, better ones, a worse one, and the best at the end."""
    patience = int(rng.integers(2, 5))
    better = np.sort(rng.uniform(0.2, 0.5, 3))[::-1]
    losses = [0.8, *rng.uniform(0.81, 0.99, patience - 1), *better, *rng.uniform(0.6, 0.9, 1), 0.1]
    return {"losses": [float(one) for one in losses], "patience": patience}


def equal_losses(rng):
    low = float(rng.uniform(0.3, 0.5))
    return {"losses": [0.9, 0.7, low, low, low, 0.8, 0.1], "patience": 3}


@case(STOPPING, "idea", inputs=losses_that_rise_again)
def patience_runs_out(k, losses, patience):
    return k.early_stopping(losses, patience)


@case(STOPPING, "idea", inputs=losses_with_a_short_rise)
def patience_lasts(k, losses, patience):
    return k.early_stopping(losses, patience)


@case(STOPPING, "idea", inputs=losses_that_rise_again)
def the_first_step_back_is_one_too_many(k, losses, patience):
    return [k.early_stopping(losses, 1), k.early_stopping(losses[:3], 1)]


@case(STOPPING, "idea", inputs=equal_losses)
def as_good_is_not_better(k, losses, patience):
    return k.early_stopping(losses, patience)


@case(STOPPING, "idea", inputs=equal_losses)
def a_single_epoch_and_two_alike(k, losses, patience):
    return [k.early_stopping(losses[:1], patience), k.early_stopping(losses[2:4], patience)]


UNKILLED = [
    equivalent(CLASSIFIER, "two words, in any order", 'if pooling not in ("cls", "mean"):'),
    equivalent(
        CLASSIFIER,
        "two independent draws, in any order",
        "for table in (self.positions, self.embed):",
    ),
    equivalent(
        CLASSIFIER,
        "tokens and words have one shape, and T is its last number",
        "places = torch.arange(words.shape[1])",
        "places = torch.arange(tokens.shape[-1])",
    ),
    equivalent(
        CLASSIFIER,
        "axis 1 of three is the last but one, and axis 1 of two is the last",
        "total = (x * words.unsqueeze(-1)).sum(dim=-2)",
        "return total / words.sum(dim=-1, keepdim=True).clamp(min=1)",
    ),
    equivalent(
        SMOOTHING,
        "axis 1 of two is the last",
        "logs = torch.log_softmax(logits, dim=1)",
        "right = logs.gather(-1, labels.unsqueeze(-1)).squeeze(1)",
        "right = logs.gather(1, labels.unsqueeze(-1)).squeeze(-1)",
        "right = logs.gather(-1, labels.unsqueeze(1)).squeeze(-1)",
        "return -((1 - smoothing) * right + smoothing * logs.mean(dim=1)).mean()",
    ),
    equivalent(
        SMOOTHING,
        "the mean of all sums of pairs is the sum of the means",
        "right = logs.gather(-1, labels.unsqueeze(-1)).squeeze(0)",
        "right = logs.gather(-1, labels.unsqueeze(-1)).squeeze(-2)",
        "right = logs.gather(-1, labels.unsqueeze(-1))",
        "return -((1 - smoothing) * right + smoothing * logs.mean()).mean()",
        "return -((1 - smoothing) * right + smoothing * logs.mean(dim=None)).mean()",
    ),
    equivalent(STEP, "the optimizer holds the model's parameters", "model.zero_grad()"),
    equivalent(
        STEP,
        "math.sqrt takes a tensor of one number",
        "norm = math.sqrt(sum(gradient.square().sum() for gradient in gradients))",
    ),
    equivalent(STEP, "at max_norm itself the factor is 1", "if norm >= max_norm:"),
    equivalent(
        SCHEDULE,
        "a cosine has no sign",
        "done = (warmup_steps - step) / (total_steps - warmup_steps)",
        "done = (step - warmup_steps) / (warmup_steps - total_steps)",
    ),
    equivalent(GROUPS, "two empty lists", "stays, decays = [], []"),
    equivalent(
        DROPOUT,
        "the unknown token hidden is the unknown token",
        "return tokens.masked_fill((draws < p) & (tokens >= unknown), unknown)",
    ),
]
