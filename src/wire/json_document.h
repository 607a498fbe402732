// JSON in two forms that agree: values, and the compact text that goes on to the next process.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/json.h"

namespace lvp::json {

/// Reads documents, reusing its memory. Not thread-safe.
class Document {
 public:
  /// Replaces what was read before. Error::invalid in the words of Parser. `text` must live for as
  /// long as text() is used.
  Status read(std::string_view text);

  const Value& root() const { return root_; }
  /// As compact() makes it. Views what was read if that was compact, else this document.
  std::string_view text() const { return text_; }

  /// The texts of the elements of an array whose text is `array`, a part of text(). Good until the
  /// next call.
  const std::vector<std::string_view>& elements(std::string_view array);

 private:
  Parser parser_;
  Value root_;
  std::string_view text_;
  std::string made_;
  std::vector<std::string_view> elements_;
};

}  // namespace lvp::json
