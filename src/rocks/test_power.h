// A disk for tests whose power can be cut.
//
// What was written to a file since its last sync is then there or not, sector by sector, in no
// order; what is not there is what was there before, or zeros where there was nothing. A file that
// grew may have any length between the one at its last sync and its new one. What happens to names
// is kept: file systems do that in order, and tell nobody that it could be otherwise.
#pragma once

#include <fcntl.h>
#include <rocksdb/file_system.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/mutex.h"
#include "rocks/log_files.h"

namespace lvp::rocks {

class Power final : public rocksdb::FileSystemWrapper {
 public:
  Power() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

  /// Copies the folder as it would be found if the power were cut now. How much of a file is lost
  /// is up to `random`: all that may be, none, or each sector by chance.
  void cut(const std::string& folder, const std::string& copy, std::mt19937& random) {
    const MutexLock lock(mutex_);
    std::filesystem::create_directory(copy);
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::string to = copy + "/" + entry.path().filename().string();
      std::filesystem::copy_file(entry.path(), to);
      if (const auto found = files_.find(entry.path().string()); found != files_.end())
        lose(found->second, to, random);
    }
  }

  /// Bytes of the file that are not durable.
  std::uint64_t at_risk(const std::string& path) {
    const MutexLock lock(mutex_);
    std::uint64_t bytes = 0;
    for (const Write& write : state_of(path).writes) bytes += write.size;
    return bytes;
  }

  /// How many logs were begun, and how many of them over older ones.
  int logs_begun() {
    const MutexLock lock(mutex_);
    return logs_begun_;
  }
  int logs_reused() {
    const MutexLock lock(mutex_);
    return logs_reused_;
  }

  /// How many files of tables were begun.
  int tables_begun() {
    const MutexLock lock(mutex_);
    return tables_begun_;
  }

