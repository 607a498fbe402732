// The adapter of Snowbridge's JavaScript transformation (script/javascript.h), itself JavaScript:
// what `main` is given, what it may return, and how that becomes a message.
//
//   texts in:  the data; how it is read, "text", "json", "event" or "object" (what a script before
//              returned), by default as the options say; names of the data's members that are
//              times, with commas between; the key; the headers as a JSON object
//   text out:  verdict, key, headers, times, data, with zero bytes between. The verdict is
//              "filtered", "invalid" (the data says why), "text" or "object"; the key and the
//              headers are JSON or empty
#pragma once

#include <string>
#include <string_view>

namespace lvp::bridge {

struct JsAdapterOptions {
  std::string_view reads = "text";
  bool removes_nulls = false;  ///< nulls, {} and [] out of data that is an object
  bool tells_times = false;    ///< for a script that follows
};

/// It calls host.hash(text, algorithm).
std::string js_adapter(const JsAdapterOptions& options);

}  // namespace lvp::bridge
