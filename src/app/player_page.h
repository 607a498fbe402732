// The demo page: a video that the official tracker watches. It learns from /config.json where to
// send.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>

#include "base/embedded.h"
#include "net/files.h"
#include "net/server.h"

namespace lvp::app {

class PlayerPage final : public net::Handler {
 public:
  /// Collector and dashboard are taken to be on the host that the page was asked for on, unless
  /// `collector_url` says where the collector is. `private_port` is 0 until the dashboard listens.
  PlayerPage(std::span<const embedded::File> files, std::string collector_url,
             std::uint16_t collector_port, const std::atomic<std::uint16_t>& private_port);

  void handle(const http::Request& request, net::Responder responder) override;

 private:
  http::Response config(const http::Request& request) const;

  net::Files files_;
  std::string collector_url_;
  std::uint16_t collector_port_;
  const std::atomic<std::uint16_t>& private_port_;
};

}  // namespace lvp::app
