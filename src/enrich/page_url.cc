#include "enrich/page_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <expected>

#include "base/text.h"
#include "enrich/java_uri.h"
#include "wire/form.h"

namespace lvp::enrich {
namespace {

// Decodes `part` and encodes all but unreserved characters and '+'.
void append_encoded(std::string& out, std::string_view part) {
  constexpr std::string_view encoded = " :/?#[]@!$&'()*,;=%<>{}^`|\\\"";
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : repaired_utf8(percent_decode(part, /*plus_is_space=*/false))) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f && encoded.find(c) == encoded.npos) {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
}

void append_path(std::string& out, std::string_view path) {
  bool first = true;
  for (const std::string_view segment : split(path, '/')) {
    if (!first) out += '/';
    first = false;
    append_encoded(out, segment);
  }
}

// Only the first '=' of each pair separates.
void append_query(std::string& out, std::string_view query) {
  bool first = true;
  for (const std::string_view pair : split(query, '&')) {
    if (!first) out += '&';
    first = false;
    const std::size_t equals = pair.find('=');
    append_encoded(out, pair.substr(0, equals));
    if (equals == pair.npos) continue;
    out += '=';
    append_encoded(out, pair.substr(equals + 1));
  }
}

std::string spaces_escaped(std::string_view url) {
  std::string out;
  out.reserve(url.size());
  for (const char c : url) {
    if (c == ' ') {
      out += "%20";
    } else {
      out += c;
    }
  }
  return out;
}

// Host, port, path, query and fragment are the columns after the scheme's.
void set_components(EnrichedEvent& event, Column scheme, const JavaUri& uri) {
  const auto column = [&](std::size_t offset) -> std::string& {
    return event[static_cast<Column>(static_cast<std::size_t>(scheme) + offset)];
  };
  column(0) = uri.scheme;
  column(1) = uri.host;
  column(2) = std::to_string(uri.port.value_or(uri.scheme == "https" ? 443 : 80));
  column(3) = uri.path;
  column(4) = uri.query;
  column(5) = uri.fragment;
}

struct Parsed {
  std::string text;
  JavaUri uri;  // views text
};

// The error is the failure's text.
std::expected<void, std::string> parse(std::string_view url, Parsed& parsed) {
  parsed.text = spaces_escaped(url);
  const auto strict = parse_java_uri(parsed.text);
  if (strict) {
    parsed.uri = *strict;
    return {};
  }
  parsed.text = reencoded(parsed.text);
  const auto lenient = parse_java_uri(parsed.text);
  if (lenient) {
    parsed.uri = *lenient;
    return {};
  }
  return std::unexpected(
      fmt::format("Provided URI [{}] could not be parsed, neither by Java parsing (error: [{}]) "
                  "nor by Scala parsing (error: [{}]).",
                  url, strict.error(), lenient.error()));
}

}  // namespace

std::string reencoded(std::string_view url) {
  std::string out;
  const std::size_t hash = url.find('#');
  const std::string_view head = url.substr(0, hash);
  const std::size_t mark = head.find('?');
  std::string_view path = head.substr(0, mark);
  if (const std::size_t slashes = path.find("://"); slashes != path.npos) {
    const std::size_t end = std::min(path.find('/', slashes + 3), path.size());
    out = path.substr(0, end);
    path.remove_prefix(end);
  } else if (const std::size_t colon = path.find(':'); colon < path.find('/')) {
    out = path.substr(0, colon + 1);
    path.remove_prefix(colon + 1);
  }
  append_path(out, path);
  if (mark != head.npos) {
    out += '?';
    append_query(out, head.substr(mark + 1));
  }
  if (hash != url.npos) {
    out += '#';
    append_encoded(out, url.substr(hash + 1));
  }
  return out;
}

void read_page_url(EnrichedEvent& event, const Reporter& by, std::vector<Failure>& failures) {
  if (event[Column::page_url].empty()) return;
  Parsed parsed;
  if (const auto done = parse(event[Column::page_url], parsed); !done) {
    failures.push_back(not_derivable(by, done.error()));
    return;
  }
  set_components(event, Column::page_urlscheme, parsed.uri);
  event[Column::page_url] = std::move(parsed.text);
}

void read_page_referrer(EnrichedEvent& event, const Reporter& by, std::vector<Failure>& failures) {
  if (event[Column::page_referrer].empty()) return;
  Parsed parsed;
  if (const auto done = parse(event[Column::page_referrer], parsed); !done) {
    failures.push_back(not_derivable(by, done.error()));
    return;
  }
  set_components(event, Column::refr_urlscheme, parsed.uri);
}

}  // namespace lvp::enrich
