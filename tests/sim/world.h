// The whole pipeline in one thread: collector, enricher, bridge, profile engine and board on
// streams in memory, under a clock that is moved and with faults that are drawn from one seed.
//
// The same seed is the same world, event for event, so whatever goes wrong goes wrong again. The
// audience is that of `lvp simulate`, which knows what is true; the world compares it with what the
// board says whenever the pipeline has read all there is, and with what the profiles say at the
// end.
//
//   fault                what it is here
//   a commit fails       the unit's atomic part is refused: a full disk, a failed sync
//   published, not       outputs are in the streams before the commit fails, as with a broker that
//   committed            is not the store: they come a second time
//   a stage stands still it is not called for a while, or its commits fail for a while
//   a crash              every stage is gone, with all that it had in memory; a new one starts
//   an answer is lost    the tracker cannot know whether its events were taken, and sends them
//   again the network          requests overtake each other, come twice, come late; viewers just
//   vanish
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace lvp::tests {

struct Outcome {
  std::optional<std::string> broken;  ///< the first promise that did not hold, and where
  std::uint64_t events = 0;           ///< that viewers made
  std::uint64_t crashes = 0;
  std::uint64_t failed_commits = 0;
  std::uint64_t comparisons = 0;  ///< of a viewer's state
};

/// Runs the world of that seed to its end. Same seed, same outcome.
Outcome run_world(std::uint64_t seed);

}  // namespace lvp::tests
