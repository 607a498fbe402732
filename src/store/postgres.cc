#include "store/postgres.h"

#include <fmt/core.h>
#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <map>
#include <set>
#include <utility>

#include "wire/json.h"

namespace lvp::store {
namespace {

using Steady = std::chrono::steady_clock;

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Connection = std::unique_ptr<PGconn, Finish>;
using Rows = std::unique_ptr<PGresult, Clear>;

std::string quoted(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + '"';
}

std::string_view sql_type(ValueType type) {
  switch (type) {
    case ValueType::text:
      return "text";
    case ValueType::number:
      return "numeric";
    case ValueType::boolean:
      return "boolean";
  }
  return "";
}

// One line of what libpq or the server said.
std::string first_line(std::string_view text) {
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  std::string line(text);
  std::ranges::replace(line, '\n', ' ');
  return line;
}

// What is wrong with the values themselves, by the class of SQLSTATE: data exception, integrity
// constraint, program limit exceeded (a key that no index takes).
bool is_of_data(std::string_view state) {
  return state.starts_with("22") || state.starts_with("23") || state.starts_with("54");
}

struct Failure {
  std::string state;  // SQLSTATE; empty if the connection failed
  std::string what;
};

class PostgresTable final : public ExternalTable {
 public:
  PostgresTable(PostgresOptions options, TableShape shape, const std::string& where,
                std::string secret)
      : options_(std::move(options)),
        shape_(std::move(shape)),
        secret_(std::move(secret)),
        name_(fmt::format("postgres: {}: table {}", where, shape_.name)),
        keys_(quoted(shape_.partition_key) + ", " + quoted(shape_.sort_key)) {
    make_statements();
  }

  const std::string& name() const override { return name_; }

  Status prepare(bool create) override {
    const auto there = run("SELECT to_regclass($1)", {quoted(shape_.name)});
    if (!there) return error(there.error());
    if (PQgetisnull(there->get(), 0, 0)) {
      if (!create)
        return invalid(name_ + " is missing: make it, or set sink.create (docs/sink.md)");
      const auto made = run(create_, {});
      if (!made) return error(made.error());
    }
    const auto columns = run(fmt::format("SELECT {} FROM {} LIMIT 0", columns_, table()), {});
    if (columns) return {};
    if (columns.error().state == "42703")  // undefined_column
      return invalid(fmt::format("{} has another shape: {}", name_, columns.error().what));
    return error(columns.error());
  }

  Result<std::vector<Outcome>> write(std::span<const Change> changes) override {
    std::vector<Outcome> outcomes(changes.size());
    std::map<const std::string*, std::vector<std::size_t>> places;  // by the statement they need
    for (std::size_t i = 0; i < changes.size(); ++i)
      places[&statement_for(changes[i])].push_back(i);
    for (const auto& [statement, its] : places)
      LVP_DO(write_some(*statement, changes, its, outcomes));
    return outcomes;
  }

  Result<std::vector<std::optional<Item>>> read(std::span<const ItemKey> keys) override {
    json::Writer wanted;
    wanted.begin_array();
    for (const ItemKey& key : keys) write_key(wanted.begin_object(), key).end_object();
    const auto rows = run(select_, {wanted.end_array().take()});
    if (!rows) return error(rows.error());
    std::map<ItemKey, Item> found;
    for (int row = 0; row < PQntuples(rows->get()); ++row) {
      Item item = item_of(rows->get(), row);
      ItemKey key = item.key;
      found.emplace(std::move(key), std::move(item));
    }
    std::vector<std::optional<Item>> items;
    for (const ItemKey& key : keys) {
      const auto item = found.find(key);
      items.push_back(item == found.end() ? std::nullopt : std::optional(item->second));
    }
    return items;
  }

 private:
  using Answer = std::expected<Rows, Failure>;

  // ---- Statements: the rows come as one JSON text ----

  std::string table() const { return quoted(shape_.name); }

