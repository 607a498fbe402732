#include "profile/codec.h"

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstdint>
#include <deque>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace lvp::profile {
namespace {

constexpr char version = 1;
constexpr std::size_t size_bytes = 4;          // of the size in front of a struct
constexpr std::size_t elements_max = 1 << 16;  // of one list

// The last enumerator of each enumeration: what is beyond it does not decode.
constexpr State last_of(State) {
  return State::failed;
}
constexpr AdOutcome last_of(AdOutcome) {
  return AdOutcome::unknown;
}
constexpr BreakType last_of(BreakType) {
  return BreakType::companion;
}
constexpr Startup last_of(Startup) {
  return Startup::undefined;
}
constexpr MediaKind last_of(MediaKind) {
  return MediaKind::ad_resume;
}

// ---- The fields of each struct, in their stored order. Add at the end only. ----
//
// One list serves the writer and the reader, so they cannot disagree.

template <class T, class U>
concept Is = std::same_as<std::remove_const_t<T>, U>;

template <class Archive, Is<Interval> T>
void fields(Archive& a, T& v) {
  a(v.begin, v.end);
}
template <class Archive, Is<Watched> T>
void fields(Archive& a, T& v) {
  a(v.intervals());
}
template <class Archive, Is<Cause> T>
void fields(Archive& a, T& v) {
  a(v.event_id, v.event_name, v.collected, v.video_ts, v.ads_clicked, v.ads_skipped, v.ad_id);
}
template <class Archive, Is<Transition> T>
void fields(Archive& a, T& v) {
  a(v.state, v.at, v.cause);
}
template <class Archive, Is<AdView> T>
void fields(Archive& a, T& v) {
  a(v.id, v.name, v.creative_id, v.break_id, v.pod_position, v.duration_s, v.since, v.clock_since,
    v.played, v.quartile, v.clicks, v.paused, v.inferred, v.paused_before, v.outcome);
}
template <class Archive, Is<BreakView> T>
void fields(Archive& a, T& v) {
  a(v.id, v.name, v.type, v.position_s, v.since, v.inferred, v.paused_before);
}
template <class Archive, Is<ContentRun> T>
void fields(Archive& a, T& v) {
  a(v.label, v.duration_s, v.since, v.watched, v.play_time);
}
template <class Archive, Is<LatePoint> T>
void fields(Archive& a, T& v) {
  a(v.at, v.position_s, v.rate, v.playing);
}
template <class Archive, Is<Session::Anchor> T>
void fields(Archive& a, T& v) {
  a(v.at, v.position_s, v.playing);
}
template <class Archive, Is<MediaSession> T>
void fields(Archive& a, T& v) {
  a(v.id, v.started_at, v.ping_interval_s, v.time_played_s, v.time_paused_s, v.time_buffering_s,
    v.time_spent_ads_s, v.content_watched_s, v.ads, v.ads_clicked, v.ads_skipped, v.ad_breaks);
}
template <class Archive, Is<Session> T>
void fields(Archive& a, T& v) {
  a(v.any, v.first, v.last);
  a(v.started, v.paused, v.ended, v.buffering, v.seeking, v.failed, v.ad_break, v.ad);
  a(v.position_s, v.position_at, v.rate, v.duration_s, v.muted, v.volume, v.fullscreen,
    v.picture_in_picture, v.livestream, v.loop, v.entity_ended, v.ready_seen, v.media_type,
    v.player_type, v.quality, v.ping_interval);
  a(v.viewer, v.platform, v.tracker, v.app_id, v.useragent);
  a(v.seek_from, v.intent, v.intent_position_s, v.ads_since_intent, v.startup, v.startup_time,
    v.first_frame, v.stall_since);
  a(v.play_events, v.pauses, v.completions, v.seeks, v.false_seeks, v.loops, v.stalls, v.errors,
    v.quality_changes, v.resumes, v.ad_breaks, v.impressions, v.ads_completed, v.ads_skipped,
    v.ad_clicks);
  a(v.play_time, v.paused_time, v.stall_time, v.ad_time, v.last_error, v.runs, v.ads, v.timeline,
    v.tracker_figures);
  a(v.background, v.pinged, v.pingless_app, v.clock_shift, v.clock_lag, v.clock_changes,
    v.counted_s, v.session_index, v.event_index, v.viewer_before, v.jumps, v.percents,
    v.percent_before_seek, v.sought, v.late);
}
template <class Archive, Is<Play> T>
void fields(Archive& a, T& v) {
  a(v.id, v.started_at, v.session, v.left, v.historic, v.last_arrival, v.delay_min,
    v.clock_suspect);
}
template <class Archive, Is<Identity> T>
void fields(Archive& a, T& v) {
  a(v.viewer, v.first, v.last);
}
template <class Archive, Is<ContentTotals> T>
void fields(Archive& a, T& v) {
  a(v.content, v.position_s, v.percent, v.plays, v.completions, v.play_time, v.last);
}
template <class Archive, Is<DayTotals> T>
void fields(Archive& a, T& v) {
  a(v.day, v.plays, v.completions, v.stalls, v.impressions, v.play_time, v.ad_time, v.watched_s);
}
template <class Archive, Is<History> T>
void fields(Archive& a, T& v) {
  a(v.contents, v.days);
}
template <class Archive, Is<Profile> T>
void fields(Archive& a, T& v) {
  a(v.device, v.version, v.clock_offset, v.last_arrival, v.plays, v.duplicates, v.reused_ids,
    v.late, v.dead, v.foreign, v.viewers, v.history);
}
template <class Archive, Is<Player> T>
void fields(Archive& a, T& v) {
  a(v.position, v.paused, v.ended, v.duration, v.rate, v.muted, v.loop, v.livestream, v.fullscreen,
    v.picture_in_picture, v.volume, v.label, v.media_type, v.player_type, v.quality);
}
template <class Archive, Is<Ad> T>
void fields(Archive& a, T& v) {
  a(v.id, v.name, v.creative_id, v.pod_position, v.duration_s);
}
template <class Archive, Is<AdBreak> T>
void fields(Archive& a, T& v) {
  a(v.id, v.name, v.start_time_s, v.type);
}
template <class Archive, Is<ClientSession> T>
void fields(Archive& a, T& v) {
  a(v.user_id, v.session_index, v.event_index);
}
template <class Archive, Is<MediaEvent> T>
void fields(Archive& a, T& v) {
  a(v.event_id, v.event_name, v.kind, v.collected, v.created, v.sent, v.device_key, v.viewer,
    v.accelerator_viewer, v.platform, v.tracker, v.app_id, v.useragent, v.page_view_id, v.ad_id,
    v.ad_id_numeric);
  a(v.player, v.session, v.ad, v.ad_break, v.client_session, v.ads_clicked, v.ads_skipped,
    v.video_ts);
  a(v.percent_progress, v.new_rate, v.new_volume, v.new_quality, v.error_code, v.fingerprint);
}
template <class Archive, Is<Window> T>
void fields(Archive& a, T& v) {
  a(v.checkpoint, v.events, v.numbered, v.clock_set);
}
template <class Archive, Is<Post> T>
void fields(Archive& a, T& v) {
  a(v.collected, v.sent);
}
template <class Archive, Is<SeenEvent> T>
void fields(Archive& a, T& v) {
  a(v.created, v.event, v.id);
}
template <class Archive, Is<Device> T>
void fields(Archive& a, T& v) {
  a(v.profile, v.windows, v.posts, v.seen, v.lifecycle);
}

// ---- Writing ----

class Writer {
 public:
  template <class... T>
  void operator()(const T&... values) {
    (put(values), ...);
  }

