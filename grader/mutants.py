"""Mutants of a solution kernel: its text with one change at one place of a body.

Signatures, docstrings, annotations and the words of an error stay: the first three are the task
itself, and nobody asks for the last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from types import CodeType
from typing import Any

import libcst as cst
from libcst import matchers as m
from libcst.metadata import (
    ExpressionContext,
    ExpressionContextProvider,
    MetadataWrapper,
    WhitespaceInclusivePositionProvider,
)

from grader.mutation_operators import AXIS_WORDS, KEEP_WORDS, OPERATORS
from grader.stub import BEGIN, END

__all__ = ["Mutant", "mutants_of"]

_BARE_END = cst.TrailingWhitespace()
DOCSTRING = m.SimpleStatementLine(body=[m.Expr(m.SimpleString() | m.ConcatenatedString())])
OWN_NAME = m.Attribute(value=m.Name("self"), attr=m.Name())


@dataclass(frozen=True)
class Mutant:
    """A kernel's text with one change.

    Attributes:
        kind: what was changed: an axis, a constant, an operator, ...
        line: the changed line in the kernel's own text, from 1.
        change: the line as it stands now; "delete ..." where a statement is gone.
        source: the whole text.
        same: whether its bytecode is the kernel's own, so that nothing can tell it apart.
    """

    kind: str
    line: int
    change: str
    source: str
    same: bool


def mutants_of(solution: str) -> list[Mutant]:
    """Every mutant of a kernel, in the order of its text; of two with one bytecode, the first.

    Args:
        solution: the kernel with the helpers that travel with it, from `stub.solution_source`.
    """
    open_lines = _open_lines(solution.splitlines())
    wrapper = MetadataWrapper(_without_comments(cst.parse_module(solution)))
    finder = _Finder()
    wrapper.visit(finder)
    splice = _Splice(wrapper)
    lines = wrapper.module.code.splitlines()
    own = _essence(compile(wrapper.module.code, "<kernel>", "exec"))
    known, found = set(), []
    for kind, old, new in finder.changes:
        source = splice(old, new)
        try:
            essence = _essence(compile(source, "<mutant>", "exec"))
        except SyntaxError:
            continue
        line, change = _described(lines, source.splitlines())
        if change and line in open_lines and essence not in known:
            known.add(essence)
            found.append(Mutant(kind, line, change, source, essence == own))
    return sorted(found, key=lambda mutant: mutant.line)


class _Splice:
    """Puts one node in another's place, in the text: a hundred times over, a tree takes seconds."""

    def __init__(self, wrapper: MetadataWrapper) -> None:
        self._module = wrapper.module
        self._text = wrapper.module.code
        self._places = wrapper.resolve(WhitespaceInclusivePositionProvider)
        self._starts = [0, *accumulate(map(len, self._text.splitlines(keepends=True)))]

    def __call__(self, old: cst.CSTNode, new: cst.CSTNode) -> str:
        if isinstance(old, cst.BaseStatement):  # whose lines are indented by what stands around
            return cst.ensure_type(self._module.deep_replace(old, new), cst.Module).code
        place = self._places[old]
        start, end = (self._starts[at.line - 1] + at.column for at in (place.start, place.end))
        return self._text[:start] + self._module.code_for_node(new) + self._text[end:]


def _without_comments(module: cst.Module) -> cst.Module:
    """The same lines without what an edit of a comment would change."""
    return cst.ensure_type(
        m.replace(module, m.TrailingWhitespace(comment=m.Comment()), _BARE_END), cst.Module
    )


