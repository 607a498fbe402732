#include "simulate/listener.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <optional>

#include "base/deadline.h"
#include "base/text.h"
#include "base/uuid.h"
#include "wire/base64.h"

namespace lvp::simulate {
namespace {

constexpr Duration connect_wait = std::chrono::seconds(10);

enum Opcode : unsigned { continuation = 0, text = 1, close_frame = 8, ping = 9 };

// A key is any 16 bytes; nobody but a cache looks at it.
std::string upgrade_text(const net::Address& address, std::string_view path,
                         std::string_view token) {
  const std::string key = base64_encode(random_uuid().substr(0, 16));
  const std::string authorization =
      token.empty() ? "" : fmt::format("Authorization: Bearer {}\r\n", token);
  return fmt::format(
      "GET {} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {}\r\n{}\r\n",
      path, address.text(), key, authorization);
}

// Appends what comes within the time that is left. False if nothing came.
bool receive_some(int socket, std::string& to, const Deadline& deadline) {
  pollfd ready{socket, POLLIN, 0};
  if (::poll(&ready, 1, static_cast<int>(deadline.left().count())) != 1) return false;
  std::array<char, 4096> bytes;
  const ssize_t size = ::recv(socket, bytes.data(), bytes.size(), 0);
  if (size <= 0) return false;
  to.append(bytes.data(), static_cast<std::size_t>(size));
  return true;
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

struct Head {
  std::size_t bytes;
  std::uint64_t payload_bytes;
};

// Nothing while it is not whole.
std::optional<Head> read_head(std::string_view bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const unsigned length = static_cast<unsigned char>(bytes[1]) & 0x7fu;
  const std::size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (bytes.size() < 2 + more) return std::nullopt;
  return Head{2 + more, more == 0 ? length : big_endian(bytes.substr(2, more))};
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::connect(const net::Address& address,
                                                    std::string_view path, std::string_view token) {
  const Deadline deadline(connect_wait);
  LVP_TRY(const int socket, net::open_socket(address, connect_wait));
  std::unique_ptr<Listener> listener(new Listener(socket, {}));
  const std::string request = upgrade_text(address, path, token);
  const auto sent = ::send(socket, request.data(), request.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(request.size()))
    return unavailable(fmt::format("{}{}: the request could not be sent", address.text(), path));
  std::string& answer = listener->received_;
  while (answer.find("\r\n\r\n") == std::string::npos) {
    if (!receive_some(socket, answer, deadline))
      return unavailable(fmt::format("{}{}: no answer", address.text(), path));
  }
  if (!answer.starts_with("HTTP/1.1 101 "))
    return invalid(
        fmt::format("{}{}: {}", address.text(), path, answer.substr(0, answer.find('\r'))));
  answer.erase(0, answer.find("\r\n\r\n") + 4);
  return listener;
}

Listener::~Listener() {
  ::close(socket_);
}

Status Listener::poll(const OnText& on_text) {
  std::array<char, 64 * 1024> bytes;
  LVP_DO(take_frames(on_text));
  while (true) {
    const ssize_t size = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (size < 0 && errno == EAGAIN) return {};
    if (size <= 0) return unavailable("/live: the other end closed the connection");
    received_.append(bytes.data(), static_cast<std::size_t>(size));
    LVP_DO(take_frames(on_text));
  }
}

Status Listener::take_frames(const OnText& on_text) {
  std::string_view left = received_;
  while (const auto head = read_head(left)) {
    if (left.size() - head->bytes < head->payload_bytes) break;
    const auto first = static_cast<unsigned char>(left[0]);
    LVP_DO(take(first & 0x0fu, (first & 0x80) != 0, left.substr(head->bytes, head->payload_bytes),
                on_text));
    left.remove_prefix(head->bytes + head->payload_bytes);
  }
  received_.erase(0, received_.size() - left.size());
  return {};
}

Status Listener::take(unsigned opcode, bool is_final, std::string_view payload,
                      const OnText& on_text) {
  if (opcode == close_frame) return unavailable("/live: the server said goodbye");
  if (opcode == ping) pong(payload);
  if (opcode != text && opcode != continuation) return {};
  if (opcode == text && is_final) return on_text(payload);
  message_ += payload;
  return is_final ? on_text(std::exchange(message_, {})) : Status();
}

// Masked with zeros, which change nothing. If it cannot be sent the server will ask again.
void Listener::pong(std::string_view payload) {
  std::string frame{'\x8a', static_cast<char>(0x80u | payload.size()), 0, 0, 0, 0};
  frame += payload;
  (void)::send(socket_, frame.data(), frame.size(), MSG_NOSIGNAL);
}

}  // namespace lvp::simulate
