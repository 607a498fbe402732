#include "simulate/report.h"

#include <fmt/format.h>

#include <iterator>

#include "wire/json.h"

namespace lvp::simulate {
namespace {

using json::Writer;

double per_second(std::uint64_t count, Duration took) {
  return took > Duration(0) ? static_cast<double>(count) / to_seconds(took) : 0;
}

std::string percentiles(const LatencyHistogram& h) {
  return fmt::format("p50 {:.1f}  p99 {:.1f}  p99.9 {:.1f}  max {:.1f} ms", h.percentile_ms(0.5),
                     h.percentile_ms(0.99), h.percentile_ms(0.999), h.max_ms());
}

void write(Writer& out, std::string_view key, std::uint64_t value) {
  out.key(key).integer(static_cast<std::int64_t>(value));
}

void write(Writer& out, std::string_view key, const LatencyHistogram& h) {
  out.key(key).begin_object();
  write(out, "count", h.count());
  out.key("p50").number(h.percentile_ms(0.5));
  out.key("p99").number(h.percentile_ms(0.99));
  out.key("p99_9").number(h.percentile_ms(0.999));
  out.key("max").number(h.max_ms());
  out.end_object();
}

void write(Writer& out, std::string_view key, const Count& count) {
  out.key(key).begin_object();
  write(out, "least", count.least);
  write(out, "most", count.most);
  write(out, "found", count.found);
  out.end_object();
}

void write(Writer& out, std::string_view key, const States& states) {
  out.key(key).begin_object();
  write(out, "compared", states.compared);
  write(out, "unsettled", states.unsettled);
  write(out, "wrong", states.wrong);
  out.end_object();
}

void write(Writer& out, const Traffic& t, Duration took) {
  write(out, "requests", t.requests);
  write(out, "events", t.events);
  write(out, "acknowledged", t.acknowledged);
  write(out, "refused", t.refused);
  write(out, "unanswered", t.unanswered);
  write(out, "given_up", t.given_up);
  out.key("requests_per_second").number(per_second(t.acknowledged, took));
  write(out, "answer_ms", t.answer);
  write(out, "late_ms", t.late);
}

void write(Writer& out, const Verification& v) {
  out.key("concurrency").begin_object();
  write(out, "samples", v.concurrency.samples);
  write(out, "skipped", v.concurrency.skipped);
  write(out, "peak", v.concurrency.peak);
  out.key("error_max").number(v.concurrency.error_max);
  out.key("error_mean").number(v.concurrency.error_mean());
  out.end_object();
  write(out, "states_live", v.live);
  write(out, "states_end", v.end);
  write(out, "update_ms", v.update);
  write(out, "with_later", v.with_later);
  write(out, "unseen", v.unseen);
  write(out, "too_late", v.too_late);
  write(out, "missed", v.missed);
  write(out, "frames", v.frames);
  out.key("frames_apart_ms").integer(v.frames_apart.count());
  write(out, "new_snapshots", v.new_snapshots);
  write(out, "wrong_counts", v.wrong_counts);
  out.key("caught_up_after_ms");
  if (v.caught_up_after) {
    out.integer(v.caught_up_after->count());
  } else {
    out.null();
  }
  write(out, "raw", v.raw);
  write(out, "enriched", v.enriched);
  write(out, "media", v.media);
  write(out, "bad", v.bad);
  write(out, "figures_lost", v.figures_lost);
  write(out, "figures_doubled", v.figures_doubled);
  write(out, "lost", v.lost());
  write(out, "doubled", v.doubled());
}

std::string text_of(const Count& count) {
  const bool is_open = count.most == std::numeric_limits<std::uint64_t>::max();
  const std::string expected =
      count.least == count.most
          ? fmt::to_string(count.least)
          : fmt::format("{} {}", count.least,
                        is_open ? "or more" : fmt::format("to {}", count.most));
  return fmt::format("{} of {}", count.found, expected);
}

std::string text_of(const States& states) {
  return fmt::format("{} wrong of {} compared, {} not settled", states.wrong, states.compared,
                     states.unsettled);
}

void append(std::string& out, const Verification& v) {
  const auto line = [&](std::string_view name, const std::string& value) {
    fmt::format_to(std::back_inserter(out), "{:<15}{}\n", name, value);
  };
  line("shown after",
       percentiles(v.update) +
           fmt::format(", {} of {} with a later one, {} never", v.with_later, v.update.count(),
                       v.unseen) +
           (v.too_late == 0 ? "" : fmt::format(", nor {} sent too late", v.too_late)));
  line("concurrency",
       fmt::format("at most {} at once; error at most {:.3f} %, {:.3f} % on average, in "
                   "{} samples ({} skipped)",
                   v.concurrency.peak, 100 * v.concurrency.error_max,
                   100 * v.concurrency.error_mean(), v.concurrency.samples, v.concurrency.skipped));
  line("states", text_of(v.live) + " on /live");
  line("at the end", text_of(v.end) + " by the API");
  line("frames", fmt::format("{}, at most {} ms apart, {} with counts that are not those of their "
                             "rows",
                             v.frames, v.frames_apart.count(), v.wrong_counts));
  if (v.new_snapshots > 0)
    line("", fmt::format("some were dropped, {} times, and with them up to {} changes",
                         v.new_snapshots, v.missed));
  if (v.caught_up_after)
    line("caught up",
         fmt::format("{:.1f} s after the last answer", to_seconds(*v.caught_up_after)));
  line("records", fmt::format("raw {}, enriched {}, media {}, bad {}", text_of(v.raw),
                              text_of(v.enriched), text_of(v.media), text_of(v.bad)));
  line("lost", fmt::to_string(v.lost()));
  line("doubled", fmt::to_string(v.doubled()));
  for (const std::string& finding : v.findings) line("", finding);
}

}  // namespace

void Concurrency::add(std::uint32_t shown, std::uint32_t least, std::uint32_t most) {
  ++samples;
  peak = std::max(peak, most);
  const std::uint32_t off = shown < least ? least - shown : shown > most ? shown - most : 0;
  const double error = static_cast<double>(off) / std::max(most, 1u);
  error_max = std::max(error_max, error);
  error_sum += error;
}

// An event that is missing in a stream is missing in profiles too: it is not added up.
std::uint64_t Verification::lost() const {
  return std::max({raw.lost(), enriched.lost(), media.lost(), bad.doubled(), figures_lost});
}

std::uint64_t Verification::doubled() const {
  return std::max({raw.doubled(), enriched.doubled(), media.doubled(), figures_doubled});
}

std::vector<std::string> broken(const Report& report, const Bounds& bounds) {
  std::vector<std::string> found;
  if (report.traffic.given_up > 0)
    found.push_back(fmt::format("{} requests were never acknowledged", report.traffic.given_up));
  if (!report.verification) return found;
  const Verification& v = *report.verification;
  const auto none = [&](std::uint64_t count, std::string_view what) {
    if (count > 0) found.push_back(fmt::format("{} {}", count, what));
  };
  none(v.lost(), "events lost");
  none(v.doubled(), "events doubled");
  none(v.live.wrong, "wrong states on /live");
  none(v.end.wrong, "wrong states in the end");
  none(v.unseen, "changes that /live never showed");
  none(v.wrong_counts, "frames whose counts are not those of their rows");
  if (!v.caught_up_after) found.push_back("the stages did not catch up");
  if (v.concurrency.error_max > bounds.concurrency_error)
    found.push_back(fmt::format("concurrency is off by {:.3f} %, allowed are {:.3f} %",
                                100 * v.concurrency.error_max, 100 * bounds.concurrency_error));
  if (v.concurrency.samples == 0) found.push_back("nothing could be compared");
  if (bounds.update_p99) {
    const double p99 = v.update.percentile_ms(0.99);
    const auto allowed = static_cast<double>(bounds.update_p99->count());
    if (p99 > allowed)
      found.push_back(fmt::format("shown after {:.1f} ms (p99), allowed are {} ms", p99, allowed));
  }
  return found;
}

std::string text(const Report& report, const Bounds& bounds) {
  const Traffic& t = report.traffic;
  std::string out = fmt::format(
      "{} viewers in {:.1f} s, seed {}\n"
      "{:<15}{} with {} events; {:.0f} a second acknowledged, {} refused, {} unanswered, {} given "
      "up\n"
      "{:<15}{}\n"
      "{:<15}{}\n",
      report.plan.viewers, to_seconds(report.took), report.plan.seed, "requests", t.requests,
      t.events, per_second(t.acknowledged, report.took), t.refused, t.unanswered, t.given_up,
      "answered after", percentiles(t.answer), "sent late by", percentiles(t.late));
  if (report.verification) append(out, *report.verification);
  for (const std::string& what : broken(report, bounds))
    fmt::format_to(std::back_inserter(out), "BROKEN         {}\n", what);
  return out;
}

std::string json_line(const Report& report, const Bounds& bounds) {
  Writer out;
  out.begin_object();
  write(out, "seed", report.plan.seed);
  write(out, "viewers", report.plan.viewers);
  out.key("seconds").number(to_seconds(report.took));
  write(out, report.traffic, report.took);
  out.key("verified").boolean(report.verification.has_value());
  if (report.verification) write(out, *report.verification);
  out.key("broken").begin_array();
  for (const std::string& what : broken(report, bounds)) out.string(what);
  out.end_array().end_object();
  return out.take();
}

}  // namespace lvp::simulate
