// What one block of a configuration sets, read by whoever it configures.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "bridge/hcl.h"

namespace lvp::bridge {

/// Reads a block's attributes as the types that are asked for. Errors: "file:line: block: what".
/// The conversions are HCL's: a bool is also "true", "false", "1", "0"; a number also its text; a
/// text also a number or a bool; null is absent.
class Settings {
 public:
  /// `body` outlives it. `where` names the block in messages, `line` is its line.
  Settings(const hcl::Body& body, std::string file, std::string where, int line);

  /// Error::invalid if it is absent.
  Result<std::string> text(std::string_view name);
  Result<std::string> text_or(std::string_view name, std::string_view otherwise);
  Result<bool> flag_or(std::string_view name, bool otherwise);
  /// Error::invalid if it has a fraction or is not in [min, max].
  Result<std::int64_t> whole_or(std::string_view name, std::int64_t otherwise, std::int64_t min,
                                std::int64_t max);

  /// The only block of this type, or null. Error::invalid if there are several.
  Result<const hcl::Block*> block(std::string_view type);

  /// Names that may be there and mean nothing here.
  void ignore(std::initializer_list<std::string_view> names);
  /// Error::invalid if something is set that was neither asked for nor ignored.
  Status check_all_known() const;

  /// An error about the attribute, or about the block if it has none of that name.
  std::unexpected<Error> error(std::string_view name, std::string_view what) const;
  Settings inner(const hcl::Block& block) const;

 private:
  Result<const hcl::Value*> find(std::string_view name);
  std::unexpected<Error> error_at(int line, std::string_view what) const;

  const hcl::Body& body_;
  std::string file_;
  std::string where_;
  int line_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace lvp::bridge
