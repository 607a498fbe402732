#include "stages/fill.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/unit_of_work.h"
#include "profile/codec.h"
#include "profile/notation.h"
#include "store/memory.h"

namespace lvp::stages {
namespace {

using profile::notation::at;

// So many viewers, of whom each plays on a device of its own.
void put_viewers(store::Table& devices, int viewers) {
  UnitOfWork unit;
  for (int i = 0; i < viewers; ++i) {
    MediaEvent event = profile::notation::read("0 play@0 dur=600")[0];
    event.device_key = "device " + std::to_string(i);
    event.viewer = "viewer " + std::to_string(i);
    profile::Device device;
    apply(device, event, event.collected);
    EXPECT_TRUE(devices.put(unit, event.device_key, encode(device)));
  }
  EXPECT_TRUE(unit.commit());
}

TEST(Fill, EveryStoredDeviceIsOnTheBoardAndNoNews) {
  for (const int viewers : {0, 1, 256, 1000}) {
    const auto store = store::make_memory_store();
    const auto devices = *store->table("devices");
    put_viewers(*devices, viewers);
    live::Board board;
    ASSERT_TRUE(fill(board, *devices));
    EXPECT_EQ(board.counts(at(0)).viewers, static_cast<std::size_t>(viewers));
    EXPECT_EQ(board.find("viewer 0") != nullptr, viewers > 0);
    const auto changes = board.take_changes();
    EXPECT_TRUE(changes.viewers.empty());
    EXPECT_TRUE(changes.statuses.empty());
  }
}

TEST(Fill, DamagedRowsAreCorrupt) {
  const auto store = store::make_memory_store();
  const auto devices = *store->table("devices");
  put_viewers(*devices, 1000);
  UnitOfWork unit;
  ASSERT_TRUE(devices->put(unit, "device 5", "no row"));
  ASSERT_TRUE(unit.commit());
  live::Board board;
  const Status filled = fill(board, *devices);
  ASSERT_FALSE(filled);
  EXPECT_EQ(filled.error().code, Error::Code::corrupt);
}

}  // namespace
}  // namespace lvp::stages
