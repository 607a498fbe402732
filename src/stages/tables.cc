#include "stages/tables.h"

#include <algorithm>
#include <utility>

#include "profile/hash.h"
#include "profile/storage.h"

namespace lvp::stages {
namespace {

Status add_profile(const Tables& tables, std::string_view device,
                   std::vector<profile::Profile>& profiles) {
  LVP_TRY(const auto stored, tables.devices->get(device));
  if (!stored) return {};
  LVP_TRY(profile::Profile found, profile::stored_profile(*stored));
  profiles.push_back(std::move(found));
  return {};
}

void put_big_endian(std::string& key, std::uint64_t number, int bytes) {
  for (int i = bytes; i-- > 0;) key += static_cast<char>(number >> (8 * i));
}

}  // namespace

Result<Tables> open_tables(store::Store& store) {
  Tables tables;
  for (const auto& [name, table] : {std::pair{"devices", &tables.devices},
                                    {"pieces", &tables.pieces},
                                    {"contexts", &tables.contexts},
                                    {"names", &tables.names},
                                    {"journal", &tables.journal},
                                    {"viewers", &tables.viewers},
                                    {"statuses", &tables.statuses},
                                    {"pingless", &tables.pingless},
                                    {"to_forget", &tables.to_forget},
                                    {"forgotten", &tables.forgotten}}) {
    LVP_TRY(*table, store.table(name));
  }
  return tables;
}

std::string viewer_key(std::string_view viewer, std::string_view device) {
  std::string key(viewer);
  key += '\0';
  key += device;
  return key;
}

std::string numbered_key(std::string_view device, std::uint32_t number) {
  std::string key(device);
  key += '\0';
  put_big_endian(key, number, 4);
  return key;
}

std::string number_key(std::uint64_t number) {
  std::string key;
  put_big_endian(key, number, 8);
  return key;
}

std::uint64_t number_of(std::string_view key) {
  std::uint64_t number = 0;
  for (const char byte : key.substr(0, 8)) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

std::string hashed_key(std::uint64_t hash, std::string_view device) {
  return number_key(hash).append(device);
}

std::uint64_t hash_of(std::string_view device) {
  profile::Hash hash;
  hash.add(device);
  return hash.value();
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

Status ask_to_forget(const Tables& tables, UnitOfWork& unit, std::string_view viewer,
                     Timestamp now) {
  if (viewer.empty()) return invalid("forget: an empty viewer id");
  return tables.to_forget->put(unit, viewer, number_key(static_cast<std::uint64_t>(to_ms(now))));
}

Result<Forgetting> forgetting(const Tables& tables, std::string_view viewer) {
  LVP_TRY(const auto waiting, tables.to_forget->get(viewer));
  if (waiting) return Forgetting::waiting;
  LVP_TRY(const auto done, tables.forgotten->get(viewer));
  return done ? Forgetting::done : Forgetting::never_asked;
}

}  // namespace lvp::stages
