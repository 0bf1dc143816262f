"""What is written reads back to the same expression: a plain reader that knows the notation's table and nothing else.

The reader is deliberately small and strict (recursive descent over the LaTeX, no guesses). Index form must read back to
the very expression; matrix form must have the same value for integer matrices, functions being arbitrary polynomials.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sympy import (
    Expr,
    Indexed,
    Integer,
    KroneckerDelta,
    Matrix,
    Mul,
    Piecewise,
    Rational,
    Sum,
    Symbol,
    exp,
    log,
    pi,
    preorder_traversal,
    sqrt,
)

from symbackprop.activations import identity, prelu, relu, sigmoid, softmax, tanh, unknown
from symbackprop.derivation import Derivation, derive, general_step, matrix_form
from symbackprop.derivation.matrices import (
    Added,
    Applied,
    Array,
    Gradient,
    Hadamard,
    MatrixStep,
    Ones,
    Product,
    Scaled,
    Transposed,
)
from symbackprop.layers import Dense
from symbackprop.losses import binary_cross_entropy, cross_entropy, quadratic_cost, squared_error
from symbackprop.network import Network
from symbackprop.notations import Notation, notations
from symbackprop.quantities import Apply, Partial, Quantity, as_index
from symbackprop.rendering import Writer, write_matrix, writer_of
from symbackprop.rendering.letters import preferred
from symbackprop.rendering.single import without_single_axes

DERIVATIONS: dict[str, Callable[[], Derivation]] = {
    "3-4-2": lambda: derive(Network(3, Dense(4, tanh), Dense(2, sigmoid))),
    "unknown functions": lambda: derive(Network("n", Dense("m", unknown("h")), Dense("p_2", unknown("h")))),
    "softmax, batch": lambda: derive(
        Network("n", Dense("m", relu), Dense("c", softmax), loss=cross_entropy, batch="N")
    ),
    "prelu": lambda: derive(Network(3, Dense(4, prelu), Dense(2, sigmoid), loss=binary_cross_entropy)),
    "no bias, batch": lambda: derive(Network(3, Dense(2, identity, bias=False), loss=squared_error, batch=5)),
    "mean over a batch": lambda: derive(Network(3, Dense(2, sigmoid), loss=quadratic_cost, batch="N")),
    "twelve layers": lambda: derive(Network(2, *(Dense(2 + n % 3, tanh) for n in range(12)))),
    "any layer": general_step,
    "one output": lambda: derive(Network(3, Dense(4, unknown("h")), Dense(1, unknown("h")), loss=squared_error)),
    "one output, batch": lambda: derive(Network(3, Dense(4, tanh), Dense(1, sigmoid), loss=quadratic_cost, batch="N")),
}

every_notation = pytest.mark.parametrize("notation", notations.values(), ids=list(notations))


@pytest.fixture(scope="module", params=list(DERIVATIONS))
def derivation(request: pytest.FixtureRequest) -> Derivation:
    return DERIVATIONS[request.param]()


class Reader:
    """Reads one formula; ``table`` are patterns of what the notation spells, the longest match counts."""

    def __init__(self, tex: str, table: list[tuple[re.Pattern[str], Callable[..., Any]]]) -> None:
        self.tex, self.table, self.at = tex, table, 0

    def whole(self) -> Any:
        value = self.terms()
        assert self.at == len(self.tex), f"not read: {self.tex[self.at :]}"
        return value

    def next(self, *texts: str) -> str | None:
        while self.tex.startswith(" ", self.at):
            self.at += 1
        found = next((t for t in texts if self.tex.startswith(t, self.at)), None)
        self.at += len(found or "")
        return found

    def expect(self, text: str) -> None:
        assert self.next(text), f"no {text} at {self.tex[self.at :]}"

    def terms(self) -> Any:
        listed = []
        sign = self.next("-")
        while True:
            term = self.hadamard()
            listed.append(("neg", term) if sign == "-" else term)
            sign = self.next("+", "-")
            if sign is None:
                return listed[0] if len(listed) == 1 else ("add", *listed)

    def hadamard(self) -> Any:
        factors = [self.product()]
        while self.next(r"\odot"):
            factors.append(self.product())
        return factors[0] if len(factors) == 1 else ("hadamard", *factors)

    def product(self) -> Any:
        factors = []
        while (factor := self.factor()) is not None:
            factors.append(factor)
            self.next(r"\cdot")
        assert factors, f"nothing to read at {self.tex[self.at :]}"
        return factors[0] if len(factors) == 1 else ("mul", *factors)

    def factor(self) -> Any:
        value = self.atom()
        while value is not None and self.next("^{"):
            value = ("T", value) if self.next("T}", r"\top}") else ("pow", value, self.until("}"))
        return value

    def until(self, close: str) -> Any:
        value = self.terms()
        self.expect(close)
        return value

    def atom(self) -> Any:
        self.next(" ")
        found = [(m, build) for pattern, build in self.table if (m := pattern.match(self.tex, self.at))]
        if found:
            match, build = max(found, key=lambda pair: pair[0].end())
            self.at = match.end()
            return build(self, match)
        if number := re.compile(r"\d+(\.\d+)?").match(self.tex, self.at):
            self.at = number.end()
            return ("value", Rational(number[0]))
        if opened := self.next(r"\left(", "("):
            return self.until(r"\right)" if opened.startswith("\\") else ")")
        if self.next(r"\frac{\partial "):
            above = self.factor()
            self.expect(r"}{\partial ")
            return ("partial", above, self.until("}"))
        if self.next(r"\frac{"):
            above = self.until("}")
            self.expect("{")
            return ("frac", above, self.until("}"))
        if self.next(r"\sqrt{"):
            return ("apply", sqrt, self.until("}"))
        if self.next("e^{"):
            return ("apply", exp, self.until("}"))
        if self.next(r"\begin{cases}"):
            return self.cases()
        if total := re.compile(r"\\sum_\{(\w)=1\}\^\{").match(self.tex, self.at):
            self.at = total.end()
            high = self.until("}")
            return ("sum", as_index(total[1]), high, self.hadamard())
        return None

    def cases(self) -> Any:
        rows = []
        while True:
            value = self.terms()
            self.expect("&")
            if self.next(r"\text{otherwise}"):
                rows.append((value, None))
            else:
                self.expect(r"\text{if }")
                left = self.terms()
                self.expect(">")
                rows.append((value, ("positive", left, self.terms())))
            if self.next(r"\end{cases}"):
                return ("cases", *rows)
            self.expect(r"\\")


def call(name: str) -> Callable[[Reader, re.Match[str]], Any]:
    def build(reader: Reader, match: re.Match[str]) -> Any:
        opened = reader.next(r"\left(", "(")
        assert opened, f"{name} without an argument at {reader.tex[reader.at :]}"
        argument = reader.until(r"\right)" if opened.startswith("\\") else ")")
        value = ("call", name, len(match["primes"]), argument)
        return ("pow", value, ("value", Integer(match["power"]))) if match["power"] else value

    return build


def placed(quantity: Quantity, letters: list[str]) -> tuple[Expr, ...]:
    """The indices of an entry; the one place on an axis of size 1 is not written."""
    return tuple(
        Integer(1) if size == 1 else as_index(letters.pop(0)) for size in quantity.axes if letters or size == 1
    )


def table_of(derivation: Derivation, notation: Notation, writer: Writer) -> list[tuple[re.Pattern[str], Any]]:
    """Patterns made from the notation alone: entries, arrays, gradients, functions, sizes, deltas."""
    table: list[tuple[re.Pattern[str], Any]] = []

    def entries(text: str | None, kind: str, quantity: Quantity) -> None:
        if text is not None:
            pattern = re.escape(text).replace("\x00", "(\\w)")
            table.append((re.compile(pattern), lambda _, m: (kind, quantity, placed(quantity, list(m.groups())))))

    for quantity in derivation.quantities.values():
        blank = ["\x00" for size in quantity.axes if size != 1]
        entries(notation.entry(quantity, blank, writer.depth), "entry", quantity)
        entries(notation.gradient_entry(quantity, blank, writer.depth), "gradient", quantity)
        entries(notation.array(quantity, writer.depth), "array", quantity)
        entries(notation.array(quantity, writer.depth, transposed=True), "transposed", quantity)
        entries(notation.gradient_array(quantity, writer.depth), "gradients", quantity)
        for size in quantity.axes:
            text = re.escape(writer.write(size))
            table.append((re.compile(text), lambda _, m, size=size: ("value", size)))
            table.append((re.compile(rf"\\mathbf\{{1\}}_\{{{text}\}}"), lambda _, m, size=size: ("ones", size)))
    for name in (*derivation.model.functions, "log", "exp"):
        spelled = re.escape(notation.function(name))
        table.append((re.compile(rf"{spelled}(?P<primes>'*)(?:\^\{{(?P<power>\d+)\}})?(?=\\left\(|\()"), call(name)))
    kronecker = re.compile(re.escape(notation.kronecker) + r"_\{(\w)(\w)\}")
    table.append((kronecker, lambda _, m: ("delta", as_index(m[1]), as_index(m[2]))))
    table.append((re.compile(r"\\pi(?![a-z])"), lambda _, m: ("value", pi)))
    return table


def expression(tree: Any, objective: Expr) -> Expr:
    """A tree as an expression in index form."""

    def of(node: Any) -> Expr:
        return expression(node, objective)

    kind, *parts = tree
    if kind == "array" and not parts[0].axes:
        return parts[0][()]
    rules: dict[str, Callable[[], Expr]] = {
        "value": lambda: parts[0],
        "entry": lambda: parts[0][parts[1]],
        "gradient": lambda: Partial(objective, parts[0][parts[1]]),
        "gradients": lambda: Partial(objective, parts[0][()]),
        "partial": lambda: Partial(of(parts[0]), of(parts[1])),
        "add": lambda: sum((of(p) for p in parts), Integer(0)),
        "neg": lambda: -of(parts[0]),
        "mul": lambda: Mul(*(of(p) for p in parts)),
        "frac": lambda: of(parts[0]) / of(parts[1]),
        "pow": lambda: of(parts[0]) ** of(parts[1]),
        "apply": lambda: parts[0](of(parts[1])),
        "sum": lambda: Sum(of(parts[2]), (parts[0], 1, of(parts[1]))),
        "delta": lambda: KroneckerDelta(*parts),
        "call": lambda: {"log": log, "exp": exp}.get(parts[0], lambda x: Apply(parts[0], parts[1], x))(of(parts[2])),
        "cases": lambda: Piecewise(*((of(v), of(w[1]) > of(w[2]) if w else True) for v, w in parts)),
    }
    return rules[kind]()


def settled(e: Expr) -> Expr:
    """One shape for equal expressions: constants before sums, sums with one limit each, constants multiplied out."""

    def out(total: Sum) -> Expr:
        body = total.function
        for limit in total.limits:
            constant, rest = body.as_coeff_Mul()
            body = constant * Sum(rest, limit)
        return body

    return e.replace(lambda node: isinstance(node, Sum), out).expand(
        mul=True, power_base=False, power_exp=False, multinomial=False, log=False, deep=True
    )


def written(derivation: Derivation, notation: Notation) -> Iterator[tuple[str, Expr, Writer]]:
    """Every side of every equation and step in index form, with what it was written from."""
    writer = writer_of(derivation, notation)
    equations = [[e.lhs, e.expression] for e in derivation.model.equations]
    for sides in (*equations, *([chain[0].lhs, *(s.rhs for s in chain)] for chain in derivation.chains)):
        shorter, _ = without_single_axes(sides, derivation.quantities)
        renaming = preferred(shorter, notation, derivation.quantities)
        for side in shorter:
            renamed = side.xreplace(renaming)
            yield writer.write(renamed), renamed, writer


@every_notation
def test_every_step_reads_back_to_the_same_expression(derivation: Derivation, notation: Notation) -> None:
    table = table_of(derivation, notation, writer_of(derivation, notation))
    objective = derivation.model.objective[()]
    for tex, source, _ in written(derivation, notation):
        read = expression(Reader(tex, table).whole(), objective)
        assert settled(read) == settled(source), tex


def test_the_reader_sees_a_difference() -> None:
    derivation, notation = DERIVATIONS["3-4-2"](), notations["nielsen"]
    table = table_of(derivation, notation, writer_of(derivation, notation))
    formulas = (
        r"\delta^{3}_{j} a^{2}_{k}",
        r"\delta^{3}_{k} a^{2}_{j}",
        r"\delta^{2}_{j} a^{2}_{k}",
        r"-\delta^{3}_{j} a^{2}_{k}",
    )
    sides = [expression(Reader(tex, table).whole(), derivation.model.objective[()]) for tex in formulas]
    assert len({settled(side) for side in sides}) == 4
    with pytest.raises(AssertionError, match="not read"):
        Reader(r"a^{2}_{k} \nonsense", table).whole()


WIDTHS = (2, 3, 4, 5, 6, 7)


class Numbers:
    """Integer matrices for every array and gradient, polynomials for functions: values to compare matrix form by."""

    def __init__(self, derivation: Derivation) -> None:
        symbols = sorted({s for q in derivation.quantities.values() for n in q.axes for s in n.free_symbols}, key=str)
        self.sizes = {symbol: Integer(WIDTHS[n]) for n, symbol in enumerate(symbols)}

    def shape(self, quantity: Quantity) -> tuple[int, int]:
        rows, columns, *_ = (*(int(n.subs(self.sizes)) for n in quantity.axes), 1, 1)
        return rows, columns

    def array(self, quantity: Quantity, salt: int = 1) -> Matrix:
        start = salt * sum(ord(sign) for sign in quantity.label)
        return Matrix(*self.shape(quantity), lambda r, c: (start + 7 * r * r + 3 * c + r * c) % 11 - 4)

    def function(self, name: str, order: int, values: Matrix) -> Matrix:
        start = sum(ord(sign) for sign in name) + 5 * order
        return values.applyfunc(lambda x: x * x + start % 7 * x + start % 5)

    def scalar(self, value: Expr) -> Expr:
        return value.subs(self.sizes)


def value_of_term(term: Any, n: Numbers) -> Matrix:
    """The value of a matrix term, from its structure."""
    match term:
        case Array(quantity):
            return n.array(quantity)
        case Gradient(quantity):
            return n.array(quantity, 2)
        case Ones(size):
            return Matrix.ones(int(n.scalar(size)), 1)
        case Transposed(operand):
            return value_of_term(operand, n).T
        case Product(factors):
            return product([value_of_term(f, n) for f in factors])
        case Hadamard(factors):
            return entrywise([value_of_term(f, n) for f in factors])
        case Added(terms):
            return added([value_of_term(t, n) for t in terms])
        case Scaled(factor, operand):
            return n.scalar(factor) * value_of_term(operand, n)
        case Applied(name, order, operand):
            return n.function(name, order, value_of_term(operand, n))
    raise AssertionError(term)


def value_of_tree(tree: Any, n: Numbers) -> Any:
    """The value of what was read: a number or a matrix."""
    kind, *parts = tree

    def of(node: Any) -> Any:
        return value_of_tree(node, n)

    rules: dict[str, Callable[[], Any]] = {
        "value": lambda: n.scalar(parts[0]),
        "array": lambda: n.array(parts[0]),
        "entry": lambda: n.array(parts[0]),
        "transposed": lambda: n.array(parts[0]).T,
        "gradients": lambda: n.array(parts[0], 2),
        "gradient": lambda: n.array(parts[0], 2),
        "partial": lambda: n.array(parts[1][1], 2),
        "ones": lambda: Matrix.ones(int(n.scalar(parts[0])), 1),
        "T": lambda: of(parts[0]).T,
        "mul": lambda: product([of(p) for p in parts]),
        "hadamard": lambda: entrywise([of(p) for p in parts]),
        "add": lambda: added([of(p) for p in parts]),
        "neg": lambda: -1 * of(parts[0]),
        "frac": lambda: of(parts[0]) / of(parts[1]),
        "call": lambda: n.function(parts[0], parts[1], of(parts[2])),
    }
    return rules[kind]()


def product(values: list[Any]) -> Any:
    result = values[0]
    for value in values[1:]:
        result = result * value
    return result


def entrywise(values: list[Any]) -> Matrix:
    result = values[0]
    for value in values[1:]:
        result = result.multiply_elementwise(value)
    return result


def added(values: list[Any]) -> Matrix:
    result = values[0]
    for value in values[1:]:
        result = result + value
    return result


@every_notation
def test_every_matrix_step_reads_back_to_the_same_value(derivation: Derivation, notation: Notation) -> None:
    writer = writer_of(derivation, notation)
    table, numbers = table_of(derivation, notation, writer), Numbers(derivation)
    steps = [matrix_form(step, derivation.quantities) for step in derivation.steps]
    found = [step for step in steps if isinstance(step, MatrixStep)]
    assert found
    for term in (side for step in found for side in (step.lhs, step.rhs)):
        tex = write_matrix(writer, term)
        assert value_of_tree(Reader(tex, table).whole(), numbers) == value_of_term(term, numbers), tex


def test_the_derivations_cover_every_kind_of_node() -> None:
    kinds = {type(node) for make in DERIVATIONS.values() for s in make().steps for node in preorder_traversal(s.rhs)}
    assert {Sum, Apply, Partial, KroneckerDelta, Piecewise, Indexed, Symbol} <= kinds
