"""Named wrong answers to lesson 04, and right ones written differently."""

# ruff: noqa: B905 - learners write zip() without strict

import math

import torch
from torch import nn
from torch.nn import functional as F

from grader.cases import alternative, misconception
from solutions.lesson_04_scaled_dot_product.kernels import scaled_dot_product_attention

# attention_by_hand


@misconception(
    "attention_by_hand",
    "You take the softmax of the products themselves, so the weights are too sharp. "
    "Divide each product by √d_k first, the root of the number of features of a key.",
)
def leaves_out_the_scale(q, k, v):
    products = [[sum(a * b for a, b in zip(qi, kj)) for kj in k] for qi in q]
    weights = []
    for row in products:
        powers = [math.exp(s - max(row)) for s in row]
        weights.append([p / sum(powers) for p in powers])
    output = [
        [sum(w * vj[c] for w, vj in zip(row, v)) for c in range(len(v[0]))] for row in weights
    ]
    return products, weights, output


@misconception(
    "attention_by_hand",
    "You divide the products by d_k, so the weights are too even. "
    "Divide by the square root of d_k.",
)
def divides_by_d_k(q, k, v):
    products = [[sum(a * b for a, b in zip(qi, kj)) for kj in k] for qi in q]
    weights = []
    for row in products:
        scores = [s / len(k[0]) for s in row]
        powers = [math.exp(s - max(scores)) for s in scores]
        weights.append([p / sum(powers) for p in powers])
    output = [
        [sum(w * vj[c] for w, vj in zip(row, v)) for c in range(len(v[0]))] for row in weights
    ]
    return products, weights, output


@misconception(
    "attention_by_hand",
    "You divide by the root of the number of keys, so a longer sentence changes the weights. "
    "d_k counts the features of one key, not the keys.",
)
def scales_by_the_number_of_keys(q, k, v):
    products = [[sum(a * b for a, b in zip(qi, kj)) for kj in k] for qi in q]
    weights = []
    for row in products:
        scores = [s / math.sqrt(len(k)) for s in row]
        powers = [math.exp(s - max(scores)) for s in scores]
        weights.append([p / sum(powers) for p in powers])
    output = [
        [sum(w * vj[c] for w, vj in zip(row, v)) for c in range(len(v[0]))] for row in weights
    ]
    return products, weights, output


@misconception(
    "attention_by_hand",
    "You always divide by √3. That fits the example on the page and no other d_k. "
    "Count the features of a key in the argument.",
)
def scales_by_the_root_of_three(q, k, v):
    products = [[sum(a * b for a, b in zip(qi, kj)) for kj in k] for qi in q]
    weights = []
    for row in products:
        scores = [s / math.sqrt(3) for s in row]
        powers = [math.exp(s - max(scores)) for s in scores]
        weights.append([p / sum(powers) for p in powers])
    output = [
        [sum(w * vj[c] for w, vj in zip(row, v)) for c in range(len(v[0]))] for row in weights
    ]
    return products, weights, output


@misconception(
    "attention_by_hand",
    "Each column of your weights sums to 1, not each row: your softmax runs over the queries. "
    "Take it along one row, which holds one query's scores.",
)
def softmax_down_the_columns(q, k, v):
    products = [[sum(a * b for a, b in zip(qi, kj)) for kj in k] for qi in q]
    powers = [[math.exp(s / math.sqrt(len(k[0]))) for s in row] for row in products]
    sums = [sum(column) for column in zip(*powers)]
    weights = [[p / total for p, total in zip(row, sums)] for row in powers]
    output = [
        [sum(w * vj[c] for w, vj in zip(row, v)) for c in range(len(v[0]))] for row in weights
    ]
    return products, weights, output


@misconception(
    "attention_by_hand",
    "You divide the scores by their sum and leave out exp, so a weight can be negative. "
    "Raise e to each score first, then divide by the sum of the row.",
)
def shares_without_exp(q, k, v):
    products = [[sum(a * b for a, b in zip(qi, kj)) for kj in k] for qi in q]
    weights = [[s / sum(row) for s in row] for row in products]
    output = [
        [sum(w * vj[c] for w, vj in zip(row, v)) for c in range(len(v[0]))] for row in weights
    ]
    return products, weights, output


@misconception(
    "attention_by_hand",
    "You add up the keys, weighted, so the output has as many features as a key. "
    "Keys are only compared; multiply the weights with the values, v.",
)
def looks_up_the_keys(q, k, v):
    products = [[sum(a * b for a, b in zip(qi, kj)) for kj in k] for qi in q]
    weights = []
    for row in products:
        scores = [s / math.sqrt(len(k[0])) for s in row]
        powers = [math.exp(s - max(scores)) for s in scores]
        weights.append([p / sum(powers) for p in powers])
    output = [
        [sum(w * kj[c] for w, kj in zip(row, k)) for c in range(len(k[0]))] for row in weights
    ]
    return products, weights, output


@misconception(
    "attention_by_hand",
    "You multiply the rows of q with the columns of k; the result is q k and not q kᵀ. "
    "Take the dot product of one row of q and one row of k.",
)
def multiplies_rows_by_columns(q, k, v):
    width = len(k[0])
    products = [[sum(qi[f] * k[f][j] for f in range(width)) for j in range(width)] for qi in q]
    weights = []
    for row in products:
        scores = [s / math.sqrt(width) for s in row]
        powers = [math.exp(s - max(scores)) for s in scores]
        weights.append([p / sum(powers) for p in powers])
    output = [
        [sum(w * vj[c] for w, vj in zip(row, v)) for c in range(len(v[0]))] for row in weights
    ]
    return products, weights, output


@misconception(
    "attention_by_hand",
    "Your first result is already divided by √d_k. "
    "Return the products q kᵀ as they are, and divide them only for the weights.",
)
def returns_scaled_products(q, k, v):
    scores = [[sum(a * b for a, b in zip(qi, kj)) / math.sqrt(len(kj)) for kj in k] for qi in q]
    weights = []
    for row in scores:
        powers = [math.exp(s - max(row)) for s in row]
        weights.append([p / sum(powers) for p in powers])
    output = [
        [sum(w * vj[c] for w, vj in zip(row, v)) for c in range(len(v[0]))] for row in weights
    ]
    return scores, weights, output


