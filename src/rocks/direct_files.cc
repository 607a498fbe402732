#include "rocks/direct_files.h"

#include <algorithm>
#include <cstdlib>

namespace lvp::rocks {

bool takes_direct_writes(rocksdb::FileSystem& disk, const std::string& folder) {
  const std::string path = folder + "/direct.probe";
  rocksdb::FileOptions options;
  options.use_direct_writes = true;
  std::unique_ptr<rocksdb::FSWritableFile> file;
  rocksdb::IOStatus status = disk.NewWritableFile(path, options, &file, nullptr);
  if (status.ok()) {
    const std::size_t block = file->GetRequiredBufferAlignment();
    const std::unique_ptr<char, decltype(&std::free)> zeros(
        static_cast<char*>(std::aligned_alloc(block, block)), &std::free);
    std::fill_n(zeros.get(), block, '\0');
    status = file->PositionedAppend({zeros.get(), block}, 0, {}, nullptr);
    if (const auto closed = file->Close({}, nullptr); status.ok()) status = closed;
  }
  (void)disk.DeleteFile(path, {}, nullptr);
  return status.ok();
}

void DirectFiles::expect(const std::string& path) {
  MutexLock lock(mutex_);
  expected_.insert(path);
}

void DirectFiles::forget(const std::string& path) {
  MutexLock lock(mutex_);
  expected_.erase(path);
}

rocksdb::IOStatus DirectFiles::NewWritableFile(const std::string& path,
                                               const rocksdb::FileOptions& options,
                                               std::unique_ptr<rocksdb::FSWritableFile>* file,
                                               rocksdb::IODebugContext* debug) {
  rocksdb::FileOptions as_told = options;
  {
    MutexLock lock(mutex_);
    as_told.use_direct_writes &= expected_.contains(path);
  }
  return target()->NewWritableFile(path, as_told, file, debug);
}

}  // namespace lvp::rocks
