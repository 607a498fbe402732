#include "net/handshake.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace lvp::net {
namespace {

// Base64 of 16 bytes: 22 symbols and two '='.
bool is_key(std::string_view key) {
  const auto is_symbol = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
  };
  return key.size() == 24 && key.ends_with("==") &&
         std::ranges::all_of(key.substr(0, 22), is_symbol);
}

}  // namespace

std::string websocket_accept(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::array<unsigned char, 29> base64{};  // 28 symbols and a NUL
  const int size = EVP_EncodeBlock(base64.data(), digest.data(), int(digest.size()));
  return {reinterpret_cast<const char*>(base64.data()), static_cast<std::size_t>(size)};
}

http::Response websocket_answer(const http::Request& request) {
  http::Response answer;
  if (request.method != "GET" || !is_key(request.header("Sec-WebSocket-Key"))) {
    answer = http::text_response(400, "text/plain", "not a websocket handshake\n");
  } else if (request.header("Sec-WebSocket-Version") != "13") {
    answer = http::text_response(426, "text/plain", "websocket version 13 only\n");
    answer.headers.add("Sec-WebSocket-Version", "13");
  } else {
    answer.status = 101;
    answer.headers.add("Upgrade", "websocket");
    answer.headers.add("Sec-WebSocket-Accept",
                       websocket_accept(request.header("Sec-WebSocket-Key")));
  }
  return answer;
}

}  // namespace lvp::net
