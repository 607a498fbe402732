// jq and jqFilter: the user's jq program makes the message, or decides about it.
#include "script/jq.h"

#include <fmt/format.h>

#include <optional>

#include "bridge/go_text.h"
#include "bridge/transformation.h"
#include "wire/json.h"

namespace lvp::bridge {
namespace {

// epoch and epochMillis read a text by a layout in the notation of Go's time package, of which they
// know the numbers of date and time; null stays null.
constexpr std::string_view definitions =
    R"jq(def epochMillis($layout): if . == null then null else . as $value | )jq"
    R"jq(($layout | gsub("(?<c>[.+*?^$(){}|\\[\\]\\\\])"; "\\" + .c) | )jq"
    R"jq(sub("2006"; "(?<year>[0-9]{4})") | sub("01"; "(?<month>[0-9]{2})") | )jq"
    R"jq(sub("02"; "(?<day>[0-9]{2})") | sub("15"; "(?<hour>[0-9]{2})") | )jq"
    R"jq(sub("04"; "(?<minute>[0-9]{2})") | sub("05(\\\\[.,](0+|9+))?"; )jq"
    R"jq("(?<second>[0-9]{2})([.,](?<fraction>[0-9]+))?")) as $form | )jq"
    R"jq(([$value | strings | capture("^" + $form + "$")][0] // )jq"
    R"jq(error("could not parse input - '\($value)' using provided time layout - '\($layout)'")) | )jq"
    R"jq(([(.year // "1970" | tonumber), (.month // "1" | tonumber) - 1, )jq"
    R"jq((.day // "1" | tonumber), (.hour // "0" | tonumber), (.minute // "0" | tonumber), )jq"
    R"jq((.second // "0" | tonumber), 0, 0] | mktime) * 1000 + )jq"
    R"jq((((.fraction // "") + "000")[0:3] | tonumber) end; )jq"
    R"jq(def epochMillis: epochMillis("2006-01-02T15:04:05.999Z"); )jq"
    R"jq(def epoch($layout): if . == null then null else epochMillis($layout) / 1000 | floor end; )jq"
    R"jq(def epoch: epoch("2006-01-02T15:04:05.999Z"); )jq";

// Without nulls and what is empty, at every depth, as Go prints it.
void append_cleaned(std::string& out, const json::Value& value) {
  const auto append_inner = [&out](const json::Value& inner, std::size_t from, auto before) {
    std::string text;
    append_cleaned(text, inner);
    if (text == "null" || text == "{}" || text == "[]") return;
    if (out.size() > from) out += ',';
    before();
    out += text;
  };
  if (value.is_array()) {
    out += '[';
    const std::size_t from = out.size();
    for (const json::Value element : value.elements()) append_inner(element, from, [] {});
    out += ']';
  } else if (value.is_object()) {
    out += '{';
    const std::size_t from = out.size();
    for (const json::Member member : value.members())
      append_inner(member.value, from, [&] {
        append_json(out, member.key, true);
        out += ':';
      });
    out += '}';
  } else if (const auto text = value.string()) {
    append_json(out, *text, true);
  } else {
    append_json(out, value);
  }
}

class Program {
 public:
  static Result<Program> read(Settings& settings) {
    constexpr std::int64_t timeout_max_ms = 600'000;
    LVP_TRY(const std::string command, settings.text("jq_command"));
    LVP_TRY(const std::int64_t timeout_ms, settings.whole_or("timeout_ms", 100, 0, timeout_max_ms));
    LVP_TRY(const bool is_event, settings.flag_or("snowplow_mode", false));
    auto program = script::Jq::load(definitions, command, Duration(timeout_ms));
    if (!program) {
      const std::string& what = program.error().what;
      const bool undefined = what.find("is not defined") != what.npos;
      return settings.error(
          "jq_command",
          fmt::format("{}: {}", undefined ? "error compiling jq query" : "error parsing jq command",
                      what));
    }
    return Program(std::move(*program), is_event);
  }

  /// The first output, or what failures say.
  Result<std::string> run(const Message& message, Carried& carried) {
    constexpr std::string_view label = "failed to prepare expected JQ input: ";
    if (!is_event_) {
      const auto root = parser_.parse(message.data);
      if (!root) return invalid(std::string(label) + root.error().what);
      if (!root->is_object()) return invalid(std::string(label) + "an object is required");
      return output(message.data);
    }
    const auto event = carried.event(message);
    if (!event) return invalid(std::string(label) + event.error().what);
    const auto json = (*event)->json();
    if (!json) return invalid(std::string(label) + json.error().what);
    return output(*json);
  }

 private:
  Program(script::Jq program, bool is_event) : program_(std::move(program)), is_event_(is_event) {}

  Result<std::string> output(std::string_view json) {
    auto made = program_.first(json);
    if (made) return std::move(*made);
    const std::string& text = made.error().text;
    switch (made.error().kind) {
      case script::JqFailure::Kind::input:
        return invalid("failed to prepare expected JQ input: " + text);
      case script::JqFailure::Kind::no_output:
        return invalid("jq query got no output");
      case script::JqFailure::Kind::error:
      case script::JqFailure::Kind::time_limit:
        return invalid("jq output is an error: " + text);
    }
    return made.error().text;
  }

  script::Jq program_;
  bool is_event_;
  json::Parser parser_;
};

class Jq final : public Transformation {
 public:
  explicit Jq(Program program) : program_(std::move(program)) {}

  Outcome apply(Message& message, Carried& carried) override {
    const auto output = program_.run(message, carried);
    if (!output) return Outcome::failed(output.error().what);
    const auto root = parser_.parse(*output, depth_max);
    if (!root) return Outcome::failed("error encoding jq query output data: " + root.error().what);
    message.data.clear();
    append_cleaned(message.data, *root);
    carried.forget();
    return {};
  }

 private:
  static constexpr std::size_t depth_max = 256;  // of what jq itself reads

  Program program_;
  json::Parser parser_;
};

class JqFilter final : public Transformation {
 public:
  explicit JqFilter(Program program) : program_(std::move(program)) {}

  Outcome apply(Message& message, Carried& carried) override {
    const auto output = program_.run(message, carried);
    if (!output) return Outcome::failed(output.error().what);
    if (*output == "true") return {};
    if (*output == "false") return Outcome::filtered();
    return Outcome::failed("jq filter didn't return expected [boolean] value: " + *output);
  }

 private:
  Program program_;
};

}  // namespace

Made make_jq(Settings& settings) {
  LVP_TRY(Program program, Program::read(settings));
  return std::make_unique<Jq>(std::move(program));
}

Made make_jq_filter(Settings& settings) {
  LVP_TRY(Program program, Program::read(settings));
  return std::make_unique<JqFilter>(std::move(program));
}

}  // namespace lvp::bridge
