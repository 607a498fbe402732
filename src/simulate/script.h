// The life of one made-up viewer: what it does and when, and so what its tracker reports.
//
// A viewer arrives, watches a content, pauses, seeks, stalls, sees ads, comes to the end, starts
// another, and at some point is not there any more, usually without a word. Nothing is kept but
// what it does now: each event is made when it is asked for, so an audience of any size costs a few
// hundred bytes a viewer.
//
// What holds after each event (Event::state, patience) is told by what the viewer did, by
// docs/state-machine.md, and not by folding events: the two can then be compared. Pure: the same
// arguments make the same life.
#pragma once

#include <optional>

#include "simulate/device.h"
#include "simulate/event.h"
#include "simulate/plan.h"

namespace lvp::simulate {

class Script {
 public:
  /// Plan and catalogue must outlive it.
  Script(const Plan& plan, const Catalogue& catalogue, std::uint32_t viewer);

  /// When the next event is made; nothing if the viewer makes no more. Never goes back.
  std::optional<Duration> next() const;
  /// That event. Only if there is one.
  Event take();

  const DeviceKind& device() const { return *device_; }
  /// How far its clock is wrong.
  Duration clock_error() const { return clock_error_; }

 private:
  // What the viewer or its player does next.
  enum class Act : std::uint8_t {
    ready,
    play,
    pause,
    seek,  // a jump that is told when it is done
    seek_start,
    seek_end,
    buffer_start,
    buffer_end,
    break_start,
    pause_for_ad,
    ad_start,
    ad_quartile,
    ad_click,
    ad_end,
    break_end,
    pause_at_end,
    end,
    next_play,
    nothing,
  };

  void begin_play(Duration at);
  void act(Duration at, Event& event);
  void then(Act act, Duration at);
  void plan_activity(Duration at);
  Act choose_activity();
  void start_break(Duration at, Event& event);
  void start_ad(Duration at);
  void watch_ad(Duration at);
  void finish_ad(Duration at, Event& event);
  void finish_content(Event& event);
  void ping(Event& event);
  void look_ahead();
  bool pings() const;
  void move_content(Duration at);
  Duration patience() const;
  void note_figures(MediaKind kind, Duration at);
  void describe(Event& event, Duration at);
  void close_what_ended(MediaKind kind);
  double length_left_s() const;
  double jump_target();

  const Plan* plan_;
  const Catalogue* catalogue_;
  Random random_;
  const DeviceKind* device_;
  Duration clock_error_{};
  Duration dies_at_;  // makes nothing from then on
  Duration logs_in_at_;

  Act next_ = Act::nothing;
  Duration next_at_{};
  Duration ping_at_{};
  int paused_pings_ = 0;
  std::uint32_t events_ = 0;
  bool logged_in_ = false;

  // The play.
  std::uint32_t plays_ = 0;
  Duration play_began_{};
  const Content* content_ = nullptr;
  double position_s_ = 0;
  double played_on_s_ = 0;  // to the newest event for which the content moved
  Duration position_at_{};
  bool moving_ = false;  // the content is
  bool paused_ = true;
  bool ended_ = false;
  bool shown_ = false;  // an event said that the content moved
  State state_ = State::left;
  State state_before_break_ = State::ready;

  // The break.
  AdBreakNow ad_break_;
  AdNow ad_;
  int ads_left_ = 0;  // of the break, the running one included
  std::uint32_t pod_position_ = 0;
  int quartile_ = 0;     // of the running ad
  bool skips_ = false;   // the running ad, after its first quartile
  bool clicks_ = false;  // on the running ad, after its first quartile

  Figures figures_;
  Duration figures_at_{};  // of the event before
  std::optional<Duration> ad_clock_;
  bool was_paused_ = true;

  // Of the event before, to see what moves.
  State told_state_ = State::left;
  Duration told_patience_{};
  bool told_login_ = false;
};

}  // namespace lvp::simulate
