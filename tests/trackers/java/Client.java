// Sends events through the Java tracker. Its contract: tests/system/trackers_test.py.

import com.snowplowanalytics.snowplow.tracker.Snowplow;
import com.snowplowanalytics.snowplow.tracker.Tracker;
import com.snowplowanalytics.snowplow.tracker.configuration.EmitterConfiguration;
import com.snowplowanalytics.snowplow.tracker.configuration.NetworkConfiguration;
import com.snowplowanalytics.snowplow.tracker.configuration.SubjectConfiguration;
import com.snowplowanalytics.snowplow.tracker.configuration.TrackerConfiguration;
import com.snowplowanalytics.snowplow.tracker.emitter.EmitterCallback;
import com.snowplowanalytics.snowplow.tracker.emitter.FailureType;
import com.snowplowanalytics.snowplow.tracker.events.Event;
import com.snowplowanalytics.snowplow.tracker.events.PageView;
import com.snowplowanalytics.snowplow.tracker.events.SelfDescribing;
import com.snowplowanalytics.snowplow.tracker.events.Structured;
import com.snowplowanalytics.snowplow.tracker.payload.SelfDescribingJson;
import com.snowplowanalytics.snowplow.tracker.payload.TrackerPayload;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

public class Client implements EmitterCallback {
  private final Set<String> delivered = ConcurrentHashMap.newKeySet();
  private final Map<String, String> names = new LinkedHashMap<>();
  private final Tracker tracker;
  private final String play;

  public static void main(String[] arguments) {
    System.exit(new Client(arguments).run() ? 0 : 1);
  }

  Client(String[] arguments) {
    String collector = arguments[0];
    String method = arguments[1];
    if (!method.equals("post")) throw new IllegalArgumentException("this tracker cannot " + method);
    play = arguments[4];
    tracker = Snowplow.createTracker(
        new TrackerConfiguration("lvp", "lvp-java"), new NetworkConfiguration(collector),
        new EmitterConfiguration().callback(this),
        new SubjectConfiguration().userId(arguments[2]).domainUserId(arguments[3]));
  }

  private boolean run() {
    track("page_view", PageView.builder().pageUrl("https://shop.example/film").pageTitle("Film").build());
    track("event", Structured.builder().category("shop").action("open").label("Füße").value(1.25).build());
    trackMedia("play_event", 0, false, false);
    trackMedia("ping_event", 5, false, false);
    trackMedia("pause_event", 9.5, true, false);
    trackMedia("end_event", 10, true, true);
    tracker.close(); // sends what is left and waits for the answer
    names.forEach((id, name) -> {
      if (delivered.contains(id)) System.out.println("event " + id + " " + name);
    });
    return delivered.size() == names.size();
  }

  private void trackMedia(String name, double position, boolean paused, boolean ended) {
    SelfDescribingJson player = new SelfDescribingJson(
        "iglu:com.snowplowanalytics.snowplow/media_player/jsonschema/2-0-0",
        Map.of("currentTime", position, "duration", 10, "paused", paused, "ended", ended, "label", "Film"));
    SelfDescribingJson session = new SelfDescribingJson(
        "iglu:com.snowplowanalytics.snowplow.media/session/jsonschema/1-0-0",
        Map.of("mediaSessionId", play, "pingInterval", 5, "timePlayed", position));
    SelfDescribingJson event = new SelfDescribingJson(
        "iglu:com.snowplowanalytics.snowplow.media/" + name + "/jsonschema/1-0-0", Map.of());
    track(name, SelfDescribing.builder().eventData(event).customContext(List.of(player, session)).build());
  }

  private void track(String name, Event event) {
    tracker.track(event).forEach(id -> names.put(id, name));
  }

  @Override
  public void onSuccess(List<TrackerPayload> events) {
    events.forEach(event -> delivered.add(event.getEventId()));
  }

  @Override
  public void onFailure(FailureType failure, boolean willRetry, List<TrackerPayload> events) {
    System.err.println("failed: " + failure + " " + events);
  }
}
