// The known defects of the accelerator, by their numbers in docs/compatibility.md#defects: `exact`
// has them, `mapped` does not. Those that are not of the state machine are tested where their cure
// is; docs/scenarios.md lists them.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "profile/accelerator.h"
#include "profile/device.h"
#include "profile/notation.h"

namespace lvp::profile {
namespace {

using enum Status;
using Statuses = std::vector<Status>;

Statuses exact_statuses(const std::vector<MediaEvent>& arrivals) {
  ExactViewer viewer;
  Statuses statuses;
  for (const MediaEvent& event : arrivals) {
    if (const auto status = exact(viewer, event)) statuses.push_back(*status);
  }
  return statuses;
}

Device device_of(const std::vector<MediaEvent>& arrivals) {
  Device device;
  for (const MediaEvent& event : arrivals) apply(device, event, event.collected);
  return device;
}

Statuses mapped_statuses(const Device& device, std::size_t play = 0) {
  Statuses statuses;
  for (const StatusChange& change :
       status_changes({}, device.profile.plays.at(play).session.timeline))
    statuses.push_back(change.status);
  return statuses;
}

struct Row {
  std::string_view defect;
  std::string_view events;
  Statuses exact;
  Statuses mapped;
};

// What one session shows.
TEST(Defect, OfTheStateMachine) {
  const Row rows[] = {
      {"1 a completed viewer stays completed",
       "0 play@0 dur=60; 60 end@60e; 100 play@0; 110 ping@10",
       {watching_video, completed_video},
       {watching_video, completed_video, watching_video}},
      {"2 the end after its pause is not seen",
       "0 play@0 dur=60; 60 pause@60e; 60.05 end@60e",
       {watching_video, paused_video},
       {watching_video, completed_video}},
      {"3 an ad break while paused is not seen",
       "0 play@0 dur=600; 10 pause@10p; 20 ad_break_start@10p br=b1; 30 ad_break_end@10p br=b1",
       {watching_video, paused_video},
       {watching_video, paused_video, watching_ad, paused_video}},
      {"6 the order of arrival is trusted",
       "0 play@0 dur=600; 20 play@10 !20.1; 10 pause@10p !25; 30 ping@20",
       {watching_video, paused_video},
       {watching_video, paused_video, watching_video}},
      {"7 a repeated event counts again",
       "0 play@0 dur=600; 10 pause@10p; 20 play@10; 10 pause@10p !21; 30 ping@20",
       {watching_video, paused_video, watching_video, paused_video},
       {watching_video, paused_video, watching_video}},
      {"8 an ad id that is no number drops the message",
       "0 play@0 dur=600; 30 ad_break_start@30 br=b1 ad=a825644f; 40 ad_break_end@30p br=b1; "
       "41 play@30",
       {watching_video},
       {watching_video, watching_ad, watching_video}},
      {"18 a ping cannot put a state right",
       "0 play@0 dur=600; 10 pause@10p; 40 ping@30; 70 ping@60",
       {watching_video, paused_video},
       {watching_video, paused_video, watching_video}},
      {"19 a lost end of a break holds the viewer in the ad",
       "0 play@0 dur=600; 30 ad_break_start@30 br=b1; 30.1 pause@30p br=b1; 45 play@30; 60 ping@45",
       {watching_video, watching_ad},
       {watching_video, watching_ad, watching_video}},
      {"20 an overlay counts as an ad",
       "0 play@0 dur=600; 30 ad_break_start@30 br=b1 bt=nonlinear; "
       "45 ad_break_end@45 br=b1 bt=nonlinear",
       {watching_video, watching_ad, watching_video},
       {watching_video}},
  };
  for (const Row& row : rows) {
    std::vector<MediaEvent> arrivals = notation::read(row.events);
    for (MediaEvent& event : arrivals) event.ad_id_numeric = event.ad_id != "a825644f";
    for (MediaEvent& event : arrivals) {  // a repeated delivery has the id of the first
      const auto end = event.event_id.find(" !21");
      if (end == std::string::npos) continue;
      event.event_id.resize(end);
      event.fingerprint = fnv1a(event.event_id);
    }
    EXPECT_EQ(exact_statuses(arrivals), row.exact) << row.defect;
    EXPECT_EQ(mapped_statuses(device_of(arrivals)), row.mapped) << row.defect;
  }
}

TEST(Defect, Number4TabsFightOverOneState) {
  const auto arrivals =
      notation::read("A:0 play@0 dur=600; B:1 play@0 dur=600; A:10 pause@10p; B:31 ping@30");
  EXPECT_EQ(exact_statuses(arrivals), (Statuses{watching_video, paused_video}));
  const Device device = device_of(arrivals);
  EXPECT_EQ(mapped_statuses(device, 0), (Statuses{watching_video, paused_video}));
  EXPECT_EQ(mapped_statuses(device, 1), (Statuses{watching_video}));
}

TEST(Defect, Number5NobodyEverLeaves) {
  Device device = device_of(notation::read("0 play@0 dur=600; 30 ping@30"));
  EXPECT_TRUE(expire(device, notation::at(135)));
  EXPECT_EQ(device.profile.plays[0].state(), State::left);
  EXPECT_EQ(status_of(State::left), std::nullopt) << "and the old words cannot say so";
}

TEST(Defect, Number9TheAdIsUnknownWhenItsBreakBegins) {
  const Device device = device_of(notation::read(
      "0 play@0; 30 ad_break_start@30 br=b1; 30.1 ad_start@30p br=b1 ad=288; 31 ping@30p br=b1"));
  const Session& session = device.profile.plays[0].session;
  EXPECT_EQ(session.timeline.back().cause.ad_id, "") << "as the accelerator says it";
  EXPECT_EQ(session.ad->id, "288") << "and what we know";
}

// Both changes of one request have the same collector time, and so had the same key.
TEST(Defect, Number10ChangesOfOneRequestOverwriteEachOther) {
  const Device device =
      device_of(notation::read("0 play@0 !5; 1 pause@1p !5; 2 play@1 !5; 4 ping@3 !5"));
  const auto& timeline = device.profile.plays[0].session.timeline;
  ASSERT_EQ(timeline.size(), 3u);
  EXPECT_EQ(timeline[1].cause.collected, timeline[2].cause.collected);
  EXPECT_EQ(device.profile.version, 4u);
}

TEST(Defect, Number13MemoryGrowsForEver) {
  Device device;
  for (int i = 0; i < 3000; ++i) {
    const std::string text = "s" + std::to_string(i) + ":" + std::to_string(i) + " play@0";
    const MediaEvent event = notation::read(text)[0];
    apply(device, event, event.collected);
  }
  EXPECT_EQ(device.profile.plays.size(), plays_max);
  EXPECT_LE(device.seen.size(), Limits().ids_max);
}

TEST(Defect, Number21AnEventWithoutAViewerJoinsAllOthersWithout) {
  json::Parser parser;
  const auto decode = [&](std::string_view rest) {
    return decode_media_event(
        R"({"collector_tstamp":"2026-01-01T00:00:00Z","event_id":"e","viewer_id":"PoC user",)" +
            std::string(rest) + "}",
        parser);
  };
  EXPECT_FALSE(decode(R"("domain_userid":"d")")) << "no event name";
  const auto a = decode(R"("event_name":"play_event","session":{"mediaSessionId":"m1"})");
  const auto b = decode(R"("event_name":"play_event","session":{"mediaSessionId":"m2"})");
  ASSERT_TRUE(a && b);
  EXPECT_NE(a->viewer, b->viewer);
  EXPECT_EQ(a->accelerator_viewer, b->accelerator_viewer);
}

}  // namespace
}  // namespace lvp::profile
