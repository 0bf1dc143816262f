"""The pictures of a page: what ``symbackprop draw`` is asked for, the name of the file, and how the page shows it."""

from __future__ import annotations

from collections.abc import Collection

from symbackprop.errors import InvalidSpec

#: Where the pictures are, beside the pages.
FOLDER = "pictures"
_SHOWN = {
    "activation": "{} and its derivative",
    "variance": "Mean squares of pre-activations through the layers of a random network, {}",
    "gradients": "Mean squares of errors through the layers of a random network, {}",
}


def picture_file(page: str, command: str) -> str:
    """The file of a picture; a command is what follows ``symbackprop draw``.

    >>> picture_file("tanh_derivative_in_terms_of_a", "activation tanh")
    'tanh_derivative_in_terms_of_a-activation.svg'
    """
    return f"{page}-{_words(command)[0]}.svg"


def embedded(page: str, commands: Collection[str], drawn: Collection[str]) -> str:
    """The pictures of a page in Markdown, those of which the file is among ``drawn``.

    >>> print(embedded("tanh", ["activation tanh", "variance tanh"], {"tanh-activation.svg"}))
    ![tanh and its derivative](pictures/tanh-activation.svg)
    <BLANKLINE>
    Drawn by `symbackprop draw activation tanh`.
    """
    shown = [command for command in commands if picture_file(page, command) in drawn]
    images = [f"![{_alternative(command)}]({FOLDER}/{picture_file(page, command)})" for command in shown]
    said = " and ".join(f"`symbackprop draw {command}`" for command in shown)
    return "\n\n".join([*images, f"Drawn by {said}."]) if shown else ""


def _alternative(command: str) -> str:
    what, name = _words(command)
    return _SHOWN[what].format(name.replace("_", " "))


def _words(command: str) -> tuple[str, str]:
    what, name, *_ = [*command.split(), "", ""]
    if what not in _SHOWN or not name:
        raise InvalidSpec(f"a picture is one of {', '.join(_SHOWN)} and the name of an activation, not {command!r}")
    return what, name
