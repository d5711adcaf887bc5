package report

import (
	"testing"
	"time"
)

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 0: "0 s", 400 * time.Millisecond: "0.4 s", 9960 * time.Millisecond: "10 s", 45 * time.Second: "45 s",
		59*time.Second + 600*time.Millisecond:   "1 min",
		190 * time.Second:                       "3 min 10 s",
		59*time.Minute + 59*time.Second:         "59 min 59 s",
		3599*time.Second + 600*time.Millisecond: "1 h",
		12137 * time.Second:                     "3 h 22 min",
		24*time.Hour - time.Second:              "1 d",
		52 * time.Hour:                          "2 d 4 h",
		30000 * 24 * time.Hour:                  "30,000 d",
	} {
		if got := Duration(d); got != want {
			t.Errorf("Duration(%v) = %q, want %q", time.Duration(d), got, want)
		}
	}
}

func TestMoment(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 55, 0, 0, time.UTC)
	for _, test := range []struct {
		at   time.Time
		want string
	}{
		{now.Add(3 * time.Hour), "15:55"},
		{now.Add(12 * time.Hour), "24 Nov 00:55"},
		{now.AddDate(1, 0, 0), "23 Nov 12:55"},
	} {
		if got := moment(test.at, now); got != test.want {
			t.Errorf("moment(%v) = %q, want %q", test.at, got, test.want)
		}
	}
}
