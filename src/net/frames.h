// WebSocket frames (RFC 6455 §5) of the server's side. Pure.
//
//   frame   = FIN(1) RSV(3) opcode(4) MASK(1) length(7) [length16 | length64] [mask(32)] payload
//
// The client masks its frames, the server does not. A message is one data frame, or several of
// which all but the first are continuations and the last one has FIN; control frames (close, ping,
// pong) are never cut and may stand between them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace lvp::net {

enum class Opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

/// Why a WebSocket closes (RFC 6455 §7.4.1).
enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported = 1003,
  invalid_text = 1007,
  too_big = 1009,
};

struct FrameHeader {
  std::array<char, 10> bytes{};
  std::uint8_t size = 0;

  std::string_view view() const { return {bytes.data(), size}; }
};

/// The header of a whole, unmasked message.
FrameHeader frame_header(Opcode opcode, std::uint64_t payload_bytes);

/// The payload of a close frame.
std::string close_payload(CloseCode code);

struct Message {
  Opcode opcode;             ///< text, binary, close, ping or pong
  std::string_view payload;  ///< good until the next call of next()
};

/// Puts a client's messages together from bytes that arrive in any pieces.
class FrameReader {
 public:
  explicit FrameReader(std::size_t message_bytes_max) : message_bytes_max_(message_bytes_max) {}

  /// Removes bytes from the front up to the end of a message and returns it; nothing if the bytes
  /// ran out before. Texts are valid UTF-8, and a close payload is well formed. The error is what
  /// to close with: protocol_error, invalid_text, or too_big as soon as a header says so. After an
  /// error the reader is of no more use.
  std::expected<std::optional<Message>, CloseCode> next(std::string_view& bytes);

 private:
  std::size_t header_bytes() const;
  std::optional<CloseCode> begin_frame();
  std::expected<std::optional<Message>, CloseCode> end_frame();
  bool is_control() const { return (header_[0] & 0x08) != 0; }
  bool is_final() const { return (header_[0] & 0x80) != 0; }

  std::size_t message_bytes_max_;
  std::array<std::uint8_t, 14> header_{};
  std::size_t header_size_ = 0;   // bytes of it that have arrived
  bool in_payload_ = false;       // the header is complete
  std::uint64_t left_ = 0;        // bytes of the payload that have not arrived
  std::uint64_t length_ = 0;      // bytes of the payload
  std::optional<Opcode> opcode_;  // of the message that is being put together
  bool delivered_ = false;        // message_ was handed out
  std::string message_;
  std::string control_;
};

}  // namespace lvp::net
