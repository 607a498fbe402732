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

  // Their properties that records and ids are made of, as JSON.
  std::string_view position_2;  ///< currentTime of player_2
  std::string_view position_1;  ///< currentTime of player_1
  std::string_view play_id;     ///< mediaSessionId of session
  std::string_view ads_clicked;
  std::string_view ads_skipped;
  std::string_view ad_id;           ///< adId of ad
  std::string_view client_user_id;  ///< userId of client_session
  std::string_view snowplow_id;     ///< snowplowId of identity
  std::string_view snowplow_id_2;   ///< snowplow_id of identity
  std::string_view page_view_id;    ///< id of web_page

  std::string_view player() const { return player_2.empty() ? player_1 : player_2; }
  std::string_view position() const { return player_2.empty() ? position_1 : position_2; }
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
  // The text of a JSON string, viewing it or `unescaped`; empty if it is none.
  std::string_view text_of(std::string_view json, std::string& unescaped);

  json::Document contexts_;
  json::Document derived_contexts_;
  json::Parser parser_;
  std::string snowplow_id_;
  std::string client_user_id_;
  std::string page_view_id_;
  std::string play_id_;
};

}  // namespace lvp
