package report

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"relink/importer"
)

// hostile is what a service, a file name or an id could hold.
const hostile = `<script src="http://evil.example/x.js"></script><img src=x onerror=alert(1)>"'&` + "\u202e\x1b[2J"

// somePage is a page with everything on it.
func somePage() Page {
	start := time.Date(2026, 3, 1, 22, 0, 10, 0, time.UTC)
	run := PageRun{
		ID: 1, Command: "import", Host: hostile, Started: start, Seen: start.Add(9 * time.Minute), Ended: true,
		Stopped: importer.StopMaxDuration, Exit: 4,
		Counts:   importer.Counts{Sent: 5400, Throttled: 12, Retried: 30, Created: 5200, Existing: 100, Failed: 40},
		Settings: map[string]any{"rate": "100/10s", "between": "", "evil": hostile},
	}
	again := run
	again.ID, again.Started, again.Seen, again.Ended = 2, start.Add(30*time.Minute), start.Add(33*time.Minute), false
	p := Page{
		Title: hostile, Target: hostile, Made: start.Add(time.Hour), Version: hostile, Runs: []PageRun{run, again},
		Files: []File{{Import: 3, Name: hostile, SHA256: strings.Repeat("ab", 32), Books: importer.Books{
			Rows: 8000, Distinct: 7900, Repeated: 60, Rejected: 40, Created: 7000, Existing: 100, Failed: 50, Pending: 740, Sending: 10,
		}}},
		Verdicts: []PageVerdict{{201, importer.Created, 7000}, {400, importer.Existing, 100}, {422, importer.Failed, 50}},
		Failings: []PageFailing{{Cause: importer.CauseInvalidRecord, Pairs: 50, Next: hostile,
			Examples: []PageFailed{{Pair: hostile, Message: hostile, TraceID: hostile}}}},
		Rejected: []Rejected{{File: hostile, Line: 7, Message: hostile}},
		Next:     []PageNext{{hostile, hostile}},
	}
	for i := range 9 {
		p.Minutes = append(p.Minutes, PageMinute{At: start.Truncate(time.Minute).Add(time.Duration(i) * time.Minute), Lanes: 1, Allowed: 600,
			Counts: importer.Counts{Sent: 590, Created: 540, Existing: 20, Failed: 5}})
	}
	return p
}

func render(t *testing.T, p Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestPageEscapes: nothing from outside becomes a tag, and nothing is fetched.
func TestPageEscapes(t *testing.T) {
	text := render(t, somePage())
	for _, bad := range []string{"<script", "<img", "onerror=alert(1)>", "\u202e", "\x1b"} {
		if strings.Contains(text, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if n := strings.Count(text, "&lt;script src="); n < 10 {
		t.Errorf("the hostile text stands %d times on the page: the test sees too little", n)
	}
	for _, address := range regexp.MustCompile(`(?:src|href|action)\s*=\s*"?([^"> ]*)`).FindAllStringSubmatch(text, -1) {
		if !strings.HasPrefix(address[1], "data:") && !strings.Contains(address[0], "&#34;") && !strings.HasPrefix(address[1], "&#34;") && !strings.HasPrefix(address[1], "x") {
			t.Errorf("the page refers to %q", address[0])
		}
	}
	if strings.Contains(text, "url(") || strings.Contains(text, "@import") {
		t.Error("the page's style fetches something")
	}
}

// TestPageWithoutAnything: a run that did nothing is a page too.
func TestPageWithoutAnything(t *testing.T) {
	for name, p := range map[string]Page{
		"no run":     {Title: "import 1", Files: []File{{Name: "a.csv"}}},
		"no minutes": {Title: "run 1", Runs: []PageRun{{ID: 1, Command: "verify"}}},
	} {
		t.Run(name, func(t *testing.T) {
			if text := render(t, p); !strings.Contains(text, "</html>") {
				t.Error("the page is cut off")
			}
		})
	}
}

// TestChartBars: every call is in a bar, none is higher than the picture, and a
// run of days has no more bars than there is room for.
func TestChartBars(t *testing.T) {
	p := Page{}
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for i := range 3000 {
		p.Minutes = append(p.Minutes, PageMinute{At: start.Add(time.Duration(i) * time.Minute), Allowed: 600,
			Counts: importer.Counts{Sent: 600, Created: 500, Failed: 10}})
	}
	c := p.Chart()
	if c.Top != "15,000" || c.Each != "25 minutes" { // 25 minutes at 600
		t.Errorf("the top is %s for %s", c.Top, c.Each)
	}
	heights := regexp.MustCompile(`<rect class="(\w+)" x="([\d.]+)" y="([\d.-]+)" width="[\d.]+" height="([\d.]+)"`).FindAllStringSubmatch(string(c.SVG), -1)
	if len(heights) != 3*120 {
		t.Errorf("%d bars, want 3 parts of 120", len(heights))
	}
	for _, h := range heights {
		var y, height float64
		fmt.Sscan(h[3], &y)
		fmt.Sscan(h[4], &height)
		if y < -0.01 || y+height > chartHeight+0.01 {
			t.Fatalf("a bar leaves the picture: %v", h)
		}
	}
}

// TestParts: the parts of the bar add up to the rows.
func TestParts(t *testing.T) {
	n := int64(0)
	for _, part := range somePage().Parts() {
		n += part.N
	}
	if n != 8000 {
		t.Errorf("the parts add up to %d, want 8,000", n)
	}
}