  std::string take() { return std::move(bytes_); }

 private:
  void put(bool value) { bytes_.push_back(value ? 1 : 0); }
  void put(int value) { put_signed(value); }
  void put(std::uint64_t value) { put_varint(value); }
  void put(Timestamp value) { put_signed(to_ms(value)); }
  void put(Duration value) { put_signed(value.count()); }
  void put(double value) {
    auto bits = std::bit_cast<std::uint64_t>(value);
    for (int i = 0; i < 8; ++i, bits >>= 8) bytes_.push_back(static_cast<char>(bits));
  }
  void put(const std::string& value) {
    put_varint(value.size());
    bytes_ += value;
  }
  template <class T>
    requires std::is_enum_v<T>
  void put(T value) {
    put_varint(static_cast<std::uint64_t>(value));
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <class T>
  void put(const std::vector<T>& values) {
    put_all(values);
  }
  template <class T>
  void put(const std::deque<T>& values) {
    put_all(values);
  }
  template <class T>
    requires requires(Writer& w, const T& v) { fields(w, v); }
  void put(const T& value) {
    const std::size_t start = bytes_.size();
    bytes_.resize(start + size_bytes);
    fields(*this, value);
    std::size_t size = bytes_.size() - start - size_bytes;
    for (std::size_t i = 0; i < size_bytes; ++i, size >>= 8)
      bytes_[start + i] = static_cast<char>(size);
  }

  template <class Items>
  void put_all(const Items& values) {
    put_varint(values.size());
    for (const auto& value : values) put(value);
  }
  void put_signed(std::int64_t value) {
    put_varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void put_varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<char>(value | 0x80));
    bytes_.push_back(static_cast<char>(value));
  }

  std::string bytes_;
};

// ---- Reading ----

// Once something is wrong, nothing more is read and good() is false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  bool good() const { return good_; }
  bool at_end() const { return bytes_.empty(); }

