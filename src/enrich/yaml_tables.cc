#include "enrich/yaml_tables.h"

#include <fmt/format.h>

#include <cstddef>
#include <optional>

#include "base/text.h"

namespace lvp::enrich {
namespace {

// What stands behind the closing quote: nothing, or a comment.
bool is_end(std::string_view rest) {
  rest = trim(rest);
  return rest.empty() || rest.starts_with('#');
}

std::optional<std::string> single_quoted(std::string_view text) {
  std::string out;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\'') {
      if (i + 1 == text.size() || text[i + 1] != '\'')
        return is_end(text.substr(i + 1)) ? std::optional(out) : std::nullopt;
      ++i;
    }
    out += text[i];
  }
  return std::nullopt;
}

std::optional<std::string> double_quoted(std::string_view text) {
  std::string out;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return is_end(text.substr(i + 1)) ? std::optional(out) : std::nullopt;
    if (text[i] == '\\') {
      ++i;
      if (i == text.size() || (text[i] != '\\' && text[i] != '"' && text[i] != '/'))
        return std::nullopt;
    }
    out += text[i];
  }
  return std::nullopt;
}

std::optional<std::string> scalar(std::string_view text) {
  if (text.starts_with('\'')) return single_quoted(text);
  if (text.starts_with('"')) return double_quoted(text);
  if (text.starts_with('#')) return "";
  if (const std::size_t comment = text.find(" #"); comment != text.npos)
    text = trim(text.substr(0, comment));
  return std::string(text);
}

}  // namespace

Result<YamlTables> parse_yaml_tables(std::string_view text) {
  YamlTables tables;
  std::vector<YamlItem>* table = nullptr;
  std::size_t number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    const auto wrong = [&] { return invalid(fmt::format("line {} is not understood", number)); };
    if (line.ends_with('\r')) line.remove_suffix(1);
    std::string_view pair = trim(line);
    if (pair.empty() || pair.starts_with('#') || pair == "---") continue;
    const bool is_indented = line.front() == ' ' || line.front() == '-';
    const bool is_item = pair.starts_with('-');
    if (is_item) pair = trim(pair.substr(1));
    if (is_item && table) table->emplace_back();
    if (is_item && table && pair.empty()) continue;
    const std::size_t colon = pair.find(':');
    if (colon == pair.npos) return wrong();
    const std::string key(trim(pair.substr(0, colon)));
    const auto value = scalar(trim(pair.substr(colon + 1)));
    if (!value) return wrong();
    if (!is_indented) {
      if (!value->empty()) return wrong();
      table = &tables[key];
    } else {
      if (!table || table->empty()) return wrong();
      table->back()[key] = *value;
    }
  }
  return tables;
}

}  // namespace lvp::enrich
