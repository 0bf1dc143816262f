r"""A linear recurrence grows with its eigenvalues

The power of a matrix with a basis of eigenvectors is $W^{n} = V \Lambda^{n} V^{-1}$: each eigenvector is stretched on
its own. A modulus above 1 explodes, one below 1 vanishes, and both may happen in one matrix. The gradient goes back
by $(W^{n})^{T}$, which has the same eigenvalues.

An entry is a sum over all eigenvalues, so it says nothing by itself: in the matrix below the diagonal is $a$ alone,
and the power grows with $a + b$.
"""

from sympy import Matrix, symbols

from symbackprop.derivation import linear_recurrence

notation = "nielsen"
subject = linear_recurrence(Matrix([symbols("a b", positive=True), symbols("b a", positive=True)]))
given = r"""
symbols: {a: scalar, b: scalar}
"""

claims = {
    "the second power by the eigenvalues": (r"\frac{1}{2} ((a + b)^2 + (a - b)^2) = a^2 + b^2", "proved"),
    "the third": (r"\frac{1}{2} ((a + b)^3 + (a - b)^3) = a (a^2 + b^2) + b (2 a b)", "proved"),
    "entries raised one by one": (r"\frac{1}{2} ((a + b)^2 + (a - b)^2) = a^2", "refuted"),
    "the larger eigenvalue alone": (r"\frac{1}{2} (a + b)^2 = a^2 + b^2", "refuted"),
}
