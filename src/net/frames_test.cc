#include "net/frames.h"

#include <gtest/gtest.h>

#include <vector>

namespace lvp::net {
namespace {

using namespace std::string_literals;

// A client's frame, masked; `first` is FIN, RSV and opcode.
std::string frame(unsigned first, std::string_view payload) {
  const std::string mask = "\x37\xfa\x21\x3d";
  std::string out{static_cast<char>(first)};
  if (payload.size() < 126) {
    out += static_cast<char>(0x80u | payload.size());
  } else {
    out += static_cast<char>(0x80u | 126u);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size() & 0xff);
  }
  out += mask;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    out += static_cast<char>(payload[i] ^ mask[i % 4]);
  }
  return out;
}

struct Outcome {
  std::vector<std::pair<Opcode, std::string>> messages;
  int error = 0;

  bool operator==(const Outcome&) const = default;
};

// Reads bytes that arrive in pieces of `piece`.
Outcome outcome(std::string_view bytes, std::size_t piece, std::size_t message_bytes_max = 1000) {
  FrameReader reader(message_bytes_max);
  Outcome result;
  while (!bytes.empty()) {
    std::string_view part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    while (!part.empty()) {
      const auto message = reader.next(part);
      if (!message) {
        result.error = static_cast<int>(message.error());
        return result;
      }
      if (*message) result.messages.emplace_back((*message)->opcode, (*message)->payload);
    }
  }
  return result;
}

TEST(Frames, HeadersOfTheExamplesInTheRfc) {
  EXPECT_EQ(frame_header(Opcode::text, 5).view(), "\x81\x05");
  EXPECT_EQ(frame_header(Opcode::text, 125).view(), "\x81\x7d");
  EXPECT_EQ(frame_header(Opcode::text, 126).view(), "\x81\x7e\x00\x7e"s);
  EXPECT_EQ(frame_header(Opcode::binary, 256).view(), "\x82\x7e\x01\x00"s);
  EXPECT_EQ(frame_header(Opcode::binary, 65536).view(),
            "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s);
  EXPECT_EQ(close_payload(CloseCode::going_away), "\x03\xe9");
}

TEST(Frames, MessagesInAnyPieces) {
  const std::string rfc_hello = "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";  // RFC 6455 §5.7
  const std::string long_text(300, 'x');
  const struct {
    std::string bytes;
    std::vector<std::pair<Opcode, std::string>> messages;
  } rows[] = {
      {rfc_hello, {{Opcode::text, "Hello"}}},
      {frame(0x81, ""), {{Opcode::text, ""}}},
      {frame(0x82, "\xff"), {{Opcode::binary, "\xff"}}},
      {frame(0x81, long_text), {{Opcode::text, long_text}}},
      {frame(0x81, "a") + frame(0x81, "b"), {{Opcode::text, "a"}, {Opcode::text, "b"}}},
      {frame(0x01, "Hel") + frame(0x80, "lo"), {{Opcode::text, "Hello"}}},
      {frame(0x01, "a") + frame(0x00, "") + frame(0x89, "?") + frame(0x80, "b"),
       {{Opcode::ping, "?"}, {Opcode::text, "ab"}}},
      {frame(0x01, "\xe2\x82") + frame(0x80, "\xac"), {{Opcode::text, "\xe2\x82\xac"}}},
      {frame(0x8a, ""), {{Opcode::pong, ""}}},
      {frame(0x88, ""), {{Opcode::close, ""}}},
      {frame(0x88,
             "\x03\xe8"
             "bye"),
       {{Opcode::close,
         "\x03\xe8"
         "bye"}}},
  };
  for (const auto& row : rows) {
    for (const std::size_t piece : {1, 2, 3, 7, 1000}) {
      EXPECT_EQ(outcome(row.bytes, piece), (Outcome{row.messages, 0})) << piece;
    }
  }
}

TEST(Frames, RefusesWhatTheRfcForbids) {
  const struct {
    const char* what;
    std::string bytes;
    int error;
  } rows[] = {
      {"not masked", "\x81\x05Hello", 1002},
      {"RSV1", frame(0xc1, "a"), 1002},
      {"opcode 3", frame(0x83, "a"), 1002},
      {"opcode 11", frame(0x8b, "a"), 1002},
      {"cut ping", frame(0x09, "a"), 1002},
      {"long ping", frame(0x89, std::string(126, 'a')), 1002},
      {"continuation of nothing", frame(0x80, "a"), 1002},
      {"text within a message", frame(0x01, "a") + frame(0x81, "b"), 1002},
      {"close of one byte", frame(0x88, "\x03"), 1002},
      {"close code 999", frame(0x88, "\x03\xe7"), 1002},
      {"close code 1005", frame(0x88, "\x03\xed"), 1002},
      {"close reason", frame(0x88, "\x03\xe8\xff"), 1007},
      {"text", frame(0x81, "\xff"), 1007},
      {"text cut inside a character", frame(0x81, "\xe2\x82"), 1007},
      {"too long", frame(0x81, std::string(1001, 'a')), 1009},
      {"too long together", frame(0x01, std::string(600, 'a')) + frame(0x80, std::string(401, 'a')),
       1009},
      {"length of 2^63", "\x81\xff\x80\x00\x00\x00\x00\x00\x00\x00mask"s, 1009},
  };
  for (const auto& row : rows) {
    for (const std::size_t piece : {1, 5, 2000}) {
      EXPECT_EQ(outcome(row.bytes, piece), (Outcome{{}, row.error})) << row.what << " " << piece;
    }
  }
}

}  // namespace
}  // namespace lvp::net
