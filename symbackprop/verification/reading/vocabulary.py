"""The macros and words that the reader knows, by what they do."""

from __future__ import annotations


def _words(*rows: str) -> frozenset[str]:
    return frozenset(word for row in rows for word in row.split())


def _macros(*rows: str) -> frozenset[str]:
    return frozenset(f"\\{word}" for word in _words(*rows))


RELATIONS = {
    "=": "=",
    "<": "<",
    ">": ">",
    ":=": ":=",
    "\\leq": "≤",
    "\\geq": "≥",
    "\\neq": "≠",
    "\\approx": "≈",
    "\\simeq": "≈",
    "\\propto": "∝",
    "\\sim": "∼",
    "\\in": "∈",
    "\\leftarrow": "←",
    "\\rightarrow": "→",
    "\\mapsto": "↦",
    "\\equiv": "=",
    "\\ll": "≪",
    "\\gg": "≫",
    ":": ":",
    "\\colon": ":",
    "\\lt": "<",
    "\\gt": ">",
    "\\notin": "∉",
    "\\subset": "⊂",
    "\\subseteq": "⊂",
    "\\cong": "≈",
    "\\lesssim": "≲",
    "\\gtrsim": "≳",
    "\\lessapprox": "≲",
    "\\gtrapprox": "≳",
    "\\preceq": "⪯",
    "\\succeq": "⪰",
    "\\asymp": "≈",
    "\\thickapprox": "≈",
    "\\thicksim": "∼",
    "\\varpropto": "∝",
}
OPERATORS = ("\\cdot", "\\times", "*", "/", "\\odot", "\\circ", "\\otimes")
WEAK = ("\\odot", "\\circ", "\\otimes")  # bind weaker than juxtaposition and dots

GREEK = _macros(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa varkappa lambda mu nu",
    "xi pi varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda",
    "Xi Pi Sigma Upsilon Phi Psi Omega",
)
CONSTANTS = {
    "\\infty": "\\infty",
    "\\inf": "\\infty",
    "\\ell": "\\ell",
    "\\top": "\\top",
    "\\bot": "\\bot",
    "\\hbar": "\\hbar",
    "\\emptyset": "\\emptyset",
    "\\dagger": "\\dagger",
    "\\Re": "\\Re",
    "\\Im": "\\Im",
    "\\imath": "i",
    "\\jmath": "j",
}
DOTS = {"\\dots": "dots", "\\cdots": "cdots", "\\vdots": "vdots", "\\ddots": "ddots"}
FONTS = _macros("mathbf mathbb mathcal mathscr mathfrak")
UPRIGHT = _macros("mathrm mathit mathsf mathtt mathnormal")
ACCENTS = _macros("hat tilde bar vec dot ddot check breve acute grave underline mathring")

FUNCTION_MACROS = _macros(
    "log ln lg exp sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan det tr dim ker deg Pr",
    "gcd arg min max sup limsup liminf argmax argmin erf diag sign sgn sigmoid softmax softplus relu ReLU",
    "Var Cov",
)
BIG = {
    "\\sum": "sum",
    "\\prod": "prod",
    "\\coprod": "coprod",
    "\\int": "int",
    "\\iint": "iint",
    "\\oint": "oint",
    "\\lim": "lim",
    "\\max": "max",
    "\\min": "min",
    "\\sup": "sup",
    "\\inf": "inf",
    "\\argmax": "argmax",
    "\\argmin": "argmin",
    "\\bigcup": "bigcup",
    "\\bigcap": "bigcap",
    "\\bigoplus": "bigoplus",
}
WHOLE_TERM = frozenset(["sum", "prod", "coprod", "lim", "bigcup", "bigcap", "bigoplus"])  # govern the rest of the term
INTEGRALS = frozenset(["int", "iint", "oint"])

# Words that apply to what follows even without brackets.
FUNCTION_WORDS = _words(
    "log ln exp sin cos tan sinh cosh tanh arctan det tr trace Tr diag sign sgn sigmoid softmax softplus",
    "relu ReLU gelu GELU erf arcsin arccos vec rank Cov Var sech csch coth",
)
# Letters in a row that are read as one word where they stand alone (``y log p``, ``tanh(z)``).
SPELLED_WORDS = _words(
    "log exp sin cos tan sinh cosh tanh sigmoid softmax softplus relu ReLU gelu GELU GeLU pReLU PReLU",
    "LeakyReLU swish silu SiLU erf sign sgn diag trace max min argmax argmin arctan logistic",
    "MSE MAE RMSE BCE NLL RSS SSE ELBO loss Loss cost Cost",
)
# Only directly before a bracket or a script: ``net_j``, ``loss(h)``, ``ln(x)``.
CALLED_WORDS = SPELLED_WORDS | _words(
    "net loss Loss var Var Cov cov tr ln det cost error norm mean std out act output input softsign",
    "softshrink elu ELU selu SELU mish abs sqrt MSE BCE CE KL BN LN MLP FFN RNN LSTM dropout Dropout",
    "LayerNorm BatchNorm concat vec rank Attention logit logits hardtanh step",
    "target targets label labels ideal actual total desired hidden pred predicted weight bias input output",
)


AND_WORDS = {
    "and": "and",
    "und": "and",
    "et": "and",
    "y": "and",
    "with": "with",
    "where": "with",
    "mit": "with",
    "wobei": "with",
    "or": "or",
    "oder": "or",
    "so": "implies",
    "hence": "implies",
    "thus": "implies",
    "therefore": "implies",
    "then": "implies",
    "so that": "implies",
    "which gives": "implies",
    "i.e.": "and",
    "and hence": "implies",
    "and so": "implies",
    "and therefore": "implies",
    "also": "and",
    "avec": "with",
    "où": "with",
    "con": "with",
    "donde": "with",
    "com": "with",
    "onde": "with",
    "dove": "with",
    "где": "with",
    "其中": "with",
    "и": "and",
    "且": "and",
    "folglich": "implies",
    "daher": "implies",
    "somit": "implies",
    "donc": "implies",
    "por lo tanto": "implies",
    "entonces": "implies",
    "portanto": "implies",
    "quindi": "implies",
    "следовательно": "implies",
    "but": "and",
    "iff": "iff",
    "if and only if": "iff",
    "implies": "implies",
    "giving": "implies",
}
OTHERWISE_WORDS = frozenset(["else", "otherwise", "sonst", "ansonsten", "sinon", "иначе"])
CONDITION_WORDS = frozenset(
    [
        "if",
        "when",
        "whenever",
        "for",
        "for all",
        "for every",
        "for each",
        "for any",
        "for some",
        "where all",
        "falls",
        "wenn",
        "für",
        "für alle",
        "as",
        "given",
        "given that",
        "provided",
        "provided that",
        "since",
        "because",
        "such that",
        "s.t.",
        "subject to",
        "assuming",
        "at",
        "unless",
        "si",
        "on",
        "se",
        "pour",
        "para",
        "per",
        "для",
        "если",
        "при",
        "若",
        "当",
        "如果",
        "pour tout",
        "para todo",
        "lorsque",
        "quand",
        "cuando",
        "quando",
    ]
)
