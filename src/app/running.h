// How commands find the program that holds a data folder: it leaves its address there while it
// runs.
#pragma once

#include <string>
#include <string_view>

#include "app/config.h"
#include "base/result.h"

namespace lvp::app {

/// Writes the address into the folder, for this user's eyes only, and removes it when destroyed.
class RunningNote {
 public:
  static Result<RunningNote> leave(const std::string& data_dir, std::string_view private_url);
  ~RunningNote();
  RunningNote(RunningNote&& other) noexcept;
  RunningNote& operator=(RunningNote&&) = delete;

 private:
  explicit RunningNote(std::string file) : file_(std::move(file)) {}
  std::string file_;
};

/// The private address of the program that runs on the folder; empty if none answers.
std::string find_running(const std::string& data_dir);

/// Error::unavailable if the folder holds nothing of ours. Commands that only look ask first, since
/// opening it would make it.
Status check_folder(const std::string& data_dir);

/// As a part of a URL's path: everything but letters, digits and "-._~" escaped.
std::string escaped(std::string_view text);

/// Asks the private API. Error::invalid with the server's words if it refuses, unavailable if it
/// cannot be reached.
Result<std::string> ask(const std::string& private_url, const std::string& path,
                        const std::string& token, const std::string& method = "GET");

}  // namespace lvp::app
