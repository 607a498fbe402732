// spEnrichedFilterContext: keeps or drops events by a value in entities of one kind.
#include <algorithm>

#include "bridge/field_path.h"
#include "bridge/match.h"
#include "bridge/transformation.h"

namespace lvp::bridge {
namespace {

class EnrichedFilterContext final : public Transformation {
 public:
  EnrichedFilterContext(std::string name, FieldPath path, Match match)
      : name_(std::move(name)), path_(std::move(path)), match_(std::move(match)) {}

  Outcome apply(Message& message, Carried& carried) override {
    const auto event = carried.event(message);
    if (!event) return Outcome::failed(event.error().what);
    auto values = (*event)->entities(name_);
    if (!values)
      return Outcome::failed("failed to get value of parsed event: " + values.error().what);
    for (json::Value& value : *values) value = path_.find(value);
    std::erase_if(*values, [](const json::Value& value) { return !value.exists(); });
    return match_.decide(*values);
  }

 private:
  std::string name_;
  FieldPath path_;
  Match match_;
};

}  // namespace

Made make_enriched_filter_context(Settings& settings) {
  LVP_TRY(std::string name, settings.text("context_full_name"));
  LVP_TRY(const std::string path_text, settings.text("custom_field_path"));
  LVP_TRY(Match match, Match::read(settings));
  auto path = FieldPath::parse(path_text);
  if (!path) return settings.error("custom_field_path", path.error().what);
  return std::make_unique<EnrichedFilterContext>(std::move(name), std::move(*path),
                                                 std::move(match));
}

}  // namespace lvp::bridge