  void make_statements() {
    std::string declared = fmt::format("{} text NOT NULL, {} text NOT NULL",
                                       quoted(shape_.partition_key), quoted(shape_.sort_key));
    std::string typed =
        fmt::format("{} text, {} text", quoted(shape_.partition_key), quoted(shape_.sort_key));
    const std::string typed_keys = typed;
    columns_ = keys_;
    std::string set;
    for (const Attribute& attribute : shape_.attributes) {
      const std::string column = quoted(attribute.name);
      declared += fmt::format(", {} {}", column, sql_type(attribute.type));
      typed += fmt::format(", {} {}", column, sql_type(attribute.type));
      columns_ += ", " + column;
      set += fmt::format("{}{} = excluded.{}", set.empty() ? "" : ", ", column, column);
    }
    // An erasure without a version comes with null, which is newer than whatever is there.
    std::string if_newer, erase_if;
    if (!shape_.version.empty()) {
      const std::string version = quoted(shape_.version);
      if_newer = fmt::format(" WHERE coalesce(t.{} < excluded.{}, true)", version, version);
      erase_if = fmt::format(" AND coalesce(t.{} < x.{}, true)", version, version);
    }
    create_ = fmt::format("CREATE TABLE IF NOT EXISTS {} ({}, PRIMARY KEY ({}))", table(), declared,
                          keys_);
    const std::string insert = fmt::format(
        "INSERT INTO {} AS t ({}) SELECT {} FROM json_to_recordset($1::json) AS x({}) "
        "ON CONFLICT ({}) DO UPDATE SET {}",
        table(), columns_, columns_, typed, keys_, set);
    put_ = fmt::format("{} RETURNING {}", insert, keys_);
    put_newer_ = fmt::format("{}{} RETURNING {}", insert, if_newer, keys_);
    const std::string same =
        fmt::format("t.{} = x.{} AND t.{} = x.{}", quoted(shape_.partition_key),
                    quoted(shape_.partition_key), quoted(shape_.sort_key), quoted(shape_.sort_key));
    erase_ =
        fmt::format("DELETE FROM {} AS t USING json_to_recordset($1::json) AS x({}) WHERE {}{}",
                    table(), typed, same, erase_if);
    select_ = fmt::format(
        "SELECT {} FROM {} AS t WHERE ({}) IN (SELECT {} FROM json_to_recordset($1::json) AS "
        "x({}))",
        columns_, table(), keys_, keys_, typed_keys);
  }

  json::Writer& write_key(json::Writer& out, const ItemKey& key) const {
    out.key(shape_.partition_key).string(key.partition);
    return out.key(shape_.sort_key).string(key.sort);
  }

  std::string rows_text(std::span<const Change> changes,
                        std::span<const std::size_t> places) const {
    json::Writer out;
    out.begin_array();
    for (const std::size_t place : places) {
      const Change& change = changes[place];
      write_key(out.begin_object(), change.item.key);
      for (const Field& field : change.item.fields) {
        out.key(field.name);
        if (field.value.type == ValueType::text) {
          out.string(field.value.text);
        } else {
          out.raw(field.value.text);
        }
      }
      if (change.version && change.kind == Change::Kind::erase)
        out.key(shape_.version).raw(std::to_string(*change.version));
      out.end_object();
    }
    return out.end_array().take();
  }

  const std::string& statement_for(const Change& change) const {
    if (change.kind == Change::Kind::erase) return erase_;
    return change.version ? put_newer_ : put_;
  }

  Status write_some(const std::string& statement, std::span<const Change> changes,
                    std::span<const std::size_t> places, std::vector<Outcome>& outcomes) {
    const auto rows = run(statement, {rows_text(changes, places)});
    if (!rows) {
      if (!is_of_data(rows.error().state)) return error(rows.error());
      if (places.size() == 1) {
        outcomes[places[0]] = {Outcome::Kind::refused, rows.error().what};
        return {};
      }
      for (const std::size_t& place : places)
        LVP_DO(write_some(statement, changes, {&place, 1}, outcomes));
      return {};
    }
    if (&statement == &erase_) return {};
    std::set<ItemKey> written;
    for (int row = 0; row < PQntuples(rows->get()); ++row)
      written.insert({PQgetvalue(rows->get(), row, 0), PQgetvalue(rows->get(), row, 1)});
    for (const std::size_t place : places) {
      if (!written.contains(changes[place].item.key)) outcomes[place] = {Outcome::Kind::outdated};
    }
    return {};
  }

  Item item_of(PGresult* rows, int row) const {
    Item item{{PQgetvalue(rows, row, 0), PQgetvalue(rows, row, 1)}, {}};
    for (std::size_t i = 0; i < shape_.attributes.size(); ++i) {
      const int column = static_cast<int>(i) + 2;
      if (PQgetisnull(rows, row, column)) continue;
      const Attribute& attribute = shape_.attributes[i];
      std::string text = PQgetvalue(rows, row, column);
      if (attribute.type == ValueType::boolean) text = text == "t" ? "true" : "false";
      item.fields.push_back({attribute.name, {attribute.type, std::move(text)}});
    }
    return item;
  }

  // ---- The connection: never waits longer than it may ----

  std::unexpected<Error> error(const Failure& failure) const {
    return unavailable(fmt::format("{}: {}", name_, failure.what));
  }

  std::string without_secret(std::string text) const {
    for (auto at = text.find(secret_); !secret_.empty() && at != std::string::npos;
         at = text.find(secret_, at + 3))
      text.replace(at, secret_.size(), "***");
    return text;
  }

