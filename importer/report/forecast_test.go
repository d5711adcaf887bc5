package report

import (
	"testing"
	"time"
)

var monday = time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC)

func TestForecast(t *testing.T) {
	for _, test := range []struct {
		name string
		f    Forecast
		days int64
		text string
	}{
		{"fits today", Forecast{Requests: 118_950, Rate: 9.8, DailyLimit: 200_000, DailyLeft: -1, From: monday}, 1,
			"at 9.8/s about 3 h 22 min, 59% of today's quota"},
		{"fits what is left", Forecast{Requests: 1000, Rate: 10, DailyLimit: 200_000, DailyLeft: 1000, From: monday}, 1,
			"at 10.0/s about 1 min 40 s, <1% of today's quota"},
		{"three days", Forecast{Requests: 500_000, Rate: 9.8, DailyLimit: 200_000, DailyLeft: -1, From: monday}, 3,
			"at 9.8/s about 2 d 3 h, over 3 days: the quota is 200,000 a day, done about 25 Nov 15:50"},
		{"little left today", Forecast{Requests: 20_000, Rate: 10, DailyLimit: 200_000, DailyLeft: 5000, Reset: monday.Add(4 * time.Hour), From: monday}, 2,
			"at 10.0/s about 4 h 25 min, over 2 days: today's quota has 5,000 of 200,000 left, done about 17:25"},
		{"nothing left today", Forecast{Requests: 200_000, Rate: 10, DailyLimit: 200_000, Reset: monday.Add(time.Hour), From: monday}, 2,
			"at 10.0/s about 6 h 33 min, over 2 days: today's quota has 0 of 200,000 left, done about 19:33"},
		{"pace below the quota", Forecast{Requests: 300_000, Rate: 1, DailyLimit: 200_000, DailyLeft: -1, From: monday}, 4,
			"at 1.0/s about 3 d 11 h, over 4 days: the quota is 200,000 a day, done about 27 Nov 00:20"},
		{"no quota known", Forecast{Requests: 600, Rate: 10, From: monday}, 1, "at 10.0/s about 1 min"},
		{"no limit", Forecast{Requests: 600, From: monday}, 1, "at full speed"},
		{"nothing to send", Forecast{Rate: 10, DailyLimit: 200_000, From: monday}, 0, "at full speed, 0% of today's quota"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.f.Days(); got != test.days {
				t.Errorf("Days = %d, want %d", got, test.days)
			}
			if got := test.f.text(); got != test.text {
				t.Errorf("text = %q, want %q", got, test.text)
			}
		})
	}
}
