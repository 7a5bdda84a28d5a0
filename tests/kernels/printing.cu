#include <cassert>
#include <cstdio>
template <bool broken>
__global__ void printing(int n) {
    printf("thread %d of %s: %.2f %5u|%-4x|%c %lld%%\n", threadIdx.x, "block", threadIdx.x * 0.5, 7u, 255u, 'z',
           1ll << 40);
    assert(n == 2 || !broken);
}
