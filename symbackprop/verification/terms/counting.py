"""How a note numbers its layers, against the numbers used inside: from the input up to L."""

from __future__ import annotations

from dataclasses import dataclass

from symbackprop.verification.terms.affine import Affine

LAYER, LAST = "l", Affine.symbol("L")


@dataclass(frozen=True)
class Counting:
    """``from_output``: the output is layer 0; ``depth``: the number that the note gives to the last layer, if known.

    >>> l = Affine.symbol("l")
    >>> str(Counting(from_output=True).inside(l + 1)), str(Counting(depth=3).inside(Affine.of(2)))
    ('L - l - 1', 'L - 1')
    """

    from_output: bool = False
    depth: int | None = None

    def inside(self, written: Affine) -> Affine:
        """The number inside of a layer whose number is written so."""
        if self.from_output:
            return LAST - written
        if self.depth is not None and written.number is not None:
            return LAST - (Affine.of(self.depth) - written)
        return written

    def pattern(self, written: Affine) -> Affine:
        """The same for a number in the declaration of the letters of layer l, with l for its number inside.

        >>> str(Counting(from_output=True).pattern(Affine.symbol("l") + 1))
        'l - 1'
        """
        if not self.from_output:
            return self.inside(written)
        return self.inside(written.substitute({LAYER: LAST - Affine.symbol(LAYER)}))

    def written(self, inside: Affine) -> Affine:
        """What the note writes for a number inside, so far as this is another one.

        >>> last = Affine.symbol("L")
        >>> str(Counting(from_output=True).written(last - 2)), str(Counting(depth=3).written(last - 1))
        ('2', '2')
        """
        if self.from_output and LAST.symbols <= inside.symbols:
            return LAST - inside
        if self.depth is not None and inside.symbols == LAST.symbols and inside.constant < 0:
            return inside - LAST + self.depth
        return inside

    def number(self, inside: int, last: int | None) -> int:
        """The same for a number where the last layer has the number ``last`` inside."""
        if last is None:
            return inside
        if self.from_output:
            return last - inside
        return inside if self.depth is None else inside - last + self.depth

    def labels(self, letters: tuple[str, ...], written: tuple[Affine, ...]) -> tuple[Affine, ...]:
        """The numbers inside of a member of a family that ``letters`` number; times stay as they are."""
        return (
            tuple(
                self.inside(item) if letter == LAYER else item for letter, item in zip(letters, written, strict=False)
            )
            + written[len(letters) :]
        )


def solved(label: Affine, last: str | None) -> tuple[str, Affine] | None:
    """For ``l + 1`` or ``L - l``: the letter that varies, and what stands for it where the whole is called by it.

    >>> letter, value = solved(Affine.symbol("L") - Affine.symbol("l") - 1, "L")
    >>> letter, str(value)
    ('l', 'L - l - 1')
    """
    open_parts = [(name, count) for name, count in label.parts if name != last]
    if len(open_parts) != 1 or abs(open_parts[0][1]) != 1:
        return None
    letter, count = open_parts[0]
    rest = label - Affine(((letter, count),))
    new = Affine.symbol(letter) - rest
    return letter, new if count == 1 else -new
