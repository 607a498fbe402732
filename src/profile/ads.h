// What ads and their breaks do to a session: fold.cc calls this.
#pragma once

#include "base/time.h"
#include "profile/accounting.h"
#include "profile/profile.h"

namespace lvp::profile {

/// The state shows ads: a linear break is open, or an ad without a break.
bool in_linear_break(const Session& session);
bool in_lone_ad(const Session& session);
bool in_ads(const Session& session);

/// Copies what the entity says.
void describe_ad(AdView& view, const Ad& from);

/// Closes the break and the ad in it, or the ad without one, as of `at`.
void close_break(Session& session, AdOutcome running_ad, Timestamp at);

/// What lost events broke, put right by what this one carries.
void repair_breaks(Session& session, const Step& step);

// One for each kind of ad event.
void on_ad_break_start(Session& session, const Step& step);
void on_ad_break_end(Session& session, const Step& step);
void on_ad_start(Session& session, const Step& step);
void on_ad_quartile(Session& session, const Step& step);
void on_ad_complete(Session& session, const Step& step);
void on_ad_skip(Session& session, const Step& step);
void on_ad_click(Session& session, const Step& step);
void on_ad_pause(Session& session, const Step& step);
void on_ad_resume(Session& session, const Step& step);

}  // namespace lvp::profile
