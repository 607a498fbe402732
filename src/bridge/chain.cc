#include "bridge/chain.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace lvp::bridge {
namespace {

struct Kind {
  std::string_view name;
  Made (*make)(Settings& settings, const Files& files);
};

template <Made (*make)(Settings&)>
Made without_files(Settings& settings, const Files&) {
  return make(settings);
}

constexpr std::array<Kind, 10> kinds{{
    {"spEnrichedFilter", without_files<make_enriched_filter>},
    {"spEnrichedFilterContext", without_files<make_enriched_filter_context>},
    {"spEnrichedFilterUnstructEvent", without_files<make_enriched_filter_unstruct_event>},
    {"spEnrichedSetPk", without_files<make_enriched_set_pk>},
    {"spEnrichedToJson", without_files<make_enriched_to_json>},
    {"base64Encode", without_files<make_base64_encode>},
    {"base64Decode", without_files<make_base64_decode>},
    {"jq", without_files<make_jq>},
    {"jqFilter", without_files<make_jq_filter>},
    {"js", make_js},
}};

Made make(const Component& component, const Files& files) {
  Settings settings = component.settings();
  for (const Kind& kind : kinds) {
    if (kind.name != component.name) continue;
    LVP_TRY(auto made, kind.make(settings, files));
    LVP_DO(settings.check_all_known());
    return made;
  }
  return settings.error("", fmt::format("could not interpret transformation configuration for "
                                        "\"{}\"",
                                        component.name));
}

}  // namespace

Result<Event*> Carried::event(const Message& message) {
  if (has_event_) return &event_;
  if (const Status read = event_.read(message.data); !read)
    return invalid("intermediate state cannot be parsed as parsedEvent: " + read.error().what);
  has_event_ = true;
  script.reset();
  return &event_;
}

void Carried::forget() {
  has_event_ = false;
  script.reset();
}

Result<Chain> Chain::compile(const Configuration& configuration, const Files& files) {
  Chain chain;
  for (const Component& component : configuration.transformations) {
    LVP_TRY(auto step, make(component, files));
    chain.steps_.push_back(std::move(step));
  }
  return chain;
}

Outcome Chain::apply(Message& message) {
  carried_.forget();
  for (const auto& step : steps_) {
    Outcome outcome = step->apply(message, carried_);
    if (outcome.verdict != Verdict::passed) return outcome;
  }
  return {};
}

}  // namespace lvp::bridge
