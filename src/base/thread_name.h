// Names of threads, as top, gdb and perf show them.
#pragma once

#include <pthread.h>

#include <string>
#include <string_view>

namespace lvp {

/// Names the calling thread; what is longer than 15 bytes is cut.
inline void name_thread(std::string_view name) {
  pthread_setname_np(pthread_self(), std::string(name.substr(0, 15)).c_str());
}

}  // namespace lvp
