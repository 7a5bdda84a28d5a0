// Two phases of a cooperative grid with cooperative_groups between them, several times over.
#include <cooperative_groups.h>

template <bool broken>
__global__ void cooperative_grid(int* x, int* y, int rounds) {
    const auto grid = cooperative_groups::this_grid();
    const int n = static_cast<int>(grid.size()), i = static_cast<int>(grid.thread_rank());
    if (!grid.is_valid()) return;
    x[i] = i;
    for (int round = 0; round < rounds; ++round) {
        if (!broken) grid.sync();  // without it, some blocks read what others have yet to write
        y[i] = x[(i + 1) % n] + 1;
        if (!broken) grid.sync();
        x[i] = y[i];
    }
}
