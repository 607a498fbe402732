#include "app/config.h"

#include <fmt/format.h>
#include <unistd.h>

#include <toml++/toml.h>
#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <limits>

#include "app/stream_url.h"
#include "app/table_url.h"
#include "base/text.h"
#include "wire/json.h"

namespace lvp::app {
namespace {

// ---- Values as text ----

Status parse(std::string_view text, std::string& value) {
  value = text;
  return {};
}

Status parse(std::string_view text, bool& value) {
  if (text != "true" && text != "false")
    return invalid(fmt::format("\"{}\" is neither true nor false", text));
  value = text == "true";
  return {};
}

Status parse(std::string_view text, Duration& value) {
  const auto duration = parse_duration(text);
  if (!duration)
    return invalid(fmt::format("\"{}\" is no duration such as \"250ms\" or \"7d\"", text));
  value = *duration;
  return {};
}

template <std::unsigned_integral T>
Status parse(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    return invalid(
        fmt::format("\"{}\" is no whole number from 0 to {}", text, std::numeric_limits<T>::max()));
  return {};
}

// The value of `text` as TOML, e.g. ["a", "b"] or {a = "b"}.
Result<toml::table> parse_toml_value(std::string_view text) {
  try {
    return toml::parse(fmt::format("value = {}", text));
  } catch (const toml::parse_error& error) {
    return invalid(std::string(error.description()));
  }
}

Status parse(std::string_view text, std::vector<std::string>& value) {
  value.clear();
  if (!text.starts_with('[')) {
    for (const std::string_view word : split(text, ','))
      if (!trim(word).empty()) value.emplace_back(trim(word));
    return {};
  }
  LVP_TRY(const toml::table parsed, parse_toml_value(text));
  const toml::array* items = parsed["value"].as_array();
  for (const toml::node& item : *items) {
    if (!item.is_string()) return invalid(R"(must be a list of texts such as ["a", "b"])");
    value.push_back(item.as_string()->get());
  }
  return {};
}

Status parse(std::string_view text, std::map<std::string, std::string>& value) {
  constexpr std::string_view expected = R"(must be a table of texts such as {a = "b"})";
  value.clear();
  if (text.empty()) return {};
  if (!text.starts_with('{')) return invalid(std::string(expected));
  LVP_TRY(const toml::table parsed, parse_toml_value(text));
  for (const auto& [key, item] : *parsed["value"].as_table()) {
    if (!item.is_string()) return invalid(std::string(expected));
    value.emplace(key.str(), item.as_string()->get());
  }
  return {};
}

std::string toml_text(const std::string& value) {
  std::string out;
  json::append_quoted(out, value);
  return out;
}
std::string toml_text(bool value) {
  return value ? "true" : "false";
}
std::string toml_text(Duration value) {
  return toml_text(duration_text(value));
}
std::string toml_text(std::uint64_t value) {
  return std::to_string(value);
}
std::string toml_text(std::uint16_t value) {
  return std::to_string(value);
}
std::string toml_text(const std::vector<std::string>& value) {
  std::vector<std::string> items;
  for (const std::string& item : value) items.push_back(toml_text(item));
  return fmt::format("[{}]", fmt::join(items, ", "));
}
std::string toml_text(const std::map<std::string, std::string>& value) {
  std::vector<std::string> items;
  for (const auto& [key, item] : value)
    items.push_back(fmt::format("{} = {}", toml_text(key), toml_text(item)));
  return fmt::format("{{{}}}", fmt::join(items, ", "));
}

// ---- Settings ----

template <class At>
Setting setting(std::string_view name, std::string_view help, At at) {
  return {name, help,
          [at](Config& config, std::string_view text) { return parse(text, at(config)); },
          [at](const Config& config) {
            Config copy = config;
            return toml_text(at(copy));
          }};
}

template <class At>
Setting choice(std::string_view name, std::string_view help, std::vector<std::string_view> values,
               At at) {
  Setting made = setting(name, help, at);
  made.set = [at, values = std::move(values)](Config& config, std::string_view text) -> Status {
    if (std::ranges::find(values, text) == values.end())
      return invalid(fmt::format("\"{}\" is not one of: {}", text, fmt::join(values, ", ")));
    at(config) = text;
    return {};
  };
  return made;
}

template <class At>
Setting at_least(std::uint64_t least, Setting made, At at) {
  made.set = [set = std::move(made.set), least, at](Config& config,
                                                    std::string_view text) -> Status {
    LVP_DO(set(config, text));
    if (at(config) < least) return invalid(fmt::format("{} is less than {}", text, least));
    return {};
  };
  return made;
}

#define LVP_AT(path) [](Config& c) -> auto& { return c.path; }

Setting stream_setting(std::string_view name, std::string_view help, std::string& (*at)(Config&)) {
  Setting made = setting(name, help, at);
  made.set = [at](Config& config, std::string_view text) -> Status {
    LVP_DO(parse_stream_url(text));
    at(config) = text;
    return {};
  };
  return made;
}

Setting table_setting(std::string_view name, std::string_view help, std::string& (*at)(Config&)) {
  Setting made = setting(name, help, at);
  made.set = [at](Config& config, std::string_view text) -> Status {
    LVP_DO(parse_table_url(text));
    at(config) = text;
    return {};
  };
  return made;
}

const std::vector<Setting>& table() {
  static const std::vector<Setting> rows{
      setting("data.dir", "Folder of everything that is kept.", LVP_AT(data.dir)),
      choice("log.level", "Least severe entries written to standard error.",
             {"debug", "info", "warn", "error"}, LVP_AT(log.level)),

      setting("collector.address", "Address on which trackers are answered.",
              LVP_AT(collector.address)),
      setting("collector.port", "0: chosen by the system.", LVP_AT(collector.port)),
      setting("collector.share_port",
              "Whether another process may answer on the same port meanwhile: for upgrades.",
              LVP_AT(collector.share_port)),
      at_least(1,
               setting("collector.threads", "Event loops, each with its own acceptor.",
                       LVP_AT(collector.threads)),
               LVP_AT(collector.threads)),
      setting("collector.tls_certificate",
              "PEM file with the certificate and its chain: HTTPS alone is spoken. Empty: HTTP. "
              "SIGHUP reads it again.",
              LVP_AT(collector.tls_certificate)),
      setting("collector.tls_key", "PEM file with the certificate's private key.",
              LVP_AT(collector.tls_key)),

      setting("collector.body_bytes_max",
              "Longer bodies are answered 413, compressed ones by what they decompress to.",
              LVP_AT(collector.body_bytes_max)),
      at_least(10'000,
               setting("collector.payload_bytes_max", "Larger records are split event by event.",
                       LVP_AT(collector.payload_bytes_max)),
               LVP_AT(collector.payload_bytes_max)),
      setting("collector.header_wait", "A header that takes longer is answered 408.",
              LVP_AT(collector.header_wait)),
      setting("collector.body_wait", "A body that takes longer is answered 408.",
              LVP_AT(collector.body_wait)),
      setting("collector.idle_wait",
              "Connections are closed when they were silent for this long. More than that of the "
              "load balancer in front.",
              LVP_AT(collector.idle_wait)),
      setting("collector.connections_max", "More connections are answered 503.",
              LVP_AT(collector.connections_max)),
      setting("collector.buffer_bytes_max",
              "Most bytes of requests that are being received; more are answered 503.",
              LVP_AT(collector.buffer_bytes_max)),
      setting("collector.queue_bytes_max",
              "Events that wait for the disk; more are answered 503 with Retry-After.",
              LVP_AT(collector.queue_bytes_max)),
      setting("collector.commit_wait",
              "A disk that takes longer counts as ill: /sink-health and /readyz say so, events are "
              "answered 503 with Retry-After.",
              LVP_AT(collector.commit_wait)),
      setting("collector.refusal_wait",
              "How long a 503 or 429 to an event is held back; its connection takes nothing "
              "meanwhile. Whoever comes back at once would else cost as much as who is served.",
              LVP_AT(collector.refusal_wait)),
      setting("collector.rate_per_address",
              "Most requests a second from one address, of IPv6 from one /64 network, on average; "
              "more are answered 429 with Retry-After. 0: any number.",
              LVP_AT(collector.rate_per_address)),
      at_least(1,
               setting("collector.rate_burst",
                       "Requests of one address that may come at once before that counts.",
                       LVP_AT(collector.rate_burst)),
               LVP_AT(collector.rate_burst)),
      setting("collector.rate_by_forwarded_for",
              "Whether the address is the first of X-Forwarded-For. Only behind a proxy that sets "
              "it.",
              LVP_AT(collector.rate_by_forwarded_for)),

      setting("collector.cookie_enabled", "Whether the network user id cookie is set and read.",
              LVP_AT(collector.cookie_enabled)),
      setting("collector.cookie_name", "Its name.", LVP_AT(collector.cookie_name)),
      setting("collector.cookie_expires", "Its life, renewed by each request.",
              LVP_AT(collector.cookie_expires)),
      setting("collector.cookie_domains",
              "Its Domain attribute: the first of these that the page's host is or lies below.",
              LVP_AT(collector.cookie_domains)),
      setting("collector.cookie_fallback_domain",
              "Its Domain attribute if none of these fits; empty: the collector's own host.",
              LVP_AT(collector.cookie_fallback_domain)),
      setting("collector.cookie_secure",
              "Its Secure attribute: browsers keep it from HTTPS and localhost only.",
              LVP_AT(collector.cookie_secure)),
      setting("collector.cookie_http_only", "Its HttpOnly attribute.",
              LVP_AT(collector.cookie_http_only)),
      choice("collector.cookie_same_site", "Its SameSite attribute; empty: left out.",
             {"", "None", "Lax", "Strict"}, LVP_AT(collector.cookie_same_site)),
      setting("collector.cookie_client_name",
              "Name of a second cookie with the same value that scripts may read; empty: none.",
              LVP_AT(collector.cookie_client_name)),
      setting("collector.cookie_cleared_by_anonymous",
              "Whether a request with SP-Anonymous deletes the cookies that it brings.",
              LVP_AT(collector.cookie_cleared_by_anonymous)),
      setting("collector.do_not_track_cookie",
              "Viewers with this cookie are answered and not recorded; empty: no such cookie.",
              LVP_AT(collector.do_not_track_cookie)),
      setting("collector.do_not_track_value",
              "Regular expression (RE2) that its whole value must match; empty: any value.",
              LVP_AT(collector.do_not_track_value)),
      setting("collector.bounce_enabled",
              "Whether a pixel without a network user id is redirected once, to see whether the "
              "browser keeps cookies.",
              LVP_AT(collector.bounce_enabled)),
      setting("collector.bounce_name", "Query parameter that marks the second request.",
              LVP_AT(collector.bounce_name)),
      setting("collector.bounce_fallback_id",
              "Network user id of browsers that do not keep cookies.",
              LVP_AT(collector.bounce_fallback_id)),
      setting("collector.bounce_protocol_header",
              "Header in which a proxy tells whether the request came by http or https; empty: "
              "none.",
              LVP_AT(collector.bounce_protocol_header)),

      setting("collector.paths",
              "Further names of event paths, e.g. {\"/media/events\" = "
              "\"/com.snowplowanalytics.snowplow/tp2\"}.",
              LVP_AT(collector.paths)),
      setting("collector.redirect_hosts",
              "Hosts to which /r/tp2?u=URL may lead, \"*\" for any; empty: no redirects.",
              LVP_AT(collector.redirect_hosts)),
      setting(
          "collector.redirect_macro",
          "Text that redirects replace by the network user id, e.g. \"${SP_NUID}\"; empty: none.",
          LVP_AT(collector.redirect_macro)),
      setting("collector.root_status", "Status of the answer to GET /; 0: 404 as elsewhere.",
              LVP_AT(collector.root_status)),
      setting("collector.root_headers", "Its headers, e.g. {Location = \"https://example.com/\"}.",
              LVP_AT(collector.root_headers)),
      setting("collector.root_body", "Its body.", LVP_AT(collector.root_body)),
      setting("collector.cross_domain_domains",
              "Domains that /crossdomain.xml allows; empty: there is no such file.",
              LVP_AT(collector.cross_domain_domains)),
      setting("collector.cross_domain_secure", "Whether it allows them HTTPS alone.",
              LVP_AT(collector.cross_domain_secure)),
      setting("collector.preflight_max_age", "For how long browsers may remember a preflight.",
              LVP_AT(collector.preflight_max_age)),
      setting("collector.preflight_headers",
              "Request headers that pages may send beside Content-Type and SP-Anonymous.",
              LVP_AT(collector.preflight_headers)),
      setting("collector.hsts_max_age",
              "For how long browsers shall use HTTPS alone (Strict-Transport-Security); \"0s\": "
              "left out.",
              LVP_AT(collector.hsts_max_age)),

      setting("player.enabled", "Whether the demo page with the tracked video is served.",
              LVP_AT(player.enabled)),
      setting("player.address", "Address of the demo page.", LVP_AT(player.address)),
      setting("player.port", "0: chosen by the system.", LVP_AT(player.port)),
      setting(
          "player.collector_url",
          "Collector to which the page's tracker sends; empty: the port of this process's own, on "
          "the host that the page came from.",
          LVP_AT(player.collector_url)),

      setting(
          "private.address",
          "Address of dashboard, API, WebSockets and metrics. Beyond loopback a token is needed.",
          LVP_AT(private_api.address)),
      setting("private.port", "0: chosen by the system.", LVP_AT(private_api.port)),
      setting("private.token",
              "Bearer token that API and WebSockets ask for; empty: none. At least 16 characters.",
              LVP_AT(private_api.token)),

      stream_setting(
          "streams.raw",
          "Where the stream lives: rocks: (kept in the folder), memory: (forgotten), "
          "kafka:TOPIC or kinesis:STREAM; without TOPIC the topic has the stream's name.",
          LVP_AT(streams.raw)),
      stream_setting("streams.later",
                     "As streams.raw. Records wait here for schemas that must be asked for.",
                     LVP_AT(streams.later)),
      stream_setting("streams.parked",
                     "As streams.raw. Records wait here while a repository of schemas is away. "
                     "kafka: if streams.later is.",
                     LVP_AT(streams.parked)),
      stream_setting("streams.enriched", "As streams.raw.", LVP_AT(streams.enriched)),
      stream_setting("streams.incomplete", "As streams.raw. See enrich.incomplete.",
                     LVP_AT(streams.incomplete)),
      stream_setting("streams.media", "As streams.raw.", LVP_AT(streams.media)),
      stream_setting("streams.updates", "As streams.raw.", LVP_AT(streams.updates)),
      stream_setting("streams.state",
                     "As streams.raw: what the profile stage must know to go on elsewhere. rocks: "
                     "it stays in the folder; kafka: it is restored by whatever process is given "
                     "the partition. kafka: if streams.media is.",
                     LVP_AT(streams.state)),
      stream_setting("streams.bad", "As streams.raw.", LVP_AT(streams.bad)),
      at_least(1,
               setting("streams.partitions",
                       "Partitions of each stream. Fixed when the stream is made; one "
                       "costs least, and a stage of one process gains nothing by more. In Kafka it "
                       "is the most processes that can share a stage.",
                       LVP_AT(streams.partitions)),
               LVP_AT(streams.partitions)),
      setting("streams.keep", "Records older than this are dropped once every stage has read them.",
              LVP_AT(streams.keep)),
      setting("streams.bytes_max", "Most bytes a stream keeps, oldest dropped first.",
              LVP_AT(streams.bytes_max)),

      setting("kafka.brokers", "HOST:PORT of some brokers of the cluster, with commas between.",
              LVP_AT(kafka.brokers)),
      setting("kafka.properties",
              "Properties of librdkafka, passed on as they are, e.g. {\"security.protocol\" = "
              "\"SASL_SSL\"}. Those that decide whether events are kept cannot be set.",
              LVP_AT(kafka.properties)),
      setting(
          "kafka.name",
          "What the names of transactions and clients begin with. Programs that share a cluster "
          "and do not belong together need different ones.",
          LVP_AT(kafka.name)),
      setting("kafka.create", "Whether topics that are missing are made.", LVP_AT(kafka.create)),
      setting("kafka.replication",
              "Replicas of topics that are made; 0: as the brokers are set up.",
              LVP_AT(kafka.replication)),

      setting("kafka.exactly_once",
              "Whether enrich and bridge, too, write in transactions, as profile does: then nobody "
              "who reads enriched or media sees anything twice after a crash, and everybody sees "
              "all of it later. Profiles are right either way.",
              LVP_AT(kafka.exactly_once)),

      setting("kinesis.region", "Region of Kinesis and of the table of leases; empty: AWS_REGION.",
              LVP_AT(kinesis.region)),
      setting("kinesis.endpoint",
              "URL instead of Amazon's, of both; empty: AWS_ENDPOINT_URL_KINESIS and _DYNAMODB, "
              "AWS_ENDPOINT_URL.",
              LVP_AT(kinesis.endpoint)),
      setting("kinesis.shards_if_missing",
              "Shards of streams that are missing and made; 0: a missing stream stops start-up.",
              LVP_AT(kinesis.shards_if_missing)),
      setting("kinesis.lease_table",
              "DynamoDB table, made if it is missing, in which readers share out shards and keep "
              "their positions.",
              LVP_AT(kinesis.lease_table)),
      setting("kinesis.lease_wait", "A reader that is silent for so long loses its shards.",
              LVP_AT(kinesis.lease_wait)),
      setting("kinesis.get_every",
              "How often a shard is read. Kinesis allows five reads a second for all programs "
              "together.",
              LVP_AT(kinesis.get_every)),

      setting("enrich.resolver",
              "Snowplow's iglu_resolver.json: repositories that are asked for schemas which the "
              "program does not have. Empty: none. SIGHUP reads it again.",
              LVP_AT(enrich.resolver)),
      setting("enrich.resolver_ca",
              "PEM file with the authorities that vouch for repositories over HTTPS, beside those "
              "of the system's store.",
              LVP_AT(enrich.resolver_ca)),
      setting("enrich.enrichments",
              "Folder of Snowplow's enrichment configurations, *.json. Empty: none. SIGHUP reads "
              "them again.",
              LVP_AT(enrich.enrichments)),
      setting(
          "enrich.assets",
          "Folder of the files that enrichments need: databases, regexes.yaml, referers. SIGHUP "
          "reads them again.",
          LVP_AT(enrich.assets)),
      setting("enrich.incomplete",
              "Whether failed events go to the stream incomplete, without what is wrong with them, "
              "beside their bad rows.",
              LVP_AT(enrich.incomplete)),

      choice(
          "bridge.select",
          "Which events become media records: media (every event with media data) or accelerator "
          "(only those that its Snowbridge configuration passes).",
          {"media", "accelerator"}, LVP_AT(bridge.select)),
      setting("bridge.config",
              "Snowbridge configuration whose transformations make the media records instead.",
              LVP_AT(bridge.config)),
      at_least(1,
               setting("bridge.workers",
                       "Threads that transform for each Snowbridge configuration; order is kept.",
                       LVP_AT(bridge.workers)),
               LVP_AT(bridge.workers)),
      setting("bridge.forward",
              "More Snowbridge configurations by a name of yours, each with a place of its own in "
              "the stream that it reads: for webhooks and the like.",
              LVP_AT(bridge.forward)),

      choice(
          "profile.mode",
          "Machine behind the accelerator's statuses: mapped (corrected) or exact (bit for bit).",
          {"mapped", "exact"}, LVP_AT(profile.mode)),
      at_least(
          1 << 20,
          setting("profile.memory_bytes_max",
                  "Most bytes of devices and timers in memory, less than a kilobyte each; others "
                  "are read from disk when they return.",
                  LVP_AT(profile.memory_bytes_max)),
          LVP_AT(profile.memory_bytes_max)),
      setting(
          "profile.settle",
          "After a start nobody is declared gone for this long, so that trackers can get through.",
          LVP_AT(profile.settle)),
      at_least(1,
               setting("profile.threads",
                       "Threads that fold partitions of Kafka, each its own; on an embedded store "
                       "there is one.",
                       LVP_AT(profile.threads)),
               LVP_AT(profile.threads)),
      setting(
          "profile.standby",
          "Follow the state of all partitions on Kafka, so as to take any of them over at once. "
          "A process then takes part as soon as it has read all of it.",
          LVP_AT(profile.standby)),

      table_setting("sink.table",
                    "Where the tables for other programs are: dynamodb: or "
                    "postgres://USER:PASSWORD@HOST:PORT/DATABASE. Empty: there are none.",
                    LVP_AT(sink.table)),
      setting("sink.events",
              "Table with an item for each change of a viewer's status; empty: not written.",
              LVP_AT(sink.events)),
      setting("sink.profiles",
              "Table with what each device says of its viewers now; empty: not written.",
              LVP_AT(sink.profiles)),
      setting("sink.create", "Whether tables that are missing are made.", LVP_AT(sink.create)),
      setting("sink.region", "Region of DynamoDB; empty: AWS_REGION.", LVP_AT(sink.region)),
      setting("sink.endpoint",
              "URL instead of Amazon's; empty: AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL.",
              LVP_AT(sink.endpoint)),
      setting("sink.away_max",
              "How long the tables may be away before the sink misses changes of status: on Kafka "
              "the topic updates is made so that nothing younger is compacted.",
              LVP_AT(sink.away_max)),
  };
  return rows;
}

// ---- Reading ----

const Setting* find(std::string_view name) {
  const auto row = std::ranges::find(table(), name, &Setting::name);
  return row == table().end() ? nullptr : &*row;
}

Status set(Config& config, std::string_view name, std::string_view value, std::string_view place) {
  const Setting* row = find(name);
  if (row == nullptr)
    return invalid(fmt::format("{}: there is no setting {} (config/reference.toml lists them all)",
                               place, name));
  if (const Status done = row->set(config, value); !done)
    return invalid(fmt::format("{}: {}: {}", place, name, done.error().what));
  return {};
}

// The value as TOML on one line; nothing for a kind that no setting has.
std::optional<std::string> toml_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return toml_text(text->get());
  if (const auto* flag = node.as_boolean()) return toml_text(flag->get());
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  std::vector<std::string> items;
  const auto add = [&items](std::string_view key, const toml::node& item) {
    const auto text = toml_text(item);
    if (text) items.push_back(fmt::format("{}{}", key, *text));
    return text.has_value();
  };
  if (const auto* list = node.as_array()) {
    for (const toml::node& item : *list)
      if (!add("", item)) return std::nullopt;
    return fmt::format("[{}]", fmt::join(items, ", "));
  }
  if (const auto* table = node.as_table()) {
    for (const auto& [key, item] : *table)
      if (!add(toml_text(std::string(key.str())) + " = ", item)) return std::nullopt;
    return fmt::format("{{{}}}", fmt::join(items, ", "));
  }
  return std::nullopt;
}

// As a setting reads it: texts are not quoted.
std::optional<std::string> text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  return toml_text(node);
}

