#include "iglu/format.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"
#include "base/time.h"
#include "base/uuid.h"

namespace lvp::iglu {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter_or_digit(char c) {
  return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}
bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}
bool has_digit(std::string_view text) {
  return std::ranges::any_of(text, is_digit);
}

// parse_timestamp lets the zone go, and any offset below a day; RFC 3339 and java.time do not.
bool is_date_time(std::string_view text) {
  if (!parse_timestamp(text)) return false;
  if ((text.back() | 0x20) == 'z') return true;
  if (text.size() < 25 || text.ends_with("-00:00")) return false;
  const std::string_view offset = text.substr(text.size() - 6);
  if (offset[0] != '+' && offset[0] != '-') return false;
  return offset.substr(1, 2) < "18" || offset.substr(1) == "18:00";
}

bool is_date(std::string_view text) {
  constexpr std::string_view midnight = "T00:00:00Z";
  std::array<char, 20> buffer;
  if (text.size() + midnight.size() != buffer.size()) return false;
  std::memcpy(buffer.data(), text.data(), text.size());
  std::memcpy(buffer.data() + text.size(), midnight.data(), midnight.size());
  return parse_timestamp({buffer.data(), buffer.size()}).has_value();
}

bool is_uuid(std::string_view text) {
  return parse_uuid(text).has_value();
}

bool is_ipv6(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  std::array<unsigned char, 16> address;
  if (text.size() >= terminated.size() || text.find('\0') != text.npos) return false;
  std::memcpy(terminated.data(), text.data(), text.size());
  return inet_pton(AF_INET6, terminated.data(), address.data()) == 1;
}

// Dot-separated atoms, or something in quotes.
bool is_mailbox(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  if (text.size() > 2 && text.front() == '"' && text.back() == '"')
    return text.substr(1, text.size() - 2).find_first_of("\"\\") == text.npos;
  if (text.front() == '.' || text.back() == '.' || text.find("..") != text.npos) return false;
  constexpr std::string_view refused = "()<>@,;:\\\"[]";
  return std::ranges::all_of(text, [&](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7f && refused.find(c) == refused.npos;
  });
}

// At least two labels; the last begins with a letter, which tells names from addresses.
bool is_mail_domain(std::string_view text) {
  std::size_t labels = 0;
  while (true) {
    const std::string_view label = text.substr(0, text.find('.'));
    const auto is_inner = [](char c) { return is_letter_or_digit(c) || c == '-' || !is_ascii(c); };
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-' ||
        !std::ranges::all_of(label, is_inner)) {
      return false;
    }
    ++labels;
    if (label.size() == text.size()) return labels > 1 && label.size() > 1 && !is_digit(label[0]);
    text.remove_prefix(label.size() + 1);
  }
}

bool is_ipv4(std::string_view text) {
  std::array<char, INET_ADDRSTRLEN> terminated{};
  in_addr address;
  if (text.size() >= terminated.size() || text.find('\0') != text.npos) return false;
  std::memcpy(terminated.data(), text.data(), text.size());
  return inet_pton(AF_INET, terminated.data(), &address) == 1;
}

bool is_email(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == text.npos || !is_mailbox(text.substr(0, at))) return false;
  std::string_view domain = text.substr(at + 1);
  domain = domain.substr(0, domain.find_last_not_of(' ') + 1);
  if (domain.starts_with('[') && domain.ends_with(']')) {
    domain = domain.substr(1, domain.size() - 2);
    return is_ipv4(domain) || is_ipv6(domain);
  }
  return is_mail_domain(domain);
}

}  // namespace

// What a text must satisfy: the test, the expression that all of it matches, or both.
struct Format::Row {
  std::string_view name;
  bool (*test)(std::string_view);
  const char* expression;
  std::string_view keyword = "format";
  bool reports_text = false;
};

// Meanings as measured with networknt's json-schema-validator 1.0.76, draft 4.
constexpr Format::Row Format::rows[] = {
    {"date-time", is_date_time, nullptr, "dateTime", true},
    {"date", is_date, nullptr, "dateTime", true},
    {"uuid", is_uuid, nullptr, "uuid", true},
    {"uri", nullptr,
     R"([A-Za-z][\w+.-]*:(//[\w.~%!$&'()*+,;=:@\[\]-]*)?[\w.~%!$&'()*+,;=:@/-]*)"
     R"((\?[\w.~%!$&'()*+,;=:@/?-]*)?(#[\w.~%!$&'()*+,;=:@/?-]*)?)"},
    {"email", is_email, nullptr, "format", true},
    {"hostname", nullptr,
     R"([A-Za-z\d]([A-Za-z\d-]{0,61}[A-Za-z\d])?(\.[A-Za-z\d]([A-Za-z\d-]{0,61}[A-Za-z\d])?)*)"},
    {"ipv4", is_ipv4, nullptr},
    {"ip-address", nullptr, R"(((25[0-5]|2[0-4]\d|[01]?\d?\d)\.){3}(25[0-5]|2[0-4]\d|[01]?\d?\d))"},
    {"ipv6", is_ipv6, nullptr},
    {"time", nullptr, R"(\d\d:\d\d:\d\d(\.\d+)?)"},
    {"duration", has_digit, R"(-?P(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?)",
     "format", true},
    {"color", nullptr,
     R"(#?[0-9A-Fa-f]{3,6}|aqua|black|blue|fuchsia|gray|green|lime|maroon|navy|olive|orange|purple)"
     R"(|red|silver|teal|white|yellow)"
     R"(|rgb\((\s*(25[0-5]|2[0-4]\d|1?\d?\d)\s*,){2}\s*(25[0-5]|2[0-4]\d|1?\d?\d)\s*\))"
     R"(|rgb\((\s*(\d?\d|100)%\s*,){2}\s*(\d?\d|100)%\s*\))"},
    {"phone", nullptr, R"(\+(\d ?){6,14}\d)"},
    {"style", nullptr, R"(\s*.+:\s*[^;]+;?)"},
    {"utc-millisec", nullptr, R"(\d+(\.?\d+)?)"},
    {"alpha", nullptr, "[A-Za-z]+"},
    {"alphanumeric", nullptr, R"([A-Za-z\d]+)"},
};

std::optional<Format> Format::named(std::string_view name) {
  const auto row = std::ranges::find(rows, name, &Row::name);
  if (row == std::end(rows)) return std::nullopt;
  if (row->expression == nullptr) return Format(*row, std::nullopt);
  auto pattern = Pattern::compile(row->expression);
  LVP_CHECK(pattern.has_value());
  return Format(*row, std::move(*pattern));
}

bool Format::accepts(std::string_view text) const {
  return (row_->test == nullptr || row_->test(text)) && (!pattern_ || pattern_->matches(text));
}

std::string_view Format::name() const {
  return row_->name;
}
std::string_view Format::keyword() const {
  return row_->keyword;
}
bool Format::reports_text() const {
  return row_->reports_text;
}

}  // namespace lvp::iglu
