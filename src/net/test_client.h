// A raw TCP client for the tests of this room: sends any bytes, in any pieces, and looks at exactly
// what comes back. Every read gives up after ten seconds, so that a test cannot hang.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace lvp::net {

struct RawResponse {
  int status = 0;
  std::string head;  ///< with the empty line
  std::string body;

  bool has(std::string_view line) const {
    return head.find("\r\n" + std::string(line) + "\r\n") != std::string::npos;
  }
};

class TestClient {
 public:
  explicit TestClient(std::uint16_t port, int receive_buffer_bytes = 0)
      : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_buffer_bytes > 0) {
      setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                 sizeof receive_buffer_bytes);
    }
    const timeval limit{10, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  virtual ~TestClient() { close(); }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  bool connected() const { return connected_; }

  /// False if the other end does not take all of it.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = put(bytes);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// That many bytes, or fewer if the other end closed.
  std::string read(std::size_t size) {
    while (received_.size() < size && receive()) {
    }
    return take(std::min(size, received_.size()));
  }

  /// Up to and including `end`, or what came before the other end closed.
  std::string read_until(std::string_view end) {
    std::size_t at = 0;
    while ((at = received_.find(end)) == std::string::npos && receive()) {
    }
    return take(at == std::string::npos ? received_.size() : at + end.size());
  }

  RawResponse read_response(bool with_body = true) {
    RawResponse response;
    response.head = read_until("\r\n\r\n");
    if (response.head.size() < 12) return response;
    response.status = std::atoi(response.head.c_str() + 9);
    constexpr std::string_view length = "\r\nContent-Length: ";
    const std::size_t at = response.head.find(length);
    if (with_body && at != std::string::npos) {
      response.body = read(std::strtoul(response.head.c_str() + at + length.size(), nullptr, 10));
    }
    return response;
  }

  /// The other end has closed, orderly, and nothing is left to read.
  bool at_end() { return received_.empty() && !receive() && orderly_; }

  /// Sends no more, but still reads.
  void finish() { shutdown(socket_, SHUT_WR); }

  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

 protected:
  // As the system's send() and recv().
  virtual ssize_t put(std::string_view bytes) {
    return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  virtual ssize_t get(char* bytes, std::size_t size) { return recv(socket_, bytes, size, 0); }
  int socket() const { return socket_; }

 private:
  bool receive() {
    char bytes[64 * 1024];
    const ssize_t size = get(bytes, sizeof bytes);
    orderly_ = size == 0;
    if (size > 0) received_.append(bytes, static_cast<std::size_t>(size));
    return size > 0;
  }

  std::string take(std::size_t size) {
    std::string front = received_.substr(0, size);
    received_.erase(0, size);
    return front;
  }

  int socket_;
  bool connected_ = false;
  bool orderly_ = false;
  std::string received_;
};

}  // namespace lvp::net
