/* Functions that compilers turn into vector code: no branches and no tables. NaN stays NaN, and what is too large
   becomes infinite. Polynomials interpolate at Chebyshev nodes; errors are about one unit in the last place. */

/* What others may call; the functions here call their own, whatever else has the same name. */
#ifdef __ELF__
#define EXPORTED __attribute__((visibility("protected")))
#else
#define EXPORTED
#endif

#if SINGLE
typedef float real;
typedef int32_t word;
#define DIGITS 23
#define BIAS 127
#define R(x) x##f
#define M(name) name##f
static const real LN2_HIGH = 0x1.62e4p-1f, LN2_LOW = 1.4286068203094173e-06f, ROUND = 0x1.8p23f;
static const real LEAST = -104, MOST = 89, FLAT = -20;
#else
typedef double real;
typedef int64_t word;
#define DIGITS 52
#define BIAS 1023
#define R(x) x
#define M(name) name
static const real LN2_HIGH = 0x1.62e42fefa38p-1, LN2_LOW = 5.497923018708371e-14, ROUND = 0x1.8p52;
static const real LEAST = -746, MOST = 710, FLAT = -40;
#endif

/* One step of Horner's rule. */
#define STEP(sum, x, c) ((sum) * (x) + R(c))

/* 2^k, given k + ROUND: its last bits are those of k */
static inline real power_of_two(real rounded)
{
    word bits;
    memcpy(&bits, &rounded, sizeof bits);
    bits = (word)((uint64_t)(bits + BIAS) << DIGITS);
    memcpy(&rounded, &bits, sizeof bits);
    return rounded;
}

/* e^r - 1 for |r| <= log(2)/2; odd and even powers need not wait for each other */
static inline real expm1_near_0(real r)
{
    const real s = r * r;
#if SINGLE
    real q = STEP(R(0.00019890991097781807), s, 0.00833331048488617);
    real p = STEP(R(0.0013933649752289057), s, 0.04166646674275398);
    q = STEP(q, s, 0.1666666716337204);
    p = STEP(p, s, 0.5);
    return r + s * (p + r * q);
#else
    real q = R(2.0914686968086876e-09);
    real p = R(2.5105217004720745e-08);
    q = STEP(q, s, 2.75572736431103e-07);
    p = STEP(p, s, 2.7557255400206422e-06);
    q = STEP(q, s, 2.4801587325547743e-05);
    p = STEP(p, s, 0.00019841269874820627);
    q = STEP(q, s, 0.0013888888888883748);
    p = STEP(p, s, 0.008333333333326136);
    q = STEP(q, s, 0.04166666666666667);
    p = STEP(p, s, 0.1666666666666667);
    q = STEP(q, s, 0.5);
    return r + s * (q + r * p);
#endif
}

/* e^x = 2^k e^r with x = k log 2 + r; 2^k in two factors, each of which is normal */
static inline real exp_of(real x)
{
    real y = x < LEAST ? LEAST : x;
    y = y > MOST ? MOST : y;
    real k = (y * R(1.4426950408889634) + ROUND) - ROUND;
    real r = (y - k * LN2_HIGH) - k * LN2_LOW;
    real half = k * R(0.5) + ROUND;
    real rest = k - (half - ROUND) + ROUND;
    return (1 + expm1_near_0(r)) * power_of_two(half) * power_of_two(rest);
}

/* e^x - 1 for x <= 1 */
static inline real expm1_below_1(real x)
{
    real y = x < FLAT ? FLAT : x;
    real rounded = y * R(1.4426950408889634) + ROUND, k = rounded - ROUND;
    real r = (y - k * LN2_HIGH) - k * LN2_LOW;
    real power = power_of_two(rounded);
    return power * expm1_near_0(r) + (power - 1);
}

static inline real expm1_of(real x)
{
    return x > 1 ? exp_of(x) - 1 : expm1_below_1(x > 1 ? 1 : x);
}

/* tanh |x| = -e/(2 + e) with e = e^(-2|x|) - 1, which keeps its digits near 0 */
static inline real tanh_of(real x)
{
    real e = expm1_below_1(-2 * M(fabs)(x));
    return M(copysign)(-e / (2 + e), x);
}

/* 1/(1 + e^(-x)), with all digits on both sides: 0 where that is less than any normal number */
static inline real logistic(real x)
{
    real y = -x < FLAT ? FLAT : -x;
    y = y > MOST ? MOST : y;
    real rounded = y * R(1.4426950408889634) + ROUND, k = rounded - ROUND;
    real r = (y - k * LN2_HIGH) - k * LN2_LOW;
    return 1 / (1 + (1 + expm1_near_0(r)) * power_of_two(rounded));
}

/* log(1 + e^x) = max(x, 0) + log(1 + e) with e = e^(-|x|), and log(1 + e) = 2 artanh(e/(2 + e)) */
static inline real softplus(real x)
{
    real e = exp_of(-M(fabs)(x)), s = e / (2 + e), w = s * s;
#if SINGLE
    real q = R(0.11612164612011674);
    q = STEP(q, w, 0.10853287900440187);
    q = STEP(q, w, 0.14296178997151418);
    q = STEP(q, w, 0.1999985316596486);
    q = STEP(q, w, 0.3333333366026371);
#else
    real q = R(0.07815288900461426);
    q = STEP(q, w, 0.03746071897775383);
    q = STEP(q, w, 0.05422589197440007);
    q = STEP(q, w, 0.05867139530651599);
    q = STEP(q, w, 0.06667589315724629);
    q = STEP(q, w, 0.07692271982430275);
    q = STEP(q, w, 0.09090909948981357);
    q = STEP(q, w, 0.11111111099118386);
    q = STEP(q, w, 0.1428571428580005);
    q = STEP(q, w, 0.19999999999999762);
    q = STEP(q, w, 0.3333333333333333);
#endif
    return (x < 0 ? 0 : x) + 2 * (s + s * w * q);
}

/* u log v, 0 where u is 0 */
static inline real xlogy(real u, real v)
{
    return u == 0 && v == v ? 0 : u * M(log)(v);
}

/* e^(x²) erfc(x): the digits of x² that rounding loses are put back; far out by the first terms of its expansion. */
static inline double erfcx_of(double x)
{
    const double square = x * x, rest = x > -30 ? fma(x, x, -square) : 0, w = 1 / (2 * square);
    const double far = 1 - w * (1 - 3 * w * (1 - 5 * w * (1 - 7 * w * (1 - 9 * w * (1 - 11 * w)))));
    return x < 25 ? exp(square) * (1 + rest) * erfc(x) : 0.5641895835477563 / x * far;
}

static inline real sign(real x)
{
    return x > 0 ? 1 : x < 0 ? -1 : x;
}

static inline real square(real x)
{
    return x * x;
}

/* The larger and the smaller of two; NaN if one of them is. */
static inline real largest(real x, real y)
{
    return x >= y || x != x ? x : y;
}

static inline real smallest(real x, real y)
{
    return x <= y || x != x ? x : y;
}

/* Division of whole numbers as in mathematics: rounded down. */
static inline long floor_of(long above, long below)
{
    return above / below - (above % below != 0 && (above < 0) != (below < 0));
}

static inline long modulo(long x, long y)
{
    return x - y * floor_of(x, y);
}
