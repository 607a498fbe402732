// js: the user's script decides, by the protocol of js_adapter.h.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "bridge/js_adapter.h"
#include "bridge/keyed_hash.h"
#include "bridge/transformation.h"
#include "script/javascript.h"
#include "wire/json.h"

namespace lvp::bridge {
namespace {

enum class Input : std::uint8_t { text, event, json };

std::string_view mode_of(Input input) {
  switch (input) {
    case Input::text:
      return "text";
    case Input::event:
      return "event";
    case Input::json:
      return "json";
  }
  return {};
}

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

// What the adapter gives, taken apart.
struct Returned {
  std::string_view verdict, key, headers, times, data;

  explicit Returned(std::string_view text) {
    for (std::string_view* part : {&verdict, &key, &headers, &times}) {
      *part = text.substr(0, text.find('\0'));
      text.remove_prefix(std::min(text.size(), part->size() + 1));
    }
    data = text;
  }
};

// Of events, what the script reads. It learns from the script, so that the next event comes with
// it.
struct Reading {
  Event* event = nullptr;  // while the script runs
  AnalyticsMembers members{};
  bool is_whole = false;

  Result<std::string> json() const { return event->json(is_whole ? nullptr : &members); }

  // All, because the script wants `member`, or everything if that is "".
  std::string complete(std::string_view member) {
    is_whole = is_whole || !members.add(member);
    return event->json().value_or("{}");  // its columns have been checked
  }
};

class Js final : public Transformation {
 public:
  Js(Input input, script::Javascript program, std::unique_ptr<Reading> reading)
      : input_(input), program_(std::move(program)), reading_(std::move(reading)) {}

  Outcome apply(Message& message, Carried& carried) override {
    const auto text = call(message, carried);
    if (!text) return Outcome::failed(text.error().what);
    const Returned returned(*text);
    if (returned.verdict == "filtered") return Outcome::filtered();
    if (returned.verdict == "invalid") return Outcome::failed(std::string(returned.data));

    const bool is_text = returned.verdict == "text";
    std::string key = text_of(returned.key);
    message.data = returned.data;
    if (!is_text) message.data = with_go_escapes(std::move(message.data));
    if (!key.empty()) message.key = key;
    if (!returned.headers.empty()) set_headers(message, returned.headers);
    carried.forget();
    carried.script = {is_text, message.data, std::move(key), std::string(returned.times)};
    return {};
  }

 private:
  Result<std::string> call(const Message& message, Carried& carried) {
    const std::string headers = json_of(message.headers);
    if (const auto& before = carried.script)
      return call(before->data, before->is_text ? "text" : "object", before->times, before->key,
                  headers);
    const std::string_view mode =
        headers.empty() ? "" : mode_of(input_);  // "" is the program's own
    if (input_ != Input::event) return call(message.data, mode, "", "", headers);
    return call_with_event(message, carried, headers);
  }

  Result<std::string> call_with_event(const Message& message, Carried& carried,
                                      std::string_view headers) {
    constexpr std::string_view label = "failed making input for the JavaScript runtime: ";
    const auto event = carried.event(message);
    if (!event) return invalid(std::string(label) + event.error().what);
    reading_->event = *event;
    reading_->is_whole = reading_->is_whole || program_.is_isolated();
    const auto json = reading_->json();
    if (!json) return invalid(std::string(label) + json.error().what);
    return reading_->is_whole ? call(*json, "event", "", "", headers)
                              : call(*json, "part", reading_->members.names(), "", headers);
  }

  Result<std::string> call(std::string_view data, std::string_view mode, std::string_view times,
                           std::string_view key, std::string_view headers) {
    const std::array texts{data, mode, times, key, headers};
    auto made = program_.call(texts);
    if (!made) return invalid(reason_of(made.error()));
    return std::move(*made);
  }

  // Of a JSON string, or nothing.
  std::string text_of(std::string_view json) {
    if (json.empty()) return {};
    const auto root = parser_.parse(json);
    return std::string(root ? root->string().value_or("") : "");
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
  std::unique_ptr<Reading> reading_;  // of events; the program points to it
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
  auto reading = std::make_unique<Reading>();
  const script::HostFunction event{"event", [&read = *reading](std::span<const std::string> texts) {
                                     return read.complete(texts[0]);
                                   }};
  const Input input = is_json ? Input::json : is_event ? Input::event : Input::text;
  const std::string adapter =
      js_adapter({.reads = mode_of(input), .removes_nulls = removes_nulls, .tells_times = true});
  auto program = script::Javascript::load({text, "main", adapter},
                                          {.time = std::chrono::seconds(timeout_s)}, {hash, event});
  if (!program) {
    std::string_view what = program.error().what;
    constexpr std::string_view missing = "function: ";
    return what.starts_with(missing)
               ? settings.error("", fmt::format("error smoke testing JS function: {}",
                                                what.substr(missing.size())))
               : settings.error("", fmt::format("error building JS engine: {}", what));
  }
  return std::make_unique<Js>(input, std::move(*program), std::move(reading));
}

}  // namespace lvp::bridge
