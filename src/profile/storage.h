// How a device lies in memory and on the disk: a row, and the pieces of a log.
//
//   row    := 3 deadline journal first next size profile rest
//             deadline: when a play of it counts as left, ms, 8 bytes; the largest number if none
//             journal: up to where the row includes the stage's journal, 8 bytes
//             first, next: the numbers of its pieces, [first, next), 4 bytes each
//             profile: the record of codec.h, as `updates` carries it; its size is a varint
//             rest: of the head, and the hashes of the log's contexts
//   piece  := the first: size base log           else: log
//             base: the windows as of their checkpoints, the ids that were seen; log: event_log.h
//   and the contexts of the log, each by itself
//
// The row is in memory, too, in just these bytes. What stands in front is read without decoding it:
// so a million deadlines are found in a second, and an update is a part of the row.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "profile/archive.h"
#include "profile/device.h"
#include "profile/head.h"

namespace lvp::profile {

struct Row {
  Head head;
  std::uint64_t journal = 0;
  std::vector<std::uint64_t> contexts;  ///< of the log (event_log.h)
  std::uint32_t first_piece = 0;        ///< the numbers of the pieces: [first_piece, next_piece)
  std::uint32_t next_piece = 0;

  bool operator==(const Row&) const = default;
};

/// Replaces what `out` holds.
void write_row(Writer& out, const Row& row);
/// Error::corrupt if the bytes are no row.
Result<Row> read_row(std::string_view bytes);
/// In place of what `row` holds, in the same memory as far as it goes.
lvp::Status read_row(std::string_view bytes, Row& row);

// Where what stands in front begins.
inline constexpr std::size_t number_bytes = 8;
inline constexpr std::size_t piece_bytes = 4;  ///< of a piece's number
inline constexpr std::size_t deadline_at = 1;
inline constexpr std::size_t journal_at = deadline_at + number_bytes;
inline constexpr std::size_t pieces_at = journal_at + number_bytes;
inline constexpr std::size_t front_bytes = pieces_at + 2 * piece_bytes;

// Of a row that was written by write_row(), without decoding it.
bool is_row(std::string_view bytes);
std::optional<Timestamp> deadline_of(std::string_view row);
std::uint64_t journal_of(std::string_view row);
std::uint32_t first_piece_of(std::string_view row);
std::uint32_t next_piece_of(std::string_view row);
std::string_view profile_of(std::string_view row);
std::string device_of(std::string_view row);
bool is_of(std::string_view row, std::string_view device);
std::uint64_t version_of(std::string_view row);

/// Puts other numbers in the front of a row.
void number_row(std::string& row, std::uint64_t journal, std::uint32_t first_piece,
                std::uint32_t next_piece);

/// The profile in a row, or in a device's record (codec.h): what the table of devices may hold.
Result<Profile> stored_profile(std::string_view bytes);
/// In place of what `profile` holds, in the same memory as far as it goes.
lvp::Status stored_profile(std::string_view bytes, Profile& profile);

/// The base of a device that has nothing yet: its log may follow at once.
inline constexpr std::string_view no_base{"\3\0\0\0", 4};

/// The log of a device, begun anew.
struct FreshLog {
  std::string piece;                  ///< the first
  std::vector<std::string> contexts;  ///< all of them
};
/// Sets the contexts of the row.
FreshLog fresh_log(const Device& device, Row& row);

/// Puts the device together again. `pieces` are those of its log, oldest first, and what was not
/// stored yet. The events since the first piece are folded away as apply() does.
Result<Device> join(const Head& head, std::span<const MediaEvent> contexts,
                    std::span<const std::string_view> pieces, const Limits& limits = {});

/// Lets the head follow the events of a log that it does not have yet. False, and the head is of no
/// use any more, if one does not follow: limits were others when it did.
Result<bool> catch_up(Head& head, std::string_view log, std::span<const MediaEvent> contexts,
                      const Limits& limits, const PingHabits& habits);

}  // namespace lvp::profile