Result<toml::table> parse(const std::string& file) {
  try {
    return toml::parse_file(file);
  } catch (const toml::parse_error& error) {
    if (!error.source().begin) return invalid(fmt::format("{}: {}", file, error.description()));
    return invalid(fmt::format("{}:{}: {}", file, error.source().begin.line, error.description()));
  }
}

Status read_file(Config& config, const std::string& file) {
  LVP_TRY(const toml::table parsed, parse(file));
  for (const auto& [section, node] : parsed) {
    const auto place = [&](const toml::node& at) {
      return fmt::format("{}:{}", file, at.source().begin.line);
    };
    const toml::table* keys = node.as_table();
    if (keys == nullptr)
      return invalid(fmt::format("{}: {} must be in a [section]", place(node), section.str()));
    for (const auto& [key, value] : *keys) {
      const std::string name = fmt::format("{}.{}", section.str(), key.str());
      const auto text = text_of(value);
      if (!text)
        return invalid(
            fmt::format("{}: {}: must be text, a whole number, true, false, a list or a table",
                        place(value), name));
      LVP_DO(set(config, name, *text, place(value)));
    }
  }
  return {};
}

constexpr std::string_view variable_prefix = "LVP__";

Status read_variable(Config& config, const std::string& variable, const std::string& value) {
  std::string name = ascii_lower(std::string_view(variable).substr(variable_prefix.size()));
  if (const std::size_t gap = name.find("__"); gap != std::string::npos) name.replace(gap, 2, ".");
  return set(config, name, value, variable);
}

