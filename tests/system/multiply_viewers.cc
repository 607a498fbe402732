// Makes many viewers of few, in the folder of a program that has stopped: each device is copied
// under other names until there are as many as wanted. So an audience of a million is there in a
// minute, and what it costs to hold can be measured (many_viewers.py).
//
//   multiply_viewers FOLDER DEVICES

#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/uuid.h"
#include "profile/codec.h"
#include "rocks/db.h"
#include "stages/tables.h"
#include "store/rocks.h"

namespace lvp {
namespace {

constexpr std::size_t devices_at_once = 1000;

// As long as the name it is made of: a UUID stays one.
std::string renamed(std::string_view name, std::uint32_t copy) {
  auto bytes = parse_uuid(name);
  if (!bytes) return fmt::format("{}-{}", name, copy);
  for (unsigned i = 0; i < 4; ++i) (*bytes)[i] ^= static_cast<std::uint8_t>(copy >> 8 * i);
  return uuid_text(*bytes);
}

profile::Device renamed(profile::Device device, std::uint32_t copy) {
  device.profile.device = renamed(device.profile.device, copy);
  for (profile::Play& play : device.profile.plays)
    play.session.viewer = renamed(play.session.viewer, copy);
  return device;
}

Status write(rocks::Db& db, stages::Tables& tables, const std::vector<profile::Device>& devices) {
  const auto unit = db.unit();
  for (const profile::Device& device : devices) {
    const std::string& key = device.profile.device;
    LVP_DO(tables.devices->put(*unit, key, profile::encode(device)));
    for (const profile::Play& play : device.profile.plays)
      LVP_DO(tables.viewers->put(*unit, stages::viewer_key(play.session.viewer, key), ""));
  }
  return unit->commit();
}

Status multiply(const std::string& folder, std::size_t wanted) {
  LVP_TRY(const auto db, rocks::Db::open(folder));
  const auto store = store::make_rocks_store(*db);
  LVP_TRY(stages::Tables tables, stages::open_tables(*store));
  std::vector<profile::Device> originals;
  LVP_DO(tables.devices->scan("", [&](std::string_view, std::string_view value) -> Status {
    LVP_TRY(originals.emplace_back(), profile::decode_device(value));
    return {};
  }));
  if (originals.empty()) return invalid(folder + ": holds no device");
  std::vector<profile::Device> copies;
  for (std::size_t n = originals.size(); n < wanted; ++n) {
    copies.push_back(
        renamed(originals[n % originals.size()], static_cast<std::uint32_t>(n / originals.size())));
    if (copies.size() < devices_at_once && n + 1 < wanted) continue;
    LVP_DO(write(*db, tables, copies));
    copies.clear();
  }
  return {};
}

}  // namespace
}  // namespace lvp

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const auto done = lvp::multiply(arguments[1], std::strtoul(arguments[2], nullptr, 10));
  if (!done) fmt::print(stderr, "{}\n", done.error().what);
  return done ? 0 : 1;
}
