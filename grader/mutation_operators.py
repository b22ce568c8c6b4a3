"""What a mutant may have in a node's place: operators of mutmut, and of attention.

What any Python may get wrong (operators, comparisons, numbers, arguments, strings) comes from
mutmut. The operators here know what attention gets wrong: axes, keepdim, swapped operands and
arguments, calls left out, indices, functions of the same shape. Each takes a node and yields what
may stand in its place, as mutmut's do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import libcst as cst
from libcst import matchers as m
from mutmut.mutation.mutators import mutation_operators

__all__ = ["AXIS_WORDS", "KEEP_WORDS", "OPERATORS", "Operator"]

Operator = tuple[str, type[cst.CSTNode], Callable[[Any], Iterable[cst.CSTNode]]]

MODULES = m.Name("np") | m.Name("torch") | m.Name("F") | m.Name("nn") | m.Name("math")
AXIS_WORDS = ("axis", "dim")
KEEP_WORDS = ("keepdim", "keepdims")
AXES = (0, 1, -1, -2)
# Functions whose whole numbers, given without a word, are axes.
AXIS_FUNCTIONS = frozenset(
    "all any argmax cat chunk concatenate cumsum expand_dims flatten flip gather index_select "
    "log_softmax logsumexp max mean min movedim narrow norm permute size softmax sort split "
    "squeeze stack sum swapaxes take topk transpose unbind unflatten unsqueeze".split()
)
# Functions that take the same arguments, and mostly give the same shape.
SISTERS = {
    "abs": "negative",
    "all": "any",
    "any": "all",
    "argmax": "argmin",
    "argmin": "argmax",
    "ceil": "floor",
    "cos": "sin",
    "float64": "float32",
    "floor": "ceil",
    "gelu": "relu",
    "log": "sqrt",
    "max": "min",
    "mean": "sum",
    "min": "max",
    "ones": "zeros",
    "ones_like": "zeros_like",
    "relu": "gelu",
    "sin": "cos",
    "sqrt": "square",
    "std": "var",
    "sum": "mean",
    "tanh": "sigmoid",
    "tril": "triu",
    "triu": "tril",
    "var": "std",
    "zeros": "ones",
    "zeros_like": "ones_like",
}
# Swapped arguments mean the same to these: no mutant.
SYMMETRIC = ("transpose", "swapaxes", "minimum", "maximum")
ONE_SIDED = (cst.Subtract, cst.Divide, cst.FloorDivide, cst.Modulo, cst.Power, cst.MatrixMultiply)
WHOLE = (cst.Name, cst.Call, cst.Attribute, cst.Subscript, cst.BaseNumber, cst.SimpleString)
# mutmut moves a bound in or out; these turn the whole comparison.
OPPOSITES = ((cst.LessThan, cst.GreaterThan), (cst.LessThanEqual, cst.GreaterThanEqual))
# mutmut's operators, and what kind of mutant each makes.
MUTMUT_KINDS = {
    "operator_number": "constant",
    "operator_string": "string",
    "operator_name": "constant",
    "operator_assignment": "statement",
    "operator_augmented_assignment": "statement",
    "operator_remove_unary_ops": "operator",
    "operator_arg_removal": "argument",
    "operator_keywords": "condition",
    "operator_swap_op": "operator",
    "operator_if_exp": "condition",
}


def _in_place_of(node: Any, new: Any) -> Any:
    """An expression in the parentheses of the one that it replaces, and its own."""
    return new.with_changes(lpar=[*node.lpar, *new.lpar], rpar=[*new.rpar, *node.rpar])


def _swapped_neighbours(items: Sequence[Any], field: str = "value") -> Iterator[list[Any]]:
    """Lists of elements or arguments in which two neighbours have each other's values."""
    for index, (one, other) in enumerate(pairwise(items)):
        swapped = list(items)
        swapped[index] = one.with_changes(**{field: getattr(other, field)})
        swapped[index + 1] = other.with_changes(**{field: getattr(one, field)})
        yield swapped


