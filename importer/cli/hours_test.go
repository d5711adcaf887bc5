package cli

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"relink/importer"
	"relink/importer/pace"
)

// A bubble begins at midnight UTC; the hours go by the local clock.
func hoursOf(t *testing.T, text string, wait bool) hours {
	t.Helper()
	utc := time.Local
	time.Local = time.UTC
	t.Cleanup(func() { time.Local = utc })
	between, err := pace.ParseBetween(text)
	if err != nil {
		t.Fatal(err)
	}
	return hours{between, wait}
}

// The hours end to the minute, and what ends with them says so.
func TestHoursEnd(t *testing.T) {
	h := hoursOf(t, "22:00-00:10", false)
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		ctx, stop := h.during(t.Context())
		defer stop()
		<-ctx.Done()
		if got := time.Since(began); got != 10*time.Minute || context.Cause(ctx) != importer.StopWindow {
			t.Errorf("ended after %v with %v, want 10m and %v", got, context.Cause(ctx), importer.StopWindow)
		}
		late, stop := h.during(t.Context())
		defer stop()
		if context.Cause(late) != importer.StopWindow {
			t.Errorf("outside the hours: got %v, want %v at once", context.Cause(late), importer.StopWindow)
		}
		if got, want := h.closed(time.Now()), "it is 00:10, and sending is allowed 22:00-00:10: from 2000-01-01 22:00 on"; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

// begin waits for the hours, to the minute, and for nothing when they are open,
// not wanted or not given.
func TestHoursBegin(t *testing.T) {
	cases := []struct {
		text string
		wait bool
		want time.Duration
	}{
		{"22:00-06:00", true, 0},
		{"01:30-06:00", true, 90 * time.Minute},
		{"01:30-06:00", false, 0},
	}
	for _, c := range cases {
		h := hoursOf(t, c.text, c.wait)
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			h.begin(t.Context())
			if got := time.Since(began); got != c.want {
				t.Errorf("%s: waited %v, want %v", c.text, got, c.want)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		began := time.Now()
		hours{hoursOf(t, "12:00-13:00", true).between, true}.begin(ctx)
		if got := time.Since(began); got != time.Hour {
			t.Errorf("waited %v, want the context's hour", got)
		}
		for _, always := range []hours{{}, hoursOf(t, "00:00-24:00", true)} {
			always.begin(t.Context())
			ctx, stop := always.during(t.Context())
			time.Sleep(100 * time.Hour)
			if ctx.Err() != nil {
				t.Errorf("%s ended with %v", always.between, context.Cause(ctx))
			}
			stop()
		}
	})
}
