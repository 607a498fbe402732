#include "stages/tables.h"

#include <algorithm>

#include "profile/codec.h"

namespace lvp::stages {
namespace {

Status add_profile(const Tables& tables, std::string_view device,
                   std::vector<profile::Profile>& profiles) {
  LVP_TRY(const auto stored, tables.devices->get(device));
  if (!stored) return {};
  LVP_TRY(profile::Device found, profile::decode_device(*stored));
  profiles.push_back(std::move(found.profile));
  return {};
}

}  // namespace

Result<Tables> open_tables(store::Store& store) {
  Tables tables;
  LVP_TRY(tables.devices, store.table("devices"));
  LVP_TRY(tables.viewers, store.table("viewers"));
  LVP_TRY(tables.statuses, store.table("statuses"));
  return tables;
}

std::string viewer_key(std::string_view viewer, std::string_view device) {
  std::string key(viewer);
  key += '\0';
  key += device;
  return key;
}

Result<std::vector<profile::Profile>> find_profiles(const Tables& tables, std::string_view id) {
  std::vector<std::string> devices;
  const std::string prefix = viewer_key(id, "");
  LVP_DO(tables.viewers->scan(prefix, [&](std::string_view key, std::string_view) -> Status {
    devices.emplace_back(key.substr(prefix.size()));
    return {};
  }));
  if (std::ranges::find(devices, id) == devices.end()) devices.emplace_back(id);
  std::vector<profile::Profile> profiles;
  for (const std::string& device : devices) LVP_DO(add_profile(tables, device, profiles));
  return profiles;
}

}  // namespace lvp::stages
