// A cell's lines as data: `step` is run once, at compile time, with a scalar that writes down what is done with it. The
// list it leaves is what the derivative is made from (adjoint.cuh).
#pragma once

#include "recurrent/cell.cuh"
#include "recurrent/operation.cuh"

// One operation of a cell: its operands are earlier entries of the trace; which x, r, state or parameter an input is
// stands in a.
struct TraceEntry {
    CellOperation operation = CellOperation::constant;
    int a = -1, b = -1, c = -1;
    float value = 0;  // of a constant
};

// Entries that a cell may have at most.
inline constexpr int kMostEntries = 160;

struct Trace {
    TraceEntry entries[kMostEntries];
    int count = 0;

    __host__ __device__ constexpr int append(const TraceEntry& entry) {
        entries[count] = entry;
        return count++;
    }
    // Entries that read this one.
    __host__ __device__ constexpr int uses(int index) const {
        int found = 0;
        for (int i = 0; i < count; ++i) {
            const TraceEntry& entry = entries[i];
            if (entry.operation >= CellOperation::add) {
                found += (entry.a == index ? 1 : 0) + (entry.b == index ? 1 : 0) + (entry.c == index ? 1 : 0);
            }
        }
        return found;
    }
    __host__ __device__ constexpr int input(CellOperation kind, int number) const {
        for (int i = 0; i < count; ++i) {
            if (entries[i].operation == kind && entries[i].a == number) {
                return i;
            }
        }
        return -1;
    }
    // Whether the cell uses that gate's x and r in their sum alone.
    __host__ __device__ constexpr bool sums_gate(int gate) const {
        const int x = input(CellOperation::x, gate), r = input(CellOperation::r, gate);
        for (int i = 0; i < count; ++i) {
            const TraceEntry& entry = entries[i];
            if (entry.operation == CellOperation::add &&
                ((entry.a == x && entry.b == r) || (entry.a == r && entry.b == x))) {
                return uses(x) == 1 && uses(r) == 1;
            }
        }
        return uses(x) == 0 && uses(r) == 0;
    }
};

// The scalar that records. A number that has met no recorded value yet is in no trace.
class Traced {
  public:
    constexpr Traced() = default;
    __host__ __device__ constexpr Traced(float value) : value_(value) {}
    __host__ __device__ constexpr Traced(Trace* trace, int index) : trace_(trace), index_(index) {}

    __host__ __device__ constexpr int index(Trace& trace) const {
        return trace_ != nullptr ? index_ : trace.append({CellOperation::constant, -1, -1, -1, value_});
    }

    friend __host__ __device__ constexpr Traced operator+(Traced a, Traced b) {
        return record(CellOperation::add, a, b);
    }
    friend __host__ __device__ constexpr Traced operator-(Traced a, Traced b) {
        return record(CellOperation::subtract, a, b);
    }
    friend __host__ __device__ constexpr Traced operator*(Traced a, Traced b) {
        return record(CellOperation::multiply, a, b);
    }
    friend __host__ __device__ constexpr Traced operator/(Traced a, Traced b) {
        return record(CellOperation::divide, a, b);
    }
    friend __host__ __device__ constexpr Traced operator-(Traced a) { return record(CellOperation::negate, a); }
    friend __host__ __device__ constexpr Traced operator==(Traced a, Traced b) {
        return record(CellOperation::equal, a, b);
    }
    friend __host__ __device__ constexpr Traced operator>(Traced a, Traced b) {
        return record(CellOperation::greater, a, b);
    }
    friend __host__ __device__ constexpr Traced max(Traced a, Traced b) { return record(CellOperation::maximum, a, b); }
    friend __host__ __device__ constexpr Traced min(Traced a, Traced b) { return record(CellOperation::minimum, a, b); }
    friend __host__ __device__ constexpr Traced exp(Traced a) { return record(CellOperation::exponential, a); }
    friend __host__ __device__ constexpr Traced tanh(Traced a) { return record(CellOperation::tanh, a); }
    friend __host__ __device__ constexpr Traced sigmoid(Traced a) { return record(CellOperation::sigmoid, a); }
    friend __host__ __device__ constexpr Traced log_sigmoid(Traced a) { return record(CellOperation::log_sigmoid, a); }
    friend __host__ __device__ constexpr Traced sqrt(Traced a) { return record(CellOperation::square_root, a); }
    friend __host__ __device__ constexpr Traced select(Traced condition, Traced a, Traced b) {
        Trace& trace = *condition.trace_;
        const int yes = a.index(trace), no = b.index(trace);
        return {&trace, trace.append({CellOperation::select, condition.index_, yes, no})};
    }

