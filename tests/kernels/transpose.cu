// 32 x 32 tiles through shared memory, padded against bank conflicts.
template <bool broken>
__global__ void transpose(const float* x, float* y, int rows, int columns) {
    __shared__ float tile[32][33];
    const int row = blockIdx.y * 32, column = blockIdx.x * 32;
    for (int i = threadIdx.y; i < 32; i += blockDim.y) {
        const bool inside = row + i < rows && column + int(threadIdx.x) < columns;
        if (inside || broken) tile[i][threadIdx.x] = x[(row + i) * columns + column + threadIdx.x];
    }
    __syncthreads();
    for (int i = threadIdx.y; i < 32; i += blockDim.y) {
        if (column + i < columns && row + int(threadIdx.x) < rows) {
            y[(column + i) * rows + row + threadIdx.x] = tile[threadIdx.x][i];
        }
    }
}
