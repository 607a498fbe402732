#include "app/table_url.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace lvp::app {
namespace {

constexpr std::string_view hidden = "…";

// Puts "…" in place of what stands between two places of the text; returns where it ends then.
std::size_t hide(std::string& text, std::size_t from, std::size_t to) {
  text.replace(from, to - from, hidden);
  return from + hidden.size();
}

bool is_secret(std::string_view name) {
  const std::string lower = ascii_lower(name);
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{"password", "secret", "token", "sasl.jaas", ".pem"},
      [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

}  // namespace

Result<TableEngine> parse_table_url(std::string_view text) {
  if (text.empty()) return TableEngine::none;
  if (text == "dynamodb:") return TableEngine::dynamodb;
  if (text.starts_with("postgres://") || text.starts_with("postgresql://"))
    return TableEngine::postgres;
  return invalid(fmt::format(
      "\"{}\" is not one of: dynamodb:, postgres://USER:PASSWORD@HOST:PORT/DATABASE, or nothing",
      without_passwords(text)));
}

Status check_sink(const Config& config) {
  const auto& sink = config.sink;
  if (sink.table.empty()) return {};
  if (sink.events.empty() && sink.profiles.empty())
    return invalid("sink.events and sink.profiles: name at least one table");
  if (sink.events == sink.profiles)
    return invalid(
        fmt::format("sink.events and sink.profiles are both {}: they are two tables", sink.events));
  return {};
}

std::string without_passwords(std::string_view text) {
  std::string shown(text);
  // scheme://USER:PASSWORD@HOST: up to the last @ before what ends the authority, since a password
  // that was not encoded may hold one itself.
  for (std::size_t at = shown.find("://"); at != std::string::npos; at = shown.find("://", at)) {
    at += 3;
    const std::size_t end = std::min(shown.find_first_of("\"' \t\n", at), shown.size());
    const std::size_t host = shown.rfind('@', end == 0 ? 0 : end - 1);
    const std::size_t colon = shown.find(':', at);
    if (host == std::string::npos || host < at || colon == std::string::npos || colon > host)
      continue;
    at = hide(shown, colon + 1, host);
  }
  for (const std::string_view name : {"password=", "passwd="}) {
    for (std::size_t at = shown.find(name); at != std::string::npos; at = shown.find(name, at)) {
      at += name.size();
      at = hide(shown, at, std::min(shown.find_first_of("&\"' \t\n", at), shown.size()));
    }
  }
  return shown;
}

std::string shown(const Setting& setting, const Config& config) {
  if (setting.name == "private.token" && !config.private_api.token.empty()) return "\"…\"";
  if (setting.name != "kafka.properties") return without_passwords(setting.toml(config));
  Config copy = config;
  for (auto& [name, value] : copy.kafka.properties) {
    if (is_secret(name)) value = hidden;
  }
  return setting.toml(copy);
}

}  // namespace lvp::app
