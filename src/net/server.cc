#include "net/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/system/system_error.hpp>
#include <mutex>
#include <thread>
#include <vector>

#include "base/thread_name.h"
#include "net/loop.h"
#include "net/tls.h"

namespace lvp::net {
namespace {

// Reads the files of the options, if any.
Status load_tls(Shared& shared) {
  if (!shared.options.tls) return {};
  LVP_TRY(auto identity, TlsIdentity::load(*shared.options.tls));
  shared.use(std::move(identity));
  return {};
}

class LoopServer final : public Server {
 public:
  LoopServer(std::shared_ptr<Shared> shared, std::vector<std::shared_ptr<Loop>> loops)
      : shared_(std::move(shared)), loops_(std::move(loops)), port_(loops_.front()->port()) {
    for (const auto& loop : loops_) {
      threads_.emplace_back([loop] {
        name_thread("http");
        loop->run();
      });
    }
  }

  ~LoopServer() override { stop(Duration(0)); }

  std::uint16_t port() const override { return port_; }

  ServerStats stats() const override {
    using enum Count;
    return {.connections_open = shared_->connections,
            .connections_total = sum(connections),
            .refused_connections = sum(connections_refused),
            .requests_total = sum(requests),
            .buffer_bytes = shared_->buffered,
            .bytes_in = sum(bytes_in),
            .bytes_out = sum(bytes_out),
            .tls_failures = sum(tls_failures),
            .errors_400 = sum(errors_400),
            .errors_408 = sum(errors_408),
            .errors_413 = sum(errors_413),
            .errors_431 = sum(errors_431),
            .errors_503 = sum(errors_503)};
  }

  Status reload_tls() override { return load_tls(*shared_); }

  void stop(Duration wait) override {
    std::call_once(stopped_, [this, wait] {
      for (const auto& loop : loops_) loop->stop(wait);
      shared_->quiet.get_future().wait_for(wait);
      for (const auto& loop : loops_) loop->abort();
      for (std::thread& thread : threads_) thread.join();
    });
  }

 private:
  std::uint64_t sum(Count count) const {
    std::uint64_t all = 0;
    for (const auto& loop : loops_) all += loop->counts()[count];
    return all;
  }

  std::shared_ptr<Shared> shared_;
  std::vector<std::shared_ptr<Loop>> loops_;
  std::uint16_t port_;
  std::vector<std::thread> threads_;
  std::once_flag stopped_;
};

// Sockets that share a port may share it with another process of the same user, unasked. So first
// see whether anybody has it.
Status check_free(const std::shared_ptr<Shared>& shared, const tcp::endpoint& at) {
  return std::make_shared<Loop>(shared)->listen(at, false);
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Handler& handler) {
  ErrorCode error;
  const asio::ip::address address = asio::ip::make_address(options.address, error);
  if (error) return invalid(fmt::format("listen on {}: not an IP address", options.address));
  const std::size_t threads = std::max(1u, options.threads);
  try {
    tcp::endpoint at(address, options.port);
    const auto shared = std::make_shared<Shared>(std::move(options), handler, threads);
    LVP_DO(load_tls(*shared));
    const bool share = shared->options.share_port;
    if (threads > 1 && !share && at.port() != 0) LVP_DO(check_free(shared, at));
    std::vector<std::shared_ptr<Loop>> loops;
    for (std::size_t i = 0; i < threads; ++i) {
      loops.push_back(std::make_shared<Loop>(shared));
      LVP_DO(loops.back()->listen(at, threads > 1 || share));
      at.port(loops.front()->port());
    }
    return std::make_unique<LoopServer>(shared, std::move(loops));
  } catch (const boost::system::system_error& e) {  // no file descriptor to be had
    return unavailable(fmt::format("listen on {}: {}", address.to_string(), e.what()));
  }
}

}  // namespace lvp::net
