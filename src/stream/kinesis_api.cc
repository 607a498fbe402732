#include "stream/kinesis_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/backoff.h"
#include "base/deadline.h"
#include "base/text.h"
#include "stream/kinesis_aggregate.h"
#include "wire/base64.h"
#include "wire/json.h"

namespace lvp::stream {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t sequence_digits = 56;
constexpr std::size_t part_digits = 6;
constexpr std::size_t partition_key_characters_max = 256;
constexpr std::string_view own_prefix = "lvp:";
constexpr Duration create_wait = 2min;
constexpr Duration first_look = 20ms;
constexpr Duration look_wait_max = 1s;
constexpr std::size_t pages_max = 100;

bool is_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string text_of(const json::Value& value) {
  return std::string(value.string().value_or(""));
}

std::unexpected<net::AwsError> not_understood(std::string_view operation) {
  return std::unexpected(net::AwsError{
      .message = fmt::format("aws: kinesis {}: the answer is not understood", operation)});
}

}  // namespace

std::string partition_key_of(std::string_view key, std::uint64_t nonce) {
  if (key.empty()) return fmt::format("{}.{:x}", own_prefix, nonce);
  if (!is_utf8(key) || key.starts_with(own_prefix)) {
    std::string encoded = fmt::format("{}{}", own_prefix, base64_encode(key));
    if (encoded.size() <= partition_key_characters_max) return encoded;
  } else if (code_points(key) <= partition_key_characters_max) {
    return std::string(key);
  }
  return fmt::format("{}#{:016x}", own_prefix, fnv1a(key));
}

std::string key_of(std::string_view partition_key) {
  if (!partition_key.starts_with(own_prefix)) return std::string(partition_key);
  const std::string_view rest = partition_key.substr(own_prefix.size());
  if (rest.starts_with('.')) return {};
  if (rest.starts_with('#')) return std::string(partition_key);
  return base64_decode(rest);
}

Offset kinesis_offset(std::string_view sequence_number, std::size_t part) {
  return fmt::format("{:0>{}}{:0{}}", sequence_number, sequence_digits, part, part_digits);
}

std::optional<std::string> sequence_number_of(std::string_view offset) {
  if (offset.size() != sequence_digits + part_digits || !is_digits(offset)) return std::nullopt;
  const std::string_view digits = offset.substr(0, sequence_digits);
  return std::string(digits.substr(std::min(digits.find_first_not_of('0'), sequence_digits - 1)));
}

Result<std::optional<std::string>> KinesisApi::status(const net::Patience& patience) {
  const std::string body =
      json::Writer().begin_object().key("StreamName").string(stream_).end_object().take();
  const auto answer = client_.call_again("DescribeStreamSummary", body, patience);
  if (!answer) {
    if (answer.error().is("ResourceNotFoundException")) return std::nullopt;
    return std::unexpected(answer.error().error());
  }
  json::Parser parser;
  LVP_TRY(const json::Value root, parser.parse(*answer));
  return text_of(root["StreamDescriptionSummary"]["StreamStatus"]);
}

Status KinesisApi::create(std::uint32_t shards) {
  const std::string body = json::Writer()
                               .begin_object()
                               .key("StreamName")
                               .string(stream_)
                               .key("ShardCount")
                               .integer(shards)
                               .end_object()
                               .take();
  const auto answer = client_.call_again("CreateStream", body);
  if (!answer && !answer.error().is("ResourceInUseException")) {
    return std::unexpected(answer.error().error());
  }
  const Deadline deadline(create_wait);
  Backoff backoff(first_look, look_wait_max);
  while (true) {
    LVP_TRY(const auto now, status());
    if (now == "ACTIVE") return {};
    if (deadline.left() == Duration::zero()) {
      return unavailable(fmt::format("kinesis: stream {} was made and is still {} after {}",
                                     stream_, now.value_or("missing"), duration_text(create_wait)));
    }
    sleep(backoff.next(), {});
  }
}

