#include "stream/lease_table.h"

#include <fmt/format.h>

#include <utility>

#include "base/backoff.h"
#include "base/deadline.h"
#include "base/text.h"
#include "wire/json.h"

namespace lvp::stream {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view nobody = "-";
constexpr std::string_view no_position = "-";
constexpr std::string_view end_position = "end";
constexpr Duration create_wait = 2min;
constexpr Duration first_look = 20ms;
constexpr Duration look_wait_max = 1s;
constexpr std::size_t pages_max = 100;

std::string_view or_nobody(std::string_view member) {
  return member.empty() ? nobody : member;
}

void append_text(json::Writer& out, std::string_view name, std::string_view value) {
  out.key(name).begin_object().key("S").string(value).end_object();
}
void append_number(json::Writer& out, std::string_view name, std::uint64_t value) {
  out.key(name).begin_object().key("N").string(std::to_string(value)).end_object();
}

std::string text_of(const json::Value& item, std::string_view name) {
  return std::string(item[name]["S"].string().value_or(""));
}
std::uint64_t number_of(const json::Value& item, std::string_view name) {
  const auto number = parse_int64(item[name]["N"].string().value_or(""));
  return static_cast<std::uint64_t>(number.value_or(0));
}

Lease lease_of(const json::Value& item) {
  const auto unless = [](std::string text, std::string_view none) {
    return text == none ? std::string() : std::move(text);
  };
  Lease lease;
  lease.shard = text_of(item, "shard");
  lease.member = unless(text_of(item, "member"), nobody);
  lease.stint = number_of(item, "stint");
  lease.beat = number_of(item, "beat");
  lease.fresh = from_ms(static_cast<std::int64_t>(number_of(item, "fresh")));
  lease.wanted = unless(text_of(item, "wanted"), nobody);
  lease.position = unless(text_of(item, "position"), no_position);
  if (lease.position == end_position) {
    lease.read_out = true;
    lease.position.clear();
  }
  return lease;
}

}  // namespace

// An update in DynamoDB's words. Names are placeholders: many are reserved.
struct LeaseTable::Change {
  std::string update;
  std::string condition;
  std::vector<std::pair<std::string_view, std::string>> texts = {};
  std::vector<std::pair<std::string_view, std::uint64_t>> numbers = {};
};

Status LeaseTable::create() {
  const std::string describe =
      json::Writer().begin_object().key("TableName").string(table_).end_object().take();
  const Deadline deadline(create_wait);
  Backoff backoff(first_look, look_wait_max);
  for (bool is_made = false;; sleep(backoff.next(), {})) {
    const auto found = client_.call_again("DescribeTable", describe);
    if (found) {
      json::Parser parser;
      LVP_TRY(const json::Value root, parser.parse(*found));
      if (root["Table"]["TableStatus"].string() == "ACTIVE") return {};
    } else if (!found.error().is("ResourceNotFoundException")) {
      return std::unexpected(found.error().error());
    } else if (!is_made) {
      const auto made = client_.call_again(
          "CreateTable",
          fmt::format(R"({{"TableName":"{}","BillingMode":"PAY_PER_REQUEST",)"
                      R"("AttributeDefinitions":[)"
                      R"({{"AttributeName":"lease_group","AttributeType":"S"}},)"
                      R"({{"AttributeName":"shard","AttributeType":"S"}}],)"
                      R"("KeySchema":[{{"AttributeName":"lease_group","KeyType":"HASH"}},)"
                      R"({{"AttributeName":"shard","KeyType":"RANGE"}}]}})",
                      table_));
      if (!made && !made.error().is("ResourceInUseException")) {
        return std::unexpected(made.error().error());
      }
      is_made = true;
    }
    if (deadline.left() == Duration::zero()) {
      return unavailable(fmt::format("dynamodb: table {} is not ready after {}", table_,
                                     duration_text(create_wait)));
    }
  }
}

Result<std::vector<Lease>> LeaseTable::all() {
  std::vector<Lease> leases;
  std::string last_key;
  for (std::size_t page = 0; page < pages_max; ++page) {
    json::Writer body;
    body.begin_object().key("TableName").string(table_).key("ConsistentRead").boolean(true);
    body.key("KeyConditionExpression").string("lease_group = :g");
    body.key("ExpressionAttributeValues").begin_object();
    append_text(body, ":g", group_);
    body.end_object();
    if (!last_key.empty()) body.key("ExclusiveStartKey").raw(last_key);
    const auto answer = client_.call_again("Query", body.end_object().take(), {.tries_max = 3});
    if (!answer) return std::unexpected(answer.error().error());
    json::Parser parser;
    LVP_TRY(const json::Value root, parser.parse(*answer));
    for (const json::Value& item : root["Items"].elements()) leases.push_back(lease_of(item));
    if (!root["LastEvaluatedKey"].is_object()) return leases;
    last_key = json::print(root["LastEvaluatedKey"]);
  }
  return invalid(fmt::format("dynamodb: table {}: too many leases of {}", table_, group_));
}

