// Plays and devices made up for the tests of this room.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "profile/device.h"
#include "profile/profile.h"
#include "wire/media_event.h"

namespace lvp::live::made_up {

inline Timestamp at(double second) {
  return from_ms(1'700'000'000'000 + static_cast<std::int64_t>(second * 1000));
}

/// A session whose flags amount to `state`, which it entered at `since`.
inline profile::Session session(profile::State state, Timestamp since) {
  using enum profile::State;
  profile::Session made;
  made.any = true;
  made.first = made.last = since;
  made.started = state != ready;
  made.paused = state == paused || state == ready;
  made.buffering = state == buffering;
  made.seeking = state == seeking;
  made.ended = state == ended;
  made.failed = state == failed;
  if (state == playing_ad || state == ad_paused) {
    made.ad = profile::AdView{};
    made.ad->paused = state == ad_paused;
  }
  made.timeline = {{state, since, {}}};
  return made;
}

inline profile::Play play(std::string id, std::string viewer, profile::State state,
                          Timestamp since) {
  profile::Play made;
  made.id = std::move(id);
  made.left = state == profile::State::left;
  made.session = session(state, since);
  made.session.viewer = std::move(viewer);
  return made;
}

inline profile::Profile profile(std::string device, std::uint64_t version,
                                std::vector<profile::Play> plays) {
  profile::Profile made;
  made.device = std::move(device);
  made.version = version;
  made.plays = std::move(plays);
  return made;
}

/// One event of a scenario.
struct Happening {
  std::string device;
  std::string viewer;
  std::string play;
  double second = 0;
  MediaKind kind = MediaKind::ping;
  double position = 0;
  bool paused = false;
};

inline MediaEvent event(const Happening& happening) {
  MediaEvent made;
  made.event_id =
      happening.device + "-" + happening.play + "-" + std::to_string(to_ms(at(happening.second)));
  made.kind = happening.kind;
  made.collected = at(happening.second);
  made.created = made.sent = made.collected;
  made.device_key = happening.device;
  made.viewer = happening.viewer;
  made.platform = "web";
  made.session = MediaSession{};
  made.session->id = happening.play;
  made.player = Player{};
  made.player->position = happening.position;
  made.player->paused = happening.paused;
  made.player->duration = 600;
  made.video_ts = happening.position;
  return made;
}

}  // namespace lvp::live::made_up
