// A disk with faults, for tests: preloaded into the program, it makes the program's own calls fail.
//
// LVP_FAULTS names a folder. While it holds a file named
//   full   writing to a file fails: no space left on the device
//   slow   a sync of a file does not return
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

}  // namespace

extern "C" {

ssize_t write(int file, const void* bytes, size_t size) {
  static auto* const real = original<ssize_t(int, const void*, size_t)>("write");
  if (is_on("full") && is_stored(file)) {
    errno = ENOSPC;
    return -1;
  }
  return real(file, bytes, size);
}

int fdatasync(int file) {
  static auto* const real = original<int(int)>("fdatasync");
  wait_while_slow(file);
  return real(file);
}

int fsync(int file) {
  static auto* const real = original<int(int)>("fsync");
  wait_while_slow(file);
  return real(file);
}
}