def _axis(node: cst.Call) -> Iterator[cst.Call]:
    name = node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
    for index, argument in enumerate(node.args):
        word = argument.keyword.value if argument.keyword else ""
        current = _whole(argument.value)
        if word in AXIS_WORDS or (not word and name in AXIS_FUNCTIONS and current is not None):
            for other in AXES:
                if other != current:
                    yield _with_argument(node, index, argument.with_changes(value=_number(other)))
        if word in AXIS_WORDS:
            yield _with_argument(node, index, None)


def _keepdim(node: cst.Call) -> Iterator[cst.Call]:
    for index, argument in enumerate(node.args):
        if argument.keyword and argument.keyword.value in KEEP_WORDS:
            yield _with_argument(node, index, None)


def _swapped_arguments(node: cst.Call) -> Iterator[cst.Call]:
    if isinstance(node.func, cst.Attribute) and node.func.attr.value in SYMMETRIC:
        return
    plain = [item for item in node.args if item.keyword is None and not item.star]
    for swapped in _swapped_neighbours(plain):
        yield node.with_changes(args=[*swapped, *node.args[len(plain) :]])


def _swapped_elements(node: cst.Tuple) -> Iterator[cst.Tuple]:
    for swapped in _swapped_neighbours(node.elements):
        yield node.with_changes(elements=swapped)


def _swapped_operands(node: cst.BinaryOperation) -> Iterator[cst.BinaryOperation]:
    if isinstance(node.operator, ONE_SIDED):
        yield node.with_changes(left=_grouped(node.right), right=_grouped(node.left))


def _one_operand(node: cst.BinaryOperation | cst.BooleanOperation) -> Iterator[cst.BaseExpression]:
    yield _in_place_of(node, node.left)
    yield _in_place_of(node, node.right)


def _without_minus(node: cst.UnaryOperation) -> Iterator[cst.BaseExpression]:
    if isinstance(node.operator, cst.Minus):
        yield _in_place_of(node, node.expression)


def _elementwise_product(node: cst.BinaryOperation) -> Iterator[cst.BinaryOperation]:
    if isinstance(node.operator, cst.MatrixMultiply):
        yield node.with_changes(operator=cst.Multiply())


def _turned_comparison(node: cst.ComparisonTarget) -> Iterator[cst.ComparisonTarget]:
    for first, second in OPPOSITES:
        for operator, opposite in ((first, second), (second, first)):
            if isinstance(node.operator, operator):
                yield node.with_changes(operator=opposite())


def _without_call(node: cst.Call) -> Iterator[cst.BaseExpression]:
    if isinstance(node.func, cst.Attribute) and not m.matches(node.func.value, MODULES):
        yield _in_place_of(node, node.func.value)
    elif node.args and not node.args[0].star:
        yield _in_place_of(node, node.args[0].value)


def _sister_function(node: cst.Attribute) -> Iterator[cst.Attribute]:
    sister = SISTERS.get(node.attr.value)
    if sister:
        yield node.with_changes(attr=cst.Name(sister))


def _numbers(node: cst.Integer | cst.Float) -> Iterator[cst.BaseExpression]:
    value = node.evaluated_value
    if isinstance(node, cst.Integer):
        yield _in_place_of(node, _number(value - 1))
        yield _in_place_of(node, _number(-value))
    else:
        yield _in_place_of(node, _number(2 * value))
        yield _in_place_of(node, _number(0.0))


def _finite_infinity(node: cst.Attribute) -> Iterator[cst.BaseExpression]:
    if node.attr.value == "inf":
        yield _number(1e4)


def _index(node: cst.Subscript) -> Iterator[cst.Subscript]:
    for index, element in enumerate(node.slice):
        if len(node.slice) > 1 and not _is_rest(node, index):
            left = [*node.slice[:index], *node.slice[index + 1 :]]
            yield node.with_changes(
                slice=[*left[:-1], left[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)]
            )
        if isinstance(element.slice, cst.Slice):
            for part in ("lower", "upper", "step"):
                if getattr(element.slice, part) is not None:
                    shorter = element.with_changes(slice=element.slice.with_changes(**{part: None}))
                    slices = [*node.slice[:index], shorter, *node.slice[index + 1 :]]
                    yield node.with_changes(slice=slices)
    for swapped in _swapped_neighbours(node.slice, "slice"):
        yield node.with_changes(slice=swapped)


