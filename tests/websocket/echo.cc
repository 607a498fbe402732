// A WebSocket server that echoes texts, for websocket_test.py. Prints its port; ends with its
// input.
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "net/server.h"

namespace lvp::net {
namespace {

class Echo final : public Handler, public SocketHandler {
 public:
  void handle(const http::Request&, Responder responder) override {
    responder.send(http::text_response(404, "text/plain", "only WebSockets here\n"));
  }
  SocketHandler* upgrade(const http::Request&) override { return this; }

  void opened(const std::shared_ptr<Socket>&, const http::Request&) override {}
  void received(const std::shared_ptr<Socket>& socket, std::string_view text) override {
    if (!socket->send(std::make_shared<const std::string>(text))) socket->close();
  }
  void drained(const std::shared_ptr<Socket>&) override {}
  void closed(const std::shared_ptr<Socket>&) override {}
};

}  // namespace
}  // namespace lvp::net

int main() {
  lvp::net::Echo echo;
  const auto server = lvp::net::Server::start({}, echo);
  if (!server) {
    std::fprintf(stderr, "websocket_echo: %s\n", server.error().what.c_str());
    return 1;
  }
  std::printf("%u\n", (*server)->port());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}
