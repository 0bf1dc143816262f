r"""The weight's variance ascribed to the neuron

He's $\frac{2}{n}$ is the variance of a weight. A neuron adds $n$ of them, weighted by its inputs, so that with inputs
of second moment $q$ its variance is $2 q$.
"""

source = "cs231n/cs231n.github.io, issue 148"
given = r"""
given:
  - s = \sum_{i=1}^{n} w_i x_i
symbols:
  w: random(0, \frac{2}{n})
  x: random(0, 1)
  s: scalar
"""
claimed = r"\mathrm{Var}(s) = \frac{2}{n}"
right = r"\mathrm{Var}(s) = 2"
