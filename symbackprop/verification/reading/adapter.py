r"""The one place that knows latex2sympy2: it parses arithmetic over the tokens ``q_{0}``, ``q_{1}``, … and nothing
else.

On its own latex2sympy2 drops unparsed tails, solves equations and reads labels as powers, so no notation ever reaches
it: every letter, call, derivative or sum of a formula is a token before, and comes back by its number after.
``latex2sympy2_extended`` may take its place. Parsing costs about 10 ms a token, so token strings are kept short,
numbered from 0 and remembered: a few dozen of them occur.
"""

from __future__ import annotations

import importlib
import re
import sys
import threading
import types
import typing
import warnings
from functools import lru_cache
from typing import Any, Protocol

from symbackprop.errors import SymbackpropError

_ALLOWED = re.compile(r"(?:q_\{\d{1,3}\}|\\cdot ?|\\frac|\\sqrt(?:\[\d{1,2}\])?|[-+/{}() ])+")
_LOCK = threading.Lock()


class NoParser(SymbackpropError):
    """Neither latex2sympy2 nor latex2sympy2_extended is installed."""


class NotArithmetic(ValueError):
    """A token string outside the language, or one that the core does not read to its end."""


class Core(Protocol):
    """What reads a string of the token language into a SymPy expression of the symbols ``q_{n}``, unevaluated."""

    name: str

    def parse(self, text: str) -> Any: ...


class _Latex2sympy2:
    """latex2sympy2: its lexer, its grammar rule ``expr`` (so no relation reaches its solver), its conversion."""

    name = "latex2sympy2"

    def __init__(self) -> None:
        _stand_in_for_typing_io()
        self._module = _imported("latex2sympy2")
        self._antlr = _imported("antlr4")

    def parse(self, text: str) -> Any:
        module = self._module
        module.set_variances({})  # a module-wide table that an earlier formula may have broken
        listener = module.MathErrorListener(text)
        lexer = module.PSLexer(self._antlr.InputStream(text))
        parser = module.PSParser(self._antlr.CommonTokenStream(lexer))
        for part in (lexer, parser):
            part.removeErrorListeners()
            part.addErrorListener(listener)
        tree = parser.expr()
        if parser.getCurrentToken().type != self._antlr.Token.EOF:
            raise NotArithmetic(f"the core stops before the end of {text!r}")
        return module.convert_expr(tree)


class _Latex2sympy2Extended:
    """latex2sympy2_extended, with its rewriting of the input switched off."""

    name = "latex2sympy2_extended"

    def __init__(self) -> None:
        module = _imported("latex2sympy2_extended.latex2sympy2")
        self._latex2sympy = module.latex2sympy
        self._config = module.ConversionConfig(interpret_as_mixed_fractions=False, lowercase_symbols=False)

    def parse(self, text: str) -> Any:
        return self._latex2sympy(text, normalization_config=None, conversion_config=self._config)


def core() -> Core:
    """The installed core: latex2sympy2, else latex2sympy2_extended."""
    with _LOCK:
        return _core()


@lru_cache(maxsize=1)
def _core() -> Core:
    for candidate in (_Latex2sympy2, _Latex2sympy2Extended):
        try:
            return candidate()
        except ImportError:
            continue
    raise NoParser(
        "no parser for formulas is installed: latex2sympy2 cannot be imported; install it with"
        " `pip install latex2sympy2` (or `pip install latex2sympy2_extended[antlr4_13_2]`)"
    )


@lru_cache(maxsize=4096)
def parse(text: str) -> Any:
    r"""The SymPy expression of a token string, unevaluated and in the order written.

    >>> parse(r"q_{0}\cdot q_{1}-q_{2}").args[0].args
    (q_0, q_1)
    >>> parse(r"x\cdot q_{1}")
    Traceback (most recent call last):
        ...
    symbackprop.verification.reading.adapter.NotArithmetic: 'x\\cdot q_{1}' is not in the token language
    """
    if not _ALLOWED.fullmatch(text):
        raise NotArithmetic(f"{text!r} is not in the token language")
    with _LOCK:
        try:
            return _core().parse(text)
        except (NotArithmetic, NoParser):
            raise
        except Exception as problem:  # the cores raise bare Exception
            raise NotArithmetic(f"the core cannot read {text!r}") from problem


def warm() -> None:
    """Load the core and parse the strings that most notes need, so that a worker forked afterwards finds them done."""
    for text in (r"\frac{q_{0}}{q_{1}}", "-q_{0}", "q_{0}+q_{1}", "q_{0}-q_{1}"):
        parse(text)
    for count in (2, 3, 4):
        parse(r"\cdot ".join(f"q_{{{k}}}" for k in range(count)))


def _imported(name: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return importlib.import_module(name)


def _stand_in_for_typing_io() -> None:
    """antlr 4.7.2 imports ``typing.io``, which Python 3.13 has no longer."""
    if "typing.io" not in sys.modules and not hasattr(typing, "io"):
        module = types.ModuleType("typing.io")
        module.TextIO = typing.TextIO  # type: ignore[attr-defined]
        sys.modules["typing.io"] = module