@misconception(
    "attention_by_hand",
    "You take exp of the scores as they are; exp(10000) is too large for a float. "
    "Subtract the row's largest score first: the weights stay the same.",
    about="edge cases",
)
def exp_of_the_scores_themselves(q, k, v):
    products = [[sum(a * b for a, b in zip(qi, kj)) for kj in k] for qi in q]
    weights = []
    for row in products:
        powers = [math.exp(s / math.sqrt(len(k[0]))) for s in row]
        weights.append([p / sum(powers) for p in powers])
    output = [
        [sum(w * vj[c] for w, vj in zip(row, v)) for c in range(len(v[0]))] for row in weights
    ]
    return products, weights, output


@misconception(
    "attention_by_hand",
    "You subtract the largest score of the whole table. A row far below it then sums to 0. "
    "Subtract the largest score of each row from that row.",
    about="edge cases",
)
def subtracts_one_maximum_for_all_rows(q, k, v):
    products = [[sum(a * b for a, b in zip(qi, kj)) for kj in k] for qi in q]
    root = math.sqrt(len(k[0]))
    highest = max(max(row) for row in products) / root
    weights = []
    for row in products:
        powers = [math.exp(s / root - highest) for s in row]
        weights.append([p / sum(powers) for p in powers])
    output = [
        [sum(w * vj[c] for w, vj in zip(row, v)) for c in range(len(v[0]))] for row in weights
    ]
    return products, weights, output


@misconception(
    "attention_by_hand",
    "You subtract the row's largest product, but take exp of scores, which are divided by √d_k. "
    "Far from 0 the two lie far apart. Subtract the row's largest score.",
    about="edge cases",
)
def subtracts_the_largest_product(q, k, v):
    products = [[sum(a * b for a, b in zip(qi, kj)) for kj in k] for qi in q]
    weights = []
    for row in products:
        powers = [math.exp(s / math.sqrt(len(k[0])) - max(row)) for s in row]
        weights.append([p / sum(powers) for p in powers])
    output = [
        [sum(w * vj[c] for w, vj in zip(row, v)) for c in range(len(v[0]))] for row in weights
    ]
    return products, weights, output


@alternative("attention_by_hand")
def with_plain_loops(q, k, v):
    products, weights, output = [], [], []
    for query in q:
        row = []
        for key in k:
            total = 0.0
            for f in range(len(key)):
                total += query[f] * key[f]
            row.append(total)
        products.append(row)
        scores = [product / len(k[0]) ** 0.5 for product in row]
        powers = [math.exp(score - max(scores)) for score in scores]
        weights.append([power / sum(powers) for power in powers])
        mixed = [0.0] * len(v[0])
        for weight, value in zip(weights[-1], v):
            for c in range(len(value)):
                mixed[c] += weight * value[c]
        output.append(mixed)
    return products, weights, output


@alternative("attention_by_hand")
def with_shares_of_the_others(q, k, v):
    root = math.sqrt(len(q[0]))
    products = [[math.fsum(map(float.__mul__, qi, kj)) for kj in k] for qi in q]
    weights = [
        [1 / sum(math.exp(min((other - s) / root, 700)) for other in row) for s in row]
        for row in products
    ]
    output = [[sum(w * x for w, x in zip(row, column)) for column in zip(*v)] for row in weights]
    return (products, weights, output)


# attention_weights


@misconception(
    "attention_weights",
    "You take the softmax of q kᵀ without a scale, so with many features the weights come close "
    "to 0 and 1. Divide by √d_k before the softmax.",
)
def no_scale(q, k):
    return torch.softmax(q @ k.transpose(-2, -1), dim=-1)


@misconception(
    "attention_weights",
    "You divide by d_k, so with many features the weights become nearly equal. "
    "Divide by its square root.",
)
def scale_by_d_k(q, k):
    return torch.softmax(q @ k.transpose(-2, -1) / q.shape[-1], dim=-1)


@misconception(
    "attention_weights",
    "You multiply the products by √d_k. The root undoes their growth, so divide by it.",
)
def multiplies_by_the_root(q, k):
    return torch.softmax(q @ k.transpose(-2, -1) * math.sqrt(q.shape[-1]), dim=-1)


@misconception(
    "attention_weights",
    "You return the scores. They can be negative, and a row does not sum to 1. "
    "The softmax turns them into weights.",
)
def returns_the_scores(q, k):
    return q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])


@misconception(
    "attention_weights",
    "The shapes do not fit in your product: both q and k end in features. "
    "In q kᵀ the keys are turned on their side first: two axes of k change places.",
)
def leaves_out_the_transpose(q, k):
    return torch.softmax(q @ k / math.sqrt(q.shape[-1]), dim=-1)


@misconception(
    "attention_weights",
    "You scale by the root of the number of keys, so a longer sentence changes the weights. "
    "d_k counts the features of one key, the last axis of k.",
)
def scale_by_number_of_keys(q, k):
    return torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(k.shape[-2]), dim=-1)


@misconception(
    "attention_weights",
    "You always divide by √3, which is right for the words on this page only. "
    "Read d_k from the tensor: it is the size of its last axis.",
)
def scale_by_a_constant(q, k):
    return torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(3), dim=-1)


@misconception(
    "attention_weights",
    "Each column of your weights sums to 1, not each row: the softmax runs over the queries. "
    "Take it over the keys, the last axis: dim=-1.",
)
def softmax_over_queries(q, k):
    return torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-2)


@misconception(
    "attention_weights",
    "You divide by √d_k after the softmax, so a row sums to 1/√d_k. "
    "Divide the scores first, then take the softmax.",
)
def scale_after_the_softmax(q, k):
    return torch.softmax(q @ k.transpose(-2, -1), dim=-1) / math.sqrt(q.shape[-1])


