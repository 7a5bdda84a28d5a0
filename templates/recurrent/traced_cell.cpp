#include "templates/recurrent/traced_cell.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

// One operation on the values of its operands.
double compute(CellOperation operation, double a, double b, double c) {
    switch (operation) {
        case CellOperation::add:
            return a + b;
        case CellOperation::subtract:
            return a - b;
        case CellOperation::multiply:
            return a * b;
        case CellOperation::divide:
            return a / b;
        case CellOperation::negate:
            return -a;
        case CellOperation::maximum:
            return std::max(a, b);
        case CellOperation::minimum:
            return std::min(a, b);
        case CellOperation::exponential:
            return std::exp(a);
        case CellOperation::tanh:
            return std::tanh(a);
        case CellOperation::sigmoid:
            return sigmoid(a);
        case CellOperation::log_sigmoid:
            return log_sigmoid(a);
        case CellOperation::square_root:
            return std::sqrt(a);
        case CellOperation::equal:
            return a == b ? 1 : 0;
        case CellOperation::greater:
            return a > b ? 1 : 0;
        case CellOperation::select:
            return a != 0 ? b : c;
        default:
            return 0;  // inputs and constants are no operations
    }
}

double value_of(const CellEntry& entry, const CellInput& in, const double* state, const std::vector<double>& values,
                const Precision& precision) {
    auto operand = [&](std::int32_t index) { return index < 0 ? 0.0 : values[static_cast<std::size_t>(index)]; };
    switch (entry.operation) {
        case CellOperation::constant:
            return entry.value;
        case CellOperation::x:
            return in.x[entry.a];
        case CellOperation::r:
            return in.product[entry.a];
        case CellOperation::state:
            return state[entry.a];
        case CellOperation::parameter:
            return in.w[entry.a];
        default:
            return precision.store(compute(entry.operation, operand(entry.a), operand(entry.b), operand(entry.c)));
    }
}

std::vector<double> values_of(const CellLines& lines, const CellInput& in, const double* state,
                              const Precision& precision) {
    std::vector<double> values;
    values.reserve(lines.entries.size());
    for (const CellEntry& entry : lines.entries) {
        values.push_back(value_of(entry, in, state, values, precision));
    }
    return values;
}

CellStep step_of(const CellLines& lines) {
    return [lines](const CellInput& in, double* state, const Precision& precision) {
        const std::vector<double> values = values_of(lines, in, state, precision);
        for (std::size_t s = 0; s < lines.after.size(); ++s) {
            state[s] = values[static_cast<std::size_t>(lines.after[s])];
        }
    };
}

CellBetween between_of(const CellLines& lines) {
    if (lines.entries.empty()) {
        return {};
    }
    return [lines](const CellInput& in, const double* state, const Precision& precision) {
        return values_of(lines, in, state, precision)[static_cast<std::size_t>(lines.after[0])];
    };
}

bool is_special(const CellEntry& entry) {
    return entry.operation == CellOperation::divide ||
           (entry.operation >= CellOperation::exponential && entry.operation <= CellOperation::square_root);
}

std::int64_t special_functions(const CellLines& lines) {
    return std::count_if(lines.entries.begin(), lines.entries.end(), is_special);
}

std::vector<std::string> numbered(const std::string& prefix, std::size_t count) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i) {
        names.push_back(prefix + std::to_string(i));
    }
    return names;
}

}  // namespace

TracedCell read_traced_cell(std::span<const std::int32_t> words) {
    auto next = [&words] {
        if (words.empty()) {
            throw Error("reading the trace of a cell: it ends too early");
        }
        const std::int32_t word = words.front();
        words = words.subspan(1);
        return word;
    };
    auto count = [&next](std::int32_t least) {
        const std::int32_t word = next();
        if (word < least || word > 1024) {
            throw Error("reading the trace of a cell: " + std::to_string(word) + " is no number of anything there");
        }
        return static_cast<std::size_t>(word);
    };
    TracedCell cell;
    cell.gates = count(1);
    cell.states = count(1);
    cell.inputs = count(1);
    cell.parameters = count(0);
    cell.product = next() != 0;
    cell.sums_gates = next() != 0;
    cell.first_gates = count(1);
    cell.normalises = next() != 0;
    cell.normalises_between = next() != 0;
    cell.projects = next() != 0;
    auto lines = [&] {
        CellLines read;
        const std::size_t entries = count(1);
        auto entry_before = [&](std::size_t end) {
            const std::int32_t index = next();
            if (index >= static_cast<std::int32_t>(end)) {
                throw Error("reading the trace of a cell: entry " + std::to_string(index) + " comes too late");
            }
            return index;
        };
        for (std::size_t s = 0; s < cell.states; ++s) {
            read.after.push_back(entry_before(entries));
        }
        for (std::size_t i = 0; i < entries; ++i) {
            CellEntry entry{.operation = static_cast<CellOperation>(count(0))};
            entry.a = entry_before(std::max<std::size_t>(i, 1024));
            entry.b = entry_before(i);
            entry.c = entry_before(i);
            entry.value = std::bit_cast<float>(next());
            read.entries.push_back(entry);
        }
        return read;
    };
    cell.step = lines();
    if (cell.first_gates < cell.gates || cell.normalises_between) {
        cell.between = lines();
    }
    return cell;
}

Family traced_family(const std::string& name, const std::string& type, const std::string& header,
                     const TracedCell& cell) {
    std::vector<std::string> states = {"h"};
    for (std::size_t s = 1; s < cell.states; ++s) {
        states.push_back("s" + std::to_string(s));
    }
    Family family =
        recurrent_family({.name = name,
                          .summary = "a cell of the user's own, " + type,
                          .gates = numbered("g", cell.gates),
                          .states = states,
                          .parameters = numbered("w", cell.parameters),
                          .inputs = numbered("x", cell.inputs - cell.gates),
                          .sums_gates = cell.sums_gates,
                          .product = cell.product,
                          .cell_type = [type](const Workload&) { return type; },
                          .step = [step = step_of(cell.step)](const Workload&) { return step; },
                          .special_functions = special_functions(cell.step) + special_functions(cell.between),
                          .first_gates = cell.first_gates,
                          .between = between_of(cell.between),
                          .normalises = cell.normalises,
                          .normalises_between = cell.normalises_between,
                          .projects = cell.projects});
    family.entry = [entry = family.entry, header](const Workload& w) {
        Entry found = entry(w);
        found.header = header;
        return found;
    };
    return family;
}

}  // namespace warpsmith
