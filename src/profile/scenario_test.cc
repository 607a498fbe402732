// The acceptance scenarios S01 to S69, each in several orders of arrival.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "profile/accelerator.h"
#include "profile/codec.h"
#include "profile/device.h"
#include "profile/notation.h"

namespace lvp::profile {
namespace {

struct Scenario {
  std::string_view name;
  std::string_view title;
  std::string_view events;
  std::string_view
      expected;  ///< states, then figures that are not zero; by session if there are two
  std::string_view accelerator;
  std::string_view mapped;
};

std::ostream& operator<<(std::ostream& out, const Scenario& s) {
  return out << s.name << " " << s.title;
}

// Worked out from docs/state-machine.md with an independent model of it. The viewer that the
// sessions of S58 to S60 make together is live/board_test.cc's business.
constexpr Scenario scenarios[] = {
    // clang-format off
    {"S01", "Attach only, never played",
     "0 ready@0p; 30 ping@0p; 60 ping@0p",
     "READY@0\n"
     "play events 0, play 0, watched none",
     "W", "W"},
    {"S02", "Attach, then silence 31 min",
     "0 ready@0p; 30 ping@0p",
     "READY@0 > LEFT@1830\n"
     "play events 0, play 0, watched none",
     "W", "W>L"},
    {"S03", "Simple start (1.5 s to first frame hidden inside first ping)",
     "0 ready@0p dur=100; 2 play@0; 32 ping@28.5",
     "READY@0 > PLAYING@2\n"
     "startup 1.5, play 30, watched [0,28.5)",
     "W", "W"},
    {"S04", "Play, pause, play",
     "0 play@0 dur=600; 10 pause@10p; 25 play@10; 40 ping@25",
     "PLAYING@0 > PAUSED@10 > PLAYING@25\n"
     "play events 2, pauses 1, startup 0, play 25, paused 15, watched [0,25)",
     "W>P>W", "W>P>W"},
    {"S05", "Natural end on HTML5: pause precedes end",
     "0 play@0 dur=60; 30 ping@30; 60 pause@60e; 60.05 end@60e",
     "PLAYING@0 > ENDED@60\n"
     "completions 1, startup 0, play 60, watched [0,60)",
     "W>P", "W>C"},
    {"S06", "Same, arrival reversed",
     "0 play@0 dur=60; 60.05 end@60e !60.1; 60 pause@60e !60.2",
     "PLAYING@0 > ENDED@60\n"
     "completions 1, startup 0, play 60, watched [0,60)",
     "W>C", "W>C"},
    {"S07", "Natural end without pause (YouTube)",
     "0 play@0 dur=60 ptype=com.youtube-youtube; 60 end@60e",
     "PLAYING@0 > ENDED@60\n"
     "completions 1, startup 0, play 60, watched [0,60)",
     "W>C", "W>C"},
    {"S08", "Replay after end",
     "0 play@0 dur=60; 60 pause@60e; 60.05 end@60e; 100 play@0; 130 ping@30",
     "PLAYING@0 > ENDED@60 > PLAYING@100\n"
     "play events 2, completions 1, startup 0, play 90, watched [0,60)",
     "W>P>W", "W>C>W"},
    {"S09", "Ended, then closed after T_ended",
     "0 play@0 dur=60; 60 end@60e",
     "PLAYING@0 > ENDED@60 > LEFT@360\n"
     "completions 1, startup 0, play 60, watched [0,60)",
     "W>C", "W>C>L"},
    {"S10", "Scrub back after end, not playing",
     "0 play@0 dur=60; 60 pause@60e; 60.05 end@60e; 65 seek_end@5p",
     "PLAYING@0 > ENDED@60 > PAUSED@65\n"
     "completions 1, seeks 1, startup 0, play 60, watched [0,60)",
     "W>P", "W>C>P"},
    {"S11", "Loop (no end events, seek_end at 0)",
     "0 play@0 dur=30 loop; 30 seek_end@0 loop; 60 seek_end@0 loop; 75 ping@15 loop",
     "PLAYING@0\n"
     "completions 2, loops 2, startup n/a, play 75, watched [0,30)",
     "W", "W"},
    {"S12", "Seek forward, declared pair",
     "0 play@0 dur=600; 10 seek_start@10; 10.2 seek_end@300; 40 ping@329.8",
     "PLAYING@0 > SEEKING@10 > PLAYING@10.2\n"
     "seeks 1, startup 0, play 39.8, watched [0,10) [300,329.8)",
     "W", "W"},
    {"S13", "Seek backward (rewatch counted once)",
     "0 play@0 dur=600; 30 seek_start@30; 30.1 seek_end@10; 60 ping@39.9",
     "PLAYING@0 > SEEKING@30 > PLAYING@30.1\n"
     "seeks 1, startup 0, play 59.9, watched [0,39.9)",
     "W", "W"},
    {"S14", "HTML5 plugin: seek_end only",
     "0 play@0 dur=600; 20 ping@20; 25 seek_end@200; 50 ping@225",
     "PLAYING@0\n"
     "seeks 1, startup 0, play 50, watched [0,25) [200,225)",
     "W", "W"},
    {"S15", "Jump without any seek event",
     "0 play@0 dur=600; 30 ping@30; 60 ping@400",
     "PLAYING@0\n"
     "startup 0, play 60, watched [0,30)",
     "W", "W"},
    {"S16", "Seek while paused",
     "0 play@0 dur=600; 10 pause@10p; 12 seek_end@300p; 15 play@300; 30 ping@315",
     "PLAYING@0 > PAUSED@10 > PLAYING@15\n"
     "play events 2, pauses 1, seeks 1, startup 0, play 25, paused 5, watched [0,10) [300,315)",
     "W>P>W", "W>P>W"},
    {"S17", "Scrub collapsed by tracker filter into one pair",
     "0 play@0 dur=600; 10 seek_start@10; 10 seek_end@120 n=1; 40 ping@150",
     "PLAYING@0 > SEEKING@10 > PLAYING@10\n"
     "seeks 1, startup 0, play 40, watched [0,10) [120,150)",
     "W", "W"},
    {"S18", "YouTube tab hidden: 60 s polling makes false seeks",
     "0 play@0 ptype=com.youtube-youtube dur=1886; 60 seek_start@0.5 n=1; "
     "60 seek_end@60 n=1; 120 seek_start@60.5 n=2; 120 seek_end@120 n=2",
     "PLAYING@0 > SEEKING@60 > PLAYING@60 > SEEKING@120 > PLAYING@120\n"
     "false seeks 2, startup n/a, play 120, watched [0,120)",
     "W", "W"},
    {"S19", "Startup buffering is not a stall",
     "0 play@0 dur=600; 0.1 buffer_start@0; 2.1 buffer_end@0; 32 ping@29.9",
     "PLAYING@0 > BUFFERING@0.1 > PLAYING@2.1\n"
     "startup 2.1, play 30, watched [0,29.9)",
     "W", "W"},
    {"S20", "YouTube start: buffering precedes play",
     "0 ready@0p dur=600 ptype=com.youtube-youtube; 5 buffer_start@0p; 6.2 buffer_end@0; "
     "6.2 play@0 n=1; 36 ping@29.8",
     "READY@0 > BUFFERING@5 > PLAYING@6.2\n"
     "startup 1.2, play 29.8, watched [0,29.8)",
     "W", "W"},
    {"S21", "Rebuffer 6 s",
     "0 play@0 dur=600; 30 ping@30; 40 buffer_start@40; 46 buffer_end@40; 60 ping@54",
     "PLAYING@0 > BUFFERING@40 > PLAYING@46\n"
     "stalls 1/6 s, startup 0, play 54, watched [0,54)",
     "W", "W"},
    {"S22", "Rebuffer closed by play, no buffer_end",
     "0 play@0 dur=600; 30 ping@30; 40 buffer_start@40; 43 play@40; 60 ping@57",
     "PLAYING@0 > BUFFERING@40 > PLAYING@43\n"
     "play events 2, stalls 1/3 s, startup 0, play 57, watched [0,57)",
     "W", "W"},
    {"S23", "Rebuffer whose end was lost (inferred from position)",
     "0 play@0 dur=600; 30 ping@30; 40 buffer_start@40; 60 ping@57",
     "PLAYING@0 > BUFFERING@40 > PLAYING@60\n"
     "stalls 1/3 s, startup 0, play 57, watched [0,57)",
     "W", "W"},
    {"S24", "Stalled until the viewer gives up",
     "0 play@0 dur=600; 30 ping@30; 40 buffer_start@40; 60 ping@40; 90 ping@40; "
     "120 ping@40",
     "PLAYING@0 > BUFFERING@40 > LEFT@420\n"
     "stalls 1/80 s, startup 0, play 40, watched [0,40)",
     "W", "W>L"},
    {"S25", "waiting caused by a seek (HTML5) is not a stall",
     "0 play@0 dur=600; 30 ping@30; 35 buffer_start@200; 36 seek_end@200; "
     "36.01 buffer_end@200; 60 ping@223.9",
     "PLAYING@0 > BUFFERING@35 > PLAYING@36.01\n"
     "seeks 1, startup 0, play 58.99, watched [0,30) [200,223.9)",
     "W", "W"},
    {"S26", "Pause during a stall ends the stall",
     "0 play@0 dur=600; 30 ping@30; 40 buffer_start@40; 44 pause@40p; 60 ping@40p; "
     "70 play@40; 90 ping@60",
     "PLAYING@0 > BUFFERING@40 > PAUSED@44 > PLAYING@70\n"
     "play events 2, pauses 1, stalls 1/4 s, startup 0, play 60, paused 26, watched [0,60)",
     "W>P>W", "W>P>W"},
    {"S27", "YouTube reports paused=true while buffering",
     "0 play@0 ptype=com.youtube-youtube dur=600; 30 ping@30; 40 buffer_start@40p; "
     "45 buffer_end@40; 45 play@40 n=1; 60 ping@55",
     "PLAYING@0 > BUFFERING@40 > PLAYING@45\n"
     "play events 2, stalls 1/5 s, startup 0, play 55, watched [0,55)",
     "W", "W"},
    {"S28", "Exit before video start (EBVS)",
     "0 ready@0p dur=600; 1 play@0; 1.1 buffer_start@0",
     "READY@0 > PLAYING@1 > BUFFERING@1.1 > LEFT@301.1\n"
     "startup n/a, play 0.1, watched none",
     "W", "W>L"},
    {"S29", "Video start failure (VSF)",
     "0 ready@0p; 1 play@0; 1.1 buffer_start@0; 4 error@0",
     "READY@0 > PLAYING@1 > BUFFERING@1.1 > FAILED@4\n"
     "errors 1, startup n/a, play 0.1, watched none",
     "W", "W"},
    {"S30", "Non-fatal error, playback goes on",
     "0 play@0 dur=600; 20 error@20; 30 ping@30; 60 ping@60",
     "PLAYING@0 > FAILED@20 > PLAYING@30\n"
     "errors 1, startup 0, play 60, watched [0,60)",
     "W", "W"},
    {"S31", "Fatal error in mid-stream (VPF)",
     "0 play@0 dur=600; 30 ping@30; 40 buffer_start@40; 50 error@40",
     "PLAYING@0 > BUFFERING@40 > FAILED@50\n"
     "errors 1, stalls 1/0 s, startup 0, play 40, watched [0,40)",
     "W", "W"},
    {"S32", "Pre-roll before any play",
     "0 ready@0p dur=600; 1 ad_break_start@0p br=b1 bt=linear; "
     "1.1 ad_start@0p br=b1 ad=a1 addur=10; 3.6 ad_quartile25@0p br=b1 ad=a1; "
     "6.1 ad_quartile50@0p br=b1 ad=a1; 8.6 ad_quartile75@0p br=b1 ad=a1; "
     "11.1 ad_complete@0p br=b1 ad=a1; 11.2 ad_break_end@0p br=b1; 11.3 play@0; "
     "41.3 ping@29.5",
     "READY@0 > PLAYING_AD@1 > READY@11.2 > PLAYING@11.3\n"
     "startup 0.6, play 30, watched [0,29.5), breaks 1, ads a1 q100 complete, ad time 10",
     "A>W", "W>A>W"},
    {"S33", "Pre-roll after play",
     "0 ready@0p dur=600; 1 play@0; 1.2 ad_break_start@0 br=b1; "
     "1.2 ad_start@0 br=b1 ad=a1 addur=10; 1.3 pause@0p br=b1 ad=a1; "
     "11.2 ad_complete@0p br=b1 ad=a1; 11.2 ad_break_end@0p br=b1; 11.3 play@0; "
     "41.3 ping@29.5",
     "READY@0 > PLAYING@1 > PLAYING_AD@1.2 > PLAYING@11.2\n"
     "play events 2, startup 0.8, play 30.3, watched [0,29.5), breaks 1, ads a1 q100 complete, ad time 10",
     "W>A>W", "W>A>W"},
    {"S34", "Mid-roll pod: one completed, one skipped, content resumes",
     "0 play@0 dur=600; 30 ad_break_start@30 br=b1; 30 ad_start@30 br=b1 ad=a1 addur=10; "
     "30.1 pause@30p br=b1 ad=a1; 40 ad_complete@30p br=b1 ad=a1; "
     "40 ad_start@30p br=b1 ad=a2 n=1 addur=10; 45 ad_skip@30p br=b1 ad=a2 n=2; "
     "45.1 ad_break_end@30p br=b1; 45.2 play@30; 60 ping@44.8",
     "PLAYING@0 > PLAYING_AD@30 > PLAYING@45.1\n"
     "play events 2, startup 0, play 44.9, watched [0,44.8), breaks 1, ads a1 q100 complete; a2 q0 skip, ad time 15",
     "W>A>W", "W>A>W"},
    {"S35", "ad_break_end lost on web (entity absence closes the break)",
     "0 play@0 dur=600; 30 ad_break_start@30 br=b1; 30 ad_start@30 br=b1 ad=a1; "
     "30.1 pause@30p br=b1 ad=a1; 40 ad_complete@30p br=b1 ad=a1; 45 play@30; 60 ping@45",
     "PLAYING@0 > PLAYING_AD@30 > PLAYING@45\n"
     "play events 2, startup 0, play 45, watched [0,45), breaks 1, ads a1 q100 complete, ad time 10",
     "W>A", "W>A>W"},
    {"S36", "ad_break_start and ad_start lost",
     "0 play@0 dur=600; 30.1 pause@30p br=b1 bt=linear ad=a1; "
     "40 ad_complete@30p br=b1 ad=a1; 40.1 ad_break_end@30p br=b1; 40.2 play@30; "
     "60 ping@49.8",
     "PLAYING@0 > PLAYING_AD@30.1 > PLAYING@40.1\n"
     "play events 2, startup 0.1, play 50, watched [0,49.8), breaks 1, ads a1 q100 complete (inferred start), ad time 0",
     "W>P>W", "W>A>W"},
    {"S37", "Ad never completes; ad entity leaks onto play and ping",
     "0 play@0 dur=600; 30 ad_break_start@30 br=b1; 30 ad_start@30 br=b1 ad=a1 addur=15; "
     "30.1 pause@30p br=b1 ad=a1; 40 ad_break_end@30p br=b1 ad=a1; 40.1 play@30 ad=a1; "
     "60 ping@49.9 ad=a1",
     "PLAYING@0 > PLAYING_AD@30 > PLAYING@40\n"
     "play events 2, startup 0, play 50, watched [0,49.9), breaks 1, ads a1 q0 unknown, ad time 10",
     "W>A>W", "W>A>W"},
    {"S38", "Ad without break events",
     "0 play@0 dur=600; 30 ad_start@30 ad=a1; 30.1 pause@30p ad=a1; "
     "45 ad_complete@30p ad=a1; 45.1 play@30; 60 ping@44.9",
     "PLAYING@0 > PLAYING_AD@30 > PLAYING@45\n"
     "play events 2, startup 0.1, play 45, watched [0,44.9), breaks 0, ads a1 q100 complete, ad time 15",
     "W>P>W", "W>A>W"},
    {"S39", "Ad paused and resumed",
     "0 play@0 dur=600; 30 ad_break_start@30 br=b1; 30 ad_start@30 br=b1 ad=a1 addur=15; "
     "35 ad_pause@30p br=b1 ad=a1; 55 ad_resume@30p br=b1 ad=a1; "
     "65 ad_complete@30p br=b1 ad=a1; 65.1 ad_break_end@30p br=b1; 65.2 play@30; "
     "90 ping@54.8",
     "PLAYING@0 > PLAYING_AD@30 > AD_PAUSED@35 > PLAYING_AD@55 > PLAYING@65.1\n"
     "play events 2, startup 0.1, play 54.9, watched [0,54.8), breaks 1, ads a1 q100 complete, ad time 15",
     "W>A>W", "W>A>W"},
    {"S40", "Non-linear overlay ad: content keeps playing",
     "0 play@0 dur=600; 30 ad_break_start@30 br=b1 bt=nonlinear; "
     "30 ad_start@30 br=b1 bt=nonlinear ad=a1; "
     "45 ad_complete@45 br=b1 bt=nonlinear ad=a1; "
     "45 ad_break_end@45 br=b1 bt=nonlinear n=1; 60 ping@60",
     "PLAYING@0\n"
     "startup 0, play 60, watched [0,60), breaks 1, ads a1 q100 complete, ad time 15",
     "W>A>W", "W"},
    {"S41", "Viewer leaves during an ad",
     "0 play@0 dur=600; 30 ad_break_start@30 br=b1; 30 ad_start@30 br=b1 ad=a1 addur=15; "
     "33.75 ad_quartile25@30p br=b1 ad=a1",
     "PLAYING@0 > PLAYING_AD@30 > LEFT@138.75\n"
     "startup n/a, play 30, watched [0,30), breaks 1, ads a1 q25 abandoned, ad time 3.75",
     "W>A", "W>A>L"},
    {"S42", "Post-roll after end",
     "0 play@0 dur=60; 60 pause@60e; 60.05 end@60e; 61 ad_break_start@60e br=b9; "
     "61 ad_start@60e br=b9 ad=a1 addur=5; 66 ad_complete@60e br=b9 ad=a1; "
     "66 ad_break_end@60e br=b9 n=1",
     "PLAYING@0 > ENDED@60 > PLAYING_AD@61 > ENDED@66\n"
     "completions 1, startup 0, play 60, watched [0,60), breaks 1, ads a1 q100 complete, ad time 5",
     "W>P", "W>C>A>C"},
    {"S43", "ad_start lost, later ad events arrive",
     "0 play@0 dur=600; 30 ad_break_start@30 br=b1; 35 ad_quartile50@30p br=b1 ad=a1; "
     "40 ad_complete@30p br=b1 ad=a1; 40 ad_break_end@30p br=b1 n=1; 40.1 play@30; "
     "60 ping@49.9",
     "PLAYING@0 > PLAYING_AD@30 > PLAYING@40\n"
     "play events 2, startup 0.1, play 50, watched [0,49.9), breaks 1, ads a1 q100 complete (inferred start), ad time 5",
     "W>A>W", "W>A>W"},
    {"S44", "Empty ad break (no fill)",
     "0 play@0 dur=600; 30 ad_break_start@30 br=b1; 30.1 pause@30p br=b1; "
     "31 ad_break_end@30p br=b1; 31.1 play@30; 60 ping@58.9",
     "PLAYING@0 > PLAYING_AD@30 > PLAYING@31\n"
     "play events 2, startup 0, play 59, watched [0,58.9), breaks 1, ads none, ad time 0",
     "W>A>W", "W>A>W"},
    {"S45", "Same ad twice in one break",
     "0 play@0 dur=600; 30 ad_break_start@30 br=b1; 30 ad_start@30 br=b1 ad=a1 addur=5; "
     "35 ad_complete@30p br=b1 ad=a1; 35 ad_start@30p br=b1 ad=a1 n=1 addur=5; "
     "40 ad_complete@30p br=b1 ad=a1 n=2; 40.1 ad_break_end@30p br=b1 n=3; 40.2 play@30; "
     "60 ping@49.8",
     "PLAYING@0 > PLAYING_AD@30 > PLAYING@40.1\n"
     "play events 2, startup 0.1, play 49.9, watched [0,49.8), breaks 1, ads a1 q100 complete; a1 q100 complete, ad time 10",
     "W>A>W", "W>A>W"},
    {"S46", "end_event while a linear break is open",
     "0 play@0 dur=60; 60 ad_break_start@60p br=b9; 60.1 end@60e br=b9; "
     "60.2 ad_start@60e br=b9 ad=a1 addur=5; 65.2 ad_complete@60e br=b9 ad=a1; "
     "65.3 ad_break_end@60e br=b9",
     "PLAYING@0 > PLAYING_AD@60 > ENDED@65.3\n"
     "completions 1, startup 0, play 60, watched [0,60), breaks 1, ads a1 q100 complete, ad time 5",
     "W>A>C", "W>A>C"},
    {"S47", "Crash in content: no further event",
     "0 play@0 dur=600; 30 ping@30; 60 ping@60",
     "PLAYING@0 > LEFT@165\n"
     "startup 0, play 60, watched [0,60)",
     "W", "W>L"},
    {"S48", "Gap of 100 s, still inside T_left",
     "0 play@0 dur=600; 30 ping@30; 130 ping@130",
     "PLAYING@0\n"
     "startup 0, play 130, watched [0,130)",
     "W", "W"},
    {"S49", "Returns after having been declared LEFT",
     "0 play@0 dur=600; 30 ping@30; 300 play@30; 330 ping@60",
     "PLAYING@0 > LEFT@135 > PLAYING@300\n"
     "play events 2, resumes 1, startup 0, play 60, watched [0,60)",
     "W", "W>L>W"},
    {"S50", "Paused and silent for 30 min",
     "0 play@0 dur=600; 10 pause@10p; 30 ping@10p",
     "PLAYING@0 > PAUSED@10 > LEFT@1830\n"
     "pauses 1, startup 0, play 10, paused 20, watched [0,10)",
     "W>P", "W>P>L"},
    {"S51", "play_event lost; next ping shows playing",
     "0 play@0 dur=600; 10 pause@10p; 30 ping@10p; 90 ping@40",
     "PLAYING@0 > PAUSED@10 > PLAYING@90\n"
     "pauses 1, startup 0, play 40, paused 50, watched [0,40)",
     "W>P", "W>P>W"},
    {"S52", "pause_event lost; next ping shows paused",
     "0 play@0 dur=600; 30 ping@25p",
     "PLAYING@0 > PAUSED@30\n"
     "startup n/a, play 25, paused 5, watched [0,25)",
     "W", "W>P"},
    {"S53", "Custom pingInterval 5 s shortens the timeout",
     "0 play@0 P=5; 5 ping@5; 10 ping@10",
     "PLAYING@0 > LEFT@40\n"
     "startup 0, play 10, watched [0,10)",
     "W", "W>L"},
    {"S54", "Hidden tab: 30 s pings arrive every 60 s",
     "0 play@0 dur=3600; 60 ping@60; 120 ping@120; 180 ping@180",
     "PLAYING@0\n"
     "startup 0, play 180, watched [0,180)",
     "W", "W"},
    {"S55", "Duplicate deliveries of the same event_id",
     "0 play@0 dur=600; 10 pause@10p; 10 pause@10p; 20 play@10; 30 ping@20",
     "PLAYING@0 > PAUSED@10 > PLAYING@20\n"
     "play events 2, pauses 1, startup 0, play 20, paused 10, watched [0,20)",
     "W>P>W", "W>P>W"},
    {"S56", "pause arrives 5 s after the play that followed it",
     "0 play@0 dur=600; 20 play@10 !20.1; 10 pause@10p !25; 30 ping@20",
     "PLAYING@0 > PAUSED@10 > PLAYING@20\n"
     "play events 2, pauses 1, startup 0, play 20, paused 10, watched [0,20)",
     "W>P", "W>P>W"},
    {"S57", "One POST delivered in reverse order (as in micro.1.tsv)",
     "0 play@0 dur=600; 30.003 pause@30p br=b1 ad=a1 !31; "
     "30.001 ad_start@30 br=b1 ad=a1 !31.01; 30 ad_break_start@30 br=b1 !31.02; "
     "45 ad_complete@30p br=b1 ad=a1; 45 ad_break_end@30p br=b1 n=1; 45.002 play@30; "
     "60 ping@45",
     "PLAYING@0 > PLAYING_AD@30 > PLAYING@45\n"
     "play events 2, startup 0, play 45, watched [0,45), breaks 1, ads a1 q100 complete, ad time 15",
     "W>P>W", "W>A>W"},
    {"S58", "Two tabs, one paused, one playing (one viewer)",
     "A:0 play@0 dur=600; A:10 pause@10p; B:12 play@0 dur=300; A:30 ping@10p; B:42 ping@30",
     "A: PLAYING@0 > PAUSED@10\n"
     "pauses 1, startup 0, play 10, paused 20, watched [0,10)\n"
     "B: PLAYING@12\n"
     "startup 0, play 30, watched [0,30)",
     "W>P>W", "W>P ; W"},
    {"S59", "Two devices, same user_id, both playing",
     "A:0 play@0 dur=600; B:5 play@0 dur=600; A:30 ping@30; B:35 ping@30",
     "A: PLAYING@0\n"
     "startup 0, play 30, watched [0,30)\n"
     "B: PLAYING@5\n"
     "startup 0, play 30, watched [0,30)",
     "W", "W ; W"},
    {"S60", "One session ends while another plays",
     "A:0 play@0 dur=60; B:5 play@0 dur=600; A:60 end@60e; B:35 ping@30; B:65 ping@60",
     "A: PLAYING@0 > ENDED@60\n"
     "completions 1, startup 0, play 60, watched [0,60)\n"
     "B: PLAYING@5\n"
     "startup 0, play 60, watched [0,60)",
     "W>C", "W>C ; W"},
    {"S61", "Live stream, no duration",
     "0 play@5000 live; 30 ping@5030 live; 60 ping@5060 live",
     "PLAYING@0\n"
     "startup 0, play 60, watched [5000,5060)",
     "W", "W"},
    {"S62", "Live with epoch positions and a discontinuity",
     "0 play@1700000000 live; 30 ping@1700000030 live; 60 ping@1700007260 live",
     "PLAYING@0\n"
     "startup 0, play 60, watched [1700000000,1700000030)",
     "W", "W"},
    {"S63", "Playback rate 2x",
     "0 play@0 dur=600 rate=2; 30 ping@60; 60 ping@120",
     "PLAYING@0\n"
     "startup 0, play 60, watched [0,120)",
     "W", "W"},
    {"S64", "Rate changed in the middle",
     "0 play@0 dur=600; 30 playback_rate_change@30 rate=2; 60 ping@90",
     "PLAYING@0\n"
     "startup 0, play 60, watched [0,90)",
     "W", "W"},
    {"S65", "Two quality changes",
     "0 play@0 dur=600; 10 quality_change@10; 20 quality_change@20; 30 ping@30",
     "PLAYING@0\n"
     "quality changes 2, startup 0, play 30, watched [0,30)",
     "W", "W"},
    {"S66", "Second ready resets the session to a new load",
     "0 ready@0p; 1 play@0 dur=60; 31 ping@30; 40 ready@0p dur=90; 41 play@0 dur=90; "
     "71 ping@29.8",
     "READY@0 > PLAYING@1 > READY@40 > PLAYING@41\n"
     "play events 2, startup 0.2, play 69, watched [0,30) then (new run) [0,29.8)",
     "W", "W"},
    {"S67", "Vimeo: ready arrives after play with stale paused=true",
     "0 play@0 dur=600; 0.4 ready@0p; 30 ping@29.9",
     "PLAYING@0\n"
     "startup 0.1, play 30, watched [0,29.9)",
     "W", "W"},
    {"S68", "percent_progress while thought paused",
     "0 play@0 dur=100; 10 pause@10p; 40 percent_progress@25",
     "PLAYING@0 > PAUSED@10 > PLAYING@40\n"
     "pauses 1, startup 0, play 25, paused 15, watched [0,25)",
     "W>P", "W>P>W"},
    {"S69", "Roku: paused=true while buffering, no ad entities",
     "0 ready@0p roku dur=600 ptype=com.roku-video; 2 buffer_start@0p roku; "
     "4 buffer_end@0 roku; 4 play@0 n=1 roku; 34 ping@30 roku",
     "READY@0 > BUFFERING@2 > PLAYING@4\n"
     "startup 2, play 30, watched [0,30)",
     "W", "W"},
    // clang-format on
};

using Figures = std::map<std::string, std::string, std::less<>>;

// As the reference model prints it: two decimals at most.
std::string text(double number) {
  std::string text = fmt::format("{:.2f}", number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string text(Duration duration) {
  return text(to_seconds(duration));
}

std::string text(const Watched& watched) {
  std::string text;
  for (const Interval& i : watched.intervals()) {
    text += fmt::format("{}[{},{})", text.empty() ? "" : " ", profile::text(i.begin),
                        profile::text(i.end));
  }
  return text.empty() ? "none" : text;
}

std::string text(const AdView& ad) {
  return fmt::format("{} q{} {}{}", ad.id, ad.quartile, name_of(ad.outcome),
                     ad.inferred ? " (inferred start)" : "");
}

template <class Items>
std::string joined(const Items& items, std::string_view separator) {
  std::string text;
  for (const auto& item : items) text += std::string(text.empty() ? "" : separator) + item;
  return text;
}

std::string states_of(const Session& session) {
  std::vector<std::string> states;
  for (const Transition& t : session.timeline) {
    states.push_back(fmt::format("{}@{}", name_of(t.state), text(t.at - notation::base)));
  }
  return joined(states, " > ");
}

Figures figures_of(const Session& s) {
  std::vector<std::string> runs;
  for (const ContentRun& run : s.runs) {
    if (!run.watched.intervals().empty() || runs.empty()) runs.push_back(text(run.watched));
  }
  std::vector<std::string> ads;
  for (const AdView& ad : s.ads) ads.push_back(text(ad));
  return {
      {"play events", std::to_string(s.play_events)},
      {"pauses", std::to_string(s.pauses)},
      {"completions", std::to_string(s.completions)},
      {"seeks", std::to_string(s.seeks)},
      {"false seeks", std::to_string(s.false_seeks)},
      {"loops", std::to_string(s.loops)},
      {"stalls", fmt::format("{}/{} s", s.stalls, text(s.stall_time))},
      {"errors", std::to_string(s.errors)},
      {"quality changes", std::to_string(s.quality_changes)},
      {"resumes", std::to_string(s.resumes)},
      {"startup", s.startup == Startup::known ? text(s.startup_time) : "n/a"},
      {"play", text(s.play_time)},
      {"paused", text(s.paused_time)},
      {"watched", joined(runs, " then (new run) ")},
      {"breaks", std::to_string(s.ad_breaks)},
      {"ads", ads.empty() ? "none" : joined(ads, "; ")},
      {"ad time", text(s.ad_time)},
  };
}

// "play events 2, play 3, watched [0,3)": the text ends where the name ends and the value begins.
Figures figures_of(std::string_view expected) {
  Figures figures{{"play events", "1"},     {"pauses", "0"},      {"completions", "0"},
                  {"seeks", "0"},           {"false seeks", "0"}, {"loops", "0"},
                  {"stalls", "0/0 s"},      {"errors", "0"},      {"startup", "n/a"},
                  {"quality changes", "0"}, {"resumes", "0"},     {"paused", "0"},
                  {"breaks", "0"},          {"ads", "none"},      {"ad time", "0"}};
  while (!expected.empty()) {
    const auto end = std::min(expected.find(", "), expected.size());
    const std::string_view item = expected.substr(0, end);
    expected.remove_prefix(std::min(end + 2, expected.size()));
    std::size_t space = item.find(' ');
    for (const std::string_view two_words :
         {"play events", "false seeks", "quality changes", "ad time"}) {
      if (item.starts_with(two_words)) space = two_words.size();
    }
    figures[std::string(item.substr(0, space))] = item.substr(space + 1);
  }
  return figures;
}

constexpr std::string_view letters = "WPAC";

std::string letter(Status status) {
  return std::string(1, letters[static_cast<std::size_t>(status)]);
}

std::string accelerator_statuses(std::span<const MediaEvent> arrivals) {
  ExactViewer viewer;
  std::vector<std::string> published;
  for (const MediaEvent& event : arrivals) {
    if (const auto status = exact(viewer, event)) published.push_back(letter(*status));
  }
  return joined(published, ">");
}

// The statuses that a new watcher of the session would be told, and `L` where it was left.
std::string mapped_statuses(std::span<const Transition> timeline) {
  std::vector<std::string> statuses;
  for (std::size_t i = 0; i < timeline.size(); ++i) {
    if (i + 1 < timeline.size() && timeline[i + 1].at == timeline[i].at) continue;
    const auto status = status_of(timeline[i].state);
    const std::string text = status ? letter(*status) : "L";
    if (statuses.empty() || statuses.back() != text) statuses.push_back(text);
  }
  return joined(statuses, ">");
}

Device run(std::span<const MediaEvent> arrivals, bool until_left) {
  Device device;
  for (const MediaEvent& event : arrivals) apply(device, event, event.collected);
  if (until_left) expire(device, notation::at(100'000));
  return device;
}

struct Expectation {
  std::string session;
  std::string_view states;
  std::string_view figures;
};

std::vector<Expectation> expectations(std::string_view expected) {
  std::vector<Expectation> result;
  std::vector<std::string_view> lines = split(expected, '\n');
  for (std::size_t i = 0; i + 1 < lines.size(); i += 2) {
    std::string session = "S";
    if (lines[i].substr(1).starts_with(": ")) {
      session = lines[i].substr(0, 1);
      lines[i].remove_prefix(3);
    }
    result.push_back({session, lines[i], lines[i + 1]});
  }
  return result;
}

bool ends_with_left(const Scenario& scenario) {
  return scenario.mapped.ends_with('L');
}

class ScenarioTest : public testing::TestWithParam<Scenario> {};

TEST_P(ScenarioTest, HasTheExpectedStatesAndFigures) {
  const Scenario& scenario = GetParam();
  const bool until_left = ends_with_left(scenario);
  const std::vector<MediaEvent> events = notation::read(scenario.events);
  const Device device = run(events, until_left);

  std::vector<std::string> mapped;
  for (const Expectation& expected : expectations(scenario.expected)) {
    const auto play = std::ranges::find(device.profile.plays, expected.session, &Play::id);
    ASSERT_NE(play, device.profile.plays.end());
    EXPECT_EQ(states_of(play->session), expected.states);
    EXPECT_EQ(figures_of(play->session), figures_of(expected.figures));
    mapped.push_back(mapped_statuses(play->session.timeline));
  }
  EXPECT_EQ(joined(mapped, " ; "), scenario.mapped);
  EXPECT_EQ(accelerator_statuses(events), scenario.accelerator);
}

TEST_P(ScenarioTest, IsTheSameInAnyOrderOfArrival) {
  const Scenario& scenario = GetParam();
  const bool until_left = ends_with_left(scenario);
  std::vector<MediaEvent> events = notation::read(scenario.events);
  const std::string in_order = encode(run(events, until_left));

  std::ranges::reverse(events);
  EXPECT_EQ(encode(run(events, until_left)), in_order) << "reversed";
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    std::ranges::shuffle(events, random);
    ASSERT_EQ(encode(run(events, until_left)), in_order) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(S, ScenarioTest, testing::ValuesIn(scenarios),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace lvp::profile
