#include "simulate/script.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"

namespace lvp::simulate {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration never = Duration::max();

// What viewers are like.
constexpr double preroll_chance = 0.3;
constexpr double skip_chance = 0.2;
constexpr double click_chance = 0.05;
constexpr double next_play_chance = 0.7;
constexpr std::uint32_t plays_max = 30;       // a device's profile keeps 32
constexpr double starts_inside_chance = 0.5;  // went on where they had stopped on another day
constexpr std::array ad_lengths_s{6, 10, 15, 20, 30};
constexpr Duration shortest_activity = milliseconds(1500);

// A jump that nobody can take for playing on (docs/state-machine.md: within 2 s + 5 % of what was
// played since the event before).
double shortest_jump_s(double played_on_s) {
  return std::max(15.0, 3 + 0.05 * played_on_s);
}
constexpr double left_after_jump_s = 20;

// Rules of docs/state-machine.md#patience.
constexpr Duration buffering_patience = minutes(5);
constexpr Duration unknown_ad_patience = minutes(3);
constexpr Duration ended_patience = minutes(5);
constexpr Duration paused_patience = minutes(30);

// Pings that a tracker sends while the player is paused.
constexpr int paused_pings_max = 1;

Duration choose_clock_error(Random& random) {
  const double kind = random.unit();
  if (kind < 0.70) return random.between(Duration(-1000), Duration(1000));
  if (kind < 0.90) return random.between(Duration(minutes(-10)), Duration(minutes(10)));
  return random.between(Duration(hours(-20)), Duration(hours(20)));
}

// Between events that a player makes at once.
Duration at_once(Random& random) {
  return Duration(static_cast<std::int64_t>(random.below(4)));
}

double whole_ms(double s) {
  return std::round(s * 1000) / 1000;
}

}  // namespace

Script::Script(const Plan& plan, const Catalogue& catalogue, std::uint32_t viewer)
    : plan_(&plan),
      catalogue_(&catalogue),
      random_(mixed(plan.seed, viewer, 1)),
      device_(&choose_device(random_)),
      clock_error_(choose_clock_error(random_)) {
  const Duration arrives = arrival_of(plan, viewer);
  const Duration dies = random_.between(arrives + seconds(1), plan.duration);
  dies_at_ = random_.chance(plan.deaths) ? std::min(dies, plan.duration) : plan.duration;
  const Duration logs_in = random_.between(arrives, plan.duration);
  logs_in_at_ = random_.chance(plan.logins) ? logs_in : never;
  begin_play(arrives);
}

std::optional<Duration> Script::next() const {
  const Duration at = std::min(next_at_, ping_at_);
  return at < dies_at_ ? std::optional(at) : std::nullopt;
}

Event Script::take() {
  LVP_CHECK(next());
  const Duration at = *next();
  move_content(at);
  // A login belongs to the first play and comes while it runs: what is over stays whose it was.
  if (at >= logs_in_at_ && plays_ == 0 && !ended_) logged_in_ = true;
  Event event;
  if (next_at_ <= ping_at_) {
    act(at, event);
  } else {
    ping(event);
  }
  note_figures(event.kind, at);
  describe(event, at);
  look_ahead();
  return event;
}

// ---- Plays ----

void Script::begin_play(Duration at) {
  play_began_ = figures_at_ = position_at_ = at;
  ping_at_ = at + plan_->ping;
  paused_pings_ = 0;
  content_ = &catalogue_->choose(random_);
  position_s_ = 0;
  if (content_->live()) {
    position_s_ = whole_ms(random_.between(1000, 5000));
  } else if (random_.chance(starts_inside_chance)) {
    position_s_ = whole_ms(random_.between(0, 0.95 * content_->duration_s));
  }
  moving_ = ended_ = shown_ = false;
  paused_ = was_paused_ = true;
  ad_break_ = {};
  ad_ = {};
  figures_ = {};
  ad_clock_.reset();
  state_ = State::ready;
  told_state_ = State::left;

  if (device_->family == Family::mobile) {  // these trackers do not say ready by themselves
    const bool preroll = random_.chance(preroll_chance);
    then(preroll ? Act::break_start : Act::play,
         at + random_.between(milliseconds(50), milliseconds(1500)));
  } else {
    then(Act::ready, at);
  }
}

void Script::then(Act act, Duration at) {
  next_ = act;
  next_at_ = at;
}

void Script::plan_activity(Duration at) {
  const Duration pause = shortest_activity + random_.waiting(plan_->activity);
  const Duration left(content_->live() ? never.count() : std::llround(length_left_s() * 1000));
  if (pause < left) return then(choose_activity(), at + pause);
  then(device_->family == Family::web ? Act::pause_at_end : Act::end,
       at + std::max(left, Duration(1)));
}

