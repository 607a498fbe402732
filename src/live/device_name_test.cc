#include "live/device_name.h"

#include <gtest/gtest.h>

namespace lvp::live {
namespace {

TEST(DeviceName, TellsPlatformAndBrowserOrSystem) {
  constexpr std::string_view webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
  const struct {
    std::string_view platform;
    std::string useragent;
    std::string_view expected;
  } cases[] = {
      {"web",
       "Mozilla/5.0 (X11; Linux x86_64) " + std::string(webkit) + " Chrome/131.0.0.0 Safari/537.36",
       "web · Chrome"},
      {"web",
       "Mozilla/5.0 (X11; Linux x86_64) " + std::string(webkit) +
           " HeadlessChrome/131.0.0.0 Safari/537.36",
       "web · Chrome"},
      {"web",
       "Mozilla/5.0 (Windows NT 10.0; Win64; x64) " + std::string(webkit) +
           " Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
       "web · Edge"},
      {"web",
       "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:133.0) Gecko/20100101 Firefox/133.0",
       "web · Firefox"},
      {"web",
       "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
       "Version/18.1 Safari/605.1.15",
       "web · Safari"},
      {"web",
       "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
       "Gecko) CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1",
       "web · Chrome"},
      {"mob", "Demo/1 CFNetwork/1568.200.51 Darwin/24.1.0", "mobile · iOS"},
      {"mob", "Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/UD1A.230803.041)",
       "mobile · Android"},
      {"tv", "Roku/DVP-14.0 (14.0.4.5555-55)", "TV · Roku"},
      {"web", "curl/8.0", "web"},
      {"", "Mozilla/5.0 Firefox/133.0", "Firefox"},
      {"pc", "", "pc"},
      {"", "", "unknown"},
  };
  for (const auto& [platform, useragent, expected] : cases) {
    EXPECT_EQ(device_name(platform, useragent), expected) << useragent;
  }
}

}  // namespace
}  // namespace lvp::live
