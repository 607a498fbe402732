// What the sink writes, as values: the accelerator's events, and the profiles of viewers by device.
// Which attributes, and what they mean: docs/sink.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "profile/profile.h"
#include "store/external_table.h"

namespace lvp::stages {

/// The accelerator's table: viewer_id, collector_tstamp; adId, adsClicked, adsSkipped, video_ts,
/// status.
store::TableShape events_shape(std::string name);
/// One item for each viewer on each device, and one for each device that says which those are.
store::TableShape profiles_shape(std::string name);

/// The item that the accelerator makes of its own message (profile::message()). Error::invalid if
/// it is none.
Result<store::Item> event_item(std::string_view message);

/// The viewers that the device's plays carry, in order, each once.
std::vector<std::string> viewers_of(const profile::Profile& profile);
/// What the device says of one of them.
store::Item profile_item(const profile::Profile& profile, const std::string& viewer);

/// Of the item that says which viewers a device has items of. Its partition key is no viewer's.
store::ItemKey device_key(std::string_view device);
/// It is written up to twice for a version of the profile: before viewers are added, and after some
/// are gone.
constexpr std::uint64_t claimed(std::uint64_t version) {
  return 2 * version;
}
constexpr std::uint64_t released(std::uint64_t version) {
  return 2 * version + 1;
}
/// `version`: one of the two.
store::Item device_item(std::string_view device, std::uint64_t version,
                        const std::vector<std::string>& viewers);
struct DeviceItem {
  std::uint64_t version = 0;  ///< of the profile
  std::vector<std::string> viewers;
};
/// Error::corrupt if somebody else wrote it.
Result<DeviceItem> read_device_item(const store::Item& item);

/// For the dead-letter stream.
std::string item_text(const store::Item& item);

}  // namespace lvp::stages
