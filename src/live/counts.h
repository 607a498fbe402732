// How many viewers there are, and what they do.
#pragma once

#include <array>
#include <cstdint>

#include "profile/profile.h"

namespace lvp::live {

struct Counts {
  std::uint64_t viewers = 0;   ///< with an open play
  std::uint64_t watching = 0;  ///< concurrent viewers: with a play that counts as watching
  std::uint64_t streams = 0;   ///< concurrent streams: plays that count as watching
  /// Viewers by the state of their primary play; `left` is always 0.
  std::array<std::uint64_t, profile::state_count> states{};

  std::uint64_t& in(profile::State state) { return states[static_cast<std::size_t>(state)]; }
  std::uint64_t in(profile::State state) const { return states[static_cast<std::size_t>(state)]; }

  bool operator==(const Counts&) const = default;
};

}  // namespace lvp::live
