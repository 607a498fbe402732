// Every setting of the program, with its default, and the ways to give it.
//
// A setting has one name, section.key. It is read from, each overriding the one before: the
// default, the TOML file, the environment variable LVP__SECTION__KEY, `--set section.key=value`. A
// name that does not exist or a value that does not fit stops start-up with its place.
// config/reference.toml lists them all; a test keeps it complete.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace lvp::app {

struct Config {
  struct {
    std::string dir = "lvp-data";
  } data;

  struct {
    std::string level = "info";
  } log;

  struct {
    std::string address = "0.0.0.0";
    std::uint16_t port = 9090;
    bool share_port = false;
    std::uint16_t threads = 2;
    std::string tls_certificate;
    std::string tls_key;

    // Limits.
    std::uint64_t body_bytes_max = 1'048'576;
    std::uint64_t payload_bytes_max = 1'000'000;
    Duration header_wait = std::chrono::seconds(10);
    Duration body_wait = std::chrono::seconds(10);
    Duration idle_wait = std::chrono::seconds(75);
    std::uint64_t connections_max = 10'000;
    std::uint64_t buffer_bytes_max = 256 << 20;
    std::uint64_t queue_bytes_max = 64 << 20;
    Duration commit_wait = std::chrono::seconds(2);
    Duration refusal_wait = std::chrono::seconds(1);
    std::uint64_t rate_per_address = 0;
    std::uint64_t rate_burst = 100;
    bool rate_by_forwarded_for = false;

    // The cookie with the network user id.
    bool cookie_enabled = true;
    std::string cookie_name = "sp";
    Duration cookie_expires = std::chrono::hours(24 * 365);
    std::vector<std::string> cookie_domains;
    std::string cookie_fallback_domain;
    bool cookie_secure = true;
    bool cookie_http_only = true;
    std::string cookie_same_site = "None";
    std::string cookie_client_name;
    bool cookie_cleared_by_anonymous = false;
    std::string do_not_track_cookie;
    std::string do_not_track_value;
    bool bounce_enabled = false;
    std::string bounce_name = "n3pc";
    std::string bounce_fallback_id = "00000000-0000-4000-A000-000000000000";
    std::string bounce_protocol_header;

    // Routes and headers.
    std::map<std::string, std::string> paths;
    std::vector<std::string> redirect_hosts;
    std::string redirect_macro;
    std::uint16_t root_status = 0;
    std::map<std::string, std::string> root_headers;
    std::string root_body;
    std::vector<std::string> cross_domain_domains;
    bool cross_domain_secure = true;
    Duration preflight_max_age = std::chrono::hours(1);
    std::vector<std::string> preflight_headers;
    Duration hsts_max_age{};
  } collector;

  struct {
    bool enabled = true;
    std::string address = "0.0.0.0";
    std::uint16_t port = 3000;
    std::string collector_url;  // empty: this process's collector
  } player;

  struct {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8280;
    std::string token;
  } private_api;  // section [private]

  struct {
    std::string raw = "rocks:";
    std::string later = "rocks:";
    std::string parked = "rocks:";
    std::string enriched = "rocks:";
    std::string incomplete = "rocks:";
    std::string media = "rocks:";
    std::string updates = "rocks:";
    std::string state = "rocks:";
    std::string bad = "rocks:";
    std::uint16_t partitions = 1;
    Duration keep = std::chrono::hours(72);
    std::uint64_t bytes_max = 8ull << 30;
  } streams;

  struct {
    std::string brokers;
    std::map<std::string, std::string> properties;
    std::string name = "lvp";
    bool create = true;
    std::uint16_t replication = 0;  // the broker's default
    bool exactly_once = false;
  } kafka;

  struct {
    std::string region;
    std::string endpoint;
    std::uint16_t shards_if_missing = 0;
    std::string lease_table = "lvp-leases";
    Duration lease_wait = std::chrono::seconds(10);
    Duration get_every = std::chrono::milliseconds(200);
  } kinesis;

  struct {
    std::string resolver;
    std::string resolver_ca;
    std::string enrichments;
    std::string assets;
    bool incomplete = false;
  } enrich;

  struct {
    std::string select = "media";
    std::string config;
    std::uint16_t workers = 1;
    std::map<std::string, std::string> forward;
  } bridge;

  struct {
    std::string mode = "mapped";
    std::uint64_t memory_bytes_max = 1ull << 30;
    Duration settle = std::chrono::seconds(60);
    std::uint16_t threads = 4;
    bool standby = false;
  } profile;

  struct {
    std::string table;  // empty: there is no sink
    std::string events = "video_events";
    std::string profiles = "viewer_profiles";
    bool create = true;
    std::string region;
    std::string endpoint;
    Duration away_max = std::chrono::hours(6);
  } sink;
};

/// A setting: how to read it from text and print it as TOML. Lists and tables are read from TOML, a
/// list also from words between commas.
struct Setting {
  std::string_view name;  ///< "collector.port"
  std::string_view help;  ///< one line
  std::function<Status(Config&, std::string_view)> set;
  std::function<std::string(const Config&)> toml;
};

/// All of them, in the order of config/reference.toml.
std::span<const Setting> settings();

/// Where settings come from. Errors say which file and line, variable or flag was wrong, and how.
struct Sources {
  std::string file;                                            ///< TOML; none if empty
  std::vector<std::pair<std::string, std::string>> variables;  ///< LVP__… of the environment
  std::vector<std::string> flags;                              ///< "section.key=value"
};
Result<Config> load(const Sources& sources);

/// The variables of this process's environment that are meant for us.
std::vector<std::pair<std::string, std::string>> environment();

/// The text of config/reference.toml.
std::string reference();

}  // namespace lvp::app
