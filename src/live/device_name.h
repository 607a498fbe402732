// What to call a device on a dashboard: "web · Chrome", "TV · Roku".
#pragma once

#include <string>
#include <string_view>

namespace lvp::live {

/// The platform of the tracker protocol ("web", "mob", "tv", …) and the browser or system that the
/// user agent names, as far as they are known; "unknown" if neither is.
std::string device_name(std::string_view platform, std::string_view useragent);

}  // namespace lvp::live
