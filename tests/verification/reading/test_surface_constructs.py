"""What each way of writing is read as, in the normal form of ``write`` and, where that hides it, as structure."""

from fractions import Fraction

import pytest

from symbackprop.verification.reading.parse import read_surface
from symbackprop.verification.reading.surface import (
    Applied,
    Big,
    CaseRows,
    Comparison,
    Derivative,
    EvaluatedAt,
    Group,
    Matrix,
    Name,
    Negative,
    Norm,
    NotRead,
    Number,
    Plus,
    Quotient,
    Scripted,
    Times,
)
from symbackprop.verification.reading.vocabulary import GREEK, RELATIONS
from symbackprop.verification.reading.write import unplaced, write_statements

NORMAL_FORMS = [
    # layer labels, double scripts, primes, transposes
    (r"w^{10}_ i", r"w_{i}^{10}"),
    (r"a^{[l](i)}_j", r"a_{j}^{[l](i)}"),
    (r"W^{[1]T} x", r"W^{[1]T} x"),
    (r"W^{[l]^T}", r"W^{[l]T}"),
    (r"{W^{(l)}}^\top \delta", r"W^{(l)\top} \delta"),
    (r"x^{\mathrm{T}}y", r"x^{\text{T}} y"),
    (r"\sigma^{'}(z)", r"\sigma' ( z )"),
    (r"g\prime(z)", r"g' ( z )"),
    (r"[g(Z)]'", r"[ g ( Z ) ]'"),
    (r"h_{t-1}", r"h_{t - 1}"),
    (r"w^{l}_{jk}, w_{j,k}^l", r"w_{j,k}^{l} , w_{j,k}^{l}"),
    (r"\vec{x_1}^{\,}", r"\vec{x}_{1}"),
    (r"(W a)_{i}", r"( W a )_{i}"),
    (r"\theta^*", r"\theta^{*}"),
    # letters
    (r"\bm{x} + \boldsymbol x + \mathbf x", r"\mathbf{x} + \mathbf{x} + \mathbf{x}"),
    (r"\mathbf{\hat y} = \hat{\mathbf{y}}", r"\hat{\mathbf{y}} = \hat{\mathbf{y}}"),
    (r"\mathbf{Wx}", r"\mathbf{W} \mathbf{x}"),
    (r"dW^{[l]} = dz x^T", r"dW^{[l]} = dz x^{T}"),
    (r"{\rm sgn}(x)", r"\text{sgn} ( x )"),
    (r"net_j = tanh(x) - 2*sigmoid(z)", r"\text{net}_{j} = \tanh ( x ) - 2 * \text{sigmoid} ( z )"),
    (r"x̂ = ŷ²⁰ + ∑ᵢ wᵢxᵢ", r"\hat{x} = \hat{y}^{20} + \sum_{i} w_{i} x_{i}"),
    (r"\sigma(z)\_i \* 2", r"\sigma ( z )_{i} * 2"),
    # derivatives
    (r"\frac{∂J}{∂w^{10}_ {i}}", r"\frac{\partial J}{\partial w_{i}^{10}}"),
    (r"\partial J/\partial w", r"\frac{\partial J}{\partial w}"),
    (r"dJ/dw_i", r"\frac{d J}{d w_{i}}"),
    (r"\frac{\mathrm{d}y}{\mathrm d x}", r"\frac{d y}{d x}"),
    (r"\frac{\partial[\sigma(\mathbf a)]_i}{\partial a}", r"\frac{\partial [ \sigma ( \mathbf{a} ) ]_{i}}{\partial a}"),
    (r"\frac {\partial {J}} {\partial {W}}", r"\frac{\partial J}{\partial W}"),
    (r"\frac{dR}{R}", r"\frac{dR}{R}"),
    # sums, functions, integrals
    (r"\sum\limits_k{w_k a_k} + b", r"\sum_{k} w_{k} a_{k} + b"),
    (r"\sum_{i} -y_i", r"\sum_{i} -y_{i}"),
    (r"\int_{-\infty}^x e^{-t}\,dt", r"\int_{-\infty}^{x} e^{-t} \, \mathrm{d}t"),
    (r"\operatorname*{arg\,max}_k z_k", r"\operatorname*{argmax}_{k} z_{k}"),
    (r"\underset{\theta}{\arg\min} J(\theta)", r"\operatorname*{argmin}_{\theta} J ( \theta )"),
    (r"\frac12 x", r"\frac{1}{2} x"),
    (r"\sqrt[3]{x} + \sqrt2", r"\sqrt[3]{x} + \sqrt{2}"),
    (
        r"\left|x\right| + |y| + \lVert z \rVert_2^2 + ||w||",
        r"\left| x \right| + \left| y \right| + \left\| z \right\|_{2}^{2} + \left\| w \right\|",
    ),
    (r"\underbrace{W x}_{\text{input}} + b", r"W x + b"),
    (r"\textcolor{red}{x} \, \big( y \big)", r"x ( y )"),
    (r"\left[\begin{array}{cc} a & b \\ c & d \end{array}\right]", r"\begin{bmatrix} a & b \\ c & d \end{bmatrix}"),
]


