#include "stream/kinesis.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include "base/log.h"
#include "net/aws.h"
#include "stream/batch.h"
#include "stream/kinesis_api.h"
#include "stream/kinesis_put.h"
#include "stream/kinesis_reader.h"
#include "stream/lease_member.h"

namespace lvp::stream {
namespace {

using namespace std::chrono_literals;

// Answers of a shard may be empty though records lie ahead.
constexpr std::size_t pages_max = 20;
constexpr std::size_t extent_records_max = 1000;
// A shard takes 1000 records a second and keeps them for a year at most.
constexpr std::uint64_t shard_records_max = 365ull * 24 * 3600 * 1000;

std::string new_member() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  std::random_device random;
  return fmt::format("{}:{}:{:08x}{:08x}", host.data(), getpid(), random(), random());
}

// Nothing is appended by who wants to know whether something could be.
Status ask(KinesisApi& api) {
  LVP_TRY(const auto status, api.status({.tries_max = 1}));
  if (status == "ACTIVE" || status == "UPDATING") return {};
  return unavailable(
      fmt::format("kinesis: stream {} is {}", api.stream(), status.value_or("missing")));
}

class KinesisWriter final : public Writer {
 public:
  KinesisWriter(KinesisApi& api, Duration put_wait) : api_(api), put_wait_(put_wait) {}

  Status append(UnitOfWork& unit, std::vector<Entry> entries) override {
    LVP_DO(check_sizes(api_.stream(), entries, kinesis_record_bytes_max));
    if (entries.empty()) {
      unit.before([api = &api_] { return ask(*api); });
      return {};
    }
    const auto shared = std::make_shared<const std::vector<Entry>>(std::move(entries));
    unit.before([api = &api_, patience = PutPatience{.all = put_wait_}, shared] {
      return put_all(api->stream(), *shared, patience,
                     [api](std::span<const Entry* const> some) { return api->put(some); });
    });
    return {};
  }
  std::size_t record_bytes_max() const override { return kinesis_record_bytes_max; }

 private:
  KinesisApi& api_;
  const Duration put_wait_;
};

class OpenStream final : public KinesisStream {
 public:
  OpenStream(const KinesisOptions& options, std::unique_ptr<net::AwsClient> kinesis,
             std::unique_ptr<net::AwsClient> dynamodb)
      : options_(options),
        kinesis_(std::move(kinesis)),
        dynamodb_(std::move(dynamodb)),
        api_(*kinesis_, options.name) {}

  Status find_or_make();

  Result<std::unique_ptr<Reader>> reader(std::string_view group) override {
    LeaseTable table(*dynamodb_, options_.lease_table, fmt::format("{}/{}", group, options_.name));
    LVP_TRY(auto ownership,
            join_group(std::move(table), new_member(),
                       {.lease_wait = options_.lease_wait,
                        .renew_every = std::min(options_.renew_every, options_.lease_wait / 3),
                        .shards_every = options_.shards_every},
                       [this] { return api_.shards(); }));
    return make_kinesis_reader(api_, std::move(ownership), options_.get_every);
  }
  Result<std::unique_ptr<Reader>> follower() override {
    LVP_TRY(auto ownership, follow_shards(options_.shards_every, [this] { return api_.shards(); }));
    return make_kinesis_reader(api_, std::move(ownership), options_.get_every);
  }
  Result<std::unique_ptr<Writer>> writer() override {
    return std::make_unique<KinesisWriter>(api_, options_.put_wait);
  }

  Result<Batch> read(std::string_view partition, const Offset& after,
                     std::size_t records_max) override;
  Result<std::vector<Extent>> extents() override;
  Result<Duration> lag(std::string_view group) override;

 private:
  LeaseTable leases(std::string_view group) {
    return {*dynamodb_, options_.lease_table, fmt::format("{}/{}", group, options_.name)};
  }
  // The first records after `after`, and whether they are all there are.
  Result<std::pair<std::vector<Arrival>, bool>> records(std::string_view shard, const Offset& after,
                                                        std::size_t records_max);