  Failure broken(std::string_view while_what) {
    std::string said = connection_ ? first_line(PQerrorMessage(connection_.get())) : "";
    connection_.reset();
    return {"", without_secret(said.empty() ? std::string(while_what) : std::move(said))};
  }

  static bool await(PGconn* connection, short events, Steady::time_point end) {
    while (true) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(end - Steady::now()).count();
      if (left <= 0) return false;
      pollfd waited{PQsocket(connection), events, 0};
      const int ready = poll(&waited, 1, static_cast<int>(left));
      if (ready > 0) return true;
      if (ready < 0 && errno != EINTR) return false;
    }
  }

  std::expected<void, Failure> connect(Steady::time_point end) {
    if (connection_ && PQstatus(connection_.get()) == CONNECTION_OK) return {};
    const std::array<const char*, 5> names{"dbname", "fallback_application_name", "client_encoding",
                                           "keepalives_idle", nullptr};
    const std::array<const char*, 5> values{options_.url.c_str(), "lvp", "UTF8", "30", nullptr};
    connection_.reset(PQconnectStartParams(names.data(), values.data(), /*expand_dbname=*/1));
    if (!connection_) return std::unexpected(broken("out of memory"));
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;
    while (PQstatus(connection_.get()) != CONNECTION_BAD && next != PGRES_POLLING_OK &&
           next != PGRES_POLLING_FAILED) {
      const short events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT;
      if (!await(connection_.get(), events, end)) {
        connection_.reset();
        return std::unexpected(broken("no connection in time"));
      }
      next = PQconnectPoll(connection_.get());
    }
    if (PQstatus(connection_.get()) != CONNECTION_OK || PQsetnonblocking(connection_.get(), 1) != 0)
      return std::unexpected(broken("no connection"));
    return {};
  }

  Answer run(const std::string& statement, const std::vector<std::string>& parameters) {
    const Steady::time_point end = Steady::now() + options_.wait;
    if (auto connected = connect(end); !connected) return std::unexpected(connected.error());
    std::vector<const char*> values;
    for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
    if (!PQsendQueryParams(connection_.get(), statement.c_str(), static_cast<int>(values.size()),
                           nullptr, values.data(), nullptr, nullptr, 0))
      return std::unexpected(broken("cannot send"));
    int unsent = PQflush(connection_.get());
    while (unsent == 1 || PQisBusy(connection_.get())) {
      const short events = static_cast<short>(unsent == 1 ? POLLIN | POLLOUT : POLLIN);
      if (!await(connection_.get(), events, end)) {
        connection_.reset();
        return std::unexpected(broken("no answer in time"));
      }
      if (!PQconsumeInput(connection_.get())) return std::unexpected(broken("no answer"));
      if (unsent == 1) unsent = PQflush(connection_.get());
      if (unsent < 0) return std::unexpected(broken("cannot send"));
    }
    return answer();
  }

  Answer answer() {
    Rows rows(PQgetResult(connection_.get()));
    while (Rows more{PQgetResult(connection_.get())}) {
    }
    const ExecStatusType status = PQresultStatus(rows.get());
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return rows;
    const char* state = PQresultErrorField(rows.get(), PG_DIAG_SQLSTATE);
    if (state == nullptr) return std::unexpected(broken("no answer"));
    const char* said = PQresultErrorField(rows.get(), PG_DIAG_MESSAGE_PRIMARY);
    return std::unexpected(
        Failure{state, without_secret(first_line(said == nullptr ? "refused" : said))});
  }

  const PostgresOptions options_;
  const TableShape shape_;
  const std::string secret_;
  const std::string name_;
  const std::string keys_;
  std::string columns_, create_, put_, put_newer_, erase_, select_;
  Connection connection_;
};

}  // namespace

Result<std::unique_ptr<ExternalTable>> open_postgres_table(PostgresOptions options,
                                                           TableShape shape) {
  // What libpq says of a URL that it cannot read may quote it, and with it the password.
  const std::unique_ptr<PQconninfoOption, FreeOptions> parsed(
      PQconninfoParse(options.url.c_str(), nullptr));
  if (!parsed)
    return invalid(
        "postgres: the URL must be postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with "
        "special characters of its parts as %XX");
  std::map<std::string, std::string> parts;
  for (const PQconninfoOption* part = parsed.get(); part->keyword != nullptr; ++part) {
    if (part->val != nullptr) parts[part->keyword] = part->val;
  }
  const auto part = [&](const char* name, const char* otherwise) {
    const auto found = parts.find(name);
    return found == parts.end() ? std::string(otherwise) : found->second;
  };
  const std::string where =
      fmt::format("{}:{}/{}", part("host", "localhost"), part("port", "5432"), part("dbname", ""));
  return std::make_unique<PostgresTable>(std::move(options), std::move(shape), where,
                                         part("password", ""));
}

}  // namespace lvp::store
