// The WebSocket's path: the bytes of a connection → its handshake and a client's messages.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "net/frames.h"
#include "net/handshake.h"
#include "net/request_parser.h"

namespace lvp::net {
namespace {

constexpr std::size_t message_bytes_max = 2000;  // small, so that messages are too large

struct Messages {
  std::vector<std::pair<Opcode, std::string>> all;
  int error = 0;

  bool operator==(const Messages&) const = default;
};

void check(const Message& message) {
  const std::string_view payload = message.payload;
  switch (message.opcode) {
    case Opcode::text:
      LVP_CHECK(is_utf8(payload));
      [[fallthrough]];
    case Opcode::binary:
      LVP_CHECK(payload.size() <= message_bytes_max);
      return;
    case Opcode::close:
      LVP_CHECK(payload.size() != 1);
      LVP_CHECK(payload.size() < 2 || is_utf8(payload.substr(2)));
      [[fallthrough]];
    case Opcode::ping:
    case Opcode::pong:
      LVP_CHECK(payload.size() <= 125);
      return;
    case Opcode::continuation:
      LVP_CHECK(false);
  }
}

Messages messages(std::string_view bytes, std::size_t piece_bytes) {
  FrameReader reader(message_bytes_max);
  Messages read;
  while (!bytes.empty()) {
    std::string_view piece = bytes.substr(0, piece_bytes);
    bytes.remove_prefix(piece.size());
    while (!piece.empty()) {
      const auto message = reader.next(piece);
      if (!message) {
        read.error = static_cast<int>(message.error());
        return read;
      }
      if (!*message) continue;
      check(**message);
      read.all.emplace_back((*message)->opcode, (*message)->payload);
    }
  }
  return read;
}

// As one frame of a client, with a mask of zeros.
std::string client_frame(Opcode opcode, std::string_view payload) {
  std::string frame(frame_header(opcode, payload.size()).view());
  frame[1] = static_cast<char>(frame[1] | 0x80);
  return frame.append(4, '\0').append(payload);
}

void check_frames(std::string_view bytes, std::size_t piece_bytes) {
  const Messages whole = messages(bytes, bytes.size());
  LVP_CHECK(messages(bytes, piece_bytes) == whole);
  std::string again;
  for (const auto& [opcode, payload] : whole.all) again += client_frame(opcode, payload);
  LVP_CHECK(messages(again, again.size()) == Messages{whole.all});
}

// An answer that nothing from the request can have broken; true if the handshake is complete.
bool check_handshake(const http::Request& request) {
  const http::Response answer = websocket_answer(request);
  LVP_CHECK(answer.status == 101 || answer.status == 400 || answer.status == 426);
  for (const http::Header& header : answer.headers.list()) {
    LVP_CHECK(header.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
    LVP_CHECK(header.name != "Sec-WebSocket-Accept" || header.value.size() == 28);
  }
  return answer.status == 101;
}

void run(std::string_view bytes, std::size_t piece_bytes) {
  if (!bytes.starts_with("GET ")) return check_frames(bytes, piece_bytes);
  RequestParser parser({.header_bytes_max = 4096, .body_bytes_max = 0});
  bytes.remove_prefix(parser.take(bytes));
  if (parser.state() != RequestParser::State::done) return;
  if (check_handshake(parser.request())) check_frames(bytes, piece_bytes);
}

}  // namespace
}  // namespace lvp::net

// The first byte says how the others are cut; they are a handshake with what follows it, or frames.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  lvp::net::run(bytes, std::size_t{1} + data[0] % 64);
  return 0;
}
