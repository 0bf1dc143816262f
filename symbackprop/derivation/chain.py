"""A product of entries joined to a matrix product: indices are the nodes of a path, arrays its edges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sympy import Expr, Symbol

from symbackprop.derivation.matrices import Applied, Hadamard, MatrixTerm, Ones, Product, Scaled, Transposed

Index: TypeAlias = Symbol | None


class Unreadable(Exception):
    """An index formula that matrix notation cannot say; the message is the reason."""


@dataclass(frozen=True)
class Edge:
    """A term with the indices of its row and column; None is the single column of a vector."""

    row: Index
    column: Index
    term: MatrixTerm


@dataclass(frozen=True)
class MatrixChain:
    """The sizes of all indices, and which of them are summed over."""

    sizes: Mapping[Symbol, Expr]
    bound: frozenset[Symbol]

    def join(self, edges: Sequence[Edge], row: Index, column: Index) -> MatrixTerm:
        """The product whose entry at (row, column) is the product of the edges, summed over the bound indices.

        Every edge is used once and every bound index is passed through, so nothing is lost; otherwise
        :class:`Unreadable` is raised.
        """
        merged = _merge(edges, scalar=row is None and column is None)
        path = self._walk(merged, row, column, frozenset({row}))
        if path is None:
            raise Unreadable("the indices do not form a chain of matrix products")
        return product(path)

    def _walk(self, edges: tuple[Edge, ...], at: Index, goal: Index, seen: frozenset[Index]) -> list[MatrixTerm] | None:
        """The terms on a path from ``at`` to ``goal`` over all edges.

        An index is passed through once only: passing twice would make two sums of one.
        """
        if not edges and at == goal and self.bound <= seen:
            return []
        for place, edge in enumerate(edges):
            others = (*edges[:place], *edges[place + 1 :])
            turned = Edge(edge.column, edge.row, transposed(edge.term))
            for step in (edge, turned):
                if step.row == at and (step.column is None or step.column not in seen):
                    rest = self._walk(others, step.column, goal, seen | {step.column})
                    if rest is not None:
                        return [step.term, *rest]
        return self._walk_by_ones(edges, at, goal, seen)

    def _walk_by_ones(
        self, edges: tuple[Edge, ...], at: Index, goal: Index, seen: frozenset[Index]
    ) -> list[MatrixTerm] | None:
        """Leave an index from which no edge leads on, or start at one, by a column of ones."""
        touched = {i for e in edges for i in (e.row, e.column)}
        if at is not None:
            stuck = at not in touched and (at != goal or bool(edges))
            rest = self._walk(edges, None, goal, seen) if stuck else None
            return None if rest is None else [Ones(self.sizes[at]), *rest]
        wanted = touched or {goal}
        for target in (i for i in self.sizes if None not in touched and i in wanted and i not in seen):
            rest = self._walk(edges, target, goal, seen | {target})
            if rest is not None:
                return [Transposed(Ones(self.sizes[target])), *rest]
        return None


def _merge(edges: Sequence[Edge], scalar: bool) -> tuple[Edge, ...]:
    """Edges over the same indices as one elementwise product; of a sum of two such vectors the first stays apart."""
    groups: dict[frozenset[Index], list[Edge]] = {}
    for edge in edges:
        groups.setdefault(frozenset((edge.row, edge.column)), []).append(edge)
    merged = []
    for group in groups.values():
        first = group[0]
        terms = [e.term if e.row == first.row else transposed(e.term) for e in group]
        if scalar and len(groups) == 1 and first.column is None and len(terms) > 1:
            return (Edge(first.row, None, terms[0]), Edge(first.row, None, hadamard(terms[1:])))
        merged.append(Edge(first.row, first.column, hadamard(terms)))
    return tuple(merged)


def transposed(term: MatrixTerm) -> MatrixTerm:
    """The transpose, with no double transposes."""
    return term.operand if isinstance(term, Transposed) else Transposed(term)


def hadamard(terms: Sequence[MatrixTerm]) -> MatrixTerm:
    """The elementwise product, functions last."""
    ordered = sorted(terms, key=lambda term: isinstance(term, Applied))
    return ordered[0] if len(ordered) == 1 else Hadamard(tuple(ordered))


def product(terms: Sequence[MatrixTerm]) -> MatrixTerm:
    """The matrix product, left to right."""
    if not terms:
        raise Unreadable("a bare number is no matrix formula")
    return terms[0] if len(terms) == 1 else Product(tuple(terms))


def scaled(factor: Expr, term: MatrixTerm) -> MatrixTerm:
    """A scalar times a term, left out if it is one."""
    return term if factor == 1 else Scaled(factor, term)
