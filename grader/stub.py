"""Cut what learners get from what the solution kernel says.

`solution_source` takes an exercise's kernel with the helpers it uses; `cut_stub` takes the answer
out of it: signature and docstring stay, the body goes. `free_names` finds what a stub would miss.
"""

from __future__ import annotations

import ast
import builtins
import symtable

from grader.errors import GraderError

__all__ = ["cut_stub", "free_names", "solution_source"]

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
Definition = ast.FunctionDef | ast.ClassDef


def solution_source(kernels: str, exercise: str) -> str:
    """The kernel's text with the private helpers it uses, in the file's order.

    Args:
        kernels: the text of a lesson's kernels.py.
        exercise: a function or class defined there.

    Raises:
        GraderError: where no such definition stands in the file.
    """
    tree = ast.parse(kernels)
    lines = kernels.splitlines()
    private = {name: node for node in tree.body for name in _defined(node) if name.startswith("_")}
    kernel = _definition(tree, exercise)
    wanted: list[ast.stmt] = [kernel]
    for node in wanted:  # grows while it is read: helpers may use helpers
        used = {item.id for item in ast.walk(node) if isinstance(item, ast.Name)}
        wanted += [
            helper
            for name, helper in private.items()
            if name in used - {exercise} and helper not in wanted
        ]
    ordered = sorted(wanted, key=lambda node: node.lineno)
    return "\n\n\n".join("\n".join(_lines(node, lines)) for node in ordered)


def cut_stub(solution: str, exercise: str) -> str:
    """Take the answer out of a solution cell; what is left is the learner's start.

    Marked regions are cut by lines first, where there are any; otherwise every function body goes
    but for its docstring, and so do private methods and module-level helpers.
    """
    refusal = f'raise NotImplementedError("{exercise} is not written yet")'
    lines = solution.splitlines()
    node = _definition(ast.parse(solution), exercise)
    own = _lines(node, lines)
    if any(BEGIN in line for line in own):
        return "\n".join(_cut_regions(own, refusal))
    if isinstance(node, ast.FunctionDef):
        return "\n".join(_cut_body(node, lines, refusal))
    return "\n".join(_cut_class(node, lines, refusal))


def free_names(code: str) -> set[str]:
    """The names that a cell uses at definition time or in a body, and does not itself bring."""
    table = symtable.symtable(code, "<cell>", "exec")
    brought = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
    }
    return _global_names(table, table) - brought - set(dir(builtins))


def _global_names(table: symtable.SymbolTable, top: symtable.SymbolTable) -> set[str]:
    names = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_referenced() and (table is top or symbol.is_global())
    }
    return names.union(*(_global_names(child, top) for child in table.get_children()))


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AnnAssign):
        targets = [node.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _definition(tree: ast.Module, name: str) -> Definition:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            return node
    raise GraderError(f"No function or class {name} stands at the top level of its file or cell.")


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return int(min([node.lineno, *(decorator.lineno for decorator in decorators)]))


def _lines(node: ast.stmt, lines: list[str]) -> list[str]:
    """A definition's lines; its closing mark may stand below the last, outside the tree's node."""
    own = lines[_first_line(node) - 1 : node.end_lineno]
    if sum(BEGIN in line for line in own) > sum(END in line for line in own):
        below = lines[node.end_lineno or 0 :]
        blank = next((number for number, line in enumerate(below) if line.strip()), 0)
        if below and below[blank].strip() == END:
            own += below[: blank + 1]
    return own


def _cut_regions(lines: list[str], refusal: str) -> list[str]:
    kept: list[str] = []
    inside = False
    for line in lines:
        if BEGIN in line:
            inside = True
            kept.append(line[: len(line) - len(line.lstrip())] + refusal)
        elif END in line:
            inside = False
        elif not inside:
            kept.append(line)
    if inside:
        raise GraderError(f"A solution region has no `{END}`.")
    return kept


def _cut_body(function: ast.FunctionDef, lines: list[str], refusal: str) -> list[str]:
    first = function.body[0]
    has_docstring = ast.get_docstring(function) is not None
    start, end = _first_line(function) - 1, _first_line(first) - 1
    before = lines[end].encode()[: first.col_offset].decode()
    if before.strip():  # `def f(x): return x`: the body begins in the signature's own line
        docstring = ast.get_source_segment("\n".join(lines), first) if has_docstring else None
        body = [text for text in (docstring, refusal) if text]
        indent = " " * (function.col_offset + 4)
        return [*lines[start:end], before.rstrip(), *(indent + text for text in body)]
    if has_docstring:
        end = first.end_lineno or first.lineno
    else:
        while lines[end - 1].lstrip().startswith("#") or not lines[end - 1].strip():
            end -= 1  # what a comment says of the body goes with it
    return [*lines[start:end], " " * first.col_offset + refusal]


def _cut_class(node: ast.ClassDef, lines: list[str], refusal: str) -> list[str]:
    kept = _lines(node, lines)
    start = _first_line(node)
    for method in reversed([item for item in node.body if isinstance(item, ast.FunctionDef)]):
        private = method.name.startswith("_") and not method.name.endswith("__")
        cut = [] if private else _cut_body(method, lines, refusal)
        first = _first_line(method) - start
        kept[first : (method.end_lineno or method.lineno) - start + 1] = cut
        if private and first and not kept[first - 1].strip():
            del kept[first - 1]
    return kept
