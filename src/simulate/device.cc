#include "simulate/device.h"

#include <array>

namespace lvp::simulate {
namespace {

using std::chrono::milliseconds;

constexpr std::array<DeviceKind, 5> kinds{{
    {.name = "Chrome",
     .share = 0.40,
     .family = Family::web,
     .platform = "web",
     .tracker = "js-4.6.6",
     .user_agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like "
                   "Gecko) Chrome/131.0.0.0 Safari/537.36",
     .player_type = {},
     .base64 = false,
     .newest_first = false,
     .gathers = milliseconds(10),
     .os = {},
     .os_version = {},
     .manufacturer = {},
     .model = {}},
    {.name = "Safari",
     .share = 0.20,
     .family = Family::web,
     .platform = "web",
     .tracker = "js-3.24.6",
     .user_agent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, "
                   "like Gecko) Version/18.1 Safari/605.1.15",
     .player_type = {},
     .base64 = true,
     .newest_first = false,
     .gathers = milliseconds(10),
     .os = {},
     .os_version = {},
     .manufacturer = {},
     .model = {}},
    {.name = "Android",
     .share = 0.18,
     .family = Family::mobile,
     .platform = "mob",
     .tracker = "andr-6.0.2",
     .user_agent = "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/AP2A.240805.005; wv) "
                   "AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/127.0.0.0 Mobile "
                   "Safari/537.36",
     .player_type = {},
     .base64 = true,
     .newest_first = true,
     .gathers = milliseconds(150),
     .os = "android",
     .os_version = "14",
     .manufacturer = "Google",
     .model = "Pixel 8"},
    {.name = "iOS",
     .share = 0.14,
     .family = Family::mobile,
     .platform = "mob",
     .tracker = "ios-6.0.8",
     .user_agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 "
                   "(KHTML, like Gecko) Mobile/15E148",
     .player_type = {},
     .base64 = true,
     .newest_first = false,
     .gathers = milliseconds(150),
     .os = "ios",
     .os_version = "17.6",
     .manufacturer = "Apple Inc.",
     .model = "iPhone15,2"},
    {.name = "Roku",
     .share = 0.08,
     .family = Family::tv,
     .platform = "tv",
     .tracker = "roku-0.3.2",
     .user_agent = "Roku/DVP-12.5 (12.5.5.4174-88)",
     .player_type = "com.roku-video",
     .base64 = true,
     .newest_first = false,
     .gathers = milliseconds(0),
     .os = {},
     .os_version = {},
     .manufacturer = {},
     .model = {}},
}};

}  // namespace

std::span<const DeviceKind> device_kinds() {
  return kinds;
}

const DeviceKind& choose_device(Random& random) {
  double chance = random.unit();
  for (const DeviceKind& kind : kinds) {
    if (chance < kind.share) return kind;
    chance -= kind.share;
  }
  return kinds.front();
}

}  // namespace lvp::simulate
