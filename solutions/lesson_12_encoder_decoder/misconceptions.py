"""Named wrong answers to lesson 12, and right ones written differently.

Each stands whole, as a learner would write it, so the two models and the search fill the file.
"""

import math
from collections import Counter

import torch
from torch import nn
from torch.nn import functional as F

from grader.cases import alternative, misconception
from solutions.lesson_07_self_attention_and_positions.kernels import sinusoidal_positions
from solutions.lesson_08_multi_head_attention.kernels import MultiHeadAttention
from solutions.lesson_09_transformer_block.kernels import TransformerEncoder, ready_feed_forward
from solutions.lesson_12_encoder_decoder.kernels import CrossAttentionBlock, embed

# embed


@misconception(
    "embed",
    "You add positions to the rows as they are. Multiply the rows by √d_model first.",
)
def leaves_out_the_scale(tokens, table, positions):
    return table[tokens] + positions[: tokens.shape[-1]]


@misconception(
    "embed",
    "You leave the positions out: a token looks the same at every place. Add their rows.",
)
def leaves_out_the_positions(tokens, table, positions):
    return math.sqrt(table.shape[-1]) * table[tokens]


@misconception(
    "embed",
    "You round the root down to a whole number. √d_model is what math.sqrt gives, as it is.",
)
def rounds_the_root(tokens, table, positions):
    return int(math.sqrt(table.shape[-1])) * table[tokens] + positions[: tokens.shape[-1]]


@misconception(
    "embed",
    "You multiply by d_model, not by its root: tokens drown their positions. Take the square root.",
)
def scales_by_the_width(tokens, table, positions):
    return table.shape[-1] * table[tokens] + positions[: tokens.shape[-1]]


@misconception(
    "embed",
    "You divide by √d_model, as attention does with its products. Here rows grow: multiply.",
)
def divides_by_the_root(tokens, table, positions):
    return table[tokens] / math.sqrt(table.shape[-1]) + positions[: tokens.shape[-1]]


@misconception(
    "embed",
    "You scale positions, too. Only the rows of the table are multiplied by √d_model.",
)
def scales_positions_too(tokens, table, positions):
    return math.sqrt(table.shape[-1]) * (table[tokens] + positions[: tokens.shape[-1]])


@misconception(
    "embed",
    "You scale positions instead of tokens. The rows of the table are multiplied by √d_model.",
)
def scales_positions_instead(tokens, table, positions):
    return table[tokens] + math.sqrt(table.shape[-1]) * positions[: tokens.shape[-1]]


@misconception(
    "embed",
    "You take the root of the number of rows in the table. d_model is the length of one row.",
)
def scales_by_the_vocabulary(tokens, table, positions):
    return math.sqrt(len(table)) * table[tokens] + positions[: tokens.shape[-1]]


@misconception(
    "embed",
    "You take the root of the number of tokens. d_model is the length of a row of the table.",
)
def scales_by_the_tokens(tokens, table, positions):
    return math.sqrt(tokens.shape[-1]) * table[tokens] + positions[: tokens.shape[-1]]


@misconception(
    "embed",
    "You look positions up by token number, so a word has one position wherever it stands. "
    "The place in the sentence counts: rows 0, 1, 2 and so on.",
)
def positions_by_token(tokens, table, positions):
    return math.sqrt(table.shape[-1]) * table[tokens] + positions[tokens % len(positions)]


@misconception(
    "embed",
    "You cut positions along their features. The first axis holds the places: cut that one.",
)
def cuts_the_features(tokens, table, positions):
    return math.sqrt(table.shape[-1]) * table[tokens] + positions[:, : tokens.shape[-1]]


@misconception(
    "embed",
    "Your places follow the first axis of the tokens, the batch. They follow the last one.",
)
def counts_along_the_batch(tokens, table, positions):
    return math.sqrt(table.shape[-1]) * table[tokens] + positions[: len(tokens)]


@misconception(
    "embed",
    "Your first token stands at place 1. Places count from 0.",
)
def starts_at_place_one(tokens, table, positions):
    return math.sqrt(table.shape[-1]) * table[tokens] + positions[1 : tokens.shape[-1] + 1]


@misconception(
    "embed",
    "You put positions behind the tokens' features, which makes them twice as wide. Add them.",
)
def joins_instead_of_adding(tokens, table, positions):
    rows = math.sqrt(table.shape[-1]) * table[tokens]
    return torch.cat([rows, positions[: tokens.shape[-1]].expand_as(rows)], dim=-1)


@misconception(
    "embed",
    "You change the table itself, so it grows with every call. Leave both tables as they are.",
)
def adds_into_the_table(tokens, table, positions):
    table *= math.sqrt(table.shape[-1])
    return table[tokens] + positions[: tokens.shape[-1]]


@misconception(
    "embed",
    "You read the places off axis 1, which only a batch of sentences has. Use the last axis.",
    about="shapes",
)
def expects_a_batch(tokens, table, positions):
    return math.sqrt(table.shape[-1]) * table[tokens] + positions[: tokens.shape[1]]


@alternative("embed")
def by_functional_embedding(tokens, table, positions):
    places = torch.arange(tokens.size(-1))
    return F.embedding(tokens, table) * table.size(1) ** 0.5 + F.embedding(places, positions)


@alternative("embed")
def scales_the_table_first(tokens, table, positions):
    rows = (table * math.sqrt(table.shape[1]))[tokens]
    return rows + positions.narrow(0, 0, tokens.shape[-1]).expand_as(rows)


# CrossAttentionBlock


