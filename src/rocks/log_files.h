// Where RocksDB's write-ahead logs lie on the disk.
//
// To make a byte durable behind the end of a file, a file system must also write where the end is
// now, in its journal, and that waits for whatever else is on its way there: a buffer of 32 MB that
// is written to a file meanwhile, at worst. To write over a byte that the file has already, it need
// not. So a log that is let go is filled with zeros and becomes the next log, as databases recycle
// theirs. RocksDB can do so itself, but not where it also promises that what a crash leaves is the
// state after some write (its point-in-time recovery): it would take what is left of the older log
// for writes.
//
// A log therefore ends at the first header of nothing but zeros, and is read no further. Whoever
// reads on with the next log must find nothing there that is newer than what is missing here: no
// log is begun before those that are open are durable.
#pragma once

#include <rocksdb/file_system.h>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace lvp::rocks {

/// One spelling of a path: RocksDB does not spell a folder the same way each time.
std::string normal(const std::string& path);

/// A file system, except that a log (`*.log`) is written over one that was let go (`*.blank`) where
/// there is one.
class LogFiles final : public rocksdb::FileSystemWrapper {
 public:
  /// So many are ready or being made ready. What is let go beyond that is removed.
  static constexpr std::size_t blanks_max = 4;

  /// `pace` is called before each portion of zeros is written, and may take its time.
  LogFiles(std::shared_ptr<rocksdb::FileSystem> disk, std::function<void(std::size_t bytes)> pace);
  ~LogFiles() override;

  /// From here on logs of `folder` are kept when they are let go. Those that another run kept are
  /// removed.
  void begin(const std::string& folder);
  /// How many logs are ready to be written over.
  std::size_t blanks();

  const char* Name() const override { return "LogFiles"; }
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

 private:
  class Log;

  std::string take_blank();
  rocksdb::IOStatus write_over(const std::string& blank, const std::string& log,
                               const rocksdb::FileOptions& options,
                               std::unique_ptr<rocksdb::FSWritableFile>* file);
  rocksdb::IOStatus sync_open();
  void closing(const std::string& path);
  void closed(const std::string& path);
  std::string next_to_fill(const std::stop_token& stop);
  void make_blanks(const std::stop_token& stop);
  rocksdb::IOStatus fill(const std::string& path, const std::stop_token& stop);

  const std::function<void(std::size_t)> pace_;
  Mutex mutex_;
  Condition changed_;
  bool keeping_ GUARDED_BY(mutex_) = false;
  // RocksDB lets go of a log before it closes it, and closing may cut the file.
  std::map<std::string, Log*> open_ GUARDED_BY(mutex_);  // nullptr while it closes
  std::set<std::string> let_go_ GUARDED_BY(mutex_);
  std::vector<std::string> blanks_ GUARDED_BY(mutex_);
  std::jthread filler_;
};

/// Where the content of a log ends, by RocksDB's format: blocks of 32 kB; in each, records with a
/// header of a checksum, a length and a type; behind them up to six bytes of nothing.
class LogEnd {
 public:
  static constexpr std::size_t block_bytes = 32 << 10;

  /// How many of the log's next bytes are content. They begin with a block.
  std::size_t content(std::string_view bytes);

 private:
  bool ended_ = false;
};

}  // namespace lvp::rocks
