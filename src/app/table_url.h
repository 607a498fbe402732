// Where the tables of the sink are, as sink.table says it: dynamodb: or a URL of PostgreSQL. And
// how to show a setting that may hold a password.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "app/config.h"
#include "base/result.h"

namespace lvp::app {

enum class TableEngine : std::uint8_t { none, dynamodb, postgres };

/// Error::invalid if the text is neither empty nor such a URL. The message shows no password.
Result<TableEngine> parse_table_url(std::string_view text);

/// Error::invalid if the tables of the sink lack a name or have the same.
Status check_sink(const Config& config);

/// The text with "…" in place of the password of each URL in it.
std::string without_passwords(std::string_view text);

/// The setting as `lvp check` prints it: TOML, with "…" in place of what is secret.
std::string shown(const Setting& setting, const Config& config);

}  // namespace lvp::app
