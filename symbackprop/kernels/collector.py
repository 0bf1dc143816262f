"""Work during which Python's garbage collector waits."""

from __future__ import annotations

import gc


class Uncollected:
    """No search for garbage in cycles inside, where it ran before; what no name holds is freed at once as ever.

    Compilation makes many small objects and throws few away. After each so many of them Python goes through all objects
    that there are, those of SymPy among them, which takes as long as to compile a small network.

    >>> with Uncollected():
    ...     gc.isenabled()
    False
    >>> gc.isenabled()
    True
    """

    def __enter__(self) -> None:
        self._ran = gc.isenabled()
        gc.disable()

    def __exit__(self, *raised: object) -> None:
        if self._ran:
            gc.enable()