  private:
    static __host__ __device__ constexpr Traced record(CellOperation operation, Traced a) {
        return {a.trace_, a.trace_->append({operation, a.index_})};
    }
    static __host__ __device__ constexpr Traced record(CellOperation operation, Traced a, Traced b) {
        Trace& trace = a.trace_ != nullptr ? *a.trace_ : *b.trace_;
        const int first = a.index(trace), second = b.index(trace);
        return {&trace, trace.append({operation, first, second})};
    }

    Trace* trace_ = nullptr;
    int index_ = -1;
    float value_ = 0;
};

// A cell's step: inputs first (x and r, the states before, the unit's parameters), and which entries the states are
// after it.
template <class Cell>
struct CellTrace {
    Trace trace;
    int after[Cell::states] = {};

    __host__ __device__ constexpr CellTrace() {
        Traced x[kInputs<Cell>], r[kProducts<Cell>], state[Cell::states], w[kParameterRoom<Cell>];
        for (int g = 0; g < Cell::gates; ++g) {
            x[g] = {&trace, trace.append({CellOperation::x, g})};
            r[g] = {&trace, trace.append({CellOperation::r, g})};
        }
        for (int i = Cell::gates; i < kInputs<Cell>; ++i) {
            x[i] = {&trace, trace.append({CellOperation::x, i})};
        }
        for (int g = Cell::gates; g < kProducts<Cell>; ++g) {
            r[g] = {&trace, trace.append({CellOperation::r, g})};
        }
        for (int s = 0; s < Cell::states; ++s) {
            state[s] = {&trace, trace.append({CellOperation::state, s})};
        }
        for (int i = 0; i < kParameters<Cell>; ++i) {
            w[i] = {&trace, trace.append({CellOperation::parameter, i})};
        }
        step_cell<Cell>(x, r, state, w);
        for (int s = 0; s < Cell::states; ++s) {
            after[s] = state[s].index(trace);
        }
    }
};

template <class Cell>
inline constexpr CellTrace<Cell> kTrace{};

// What reverse accumulation does in which order: contributions to an entry come from the entries that read it, last one
// first, after those of the states that it is. Entries without any need no gradient.
template <class Cell>
struct ReversePlan {
    bool active[kMostEntries] = {};
    int first[kMostEntries] = {};  // contribution: 2 * (entry or, for a state s, count + states - s) + operand

    __host__ __device__ static constexpr int of_state(int s) {
        return 2 * (kTrace<Cell>.trace.count + Cell::states - s);
    }

    __host__ __device__ constexpr ReversePlan() {
        const Trace& trace = kTrace<Cell>.trace;
        for (int s = 0; s < Cell::states; ++s) {
            contribute(kTrace<Cell>.after[s], of_state(s));
        }
        for (int i = trace.count - 1; i >= 0; --i) {
            const TraceEntry& entry = trace.entries[i];
            const bool selects = entry.operation == CellOperation::select;
            const bool passes = entry.operation >= CellOperation::add && entry.operation != CellOperation::equal &&
                                entry.operation != CellOperation::greater;
            if (active[i] && passes) {
                contribute(selects ? entry.b : entry.a, 2 * i);
                contribute(selects ? entry.c : entry.b, 2 * i + 1);
            }
        }
    }

  private:
    __host__ __device__ constexpr void contribute(int to, int contribution) {
        if (to >= 0 && !active[to]) {
            active[to] = true;
            first[to] = contribution;
        }
    }
};

// Whether what is between a cell's products uses x and the product of a gate in their sum alone.
template <class Cell>
__host__ __device__ constexpr bool sums_gate_between(int gate) {
    if constexpr (kTwoProducts<Cell>) {
        const Trace& trace = kTrace<BetweenCell<Cell>>.trace;
        return gate < kFirstGates<Cell> ? trace.sums_gate(gate) : trace.uses(trace.input(CellOperation::x, gate)) == 0;
    } else {
        return true;
    }
}

// Whether a cell has no inputs but those of gates and uses x and R h + bias of every gate in their sum alone: then one
// gradient is that of both, and the sum is all that a backward pass needs.
template <class Cell>
__host__ __device__ constexpr bool sums_every_gate() {
    for (int g = 0; g < Cell::gates; ++g) {
        if (!kTrace<Cell>.trace.sums_gate(g) || !sums_gate_between<Cell>(g)) {
            return false;
        }
    }
    return kInputs<Cell> == Cell::gates && !kNormalises<Cell>;
}

// Whether a step's values depend on h of the step before other than through R.
template <class Cell>
inline constexpr bool kStepReadsH = kTrace<Cell>.trace.uses(kTrace<Cell>.trace.input(CellOperation::state, 0)) > 0;
