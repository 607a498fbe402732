// How long a session may be silent. The table, and why: docs/state-machine.md#patience.
#include <algorithm>
#include <cmath>

#include "profile/fold.h"

namespace lvp::profile {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration grace = seconds(15);  // transport, batching, pipeline
constexpr Duration background_max = minutes(2);
constexpr Duration pingless_max = hours(4);

// What a tracker says may be anything; nobody is waited for longer than this.
constexpr double ad_duration_s_max = 3600;

Duration three_pings(const Session& s) {
  return patience_with_pings(s.ping_interval);
}

// Nothing is heard of a player that never pings until something happens: at the latest the end.
Duration to_the_end(const Session& s) {
  if (!s.duration_s || s.livestream) return pingless_max;
  const double left_s = std::max(*s.duration_s - s.position_s.value_or(0), 0.0);
  const double rate = s.rate > 0 ? s.rate : 1;
  const double most_s = to_seconds(pingless_max);
  return std::min<Duration>(
      Duration(std::llround(std::min(left_s / rate, most_s) * 1000)) + minutes(1), pingless_max);
}

Duration patience_in(State state, const Session& s) {
  switch (state) {
    case State::playing:
    case State::seeking:
      return is_pingless(s) ? to_the_end(s) : three_pings(s);
    case State::buffering:
      return std::max<Duration>(three_pings(s), minutes(5));
    case State::playing_ad: {  // pings are silent in ads
      const bool known = s.ad && s.ad->duration_s;
      const double ad_s = known ? std::clamp(*s.ad->duration_s, 0.0, ad_duration_s_max) : 0;
      const Duration ad = known ? Duration(std::llround(ad_s * 2000)) + grace : minutes(3);
      return std::max(three_pings(s), ad);
    }
    case State::ended:
      return minutes(5);
    case State::paused:  // pings stop soon after a pause, so silence is normal
    case State::ad_paused:
    case State::ready:
    case State::failed:
    case State::left:
      return minutes(30);
  }
  return minutes(30);
}

}  // namespace

// Pings come every interval while content plays. Three of them may be missing: browsers slow the
// timers of hidden tabs to one a minute, and a ping may be lost.
Duration patience_with_pings(Duration ping_interval) {
  return 3 * ping_interval + grace;
}

bool is_pingless(const Session& session) {
  return session.pingless_app && !session.pinged;
}

bool is_hidden(const Session& session) {
  return session.background && session.media_type != "audio" &&
         !session.picture_in_picture.value_or(false);
}

Duration patience(const Session& session) {
  const Duration patience = patience_in(state_of(session), session);
  return is_hidden(session) ? std::min(patience, background_max) : patience;
}

}  // namespace lvp::profile
