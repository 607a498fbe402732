// The tables of devices and viewers as `updates` tells them, for a process that serves profiles and
// folds none: they answer find_profiles() (tables.h) and hold nothing else.
#pragma once

#include "base/result.h"
#include "base/unit_of_work.h"
#include "profile/profile.h"
#include "stages/tables.h"

namespace lvp::stages {

/// Puts the profile in place of the one that is known of its device, unless that is as new. A
/// profile of which nothing is left takes its device along. A device must not come twice in a unit.
Status mirror(const Tables& tables, UnitOfWork& unit, const profile::Profile& profile);

}  // namespace lvp::stages
