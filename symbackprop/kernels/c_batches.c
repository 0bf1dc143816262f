/* Batches: samples are rows for the caller. */

static inline long row_of(const long *order, long number)
{
    return order ? order[number] : number;
}

static void by_rows(real *to, const real *from, long rows, long columns, const long *order, long first)
{
    for (long i = 0; i < rows; i++)
        memcpy(to + i * columns, from + row_of(order, first + i) * columns, (size_t)columns * sizeof(real));
}

/* How many places samples take: whole vectors, unless most of one would be empty. */
static inline long spaced(long samples, int always)
{
    return always || samples >= 4 * LANES ? (samples + LANES - 1) / LANES * LANES : samples;
}

static void by_columns(real *to, const real *from, long rows, long columns, long to_row, const long *order, long first)
{
    for (long i = 0; i < rows; i++) {
        const real *row = from + row_of(order, first + i) * columns;
        for (long j = 0; j < columns; j++)
            to[j * to_row + i] = row[j];
    }
}

/* θ - gradient */
static void descend(long size, real *theta, const real *gradient)
{
#pragma omp simd
    for (long i = 0; i < size; i++)
        theta[i] -= gradient[i];
}
