// The targets of a bridge.
#include <fmt/core.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "base/text.h"
#include "bridge/go_text.h"
#include "net/client.h"
#include "stages/bridge.h"

namespace lvp::stages {
namespace {

using bridge::Batching;
using bridge::Delivery;

class StreamTarget final : public BridgeTarget {
 public:
  explicit StreamTarget(stream::Writer& writer)
      : writer_(writer), batching_{10'000, 4 * data_bytes_max(), data_bytes_max()} {}

  const Batching& batching() const override { return batching_; }

  Delivery send(std::span<const Outgoing> messages, UnitOfWork& unit) override {
    std::vector<stream::Entry> entries;
    entries.reserve(messages.size());
    for (const Outgoing& one : messages)
      entries.push_back({one.message.key.substr(0, key_bytes_max), one.message.data});
    if (const Status done = writer_.append(unit, std::move(entries)); !done)
      return {Delivery::Verdict::transient, done.error().what};
    return {};
  }

 private:
  // A script may make a key of anything; records whose keys begin alike then share a partition.
  static constexpr std::size_t key_bytes_max = 4096;
  std::size_t data_bytes_max() const { return writer_.record_bytes_max() - key_bytes_max; }

  stream::Writer& writer_;
  const Batching batching_;
};

class SilentTarget final : public BridgeTarget {
 public:
  explicit SilentTarget(const Batching& batching) : batching_(batching) {}
  const Batching& batching() const override { return batching_; }
  Delivery send(std::span<const Outgoing>, UnitOfWork&) override { return {}; }

 private:
  Batching batching_;
};

// As Go prints a time; the epoch stands for none.
std::string time_text(Timestamp time) {
  if (time == Timestamp()) return "0001-01-01 00:00:00 +0000 UTC";
  return bridge::GoTime{go_text(time)}.printed();
}

class StdoutTarget final : public BridgeTarget {
 public:
  StdoutTarget(bool data_only, const Batching& batching)
      : data_only_(data_only), batching_(batching) {}

  const Batching& batching() const override { return batching_; }

  Delivery send(std::span<const Outgoing> messages, UnitOfWork&) override {
    for (const Outgoing& one : messages) {
      if (!data_only_)
        fmt::print("PartitionKey:{},TimeCreated:{},TimePulled:{},TimeTransformed:{},Data:",
                   one.message.key, time_text(one.created), time_text(one.pulled),
                   time_text(one.transformed));
      std::fwrite(one.message.data.data(), 1, one.message.data.size(), stdout);
      std::fputc('\n', stdout);
    }
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return {};
    return {Delivery::Verdict::fatal,
            fmt::format("standard output: {}", std::generic_category().message(errno))};
  }

 private:
  bool data_only_;
  Batching batching_;
};

class HttpTarget final : public BridgeTarget {
 public:
  HttpTarget(bridge::HttpSettings settings, const Clock& clock)
      : settings_(std::move(settings)), clock_(clock) {}

  const Batching& batching() const override { return settings_.batching; }
  bool wants_alone(const bridge::Message& message) const override {
    return settings_.dynamic_headers && !message.headers.empty();
  }

  Delivery send(std::span<const Outgoing> outgoing, UnitOfWork&) override {
    std::vector<bridge::Message> messages;
    for (const Outgoing& one : outgoing) messages.push_back(one.message);
    bridge::HttpBody body = bodies_.make(settings_, messages);
    Delivery made{.refused = std::move(body.refused)};
    if (body.text.empty()) return made;
    Delivery answered = post(std::move(body.text), messages);
    if (answered.verdict != Delivery::Verdict::sent) return answered;
    if (answered.refused.size() == messages.size()) refuse_the_rest(answered, made);
    return made;
  }

 private:
  Delivery post(std::string body, std::span<const bridge::Message> messages) const {
    net::ClientRequest request{.method = "POST",
                               .url = settings_.url,
                               .body = std::move(body),
                               .timeout = settings_.timeout};
    for (auto& [name, value] : bridge::http_headers(settings_, messages, clock_.now()))
      request.headers.push_back({name, value});
    const auto response = net::fetch(request);
    if (response)
      return bridge::judge_answer(settings_, response->status, response->body, messages.size());
    return bridge::judge_answer(settings_, 0, response.error().what, messages.size());
  }

  // The answer refuses the whole batch; messages that were no JSON keep their own reason.
  static void refuse_the_rest(Delivery& answered, Delivery& made) {
    std::vector<Delivery::Refused> own = std::move(made.refused);
    made.refused.clear();
    std::size_t next = 0;
    for (Delivery::Refused& one : answered.refused) {
      const bool is_own = next < own.size() && own[next].index == one.index;
      made.refused.push_back(is_own ? std::move(own[next++]) : std::move(one));
    }
  }

  bridge::HttpSettings settings_;
  const Clock& clock_;
  bridge::HttpBodies bodies_;
};

}  // namespace

std::unique_ptr<BridgeTarget> make_stream_target(stream::Writer& writer) {
  return std::make_unique<StreamTarget>(writer);
}

std::unique_ptr<BridgeTarget> make_silent_target(const Batching& batching) {
  return std::make_unique<SilentTarget>(batching);
}

std::unique_ptr<BridgeTarget> make_stdout_target(bool data_only, const Batching& batching) {
  return std::make_unique<StdoutTarget>(data_only, batching);
}

std::unique_ptr<BridgeTarget> make_http_target(bridge::HttpSettings settings, const Clock& clock) {
  return std::make_unique<HttpTarget>(std::move(settings), clock);
}

}  // namespace lvp::stages
