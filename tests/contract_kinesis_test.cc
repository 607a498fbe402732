// The contract of streams on Kinesis, and what happens on Kinesis alone. Needs a Kinesis and a
// DynamoDB: see kinesis_engine.h.
#include <deque>

#include "base/mutex.h"
#include "net/client.h"
#include "net/test_site.h"
#include "stream/lease_member.h"
#include "tests/kinesis_engine.h"
#include "tests/stream_contract.h"
#include "wire/base64.h"
#include "wire/json.h"

namespace lvp::tests {
namespace {

INSTANTIATE_TEST_SUITE_P(Engines, StreamContract, testing::Values(kinesis_case), case_name);
INSTANTIATE_TEST_SUITE_P(Engines, DurableStreamContract, testing::Values(kinesis_case), case_name);

// A service in front of the real one, which answers itself what a test asks it to.
class Front {
 public:
  // `variable` names where the real one is.
  explicit Front(const char* variable) : variable_(variable) {}

  struct Fault {
    std::string operation;
    std::string type;  // of the error
  };

  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(site_.port()); }
  // The next call of that operation fails with each of `types`, in turn.
  void fail(const std::string& operation, const std::vector<std::string>& types) {
    MutexLock lock(mutex_);
    for (const auto& type : types) faults_.push_back({operation, type});
  }
  std::size_t left() {
    MutexLock lock(mutex_);
    return faults_.size();
  }
  // Whether it answers 503 to everything.
  void be_away(bool away) { away_ = away; }

 private:
  std::optional<std::string> fault(const std::string& operation) {
    MutexLock lock(mutex_);
    const auto found = std::ranges::find(faults_, operation, &Fault::operation);
    if (found == faults_.end()) return std::nullopt;
    std::string type = found->type;
    faults_.erase(found);
    return type;
  }
  void answer(const http::Request& request, net::Responder responder) {
    if (away_) return responder.send(http::text_response(503, "text/plain", "away"));
    const std::string target(request.header("X-Amz-Target"));
    if (const auto type = fault(target.substr(target.find('.') + 1))) {
      return responder.send(
          http::text_response(400, "application/x-amz-json-1.1",
                              R"({"__type":")" + *type + R"(","message":"made up"})"));
    }
    net::ClientRequest on{.method = "POST",
                          .url = service_environment(variable_) + "/",
                          .body = std::string(request.body)};
    for (const char* name : {"Content-Type", "X-Amz-Target", "X-Amz-Date", "Authorization"}) {
      on.headers.push_back({name, std::string(request.header(name))});
    }
    auto answered = net::fetch(on);
    responder.send(http::text_response(answered ? answered->status : 502,
                                       "application/x-amz-json-1.1",
                                       answered ? std::move(answered->body) : ""));
  }

  const char* const variable_;
  std::atomic<bool> away_ = false;
  Mutex mutex_;
  std::deque<Fault> faults_ GUARDED_BY(mutex_);
  net::Site site_{[this](const http::Request& request, net::Responder responder) {
                    answer(request, std::move(responder));
                  },
                  {.body_bytes_max = 8 << 20}};
};

class KinesisTest : public testing::Test {
 protected:
  using Values = std::vector<std::string>;

  std::unique_ptr<stream::KinesisStream> open(const stream::KinesisOptions& options) {
    return must(stream::open_kinesis_stream(options, account_));
  }
  std::unique_ptr<stream::KinesisStream> open(std::uint32_t shards = 1) {
    return open(quick_options(name_, shards));
  }
  static void append(stream::Stream& stream, std::vector<stream::Entry> entries) {
    UnitOfWork unit;
    must(must(stream.writer())->append(unit, std::move(entries)));
    must(unit.commit());
  }
  static Status commit(stream::Reader& reader, const stream::Position& position) {
    UnitOfWork unit;
    if (auto status = reader.commit(unit, position); !status) return status;
    return unit.commit();
  }
  // Reads and commits until that many were read, or nothing came for long.
  static Values read(stream::Reader& reader, std::size_t count) {
    Values values;
    while (values.size() < count) {
      const auto batch = must(reader.poll(100, 10s));
      if (batch.records.empty()) break;
      for (const auto& record : batch.records) values.emplace_back(record.value);
      must(commit(reader, batch.end()));
    }
    return values;
  }
  std::string call(std::string_view operation, const std::string& body) {
    const auto answer = client_->call_again(operation, body);
    if (!answer) throw std::runtime_error(answer.error().message);
    return *answer;
  }
  std::string stream_json() const { return R"("StreamName":")" + name_ + "\""; }
  void wait_until_active() {
    const Deadline deadline(10s);
    while (call("DescribeStreamSummary", "{" + stream_json() + "}").find(R"("ACTIVE")") ==
               std::string::npos &&
           deadline.left() > 0ms) {
    }
  }

