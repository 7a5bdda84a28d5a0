#include "templates/mma_shapes.hpp"

namespace warpsmith {

Expr fits_wgmma(const Expr& m, const Expr& n, const Expr& rows, const Expr& columns) {
    return m % (kWgmmaUnit.m * rows) == 0 && n % (kWgmmaUnit.n * columns) == 0;
}

Expr accumulator_registers(const Expr& m, const Expr& n, const Expr& warpgroups) {
    return m * n / (warpgroups * kWarpgroupThreads);
}

}  // namespace warpsmith
