package pace

import (
	"testing"
	"time"
)

func TestParseRate(t *testing.T) {
	cases := []struct {
		text  string
		want  Rate
		shown string
	}{
		{"100/10s", Rate{100, 10 * time.Second}, "100/10s"},
		{"10/s", Rate{10, time.Second}, "10/s"},
		{"10/1s", Rate{10, time.Second}, "10/s"},
		{" 25/10s ", Rate{25, 10 * time.Second}, "25/10s"},
		{"90/m", Rate{90, time.Minute}, "90/1m"},
		{"5/1h30m", Rate{5, 90 * time.Minute}, "5/1h30m"},
		{"7/2h", Rate{7, 2 * time.Hour}, "7/2h"},
		{"3/500ms", Rate{3, 500 * time.Millisecond}, "3/500ms"},
		{"0", Rate{}, "0"},
	}
	for _, c := range cases {
		got, err := ParseRate(c.text)
		if err != nil || got != c.want || got.String() != c.shown {
			t.Errorf("ParseRate(%q): got %v (%v), want %v", c.text, got, err, c.shown)
		}
	}
	for _, text := range []string{"", "10", "x", "-1/s", "0/s", "10/", "10/0s", "10/-1s", "10/x", "1e3/s", "1/1us", "9999999999/s", "1/48h"} {
		if got, err := ParseRate(text); err == nil {
			t.Errorf("ParseRate(%q): got %v, want an error", text, got)
		}
	}
}

func TestLowered(t *testing.T) {
	cases := []struct{ asked, told, want string }{
		{"100/10s", "0", "100/10s"},
		{"0", "25/10s", "25/10s"},
		{"100/10s", "25/10s", "25/10s"},
		{"25/10s", "100/10s", "25/10s"},
		{"10/s", "100/10s", "100/10s"},
		{"5/s", "100/10s", "50/10s"},
		{"1000/100s", "50/10s", "50/10s"},
		{"1/20s", "100/10s", "1/20s"},
		{"3/1m", "100/10s", "1/20s"},
		{"0", "0", "0"},
	}
	for _, c := range cases {
		asked, _ := ParseRate(c.asked)
		told, _ := ParseRate(c.told)
		if got := asked.Lowered(told).String(); got != c.want {
			t.Errorf("%s asked and %s told: got %s, want %s", c.asked, c.told, got, c.want)
		}
	}
}
