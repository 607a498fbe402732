#include "app/player_page.h"

#include <fmt/core.h>

#include <utility>

#include "wire/json.h"

namespace lvp::app {
namespace {

std::string_view host_name(const http::Request& request) {
  const std::string_view host = request.header("Host");
  return host.empty() ? "localhost" : http::without_port(host);
}

}  // namespace

PlayerPage::PlayerPage(std::span<const embedded::File> files, std::string collector_url,
                       std::uint16_t collector_port, const std::atomic<std::uint16_t>& private_port)
    : files_(files),
      collector_url_(std::move(collector_url)),
      collector_port_(collector_port),
      private_port_(private_port) {}

void PlayerPage::handle(const http::Request& request, net::Responder responder) {
  responder.send(request.path() == "/config.json" ? config(request) : files_.serve(request));
}

http::Response PlayerPage::config(const http::Request& request) const {
  const std::string_view host = host_name(request);
  json::Writer out;
  out.begin_object();
  out.key("collector")
      .string(collector_url_.empty() ? fmt::format("http://{}:{}", host, collector_port_)
                                     : collector_url_);
  out.key("dashboard").string(fmt::format("http://{}:{}", host, private_port_.load()));
  http::Response response = http::text_response(200, "application/json", out.end_object().take());
  response.headers.add("Cache-Control", "no-store");
  return response;
}

}  // namespace lvp::app
