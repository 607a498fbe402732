#include "stream/kinesis_aggregate.h"

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace lvp::stream {
namespace {

constexpr std::string_view magic = "\xf3\x89\x9a\xc2";
constexpr std::size_t digest_bytes = 16;

bool is_md5(std::string_view message, std::string_view digest) {
  std::array<unsigned char, digest_bytes> computed{};
  unsigned size = 0;
  if (EVP_Digest(message.data(), message.size(), computed.data(), &size, EVP_md5(), nullptr) != 1) {
    return false;
  }
  return digest == std::string_view(reinterpret_cast<const char*>(computed.data()), size);
}

// One field of a protobuf message: a number or a piece of bytes.
struct Field {
  std::uint64_t id = 0;
  std::uint64_t number = 0;
  std::string_view bytes;
};

class Message {
 public:
  explicit Message(std::string_view bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }
  // Empty if what follows is no field.
  std::optional<Field> next() {
    constexpr std::uint64_t varint = 0, fixed64 = 1, delimited = 2, fixed32 = 5;
    const auto tag = number();
    if (!tag) return std::nullopt;
    Field field{*tag >> 3, 0, {}};
    const std::uint64_t kind = *tag & 7;
    if (kind == varint || kind == delimited) {
      const auto value = number();
      if (!value) return std::nullopt;
      field.number = *value;
    }
    const std::uint64_t size = kind == fixed64     ? 8
                               : kind == fixed32   ? 4
                               : kind == delimited ? field.number
                                                   : 0;
    if ((kind != varint && kind != fixed64 && kind != delimited && kind != fixed32) ||
        size > rest_.size()) {
      return std::nullopt;
    }
    field.bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return field;
  }

 private:
  std::optional<std::uint64_t> number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }

  std::string_view rest_;
};

struct Part {
  std::uint64_t key = UINT64_MAX;
  std::string_view data;
};

std::optional<Part> part_of(std::string_view bytes) {
  Part part;
  for (Message message(bytes); !message.at_end();) {
    const auto field = message.next();
    if (!field) return std::nullopt;
    if (field->id == 1) part.key = field->number;
    if (field->id == 3) part.data = field->bytes;
  }
  return part;
}

}  // namespace

bool take_apart(
    std::string_view data,
    const std::function<void(std::string_view partition_key, std::string_view data)>& on_record) {
  if (!data.starts_with(magic) || data.size() < magic.size() + digest_bytes) return false;
  data.remove_prefix(magic.size());
  const std::string_view digest = data.substr(data.size() - digest_bytes);
  data.remove_suffix(digest_bytes);
  if (!is_md5(data, digest)) return false;
  std::vector<std::string_view> keys;
  std::vector<Part> parts;
  for (Message message(data); !message.at_end();) {
    const auto field = message.next();
    if (!field) return false;
    if (field->id == 1) keys.push_back(field->bytes);
    if (field->id != 3) continue;
    const auto part = part_of(field->bytes);
    if (!part) return false;
    parts.push_back(*part);
  }
  for (const Part& part : parts) {
    if (part.key >= keys.size()) return false;
  }
  for (const Part& part : parts) on_record(keys[part.key], part.data);
  return true;
}

}  // namespace lvp::stream