@misconception(
    "CrossAttentionBlock",
    "The source asks, and the target answers. The target needs to know what to write: it "
    "gives the queries, the memory gives keys and values.",
)
class LetsTheSourceAsk(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(memory, y, y, memory_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "Your second attention looks at the target again, so nothing of the source comes in. Its "
    "keys and values are the memory.",
)
class AttendsToItselfTwice(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, y, y, self_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "You compare with the memory, but mix the target's own vectors. Keys and values belong "
    "together: both are the memory.",
)
class TakesTheValuesFromTheTarget(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory, y, memory_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "The masks are swapped. self_mask says which target tokens may be seen, memory_mask which "
    "source tokens.",
)
class SwapsTheMasks(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, memory_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory, memory, self_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "Your self-attention gets no mask, so each place sees the tokens that it must write. Hand "
    "self_mask on.",
)
class LetsTheTargetSeeAllOfItself(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory, memory, memory_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "Your attention to the memory gets no mask, so it looks at padding. Hand memory_mask on.",
)
class LooksAtPadding(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory, memory)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "Neither attention gets its mask. Hand self_mask on to the first, memory_mask to the second.",
)
class ForgetsBothMasks(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory, memory)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "Your block hides later places on its own. It takes the mask that it gets: without one, every "
    "place sees all others.",
)
class MasksOnItsOwn(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        self_mask = torch.ones(x.shape[1], x.shape[1]).bool().tril()
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory, memory, memory_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "In pre-norm you normalise the queries of the self-attention, not its keys and values. "
    "All three are the normalised x.",
)
class NormalisesTheQueriesAlone(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, x, x, self_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory, memory, memory_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "You hand the memory over as queries and keys, and the target as values. The order is queries, "
    "keys, values: the target comes first.",
)
class TakesTheQueriesLast(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(memory, memory, y, memory_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "One attention does both jobs, with one set of weights. Make two: self_attention and "
    "cross_attention.",
)
class UsesOneAttentionTwice(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = self.self_attention
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory, memory, memory_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "One norm serves all three steps. Each has its own: norm1, norm2, norm3.",
)
class UsesOneNormThrice(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = self.norm1
        self.norm3 = self.norm1
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory, memory, memory_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "You use norm2 twice. The feed-forward network's norm is norm3.",
)
class UsesTheSecondNormTwice(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory, memory, memory_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm2(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm2(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "You look at the source before the target has looked at itself. Self-attention comes first.",
)
class LooksAtTheSourceFirst(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory, memory, memory_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "You put what attention found in the place of x, so the target forgets itself. Add it to "
    "x, in each of the three steps.",
)
class CutsTheStream(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory, memory, memory_mask)
        x = self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "Your block ends behind the second attention. The feed-forward network is missing, and "
    "with it norm3.",
)
class ForgetsToThink(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory, memory, memory_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "norm_first=True gives post-norm in your block, and False gives pre-norm. It is the other "
    "way round.",
)
class ReadsTheFlagTheWrongWayRound(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if not self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = x + self.dropout(added)
        x = x if not self.norm_first else self.norm1(x)
        y = self.norm2(x) if not self.norm_first else x
        added, weights = self.cross_attention(y, memory, memory, memory_mask)
        x = x + self.dropout(added)
        x = x if not self.norm_first else self.norm2(x)
        y = self.norm3(x) if not self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if not self.norm_first else self.norm3(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "Your block is post-norm, whatever norm_first says. With True, the norm stands before "
    "each part.",
)
class IsAlwaysPostNorm(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = False

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory, memory, memory_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "Your block is pre-norm, whatever norm_first says. With False, the norm stands behind "
    "each sum.",
)
class IsAlwaysPreNorm(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = True

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory, memory, memory_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "You normalise the memory, too. It comes from the encoder as it should be: only x goes "
    "through a norm here.",
)
class NormalisesTheMemory(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        memory = self.norm2(memory) if self.norm_first else memory
        added, weights = self.cross_attention(y, memory, memory, memory_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "In pre-norm you add to norm(x), so the stream itself is normalised. Add to x as it came.",
)
class AddsToTheNormalised(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        x = y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        x = y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory, memory, memory_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        x = y = self.norm3(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "In post-norm you normalise what is added. The norm comes last: it gets the sum.",
)
class NormalisesWhatIsAdded(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = x + self.dropout(added if self.norm_first else self.norm1(added))
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory, memory, memory_mask)
        x = x + self.dropout(added if self.norm_first else self.norm2(added))
        y = self.norm3(x) if self.norm_first else x
        added = self.feed_forward(y)
        x = x + self.dropout(added if self.norm_first else self.norm3(added))
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "You return the weights of the self-attention. Asked are those on the memory.",
)
class ReturnsTheWeightsOnItself(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, weights = self.self_attention(y, y, y, self_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, _ = self.cross_attention(y, memory, memory, memory_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "You average the weights over the heads, as nn.MultiheadAttention does. Return those of "
    "each head.",
)
class TakesTheMeanOverHeads(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory, memory, memory_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x, weights.mean(dim=1)


@misconception(
    "CrossAttentionBlock",
    "You return x alone. The weights on the memory belong to the answer: return both.",
)
class ReturnsXAlone(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, _ = self.cross_attention(y, memory, memory, memory_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x


@misconception(
    "CrossAttentionBlock",
    "You return the weights first. x comes first, then the weights.",
)
class ReturnsTheWeightsFirst(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory, memory, memory_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return weights, x


@misconception(
    "CrossAttentionBlock",
    "x += ... writes into the caller's tensor. Write x = x + ..., which makes a new one.",
)
class AddsInPlace(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x += self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory, memory, memory_mask)
        x += self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "What you add goes through no dropout. While the module trains, each of the three outputs "
    "is dropped before it is added.",
    about="edge cases",
)
class DropsNothingThatIsAdded(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = x + added
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory, memory, memory_mask)
        x = x + added
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + self.feed_forward(y)
        x = x if self.norm_first else self.norm3(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "You drop the sum, so the stream itself has holes. Drop only what is added.",
    about="edge cases",
)
class DropsTheStream(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = self.dropout(x + added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory, memory, memory_mask)
        x = self.dropout(x + added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = self.dropout(x + self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "In post-norm you drop what the norm returns, so the stream has holes. Drop what is added, "
    "then add, then normalise.",
    about="edge cases",
)
class DropsWhatTheNormReturns(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = x + self.dropout(added) if self.norm_first else self.dropout(self.norm1(x + added))
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory, memory, memory_mask)
        x = x + self.dropout(added) if self.norm_first else self.dropout(self.norm2(x + added))
        y = self.norm3(x) if self.norm_first else x
        added = self.feed_forward(y)
        x = x + self.dropout(added) if self.norm_first else self.dropout(self.norm3(x + added))
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "Your parts get no dropout: hand it on to both attentions and to the feed-forward network.",
    about="edge cases",
)
class GivesThePartsNoDropout(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads)
        self.cross_attention = MultiHeadAttention(d_model, n_heads)
        self.feed_forward = ready_feed_forward(d_model, d_ff)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory, memory, memory_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "You make the dropout anew in each call, so eval() never reaches it. Make it once, in "
    "__init__.",
    about="edge cases",
)
class BuildsTheDropoutInForward(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.rate = dropout
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = x + nn.Dropout(self.rate)(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory, memory, memory_mask)
        x = x + nn.Dropout(self.rate)(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + nn.Dropout(self.rate)(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x, weights


@misconception(
    "CrossAttentionBlock",
    "You detach the memory, so the encoder never learns what the decoder needs. Leave it in "
    "the record.",
    about="gradient",
)
class DetachesTheMemory(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        y = self.norm1(x) if self.norm_first else x
        added, _ = self.self_attention(y, y, y, self_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm1(x)
        y = self.norm2(x) if self.norm_first else x
        added, weights = self.cross_attention(y, memory.detach(), memory.detach(), memory_mask)
        x = x + self.dropout(added)
        x = x if self.norm_first else self.norm2(x)
        y = self.norm3(x) if self.norm_first else x
        x = x + self.dropout(self.feed_forward(y))
        x = x if self.norm_first else self.norm3(x)
        return x, weights


@alternative("CrossAttentionBlock")
class ByOneRuleForAllSteps(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.norm_first, self.drop = norm_first, nn.Dropout(dropout)
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(d_model) for _ in range(3))
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        seen = []

        def look(y):
            output, weights = self.cross_attention(y, memory, memory, memory_mask)
            seen.append(weights)
            return output

        steps = [
            (self.norm1, lambda y: self.self_attention(y, y, y, self_mask)[0]),
            (self.norm2, look),
            (self.norm3, self.feed_forward),
        ]
        for norm, part in steps:
            if self.norm_first:
                x = x + self.drop(part(norm(x)))
            else:
                x = norm(x + self.drop(part(x)))
        return x, seen[0]


@alternative("CrossAttentionBlock")
class InTwoBranches(nn.Module):
    def __init__(self, d_model, n_heads, d_ff, dropout=0.0, norm_first=False):
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.cross_attention = MultiHeadAttention(d_model, n_heads, dropout)
        self.feed_forward = ready_feed_forward(d_model, d_ff, dropout)
        for number in (1, 2, 3):
            self.add_module(f"norm{number}", nn.LayerNorm(d_model))
        self.norm_first = norm_first
        self.p = dropout

    def forward(self, x, memory, self_mask=None, memory_mask=None):
        def dropped(y):
            return F.dropout(y, self.p, self.training)

        if self.norm_first:
            y = self.norm1(x)
            x = x + dropped(self.self_attention(y, y, y, mask=self_mask)[0])
            y, weights = self.cross_attention(self.norm2(x), memory, memory, mask=memory_mask)
            x = x + dropped(y)
            return x + dropped(self.feed_forward(self.norm3(x))), weights
        x = self.norm1(x + dropped(self.self_attention(x, x, x, self_mask)[0]))
        y, weights = self.cross_attention(x, memory, memory, memory_mask)
        x = self.norm2(x + dropped(y))
        return self.norm3(x + dropped(self.feed_forward(x))), weights


# Transformer


@misconception(
    "Transformer",
    "You look the tokens up and do not scale them, so positions drown them. Your embed "
    "multiplies by √d_model: use it.",
)
class LeavesOutTheScale(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList()
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first))
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = self.dropout(self.source_table(tokens) + self.positions[: tokens.shape[1]])
        return self.encoder(x, words[:, None, None, :]), words

    def decode(self, inputs, memory, words):
        x = self.dropout(self.target_table(inputs) + self.positions[: inputs.shape[1]])
        order = torch.ones(x.shape[1], x.shape[1]).bool().tril()
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order, words[:, None, None, :])
            seen.append(weights)
        if self.norm_first:
            x = self.norm(x)
        return x @ self.target_table.weight.T, torch.stack(seen, dim=1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "Your target tokens have no positions. The causal mask tells the decoder little about "
    "order: embed the inputs as you embed the source.",
)
class GivesTheDecoderNoPositions(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList()
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first))
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x, words[:, None, None, :]), words

    def decode(self, inputs, memory, words):
        x = self.dropout(math.sqrt(self.target_table.embedding_dim) * self.target_table(inputs))
        order = torch.ones(x.shape[1], x.shape[1]).bool().tril()
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order, words[:, None, None, :])
            seen.append(weights)
        if self.norm_first:
            x = self.norm(x)
        return x @ self.target_table.weight.T, torch.stack(seen, dim=1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "Your positions are learned, so there is one parameter more. Here they are "
    "sinusoidal_positions, which stay fixed.",
)
class LearnsPositions(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = nn.Parameter(sinusoidal_positions(max_length, d_model))
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList()
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first))
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x, words[:, None, None, :]), words

    def decode(self, inputs, memory, words):
        x = self.dropout(embed(inputs, self.target_table.weight, self.positions))
        order = torch.ones(x.shape[1], x.shape[1]).bool().tril()
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order, words[:, None, None, :])
            seen.append(weights)
        if self.norm_first:
            x = self.norm(x)
        return x @ self.target_table.weight.T, torch.stack(seen, dim=1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "Your decoder has no causal mask: each place reads the token that it must write. Allow "
    "the places up to itself.",
)
class LetsPlacesSeeTheFuture(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList()
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first))
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x, words[:, None, None, :]), words

    def decode(self, inputs, memory, words):
        x = self.dropout(embed(inputs, self.target_table.weight, self.positions))
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, None, words[:, None, None, :])
            seen.append(weights)
        if self.norm_first:
            x = self.norm(x)
        return x @ self.target_table.weight.T, torch.stack(seen, dim=1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "Your mask allows later places and forbids earlier ones. Keep the lower triangle.",
)
class TurnsTheOrderRound(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList()
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first))
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x, words[:, None, None, :]), words

    def decode(self, inputs, memory, words):
        x = self.dropout(embed(inputs, self.target_table.weight, self.positions))
        order = torch.ones(x.shape[1], x.shape[1]).bool().triu()
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order, words[:, None, None, :])
            seen.append(weights)
        if self.norm_first:
            x = self.norm(x)
        return x @ self.target_table.weight.T, torch.stack(seen, dim=1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "Your mask hides each place from itself, so the last token is never read. The diagonal is "
    "allowed.",
)
class HidesEachPlaceFromItself(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList()
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first))
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x, words[:, None, None, :]), words

    def decode(self, inputs, memory, words):
        x = self.dropout(embed(inputs, self.target_table.weight, self.positions))
        order = torch.ones(x.shape[1], x.shape[1]).bool().tril(-1)
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order, words[:, None, None, :])
            seen.append(weights)
        if self.norm_first:
            x = self.norm(x)
        return x @ self.target_table.weight.T, torch.stack(seen, dim=1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "Your encoder reads in order, too: a source token sees only what stands before it. The "
    "whole source is there: mask only its padding.",
)
class MasksTheEncoderCausally(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList()
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first))
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths[:, None]
        order = torch.ones(tokens.shape[1], tokens.shape[1]).bool().tril()
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x, words[:, None, None, :] & order), words

    def decode(self, inputs, memory, words):
        x = self.dropout(embed(inputs, self.target_table.weight, self.positions))
        order = torch.ones(x.shape[1], x.shape[1]).bool().tril()
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order, words[:, None, None, :])
            seen.append(weights)
        if self.norm_first:
            x = self.norm(x)
        return x @ self.target_table.weight.T, torch.stack(seen, dim=1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "Your encoder attends to padding, so a source changes with its batch. Give it a mask made "
    "of the lengths.",
)
class ReadsPadding(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList()
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first))
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x), words

    def decode(self, inputs, memory, words):
        x = self.dropout(embed(inputs, self.target_table.weight, self.positions))
        order = torch.ones(x.shape[1], x.shape[1]).bool().tril()
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order, words[:, None, None, :])
            seen.append(weights)
        if self.norm_first:
            x = self.norm(x)
        return x @ self.target_table.weight.T, torch.stack(seen, dim=1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "Your decoder looks at the memory of padding. Each block gets the booleans of encode as "
    "its memory_mask.",
)
class LetsBlocksLookAtPadding(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList()
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first))
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x, words[:, None, None, :]), words

    def decode(self, inputs, memory, words):
        x = self.dropout(embed(inputs, self.target_table.weight, self.positions))
        order = torch.ones(x.shape[1], x.shape[1]).bool().tril()
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order)
            seen.append(weights)
        if self.norm_first:
            x = self.norm(x)
        return x @ self.target_table.weight.T, torch.stack(seen, dim=1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "Nothing hides padding: neither the encoder nor the blocks get a mask of it. "
    "Hand words to both.",
)
class MasksNoPadding(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList()
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first))
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x), words

    def decode(self, inputs, memory, words):
        x = self.dropout(embed(inputs, self.target_table.weight, self.positions))
        order = torch.ones(x.shape[1], x.shape[1]).bool().tril()
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order)
            seen.append(weights)
        if self.norm_first:
            x = self.norm(x)
        return x @ self.target_table.weight.T, torch.stack(seen, dim=1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "Your encoder's mask hides padding as a query, not as a key. The keys are the last axis: "
    "(B, 1, 1, T).",
)
class HidesRowsForColumns(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList()
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first))
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x, words[:, None, :, None]), words

    def decode(self, inputs, memory, words):
        x = self.dropout(embed(inputs, self.target_table.weight, self.positions))
        order = torch.ones(x.shape[1], x.shape[1]).bool().tril()
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order, words[:, None, None, :])
            seen.append(weights)
        if self.norm_first:
            x = self.norm(x)
        return x @ self.target_table.weight.T, torch.stack(seen, dim=1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "Your encoder and your blocks get no dropout. Hand it on to both.",
    about="edge cases",
)
class HandsNoDropoutOn(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, norm_first=norm_first)
        self.decoder = nn.ModuleList()
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, norm_first=norm_first))
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x, words[:, None, None, :]), words

    def decode(self, inputs, memory, words):
        x = self.dropout(embed(inputs, self.target_table.weight, self.positions))
        order = torch.ones(x.shape[1], x.shape[1]).bool().tril()
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order, words[:, None, None, :])
            seen.append(weights)
        if self.norm_first:
            x = self.norm(x)
        return x @ self.target_table.weight.T, torch.stack(seen, dim=1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "You find padding by the token number 0. The lengths say where it is, and padding may "
    "hold any number.",
)
class TakesNumberZeroForPadding(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList()
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first))
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, _ = source
        words = tokens != 0
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x, words[:, None, None, :]), words

    def decode(self, inputs, memory, words):
        x = self.dropout(embed(inputs, self.target_table.weight, self.positions))
        order = torch.ones(x.shape[1], x.shape[1]).bool().tril()
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order, words[:, None, None, :])
            seen.append(weights)
        if self.norm_first:
            x = self.norm(x)
        return x @ self.target_table.weight.T, torch.stack(seen, dim=1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "Your booleans are True one place too far: place 3 of a source of 3 tokens is padding. "
    "Compare with <.",
)
class CountsOneTokenTooMany(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList()
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first))
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) <= lengths[:, None]
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x, words[:, None, None, :]), words

    def decode(self, inputs, memory, words):
        x = self.dropout(embed(inputs, self.target_table.weight, self.positions))
        order = torch.ones(x.shape[1], x.shape[1]).bool().tril()
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order, words[:, None, None, :])
            seen.append(weights)
        if self.norm_first:
            x = self.norm(x)
        return x @ self.target_table.weight.T, torch.stack(seen, dim=1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "You learn an output layer of its own. The paper shares one matrix: the scores are "
    "products with target_table's rows.",
)
class LearnsAnOutputLayer(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList()
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first))
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.output = nn.Linear(d_model, n_target)
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x, words[:, None, None, :]), words

    def decode(self, inputs, memory, words):
        x = self.dropout(embed(inputs, self.target_table.weight, self.positions))
        order = torch.ones(x.shape[1], x.shape[1]).bool().tril()
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order, words[:, None, None, :])
            seen.append(weights)
        if self.norm_first:
            x = self.norm(x)
        return self.output(x), torch.stack(seen, dim=1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "You look up target tokens in the source's table. Each vocabulary has its own.",
)
class EmbedsTheInputsWithTheSourceTable(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList()
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first))
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x, words[:, None, None, :]), words

    def decode(self, inputs, memory, words):
        x = self.dropout(embed(inputs, self.source_table.weight, self.positions))
        order = torch.ones(x.shape[1], x.shape[1]).bool().tril()
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order, words[:, None, None, :])
            seen.append(weights)
        if self.norm_first:
            x = self.norm(x)
        return x @ self.target_table.weight.T, torch.stack(seen, dim=1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "You return probabilities. The loss and the search take a softmax themselves: return the "
    "products.",
)
class ReturnsProbabilities(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList()
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first))
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x, words[:, None, None, :]), words

    def decode(self, inputs, memory, words):
        x = self.dropout(embed(inputs, self.target_table.weight, self.positions))
        order = torch.ones(x.shape[1], x.shape[1]).bool().tril()
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order, words[:, None, None, :])
            seen.append(weights)
        if self.norm_first:
            x = self.norm(x)
        return (x @ self.target_table.weight.T).softmax(dim=-1), torch.stack(seen, dim=1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "Your decoder is one block, used again and again. Each of the n_layers blocks has "
    "parameters of its own.",
)
class SharesOneBlock(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        block = CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList([block] * n_layers)
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x, words[:, None, None, :]), words

    def decode(self, inputs, memory, words):
        x = self.dropout(embed(inputs, self.target_table.weight, self.positions))
        order = torch.ones(x.shape[1], x.shape[1]).bool().tril()
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order, words[:, None, None, :])
            seen.append(weights)
        if self.norm_first:
            x = self.norm(x)
        return x @ self.target_table.weight.T, torch.stack(seen, dim=1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "Your blocks stand in a Python list, where PyTorch does not see their parameters, so they "
    "never train. Use nn.ModuleList.",
)
class KeepsBlocksInAList(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = []
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first))
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x, words[:, None, None, :]), words

    def decode(self, inputs, memory, words):
        x = self.dropout(embed(inputs, self.target_table.weight, self.positions))
        order = torch.ones(x.shape[1], x.shape[1]).bool().tril()
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order, words[:, None, None, :])
            seen.append(weights)
        if self.norm_first:
            x = self.norm(x)
        return x @ self.target_table.weight.T, torch.stack(seen, dim=1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "Each block starts again from the embedded inputs, so only the last one counts. Each gets "
    "what the one before returned.",
)
class GivesEachBlockTheEmbeddings(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList()
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first))
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x, words[:, None, None, :]), words

    def decode(self, inputs, memory, words):
        x = self.dropout(embed(inputs, self.target_table.weight, self.positions))
        order = torch.ones(x.shape[1], x.shape[1]).bool().tril()
        seen = []
        for block in self.decoder:
            y, weights = block(x, memory, order, words[:, None, None, :])
            seen.append(weights)
        x = self.norm(y) if self.norm_first else y
        return x @ self.target_table.weight.T, torch.stack(seen, dim=1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "You return the weights of the last block alone. Stack those of all blocks.",
)
class ReturnsTheLastBlocksWeights(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList()
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first))
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x, words[:, None, None, :]), words

    def decode(self, inputs, memory, words):
        x = self.dropout(embed(inputs, self.target_table.weight, self.positions))
        order = torch.ones(x.shape[1], x.shape[1]).bool().tril()
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order, words[:, None, None, :])
            seen.append(weights)
        if self.norm_first:
            x = self.norm(x)
        return x @ self.target_table.weight.T, weights

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "Your weights have the blocks on axis 0. The batch comes first: stack along axis 1.",
)
class PutsTheBlocksFirst(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList()
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first))
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x, words[:, None, None, :]), words

    def decode(self, inputs, memory, words):
        x = self.dropout(embed(inputs, self.target_table.weight, self.positions))
        order = torch.ones(x.shape[1], x.shape[1]).bool().tril()
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order, words[:, None, None, :])
            seen.append(weights)
        if self.norm_first:
            x = self.norm(x)
        return x @ self.target_table.weight.T, torch.stack(seen)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "In pre-norm nothing normalises what the last block returns. Put `norm` behind it.",
)
class LeavesOutTheLastNorm(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList()
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first))
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x, words[:, None, None, :]), words

    def decode(self, inputs, memory, words):
        x = self.dropout(embed(inputs, self.target_table.weight, self.positions))
        order = torch.ones(x.shape[1], x.shape[1]).bool().tril()
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order, words[:, None, None, :])
            seen.append(weights)
        return x @ self.target_table.weight.T, torch.stack(seen, dim=1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "Your post-norm decoder ends in a norm too many: its last block has normalised already. "
    "Make `norm` only where norm_first is True.",
)
class AlwaysNormalisesAtTheEnd(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList()
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first))
        self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x, words[:, None, None, :]), words

    def decode(self, inputs, memory, words):
        x = self.dropout(embed(inputs, self.target_table.weight, self.positions))
        order = torch.ones(x.shape[1], x.shape[1]).bool().tril()
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order, words[:, None, None, :])
            seen.append(weights)
        x = self.norm(x)
        return x @ self.target_table.weight.T, torch.stack(seen, dim=1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "Encoder and decoder blocks do not get norm_first, so they use their defaults. Hand it on "
    "to both.",
)
class KeepsTheFlagFromTheBlocks(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout)
        self.decoder = nn.ModuleList()
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout))
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x, words[:, None, None, :]), words

    def decode(self, inputs, memory, words):
        x = self.dropout(embed(inputs, self.target_table.weight, self.positions))
        order = torch.ones(x.shape[1], x.shape[1]).bool().tril()
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order, words[:, None, None, :])
            seen.append(weights)
        if self.norm_first:
            x = self.norm(x)
        return x @ self.target_table.weight.T, torch.stack(seen, dim=1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "Your embeddings go through no dropout. While the module trains, both are dropped before "
    "the first block.",
    about="edge cases",
)
class DropsNoEmbeddings(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        nn.init.normal_(self.source_table.weight, std=d_model**-0.5)
        nn.init.normal_(self.target_table.weight, std=d_model**-0.5)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList()
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first))
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = embed(tokens, self.source_table.weight, self.positions)
        return self.encoder(x, words[:, None, None, :]), words

    def decode(self, inputs, memory, words):
        x = embed(inputs, self.target_table.weight, self.positions)
        order = torch.ones(x.shape[1], x.shape[1]).bool().tril()
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order, words[:, None, None, :])
            seen.append(weights)
        if self.norm_first:
            x = self.norm(x)
        return x @ self.target_table.weight.T, torch.stack(seen, dim=1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@misconception(
    "Transformer",
    "Your tables start with a spread of 1. Times √d_model the tokens are then far larger than "
    "positions. Draw rows with a deviation of 1 / √d_model.",
    about="edge cases",
)
class LeavesTheTablesAsTheyCome(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        self.positions = sinusoidal_positions(max_length, d_model)
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList()
        for _ in range(n_layers):
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first))
        if norm_first:
            self.norm = nn.LayerNorm(d_model)
        self.norm_first = norm_first
        self.dropout = nn.Dropout(dropout)

    def encode(self, source):
        tokens, lengths = source
        words = torch.arange(tokens.shape[1]) < lengths[:, None]
        x = self.dropout(embed(tokens, self.source_table.weight, self.positions))
        return self.encoder(x, words[:, None, None, :]), words

    def decode(self, inputs, memory, words):
        x = self.dropout(embed(inputs, self.target_table.weight, self.positions))
        order = torch.ones(x.shape[1], x.shape[1]).bool().tril()
        seen = []
        for block in self.decoder:
            x, weights = block(x, memory, order, words[:, None, None, :])
            seen.append(weights)
        if self.norm_first:
            x = self.norm(x)
        return x @ self.target_table.weight.T, torch.stack(seen, dim=1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@alternative("Transformer")
class WithWholeMasks(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        sizes = d_model, n_heads, d_ff, dropout, norm_first
        self.encoder = TransformerEncoder(n_layers, *sizes)
        self.decoder = nn.ModuleList([CrossAttentionBlock(*sizes) for _ in range(n_layers)])
        self.source_table = nn.Embedding.from_pretrained(
            torch.randn(n_source, d_model) / math.sqrt(d_model), freeze=False
        )
        self.target_table = nn.Embedding.from_pretrained(
            torch.randn(n_target, d_model) / math.sqrt(d_model), freeze=False
        )
        self.register_buffer("places", sinusoidal_positions(max_length, d_model))
        self.drop = nn.Dropout(dropout)
        if norm_first:
            self.norm = nn.LayerNorm(d_model)

    def encode(self, source):
        tokens, lengths = source
        words = torch.stack([torch.arange(tokens.size(1)) < length for length in lengths])
        seen = words[:, None, None].expand(-1, 1, tokens.size(1), -1)
        x = self.drop(embed(tokens, self.source_table.weight, self.places))
        return self.encoder(x, seen), words

    def decode(self, inputs, memory, words):
        n = inputs.size(1)
        order = (torch.arange(n)[:, None] >= torch.arange(n))[None, None]
        padding = words[:, None, None].expand(-1, 1, n, -1)
        x, weights = self.drop(embed(inputs, self.target_table.weight, self.places)), []
        for block in self.decoder:
            x, shares = block(x, memory, order, padding)
            weights.append(shares.unsqueeze(1))
        x = self.norm(x) if hasattr(self, "norm") else x
        return torch.einsum("btd,vd->btv", x, self.target_table.weight), torch.cat(weights, 1)

    def forward(self, source, inputs):
        memory, words = self.encode(source)
        return self.decode(inputs, memory, words)


@alternative("Transformer")
class WithPositionsMadeEachTime(nn.Module):
    def __init__(
        self,
        n_source,
        n_target,
        d_model,
        n_heads,
        d_ff,
        n_layers,
        max_length=64,
        dropout=0.0,
        norm_first=False,
    ):
        super().__init__()
        self.source_table = nn.Embedding(n_source, d_model)
        self.target_table = nn.Embedding(n_target, d_model)
        with torch.no_grad():
            self.source_table.weight.div_(math.sqrt(d_model))
            self.target_table.weight.div_(math.sqrt(d_model))
        self.encoder = TransformerEncoder(n_layers, d_model, n_heads, d_ff, dropout, norm_first)
        self.decoder = nn.ModuleList()
        while len(self.decoder) < n_layers:
            self.decoder.append(CrossAttentionBlock(d_model, n_heads, d_ff, dropout, norm_first))
        self.norm = nn.LayerNorm(d_model) if norm_first else None
        self.rate = dropout

    def embedded(self, table, tokens):
        positions = sinusoidal_positions(tokens.shape[1], table.embedding_dim)
        return F.dropout(embed(tokens, table.weight, positions), self.rate, self.training)

    def encode(self, source):
        tokens, lengths = source
        words = torch.ones_like(tokens).cumsum(dim=1) <= lengths.unsqueeze(1)
        return self.encoder(self.embedded(self.source_table, tokens), words[:, None, None]), words

    def decode(self, inputs, memory, words):
        order = torch.ones(inputs.shape[1], inputs.shape[1]).tril() > 0
        x, seen = self.embedded(self.target_table, inputs), ()
        for block in self.decoder:
            x, weights = block(x, memory, self_mask=order, memory_mask=words[:, None, None])
            seen += (weights,)
        if self.norm is not None:
            x = self.norm(x)
        return x.matmul(self.target_table.weight.T), torch.stack(seen).transpose(0, 1)

    def forward(self, source, inputs):
        return self.decode(inputs, *self.encode(source))


# noam_schedule


@misconception(
    "noam_schedule",
    "You take the larger of the two terms, so the first steps are huge. Take the smaller one.",
)
def takes_the_larger(step, d_model, warmup):
    if step < 1:
        raise ValueError(step)
    return d_model**-0.5 * max(step**-0.5, step * warmup**-1.5)


@misconception(
    "noam_schedule",
    "Your rate rises in a line and then stays. Behind the warm-up it falls like 1 / √step.",
)
def never_falls(step, d_model, warmup):
    if step < 1:
        raise ValueError(step)
    return d_model**-0.5 * min(warmup**-0.5, step * warmup**-1.5)


@misconception(
    "noam_schedule",
    "Your rate only falls, so there is no warm-up. In the first steps the second term, "
    "step · warmup^(-3/2), must be the smaller one.",
)
def never_rises(step, d_model, warmup):
    if step < 1:
        raise ValueError(step)
    return d_model**-0.5 * step**-0.5


@misconception(
    "noam_schedule",
    "The two terms do not meet at the end of your warm-up. There step / warmup^(3/2) must be "
    "1 / √step: the exponent is -3/2.",
)
def exponent_of_a_half(step, d_model, warmup):
    if step < 1:
        raise ValueError(step)
    return d_model**-0.5 * min(step**-0.5, step * warmup**-0.5)


@misconception(
    "noam_schedule",
    "Your line rises to 1, whatever the warm-up. Its top is 1 / √warmup: divide by warmup^(3/2).",
)
def rises_to_one(step, d_model, warmup):
    if step < 1:
        raise ValueError(step)
    return d_model**-0.5 * min(step**-0.5, step / warmup)


@misconception(
    "noam_schedule",
    "You leave the width out. Wider models take smaller steps: multiply by 1 / √d_model.",
)
def leaves_out_the_width(step, d_model, warmup):
    if step < 1:
        raise ValueError(step)
    return min(step**-0.5, step * warmup**-1.5)


@misconception(
    "noam_schedule",
    "Your rate grows with the width. The exponent of d_model is negative.",
)
def grows_with_the_width(step, d_model, warmup):
    if step < 1:
        raise ValueError(step)
    return d_model**0.5 * min(step**-0.5, step * warmup**-1.5)


@misconception(
    "noam_schedule",
    "You divide by d_model itself. Divide by its root.",
)
def divides_by_the_width(step, d_model, warmup):
    if step < 1:
        raise ValueError(step)
    return min(step**-0.5, step * warmup**-1.5) / d_model


@misconception(
    "noam_schedule",
    "You count from 0 and add 1. Here the first step is number 1: use it as it is.",
)
def counts_from_zero(step, d_model, warmup):
    if step < 1:
        raise ValueError(step)
    return d_model**-0.5 * min((step + 1) ** -0.5, (step + 1) * warmup**-1.5)


@misconception(
    "noam_schedule",
    "Behind the warm-up your rate falls like 1 / step. It falls like 1 / √step.",
)
def falls_too_fast(step, d_model, warmup):
    if step < 1:
        raise ValueError(step)
    rising = step * warmup**-1.5
    return d_model**-0.5 * (rising if step < warmup else warmup**0.5 / step)


@misconception(
    "noam_schedule",
    "You return a rate for step 0. Steps count from 1: raise a ValueError for less.",
    about="edge cases",
)
def answers_at_step_zero(step, d_model, warmup):
    if step < 1:
        return 0.0
    return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)


@misconception(
    "noam_schedule",
    "Step 0 divides by 0 in your code, and a negative step gives a complex number. "
    "Raise a ValueError for both.",
    about="edge cases",
)
def lets_step_zero_divide(step, d_model, warmup):
    return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)


