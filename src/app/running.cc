#include "app/running.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "net/client.h"
#include "wire/json.h"

namespace lvp::app {
namespace {

constexpr Duration answer_wait = std::chrono::seconds(10);

std::string note_in(const std::string& data_dir) {
  return data_dir + "/running.url";
}

}  // namespace

Result<RunningNote> RunningNote::leave(const std::string& data_dir, std::string_view private_url) {
  RunningNote note(note_in(data_dir));
  const int file = open(note.file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return unavailable(fmt::format("{}: {}", note.file_, std::strerror(errno)));
  const bool written = write(file, private_url.data(), private_url.size()) ==
                       static_cast<ssize_t>(private_url.size());
  close(file);
  if (!written) return unavailable(fmt::format("{}: cannot be written", note.file_));
  return note;
}

RunningNote::RunningNote(RunningNote&& other) noexcept : file_(std::exchange(other.file_, {})) {}

RunningNote::~RunningNote() {
  if (!file_.empty()) unlink(file_.c_str());
}

std::string find_running(const std::string& data_dir) {
  std::string url;
  std::getline(std::ifstream(note_in(data_dir)), url);
  if (url.empty()) return {};
  net::ClientRequest request;
  request.url = url + "/healthz";
  request.timeout = answer_wait;
  const auto answer = net::fetch(request);
  return answer && answer->status == 200 ? url : std::string();
}

Status check_folder(const std::string& data_dir) {
  if (std::filesystem::exists(data_dir + "/CURRENT")) return {};  // every RocksDB has it
  return unavailable(fmt::format(
      "{}: nothing is kept here; give the folder of `lvp up` with --data, or --url with "
      "the private address of a running lvp, as for all that is on Kafka or Kinesis",
      data_dir));
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       std::string_view("-._~").contains(c);
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

Result<std::string> ask(const std::string& private_url, const std::string& path,
                        const std::string& token, const std::string& method) {
  net::ClientRequest request;
  request.method = method;
  request.url = private_url + path;
  request.timeout = answer_wait;
  if (!token.empty()) request.headers.push_back({"Authorization", "Bearer " + token});
  LVP_TRY(net::ClientResponse answer, net::fetch(request));
  if (answer.status == 200 || answer.status == 202) return std::move(answer.body);
  json::Parser parser;
  const auto root = parser.parse(answer.body);
  const auto what = root ? (*root)["error"].string() : std::nullopt;
  return invalid(fmt::format("{}: {} {}", request.url, answer.status, what.value_or("")));
}

}  // namespace lvp::app
