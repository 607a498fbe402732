#include "profile/quiet.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <span>
#include <utility>

#include "profile/accounting.h"
#include "profile/event_log.h"
#include "profile/fold.h"
#include "profile/order.h"
#include "profile/plays.h"
#include "profile/storage.h"
#include "profile/time_lists.h"

namespace lvp::profile {
namespace {

constexpr char version = 2;  // of the record in a row (codec.h)

// ---- The row, as far as such a ping needs it. Fields and their order: fields.h. ----

// Bytes of the row that will be others.
struct Part {
  const char* begin = nullptr;
  const char* end = nullptr;
};

// The tracker's counters.
struct Figures {
  double seconds[5]{};
  int counts[4]{};
};

struct QuietRow {
  Part record_size;
  Part profile_size;
  Part head;  // version, clock_offset, last_arrival
  std::uint64_t version = 0;
  Duration clock_offset{};
  Timestamp last_arrival;

  // The play, and its session.
  std::uint64_t plays = 0;
  std::uint64_t index = 0;
  Timestamp others_arrival = Timestamp::max();  // the oldest last arrival of the other plays
  Part play_size;
  Part session_size;
  Part last;
  Timestamp last_at;
  Part position;  // position_s, position_at
  double position_s = 0;
  Timestamp position_at;
  double rate = 0;
  Duration ping_interval{};
  Part play_time;
  Duration played{};
  Part run_size;
  Part watched_size;
  Part interval_size;
  Part interval;  // the last
  double watched_from = 0;
  double watched_to = 0;
  Part run_play_time;
  Duration run_played{};
  Part figures_size;
  Part figures;
  Figures counted_by_tracker;
  Duration clock_shift{};
  Part clock_lag;
  std::optional<Duration> lag;
  Part counters;  // counted_s, session_index, event_index
  double counted_s = 0;
  int session_index = 0;
  int event_index = 0;
  Part arrival;  // last_arrival, delay_min
  Timestamp play_arrival;
  Duration delay_min{};

  // The viewer among those of the device.
  Part identity_size;
  Part identity_last;
  Timestamp viewer_first;
  Timestamp viewer_last;

