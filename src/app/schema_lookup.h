// Where the resolver looks for schemas in the world: repositories over HTTP, and a table.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "base/unit_of_work.h"
#include "iglu/resolver.h"
#include "net/client.h"
#include "store/store.h"

namespace lvp::app {

/// Asks repositories, over connections that are kept. Thread-safe.
class HttpFetch final : public iglu::Fetch {
 public:
  /// `ca_file`: enrich.resolver_ca.
  explicit HttpFetch(std::string ca_file) : ca_file_(std::move(ca_file)) {}

  Result<iglu::Fetched> get(std::string_view url, std::string_view apikey) override;
  /// From now on nobody is asked; a request that is under way goes on, at most for 5 s.
  void stop() { stopped_ = true; }

 private:
  const std::string ca_file_;
  net::Client client_;
  std::atomic<bool> stopped_ = false;
};

/// The table `schemas`: URI → text.
class TableArchive final : public iglu::Archive {
 public:
  static Result<TableArchive> open(store::Store& store, NewUnitOfWork new_unit);

  Result<std::optional<std::string>> get(std::string_view uri) override;
  Status put(std::string_view uri, std::string_view text) override;

 private:
  TableArchive(std::unique_ptr<store::Table> table, NewUnitOfWork new_unit)
      : table_(std::move(table)), new_unit_(std::move(new_unit)) {}

  std::unique_ptr<store::Table> table_;
  NewUnitOfWork new_unit_;
};

}  // namespace lvp::app
