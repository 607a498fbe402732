// Reads enriched events, one a line, and prints what Snowplow's Analytics SDK for Go makes of each.
package main

import (
	"bufio"
	"fmt"
	"os"

	"github.com/snowplow/snowplow-golang-analytics-sdk/analytics"
)

const lineBytesMax = 16 << 20

func transform(line string) ([]byte, error) {
	event, err := analytics.ParseEvent(line)
	if err != nil {
		return nil, err
	}
	return event.ToJsonWithGeo()
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, lineBytesMax)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		json, err := transform(lines.Text())
		if err != nil {
			json = []byte(fmt.Sprintf("error: %s", err))
		}
		fmt.Fprintf(out, "%s\n", json)
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
