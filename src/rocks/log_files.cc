#include "rocks/log_files.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/thread_name.h"

namespace lvp::rocks {
namespace {

using rocksdb::IOStatus;

constexpr std::string_view log_suffix = ".log";
constexpr std::string_view blank_suffix = ".blank";

std::string blank_of(std::string log) {
  return log.replace(log.size() - log_suffix.size(), log_suffix.size(), blank_suffix);
}

// A log as it is read: up to where its content ends.
class Content final : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  using FSSequentialFileOwnerWrapper::FSSequentialFileOwnerWrapper;

  IOStatus Read(std::size_t size, const rocksdb::IOOptions& options, rocksdb::Slice* result,
                char* scratch, rocksdb::IODebugContext* debug) override {
    LVP_CHECK(size % LogEnd::block_bytes == 0);
    const IOStatus status = target()->Read(size, options, result, scratch, debug);
    if (!status.ok()) return status;
    *result = rocksdb::Slice(result->data(), end_.content({result->data(), result->size()}));
    return status;
  }

 private:
  LogEnd end_;
};

}  // namespace

std::string normal(const std::string& path) {
  return std::filesystem::path(path).lexically_normal().string();
}

std::size_t LogEnd::content(std::string_view bytes) {
  constexpr std::size_t header_bytes = 7;
  constexpr std::string_view nothing("\0\0\0\0\0\0\0", header_bytes);
  std::size_t at = 0;
  while (!ended_ && at < bytes.size()) {
    const std::string_view block = bytes.substr(at, block_bytes - at % block_bytes);
    if (block.size() < header_bytes) {  // or it is cut short, and RocksDB finds that
      at += block.size();
    } else if (block.starts_with(nothing)) {
      ended_ = true;
    } else {
      const std::size_t length = static_cast<unsigned char>(block[4]) +
                                 (std::size_t{static_cast<unsigned char>(block[5])} << 8);
      at += std::min(header_bytes + length, block.size());
    }
  }
  return at;
}

// A log as it is written.
class LogFiles::Log final : public rocksdb::FSWritableFileWrapper {
 public:
  Log(LogFiles& files, std::string path, std::unique_ptr<rocksdb::FSWritableFile> file, bool blank)
      : FSWritableFileWrapper(file.get()),
        files_(files),
        path_(std::move(path)),
        file_(std::move(file)),
        blank_(blank) {}
  ~Log() override {
    files_.closing(path_);
    file_.reset();
    files_.closed(path_);
  }

  IOStatus Close(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    files_.closing(path_);
    return file_->Close(options, debug);
  }

  // Or RocksDB asks for room that a blank has already, and cuts it off when it closes the file.
  void SetPreallocationBlockSize(std::size_t size) override {
    if (!blank_) file_->SetPreallocationBlockSize(size);
  }

 private:
  LogFiles& files_;
  const std::string path_;
  std::unique_ptr<rocksdb::FSWritableFile> file_;
  const bool blank_;
};

LogFiles::LogFiles(std::shared_ptr<rocksdb::FileSystem> disk,
                   std::function<void(std::size_t bytes)> pace)
    : FileSystemWrapper(std::move(disk)), pace_(std::move(pace)) {}

LogFiles::~LogFiles() {
  filler_.request_stop();
  MutexLock lock(mutex_);
  changed_.notify_all();
}

void LogFiles::begin(const std::string& folder) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    if (entry.path().extension() == blank_suffix) std::filesystem::remove(entry.path(), failed);
  }
  {
    MutexLock lock(mutex_);
    keeping_ = true;
  }
  filler_ = std::jthread([this](const std::stop_token& stop) { make_blanks(stop); });
}

IOStatus LogFiles::NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                   std::unique_ptr<rocksdb::FSWritableFile>* file,
                                   rocksdb::IODebugContext* debug) {
  if (!path.ends_with(log_suffix)) return target()->NewWritableFile(path, options, file, debug);
  if (IOStatus synced = sync_open(); !synced.ok()) return synced;
  const std::string log = normal(path);
  const std::string blank = take_blank();
  const IOStatus made = blank.empty() ? target()->NewWritableFile(log, options, file, debug)
                                      : write_over(blank, log, options, file);
  if (!made.ok()) return made;
  auto opened = std::make_unique<Log>(*this, log, std::move(*file), !blank.empty());
  MutexLock lock(mutex_);
  open_[log] = opened.get();
  *file = std::move(opened);
  return made;
}

