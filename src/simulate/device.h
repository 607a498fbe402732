// The kinds of devices that viewers watch on, and how the tracker of each behaves: what it calls
// itself, how it writes its payloads, what it reports by itself. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/time.h"
#include "simulate/random.h"

namespace lvp::simulate {

enum class Family : std::uint8_t {
  web,     ///< JavaScript tracker, HTML5 player
  mobile,  ///< iOS and Android trackers
  tv,      ///< Roku tracker
};

struct DeviceKind {
  std::string_view name;  ///< for people: "Android"
  double share;           ///< of all viewers
  Family family;
  std::string_view platform;  ///< `p`
  std::string_view tracker;   ///< `tv`
  std::string_view user_agent;
  std::string_view player_type;  ///< of the media_player entity; HTML5 sets none
  bool base64;                   ///< ue_px and cx instead of ue_pr and co
  bool newest_first;             ///< order of the events in a request
  Duration gathers;              ///< events made within this go into one request
  std::string_view os;           ///< of mobile_context
  std::string_view os_version;
  std::string_view manufacturer;
  std::string_view model;
};

std::span<const DeviceKind> device_kinds();

/// One of them, as often as its share says.
const DeviceKind& choose_device(Random& random);

}  // namespace lvp::simulate
