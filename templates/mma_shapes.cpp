#include "templates/mma_shapes.hpp"

namespace warpsmith {

Expr fits_mma(const Expr& m, const Expr& n, const Expr& k) {
    return m % kMma.m == 0 && n % kMma.n == 0 && k % kMma.k == 0;
}

bool is_wgmma_width(std::int64_t columns) {
    return columns > 0 && columns <= kWgmmaMostColumns && columns % kWgmmaUnit.n == 0;
}

Expr is_wgmma_width(const Expr& columns) {
    return columns > 0 && columns <= kWgmmaMostColumns && columns % kWgmmaUnit.n == 0;
}

Expr fits_wgmma(const Expr& m, const Expr& n, const Expr& rows, const Expr& columns) {
    return m % (kWgmmaUnit.m * rows) == 0 && n % (kWgmmaUnit.n * columns) == 0;
}

Expr accumulator_registers(const Expr& m, const Expr& n, const Expr& warpgroups) {
    return m * n / (warpgroups * kWarpgroupThreads);
}

}  // namespace warpsmith
