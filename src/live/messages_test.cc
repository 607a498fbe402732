#include "live/messages.h"

#include <fstream>
#include <initializer_list>
#include <iterator>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "live/board.h"
#include "live/made_up.h"
#include "wire/json.h"

namespace lvp::live {
namespace {

using made_up::at;
using enum profile::State;

// A viewer with everything (an ad on, two devices, a login), and one of whom next to nothing is
// known.
std::vector<profile::Profile> profiles() {
  profile::Play film = made_up::play("p1", "anna", playing_ad, at(10));
  profile::Session& session = film.session;
  session.runs.push_back(
      {.label = "Big \"Buck\" Bunny", .duration_s = 600, .since = at(0), .watched = {}});
  session.position_s = 29.5;
  session.position_at = at(9);
  session.duration_s = 600;
  session.rate = 1.5;
  session.platform = "web";
  session.useragent = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";
  session.ad->id = "a1";
  session.ad->name = "Soap";
  session.ad->quartile = 25;
  profile::Profile laptop = made_up::profile("d1", 7, {film});
  laptop.clock_offset = std::chrono::seconds(-2);
  return {laptop, made_up::profile("d2", 3, {made_up::play("p2", "anna", paused, at(4))}),
          made_up::profile("d3", 1, {made_up::play("p3", "d3", ready, at(5))})};
}

void fill(Board& board) {
  for (const profile::Profile& profile : profiles()) board.apply(profile);
}

Frame frame(Board& board) {
  return {.seq = 17, .now = at(20), .counts = board.counts(at(20)), .stale = true};
}

constexpr std::string_view counts_text =
    R"("counts":{"viewers":2,"streams":1,"watching":1,"states":{"PLAYING":0,"PLAYING_AD":1,)"
    R"("BUFFERING":0,"SEEKING":0,"PAUSED":0,"AD_PAUSED":0,"READY":1,"ENDED":0,"FAILED":0}})";

constexpr std::string_view anna_text =
    R"({"viewer":"anna","state":"PLAYING_AD","status":"WATCHING_AD","since":1700000008000,)"
    R"("content":"Big \"Buck\" Bunny","position":29.5,"positionAt":1700000007000,"rate":1.5,)"
    R"("duration":600,"live":false,"device":"web · Firefox","platform":"web","sessions":2,)"
    R"("version":2,"user":true,"ad":{"id":"a1","name":"Soap","quartile":25},"sessionsList":[)"
    R"({"device":"d1","play":"p1","state":"PLAYING_AD","content":"Big \"Buck\" Bunny",)"
    R"("position":29.5,"duration":600},)"
    R"({"device":"d2","play":"p2","state":"PAUSED","content":"","position":null,"duration":null}]})";

constexpr std::string_view stranger_text =
    R"({"viewer":"d3","state":"READY","status":"WATCHING_VIDEO","since":1700000005000,"content":"",)"
    R"("position":null,"positionAt":1700000005000,"rate":1,"duration":null,"live":false,)"
    R"("device":"unknown","platform":"","sessions":1,"version":3,"user":false,"ad":null,)"
    R"("sessionsList":[{"device":"d3","play":"p3","state":"READY","content":"","position":null,)"
    R"("duration":null}]})";

// The grammar of the protocol, to the letter.
TEST(Messages, Snapshot) {
  Board board;
  fill(board);
  const auto viewers = board.list({.state = {}, .order = Board::Order::viewer});
  EXPECT_EQ(snapshot(frame(board), viewers), R"({"type":"snapshot","seq":17,"now":1700000020000,)" +
                                                 std::string(counts_text) + R"(,"viewers":[)" +
                                                 std::string(anna_text) + "," +
                                                 std::string(stranger_text) + R"(],"stale":true})");
}

TEST(Messages, Update) {
  Board board;
  fill(board);
  const Viewer* stranger = board.find("d3");
  const std::vector<std::string> gone{"d4", "d\"5"};
  EXPECT_EQ(update(frame(board), std::span(&stranger, 1), gone),
            R"({"type":"update","seq":17,"now":1700000020000,)" + std::string(counts_text) +
                R"(,"viewers":[)" + std::string(stranger_text) +
                R"(],"gone":["d4","d\"5"],"stale":true})");
}

TEST(Messages, ViewerList) {
  Board board;
  fill(board);
  EXPECT_EQ(viewer_list(board.list({.state = ready})),
            R"({"viewers":[)" + std::string(stranger_text) + "]}");
}

TEST(Messages, OnlyWhoLoggedInIsAUser) {
  struct Row {
    std::string viewer;
    bool user;
  };
  for (const Row& row : {Row{"anna", true}, Row{"device", false}, Row{"play", false}}) {
    Board board;
    board.apply(made_up::profile("device", 1, {made_up::play("play", row.viewer, playing, at(0))}));
    const Viewer* viewer = board.find(row.viewer);
    json::Parser parser;
    const auto list = parser.parse(viewer_list(std::span(&viewer, 1)));
    ASSERT_TRUE(list);
    const json::Value shown = *(*list)["viewers"].elements().begin();
    EXPECT_EQ(shown["user"].boolean(), row.user) << row.viewer;
  }
}