@misconception(
    "attention_weights",
    "You use a sigmoid, which judges each key alone, so a row does not sum to 1. "
    "Keys compete: use a softmax over the last axis.",
)
def sigmoid_for_softmax(q, k):
    return torch.sigmoid(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]))


@misconception(
    "attention_weights",
    "Your result has one row for each key: queries and keys have swapped roles. "
    "A query asks, so it owns a row: the queries stand on the left of the product.",
)
def keys_ask_queries(q, k):
    return torch.softmax(k @ q.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)


@misconception(
    "attention_weights",
    "You reshape k to the shape of kᵀ. A reshape keeps the numbers' order and mixes the keys. "
    "Let the last two axes of k change places instead.",
)
def reshape_for_transpose(q, k):
    swapped = k.reshape(*k.shape[:-2], k.shape[-1], k.shape[-2])
    return torch.softmax(q @ swapped / math.sqrt(q.shape[-1]), dim=-1)


@misconception(
    "attention_weights",
    "Your k.T fits tensors of two axes only, and with more it reverses all of them. "
    "Swap the last two axes only, counted from the end.",
    about="shapes",
)
def two_axes_only(q, k):
    return torch.softmax(q @ k.T / math.sqrt(q.shape[-1]), dim=-1)


@misconception(
    "attention_weights",
    "Your softmax runs over dim=1, which is the keys only where no batch axis stands before. "
    "Count from the end: dim=-1.",
    about="shapes",
)
def softmax_over_axis_one(q, k):
    return torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=1)


@misconception(
    "attention_weights",
    "You divide by the root of heads times d_k, the features of the whole model. "
    "Each head compares vectors of d_k features, so √d_k is all you need.",
    about="shapes",
)
def scale_by_d_model(q, k):
    heads = q.shape[-3] if q.dim() > 2 else 1
    return torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(heads * q.shape[-1]), dim=-1)


@misconception(
    "attention_weights",
    "You flatten the leading dimensions with view, which fails on a transposed tensor. "
    "You need no flattening: @ works on the last two axes and keeps the others.",
    about="shapes",
)
def flattens_with_view(q, k):
    flat_q = q.view(-1, *q.shape[-2:])
    flat_k = k.view(-1, *k.shape[-2:])
    scores = torch.bmm(flat_q, flat_k.transpose(1, 2)) / math.sqrt(q.shape[-1])
    return torch.softmax(scores, dim=-1).view(*q.shape[:-1], k.shape[-2])


@misconception(
    "attention_weights",
    "You turn the result into float32, so a float64 input loses half of its digits. "
    "Leave the dtype as it comes.",
    about="shapes",
)
def casts_to_single_precision(q, k):
    return torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1).float()


@misconception(
    "attention_weights",
    "You take exp of the scores as they are; at a score of 10,000 this gives inf / inf, NaN. "
    "Use torch.softmax, or subtract each row's largest score first.",
    about="edge cases",
)
def exp_without_shift(q, k):
    powers = torch.exp(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]))
    return powers / powers.sum(dim=-1, keepdim=True)


@misconception(
    "attention_weights",
    "You subtract the largest score of all rows; a row far below it becomes 0 / 0, NaN. "
    "Subtract each row's own largest score; keepdim=True keeps the axis.",
    about="edge cases",
)
def one_shift_for_all_rows(q, k):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    powers = torch.exp(scores - scores.max())
    return powers / powers.sum(dim=-1, keepdim=True)


@misconception(
    "attention_weights",
    "You leave PyTorch for NumPy, so autograd loses the way back to q and k. "
    "Stay with torch functions: torch.softmax and @.",
    about="gradient",
)
def leaves_torch_for_numpy(q, k):
    scores = (q.detach().numpy() @ k.detach().transpose(-2, -1).numpy()) / math.sqrt(q.shape[-1])
    return torch.softmax(torch.from_numpy(scores), dim=-1)


@alternative("attention_weights")
def by_einsum_and_logsumexp(q, k):
    scores = torch.einsum("...qd,...kd->...qk", q, k) * k.shape[-1] ** -0.5
    return torch.exp(scores - scores.logsumexp(-1, keepdim=True))


@alternative("attention_weights")
def by_hand_written_softmax(q, k):
    d_k = q.size(-1)
    scores = torch.matmul(q / d_k**0.5, k.mT)
    powers = (scores - scores.max(dim=-1, keepdim=True).values).exp()
    return powers / powers.sum(-1, keepdim=True)


# scaled_dot_product_attention


