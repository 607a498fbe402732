#include "app/servers.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/pattern.h"
#include "collect/collect.h"

namespace lvp::app {
namespace {

collect::SameSite same_site(std::string_view name) {
  if (name == "None") return collect::SameSite::none;
  if (name == "Lax") return collect::SameSite::lax;
  if (name == "Strict") return collect::SameSite::strict;
  return collect::SameSite::unset;
}

std::chrono::seconds whole_seconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration);
}

std::optional<collect::CookieSettings> cookie_settings(const Config& config) {
  if (!config.collector.cookie_enabled) return std::nullopt;
  collect::CookieSettings cookie;
  cookie.name = config.collector.cookie_name;
  cookie.client_name = config.collector.cookie_client_name;
  cookie.lifetime = whole_seconds(config.collector.cookie_expires);
  cookie.domains = config.collector.cookie_domains;
  cookie.fallback_domain = config.collector.cookie_fallback_domain;
  cookie.secure = config.collector.cookie_secure;
  cookie.http_only = config.collector.cookie_http_only;
  cookie.same_site = same_site(config.collector.cookie_same_site);
  return cookie;
}

Result<std::optional<collect::DoNotTrack>> do_not_track(const Config& config) {
  if (config.collector.do_not_track_cookie.empty()) return std::nullopt;
  collect::DoNotTrack rule{config.collector.do_not_track_cookie, nullptr};
  if (const std::string& value = config.collector.do_not_track_value; !value.empty()) {
    auto pattern = Pattern::compile(value);
    if (!pattern)
      return invalid(fmt::format("collector.do_not_track_value: {}", pattern.error().what));
    rule.value = std::make_shared<const Pattern>(std::move(*pattern));
  }
  return rule;
}

std::optional<collect::RootResponse> root_response(const Config& config) {
  if (config.collector.root_status == 0) return std::nullopt;
  collect::RootResponse root;
  root.status = config.collector.root_status;
  for (const auto& [name, value] : config.collector.root_headers)
    root.headers.push_back({name, value});
  root.body = config.collector.root_body;
  return root;
}

Result<collect::Settings> collect_settings(const Config& config) {
  collect::Settings settings;
  settings.cookie = cookie_settings(config);
  settings.anonymous_clears_cookie = config.collector.cookie_cleared_by_anonymous;
  LVP_TRY(settings.do_not_track, do_not_track(config));
  if (config.collector.bounce_enabled)
    settings.bounce = {config.collector.bounce_name, config.collector.bounce_fallback_id,
                       config.collector.bounce_protocol_header};
  settings.paths.insert(config.collector.paths.begin(), config.collector.paths.end());
  if (!config.collector.redirect_hosts.empty())
    settings.redirects = {config.collector.redirect_hosts, config.collector.redirect_macro};
  settings.root = root_response(config);
  if (!config.collector.cross_domain_domains.empty())
    settings.cross_domain = {config.collector.cross_domain_domains,
                             config.collector.cross_domain_secure};
  settings.preflight_max_age = whole_seconds(config.collector.preflight_max_age);
  settings.preflight_headers = config.collector.preflight_headers;
  if (config.collector.hsts_max_age > Duration::zero())
    settings.hsts_max_age = whole_seconds(config.collector.hsts_max_age);
  settings.body_bytes_max = config.collector.body_bytes_max;
  settings.payload_bytes_limit = config.collector.payload_bytes_max;
  settings.version = LVP_VERSION;
  if (const Status checked = collect::check(settings); !checked)
    return invalid(fmt::format("collector: {}", checked.error().what));
  return settings;
}

}  // namespace

Result<stages::CollectSettings> collect_stage_settings(const Config& config) {
  stages::CollectSettings settings;
  LVP_TRY(settings.rules, collect_settings(config));
  settings.queue_bytes_max = config.collector.queue_bytes_max;
  settings.commit_wait = config.collector.commit_wait;
  settings.refusal_wait = config.collector.refusal_wait;
  if (config.collector.rate_per_address > 0)
    settings.rate = {static_cast<double>(config.collector.rate_per_address),
                     static_cast<double>(config.collector.rate_burst),
                     config.collector.rate_by_forwarded_for};
  return settings;
}

net::ServerOptions collector_options(const Config& config, stages::CollectStage& stage) {
  net::ServerOptions options;
  options.address = config.collector.address;
  options.port = config.collector.port;
  options.share_port = config.collector.share_port;
  options.threads = config.collector.threads;
  if (!config.collector.tls_certificate.empty())
    options.tls = {config.collector.tls_certificate, config.collector.tls_key};
  options.body_bytes_max = config.collector.body_bytes_max;
  options.header_wait = config.collector.header_wait;
  options.body_wait = config.collector.body_wait;
  options.idle_wait = config.collector.idle_wait;
  options.connections_max = config.collector.connections_max;
  options.buffer_bytes_max = config.collector.buffer_bytes_max;
  options.on_error = [&stage](const http::Request& request, http::Response& response) {
    stage.refused_by_server(request, response);
  };
  return options;
}

net::ServerOptions player_options(const Config& config) {
  net::ServerOptions options;
  options.address = config.player.address;
  options.port = config.player.port;
  return options;
}

net::ServerOptions private_options(const Config& config) {
  net::ServerOptions options;
  options.address = config.private_api.address;
  options.port = config.private_api.port;
  options.socket_queue_bytes_max = 64 << 20;  // a snapshot must fit
  return options;
}

}  // namespace lvp::app
