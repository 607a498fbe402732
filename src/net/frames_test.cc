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
      {frame(0x01, "\xf0") + frame(0x00, "\x9f") + frame(0x89, "") + frame(0x00, "\x8e") +
           frame(0x80, "\xac"),
       {{Opcode::ping, ""}, {Opcode::text, "\xf0\x9f\x8e\xac"}}},
      {frame(0x81, "\xf4\x8f\xbf\xbf"), {{Opcode::text, "\xf4\x8f\xbf\xbf"}}},
      {frame(0x81, "\xef\xbf\xbf"), {{Opcode::text, "\xef\xbf\xbf"}}},
      {frame(0x81, "\0"s), {{Opcode::text, "\0"s}}},
      {frame(0x01, "") + frame(0x00, "") + frame(0x80, ""), {{Opcode::text, ""}}},
      {frame(0x89, std::string(125, 'p')), {{Opcode::ping, std::string(125, 'p')}}},
      {frame(0x89, "\xff\xfe"), {{Opcode::ping, "\xff\xfe"}}},
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

std::string close_frame(unsigned code, std::string_view reason = "") {
  const std::string bytes = {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  return frame(0x88, bytes + std::string(reason));
}

// RFC 6455, 7.4: those that mean something on the wire, and those of libraries and applications.
TEST(Frames, CodesThatAClientMayCloseWith) {
  for (const unsigned code :
       {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999}) {
    EXPECT_EQ(outcome(close_frame(code), 1000).error, 0) << code;
  }
  for (const unsigned code :
       {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
    EXPECT_EQ(outcome(close_frame(code), 1000).error, 1002) << code;
  }
  EXPECT_EQ(outcome(close_frame(1000, std::string(123, 'r')), 1000).error, 0);
  EXPECT_EQ(outcome(close_frame(1000, std::string(124, 'r')), 1000).error, 1002);
}

TEST(Frames, EachReservedBitAndOpcodeIsRefused) {
  for (const unsigned first : {0xc1, 0xa1, 0x91, 0xf1, 0xd9, 0xa8}) {
    EXPECT_EQ(outcome(frame(first, "a"), 1000).error, 1002) << first;
  }
  for (const unsigned opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
    EXPECT_EQ(outcome(frame(0x80u | opcode, "a"), 1000).error, 1002) << opcode;
  }
}

// RFC 3629: what looks like UTF-8 and is not, wherever a frame ends within it.
TEST(Frames, TextsThatAreNotUtf8) {
  const std::string_view texts[] = {
      "\x80",              // continues nothing
      "\xc0\x80",          // longer than it has to be
      "\xe0\x80\xaf",      //
      "\xf0\x80\x80\xaf",  //
      "\xed\xa0\x80",      // half of a pair of UTF-16
      "\xed\xbf\xbf",      //
      "\xf4\x90\x80\x80",  // above U+10FFFF
      "\xf8\x88\x80\x80\x80",
      "\xfe",
      "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80",
  };
  for (const std::string_view bad : texts) {
    for (std::size_t cut = 0; cut <= bad.size(); ++cut) {
      const std::string bytes = frame(0x01, bad.substr(0, cut)) + frame(0x80, bad.substr(cut));
      EXPECT_EQ(outcome(bytes, 1000), (Outcome{{}, 1007})) << bad << " " << cut;
    }
  }
}

}  // namespace
}  // namespace lvp::net
