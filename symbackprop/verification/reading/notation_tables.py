r"""A notation given in a comment block as a table, role -> spelling: ``{error: \epsilon^{(l)}, cost: J}``.

What the table leaves out is spelled as in the notation that it names under ``like`` (Nielsen's where it names none), in
the style of the scripts that the table shows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import cache

from symbackprop.errors import InvalidSpec
from symbackprop.notations import Notation, Spelling
from symbackprop.notations import notations as tables
from symbackprop.quantities import Role
from symbackprop.verification.reading.labels import letters_in, script_items
from symbackprop.verification.reading.plain_text import read_typed
from symbackprop.verification.reading.scope import LAYER_LETTERS
from symbackprop.verification.reading.surface import Name, Node, NotRead, Script, Scripted

DEFAULT = "nielsen"
LIKE, FUNCTION = "like", "function"
_ROLES = {
    "weight": Role.WEIGHT,
    "bias": Role.BIAS,
    "pre-activation": Role.PREACTIVATION,
    "activation": Role.ACTIVATION,
    "error": Role.ERROR,
    "cost": Role.LOSS,
    "loss": Role.LOSS,
    "input": Role.INPUT,
    "target": Role.TARGET,
}
_KNOWN = (*_ROLES, FUNCTION, LIKE)
_OTHER_NAMES = {
    "preactivation": "pre-activation",
    "weighted input": "pre-activation",
    "logit": "pre-activation",
    "delta": "error",
    "objective": "cost",
    "output": "activation",
    "label": "target",
    "activation function": FUNCTION,
    "nonlinearity": FUNCTION,
}
_LAYERED = (Role.WEIGHT, Role.BIAS, Role.PREACTIVATION, Role.ACTIVATION, Role.ERROR)
_BRACKETS = {"(": "({l})", "[": "[{l}]", "": "{l}"}


def encoded(table: Mapping[object, object]) -> str:
    """A table as the name of a notation.

    Raises:
        InvalidSpec: a role is not known, or a spelling is no text.
    """
    found: dict[str, str] = {}
    for key, spelling in table.items():
        word = re.sub(r"[\s_]+", " ", str(key)).strip().lower()
        word = word.removesuffix("s") if word.endswith(("ights", "ations", "rrors", "gets", "puts", "bels")) else word
        word = _OTHER_NAMES.get(word, "bias" if word == "biases" else word.replace("pre ", "pre-"))
        if word not in _KNOWN:
            near = get_close_matches(word, _KNOWN, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise InvalidSpec(f"comment block: notation: no role {str(key)[:40]!r}{hint}; known: {', '.join(_KNOWN)}")
        if not isinstance(spelling, str) or not spelling.strip():
            raise InvalidSpec(f"comment block: notation: the spelling of {word} must be text such as w^l_{{jk}}")
        found[word] = spelling.strip()
    return json.dumps(found, sort_keys=True, ensure_ascii=False)


def base_of(name: str) -> str:
    """The registered notation that a table is like, or the name itself."""
    return str(json.loads(name).get(LIKE, DEFAULT)) if name.startswith("{") else name


@cache
def table_of(name: str) -> Notation:
    """The notation of this name, or that of an encoded table.

    Raises:
        UnknownName: there is no such notation.
        InvalidSpec: a spelling of the table cannot be read.
    """
    if not name.startswith("{"):
        return tables[name]
    words: dict[str, str] = json.loads(name)
    base = tables[words.pop(LIKE, DEFAULT)]
    function = words.pop(FUNCTION, "")
    own = {_ROLES[word]: _parsed(word, spelling) for word, spelling in sorted(words.items())}
    style = next((style for role, (_, style) in own.items() if role in _LAYERED and style), "")
    spellings = dict(base.spellings)
    for role in (*_LAYERED, Role.PARAMETER, Role.INPUT):
        letter = _head(base.spellings[role].array)
        if style and (role != Role.INPUT or "{l}" in base.spellings[role].array):
            spellings[role] = _spelling(letter, style)
    for role, (letter, shown) in own.items():
        layered = role in _LAYERED or role == Role.INPUT and bool(shown)
        old = base.spellings[role]
        if layered and not (shown or style):
            spellings[role] = Spelling(*(letter + part[len(_head(part)) :] for part in (old.entry, old.array)))
        else:
            spellings[role] = _spelling(letter, (shown or style) if layered else "")
    spellings = _apart(spellings, frozenset(own))
    if (
        Role.ACTIVATION in own
        and Role.INPUT not in own
        and _head(base.spellings[Role.INPUT].array) == _head(base.spellings[Role.ACTIVATION].array)
    ):
        spellings[Role.INPUT] = spellings[Role.ACTIVATION]
    functions = {**base.functions, **dict.fromkeys(("h", "sigmoid", "tanh", "relu"), function)} if function else None
    made = replace(base, name="own", title="of the note", spellings=spellings, gradients={})
    return replace(made, functions=functions) if functions is not None else made


def _apart(spellings: Mapping[Role, Spelling], own: frozenset[Role]) -> dict[Role, Spelling]:
    """The target under another letter, where the table gives its usual one to something else.

    Raises:
        InvalidSpec: one letter spells two roles otherwise.
    """
    made = dict(spellings)
    heads = {role: _head(made[role].array) for role in (*_LAYERED, Role.LOSS)}
    if _head(made[Role.TARGET].array) in heads.values() and Role.TARGET not in own:
        free = next(letter for letter in ("t", "d", "y", r"\hat{t}") if letter not in heads.values())
        made[Role.TARGET] = _spelling(free, "")
    for role, head in {**heads, Role.TARGET: _head(made[Role.TARGET].array)}.items():
        other = next((r for r, h in heads.items() if h == head and r != role), None)
        if other is not None:
            roles = " and ".join(sorted((role.value, other.value)))
            raise InvalidSpec(f"comment block: notation: {head} spells {roles}; give each a letter of its own")
    return made


def _spelling(letter: str, style: str) -> Spelling:
    """A letter with the number of its layer in this style, and indices."""
    if style.startswith("_"):
        return Spelling(f"{letter}_{{{style[1:]},{{indices}}}}", f"{letter}_{{{style[1:]}}}")
    label = f"^{{{style}}}" if style else ""
    return Spelling(f"{letter}{label}_{{{{indices}}}}", f"{letter}{label}")


def _head(spelling: str) -> str:
    """The letter of a spelling, without its scripts."""
    return re.split(r"[_^]", spelling, maxsplit=1)[0]


def _parsed(word: str, spelling: str) -> tuple[str, str]:
    r"""The letter of a spelling, and how it shows the number of its layer: ``({l})``, ``{l}``, ``_{l}`` or not."""
    text = re.sub(r"\{(l|l_out)\}", "{l}", spelling)
    text = re.sub(r"\{\{([A-Za-z, ]+)\}\}", r"{\1}", text).replace("{indices}", "jk")
    surface = read_typed(text)
    node: Node | None = None if isinstance(surface, NotRead) or surface[0].relations else surface[0].sides[0]
    if isinstance(node, Name):
        return node.text, ""
    if not isinstance(node, Scripted) or not isinstance(node.base, Name) or node.primes:
        raise InvalidSpec(f"comment block: notation: the spelling {spelling!r} of {word} is no letter with scripts")
    above = next((script for script in node.sups if _numbers(script)), None)
    if above is not None:
        return node.base.text, _BRACKETS.get(above.bracket, "{l}")
    below = any(_numbers(script) for script in node.subs)
    return node.base.text, "_{l}" if below else ""


def _numbers(script: Script) -> bool:
    """Whether a script holds the number of a layer."""
    letters = [letter for item in script_items(script)[:1] for letter in letters_in(item)]
    return bool(letters) and all(letter in (*LAYER_LETTERS, "L") for letter in letters)
