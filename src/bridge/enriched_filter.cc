// spEnrichedFilter: keeps or drops events by one column.
#include "bridge/match.h"
#include "bridge/transformation.h"

namespace lvp::bridge {
namespace {

class EnrichedFilter final : public Transformation {
 public:
  EnrichedFilter(Column column, Match match) : column_(column), match_(std::move(match)) {}

  Outcome apply(Message& message, Carried& carried) override {
    const auto event = carried.event(message);
    if (!event) return Outcome::failed(event.error().what);
    const auto value = (*event)->printed(column_);
    if (!value)
      return Outcome::failed("failed to get value of parsed event: " + value.error().what);
    return match_.decide(*value);
  }

 private:
  Column column_;
  Match match_;
};

}  // namespace

Made make_enriched_filter(Settings& settings) {
  LVP_TRY(const std::string name, settings.text("atomic_field"));
  LVP_TRY(Match match, Match::read(settings));
  const auto column = find_column(name);
  if (!column)
    return settings.error(
        "atomic_field", "error validating atomic field: key " + name + " not a valid atomic field");
  return std::make_unique<EnrichedFilter>(*column, std::move(match));
}

}  // namespace lvp::bridge