@misconception(
    "noam_schedule",
    "You refuse step 0 alone. There is no step -1 either: refuse every step less than 1.",
    about="edge cases",
)
def refuses_zero_alone(step, d_model, warmup):
    if step == 0:
        raise ValueError(step)
    return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)


@misconception(
    "noam_schedule",
    "You refuse step 1, too. It is the first one: refuse only what is less.",
)
def refuses_the_first_step(step, d_model, warmup):
    if step <= 1:
        raise ValueError(step)
    return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)


@misconception(
    "noam_schedule",
    "d_model**-1/2 is half of 1 / d_model: ** comes before /. Put brackets around the fraction.",
)
def leaves_out_the_width_s_brackets(step, d_model, warmup):
    if step < 1:
        raise ValueError("steps count from 1")
    return d_model**-1 / 2 * min(step**-0.5, step * warmup**-1.5)


@misconception(
    "noam_schedule",
    "x**-1/2 is half of 1 / x, for ** comes before /. Put brackets around the fraction.",
)
def leaves_out_the_brackets(step, d_model, warmup):
    if step < 1:
        raise ValueError(step)
    return d_model**-1 / 2 * min(step**-1 / 2, step * warmup**-3 / 2)


@alternative("noam_schedule")
def in_two_cases(step, d_model, warmup):
    if step <= 0:
        raise ValueError("no such step")
    top = 1 / math.sqrt(d_model * warmup)
    return top * step / warmup if step < warmup else top * math.sqrt(warmup / step)


