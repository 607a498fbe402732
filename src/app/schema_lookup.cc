#include "app/schema_lookup.h"

#include <string>
#include <utility>

namespace lvp::app {
namespace {

constexpr Duration answer_wait = std::chrono::seconds(5);  ///< as Snowplow's resolver

}  // namespace

Result<iglu::Fetched> HttpFetch::get(std::string_view url, std::string_view apikey) {
  if (stopped_) return unavailable("the program stops");
  net::ClientRequest request;
  request.url = url;
  request.timeout = answer_wait;
  request.ca_file = ca_file_;
  if (!apikey.empty()) request.headers.push_back({"apikey", std::string(apikey)});
  LVP_TRY(net::ClientResponse answer, client_.fetch(request));
  return iglu::Fetched{answer.status, std::move(answer.body)};
}

Result<TableArchive> TableArchive::open(store::Store& store, NewUnitOfWork new_unit) {
  LVP_TRY(auto table, store.table("schemas"));
  return TableArchive(std::move(table), std::move(new_unit));
}

Result<std::optional<std::string>> TableArchive::get(std::string_view uri) {
  return table_->get(uri);
}

Status TableArchive::put(std::string_view uri, std::string_view text) {
  const auto unit = new_unit_();
  LVP_DO(table_->put(*unit, uri, std::string(text)));
  return unit->commit();
}

}  // namespace lvp::app