@pytest.mark.parametrize(("tex", "normal"), NORMAL_FORMS)
def test_is_read_as(tex: str, normal: str) -> None:
    statements = read_surface(tex)
    assert not isinstance(statements, NotRead), statements
    assert write_statements(statements) == normal


def side(tex: str, place: int = 0):
    statements = read_surface(tex)
    assert not isinstance(statements, NotRead), statements
    return unplaced(statements[0].sides[place])


def kinds(node) -> str:
    return type(node).__name__


def test_the_scope_of_a_sum_ends_at_the_next_plus() -> None:
    node = side(r"\sum_i a_i \sum_j b_j c + d")
    assert isinstance(node, Plus)
    outer = node.terms[0]
    assert isinstance(outer, Big) and isinstance(outer.body, Times)
    inner = outer.body.factors[1]
    assert isinstance(inner, Big) and isinstance(inner.body, Times) and len(inner.body.factors) == 2


def test_the_bounds_of_a_sum() -> None:
    full, bare, unequal = (side(tex) for tex in (r"\sum_{i=1}^n x_i", r"\sum_i x_i", r"\sum_{j \ne i, k} x_j"))
    assert isinstance(full.lower[0], Comparison) and full.upper == side("n")
    assert bare.lower == (side("i"),) and bare.upper is None
    assert unequal.lower[0].relation == "≠" and unequal.lower[1] == side("k")
    assert side(r"\sum x_i").lower == ()


def test_the_operator_form_takes_the_term_and_the_subscript_form_the_factors_in_a_row() -> None:
    quotient = side(r"\frac{\partial}{\partial x} f(x) \cdot g(x) + 1").terms[0]
    assert isinstance(quotient, Derivative) and quotient.written_apart and len(quotient.operand.factors) == 4
    nabla = side(r"\nabla_a C \cdot \sigma'(z)")
    assert isinstance(nabla, Times) and isinstance(nabla.factors[0], Derivative)
    assert nabla.factors[0].operand == side("C") and nabla.operators == (r"\cdot", "")
    chain = side(r"\partial_{h} g \partial_{w} h")
    assert [kinds(f) for f in chain.factors] == ["Derivative", "Derivative"]


def test_a_number_over_a_variable_is_an_order_only_as_the_numerator_says() -> None:
    assert side(r"\frac{\partial C}{\partial a^2}").by == ((side("a^2"), 1),)
    assert side(r"\frac{\partial^2 C}{\partial a^2}").by == ((side("a"), 2),)
    assert side(r"\frac{\partial^2 C}{\partial a \partial b}").by == ((side("a"), 1), (side("b"), 1))


