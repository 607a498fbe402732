#include "collect/settings.h"

#include <gtest/gtest.h>

namespace lvp::collect {
namespace {

TEST(Settings, DefaultsAndUsualChoicesWork) {
  Settings settings;
  EXPECT_TRUE(check(settings));
  settings.cookie->client_name = "sp_client";
  settings.cookie->domains = {"shop.example", "localhost"};
  settings.cookie->fallback_domain = "shop.example";
  settings.do_not_track = DoNotTrack{.name = "dnt", .value = nullptr};
  settings.root = RootResponse{.status = 599, .headers = {{"X-A", "b\tc"}}, .body = "x"};
  settings.bounce.emplace().forwarded_protocol_header = "X-Forwarded-Proto";
  settings.redirects = Redirects{.hosts = {"*", "a.example", "[::1]"}, .macro = "${SP_NUID}"};
  settings.paths = {{"/com.acme/track", "/com.snowplowanalytics.snowplow/tp2"}, {"/a/i", "/i"}};
  settings.hsts_max_age = std::chrono::seconds(0);
  settings.preflight_max_age = std::chrono::seconds(-1);
  settings.preflight_headers = {"traceparent"};
  EXPECT_TRUE(check(settings));
  settings.bounce.reset();
  settings.cookie.reset();
  EXPECT_TRUE(check(settings));
}

TEST(Settings, WhatCannotWorkIsNamed) {
  using Change = void (*)(Settings&);
  struct Row {
    std::string_view field;
    Change change;
  };
  const Row rows[] = {
      {"cookie.name: \"\"", [](Settings& s) { s.cookie->name = ""; }},
      {"cookie.name: \"a b\"", [](Settings& s) { s.cookie->name = "a b"; }},
      {"cookie.name: \"a=\"", [](Settings& s) { s.cookie->name = "a="; }},
      {"cookie.client_name: \"a;\"", [](Settings& s) { s.cookie->client_name = "a;"; }},
      {"cookie.client_name: \"sp\"", [](Settings& s) { s.cookie->client_name = "sp"; }},
      {"cookie.lifetime: \"0s\"", [](Settings& s) { s.cookie->lifetime = Duration(0); }},
      {"cookie.domains: \".a.example\"", [](Settings& s) { s.cookie->domains = {".a.example"}; }},
      {"cookie.domains: \"\"", [](Settings& s) { s.cookie->domains = {"a", ""}; }},
      {"cookie.domains: \"a:80\"", [](Settings& s) { s.cookie->domains = {"a:80"}; }},
      {"cookie.fallback_domain: \"a.example,b.example\"",
       [](Settings& s) { s.cookie->fallback_domain = "a.example,b.example"; }},  // H16
      {"do_not_track.name: \"\"", [](Settings& s) { s.do_not_track.emplace(); }},
      {"root.status: \"99\"", [](Settings& s) { s.root.emplace().status = 99; }},
      {"root.status: \"600\"", [](Settings& s) { s.root.emplace().status = 600; }},
      {"root.headers: \"a b\"", [](Settings& s) { s.root.emplace().headers = {{"a b", ""}}; }},
      {"root.headers: \"A\"", [](Settings& s) { s.root.emplace().headers = {{"A", "\r\nB: c"}}; }},
      {"bounce.name: \"a&b\"", [](Settings& s) { s.bounce.emplace().name = "a&b"; }},
      {"bounce.fallback_network_userid: \"x\"",
       [](Settings& s) { s.bounce.emplace().fallback_network_userid = "x"; }},
      {"bounce.forwarded_protocol_header: \":\"",
       [](Settings& s) { s.bounce.emplace().forwarded_protocol_header = ":"; }},
      {"bounce: \"n3pc\"",
       [](Settings& s) {
         s.bounce.emplace();
         s.cookie.reset();
       }},
      {"redirects.hosts: \"\"", [](Settings& s) { s.redirects.emplace(); }},
      {"redirects.hosts: \"a:80\"", [](Settings& s) { s.redirects.emplace().hosts = {"a:80"}; }},
      {"redirects.hosts: \"http://a\"",
       [](Settings& s) { s.redirects.emplace().hosts = {"http://a"}; }},
      {"redirects.hosts: \"*.a\"", [](Settings& s) { s.redirects.emplace().hosts = {"*.a"}; }},
      {"paths: \"com.acme/track\"", [](Settings& s) { s.paths = {{"com.acme/track", "/a/b"}}; }},
      {"paths: \"/track\"", [](Settings& s) { s.paths = {{"/track", "/a/b"}}; }},
      {"paths: \"a/b\"", [](Settings& s) { s.paths = {{"/com.acme/track", "a/b"}}; }},
      {"hsts_max_age: \"-1\"", [](Settings& s) { s.hsts_max_age = std::chrono::seconds(-1); }},
      {"preflight_headers: \"a,b\"", [](Settings& s) { s.preflight_headers = {"a,b"}; }},
  };
  for (const Row& row : rows) {
    Settings settings;
    row.change(settings);
    const Status checked = check(settings);
    ASSERT_FALSE(checked) << row.field;
    EXPECT_EQ(checked.error().code, Error::Code::invalid);
    EXPECT_TRUE(checked.error().what.starts_with(row.field)) << checked.error().what;
  }
}

}  // namespace
}  // namespace lvp::collect
