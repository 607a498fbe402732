#include "wire/json_document.h"

#include "wire/json_text.h"

namespace lvp::json {

Status Document::read(std::string_view text) {
  LVP_TRY(root_, parser_.parse(text));
  text_ = text;
  if (is_compact(text, parser_.tokens())) return {};
  made_ = compact(text);
  if (made_ == text) return {};
  // Of members with the same name the text keeps the last; the values must be the same ones.
  text_ = made_;
  LVP_TRY(root_, parser_.parse(text_));
  return {};
}

const std::vector<std::string_view>& Document::elements(std::string_view array) {
  raw_elements(text_, parser_.tokens(), static_cast<std::size_t>(array.data() - text_.data()),
               elements_);
  return elements_;
}

}  // namespace lvp::json
