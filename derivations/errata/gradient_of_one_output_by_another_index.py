r"""Two indices for one output

The derivative by $a^L_k$ is about the output $k$ only. The index of the sum was kept on the right, where the sum has
gone.
"""

source = "blackKeys17/blackkeys17.github.io:content/posts/neural_net_maths/index.md"
given = r"""
given:
  - C = \sum_{i=1}^{n} (a^L_i - y_i)^2
symbols:
  a^L: vector(n)
  y: vector(n)
  C: scalar
"""
claimed = r"\frac{\partial C}{\partial a^L_k}=2(a^L_i-y_i)"
right = r"\frac{\partial C}{\partial a^L_k}=2(a^L_k-y_k)"
