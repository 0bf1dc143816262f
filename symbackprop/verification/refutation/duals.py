"""Nested dual numbers over a ring: forward-mode derivatives of any order, one tag a perturbation."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from symbackprop.verification.budget import Budget, Meter
from symbackprop.verification.refutation.rings import Ring, Scalar, Undefined
from symbackprop.verification.terms.functions import PRIMITIVE_DERIVATIVE
from symbackprop.verification.terms.nodes import Term

#: Products of perturbed numbers in one evaluation.
MOST_PRODUCTS = 60_000


@dataclass(frozen=True, slots=True)
class Dual:
    """``primal + ε·tangent`` with ε² = 0; a higher tag lies outside a lower one."""

    tag: int
    primal: Value
    tangent: Value


Value: TypeAlias = Any  #: a Scalar of the ring, or a Dual over it


class Duals:
    """Arithmetic of nested duals over ``ring``."""

    def __init__(self, ring: Ring) -> None:
        self.ring = ring
        self.meter = Meter(Budget(operations=MOST_PRODUCTS))

    def split(self, value: Value, tag: int) -> tuple[Value, Value]:
        """The part without and the part with the perturbation ``tag``."""
        if type(value) is Dual and value.tag == tag:
            return value.primal, value.tangent
        return value, self.ring.zero

    def primal(self, value: Value) -> Scalar:
        """The plain number under all perturbations."""
        while type(value) is Dual:
            value = value.primal
        return value

    @staticmethod
    def top(*values: Value) -> int:
        """The outermost tag among the values, 0 if they are plain."""
        return max((value.tag for value in values if type(value) is Dual), default=0)

    def add(self, left: Value, right: Value) -> Value:
        if type(left) is not Dual and type(right) is not Dual:
            return self.ring.add(left, right)
        tag = self.top(left, right)
        (a, da), (b, db) = self.split(left, tag), self.split(right, tag)
        return Dual(tag, self.add(a, b), self.add(da, db))

    def mul(self, left: Value, right: Value) -> Value:
        if type(left) is not Dual and type(right) is not Dual:
            return self.ring.mul(left, right)
        self.meter.spend()  # a product at n perturbations is 3^n products
        tag = self.top(left, right)
        (a, da), (b, db) = self.split(left, tag), self.split(right, tag)
        return Dual(tag, self.mul(a, b), self.add(self.mul(a, db), self.mul(da, b)))

    def scale(self, number: Fraction, value: Value) -> Value:
        return self.mul(self.ring.number(number), value)

    def sub(self, left: Value, right: Value) -> Value:
        return self.add(left, self.scale(Fraction(-1), right))

    def power(self, base: Value, exponent: Fraction) -> Value:
        """A rational power with its derivatives."""
        if type(base) is Dual:
            slope = self.ring.zero
            if exponent:
                slope = self.scale(exponent, self.mul(self.power(base.primal, exponent - 1), base.tangent))
            return Dual(base.tag, self.power(base.primal, exponent), slope)
        if exponent.denominator == 1:
            return self.ring.power(base, int(exponent))
        return self.ring.root(base, exponent)

    def inverse(self, value: Value) -> Value:
        return self.power(value, Fraction(-1))

    def unknown(self, key: tuple[Hashable, ...], arguments: tuple[Value, ...], slots: tuple[int, ...]) -> Value:
        """An unknown function at values that may carry perturbations: the chain rule, one tag at a time."""
        tag = self.top(*arguments)
        if not tag:
            return self.ring.unknown(key, arguments, slots)
        parts = [self.split(value, tag) for value in arguments]
        plain = tuple(primal for primal, _ in parts)
        tangent = self.ring.zero
        for number, (_, slope) in enumerate(parts):
            if not (type(slope) is not Dual and slope == 0):
                partial = self.unknown(key, plain, tuple(sorted((*slots, number))))
                tangent = self.add(tangent, self.mul(partial, slope))
        return Dual(tag, self.unknown(key, plain, slots), tangent)


def primitive_slope(name: str) -> Term:
    """The derivative of a primitive as a term."""
    if name not in PRIMITIVE_DERIVATIVE:
        raise Undefined(f"no derivative of {name}")
    return PRIMITIVE_DERIVATIVE[name]
