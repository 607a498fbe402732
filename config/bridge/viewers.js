// What a profile needs at least, of one media event.

// The first entity of a kind, or an object without properties.
function entity(event, name) {
  return event[`contexts_com_snowplowanalytics_snowplow_${name}`]?.[0] ?? {};
}

function main(input) {
  const event = input.Data;
  const { adsClicked = 0, adsSkipped = 0 } = entity(event, "media_session_1");
  const { adId = 0 } = entity(event, "media_ad_1");
  const { currentTime: video_ts = 0 } = entity(event, "media_player_2");
  return {
    Data: {
      collector_tstamp: event.collector_tstamp,
      event_id: event.event_id,
      event_name: event.event_name,
      viewer_id: event.user_id || event.domain_userid || "PoC user",
      adsClicked,
      adsSkipped,
      adId,
      video_ts,
    },
  };
}
