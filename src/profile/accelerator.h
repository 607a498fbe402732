// What the accelerator would have said: its four statuses, its messages, and its state machine.
//
// Two modes. `mapped` tells what our sessions do in the accelerator's words. `exact` is its own
// machine with all that is wrong with it, for migrations that compare message by message. Source:
// VideoStateMachine and VideoEventProcessor of kafka-live-viewer-profiles 0.1.0.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "profile/profile.h"
#include "wire/media_event.h"

namespace lvp::profile {

enum class Status : std::uint8_t { watching_video, paused_video, watching_ad, completed_video };

std::string_view name_of(Status status);  ///< "WATCHING_VIDEO"

/// The status that says the same as `state`; nothing for `left`, which the accelerator does not
/// know.
std::optional<Status> status_of(State state);

/// The accelerator's WebSocket message, its nine keys in its order. `adId` is a number where the
/// accelerator's int could hold it (0 without an ad), else a string. Numbers and the time are
/// spelled as its Java spells them.
std::string message(std::string_view viewer_id, const Cause& cause, Status status);

// ---- mapped ----

struct StatusChange {
  Status status = Status::watching_video;
  Cause cause;

  bool operator==(const StatusChange&) const = default;
};

/// What to publish when a session's timeline became `after` and what `before` amounts to was
/// published. States that lasted no time do not count. When the past itself changed, only what
/// follows the point where the two part is published, and the last message always tells the status
/// that holds now. An empty `before` is a session not seen so far.
std::vector<StatusChange> status_changes(std::span<const Transition> before,
                                         std::span<const Transition> after);

// ---- exact ----

/// What the machine remembers of one viewer id.
struct ExactViewer {
  std::optional<Status> status;  ///< last published; none for a viewer not seen so far

  bool operator==(const ExactViewer&) const = default;
};

/// Feeds the machine an event of the viewer `event.accelerator_viewer`, in order of arrival.
/// Returns the status to publish (with cause_of(event)), if it changed. Events that the accelerator
/// filters out, or drops because their adId is no int, do nothing.
std::optional<Status> exact(ExactViewer& viewer, const MediaEvent& event);

}  // namespace lvp::profile
