#include "store/dynamodb.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>
#include <utility>

#include "wire/json.h"

namespace lvp::store {
namespace {

using net::AwsError;
using net::AwsResult;

constexpr int read_tries_max = 5;  // while a part of the keys comes back unread

std::string_view type_name(ValueType type) {
  switch (type) {
    case ValueType::text:
      return "S";
    case ValueType::number:
      return "N";
    case ValueType::boolean:
      return "BOOL";
  }
  return "";
}

void write_value(json::Writer& out, const Value& value) {
  out.begin_object().key(type_name(value.type));
  if (value.type == ValueType::boolean) {
    out.raw(value.text);
  } else {
    out.string(value.text);
  }
  out.end_object();
}

Value value_of(json::Value typed) {
  if (const auto text = typed["S"].string()) return {ValueType::text, std::string(*text)};
  if (const auto number = typed["N"].string()) return {ValueType::number, std::string(*number)};
  return {ValueType::boolean, typed["BOOL"].boolean().value_or(false) ? "true" : "false"};
}

class DynamoDbTable final : public ExternalTable {
 public:
  DynamoDbTable(std::unique_ptr<net::AwsClient> client, TableShape shape, DynamoDbOptions options)
      : client_(std::move(client)),
        shape_(std::move(shape)),
        options_(options),
        name_("dynamodb: table " + shape_.name) {}

  const std::string& name() const override { return name_; }

  Status prepare(bool create) override {
    json::Writer out;
    out.begin_object().key("TableName").string(shape_.name).end_object();
    const auto answer = client_->call("DescribeTable", out.take());
    if (answer) return check_shape(*answer);
    if (!answer.error().is("ResourceNotFoundException")) return error(answer.error());
    if (!create)
      return invalid(fmt::format("{} is missing in {}: make it, or set sink.create (docs/sink.md)",
                                 name_, client_->region()));
    const auto made = client_->call("CreateTable", create_text());
    if (!made && !made.error().is("ResourceInUseException")) return error(made.error());
    return unavailable(name_ + " is being made");
  }

  Result<std::vector<Outcome>> write(std::span<const Change> changes) override {
    std::vector<Outcome> outcomes(changes.size());
    std::vector<std::size_t> single, batched;
    for (std::size_t i = 0; i < changes.size(); ++i)
      (changes[i].version ? single : batched).push_back(i);
    for (std::size_t from = 0; from < batched.size(); from += dynamodb_batch_items) {
      const std::size_t count = std::min(dynamodb_batch_items, batched.size() - from);
      LVP_DO(write_batch(changes, std::span(batched).subspan(from, count), outcomes));
    }
    LVP_DO(write_each(changes, single, outcomes));
    return outcomes;
  }

  Result<std::vector<std::optional<Item>>> read(std::span<const ItemKey> keys) override {
    std::map<ItemKey, Item> found;
    for (std::size_t from = 0; from < keys.size(); from += dynamodb_read_items) {
      LVP_DO(
          read_batch(keys.subspan(from, std::min(dynamodb_read_items, keys.size() - from)), found));
    }
    std::vector<std::optional<Item>> items;
    for (const ItemKey& key : keys) {
      const auto item = found.find(key);
      items.push_back(item == found.end() ? std::nullopt : std::optional(item->second));
    }
    return items;
  }

 private:
  // Nothing that a table answers is worth stopping for: rights, tables and names can be put right.
  std::unexpected<Error> error(const AwsError& failure) const {
    return unavailable(fmt::format("{}: {}", name_, failure.message));
  }

  // ---- The table ----

  std::string create_text() const {
    json::Writer out;
    out.begin_object();
    out.key("TableName").string(shape_.name);
    out.key("BillingMode").string("PAY_PER_REQUEST");
    out.key("AttributeDefinitions").begin_array();
    for (const std::string& name : {shape_.partition_key, shape_.sort_key}) {
      out.begin_object().key("AttributeName").string(name);
      out.key("AttributeType").string("S").end_object();
    }
    out.end_array().key("KeySchema").begin_array();
    for (const auto& [name, type] : key_schema()) {
      out.begin_object().key("AttributeName").string(name);
      out.key("KeyType").string(type).end_object();
    }
    return out.end_array().end_object().take();
  }

  std::vector<std::pair<std::string, std::string>> key_schema() const {
    return {{shape_.partition_key, "HASH"}, {shape_.sort_key, "RANGE"}};
  }

