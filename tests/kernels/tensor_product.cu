// D = A B of 16 x 16 halves on tensor cores, by the wmma interface.
#include <mma.h>
using namespace nvcuda;
template <bool broken>
__global__ void tensor_product(const __half* a, const __half* b, float* d) {
    wmma::fragment<wmma::matrix_a, 16, 16, 16, __half, wmma::row_major> fa;
    wmma::fragment<wmma::matrix_b, 16, 16, 16, __half, wmma::row_major> fb;
    wmma::fragment<wmma::accumulator, 16, 16, 16, float> fd;
    wmma::fill_fragment(fd, 0.0f);
    wmma::load_matrix_sync(fa, a, broken ? 24 : 16);  // rows that are too far apart end behind the matrix
    wmma::load_matrix_sync(fb, b, 16);
    wmma::mma_sync(fd, fa, fb, fd);
    wmma::store_matrix_sync(d, fd, 16, wmma::mem_row_major);
}
