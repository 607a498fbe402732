#include "wire/json_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"
#include "wire/byte_tests.h"
#include "wire/json.h"

namespace lvp::json {
namespace {

// Of a byte outside of strings: of white space and controls JSON has four, all up to the space.
bool is_space(char c) {
  return static_cast<unsigned char>(c) <= ' ';
}

// The index after the string that starts with the quote at `at`.
std::size_t string_end(std::string_view text, std::size_t at) {
  for (++at; text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at + 1;
}

std::size_t scalar_end(std::string_view text, std::size_t at) {
  return std::min(text.find_first_of(",]} \t\n\r", at), text.size());
}

// The index after the value that starts at `at` in compact text.
std::size_t value_end(std::string_view text, std::size_t at) {
  if (text[at] == '"') return string_end(text, at);
  if (text[at] != '{' && text[at] != '[') return scalar_end(text, at);
  std::size_t depth = 0;
  do {
    switch (text[at]) {
      case '"':
        at = string_end(text, at);
        continue;
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        --depth;
        break;
      default:
        break;
    }
    ++at;
  } while (depth > 0);
  return at;
}

std::uint32_t hex4(std::string_view text) {
  std::uint32_t code = 0;
  for (const char c : text.substr(0, 4)) {
    const auto digit = static_cast<std::uint32_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    code = code << 4 | digit;
  }
  return code;
}

// What the body of a JSON string (between its quotes) stands for, in UTF-8.
std::string unescaped(std::string_view body) {
  std::string out;
  out.reserve(body.size());
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] != '\\') {
      out += body[i];
      continue;
    }
    switch (const char c = body[++i]; c) {
      case 'b':
        out += '\b';
        break;
      case 'f':
        out += '\f';
        break;
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 't':
        out += '\t';
        break;
      case 'u': {
        std::uint32_t code = hex4(body.substr(i + 1));
        i += 4;
        if (code >= 0xd800 && code < 0xdc00 && body.substr(i + 1).starts_with("\\u")) {
          const std::uint32_t low = hex4(body.substr(i + 3));
          if (low >= 0xdc00 && low < 0xe000) {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            i += 6;
          }
        }
        // A surrogate without its partner has no UTF-8 form; Java encodes it as '?'.
        append_utf8(out, code >= 0xd800 && code < 0xe000 ? '?' : code);
        break;
      }
      default:
        out += c;
    }
  }
  return out;
}

bool needs_normalising(std::string_view body) {
  return any_byte(body,
                  [](Bytes bytes) { return (bytes == '\\') | (bytes == 0x7f) | (bytes == 0xc2); });
}

// Looks at the tokens of a document without escapes.
class CompactTest {
 public:
  CompactTest(std::string_view text, std::span<const std::uint32_t> tokens)
      : text_(text), tokens_(tokens) {}

  bool passes() {
    if (is_space(text_.back())) return false;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      const std::size_t at = tokens_[i];
      if (at > 0 && is_space(text_[at - 1])) return false;
      switch (text_[at]) {
        case '{':
          if (open_count_ == objects_.size()) return false;
          objects_[open_count_++] = {key_count_, 0};
          break;
        case '}':
          key_count_ = objects_[--open_count_].first_key;
          break;
        case ':':  // after a key
          if (!add({tokens_[i - 1], tokens_[i] - tokens_[i - 1]})) return false;
          break;
        default:
          break;
      }
    }
    return true;
  }

 private:
  struct Object {
    std::size_t first_key;  // in keys_; those of the objects inside follow
    std::uint64_t marks;    // one bit for each key, which several may share
  };
  struct Key {  // with its quotes
    std::uint32_t begin;
    std::uint32_t size;
  };
  static constexpr std::size_t objects_max = 64;
  static constexpr std::size_t keys_max = 64;  // of one object; with more, looking takes long
  static constexpr std::size_t open_keys_max = 256;

  // False if the innermost object has the key already, or there are too many.
  bool add(Key key) {
    Object& object = objects_[open_count_ - 1];
    const std::string_view name = text_of(key);
    const std::size_t hash = name.size() * 7 + static_cast<unsigned char>(name[1]) * 5 +
                             static_cast<unsigned char>(name[name.size() - 2]);
    const std::uint64_t mark = std::uint64_t{1} << (hash % 64);
    if (key_count_ - object.first_key == keys_max || key_count_ == keys_.size()) return false;
    if ((object.marks & mark) != 0) {
      for (std::size_t i = object.first_key; i < key_count_; ++i)
        if (text_of(keys_[i]) == name) return false;
    }
    object.marks |= mark;
    keys_[key_count_++] = key;
    return true;
  }

  std::string_view text_of(Key key) const { return text_.substr(key.begin, key.size); }

  std::string_view text_;
  std::span<const std::uint32_t> tokens_;
  // Left as they are made: clearing them would take longer than the test.
  std::array<Object, objects_max> objects_;  // those that are open
  std::array<Key, open_keys_max> keys_;
  std::size_t open_count_ = 0;
  std::size_t key_count_ = 0;
};

class Compactor {
 public:
  explicit Compactor(std::string_view text) : text_(text) { out_.reserve(text.size()); }

  std::string run() {
    value();
    return std::move(out_);
  }