@misconception(
    "scaled_dot_product_attention",
    "You leave out the scale, so with many features the weights come close to 0 and 1. "
    "Divide q kᵀ by √d_k before the softmax.",
)
def attends_without_a_scale(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = torch.softmax(scores, dim=-1)
    return weights @ v, weights


@misconception(
    "scaled_dot_product_attention",
    "You divide by d_k, so the output comes close to the plain mean of the values. "
    "Divide by the square root of d_k.",
)
def attends_with_the_scale_d_k(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / q.shape[-1]
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = torch.softmax(scores, dim=-1)
    return weights @ v, weights


@misconception(
    "scaled_dot_product_attention",
    "You divide by the root of d_v, the features of a value. The scale belongs to the dot product. "
    "It adds d_k terms, one for each feature of a key.",
)
def scales_by_the_features_of_values(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(v.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = torch.softmax(scores, dim=-1)
    return weights @ v, weights


@misconception(
    "scaled_dot_product_attention",
    "You divide by the root of the number of keys, so a longer sentence changes the weights. "
    "d_k counts the features of one key, the last axis of k.",
)
def scales_by_the_number_of_tokens(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(k.shape[-2])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = torch.softmax(scores, dim=-1)
    return weights @ v, weights


@misconception(
    "scaled_dot_product_attention",
    "You always divide by √3, which is right for the words on this page only. "
    "Read d_k from the tensor: it is the size of its last axis.",
)
def scales_by_the_pages_own_d_k(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(3)
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = torch.softmax(scores, dim=-1)
    return weights @ v, weights


@misconception(
    "scaled_dot_product_attention",
    "Each column of your weights sums to 1, not each row: the softmax runs over the queries. "
    "Take it over the last axis, the keys: dim=-1.",
)
def softmax_over_the_queries(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = torch.softmax(scores, dim=-2)
    return weights @ v, weights


@misconception(
    "scaled_dot_product_attention",
    "You use a sigmoid, so a row of weights does not sum to 1 and the output can grow. "
    "Use a softmax over the keys.",
)
def sigmoid_in_place_of_softmax(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = torch.sigmoid(scores)
    return weights @ v, weights


@misconception(
    "scaled_dot_product_attention",
    "You multiply the weights with the keys, so the output has d_k features and v is never read. "
    "Keys say where to look; values are what is read.",
)
def reads_keys_as_values(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = torch.softmax(scores, dim=-1)
    return weights @ k, weights


@misconception(
    "scaled_dot_product_attention",
    "You return the scores where the weights belong: your rows do not sum to 1. "
    "Return what comes out of the softmax beside the output.",
)
def returns_scores_for_weights(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    return torch.softmax(scores, dim=-1) @ v, scores


@misconception(
    "scaled_dot_product_attention",
    "You return the weights first and the output second. Return them as (output, weights).",
)
def returns_weights_first(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = torch.softmax(scores, dim=-1)
    return weights, weights @ v


@misconception(
    "scaled_dot_product_attention",
    "You count axes from the front. Axis 2 is the last one only where exactly two stand before it. "
    "Count from the end: swap -2 and -1.",
)
def transposes_axes_one_and_two(q, k, v, mask=None):
    scores = q @ k.transpose(1, 2) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = torch.softmax(scores, dim=-1)
    return weights @ v, weights


@misconception(
    "scaled_dot_product_attention",
    "Your softmax runs over dim=1, which is the keys only where no batch axis stands before. "
    "Count from the end: dim=-1.",
    about="shapes",
)
def softmax_over_the_second_axis(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = torch.softmax(scores, dim=1)
    return weights @ v, weights


@misconception(
    "scaled_dot_product_attention",
    "You divide by the root of heads times d_k, the features of the whole model. "
    "Each head compares vectors of d_k features: the root of that is the scale.",
    about="shapes",
)
def scales_by_the_features_of_the_model(q, k, v, mask=None):
    heads = q.shape[-3] if q.dim() > 2 else 1
    scores = q @ k.transpose(-2, -1) / math.sqrt(heads * q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = torch.softmax(scores, dim=-1)
    return weights @ v, weights


@misconception(
    "scaled_dot_product_attention",
    "You flatten the leading dimensions with view, which fails on a transposed tensor. "
    "You need no flattening: @ works on the last two axes and keeps the others.",
    about="shapes",
)
def flattens_leading_dimensions_with_view(q, k, v, mask=None):
    flat_q, flat_k, flat_v = (x.view(-1, *x.shape[-2:]) for x in (q, k, v))
    scores = torch.bmm(flat_q, flat_k.transpose(1, 2)) / math.sqrt(q.shape[-1])
    scores = scores.view(*q.shape[:-1], k.shape[-2])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = torch.softmax(scores, dim=-1)
    output = torch.bmm(weights.view(-1, *weights.shape[-2:]), flat_v)
    return output.view(*q.shape[:-1], v.shape[-1]), weights


@misconception(
    "scaled_dot_product_attention",
    "Your output is float32 where the inputs are float64. Leave the dtype as it comes.",
    about="shapes",
)
def returns_single_precision(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = torch.softmax(scores, dim=-1)
    return (weights @ v).float(), weights.float()


@misconception(
    "scaled_dot_product_attention",
    "You do not use the mask, or you do not keep what masked_fill returns (a new tensor). "
    "Forbidden keys keep their weight. Put -inf at forbidden scores, before the softmax.",
    about="edge cases",
)
def ignores_the_mask(q, k, v, mask=None):
    weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)
    return weights @ v, weights


@misconception(
    "scaled_dot_product_attention",
    "You forbid the keys where the mask is True. Here True means that the query may attend. "
    "Fill where the mask is False: turn it round first.",
    about="edge cases",
)
def reads_true_as_forbidden(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(mask, float("-inf"))
    weights = torch.softmax(scores, dim=-1)
    return weights @ v, weights


@misconception(
    "scaled_dot_product_attention",
    "You multiply the mask onto the weights after the softmax, so their rows no longer sum to 1. "
    "Fill forbidden scores with -inf before the softmax.",
    about="edge cases",
)
def masks_after_the_softmax(q, k, v, mask=None):
    weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)
    if mask is not None:
        weights = weights * mask
    return weights @ v, weights


@misconception(
    "scaled_dot_product_attention",
    "You mask after the softmax and divide by what is left. "
    "Where a forbidden score is far ahead, nothing is left: 0 / 0, NaN. "
    "Fill forbidden scores with -inf before the softmax.",
    about="edge cases",
)
def masks_and_renormalises(q, k, v, mask=None):
    weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)
    if mask is not None:
        weights = weights * mask
        weights = weights / weights.sum(dim=-1, keepdim=True)
    return weights @ v, weights


@misconception(
    "scaled_dot_product_attention",
    "A forbidden score is 0 (filled or multiplied), and exp(0) is 1: the key keeps a weight. "
    "Use -inf; its exponential is 0.",
    about="edge cases",
)
def fills_scores_with_zero(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores * mask
    weights = torch.softmax(scores, dim=-1)
    return weights @ v, weights


@misconception(
    "scaled_dot_product_attention",
    "You fill forbidden scores with a number such as -100, and allowed scores can lie below it. "
    "Only -inf is below every score.",
    about="edge cases",
)
def fills_scores_with_minus_ten_thousand(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -1e4)
    weights = torch.softmax(scores, dim=-1)
    return weights @ v, weights


@misconception(
    "scaled_dot_product_attention",
    "You use the mask as an index, which fits only where it has the shape of the scores. "
    "A mask may have fewer axes and broadcast; masked_fill allows that.",
    about="edge cases",
)
def indexes_with_the_mask(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores[~mask] = float("-inf")
    weights = torch.softmax(scores, dim=-1)
    return weights @ v, weights


@misconception(
    "scaled_dot_product_attention",
    "You divide the caller's queries in place, so the next reader finds them changed. "
    "Make a new tensor: `q / ...` does, `q /= ...` does not.",
)
def scales_the_callers_queries(q, k, v, mask=None):
    q /= math.sqrt(q.shape[-1])
    scores = q @ k.transpose(-2, -1)
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = torch.softmax(scores, dim=-1)
    return weights @ v, weights


@misconception(
    "scaled_dot_product_attention",
    "You detach a tensor on the way, so autograd loses the way back. "
    "Use torch functions only, without .detach(), .data or .numpy().",
    about="gradient",
)
def detaches_the_weights(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    weights = torch.softmax(scores, dim=-1).detach()
    return weights @ v, weights


@alternative("scaled_dot_product_attention")
def by_einsum_and_where(q, k, v, mask=None):
    scores = torch.einsum("...qd,...kd->...qk", q, k) / q.size(-1) ** 0.5
    if mask is not None:
        scores = torch.where(mask, scores, torch.full_like(scores, float("-inf")))
    weights = F.softmax(scores, dim=-1)
    return torch.einsum("...qk,...kv->...qv", weights, v), weights


@alternative("scaled_dot_product_attention")
def by_added_bias_and_logsumexp(q, k, v, mask=None):
    scores = torch.matmul(q * (1 / math.sqrt(k.shape[-1])), k.mT)
    if mask is not None:
        scores = scores + torch.zeros(mask.shape, dtype=q.dtype).masked_fill(
            mask.logical_not(), float("-inf")
        )
    weights = (scores - torch.logsumexp(scores, dim=-1, keepdim=True)).exp()
    return torch.matmul(weights, v), weights


# TemperatureAttention


@misconception(
    "TemperatureAttention",
    "You store the temperature as a plain number or tensor. The module then has no parameters, "
    "and an optimizer finds nothing to train. Wrap it in nn.Parameter.",
)
class TemperatureIsAPlainTensor(nn.Module):
    def __init__(self, temperature=1.0):
        super().__init__()
        self.temperature = torch.tensor(float(temperature))

    def forward(self, q, k, v):
        return scaled_dot_product_attention(q / self.temperature, k, v)


@misconception(
    "TemperatureAttention",
    "The temperature has no effect on the weights: forward must divide by self.temperature.",
)
class IgnoresTheTemperature(nn.Module):
    def __init__(self, temperature=1.0):
        super().__init__()
        self.temperature = nn.Parameter(torch.tensor(float(temperature)))

    def forward(self, q, k, v):
        return scaled_dot_product_attention(q, k, v)


@misconception(
    "TemperatureAttention",
    "You divide the queries and the keys by the temperature. Their product is then divided by it "
    "twice. Divide one of them.",
)
class DividesQueriesAndKeys(nn.Module):
    def __init__(self, temperature=1.0):
        super().__init__()
        self.temperature = nn.Parameter(torch.tensor(float(temperature)))

    def forward(self, q, k, v):
        return scaled_dot_product_attention(q / self.temperature, k / self.temperature, v)


@misconception(
    "TemperatureAttention",
    "You build a fresh nn.Parameter inside forward, so the stored one is never used: "
    "loading or training it changes nothing. Build it once, in __init__.",
)
class BuildsAFreshParameterInForward(nn.Module):
    def __init__(self, temperature=1.0):
        super().__init__()
        self.start = float(temperature)
        self.temperature = nn.Parameter(torch.tensor(self.start))

    def forward(self, q, k, v):
        temperature = nn.Parameter(torch.tensor(self.start))
        return scaled_dot_product_attention(q / temperature, k, v)


@misconception(
    "TemperatureAttention",
    "You compute with the temperature once, in __init__, and forward uses that old result. "
    "Loading or training the parameter then changes nothing. Divide by it inside forward.",
)
class ComputesOnceInInit(nn.Module):
    def __init__(self, temperature=1.0):
        super().__init__()
        self.temperature = nn.Parameter(torch.tensor(float(temperature)))
        self.sharpness = 1 / self.temperature

    def forward(self, q, k, v):
        return scaled_dot_product_attention(q * self.sharpness, k, v)


@misconception(
    "TemperatureAttention",
    "You multiply the scores by the temperature, so a high one sharpens the weights. "
    "Divide by it: high means even weights.",
)
class MultipliesByTheTemperature(nn.Module):
    def __init__(self, temperature=1.0):
        super().__init__()
        self.temperature = nn.Parameter(torch.tensor(float(temperature)))

    def forward(self, q, k, v):
        return scaled_dot_product_attention(q * self.temperature, k, v)


@misconception(
    "TemperatureAttention",
    "Your parameter always starts at 1: the argument of __init__ is never used. "
    "Store the temperature that you are given.",
)
class StartsAtOneWhateverIsAsked(nn.Module):
    def __init__(self, temperature=1.0):
        super().__init__()
        self.temperature = nn.Parameter(torch.tensor(1.0))

    def forward(self, q, k, v):
        return scaled_dot_product_attention(q / self.temperature, k, v)


@misconception(
    "TemperatureAttention",
    "You divide the weights by the temperature, after the softmax, so a row does not sum to 1. "
    "Divide the scores, before the softmax.",
)
class DividesTheWeights(nn.Module):
    def __init__(self, temperature=1.0):
        super().__init__()
        self.temperature = nn.Parameter(torch.tensor(float(temperature)))

    def forward(self, q, k, v):
        _, weights = scaled_dot_product_attention(q, k, v)
        weights = weights / self.temperature
        return weights @ v, weights


@misconception(
    "TemperatureAttention",
    "You divide by the temperature in place of √d_k. Divide by both: the scale is still needed.",
)
class PutsTheTemperatureInPlaceOfTheScale(nn.Module):
    def __init__(self, temperature=1.0):
        super().__init__()
        self.temperature = nn.Parameter(torch.tensor(float(temperature)))

    def forward(self, q, k, v):
        weights = torch.softmax(q @ k.transpose(-2, -1) / self.temperature, dim=-1)
        return weights @ v, weights


@misconception(
    "TemperatureAttention",
    "Your parameter has an axis: its shape is (1,), and () is asked for. "
    "Make the tensor from the number itself, without a list around it.",
)
class GivesTheTemperatureAnAxis(nn.Module):
    def __init__(self, temperature=1.0):
        super().__init__()
        self.temperature = nn.Parameter(torch.tensor([float(temperature)]))

    def forward(self, q, k, v):
        return scaled_dot_product_attention(q / self.temperature, k, v)


@misconception(
    "TemperatureAttention",
    "You take the plain number out of the parameter, so no gradient reaches it. "
    "Compute with the parameter itself: no .item(), .detach(), .data or float() on the way.",
    about="gradient",
)
class ComputesWithAPlainNumber(nn.Module):
    def __init__(self, temperature=1.0):
        super().__init__()
        self.temperature = nn.Parameter(torch.tensor(float(temperature)))

    def forward(self, q, k, v):
        return scaled_dot_product_attention(q / self.temperature.item(), k, v)


@alternative("TemperatureAttention")
class RegistersTheParameter(nn.Module):
    def __init__(self, temperature=1.0):
        super().__init__()
        self.register_parameter("temperature", nn.Parameter(torch.full((), float(temperature))))

    def forward(self, q, k, v):
        scores = q @ k.transpose(-2, -1) / (self.temperature * math.sqrt(q.shape[-1]))
        weights = torch.softmax(scores, dim=-1)
        return weights @ v, weights


@alternative("TemperatureAttention")
class ScalesTheKeys(nn.Module):
    def __init__(self, temperature: float = 1.0):
        super().__init__()
        self.temperature = nn.Parameter(torch.ones(()) * temperature)

    def forward(self, q, k, v):
        sharpness = 1 / self.temperature
        scores = torch.einsum("...qd,...kd->...qk", q, k * sharpness) * k.shape[-1] ** -0.5
        weights = F.softmax(scores, dim=-1)
        return torch.matmul(weights, v), weights


# attention_dropout


@misconception(
    "attention_dropout",
    "You drop weights and leave the others as they are, so the output shrinks while training. "
    "Divide what stays by 1 - p.",
)
def keeps_without_scaling_up(weights, draws, p, training):
    if not 0 <= p <= 1:
        raise ValueError("p is a probability")
    return weights * (draws >= p) if training else weights


@misconception(
    "attention_dropout",
    "You scale down in evaluation, as the first dropout paper does. "
    "Here evaluation leaves the weights alone: divide by 1 - p while training.",
)
def scales_down_in_evaluation(weights, draws, p, training):
    if not 0 <= p <= 1:
        raise ValueError("p is a probability")
    return weights * (draws >= p) if training else weights * (1 - p)


@misconception(
    "attention_dropout",
    "Your dropout is still on in evaluation. Where training is False, return the weights.",
)
def drops_in_evaluation_too(weights, draws, p, training):
    if not 0 <= p <= 1:
        raise ValueError("p is a probability")
    if p == 1:
        return torch.zeros_like(weights)
    return weights * (draws >= p) / (1 - p)


@misconception(
    "attention_dropout",
    "You read p as the probability that a weight stays. Here p is the probability that it is "
    "dropped, so a weight stays with probability 1 - p.",
)
def reads_p_as_the_chance_to_stay(weights, draws, p, training):
    if not 0 <= p <= 1:
        raise ValueError("p is a probability")
    if not training:
        return weights
    return weights * (draws < p) / p if p > 0 else torch.zeros_like(weights)


@misconception(
    "attention_dropout",
    "You keep what should be dropped and drop what should be kept. "
    "A weight becomes 0 where its draw is below p.",
)
def swaps_keep_and_drop(weights, draws, p, training):
    if not 0 <= p <= 1:
        raise ValueError("p is a probability")
    if not training:
        return weights
    return weights * (draws < p) / (1 - p) if p < 1 else torch.zeros_like(weights)


@misconception(
    "attention_dropout",
    "You keep where a draw is below 1 - p. That happens equally often, but to other weights. "
    "A weight is dropped where its draw is below p; all others stay.",
)
def compares_draws_with_one_minus_p(weights, draws, p, training):
    if not 0 <= p <= 1:
        raise ValueError("p is a probability")
    if not training:
        return weights
    return weights * (draws < 1 - p) / (1 - p) if p < 1 else torch.zeros_like(weights)


@misconception(
    "attention_dropout",
    "You read `training` the wrong way round: weights are dropped in evaluation and kept in "
    "training. Drop where training is True.",
)
def reads_the_flag_the_wrong_way_round(weights, draws, p, training):
    if not 0 <= p <= 1:
        raise ValueError("p is a probability")
    if training:
        return weights
    return weights * (draws >= p) / (1 - p) if p < 1 else torch.zeros_like(weights)


@misconception(
    "attention_dropout",
    "You divide by 1 - p in evaluation, too. Nothing is dropped there, so nothing is made up for: "
    "return the weights as they are.",
)
def scales_up_in_evaluation_too(weights, draws, p, training):
    if not 0 <= p <= 1:
        raise ValueError("p is a probability")
    if p == 1:
        return torch.zeros_like(weights)
    return weights * (draws >= p) / (1 - p) if training else weights / (1 - p)


@misconception(
    "attention_dropout",
    "You divide by p. A weight stays with probability 1 - p, so divide by 1 - p.",
)
def divides_by_p(weights, draws, p, training):
    if not 0 <= p <= 1:
        raise ValueError("p is a probability")
    return weights * (draws >= p) / p if training and p > 0 else weights


@misconception(
    "attention_dropout",
    "You normalise each row to sum to 1 again. Then the expected value of a weight changes, "
    "and a row that loses all its weights is 0 / 0. Divide by 1 - p only.",
)
def normalises_the_rows_again(weights, draws, p, training):
    if not 0 <= p <= 1:
        raise ValueError("p is a probability")
    if not training:
        return weights
    kept = weights * (draws >= p)
    return kept / kept.sum(dim=-1, keepdim=True)


@misconception(
    "attention_dropout",
    "You build a fresh nn.Dropout inside the function. It starts in training mode, "
    "so eval() never reaches it. Use the draws and the flag that you are given.",
)
def builds_a_fresh_dropout(weights, draws, p, training):
    return nn.Dropout(p)(weights)


@misconception(
    "attention_dropout",
    "You let PyTorch draw its own random numbers. Then no one can repeat your result. "
    "Use the draws that you are given, and compare them with p.",
)
def draws_random_numbers_itself(weights, draws, p, training):
    if not 0 <= p <= 1:
        raise ValueError("p is a probability")
    return F.dropout(weights, p, training)


@misconception(
    "attention_dropout",
    "You set entries of the caller's weights to 0, so the next reader finds them changed. "
    "Make a new tensor: a product does, an assignment into weights does not.",
)
def changes_the_callers_weights(weights, draws, p, training):
    if not 0 <= p <= 1:
        raise ValueError("p is a probability")
    if not training:
        return weights
    weights[draws < p] = 0.0
    return weights / (1 - p) if p < 1 else weights


@misconception(
    "attention_dropout",
    "At p = 1 you divide 0 by 0, and every weight becomes NaN. "
    "Return zeros there: nothing stays, so there is nothing to scale.",
    about="edge cases",
)
def divides_zero_by_zero(weights, draws, p, training):
    if not 0 <= p <= 1:
        raise ValueError("p is a probability")
    return weights * (draws >= p) / (1 - p) if training else weights


@misconception(
    "attention_dropout",
    "You drop where a draw equals p, so p = 0 drops a weight whose draw is 0. "
    "A weight is dropped where its draw is below p; a draw equal to p keeps it.",
    about="edge cases",
)
def drops_where_a_draw_equals_p(weights, draws, p, training):
    if not 0 <= p <= 1:
        raise ValueError("p is a probability")
    if not training:
        return weights
    return weights * (draws > p) / (1 - p) if p < 1 else torch.zeros_like(weights)


@misconception(
    "attention_dropout",
    "You accept a p below 0 or above 1 and return weights that mean nothing. "
    "Raise a ValueError that says which p came.",
    about="edge cases",
)
def accepts_any_p(weights, draws, p, training):
    if not training:
        return weights
    return torch.zeros_like(weights) if p == 1 else weights * (draws >= p) / (1 - p)


@misconception(
    "attention_dropout",
    "You ask for p = 1 before you ask whether a model trains, so evaluation returns zeros. "
    "Evaluation leaves the weights alone at every p.",
    about="edge cases",
)
def asks_for_p_before_training(weights, draws, p, training):
    if not 0 <= p <= 1:
        raise ValueError("p is a probability")
    if p == 1:
        return torch.zeros_like(weights)
    return weights * (draws >= p) / (1 - p) if training else weights


@alternative("attention_dropout")
def with_where(weights, draws, p, training):
    if p < 0 or p > 1:
        raise ValueError(f"{p} is no probability")
    if not training or p == 0:
        return weights.clone()
    nothing = torch.zeros((), dtype=weights.dtype)
    return torch.where(draws < p, nothing, weights / (1 - p))


@alternative("attention_dropout")
def with_masked_fill(weights, draws, p, training):
    if not 0 <= p <= 1:
        raise ValueError("p must lie between 0 and 1")
    scale = 1 / max(1 - p, 1e-12)
    return (weights * scale).masked_fill(draws < p, 0.0) if training else weights


# attention_backward


@misconception(
    "attention_backward",
    "Your gradients of q and k are √d_k times too large: the forward scale has a backward part. "
    "Divide the gradient of the scores by √d_k, too.",
)
def forgets_the_scale_on_the_way_back(q, k, v, grad_output):
    weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)
    grad_weights = grad_output @ v.transpose(-2, -1)
    grad_scores = weights * (grad_weights - (weights * grad_weights).sum(-1, keepdim=True))
    grad_v = weights.transpose(-2, -1) @ grad_output
    return grad_scores @ k, grad_scores.transpose(-2, -1) @ q, grad_v


@misconception(
    "attention_backward",
    "You divide the gradients of q and k by d_k. The forward pass divides by √d_k once, "
    "so the backward pass divides by √d_k once.",
)
def divides_twice_on_the_way_back(q, k, v, grad_output):
    weights = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), dim=-1)
    grad_weights = grad_output @ v.transpose(-2, -1)
    grad_scores = weights * (grad_weights - (weights * grad_weights).sum(-1, keepdim=True))
    grad_scores = grad_scores / q.shape[-1]
    grad_v = weights.transpose(-2, -1) @ grad_output
    return grad_scores @ k, grad_scores.transpose(-2, -1) @ q, grad_v


@misconception(
    "attention_backward",
    "You use w (1 - w), the softmax's diagonal only. Raising one score also lowers the other "
    "weights of its row. Subtract the row's weighted mean first, as rowsum does in dS.",
)
def keeps_the_diagonal_only(q, k, v, grad_output):
    root = math.sqrt(q.shape[-1])
    weights = torch.softmax(q @ k.transpose(-2, -1) / root, dim=-1)
    grad_weights = grad_output @ v.transpose(-2, -1)
    grad_scores = weights * (1 - weights) * grad_weights / root
    grad_v = weights.transpose(-2, -1) @ grad_output
    return grad_scores @ k, grad_scores.transpose(-2, -1) @ q, grad_v


@misconception(
    "attention_backward",
    "You multiply by the weights and subtract nothing, so the rows of the scores' gradient do not "
    "sum to 0. Subtract the row's weighted mean first, as rowsum does in dS.",
)
def subtracts_no_row_mean(q, k, v, grad_output):
    root = math.sqrt(q.shape[-1])
    weights = torch.softmax(q @ k.transpose(-2, -1) / root, dim=-1)
    grad_scores = weights * (grad_output @ v.transpose(-2, -1)) / root
    grad_v = weights.transpose(-2, -1) @ grad_output
    return grad_scores @ k, grad_scores.transpose(-2, -1) @ q, grad_v


@misconception(
    "attention_backward",
    "You subtract the plain mean of each row. The softmax needs the mean weighted by the weights: "
    "what rowsum adds up is a product of two tables.",
)
def subtracts_the_plain_mean(q, k, v, grad_output):
    root = math.sqrt(q.shape[-1])
    weights = torch.softmax(q @ k.transpose(-2, -1) / root, dim=-1)
    grad_weights = grad_output @ v.transpose(-2, -1)
    grad_scores = weights * (grad_weights - grad_weights.mean(-1, keepdim=True)) / root
    grad_v = weights.transpose(-2, -1) @ grad_output
    return grad_scores @ k, grad_scores.transpose(-2, -1) @ q, grad_v


@misconception(
    "attention_backward",
    "You take the weighted sum over the queries. Each query has its own softmax over the keys. "
    "Sum over the last axis: dim=-1.",
)
def sums_over_the_queries(q, k, v, grad_output):
    root = math.sqrt(q.shape[-1])
    weights = torch.softmax(q @ k.transpose(-2, -1) / root, dim=-1)
    grad_weights = grad_output @ v.transpose(-2, -1)
    grad_scores = weights * (grad_weights - (weights * grad_weights).sum(-2, keepdim=True)) / root
    grad_v = weights.transpose(-2, -1) @ grad_output
    return grad_scores @ k, grad_scores.transpose(-2, -1) @ q, grad_v


@misconception(
    "attention_backward",
    "You sum over the keys, but the axis is lost: keepdim=True. "
    "Without it each sum meets a key, where it belongs to a query.",
)
def loses_the_axis_of_the_sum(q, k, v, grad_output):
    root = math.sqrt(q.shape[-1])
    weights = torch.softmax(q @ k.transpose(-2, -1) / root, dim=-1)
    grad_weights = grad_output @ v.transpose(-2, -1)
    grad_scores = weights * (grad_weights - (weights * grad_weights).sum(-1)) / root
    grad_v = weights.transpose(-2, -1) @ grad_output
    return grad_scores @ k, grad_scores.transpose(-2, -1) @ q, grad_v


@misconception(
    "attention_backward",
    "You send the gradient past the softmax as if it were not there. "
    "Turn dW, the gradient of the weights, into dS, that of the scores, first.",
)
def skips_the_softmax(q, k, v, grad_output):
    root = math.sqrt(q.shape[-1])
    weights = torch.softmax(q @ k.transpose(-2, -1) / root, dim=-1)
    grad_scores = grad_output @ v.transpose(-2, -1) / root
    grad_v = weights.transpose(-2, -1) @ grad_output
    return grad_scores @ k, grad_scores.transpose(-2, -1) @ q, grad_v


@misconception(
    "attention_backward",
    "You return the gradient of k where that of q belongs. Return them in the order q, k, v; "
    "each has the shape of its own tensor.",
)
def swaps_queries_and_keys(q, k, v, grad_output):
    root = math.sqrt(q.shape[-1])
    weights = torch.softmax(q @ k.transpose(-2, -1) / root, dim=-1)
    grad_weights = grad_output @ v.transpose(-2, -1)
    grad_scores = weights * (grad_weights - (weights * grad_weights).sum(-1, keepdim=True)) / root
    grad_v = weights.transpose(-2, -1) @ grad_output
    return grad_scores.transpose(-2, -1) @ q, grad_scores @ k, grad_v


@misconception(
    "attention_backward",
    "You transpose with .T, which fits two axes only. "
    "Swap the last two axes only, counted from the end.",
    about="shapes",
)
def transposes_two_axes_only(q, k, v, grad_output):
    root = math.sqrt(q.shape[-1])
    weights = torch.softmax(q @ k.T / root, dim=-1)
    grad_weights = grad_output @ v.T
    grad_scores = weights * (grad_weights - (weights * grad_weights).sum(-1, keepdim=True)) / root
    return grad_scores @ k, grad_scores.T @ q, weights.T @ grad_output


@misconception(
    "attention_backward",
    "You sum over axis 1, which is the keys only where no batch axis stands before. "
    "Count from the end: dim=-1.",
    about="shapes",
)
def sums_over_axis_one(q, k, v, grad_output):
    root = math.sqrt(q.shape[-1])
    weights = torch.softmax(q @ k.transpose(-2, -1) / root, dim=-1)
    grad_weights = grad_output @ v.transpose(-2, -1)
    grad_scores = weights * (grad_weights - (weights * grad_weights).sum(1, keepdim=True)) / root
    grad_v = weights.transpose(-2, -1) @ grad_output
    return grad_scores @ k, grad_scores.transpose(-2, -1) @ q, grad_v


@alternative("attention_backward")
def by_the_softmax_jacobian(q, k, v, grad_output):
    root = math.sqrt(q.shape[-1])
    weights = torch.softmax(q @ k.transpose(-2, -1) / root, dim=-1)
    jacobian = torch.diag_embed(weights) - weights.unsqueeze(-1) * weights.unsqueeze(-2)
    grad_weights = grad_output @ v.transpose(-2, -1)
    grad_scores = (jacobian @ grad_weights.unsqueeze(-1)).squeeze(-1) / root
    return grad_scores @ k, grad_scores.mT @ q, weights.mT @ grad_output


@alternative("attention_backward")
def by_the_output(q, k, v, grad_output):
    """A row's weighted mean of grad_output · v is grad_output · output."""
    scale = q.shape[-1] ** -0.5
    weights = F.softmax(torch.einsum("...qd,...kd->...qk", q, k) * scale, dim=-1)
    row_means = (grad_output * (weights @ v)).sum(-1, keepdim=True)
    grad_scores = weights * (torch.einsum("...qv,...kv->...qk", grad_output, v) - row_means) * scale
    return (
        torch.einsum("...qk,...kd->...qd", grad_scores, k),
        torch.einsum("...qk,...qd->...kd", grad_scores, q),
        torch.einsum("...qk,...qv->...kv", weights, grad_output),
    )
