// js: the user's script decides, by the protocol of js_adapter.h.
#include <fmt/format.h>

#include <array>

#include "bridge/js_adapter.h"
#include "bridge/keyed_hash.h"
#include "bridge/transformation.h"
#include "script/javascript.h"
#include "wire/json.h"

namespace lvp::bridge {
namespace {

enum class Input : std::uint8_t { text, event, json };

std::string json_of(const std::map<std::string, std::string>& headers) {
  if (headers.empty()) return {};
  json::Writer out;
  out.begin_object();
  for (const auto& [name, value] : headers) out.key(name).string(value);
  return out.end_object().take();
}

std::string reason_of(const script::Failure& failure) {
  if (failure.kind == script::Failure::Kind::top_level)
    return "failed initializing JavaScript runtime: " + failure.text;
  return "error running JavaScript function [main]: " + failure.text;
}

class Js final : public Transformation {
 public:
  Js(Input input, script::Javascript program) : input_(input), program_(std::move(program)) {}

  Outcome apply(Message& message, Carried& carried) override {
    auto made = call(message, carried);
    if (!made) return Outcome::failed(made.error().what);
    std::vector<std::string>& texts = *made;
    if (texts.front() == "filtered") return Outcome::filtered();
    if (texts.front() == "invalid") return Outcome::failed(std::move(texts.at(1)));

    message.data = texts.at(2);
    if (!texts.at(3).empty()) message.key = texts.at(3);
    if (!texts.at(4).empty()) set_headers(message, texts.at(4));
    carried.forget();
    carried.script = {texts.at(1) == "text", std::move(texts.at(2)), std::move(texts.at(3)),
                      std::move(texts.at(5))};
    return {};
  }

 private:
  Result<std::vector<std::string>> call(const Message& message, Carried& carried) {
    const std::string headers = json_of(message.headers);
    if (const auto& before = carried.script)
      return call(before->is_text ? "text" : "object", before->data, before->key, headers,
                  before->times);
    if (input_ == Input::text) return call("text", message.data, "", headers, "");
    if (input_ == Input::json) return call("json", message.data, "", headers, "");

    constexpr std::string_view label = "failed making input for the JavaScript runtime: ";
    const auto event = carried.event(message);
    if (!event) return invalid(std::string(label) + event.error().what);
    const auto json = (*event)->json();
    if (!json) return invalid(std::string(label) + json.error().what);
    return call("event", *json, "", headers, "");
  }

  Result<std::vector<std::string>> call(std::string_view mode, std::string_view data,
                                        std::string_view key, std::string_view headers,
                                        std::string_view times) {
    const std::array texts{mode, data, key, headers, times};
    auto made = program_.call(texts);
    if (!made) return invalid(reason_of(made.error()));
    return std::move(*made);
  }

  void set_headers(Message& message, std::string_view json) {
    const auto root = parser_.parse(json);
    if (!root) return;
    message.headers.clear();
    for (const json::Member header : root->members())
      message.headers.emplace(header.key, header.value.string().value_or(""));
  }

  Input input_;
  script::Javascript program_;
  json::Parser parser_;
};

Result<std::string> read_script(Settings& settings, const Files& files) {
  LVP_TRY(const std::string path, settings.text_or("script_path", ""));
  LVP_TRY(std::string script, settings.text_or("script", ""));
  if (path.empty() && script.empty())
    return settings.error("", "script_path or script is required");
  if (path.empty()) return script;
  auto read = files(path);
  if (!read) return settings.error("script_path", read.error().what);
  return read;
}

}  // namespace

Made make_js(Settings& settings, const Files& files) {
  constexpr std::int64_t timeout_max_s = 600;
  LVP_TRY(const std::string text, read_script(settings, files));
  LVP_TRY(const std::int64_t timeout_s, settings.whole_or("timeout_sec", 15, 1, timeout_max_s));
  LVP_TRY(const bool is_event, settings.flag_or("snowplow_mode", false));
  LVP_TRY(const bool is_json, settings.flag_or("json_mode", false));
  LVP_TRY(const bool removes_nulls, settings.flag_or("remove_nulls", false));
  LVP_TRY(std::string salt, settings.text_or("hash_salt_secret", ""));

  const script::HostFunction hash{"hash",
                                  [salt = std::move(salt)](std::span<const std::string> texts) {
                                    return keyed_hash(texts[0], texts[1], salt);
                                  }};
  const std::string adapter = js_adapter({.removes_nulls = removes_nulls, .tells_times = true});
  auto program = script::Javascript::load({text, "main", adapter},
                                          {.time = std::chrono::seconds(timeout_s)}, {hash});
  if (!program) {
    std::string_view what = program.error().what;
    constexpr std::string_view missing = "function: ";
    return what.starts_with(missing)
               ? settings.error("", fmt::format("error smoke testing JS function: {}",
                                                what.substr(missing.size())))
               : settings.error("", fmt::format("error building JS engine: {}", what));
  }
  const Input input = is_json ? Input::json : is_event ? Input::event : Input::text;
  return std::make_unique<Js>(input, std::move(*program));
}

}  // namespace lvp::bridge
