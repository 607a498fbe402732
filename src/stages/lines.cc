#include "stages/lines.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace lvp::stages {
namespace {

constexpr std::size_t read_bytes_max = 256 << 10;

class LineReader final : public stream::Reader {
 public:
  LineReader(int descriptor, const Clock& clock, std::function<void()> on_end)
      : descriptor_(descriptor), clock_(clock), on_end_(std::move(on_end)) {}

  Result<stream::Batch> poll(std::size_t records_max, Duration wait) override {
    if (committed_ == lines_->size()) LVP_DO(read_more(wait));
    stream::Batch batch;
    batch.partition = "0";
    batch.storage = lines_;
    const std::size_t end = std::min(lines_->size(), committed_ + records_max);
    for (std::size_t at = committed_; at < end; ++at)
      batch.records.push_back({"", (*lines_)[at], offset_of(before_ + at), read_at_});
    batch.caught_up = end == lines_->size();
    return batch;
  }

  // A pipe has no position to keep, so there is nothing for the unit to do but to succeed.
  Status commit(UnitOfWork& unit, const stream::Position& position) override {
    unit.after([this, offset = position.offset] {
      while (committed_ < lines_->size() && offset_of(before_ + committed_) <= offset) ++committed_;
    });
    return {};
  }

  std::vector<stream::Share> shares() const override { return {{"0", 1}}; }
  bool caught_up(std::string_view) const override { return committed_ == lines_->size(); }

 private:
  static std::string offset_of(std::size_t number) { return fmt::format("{:020}", number); }

  // Replaces the lines, all of which are committed, by the next ones that are there.
  Status read_more(Duration wait) {
    before_ += lines_->size();
    committed_ = 0;
    lines_ = std::make_shared<std::vector<std::string>>();
    if (at_end_) {
      on_end_();
      return {};
    }
    pollfd waiting{descriptor_, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(wait.count())) <= 0) return {};
    std::string bytes(read_bytes_max, '\0');
    const ssize_t count = ::read(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) return {};
    if (count < 0)
      return invalid(fmt::format("standard input: {}", std::generic_category().message(errno)));
    read_at_ = clock_.now();
    at_end_ = count == 0;
    take_lines(std::string_view(bytes).substr(0, static_cast<std::size_t>(count)));
    if (rest_.size() > line_bytes_max)
      return invalid(fmt::format("standard input: line {} has more than {} bytes",
                                 before_ + lines_->size() + 1, line_bytes_max));
    if (at_end_ && !rest_.empty()) add_line();
    return {};
  }

  void take_lines(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      rest_ += bytes.substr(0, end);
      if (end == bytes.npos) return;
      add_line();
      bytes.remove_prefix(end + 1);
    }
  }

  void add_line() {
    if (rest_.ends_with('\r')) rest_.pop_back();
    lines_->push_back(std::move(rest_));
    rest_.clear();
  }

  int descriptor_;
  const Clock& clock_;
  std::function<void()> on_end_;
  std::shared_ptr<std::vector<std::string>> lines_ = std::make_shared<std::vector<std::string>>();
  std::size_t before_ = 0;     // lines before these
  std::size_t committed_ = 0;  // of these
  std::string rest_;           // the beginning of a line
  bool at_end_ = false;
  Timestamp read_at_;
};

}  // namespace

std::unique_ptr<stream::Reader> make_line_reader(int descriptor, const Clock& clock,
                                                 std::function<void()> on_end) {
  return std::make_unique<LineReader>(descriptor, clock, std::move(on_end));
}

}  // namespace lvp::stages
