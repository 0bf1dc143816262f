/* Vectors of numbers as wide as those of the processor, and products of matrices with few entries. */

#if defined __AVX512F__
#define WIDTH 64
#elif defined __AVX__
#define WIDTH 32
#else
#define WIDTH 16
#endif
#define LANES (WIDTH / (SINGLE ? 4 : 8))
#define FEW 16
#define INLINE static inline __attribute__((always_inline))

typedef real vector __attribute__((vector_size(WIDTH)));
typedef word places __attribute__((vector_size(WIDTH)));

/* A vector of f(k, w) for each lane k. */
#if LANES == 16
#define EACH(f, w)                                                                                                 \
    {                                                                                                              \
        f(0, w), f(1, w), f(2, w), f(3, w), f(4, w), f(5, w), f(6, w), f(7, w), f(8, w), f(9, w), f(10, w),        \
            f(11, w), f(12, w), f(13, w), f(14, w), f(15, w)                                                       \
    }
#elif LANES == 8
#define EACH(f, w) {f(0, w), f(1, w), f(2, w), f(3, w), f(4, w), f(5, w), f(6, w), f(7, w)}
#elif LANES == 4
#define EACH(f, w) {f(0, w), f(1, w), f(2, w), f(3, w)}
#else
#define EACH(f, w) {f(0, w), f(1, w)}
#endif
#define NUMBER(k, w) (k)
#define LOWER(k, w) ((k) & (w) ? LANES + (k) - (w) : (k))
#define UPPER(k, w) ((k) & (w) ? LANES + (k) : ((k) + (w)) % LANES)

static const places NUMBERS = EACH(NUMBER, 0);
/* By these, two vectors exchange their blocks of 1, 2, 4, 8 lanes across the diagonal. Written out, as a compiler does
   not see that they are constant. */
static const places EXCHANGES[4][2] = {{EACH(LOWER, 1), EACH(UPPER, 1)},
                                       {EACH(LOWER, 2), EACH(UPPER, 2)},
                                       {EACH(LOWER, 4), EACH(UPPER, 4)},
                                       {EACH(LOWER, 8), EACH(UPPER, 8)}};

static inline long at_least(long x, long least)
{
    return x < least ? least : x;
}

static inline long at_most(long x, long most)
{
    return x < most ? x : most;
}

INLINE vector read_vector(const real *from)
{
    vector v;
    memcpy(&v, from, sizeof v);
    return v;
}

INLINE void write_vector(real *to, vector v)
{
    memcpy(to, &v, sizeof v);
}

INLINE vector same(real x)
{
    return x - (vector){0};
}

/* The numbers in these lanes, zeros in the others. */
INLINE vector only(vector v, places inside)
{
    places bits;
    memcpy(&bits, &v, sizeof v);
    bits &= inside;
    memcpy(&v, &bits, sizeof v);
    return v;
}

/* Lane i of the result is the sum of the vector v[i]; there are `count` of them. */
INLINE vector sums_of(const int count, vector *v)
{
#if defined __clang__
    vector found = {0};
    for (int i = 0; i < count; i++)
        for (int k = 0; k < LANES; k++)
            found[i] += v[i][k];
    return found;
#else
#pragma GCC unroll 4
    for (int level = 0; 1 << level < LANES; level++) {
        const int w = 1 << level;
        const places low = EXCHANGES[level][0], high = EXCHANGES[level][1];
#pragma GCC unroll 16
        for (int i = 0; i < LANES; i += 2 * w)
            if (i + w < count)
                v[i] = __builtin_shuffle(v[i], v[i + w], low) + __builtin_shuffle(v[i], v[i + w], high);
            else if (i < count)
                v[i] += __builtin_shuffle(v[i], high);
    }
    return v[0];
#endif
}

/* The sums of rows: those of as many as a vector has lanes are added up together. */
static inline void row_sums(real *to, const real *from, long rows, long columns, long row)
{
    long i = 0;
    for (; i + LANES <= rows; i += LANES) {
        const real *first = from + i * row;
        vector v[LANES] = {{0}};
        long j = 0;
        for (; j + LANES <= columns; j += LANES)
#pragma GCC unroll 16
            for (int k = 0; k < LANES; k++)
                v[k] += read_vector(first + k * row + j);
        vector total = sums_of(LANES, v);
        for (; j < columns; j++)
#pragma GCC unroll 16
            for (int k = 0; k < LANES; k++)
                total[k] += first[k * row + j];
        write_vector(to + i, total);
    }
    for (; i < rows; i++) {
        real total = 0;
#pragma omp simd reduction(+ : total)
        for (long j = 0; j < columns; j++)
            total += from[i * row + j];
        to[i] = total;
    }
}

/* What follows is for products with FEW rows or entries at most, known when this is compiled; samples are
   columns, and rows of samples have room for whole vectors. With a and b as in `product`. */

/* c = a b + bias for b and c with samples in so many columns, a multiple of LANES. */
INLINE void few_rows(const long rows, const long sum, long columns, const real *a, const long a_row, const long a_col,
                     const real *b, long b_row, real *c, long c_row, const real *bias)
{
    for (long j = 0; j < columns; j += LANES) {
        vector total[2][FEW];
#pragma GCC unroll 16
        for (int i = 0; i < rows; i++) {
            total[0][i] = same(bias ? bias[i] : 0);
            total[1][i] = same(0);
        }
        /* Two sums, so that one need not wait for the other. */
#pragma GCC unroll 16
        for (int k = 0; k < sum; k++) {
            const vector right = read_vector(b + k * b_row + j);
#pragma GCC unroll 16
            for (int i = 0; i < rows; i++)
                total[sum > 2 && k % 2][i] += same(a[i * a_row + k * a_col]) * right;
        }
#pragma GCC unroll 16
        for (int i = 0; i < rows; i++)
            write_vector(c + i * c_row + j, sum > 2 ? total[0][i] + total[1][i] : total[0][i]);
    }
}

/* c = a bᵀ, one entry after the other, for a and b with samples in columns; without b the sums of the rows of a. */
INLINE void few_entries(const long rows, const long columns, long samples, const real *a, long a_row, const real *b,
                        long b_row, real *c)
{
    vector total[FEW];
#pragma GCC unroll 16
    for (int e = 0; e < rows * columns; e++)
        total[e] = same(0);
    for (long k = 0; k < samples; k += LANES) {
        const places inside = NUMBERS < (word)(samples - k);
        vector right[FEW];
#pragma GCC unroll 16
        for (int j = 0; j < columns; j++)
            right[j] = b ? only(read_vector(b + j * b_row + k), inside) : same(1);
#pragma GCC unroll 16
        for (int i = 0; i < rows; i++) {
            const vector left = only(read_vector(a + i * a_row + k), inside);
#pragma GCC unroll 16
            for (int j = 0; j < columns; j++)
                total[i * columns + j] += left * right[j];
        }
    }
#pragma GCC unroll 16
    for (int e = 0; e < rows * columns; e += LANES) {
        const int count = at_most(rows * columns - e, LANES);
        const vector v = sums_of(count, total + e);
        if (count == LANES)
            write_vector(c + e, v);
        else
#pragma GCC unroll 16
            for (int k = 0; k < count; k++)
                c[e + k] = v[k];
    }
}
