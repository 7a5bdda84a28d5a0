// What the lines of a cell do, one after another: for the compiler, which traces them, and for the host, which reads
// the trace.
#pragma once

enum class CellOperation {
    constant,
    x,
    r,
    state,
    parameter,
    add,
    subtract,
    multiply,
    divide,
    negate,
    maximum,
    minimum,
    exponential,
    tanh,
    sigmoid,
    log_sigmoid,
    square_root,
    equal,
    greater,
    select
};
