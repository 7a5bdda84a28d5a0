// The cell of lstm, for families that use it otherwise.
#pragma once

#include "templates/recurrent/cell.hpp"

namespace warpsmith {

RecurrentCell lstm_cell();

}  // namespace warpsmith
