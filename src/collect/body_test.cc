#include "collect/body.h"

#include <gtest/gtest.h>

#include "collect/ascii.h"
#include "collect/charset.h"
#include "collect/test_requests.h"

namespace lvp::collect {
namespace {

using namespace std::string_view_literals;

// printf hello | gzip -n
constexpr std::string_view gzip_hello =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\x07\x00\x86\xa6\x10\x36\x05\x00\x00\x00"sv;
// printf '\357\273\277h\351' | gzip -n: a byte order mark, then a byte that is no UTF-8
constexpr std::string_view gzip_marked =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x7b\xbf\x7b\x7f\xc6\x4b\x00\xd6\x6c\x25\x1c\x05\x00\x00\x00"sv;

TEST(Body, ComesOutOfItsCoding) {
  struct Row {
    Headers headers;
    std::string_view received, text;
    bool was_compressed;
  };
  const Row rows[] = {
      {{}, "{}", "{}", false},
      {{}, "", "", false},
      {{{"Content-Encoding", "identity"}}, "{}", "{}", false},
      {{{"Content-Encoding", ""}}, "{}", "{}", false},
      {{{"content-encoding", "GZIP"}}, gzip_hello, "hello", true},
      {{{"Content-Encoding", "x-gzip"}}, gzip_hello, "hello", true},
      {{{"Content-Encoding", "identity, gzip "}}, gzip_hello, "hello", true},
      {{{"Content-Encoding", "gzip"}}, gzip_marked, "h\xef\xbf\xbd", true},
  };
  for (const Row& row : rows) {
    const http::Request request = make("POST", "/a/b", row.headers, row.received);
    const auto body = read_body(request, "", 5);
    ASSERT_TRUE(body);
    EXPECT_EQ(body->text(), row.text);
    EXPECT_EQ(body->was_compressed, row.was_compressed);
    EXPECT_EQ(recorded(run(request)).body, row.text);
  }
}

TEST(Body, ThatCannotBeDecodedIsRefusedSoThatThePageSeesIt) {
  struct Row {
    Headers headers;
    std::string_view body;
    std::size_t bytes_max;
    int status;
  };
  const Row rows[] = {
      {{{"Content-Encoding", "gzip"}}, "hello", 100, 400},
      {{{"Content-Encoding", "gzip"}}, gzip_hello.substr(0, 20), 100, 400},
      {{{"Content-Encoding", "gzip"}}, "", 100, 400},
      {{{"Content-Encoding", "gzip"}}, gzip_hello, 4, 413},
      {{{"Content-Encoding", "br"}}, "hello", 100, 415},
      {{{"Content-Encoding", "gzip, gzip"}}, gzip_hello, 100, 415},
      {{{"Content-Encoding", "gzip"}, {"Content-Encoding", "gzip"}}, gzip_hello, 100, 415},
  };
  for (const Row& row : rows) {
    Settings settings;
    settings.body_bytes_max = row.bytes_max;
    Headers headers = row.headers;
    headers.push_back({"Origin", "https://shop.example"});
    const Accepted accepted = run(make("POST", "/a/b", headers, row.body), settings);
    EXPECT_EQ(accepted.response.status, row.status);
    EXPECT_EQ(accepted.route, Route::post);
    EXPECT_TRUE(accepted.raw.empty());
    EXPECT_TRUE(accepted.bad.empty());
    EXPECT_TRUE(values(accepted.response, "Set-Cookie").empty());
    EXPECT_EQ(values(accepted.response, "Access-Control-Allow-Origin"),
              Values{"https://shop.example"});
    EXPECT_EQ(values(accepted.response, "Accept-Encoding").size(), row.status == 415 ? 1u : 0u);
  }
  // Nobody reads the body of a GET.
  EXPECT_EQ(run(make("GET", "/i", {{"Content-Encoding", "br"}}, "hello")).response.status, 200);
}

TEST(Body, IsUtf8WhateverItWas) {
  struct Row {
    std::string_view charset, received, text;
  };
  const Row rows[] = {
      {"", "caf\xc3\xa9", "caf\xc3\xa9"},
      {"", "\xef\xbb\xbf{}", "{}"},
      {"utf-8", "\xef\xbb\xbf{}", "{}"},
      {"", "a\xff", "a\xef\xbf\xbd"},
      {"", "\xef\xbb\xbf\xff", "\xef\xbf\xbd"},
      {"iso-8859-1", "caf\xe9", "caf\xc3\xa9"},
      {"latin1", "\xa4", "\xc2\xa4"},
      {"iso-8859-15", "\xa4", "\xe2\x82\xac"},
      {"windows-1252", "\x80\x81", "\xe2\x82\xac\xef\xbf\xbd"},  // 0x81 is not assigned
      {"windows-1251", "\xcf", "\xd0\x9f"},
      {"windows-1258", "e\xec", "\xc3\xa9"},  // its letters wait for their accents
      {"windows-1258", "e", "e"},
      {"koi8-r", "\xf0", "\xd0\x9f"},
      {"utf-16", "\0{\0}"sv, "{}"},
      {"utf-16", "\xfe\xff\0{"sv, "{"},
      {"utf-16", "\xff\xfe{\0"sv, "{"},
      {"utf-16le", "{\0"sv, "{"},
      {"utf-16be", "\xd8\x3d\xde\x00"sv, "\xf0\x9f\x98\x80"},
      {"utf-16be", "\xd8\x3d\0x"sv, "\xef\xbf\xbdx"},  // half a pair
      {"utf-16be", "\0x\0"sv, "x\xef\xbf\xbd"},        // half a character
      {"utf-32", "\xff\xfe\0\0{\0\0\0"sv, "{"},
      {"utf-32be", "\0\0\0{"sv, "{"},
      {"shift_jis", "\x83\x65", "\xe3\x83\x86"},
      {"x-unknown", "caf\xc3\xa9\xff", "caf\xc3\xa9\xef\xbf\xbd"},
      {"utf-7", "+AOk-", "+AOk-"},  // known to iconv, not to us
      {"iso-8859-99", "\xe9", "\xef\xbf\xbd"},
      {"../../tmp/x", "{}", "{}"},
  };
  for (const Row& row : rows) {
    const auto body = read_body(make("POST", "/a/b", {}, row.received), row.charset, 0);
    ASSERT_TRUE(body);
    EXPECT_EQ(body->text(), row.text) << row.charset;
  }
  const std::string long_text(10'000, '\xe9');
  EXPECT_EQ(utf8_from("iso-8859-1", long_text)->size(), 2 * long_text.size());
}

TEST(Body, CharsetIsThatOfTheContentType) {
  const Accepted accepted = run(
      make("POST", "/a/b", {{"Content-Type", "text/plain; Charset=\"ISO-8859-1\""}}, "caf\xe9"));
  EXPECT_EQ(recorded(accepted).body, "caf\xc3\xa9");
  EXPECT_EQ(recorded(accepted).content_type, "text/plain; charset=iso-8859-1");
}

TEST(Body, AsciiIsFoundAtEveryLength) {
  for (std::size_t size = 0; size <= 40; ++size) {
    const std::string plain(size, 'x');
    EXPECT_TRUE(is_ascii(plain));
    EXPECT_TRUE(is_utf8_text(plain));
    for (std::size_t at = 0; at < size; ++at) {
      std::string text = plain;
      text[at] = '\xe9';
      EXPECT_EQ(ascii_prefix(text), at);
      EXPECT_FALSE(is_ascii(text));
      EXPECT_FALSE(is_utf8_text(text));
      text.replace(at, 1, "\xf0\x9f\x98\x80");
      EXPECT_TRUE(is_utf8_text(text));
      text.pop_back();
      EXPECT_EQ(is_utf8_text(text), at + 1 < size);
    }
  }
}

}  // namespace
}  // namespace lvp::collect
