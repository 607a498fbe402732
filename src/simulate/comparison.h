// What the API says of a device (docs/formats/profile.md) beside what is true of it, and of
// streams. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "simulate/event.h"
#include "simulate/truth.h"
#include "wire/json.h"

namespace lvp::simulate {

struct Expected {
  Truth::Answer answer;
  Tally tally;         ///< of all plays
  Figures figures;     ///< of the tracker, in the newest play
  std::string viewer;  ///< whom the plays count for
  std::string newest_play;
};

struct Difference {
  std::uint64_t lost = 0;     ///< events that were not counted
  std::uint64_t doubled = 0;  ///< that were counted more than once
  bool wrong_state = false;   ///< or wrong viewer
  std::string words;          ///< what was found, and what should have been; empty if all is well

  bool any() const { return !words.empty(); }
};

/// `found` is the answer of /api/v1/viewers/{device}; an absent value if there was no such device.
Difference compare(const json::Value& found, const Expected& expected);

/// Records that were ever written to a stream, by /api/v1/streams (docs/api.md): those that it
/// holds and those that it has let go. Where that is not exactly known there may be fewer.
struct Written {
  std::uint64_t records = 0;
  bool exact = true;
};
Written written_to(const json::Value& stream);

}  // namespace lvp::simulate
