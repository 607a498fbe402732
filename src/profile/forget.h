// Forgetting a viewer: what a device knows of one of its viewers is gone, what it knows of others
// stays.
#pragma once

#include <cstddef>
#include <string_view>

#include "profile/device.h"

namespace lvp::profile {

struct Forgotten {
  std::size_t plays = 0;      ///< removed
  bool nothing_left = false;  ///< of the device: no play and no viewer
};

/// Removes the viewer's plays and every mention of its id, and all sums of the past, since those do
/// not say whose they are. The version goes up by one if there was anything.
Forgotten forget(Device& device, std::string_view viewer);

}  // namespace lvp::profile
