// The sink when DynamoDB takes a part of what it is given, or nothing for now: that much is given
// again, and no more. The service is a function here, since what stands in for it never throttles.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "net/test_site.h"
#include "stages/sink.h"
#include "stages/sink_items.h"
#include "store/dynamodb.h"
#include "stream/memory.h"
#include "tests/engines.h"
#include "wire/json.h"
#include "wire/update.h"

namespace lvp::tests {
namespace {

constexpr Duration no_wait{};

std::string status_of(const std::string& viewer) {
  return fmt::format(
      R"({{"viewer_id":"{}","collector_tstamp":"2024-11-16T13:34:08.349Z","event_id":"e",)"
      R"("event_name":"play_event","video_ts":1.5,"adsClicked":0,"adsSkipped":0,"adId":0,)"
      R"("status":"WATCHING_VIDEO"}})",
      viewer);
}

struct Said {
  int status = 200;
  std::string body = "{}";
};

Said refusal(std::string_view name) {
  return {400, fmt::format(R"({{"__type":"com.amazonaws.dynamodb.v20120810#{}",)"
                           R"("message":"slow down"}})",
                           name)};
}

class SinkThrottled : public testing::Test {
 protected:
  void publish(const std::vector<std::string>& viewers) {
    const auto unit = engine_.unit();
    for (const std::string& viewer : viewers)
      must(writer_->append(
          *unit, {{"tv", encode(Update{UpdateKind::status, "0", "1", status_of(viewer)})}}));
    must(unit->commit());
  }

  // The next batches are answered so; those after them are done.
  void say(std::vector<Said> answers) {
    MutexLock lock(mutex_);
    answers_ = std::move(answers);
  }
  static Said left_over(const std::vector<std::string>& viewers) {
    std::vector<std::string> requests;
    for (const std::string& viewer : viewers)
      requests.push_back(
          fmt::format(R"({{"PutRequest":{{"Item":{{"viewer_id":{{"S":"{}"}},)"
                      R"("collector_tstamp":{{"S":"2024-11-16T13:34:08.349Z"}}}}}}}})",
                      viewer));
    return {200, fmt::format(R"({{"UnprocessedItems":{{"video_events":[{}]}}}})",
                             fmt::join(requests, ","))};
  }

  // The viewers of each batch that arrived.
  std::vector<std::vector<std::string>> batches() {
    MutexLock lock(mutex_);
    return batches_;
  }

  std::string answer(std::string_view operation, std::string_view body, int& status) {
    if (operation == "DynamoDB_20120810.DescribeTable")
      return R"({"Table":{"TableStatus":"ACTIVE",)"
             R"("KeySchema":[{"AttributeName":"viewer_id","KeyType":"HASH"},)"
             R"({"AttributeName":"collector_tstamp","KeyType":"RANGE"}],)"
             R"("AttributeDefinitions":[{"AttributeName":"viewer_id","AttributeType":"S"},)"
             R"({"AttributeName":"collector_tstamp","AttributeType":"S"}]}})";
    json::Parser parser;
    const json::Value root = must(parser.parse(body));
    std::vector<std::string> viewers;
    for (const json::Value request : root["RequestItems"]["video_events"].elements())
      viewers.emplace_back(
          request["PutRequest"]["Item"]["viewer_id"]["S"].string().value_or("(none)"));
    std::ranges::sort(viewers);
    MutexLock lock(mutex_);
    batches_.push_back(std::move(viewers));
    if (answers_.empty()) return "{}";
    const Said said = answers_.front();
    answers_.erase(answers_.begin());
    status = said.status;
    return said.body;
  }

  // Fails, and nothing that was read is passed.
  void expect_throttled(const Result<std::size_t>& stepped) {
    ASSERT_FALSE(stepped);
    EXPECT_EQ(stepped.error().code, Error::Code::unavailable);
    EXPECT_NE(stepped.error().what.find("video_events is throttled"), std::string::npos)
        << stepped.error().what;
  }

