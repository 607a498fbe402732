// The engines behind this process's streams and tables, opened as the configuration names them.
// Stages see none of it: they get readers, writers and units of work.
#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/config.h"
#include "app/stream_url.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/time.h"
#include "base/unit_of_work.h"
#include "net/aws_account.h"
#include "rocks/db.h"
#include "store/external_table.h"
#include "store/store.h"
#include "stream/stream.h"

namespace lvp::stream {
class Kafka;
class KafkaStream;
class KinesisStream;
class RocksStream;
}  // namespace lvp::stream

namespace lvp::app {

/// A stream with the one writer that all of this process share.
struct Pipe {
  StreamEngine engine = StreamEngine::rocks;
  std::unique_ptr<stream::Stream> stream;
  stream::RocksStream* rocks = nullptr;  ///< the same, if it is one
  stream::KafkaStream* kafka = nullptr;
  stream::KinesisStream* kinesis = nullptr;
  std::unique_ptr<stream::Writer> writer;
};

/// Belongs to the thread that starts and stops the program, but for trim().
class Engines {
 public:
  /// Opens the folder. `config` and `clock` outlive it.
  static Result<std::unique_ptr<Engines>> open(const Config& config, const Clock& clock);
  ~Engines();

  /// The pipeline's stream of that name, or a user's own, which is kept in the folder. Opened when
  /// it is first asked for, and connected to its cluster: takes seconds if that is away, and fails.
  Result<Pipe*> pipe(const std::string& name);
  Result<StreamUrl> url(const std::string& name) const;
  /// Opens what of the pipeline other processes can reach, too.
  Status open_shared();
  /// Those that are open.
  std::vector<std::pair<std::string, stream::Stream*>> streams() const;

  /// For a stage whose outputs may come twice after a crash.
  Result<std::unique_ptr<stream::Reader>> reader(const Pipe& pipe, std::string_view group) const;
  /// Units for a stage that reads and writes these, so that as much as can be is one write.
  NewUnitOfWork units(std::initializer_list<const Pipe*> pipes) const;
  NewUnitOfWork local_units() const;

  /// A table where sink.table is, which is set; asks it nothing yet.
  Result<std::unique_ptr<store::ExternalTable>> external_table(store::TableShape shape);

  /// The tables in the folder.
  store::Store& store() { return *store_; }
  rocks::Db& db() { return *db_; }
  /// Nothing unless some stream is on Kafka and open.
  stream::Kafka* kafka() { return kafka_.get(); }

  /// Drops what streams in the folder keep no longer. Call it every few seconds; what fails is
  /// logged, and tried again. Thread-safe once nothing is opened any more.
  void trim();

 private:
  Engines(const Config& config, const Clock& clock);
  Result<Pipe> open_pipe(const std::string& name, const StreamUrl& url);
  Status connect_kafka();

  const Config& config_;
  const Clock& clock_;
  std::unique_ptr<rocks::Db> db_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<stream::Kafka> kafka_;
  std::optional<net::AwsAccount> account_;       ///< of Kinesis
  std::optional<net::AwsAccount> sink_account_;  ///< of the sink's tables
  std::map<std::string, Pipe> pipes_;
};

}  // namespace lvp::app
