// C = A B, row by row, of square matrices whose side is a multiple of TILE. A block has the TILE x TILE tiles of A and
// B in dynamic shared memory; a thread computes ROWS elements of a column. Tuned by `warpsmith tune
// matrix_product.json`.
extern "C" __global__ void matrix_product(const float* A, const float* B, float* C, int side) {
    extern __shared__ float tiles[];
    float* a = tiles;
    float* b = tiles + TILE * TILE;
    const int column = blockIdx.x * TILE + threadIdx.x;
    const int first_row = blockIdx.y * TILE + threadIdx.y * ROWS;
    float sums[ROWS] = {};
    for (int from = 0; from < side; from += TILE) {
        for (int i = 0; i < ROWS; ++i) {
            const int row = threadIdx.y * ROWS + i;
            a[row * TILE + threadIdx.x] = A[(blockIdx.y * TILE + row) * side + from + threadIdx.x];
            b[row * TILE + threadIdx.x] = B[(from + row) * side + column];
        }
        __syncthreads();
        for (int k = 0; k < TILE; ++k) {
            for (int i = 0; i < ROWS; ++i) {
                sums[i] += a[(threadIdx.y * ROWS + i) * TILE + k] * b[k * TILE + threadIdx.x];
            }
        }
        __syncthreads();
    }
    for (int i = 0; i < ROWS; ++i) {
        C[(first_row + i) * side + column] = sums[i];
    }
}
