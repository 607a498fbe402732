#include "iglu/resolver_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "wire/json.h"
#include "wire/self_describing.h"

namespace lvp::iglu {
namespace {

using json::Value;

std::unexpected<Error> wrong(std::string_view key, std::string_view what) {
  return invalid(fmt::format("iglu resolver: {} {}", key, what));
}

Status only(const Value& object, std::string_view key,
            std::initializer_list<std::string_view> names) {
  if (!object.exists()) return wrong(key, "is missing");
  if (!object.is_object()) return wrong(key, "must be an object");
  for (const json::Member member : object.members()) {
    if (std::ranges::find(names, member.key) == names.end())
      return wrong(fmt::format("{}.{}", key, member.key), "is not known");
  }
  return {};
}

Result<std::string> text(const Value& object, std::string_view parent, std::string_view name) {
  const Value value = object[name];
  const std::string key = fmt::format("{}.{}", parent, name);
  if (!value.exists()) return wrong(key, "is missing");
  if (!value.string() || value.string()->empty()) return wrong(key, "must be a text");
  return std::string(*value.string());
}

Result<std::int64_t> number(const Value& object, std::string_view parent, std::string_view name,
                            std::int64_t most) {
  const Value value = object[name];
  const std::string key = fmt::format("{}.{}", parent, name);
  if (!value.exists()) return wrong(key, "is missing");
  if (!value.integer() || *value.integer() < 0 || *value.integer() > most)
    return wrong(key, fmt::format("must be a whole number from 0 to {}", most));
  return *value.integer();
}

Status read_http(Repository& repository, const Value& http, const std::string& key) {
  LVP_DO(only(http, key, {"uri", "apikey"}));
  LVP_TRY(repository.uri, text(http, key, "uri"));
  if (!repository.uri.starts_with("http://") && !repository.uri.starts_with("https://"))
    return wrong(key + ".uri", "must begin with http:// or https://");
  while (repository.uri.ends_with('/')) repository.uri.pop_back();
  const Value apikey = http["apikey"];
  if (apikey.exists() && apikey.type() != json::Type::null) {
    LVP_TRY(repository.apikey, text(http, key, "apikey"));
  }
  return {};
}

Status read_repository(ResolverConfig& config, const Value& value, const std::string& key) {
  LVP_DO(only(value, key, {"name", "priority", "vendorPrefixes", "connection"}));
  Repository repository;
  LVP_TRY(repository.name, text(value, key, "name"));
  LVP_TRY(const std::int64_t priority, number(value, key, "priority", 1'000'000));
  repository.priority = static_cast<int>(priority);
  const Value prefixes = value["vendorPrefixes"];
  if (!prefixes.is_array()) return wrong(key + ".vendorPrefixes", "must be a list of texts");
  for (const Value prefix : prefixes.elements()) {
    if (!prefix.string()) return wrong(key + ".vendorPrefixes", "must be a list of texts");
    repository.vendor_prefixes.emplace_back(*prefix.string());
  }
  const Value connection = value["connection"];
  const std::string connection_key = key + ".connection";
  LVP_DO(only(connection, connection_key, {"http", "embedded"}));
  if (connection.size() != 1) return wrong(connection_key, "must have http or embedded");
  if (connection["embedded"].exists()) {  // whatever its path, it is what the program has
    config.embedded_name = repository.name;
    return {};
  }
  LVP_DO(read_http(repository, connection["http"], connection_key + ".http"));
  const bool is_twin = std::ranges::find(config.repositories, repository.name, &Repository::name) !=
                       config.repositories.end();
  if (is_twin) return wrong(key + ".name", fmt::format("{} is there twice", repository.name));
  const auto place =
      std::ranges::upper_bound(config.repositories, priority, {}, &Repository::priority);
  config.repositories.insert(place, std::move(repository));
  return {};
}

Status check_schema(const Value& root) {
  const auto key = parse_schema_key(root["schema"].string().value_or(""));
  const bool is_ours = key && key->vendor == "com.snowplowanalytics.iglu" &&
                       key->name == "resolver-config" && key->format == "jsonschema" &&
                       key->model == 1 && key->revision == 0 && key->addition <= 3;
  if (is_ours) return {};
  return wrong("schema",
               "must be iglu:com.snowplowanalytics.iglu/resolver-config/jsonschema/1-0-0 to 1-0-3");
}

}  // namespace

Result<ResolverConfig> parse_resolver_config(std::string_view json) {
  json::Parser parser;
  const auto root = parser.parse(json);
  if (!root) return wrong("the file", fmt::format("is not JSON: {}", root.error().what));
  LVP_DO(check_schema(*root));
  const Value data = (*root)["data"];
  LVP_DO(only(data, "data", {"cacheSize", "cacheTtl", "repositories"}));

  ResolverConfig config;
  LVP_TRY(const std::int64_t cache_size, number(data, "data", "cacheSize", 1'000'000));
  config.cache_size = static_cast<std::size_t>(cache_size);
  const Value ttl = data["cacheTtl"];
  if (ttl.exists() && ttl.type() != json::Type::null) {
    constexpr std::int64_t year_s = 366 * 24 * 3600;
    LVP_TRY(const std::int64_t seconds, number(data, "data", "cacheTtl", year_s));
    config.cache_ttl = Duration(seconds * 1000);
  }
  const Value repositories = data["repositories"];
  if (!repositories.is_array()) return wrong("data.repositories", "must be a list");
  std::size_t index = 0;
  for (const Value repository : repositories.elements())
    LVP_DO(read_repository(config, repository, fmt::format("data.repositories[{}]", index++)));
  return config;
}

}  // namespace lvp::iglu
