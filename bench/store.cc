// What it costs to keep records: append and commit, beside a bare file.
//
//   bench_store [--benchmark_filter=REGEX] …      (flags of Google Benchmark; TMPDIR on a disk)
//
// A step is one unit of work: so many records of 1 kB are appended to a stream and a row of a table
// is put, then all is committed. `rocks/plain` and `memory` are the engines; `rocks/durable` waits
// for the disk, as the collector does. `file/plain` writes the same bytes with one write(),
// `file/durable` follows it with fdatasync(). Times are of the wall: a sync is waiting.

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/temporary_folder.h"
#include "base/time.h"
#include "base/unit_of_work.h"
#include "bench/scratch.h"
#include "rocks/db.h"
#include "store/memory.h"
#include "store/rocks.h"
#include "store/store.h"
#include "stream/memory.h"
#include "stream/rocks.h"

namespace lvp::bench {
namespace {

constexpr std::size_t record_bytes = 1000;
constexpr std::size_t keys = 10'000;

// Bytes that do not compress to nothing.
std::string record(std::uint64_t seed) {
  std::string bytes;
  for (std::uint64_t x = seed * 2 + 1; bytes.size() < record_bytes;) {
    x = x * 6364136223846793005u + 1442695040888963407u;
    bytes += static_cast<char>('!' + (x >> 33) % 90);
  }
  return bytes;
}

std::vector<stream::Entry> entries(std::size_t count, std::uint64_t& serial) {
  std::vector<stream::Entry> made;
  for (std::size_t i = 0; i < count; ++i, ++serial) {
    made.push_back({std::to_string(serial % keys), record(serial)});
  }
  return made;
}

void count(benchmark::State& state) {
  const auto records = state.iterations() * state.range(0);
  state.SetItemsProcessed(records);
  state.SetBytesProcessed(records * static_cast<std::int64_t>(record_bytes));
}

template <class NewUnit>
void keep(benchmark::State& state, stream::Stream& stream, store::Store& store, bool durable,
          NewUnit new_unit) {
  const auto writer = must(stream.writer());
  const auto table = must(store.table("rows"));
  std::uint64_t serial = 0;
  for ([[maybe_unused]] const auto _ : state) {
    state.PauseTiming();
    auto made = entries(static_cast<std::size_t>(state.range(0)), serial);
    state.ResumeTiming();
    const std::unique_ptr<UnitOfWork> unit = new_unit();
    if (durable) unit->durably();
    must(writer->append(*unit, std::move(made)));
    must(table->put(*unit, std::to_string(serial % keys), "where it has come to"));
    must(unit->commit());
  }
  count(state);
}

void rocks(benchmark::State& state, bool durable) {
  const TemporaryFolder folder;
  const auto db = must(rocks::Db::open(folder.path() + "/db"));
  const auto stream = must(stream::RocksStream::open(*db, "records", {}, system_clock()));
  keep(state, *stream, *store::make_rocks_store(*db), durable, [&db] { return db->unit(); });
}

// Nobody reads, so that the oldest records make room.
void memory(benchmark::State& state) {
  const auto stream = stream::make_memory_stream("records", {}, system_clock());
  keep(state, *stream, *store::make_memory_store(), false,
       [] { return std::make_unique<UnitOfWork>(); });
}

void file(benchmark::State& state, bool durable) {
  const TemporaryFolder folder;
  const int opened = open((folder.path() + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (opened < 0) throw std::runtime_error("no file");
  std::uint64_t serial = 0;
  for ([[maybe_unused]] const auto _ : state) {
    state.PauseTiming();
    std::string bytes;
    for (const auto& [key, value] : entries(static_cast<std::size_t>(state.range(0)), serial)) {
      bytes += value;
    }
    state.ResumeTiming();
    if (write(opened, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
        (durable && fdatasync(opened) != 0)) {
      throw std::runtime_error("the file cannot be written");
    }
  }
  close(opened);
  count(state);
}

void sizes(benchmark::internal::Benchmark* made) {
  made->Arg(1)->Arg(100)->UseRealTime();
}

BENCHMARK_CAPTURE(rocks, plain, false)->Apply(sizes);
BENCHMARK_CAPTURE(rocks, durable, true)->Apply(sizes);
BENCHMARK(memory)->Apply(sizes);
BENCHMARK_CAPTURE(file, plain, false)->Apply(sizes);
BENCHMARK_CAPTURE(file, durable, true)->Apply(sizes);

}  // namespace
}  // namespace lvp::bench

BENCHMARK_MAIN();