@pytest.mark.parametrize(
    "tex", [r"\frac{d_1}{d_2}", r"\frac{d h}{p}", r"\frac{dR}{R}", r"\frac{\delta_j}{\delta_k}", r"\frac{a}{b}"]
)
def test_a_fraction_stays_a_fraction(tex: str) -> None:
    assert isinstance(side(tex), Quotient)


def test_the_argument_of_a_function_without_brackets() -> None:
    assert side(r"\log 2\pi").argument == side(r"2\pi")
    product = side(r"\sin x \cos x")
    assert [kinds(f) for f in product.factors] == ["Applied", "Applied"]
    assert isinstance(side(r"\log \sum_k e^{z_k}").argument, Big)
    assert isinstance(side(r"\tanh^2 x"), Applied) and isinstance(side(r"\exp(-x)"), Times)
    assert isinstance(side(r"\log_2{x}"), Applied)


def test_the_hadamard_product_binds_weaker_than_juxtaposition() -> None:
    node = side(r"W^T \delta \odot \sigma'(z)")
    assert node.operators == (r"\odot",) and [kinds(f) for f in node.factors] == ["Times", "Times"]


def test_a_slash_associates_to_the_left() -> None:
    node = side("1/2(a+b)")
    assert isinstance(node.factors[0], Quotient) and isinstance(node.factors[1], Group)


def test_brackets_bars_and_limits() -> None:
    assert isinstance(side(r"\Big[\frac{x^3}{3}\Big]_{-a}^{a}"), EvaluatedAt)
    assert isinstance(side(r"[W x]_i^2"), Scripted)
    assert isinstance(side(r"f'(z)|_{z=0}"), EvaluatedAt)
    assert isinstance(side(r"\left. \frac{df}{dx} \right|_{x=0}"), EvaluatedAt)
    assert isinstance(side(r"||a-b||"), Norm)
    given = side(r"p(y \mid x)").factors[1].items[0]
    assert isinstance(given, Comparison) and given.relation == "|"


def test_a_matrix_keeps_its_empty_cells_and_a_last_entry_d() -> None:
    node = side(r"\begin{pmatrix} a & \\ c & d \end{pmatrix}")
    assert isinstance(node, Matrix) and node.rows[0][1] == Name("", node.span) and node.rows[1][1] == side("d")


def test_cases_with_words_and_conditions() -> None:
    node = side(r"\begin{cases} x & \text{if } x > 0 \\ \alpha x & \text{otherwise} \end{cases}")
    assert isinstance(node, CaseRows)
    assert isinstance(node.rows[0][1][0], Comparison) and node.rows[1][1][0].text == "otherwise"
    without_ampersand = side(r"\begin{cases} x, x \ge 0 \\ 0, x < 0 \end{cases}")
    assert [c[0].relation for _, c in without_ampersand.rows] == ["≥", "<"]
    braced = side(r"\left\{\begin{array}{ll} x & x>0 \\ 0 & x \le 0 \end{array}\right.")
    assert isinstance(braced, CaseRows)


def test_numbers_are_exact() -> None:
    assert side("0.25").value == Fraction(1, 4) and side("10").value == 10


def test_signs() -> None:
    assert isinstance(side("-a b"), Negative) and isinstance(side("-a b").operand, Times)
    assert side("a - -b") == side("a + b")


@pytest.mark.parametrize("macro", sorted(GREEK))
def test_every_greek_letter_is_a_name(macro: str) -> None:
    assert side(macro).text == macro


@pytest.mark.parametrize("macro", sorted(RELATIONS))
def test_every_relation_parts_two_sides(macro: str) -> None:
    statements = read_surface(f"a {macro} b")
    assert statements[0].relations == (RELATIONS[macro],) and len(statements[0].sides) == 2


def test_numbers_of_factors_above_one_piece_stay_in_order() -> None:
    letters = list("abcfghijkmnopqrstuvwxyz")
    assert [f.text for f in side(" ".join(letters)).factors] == letters
    terms = side(" + ".join(letters)).terms
    assert [t.text for t in terms] == letters and all(not isinstance(t, Number) for t in terms)
