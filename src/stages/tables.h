// The tables in which the profile stage keeps its state, and others look.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/unit_of_work.h"
#include "profile/profile.h"
#include "store/store.h"

namespace lvp::stages {

struct Tables {
  using Table = std::unique_ptr<store::Table>;
  // What devices are: profile/storage.h. A row is as new as the update that was published last, or
  // behind it by events that the journal has.
  Table devices;   ///< device → its row; also profile::encode(Device), as `lvp replay` writes it
  Table pieces;    ///< numbered_key(device, piece) → a piece of its log
  Table contexts;  ///< numbered_key(device, context) → a context of its log
  Table names;     ///< hashed_key(hash of a device's key, the key) → ""
  Table journal;   ///< number_key() → events since devices were stored: devices.h

  Table viewers;   ///< viewer_key() → "": which devices a viewer used
  Table statuses;  ///< viewer id → last status, one byte (exact mode)
  Table pingless;  ///< number_key(kind of player) → "": its players never ping (ping_habits.h)

  Table to_forget;  ///< viewer id → when that was asked for, number_key() of ms
  Table forgotten;  ///< the same, once it is done
};

Result<Tables> open_tables(store::Store& store);

/// Key of the viewers table: the viewer, a zero byte, the device.
std::string viewer_key(std::string_view viewer, std::string_view device);
/// The device, a zero byte, the number in 4 bytes, big-endian.
std::string numbered_key(std::string_view device, std::uint32_t number);
/// In 8 bytes, big-endian.
std::string number_key(std::uint64_t number);
std::uint64_t number_of(std::string_view key);
std::string hashed_key(std::uint64_t hash, std::string_view device);

/// The hash by which devices are found.
std::uint64_t hash_of(std::string_view device);

/// The profiles of all devices with a play of that viewer, or of the device with that key. Empty if
/// nobody has that id.
Result<std::vector<profile::Profile>> find_profiles(const Tables& tables, std::string_view id);

/// Asks the profile stage to forget the viewer (docs/operating.md#forgetting). What the viewer does
/// after `now` is new.
Status ask_to_forget(const Tables& tables, UnitOfWork& unit, std::string_view viewer,
                     Timestamp now);

enum class Forgetting { never_asked, waiting, done };
Result<Forgetting> forgetting(const Tables& tables, std::string_view viewer);

}  // namespace lvp::stages