  // Fields that the writer did not know stay as they are.
  template <class... T>
  void operator()(T&&... values) {
    ((good_ && !bytes_.empty() ? get(values) : void()), ...);
  }

 private:
  void get(bool& value) {
    const std::string_view byte = take(1);
    if (!good_ || static_cast<unsigned char>(byte[0]) > 1) return fail();
    value = byte[0] != 0;
  }
  void get(int& value) {
    const std::int64_t wide = get_signed();
    if (!std::in_range<int>(wide)) return fail();
    value = static_cast<int>(wide);
  }
  void get(std::uint64_t& value) { value = get_varint(); }
  void get(Timestamp& value) { value = from_ms(get_signed()); }
  void get(Duration& value) { value = Duration(get_signed()); }
  void get(double& value) {
    std::uint64_t bits = 0;
    const std::string_view bytes = take(8);
    for (std::size_t i = bytes.size(); i-- > 0;)
      bits = bits << 8 | static_cast<unsigned char>(bytes[i]);
    value = std::bit_cast<double>(bits);
  }
  void get(std::string& value) { value = take(get_varint()); }
  template <class T>
    requires std::is_enum_v<T>
  void get(T& value) {
    const std::uint64_t number = get_varint();
    if (number > static_cast<std::uint64_t>(last_of(T()))) return fail();
    value = static_cast<T>(number);
  }
  template <class T>
  void get(std::optional<T>& value) {
    bool present = false;
    get(present);
    if (!good_ || !present) return value.reset();
    get(value.emplace());
  }
  template <class T>
  void get(std::vector<T>& values) {
    get_all(values);
  }
  template <class T>
  void get(std::deque<T>& values) {
    get_all(values);
  }
  template <class T>
    requires requires(Reader& r, T& v) { fields(r, v); }
  void get(T& value) {
    std::size_t size = 0;
    const std::string_view bytes = take(size_bytes);
    for (std::size_t i = bytes.size(); i-- > 0;)
      size = size << 8 | static_cast<unsigned char>(bytes[i]);
    Reader inner(take(size));
    fields(inner, value);
    good_ = good_ && inner.good_;
  }

  template <class Items>
  void get_all(Items& values) {
    values.clear();
    const std::uint64_t count = get_varint();
    if (count > bytes_.size() || count > elements_max) return fail();
    for (std::uint64_t i = 0; i < count && good_; ++i) get(values.emplace_back());
  }
  std::int64_t get_signed() {
    const std::uint64_t zigzag = get_varint();
    return static_cast<std::int64_t>(zigzag >> 1) ^ -static_cast<std::int64_t>(zigzag & 1);
  }
  std::uint64_t get_varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::string_view byte = take(1);
      if (!good_) return 0;
      const auto bits = static_cast<unsigned char>(byte[0]);
      value |= static_cast<std::uint64_t>(bits & 0x7f) << shift;
      if (bits < 0x80) return value;
    }
    fail();
    return 0;
  }
  std::string_view take(std::uint64_t count) {
    if (count > bytes_.size()) fail();
    if (!good_) return {};
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  void fail() { good_ = false; }

  std::string_view bytes_;
  bool good_ = true;
};

// ---- What must hold beyond the grammar ----

// A session that has events has a content run to book them on.
bool sound(const Session& session) {
  return !session.any || !session.runs.empty();
}

bool sound(const Profile& profile) {
  return std::ranges::all_of(profile.plays, [](const Play& play) { return sound(play.session); });
}

bool sound(const Device& device) {
  return sound(device.profile) && device.windows.size() == device.profile.plays.size() &&
         std::ranges::all_of(device.windows, [](const Window& w) { return sound(w.checkpoint); });
}

template <class T>
std::string encode_record(const T& value) {
  Writer writer;
  writer(value);
  return version + writer.take();
}

template <class T>
Result<T> decode_record(std::string_view bytes, std::string_view what) {
  if (bytes.empty() || bytes[0] != version) return corrupt(std::string(what) + ": unknown version");
  Reader reader(bytes.substr(1));
  T value;
  if (reader.at_end()) return corrupt(std::string(what) + ": no content");
  reader(value);
  if (!reader.good() || !reader.at_end() || !sound(value)) {
    return corrupt(std::string(what) + ": the bytes make no sense");
  }
  return value;
}

}  // namespace

std::string encode(const Profile& profile) {
  return encode_record(profile);
}
Result<Profile> decode_profile(std::string_view bytes) {
  return decode_record<Profile>(bytes, "profile");
}
std::string encode(const Device& device) {
  return encode_record(device);
}
Result<Device> decode_device(std::string_view bytes) {
  return decode_record<Device>(bytes, "device");
}

}  // namespace lvp::profile
