/* Products of matrices: in blocks that stay in registers, or by the BLAS that NumPy ships. */

/* c = a b + bias; with `add` that is added to c if it is 1, taken off it if it is -1. The entries (i, j) are sums over k of a(i, k) b(k, j). The entry (i, j) of a is
   a[i*a_row + j*a_col], and of b and c likewise. */
typedef void product_function(long rows, long columns, long sum, const real *a, long a_row, long a_col, const real *b, long b_row, long b_col, real *c, long c_row, long c_col,
                              const real *bias, int add);

#ifdef PRODUCTS_ELSEWHERE
static product_function *product;

/* Where products are compiled already. */
EXPORTED void use_product(void *found)
{
    product = (product_function *)found;
}
#else

/* A block has up to HIGH rows and WIDE vectors of columns, as registers allow; of b up to DEPTH rows at a time are kept
   near, and of a NEAR rows. */
#if WIDTH == 32 || defined __SSE2__ && WIDTH == 16
#define HIGH 4
#else
#define HIGH 8
#endif
#define WIDE 3
#define DEPTH 192
#define NEAR 512

#if defined __AVX512F__
#include <immintrin.h>
#endif

typedef void gemm_function(const char *, const char *, const blas_int *, const blas_int *, const blas_int *, const real *,
                           const real *, const blas_int *, const real *, const blas_int *, const real *, real *,
                           const blas_int *);
static gemm_function *gemm;
static double gemm_from;

/* The BLAS to call for products of so many multiplications on; without one all are done here. */
EXPORTED void use_gemm(void *found, double from)
{
    gemm = (gemm_function *)found;
    gemm_from = from;
}

/* The first `count` of the numbers in a vector. */
#if defined __AVX512F__
#define MASK(count) ((1u << (count)) - 1)
#if SINGLE
#define READ(from, count) (vector) _mm512_maskz_loadu_ps((__mmask16)MASK(count), from)
#define WRITE(to, v, count) _mm512_mask_storeu_ps(to, (__mmask16)MASK(count), (__m512)(v))
#else
#define READ(from, count) (vector) _mm512_maskz_loadu_pd((__mmask8)MASK(count), from)
#define WRITE(to, v, count) _mm512_mask_storeu_pd(to, (__mmask8)MASK(count), (__m512d)(v))
#endif
#define PARTS_ARE_QUICK 1
INLINE vector read_part(const real *from, long count)
{
    return READ(from, count);
}

INLINE void write_part(real *to, vector v, long count)
{
    WRITE(to, v, count);
}
#else
#define PARTS_ARE_QUICK 0
INLINE vector read_part(const real *from, long count)
{
    vector v = {0};
    if (count == LANES)
        return read_vector(from);
    for (long k = 0; k < count; k++)
        v[k] = from[k];
    return v;
}

INLINE void write_part(real *to, vector v, long count)
{
    if (count == LANES)
        memcpy(to, &v, sizeof v);
    else
        for (long k = 0; k < count; k++)
            to[k] = v[k];
}
#endif

/* H rows and W vectors of columns of c, the last of which has only `last` of them; b has its columns side by side. */
INLINE void block(const int H, const int W, long sum, const real *a, long a_row, long a_col, const real *b, long b_row, real *c, long c_row,
                  const real *bias, int add, long last)
{
    vector total[HIGH][WIDE];
#pragma GCC unroll 8
    for (int i = 0; i < H; i++)
#pragma GCC unroll 3
        for (int j = 0; j < W; j++)
            total[i][j] = same(bias ? bias[i] : 0);
    for (long k = 0; k < sum; k++) {
        vector right[WIDE];
#pragma GCC unroll 3
        for (int j = 0; j < W; j++)
            right[j] = PARTS_ARE_QUICK && j == W - 1 ? read_part(b + k * b_row + j * LANES, last)
                                                     : read_vector(b + k * b_row + j * LANES);
#pragma GCC unroll 8
        for (int i = 0; i < H; i++) {
            vector left = same(a[i * a_row + k * a_col]);
#pragma GCC unroll 3
            for (int j = 0; j < W; j++)
                total[i][j] += left * right[j];
        }
    }
#pragma GCC unroll 8
    for (int i = 0; i < H; i++)
#pragma GCC unroll 3
        for (int j = 0; j < W; j++) {
            real *to = c + i * c_row + j * LANES;
            long count = j < W - 1 ? LANES : last;
            if (add)
                total[i][j] = add > 0 ? read_part(to, count) + total[i][j] : read_part(to, count) - total[i][j];
            write_part(to, total[i][j], count);
        }
}

