#include "bench/answer.h"

#include <strings.h>

#include <charconv>
#include <optional>

namespace lvp::bench {
namespace {

constexpr std::string_view line_end = "\r\n";

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::optional<std::size_t> number(std::string_view digits) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

struct Body {
  std::optional<std::size_t> bytes;
  bool chunked = false;
};

// Headers that matter, from the lines after the status line.
Body read_headers(std::string_view lines, Answer& answer) {
  Body body;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find(line_end));
    lines.remove_prefix(std::min(line.size() + line_end.size(), lines.size()));
    const std::size_t colon = std::min(line.find(": "), line.size());
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = line.substr(std::min(colon + 2, line.size()));
    if (same(name, "Content-Length")) body.bytes = number(value);
    if (same(name, "Transfer-Encoding")) body.chunked = same(value, "chunked");
    if (same(name, "Connection")) answer.closes = same(value, "close");
  }
  return body;
}

}  // namespace

Answer read_answer(std::string_view bytes) {
  constexpr std::string_view begin = "HTTP/1.1 ";
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == bytes.npos) return {};
  Answer answer{Answer::State::unreadable};
  const std::string_view head = bytes.substr(0, end);
  const std::string_view rest = bytes.substr(end + 4);
  const std::string_view status = head.substr(0, head.find(line_end));
  if (!status.starts_with(begin)) return answer;
  answer.status = static_cast<int>(number(status.substr(begin.size(), 3)).value_or(0));
  const Body body = read_headers(head.substr(std::min(status.size() + 2, head.size())), answer);
  if (answer.status < 200 || (!body.bytes && !body.chunked)) return answer;
  const bool whole = body.chunked ? rest.ends_with("0\r\n\r\n") : rest.size() >= *body.bytes;
  if (!body.chunked && rest.size() > *body.bytes) return answer;
  answer.state = whole ? Answer::State::whole : Answer::State::partial;
  return answer;
}

}  // namespace lvp::bench
