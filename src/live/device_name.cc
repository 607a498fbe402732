#include "live/device_name.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace lvp::live {
namespace {

struct AgentRow {
  std::string_view mark;
  std::string_view name;
};

// The first mark that the user agent holds names it. Browsers claim to be their ancestors too, so
// the younger stand before the older.
constexpr std::array<AgentRow, 13> agents{{
    {"Roku", "Roku"},
    {"AppleTV", "Apple TV"},
    {"Tizen", "Tizen"},
    {"Web0S", "webOS"},
    {"Edg", "Edge"},
    {"FxiOS", "Firefox"},
    {"Firefox", "Firefox"},
    {"CriOS", "Chrome"},
    {"Chrome", "Chrome"},
    {"Safari", "Safari"},
    {"CFNetwork", "iOS"},
    {"iPhone", "iOS"},
    {"Android", "Android"},
}};

std::string_view agent_name(std::string_view useragent) {
  const auto row = std::ranges::find_if(
      agents, [&](const AgentRow& agent) { return useragent.contains(agent.mark); });
  return row == agents.end() ? std::string_view() : row->name;
}

std::string_view platform_name(std::string_view platform) {
  if (platform == "mob") return "mobile";
  if (platform == "tv") return "TV";
  return platform;
}

}  // namespace

std::string device_name(std::string_view platform, std::string_view useragent) {
  const std::string_view where = platform_name(platform);
  const std::string_view what = agent_name(useragent);
  if (where.empty() && what.empty()) return "unknown";
  if (where.empty() || what.empty()) return std::string(where.empty() ? what : where);
  return fmt::format("{} · {}", where, what);
}

}  // namespace lvp::live