/* All rows of so many columns. */
INLINE void panel(const int W, long rows, long sum, const real *a, long a_row, long a_col, const real *b, long b_row, real *c, long c_row,
                  const real *bias, int add, long last)
{
    long i = 0;
    for (; i + HIGH <= rows; i += HIGH)
        block(HIGH, W, sum, a + i * a_row, a_row, a_col, b, b_row, c + i * c_row, c_row, bias ? bias + i : 0,
              add, last);
    for (; i + 2 <= rows; i += 2)
        block(2, W, sum, a + i * a_row, a_row, a_col, b, b_row, c + i * c_row, c_row, bias ? bias + i : 0,
              add, last);
    if (i < rows)
        block(1, W, sum, a + i * a_row, a_row, a_col, b, b_row, c + i * c_row, c_row, bias ? bias + i : 0,
              add, last);
}

#if defined __clang__
INLINE void turn_block(const real *from, long row, real *to, long to_row)
{
    for (long i = 0; i < LANES; i++)
        for (long j = 0; j < LANES; j++)
            to[i * to_row + j] = from[j * row + i];
}
#else
/* A square of LANES rows transposed: squares of 1, 2, 4, … change places across the diagonal. */
INLINE void turn_block(const real *from, long row, real *to, long to_row)
{
    vector v[LANES];
#pragma GCC unroll 16
    for (int i = 0; i < LANES; i++)
        v[i] = read_vector(from + i * row);
#pragma GCC unroll 4
    for (int level = 0; 1 << level < LANES; level++) {
        const int w = 1 << level;
        const places low = EXCHANGES[level][0], high = EXCHANGES[level][1];
#pragma GCC unroll 16
        for (int i = 0; i < LANES; i++)
            if (!(i & w)) {
                vector x = v[i], y = v[i + w];
                v[i] = __builtin_shuffle(x, y, low);
                v[i + w] = __builtin_shuffle(x, y, high);
            }
    }
#pragma GCC unroll 16
    for (int i = 0; i < LANES; i++)
        write_vector(to + i * to_row, v[i]);
}
#endif

/* So many columns of b side by side, zeros behind them up to a whole vector where parts of one are slow. */
static void pack(long sum, long columns, const real *b, long b_row, long b_col, real *to, long to_row)
{
    const long reach = PARTS_ARE_QUICK ? columns : to_row;
    long k = 0, j = 0;
    if (b_col == 1 && columns == to_row) {
        for (k = 0; k < sum; k++)
            for (j = 0; j < columns; j += LANES)
                memcpy(to + k * to_row + j, b + k * b_row + j, sizeof(vector));
        return;
    }
    if (b_row == 1 && sum >= LANES)
        for (; k < sum; k += LANES) {
            k = at_most(k, sum - LANES);
            for (j = 0; j + LANES <= columns; j += LANES)
                turn_block(b + k + j * b_col, b_col, to + k * to_row + j, to_row);
            for (long i = k; i < k + LANES; i++)
                for (long m = j; m < reach; m++)
                    to[i * to_row + m] = m < columns ? b[i + m * b_col] : 0;
        }
    for (; k < sum; k++)
        for (j = 0; j < reach; j++)
            to[k * to_row + j] = j < columns ? b[k * b_row + j * b_col] : 0;
}

