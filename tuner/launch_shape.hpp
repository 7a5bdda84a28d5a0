// The launch of one configuration: a space's launch geometry with the configuration's values put in.
#pragma once

#include "device/device.hpp"
#include "templates/family.hpp"

namespace warpsmith {

// Throws Error when an extent is not positive or too large for a launch: a bug in the family.
LaunchShape launch_shape(const Space& space, const Solution& solution);

}  // namespace warpsmith
