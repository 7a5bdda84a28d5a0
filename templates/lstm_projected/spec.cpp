#include "templates/lstm/cell.hpp"

namespace warpsmith {

Family lstm_projected_family() {
    RecurrentCell cell = lstm_cell();
    cell.name = "lstm_projected";
    cell.summary = "long short-term memory, h projected to fewer values than there are units";
    cell.projects = true;
    return recurrent_family(cell);
}

}  // namespace warpsmith
