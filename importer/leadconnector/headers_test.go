package leadconnector

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"relink/importer"
)

// now is when the tests' answers arrive.
var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestQuotaOf(t *testing.T) {
	full := importer.Quota{
		Max: 100, Interval: 10 * time.Second, Remaining: 98, HasRemaining: true,
		DailyLimit: 200000, DailyRemaining: 199000, HasDailyRemaining: true,
		DailyReset: now.Add(time.Hour),
	}
	tests := []struct {
		name   string
		header string // the one that differs from a full set
		value  string
		change func(*importer.Quota)
	}{
		{"as sent", headerMax, "100", func(*importer.Quota) {}},
		{"spaces", headerMax, " 100 ", func(*importer.Quota) {}},
		{"no max", headerMax, "", func(q *importer.Quota) { q.Max = 0 }},
		{"max 0", headerMax, "0", func(q *importer.Quota) { q.Max = 0 }},
		{"max negative", headerMax, "-100", func(q *importer.Quota) { q.Max = 0 }},
		{"max signed", headerMax, "+100", func(q *importer.Quota) { q.Max = 0 }},
		{"max fraction", headerMax, "1e2", func(q *importer.Quota) { q.Max = 0 }},
		{"max huge", headerMax, "1000001", func(q *importer.Quota) { q.Max = 0 }},
		{"max beyond int64", headerMax, "99999999999999999999", func(q *importer.Quota) { q.Max = 0 }},
		{"max that wraps round to 100", headerMax, "18446744073709551716", func(q *importer.Quota) { q.Max = 0 }},
		{"reset that wraps round to now", headerDailyReset, "18446744073710", func(q *importer.Quota) { q.DailyReset = time.Time{} }},
		{"interval 0", headerInterval, "0", func(q *importer.Quota) { q.Interval = 0 }},
		{"interval an hour", headerInterval, "3600000", func(q *importer.Quota) { q.Interval = time.Hour }},
		{"interval over an hour", headerInterval, "3600001", func(q *importer.Quota) { q.Interval = 0 }},
		{"remaining 0", headerRemaining, "0", func(q *importer.Quota) { q.Remaining = 0 }},
		{"remaining above max", headerRemaining, "101", func(q *importer.Quota) { q.Remaining, q.HasRemaining = 0, false }},
		{"remaining negative", headerRemaining, "-1", func(q *importer.Quota) { q.Remaining, q.HasRemaining = 0, false }},
		{"daily limit 0", headerDailyLimit, "0", func(q *importer.Quota) { q.DailyLimit = 0 }},
		{"daily limit huge", headerDailyLimit, "1000000001", func(q *importer.Quota) { q.DailyLimit = 0 }},
		{"day spent", headerDailyRemaining, "0", func(q *importer.Quota) { q.DailyRemaining = 0 }},
		{"day missing", headerDailyRemaining, "", func(q *importer.Quota) { q.DailyRemaining, q.HasDailyRemaining = 0, false }},
		{"day above its limit", headerDailyRemaining, "200001", func(q *importer.Quota) { q.DailyRemaining, q.HasDailyRemaining = 0, false }},
		{"reset in ms", headerDailyReset, "86400000", func(q *importer.Quota) { q.DailyReset = now.Add(24 * time.Hour) }},
		{"reset as epoch ms", headerDailyReset, strconv.FormatInt(now.Add(time.Minute).UnixMilli(), 10), func(q *importer.Quota) { q.DailyReset = now.Add(time.Minute) }},
		{"reset as epoch s", headerDailyReset, strconv.FormatInt(now.Add(time.Minute).Unix(), 10), func(q *importer.Quota) { q.DailyReset = now.Add(time.Minute) }},
		{"reset in the past", headerDailyReset, strconv.FormatInt(now.Add(-time.Minute).Unix(), 10), func(q *importer.Quota) { q.DailyReset = time.Time{} }},
		{"reset too far in ms", headerDailyReset, "172800001", func(q *importer.Quota) { q.DailyReset = time.Time{} }},
		{"reset too far as epoch", headerDailyReset, "9999999999", func(q *importer.Quota) { q.DailyReset = time.Time{} }},
		{"reset of no such length", headerDailyReset, "123456789012", func(q *importer.Quota) { q.DailyReset = time.Time{} }},
		{"reset nonsense", headerDailyReset, "soon", func(q *importer.Quota) { q.DailyReset = time.Time{} }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := http.Header{}
			h.Set("X-RateLimit-Max", "100")
			h.Set("X-RateLimit-Interval-Milliseconds", "10000")
			h.Set("X-RateLimit-Remaining", "98")
			h.Set("X-RateLimit-Limit-Daily", "200000")
			h.Set("X-RateLimit-Daily-Remaining", "199000")
			h.Set("X-RateLimit-Daily-Reset", "3600000")
			h.Set(tt.header, tt.value)
			want := full
			tt.change(&want)
			got := quotaOf(h, now)
			if !got.DailyReset.Equal(want.DailyReset) {
				t.Errorf("reset: got %v, want %v", got.DailyReset, want.DailyReset)
			}
			got.DailyReset, want.DailyReset = time.Time{}, time.Time{}
			if got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
	if got := quotaOf(http.Header{}, now); got != (importer.Quota{}) {
		t.Errorf("no headers: got %+v", got)
	}
}

func TestRetryAfter(t *testing.T) {
	tests := []struct {
		value string
		want  time.Duration
	}{
		{"", 0}, {"0", 0}, {"7", 7 * time.Second}, {" 7 ", 7 * time.Second},
		{"-7", 0}, {"1.5", 0}, {"soon", 0},
		{"86400", 24 * time.Hour}, {"86401", 24 * time.Hour}, {"99999999999999999999999", 24 * time.Hour},
		{now.Add(90 * time.Second).Format(http.TimeFormat), 90 * time.Second},
		{now.Add(-90 * time.Second).Format(http.TimeFormat), 0},
		{now.AddDate(1, 0, 0).Format(http.TimeFormat), 24 * time.Hour},
	}
	for _, tt := range tests {
		if got := retryAfter(http.Header{"Retry-After": {tt.value}}, now); got != tt.want {
			t.Errorf("%q: got %v, want %v", tt.value, got, tt.want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"", "0", "120", "-1", "1e9", "99999999999999999999", now.Format(http.TimeFormat), "Mon, 01 Jan 0001 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if got := retryAfter(http.Header{"Retry-After": {value}}, now); got < 0 || got > maxRetryAfter {
			t.Errorf("%q: got %v", value, got)
		}
	})
}

func FuzzQuota(f *testing.F) {
	f.Add("100", "10000", "98", "200000", "199000", "3600000")
	f.Add("0", "0", "0", "0", "0", "0")
	f.Add("-1", "9223372036854775807", "x", " ", "1.0", "1772366400")
	f.Add("25", "3600001", "26", "10000", "10001", "1772366400000")
	f.Fuzz(func(t *testing.T, most, interval, remaining, limit, daily, reset string) {
		q := quotaOf(http.Header{
			headerMax: {most}, headerInterval: {interval}, headerRemaining: {remaining},
			headerDailyLimit: {limit}, headerDailyRemaining: {daily}, headerDailyReset: {reset},
		}, now)
		switch {
		case q.Max < 0 || q.Max > maxBurst:
			t.Errorf("max %d", q.Max)
		case q.Interval < 0 || q.Interval > maxInterval:
			t.Errorf("interval %v", q.Interval)
		case q.Remaining < 0 || q.Max > 0 && q.Remaining > q.Max || !q.HasRemaining && q.Remaining != 0:
			t.Errorf("remaining %d of %d", q.Remaining, q.Max)
		case q.DailyLimit < 0 || q.DailyLimit > maxDaily:
			t.Errorf("daily limit %d", q.DailyLimit)
		case q.DailyRemaining < 0 || q.DailyLimit > 0 && q.DailyRemaining > q.DailyLimit || !q.HasDailyRemaining && q.DailyRemaining != 0:
			t.Errorf("daily remaining %d of %d", q.DailyRemaining, q.DailyLimit)
		case !q.DailyReset.IsZero() && (q.DailyReset.Before(now) || q.DailyReset.After(now.Add(maxDailyReset))):
			t.Errorf("daily reset %v", q.DailyReset)
		}
	})
}
