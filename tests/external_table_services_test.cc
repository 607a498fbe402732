// Tables of others, beside real services: tools/services run dynamodb postgres -- this program.
#include <cstdlib>

#include "store/dynamodb.h"
#include "store/postgres.h"
#include "tests/external_table_contract.h"

namespace lvp::tests {
namespace {

using std::chrono::milliseconds;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(std::string(name) + " is not set");
  return value;
}

net::AwsAccount& account() {
  static net::AwsAccount one({}, system_clock());
  return one;
}

const TableCase dynamodb_table{
    "dynamodb", [](store::TableShape shape) {
      return must(store::open_dynamodb_table(account(), std::move(shape)));
    }};
const TableCase postgres_table{"postgres", [](store::TableShape shape) {
                                 return must(store::open_postgres_table(
                                     {.url = variable("LVP_POSTGRES_URL")}, std::move(shape)));
                               }};

INSTANTIATE_TEST_SUITE_P(Tables, ExternalTableContract,
                         testing::Values(dynamodb_table, postgres_table), table_case_name);

class Trouble : public testing::TestWithParam<TableCase> {
 protected:
  std::unique_ptr<store::ExternalTable> table(store::TableShape shape) {
    return GetParam().make(std::move(shape));
  }
};
INSTANTIATE_TEST_SUITE_P(Tables, Trouble, testing::Values(dynamodb_table, postgres_table),
                         table_case_name);

void expect_error(const Status& status, Error::Code code, std::string_view part) {
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, code) << status.error().what;
  EXPECT_NE(status.error().what.find(part), std::string::npos) << status.error().what;
}

TEST_P(Trouble, AMissingTableIsNamedWithWhatToDo) {
  const store::TableShape shape = new_shape();
  const Status prepared = table(shape)->prepare(false);
  expect_error(prepared, Error::Code::invalid, "table " + shape.name + " is missing");
  expect_error(prepared, Error::Code::invalid, "sink.create");
}

TEST_P(Trouble, ATableOfAnotherShapeIsRefused) {
  store::TableShape shape = new_shape();
  const auto first = table(shape);
  Status prepared = first->prepare(true);
  for (int tries = 0; tries < 200 && !prepared; ++tries) {
    sleep(milliseconds(20), {});
    prepared = first->prepare(true);
  }
  must(prepared);
  shape.sort_key = "other";
  expect_error(table(shape)->prepare(false), Error::Code::invalid, "other");
}

TEST(Postgres, AWrongPasswordIsToldAndNotShown) {
  std::string url = variable("LVP_POSTGRES_URL");
  url.replace(url.find("secret"), 6, "guess-it");
  const auto table = must(store::open_postgres_table({.url = url}, new_shape()));
  const Status prepared = table->prepare(false);
  expect_error(prepared, Error::Code::unavailable, "password authentication failed");
  EXPECT_EQ(prepared.error().what.find("guess-it"), std::string::npos);
  EXPECT_EQ(table->name().find("guess-it"), std::string::npos);
}

TEST(Postgres, AUrlThatIsNoneIsRefusedWithoutQuotingIt) {
  for (const std::string url : {"postgresql://lvp:hush@[::1", "postgresql://lvp:hush@h/d?no=1"}) {
    const auto table = store::open_postgres_table({.url = url}, new_shape());
    ASSERT_FALSE(table);
    EXPECT_EQ(table.error().code, Error::Code::invalid);
    EXPECT_EQ(table.error().what.find("hush"), std::string::npos) << table.error().what;
  }
}

// Runs tools/services: what happens to a service.
void service(const std::string& action, const std::string& name) {
  const std::string command = std::string(LVP_SERVICES) + " " + action + " " + name;
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
}

class Outage : public Trouble {};
INSTANTIATE_TEST_SUITE_P(Tables, Outage, testing::Values(dynamodb_table, postgres_table),
                         table_case_name);

TEST_P(Outage, IsUnavailableAndOverWhenTheServiceIsBack) {
  const auto shape = new_shape();
  const auto table = this->table(shape);
  const auto prepare = [&] {
    Status prepared = table->prepare(true);
    for (int tries = 0; tries < 500 && !prepared; ++tries) {
      sleep(milliseconds(20), {});
      prepared = table->prepare(true);
    }
    must(prepared);
  };
  prepare();
  service("kill", GetParam().name);
  const std::vector<Change> changes{put(item("ann", "tv", 1, "a"), 1),
                                    put(item("bob", "tv", 1, "b"))};
  const auto failed = table->write(changes);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Error::Code::unavailable) << failed.error().what;
  EXPECT_EQ(failed.error().what.find("secret"), std::string::npos);
  service("start", GetParam().name);
  prepare();  // dynalite has forgotten its tables
  EXPECT_EQ(must(table->write(changes)).size(), 2u);
  const std::vector<ItemKey> keys{{"ann", "tv"}};
  EXPECT_TRUE(must(table->read(keys)).at(0).has_value());
}

TEST(Postgres, OneThatHangsIsUnavailableInTime) {
  const auto table = must(store::open_postgres_table(
      {.url = variable("LVP_POSTGRES_URL"), .wait = milliseconds(300)}, new_shape()));
  must(table->prepare(true));
  service("pause", "postgres");
  const auto fresh = must(store::open_postgres_table(
      {.url = variable("LVP_POSTGRES_URL"), .wait = milliseconds(300)}, new_shape()));
  const Status prepared = fresh->prepare(true);
  service("resume", "postgres");
  expect_error(prepared, Error::Code::unavailable, "in time");
}

}  // namespace
}  // namespace lvp::tests
