#include <utility>

#include "net/server.h"

namespace lvp::net {

Responder::Responder(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}

Responder::~Responder() {
  if (exchange_) send(http::text_response(500, "text/plain", "no answer\n"));
}

Responder::Responder(Responder&&) noexcept = default;

Responder& Responder::operator=(Responder&& other) noexcept {
  Responder replaced(std::move(*this));  // answers as it goes
  exchange_ = std::move(other.exchange_);
  return *this;
}

void Responder::send(http::Response response) {
  if (const auto exchange = std::exchange(exchange_, nullptr)) exchange->send(std::move(response));
}

void send_all(std::vector<Answer> answers) {
  for (auto& [responder, response] : answers) {
    if (responder.exchange_) responder.exchange_->put(std::move(response));
  }
  for (auto& [responder, _] : answers) {
    if (const auto exchange = std::exchange(responder.exchange_, nullptr)) exchange->wake();
  }
}

}  // namespace lvp::net
