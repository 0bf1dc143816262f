r"""The sigmoid of a negative argument

$\sigma(-x)$ and $\sigma(x)$ add up to 1. The identity is used in both directions, and on the way back the two terms
change sides but not signs.
"""

source = "word2vec.py of a solution of CS 224n, assignment 2 (its notes on negative sampling)"
given = r"""
symbols:
  x: scalar
  \sigma: sigmoid
"""
claimed = r"\sigma(x) = (\sigma(-x) - 1)"
right = r"\sigma(x) = (1 - \sigma(-x))"
