#include "net/request_parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "net/give_back.h"
#include "net/plain_head.h"

namespace lvp::net {
namespace {

namespace beast_http = boost::beast::http;
using ErrorCode = boost::beast::error_code;

// Room that is kept between requests; what a large one took is given back.
constexpr std::size_t kept_head_bytes_max = 4 * 1024;
constexpr std::size_t kept_body_bytes_max = 8 * 1024;
constexpr std::size_t kept_fields_max = 64;

// The shortest end of a chunked body, "0\r\n\r\n". Beast asserts that it never sees less of it when
// it looks a second time, so it is not called with less: what is missing must come anyway.
constexpr std::size_t last_chunk_bytes = 5;

// A field here, and a header in the request that is made of it.
constexpr std::size_t field_bytes = sizeof(Field) + sizeof(http::Header);
static_assert(kept_head_bytes_max + kept_body_bytes_max + kept_fields_max * field_bytes <=
              RequestParser::kept_bytes_max);

// The part Beast calls. Its views point into `head`, or into its own buffer for a folded line.
class Parser final : public beast_http::basic_parser<true> {
 public:
  explicit Parser(const RequestParser::Limits& limits) {
    header_limit(std::numeric_limits<std::uint32_t>::max());  // RequestParser counts for itself
    body_limit(limits.body_bytes_max);
  }

  std::string_view text(Place place) const {
    return std::string_view(head).substr(place.at, place.size);
  }

  std::string head;  // request line and headers as received
  std::string body;
  Place method;
  Place target;
  std::vector<Field> fields;
  unsigned hosts = 0;
  unsigned transfer_encodings = 0;
  bool http_1_0 = false;
  bool is_head = false;
  bool expects_continue = false;

 private:
  using View = boost::beast::string_view;

  std::optional<Place> place(View view) const {
    const auto at = reinterpret_cast<std::uintptr_t>(view.data());
    const auto begin = reinterpret_cast<std::uintptr_t>(head.data());
    if (at < begin || at + view.size() > begin + head.size()) return std::nullopt;
    return Place{at - begin, view.size()};
  }

  void on_request_impl(beast_http::verb verb, View method_view, View target_view, int version,
                       ErrorCode&) override {
    method = place(method_view).value_or(Place());
    target = place(target_view).value_or(Place());
    http_1_0 = version == 10;
    is_head = verb == beast_http::verb::head;
  }

  void on_field_impl(beast_http::field known, View name, View value, ErrorCode& error) override {
    if (is_header_done()) return;  // a trailer
    const auto name_place = place(name);
    const auto value_place = place(value);
    if (!name_place || !value_place) {  // a folded line
      error = beast_http::error::bad_value;
      return;
    }
    fields.push_back({*name_place, *value_place});
    if (known == beast_http::field::host) ++hosts;
    if (known == beast_http::field::transfer_encoding) ++transfer_encodings;
    if (known == beast_http::field::expect) {
      expects_continue = equal_ignoring_case({value.data(), value.size()}, "100-continue");
    }
  }

  void on_header_impl(ErrorCode& error) override {
    // RFC 9112: exactly one Host (3.2); a transfer coding only in HTTP/1.1, and chunked last (6.1,
    // 6.3). Without this, the body of such a request would be read as the next request.
    if (!http_1_0 && hosts != 1) error = beast_http::error::bad_field;
    if (transfer_encodings > 0 && (http_1_0 || !chunked())) {
      error = beast_http::error::bad_transfer_encoding;
    }
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}

  std::size_t on_body_impl(View bytes, ErrorCode&) override {
    body.append(bytes.data(), bytes.size());
    return bytes.size();
  }

  void on_chunk_header_impl(std::uint64_t, View, ErrorCode&) override {}

  std::size_t on_chunk_body_impl(std::uint64_t, View bytes, ErrorCode&) override {
    body.append(bytes.data(), bytes.size());
    return bytes.size();
  }

