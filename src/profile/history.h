// What a device has watched, by content and by day: what is left of plays that are no longer kept,
// and, with those that are, what people ask for.
#pragma once

#include "profile/profile.h"

namespace lvp::profile {

/// Adds a play of the profile. Of contents those watched last are kept, of days the newest.
void add_to_history(History& history, const Profile& profile, const Play& play);

/// With the plays that are still kept.
History history_of(const Profile& profile);

}  // namespace lvp::profile
