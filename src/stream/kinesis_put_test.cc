#include "stream/kinesis_put.h"

#include <gtest/gtest.h>

#include <map>

namespace lvp::stream {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

constexpr PutPatience hasty = {.all = 200ms, .first_wait = 1ms, .wait_max = 2ms};

// What was sent, call by call, and the answers to give; after them everything is taken.
struct Service {
  std::vector<Texts> calls;
  std::vector<net::AwsResult<Texts>> answers;

  PutCall call() {
    return [this](std::span<const Entry* const> entries) -> net::AwsResult<Texts> {
      Texts values;
      for (const Entry* entry : entries) values.push_back(entry->value);
      calls.push_back(values);
      if (answers.empty()) return Texts(values.size());
      const auto answer = answers.front();
      answers.erase(answers.begin());
      return answer;
    };
  }
};

net::AwsResult<Texts> refuses(std::string type, int status) {
  return std::unexpected(
      net::AwsError{.status = status, .type = std::move(type), .message = "aws: it says no"});
}

TEST(KinesisPut, WhatFollowsARefusedRecordUnderItsKeyIsSentAgainWithIt) {
  Service service;
  const std::string slow = "ProvisionedThroughputExceededException";
  service.answers = {Texts{"", slow, "", "", "", "InternalFailure"}, Texts{slow, "", ""}};
  const std::vector<Entry> entries = {{"a", "a1"}, {"b", "b1"}, {"a", "a2"},
                                      {"b", "b2"}, {"", "n1"},  {"", "n2"}};
  ASSERT_TRUE(put_all("s", entries, hasty, service.call()));
  EXPECT_EQ(
      service.calls,
      (std::vector<Texts>{{"a1", "b1", "a2", "b2", "n1", "n2"}, {"b1", "b2", "n2"}, {"b1", "b2"}}));
}

TEST(KinesisPut, CallsAreBoundedInRecordsAndBytes) {
  Service service;
  ASSERT_TRUE(put_all("s", std::vector<Entry>(1201, {"key", "v"}), hasty, service.call()));
  ASSERT_EQ(service.calls.size(), 3u);
  EXPECT_EQ(service.calls[0].size(), 500u);
  EXPECT_EQ(service.calls[1].size(), 500u);
  EXPECT_EQ(service.calls[2].size(), 201u);

  service.calls.clear();
  const Entry whole{"k", std::string((1 << 20) - 1, 'x')};
  ASSERT_TRUE(put_all("s", std::vector<Entry>(11, whole), hasty, service.call()));
  ASSERT_EQ(service.calls.size(), 3u);
  EXPECT_EQ(service.calls[0].size(), 5u);
  EXPECT_EQ(service.calls[1].size(), 5u);
  EXPECT_EQ(service.calls[2].size(), 1u);
}

TEST(KinesisPut, RecordsThatWereNotSentYetStayBehindThoseThatAreSentAgain) {
  Service service;
  Texts first(500);
  first[499] = "InternalFailure";
  service.answers = {first};
  std::vector<Entry> entries;
  for (int i = 0; i < 502; ++i) entries.push_back({"k", std::to_string(i)});
  ASSERT_TRUE(put_all("s", entries, hasty, service.call()));
  ASSERT_EQ(service.calls.size(), 2u);
  EXPECT_EQ(service.calls[1], (Texts{"499", "500", "501"}));
}

TEST(KinesisPut, ACallThatFailsIsRepeatedWhole) {
  Service service;
  service.answers = {refuses("", 0), refuses("ThrottlingException", 400), refuses("", 503)};
  ASSERT_TRUE(put_all("s", {{"a", "1"}, {"b", "2"}}, hasty, service.call()));
  EXPECT_EQ(service.calls, std::vector<Texts>(4, {"1", "2"}));
}

TEST(KinesisPut, PatienceEndsAndARefusalForGoodIsNoFaultOfTheRecords) {
  const PutCall always = [](std::span<const Entry* const> entries) -> net::AwsResult<Texts> {
    return Texts(entries.size(), "ProvisionedThroughputExceededException");
  };
  const Status late =
      put_all("s", {{"a", "1"}, {"b", "2"}}, {.all = 20ms, .first_wait = 1ms}, always);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Error::Code::unavailable);
  EXPECT_EQ(late.error().what,
            "kinesis: stream s: 2 of 2 records not taken in 20ms: "
            "ProvisionedThroughputExceededException");

  Service service;
  service.answers = {refuses("AccessDeniedException", 400)};
  const Status denied = put_all("s", {{"a", "1"}}, hasty, service.call());
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().code, Error::Code::unavailable);
  EXPECT_EQ(denied.error().what, "aws: it says no");
  EXPECT_EQ(service.calls.size(), 1u);
}

TEST(KinesisPut, NothingIsNoCall) {
  Service service;
  ASSERT_TRUE(put_all("s", {}, hasty, service.call()));
  EXPECT_TRUE(service.calls.empty());
}

}  // namespace
}  // namespace lvp::stream
