#include "wire/json.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <cmath>
#include <cstring>

#include "base/text.h"
#include "wire/byte_tests.h"

namespace lvp::json {
namespace {

namespace dom = simdjson::dom;

// A Value is a simdjson element under another name: both are a document pointer and a tape index.
using Raw = std::array<std::uintptr_t, 2>;
static_assert(sizeof(dom::element) == sizeof(Raw) && std::is_trivially_copyable_v<dom::element>);
static_assert(sizeof(dom::object::iterator) == sizeof(Raw) &&
              sizeof(dom::array::iterator) == sizeof(Raw));

template <class To, class From>
To as(const From& from) {
  To to;
  static_assert(sizeof(To) == sizeof(From));
  std::memcpy(static_cast<void*>(&to), static_cast<const void*>(&from), sizeof(To));
  return to;
}

// By simdjson's types, which are characters.
constexpr std::array types = [] {
  std::array<Type, 128> table{};
  const auto at = [&](dom::element_type type) -> Type& {
    return table[static_cast<std::size_t>(type)];
  };
  at(dom::element_type::NULL_VALUE) = Type::null;
  at(dom::element_type::BOOL) = Type::boolean;
  at(dom::element_type::INT64) = at(dom::element_type::UINT64) = Type::integer;
  at(dom::element_type::DOUBLE) = Type::number;
  at(dom::element_type::STRING) = Type::string;
  at(dom::element_type::ARRAY) = Type::array;
  at(dom::element_type::OBJECT) = Type::object;
  return table;
}();

std::string_view describe(simdjson::error_code error) {
  switch (error) {
    case simdjson::EMPTY:
      return "exhausted input";
    case simdjson::DEPTH_ERROR:
      return "maximum allowed JSON depth exceeded";
    default:
      return simdjson::error_message(error);
  }
}

void print_to(Writer& out, const Value& value) {
  switch (value.type()) {
    case Type::absent:
    case Type::null:
      out.null();
      return;
    case Type::boolean:
      out.boolean(*value.boolean());
      return;
    case Type::integer:
      if (const auto integer = value.integer()) {
        out.integer(*integer);
        return;
      }
      out.number(*value.number());
      return;
    case Type::number:
      out.number(*value.number());
      return;
    case Type::string:
      out.string(*value.string());
      return;
    case Type::array:
      out.begin_array();
      for (const Value element : value.elements()) print_to(out, element);
      out.end_array();
      return;
    case Type::object:
      out.begin_object();
      for (const Member member : value.members()) print_to(out.key(member.key), member.value);
      out.end_object();
      return;
  }
}

}  // namespace

Type Value::type() const {
  return exists() ? types[static_cast<std::size_t>(as<dom::element>(raw_).type())] : Type::absent;
}

std::optional<std::string_view> Value::string() const {
  std::string_view text;
  if (!exists() || as<dom::element>(raw_).get_string().get(text)) return std::nullopt;
  return text;
}

std::optional<double> Value::number() const {
  double number = 0;
  if (!exists() || as<dom::element>(raw_).get_double().get(number)) return std::nullopt;
  return number;
}

std::optional<std::int64_t> Value::integer() const {
  std::int64_t integer = 0;
  if (type() != Type::integer || as<dom::element>(raw_).get_int64().get(integer))
    return std::nullopt;
  return integer;
}

std::optional<bool> Value::boolean() const {
  bool boolean = false;
  if (!exists() || as<dom::element>(raw_).get_bool().get(boolean)) return std::nullopt;
  return boolean;
}

Value Value::operator[](std::string_view key) const {
  dom::object object;
  if (!exists() || as<dom::element>(raw_).get_object().get(object)) return {};
  dom::element member;
  if (object.at_key(key).get(member)) return {};
  return Value(as<Raw>(member));
}

Members Value::members() const {
  dom::object object;
  if (!exists() || as<dom::element>(raw_).get_object().get(object))
    return {MemberIterator({}), MemberIterator({})};
  return {MemberIterator(as<Raw>(object.begin())), MemberIterator(as<Raw>(object.end()))};
}

Elements Value::elements() const {
  dom::array array;
  if (!exists() || as<dom::element>(raw_).get_array().get(array))
    return {ElementIterator({}), ElementIterator({})};
  return {ElementIterator(as<Raw>(array.begin())), ElementIterator(as<Raw>(array.end()))};
}

std::size_t Value::size() const {
  std::size_t count = 0;
  for (auto at = members().begin(), end = members().end(); at != end; ++at) ++count;
  for (auto at = elements().begin(), end = elements().end(); at != end; ++at) ++count;
  return count;
}

Member MemberIterator::operator*() const {
  const auto at = as<dom::object::iterator>(at_);
  return {at.key(), Value(as<Raw>(at.value()))};
}

MemberIterator& MemberIterator::operator++() {
  auto at = as<dom::object::iterator>(at_);
  ++at;
  at_ = as<Raw>(at);
  return *this;
}

Value ElementIterator::operator*() const {
  return Value(as<Raw>(*as<dom::array::iterator>(at_)));
}

ElementIterator& ElementIterator::operator++() {
  auto at = as<dom::array::iterator>(at_);
  ++at;
  at_ = as<Raw>(at);
  return *this;
}

struct Parser::State {
  dom::parser parser;
  std::size_t depth = 0;
};

Parser::Parser() : state_(std::make_unique<State>()) {}
Parser::~Parser() = default;
Parser::Parser(Parser&&) noexcept = default;
Parser& Parser::operator=(Parser&&) noexcept = default;

Result<Value> Parser::parse(std::string_view text, std::size_t depth_max) {
  if (text.empty()) return invalid("exhausted input");
  // simdjson refuses at its limit, so the limit is one more than what is allowed.
  if (state_->depth != depth_max || state_->parser.capacity() < text.size()) {
    const std::size_t capacity =
        std::max(text.size(), std::max<std::size_t>(state_->parser.capacity(), 4096));
    if (state_->parser.allocate(capacity, depth_max + 1)) return unavailable("json: out of memory");
    state_->depth = depth_max;
  }
  dom::element root;
  if (const auto error = state_->parser.parse(text.data(), text.size()).get(root)) {
    return invalid(std::string(describe(error)));
  }
  return Value(as<Raw>(root));
}

std::span<const std::uint32_t> Parser::tokens() const {
  const auto* const found = state_->parser.implementation.get();
  if (found == nullptr) return {};
  return {found->structural_indexes.get(), found->n_structural_indexes};
}

void Writer::separate() {
  if (text_.empty()) return;
  const char last = text_.back();
  if (last != '{' && last != '[' && last != ':') text_ += ',';
}

Writer& Writer::begin_object() {
  separate();
  text_ += '{';
  return *this;
}

Writer& Writer::end_object() {
  text_ += '}';
  return *this;
}

Writer& Writer::begin_array() {
  separate();
  text_ += '[';
  return *this;
}

Writer& Writer::end_array() {
  text_ += ']';
  return *this;
}

Writer& Writer::key(std::string_view key) {
  separate();
  append_quoted(text_, key);
  text_ += ':';
  return *this;
}

Writer& Writer::string(std::string_view utf8) {
  separate();
  append_quoted(text_, utf8);
  return *this;
}

Writer& Writer::integer(std::int64_t value) {
  separate();
  fmt::format_to(std::back_inserter(text_), "{}", value);
  return *this;
}

Writer& Writer::number(double value) {
  if (!std::isfinite(value)) return null();
  separate();
  fmt::format_to(std::back_inserter(text_), "{}", value);
  return *this;
}

Writer& Writer::boolean(bool value) {
  separate();
  text_ += value ? "true" : "false";
  return *this;
}

Writer& Writer::null() {
  separate();
  text_ += "null";
  return *this;
}

Writer& Writer::raw(std::string_view json) {
  separate();
  text_ += json;
  return *this;
}

std::uint64_t hash(const Value& value, std::uint64_t seed) {
  switch (value.type()) {
    case Type::absent:
    case Type::null:
      return fnv1a("n", seed);
    case Type::boolean:
      return fnv1a(*value.boolean() ? "t" : "f", seed);
    case Type::integer:
    case Type::number:
      return fnv1a(fmt::format("{}", *value.number()), seed);
    case Type::string:
      return fnv1a("\"", fnv1a(*value.string(), seed));
    case Type::array:
      for (const Value element : value.elements()) seed = hash(element, seed);
      return fnv1a("]", seed);
    case Type::object:
      for (const Member member : value.members())
        seed = hash(member.value, fnv1a(member.key, seed));
      return fnv1a("}", seed);
  }
  return seed;
}

bool equal(const Value& a, const Value& b) {
  if (a.number() && b.number()) return a.number() == b.number();
  if (a.type() != b.type() || a.size() != b.size()) return false;
  switch (a.type()) {
    case Type::string:
      return a.string() == b.string();
    case Type::boolean:
      return a.boolean() == b.boolean();
    case Type::array: {
      auto other = b.elements().begin();
      for (const Value element : a.elements()) {
        if (!equal(element, *other)) return false;
        ++other;
      }
      return true;
    }
    case Type::object:
      for (const Member member : a.members()) {
        if (!equal(member.value, b[member.key])) return false;
      }
      return true;
    default:
      return true;
  }
}

std::string print(const Value& value) {
  Writer out;
  print_to(out, value);
  return out.take();
}

namespace {

// Bytes that an escape adds to the one that stands for it: none, a backslash, or \u00xx at most.
// C2 begins U+0080 to U+009F, and other characters that stay as they are.
constexpr std::uint8_t backslash = 1;
constexpr std::uint8_t at_most = 5;
constexpr std::array<std::uint8_t, 256> added = [] {
  std::array<std::uint8_t, 256> table{};
  std::fill_n(table.begin(), 0x20, at_most);
  table[0x7f] = table[0xc2] = at_most;
  table['"'] = table['\\'] = backslash;
  return table;
}();

char* escape_control(unsigned code, char* out) {
  constexpr std::string_view digits = "0123456789abcdef";
  constexpr std::string_view short_forms = "btn?fr";  // of 8 to 13
  *out++ = '\\';
  if (code >= 8 && code <= 13 && code != 11) {
    *out++ = short_forms[code - 8];
    return out;
  }
  for (const char c : {'u', '0', '0', digits[code >> 4], digits[code & 15]}) *out++ = c;
  return out;
}

// In place of as many bytes as there may be at the most. Where what was written ends.
char* escape(std::string_view utf8, char* out) {
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto c = static_cast<unsigned char>(utf8[i]);
    if (added[c] <= backslash) {  // of JSON in JSON every eighth byte: no jump for it
      *out = '\\';
      out += added[c];
      *out++ = utf8[i];
    } else if (c != 0xc2) {
      out = escape_control(c, out);
    } else if (i + 1 < utf8.size() && (static_cast<unsigned char>(utf8[i + 1]) & 0xe0) == 0x80) {
      out = escape_control(static_cast<unsigned char>(utf8[++i]), out);
    } else {
      *out++ = utf8[i];
    }
  }
  return out;
}

}  // namespace

void append_quoted(std::string& out, std::string_view utf8) {
  const auto may_need_escaping = [](Bytes bytes) {
    return (bytes < 0x20) | (bytes == '"') | (bytes == '\\') | (bytes == 0x7f) | (bytes == 0xc2);
  };
  const bool escapes = any_byte(utf8, may_need_escaping);
  const std::size_t from = out.size();
  std::size_t size = from + utf8.size() + 2;
  if (escapes)
    for (const char c : utf8) size += added[static_cast<unsigned char>(c)];
  out.resize_and_overwrite(size, [&](char* text, std::size_t) {
    char* at = text + from;
    *at++ = '"';
    if (escapes) {
      at = escape(utf8, at);
    } else {
      at += utf8.copy(at, utf8.size());  // which may be nothing, and nowhere
    }
    *at++ = '"';
    return static_cast<std::size_t>(at - text);
  });
}

}  // namespace lvp::json