  const std::string name_ = unused_name("own");
  Front front_{"AWS_ENDPOINT_URL_KINESIS"};
  net::AwsAccount account_{{}, system_clock(), [this](const char* name) {
                             return std::string_view(name) == "AWS_ENDPOINT_URL_KINESIS"
                                        ? front_.endpoint()
                                        : service_environment(name);
                           }};
  std::unique_ptr<net::AwsClient> client_ = must(net::AwsClient::open(net::kinesis, account_));
};

TEST_F(KinesisTest, AMissingStreamIsAnErrorThatSaysWhatToDo) {
  const auto none = stream::open_kinesis_stream(quick_options(name_, 0), account_);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Error::Code::invalid);
  EXPECT_EQ(none.error().what, "kinesis: there is no stream " + name_ + " in " + client_->region() +
                                   " at " + front_.endpoint() +
                                   ": make it, or allow it to be made");
}

TEST_F(KinesisTest, RefusedCredentialsAreSaidSo) {
  front_.fail("DescribeStreamSummary", {"UnrecognizedClientException"});
  const auto none = stream::open_kinesis_stream(quick_options(name_, 0), account_);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().what, "aws: kinesis DescribeStreamSummary in " + client_->region() +
                                   ": the access key is not known: wrong credentials, or of "
                                   "another partition of AWS: UnrecognizedClientException: made "
                                   "up");
}

TEST_F(KinesisTest, RecordsArePlainForOthers) {
  const auto stream = open();
  append(*stream, {{"device-1", std::string("\x00\xff{}", 4)}});
  json::Parser parser;
  const auto ask = [&](std::string_view operation, const std::string& body) {
    return must(parser.parse(call(operation, body)));
  };
  const std::string shard = must(stream->extents())[0].partition;
  const std::string iterator(
      *ask("GetShardIterator", "{" + stream_json() + R"(,"ShardId":")" + shard +
                                   R"(","ShardIteratorType":"TRIM_HORIZON"})")["ShardIterator"]
           .string());
  const json::Value records =
      ask("GetRecords", R"({"ShardIterator":")" + iterator + R"("})")["Records"];
  ASSERT_EQ(records.size(), 1u);
  const json::Value record = *records.elements().begin();
  EXPECT_EQ(record["PartitionKey"].string(), "device-1");
  EXPECT_EQ(record["Data"].string(), "AP97fQ==");
}

TEST_F(KinesisTest, AnAggregateIsSeveralRecordsAndMayBeCommittedInPart) {
  const auto stream = open();
  // As in kinesis_aggregate_test.cc: key-a one, key-b "", key-a three.
  constexpr std::string_view base64 =
      "84mawgoFa2V5LWEKBWtleS1iEgUxMjM0NRoJCAAQABoDb25lGgQIARoAGhAIABoFdGhyZWUiBQoDdGFn/+KYjDOcQIDP"
      "YVjIPlJ0Xg==";
  call("PutRecords", "{" + stream_json() + R"(,"Records":[{"PartitionKey":"p","Data":")" +
                         std::string(base64) + R"("},{"PartitionKey":"q","Data":"cGxhaW4="}]})");
  {
    const auto reader = must(stream->reader("g"));
    const auto batch = must(reader->poll(100, 10s));
    ASSERT_EQ(batch.records.size(), 4u);
    EXPECT_EQ(batch.records[0].key, "key-a");
    EXPECT_EQ(batch.records[1].key, "key-b");
    EXPECT_EQ(batch.records[2].value, "three");
    EXPECT_EQ(batch.records[3].value, "plain");
    must(commit(*reader, {batch.partition, batch.records[0].offset}));
  }
  EXPECT_EQ(read(*must(stream->reader("g")), 3), (Values{"", "three", "plain"}));
}

TEST_F(KinesisTest, AnExpiredIteratorIsMadeAnewWhereItWas) {
  const auto stream = open();
  const auto reader = must(stream->reader("g"));
  append(*stream, {{"a", "1"}, {"a", "2"}});
  EXPECT_EQ(read(*reader, 2), (Values{"1", "2"}));
  front_.fail("GetRecords", {"ExpiredIteratorException", "ExpiredIteratorException"});
  append(*stream, {{"a", "3"}});
  EXPECT_EQ(read(*reader, 1), (Values{"3"}));
  EXPECT_EQ(front_.left(), 0u);
  EXPECT_TRUE(must(reader->poll(100, 100ms)).records.empty());
}