Status read_flag(Config& config, std::string_view flag) {
  const std::size_t equals = flag.find('=');
  if (equals == std::string_view::npos)
    return invalid(fmt::format("--set {}: must be section.key=value", flag));
  return set(config, flag.substr(0, equals), flag.substr(equals + 1),
             fmt::format("--set {}", without_passwords(flag)));
}

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1";
}

// What no single setting can be blamed for.
Status check(const Config& config) {
  if (!is_loopback(config.private_api.address) && config.private_api.token.empty())
    return invalid(
        fmt::format("private.address: {} can be reached from other machines, so set private.token",
                    config.private_api.address));
  if (!config.private_api.token.empty() && config.private_api.token.size() < 16)
    return invalid("private.token: shorter than 16 characters");
  if (config.collector.tls_certificate.empty() != config.collector.tls_key.empty())
    return invalid("collector.tls_certificate and collector.tls_key: give both or neither");
  LVP_DO(check_sink(config));
  return check_streams(config);
}

}  // namespace

std::span<const Setting> settings() {
  return table();
}

Result<Config> load(const Sources& sources) {
  Config config;
  if (!sources.file.empty()) LVP_DO(read_file(config, sources.file));
  for (const auto& [name, value] : sources.variables) LVP_DO(read_variable(config, name, value));
  for (const std::string& flag : sources.flags) LVP_DO(read_flag(config, flag));
  LVP_DO(check(config));
  return config;
}

std::vector<std::pair<std::string, std::string>> environment() {
  std::vector<std::pair<std::string, std::string>> ours;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (!text.starts_with(variable_prefix) || equals == std::string_view::npos) continue;
    ours.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return ours;
}

std::string reference() {
  std::string out =
      "# Every setting with its default. Copy what you change into a file of your own and start "
      "with\n"
      "# `lvp up --config FILE`. Each can also be given as LVP__SECTION__KEY in the environment or "
      "as\n"
      "# `--set section.key=value`. Durations: \"250ms\", \"90s\", \"15m\", \"12h\", \"7d\".\n";
  const Config defaults;
  std::string_view last_section;
  for (const Setting& row : table()) {
    const std::size_t dot = row.name.find('.');
    const std::string_view section = row.name.substr(0, dot);
    if (section != last_section) out += fmt::format("\n[{}]\n", section);
    last_section = section;
    out += fmt::format("# {}\n{} = {}\n", row.help, row.name.substr(dot + 1), row.toml(defaults));
  }
  return out;
}

}  // namespace lvp::app
