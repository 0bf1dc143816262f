r"""The origin is a saddle of two weights in a row

With both weights 0 the gradient vanishes, for each of them is multiplied by the other. The Hessian has zeros on its
diagonal and $-x y$ beside it: along one direction the loss falls, along another it rises. Symmetric initialisation at
0 is no minimum, and plain gradient descent does not leave it.

A single weight has the Hessian $x^{2}$ everywhere, which is positive definite: the saddle comes with depth (Baldi and
Hornik 1989).
"""

from symbackprop.derivation import critical_point
from symbackprop.layers import Dense
from symbackprop.network import Network

notation = "nielsen"
subject = critical_point(Network(1, Dense(1, bias=False), Dense(1, bias=False)), {"w^1": 0, "w^2": 0})
given = r"""
given:
  - 'J = \frac{1}{2} (v w x - y)^2'
symbols: {v: scalar, w: scalar, x: scalar, y: scalar, J: scalar}
"""

claims = {
    "the gradient has the other weight as a factor": (
        r"\frac{\partial J}{\partial w} = v x (v w x - y)",
        "proved",
    ),
    "the mixed second derivative": (
        r"\frac{\partial^2 J}{\partial v \partial w} = x (v w x - y) + v w x^2",
        "proved",
    ),
    "on the diagonal the other weight, squared": (r"\frac{\partial^2 J}{\partial w^2} = v^2 x^2", "proved"),
    "without the part through the error": (r"\frac{\partial^2 J}{\partial v \partial w} = v w x^2", "refuted"),
    "a diagonal that forgets the other weight": (r"\frac{\partial^2 J}{\partial w^2} = x^2", "refuted"),
}
