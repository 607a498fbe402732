// bench_bare_epoll [PORT]: the least that any server can spend on a tracker's POST.
//
// One thread and epoll. It finds the end of the header and Content-Length, waits for the body, and
// sends the collector's answer with the headers that the collector sends, made beforehand. It
// understands the requests of bench_load and no others, looks at nothing and keeps nothing: what a
// collector costs more than this is what a collector does. Prints {"port":N} when it listens.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace {

constexpr std::string_view answer =
    "HTTP/1.1 200 OK\r\n"
    "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
    "Content-Type: text/plain; charset=UTF-8\r\n"
    "Access-Control-Allow-Origin: https://video.example.com\r\n"
    "Access-Control-Allow-Credentials: true\r\n"
    "Set-Cookie: sp=00000000-0000-4000-8000-000000000000; Expires=Fri, 01 Jan 1971 00:00:00 GMT; "
    "Path=/; SameSite=None; Secure; HttpOnly\r\n"
    "Content-Length: 2\r\n"
    "\r\n"
    "ok";
constexpr std::size_t request_bytes_max = 1024 * 1024;
constexpr int events_at_once = 256;

struct Connection {
  ~Connection() { close(socket); }
  int socket = -1;
  std::string request;  // what came of one that is not whole yet
};

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

bool is_whole(std::string_view bytes) {
  constexpr std::string_view length_name = "\r\nContent-Length: ";
  const std::size_t head_end = bytes.find("\r\n\r\n");
  if (head_end == bytes.npos) return false;
  const std::size_t length = bytes.substr(0, head_end).find(length_name);
  if (length == bytes.npos) return true;
  const auto body_bytes = std::strtoul(bytes.data() + length + length_name.size(), nullptr, 10);
  return bytes.size() >= head_end + 4 + body_bytes;
}

// False when the connection is over.
bool serve(Connection& connection, std::array<char, 64 * 1024>& scratch) {
  const ssize_t received = recv(connection.socket, scratch.data(), scratch.size(), 0);
  if (received < 0 && errno == EAGAIN) return true;
  if (received <= 0) return false;
  std::string_view bytes(scratch.data(), static_cast<std::size_t>(received));
  if (!connection.request.empty()) bytes = connection.request.append(bytes);
  if (!is_whole(bytes)) {
    if (connection.request.empty()) connection.request = bytes;
    return connection.request.size() < request_bytes_max;
  }
  connection.request.clear();
  const ssize_t sent = send(connection.socket, answer.data(), answer.size(), MSG_NOSIGNAL);
  return sent == static_cast<ssize_t>(answer.size());
}

int listen_on(std::uint16_t port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (listener < 0 || bind(listener, any, size) != 0 || listen(listener, SOMAXCONN) != 0 ||
      getsockname(listener, any, &size) != 0)
    fail("listen");
  std::printf("{\"port\":%u}\n", unsigned{ntohs(address.sin_port)});
  std::fflush(stdout);
  return listener;
}

void watch(int epoll, int socket, Connection* connection) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = connection;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) != 0) fail("epoll");
}

void accept_one(int epoll, int listener) {
  const int socket = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (socket < 0) return;
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  auto connection = std::make_unique<Connection>();
  connection->socket = socket;
  watch(epoll, socket, connection.release());  // deleted when it ends
}

}  // namespace

int main(int argc, char** argv) {
  const int listener = listen_on(static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0));
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) fail("epoll");
  watch(epoll, listener, nullptr);
  std::array<epoll_event, events_at_once> happened;
  std::array<char, 64 * 1024> scratch;
  while (true) {
    const int count = epoll_wait(epoll, happened.data(), events_at_once, -1);
    if (count < 0 && errno != EINTR) fail("epoll");
    for (int i = 0; i < count; ++i) {
      auto* const connection =
          static_cast<Connection*>(happened[static_cast<std::size_t>(i)].data.ptr);
      if (connection == nullptr) {
        accept_one(epoll, listener);
      } else if (!serve(*connection, scratch)) {
        delete connection;
      }
    }
  }
}
