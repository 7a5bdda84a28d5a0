// What a cell is to the kernels: a struct with `gates`, `states` and `step`, and `parameters` where units have constants
// of their own.
#pragma once

template <class Cell>
__host__ __device__ constexpr int parameters_of() {
    if constexpr (requires { Cell::parameters; }) {
        return Cell::parameters;
    } else {
        return 0;
    }
}

// Numbers per unit that a cell has besides its states; arrays of them have room for one at least.
template <class Cell>
inline constexpr int kParameters = parameters_of<Cell>();
template <class Cell>
inline constexpr int kParameterRoom = kParameters<Cell> > 0 ? kParameters<Cell> : 1;

// x and r: of every gate, input and R h + bias; state: h first; w: the unit's parameters.
template <class Cell, class S>
__host__ __device__ constexpr S step_cell(const S* x, const S* r, S* state, const S* w) {
    if constexpr (kParameters<Cell> > 0) {
        return Cell::step(x, r, state, w);
    } else {
        return Cell::step(x, r, state);
    }
}
