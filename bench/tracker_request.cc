#include "bench/tracker_request.h"

#include <fmt/format.h>

#include <algorithm>

namespace lvp::bench {
namespace {

// As long as what replaces them, and found nowhere else in a request.
constexpr std::string_view id_mark = "@@@@@@@@-@@@@-@@@@-@@@@-@@@@@@@@@@@@";
constexpr std::string_view time_mark = "#############";

// {0} device, {1} session of the browser, {2} play, {3} page view. Written as in the request: JSON,
// with JSON in the texts of ue_pr and co.
constexpr std::string_view event_json =
    R"({{"e":"ue","eid":"@@@@@@@@-@@@@-@@@@-@@@@-@@@@@@@@@@@@","tv":"js-4.6.6","tna":"sp1",)"
    R"("aid":"video","p":"web","cookie":"1","cs":"UTF-8","lang":"en-GB","res":"1920x1080",)"
    R"("cd":"24","tz":"Europe/Berlin","dtm":"#############","vp":"1280x720","ds":"1265x1810",)"
    R"("vid":"3","sid":"{1}","duid":"{0}","url":"https://video.example.com/watch/big-buck-bunny",)"
    R"("page":"Big Buck Bunny","ue_pr":"{{\"schema\":\"iglu:com.snowplowanalytics.snowplow)"
    R"(/unstruct_event/jsonschema/1-0-0\",\"data\":{{\"schema\":\"iglu:)"
    R"(com.snowplowanalytics.snowplow.media/ping_event/jsonschema/1-0-0\",\"data\":{{}}}}}}",)"
    R"("co":"{{\"schema\":\"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0\",)"
    R"(\"data\":[{{\"schema\":\"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0\",)"
    R"(\"data\":{{\"id\":\"{3}\"}}}},{{\"schema\":\"iglu:com.snowplowanalytics.snowplow/)"
    R"(media_player/jsonschema/2-0-0\",\"data\":{{\"currentTime\":121.5,\"paused\":false,)"
    R"(\"ended\":false,\"label\":\"Big Buck Bunny\",\"duration\":596,\"muted\":false,)"
    R"(\"volume\":80}}}},{{\"schema\":\"iglu:com.snowplowanalytics.snowplow.media/session/)"
    R"(jsonschema/1-0-0\",\"data\":{{\"mediaSessionId\":\"{2}\",\"pingInterval\":30}}}}]}}",)"
    R"("stm":"#############"}})";

constexpr std::string_view payload_json =
    R"({{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[{}]}})";

// {0} host, {1} bytes of the body, {2} network user id.
constexpr std::string_view head_text =
    "POST /com.snowplowanalytics.snowplow/tp2 HTTP/1.1\r\n"
    "Host: {0}\r\n"
    "Connection: keep-alive\r\n"
    "Content-Length: {1}\r\n"
    "sec-ch-ua-platform: \"Windows\"\r\n"
    "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36\r\n"
    "sec-ch-ua: \"Chromium\";v=\"131\", \"Not_A Brand\";v=\"24\"\r\n"
    "Content-Type: application/json; charset=UTF-8\r\n"
    "sec-ch-ua-mobile: ?0\r\n"
    "Accept: */*\r\n"
    "Origin: https://video.example.com\r\n"
    "Sec-Fetch-Site: cross-site\r\n"
    "Sec-Fetch-Mode: cors\r\n"
    "Sec-Fetch-Dest: empty\r\n"
    "Referer: https://video.example.com/\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Accept-Language: en-GB,en;q=0.9\r\n"
    "Cookie: sp={2}\r\n"
    "\r\n";

std::string new_text(Random& random) {
  std::string text(uuid_text_bytes, '\0');
  write_text(random_uuid(random), text.data());
  return text;
}

std::vector<std::size_t> places_of(std::string_view mark, std::string_view in) {
  std::vector<std::size_t> places;
  for (std::size_t at = in.find(mark); at != in.npos; at = in.find(mark, at + mark.size()))
    places.push_back(at);
  return places;
}

}  // namespace

Uuid random_uuid(Random& random) {
  Uuid uuid;
  for (std::size_t half = 0; half < uuid.size(); half += 8) {
    const std::uint64_t bits = random();
    for (unsigned i = 0; i < 8; ++i) uuid[half + i] = static_cast<std::uint8_t>(bits >> 8 * i);
  }
  uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0f) | 0x40);
  uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3f) | 0x80);
  return uuid;
}

void write_text(const Uuid& uuid, char* to) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *to++ = '-';
    *to++ = digits[uuid[i] >> 4];
    *to++ = digits[uuid[i] & 15];
  }
}

TrackerRequest::TrackerRequest(std::string_view host, std::size_t events, Random& random)
    : event_ids_(events) {
  const std::string event = fmt::format(event_json, new_text(random), new_text(random),
                                        new_text(random), new_text(random));
  const std::vector<std::string_view> batch(events, event);
  const std::string body = fmt::format(payload_json, fmt::join(batch, ","));
  bytes_ = fmt::format(head_text, host, body.size(), new_text(random)) + body;
  id_places_ = places_of(id_mark, bytes_);
  time_places_ = places_of(time_mark, bytes_);
}

void TrackerRequest::renew(Random& random, std::uint64_t now_ms) {
  for (std::size_t i = 0; i < event_ids_.size(); ++i) {
    event_ids_[i] = random_uuid(random);
    write_text(event_ids_[i], bytes_.data() + id_places_[i]);
  }
  std::array<char, time_mark.size()> now;
  for (std::size_t i = now.size(); i-- > 0; now_ms /= 10)
    now[i] = static_cast<char>('0' + now_ms % 10);
  for (const std::size_t place : time_places_) std::ranges::copy(now, bytes_.data() + place);
}

}  // namespace lvp::bench