  void on_response_impl(int, View, int, ErrorCode&) override {}
  void on_finish_impl(ErrorCode&) override {}
};

// Empties it, and gives back its room if that is large.
template <class Container>
void keep_room(Container& container, std::size_t size_max) {
  if (container.capacity() > size_max) {
    give_back(container);
  } else {
    container.clear();
  }
}

// Whether a comma-separated list has the token, in any case.
bool has_token(std::string_view list, std::string_view token) {
  return std::ranges::any_of(split(list, ','), [token](std::string_view part) {
    return equal_ignoring_case(trim(part), token);
  });
}

int status_of(const ErrorCode& error) {
  if (error == beast_http::error::body_limit) return 413;
  if (error == beast_http::error::header_limit) return 431;
  return 400;
}

}  // namespace

struct RequestParser::Beast {
  explicit Beast(Limits given) : limits(given) { parser.emplace(limits); }

  std::size_t take_header(std::string_view bytes);
  bool take_plain_head(std::string_view bytes);
  std::size_t take_plain_body(std::string_view bytes);
  std::size_t take_body(std::string_view bytes);
  std::size_t take_chunks(std::string_view bytes);

  // One step of Beast, which asks for more by error::need_more. Returns the bytes it is done with.
  std::size_t put(std::string_view bytes, bool& more) {
    ErrorCode error;
    const std::size_t taken = parser->put({bytes.data(), bytes.size()}, error);
    more = error == beast_http::error::need_more;
    if (error && !more) fail(status_of(error));
    return taken;
  }

  void fail(int status) {
    state = State::failed;
    error_status = status;
  }

  // Beast's parser is good for one request.
  void renew() {
    std::string head = std::move(parser->head);
    std::string body = std::move(parser->body);
    std::vector<Field> fields = std::move(parser->fields);
    parser.emplace(limits);
    parser->head = std::move(head);
    parser->body = std::move(body);
    parser->fields = std::move(fields);
  }

