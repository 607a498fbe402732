// A device in two parts (head.h, storage.h) is the device: whatever comes, and wherever it stops.
#include "profile/storage.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "profile/audience.h"
#include "profile/codec.h"
#include "profile/event_log.h"
#include "profile/notation.h"

namespace lvp::profile {
namespace {

using notation::at;

// A device as a stage keeps it: a row, pieces that are stored, and the log since.
class Kept {
 public:
  // Says whether the head alone was enough.
  bool take(const MediaEvent& event, Timestamp now) {
    Row row = *read_row(row_);
    const Followed followed = follow(row.head, event, now, {}, {}, &newest_);
    if (followed == Followed::no) {
      Device device = whole();
      newest_ = {};
      apply(device, event, now);
      keep(row, device);
    } else if (followed != Followed::counted) {
      if (append(log_, row.contexts, event, std::max(now, row.head.profile.last_arrival)))
        contexts_.push_back(*decode_context(encode_context(event)));
    }
    write(row);
    return followed != Followed::no;
  }

  // The log becomes a piece.
  void seal() {
    if (log_.bytes().empty()) return;
    pieces_.emplace_back(log_.bytes());
    log_.clear();
    Row row = *read_row(row_);
    ++row.next_piece;
    write(row);
  }

  Row row() const { return *read_row(row_); }
  const std::string& bytes() const { return row_; }

  Device whole() const {
    std::vector<std::string_view> pieces(pieces_.begin(), pieces_.end());
    pieces.push_back(log_.bytes());
    auto device = join(row().head, contexts_, pieces);
    EXPECT_TRUE(device) << device.error().what;
    return *std::move(device);
  }

 private:
  static std::string row_of_none() {
    Writer out;
    write_row(out, Row());
    return std::string(out.bytes());
  }

  void keep(Row& row, const Device& device) {
    row.head = head_of(device);
    const FreshLog fresh = fresh_log(device, row);
    pieces_ = {fresh.piece};
    contexts_.clear();
    for (const std::string& context : fresh.contexts) contexts_.push_back(*decode_context(context));
    log_.clear();
  }
  void write(const Row& row) {
    Writer out;
    write_row(out, row);
    row_ = out.bytes();
  }

