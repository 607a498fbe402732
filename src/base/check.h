// LVP_CHECK states what holds if our own code is right. It stays on in release builds and stops the
// process: state that is already wrong must not reach the disk. Never for input.
#pragma once

#include <cstdio>
#include <cstdlib>

#define LVP_CHECK(condition)                                                             \
  do {                                                                                   \
    if (!(condition)) [[unlikely]] {                                                     \
      std::fprintf(stderr, "%s:%d: check failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                      \
    }                                                                                    \
  } while (false)
