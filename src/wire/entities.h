// The entities of an enriched event that say who watched what: read from its JSON columns by
// whoever keys events by device or makes media records.
//
//   contexts := {"schema":"iglu:…/contexts/…","data":[{"schema":"iglu:…","data":{…}}, …]}
//
// An event should carry one entity of a kind. Of several the first counts, and one in
// derived_contexts before one in contexts, as in Snowplow's analytics SDKs.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/identity.h"
#include "wire/json.h"
#include "wire/json_document.h"

namespace lvp {

/// Compact JSON objects with their numbers as spelled; empty if absent. Views of the columns that
/// were read or of their EntityReader.
struct Entities {
  std::string_view player_2;  ///< media_player 2-x
  std::string_view player_1;  ///< media_player 1-x
  std::string_view session;   ///< media session
  std::string_view ad;
  std::string_view ad_break;
  std::string_view client_session;
  std::string_view identity;
  std::string_view web_page;

  std::string_view player() const { return player_2.empty() ? player_1 : player_2; }
};

/// Reads entities, reusing its memory. Not thread-safe.
class EntityReader {
 public:
  /// The entities of two JSON columns; an empty column has none. Good until the next call.
  /// Error::invalid if a column is not of the form above.
  Result<Entities> read(std::string_view contexts, std::string_view derived_contexts);

  /// The ids among them. Views, good until the next call of read() or ids().
  Identifiers ids(const Entities& entities, std::string_view user_id,
                  std::string_view domain_userid, std::string_view network_userid);

 private:
  static Status read_column(std::string_view name, std::string_view json, json::Document& column,
                            Entities& entities);
  std::string string_of(std::string_view object, std::string_view property);

  json::Document contexts_;
  json::Document derived_contexts_;
  json::Parser parser_;
  std::string snowplow_id_;
  std::string client_user_id_;
  std::string page_view_id_;
  std::string play_id_;
};

}  // namespace lvp
