// A ping on the bytes of a row (quiet.h) is what follow() makes of it (head.h), byte for byte.
#include "profile/quiet.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "profile/audience.h"
#include "profile/event_log.h"
#include "profile/notation.h"
#include "profile/storage.h"

namespace lvp::profile {
namespace {

// A row that is written anew for every event, and the same events through QuietPings.
class Kept {
 public:
  explicit Kept(Limits limits = {}) : limits_(limits) { row_ = written(Row()); }

  /// Says whether it was a quiet ping.
  bool take(const MediaEvent& event, Timestamp now) {
    Row row = *read_row(row_);
    const auto context = static_cast<std::uint64_t>(
        std::ranges::find(row.contexts, context_of(event)) - row.contexts.begin());
    const bool is_known = context < row.contexts.size();
    const Followed followed = follow(row.head, event, now, limits_);
    Writer log;
    if (followed == Followed::quietly || followed == Followed::with_news)
      append(log, row.contexts, event, std::max(now, row.head.profile.last_arrival));
    if (followed == Followed::no) {  // such a device would be written whole; here it stays
      EXPECT_FALSE(pings_.follow(row_, event, now, limits_, out_));
      return false;
    }
    const std::string wanted = written(row);
    const auto ping = pings_.follow(row_, event, now, limits_, out_);
    if (ping) {
      EXPECT_EQ(followed, Followed::quietly);
      EXPECT_TRUE(is_known);
      EXPECT_EQ(std::string(out_.bytes()), wanted);
      EXPECT_EQ(*read_row(out_.bytes()), row);
      Writer quiet_log;
      append_known(quiet_log, ping->context, event, ping->now);
      EXPECT_EQ(quiet_log.bytes(), log.bytes());
    }
    row_ = wanted;
    return ping.has_value();
  }
  bool take(std::string_view text) {
    const MediaEvent event = notation::read(text)[0];
    return take(event, event.collected);
  }

  const std::string& row() const { return row_; }
  void set_row(std::string row) { row_ = std::move(row); }

 private:
  static std::string written(const Row& row) {
    Writer out;
    write_row(out, row);
    return std::string(out.bytes());
  }

  Limits limits_;
  std::string row_;
  QuietPings pings_;
  Writer out_;
};

TEST(Quiet, APingIsWhatFollowingItMakesOfRandomAudiences) {
  audience::for_every_device([&](const audience::Events& events) {
    Kept kept({.lateness_max = std::chrono::minutes(70)});
    for (const MediaEvent& event : events) kept.take(event, event.collected);
  });
}

// Somebody who watches, and what may be odd with one of the events.
class Viewer {
 public:
  explicit Viewer(std::uint32_t seed) : random_(seed) {}

