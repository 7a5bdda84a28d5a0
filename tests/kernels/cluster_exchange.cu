// Each block reads the shared memory of the next one of its cluster.
#include <cooperative_groups.h>
namespace cg = cooperative_groups;
template <bool broken>
__global__ void cluster_exchange(int* y) {
    __shared__ int own[32];
    const cg::cluster_group cluster = cg::this_cluster();
    own[threadIdx.x] = blockIdx.x * 100 + threadIdx.x;
    if (!broken) cluster.sync();
    const int* const other = cluster.map_shared_rank(own, (cluster.block_rank() + 1) % cluster.num_blocks());
    y[blockIdx.x * 32 + threadIdx.x] = other[threadIdx.x];
    cluster.sync();
}
