#include "net/frames.h"

#include <algorithm>

#include "base/text.h"

namespace lvp::net {
namespace {

constexpr std::size_t control_bytes_max = 125;

// Codes that may stand in a close frame (RFC 6455 §7.4 and the IANA registry).
bool is_close_code(unsigned code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

std::optional<CloseCode> close_error(std::string_view payload) {
  if (payload.empty()) return std::nullopt;
  if (payload.size() == 1) return CloseCode::protocol_error;
  const auto high = static_cast<unsigned char>(payload[0]);
  const auto low = static_cast<unsigned char>(payload[1]);
  if (!is_close_code(high * 256u + low)) return CloseCode::protocol_error;
  if (!is_utf8(payload.substr(2))) return CloseCode::invalid_text;
  return std::nullopt;
}

}  // namespace

FrameHeader frame_header(Opcode opcode, std::uint64_t payload_bytes) {
  FrameHeader header;
  const auto push = [&header](std::uint64_t byte) {
    header.bytes[header.size++] = static_cast<char>(byte & 0xff);
  };
  push(0x80u | static_cast<unsigned>(opcode));
  if (payload_bytes < 126) {
    push(payload_bytes);
    return header;
  }
  const bool is_short = payload_bytes <= 0xffff;
  push(is_short ? 126 : 127);
  for (int shift = is_short ? 8 : 56; shift >= 0; shift -= 8) push(payload_bytes >> shift);
  return header;
}

std::string close_payload(CloseCode code) {
  const auto number = static_cast<unsigned>(code);
  return {static_cast<char>(number >> 8), static_cast<char>(number & 0xff)};
}

std::expected<std::optional<Message>, CloseCode> FrameReader::next(std::string_view& bytes) {
  if (delivered_) {
    delivered_ = false;
    message_.clear();
  }
  while (!bytes.empty()) {
    while (!in_payload_ && !bytes.empty()) {
      header_[header_size_++] = static_cast<std::uint8_t>(bytes.front());
      bytes.remove_prefix(1);
      if (header_size_ < 2 || header_size_ < header_bytes()) continue;
      if (const auto error = begin_frame()) return std::unexpected(*error);
    }
    if (!in_payload_) break;

    const std::size_t taken =
        static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    const std::uint8_t* mask = header_.data() + header_size_ - 4;
    std::uint64_t at = length_ - left_;
    std::string& payload = is_control() ? control_ : message_;
    for (const char c : bytes.substr(0, taken)) {
      payload += static_cast<char>(static_cast<std::uint8_t>(c) ^ mask[at++ % 4]);
    }
    bytes.remove_prefix(taken);
    left_ -= taken;
    if (left_ > 0) break;
    auto message = end_frame();
    if (!message || *message) return message;
  }
  return std::nullopt;
}

std::size_t FrameReader::header_bytes() const {
  const unsigned length = header_[1] & 0x7fu;
  return 2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + 4;
}

// Judges a complete header.
std::optional<CloseCode> FrameReader::begin_frame() {
  using enum CloseCode;
  const unsigned opcode = header_[0] & 0x0fu;
  const bool is_reserved = (opcode > 2 && opcode < 8) || opcode > 10;
  const bool is_masked = (header_[1] & 0x80) != 0;
  if ((header_[0] & 0x70) != 0 || is_reserved || !is_masked) return protocol_error;

  length_ = header_[1] & 0x7fu;
  if (const std::size_t size = header_size_ - 6; size > 0) {
    length_ = 0;
    for (std::size_t i = 0; i < size; ++i) length_ = length_ << 8 | header_[2 + i];
  }
  if (is_control()) {
    if (!is_final() || length_ > control_bytes_max) return protocol_error;
    control_.clear();
  } else {
    const bool continues = opcode == static_cast<unsigned>(Opcode::continuation);
    if (continues != opcode_.has_value()) return protocol_error;
    if (length_ > message_bytes_max_ - message_.size()) return too_big;
    if (!continues) opcode_ = static_cast<Opcode>(opcode);
  }
  left_ = length_;
  in_payload_ = true;
  return std::nullopt;
}

std::expected<std::optional<Message>, CloseCode> FrameReader::end_frame() {
  in_payload_ = false;
  header_size_ = 0;
  if (is_control()) {
    const auto opcode = static_cast<Opcode>(header_[0] & 0x0f);
    if (opcode == Opcode::close) {
      if (const auto error = close_error(control_)) return std::unexpected(*error);
    }
    return Message{opcode, control_};
  }
  if (!is_final()) return std::nullopt;
  const Opcode opcode = *opcode_;
  opcode_.reset();
  delivered_ = true;
  if (opcode == Opcode::text && !is_utf8(message_)) return std::unexpected(CloseCode::invalid_text);
  return Message{opcode, message_};
}

}  // namespace lvp::net