Script::Act Script::choose_activity() {
  const double chance = random_.unit();
  if (chance < 0.35) return Act::pause;
  if (chance < 0.55) {
    // What is live is watched as it comes, and short things are not jumped in.
    if (content_->live() || content_->duration_s < 120) return Act::pause;
    return device_->family == Family::web ? Act::seek : Act::seek_start;
  }
  // A Roku says "paused" of a stall: nobody could tell that the content had moved before.
  if (chance < 0.75 && (device_->family != Family::tv || shown_)) return Act::buffer_start;
  return Act::break_start;
}

double Script::length_left_s() const {
  return content_->duration_s - position_s_;
}

// ---- What is done ----

void Script::act(Duration at, Event& event) {
  switch (next_) {
    case Act::ready:
      event.kind = MediaKind::ready;
      state_ = State::ready;
      return then(random_.chance(preroll_chance) ? Act::break_start : Act::play,
                  at + random_.between(milliseconds(100), milliseconds(2000)));
    case Act::play:
      event.kind = MediaKind::play;
      paused_ = false;
      moving_ = true;
      state_ = State::playing;
      return plan_activity(at);
    case Act::pause:
      event.kind = MediaKind::pause;
      paused_ = true;
      moving_ = false;
      state_ = State::paused;
      return then(Act::play, at + seconds(1) + random_.waiting(seconds(15)));
    case Act::seek:
    case Act::seek_end:
      event.kind = MediaKind::seek_end;
      position_s_ = jump_target();
      moving_ = true;
      state_ = State::playing;
      return plan_activity(at);
    case Act::seek_start:
      event.kind = MediaKind::seek_start;
      moving_ = false;
      state_ = State::seeking;
      return then(Act::seek_end, at + random_.between(milliseconds(200), milliseconds(1500)));
    case Act::buffer_start:
      event.kind = MediaKind::buffer_start;
      moving_ = false;
      paused_ = device_->family == Family::tv;
      state_ = State::buffering;
      return then(Act::buffer_end, at + random_.between(milliseconds(500), milliseconds(6000)));
    case Act::buffer_end:
      event.kind = MediaKind::buffer_end;
      paused_ = false;
      moving_ = true;
      state_ = State::playing;
      // A Roku says "playing" anew after each stall.
      if (device_->family == Family::tv) return then(Act::play, at + at_once(random_));
      return plan_activity(at);
    case Act::break_start:
      return start_break(at, event);
    case Act::pause_for_ad:
      event.kind = MediaKind::pause;
      paused_ = true;
      return then(Act::ad_start, at + at_once(random_));
    case Act::ad_start:
      event.kind = MediaKind::ad_start;
      return start_ad(at);
    case Act::ad_quartile:
      event.kind = MediaKind::ad_quartile;
      event.percent = quartile_ += 25;
      return watch_ad(at);
    case Act::ad_click:
      event.kind = MediaKind::ad_click;
      event.percent = quartile_;
      ++figures_.ads_clicked;
      clicks_ = false;
      return watch_ad(at);
    case Act::ad_end:
      return finish_ad(at, event);
    case Act::break_end:
      event.kind = MediaKind::ad_break_end;
      state_ = state_before_break_;
      return then(Act::play, at + at_once(random_));
    case Act::pause_at_end:
      event.kind = MediaKind::pause;
      finish_content(event);
      return then(Act::end, at + at_once(random_));
    case Act::end:
      event.kind = MediaKind::end;
      finish_content(event);
      if (!random_.chance(next_play_chance) || plays_ + 1 == plays_max)
        return then(Act::nothing, never);
      return then(Act::next_play, at + random_.between(seconds(2), seconds(10)));
    case Act::next_play:
    case Act::nothing:
      return;
  }
}

double Script::jump_target() {
  const double end = content_->duration_s - left_after_jump_s;
  const double shortest = shortest_jump_s(played_on_s_);
  for (int tries = 0; tries < 8; ++tries) {
    const double target = random_.between(0, end);
    if (std::abs(target - position_s_) >= shortest) return whole_ms(target);
  }
  return position_s_ > content_->duration_s / 2 ? 0 : whole_ms(end);
}

void Script::finish_content(Event& event) {
  event.completes = !ended_;
  position_s_ = content_->duration_s;
  paused_ = ended_ = true;
  moving_ = false;
  state_ = State::ended;
}

void Script::ping(Event& event) {
  event.kind = MediaKind::ping;
  ping_at_ += plan_->ping;
  paused_pings_ += paused_;
  // A player that says it is not paused does not seek any more, by the rules.
  if (state_ == State::seeking) state_ = State::playing;
}

// ---- Ads ----

void Script::start_break(Duration at, Event& event) {
  event.kind = MediaKind::ad_break_start;
  ++figures_.ad_breaks;
  ad_break_ = {static_cast<std::uint32_t>(figures_.ad_breaks), position_s_, state_ == State::ready};
  pod_position_ = 0;
  ads_left_ = 1 + static_cast<int>(random_.below(3));
  state_before_break_ = state_;
  moving_ = false;
  state_ = State::playing_ad;
  const bool tells_pause = device_->family == Family::web && !ad_break_.preroll;
  then(tells_pause ? Act::pause_for_ad : Act::ad_start, at + at_once(random_));
}

