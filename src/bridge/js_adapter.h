// The adapter of Snowbridge's JavaScript transformation (script/javascript.h), itself JavaScript:
// what `main` is given, what it may return, and how that becomes a message.
//
//   texts in:  how the data is read: "text", "json", "event" or "object" (what a script before
//              returned); the data; the key; the headers as a JSON object or ""; names of the
//              data's members that are times, with commas between
//   texts out: "filtered", or "invalid" and why, or "passed", "text" or "object", the data, the key
//              or "", the headers as a JSON object or "", names of members that are times
#pragma once

#include <string>

namespace lvp::bridge {

struct JsAdapterOptions {
  bool removes_nulls = false;  ///< nulls, {} and [] out of data that is an object
  bool tells_times = false;    ///< for a script that follows
};

/// It calls host.hash(text, algorithm).
std::string js_adapter(const JsAdapterOptions& options);

}  // namespace lvp::bridge
