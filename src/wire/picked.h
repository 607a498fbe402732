// The members of an object whose names are known, picked in one pass over all that it has: to look
// up one after the other, as Value does, costs more than to read the text.
//
// The object is one that a Parser has read, or a text in the plain form. Both give the same.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "wire/json.h"
#include "wire/plain_json.h"
#include "wire/plain_value.h"

namespace lvp::json {

/// Where a value is that a Parser has read.
class ParsedPlace {
 public:
  using Got = Value;
  explicit ParsedPlace(Value value) : value_(value) {}

  bool is_object() const { return value_.is_object(); }
  std::optional<Value> value() const { return value_; }
  /// The value, after on_member(name, place) for each of its members; nothing if one is false.
  template <class OnMember>
  std::optional<Value> object(OnMember on_member) const {
    for (const Member member : value_.members()) {
      ParsedPlace place(member.value);
      if (!on_member(member.key, place)) return std::nullopt;
    }
    return value_;
  }

 private:
  Value value_;
};

/// Where a PlainReader is. What is there is to be read, once; nothing comes of what is not plain.
class PlainPlace {
 public:
  using Got = PlainValue;
  explicit PlainPlace(PlainReader& reader) : reader_(reader) {}

  bool is_object() const { return reader_.is_at_object(); }
  std::optional<PlainValue> value() { return got(reader_.value()); }
  /// The same with on_member(name, place) for each of its members, which must read it.
  template <class OnMember>
  std::optional<PlainValue> object(OnMember on_member) {
    return got(
        reader_.members([&](std::string_view name) { return bool(on_member(name, *this)); }));
  }

 private:
  static std::optional<PlainValue> got(std::optional<std::string_view> text) {
    return text ? std::optional(PlainValue(*text)) : std::nullopt;
  }

  PlainReader& reader_;
};

/// `names` are string views.
template <const auto& names, class Place>
class Picked {
  static constexpr std::size_t count = names.size();

 public:
  using Got = typename Place::Got;

  /// One of the names, known when this is compiled.
  struct Name {
    consteval Name(const char* name)  // NOLINT(google-explicit-constructor)
        : number(static_cast<std::size_t>(std::ranges::find(names, name) - names.begin())) {
      if (number == count) throw "there is no such name";
    }
    bool operator==(std::size_t other) const { return number == other; }
    std::size_t number;
  };

  /// Of two members with one name the first; an absent value if there is none.
  const Got& operator[](Name name) const { return values_[name.number]; }

  /// Reads the object; nothing if that cannot be done.
  std::optional<Got> read(Place& object) {
    return read(object, [](std::size_t, Place& place) { return place.value(); });
  }
  /// The same with read_one(number of the name, place) for each that is wanted.
  template <class ReadOne>
  std::optional<Got> read(Place& object, ReadOne read_one) {
    return object.object([&](std::string_view name, Place& place) {
      const std::size_t number = find(name);
      if (number == count || values_[number].exists()) return place.value().has_value();
      const std::optional<Got> got = read_one(number, place);
      if (got) values_[number] = *got;
      return got.has_value();
    });
  }

 private:
  // Most come in the order of the names.
  std::size_t find(std::string_view name) {
    for (std::size_t i = next_; i < count; ++i) {
      if (names[i] == name) return found(i);
    }
    for (std::size_t i = 0; i < next_; ++i) {
      if (names[i] == name) return found(i);
    }
    return count;
  }
  std::size_t found(std::size_t number) {
    next_ = number + 1;
    return number;
  }

  std::array<Got, count> values_{};
  std::size_t next_ = 0;
};

}  // namespace lvp::json