@alternative("noam_schedule")
def by_one_root(step, d_model, warmup):
    if step < 1:
        raise ValueError("no such step")
    return math.sqrt(min(1 / step, step**2 / warmup**3) / d_model)


# beam_search


@misconception(
    "beam_search",
    "You rank by sums alone, and each token makes a sum smaller: short targets win. Divide by "
    "the length penalty.",
)
def ranks_by_raw_sums(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "You divide by the number of tokens, which favours long targets more. Divide by ((5 + n) "
    "/ 6)^alpha.",
)
def divides_by_the_length(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total / length**alpha))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "Your penalty has always the same strength. Raise it to the power alpha.",
)
def forgets_alpha(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total / ((5 + length) / 6) ** 0.6))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "You divide 5 + n by 6 with //, which cuts the rest off: up to n = 6 the penalty is 1. "
    "Write /.",
)
def divides_without_a_rest(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total / ((5 + length) // 6) ** alpha))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "Your order is right, but you return the sums. A score is the sum divided by the penalty.",
)
def returns_sums_for_scores(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1] / ((5 + len(one[0])) / 6) ** alpha)
    return complete[:width]


@misconception(
    "beam_search",
    "You sort by the sums and divide afterwards. Divide first: the scores give the order.",
)
def sorts_by_the_sums(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return [(row, s / ((5 + len(row)) / 6) ** alpha) for row, s in complete[:width]]


@misconception(
    "beam_search",
    "You count the start token. It was not written: n counts the tokens that you return.",
)
def counts_the_start_token(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total / ((6 + length) / 6) ** alpha))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "You leave the end token out of the count. Where it was written, it counts.",
)
def leaves_the_end_uncounted(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total / ((5 + length - (row[-1] == end)) / 6) ** alpha))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "You keep one hypothesis, whatever `width` says. That is greedy decoding: keep the best "
    "`width`.",
)
def is_greedy(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and not complete:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:1]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total / ((5 + length) / 6) ** alpha))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "Your hypotheses go on behind their end token. Set those aside that have written it.",
)
def never_stops_at_the_end(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if length == max_length:
                complete.append((row[1:], total / ((5 + length) / 6) ** alpha))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "You stop when the first hypothesis is complete. A better one may end later: stop when "
    "`width` are complete.",
)
def stops_at_the_first_end(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and not complete:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total / ((5 + length) / 6) ** alpha))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "You go on when `width` hypotheses are complete, and later ones get in. Stop there.",
)
def goes_on_to_the_limit(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total / ((5 + length) / 6) ** alpha))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "Ended hypotheses stay in your beam and keep their places until all have ended. Set them "
    "aside: the next step's `width` places are for those that go on.",
)
def keeps_ended_ones_in_the_beam(next_logits, start, end, width, max_length, alpha=0.6):
    beam = [([start], 0.0, False)]
    while not all(over for _, _, over in beam):
        candidates = [one for one in beam if one[2]]
        going = [one for one in beam if not one[2]]
        logits = next_logits(torch.tensor([row for row, _, _ in going]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        for (row, total, _), scores in zip(going, logs, strict=True):
            for token, score in enumerate(scores):
                over = token == end or len(row) == max_length
                candidates.append(([*row, token], total + score, over))
        candidates.sort(key=lambda one: -one[1])
        beam = candidates[:width]
    found = [(row[1:], total / ((4 + len(row)) / 6) ** alpha) for row, total, _ in beam]
    found.sort(key=lambda one: -one[1])
    return found


@misconception(
    "beam_search",
    "You begin with `width` copies of the start token, so the beam holds the same hypothesis "
    "several times. Begin with one.",
)
def begins_with_copies_of_the_start(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)] * width, []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total / ((5 + length) / 6) ** alpha))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "You note complete hypotheses and continue them all the same. Take them out of the beam.",
)
def continues_what_is_complete(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while len(complete) < width and len(beam[0][0]) <= max_length:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = candidates[:width]
        for row, total in beam:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total / ((5 + length) / 6) ** alpha))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "Your beam becomes narrower with each hypothesis that ends. Keep `width` candidates in "
    "every step.",
)
def counts_ended_ones_in_the_beam(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[: width - len(complete)]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total / ((5 + length) / 6) ** alpha))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "You keep one continuation of each hypothesis. The best `width` of all candidates stay, "
    "whoever they come from.",
)
def keeps_the_best_of_each(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            ranked = sorted(enumerate(scores), key=lambda one: -one[1])
            for token, score in ranked[: width if len(row) == 1 else 1]:
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total / ((5 + length) / 6) ** alpha))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "You add logits. They are no log-probabilities, and rows with large numbers win: take "
    "log_softmax first.",
)
def adds_raw_logits(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = logits.tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total / ((5 + length) / 6) ** alpha))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "You add probabilities. Probabilities of a sequence multiply, so their logs add: take "
    "log_softmax.",
)
def adds_probabilities(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total / ((5 + length) / 6) ** alpha))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "Your log_softmax runs over the hypotheses. Each one's next tokens share the probability: "
    "dim=-1.",
)
def normalises_over_the_hypotheses(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=0).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total / ((5 + length) / 6) ** alpha))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "You rank candidates by their last token alone. Add its log-probability to the sum of its "
    "hypothesis.",
)
def forgets_what_came_before(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, _), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total / ((5 + length) / 6) ** alpha))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "You hand over the last tokens alone. The model needs the whole hypotheses, (n, t).",
)
def shows_the_last_token_only(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row[-1:] for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total / ((5 + length) / 6) ** alpha))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "Your list begins with the worst hypothesis. The best one comes first.",
)
def returns_the_worst_first(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total / ((5 + length) / 6) ** alpha))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "Your hypotheses stand in the order in which they ended. Sort them by score.",
)
def returns_them_as_they_ended(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total / ((5 + length) / 6) ** alpha))
            else:
                beam.append((row, total))
    return complete[:width]


