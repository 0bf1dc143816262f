"""The scope with which a note opens, and what a comment block changes in it."""

from __future__ import annotations

from collections.abc import Mapping

from symbackprop.errors import InvalidSpec, SymbackpropError
from symbackprop.verification.note import Block
from symbackprop.verification.reading import Block as Said
from symbackprop.verification.reading import Scope, read_block, with_block
from symbackprop.verification.settings import Settings
from symbackprop.verification.terms.walk import entry_names


def opening(settings: Settings, macros: Mapping[str, tuple[int, str]] | None = None) -> Scope:
    """The scope before the first formula: what the settings say of the network and its notation."""
    said = Said(notation=settings.notation or "", model=settings.model or "")
    scope = with_block(Scope.empty(macros), said)
    return with_block(scope, read_block(settings.block)) if settings.block else scope


def enter(scope: Scope, declared: Scope, block: Block, settings: Settings, path: str) -> Scope:
    """The scope from a comment block on.

    What an earlier block said no longer holds (``declared`` is the scope as it left that block); what the note itself
    defined holds on, as far as the new block does not speak of its letters. The block may use the macros of ``scope``.

    Raises:
        InvalidSpec: the block cannot be read; the message says in which line of the note.
    """
    try:
        fresh = with_block(opening(settings, scope.macros), read_block(block.body))
    except SymbackpropError as error:
        raise InvalidSpec(f"{path}:{block.line}: {error}") from None
    return carry(scope, declared, fresh)


def carry(scope: Scope, declared: Scope, fresh: Scope) -> Scope:
    """``fresh`` with the definitions of ``scope`` that are the note's own and use no letter that ``fresh`` knows."""
    for definition in scope.definitions:
        letters = {definition.name} | entry_names(definition.body)
        if definition not in declared.definitions and not any(fresh.knows(letter) for letter in letters):
            for letter in sorted(letters):
                if letter in scope.symbols and not fresh.knows(letter):
                    fresh = fresh.with_symbol(scope.symbols[letter])
            fresh = fresh.with_definition(definition)
    for name, body in sorted(scope.bodies.items()):
        if name not in declared.bodies and name not in fresh.bodies and not fresh.knows(name):
            fresh = fresh.with_body(body)
            if name in scope.symbols:
                fresh = fresh.with_symbol(scope.symbols[name])
    return fresh
