// Events of one device in few bytes: what a window keeps until an event comes late.
//
//   log      := entry*
//   entry    := size body                      size of the body: varint
//   body     := n event                        n: varint, the number of the event's context
//   event    := what differs (event_log.cc), and by how much stream time was ahead of its
//   collection context  := MediaEvent                     what events share; the rest is default
//
// The contexts of a device are numbered from 0 and kept apart from its log, since they change
// seldom. Numbers and texts are spelled as codec.h says. A reader skips what follows the fields of
// an entry that it knows.
#pragma once

#include <cstdint>
#include <span>
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

/// What the event shares with others, as it is stored.
std::string encode_context(const MediaEvent& event);
/// Error::corrupt if it is none.
Result<MediaEvent> decode_context(std::string_view bytes);

/// Appends the event, which arrived at stream time `now`. `contexts` holds the hashes of the
/// device's contexts; true if the event's was not among them and is the last one now.
bool append(Writer& log, std::vector<std::uint64_t>& contexts, const MediaEvent& event,
            Timestamp now);

/// The same for an event whose context is known by its number.
void append_known(Writer& log, std::uint64_t context, const MediaEvent& event, Timestamp now);

struct LoggedEvent {
  MediaEvent event;
  Timestamp now;
};

/// Appends the events of a log to `events`. Error::corrupt if it is none.
Status read_log(std::string_view log, std::span<const MediaEvent> contexts,
                std::vector<LoggedEvent>& events);

}  // namespace lvp::profile
