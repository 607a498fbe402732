#include "net/plain_head.h"

#include <array>
#include <bit>
#include <charconv>
#include <cstring>

#include "base/text.h"

namespace lvp::net {
namespace {

constexpr std::string_view version = "HTTP/1.1";
constexpr std::size_t length_digits_max = 18;  // fit into 64 bits

// RFC 9110 5.6.2, by byte.
constexpr std::array<bool, 256> token_bytes = [] {
  std::array<bool, 256> allowed{};
  for (std::size_t byte = 0x21; byte < 0x7f; ++byte) allowed[byte] = true;
  for (const char c : std::string_view("\"(),/:;<=>?@[\\]{}"))
    allowed[static_cast<unsigned char>(c)] = false;
  return allowed;
}();

std::size_t token_size(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && token_bytes[static_cast<unsigned char>(text[size])]) ++size;
  return size;
}

// As they lie in memory.
std::size_t zero_bytes_before(std::uint64_t bytes) {
  constexpr bool is_little = std::endian::native == std::endian::little;
  return static_cast<std::size_t>(is_little ? std::countr_zero(bytes) : std::countl_zero(bytes)) /
         8;
}

// How many bytes at the front are 0x20 to 0x7e. Sixteen at a time.
std::size_t printable_size(std::string_view text) {
  using Bytes [[gnu::vector_size(16)]] = unsigned char;
  std::size_t at = 0;
  for (; text.size() - at >= sizeof(Bytes); at += sizeof(Bytes)) {
    Bytes bytes;
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    const auto outside = bytes - 0x20 > 0x7e - 0x20;  // all bits of those that are
    std::array<std::uint64_t, 2> halves;
    std::memcpy(halves.data(), &outside, sizeof halves);
    if (halves[0] != 0) return at + zero_bytes_before(halves[0]);
    if (halves[1] != 0) return at + sizeof halves[0] + zero_bytes_before(halves[1]);
  }
  while (at < text.size() && text[at] >= 0x20 && text[at] < 0x7f) ++at;
  return at;
}

std::string_view without_spaces(std::string_view value) {
  while (value.starts_with(' ')) value.remove_prefix(1);
  while (value.ends_with(' ')) value.remove_suffix(1);
  return value;
}

class Reader {
 public:
  Reader(std::string_view bytes, std::vector<Field>& fields) : bytes_(bytes), fields_(fields) {}

  std::optional<PlainHead> read() {
    const auto first = line();
    if (!first || !read_request_line(*first)) return std::nullopt;
    for (;;) {
      const auto next = line();
      if (!next) return std::nullopt;
      if (next->empty()) break;
      if (!read_field(*next)) return std::nullopt;
    }
    if (hosts_ != 1) return std::nullopt;
    plain_.bytes = at_;
    return plain_;
  }

 private:
  // The next one, without its end.
  std::optional<std::string_view> line() {
    const std::string_view left = bytes_.substr(at_);
    const std::string_view text = left.substr(0, printable_size(left));
    if (!left.substr(text.size()).starts_with("\r\n")) return std::nullopt;
    at_ += text.size() + 2;
    return text;
  }

  Place place(std::string_view part) const {
    return {static_cast<std::size_t>(part.data() - bytes_.data()), part.size()};
  }

  bool read_request_line(std::string_view text) {
    const std::string_view method = text.substr(0, token_size(text));
    if (method.empty() || !text.substr(method.size()).starts_with(' ')) return false;
    text.remove_prefix(method.size() + 1);
    const std::string_view target = text.substr(0, text.find(' '));
    if (target.empty() || text.size() == target.size()) return false;
    plain_.method = place(method);
    plain_.target = place(target);
    return text.substr(target.size() + 1) == version;
  }

  bool read_field(std::string_view text) {
    const std::string_view name = text.substr(0, token_size(text));
    if (name.empty() || !text.substr(name.size()).starts_with(':')) return false;
    const std::string_view value = without_spaces(text.substr(name.size() + 1));
    fields_.push_back({place(name), place(value)});
    return takes(name, value);
  }

  // False for what must be looked at more closely; most names are told by their lengths.
  bool takes(std::string_view name, std::string_view value) {
    const auto is = [name](std::string_view other) { return equal_ignoring_case(name, other); };
    switch (name.size()) {
      case 4:
        hosts_ += is("Host");
        return true;
      case 6:
        return !is("Expect");
      case 7:
        return !is("Upgrade");
      case 10:
        return !is("Connection") || equal_ignoring_case(value, "keep-alive");
      case 14:
        return !is("Content-Length") || read_length(value);
      case 16:
        return !is("Proxy-Connection");
      case 17:
        return !is("Transfer-Encoding");
      default:
        return true;
    }
  }

  bool read_length(std::string_view value) {
    if (has_length_ || value.size() > length_digits_max) return false;
    has_length_ = true;
    const char* const end = value.data() + value.size();
    const auto [read, error] = std::from_chars(value.data(), end, plain_.body_bytes);
    return error == std::errc{} && read == end;
  }

  const std::string_view bytes_;
  std::vector<Field>& fields_;
  std::size_t at_ = 0;
  PlainHead plain_;
  unsigned hosts_ = 0;
  bool has_length_ = false;
};

}  // namespace

std::optional<PlainHead> read_plain_head(std::string_view bytes, std::vector<Field>& fields) {
  return Reader(bytes, fields).read();
}

}  // namespace lvp::net
