// The tables in which the profile stage keeps its state, and others look.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "profile/profile.h"
#include "store/store.h"

namespace lvp::stages {

struct Tables {
  std::unique_ptr<store::Table> devices;   ///< device → profile::encode(Device)
  std::unique_ptr<store::Table> viewers;   ///< viewer_key() → "": which devices a viewer used
  std::unique_ptr<store::Table> statuses;  ///< viewer id → last status, one byte (exact mode)
};

Result<Tables> open_tables(store::Store& store);

/// Key of the viewers table: the viewer, a zero byte, the device.
std::string viewer_key(std::string_view viewer, std::string_view device);

/// The profiles of all devices with a play of that viewer, or of the device with that key. Empty if
/// nobody has that id.
Result<std::vector<profile::Profile>> find_profiles(const Tables& tables, std::string_view id);

}  // namespace lvp::stages