@misconception(
    "beam_search",
    "Your hypotheses begin with the start token. It was read, not written: leave it out.",
)
def returns_the_start_token(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row, total / ((5 + length) / 6) ** alpha))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "You cut the end token off. The model wrote it: keep it.",
)
def leaves_the_end_token_out(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                written = row[1:-1] if row[-1] == end else row[1:]
                complete.append((written, total / ((5 + length) / 6) ** alpha))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "You return one hypothesis. Return the best complete ones, at most `width`.",
)
def returns_the_best_alone(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total / ((5 + length) / 6) ** alpha))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[0]


@misconception(
    "beam_search",
    "You put the score before the tokens. Each pair is tokens, then score.",
)
def returns_the_score_first(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((total / ((5 + length) / 6) ** alpha, row[1:]))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[0])
    return complete[:width]


@misconception(
    "beam_search",
    "You return more than `width` hypotheses where several end in the last step. Cut the list.",
    about="edge cases",
)
def returns_all_that_are_complete(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total / ((5 + length) / 6) ** alpha))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete


@misconception(
    "beam_search",
    "You return only hypotheses that have written `end`. One with max_length tokens is "
    "complete, too.",
    about="edge cases",
)
def forgets_the_unfinished(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end:
                complete.append((row[1:], total / ((5 + length) / 6) ** alpha))
            elif length < max_length:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "Your hypotheses may write one token more than max_length.",
    about="edge cases",
)
def writes_one_token_more(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length > max_length:
                complete.append((row[1:], total / ((5 + length) / 6) ** alpha))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "Your hypotheses write one token less than max_length: the start token does not count.",
    about="edge cases",
)
def writes_one_token_less(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or len(row) >= max_length:
                complete.append((row[1:], total / ((5 + length) / 6) ** alpha))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "A probability of e^-900 rounds to 0, and its log is -inf. torch.log_softmax gives -900.",
    about="edge cases",
)
def takes_the_log_of_a_softmax(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.softmax(logits, dim=-1).log().tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total / ((5 + length) / 6) ** alpha))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "You mix up whose continuation a candidate is. In a flat list of n times V, the hypothesis is "
    "place // V, and the token is place % V.",
)
def mixes_up_the_parents(next_logits, start, end, width, max_length, alpha=0.6):
    beam, sums, complete = torch.tensor([[start]]), torch.zeros(1), []
    while len(complete) < width and len(beam):
        logs = torch.log_softmax(next_logits(beam), dim=-1)
        candidates = (sums[:, None] + logs).flatten()
        sums, places = candidates.topk(min(width, len(candidates)))
        rows = beam[places % len(beam)]
        beam = torch.cat([rows, (places % logs.shape[1])[:, None]], dim=1)
        length = beam.shape[1] - 1
        over = (beam[:, -1] == end) | (length == max_length)
        for row, total in zip(beam[over].tolist(), sums[over].tolist(), strict=True):
            complete.append((row[1:], total / ((5 + length) / 6) ** alpha))
        beam, sums = beam[~over], sums[~over]
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@misconception(
    "beam_search",
    "You ask for the `width` best of all candidates, and at first there are fewer. "
    "Take min(width, how many there are).",
    about="edge cases",
)
def asks_for_more_than_there_are(next_logits, start, end, width, max_length, alpha=0.6):
    beam, sums, complete = torch.tensor([[start]]), torch.zeros(1), []
    while len(complete) < width and len(beam):
        logs = torch.log_softmax(next_logits(beam), dim=-1)
        sums, places = (sums[:, None] + logs).flatten().topk(width)
        rows = beam[places // logs.shape[1]]
        beam = torch.cat([rows, (places % logs.shape[1])[:, None]], dim=1)
        length = beam.shape[1] - 1
        over = (beam[:, -1] == end) | (length == max_length)
        for row, total in zip(beam[over].tolist(), sums[over].tolist(), strict=True):
            complete.append((row[1:], total / ((5 + length) / 6) ** alpha))
        beam, sums = beam[~over], sums[~over]
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@alternative("beam_search")
def with_lists(next_logits, start, end, width, max_length, alpha=0.6):
    beam, complete = [([start], 0.0)], []
    while beam and len(complete) < width:
        logits = next_logits(torch.tensor([row for row, _ in beam]))
        logs = torch.log_softmax(logits, dim=-1).tolist()
        candidates = []
        for (row, total), scores in zip(beam, logs, strict=True):
            for token, score in enumerate(scores):
                candidates.append(([*row, token], total + score))
        candidates.sort(key=lambda one: -one[1])
        beam = []
        for row, total in candidates[:width]:
            length = len(row) - 1
            if row[-1] == end or length == max_length:
                complete.append((row[1:], total / ((5 + length) / 6) ** alpha))
            else:
                beam.append((row, total))
    complete.sort(key=lambda one: -one[1])
    return complete[:width]


@alternative("beam_search")
def asking_for_one_at_a_time(next_logits, start, end, width, max_length, alpha=0.6):
    going, done = {(start,): 0.0}, {}
    for length in range(1, max_length + 1):
        every = {}
        for row, total in going.items():
            logits = next_logits(torch.tensor([row]))[0].double()
            logs = logits - logits.logsumexp(dim=0)
            every |= {(*row, token): total + log for token, log in enumerate(logs.tolist())}
        best = sorted(every, key=every.get, reverse=True)[:width]
        ended = {row for row in best if row[-1] == end or length == max_length}
        penalty = (5 / 6 + length / 6) ** alpha
        done |= {row: every[row] / penalty for row in ended}
        going = {row: every[row] for row in best if row not in ended}
        if len(done) >= width or not going:
            break
    best = sorted(done, key=done.get, reverse=True)[:width]
    return [(list(row[1:]), done[row]) for row in best]


# bleu


@misconception(
    "bleu",
    "A right word that comes again and again counts each time. It matches at most as often as "
    "its reference holds it.",
)
def leaves_out_the_clipping(candidates, references, max_n=4):
    matched, counted = [0] * max_n, [0] * max_n
    for candidate, reference in zip(candidates, references, strict=True):
        for n in range(1, max_n + 1):
            mine = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
            theirs = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
            for gram, count in mine.items():
                matched[n - 1] += count * (gram in theirs)
                counted[n - 1] += count
    if min(matched) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    product = math.prod(m / total for m, total in zip(matched, counted, strict=True))
    return min(1.0, math.exp(1 - r / c)) * product ** (1 / max_n)


@misconception(
    "bleu",
    "You count which n-grams there are, and not how often. Three of a kind count three times, "
    "up to what the reference holds.",
)
def counts_each_n_gram_once(candidates, references, max_n=4):
    matched, counted = [0] * max_n, [0] * max_n
    for candidate, reference in zip(candidates, references, strict=True):
        for n in range(1, max_n + 1):
            mine = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
            theirs = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
            for gram in mine:
                matched[n - 1] += gram in theirs
                counted[n - 1] += 1
    if min(matched) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    product = math.prod(m / total for m, total in zip(matched, counted, strict=True))
    return min(1.0, math.exp(1 - r / c)) * product ** (1 / max_n)


@misconception(
    "bleu",
    "You count how many different n-grams match. One that both hold twice matches twice: add up "
    "the counts.",
)
def counts_kinds_of_matches(candidates, references, max_n=4):
    matched, counted = [0] * max_n, [0] * max_n
    for candidate, reference in zip(candidates, references, strict=True):
        for n in range(1, max_n + 1):
            mine = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
            theirs = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
            matched[n - 1] += len(mine & theirs)
            counted[n - 1] += mine.total()
    if min(matched) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    product = math.prod(m / total for m, total in zip(matched, counted, strict=True))
    return min(1.0, math.exp(1 - r / c)) * product ** (1 / max_n)


@misconception(
    "bleu",
    "Short candidates lose nothing, so one of two sure words does best. Multiply by "
    "min(1, exp(1 - r / c)); c and r count tokens.",
)
def leaves_out_the_brevity(candidates, references, max_n=4):
    matched, counted = [0] * max_n, [0] * max_n
    for candidate, reference in zip(candidates, references, strict=True):
        for n in range(1, max_n + 1):
            mine = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
            theirs = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
            for gram, count in mine.items():
                matched[n - 1] += min(count, theirs[gram])
                counted[n - 1] += count
    if min(matched) == 0:
        return 0.0
    product = math.prod(m / total for m, total in zip(matched, counted, strict=True))
    return product ** (1 / max_n)


@misconception(
    "bleu",
    "Your penalty is above 1 where candidates are longer. It is 1 there: long ones lose in "
    "precision already.",
)
def punishes_length_too(candidates, references, max_n=4):
    matched, counted = [0] * max_n, [0] * max_n
    for candidate, reference in zip(candidates, references, strict=True):
        for n in range(1, max_n + 1):
            mine = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
            theirs = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
            for gram, count in mine.items():
                matched[n - 1] += min(count, theirs[gram])
                counted[n - 1] += count
    if min(matched) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    product = math.prod(m / total for m, total in zip(matched, counted, strict=True))
    return math.exp(1 - r / c) * product ** (1 / max_n)


@misconception(
    "bleu",
    "You swap c and r: your penalty strikes candidates that are too long. c counts the "
    "candidates' tokens.",
)
def turns_the_brevity_round(candidates, references, max_n=4):
    matched, counted = [0] * max_n, [0] * max_n
    for candidate, reference in zip(candidates, references, strict=True):
        for n in range(1, max_n + 1):
            mine = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
            theirs = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
            for gram, count in mine.items():
                matched[n - 1] += min(count, theirs[gram])
                counted[n - 1] += count
    if min(matched) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    product = math.prod(m / total for m, total in zip(matched, counted, strict=True))
    return min(1.0, math.exp(1 - c / r)) * product ** (1 / max_n)


@misconception(
    "bleu",
    "Your penalty is c / r. Papineni's is exp(1 - r / c), which falls faster.",
)
def takes_the_ratio(candidates, references, max_n=4):
    matched, counted = [0] * max_n, [0] * max_n
    for candidate, reference in zip(candidates, references, strict=True):
        for n in range(1, max_n + 1):
            mine = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
            theirs = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
            for gram, count in mine.items():
                matched[n - 1] += min(count, theirs[gram])
                counted[n - 1] += count
    if min(matched) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    product = math.prod(m / total for m, total in zip(matched, counted, strict=True))
    return min(1.0, c / r) * product ** (1 / max_n)


@misconception(
    "bleu",
    "You take the penalty sentence by sentence. Candidate lengths of the whole corpus add up "
    "first.",
)
def punishes_each_sentence(candidates, references, max_n=4):
    matched, counted = [0] * max_n, [0] * max_n
    for candidate, reference in zip(candidates, references, strict=True):
        for n in range(1, max_n + 1):
            mine = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
            theirs = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
            for gram, count in mine.items():
                matched[n - 1] += min(count, theirs[gram])
                counted[n - 1] += count
    if min(matched) == 0:
        return 0.0
    product = math.prod(m / total for m, total in zip(matched, counted, strict=True))
    pairs = [pair for pair in zip(candidates, references, strict=True) if pair[0]]
    cuts = [min(1.0, math.exp(1 - len(theirs) / len(mine))) for mine, theirs in pairs]
    return sum(cuts) / len(cuts) * product ** (1 / max_n)


@misconception(
    "bleu",
    "You take the mean of the precisions. BLEU takes their geometric mean, so one that is 0 "
    "makes it 0.",
)
def takes_the_mean(candidates, references, max_n=4):
    matched, counted = [0] * max_n, [0] * max_n
    for candidate, reference in zip(candidates, references, strict=True):
        for n in range(1, max_n + 1):
            mine = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
            theirs = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
            for gram, count in mine.items():
                matched[n - 1] += min(count, theirs[gram])
                counted[n - 1] += count
    if min(matched) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    mean = sum(m / total for m, total in zip(matched, counted, strict=True)) / max_n
    return min(1.0, math.exp(1 - r / c)) * mean


@misconception(
    "bleu",
    "You multiply the precisions and take no root. The geometric mean of N numbers is the "
    "N-th root.",
)
def leaves_out_the_root(candidates, references, max_n=4):
    matched, counted = [0] * max_n, [0] * max_n
    for candidate, reference in zip(candidates, references, strict=True):
        for n in range(1, max_n + 1):
            mine = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
            theirs = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
            for gram, count in mine.items():
                matched[n - 1] += min(count, theirs[gram])
                counted[n - 1] += count
    if min(matched) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    product = math.prod(m / total for m, total in zip(matched, counted, strict=True))
    return min(1.0, math.exp(1 - r / c)) * product


@misconception(
    "bleu",
    "You look at single words only, so their order counts for nothing. Take n from 1 to max_n.",
)
def looks_at_single_words(candidates, references, max_n=4):
    matched, counted = [0] * max_n, [0] * max_n
    for candidate, reference in zip(candidates, references, strict=True):
        for n in [1] * max_n:
            mine = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
            theirs = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
            for gram, count in mine.items():
                matched[0] += min(count, theirs[gram])
                counted[0] += count
    if matched[0] == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    product = (matched[0] / counted[0]) ** max_n
    return min(1.0, math.exp(1 - r / c)) * product ** (1 / max_n)


@misconception(
    "bleu",
    "You look at n-grams of max_n words alone. All lengths from 1 to max_n count.",
)
def looks_at_the_longest_alone(candidates, references, max_n=4):
    matched, counted = [0] * max_n, [0] * max_n
    for candidate, reference in zip(candidates, references, strict=True):
        for n in range(1, max_n + 1):
            mine = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
            theirs = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
            for gram, count in mine.items():
                matched[n - 1] += min(count, theirs[gram])
                counted[n - 1] += count
    if min(matched) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    product = (matched[-1] / counted[-1]) ** max_n
    return min(1.0, math.exp(1 - r / c)) * product ** (1 / max_n)


@misconception(
    "bleu",
    "Your n goes to 4, whatever max_n says.",
)
def always_looks_at_four(candidates, references, max_n=4):
    max_n = 4
    matched, counted = [0] * max_n, [0] * max_n
    for candidate, reference in zip(candidates, references, strict=True):
        for n in range(1, max_n + 1):
            mine = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
            theirs = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
            for gram, count in mine.items():
                matched[n - 1] += min(count, theirs[gram])
                counted[n - 1] += count
    if min(matched) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    product = math.prod(m / total for m, total in zip(matched, counted, strict=True))
    return min(1.0, math.exp(1 - r / c)) * product ** (1 / max_n)


@misconception(
    "bleu",
    "You divide by the n-grams of the references. That is recall: BLEU divides by those of "
    "the candidates.",
)
def measures_recall(candidates, references, max_n=4):
    matched, counted = [0] * max_n, [0] * max_n
    for candidate, reference in zip(candidates, references, strict=True):
        for n in range(1, max_n + 1):
            mine = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
            theirs = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
            counted[n - 1] += theirs.total()
            for gram, count in mine.items():
                matched[n - 1] += min(count, theirs[gram])
    if min(matched) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    product = math.prod(m / total for m, total in zip(matched, counted, strict=True))
    return min(1.0, math.exp(1 - r / c)) * product ** (1 / max_n)


@misconception(
    "bleu",
    "You return percent. Here BLEU lies between 0 and 1.",
)
def gives_percent(candidates, references, max_n=4):
    matched, counted = [0] * max_n, [0] * max_n
    for candidate, reference in zip(candidates, references, strict=True):
        for n in range(1, max_n + 1):
            mine = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
            theirs = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
            for gram, count in mine.items():
                matched[n - 1] += min(count, theirs[gram])
                counted[n - 1] += count
    if min(matched) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    product = math.prod(m / total for m, total in zip(matched, counted, strict=True))
    return 100 * min(1.0, math.exp(1 - r / c)) * product ** (1 / max_n)


@misconception(
    "bleu",
    "You take the mean of each sentence's BLEU. Add up matches and n-grams of all sentences first, "
    "and divide once.",
)
def takes_the_mean_of_sentences(candidates, references, max_n=4):
    scores = []
    for candidate, reference in zip(candidates, references, strict=True):
        shares = []
        for n in range(1, max_n + 1):
            mine = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
            theirs = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
            shares.append((mine & theirs).total() / max(mine.total(), 1))
        penalty = min(1.0, math.exp(1 - len(reference) / max(len(candidate), 1)))
        scores.append(penalty * math.prod(shares) ** (1 / max_n))
    return sum(scores) / len(scores)


@misconception(
    "bleu",
    "You clip over the whole corpus, so a word may match in another sentence. Clip in each, "
    "against its own reference.",
)
def clips_over_the_whole_corpus(candidates, references, max_n=4):
    shares = []
    for n in range(1, max_n + 1):
        mine, theirs = Counter(), Counter()
        for candidate, reference in zip(candidates, references, strict=True):
            mine.update(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
            theirs.update(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
        shares.append((mine & theirs).total() / max(mine.total(), 1))
    lengths = sum(map(len, candidates)), sum(map(len, references))
    penalty = min(1.0, math.exp(1 - lengths[1] / max(lengths[0], 1)))
    return penalty * math.prod(shares) ** (1 / max_n)


@misconception(
    "bleu",
    "You join all sentences into one, so n-grams reach across their borders, and words may match "
    "in another sentence. Count sentence by sentence.",
)
def joins_all_sentences(candidates, references, max_n=4):
    candidate = [token for row in candidates for token in row]
    reference = [token for row in references for token in row]
    shares = []
    for n in range(1, max_n + 1):
        mine = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
        theirs = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
        shares.append((mine & theirs).total() / max(mine.total(), 1))
    penalty = min(1.0, math.exp(1 - len(reference) / max(len(candidate), 1)))
    return penalty * math.prod(shares) ** (1 / max_n)


@misconception(
    "bleu",
    "You take the fourth root, whatever max_n says. Of N numbers, take the N-th root.",
)
def always_takes_the_fourth_root(candidates, references, max_n=4):
    matched, counted = [0] * max_n, [0] * max_n
    for candidate, reference in zip(candidates, references, strict=True):
        for n in range(1, max_n + 1):
            mine = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
            theirs = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
            for gram, count in mine.items():
                matched[n - 1] += min(count, theirs[gram])
                counted[n - 1] += count
    if min(matched) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    product = math.prod(m / total for m, total in zip(matched, counted, strict=True))
    return min(1.0, math.exp(1 - r / c)) * product**0.25


@misconception(
    "bleu",
    "Your longest n-grams are never counted, for range leaves its end out: one p_n is 0, and so is "
    "BLEU. Let n reach max_n.",
)
def stops_one_length_short(candidates, references, max_n=4):
    matched, counted = [0] * max_n, [0] * max_n
    for candidate, reference in zip(candidates, references, strict=True):
        for n in range(1, max_n):
            mine = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
            theirs = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
            for gram, count in mine.items():
                matched[n - 1] += min(count, theirs[gram])
                counted[n - 1] += count
    if min(matched) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    product = math.prod(m / total for m, total in zip(matched, counted, strict=True))
    return min(1.0, math.exp(1 - r / c)) * product ** (1 / max_n)


@misconception(
    "bleu",
    "Your last n-grams have fewer than n words, for a slice stops where the list ends. "
    "A sentence holds len - n + 1 n-grams.",
)
def lets_the_last_n_grams_be_short(candidates, references, max_n=4):
    matched, counted = [0] * max_n, [0] * max_n
    for candidate, reference in zip(candidates, references, strict=True):
        for n in range(1, max_n + 1):
            mine = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate)))
            theirs = Counter(tuple(reference[i : i + n]) for i in range(len(reference)))
            for gram, count in mine.items():
                matched[n - 1] += min(count, theirs[gram])
                counted[n - 1] += count
    if min(matched) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    product = math.prod(m / total for m, total in zip(matched, counted, strict=True))
    return min(1.0, math.exp(1 - r / c)) * product ** (1 / max_n)


