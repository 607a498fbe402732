// The contract of streams on Kafka, and what happens on Kafka alone. Needs a broker that may be
// killed: see kafka_engine.h.
#include <array>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>

#include "stream/kafka_client.h"
#include "stream/kafka_producer.h"
#include "tests/kafka_engine.h"
#include "tests/stream_contract.h"

namespace lvp::tests {
namespace {

INSTANTIATE_TEST_SUITE_P(Engines, StreamContract, testing::Values(kafka_case), case_name);
INSTANTIATE_TEST_SUITE_P(Engines, DurableStreamContract, testing::Values(kafka_case), case_name);

class Kafka : public testing::Test {
 protected:
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  static Pairs pairs(const stream::Batch& batch) {
    Pairs pairs;
    for (const auto& record : batch.records) pairs.emplace_back(record.key, record.value);
    return pairs;
  }
  void append(stream::Stream& stream, std::vector<stream::Entry> entries) {
    const auto unit = engine_.unit();
    must(must(stream.writer())->append(*unit, std::move(entries)));
    must(unit->commit());
  }
  static Pairs all(stream::KafkaStream& stream, const std::string& partition = "0") {
    return pairs(must(stream.read(partition, "", 1000)));
  }
  // A cluster says that a transaction is committed a moment before readers see it.
  static Pairs await(stream::KafkaStream& stream, std::size_t records) {
    Pairs found;
    for (const Deadline deadline(30s); deadline.left() > 0ms;) {
      found = all(stream);
      if (found.size() >= records) break;
    }
    return found;
  }
  // The first batch that has anything; an empty one if none comes in time.
  static stream::Batch first_batch(stream::Reader& reader, std::size_t records_max = 100) {
    for (const Deadline deadline(30s); deadline.left() > 0ms;) {
      auto batch = reader.poll(records_max, 500ms);
      if (batch && !batch->records.empty()) return std::move(*batch);
    }
    return {};
  }
  // As an administrator did before us.
  void make_topic(const std::string& topic, const std::map<std::string, std::string>& settings) {
    std::array<char, 256> why{};
    stream::kafka::Context context;
    const auto client =
        must(stream::kafka::make_client(RD_KAFKA_PRODUCER, engine_.options(), {}, context));
    const std::unique_ptr<rd_kafka_NewTopic_t, stream::kafka::Destroy<rd_kafka_NewTopic_destroy>>
        made(rd_kafka_NewTopic_new(topic.c_str(), 1, 1, why.data(), why.size()));
    for (const auto& [name, value] : settings)
      rd_kafka_NewTopic_set_config(made.get(), name.c_str(), value.c_str());
    rd_kafka_NewTopic_t* all[] = {made.get()};
    const stream::kafka::Queue answers(rd_kafka_queue_new(client.get()));
    rd_kafka_CreateTopics(client.get(), all, 1, nullptr, answers.get());
    const stream::kafka::Event answer(rd_kafka_queue_poll(answers.get(), 30'000));
    ASSERT_TRUE(answer);
    ASSERT_EQ(rd_kafka_event_error(answer.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  static std::string complaint(const auto& result) {
    return result ? "nothing to complain about" : result.error().what;
  }

  KafkaEngine engine_;
};

TEST_F(Kafka, APlainConsumerOfThePartitionKeepsTheOrderOfTransactions) {
  auto& in = engine_.stream("in", 1);
  auto& out = engine_.stream("out", 1);
  append(in, {{"k", "1"}, {"k", "2"}, {"k", "3"}});
  const auto reader = must(in.reader("g"));
  const auto writer = must(out.writer());
  for (int i = 1; i <= 3; ++i) {
    const auto batch = first_batch(*reader, 1);
    ASSERT_EQ(batch.records.size(), 1u);
    EXPECT_EQ(batch.records[0].value, std::to_string(i));
    const auto unit = engine_.unit();
    must(writer->append(*unit, {{"k", std::string(batch.records[0].value)}}));
    must(reader->commit(*unit, batch.end()));
    must(unit->commit());
  }
  EXPECT_EQ(await(out, 3), (Pairs{{"k", "1"}, {"k", "2"}, {"k", "3"}}));
  // Marks of transactions lie between and behind the records.
  const auto extent = must(out.extents())[0];
  EXPECT_FALSE(extent.exact);
  EXPECT_EQ(extent.records, 6u);
  const auto rest = must(out.read("0", "00000000000000000004", 10));
  EXPECT_TRUE(rest.records.empty());
  EXPECT_TRUE(rest.caught_up);
  const auto lag = must(in.lag("g"));
  ASSERT_EQ(lag.size(), 1u);
  EXPECT_EQ(lag[0].next, 3u);
  EXPECT_EQ(lag[0].end, 3u);
}

TEST_F(Kafka, ARecordBeforeTheEndOfATransactionIsTheLastOne) {
  auto& in = engine_.stream("in", 1);
  auto& out = engine_.stream("out", 1);
  append(in, {{"k", "1"}});
  const auto reader = must(in.reader("g"));
  const auto batch = first_batch(*reader);
  const auto unit = engine_.unit();
  must(must(out.writer())->append(*unit, {{"k", "1"}}));
  must(reader->commit(*unit, batch.end()));
  must(unit->commit());
  const auto follower = must(out.follower());
  EXPECT_TRUE(first_batch(*follower).caught_up);
}

TEST_F(Kafka, AnOwnerThatWasTakenForDeadIsShutOut) {
  auto& in = engine_.stream("in", 1);
  auto& out = engine_.stream("out", 1);
  append(in, {{"k", "1"}});
  const auto old_owner = must(in.reader("g"));
  const auto batch = first_batch(*old_owner);
  ASSERT_EQ(batch.records.size(), 1u);
  const auto late = engine_.unit();
  must(must(out.writer())->append(*late, {{"k", "late"}}));
  must(old_owner->commit(*late, batch.end()));
  const auto timer = engine_.kafka().unit_for(in, "g", "0");
  must(must(out.writer())->append(*timer, {{"k", "timer"}}));
  must(timer->commit());
  const auto stints = old_owner->shares();

  // As another process does to which the group gave the partition.
  const auto new_owner = must(stream::kafka::TransactionalProducer::make(
      engine_.options(), engine_.options().name + "-g-" + engine_.topic("in") + "-0"));
  const auto later = engine_.kafka().unit_for(in, "g", "0");
  must(must(out.writer())->append(*later, {{"k", "later"}}));
  for (auto* unit : {late.get(), later.get()}) {
    const Status refused = unit->commit();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Error::Code::conflict) << refused.error().what;
  }
  EXPECT_EQ(await(out, 1), (Pairs{{"k", "timer"}}));
  // The group did not give it to anybody, so it comes again.
  EXPECT_EQ(pairs(first_batch(*old_owner)), (Pairs{{"k", "1"}}));
  ASSERT_EQ(old_owner->shares().size(), 1u);
  EXPECT_GT(old_owner->shares()[0].stint, stints.at(0).stint);
}

TEST_F(Kafka, ATransactionThatFailsHalfWayLeavesNothing) {
  auto& out = engine_.stream("out", 1);
  const auto producer =
      must(stream::kafka::TransactionalProducer::make(engine_.options(), engine_.topic("id")));
  const auto send = [&](std::int32_t second) {
    return producer->commit({{engine_.topic("out"), false, 0, {{"k", "1"}}, from_ms(1)},
                             {engine_.topic("out"), false, second, {{"k", "2"}}, from_ms(1)}},
                            {});
  };
  EXPECT_FALSE(send(7));  // there is no such partition
  EXPECT_EQ(all(out), Pairs{});
  EXPECT_FALSE(producer->is_spent());
  must(send(0));
  EXPECT_EQ(await(out, 2), (Pairs{{"k", "1"}, {"k", "2"}}));
}

TEST_F(Kafka, AnEmptyValueErasesInACompactedTopic) {
  const auto topic = engine_.topic("state");
  const auto state = must(engine_.kafka().stream(topic, {.partitions = 2, .compacted = true}));
  const auto unit = engine_.unit();
  const auto writer = must(state->writer_to("1"));
  must(writer->append(*unit, {{"a", "1"}, {"b", "2"}, {"a", ""}}));
  must(unit->commit());
  EXPECT_EQ(all(*state, "1"), (Pairs{{"a", "1"}, {"b", "2"}, {"a", ""}}));
  EXPECT_EQ(all(*state, "0"), Pairs{});
  EXPECT_FALSE(state->writer_to("2"));
}

TEST_F(Kafka, ATopicThatIsNotWhatItMustBeIsRefused) {
  engine_.stream("s", 2);
  const auto count = engine_.kafka().stream(engine_.topic("s"), {.partitions = 3});
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error().code, Error::Code::invalid);
  EXPECT_NE(complaint(count).find("has 2 partitions"), std::string::npos) << complaint(count);
  const auto policy =
      engine_.kafka().stream(engine_.topic("s"), {.partitions = 2, .compacted = true});
  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error().code, Error::Code::invalid);
  EXPECT_NE(complaint(policy).find("cleanup.policy is delete"), std::string::npos);

  stream::KafkaOptions options = engine_.options();
  options.create = false;
  const auto careful = must(stream::Kafka::connect(options, engine_.clock));
  const auto missing = careful->stream(engine_.topic("none"), {.partitions = 4});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Error::Code::invalid);
  EXPECT_NE(complaint(missing).find("with 4 partitions"), std::string::npos) << complaint(missing);
}

TEST_F(Kafka, ATopicMayTakeLessThanTheOthers) {
  make_topic(engine_.topic("small"), {{"max.message.bytes", "1048576"}});
  make_topic(engine_.topic("tiny"), {{"max.message.bytes", "100000"}});
  auto& small = engine_.stream("small", 1);
  const auto writer = must(small.writer());
  const std::size_t most = writer->record_bytes_max();
  EXPECT_LT(most, std::size_t{1} << 20);
  EXPECT_GT(most, std::size_t{1000} << 10);
  std::string noise(most - 1, 'x');  // which does not shrink
  std::mt19937 random(7);
  for (char& byte : noise) byte = static_cast<char>(random());
  append(small, {{"k", noise}});
  EXPECT_EQ(await(small, 1).size(), 1u);
  const auto unit = engine_.unit();
  const Status refused = writer->append(*unit, {{"k", noise + "x"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Error::Code::invalid);

  const auto tiny = engine_.kafka().stream(engine_.topic("tiny"), {});
  ASSERT_FALSE(tiny);
  EXPECT_EQ(tiny.error().code, Error::Code::invalid);
  EXPECT_NE(complaint(tiny).find("max.message.bytes is 100000"), std::string::npos);
}

TEST_F(Kafka, SettingsThatCannotBeAreRefusedByName) {
  const struct {
    std::string name;
    std::string value;
    std::string says;
  } cases[] = {{"no.such.thing", "1", "no.such.thing"},
               {"linger.ms", "soon", "linger.ms"},
               {"acks", "1", "acks cannot be set"},
               {"group.id", "mine", "group.id cannot be set"},
               {"isolation.level", "read_uncommitted", "isolation.level cannot be set"}};
  for (const auto& one : cases) {
    stream::KafkaOptions options = engine_.options();
    options.properties = {{one.name, one.value}};
    const auto refused = stream::Kafka::connect(options, engine_.clock);
    ASSERT_FALSE(refused) << one.name;
    EXPECT_EQ(refused.error().code, Error::Code::invalid);
    EXPECT_NE(complaint(refused).find(one.says), std::string::npos) << complaint(refused);
  }
}

TEST_F(Kafka, WhoDoesNotAnswerIsNamed) {
  stream::KafkaOptions options = engine_.options();
  options.brokers = "127.0.0.1:1";
  options.answer_wait = 2s;
  const auto nobody = stream::Kafka::connect(options, engine_.clock);
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, Error::Code::unavailable);
  EXPECT_NE(complaint(nobody).find("127.0.0.1:1"), std::string::npos) << complaint(nobody);
}

TEST_F(Kafka, APasswordThatIsWrongIsSaidSo) {
  stream::KafkaOptions options = engine_.options();
  options.brokers = service_variable("LVP_KAFKA_SASL_BROKERS");
  options.properties = {{"security.protocol", "SASL_PLAINTEXT"},
                        {"sasl.mechanism", "PLAIN"},
                        {"sasl.username", "lvp"},
                        {"sasl.password", "secret"}};
  EXPECT_TRUE(stream::Kafka::connect(options, engine_.clock));
  options.properties["sasl.password"] = "wrong";
  const auto refused = stream::Kafka::connect(options, engine_.clock);
  ASSERT_FALSE(refused);
  EXPECT_NE(complaint(refused).find("does not let us in"), std::string::npos) << complaint(refused);
}

TEST_F(Kafka, ACertificateThatNobodyVouchesForIsSaidSo) {
  stream::KafkaOptions options = engine_.options();
  options.brokers = service_variable("LVP_KAFKA_TLS_BROKERS");
  options.properties = {{"security.protocol", "SSL"},
                        {"ssl.ca.location", service_variable("LVP_KAFKA_CA")}};
  EXPECT_TRUE(stream::Kafka::connect(options, engine_.clock));
  options.properties.erase("ssl.ca.location");
  const auto refused = stream::Kafka::connect(options, engine_.clock);
  ASSERT_FALSE(refused);
  EXPECT_NE(complaint(refused).find("does not let us in"), std::string::npos) << complaint(refused);
  EXPECT_NE(complaint(refused).find("certificate"), std::string::npos) << complaint(refused);
}

TEST_F(Kafka, TheNextOwnerBeginsAfterTheLastCommit) {
  auto& in = engine_.stream("in", 1);
  append(in, {{"k", "1"}, {"k", "2"}, {"k", "3"}});
  auto old_owner = must(in.reader("g"));
  const auto batch = first_batch(*old_owner, 2);
  ASSERT_EQ(batch.records.size(), 2u);
  const auto new_owner = must(in.reader("g"));
  const auto unit = engine_.unit();
  must(old_owner->commit(*unit, batch.end()));
  must(unit->commit());
  old_owner.reset();
  EXPECT_EQ(pairs(first_batch(*new_owner)), (Pairs{{"k", "3"}}));
}

// Brokers that are slow fail large transactions, and would fail them for ever.
TEST_F(Kafka, ABatchThatCouldNotBeCommittedComesBackInParts) {
  auto& in = engine_.stream("in", 1);
  append(in, std::vector<stream::Entry>(1'000, {"k", "1"}));
  const auto reader = must(in.reader("g"));
  const stream::Batch whole = first_batch(*reader, 1'000);
  ASSERT_GE(whole.records.size(), 400u);
  const auto size = [&] { return must(reader->poll(1'000, 10s)).records.size(); };
  EXPECT_EQ(size(), whole.records.size() / 2);
  EXPECT_EQ(size(), whole.records.size() / 4);
  for (int i = 0; i < 5; ++i) size();
  const stream::Batch part = first_batch(*reader, 1'000);
  EXPECT_EQ(part.records.size(), 100u);
  EXPECT_EQ(part.records[0].offset, whole.records[0].offset);
  const auto unit = engine_.unit();
  must(reader->commit(*unit, part.end()));
  must(unit->commit());
  EXPECT_EQ(size(), 200u);
}

TEST_F(Kafka, AReaderMayBeginLongAfterItJoined) {
  stream::KafkaOptions options = engine_.options();
  options.properties = {{"session.timeout.ms", "1000"}, {"heartbeat.interval.ms", "200"}};
  const auto kafka = must(stream::Kafka::connect(options, engine_.clock));
  const auto stream = must(kafka->stream(engine_.topic("s"), {.keep = KafkaEngine::for_good}));
  append(*stream, {{"k", "1"}});
  const auto late = must(stream->reader("late"));
  const auto other = must(kafka->stream(engine_.topic("empty"), {}));
  const auto idle = must(other->reader("idle"));
  for (const Deadline several_sessions(4s); several_sessions.left() > 0ms;)
    EXPECT_TRUE(must(idle->poll(1, 500ms)).records.empty());
  EXPECT_EQ(pairs(first_batch(*late)), (Pairs{{"k", "1"}}));
}

// The whole cluster: nothing may pass for done or read while it is away.
TEST_F(Kafka, ABrokerThatDiesIsUnavailableAndWorksAgainByItself) {
  stream::KafkaOptions options = engine_.options();
  options.properties = {{"message.timeout.ms", "3000"}};
  options.answer_wait = 3s;
  const auto kafka = must(stream::Kafka::connect(options, engine_.clock));
  const auto stream = must(kafka->stream(engine_.topic("s"), {.keep = KafkaEngine::for_good}));
  const auto reader = must(stream->reader("g"));
  append(*stream, {{"k", "1"}});
  const auto batch = first_batch(*reader);
  ASSERT_EQ(batch.records.size(), 1u);
  const auto services = [](const std::string& action) {
    return std::system((std::string(LVP_SERVICES) + " " + action + " kafka-1").c_str());
  };
  ASSERT_EQ(services("kill"), 0);
  auto unit = kafka->unit();
  must(must(stream->writer())->append(*unit, {{"k", "lost?"}}));
  const Status sent = unit->commit();
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, Error::Code::unavailable);
  const auto extents = stream->extents();
  ASSERT_FALSE(extents);
  EXPECT_EQ(extents.error().code, Error::Code::unavailable);
  ASSERT_EQ(services("start"), 0);

  // The position is moved by whoever succeeds in the end.
  for (const Deadline deadline(60s); deadline.left() > 0ms;) {
    const auto again = first_batch(*reader);
    ASSERT_FALSE(again.records.empty());
    EXPECT_EQ(again.records[0].value, "1");
    unit = kafka->unit();
    must(must(stream->writer())->append(*unit, {{"k", "2"}}));
    if (reader->commit(*unit, {again.partition, again.records[0].offset}) && unit->commit()) break;
  }
  const auto next = first_batch(*reader);
  ASSERT_FALSE(next.records.empty());
  EXPECT_EQ(next.records.back().value, "2");
}

}  // namespace
}  // namespace lvp::tests