TEST_F(KinesisTest, ThrottledReadsAndWritesWaitAndGoOn) {
  const auto stream = open();
  const auto reader = must(stream->reader("g"));
  const std::string slow = "ProvisionedThroughputExceededException";
  front_.fail("PutRecords", {slow, "InternalFailure"});
  front_.fail("GetRecords", {slow, slow, slow});
  append(*stream, {{"a", "1"}, {"a", "2"}});
  EXPECT_EQ(read(*reader, 2), (Values{"1", "2"}));
  EXPECT_EQ(front_.left(), 0u);
  EXPECT_TRUE(must(reader->poll(100, 100ms)).records.empty());
}

TEST_F(KinesisTest, AServiceThatFailsIsUnavailableUntilItRecovers) {
  const auto stream = open();
  const auto reader = must(stream->reader("g"));
  append(*stream, {{"a", "1"}});
  front_.fail("GetRecords", {"InternalFailure"});
  const auto failed = reader->poll(100, 10s);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Error::Code::unavailable);
  EXPECT_NE(failed.error().what.find("InternalFailure"), std::string::npos) << failed.error().what;
  EXPECT_EQ(read(*reader, 1), (Values{"1"}));
}

TEST_F(KinesisTest, APositionThatIsKeptNoMoreGoesOnAtTheOldest) {
  const auto stream = open();
  append(*stream, {{"a", "1"}});
  EXPECT_EQ(read(*must(stream->reader("g")), 1), (Values{"1"}));
  append(*stream, {{"a", "2"}});
  front_.fail("GetShardIterator", {"InvalidArgumentException"});
  EXPECT_EQ(read(*must(stream->reader("g")), 1), (Values{"2"}));
  EXPECT_EQ(front_.left(), 0u);
}

TEST_F(KinesisTest, APutThatIsNotTakenInTimeIsUnavailable) {
  auto options = quick_options(name_, 1);
  options.put_wait = 20ms;
  const auto stream = open(options);
  front_.fail("PutRecords", Values(20, "ProvisionedThroughputExceededException"));
  UnitOfWork unit;
  must(must(stream->writer())->append(unit, {{"a", "1"}}));
  const Status late = unit.commit();
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Error::Code::unavailable);
}

TEST_F(KinesisTest, AnEmptyAppendAsksWhetherTheServiceIsThere) {
  const auto stream = open();
  append(*stream, {});
  front_.be_away(true);
  UnitOfWork unit;
  must(must(stream->writer())->append(unit, {}));
  EXPECT_EQ(unit.commit().error().code, Error::Code::unavailable);
  front_.be_away(false);
  append(*stream, {});
}

TEST_F(KinesisTest, AGroupsLagGrowsWhileItHasNotPassedWhatIsThere) {
  const auto stream = open(2);
  EXPECT_EQ(stream->lag("g").error().code, Error::Code::unavailable);  // it has not begun
  append(*stream, {{"a", "1"}});
  const auto reader = must(stream->reader("g"));
  const auto batch = must(reader->poll(100, 10s));
  ASSERT_EQ(batch.records.size(), 1u);
  EXPECT_GT(must(stream->lag("g")), 24h);  // nothing was ever passed

  must(commit(*reader, batch.end()));
  const Timestamp passed = system_clock().now();
  Duration lag = 24h;
  for (const Deadline deadline(20s); lag > 10s && deadline.left() > 0ms;) {
    must(reader->poll(100, 50ms));
    lag = must(stream->lag("g"));
  }
  EXPECT_LE(lag, 10s);

  // The owner beats, but does not read on.
  for (const Deadline deadline(20s); deadline.left() > 0ms && lag < 300ms;) {
    lag = must(stream->lag("g"));
  }
  EXPECT_GE(lag, 300ms);
  EXPECT_LE(lag, system_clock().now() - passed);
}

TEST_F(KinesisTest, ChildrenOfASplitAndOfAMergeAreReadAfterTheirParents) {
  const auto stream = open();
  const auto reader = must(stream->reader("g"));
  std::vector<stream::Entry> entries;
  for (int k = 0; k < 20; ++k) entries.push_back({"key" + std::to_string(k), ""});
  const auto append_round = [&](const std::string& round) {
    for (auto& entry : entries) entry.value = round;
    append(*stream, entries);
  };
  append_round("0");
  const std::string first = must(stream->extents())[0].partition;
  call("SplitShard", "{" + stream_json() + R"(,"ShardToSplit":")" + first +
                         R"(","NewStartingHashKey":"170141183460469231731687303715884105728"})");
  wait_until_active();
  append_round("1");
  const auto extents = must(stream->extents());
  ASSERT_EQ(extents.size(), 3u);
  call("MergeShards", "{" + stream_json() + R"(,"ShardToMerge":")" + extents[1].partition +
                          R"(","AdjacentShardToMerge":")" + extents[2].partition + "\"}");
  wait_until_active();
  append_round("2");

  const auto follower = must(stream->follower());
  for (stream::Reader* each : {reader.get(), follower.get()}) {
    std::map<std::string, std::string> rounds;
    std::size_t count = 0;
    while (count < 60) {
      const auto batch = must(each->poll(7, 10s));
      ASSERT_FALSE(batch.records.empty()) << count;
      for (const auto& record : batch.records) rounds[std::string(record.key)] += record.value;
      count += batch.records.size();
      must(commit(*each, batch.end()));
    }
    EXPECT_EQ(rounds.size(), 20u);
    for (const auto& [key, order] : rounds) EXPECT_EQ(order, "012") << key;
    EXPECT_TRUE(must(each->poll(100, 200ms)).records.empty());
    ASSERT_EQ(each->shares().size(), 1u);
  }
  // A later member finds the same: the parents are read out for the group.
  EXPECT_TRUE(must(must(stream->reader("g"))->poll(100, 200ms)).records.empty());
}

