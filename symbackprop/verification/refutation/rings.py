"""The numbers in which points are evaluated: integers modulo 2^61-1, rationals, balls of rising precision."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable
from fractions import Fraction
from hashlib import blake2b
from math import comb, factorial
from typing import Any

from flint import arb, ctx, fmpq

from symbackprop.verification.budget import NotSupported

Scalar = Any  #: an int (modulo P), a Fraction or an arb ball; each ring uses one of them only

P = 2**61 - 1
POWER_LIMIT = 512
#: exp of more than this is refused: such numbers say nothing and cost memory
MAGNITUDE = 10_000
ARB_NAMES = {"arctan": "atan"}  #: where python-flint has another word


class Undefined(ArithmeticError):
    """A point at which a term has no value (or, at this precision, none that can be told)."""


def digest(*parts: Hashable) -> int:
    """A number that depends on the parts only, the same in every process."""
    return int.from_bytes(blake2b(repr(parts).encode(), digest_size=8).digest(), "big")


class Ring(ABC):
    """Arithmetic on scalars; ``name`` is how a verdict calls it."""

    name: str
    ordered = True
    real_functions = False
    zero: Scalar
    one: Scalar

    @abstractmethod
    def number(self, value: Fraction) -> Scalar: ...

    @abstractmethod
    def add(self, left: Scalar, right: Scalar) -> Scalar: ...

    @abstractmethod
    def mul(self, left: Scalar, right: Scalar) -> Scalar: ...

    @abstractmethod
    def inverse(self, value: Scalar) -> Scalar: ...

    @abstractmethod
    def differ(self, left: Scalar, right: Scalar) -> bool:
        """Whether the two are certainly not equal."""

    @abstractmethod
    def sign(self, value: Scalar) -> int: ...

    def power(self, base: Scalar, exponent: int) -> Scalar:
        """A whole power; 0 to the 0 is 1."""
        if abs(exponent) > POWER_LIMIT:
            raise Undefined("a power beyond the limit")
        return self.inverse(base) ** -exponent if exponent < 0 else base**exponent

    def root(self, base: Scalar, exponent: Fraction) -> Scalar:
        raise NotSupported(f"a fractional power in {self.name}")

    def function(self, name: str, argument: Scalar) -> Scalar:
        raise NotSupported(f"{name} in {self.name}")

    def pi(self) -> Scalar:
        raise NotSupported(f"pi in {self.name}")

    def unknown(self, key: tuple[Hashable, ...], arguments: tuple[Scalar, ...], slots: tuple[int, ...]) -> Scalar:
        """A derivative of an unknown function: values at different arguments are independent.

        Hermite interpolation makes a polynomial with any such values, so each choice is a function that exists.
        """
        return self.number(Fraction(digest("fn", key, tuple(map(str, arguments)), slots) % 89 - 44))


class Modular(Ring):
    """Residues modulo 2^61-1: unequal residues of a rational expression mean unequal rationals."""

    name = "integers modulo 2^61-1"
    ordered = False
    zero, one = 0, 1

    def number(self, value: Fraction) -> int:
        if value.denominator == 1:
            return value.numerator % P
        return value.numerator * pow(value.denominator, -1, P) % P

    def add(self, left: int, right: int) -> int:
        return (left + right) % P

    def mul(self, left: int, right: int) -> int:
        return left * right % P

    def inverse(self, value: int) -> int:
        if not value:
            raise Undefined("division by 0")
        return pow(value, -1, P)

    def power(self, base: int, exponent: int) -> int:
        if exponent < 0 and not base:
            raise Undefined("division by 0")
        return pow(base, exponent, P)

    def differ(self, left: int, right: int) -> bool:
        return left != right

    def sign(self, value: int) -> int:
        raise NotSupported("order among residues")

    def unknown(self, key: tuple[Hashable, ...], arguments: tuple[int, ...], slots: tuple[int, ...]) -> int:
        return digest("fn", key, arguments, slots) % P


class Rational(Ring):
    """Exact rational numbers."""

    name = "rationals"
    zero, one = Fraction(0), Fraction(1)

    def number(self, value: Fraction) -> Fraction:
        return value

    def add(self, left: Fraction, right: Fraction) -> Fraction:
        return left + right

    def mul(self, left: Fraction, right: Fraction) -> Fraction:
        product = left * right
        if product.denominator.bit_length() > 20_000 or product.numerator.bit_length() > 20_000:
            raise Undefined("numbers beyond 6,000 digits")
        return product

    def inverse(self, value: Fraction) -> Fraction:
        if not value:
            raise Undefined("division by 0")
        return 1 / value

    def differ(self, left: Fraction, right: Fraction) -> bool:
        return left != right

    def sign(self, value: Fraction) -> int:
        return (value > 0) - (value < 0)


class Ball(Ring):
    """Real balls: a midpoint and a radius that hold the true value; set the precision with ``activate``."""

    real_functions = True

    def __init__(self, digits: int) -> None:
        self.digits = digits
        self.name = f"real balls, {digits} digits"
        self.activate()
        self.zero, self.one = arb(0), arb(1)

    def activate(self) -> None:
        ctx.dps = self.digits

    def number(self, value: Fraction) -> arb:
        return arb(value.numerator) if value.denominator == 1 else arb(fmpq(value.numerator, value.denominator))

    def add(self, left: arb, right: arb) -> arb:
        return left + right

    def mul(self, left: arb, right: arb) -> arb:
        return left * right

    def inverse(self, value: arb) -> arb:
        if value.contains(0):
            raise Undefined("division by 0")
        return 1 / value

    def differ(self, left: arb, right: arb) -> bool:
        difference = left - right
        return difference.is_finite() and not difference.contains(0)

    def sign(self, value: arb) -> int:
        if value > 0:
            return 1
        if value < 0:
            return -1
        if value.is_exact() and value == 0:
            return 0
        raise Undefined("a sign that this precision does not tell")

    def root(self, base: arb, exponent: Fraction) -> arb:
        if not base > 0:
            raise Undefined("a fractional power of a number that is not positive")
        if exponent.denominator == 2:
            return base.sqrt() ** exponent.numerator
        return base ** self.number(exponent)

    def function(self, name: str, argument: arb) -> arb:
        if name == "log":
            if not argument > 0:
                raise Undefined("log of a number that is not positive")
            return arb(argument.log())
        if not abs(argument) < MAGNITUDE:
            raise Undefined(f"{name} of a number beyond {MAGNITUDE}")
        return arb(getattr(argument, ARB_NAMES.get(name, name))())

    def pi(self) -> arb:
        return arb.pi()

    def unknown(self, key: tuple[Hashable, ...], arguments: tuple[arb, ...], slots: tuple[int, ...]) -> arb:
        """A sum of two fifth powers of random affine forms: balls cannot be table keys, polynomials are functions."""
        total = self.zero
        for ridge in ("first", "second"):
            slopes, shift, factor = ridge_of(key, ridge, len(arguments))
            form = self.number(shift)
            for slope, argument in zip(slopes, arguments, strict=True):
                form = form + self.number(slope) * argument
            total = total + ridge_derivative(factor, slopes, slots, form, self)
        return arb(total)


RIDGE_DEGREE = 5


def ridge_of(key: tuple[Hashable, ...], ridge: str, count: int) -> tuple[list[Fraction], Fraction, Fraction]:
    """Slopes, shift and factor of one ridge of the random polynomial that stands for an unknown function."""
    draws = [Fraction(digest(key, ridge, number) % 31 - 15, 8) or Fraction(5, 8) for number in range(count + 2)]
    return draws[:count], draws[count], draws[count + 1]


def ridge_derivative(factor: Fraction, slopes: list[Fraction], slots: tuple[int, ...], form: Any, ring: Ring) -> Any:
    """The derivative by the arguments in ``slots`` of factor · form^5."""
    order = len(slots)
    if order > RIDGE_DEGREE:
        return ring.zero
    scale = factor * factorial(order) * comb(RIDGE_DEGREE, order)
    for slot in slots:
        scale *= slopes[slot]
    return ring.number(scale) * form ** (RIDGE_DEGREE - order)