IOStatus LogFiles::sync_open() {
  MutexLock lock(mutex_);
  for (const auto& [path, log] : open_) {
    if (log == nullptr) continue;
    if (IOStatus synced = log->Sync({}, nullptr); !synced.ok()) return synced;
  }
  return IOStatus::OK();
}

// Its new name is durable before anything is written: what is still called a blank is no log.
IOStatus LogFiles::write_over(const std::string& blank, const std::string& log,
                              const rocksdb::FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* file) {
  const std::string folder = std::filesystem::path(log).parent_path().string();
  std::unique_ptr<rocksdb::FSDirectory> directory;
  IOStatus status = target()->NewDirectory(folder, {}, &directory, nullptr);
  if (status.ok()) status = target()->ReuseWritableFile(log, blank, options, file, nullptr);
  if (status.ok())
    status = directory->FsyncWithDirOptions({}, nullptr, rocksdb::DirFsyncOptions(log));
  return status;
}

IOStatus LogFiles::NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                     std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                     rocksdb::IODebugContext* debug) {
  const IOStatus opened = target()->NewSequentialFile(path, options, file, debug);
  if (opened.ok() && path.ends_with(log_suffix))
    *file = std::make_unique<Content>(std::move(*file));
  return opened;
}

IOStatus LogFiles::DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* debug) {
  if (path.ends_with(log_suffix)) {
    const std::string log = normal(path);
    MutexLock lock(mutex_);
    if (keeping_ && let_go_.size() + blanks_.size() < blanks_max &&
        target()->RenameFile(log, blank_of(log), options, debug).ok()) {
      let_go_.insert(log);
      changed_.notify_all();
      return IOStatus::OK();
    }
  }
  return target()->DeleteFile(path, options, debug);
}

std::size_t LogFiles::blanks() {
  MutexLock lock(mutex_);
  return blanks_.size();
}

std::string LogFiles::take_blank() {
  MutexLock lock(mutex_);
  if (blanks_.empty()) return {};
  std::string blank = std::move(blanks_.back());
  blanks_.pop_back();
  return blank;
}

void LogFiles::closing(const std::string& path) {
  MutexLock lock(mutex_);
  open_[path] = nullptr;
}

void LogFiles::closed(const std::string& path) {
  MutexLock lock(mutex_);
  open_.erase(path);
  changed_.notify_all();
}

// One that was let go and is closed; empty if it is worth looking again.
std::string LogFiles::next_to_fill(const std::stop_token& stop) {
  MutexLock lock(mutex_);
  for (const std::string& path : let_go_) {
    if (!open_.contains(path)) return path;
  }
  if (!stop.stop_requested()) changed_.wait_for(mutex_, std::chrono::seconds(1));
  return {};
}

void LogFiles::make_blanks(const std::stop_token& stop) {
  name_thread("rocksdb:blank");
  while (!stop.stop_requested()) {
    const std::string path = next_to_fill(stop);
    if (path.empty()) continue;
    const std::string blank = blank_of(path);
    const IOStatus filled = fill(blank, stop);
    if (stop.stop_requested()) return;
    if (!filled.ok()) {
      log::warn("rocks: {} is removed: {}", blank, filled.ToString());
      (void)target()->DeleteFile(blank, {}, nullptr);
    }
    MutexLock lock(mutex_);
    let_go_.erase(path);
    if (filled.ok()) blanks_.push_back(blank);
  }
}

// Writes zeros over all of the file, durably.
IOStatus LogFiles::fill(const std::string& path, const std::stop_token& stop) {
  static const std::string zeros(1 << 20, '\0');
  std::uint64_t left = 0;
  IOStatus status = target()->GetFileSize(path, {}, &left, nullptr);
  std::unique_ptr<rocksdb::FSWritableFile> file;
  if (status.ok()) status = target()->ReuseWritableFile(path, path, {}, &file, nullptr);
  while (status.ok() && left > 0 && !stop.stop_requested()) {
    const auto portion = static_cast<std::size_t>(std::min<std::uint64_t>(left, zeros.size()));
    pace_(portion);
    status = file->Append({zeros.data(), portion}, {}, nullptr);
    if (status.ok()) status = file->Sync({}, nullptr);
    left -= portion;
  }
  return status;
}

}  // namespace lvp::rocks
