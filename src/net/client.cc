#include "net/client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/mutex.h"
#include "base/text.h"

namespace lvp::net {
namespace {

constexpr long ok = 200;

// What curl calls with each piece of a body. False ends the transfer.
using OnBytes = std::function<bool(std::string_view)>;

struct CloseEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, CloseEasy>;
using List = std::unique_ptr<curl_slist, FreeList>;

std::size_t write_body(const char* bytes, std::size_t, std::size_t size, void* on_bytes) {
  return (*static_cast<const OnBytes*>(on_bytes))({bytes, size}) ? size : CURL_WRITEFUNC_ERROR;
}

// One header line, or the status line, or the empty line at the end.
std::size_t write_header(const char* bytes, std::size_t, std::size_t size, void* response) {
  auto& headers = static_cast<ClientResponse*>(response)->headers;
  std::string_view line(bytes, size);
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  const std::size_t colon = line.find(':');
  if (line.starts_with("HTTP/")) {
    headers.clear();  // of an interim answer, e.g. 100
  } else if (colon != std::string_view::npos) {
    headers.push_back(
        {std::string(line.substr(0, colon)), std::string(trim(line.substr(colon + 1)))});
  }
  return size;
}

// The list grows by one, or stays as it is when memory is short and the transfer fails for it.
void append(List& list, const std::string& line) {
  if (curl_slist* longer = curl_slist_append(list.get(), line.c_str())) {
    (void)list.release();
    list.reset(longer);
  }
}

List header_list(const ClientRequest& request) {
  List list;
  // Do not wait for 100-continue. Curl would sign the empty header and not send it.
  if (!request.signature) append(list, "Expect:");
  for (const auto& header : request.headers) {
    append(list, header.value.empty() ? header.name + ";"
                                      : fmt::format("{}: {}", header.name, header.value));
  }
  return list;
}

std::unexpected<Error> error_of(CURLcode code, const ClientRequest& request,
                                const char* explanation) {
  const std::string what =
      fmt::format("{} {}: {}", request.method, request.url,
                  *explanation != '\0' ? explanation : curl_easy_strerror(code));
  const bool is_ours = code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL;
  return is_ours ? invalid(what) : unavailable(what);
}

void sign(CURL* easy, const Signature& signature) {
  const std::string scope = fmt::format("aws:amz:{}:{}", signature.region, signature.service);
  curl_easy_setopt(easy, CURLOPT_AWS_SIGV4, scope.c_str());
  curl_easy_setopt(easy, CURLOPT_USERNAME, signature.key_id.c_str());
  curl_easy_setopt(easy, CURLOPT_PASSWORD, signature.secret.c_str());
  curl_easy_setopt(easy, CURLOPT_EXPECT_100_TIMEOUT_MS, 1L);
}

// In place of curl's bundle, which holds the same as its folder of authorities; that stays.
void trust(CURL* easy, const std::string& ca_file) {
  curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file.c_str());
  curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);  // a renewed file counts at once
}

// Runs the request. `stopped` says whether on_bytes ended it, which is no error.
Status run(CURL* easy, const ClientRequest& request, const OnBytes& on_bytes,
           ClientResponse& response, const bool& stopped) {
  const bool is_token = !request.method.empty() && std::ranges::all_of(request.method, [](char c) {
    return c > ' ' && c < 127;
  });
  if (!is_token) return invalid(fmt::format("method '{}' is none", request.method));
  const List headers = header_list(request);
  char explanation[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, explanation);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.timeout.count()));
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, write_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &on_bytes);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, write_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &response);
  if (!request.ca_file.empty()) trust(easy, request.ca_file);
  if (request.signature) sign(easy, *request.signature);
  if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else if (request.method != "GET" || !request.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  const CURLcode code = curl_easy_perform(easy);
  if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && stopped)) {
    return error_of(code, request, explanation);
  }
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  response.status = static_cast<int>(status);
  return {};
}

Result<Easy> open(const ClientRequest& request) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  Easy easy(started == CURLE_OK ? curl_easy_init() : nullptr);
  if (!easy) return unavailable(fmt::format("{} {}: no curl", request.method, request.url));
  return easy;
}

}  // namespace

std::string_view ClientResponse::header(std::string_view name) const {
  for (const auto& header : headers) {
    if (equal_ignoring_case(header.name, name)) return header.value;
  }
  return {};
}

namespace {

Result<ClientResponse> fetch_with(CURL* easy, const ClientRequest& request) {
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  ClientResponse response;
  bool too_large = false;
  const OnBytes on_bytes = [&](std::string_view bytes) {
    too_large = bytes.size() > fetched_bytes_max - response.body.size();
    if (!too_large) response.body += bytes;
    return !too_large;
  };
  LVP_DO(run(easy, request, on_bytes, response, too_large));
  if (too_large) return invalid(fmt::format("{} {}: too long", request.method, request.url));
  return response;
}

}  // namespace

Result<ClientResponse> fetch(const ClientRequest& request) {
  LVP_TRY(const Easy easy, open(request));
  return fetch_with(easy.get(), request);
}

// Connections live in the handles that use them, one at a time.
struct Client::State {
  Mutex mutex;
  std::vector<Easy> idle GUARDED_BY(mutex);
};

Client::Client() : state_(std::make_unique<State>()) {}
Client::~Client() = default;

Result<ClientResponse> Client::fetch(const ClientRequest& request) {
  Easy easy;
  {
    MutexLock lock(state_->mutex);
    if (!state_->idle.empty()) {
      easy = std::move(state_->idle.back());
      state_->idle.pop_back();
    }
  }
  if (!easy) {
    LVP_TRY(easy, open(request));
  }
  auto response = fetch_with(easy.get(), request);
  curl_easy_reset(easy.get());
  MutexLock lock(state_->mutex);
  state_->idle.push_back(std::move(easy));
  return response;
}

Status fetch_lines(const ClientRequest& request,
                   const std::function<bool(std::string_view line)>& on_line) {
  LVP_TRY(const Easy easy, open(request));
  ClientResponse response;
  std::string line;  // the beginning of the next one
  bool stopped = false;
  bool too_long = false;
  const OnBytes on_bytes = [&](std::string_view bytes) {
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status != ok) stopped = true;
    while (!stopped && !bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      too_long = std::min(end, bytes.size()) > fetched_bytes_max - line.size();
      if (too_long) return !(stopped = true);
      line += bytes.substr(0, end);
      if (end == std::string_view::npos) return true;
      bytes.remove_prefix(end + 1);
      if (line.ends_with('\r')) line.pop_back();
      stopped = !on_line(line);
      line.clear();
    }
    return !stopped;
  };
  LVP_DO(run(easy.get(), request, on_bytes, response, stopped));
  if (response.status != ok) {
    return invalid(fmt::format("{} {}: status {}", request.method, request.url, response.status));
  }
  if (too_long) return invalid(fmt::format("{} {}: line too long", request.method, request.url));
  if (!stopped && !line.empty()) on_line(line);
  return {};
}

}  // namespace lvp::net