@misconception(
    "bleu",
    "You leave out each sentence's last n-gram. There are len - n + 1 of them.",
)
def counts_n_grams_off_by_one(candidates, references, max_n=4):
    matched, counted = [0] * max_n, [0] * max_n
    for candidate, reference in zip(candidates, references, strict=True):
        for n in range(1, max_n + 1):
            mine = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n))
            theirs = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n))
            for gram, count in mine.items():
                matched[n - 1] += min(count, theirs[gram])
                counted[n - 1] += count
    if min(matched) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    product = math.prod(m / total for m, total in zip(matched, counted, strict=True))
    return min(1.0, math.exp(1 - r / c)) * product ** (1 / max_n)


@misconception(
    "bleu",
    "Where no n-gram of some length matches, your code takes the logarithm of 0 or divides by "
    "0. BLEU is 0 there.",
    about="edge cases",
)
def takes_the_log_of_nothing(candidates, references, max_n=4):
    matched, counted = [0] * max_n, [0] * max_n
    for candidate, reference in zip(candidates, references, strict=True):
        for n in range(1, max_n + 1):
            mine = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
            theirs = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
            for gram, count in mine.items():
                matched[n - 1] += min(count, theirs[gram])
                counted[n - 1] += count
    c, r = sum(map(len, candidates)), sum(map(len, references))
    logs = [math.log(m / total) for m, total in zip(matched, counted, strict=True)]
    return min(1.0, math.exp(1 - r / c)) * math.exp(sum(logs) / max_n)


