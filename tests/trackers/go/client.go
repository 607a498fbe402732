// Sends events through the Go tracker. Its contract: tests/system/trackers_test.py.
package main

import (
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/google/uuid"
	"github.com/snowplow/snowplow-golang-tracker/v3/pkg/common"
	"github.com/snowplow/snowplow-golang-tracker/v3/pkg/storage/memory"
	sp "github.com/snowplow/snowplow-golang-tracker/v3/tracker"
)

const (
	flushes   = 5
	flushWait = 20 // milliseconds
)

func main() {
	if len(os.Args) != 6 {
		log.Fatal("usage: client COLLECTOR METHOD USER DEVICE PLAY")
	}
	collector, method, user, device, play := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5]
	subject := sp.InitSubject()
	subject.SetUserId(user)
	subject.SetDomainUserId(device)
	emitter := sp.InitEmitter(
		sp.RequireCollectorUri(strings.TrimPrefix(collector, "http://")),
		sp.RequireStorage(*memory.Init()),
		sp.OptionRequestType(strings.ToUpper(method)),
		sp.OptionCallback(func(_, failures []sp.CallbackResult) {
			for _, failure := range failures {
				log.Printf("failed: %d events, status %d", failure.Count, failure.Status)
			}
		}),
	)
	tracker := sp.InitTracker(sp.RequireEmitter(emitter), sp.OptionSubject(subject), sp.OptionNamespace("lvp"),
		sp.OptionAppId("lvp-go"))

	lines := []string{}
	newID := func(name string) *string {
		id := uuid.NewString()
		lines = append(lines, fmt.Sprintf("event %s %s", id, name))
		return &id
	}
	trackMedia := func(name string, position float64, paused, ended bool) {
		player := sp.InitSelfDescribingJson("iglu:com.snowplowanalytics.snowplow/media_player/jsonschema/2-0-0",
			map[string]interface{}{
				"currentTime": position, "duration": 10, "paused": paused, "ended": ended, "label": "Film"})
		session := sp.InitSelfDescribingJson("iglu:com.snowplowanalytics.snowplow.media/session/jsonschema/1-0-0",
			map[string]interface{}{"mediaSessionId": play, "pingInterval": 5, "timePlayed": position})
		tracker.TrackSelfDescribingEvent(sp.SelfDescribingEvent{
			Event: sp.InitSelfDescribingJson(
				"iglu:com.snowplowanalytics.snowplow.media/"+name+"/jsonschema/1-0-0", map[string]interface{}{}),
			EventId:  newID(name),
			Contexts: []sp.SelfDescribingJson{*player, *session},
		})
	}

	tracker.TrackPageView(sp.PageViewEvent{
		PageUrl: common.NewString("https://shop.example/film"), PageTitle: common.NewString("Film"),
		EventId: newID("page_view")})
	tracker.TrackStructEvent(sp.StructuredEvent{
		Category: common.NewString("shop"), Action: common.NewString("open"), Label: common.NewString("Füße"),
		Value: common.NewFloat64(1.25), EventId: newID("event")})
	trackMedia("play_event", 0, false, false)
	trackMedia("ping_event", 5, false, false)
	trackMedia("pause_event", 9.5, true, false)
	trackMedia("end_event", 10, true, true)

	// The tracker tells how many events it still holds, not which were delivered.
	if left := tracker.BlockingFlush(flushes, flushWait); left != 0 {
		log.Fatalf("%d events are not delivered", left)
	}
	fmt.Println(strings.Join(lines, "\n"))
}