  MemoryEngine engine_;
  ManualClock clock_;
  Metrics metrics_;
  stages::Progress progress_{.is_vital = false};
  Mutex mutex_;
  std::vector<Said> answers_ GUARDED_BY(mutex_);
  std::vector<std::vector<std::string>> batches_ GUARDED_BY(mutex_);
  net::Site site_{[this](const http::Request& request, net::Responder responder) {
    int status = 200;
    std::string body = answer(request.header("X-Amz-Target"), request.body, status);
    responder.send(http::text_response(status, "application/x-amz-json-1.0", std::move(body)));
  }};
  net::AwsAccount account_{{"us-east-1", fmt::format("http://127.0.0.1:{}", site_.port())},
                           system_clock(),
                           [](const char* name) {
                             const std::map<std::string, std::string> known{
                                 {"AWS_ACCESS_KEY_ID", "key"}, {"AWS_SECRET_ACCESS_KEY", "secret"}};
                             const auto found = known.find(name);
                             return found == known.end() ? std::string() : found->second;
                           }};
  const std::unique_ptr<store::ExternalTable> events_ =
      must(store::open_dynamodb_table(account_, stages::events_shape("video_events")));
  const std::unique_ptr<stream::Stream> updates_ =
      stream::make_memory_stream("updates", {}, clock_);
  const std::unique_ptr<stream::Stream> bad_ = stream::make_memory_stream("bad", {}, clock_);
  const std::unique_ptr<stream::Writer> writer_ = must(updates_->writer());
  const std::unique_ptr<stream::Writer> bad_writer_ = must(bad_->writer());
  const std::unique_ptr<stream::Reader> reader_ = must(updates_->reader("sink"));
  const std::unique_ptr<stages::Stage> sink_ =
      stages::make_sink_stage({.updates = *reader_,
                               .bad = *bad_writer_,
                               .events = events_.get(),
                               .new_unit = [this] { return engine_.unit(); },
                               .clock = clock_,
                               .metrics = metrics_,
                               .progress = progress_},
                              {.mode = stages::Mode::exact});
};

using Batches = std::vector<std::vector<std::string>>;

TEST_F(SinkThrottled, WhatWasNotProcessedIsGivenAgainAlone) {
  publish({"ann", "bob", "cid", "dan"});
  say({left_over({"bob", "dan"}), left_over({"dan"})});
  expect_throttled(sink_->step(no_wait));
  expect_throttled(sink_->step(no_wait));
  EXPECT_EQ(must(sink_->step(no_wait)), 4u);
  EXPECT_EQ(batches(), (Batches{{"ann", "bob", "cid", "dan"}, {"bob", "dan"}, {"dan"}}));
  EXPECT_EQ(must(sink_->step(no_wait)), 0u);
  EXPECT_EQ(batches().size(), 3u);
}

TEST_F(SinkThrottled, ARefusalOfAllIsWaitedOut) {
  publish({"ann", "bob"});
  say({refusal("ProvisionedThroughputExceededException"), refusal("ThrottlingException"),
       refusal("RequestLimitExceeded")});
  for (int tries = 0; tries < 3; ++tries) expect_throttled(sink_->step(no_wait));
  EXPECT_EQ(must(sink_->step(no_wait)), 2u);
  EXPECT_EQ(batches(), (Batches(4, {"ann", "bob"})));
}

TEST_F(SinkThrottled, ManyBatchesGoOnWhereTheyWere) {
  std::vector<std::string> viewers;
  for (int n = 0; n < 60; ++n) viewers.push_back(fmt::format("viewer-{:02}", n));
  publish(viewers);
  say({Said{}, refusal("ThrottlingException")});
  expect_throttled(sink_->step(no_wait));
  EXPECT_EQ(must(sink_->step(no_wait)), 60u);
  std::map<std::string, int> given;
  for (const auto& batch : batches()) {
    EXPECT_LE(batch.size(), store::dynamodb_batch_items);
    for (const std::string& viewer : batch) ++given[viewer];
  }
  EXPECT_EQ(given.size(), 60u);
  EXPECT_EQ(std::ranges::count_if(given, [](const auto& each) { return each.second == 2; }), 25);
}

}  // namespace
}  // namespace lvp::tests
