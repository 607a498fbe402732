// The answer to a WebSocket upgrade (RFC 6455 §4.2). The door to OpenSSL's SHA-1.
#pragma once

#include <string>
#include <string_view>

#include "wire/http_message.h"

namespace lvp::net {

/// Sec-WebSocket-Accept for a client's Sec-WebSocket-Key.
std::string websocket_accept(std::string_view key);

/// 101 with the headers that complete the handshake, or the refusal: 400 for a request that is no
/// proper upgrade, 426 for another version than 13.
http::Response websocket_answer(const http::Request& request);

}  // namespace lvp::net
