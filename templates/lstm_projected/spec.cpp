#include "templates/lstm/cell.hpp"

namespace warpsmith {

Family lstm_projected_family() {
    RecurrentCell cell = lstm_cell();
    cell.name = "lstm_projected";
    cell.summary = "long short-term memory, h projected to fewer values than there are units";
    cell.projects = true;
    cell.cell_type = [of_units = cell.cell_type](const Workload& w) { return "WithProjection<" + of_units(w) + ">"; };
    return recurrent_family(cell);
}

}  // namespace warpsmith