 private:
  struct Span {
    std::size_t begin;
    std::size_t end;
  };
  struct MemberSpan {  // in out_
    Span key;
    Span value;
  };

  void space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  void value() {
    space();
    switch (text_[at_]) {
      case '{':
        return object();
      case '[':
        return array();
      case '"':
        return string();
      default: {
        const std::size_t end = scalar_end(text_, at_);
        out_ += text_.substr(at_, end - at_);
        at_ = end;
      }
    }
  }

  void string() {
    const std::size_t end = string_end(text_, at_);
    const std::string_view body = text_.substr(at_ + 1, end - at_ - 2);
    if (needs_normalising(body)) {
      append_quoted(out_, unescaped(body));
    } else {
      out_ += text_.substr(at_, end - at_);
    }
    at_ = end;
  }

  // Steps over the punctuation before the next item; false at the closing bracket, which it eats.
  bool next_item(char close) {
    space();
    if (text_[at_] == ',') ++at_;
    space();
    if (text_[at_] != close) return true;
    ++at_;
    return false;
  }

  void array() {
    ++at_;
    out_ += '[';
    for (bool first = true; next_item(']'); first = false) {
      if (!first) out_ += ',';
      value();
    }
    out_ += ']';
  }

  void object() {
    ++at_;
    const std::size_t open = out_.size();
    const std::size_t base = members_.size();  // members_ is a stack: inner objects lie on top
    out_ += '{';
    while (next_item('}')) {
      if (members_.size() > base) out_ += ',';
      MemberSpan member;
      member.key.begin = out_.size();
      string();
      member.key.end = out_.size();
      space();
      ++at_;  // the colon
      out_ += ':';
      member.value.begin = out_.size();
      value();
      member.value.end = out_.size();
      members_.push_back(member);
    }
    out_ += '}';
    if (has_duplicates(base)) rewrite(open, base);
    members_.resize(base);
  }

  std::string_view piece(Span span) const {
    return std::string_view(out_).substr(span.begin, span.end - span.begin);
  }

  bool has_duplicates(std::size_t base) {
    keys_.clear();
    for (std::size_t i = base; i < members_.size(); ++i) keys_.push_back(piece(members_[i].key));
    std::ranges::sort(keys_);
    return std::ranges::adjacent_find(keys_) != keys_.end();
  }

  void rewrite(std::size_t open, std::size_t base) {
    std::vector<std::pair<std::string, std::string>> unique;
    for (std::size_t i = base; i < members_.size(); ++i) {
      const std::string_view key = piece(members_[i].key);
      const auto found =
          std::ranges::find(unique, key, &std::pair<std::string, std::string>::first);
      if (found == unique.end()) {
        unique.emplace_back(key, piece(members_[i].value));
      } else {
        found->second = piece(members_[i].value);
      }
    }
    out_.resize(open);
    for (const auto& [key, value] : unique) {
      out_ += out_.size() == open ? '{' : ',';
      out_ += key;
      out_ += ':';
      out_ += value;
    }
    out_ += '}';
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string out_;
  std::vector<MemberSpan> members_;
  std::vector<std::string_view> keys_;
};

}  // namespace

std::string compact(std::string_view valid) {
  return Compactor(valid).run();
}

bool is_compact(std::string_view valid, std::span<const std::uint32_t> tokens) {
  return !needs_normalising(valid) && CompactTest(valid, tokens).passes();
}

std::optional<std::string_view> raw_member(std::string_view compact_object, std::string_view key) {
  if (!compact_object.starts_with('{')) return std::nullopt;
  for (std::size_t at = 1; compact_object[at] == '"';) {
    const std::size_t colon = string_end(compact_object, at);
    const std::size_t end = value_end(compact_object, colon + 1);
    if (compact_object.substr(at + 1, colon - at - 2) == key)
      return compact_object.substr(colon + 1, end - colon - 1);
    at = end + 1;  // past the comma; at the end of the object, past the brace
    if (at >= compact_object.size()) break;
  }
  return std::nullopt;
}

std::vector<std::string_view> raw_elements(std::string_view compact_array) {
  std::vector<std::string_view> elements;
  if (!compact_array.starts_with('[')) return elements;
  for (std::size_t at = 1; at < compact_array.size() && compact_array[at] != ']';) {
    const std::size_t end = value_end(compact_array, at);
    elements.push_back(compact_array.substr(at, end - at));
    at = compact_array[end] == ',' ? end + 1 : end;
  }
  return elements;
}

void raw_elements(std::string_view compact_document, std::span<const std::uint32_t> tokens,
                  std::size_t begin, std::vector<std::string_view>& elements) {
  elements.clear();
  if (compact_document[begin] != '[') return;
  const auto inside = std::ranges::subrange(std::ranges::upper_bound(tokens, begin), tokens.end());
  std::size_t depth = 1;
  std::size_t from = begin + 1;  // where the element begins
  for (const std::uint32_t at : inside) {
    const char token = compact_document[at];
    const bool closes = token == ']' || token == '}';
    if (depth == 1 && (closes || token == ',')) {
      if (at > from) elements.push_back(compact_document.substr(from, at - from));
      from = at + 1;
    }
    if (closes && --depth == 0) break;
    if (token == '[' || token == '{') ++depth;
  }
}

}  // namespace lvp::json
