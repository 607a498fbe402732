// How one media event moves one session: the heart of the program.
//
// Everything to the left of apply() exists to bring it events; everything to its right, to show
// what it returned. It is pure: no clock, no I/O, no globals, the same answer for the same
// arguments on every machine. So replaying a stream rebuilds the store, and an event that arrives
// late is put in its place by folding again from the last checkpoint (device.h).
//
// State is a function of flags, flags are a fold over events in order, and what an event says of
// the player repairs what lost events broke. Rules, with their reasons: docs/state-machine.md.
#pragma once

#include "base/time.h"
#include "profile/profile.h"
#include "wire/media_event.h"

namespace lvp::profile {

/// The state that the flags amount to; the first row of the table in fold.cc that matches. Never
/// `left`.
State state_of(const Session& session);

/// How long a session in its present state may be silent before it counts as left.
Duration patience(const Session& session);
/// The same, of one that plays in the foreground and pings.
Duration patience_with_pings(Duration ping_interval);

/// It plays, never pings, and neither do others of its kind: silence says little.
bool is_pingless(const Session& session);

/// The app shows the video to nobody: in the background, without sound or a picture in picture.
bool is_hidden(const Session& session);

/// The session after `event`, which must not come before the events already applied (order.h).
void apply(Session& session, const MediaEvent& event);

/// The session after a silence longer than its patience: what was open is closed as of the last
/// evidence, and the timeline ends with `left`.
Session left(Session session);

/// What an event that came too late for its place still adds: only what does not depend on order.
/// The tracker's figures rise to the event's, events of some kinds are counted, an end is a
/// completion if there was none, an ad gets the outcome that was missing, and what two such events
/// prove was seen counts as watched. The state stays.
void merge(Session& session, const MediaEvent& event);

/// Where the content is at device time `now`.
double position_at(const Session& session, Timestamp now);

}  // namespace lvp::profile
