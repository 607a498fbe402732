// The adapter of Snowbridge's JavaScript transformation (script/javascript.h), itself JavaScript:
// what `main` is given, what it may return, and how that becomes a message.
//
//   texts in:  the data; how it is read, "text", "json", "event", "part" (of an event) or "object"
//              (what a script before returned), by default as the options say; names with commas
//              between: of an object's members those that are times, of a part those that are left
//              out only if the event lacks them; the key; the headers as a JSON object
//   text out:  verdict, key, headers, times, data, with zero bytes between. The verdict is
//              "filtered", "invalid" (the data says why), "text" or "object" (data for
//              with_go_escapes()); the key and the headers are JSON or empty
#pragma once

#include <string>
#include <string_view>

namespace lvp::bridge {

struct JsAdapterOptions {
  std::string_view reads = "text";
  bool removes_nulls = false;  ///< nulls, {} and [] out of data that is an object
  bool tells_times = false;    ///< for a script that follows
};

/// It calls host.hash(text, algorithm), and host.event(name) for the whole event when a script
/// wants what is not in its part: the member of this name, or all if it is "".
std::string js_adapter(const JsAdapterOptions& options);

/// The data of an "object" as Go escapes it: half a surrogate pair has no UTF-8 form and becomes
/// U+FFFD, the two line separators are escaped. `json` is as JSON.stringify makes it.
std::string with_go_escapes(std::string json);

}  // namespace lvp::bridge