class _Finder(cst.CSTVisitor):
    """Collects what may change: the kind, a node, and what may stand in its place."""

    METADATA_DEPENDENCIES = (ExpressionContextProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.changes: list[tuple[str, cst.CSTNode, cst.CSTNode]] = []
        self._arguments: list[list[str]] = []  # of the functions that we are in
        self._own_names: list[list[str]] = []  # self.name, of the classes that we are in
        self._words: set[cst.CSTNode | None] = set()  # of arguments that are given by word

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Parameters | cst.Annotation | cst.Decorator):
            return False
        if m.matches(node, DOCSTRING):
            return False
        if isinstance(node, cst.Arg):
            self._words.add(node.keyword)
        if isinstance(node, cst.FunctionDef):
            self._arguments.append(_argument_names(node))
        elif isinstance(node, cst.ClassDef):
            self._own_names.append(_assigned_own_names(node))
        elif self._arguments or (not self._own_names and not isinstance(node, cst.Module)):
            self._collect(node)
        return not isinstance(node, cst.Raise)

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, cst.FunctionDef):
            self._arguments.pop()
        elif isinstance(original_node, cst.ClassDef):
            self._own_names.pop()

    def _collect(self, node: cst.CSTNode) -> None:
        for kind, type_, operator in OPERATORS:
            if isinstance(node, type_):
                for new in operator(node):
                    self.changes.append((_kind(kind, node, new), node, _tidy(new)))
        for new in self._other_names(node):
            self.changes.append(("name", node, new))

    def _other_names(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Another argument of the same function; another attribute of the same object."""
        context = self.get_metadata(ExpressionContextProvider, node, None)
        if context is not ExpressionContext.LOAD:
            return
        if isinstance(node, cst.Name) and self._arguments and node not in self._words:
            names = self._arguments[-1] if node.value in self._arguments[-1] else []
            for name in names:
                yield node.with_changes(value=name)
        if isinstance(node, cst.Attribute) and self._own_names and m.matches(node, OWN_NAME):
            names = self._own_names[-1]
            if node.attr.value in names:
                other = names[(names.index(node.attr.value) + 1) % len(names)]
                yield node.with_changes(attr=cst.Name(other))


def _tidy(node: Any) -> Any:
    """A call without the comma that an argument left behind."""
    if isinstance(node, cst.Call) and node.args:
        last = node.args[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return node.with_changes(args=[*node.args[:-1], last])
    return node


def _argument_names(function: cst.FunctionDef) -> list[str]:
    found = m.findall(function.params, m.Param())
    names = [cst.ensure_type(item, cst.Param).name.value for item in found]
    return [name for name in names if name not in ("self", "cls")]


def _assigned_own_names(node: cst.ClassDef) -> list[str]:
    names: dict[str, None] = {}
    for target in m.findall(node, m.AssignTarget(target=OWN_NAME) | m.AnnAssign(target=OWN_NAME)):
        attribute: Any = target
        names[attribute.target.attr.value] = None
    return list(names)


def _kind(kind: str, old: Any, new: Any) -> str:
    """An operator's kind, or a closer one: mutmut's operators serve many nodes."""
    if isinstance(old, cst.ComparisonTarget):
        return "comparison"
    if isinstance(old, cst.BooleanOperation) and kind == "operator":
        return "condition"
    if kind == "argument":
        changed = [item for item in old.args if item not in new.args]
        words = [item.keyword.value for item in changed if item.keyword]
        if words and words[0] in AXIS_WORDS:
            return "axis"
        if words and words[0] in KEEP_WORDS:
            return "keepdim"
    return kind


def _open_lines(lines: list[str]) -> set[int]:
    """The lines that a learner writes: inside the marked regions, or all where there are none."""
    if not any(BEGIN in line for line in lines):
        return set(range(1, len(lines) + 1))
    found, inside = set(), False
    for number, line in enumerate(lines, start=1):
        inside = (inside or BEGIN in line) and END not in line
        if inside:
            found.add(number)
    return found


def _described(lines: list[str], changed: list[str]) -> tuple[int, str]:
    """Where two texts begin to differ, and the lines that only the second has."""
    start = 0
    while start < min(len(lines), len(changed)) and lines[start] == changed[start]:
        start += 1
    end = 0
    most = min(len(lines), len(changed)) - start
    while end < most and lines[-1 - end] == changed[-1 - end]:
        end += 1
    old = [line.strip() for line in lines[start : len(lines) - end]]
    new = [line.strip() for line in changed[start : len(changed) - end]]
    if old and new in ([], ["pass"]):
        return start + 1, f"delete {' '.join(old)}"
    return start + 1, " ".join(new)


def _essence(code: CodeType) -> tuple[Any, ...]:
    """What a code object does, without where its text stands."""
    constants = tuple(
        _essence(item) if isinstance(item, CodeType) else (type(item).__name__, repr(item))
        for item in code.co_consts
    )
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    counts = (code.co_argcount, code.co_kwonlyargcount, code.co_flags)
    return code.co_name, code.co_code, code.co_exceptiontable, constants, names, counts
