// What a cell is to the kernels: a struct with
//   gates       rows of R per unit; x[g] and r[g] = R h + bias of gate g go into the step
//   states      that a unit has, h first: what R multiplies in the next step
//   inputs      columns of x, where there are more than gates: the rest goes into the step alone (default: gates)
//   parameters  numbers per unit, w (default: none)
//   product     false where units do not see each other: there is no R, and r is the bias (default: true)
//   first_gates, between(x, r, state) or, with parameters, between(x, r, state, w): of a cell that has two products in
//   a
//               step. That of the gates before first_gates takes in h; `between` makes of their x and r, and of the
//               states, what that of the others takes in (default: all gates take in h)
//   normalises  whether r[g] is R h + bias normalised over all gates and units of a head (default: false)
//   normalises_between, between(x, r, state, w): whether that, normalised over all units of a head, is one more r
//   behind
//               those of the gates (default: false)
//   projects    whether h, of a size of its own, is what a further product makes of what units return
//               (projected_kernel.cuh, which such a cell includes); the step does not read state[0] then (default:
//               false)
//   step(x, r, state) or, with parameters, step(x, r, state, w): updates the states and returns h
//   derivative(x, r, state, gradient, dx, dr) or, with parameters, derivative(x, r, state, w, gradient, dx, dr, dw):
//               from the gradient of the states after a step that of the states before, in its place, and those of x,
//               r and w, at these inputs (default: made from the step's own lines).
#pragma once

template <class Cell>
__host__ __device__ constexpr int parameters_of() {
    if constexpr (requires { Cell::parameters; }) {
        return Cell::parameters;
    } else {
        return 0;
    }
}

template <class Cell>
__host__ __device__ constexpr int inputs_of() {
    if constexpr (requires { Cell::inputs; }) {
        return Cell::inputs;
    } else {
        return Cell::gates;
    }
}
template <class Cell>
inline constexpr int kInputs = inputs_of<Cell>();

template <class Cell>
__host__ __device__ constexpr bool has_product() {
    if constexpr (requires { Cell::product; }) {
        return Cell::product;
    } else {
        return true;
    }
}
template <class Cell>
inline constexpr bool kHasProduct = has_product<Cell>();

// Numbers per unit that a cell has besides its states; arrays of them have room for one at least.
template <class Cell>
inline constexpr int kParameters = parameters_of<Cell>();
template <class Cell>
inline constexpr int kParameterRoom = kParameters<Cell> > 0 ? kParameters<Cell> : 1;

// Whether there are two products in a step.
template <class Cell>
inline constexpr bool kTwoProducts = requires {
    Cell::first_gates;
};

template <class Cell>
__host__ __device__ constexpr bool normalises() {
    if constexpr (requires { Cell::normalises; }) {
        static_assert(!Cell::normalises || (!kTwoProducts<Cell> && has_product<Cell>()),
                      "of a cell that normalises there is one product");
        return Cell::normalises;
    } else {
        return false;
    }
}
template <class Cell>
inline constexpr bool kNormalises = normalises<Cell>();

template <class Cell>
__host__ __device__ constexpr bool normalises_between() {
    if constexpr (requires { Cell::normalises_between; }) {
        static_assert(!Cell::normalises_between || kNormalises<Cell>,
                      "what is in the middle of a step is normalised where R h is");
        return Cell::normalises_between;
    } else {
        return false;
    }
}
template <class Cell>
inline constexpr bool kNormalisesBetween = normalises_between<Cell>();

template <class Cell>
__host__ __device__ constexpr bool projects() {
    if constexpr (requires { Cell::projects; }) {
        static_assert(!Cell::projects || (!kTwoProducts<Cell> && !kNormalises<Cell> && has_product<Cell>()),
                      "of a cell whose h is projected there is one product, and nothing is normalised");
        return Cell::projects;
    } else {
        return false;
    }
}
template <class Cell>
inline constexpr bool kProjects = projects<Cell>();

// How many r a step takes in, and what training keeps of each sequence and step of a cell that normalises.
template <class Cell>
inline constexpr int kProducts = Cell::gates + (kNormalisesBetween<Cell> ? 1 : 0);
template <class Cell>
inline constexpr int kMoments = (kNormalises<Cell> ? 1 : 0) + (kNormalisesBetween<Cell> ? 2 : 0);

// How often in a step the units of a head that is normalised add something up.
template <class Cell>
inline constexpr int kMeetings = kNormalisesBetween<Cell> ? 2 : 1;

template <class Cell>
inline constexpr bool kHasBetween = kTwoProducts<Cell> || kNormalisesBetween<Cell>;

template <class Cell>
__host__ __device__ constexpr int first_gates_of() {
    if constexpr (kTwoProducts<Cell>) {
        return Cell::first_gates;
    } else {
        return Cell::gates;
    }
}
// Gates whose product takes in h.
template <class Cell>
inline constexpr int kFirstGates = first_gates_of<Cell>();

// What is between a cell's products, or in the middle of its step, as a cell of the first gates that leaves it in place
// of h.
template <class Cell>
struct BetweenCell {
    static constexpr int gates = kFirstGates<Cell>, states = Cell::states, inputs = kInputs<Cell>,
                         parameters = kParameters<Cell>;
    static_assert(kHasProduct<Cell> && gates > 0 && (!kTwoProducts<Cell> || gates < Cell::gates),
                  "first_gates are some of the gates, and the others have a product, too");

    template <class S>
    __host__ __device__ static constexpr S step(const S* x, const S* r, S* state) {
        return state[0] = Cell::between(x, r, state);
    }
    template <class S>
    __host__ __device__ static constexpr S step(const S* x, const S* r, S* state, const S* w) {
        return state[0] = Cell::between(x, r, state, w);
    }
};

// x and r: of every gate, input and R h + bias; state: h first; w: the unit's parameters.
template <class Cell, class S>
__host__ __device__ constexpr S step_cell(const S* x, const S* r, S* state, const S* w) {
    if constexpr (kParameters<Cell> != 0) {
        return Cell::step(x, r, state, w);
    } else {
        return Cell::step(x, r, state);
    }
}
