// Media records of a player that pings every 5 s, for the profile stage.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace lvp::tests {

struct RecordOf {
  std::string_view kind;    ///< "play", "ping", …
  std::string_view viewer;  ///< also the device
  std::string event_id;
  std::string_view ad_id = "0";  ///< as JSON
  Timestamp at;                  ///< created, sent and collected
};

inline std::string media_record(const RecordOf& of) {
  const std::string now = iso_text(of.at);
  const std::string viewer(of.viewer);
  return R"({"collector_tstamp":")" + now + R"(","event_id":")" + of.event_id +
         R"(","event_name":")" + std::string(of.kind) + R"(_event","viewer_id":")" + viewer +
         R"(","adsClicked":0,"adsSkipped":0,"adId":)" + std::string(of.ad_id) +
         R"(,"video_ts":1,"event_vendor":"com.snowplowanalytics.snowplow.media","device_key":")" +
         viewer + R"(","domain_userid":")" + viewer + R"(","dvce_created_tstamp":")" + now +
         R"(","dvce_sent_tstamp":")" + now +
         R"(","player":{"currentTime":1,"paused":false,"ended":false},)" +
         R"("session":{"mediaSessionId":"s","pingInterval":5}})";
}

}  // namespace lvp::tests
