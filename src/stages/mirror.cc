#include "stages/mirror.h"

#include <algorithm>
#include <string>
#include <utility>

#include "profile/storage.h"

namespace lvp::stages {
namespace {

bool has_viewer(const profile::Profile& profile, std::string_view viewer) {
  return std::ranges::find(profile.viewers, viewer, &profile::Identity::viewer) !=
         profile.viewers.end();
}

}  // namespace

Status mirror(const Tables& tables, UnitOfWork& unit, const profile::Profile& profile) {
  LVP_TRY(const auto stored, tables.devices->get(profile.device));
  profile::Profile before;
  if (stored) {
    if (profile::version_of(*stored) >= profile.version) return {};
    LVP_TRY(before, profile::stored_profile(*stored));
  }
  for (const profile::Identity& gone : before.viewers) {
    if (!has_viewer(profile, gone.viewer))
      LVP_DO(tables.viewers->erase(unit, viewer_key(gone.viewer, profile.device)));
  }
  for (const profile::Identity& identity : profile.viewers) {
    if (!has_viewer(before, identity.viewer))
      LVP_DO(tables.viewers->put(unit, viewer_key(identity.viewer, profile.device), ""));
  }
  if (profile.plays.empty() && profile.viewers.empty())
    return tables.devices->erase(unit, profile.device);

  profile::Row row;
  row.head.profile = profile;
  profile::Writer out;
  profile::write_row(out, row);
  return tables.devices->put(unit, profile.device, std::string(out.bytes()));
}

}  // namespace lvp::stages