Result<std::vector<Shard>> KinesisApi::shards() {
  std::vector<Shard> shards;
  std::string token;
  json::Parser parser;
  for (std::size_t page = 0; page < pages_max; ++page) {
    json::Writer body;
    body.begin_object();
    if (token.empty()) {
      body.key("StreamName").string(stream_);
    } else {
      body.key("NextToken").string(token);
    }
    const auto answer = client_.call_again("ListShards", body.end_object().take());
    if (!answer) return std::unexpected(answer.error().error());
    LVP_TRY(const json::Value root, parser.parse(*answer));
    for (const json::Value& value : root["Shards"].elements()) {
      Shard shard{text_of(value["ShardId"]), {}};
      for (const char* parent : {"ParentShardId", "AdjacentParentShardId"}) {
        if (auto id = text_of(value[parent]); !id.empty()) shard.parents.push_back(std::move(id));
      }
      shards.push_back(std::move(shard));
    }
    token = text_of(root["NextToken"]);
    if (token.empty()) break;
  }
  if (!token.empty()) return invalid(fmt::format("kinesis: stream {}: too many shards", stream_));
  std::ranges::sort(shards, {}, &Shard::id);
  return shards;
}

net::AwsResult<std::string> KinesisApi::iterator(std::string_view shard,
                                                 std::string_view sequence_number) {
  json::Writer body;
  body.begin_object().key("StreamName").string(stream_).key("ShardId").string(shard);
  body.key("ShardIteratorType");
  if (sequence_number.empty()) {
    body.string("TRIM_HORIZON");
  } else {
    body.string("AT_SEQUENCE_NUMBER").key("StartingSequenceNumber").string(sequence_number);
  }
  const auto answer = client_.call("GetShardIterator", body.end_object().take());
  if (!answer) return std::unexpected(answer.error());
  json::Parser parser;
  const auto root = parser.parse(*answer);
  std::string iterator = root ? text_of((*root)["ShardIterator"]) : "";
  if (iterator.empty()) return not_understood("GetShardIterator");
  return iterator;
}

net::AwsResult<Fetched> KinesisApi::fetch(std::string_view iterator, std::size_t records_max) {
  json::Writer body;
  body.begin_object().key("ShardIterator").string(iterator);
  body.key("Limit").integer(static_cast<std::int64_t>(records_max)).end_object();
  const auto answer = client_.call("GetRecords", body.take());
  if (!answer) return std::unexpected(answer.error());
  json::Parser parser;
  const auto root = parser.parse(*answer);
  if (!root || !(*root)["Records"].is_array()) return not_understood("GetRecords");
  Fetched fetched;
  fetched.next = text_of((*root)["NextShardIterator"]);
  const json::Value records = (*root)["Records"];
  fetched.behind = Duration((*root)["MillisBehindLatest"].integer().value_or(0));
  fetched.at_tip =
      fetched.next.empty() || (fetched.behind == Duration::zero() && records.size() < records_max);
  for (const json::Value& record : records.elements()) {
    fetched.last_sequence = text_of(record["SequenceNumber"]);
    const double seconds = record["ApproximateArrivalTimestamp"].number().value_or(0);
    const Timestamp at = from_ms(std::llround(seconds * 1000));
    std::string data = base64_decode(record["Data"].string().value_or(""));
    std::string key(record["PartitionKey"].string().value_or(""));
    std::size_t part = 0;
    const bool is_aggregate = take_apart(data, [&](std::string_view of, std::string_view value) {
      fetched.records.push_back(
          {key_of(of), std::string(value), kinesis_offset(fetched.last_sequence, part++), at});
    });
    if (is_aggregate) continue;
    fetched.records.push_back(
        {key_of(key), std::move(data), kinesis_offset(fetched.last_sequence), at});
  }
  return fetched;
}

net::AwsResult<std::vector<std::string>> KinesisApi::put(std::span<const Entry* const> entries) {
  json::Writer body;
  body.begin_object().key("StreamName").string(stream_).key("Records").begin_array();
  for (const Entry* entry : entries) {
    body.begin_object().key("PartitionKey").string(partition_key_of(entry->key, nonce_++));
    body.key("Data").string(base64_encode(entry->value)).end_object();
  }
  const auto answer = client_.call("PutRecords", body.end_array().end_object().take());
  if (!answer) return std::unexpected(answer.error());
  json::Parser parser;
  const auto root = parser.parse(*answer);
  std::vector<std::string> refusals;
  if (root) {
    for (const json::Value& record : (*root)["Records"].elements()) {
      refusals.push_back(text_of(record["ErrorCode"]));
    }
  }
  if (refusals.size() != entries.size()) return not_understood("PutRecords");
  return refusals;
}

}  // namespace lvp::stream
