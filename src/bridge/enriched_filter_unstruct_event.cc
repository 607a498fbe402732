// spEnrichedFilterUnstructEvent: keeps or drops self-describing events by a value in their data.
#include "bridge/field_path.h"
#include "bridge/match.h"
#include "bridge/transformation.h"

namespace lvp::bridge {
namespace {

class EnrichedFilterUnstructEvent final : public Transformation {
 public:
  EnrichedFilterUnstructEvent(std::string name, Pattern version, FieldPath path, Match match)
      : name_(std::move(name)),
        version_(std::move(version)),
        path_(std::move(path)),
        match_(std::move(match)) {}

  Outcome apply(Message& message, Carried& carried) override {
    const auto read = carried.event(message);
    if (!read) return Outcome::failed(read.error().what);
    Event& event = **read;
    for (const Column column : {Column::event_name, Column::event_version}) {
      if (event[column].empty())
        return Outcome::failed("failed to get value of parsed event: field " +
                               std::string(analytics_name(column)) + " is empty");
    }
    if (event[Column::event_name] != name_ || !version_.finds(event[Column::event_version]))
      return match_.decide(std::string_view());
    const json::Value value = path_.find(event.body());
    return match_.decide({&value, 1});
  }

 private:
  std::string name_;
  Pattern version_;
  FieldPath path_;
  Match match_;
};

}  // namespace

Made make_enriched_filter_unstruct_event(Settings& settings) {
  LVP_TRY(std::string name, settings.text("unstruct_event_name"));
  LVP_TRY(const std::string regex, settings.text_or("unstruct_event_version_regex", ".*"));
  LVP_TRY(const std::string path_text, settings.text("custom_field_path"));
  LVP_TRY(Match match, Match::read(settings));
  auto version = Pattern::compile(regex);
  if (!version)
    return settings.error("unstruct_event_version_regex",
                          "error compiling regex for filter: " + version.error().what);
  auto path = FieldPath::parse(path_text);
  if (!path) return settings.error("custom_field_path", path.error().what);
  return std::make_unique<EnrichedFilterUnstructEvent>(std::move(name), std::move(*version),
                                                       std::move(*path), std::move(match));
}

}  // namespace lvp::bridge