Status LeaseTable::add(std::string_view shard) {
  json::Writer body;
  body.begin_object().key("TableName").string(table_).key("Item").begin_object();
  append_text(body, "lease_group", group_);
  append_text(body, "shard", shard);
  append_text(body, "member", nobody);
  append_text(body, "wanted", nobody);
  append_text(body, "position", no_position);
  append_number(body, "stint", 0);
  append_number(body, "beat", 0);
  append_number(body, "fresh", 0);
  body.end_object()
      .key("ConditionExpression")
      .string("attribute_not_exists(lease_group)")
      .end_object();
  const auto answer = client_.call_again("PutItem", body.take(), {.tries_max = 3});
  if (answer || answer.error().is("ConditionalCheckFailedException")) return {};
  return std::unexpected(answer.error().error());
}

Status LeaseTable::remove(std::string_view shard) {
  json::Writer body;
  body.begin_object().key("TableName").string(table_).key("Key").begin_object();
  append_text(body, "lease_group", group_);
  append_text(body, "shard", shard);
  const auto answer = client_.call_again("DeleteItem", body.end_object().end_object().take());
  if (!answer) return std::unexpected(answer.error().error());
  return {};
}

// Once: after an answer that did not come, a repetition would meet its own success as a conflict.
Result<Lease> LeaseTable::change(std::string_view shard, const Change& change) {
  json::Writer body;
  body.begin_object().key("TableName").string(table_).key("Key").begin_object();
  append_text(body, "lease_group", group_);
  append_text(body, "shard", shard);
  body.end_object().key("UpdateExpression").string(change.update);
  body.key("ConditionExpression").string(change.condition).key("ReturnValues").string("ALL_NEW");
  body.key("ExpressionAttributeNames").begin_object();
  for (const std::string_view name : {"member", "stint", "beat", "position", "wanted", "fresh"}) {
    const std::string placeholder = fmt::format("#{}", name);
    const bool is_used = change.update.find(placeholder) != std::string::npos ||
                         change.condition.find(placeholder) != std::string::npos;
    if (is_used) body.key(placeholder).string(name);
  }
  body.end_object().key("ExpressionAttributeValues").begin_object();
  for (const auto& [name, value] : change.texts) append_text(body, name, value);
  for (const auto& [name, value] : change.numbers) append_number(body, name, value);
  const auto answer = client_.call("UpdateItem", body.end_object().end_object().take());
  if (!answer) return std::unexpected(answer.error().error());
  json::Parser parser;
  LVP_TRY(const json::Value root, parser.parse(*answer));
  return lease_of(root["Attributes"]);
}

namespace {

constexpr std::string_view as_mine = "#member = :mine AND #stint = :stint";

std::string with_position(std::string_view update, bool has_position) {
  return fmt::format("{}{}", update, has_position ? ", #position = :position" : "");
}

}  // namespace

Result<Lease> LeaseTable::take(const Lease& seen, std::string_view member) {
  return change(seen.shard,
                {"SET #member = :new, #wanted = :nobody, #stint = #stint + :one, #beat = #beat + "
                 ":one",
                 "#member = :seen AND #stint = :stint AND #beat = :beat",
                 {{":new", std::string(member)},
                  {":nobody", std::string(nobody)},
                  {":seen", std::string(or_nobody(seen.member))}},
                 {{":stint", seen.stint}, {":beat", seen.beat}, {":one", 1}}});
}

Result<Lease> LeaseTable::beat(const Lease& mine, const std::optional<std::string>& position) {
  Change beat{with_position("SET #beat = #beat + :one, #fresh = :fresh", position.has_value()),
              std::string(as_mine),
              {{":mine", mine.member}},
              {{":stint", mine.stint},
               {":fresh", static_cast<std::uint64_t>(to_ms(mine.fresh))},
               {":one", 1}}};
  if (position) beat.texts.emplace_back(":position", *position);
  return change(mine.shard, beat);
}

Result<Lease> LeaseTable::want(const Lease& seen, std::string_view member) {
  return change(seen.shard, {"SET #wanted = :new",
                             "#member = :seen AND #stint = :stint AND #wanted = :nobody",
                             {{":new", std::string(member)},
                              {":nobody", std::string(nobody)},
                              {":seen", std::string(or_nobody(seen.member))}},
                             {{":stint", seen.stint}}});
}

Status LeaseTable::stop_wanting(std::string_view shard, std::string_view member) {
  LVP_DO(change(shard, {"SET #wanted = :nobody",
                        "#wanted = :me",
                        {{":me", std::string(member)}, {":nobody", std::string(nobody)}},
                        {}}));
  return {};
}

Status LeaseTable::give(const Lease& mine, std::string_view member,
                        const std::optional<std::string>& position) {
  Change give{with_position("SET #member = :new, #wanted = :nobody, #stint = #stint + :one, #beat "
                            "= #beat + :one",
                            position.has_value()),
              std::string(as_mine),
              {{":mine", mine.member},
               {":new", std::string(or_nobody(member))},
               {":nobody", std::string(nobody)}},
              {{":stint", mine.stint}, {":one", 1}}};
  if (position) give.texts.emplace_back(":position", *position);
  LVP_DO(change(mine.shard, give));
  return {};
}

Status LeaseTable::finish(const Lease& mine) {
  return give(mine, {}, std::string(end_position));
}

}  // namespace lvp::stream
