#include "bridge/js_adapter.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace lvp::bridge {
namespace {

// Timestamps of events are objects like Go's time.Time: what its methods give, its text, its JSON.
constexpr std::string_view time_source = R"js(
  const months = ["January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October", "November", "December"];
  const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
  const two = n => String(n).padStart(2, "0");
  const layoutParts =
    /January|Jan|Monday|Mon|MST|2006|Z07:00|-07:00|-0700|[.,](?:0+|9+)|01|02|03|04|05|06|15|_2|PM|pm|1|2|3|4|5/g;

  class Time {
    #text;  // 2024-11-16T13:33:29.17Z
    constructor(text) { this.#text = text; }
    static is(value) { return #text in value; }
    #date() { return new Date(this.#text.slice(0, 19) + "Z"); }
    #nanoseconds() { return Number(this.#text.slice(20, -1).padEnd(9, "0")); }
    toJSON() { return this.#text; }
    toString() { return this.#text.slice(0, 10) + " " + this.#text.slice(11, -1) + " +0000 UTC"; }
    String() { return this.toString(); }
    Year() { return this.#date().getUTCFullYear(); }
    Month() { return this.#date().getUTCMonth() + 1; }
    Day() { return this.#date().getUTCDate(); }
    Hour() { return this.#date().getUTCHours(); }
    Minute() { return this.#date().getUTCMinutes(); }
    Second() { return this.#date().getUTCSeconds(); }
    Nanosecond() { return this.#nanoseconds(); }
    Weekday() { return this.#date().getUTCDay(); }
    YearDay() {
      return (Date.UTC(this.Year(), this.Month() - 1, this.Day()) - Date.UTC(this.Year(), 0, 0)) /
        86400000;
    }
    Unix() { return this.#date().getTime() / 1000; }
    UnixMilli() { return this.#date().getTime() + Math.floor(this.#nanoseconds() / 1e6); }
    UnixMicro() { return this.#date().getTime() * 1e3 + Math.floor(this.#nanoseconds() / 1e3); }
    UnixNano() { return this.#date().getTime() * 1e6 + this.#nanoseconds(); }
    UTC() { return this; }
    IsZero() { return this.#text === "0001-01-01T00:00:00Z"; }
    Format(layout) {
      const hour = this.Hour();
      return String(layout).replace(layoutParts, part => {
        switch (part) {
          case "2006": return this.#text.slice(0, 4);
          case "06": return this.#text.slice(2, 4);
          case "01": return two(this.Month());
          case "1": return String(this.Month());
          case "January": return months[this.Month() - 1];
          case "Jan": return months[this.Month() - 1].slice(0, 3);
          case "02": return two(this.Day());
          case "_2": return String(this.Day()).padStart(2);
          case "2": return String(this.Day());
          case "Monday": return days[this.Weekday()];
          case "Mon": return days[this.Weekday()].slice(0, 3);
          case "15": return two(hour);
          case "03": return two(hour % 12 || 12);
          case "3": return String(hour % 12 || 12);
          case "04": return two(this.Minute());
          case "4": return String(this.Minute());
          case "05": return two(this.Second());
          case "5": return String(this.Second());
          case "PM": return hour < 12 ? "AM" : "PM";
          case "pm": return hour < 12 ? "am" : "pm";
          case "MST": return "UTC";
          case "Z07:00": return "Z";
          case "-07:00": return "+00:00";
          case "-0700": return "+0000";
        }
        const digits = String(this.#nanoseconds()).padStart(9, "0").slice(0, part.length - 1);
        if (part[1] === "0") return part[0] + digits;
        const short = digits.replace(/0+$/, "");
        return short === "" ? "" : part[0] + short;
      });
    }
  }
  harden(Time);
)js";

// JSON as Go makes it of what it is given by its JavaScript engine, but for with_go_escapes().
constexpr std::string_view encode_source = R"js(
  class Unencodable {
    constructor(why) { this.why = why; }
  }
  const depthMax = 500;

  const encodeDate = date => {
    if (!isFinite(date.getTime())) throw new Unencodable("an invalid date");
    return stringify(date.toISOString().replace(/\.?0+Z$/, "Z"));
  };

  const base64 = bytes => {
    const symbols = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let text = "";
    for (let i = 0; i < bytes.length; i += 3) {
      const bits = bytes[i] << 16 | (bytes[i + 1] ?? 0) << 8 | (bytes[i + 2] ?? 0);
      text += symbols[bits >> 18] + symbols[bits >> 12 & 63] +
        (i + 1 < bytes.length ? symbols[bits >> 6 & 63] : "=") +
        (i + 2 < bytes.length ? symbols[bits & 63] : "=");
    }
    return text;
  };

  // Of an object that is no plain one; undefined if it is treated like one.
  const encodeSpecial = (value, depth) => {
    if (Time.is(value)) return stringify(value.toJSON());
    if (value instanceof Date) return encodeDate(value);
    if (value instanceof Map) return encode([...value], depth);
    if (value instanceof Set) return encode([...value], depth);
    if (value instanceof RegExp || value instanceof Error) return "{}";
    if (value instanceof Uint8Array) return stringify(base64(value));
    if (value instanceof String || value instanceof Number || value instanceof Boolean)
      return encode(value.valueOf(), depth);
    return undefined;
  };

  const encodeNumber = number => {
    if (number - number !== 0) throw new Unencodable(`unsupported value: ${number}`);
    if (number === 0) return is(number, -0) ? "-0" : "0";
    const text = `${number}`;
    return number < 1e-6 && number > -1e-6 ? text.replace(/e-(\d)$/, "e-0$1") : text;
  };

  const encode = (value, depth) => {
    switch (typeof value) {
      case "string": return stringify(value);
      case "number": return encodeNumber(value);
      case "boolean": return value ? "true" : "false";
      case "undefined": return "null";
      case "bigint": return `${value}`;
      case "symbol": return stringify(value.description ?? "");
      case "function": throw new Unencodable("unsupported type: function");
    }
    if (value === null) return "null";
    if (depth > depthMax) throw new Unencodable("nested too deeply, or in itself");
    let text = "";
    if (isArray(value)) {
      for (let i = 0; i < value.length; ++i) {
        const element = encode(value[i], depth + 1);
        if (!isRemoved(element)) text += text === "" ? element : "," + element;
      }
      return "[" + text + "]";
    }
    const prototype = getPrototypeOf(value);
    if (prototype !== objectPrototype && prototype !== null) {
      const special = encodeSpecial(value, depth);
      if (special !== undefined) return special;
    }
    for (const key of keys(value)) {
      const member = encode(value[key], depth + 1);
      if (isRemoved(member)) continue;
      if (text !== "") text += ",";
      text += stringify(key) + ":" + member;
    }
    return "{" + text + "}";
  };
)js";

// The event as an object of which only those members are made that a script reads. To the script it
// is the object with all of them, in their order: before it could see a difference, the rest is
// asked for.
constexpr std::string_view event_source = R"js(
  const timeFields = ["etl_tstamp", "collector_tstamp", "dvce_created_tstamp", "dvce_sent_tstamp",
    "refr_device_tstamp", "derived_tstamp", "true_tstamp"];

  const withTimes = (object, names) => {
    for (const name of names)
      if (typeof object[name] === "string") object[name] = new Time(object[name]);
    return object;
  };

  const reflect = {};
  for (const name of Reflect.ownKeys(Reflect)) reflect[name] = Reflect[name];
  class Part {
    #known;  // names of members that are there already, if the event has them
    constructor(known) { this.#known = known; }

    // Before `key` is looked at, or everything. Assignments come to defineProperty.
    #ask(event, key) {
      if (this.#known === undefined || typeof key === "symbol" || this.#known.has(key)) return;
      const whole = withTimes(parse(host.event(key)), timeFields);
      for (const name of keys(whole)) {
        const value = hasOwn(event, name) ? event[name] : whole[name];
        delete event[name];
        reflect.defineProperty(event, name,
          {value, writable: true, enumerable: true, configurable: true});
      }
      this.#known = undefined;
    }
    get(event, key, self) { this.#ask(event, key); return reflect.get(event, key, self); }
    has(event, key) { this.#ask(event, key); return reflect.has(event, key); }
    getOwnPropertyDescriptor(event, key) {
      this.#ask(event, key);
      return reflect.getOwnPropertyDescriptor(event, key);
    }
    deleteProperty(event, key) { this.#ask(event, ""); return reflect.deleteProperty(event, key); }
    defineProperty(event, key, descriptor) {
      this.#ask(event, "");
      return reflect.defineProperty(event, key, descriptor);
    }
    ownKeys(event) { this.#ask(event, ""); return reflect.ownKeys(event); }
    preventExtensions(event) { this.#ask(event, ""); return reflect.preventExtensions(event); }
    setPrototypeOf(event, prototype) {
      this.#ask(event, "");
      return reflect.setPrototypeOf(event, prototype);
    }
  }

  // What is known of the part that was read last.
  let partNames = "", partKnown = new Set(), partTimes = [];
  const readPart = (data, names) => {
    if (names !== partNames) {
      partNames = names;
      partKnown = new Set(names.split(","));
      partTimes = timeFields.filter(name => partKnown.has(name));
    }
    return new Proxy(withTimes(parse(data), partTimes), new Part(partKnown));
  };
)js";

// The protocol between Snowbridge and a script.
constexpr std::string_view protocol_source = R"js(
  const readData = (mode, data, times) => {
    switch (mode) {
      case "event": return withTimes(parse(data), timeFields);
      case "part": return readPart(data, times);
      case "object": return withTimes(parse(data), times === "" ? [] : times.split(","));
      case "json": return parse(data);
      default: return data;
    }
  };

  const headersOf = value => {
    const headers = {};
    for (const key of keys(value)) headers[key] = String(value[key]);
    return headers;
  };

  // Like a host object: its members are fixed, and headers are converted when they are set.
  class Input {
    FilterOut = false;
    PartitionKey;
    Data;
    #headers;
    constructor(data, key, headers) {
      this.Data = data;
      this.PartitionKey = key;
      this.#headers = headers;
      seal(this);
    }
    static headersOf(input) { return input.#headers; }
    static is(value) { return #headers in value; }
    get HTTPHeaders() { return this.#headers ??= {}; }
    set HTTPHeaders(value) {
      if (value === null || value === undefined) this.#headers = {};
      else if (typeof value === "object" || typeof value === "function")
        this.#headers = headersOf(value);
      else throw new TypeError(`could not convert ${String(value)} to headers`);
    }
  }
  harden(Input);

  const wrongReturn = "invalid return type from JavaScript transformation";
  const invalid = text => "invalid\0\0\0\0" + text;
  const notValid = text => invalid("failed to validate JS engine output: " + text);
  const violation =
    notValid("protocol violation in return value from JavaScript transformation");
  const isObject = value => typeof value === "object" && value !== null && !isArray(value) &&
    !Time.is(value) && !(value instanceof Date);

  const timesOf = data => {
    const names = [];
    for (const key of keys(data)) {
      const value = data[key];
      if (typeof value === "object" && value !== null && Time.is(value) && !/[,\0]/.test(key))
        names.push(key);
    }
    return names.join(",");
  };

  const outcomeOf = result => {
    if (result === null || result === undefined)
      return notValid(wrongReturn + "; got null or undefined");
    if (!isObject(result)) return notValid(wrongReturn);

    let filterOut = false, partitionKey = "", data, headers;
    if (Input.is(result)) {
      ({FilterOut: filterOut, PartitionKey: partitionKey, Data: data} = result);
      headers = Input.headersOf(result);
    } else {
      for (const key of keys(result)) {
        switch (key === "Data" ? "data" : key.toLowerCase()) {
          case "data": data = result[key]; break;
          case "filterout": filterOut = result[key] ?? false; break;
          case "partitionkey": partitionKey = result[key] ?? ""; break;
          case "httpheaders": headers = result[key]; break;
        }
      }
    }
    if (typeof filterOut !== "boolean" || typeof partitionKey !== "string") return violation;
    if (headers !== null && headers !== undefined && typeof headers !== "function" &&
        !isObject(headers)) return violation;
    if (filterOut) return "filtered";

    const isText = typeof data === "string";
    if (!isText && !isObject(data)) return notValid(wrongReturn + "; expected string or object");
    const named = headers && keys(headers).length > 0 ? stringify(headersOf(headers)) : "";
    const newKey = partitionKey === "" ? "" : stringify(partitionKey);
    try {
      return isText ? `text\0${newKey}\0${named}\0\0${data}` :
        `object\0${newKey}\0${named}\0${tellsTimes ? timesOf(data) : ""}\0${encode(data, 0)}`;
    } catch (error) {
      if (error instanceof Unencodable) return invalid("error encoding message data: " + error.why);
      throw error;
    }
  };
)js";

// The functions that scripts may call.
constexpr std::string_view helpers_source = R"js(
  const hash = (...texts) => texts.length === 2 ? host.hash(String(texts[0]), String(texts[1])) :
    "hash() expects two arguments: the text and the algorithm";

  const allContexts = (data, name) => {
    const prefix = `contexts_${name}_`;
    const models = keys(data).filter(key => key.startsWith(prefix))
      .map(key => key.slice(prefix.length)).filter(model => /^\d+$/.test(model));
    models.sort((a, b) => Number(b) - Number(a));
    return models.flatMap(model => data[prefix + model]);
  };

  const allUnstruct = (data, name) => {
    const prefix = `unstruct_event_${name}_`;
    const found = keys(data).find(key => key.startsWith(prefix) &&
      !key.slice(prefix.length).includes("_"));
    return found === undefined ? undefined : data[found];
  };
  for (const helper of [hash, allContexts, allUnstruct]) globalThis[helper.name] = helper;
)js";

constexpr std::string_view call_source = R"js(
  const notJson = why =>
    invalid("failed making input for the JavaScript runtime: failed to transform input into JSON: " + why);

  return (main, data = "", mode = reads, times = "", key = "", headers = "") => {
    let value;
    try {
      value = readData(mode, data, times);
    } catch (error) {
      return notJson(error);
    }
    if (mode === "json" && !isObject(value)) return notJson("an object is required");
    return outcomeOf(main(new Input(value, key, headers === "" ? undefined : parse(headers))));
  };
)js";

}  // namespace

std::string with_go_escapes(std::string json) {
  constexpr std::string_view surrogate = "\\ud";
  constexpr std::string_view before_separator = "\xe2\x80";
  if (json.find(surrogate) == json.npos && json.find(before_separator) == json.npos) return json;
  std::string out;
  std::string_view rest = json;
  const auto pass = [&](std::size_t bytes, std::string_view as) {
    out += as;
    rest.remove_prefix(std::min(bytes, rest.size()));
  };
  while (!rest.empty()) {
    if (rest.starts_with(surrogate)) {
      pass(6, "\ufffd");
    } else if (rest.starts_with("\u2028")) {
      pass(3, "\\u2028");
    } else if (rest.starts_with("\u2029")) {
      pass(3, "\\u2029");
    } else {
      const std::size_t bytes = rest.front() == '\\' ? 2 : 1;
      pass(bytes, rest.substr(0, bytes));
    }
  }
  return out;
}

std::string js_adapter(const JsAdapterOptions& options) {
  constexpr std::string_view removes =
      R"js(text => text === "null" || text === "{}" || text === "[]")js";
  return fmt::format(
      "(host, harden) => {{ \"use strict\";\n"
      "const {{stringify, parse}} = JSON, {{isArray}} = Array;\n"
      "const {{keys, is, seal, hasOwn, getPrototypeOf, prototype: objectPrototype}} = Object;\n"
      "const isRemoved = {}, tellsTimes = {}, reads = \"{}\";\n{}{}{}{}{}{}}}",
      options.removes_nulls ? removes : "text => false", options.tells_times, options.reads,
      time_source, encode_source, event_source, protocol_source, helpers_source, call_source);
}

}  // namespace lvp::bridge
