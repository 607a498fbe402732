// A profile as JSON, for people and for the API. Read-only: the stored form is codec.h.
#pragma once

#include <string>

#include "base/time.h"
#include "profile/profile.h"

namespace lvp::profile {

/// One JSON object: the device and its plays, oldest first, each with its state, its player, both
/// kinds of figures, its ads and its timeline. Points in time are ISO texts of wall time; other
/// numbers have their unit in the name. `now` is wall time: the position shown is where the content
/// is by then. Grammar: docs/formats/profile.md.
std::string describe(const Profile& profile, Timestamp now);

/// One of its plays alone, as it stands in the other's list.
std::string describe(const Profile& profile, const Play& play, Timestamp now);

}  // namespace lvp::profile
