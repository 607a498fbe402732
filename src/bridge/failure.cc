#include "bridge/failure.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/text.h"
#include "bridge/go_text.h"

namespace lvp::bridge {
namespace {

std::string quoted(std::string_view text) {
  std::string json;
  append_json(json, repaired_utf8(text), true);
  return json;
}

// The longest prefix of at most `bytes` bytes that ends before the start of a character.
std::string_view whole_characters(std::string_view text, std::size_t bytes) {
  if (bytes >= text.size()) return text;
  const auto continues = [&] { return (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80; };
  while (bytes > 0 && continues()) --bytes;
  return text.substr(0, bytes);
}

std::string_view nine_tenths(std::string_view text) {
  return whole_characters(text, text.size() * 9 / 10);
}

std::unexpected<Error> too_large() {
  return invalid(
      "Failed to create bad-row as resultant payload will exceed the targets byte limit");
}

std::string row(const Envelope& envelope, std::string_view name, std::string_view failure,
                std::string_view payload) {
  return fmt::format(
      R"({{"data":{{"failure":{{{},"timestamp":"{}"}},"payload":{},)"
      R"("processor":{{"artifact":{},"version":{}}}}},)"
      R"("schema":"iglu:com.snowplowanalytics.snowplow.badrows/{}/jsonschema/1-0-0"}})",
      failure, go_text(std::chrono::floor<std::chrono::seconds>(envelope.pulled)), quoted(payload),
      quoted(envelope.artifact), quoted(envelope.version), name);
}

Result<std::string> fitting_row(const Envelope& envelope, std::string_view name,
                                std::string_view failure, std::string_view payload) {
  const std::size_t frame = row(envelope, name, failure, "").size();
  if (frame >= envelope.bytes_max) return too_large();
  payload = whole_characters(payload, envelope.bytes_max - frame);
  for (;; payload = nine_tenths(payload)) {  // escapes take more than the bytes they stand for
    std::string made = row(envelope, name, failure, payload);
    if (made.size() <= envelope.bytes_max) return made;
  }
}

}  // namespace

Result<std::string> generic_error_row(const Envelope& envelope, std::span<const std::string> errors,
                                      std::string_view data) {
  std::string list;
  for (const std::string& error : errors) {
    if (!list.empty()) list += ',';
    list += quoted(error);
  }
  return fitting_row(envelope, "generic_error", fmt::format(R"("errors":[{}])", list), data);
}

Result<std::string> size_violation_row(const Envelope& envelope, std::size_t target_bytes_max,
                                       std::string_view data) {
  return fitting_row(envelope, "size_violation",
                     fmt::format(R"("actualSizeBytes":{},)"
                                 R"("expectation":"Expected payload to fit into requested target",)"
                                 R"("maximumAllowedSizeBytes":{})",
                                 data.size(), target_bytes_max),
                     data);
}

Result<std::string> forwarding_error_row(const Envelope& envelope, const ForwardingFailure& failure,
                                         std::string_view original) {
  std::string_view state = failure.latest_state;
  while (true) {
    std::string made = row(envelope, "event_forwarding_error",
                           fmt::format(R"("errorCode":{},"errorMessage":{},"errorType":{},)"
                                       R"("latestState":{})",
                                       quoted(failure.code), quoted(failure.message),
                                       quoted(failure.type), quoted(state)),
                           original);
    if (made.size() <= envelope.bytes_max) return made;
    if (state.empty() && original.empty()) return too_large();
    std::string_view& longest = state.empty() ? original : state;
    longest = nine_tenths(longest);
  }
}

std::string_view transformation_error_code(std::string_view reason) {
  constexpr std::array<std::string_view, 3> codes{"TypeError", "SyntaxError", "ReferenceError"};
  std::string_view first = "TransformationError";
  std::size_t first_at = reason.npos;
  for (const std::string_view code : codes) {
    const std::size_t at = reason.find(code);
    if (at >= first_at) continue;
    first = code;
    first_at = at;
  }
  return first;
}

}  // namespace lvp::bridge