void Script::start_ad(Duration at) {
  paused_ = true;
  ++figures_.ads;
  ad_ = {static_cast<std::uint32_t>(figures_.ads), ++pod_position_,
         ad_lengths_s[random_.below(ad_lengths_s.size())]};
  quartile_ = 0;
  skips_ = random_.chance(skip_chance);
  clicks_ = random_.chance(click_chance);
  watch_ad(at);
}

// To the next quartile, or what the viewer does before it.
void Script::watch_ad(Duration at) {
  const Duration quarter = Duration(seconds(ad_.length_s)) / 4;
  if (quartile_ == 75) return then(Act::ad_end, at + quarter);
  if (quartile_ > 0 && clicks_) return then(Act::ad_click, at + quarter / 3);
  if (quartile_ > 0 && skips_) return then(Act::ad_end, at + quarter / 3);
  then(Act::ad_quartile, at + quarter);
}

void Script::finish_ad(Duration at, Event& event) {
  const bool skipped = quartile_ < 75;
  event.kind = skipped ? MediaKind::ad_skip : MediaKind::ad_complete;
  event.percent = quartile_;
  figures_.ads_skipped += skipped;
  const bool is_last = --ads_left_ == 0;
  then(is_last ? Act::break_end : Act::ad_start, at + at_once(random_));
}

// ---- What is told ----

void Script::move_content(Duration at) {
  if (moving_) {
    played_on_s_ = to_seconds(at - position_at_);
    position_s_ = whole_ms(position_s_ + played_on_s_);
  }
  if (!content_->live()) position_s_ = std::min(position_s_, content_->duration_s);
  position_at_ = at;
}

Duration Script::patience() const {
  const Duration three_pings = 3 * plan_->ping + grace;
  switch (state_) {
    case State::playing:
    case State::seeking:
      return three_pings;
    case State::buffering:
      return std::max(three_pings, buffering_patience);
    case State::playing_ad:
      return std::max(three_pings,
                      ad_.number == 0 ? unknown_ad_patience : 2 * seconds(ad_.length_s) + grace);
    case State::ended:
      return ended_patience;
    case State::paused:
    case State::ready:
    case State::left:
    case State::other:
      return paused_patience;
  }
  return paused_patience;
}

// As the trackers count: the time since the event before goes to what that one left.
void Script::note_figures(MediaKind kind, Duration at) {
  if (!ad_clock_) (was_paused_ ? figures_.paused : figures_.played) += at - figures_at_;
  if (ad_clock_ && ad_.number != 0) {
    figures_.in_ads += at - *ad_clock_;
    ad_clock_ = at;
  }
  if (kind == MediaKind::ad_start) ad_clock_ = at;
  if (kind == MediaKind::ad_complete || kind == MediaKind::ad_skip) ad_clock_.reset();
  figures_at_ = at;
  was_paused_ = paused_;
}

void Script::describe(Event& event, Duration at) {
  event.at = at;
  event.number = events_++;
  event.play = plays_;
  event.play_began = play_began_;
  event.content = content_;
  event.position_s = position_s_;
  event.paused = paused_;
  event.ended = ended_;
  event.logged_in = logged_in_;
  event.figures = figures_;
  // A Roku's tracker attaches them to events of ads alone, which are all that it sends then.
  event.ad_break = ad_break_;
  event.ad = ad_;
  close_what_ended(event.kind);

  event.state = state_;
  event.patience = patience();
  event.moves = event.state != told_state_ || event.patience != told_patience_ ||
                event.logged_in != told_login_;
  told_state_ = event.state;
  told_patience_ = event.patience;
  told_login_ = event.logged_in;
  shown_ = shown_ || (!paused_ && event.kind == MediaKind::ping);
  if (!paused_) paused_pings_ = 0;
}

// Trackers forget break and ad after the event that ends them.
void Script::close_what_ended(MediaKind kind) {
  if (kind == MediaKind::ad_break_end) ad_break_ = {};
  if (kind == MediaKind::ad_complete || kind == MediaKind::ad_skip) ad_ = {};
}

// ---- What comes ----

// Every ping but those that are not sent goes out; and the next play begins when nothing more comes
// of the one before.
void Script::look_ahead() {
  while (ping_at_ < next_at_ && !pings())
    ping_at_ = next_at_ == never ? never : ping_at_ + plan_->ping;
  if (next_ != Act::next_play || ping_at_ < next_at_) return;
  ++plays_;
  begin_play(next_at_);
}

bool Script::pings() const {
  if (device_->family == Family::tv) return moving_;      // they follow the position
  if (state_ == State::playing && paused_) return false;  // between a break and what plays on
  return !paused_ || paused_pings_ < paused_pings_max;
}

}  // namespace lvp::simulate
