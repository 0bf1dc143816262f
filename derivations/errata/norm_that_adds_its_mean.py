r"""A mean that is added on the way back

The entry minus the mean has the derivative $\delta_{ij} - \frac{1}{N}$: the mean keeps its minus. Written out as a
sum of derivatives the sign is lost between two lines.
"""

source = "notes on layer normalization, section Backpropagation, in an Obsidian vault"
given = r"""
given:
  - \mu = \frac{1}{N}\sum_{i = 1}^{N} X_i
symbols:
  X_i: scalar
  \mu: scalar
  i: index
  j: index
  N: index
"""
claimed = (
    r"\frac{\partial (X_i - \mu)}{\partial X_j} = \frac{\partial X_i}{\partial X_j} + \frac{\partial "
    r"\mu}{\partial X_j} = \delta_j^i + \frac{1}{N}"
)
right = (
    r"\frac{\partial (X_i - \mu)}{\partial X_j} = \frac{\partial X_i}{\partial X_j} - \frac{\partial "
    r"\mu}{\partial X_j} = \delta_{ij} - \frac{1}{N}"
)