  Status check_shape(const std::string& answer) {
    json::Parser parser;
    const auto root = parser.parse(answer);
    if (!root) return unavailable(name_ + ": DescribeTable answered something that is no JSON");
    const json::Value table = (*root)["Table"];
    std::vector<std::pair<std::string, std::string>> schema;
    for (const json::Value key : table["KeySchema"].elements())
      schema.emplace_back(key["AttributeName"].string().value_or(""),
                          key["KeyType"].string().value_or(""));
    bool texts = true;
    for (const json::Value attribute : table["AttributeDefinitions"].elements()) {
      const std::string_view name = attribute["AttributeName"].string().value_or("");
      if (name == shape_.partition_key || name == shape_.sort_key)
        texts = texts && attribute["AttributeType"].string() == "S";
    }
    if (schema != key_schema() || !texts)
      return invalid(
          fmt::format("{} has other keys: it needs the partition key {} and the sort "
                      "key {}, both of type S",
                      name_, shape_.partition_key, shape_.sort_key));
    const std::string_view status = table["TableStatus"].string().value_or("");
    if (status == "CREATING") return unavailable(name_ + " is being made");
    if (status != "ACTIVE" && status != "UPDATING")
      return unavailable(fmt::format("{} is {}", name_, status));
    return {};
  }

  // ---- Items as JSON ----

  json::Writer& write_key(json::Writer& out, const ItemKey& key) const {
    out.begin_object();
    out.key(shape_.partition_key);
    write_value(out, {ValueType::text, key.partition});
    out.key(shape_.sort_key);
    write_value(out, {ValueType::text, key.sort});
    return out;
  }

  void write_item(json::Writer& out, const Item& item) const {
    write_key(out, item.key);
    for (const Field& field : item.fields) {
      out.key(field.name);
      write_value(out, field.value);
    }
    out.end_object();
  }

  Item item_of(json::Value typed) const {
    Item item{{value_of(typed[shape_.partition_key]).text, value_of(typed[shape_.sort_key]).text},
              {}};
    for (const Attribute& attribute : shape_.attributes) {
      const json::Value value = typed[attribute.name];
      if (value.exists()) item.fields.push_back({attribute.name, value_of(value)});
    }
    return item;
  }

  // ---- Changes one by one ----

  std::string change_text(const Change& change) const {
    json::Writer out;
    out.begin_object().key("TableName").string(shape_.name);
    if (change.kind == Change::Kind::put) {
      out.key("Item");
      write_item(out, change.item);
    } else {
      out.key("Key");
      write_key(out, change.item.key).end_object();
    }
    if (change.version) {
      out.key("ConditionExpression").string("attribute_not_exists(#v) OR #v < :v");
      out.key("ExpressionAttributeNames").begin_object();
      out.key("#v").string(shape_.version).end_object();
      out.key("ExpressionAttributeValues").begin_object().key(":v");
      write_value(out, {ValueType::number, std::to_string(*change.version)});
      out.end_object();
    }
    return out.end_object().take();
  }

  // An error if it is of the table and not of the item.
  AwsResult<Outcome> write_one(const Change& change) {
    const bool puts = change.kind == Change::Kind::put;
    const auto answer = client_->call(puts ? "PutItem" : "DeleteItem", change_text(change));
    if (answer) return Outcome{};
    const AwsError& failure = answer.error();
    if (failure.is("ConditionalCheckFailedException")) return Outcome{Outcome::Kind::outdated, {}};
    if (failure.throttled()) return Outcome{Outcome::Kind::throttled, failure.message};
    if (failure.is("ValidationException") || failure.is("SerializationException") ||
        failure.is("ItemCollectionSizeLimitExceededException"))
      return Outcome{Outcome::Kind::refused, failure.message};
    return std::unexpected(failure);
  }

  Status write_each(std::span<const Change> changes, std::span<const std::size_t> places,
                    std::vector<Outcome>& outcomes) {
    if (places.empty()) return {};
    std::atomic<std::size_t> next = 0;
    std::vector<std::optional<AwsError>> failures(std::min(options_.at_once, places.size()));
    {
      std::vector<std::jthread> threads;
      for (std::optional<AwsError>& failure : failures) {
        threads.emplace_back([&] {
          for (std::size_t i = next++; i < places.size() && !failure; i = next++) {
            auto outcome = write_one(changes[places[i]]);
            if (outcome) {
              outcomes[places[i]] = std::move(*outcome);
            } else {
              failure = std::move(outcome.error());
            }
          }
        });
      }
    }
    for (const std::optional<AwsError>& failure : failures) {
      if (failure) return error(*failure);
    }
    return {};
  }

