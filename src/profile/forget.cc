#include "profile/forget.h"

#include <algorithm>

namespace lvp::profile {
namespace {

bool clear_if(std::string& text, std::string_view viewer) {
  if (text != viewer) return false;
  text.clear();
  return true;
}

bool clear_names(MediaEvent& event, std::string_view viewer) {
  bool any = clear_if(event.viewer, viewer);
  any |= clear_if(event.accelerator_viewer, viewer);
  return any;
}

}  // namespace

Forgotten forget(Device& device, std::string_view viewer) {
  Forgotten forgotten;
  Profile& profile = device.profile;
  bool any = std::erase_if(profile.viewers,
                           [&](const Identity& identity) { return identity.viewer == viewer; }) > 0;
  for (std::size_t i = profile.plays.size(); i-- > 0;) {
    Session& session = profile.plays[i].session;
    Window& window = device.windows[i];
    if (session.viewer == viewer) {
      const auto at = static_cast<std::ptrdiff_t>(i);
      profile.plays.erase(profile.plays.begin() + at);
      device.windows.erase(device.windows.begin() + at);
      ++forgotten.plays;
      continue;
    }
    for (Session* s : {&session, &window.checkpoint}) {
      any |= clear_if(s->viewer, viewer);
      any |= clear_if(s->viewer_before, viewer);
    }
    for (MediaEvent& event : window.events) any |= clear_names(event, viewer);
  }
  for (MediaEvent& event : device.lifecycle) any |= clear_names(event, viewer);
  any |= forgotten.plays > 0;
  if (any) {
    profile.history = {};
    ++profile.version;
  }
  forgotten.nothing_left = profile.plays.empty() && profile.viewers.empty();
  return forgotten;
}

}  // namespace lvp::profile
