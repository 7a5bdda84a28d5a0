// A cell known only by its kernel source: the trace of its lines (trace.cuh), carried out in double precision.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "templates/recurrent/cell.hpp"
#include "templates/recurrent/operation.cuh"

namespace warpsmith {

struct CellEntry {
    CellOperation operation = CellOperation::constant;
    std::int32_t a = -1, b = -1, c = -1;  // earlier entries; of an input, which one
    double value = 0;                     // of a constant
};

// Lines of a cell that were run once.
struct CellLines {
    std::vector<std::int32_t> after;  // the entry that each state is after them
    std::vector<CellEntry> entries;
};

struct TracedCell {
    std::size_t gates = 1, states = 1, inputs = 1, parameters = 0;
    bool product = true, sums_gates = true;
    std::size_t first_gates = 1;  // whose product takes in h
    bool normalises = false, normalises_between = false;
    bool projects = false;
    CellLines step, between;  // `between` leaves its value in place of h
};

// What describe_cell of describe.cuh wrote. Throws Error where it makes no sense.
TracedCell read_traced_cell(std::span<const std::int32_t> words);

// The family of that name, whose kernels use the struct `type` of `header`. Gates and states are called g0, g1, ... and
// h, s1, s2, ...; the reference rounds after every operation.
Family traced_family(const std::string& name, const std::string& type, const std::string& header,
                     const TracedCell& cell);

}  // namespace warpsmith
