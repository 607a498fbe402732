#include "net/files.h"

#include <gtest/gtest.h>

#include <array>

namespace lvp::net {
namespace {

embedded::File file(const char* name, std::string_view bytes) {
  return {name, bytes.data(), bytes.data() + bytes.size()};
}

const std::array table{
    file("index.html", "<html>"),    file("assets/app.js", "js"),   file("assets/app.css", "css"),
    file("logo.svg", "<svg/>"),      file("logo.png", "png"),       file("clip.mp4", "0123456789"),
    file("clip.webm", "webm"),       file("data.json", "{}"),       file("favicon.ico", "ico"),
    file("assets/a.woff2", "woff2"), file("assets/app.js.map", ""), file("other.bin", "bin"),
};

http::Response serve(std::string_view target, std::vector<http::Header> headers = {},
                     std::string_view method = "GET") {
  static const Files files(table);
  http::Request request;
  request.method = method;
  request.target = target;
  request.headers = std::move(headers);
  return files.serve(request);
}

std::string_view header(const http::Response& response, std::string_view name) {
  for (const auto& h : response.headers.list()) {
    if (h.name == name) return h.value;
  }
  return {};
}

TEST(Files, TypesByExtension) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"/index.html", "text/html; charset=utf-8"},
      {"/assets/app.js", "text/javascript; charset=utf-8"},
      {"/assets/app.css", "text/css; charset=utf-8"},
      {"/logo.svg", "image/svg+xml"},
      {"/logo.png", "image/png"},
      {"/clip.mp4", "video/mp4"},
      {"/clip.webm", "video/webm"},
      {"/data.json", "application/json"},
      {"/favicon.ico", "image/x-icon"},
      {"/assets/a.woff2", "font/woff2"},
      {"/assets/app.js.map", "application/json"},
      {"/other.bin", "application/octet-stream"},
  };
  for (const auto& [path, type] : rows) {
    const http::Response response = serve(path);
    EXPECT_EQ(response.status, 200) << path;
    EXPECT_EQ(header(response, "Content-Type"), type) << path;
  }
}

TEST(Files, NothingIsCopied) {
  EXPECT_EQ(serve("/clip.mp4").static_body.data(), table[5].begin);
}

TEST(Files, TheRootIsTheIndexAndQueriesDoNotMatter) {
  EXPECT_EQ(serve("/").static_body, "<html>");
  EXPECT_EQ(serve("/?a=b").static_body, "<html>");
}

TEST(Files, WhatIsNotThere) {
  for (const std::string_view path : {"/nothing", "/../index.html", "/assets", "/assets/", ""}) {
    EXPECT_EQ(serve(path).status, 404) << path;
  }
}

TEST(Files, OtherMethods) {
  const http::Response response = serve("/", {}, "POST");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(header(response, "Allow"), "GET, HEAD");
}

TEST(Files, Caching) {
  EXPECT_EQ(header(serve("/"), "Cache-Control"), "no-cache");
  EXPECT_EQ(header(serve("/assets/app.js"), "Cache-Control"),
            "public, max-age=31536000, immutable");
}

TEST(Files, EtagIsTheHashAndSavesSendingAgain) {
  // FNV-1a of nothing is its offset basis.
  EXPECT_EQ(header(serve("/assets/app.js.map"), "ETag"), "\"cbf29ce484222325\"");
  const std::string etag(header(serve("/"), "ETag"));
  for (const std::string& tags : {etag, "W/" + etag, "\"x\", " + etag, std::string("*")}) {
    const http::Response response = serve("/", {{"If-None-Match", tags}});
    EXPECT_EQ(response.status, 304) << tags;
    EXPECT_EQ(response.static_body, "") << tags;
    EXPECT_EQ(header(response, "ETag"), etag) << tags;
  }
  EXPECT_EQ(serve("/", {{"If-None-Match", "\"x\""}}).status, 200);
}

TEST(Files, Ranges) {
  const struct {
    std::string_view range;
    int status;
    std::string_view body;
    std::string_view content_range;
  } rows[] = {
      {"bytes=0-0", 206, "0", "bytes 0-0/10"},
      {"bytes=2-4", 206, "234", "bytes 2-4/10"},
      {"bytes=7-", 206, "789", "bytes 7-9/10"},
      {"bytes=7-99", 206, "789", "bytes 7-9/10"},
      {"bytes=0-99999999999999999999", 206, "0123456789", "bytes 0-9/10"},
      {"bytes=-3", 206, "789", "bytes 7-9/10"},
      {"bytes=-30", 206, "0123456789", "bytes 0-9/10"},
      {"bytes=10-", 416, "", "bytes */10"},
      {"bytes=99999999999999999999-", 416, "", "bytes */10"},
      {"bytes=-0", 416, "", "bytes */10"},
      {"bytes=4-2", 200, "0123456789", ""},
      {"bytes=0-1,4-5", 200, "0123456789", ""},
      {"bytes=-", 200, "0123456789", ""},
      {"bytes=a-b", 200, "0123456789", ""},
      {"items=0-1", 200, "0123456789", ""},
      {"", 200, "0123456789", ""},
  };
  for (const auto& row : rows) {
    const http::Response response = serve("/clip.mp4", {{"Range", row.range}});
    EXPECT_EQ(response.status, row.status) << row.range;
    EXPECT_EQ(response.static_body, row.body) << row.range;
    EXPECT_EQ(header(response, "Content-Range"), row.content_range) << row.range;
  }
  EXPECT_EQ(header(serve("/clip.mp4"), "Accept-Ranges"), "bytes");
}

TEST(Files, ARangeOfAnotherVersionOrForHeadIsIgnored) {
  const std::string etag(header(serve("/clip.mp4"), "ETag"));
  EXPECT_EQ(serve("/clip.mp4", {{"Range", "bytes=0-1"}, {"If-Range", etag}}).status, 206);
  EXPECT_EQ(serve("/clip.mp4", {{"Range", "bytes=0-1"}, {"If-Range", "\"x\""}}).status, 200);
  EXPECT_EQ(serve("/clip.mp4", {{"Range", "bytes=0-1"}}, "HEAD").status, 200);
}

}  // namespace
}  // namespace lvp::net
