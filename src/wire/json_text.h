// JSON as text: what must keep its number spellings ("1.50" stays "1.50") on its way through.
//
// Every function here takes text that Parser has already accepted.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lvp::json {

/// The same document as circe's noSpaces prints it: no white space, escapes normalised, numbers as
/// they were spelled, and of members with the same name the last value, at the place of the first.
std::string compact(std::string_view valid);

/// Whether compact() would give `valid` as it is, without making it; `tokens` are its Parser's.
/// Several times faster, and what trackers send is compact. May say no where yes were right.
bool is_compact(std::string_view valid, std::span<const std::uint32_t> tokens);

/// The text of a member's value in a compact object, or nothing. `key` must not need escaping.
std::optional<std::string_view> raw_member(std::string_view compact_object, std::string_view key);

/// The texts of the elements of a compact array.
std::vector<std::string_view> raw_elements(std::string_view compact_array);

/// The same of the array that begins at `begin` in a compact document with these tokens, in place
/// of what `elements` were.
void raw_elements(std::string_view compact_document, std::span<const std::uint32_t> tokens,
                  std::size_t begin, std::vector<std::string_view>& elements);

}  // namespace lvp::json