@misconception(
    "bleu",
    "You leave out the lengths that match nowhere, and BLEU comes out too high. One precision "
    "of 0 makes it 0.",
    about="edge cases",
)
def skips_what_does_not_match(candidates, references, max_n=4):
    matched, counted = [0] * max_n, [0] * max_n
    for candidate, reference in zip(candidates, references, strict=True):
        for n in range(1, max_n + 1):
            mine = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
            theirs = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
            for gram, count in mine.items():
                matched[n - 1] += min(count, theirs[gram])
                counted[n - 1] += count
    c, r = sum(map(len, candidates)), sum(map(len, references))
    product = math.prod(m / total for m, total in zip(matched, counted, strict=True) if m)
    if not any(matched):
        return 0.0
    return min(1.0, math.exp(1 - r / c)) * product ** (1 / max_n)


@misconception(
    "bleu",
    "You add 1 to matches and counts. That is a smoothed BLEU, which some use for single "
    "sentences: here nothing is added.",
)
def smooths_what_does_not_match(candidates, references, max_n=4):
    matched, counted = [0] * max_n, [0] * max_n
    for candidate, reference in zip(candidates, references, strict=True):
        for n in range(1, max_n + 1):
            mine = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
            theirs = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
            for gram, count in mine.items():
                matched[n - 1] += min(count, theirs[gram])
                counted[n - 1] += count
    if not any(candidates):
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    product = math.prod((m + 1) / (total + 1) for m, total in zip(matched, counted, strict=True))
    return min(1.0, math.exp(1 - r / c)) * product ** (1 / max_n)