  Limits limits;
  std::optional<Parser> parser;
  State state = State::empty;
  int error_status = 0;
  std::size_t parsed = 0;  // bytes of parser->head that Beast is done with
  std::string chunks;      // bytes of a chunked body that Beast wants to see again
  bool body_begun = false;
  bool is_plain = false;           // Beast has seen nothing of this request
  std::uint64_t body_missing = 0;  // of a plain one
};

std::size_t RequestParser::Beast::take_header(std::string_view bytes) {
  // RFC 9112 2.2: an empty line before a request is ignored.
  std::size_t skipped = 0;
  if (state == State::empty) {
    skipped = std::min(bytes.find_first_not_of("\r\n"), bytes.size());
    if (skipped == bytes.size()) return skipped;
    state = State::header;
  }
  std::string& head = parser->head;
  if (head.empty() && take_plain_head(bytes.substr(skipped))) return skipped + head.size();
  const std::size_t room = limits.header_bytes_max - head.size();
  // No more than the header, when its end is in sight: the body has its own place.
  const std::size_t end = bytes.find("\r\n\r\n", skipped);
  const std::size_t here = (end == std::string_view::npos ? bytes.size() : end + 4) - skipped;
  const std::size_t offered = std::min(here, room);
  head.append(bytes.substr(skipped, offered));

  bool more = false;
  parsed += put(std::string_view(head).substr(parsed), more);
  if (state == State::failed) return skipped + offered;
  if (state == State::header && !parser->is_header_done()) {
    if (head.size() == limits.header_bytes_max) fail(431);
    return skipped + offered;
  }
  const std::size_t beyond = head.size() - parsed;
  head.resize(parsed);
  if (state == State::header) state = parser->is_done() ? State::done : State::body;
  return skipped + offered - beyond;
}

// False if it is for Beast: also what would be too large, which is told from there.
bool RequestParser::Beast::take_plain_head(std::string_view bytes) {
  const auto plain = read_plain_head(bytes.substr(0, limits.header_bytes_max), parser->fields);
  if (!plain || plain->body_bytes > limits.body_bytes_max) {
    parser->fields.clear();
    return false;
  }
  is_plain = true;
  parser->head = bytes.substr(0, plain->bytes);
  body_missing = plain->body_bytes;
  parser->method = plain->method;
  parser->target = plain->target;
  parser->is_head = parser->text(plain->method) == "HEAD";
  state = body_missing == 0 ? State::done : State::body;
  return true;
}

std::size_t RequestParser::Beast::take_plain_body(std::string_view bytes) {
  const std::size_t taken = std::min<std::uint64_t>(bytes.size(), body_missing);
  parser->body.append(bytes.substr(0, taken));
  body_missing -= taken;
  if (body_missing == 0) state = State::done;
  return taken;
}

std::size_t RequestParser::Beast::take_body(std::string_view bytes) {
  bool more = false;
  const std::size_t taken = put(bytes, more);
  if (state == State::body && parser->is_done()) state = State::done;
  return taken;
}

std::size_t RequestParser::Beast::take_chunks(std::string_view bytes) {
  chunks.append(bytes);
  std::string_view rest = chunks;
  bool more = false;
  while (state == State::body && !parser->is_done() && rest.size() >= last_chunk_bytes && !more) {
    rest.remove_prefix(put(rest, more));
  }
  if (state == State::body && parser->is_done()) state = State::done;
  const std::size_t left = state == State::body ? 0 : std::min(rest.size(), bytes.size());
  chunks.erase(0, chunks.size() - rest.size());
  // What Beast wants to see whole is a chunk's size line or the trailers.
  if (state == State::body && chunks.size() > limits.header_bytes_max) fail(431);
  return bytes.size() - left;
}

RequestParser::RequestParser(Limits limits) : beast_(std::make_unique<Beast>(limits)) {}
RequestParser::~RequestParser() = default;

std::size_t RequestParser::take(std::string_view bytes) {
  Beast& b = *beast_;
  LVP_CHECK(b.state != State::done && b.state != State::failed);
  std::size_t taken = 0;
  if (b.state == State::empty || b.state == State::header) taken = b.take_header(bytes);
  if (b.state == State::body && taken < bytes.size()) {
    b.body_begun = true;
    const std::string_view rest = bytes.substr(taken);
    if (b.is_plain) {
      taken += b.take_plain_body(rest);
    } else {
      taken += b.parser->chunked() ? b.take_chunks(rest) : b.take_body(rest);
    }
  }
  return taken;
}

RequestParser::State RequestParser::state() const {
  return beast_->state;
}
int RequestParser::error_status() const {
  return beast_->error_status;
}

http::Request RequestParser::request() const {
  http::Request out;
  request(out);
  return out;
}

void RequestParser::request(http::Request& out) const {
  const Parser& parser = *beast_->parser;
  out.method = parser.text(parser.method);
  out.target = parser.text(parser.target);
  out.headers.clear();
  if (out.headers.capacity() > kept_fields_max) out.headers.shrink_to_fit();
  out.headers.reserve(parser.fields.size());
  for (const Field& field : parser.fields) {
    out.headers.push_back({parser.text(field.name), parser.text(field.value)});
  }
  out.body = parser.body;
  out.is_plain = beast_->is_plain;
}

bool RequestParser::keep_alive() const {
  return beast_->is_plain || (beast_->parser->is_header_done() && beast_->parser->keep_alive());
}
bool RequestParser::is_head() const {
  return beast_->parser->is_head;
}
bool RequestParser::http_1_0() const {
  return beast_->parser->http_1_0;
}

bool RequestParser::awaits_continue() const {
  return beast_->state == State::body && !beast_->body_begun && !http_1_0() &&
         beast_->parser->expects_continue;
}

bool RequestParser::asks_for_websocket() const {
  return !beast_->is_plain && beast_->parser->upgrade() && !http_1_0() &&
         has_token(request().header("Upgrade"), "websocket");
}

void RequestParser::reset() {
  Beast& b = *beast_;
  if (!std::exchange(b.is_plain, false)) b.renew();
  Parser& parser = *b.parser;
  keep_room(parser.head, kept_head_bytes_max);
  keep_room(parser.body, kept_body_bytes_max);
  keep_room(parser.fields, kept_fields_max);
  parser.is_head = false;
  give_back(b.chunks);
  b.state = State::empty;
  b.error_status = 0;
  b.parsed = 0;
  b.body_begun = false;
}

std::size_t RequestParser::held_bytes() const {
  const Parser& parser = *beast_->parser;
  return parser.head.capacity() + parser.body.capacity() + beast_->chunks.capacity() +
         parser.fields.capacity() * field_bytes;
}

void RequestParser::release() {
  Parser& parser = *beast_->parser;
  give_back(parser.head);
  give_back(parser.body);
  parser.method = {};
  parser.target = {};
  give_back(parser.fields);
  give_back(beast_->chunks);
}

}  // namespace lvp::net
