#include "enrich/page_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/text.h"
#include "enrich/java_uri.h"

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

void set_components(Url& url, const JavaUri& uri) {
  url.components = {std::string(uri.scheme),
                    std::string(uri.host),
                    std::to_string(uri.port.value_or(uri.scheme == "https" ? 443 : 80)),
                    std::string(uri.path),
                    std::string(uri.query),
                    std::string(uri.fragment)};
  url.query = parse_form(uri.query);
}

Url parse(std::string_view text) {
  Url url;
  url.text = spaces_escaped(text);
  const auto strict = parse_java_uri(url.text);
  if (strict) {
    set_components(url, *strict);
    return url;
  }
  url.text = reencoded(url.text);
  const auto lenient = parse_java_uri(url.text);
  if (lenient) {
    set_components(url, *lenient);
    return url;
  }
  url.text.clear();
  url.error = fmt::format(
      "Provided URI [{}] could not be parsed, neither by Java parsing (error: [{}]) "
      "nor by Scala parsing (error: [{}]).",
      text, strict.error(), lenient.error());
  return url;
}

// The URL in `from`, whose components go to the columns from `scheme` on, or nullptr after adding a
// failure.
const Url* read(EnrichedEvent& event, Column from, Column scheme, UrlMemory& memory,
                const Reporter& by, std::vector<Failure>& failures) {
  if (event[from].empty()) return nullptr;
  const Url& url = memory.take_apart(event[from]);
  if (!url.error.empty()) {
    failures.push_back(not_derivable(by, url.error));
    return nullptr;
  }
  auto column = static_cast<std::size_t>(scheme);
  for (const std::string& component : url.components)
    event[static_cast<Column>(column++)] = component;
  return &url;
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

const Url& UrlMemory::take_apart(std::string_view url) {
  if (slots_.empty()) slots_.resize(slot_count);
  const std::size_t place = std::hash<std::string_view>()(url) % slot_count;
  Slot& slot = url.size() <= kept_bytes_max ? slots_[place] : too_long_;
  if (slot.url != url) {
    slot.parsed = parse(url);
    slot.url = url;
  }
  return slot.parsed;
}

std::span<const FormField> read_page_url(EnrichedEvent& event, UrlMemory& memory,
                                         const Reporter& by, std::vector<Failure>& failures) {
  const Url* url = read(event, Column::page_url, Column::page_urlscheme, memory, by, failures);
  if (url == nullptr) return {};
  event[Column::page_url] = url->text;
  return url->query;
}

void read_page_referrer(EnrichedEvent& event, UrlMemory& memory, const Reporter& by,
                        std::vector<Failure>& failures) {
  read(event, Column::page_referrer, Column::refr_urlscheme, memory, by, failures);
}

}  // namespace lvp::enrich