  Part requests;  // posts, recent
  bool numbered = false;
  Part newest;
  Timestamp newest_at;
  Timestamp ids_from;
  std::uint64_t context = 0;
};

Reader open(Reader& in, Part& size) {
  size.begin = in.at();
  const std::string_view body = in.sized();
  size.end = body.data();
  return Reader(body, version);
}

template <class... T>
void read(Reader& in, Part& part, T&... values) {
  part.begin = in.at();
  ((values = in.value<T>()), ...);
  part.end = in.at();
}

// All of it was read, and nothing else is there: what versions to come add is not ours to copy.
bool is_done(const Reader& in) {
  return in.good() && in.at_end();
}

// The event says nothing, or what is known.
bool is_text(Reader& in, std::string_view text) {
  if (!text.empty()) return in.is_text(text);
  in.skip_text();
  return true;
}
// Zeros have signs.
bool is_same(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}
template <class T>
bool is_same(T a, T b) {
  return a == b;
}
template <class T>
bool is_known(Reader& in, const std::optional<T>& news) {
  const auto known = in.value<std::optional<T>>();
  return !news || (known && is_same(*known, *news));
}

bool read_run(Reader in, const Player& player, QuietRow& row) {
  if (!is_text(in, player.label)) return false;
  if (!is_known(in, player.duration)) return false;
  in.skip(1);  // since
  Reader watched = open(in, row.watched_size);
  const std::uint64_t intervals = watched.count();
  if (intervals == 0) return false;
  watched.skip_sized(intervals - 1);
  Reader last = open(watched, row.interval_size);
  read(last, row.interval, row.watched_from, row.watched_to);
  read(in, row.run_play_time, row.run_played);
  return is_done(last) && is_done(watched) && is_done(in);
}

bool read_figures(Reader in, const MediaSession& news, QuietRow& row) {
  if (!in.is_text(news.id)) return false;
  if (!is_known(in, news.started_at)) return false;
  in.value<std::optional<int>>();
  row.figures.begin = in.at();
  for (double& seconds : row.counted_by_tracker.seconds) seconds = in.value<double>();
  for (int& count : row.counted_by_tracker.counts) count = in.value<int>();
  row.figures.end = in.at();
  return is_done(in);
}

bool read_values(Reader& in, const MediaEvent& event, QuietRow& row) {
  const Player& player = *event.player;
  row.position.begin = in.at();
  const auto position = in.value<std::optional<double>>();
  if (!position) return false;
  row.position_s = *position;
  row.position_at = in.value<Timestamp>();
  row.position.end = in.at();
  row.rate = in.value<double>();
  if (player.rate && !is_same(*player.rate, row.rate)) return false;
  if (!is_known(in, player.duration)) return false;
  if (!is_known(in, player.muted)) return false;
  if (!is_known(in, player.volume)) return false;
  if (!is_known(in, player.fullscreen)) return false;
  if (!is_known(in, player.picture_in_picture)) return false;
  const bool livestream = in.value<bool>();
  const bool loop = in.value<bool>();
  const bool entity_ended = in.value<bool>();
  if (player.livestream.value_or(livestream) != livestream || player.loop.value_or(loop) != loop ||
      entity_ended)
    return false;
  in.skip(1);  // ready_seen
  if (!is_text(in, player.media_type) || !is_text(in, player.player_type) ||
      !is_text(in, player.quality))
    return false;
  row.ping_interval = in.value<Duration>();
  const int interval_s = event.session->ping_interval_s.value_or(0);
  return interval_s <= 0 || std::chrono::seconds(interval_s) == row.ping_interval;
}

bool read_runs(Reader& in, const MediaEvent& event, QuietRow& row) {
  const std::uint64_t runs = in.count();
  if (runs == 0) return false;
  in.skip_sized(runs - 1);
  if (!read_run(open(in, row.run_size), *event.player, row)) return false;
  in.skip_sized(in.count());  // ads
  const std::uint64_t transitions = in.count();
  if (transitions == 0) return false;
  in.skip_sized(transitions - 1);
  Reader last(in.sized(), version);
  return last.value<State>() == State::playing;
}

// A session that plays, in the foreground, with a first frame and a ping before this one.
bool read_session(Reader in, const MediaEvent& event, QuietRow& row) {
  if (!in.value<bool>()) return false;
  in.skip(1);  // first
  read(in, row.last, row.last_at);
  constexpr std::string_view plays{"\1\0\0\0\0\0\0\0", 8};  // from `started` to `ad`
  if (in.raw(plays.size()) != plays) return false;
  if (!read_values(in, event, row)) return false;
  if (!is_text(in, event.viewer) || !is_text(in, event.platform) || !is_text(in, event.tracker) ||
      !is_text(in, event.app_id) || !is_text(in, event.useragent))
    return false;

  if (in.value<bool>()) in.skip_sized(1);  // seek_from
  if (in.value<bool>()) in.skip(1);        // intent
  in.skip_double();                        // intent_position_s
  in.skip(1);                              // ads_since_intent
  if (in.value<Startup>() == Startup::unknown) return false;
  in.skip(2);                          // startup_time, first_frame
  if (in.value<bool>()) return false;  // a stall
  constexpr int counts = 15;
  in.skip(counts);
  read(in, row.play_time, row.played);
  in.skip(3);      // paused_time, stall_time, ad_time
  in.skip_text();  // last_error
  if (!read_runs(in, event, row)) return false;
  if (!read_figures(open(in, row.figures_size), *event.session, row)) return false;

  const bool background = in.value<bool>();
  const bool pinged = in.value<bool>();
  if (background || !pinged) return false;
  in.skip(1);  // pingless_app
  row.clock_shift = in.value<Duration>();
  read(in, row.clock_lag, row.lag);
  in.skip(1);  // clock_changes
  read(in, row.counters, row.counted_s, row.session_index, row.event_index);
  in.skip_text();             // viewer_before
  in.skip(1);                 // jumps
  in.skip(in.count());        // percents
  in.skip(2);                 // percent_before_seek, sought
  in.skip_sized(in.count());  // late
  return is_done(in);
}

// One play goes on, and the others are over.
bool read_plays(Reader& in, const MediaEvent& event, QuietRow& row) {
  row.plays = in.count();
  row.index = row.plays;
  for (std::uint64_t i = 0; i < row.plays; ++i) {
    Part size;
    Reader play = open(in, size);
    const bool same_id = play.is_text(event.session->id);
    const auto started_at = play.value<std::optional<Timestamp>>();
    const bool is_it = same_id && started_at == event.session->started_at && row.index == row.plays;
    Part session_size;
    const Reader session = open(play, session_size);
    if (play.value<bool>() == is_it) return false;  // `left`
    play.skip(1);                                   // historic
    if (is_it) {
      row.index = i;
      row.play_size = size;
      row.session_size = session_size;
      if (!read_session(session, event, row)) return false;
      read(play, row.arrival, row.play_arrival, row.delay_min);
    } else {
      row.others_arrival = std::min(row.others_arrival, play.value<Timestamp>());
      play.skip(1);  // delay_min
    }
    play.skip(1);  // clock_suspect
    if (!is_done(play)) return false;
  }
  return row.index < row.plays;
}

bool read_viewers(Reader& in, const MediaEvent& event, QuietRow& row) {
  bool is_known = event.viewer.empty();
  for (std::uint64_t i = in.count(); i > 0; --i) {
    if (is_known) {
      in.skip_sized(1);
      continue;
    }
    Reader identity = open(in, row.identity_size);
    is_known = identity.is_text(event.viewer);
    row.viewer_first = identity.value<Timestamp>();
    read(identity, row.identity_last, row.viewer_last);
    if (!is_done(identity)) return false;
  }
  return is_known;
}

bool read_profile(Reader in, const MediaEvent& event, QuietRow& row) {
  in.skip_text();
  read(in, row.head, row.version, row.clock_offset, row.last_arrival);
  if (!read_plays(in, event, row)) return false;
  constexpr int counts = 5;
  in.skip(counts);
  if (!read_viewers(in, event, row)) return false;
  in.skip_sized(1);  // history
  return is_done(in);
}

bool find_context(Reader& in, std::uint64_t wanted, QuietRow& row) {
  std::uint64_t contexts = in.count();
  bool found = false;
  for (std::uint64_t i = 0; i < contexts; ++i) {
    if (in.fixed(8) != wanted || found) continue;
    row.context = i;
    found = true;
  }
  return found;
}

// ---- The event ----

// It can be a ping of a viewer who plays on.
bool is_candidate(const MediaEvent& event) {
  return event.kind == MediaKind::ping && event.created && event.session && event.player &&
         !event.player->paused && !event.player->ended && !event.ad_break && !is_suspect(event);
}

bool is_behind(const QuietRow& row, const MediaEvent& event) {
  if (*event.created <= row.newest_at) return false;
  const auto now = lag(event);
  if (now && row.lag && !same_clock(*row.lag, *now)) return false;
  return !row.numbered || (is_numbered(event) && std::pair(event.client_session->session_index,
                                                           *event.client_session->event_index) >
                                                     std::pair(row.session_index, row.event_index));
}

// What apply() (fold.h) makes of the session. False if the content did not simply play on.
bool play_on(QuietRow& row, const MediaEvent& event) {
  const Timestamp at = *event.created + row.clock_shift;
  if (at < row.last_at) return false;
  const Duration elapsed = at - row.last_at;
  if (elapsed > patience_with_pings(row.ping_interval)) return false;
  const double to = event.player->position;
  const double moved = to - row.position_s;
  const double expected = row.rate * to_seconds(std::max(at - row.position_at, Duration(0)));
  if (!(std::abs(moved - expected) <= tolerance(expected))) return false;
  const double from = to - moved;
  if (!(from < to && row.watched_from <= from && from <= row.watched_to)) return false;

  row.watched_from = std::min(from, row.watched_from);
  row.watched_to = std::max(to, row.watched_to);
  row.played += elapsed;
  row.run_played += elapsed;
  row.position_s = to;
  row.position_at = at;
  row.last_at = at;
  if (event.sent) row.lag = lag(event);
  row.counted_s = std::max(row.counted_s, counted_s(event));
  if (is_numbered(event)) {
    row.session_index = event.client_session->session_index;
    row.event_index = *event.client_session->event_index;
  }
  const MediaSession& s = *event.session;
  const double seconds[]{s.time_played_s, s.time_paused_s, s.time_buffering_s, s.time_spent_ads_s,
                         s.content_watched_s};
  const int counts[]{s.ads, s.ads_clicked, s.ads_skipped, s.ad_breaks};
  Figures& figures = row.counted_by_tracker;
  for (std::size_t i = 0; i < std::size(seconds); ++i)
    figures.seconds[i] = std::max(figures.seconds[i], seconds[i]);
  for (std::size_t i = 0; i < std::size(counts); ++i)
    figures.counts[i] = std::max(figures.counts[i], counts[i]);
  return true;
}

Timestamp deadline_after(const QuietRow& row) {
  const bool old = row.lag && !same_clock(*row.lag, row.clock_offset);
  const Duration wall = (old ? *row.lag : row.clock_offset) - row.clock_shift;
  return std::min(row.last_at + wall, row.play_arrival) + patience_with_pings(row.ping_interval);
}

// ---- The row anew ----

// Copies a row, but for some parts.
class Copy {
 public:
  Copy(std::string_view row, Writer& out) : at_(row.data()), end_(at_ + row.size()), out_(out) {}

