// A disk with faults, for tests: preloaded into the program, it makes the program's own calls fail.
//
// LVP_FAULTS names a folder. While it holds a file named
//   full    writing to a file fails: no space left on the device
//   short   a write takes the half of what it is given
//   slow    a sync of a file does not return
//   broken  a sync of a file fails: input/output error
#include <dlfcn.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

bool is_on(const char* fault) {
  const char* folder = std::getenv("LVP_FAULTS");
  return folder != nullptr && access((std::string(folder) + "/" + fault).c_str(), F_OK) == 0;
}

// Of a database, not a socket or the log.
bool is_stored(int file) {
  char path[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const ssize_t size = readlink(link.c_str(), path, sizeof path);
  if (size <= 0) return false;
  const std::string_view name(path, static_cast<std::size_t>(size));
  return name.ends_with(".log") || name.ends_with(".sst");
}

template <class Function>
Function* original(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

void wait_while_slow(int file) {
  constexpr timespec pause{.tv_sec = 0, .tv_nsec = 5'000'000};
  while (is_on("slow") && is_stored(file)) nanosleep(&pause, nullptr);
}

int sync_with_faults(int (*real)(int), int file) {
  wait_while_slow(file);
  if (is_on("broken") && is_stored(file)) {
    errno = EIO;
    return -1;
  }
  return real(file);
}

}  // namespace

extern "C" {

ssize_t write(int file, const void* bytes, size_t size) {
  static auto* const real = original<ssize_t(int, const void*, size_t)>("write");
  if (is_on("full") && is_stored(file)) {
    errno = ENOSPC;
    return -1;
  }
  if (size > 1 && is_on("short") && is_stored(file)) size /= 2;
  return real(file, bytes, size);
}

// Past the page cache: whole blocks, or the rest could not follow.
ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  static auto* const real = original<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  constexpr size_t block = 4096;
  if (is_on("full") && is_stored(file)) {
    errno = ENOSPC;
    return -1;
  }
  if (size > block && is_on("short") && is_stored(file)) size = size / 2 / block * block;
  return real(file, bytes, size, at);
}

int fdatasync(int file) {
  static auto* const real = original<int(int)>("fdatasync");
  return sync_with_faults(real, file);
}

int fsync(int file) {
  static auto* const real = original<int(int)>("fsync");
  return sync_with_faults(real, file);
}
}
