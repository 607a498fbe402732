// crash_writer FOLDER: writes durable units until it is killed, and prints the number of each one
// that was acknowledged. Unit n appends three records "n" to the stream `left`, one to `right`,
// moves a reader of `left` past everything but what n appends, and puts n into the table `state`.
#include <unistd.h>

#include <cstdio>
#include <string>

#include "rocks/db.h"
#include "store/rocks.h"
#include "stream/rocks.h"

namespace lvp {
namespace {

Status write_for_ever(const std::string& folder) {
  LVP_TRY(const auto db, rocks::Db::open(folder));
  LVP_TRY(const auto left,
          stream::RocksStream::open(*db, "left", {.partitions = 1}, system_clock()));
  LVP_TRY(const auto right,
          stream::RocksStream::open(*db, "right", {.partitions = 1}, system_clock()));
  const auto store = store::make_rocks_store(*db);
  LVP_TRY(const auto table, store->table("state"));
  LVP_TRY(const auto to_left, left->writer());
  LVP_TRY(const auto to_right, right->writer());
  LVP_TRY(const auto reader, left->reader("group"));
  LVP_TRY(const auto stored, table->get("n"));
  for (std::uint64_t n = stored ? std::stoull(*stored) + 1 : 1;; ++n) {
    const std::string text = std::to_string(n);
    const auto unit = db->unit();
    LVP_DO(to_left->append(*unit, {{"a", text}, {"b", text}, {"c", text}}));
    LVP_DO(to_right->append(*unit, {{"a", text}}));
    LVP_TRY(const auto batch, reader->poll(100, Duration::zero()));
    if (!batch.records.empty()) LVP_DO(reader->commit(*unit, batch.end()));
    LVP_DO(table->put(*unit, "n", text));
    unit->durably();
    LVP_DO(unit->commit());
    if (::write(STDOUT_FILENO, (text + "\n").data(), text.size() + 1) < 0) return {};
  }
}

}  // namespace
}  // namespace lvp

int main(int, char** arguments) {
  const lvp::Status status = lvp::write_for_ever(arguments[1]);
  if (!status) std::fprintf(stderr, "crash_writer: %s\n", status.error().what.c_str());
  return 1;
}
