// Which files bypass the page cache of the system.
//
// A file of records is written once when a buffer is full and once more when it is sorted in, and
// then hardly ever read: consumers have what is recent in memory. A copy of it in the page cache
// would cost time, and push out what is read. Rows of tables are read soon after they were written,
// so their files stay in the cache.
#pragma once

#include <rocksdb/file_system.h>
#include <rocksdb/listener.h>

#include <memory>
#include <set>
#include <string>

#include "base/mutex.h"

namespace lvp::rocks {

/// The folder's file system takes writes past the page cache: not all do. Tried with a file.
bool takes_direct_writes(rocksdb::FileSystem& disk, const std::string& folder);

/// A file system that writes past the page cache only what it was told to.
class DirectFiles final : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;

  /// Until forget() a file of that name is to be written so, if whoever opens it allows it.
  void expect(const std::string& path);
  void forget(const std::string& path);

  const char* Name() const override { return "DirectFiles"; }
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;

 private:
  Mutex mutex_;
  std::set<std::string> expected_ GUARDED_BY(mutex_);
};

/// Tells DirectFiles of the files of one column family. RocksDB says whose a file will be before it
/// opens it, and in the file's name it does not.
class DirectFamily final : public rocksdb::EventListener {
 public:
  DirectFamily(std::string family, std::shared_ptr<DirectFiles> files)
      : family_(std::move(family)), files_(std::move(files)) {}

  void OnTableFileCreationStarted(const rocksdb::TableFileCreationBriefInfo& info) override {
    if (info.cf_name == family_) files_->expect(info.file_path);
  }
  void OnTableFileCreated(const rocksdb::TableFileCreationInfo& info) override {
    files_->forget(info.file_path);
  }

 private:
  const std::string family_;
  const std::shared_ptr<DirectFiles> files_;
};

}  // namespace lvp::rocks
