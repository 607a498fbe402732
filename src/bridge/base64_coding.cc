// base64Encode and base64Decode: standard alphabet, padded.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "bridge/transformation.h"
#include "wire/base64.h"

namespace lvp::bridge {
namespace {

class Base64Encode final : public Transformation {
 public:
  Outcome apply(Message& message, Carried& carried) override {
    message.data = base64_encode(message.data);
    carried.forget();
    return {};
  }
};

bool is_symbol(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/';
}

// Where Go's decoder stops, if it does. `text` has no line ends.
std::optional<std::size_t> first_wrong(std::string_view text) {
  std::string_view symbols = text;
  for (int i = 0; i < 2 && symbols.ends_with('='); ++i) symbols.remove_suffix(1);
  const auto wrong = std::ranges::find_if_not(symbols, is_symbol);
  if (wrong != symbols.end()) return static_cast<std::size_t>(wrong - symbols.begin());
  if (text.size() % 4 != 0) return text.size() - text.size() % 4;
  return std::nullopt;
}

class Base64Decode final : public Transformation {
 public:
  Outcome apply(Message& message, Carried& carried) override {
    std::string text = message.data;
    std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
    if (const auto wrong = first_wrong(text))
      return Outcome::failed(fmt::format(
          "failed to decode data as base64: illegal base64 data at input byte {}", *wrong));
    message.data = base64_decode(text);
    carried.forget();
    return {};
  }
};

}  // namespace

Made make_base64_encode(Settings&) {
  return std::make_unique<Base64Encode>();
}

Made make_base64_decode(Settings&) {
  return std::make_unique<Base64Decode>();
}

}  // namespace lvp::bridge
