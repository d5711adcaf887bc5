package pace

import (
	"testing"
	"time"
)

func TestParseBetween(t *testing.T) {
	for _, text := range []string{"22:00-06:00", "00:00-24:00", "09:30-17:00"} {
		b, err := ParseBetween(" " + text + " ")
		if err != nil || b.String() != text {
			t.Errorf("ParseBetween(%q): got %v, %v", text, b, err)
		}
	}
	for _, text := range []string{"", "22:00", "22-6", "22:00-22:00", "24:00-06:00", "25:00-06:00", "22:60-06:00", "a-b", "22:00-06:00-07:00"} {
		if b, err := ParseBetween(text); err == nil {
			t.Errorf("ParseBetween(%q): got %v, want an error", text, b)
		}
	}
}

func TestBetween(t *testing.T) {
	const layout = "2006-01-02 15:04:05 MST"
	cases := []struct {
		why, zone, window, at string // at in UTC
		open                  bool
		next                  string // when that changes
	}{
		{"at night", "Europe/Berlin", "22:00-06:00", "2025-01-10T22:30:20Z", true, "2025-01-11 06:00:00 CET"},
		{"first minute", "Europe/Berlin", "22:00-06:00", "2025-01-10T21:00:00Z", true, "2025-01-11 06:00:00 CET"},
		{"last minute is out", "Europe/Berlin", "22:00-06:00", "2025-01-10T05:00:00Z", false, "2025-01-10 22:00:00 CET"},
		{"just before", "Europe/Berlin", "22:00-06:00", "2025-01-10T20:59:59.9Z", false, "2025-01-10 22:00:00 CET"},
		{"by day", "America/New_York", "09:00-17:00", "2025-01-10T15:00:00Z", true, "2025-01-10 17:00:00 EST"},
		{"to midnight", "America/New_York", "20:00-24:00", "2025-01-11T04:00:00Z", true, "2025-01-11 00:00:00 EST"},
		{"a short night", "Europe/Berlin", "22:00-06:00", "2025-03-29T22:00:00Z", true, "2025-03-30 06:00:00 CEST"},
		{"a long night", "Europe/Berlin", "22:00-06:00", "2025-10-25T20:00:00Z", true, "2025-10-26 06:00:00 CET"},
		{"closes at an hour left out", "Europe/Berlin", "22:00-02:30", "2025-03-29T23:00:00Z", true, "2025-03-30 03:00:00 CEST"},
		{"opens at an hour left out", "America/New_York", "02:30-05:00", "2025-03-09T06:00:00Z", false, "2025-03-09 03:00:00 EDT"},
		{"lies in an hour left out", "America/New_York", "02:10-02:50", "2025-03-09T06:00:00Z", false, "2025-03-10 02:10:00 EDT"},
		{"an hour shown twice, once", "America/New_York", "01:30-02:00", "2025-11-02T05:40:00Z", true, "2025-11-02 01:00:00 EST"},
		{"an hour shown twice, between", "America/New_York", "01:30-02:00", "2025-11-02T06:10:00Z", false, "2025-11-02 01:30:00 EST"},
		{"an hour shown twice, again", "Europe/Berlin", "02:30-03:00", "2025-10-26T01:40:00Z", true, "2025-10-26 03:00:00 CET"},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			zone, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Skipf("no time zones on this machine: %v", err)
			}
			b, err := ParseBetween(c.window)
			if err != nil {
				t.Fatal(err)
			}
			at, err := time.Parse(time.RFC3339, c.at)
			if err != nil {
				t.Fatal(err)
			}
			at = at.In(zone)
			if got := b.Open(at); got != c.open {
				t.Fatalf("open at %v: got %v, want %v", at, got, c.open)
			}
			same, change := b.Opens(at), b.Closes(at)
			if !c.open {
				same, change = change, same
			}
			if got := change.Format(layout); got != c.next {
				t.Errorf("changes: got %v, want %v", got, c.next)
			}
			if !same.Equal(at) {
				t.Errorf("what is so already: got %v, want now, %v", same, at)
			}
		})
	}
}

func TestBetweenWholeDay(t *testing.T) {
	for _, b := range []Between{{}, {0, dayMinutes}} {
		if !b.Open(time.Now()) || !b.Closes(time.Now()).IsZero() {
			t.Errorf("%v: want it open for ever", b)
		}
	}
}