TEST_F(KinesisTest, ASilentMembersShardsAreTakenAndItsCommitIsAConflict) {
  auto options = quick_options(name_, 2);
  options.lease_wait = 600ms;
  const auto stream = open(options);
  std::vector<stream::Entry> entries;
  for (int k = 0; k < 20; ++k) entries.push_back({"key" + std::to_string(k), "1"});
  append(*stream, entries);

  // A member that cannot reach the table of leases any more, and still thinks that it has shards.
  Front table_front("AWS_ENDPOINT_URL_DYNAMODB");
  net::AwsAccount cut_off({}, system_clock(), [&](const char* name) {
    return std::string_view(name) == "AWS_ENDPOINT_URL_DYNAMODB" ? table_front.endpoint()
                                                                 : service_environment(name);
  });
  const auto its_stream = must(stream::open_kinesis_stream(options, cut_off));
  const auto silent = must(its_stream->reader("g"));
  const auto stale = must(silent->poll(3, 10s));
  ASSERT_FALSE(stale.records.empty());
  ASSERT_EQ(silent->shares().size(), 2u);
  table_front.be_away(true);

  const auto taker = must(stream->reader("g"));
  for (const Deadline deadline(20s); taker->shares().size() < 2 && deadline.left() > 0ms;) {
    must(taker->poll(1, 50ms));
  }
  ASSERT_EQ(taker->shares().size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(taker->shares()[i].partition, silent->shares()[i].partition);
    EXPECT_GT(taker->shares()[i].stint, silent->shares()[i].stint);
  }
  const auto step = [&] {
    UnitOfWork unit;
    must(silent->commit(unit, stale.end()));
    must(must(stream->writer())->append(unit, {{"key0", "of the silent"}}));
    return unit.commit();
  };
  const Status unknown = step();
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Error::Code::unavailable) << unknown.error().what;
  EXPECT_EQ(read(*taker, 20), Values(20, "1"));
  EXPECT_TRUE(must(taker->poll(100, 200ms)).records.empty());
  table_front.be_away(false);
  const Status late = step();
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Error::Code::conflict) << late.error().what;
}

TEST_F(KinesisTest, AStaleOwnersPositionIsRefused) {
  const auto client = must(net::AwsClient::open(net::dynamodb, account_));
  stream::LeaseTable table(*client, "leases", unused_name("group"));
  must(table.create());
  must(table.add("shard"));
  must(table.add("shard"));
  const auto seen = must(table.all());
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].member, "");
  const auto old_owner = must(table.take(seen[0], "old"));
  EXPECT_EQ(old_owner.stint, 1u);
  EXPECT_EQ(must(table.beat(old_owner, "7")).position, "7");
  EXPECT_EQ(table.take(seen[0], "new").error().code, Error::Code::conflict);  // it did beat
  const auto new_owner = must(table.take(must(table.all())[0], "new"));
  EXPECT_EQ(new_owner.position, "7");
  EXPECT_EQ(table.beat(old_owner, "8").error().code, Error::Code::conflict);
  EXPECT_EQ(table.give(old_owner, "", "8").error().code, Error::Code::conflict);
  EXPECT_EQ(table.finish(old_owner).error().code, Error::Code::conflict);
  EXPECT_EQ(must(table.want(new_owner, "third")).wanted, "third");
  EXPECT_EQ(table.want(new_owner, "fourth").error().code, Error::Code::conflict);
  must(table.give(new_owner, "third", std::nullopt));
  const auto third = must(table.all())[0];
  EXPECT_EQ(third.member, "third");
  EXPECT_EQ(third.position, "7");
  EXPECT_EQ(third.wanted, "");
  must(table.finish(third));
  EXPECT_TRUE(must(table.all())[0].read_out);
  must(table.remove("shard"));
  EXPECT_TRUE(must(table.all()).empty());
}

}  // namespace
}  // namespace lvp::tests