/* So many columns and at most DEPTH of b's rows. */
INLINE void columns_of(long rows, long columns, long sum, const real *a, long a_row, long a_col, const real *b, long b_row, long b_col, real *c, long c_row, const real *bias, int add)
{
    real near[DEPTH * WIDE * LANES] __attribute__((aligned(64)));
    const long vectors = (columns + LANES - 1) / LANES, last = columns - (vectors - 1) * LANES;
    const real *from = b;
    long from_row = b_row;
    /* Rows that are far apart, and read often, are better side by side. */
    if (b_col != 1 || (last != LANES && !PARTS_ARE_QUICK) || (rows >= 64 && b_row >= 256)) {
        from = near;
        from_row = vectors * LANES;
        pack(sum, columns, b, b_row, b_col, near, from_row);
    }
    if (vectors == 3)
        panel(3, rows, sum, a, a_row, a_col, from, from_row, c, c_row, bias, add, last);
    else if (vectors == 2)
        panel(2, rows, sum, a, a_row, a_col, from, from_row, c, c_row, bias, add, last);
    else
        panel(1, rows, sum, a, a_row, a_col, from, from_row, c, c_row, bias, add, last);
}

INLINE void by_blocks(long rows, long columns, long sum, const real *a, long a_row, long a_col, const real *b, long b_row, long b_col, real *c, long c_row, const real *bias, int add)
{
    static _Thread_local real near[NEAR * DEPTH];
    for (long k = 0; k < sum; k += DEPTH)
        for (long i = 0; i < rows; i += NEAR) {
            const long high = at_most(rows - i, NEAR), deep = at_most(sum - k, DEPTH);
            const real *left = a + i * a_row + k * a_col;
            long left_row = a_row, left_col = a_col;
            /* Columns that are far apart, and read for many panels, are better as rows. */
            if (columns >= 4 * WIDE * LANES && a_row == 1 && a_col >= 256) {
                left_row = (deep + LANES - 1) / LANES * LANES;
                pack(high, deep, left, a_row, a_col, near, left_row);
                left = near;
                left_col = 1;
            }
            for (long j = 0; j < columns; j += WIDE * LANES) {
                const real *right = b + k * b_row + j * b_col;
                columns_of(high, at_most(columns - j, WIDE * LANES), deep, left, left_row, left_col, right,
                           b_row, b_col, c + i * c_row + j, c_row,
                           bias && !k ? bias + i : 0, add ? add : k > 0);
            }
        }
}

/* The sum of the entries of a vector. */
INLINE real sum_of(vector v)
{
    return sums_of(1, &v)[0];
}

/* The last `rest` of the numbers before `end`, zeros before them; LANES of them can be read. */
INLINE vector read_last(const real *end, long rest)
{
    return only(read_vector(end - LANES), NUMBERS >= (word)(LANES - rest));
}

/* H rows and W columns of c, where both sides are read along the sum. */
INLINE void dots(const int H, const int W, long sum, const real *a, long a_row, const real *b, long b_col, real *c, long c_row, long c_col,
                 const real *bias, int add)
{
    vector total[4][4] = {{{0}}};
    long k = 0;
    for (; k + LANES <= sum; k += LANES)
#pragma GCC unroll 4
        for (int i = 0; i < H; i++)
#pragma GCC unroll 4
            for (int j = 0; j < W; j++)
                total[i][j] += read_vector(a + i * a_row + k) * read_vector(b + j * b_col + k);
    if (k < sum)
#pragma GCC unroll 4
        for (int i = 0; i < H; i++)
#pragma GCC unroll 4
            for (int j = 0; j < W; j++)
                total[i][j] += read_last(a + i * a_row + sum, sum - k) * read_last(b + j * b_col + sum, sum - k);
#pragma GCC unroll 4
    for (int i = 0; i < H; i++)
#pragma GCC unroll 4
        for (int j = 0; j < W; j++) {
            real found = sum_of(total[i][j]) + (bias ? bias[i] : 0), *to = c + i * c_row + j * c_col;
            *to = add > 0 ? *to + found : add ? *to - found : found;
        }
}

