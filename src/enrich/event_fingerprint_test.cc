#include "enrich/event_fingerprint.h"

#include "enrich/test_events.h"

namespace lvp::enrich {
namespace {

constexpr std::string_view config = "com.snowplowanalytics.snowplow/event_fingerprint_config/1-0-1";

EventFingerprint fingerprint(std::string_view function, std::string_view excluded = "") {
  return *EventFingerprint::load(configuration(
      config,
      fmt::format(R"({{"excludeParameters":[{}],"hashAlgorithm":"{}"}})", excluded, function)));
}

// Expected values are what coreutils' md5sum and its relatives say of
// "e\x1fse\x1fse_ac\x1fbuy\x1f".
TEST(EventFingerprint, HashesParametersByName) {
  const struct {
    std::string_view function, hash;
  } rows[] = {
      {"MD5", "6829c2021516783f1ef03a9e9736ac77"},
      {"SHA1", "00b058442f1f3a552fa1550b99ce5b8810a0ea75"},
      {"SHA256", "6698caf728ab1bf3ab9d1da032fc15608b78ac3368b398f0fb3f68969134a605"},
      {"SHA384",
       "184727a9620c6120aaaf82d8ea2ca495fb6bd5fe82b0079e3df23cabb3af2210a90d400cae535868558e36ba50"
       "5723cc"},
      {"SHA512",
       "5a334ce50bbdb1902ed246e879a4dcff7996b34177e508b0980eb5948c9eb482e94567be2fa0d56fbc40320252"
       "e669245968f0cfd51aac7eb6e5994427c51926"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(fingerprint(row.function).of({{"se_ac", "buy"}, {"e", "se"}}), row.hash);
}

TEST(EventFingerprint, LeavesOutWhatIsExcludedOrHasNoValue) {
  const EventFingerprint md5 = fingerprint("MD5", R"("stm","eid")");
  const std::string same = "6829c2021516783f1ef03a9e9736ac77";
  EXPECT_EQ(md5.of({{"stm", "1"}, {"e", "se"}, {"se_ac", "buy"}}), same);  // row 110
  EXPECT_EQ(md5.of({{"e", "pv"}, {"e", "se"}, {"se_ac", "buy"}, {"tv", std::nullopt}}), same);
  EXPECT_EQ(md5.of({{"uid", "1"}, {"e", "se"}, {"se_ac", "buy"}, {"uid", std::nullopt}}), same);
  EXPECT_NE(md5.of({{"e", "se"}, {"se_ac", "buy"}, {"tv", ""}}), same);
}

TEST(EventFingerprint, RefusesWhatItDoesNotKnow) {
  const auto error = [](std::string_view parameters) {
    return EventFingerprint::load(configuration(config, parameters)).error().what;
  };
  EXPECT_EQ(error(R"({"excludeParameters":[],"hashAlgorithm":"CRC"})"),
            "file.json: parameters.hashAlgorithm: hash function CRC is not supported");
  EXPECT_EQ(error(R"({"excludeParameters":[1],"hashAlgorithm":"MD5"})"),
            "file.json: parameters.excludeParameters: not all are texts");
  EXPECT_EQ(error(R"({"excludeParameters":[]})"),
            "file.json: parameters.hashAlgorithm: missing, or no text");
  EXPECT_EQ(error(R"({"exclude":[],"hashAlgorithm":"MD5"})"),
            "file.json: parameters.exclude: unknown");
}

TEST_F(Enrich, SetsTheFingerprint) {
  EXPECT_EQ(good(pixel({{"e", "se"}, {"se_ac", "buy"}}))[Column::event_fingerprint], "");
  use(config, R"({"excludeParameters":["eid"],"hashAlgorithm":"MD5"})");
  EXPECT_EQ(good(pixel({{"e", "se"}, {"se_ac", "buy"}}))[Column::event_fingerprint],
            "6829c2021516783f1ef03a9e9736ac77");
}

}  // namespace
}  // namespace lvp::enrich
