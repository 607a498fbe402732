// Events of one device in few bytes: what a window keeps until an event comes late.
//
//   log      := entry*
//   entry    := size body                      size of the body: varint
//   body     := 0 context | n event            n: varint, the number of the event's context, from 1
//   context  := MediaEvent                     what it shares with others; the rest is default
//   event    := the rest (event_log.cc), and by how much stream time was ahead of its collection
//
// A context is written once, before its first event, and counts through all the pieces of a
// device's log. Numbers are spelled as codec.h says. A reader skips what follows the fields of an
// entry that it knows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "profile/archive.h"
#include "wire/media_event.h"

namespace lvp::profile {

/// A hash of what the event shares with others. Two contexts of one device have the same with a
/// probability of 2^-64.
std::uint64_t context_of(const MediaEvent& event);

/// Appends the event, which arrived at stream time `now`. `contexts` holds the hashes of those that
/// the log has so far.
void append(Writer& log, std::vector<std::uint64_t>& contexts, const MediaEvent& event,
            Timestamp now);

struct LoggedEvent {
  MediaEvent event;
  Timestamp now;
};

/// Reads the pieces of a log, in order.
class LogReader {
 public:
  /// The next piece. Error::corrupt if it is none.
  Status read(std::string_view piece, std::vector<LoggedEvent>& events);

 private:
  std::vector<MediaEvent> contexts_;
};

}  // namespace lvp::profile
