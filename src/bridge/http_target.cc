#include "bridge/http_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "wire/base64.h"
#include "wire/http_message.h"
#include "wire/json_text.h"

namespace lvp::bridge {
namespace {

constexpr std::int64_t timeout_max_ms = 600'000;

bool is_success(int status) {
  return status >= 200 && status <= 299;
}

bool fits(const ResponseRule& rule, int status, std::string_view text) {
  return std::ranges::find(rule.codes, status) != rule.codes.end() &&
         text.find(rule.body) != text.npos;
}

Result<ResponseRule::Type> read_type(Settings& in) {
  constexpr std::array<std::pair<std::string_view, ResponseRule::Type>, 4> types{
      {{"invalid", ResponseRule::Type::invalid},
       {"setup", ResponseRule::Type::setup},
       {"throttle", ResponseRule::Type::throttle},
       {"fatal", ResponseRule::Type::fatal}}};
  LVP_TRY(const std::string name, in.text_or("type", ""));
  for (const auto& [known, type] : types)
    if (name == known) return type;
  return in.error("type", fmt::format("Invalid response rule type '{}'", name));
}

Result<ResponseRule> read_rule(Settings in) {
  LVP_TRY(const ResponseRule::Type type, read_type(in));
  LVP_TRY(const std::vector<std::int64_t> codes, in.wholes("http_codes", 0, 599));
  LVP_TRY(std::string body, in.text_or("body", ""));
  LVP_DO(in.check_all_known());
  ResponseRule rule{type, {codes.begin(), codes.end()}, std::move(body)};
  if (rule.body.empty() && std::ranges::any_of(rule.codes, is_success))
    return in.error("http_codes", "2XX response rule must have 'body' setting set");
  return rule;
}

Result<std::vector<ResponseRule>> read_rules(Settings& target) {
  std::vector<ResponseRule> rules;
  LVP_TRY(const hcl::Block* block, target.block("response_rules"));
  if (block == nullptr) return rules;
  Settings inside = target.inner(*block);
  for (const hcl::Block* one : inside.blocks("rule")) {
    LVP_TRY(ResponseRule rule, read_rule(inside.inner(*one)));
    rules.push_back(std::move(rule));
  }
  LVP_DO(inside.check_all_known());
  return rules;
}

// Of scheme and host.
bool is_url(std::string_view url) {
  for (const std::string_view scheme : {"http://", "https://"})
    if (url.starts_with(scheme) && url.size() > scheme.size()) return true;
  return false;
}

Status refuse_what_is_not_there(Settings& in) {
  for (const std::string_view name :
       {"oauth2_client_id", "oauth2_client_secret", "oauth2_refresh_token", "oauth2_token_url",
        "cert_file", "key_file", "ca_file"}) {
    LVP_TRY(const std::string text, in.text_or(name, ""));
    if (!text.empty()) return in.error(name, "is not supported");
  }
  LVP_TRY(const bool skips, in.flag_or("skip_verify_tls", false));
  if (skips) return in.error("skip_verify_tls", "is not supported: certificates are checked");
  LVP_TRY([[maybe_unused]] const bool tls, in.flag_or("enable_tls", false));  // the URL tells
  return {};
}

Status read_headers(Settings& in, HttpSettings& made) {
  LVP_TRY(made.headers, in.texts("headers"));
  LVP_TRY(const std::string user, in.text_or("basic_auth_username", ""));
  LVP_TRY(const std::string password, in.text_or("basic_auth_password", ""));
  if (!user.empty() || !password.empty())
    made.headers["Authorization"] = "Basic " + base64_encode(user + ":" + password);
  return {};
}

Status read_body(Settings& in, const Files& files, const hcl::Environment& environment,
                 HttpSettings& made) {
  LVP_TRY(const std::string path, in.text_or("template_file", ""));
  LVP_TRY(made.batching, read_batching(in, made.batching));
  std::size_t overhead = made.batching.messages_max - 1 + 2;
  if (!path.empty()) {
    const auto text = files(path);
    if (!text) return in.error("template_file", text.error().what);
    auto parsed = BodyTemplate::parse(*text, environment);
    if (!parsed) return in.error("template_file", parsed.error().what);
    made.body = std::move(*parsed);
    overhead = made.batching.messages_max - 1 + text->size();
  }
  if (overhead >= made.batching.batch_bytes_max)
    return in.error("template_file", "leaves no room in max_batch_bytes");
  made.batching.batch_bytes_max -= overhead;
  made.batching.message_bytes_max =
      std::min(made.batching.message_bytes_max, made.batching.batch_bytes_max);
  return {};
}

// Within strings alone do these occur, so the text can be treated as such.
void append_escaped(std::string& out, std::string_view json) {
  for (std::size_t at = 0; at < json.size(); ++at) {
    const std::string_view rest = json.substr(at);
    if (rest.starts_with('<')) {
      out += "\\u003c";
    } else if (rest.starts_with('>')) {
      out += "\\u003e";
    } else if (rest.starts_with('&')) {
      out += "\\u0026";
    } else if (rest.starts_with("\u2028") || rest.starts_with("\u2029")) {
      out += rest[2] == '\xa8' ? "\\u2028" : "\\u2029";
      at += 2;
    } else {
      out += rest.front();
    }
  }
}

std::string status_line(int status) {
  const std::string_view reason = http::reason(status);
  const bool is_known = reason != http::reason(0);
  return is_known ? fmt::format("{} {}", status, reason) : std::to_string(status);
}

std::string_view words_for(Delivery::Verdict verdict) {
  using enum Delivery::Verdict;
  switch (verdict) {
    case sent:
      return "";
    case transient:
      return "Transient error";
    case setup:
      return "Setup error";
    case throttle:
      return "Throttle error";
    case fatal:
      return "Fatal error";
  }
  return "";
}

Delivery::Verdict verdict_of(ResponseRule::Type type) {
  switch (type) {
    case ResponseRule::Type::setup:
      return Delivery::Verdict::setup;
    case ResponseRule::Type::throttle:
      return Delivery::Verdict::throttle;
    case ResponseRule::Type::fatal:
      return Delivery::Verdict::fatal;
    case ResponseRule::Type::invalid:
      break;
  }
  return Delivery::Verdict::sent;
}

Delivery refuse_all(int status, std::string_view text, std::size_t messages) {
  Delivery refused;
  const std::string line =
      status == 0 ? std::string("Client failed to complete request") : status_line(status);
  for (std::size_t index = 0; index < messages; ++index)
    refused.refused.push_back({index, fmt::format("HTTP Status Code: {} Body: {}", line, text),
                               "api", std::to_string(status)});
  return refused;
}

}  // namespace

Result<HttpSettings> read_http_target(const Component& component, const Files& files,
                                      const hcl::Environment& environment) {
  Settings in = component.settings();
  HttpSettings made;
  LVP_TRY(made.url, in.text("url"));
  if (!is_url(made.url))
    return in.error("url", fmt::format("invalid url for HTTP target: '{}'", made.url));
  LVP_TRY(const auto timeout_ms,
          in.whole_or("request_timeout_in_millis", made.timeout.count(), 1, timeout_max_ms));
  made.timeout = Duration(timeout_ms);
  LVP_TRY(made.content_type, in.text_or("content_type", made.content_type));
  LVP_DO(read_headers(in, made));
  LVP_TRY(made.dynamic_headers, in.flag_or("dynamic_headers", false));
  LVP_TRY(made.safe, in.flag_or("metadata_safe_mode", true));
  LVP_TRY(const bool has_timing, in.flag_or("include_timing_headers", false));
  LVP_TRY(const auto threshold_ms,
          in.whole_or("rejection_threshold_in_millis", 150, 0, timeout_max_ms));
  if (has_timing) made.rejection_threshold = Duration(threshold_ms);
  LVP_TRY(made.rules, read_rules(in));
  LVP_DO(refuse_what_is_not_there(in));
  LVP_DO(read_body(in, files, environment, made));
  LVP_DO(in.check_all_known());
  return made;
}

HttpBody HttpBodies::make(const HttpSettings& settings, std::span<const Message> messages) {
  HttpBody body;
  std::string list;
  std::vector<std::size_t> taken;
  for (std::size_t index = 0; index < messages.size(); ++index) {
    const std::string& data = messages[index].data;
    if (const auto root = parser_.parse(data); !root) {
      body.refused.push_back(
          {index, "Message can't be parsed as valid JSON: " + root.error().what, "template", ""});
      continue;
    }
    if (!list.empty()) list += ',';
    settings.body ? list += data : (append_escaped(list, json::compact(data)), list);
    taken.push_back(index);
  }
  if (taken.empty()) return body;
  list = "[" + list + "]";
  if (!settings.body) {
    body.text = std::move(list);
    return body;
  }
  const auto root = parser_.parse(list, json::depth_max_default + 1);
  auto made = root ? settings.body->fill(*root) : std::unexpected(root.error());
  if (made) {
    body.text = std::move(*made);
  } else {
    for (const std::size_t index : taken)
      body.refused.push_back(
          {index, "Could not create request JSON: " + made.error().what, "template", ""});
  }
  return body;
}

std::vector<std::pair<std::string, std::string>> http_headers(const HttpSettings& settings,
                                                              std::span<const Message> messages,
                                                              Timestamp now) {
  std::vector<std::pair<std::string, std::string>> headers{{"Content-Type", settings.content_type}};
  headers.insert(headers.end(), settings.headers.begin(), settings.headers.end());
  if (settings.dynamic_headers && !messages.empty())
    headers.insert(headers.end(), messages.front().headers.begin(), messages.front().headers.end());
  if (settings.rejection_threshold)
    headers.emplace_back(
        "Rejection-Timestamp",
        std::to_string(to_ms(now + settings.timeout - *settings.rejection_threshold)));
  return headers;
}

Delivery judge_answer(const HttpSettings& settings, int status, std::string_view text,
                      std::size_t messages) {
  const auto rule = std::ranges::find_if(
      settings.rules, [&](const ResponseRule& one) { return fits(one, status, text); });
  if (rule == settings.rules.end() && is_success(status)) return {};
  if (rule != settings.rules.end() && rule->type == ResponseRule::Type::invalid)
    return refuse_all(status, text, messages);
  const auto verdict =
      rule == settings.rules.end() ? Delivery::Verdict::transient : verdict_of(rule->type);
  const bool has_part = rule != settings.rules.end() && !rule->body.empty();
  const std::string_view details = !settings.safe || status == 0 ? text
                                   : has_part                    ? std::string_view(rule->body)
                                                                 : words_for(verdict);
  return {verdict,
          fmt::format("response status: '{}' with error details: '{}'",
                      status == 0 ? "Client failed to complete request" : status_line(status),
                      details)};
}

}  // namespace lvp::bridge