  const char* Name() const override { return "Power"; }
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    const MutexLock lock(mutex_);
    const rocksdb::IOStatus made = target()->NewWritableFile(path, options, file, debug);
    if (made.ok()) {
      state_of(path) = {};
      logs_begun_ += path.ends_with(".log");
      tables_begun_ += path.ends_with(".sst");
      *file = std::make_unique<File>(*this, path, std::move(*file));
    }
    return made;
  }
  rocksdb::IOStatus ReuseWritableFile(const std::string& path, const std::string& old,
                                      const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      rocksdb::IODebugContext* debug) override {
    const MutexLock lock(mutex_);
    const rocksdb::IOStatus made = target()->ReuseWritableFile(path, old, options, file, debug);
    if (made.ok()) {
      renamed(old, path);
      logs_begun_ += path.ends_with(".log");
      logs_reused_ += path.ends_with(".log");
      *file = std::make_unique<File>(*this, path, std::move(*file));
    }
    return made;
  }
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    const MutexLock lock(mutex_);
    const rocksdb::IOStatus done = target()->RenameFile(from, to, options, debug);
    if (done.ok()) renamed(from, to);
    return done;
  }
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    const MutexLock lock(mutex_);
    files_.erase(normal(path));
    return target()->DeleteFile(path, options, debug);
  }

 private:
  static constexpr std::uint64_t sector = 512;

  struct Write {
    std::uint64_t at = 0;
    std::uint64_t size = 0;
    std::string before;  // what was there; shorter where there was nothing
  };
  struct State {
    std::uint64_t durable_size = 0;
    std::vector<Write> writes;  // since the last sync
  };

  class File final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(Power& power, std::string path, std::unique_ptr<rocksdb::FSWritableFile> file)
        : FSWritableFileOwnerWrapper(std::move(file)), power_(power), path_(std::move(path)) {}

    rocksdb::IOStatus Append(const rocksdb::Slice& bytes, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      const MutexLock lock(power_.mutex_);
      writes(at_, bytes.size());
      at_ += bytes.size();
      return target()->Append(bytes, options, debug);
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& bytes, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo&,
                             rocksdb::IODebugContext* debug) override {
      return Append(bytes, options, debug);
    }
    rocksdb::IOStatus PositionedAppend(const rocksdb::Slice& bytes, std::uint64_t at,
                                       const rocksdb::IOOptions& options,
                                       rocksdb::IODebugContext* debug) override {
      const MutexLock lock(power_.mutex_);
      writes(at, bytes.size());
      return target()->PositionedAppend(bytes, at, options, debug);
    }
    rocksdb::IOStatus PositionedAppend(const rocksdb::Slice& bytes, std::uint64_t at,
                                       const rocksdb::IOOptions& options,
                                       const rocksdb::DataVerificationInfo&,
                                       rocksdb::IODebugContext* debug) override {
      return PositionedAppend(bytes, at, options, debug);
    }
    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
      const MutexLock lock(power_.mutex_);
      const rocksdb::IOStatus done = target()->Sync(options, debug);
      if (done.ok()) power_.synced(path_);
      return done;
    }
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                            rocksdb::IODebugContext* debug) override {
      return Sync(options, debug);
    }

   private:
    void writes(std::uint64_t at, std::size_t size) {
      power_.state_of(path_).writes.push_back({at, size, there(at, size)});
    }

    std::string there(std::uint64_t at, std::size_t size) const {
      std::string bytes(size, '\0');
      const int file = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
      LVP_CHECK(file >= 0);
      const ssize_t read = ::pread(file, bytes.data(), size, static_cast<off_t>(at));
      ::close(file);
      LVP_CHECK(read >= 0);
      bytes.resize(static_cast<std::size_t>(read));
      return bytes;
    }

    Power& power_;
    const std::string path_;
    std::uint64_t at_ = 0;
  };

  State& state_of(const std::string& path) { return files_[normal(path)]; }

  void renamed(const std::string& from, const std::string& to) {
    if (normal(from) == normal(to)) return;
    state_of(to) = std::move(state_of(from));
    files_.erase(normal(from));
  }

  void synced(const std::string& path) {
    State& state = state_of(path);
    for (const Write& write : state.writes)
      state.durable_size = std::max(state.durable_size, write.at + write.size);
    state.writes.clear();
  }

  static void lose(const State& state, const std::string& path, std::mt19937& random) {
    std::bernoulli_distribution lost(std::array{0.0, 0.5, 1.0}[random() % 3]);
    const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    LVP_CHECK(file >= 0);
    std::uint64_t size = state.durable_size;
    std::map<std::uint64_t, bool> lost_sectors;
    for (auto write = state.writes.rbegin(); write != state.writes.rend(); ++write) {
      size = std::max(size, write->at + write->size);
      std::string before = write->before;
      before.resize(write->size);
      for (std::uint64_t at = write->at; at < write->at + write->size;) {
        const std::uint64_t end = std::min((at / sector + 1) * sector, write->at + write->size);
        const auto [found, is_new] = lost_sectors.try_emplace(at / sector);
        if (is_new) found->second = lost(random);
        if (found->second) {
          const auto bytes = static_cast<ssize_t>(end - at);
          LVP_CHECK(::pwrite(file, before.data() + (at - write->at), end - at,
                             static_cast<off_t>(at)) == bytes);
        }
        at = end;
      }
    }
    const bool grew = size > state.durable_size && std::filesystem::file_size(path) == size;
    if (grew && lost(random)) {
      std::uniform_int_distribution<std::uint64_t> any(state.durable_size, size);
      LVP_CHECK(::ftruncate(file, static_cast<off_t>(any(random))) == 0);
    }
    ::close(file);
  }

  Mutex mutex_;
  std::map<std::string, State> files_;  // those that were written to
  int logs_begun_ = 0;
  int logs_reused_ = 0;
  int tables_begun_ = 0;
};

}  // namespace lvp::rocks