static void by_dots(long rows, long columns, long sum, const real *a, long a_row, long a_col, const real *b, long b_row, long b_col, real *c, long c_row, long c_col,
                    const real *bias, int add)
{
    for (long i = 0; i < rows;) {
        const int high = rows - i >= 4 ? 4 : 1;
        const real *own = bias ? bias + i : 0;
        for (long j = 0; j < columns;) {
            const int wide = columns - j >= 4 ? 4 : columns - j >= 2 ? 2 : 1;
            const real *left = a + i * a_row, *right = b + j * b_col;
            real *to = c + i * c_row + j * c_col;
            if (high == 4 && wide == 4)
                dots(4, 4, sum, left, a_row, right, b_col, to, c_row, c_col, own, add);
            else if (high == 4 && wide == 2)
                dots(4, 2, sum, left, a_row, right, b_col, to, c_row, c_col, own, add);
            else if (high == 4)
                dots(4, 1, sum, left, a_row, right, b_col, to, c_row, c_col, own, add);
            else if (wide == 4)
                dots(1, 4, sum, left, a_row, right, b_col, to, c_row, c_col, own, add);
            else if (wide == 2)
                dots(1, 2, sum, left, a_row, right, b_col, to, c_row, c_col, own, add);
            else
                dots(1, 1, sum, left, a_row, right, b_col, to, c_row, c_col, own, add);
            j += wide;
        }
        i += high;
    }
}

static void by_entries(long rows, long columns, long sum, const real *a, long a_row, long a_col, const real *b, long b_row, long b_col, real *c, long c_row, long c_col,
                       const real *bias, int add)
{
    for (long i = 0; i < rows; i++)
        for (long j = 0; j < columns; j++) {
            real total = bias ? bias[i] : 0, *to = c + i * c_row + j * c_col;
            for (long k = 0; k < sum; k++)
                total += a[i * a_row + k * a_col] * b[k * b_row + j * b_col];
            *to = add > 0 ? *to + total : add ? *to - total : total;
        }
}

/* By BLAS, to which a matrix by rows is a transposed one by columns. */
static void by_blas(long rows, long columns, long sum, const real *a, long a_row, long a_col, const real *b, long b_row, long b_col, real *c, long c_row, const real *bias, int add)
{
    const real one = add < 0 ? -1 : 1, factor = bias || add;
    const blas_int m = columns, n = rows, k = sum, ldc = at_least(c_row, columns);
    const blas_int lda = a_col == 1 ? at_least(a_row, sum) : at_least(a_col, rows);
    const blas_int ldb = b_col == 1 ? at_least(b_row, columns) : at_least(b_col, sum);
    for (long i = 0; bias && i < rows; i++)
        for (long j = 0; j < columns; j++)
            c[i * c_row + j] = bias[i] + (add ? c[i * c_row + j] : 0);
    gemm(b_col == 1 ? "N" : "T", a_col == 1 ? "N" : "T", &m, &n, &k, &one, b, &ldb, a, &lda, &factor, c, &ldc);
}

EXPORTED void product(long rows, long columns, long sum, const real *a, long a_row, long a_col, const real *b, long b_row, long b_col, real *c, long c_row, long c_col, const real *bias,
             int add)
{
    if (c_col != 1 && c_row == 1 && !bias) {
        product(columns, rows, sum, b, b_col, b_row, a, a_col, a_row, c, c_col, 1, 0, add);
        return;
    }
    const int plain = (a_row == 1 || a_col == 1) && (b_row == 1 || b_col == 1);
    const int along = a_col == 1 && b_row == 1;
    if (along && (rows < 3 || columns < 5) && sum >= LANES)
        by_dots(rows, columns, sum, a, a_row, a_col, b, b_row, b_col, c, c_row, c_col, bias, add);
    else if (c_col != 1)
        by_entries(rows, columns, sum, a, a_row, a_col, b, b_row, b_col, c, c_row, c_col, bias, add);
    else if (gemm && plain && (double)rows * columns * sum >= gemm_from)
        by_blas(rows, columns, sum, a, a_row, a_col, b, b_row, b_col, c, c_row, bias, add);
    else
        by_blocks(rows, columns, sum, a, a_row, a_col, b, b_row, b_col, c, c_row, bias, add);
}
#endif