  template <class... T>
  void replace(const Part& part, const T&... values) {
    copy_to(part.begin);
    out_(values...);
    at_ = part.end;
  }
  /// A struct begins whose size will be another; says where.
  std::size_t open(const Part& size) {
    copy_to(size.begin);
    at_ = size.end;
    const std::size_t start = out_.bytes().size();
    out_.fixed(0, 1);
    return start;
  }
  /// It ends after what was written.
  void close(std::size_t start) { out_.set_size(start); }

  void copy_to(const char* end) {
    out_.raw({at_, static_cast<std::size_t>(end - at_)});
    at_ = end;
  }
  void skip_to(const char* end) { at_ = end; }
  void copy_rest() { copy_to(end_); }

 private:
  const char* at_;
  const char* end_;
  Writer& out_;
};

struct Ends {  // of structs
  const char* profile;
  const char* play;
  const char* session;
};

void copy_session(Copy& copy, const QuietRow& row, const char* end) {
  const std::size_t session = copy.open(row.session_size);
  copy.replace(row.last, row.last_at);
  copy.replace(row.position, std::optional(row.position_s), row.position_at);
  copy.replace(row.play_time, row.played);
  const std::size_t run = copy.open(row.run_size);
  const std::size_t watched = copy.open(row.watched_size);
  const std::size_t interval = copy.open(row.interval_size);
  copy.replace(row.interval, row.watched_from, row.watched_to);
  copy.close(interval);
  copy.close(watched);
  copy.replace(row.run_play_time, row.run_played);
  copy.close(run);
  const std::size_t figures = copy.open(row.figures_size);
  const auto& [s, n] = row.counted_by_tracker;
  copy.replace(row.figures, s[0], s[1], s[2], s[3], s[4], n[0], n[1], n[2], n[3]);
  copy.close(figures);
  copy.replace(row.clock_lag, row.lag);
  copy.replace(row.counters, row.counted_s, row.session_index, row.event_index);
  copy.copy_to(end);
  copy.close(session);
}

void copy_profile(Copy& copy, const QuietRow& row, const Ends& ends) {
  const std::size_t record = copy.open(row.record_size);
  const std::size_t profile = copy.open(row.profile_size);
  copy.replace(row.head, row.version, row.clock_offset, row.last_arrival);
  const std::size_t play = copy.open(row.play_size);
  copy_session(copy, row, ends.session);
  copy.replace(row.arrival, row.play_arrival, row.delay_min);
  copy.copy_to(ends.play);
  copy.close(play);
  if (row.identity_size.begin != nullptr) {
    const std::size_t identity = copy.open(row.identity_size);
    copy.replace(row.identity_last, row.viewer_last);
    copy.close(identity);
  }
  copy.copy_to(ends.profile);
  copy.close(profile);
  copy.close(record);
}

const char* end_of_struct(const Part& size) {
  const char* const end = size.end;
  Reader in({size.begin, static_cast<std::size_t>(end - size.begin)}, version);
  return end + in.value<std::uint64_t>();
}

}  // namespace

std::optional<QuietPing> QuietPings::follow(std::string_view bytes, const MediaEvent& event,
                                            Timestamp now, const Limits& limits, Writer& out) {
  if (!is_candidate(event) || !is_row(bytes)) return std::nullopt;
  QuietRow row;
  Reader in(bytes.substr(front_bytes), version);
  Reader record = open(in, row.record_size);
  if (record.raw(1) != std::string_view(&version, 1)) return std::nullopt;
  if (!read_profile(open(record, row.profile_size), event, row) || !is_done(record))
    return std::nullopt;

  row.requests.begin = in.at();
  read_posts(in, posts_);
  read_seen(in, recent_);
  row.requests.end = in.at();
  for (std::uint64_t i = 0; i < row.plays; ++i) {
    const bool numbered = in.value<bool>();
    const bool clock_set = in.value<bool>();
    if (i != row.index) continue;
    row.numbered = numbered;
    if (clock_set) return std::nullopt;
  }
  read(in, row.newest, row.newest_at);
  row.ids_from = in.value<Timestamp>();
  in.skip(1);  // has_lifecycle
  if (!find_context(in, context_of(event), row) || !is_done(in)) return std::nullopt;
  if (!is_behind(row, event)) return std::nullopt;
  const SeenEvent seen = seen_event(event);
  if (is_recent_id(recent_, seen)) return std::nullopt;

  row.last_arrival = std::max(row.last_arrival, event.collected);
  now = std::max(now, row.last_arrival);
  if (row.others_arrival < now - limits.lateness_max) return std::nullopt;
  if (keep_post(posts_, event)) row.clock_offset = clock_offset(posts_);
  const Timestamp wall = std::min(*event.created + row.clock_offset, event.collected);
  if (now - wall > limits.lateness_max || *event.created <= row.ids_from) return std::nullopt;
  if (!event.viewer.empty()) {
    if (*event.created < row.viewer_first) return std::nullopt;
    row.viewer_last = std::max(row.viewer_last, *event.created);
  }
  row.play_arrival = std::max(row.play_arrival, event.collected);
  row.delay_min = std::min(row.delay_min, event.collected - *event.created);
  if (!play_on(row, event)) return std::nullopt;
  const Timestamp deadline = deadline_after(row);
  if (deadline <= now) return std::nullopt;
  remember_recent(recent_, seen);
  ++row.version;

  out.clear();
  Copy copy(bytes, out);
  copy.copy_to(bytes.data() + deadline_at);
  out.fixed(static_cast<std::uint64_t>(to_ms(deadline)), number_bytes);
  copy.skip_to(bytes.data() + deadline_at + number_bytes);
  copy_profile(copy, row,
               {.profile = end_of_struct(row.profile_size),
                .play = end_of_struct(row.play_size),
                .session = end_of_struct(row.session_size)});
  copy.copy_to(row.requests.begin);
  write_posts(out, posts_);
  write_seen(out, recent_);
  copy.skip_to(row.requests.end);
  copy.replace(row.newest, seen.created);
  copy.copy_rest();
  return QuietPing{row.context, row.index, now};
}

}  // namespace lvp::profile