TEST(Messages, ListsTheBestPlaysOnly) {
  Board board;
  std::vector<profile::Play> plays{made_up::play("best", "v", playing, at(0))};
  for (std::size_t i = 0; i < plays_listed_max; ++i) {
    plays.push_back(made_up::play(std::to_string(i), "v", paused, at(1)));
  }
  board.apply(made_up::profile("d", 1, plays));
  const Viewer* viewer = board.find("v");
  json::Parser parser;
  const auto list = parser.parse(viewer_list(std::span(&viewer, 1)));
  ASSERT_TRUE(list);
  for (const json::Value row : (*list)["viewers"].elements()) {
    EXPECT_EQ(row["sessions"].integer(), 33);
    EXPECT_EQ(row["sessionsList"].size(), 32u);
    EXPECT_EQ((*row["sessionsList"].elements().begin())["play"].string(), "best");
  }
}

TEST(Messages, ViewerDetail) {
  json::Parser parser;
  const auto root = parser.parse(viewer_detail("anna", profiles(), at(20)));
  ASSERT_TRUE(root);
  EXPECT_EQ((*root)["viewer"].string(), "anna");
  EXPECT_EQ((*root)["state"].string(), "PLAYING_AD");
  std::string sessions;
  for (const json::Value session : (*root)["sessions"].elements()) {
    for (const std::string_view key : {"device", "play", "state", "since"}) {
      sessions += std::string(session[key].string().value_or("?")) + " ";
    }
  }
  EXPECT_EQ(sessions,
            "d1 p1 PLAYING_AD 2023-11-14T22:13:28.000Z d2 p2 PAUSED 2023-11-14T22:13:24.000Z ");
}

TEST(Messages, ViewerDetailOfOneWhoLeft) {
  profile::Play downloaded = made_up::play("p1", "ben", paused, at(1));
  downloaded.historic = true;
  const profile::Profile device =
      made_up::profile("d1", 2, {downloaded, made_up::play("p2", "ben", left, at(9))});
  json::Parser parser;
  const auto root = parser.parse(viewer_detail("ben", std::span(&device, 1), at(20)));
  ASSERT_TRUE(root);
  EXPECT_EQ((*root)["state"].string(), "LEFT");
  EXPECT_EQ((*root)["sessions"].size(), 2u);
}

TEST(Messages, History) {
  History points;
  Counts counts;
  counts.watching = 2;
  counts.in(playing) = 2;
  counts.in(failed) = 1;
  points.add(at(3.4), counts);
  EXPECT_EQ(
      history(points),
      R"({"points":[{"at":1700000003000,"watching":2,"states":{"PLAYING":2,"PLAYING_AD":0,)"
      R"("BUFFERING":0,"SEEKING":0,"PAUSED":0,"AD_PAUSED":0,"READY":0,"ENDED":0,"FAILED":1}}]})");
  EXPECT_EQ(history(History()), R"({"points":[]})");
}

// ---- The frames that the dashboard is tested with have the same shape ----

using Shape = std::map<std::string, std::set<std::string>>;  // path → types found there

void collect(const json::Value& value, const std::string& path, Shape& shape) {
  switch (value.type()) {
    case json::Type::absent:
    case json::Type::null:
      shape[path].insert("null");
      return;
    case json::Type::boolean:
      shape[path].insert("boolean");
      return;
    case json::Type::integer:
    case json::Type::number:
      shape[path].insert("number");
      return;
    case json::Type::string:
      shape[path].insert("string");
      return;
    case json::Type::array:
      shape[path].insert("array");
      for (const json::Value element : value.elements()) collect(element, path + "[]", shape);
      return;
    case json::Type::object:
      shape[path].insert("object");
      for (const json::Member member : value.members()) {
        collect(member.value, path + "." + std::string(member.key), shape);
      }
      return;
  }
}

// Of all these together: one example need not show everything.
Shape shape_of(std::initializer_list<std::string> texts) {
  json::Parser parser;
  Shape shape;
  for (const std::string& text : texts) {
    const auto root = parser.parse(text);
    if (root) collect(*root, "", shape);
  }
  // What may be null is so here and there; that it may is part of the protocol, not of an example.
  for (auto& [path, types] : shape) types.erase("null");
  return shape;
}

std::string file_text(const std::string& name) {
  std::ifstream file(std::string(LVP_TEST_DATA) + "/live/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Messages, GoldenFramesHaveOurShape) {
  Board board;
  fill(board);
  const auto viewers = board.list({});
  const std::vector<std::string> gone{"d4"};
  EXPECT_EQ(shape_of({file_text("snapshot.json"), file_text("update.json")}),
            shape_of({snapshot(frame(board), viewers), update(frame(board), viewers, gone)}));
}

}  // namespace
}  // namespace lvp::live
