// spEnrichedToJson: the event as the JSON object of Snowplow's analytics SDK.
#include "bridge/transformation.h"

namespace lvp::bridge {
namespace {

class EnrichedToJson final : public Transformation {
 public:
  Outcome apply(Message& message, Carried& carried) override {
    const auto event = carried.event(message);
    if (!event) return Outcome::failed(event.error().what);
    auto json = (*event)->json();
    if (!json)
      return Outcome::failed("failed to convert parsedEvent to JSON: " + json.error().what);
    message.data = std::move(*json);
    return {};
  }
};

}  // namespace

Made make_enriched_to_json(Settings&) {
  return std::make_unique<EnrichedToJson>();
}

}  // namespace lvp::bridge