  // ---- Changes 25 at a time ----

  std::string batch_text(std::span<const Change> changes,
                         std::span<const std::size_t> places) const {
    json::Writer out;
    out.begin_object().key("RequestItems").begin_object().key(shape_.name).begin_array();
    for (const std::size_t place : places) {
      const Change& change = changes[place];
      out.begin_object();
      if (change.kind == Change::Kind::put) {
        out.key("PutRequest").begin_object().key("Item");
        write_item(out, change.item);
      } else {
        out.key("DeleteRequest").begin_object().key("Key");
        write_key(out, change.item.key).end_object();
      }
      out.end_object().end_object();
    }
    return out.end_array().end_object().end_object().take();
  }

  Status write_batch(std::span<const Change> changes, std::span<const std::size_t> places,
                     std::vector<Outcome>& outcomes) {
    const auto answer = client_->call("BatchWriteItem", batch_text(changes, places));
    if (answer) return note_unprocessed(*answer, changes, places, outcomes);
    const AwsError& failure = answer.error();
    if (failure.throttled()) {
      for (const std::size_t place : places)
        outcomes[place] = {Outcome::Kind::throttled, failure.message};
      return {};
    }
    // One item is at fault, and the answer does not say which.
    if (failure.is("ValidationException")) return write_each(changes, places, outcomes);
    return error(failure);
  }

  Status note_unprocessed(const std::string& answer, std::span<const Change> changes,
                          std::span<const std::size_t> places, std::vector<Outcome>& outcomes) {
    json::Parser parser;
    const auto root = parser.parse(answer);
    if (!root) return unavailable(name_ + ": BatchWriteItem answered something that is no JSON");
    std::map<ItemKey, std::size_t> by_key;
    for (const std::size_t place : places) by_key[changes[place].item.key] = place;
    for (const json::Value request : (*root)["UnprocessedItems"][shape_.name].elements()) {
      const json::Value put = request["PutRequest"]["Item"];
      const ItemKey key = item_of(put.exists() ? put : request["DeleteRequest"]["Key"]).key;
      const auto place = by_key.find(key);
      if (place == by_key.end())
        return unavailable(name_ + ": BatchWriteItem left out an item that it was not given");
      outcomes[place->second] = {Outcome::Kind::throttled,
                                 name_ + ": part of a batch was not made"};
    }
    return {};
  }

  // ---- Reading ----

  Status read_batch(std::span<const ItemKey> keys, std::map<ItemKey, Item>& found) {
    json::Writer wanted;
    wanted.begin_object().key(shape_.name).begin_object();
    wanted.key("ConsistentRead").boolean(true).key("Keys").begin_array();
    for (const ItemKey& key : keys) write_key(wanted, key).end_object();
    std::string request = wanted.end_array().end_object().end_object().take();
    for (int tries = 0; tries < read_tries_max; ++tries) {
      json::Writer out;
      out.begin_object().key("RequestItems").raw(request).end_object();
      const auto answer = client_->call("BatchGetItem", out.take());
      if (!answer) return error(answer.error());
      json::Parser parser;
      const auto root = parser.parse(*answer);
      if (!root) return unavailable(name_ + ": BatchGetItem answered something that is no JSON");
      for (const json::Value typed : (*root)["Responses"][shape_.name].elements()) {
        Item item = item_of(typed);
        ItemKey key = item.key;
        found.emplace(std::move(key), std::move(item));
      }
      const json::Value unread = (*root)["UnprocessedKeys"];
      if (unread.size() == 0) return {};
      request = json::print(unread);
    }
    return unavailable(name_ + " is throttled: it reads only a part of what it is asked for");
  }

  const std::unique_ptr<net::AwsClient> client_;
  const TableShape shape_;
  const DynamoDbOptions options_;
  const std::string name_;
};

}  // namespace

Result<std::unique_ptr<ExternalTable>> open_dynamodb_table(net::AwsAccount& account,
                                                           TableShape shape,
                                                           DynamoDbOptions options) {
  LVP_TRY(auto client, net::AwsClient::open(net::dynamodb, account, options.wait));
  return std::make_unique<DynamoDbTable>(std::move(client), std::move(shape), options);
}

}  // namespace lvp::store