  MediaEvent next() {
    const bool first = number_ == 0;
    const Duration passed = std::chrono::milliseconds(9'000 + below(2'000));
    at_ += passed;
    position_s_ += to_seconds(passed);
    MediaEvent event;
    event.kind = first || below(30) == 0 ? MediaKind::play : MediaKind::ping;
    event.event_name = first ? "play_event" : "ping_event";
    event.event_id = fmt::format("00000000-0000-4000-8000-{:012}", ++number_);
    event.created = at_;
    event.sent = at_ + Duration(below(40));
    event.collected = *event.sent + Duration(below(3'000));
    event.device_key = "device";
    event.viewer = event.accelerator_viewer = "viewer";
    event.platform = "web";
    event.tracker = "js-4.6.6";
    event.app_id = "site";
    event.useragent = "browser";
    Player& player = event.player.emplace();
    player.position = position_s_;
    player.duration = 7200;
    player.rate = 1;
    player.muted = player.loop = player.fullscreen = player.picture_in_picture = false;
    player.volume = 100;
    player.label = "film";
    player.media_type = "video";
    player.player_type = "html5";
    MediaSession& session = event.session.emplace();
    session.id = "6f1ed002-ab55-4f4b-8a1c-6f1ed002ab55";
    session.ping_interval_s = 10;
    session.time_played_s = session.content_watched_s = 10.0 * number_;
    if (is_numbered_) event.client_session = ClientSession{"device", 1, number_};
    event.fingerprint = fnv1a(event.event_id);
    if (below(4) == 0) make_odd(event);
    before_ = event;
    return event;
  }

 private:
  int below(int end) { return static_cast<int>(random_() % static_cast<unsigned>(end)); }

  void make_odd(MediaEvent& event) {
    constexpr int ways = 36;
    Player& player = *event.player;
    switch (below(ways)) {
      case 0:
        return void(player.paused = true);
      case 1:
        return void(player.ended = true);
      case 2:
        return void(player.position += below(8));
      case 3:
        return void(player.position -= below(8));
      case 4:
        return void(player.position = std::round(player.position * 2) / 2);
      case 5:
        return void(player.duration.reset());
      case 6:
        return void(player.duration = 7200 + below(2));
      case 7:
        return void(player.rate = 1 + below(2));
      case 8:
        return void(player.muted = below(2) == 0);
      case 9:
        return void(player.volume = below(101));
      case 10:
        return void(player.label = below(2) ? "" : "news");
      case 11:
        return void(player.quality = below(2) ? "720p" : "");
      case 12:
        return void(player.livestream = below(2) == 0);
      case 13:
        return void(player.fullscreen = true);
      case 14:
        return void(event.player.reset());
      case 15:
        return void(event.session.reset());
      case 16:
        return void(event.session->id = "another");
      case 17:
        return void(event.session->ping_interval_s = 10 + below(2) * 4'000);
      case 18:
        return void(event.session->started_at = from_ms(below(2)));
      case 19:
        return void(event.session->ads = below(3));
      case 20:
        return void(event.session->time_paused_s = below(3) * 0.1);
      case 21:
        return void(event.viewer = below(2) ? "" : "somebody");
      case 22:
        return void(event.useragent = below(2) ? "" : "another");
      case 23:
        return void(event.app_id = "");
      case 24:
        return void(event.sent.reset());
      case 25:
        return void(event.created.reset());
      case 26:
        return void(event.sent = *event.created - Duration(1));
      case 27:
        return void(event.created = *event.created - Duration(below(20'000)));
      case 28:
        return void(event.event_id = before_.event_id);
      case 29:
        return void(event = before_);
      case 30:
        return void(event.ad_break.emplace().id = "b");
      case 31:
        return void(is_numbered_ = below(2) == 0);
      case 32:
        return void(event.collected += std::chrono::minutes(below(20)));
      case 33:
        return void(at_ += std::chrono::minutes(below(6)));
      case 34:
        return void(event.created = event.sent = *event.created + std::chrono::hours(2));
      default:
        return void(event.kind = static_cast<MediaKind>(below(27)));
    }
  }

  std::mt19937 random_;
  Timestamp at_ = audience::base;
  double position_s_ = 0.25;
  int number_ = 0;
  bool is_numbered_ = false;
  MediaEvent before_;
};

TEST(Quiet, APingIsWhatFollowingItMakesOfSomebodyWhoWatches) {
  std::size_t quiet = 0;
  std::size_t events_total = 0;
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    Viewer viewer(seed);
    Kept kept;
    Timestamp now;
    for (int i = 0; i < 60; ++i) {
      const MediaEvent event = viewer.next();
      now = std::max(now, event.collected);
      quiet += kept.take(event, now);
      ++events_total;
    }
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_GT(quiet, events_total / 4) << "else the test shows little";
}

TEST(Quiet, AViewerWhoPlaysOnIsQuiet) {
  Kept kept;
  EXPECT_FALSE(kept.take("0 play@0 dur=6000 L=0 user=u1"));
  EXPECT_FALSE(kept.take("10 ping@10 dur=6000 L=10 user=u1")) << "the first ping";
  for (int i = 2; i < 200; ++i)
    EXPECT_TRUE(kept.take(fmt::format("{0} ping@{0}.25 dur=6000 L={0} user=u1", i * 10))) << i;
}

TEST(Quiet, WhatElseComesIsNot) {
  const auto is_quiet = [](std::string_view text) {
    Kept kept;
    for (const char* before : {"0 play@0 dur=600", "10 ping@10 dur=600", "20 ping@20 dur=600"})
      kept.take(before);
    return kept.take(text);
  };
  EXPECT_TRUE(is_quiet("30 ping@30 dur=600"));
  EXPECT_TRUE(is_quiet("30 ping@30.9 dur=600")) << "within the tolerance";
  for (const char* text :
       {"30 ping@30p dur=600", "30 pause@30p dur=600", "30 ping@90 dur=600", "30 ping@20 dur=600",
        "30 ping@30 dur=700", "30 ping@30 dur=600 label=x", "30 ping@30 dur=600 user=u1",
        "30 ping@30 dur=600 clock=7200", "20 ping@20 dur=600", "15 ping@15 dur=600",
        "400 ping@400 dur=600", "T:30 ping@30 dur=600"})
    EXPECT_FALSE(is_quiet(text)) << text;
}

TEST(Quiet, RowsOfOtherVersionsAreLeftToOthers) {
  Kept kept;
  for (const char* before : {"0 play@0 dur=600", "10 ping@10 dur=600", "20 ping@20 dur=600"})
    kept.take(before);
  const MediaEvent ping = notation::read("30 ping@30 dur=600")[0];
  QuietPings pings;
  Writer out;
  const std::string row = kept.row();
  EXPECT_TRUE(pings.follow(row, ping, ping.collected, {}, out));
  EXPECT_FALSE(pings.follow(row + '\0', ping, ping.collected, {}, out)) << "a field more";
  for (std::size_t size = 0; size < row.size(); ++size)
    EXPECT_FALSE(pings.follow(row.substr(0, size), ping, ping.collected, {}, out)) << size;
}

TEST(Quiet, BytesThatMakeNoSenseDoNoHarm) {
  Kept kept;
  for (const char* before : {"0 play@0 dur=600", "10 ping@10 dur=600", "20 ping@20 dur=600"})
    kept.take(before);
  const MediaEvent ping = notation::read("30 ping@30 dur=600")[0];
  QuietPings pings;
  Writer out;
  std::size_t taken = 0;
  for (std::size_t i = 0; i < kept.row().size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string row = kept.row();
      row[i] = static_cast<char>(row[i] ^ 1 << bit);
      if (!pings.follow(row, ping, ping.collected, {}, out)) continue;
      ++taken;
      // Then it is a row, if another one, and following it gives the same; or damage to what is
      // only copied, where the next to read it finds it.
      auto read = read_row(row);
      const auto made = read_row(out.bytes());
      ASSERT_EQ(read.has_value(), made.has_value()) << "byte " << i << ", bit " << bit;
      if (!read) continue;
      follow(read->head, ping, ping.collected);
      EXPECT_EQ(*made, *read) << "byte " << i << ", bit " << bit;
    }
  }
  EXPECT_GT(taken, 0u);
}

}  // namespace
}  // namespace lvp::profile
