// Bad rows: why something was refused, with the thing itself, as Snowplow writes them to `bad`.
//
//   row := {"schema":"iglu:com.snowplowanalytics.snowplow.badrows/<name>/jsonschema/<version>",
//           "data":{"processor":{…},"failure":{…},"payload":…}}
//
// Key order, nulls and number forms are exact: docs/formats/bad_row.md. A message is the JSON text
// of one object of the list in docs/formats/bad_row.md#messages.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "wire/collector_payload.h"
#include "wire/enriched_event.h"
#include "wire/form.h"

namespace lvp::bad_row {

/// Who refused: "lvp-enrich", "0.1.0".
struct Processor {
  std::string artifact;
  std::string version;
};

/// One item of a schema validation report.
struct Report {
  std::string message;
  std::string path;     ///< "$", "$.data[0].p"; for columns the parameter's name
  std::string keyword;  ///< "required", "type", …
  std::vector<std::string> targets;

  bool operator==(const Report&) const = default;
};

// Messages.
std::string input_data(std::string_view field, std::optional<std::string_view> value,
                       std::string_view expectation);
std::string not_json(std::string_view field, std::string_view value, std::string_view error);
std::string not_iglu(std::string_view json, std::string_view code);
std::string criterion_mismatch(std::string_view schema_uri, std::string_view criterion);
std::string validation_error(std::string_view schema_uri, std::span<const Report> reports);
std::string payload_error(std::string_view error);
std::string payload_input_data(std::string_view field, std::optional<std::string_view> value,
                               std::string_view expectation);
/// Which enrichment failed: its configuration's schema, and its name in Snowplow's bad rows.
struct Enrichment {
  std::string_view schema_uri;
  std::string_view identifier;
};
/// Without `by` the row says "enrichment": null.
std::string enrichment_message(std::string_view message,
                               const std::optional<Enrichment>& by = std::nullopt);

/// The tracker request as far as it was understood.
struct Request {
  std::string vendor;
  std::string version;
  const CollectorPayload* payload = nullptr;
  std::string_view ip_address;  ///< after X-Forwarded-For
};

// Rows.
/// `loader` is what could not read it: "thrift", or "Gzip" or "Zstd" for a container.
std::string collector_payload_format_violation(const Processor& processor, Timestamp now,
                                               std::string_view message,
                                               std::string_view payload_bytes,
                                               std::string_view loader = "thrift");
std::string tracker_protocol_violations(const Processor& processor, Timestamp now,
                                        const Request& request,
                                        std::span<const std::string> messages);
std::string adapter_failures(const Processor& processor, Timestamp now, const Request& request,
                             std::span<const std::string> messages);
std::string schema_violations(const Processor& processor, Timestamp now, const Request& request,
                              std::span<const FormField> parameters, const EnrichedEvent& event,
                              std::span<const std::string> messages);
std::string enrichment_failures(const Processor& processor, Timestamp now, const Request& request,
                                std::span<const FormField> parameters, const EnrichedEvent& event,
                                std::span<const std::string> messages);
/// `text` is cut to a tenth of `bytes_max`, in UTF-16 units.
std::string size_violation(const Processor& processor, Timestamp now, std::size_t bytes_max,
                           std::size_t bytes, std::string_view expectation, std::string_view text);
/// A request in a container is too large. `record` is the container; all of it is kept, as base64.
std::string oversized_payload(const Processor& processor, Timestamp now, std::size_t bytes_max,
                              std::size_t bytes, std::string_view expectation,
                              std::string_view record);
/// For whatever has no row of its own: a record that a later stage cannot read.
std::string generic_error(const Processor& processor, Timestamp now, std::string_view error,
                          std::string_view payload);

}  // namespace lvp::bad_row
