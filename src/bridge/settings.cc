#include "bridge/settings.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

namespace lvp::bridge {
namespace {

std::optional<double> number_of(const hcl::Value& value) {
  if (const auto* number = std::get_if<double>(&value.is)) return *number;
  const auto* text = std::get_if<std::string>(&value.is);
  if (text == nullptr) return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  return number;
}

std::optional<bool> flag_of(const hcl::Value& value) {
  if (const auto* flag = std::get_if<bool>(&value.is)) return *flag;
  const auto* text = std::get_if<std::string>(&value.is);
  if (text == nullptr) return std::nullopt;
  if (*text == "true" || *text == "1") return true;
  if (*text == "false" || *text == "0") return false;
  return std::nullopt;
}

std::optional<std::string> text_of(const hcl::Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.is)) return *text;
  if (const auto* number = std::get_if<double>(&value.is)) return fmt::format("{}", *number);
  if (const auto* flag = std::get_if<bool>(&value.is)) return *flag ? "true" : "false";
  return std::nullopt;
}

}  // namespace

Settings::Settings(const hcl::Body& body, std::string file, std::string where, int line)
    : body_(body), file_(std::move(file)), where_(std::move(where)), line_(line) {}

Settings Settings::inner(const hcl::Block& block) const {
  return {block.body, file_, where_.empty() ? block.name() : where_ + ": " + block.name(),
          block.line};
}

std::unexpected<Error> Settings::error_at(int line, std::string_view what) const {
  return invalid(where_.empty() ? fmt::format("{}:{}: {}", file_, line, what)
                                : fmt::format("{}:{}: {}: {}", file_, line, where_, what));
}

std::unexpected<Error> Settings::error(std::string_view name, std::string_view what) const {
  const hcl::Attribute* attribute = body_.find(name);
  return error_at(attribute == nullptr ? line_ : attribute->line,
                  name.empty() ? std::string(what) : fmt::format("{}: {}", name, what));
}

// Null if it is absent or HCL's null.
Result<const hcl::Value*> Settings::find(std::string_view name) {
  known_.emplace(name);
  const hcl::Attribute* attribute = body_.find(name);
  if (attribute == nullptr) return nullptr;
  if (!attribute->value) return error(name, attribute->value.error().what);
  const hcl::Value& value = *attribute->value;
  return std::holds_alternative<std::monostate>(value.is) ? nullptr : &value;
}

Result<std::string> Settings::text(std::string_view name) {
  LVP_TRY(const hcl::Value* value, find(name));
  if (value == nullptr) return error(name, "is required");
  return text_or(name, "");
}

Result<std::string> Settings::text_or(std::string_view name, std::string_view otherwise) {
  LVP_TRY(const hcl::Value* value, find(name));
  if (value == nullptr) return std::string(otherwise);
  auto text = text_of(*value);
  if (!text) return error(name, "a string is required");
  return std::move(*text);
}

Result<bool> Settings::flag_or(std::string_view name, bool otherwise) {
  LVP_TRY(const hcl::Value* value, find(name));
  if (value == nullptr) return otherwise;
  const auto flag = flag_of(*value);
  if (!flag) return error(name, "a bool is required");
  return *flag;
}

Result<std::int64_t> Settings::whole_or(std::string_view name, std::int64_t otherwise,
                                        std::int64_t min, std::int64_t max) {
  LVP_TRY(const hcl::Value* value, find(name));
  if (value == nullptr) return otherwise;
  const auto number = number_of(*value);
  if (!number || *number != std::floor(*number)) return error(name, "a whole number is required");
  if (*number < static_cast<double>(min) || *number > static_cast<double>(max))
    return error(name, fmt::format("must be from {} to {}", min, max));
  return static_cast<std::int64_t>(*number);
}

Result<const hcl::Block*> Settings::block(std::string_view type) {
  known_.emplace(type);
  const hcl::Block* found = nullptr;
  for (const hcl::Block& block : body_.blocks) {
    if (block.type != type) continue;
    if (found != nullptr) return error_at(block.line, fmt::format("a second block {}", type));
    found = &block;
  }
  return found;
}

void Settings::ignore(std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) known_.emplace(name);
}

Status Settings::check_all_known() const {
  for (const hcl::Attribute& attribute : body_.attributes) {
    if (!known_.contains(attribute.name))
      return error(attribute.name, "there is no such setting here");
  }
  for (const hcl::Block& block : body_.blocks) {
    if (!known_.contains(block.type))
      return error_at(block.line, fmt::format("{}: there is no such block here", block.name()));
  }
  return {};
}

}  // namespace lvp::bridge