  std::string row_ = row_of_none();
  std::vector<std::string> pieces_{std::string(no_base)};
  std::vector<MediaEvent> contexts_;
  Writer log_;
  Newest newest_;
};

TEST(Storage, ADeviceInTwoPartsIsTheDevice) {
  std::size_t followed = 0;
  std::size_t events_total = 0;
  audience::for_every_device([&](const audience::Events& events) {
    // Mostly in order.
    audience::Events arrivals = events;
    for (std::size_t i = 1; i < arrivals.size(); ++i) {
      if (*rc::gen::inRange(0, 12) == 0) std::swap(arrivals[i - 1], arrivals[i]);
    }
    Device device;
    Kept kept;
    for (const MediaEvent& event : arrivals) {
      apply(device, event, event.collected);
      followed += kept.take(event, event.collected);
      ++events_total;
      if (*rc::gen::inRange(0, 4) == 0) kept.seal();
      RC_ASSERT(encode(kept.row().head.profile) == encode(device.profile));
      RC_ASSERT(profile_of(kept.bytes()) == encode(device.profile));
      RC_ASSERT(deadline_of(kept.bytes()) == deadline(device.profile));
    }
    RC_ASSERT(encode(kept.whole()) == encode(device));
  });
  EXPECT_GT(followed, events_total / 2) << "else the test shows little";
}

TEST(Storage, AHeadCatchesUpWithItsLog) {
  Head head;
  Row row;
  Writer log;
  std::vector<MediaEvent> contexts;
  for (const MediaEvent& event :
       notation::read("0 play@0 dur=600; 10 ping@10; 20 ping@20; 30 pause@30p; T:40 play@0")) {
    ASSERT_NE(follow(head, event, event.collected), Followed::no);
    if (append(log, row.contexts, event, event.collected))
      contexts.push_back(*decode_context(encode_context(event)));
  }
  Head behind;
  EXPECT_EQ(catch_up(behind, log.bytes(), contexts, {}, {}).value(), true);
  EXPECT_EQ(behind, head);
}

TEST(Storage, ARowIsReadInPlaceOfAnother) {
  Row reused;
  audience::for_every_device([&](const audience::Events& events) {
    Kept kept;
    for (const MediaEvent& event : events) kept.take(event, event.collected);
    RC_ASSERT(read_row(kept.bytes(), reused).has_value());
    RC_ASSERT(reused == kept.row());
  });
}

TEST(Storage, WhatAWriterDidNotKnowIsNotOfTheProfileThatWasReadBefore) {
  Profile profile;
  profile.version = 7;
  profile.foreign = 3;
  profile.plays.resize(2);
  Writer known;  // version 2 (codec.h) of a profile of two fields
  known.fixed(2, 1);
  known.fixed(0, 1);
  known(std::string("tv"), std::uint64_t{5});
  known.set_size(1);
  ASSERT_TRUE(decode_profile(known.bytes(), profile));
  Profile fresh;
  fresh.device = "tv";
  fresh.version = 5;
  EXPECT_EQ(profile, fresh);
}

TEST(Storage, AnEventThatFollowsNeedsNoWindow) {
  Kept kept;
  for (int i = 0; i < 50; ++i) {
    const MediaEvent ping =
        notation::read(fmt::format("{} {}@{} dur=600", i * 10, i ? "ping" : "play", i * 10))[0];
    EXPECT_TRUE(kept.take(ping, ping.collected)) << i;
  }
  EXPECT_EQ(kept.row().head.profile.plays[0].session.play_time, std::chrono::seconds(490));
}

TEST(Storage, WhatDoesNotSimplyFollowIsRefused) {
  const auto taken = [](std::string_view before, const MediaEvent& event) {
    Kept kept;
    for (const MediaEvent& e : notation::read(before)) kept.take(e, e.collected);
    return kept.take(event, event.collected);
  };
  const auto one = [](std::string_view text) { return notation::read(text)[0]; };
  constexpr std::string_view before = "0 play@0; 10 ping@10; 20 ping@20";
  EXPECT_TRUE(taken(before, one("30 ping@30")));
  EXPECT_TRUE(taken(before, one("T:30 play@0"))) << "another play begins";
  EXPECT_FALSE(taken(before, one("15 pause@15p !30"))) << "late";
  EXPECT_FALSE(taken(before, one("20 ping@20"))) << "twice";
  EXPECT_FALSE(taken(before, one("20 pause@20p"))) << "at the same time";
  EXPECT_TRUE(taken("0 play@0; 20 pause@20p", one("20 end@20e"))) << "an end is behind a pause";
  EXPECT_FALSE(taken("0 play@0; 20 end@20e", one("20 pause@20p")));
  EXPECT_FALSE(taken("0 play@0; T:20 play@0", one("20 pause@20p"))) << "the newest is another's";
  EXPECT_FALSE(taken(before, one("30 ping@30 clock=7200"))) << "by another clock";
  MediaEvent again = one("30 ping@30");
  again.event_id = "10 ping@10";
  EXPECT_FALSE(taken(before, again)) << "the id was used before";
  MediaEvent suspect = one("30 ping@30");
  suspect.sent = *suspect.created - Duration(1);
  EXPECT_FALSE(taken(before, suspect));
  MediaEvent bare = one("30 ping@30");
  bare.created.reset();
  EXPECT_FALSE(taken(before, bare)) << "nobody knows when it was created";
}

TEST(Storage, NewsIsWhatPeopleSee) {
  Head head;
  const auto news = [&](std::string_view text) {
    const MediaEvent event = notation::read(text)[0];
    return follow(head, event, event.collected);
  };
  EXPECT_EQ(news("0 play@0 dur=600"), Followed::with_news);
  EXPECT_EQ(news("10 ping@10 dur=600"), Followed::with_news) << "the first ping";
  EXPECT_EQ(news("20 ping@20 dur=600"), Followed::quietly);
  EXPECT_EQ(news("30 ping@30 dur=600 L=30"), Followed::quietly) << "figures go on by themselves";
  EXPECT_EQ(news("40 ping@400 dur=600"), Followed::with_news) << "a jump";
  EXPECT_EQ(news("50 ping@410 dur=600 user=u1"), Followed::with_news) << "a login";
  EXPECT_EQ(news("60 pause@420p dur=600 user=u1"), Followed::with_news);
  EXPECT_EQ(news("70 ping@420p dur=600 user=u1"), Followed::quietly);
  EXPECT_EQ(news("80 ping@420p dur=600 user=u1 label=x"), Followed::with_news);
}

TEST(Storage, DamagedBytesAreCorrupt) {
  Kept kept;
  for (const MediaEvent& e : notation::read("0 play@0; 10 ping@10; 5 ping@5 !11; 20 ping@20"))
    kept.take(e, e.collected);
  const std::string row = kept.bytes();
  for (std::size_t size = 0; size < row.size(); ++size) {
    const auto read = read_row(std::string_view(row).substr(0, size));
    if (read) continue;  // a row may end early where fields are missing
    ASSERT_EQ(read.error().code, Error::Code::corrupt) << size;
  }
  Row made = kept.row();
  const FreshLog fresh = fresh_log(kept.whole(), made);
  const std::string piece = fresh.piece;
  std::vector<MediaEvent> contexts;
  for (const std::string& context : fresh.contexts) contexts.push_back(*decode_context(context));
  for (std::size_t size = 0; size < piece.size(); ++size) {
    const std::string_view part = std::string_view(piece).substr(0, size);
    ASSERT_FALSE(join(kept.row().head, contexts, std::span(&part, 1))) << size;
  }
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) {
    std::string bytes = i % 2 ? row : piece;
    for (int flips = 0; flips < 3; ++flips)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    const std::string_view view = bytes;
    if (i % 2) {
      const auto read = read_row(view);
      if (!read) {
        EXPECT_EQ(read.error().code, Error::Code::corrupt);
      }
    } else {
      const auto device = join(kept.row().head, contexts, std::span(&view, 1));
      if (!device) {
        EXPECT_EQ(device.error().code, Error::Code::corrupt);
      }
    }
  }
}

TEST(Storage, TheBaseOfADeviceThatHasNothingIsKnown) {
  Row row;
  EXPECT_EQ(fresh_log(Device(), row).piece, no_base);
}

TEST(Storage, AnEventTakesFewBytes) {
  MediaEvent ping = notation::read("30 ping@30.123456 dur=600 label=Bugs L=29.8")[0];
  ping.useragent = std::string(120, 'u');
  ping.event_id = "143f9cb9-3db9-4e99-8d67-c8aea075d190";
  std::vector<std::uint64_t> contexts;
  Writer log;
  EXPECT_TRUE(append(log, contexts, ping, ping.collected));
  EXPECT_LT(log.bytes().size(), 64u);
  EXPECT_FALSE(append(log, contexts, ping, ping.collected));
  EXPECT_EQ(contexts.size(), 1u);

  const MediaEvent context = *decode_context(encode_context(ping));
  std::vector<LoggedEvent> events;
  ASSERT_TRUE(read_log(log.bytes(), std::span(&context, 1), events));
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1].event, ping);
}

}  // namespace
}  // namespace lvp::profile