def _is_rest(node: cst.Subscript, index: int) -> bool:
    """Whether this is a last `:`, which says what its absence says."""
    rest = m.SubscriptElement(slice=m.Slice(lower=None, upper=None, step=None))
    return index == len(node.slice) - 1 and m.matches(node.slice[index], rest)


def _without_statement(node: cst.SimpleStatementLine) -> Iterator[cst.SimpleStatementLine]:
    if not m.matches(node, m.SimpleStatementLine(body=[m.Pass()])):
        yield node.with_changes(body=[cst.Pass()])


def _without_loop(node: cst.For | cst.While | cst.With) -> Iterator[cst.SimpleStatementLine]:
    yield cst.SimpleStatementLine([cst.Pass()], leading_lines=node.leading_lines)


def _other_condition(node: cst.If) -> Iterator[cst.If]:
    for word in ("True", "False"):
        yield node.with_changes(test=cst.Name(word))
    yield node.with_changes(test=cst.UnaryOperation(cst.Not(), _grouped(node.test)))


def _without_filter(node: cst.CompIf) -> Iterator[cst.CompIf]:
    yield node.with_changes(test=cst.Name("True"))


def _other_error(node: cst.Raise) -> Iterator[cst.Raise]:
    if isinstance(node.exc, cst.Call):
        yield node.with_changes(exc=node.exc.with_changes(func=cst.Name("RuntimeError")))


def _whole(value: cst.BaseExpression) -> int | None:
    """The whole number that an expression is, or None."""
    if isinstance(value, cst.Integer):
        return int(value.evaluated_value)
    if m.matches(value, m.UnaryOperation(m.Minus(), m.Integer())):
        inner = cst.ensure_type(cst.ensure_type(value, cst.UnaryOperation).expression, cst.Integer)
        return -int(inner.evaluated_value)
    return None


def _number(value: float) -> cst.BaseExpression:
    return cst.parse_expression(repr(value))


def _grouped(value: Any) -> Any:
    """An expression that stays whole wherever it is put."""
    if value.lpar or isinstance(value, WHOLE):
        return value
    return value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def _with_argument(node: cst.Call, index: int, argument: cst.Arg | None) -> cst.Call:
    kept = [argument] if argument is not None else []
    return node.with_changes(args=[*node.args[:index], *kept, *node.args[index + 1 :]])


# Where two operators make the same text, the first one's kind stands.
OPERATORS: tuple[Operator, ...] = (
    ("axis", cst.Call, _axis),
    ("keepdim", cst.Call, _keepdim),
    ("swapped", cst.Call, _swapped_arguments),
    ("swapped", cst.Tuple, _swapped_elements),
    ("swapped", cst.BinaryOperation, _swapped_operands),
    ("left out", cst.BinaryOperation, _one_operand),
    ("left out", cst.BooleanOperation, _one_operand),
    ("left out", cst.UnaryOperation, _without_minus),
    ("left out", cst.Call, _without_call),
    ("operator", cst.BinaryOperation, _elementwise_product),
    ("comparison", cst.ComparisonTarget, _turned_comparison),
    ("function", cst.Attribute, _sister_function),
    ("constant", cst.Integer, _numbers),
    ("constant", cst.Float, _numbers),
    ("constant", cst.Attribute, _finite_infinity),
    ("index", cst.Subscript, _index),
    ("statement", cst.SimpleStatementLine, _without_statement),
    ("statement", cst.For, _without_loop),
    ("statement", cst.While, _without_loop),
    ("statement", cst.With, _without_loop),
    ("condition", cst.If, _other_condition),
    ("condition", cst.CompIf, _without_filter),
    ("error", cst.Raise, _other_error),
    *((MUTMUT_KINDS.get(one.__name__, "other"), kind, one) for kind, one in mutation_operators),
)
