// A server whose answers are a function, and requests for it, for the tests of this room.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "net/server.h"
#include "net/test_client.h"

namespace lvp::net {

/// Answers with a function.
class Answers final : public Handler {
 public:
  using Function = std::function<void(const http::Request&, Responder)>;
  explicit Answers(Function function) : function_(std::move(function)) {}
  void handle(const http::Request& request, Responder responder) override {
    function_(request, std::move(responder));
  }

 private:
  Function function_;
};

inline http::Response text(std::string body) {
  return http::text_response(200, "text/plain", std::move(body));
}

/// Tells what it was asked.
inline void echo(const http::Request& request, Responder responder) {
  responder.send(text(std::string(request.method) + " " + std::string(request.target) + " " +
                      std::string(request.body)));
}

struct Site {
  explicit Site(Answers::Function function, ServerOptions options = {})
      : answers(std::move(function)), server(*Server::start(std::move(options), answers)) {}

  std::uint16_t port() const { return server->port(); }

  Answers answers;
  std::unique_ptr<Server> server;
};

inline std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n";
}
inline std::string post(std::string_view headers, std::string_view body = {}) {
  return "POST /p HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n" + std::string(body);
}

}  // namespace lvp::net