@alternative("bleu")
def by_a_product(candidates, references, max_n=4):
    matched, counted = [0] * max_n, [0] * max_n
    for candidate, reference in zip(candidates, references, strict=True):
        for n in range(1, max_n + 1):
            mine = Counter(tuple(candidate[i : i + n]) for i in range(len(candidate) - n + 1))
            theirs = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n + 1))
            for gram, count in mine.items():
                matched[n - 1] += min(count, theirs[gram])
                counted[n - 1] += count
    if min(matched) == 0:
        return 0.0
    c, r = sum(map(len, candidates)), sum(map(len, references))
    product = math.prod(m / total for m, total in zip(matched, counted, strict=True))
    return min(1.0, math.exp(1 - r / c)) * product ** (1 / max_n)


@alternative("bleu")
def one_length_after_another(candidates, references, max_n=4):
    result = 0.0
    for n in range(1, max_n + 1):
        matched = counted = 0
        for mine, theirs in zip(candidates, references, strict=True):
            left = [theirs[i : i + n] for i in range(len(theirs) - n + 1)]
            for i in range(len(mine) - n + 1):
                counted += 1
                if mine[i : i + n] in left:
                    left.remove(mine[i : i + n])
                    matched += 1
        if matched == 0:
            return 0.0
        result += math.log(matched / counted) / max_n
    c, r = sum(len(row) for row in candidates), sum(len(row) for row in references)
    return math.exp(result) if c >= r else math.exp(result + 1 - r / c)
