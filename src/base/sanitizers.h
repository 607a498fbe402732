// What sanitizers are told of libraries that Debian builds without them. Included where such a
// library is used; a program has one of each function, whoever includes it.
#pragma once

#if defined(__SANITIZE_ADDRESS__)
/// JavaScriptCore never gives back a few short texts of each script that is loaded, however often
/// it is called.
extern "C" [[gnu::used]] inline const char* __lsan_default_suppressions() {
  return "leak:libjavascriptcoregtk\n";
}
#endif

#if defined(__SANITIZE_THREAD__)
/// The thread sanitizer does not see their atomics, and takes the memory that these guard for
/// contested: reports with their frames in them say nothing.
extern "C" [[gnu::used]] inline const char* __tsan_default_suppressions() {
  return "race:librocksdb\n"
         "race:libjavascriptcoregtk\n"
         "signal:libjavascriptcoregtk\n"
         "race:libglib-2.0\n";
}
#endif
