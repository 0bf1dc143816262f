r"""The slope of a gate, taken at the gate

$\sigma'$ wants the pre-activation, $z (1 - z)$ wants the gate. A gate that is kept under the letter $z$, which
elsewhere means the pre-activation, invites $\sigma'(z)$.
"""

source = "notes on the GRU, sections Forward and Backprop, of 2024-11-22"
given = r"""
given:
  - z_t = \sigma(s_t)
  - h_t =(1- z_t )* h_{t-1} + z_t * \widehat h_t
  - L = \ell(h_t)
  - \delta_{h_t} = \frac{\partial L}{\partial h_t}
  - \delta_{z_t} = \frac{\partial L}{\partial s_t}
symbols:
  s_t: matrix(1, H)
  z_t: matrix(1, H)
  h_t: matrix(1, H)
  \widehat h_t: matrix(1, H)
  \delta_{h_t}: matrix(1, H)
  \delta_{z_t}: matrix(1, H)
  L: scalar
  \ell: unknown
  \sigma: sigmoid
  t: index
"""
claimed = r"\delta_{z_t} = \delta_{h_t} * (\widehat h_t - h_{t-1}) * \sigma'(z_t)"
right = r"\delta_{z_t} = \delta_{h_t} * (\widehat h_t - h_{t-1}) * \sigma'(s_t)"