  const KinesisOptions options_;
  const std::unique_ptr<net::AwsClient> kinesis_;
  const std::unique_ptr<net::AwsClient> dynamodb_;
  KinesisApi api_;
};

Status OpenStream::find_or_make() {
  LVP_TRY(const auto status, api_.status());
  if (status == "ACTIVE" || status == "UPDATING") return {};
  if (status && status != "CREATING") {
    return unavailable(fmt::format("kinesis: stream {} is {}", options_.name, *status));
  }
  if (!status && options_.shards_if_missing == 0) {
    return invalid(
        fmt::format("kinesis: there is no stream {} in {} at {}: make it, or allow it to "
                    "be made",
                    options_.name, kinesis_->region(), kinesis_->endpoint()));
  }
  log::info("kinesis: stream {} is made, with {} shards", options_.name,
            options_.shards_if_missing);
  return api_.create(options_.shards_if_missing);
}

Result<std::pair<std::vector<Arrival>, bool>> OpenStream::records(std::string_view shard,
                                                                  const Offset& after,
                                                                  std::size_t records_max) {
  const auto words = [](const net::AwsError& error) {
    return std::unexpected(error.is("ResourceNotFoundException")
                               ? Error{Error::Code::invalid, error.message}
                               : error.error());
  };
  auto iterator = api_.iterator(shard, sequence_number_of(after).value_or(""));
  if (!iterator && !after.empty() && iterator.error().is("InvalidArgumentException")) {
    return std::pair(std::vector<Arrival>(), true);  // of no record of this shard
  }
  if (!iterator) return words(iterator.error());
  std::vector<Arrival> found;
  for (std::size_t page = 0; page < pages_max; ++page) {
    // One more than asked for: the record that stands at `after` is the first.
    auto fetched = api_.fetch(*iterator, std::min<std::size_t>(records_max, 9'999) + 1);
    if (!fetched) return words(fetched.error());
    for (Arrival& record : fetched->records) {
      if (record.offset > after) found.push_back(std::move(record));
    }
    const bool is_all = fetched->at_tip;
    if (is_all || found.size() >= records_max) return std::pair(std::move(found), is_all);
    iterator = std::move(fetched->next);
  }
  return std::pair(std::move(found), false);
}

Result<Batch> OpenStream::read(std::string_view partition, const Offset& after,
                               std::size_t records_max) {
  if (!after.empty() && !sequence_number_of(after)) {
    return invalid(fmt::format("stream {}: \"{}\" is not an offset", options_.name, after));
  }
  LVP_TRY(const auto found, records(partition, after, std::max<std::size_t>(records_max, 1)));
  return batch_of(std::string(partition), found.first, records_max, found.second);
}

Result<std::vector<Extent>> OpenStream::extents() {
  LVP_TRY(const std::vector<Shard> shards, api_.shards());
  std::vector<Extent> extents;
  for (const Shard& shard : shards) {
    LVP_TRY(const auto found, records(shard.id, {}, extent_records_max));
    Extent extent{.partition = shard.id, .first = {}, .last = {}};
    if (!found.first.empty()) {
      extent.first = found.first.front().offset;
      extent.last = found.first.back().offset;
    }
    extent.exact = found.second;
    extent.records = found.second ? found.first.size() : shard_records_max;
    extents.push_back(std::move(extent));
  }
  return extents;
}

Result<Duration> OpenStream::lag(std::string_view group) {
  LVP_TRY(const std::vector<Lease> all, leases(group).all());
  const Timestamp now = system_clock().now();
  Duration lag{};
  bool is_known = false;
  for (const Lease& lease : all) {
    if (lease.read_out) continue;
    is_known = true;
    lag = std::max(lag, now - lease.fresh);
  }
  if (is_known) return lag;
  return unavailable(
      fmt::format("kinesis: stream {}: group {} has not begun", options_.name, group));
}

Status check(const KinesisOptions& options) {
  if (options.name.empty() || options.name.size() > 128) return invalid("kinesis: needs a stream");
  if (options.renew_every < Duration(1) || options.lease_wait < Duration(3)) {
    return invalid(
        fmt::format("kinesis: stream {}: renew_every and lease_wait are too short", options.name));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<KinesisStream>> open_kinesis_stream(const KinesisOptions& options,
                                                           net::AwsAccount& account) {
  LVP_DO(check(options));
  LVP_TRY(auto kinesis, net::AwsClient::open(net::kinesis, account));
  // A beat that hangs must not cost the leases of the others.
  const Duration patience = std::clamp<Duration>(options.lease_wait / 3, 1s, 10s);
  LVP_TRY(auto dynamodb, net::AwsClient::open(net::dynamodb, account, patience));
  auto stream = std::make_unique<OpenStream>(options, std::move(kinesis), std::move(dynamodb));
  LVP_DO(stream->find_or_make());
  return stream;
}

}  // namespace lvp::stream
