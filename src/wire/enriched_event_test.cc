#include "wire/enriched_event.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

namespace lvp {
namespace {

TEST(EnrichedEvent, ColumnsStandWhereEnrichPutsThem) {
  const struct {
    std::size_t index;
    std::string_view name;
  } rows[] = {{0, "app_id"},           {6, "event_id"},           {12, "user_id"},
              {15, "domain_userid"},   {52, "contexts"},          {58, "unstruct_event"},
              {77, "useragent"},       {119, "dvce_sent_tstamp"}, {122, "derived_contexts"},
              {124, "derived_tstamp"}, {126, "event_name"},       {130, "true_tstamp"}};
  for (const auto& row : rows) EXPECT_EQ(info(static_cast<Column>(row.index)).name, row.name);
  EXPECT_EQ(info(Column::page_url).units_max, 10000u);
  EXPECT_EQ(info(Column::v_tracker).units_max, 100u);
  EXPECT_EQ(info(Column::br_viewwidth).type, ColumnType::integer);
  EXPECT_EQ(info(Column::contexts).units_max, 0u);
}

TEST(EnrichedEvent, NothingSetIs130Tabs) {
  EXPECT_EQ(EnrichedEvent().tsv(), std::string(130, '\t'));
}

TEST(EnrichedEvent, ParsesWhatItPrints) {
  EnrichedEvent event;
  event[Column::app_id] = "tv";
  event[Column::event_name] = "play_event";
  event[Column::true_tstamp] = "2025-01-01 01:02:03.000";
  const std::string line = event.tsv();
  EXPECT_EQ(std::ranges::count(line, '\t'), 130);
  const auto view = EnrichedView::parse(line);
  ASSERT_TRUE(view);
  EXPECT_EQ((*view)[Column::app_id], "tv");
  EXPECT_EQ((*view)[Column::event_name], "play_event");
  EXPECT_EQ((*view)[Column::true_tstamp], "2025-01-01 01:02:03.000");
  EXPECT_EQ((*view)[Column::platform], "");
}

TEST(EnrichedEvent, AViewThatWasNotParsedHasEmptyColumns) {
  const EnrichedView view;
  for (std::size_t i = 0; i < column_count; ++i) EXPECT_EQ(view[static_cast<Column>(i)], "");
}

TEST(EnrichedEvent, ClearedIsLikeNew) {
  EnrichedEvent event;
  for (std::size_t i = 0; i < column_count; ++i)
    event[static_cast<Column>(i)] = std::string(i * 1000, 'x');
  event.clear();
  EXPECT_EQ(event.tsv(), EnrichedEvent().tsv());
  event[Column::app_id] = "tv";
  event[Column::true_tstamp] = "2025-01-01 01:02:03.000";
  EXPECT_EQ(event.tsv(), "tv" + std::string(130, '\t') + "2025-01-01 01:02:03.000");
}

TEST(EnrichedEvent, TouchedColumnsComeInOrder) {
  EnrichedEvent event;
  for (const Column column : {Column::true_tstamp, Column::app_id, Column::dvce_type,
                              Column::pp_xoffset_max, Column::app_id})
    event[column] = "x";
  std::vector<Column> touched;
  event.for_each_touched([&](Column column) { touched.push_back(column); });
  EXPECT_EQ(touched, (std::vector{Column::app_id, Column::pp_xoffset_max, Column::dvce_type,
                                  Column::true_tstamp}));
}

TEST(EnrichedEvent, RowsOfSnowplowMicroReadAndPrintedAreTheSame) {
  std::ifstream file(LVP_TEST_DATA "/bugs_bunny.tsv");
  std::size_t count = 0;
  for (std::string line; std::getline(file, line); ++count) {
    const auto view = EnrichedView::parse(line);
    ASSERT_TRUE(view) << view.error().what;
    EnrichedEvent event;
    for (std::size_t i = 0; i < column_count; ++i) {
      const auto column = static_cast<Column>(i);
      event[column] = (*view)[column];
    }
    EXPECT_EQ(event.tsv(), line);
  }
  EXPECT_EQ(count, 22u);
}

TEST(EnrichedEvent, RefusesAnyOtherNumberOfColumns) {
  EXPECT_EQ(EnrichedView::parse("a\tb\tc\td").error().what,
            "Cannot parse tsv event - wrong number of fields provided: 4");
  EXPECT_FALSE(EnrichedView::parse(std::string(131, '\t')));
  EXPECT_FALSE(EnrichedView::parse(""));
}

}  // namespace
}  // namespace lvp
