// Tables in PostgreSQL, through libpq: the keys are the primary key, each attribute is a column.
//
// Changes of one call are one statement, in which the condition on the version is part. A statement
// that the database refuses for what is in it is made again item by item, so that the one at fault
// is found. Whatever waits, waits a few seconds at most; a connection that failed is made anew by
// the next call.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "store/external_table.h"

namespace lvp::store {

struct PostgresOptions {
  /// postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with whatever libpq takes after it; it looks
  /// for what is not said where psql does (PGPASSWORD, ~/.pgpass). Never shown.
  std::string url;
  Duration wait = std::chrono::seconds(10);  ///< for a connection or an answer
};

/// Does not connect yet. Error::invalid if the URL is none.
Result<std::unique_ptr<ExternalTable>> open_postgres_table(PostgresOptions options,
                                                           TableShape shape);

}  // namespace lvp::store
