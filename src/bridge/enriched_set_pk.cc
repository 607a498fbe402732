// spEnrichedSetPk: the partition key becomes the text of a column.
#include "bridge/transformation.h"

namespace lvp::bridge {
namespace {

class EnrichedSetPk final : public Transformation {
 public:
  explicit EnrichedSetPk(Column column) : column_(column) {}

  Outcome apply(Message& message, Carried& carried) override {
    constexpr std::string_view label = "failed to get value of the provided atomic field: ";
    const auto event = carried.event(message);
    if (!event) return Outcome::failed(event.error().what);
    auto value = (*event)->printed(column_);
    if (!value) return Outcome::failed(std::string(label) + value.error().what);
    if (value->empty()) return Outcome::failed(std::string(label) + "field is empty");
    message.key = std::move(*value);
    return {};
  }

 private:
  Column column_;
};

}  // namespace

Made make_enriched_set_pk(Settings& settings) {
  LVP_TRY(const std::string name, settings.text("atomic_field"));
  const auto column = find_column(name);
  if (!column)
    return settings.error(
        "atomic_field", "error validating atomic field: key " + name + " not a valid atomic field");
  return std::make_unique<EnrichedSetPk>(*column);
}

}  // namespace lvp::bridge
