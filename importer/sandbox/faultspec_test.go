package sandbox

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestParseFaults(t *testing.T) {
	spec := "cut-after=2%, cut-before=1%,5xx=0.02,html-before=1%,html-after=1%,truncate=1%,slow=0.5%:5s,429=1%:3s:date," +
		"latency=20ms-80ms,outage=100-200:503,revoke=1000000,read-lag=2s"
	want := Faults{CutBefore: 0.01, ServerError: 0.02, HTMLBefore: 0.01, Throttle: 0.01,
		CutAfter: 0.02, HTMLAfter: 0.01, Truncate: 0.01, Slow: 0.005,
		SlowFor: 5 * time.Second, ThrottleFor: 3 * time.Second, ThrottleDate: true,
		LatencyMin: 20 * time.Millisecond, LatencyMax: 80 * time.Millisecond,
		OutageFrom: 100, OutageTo: 200, OutageAnswers: true, RevokeAfter: 1000000, ReadLag: 2 * time.Second}
	got, err := ParseFaults(spec)
	if err != nil || got != want {
		t.Fatalf("got  %+v (%v)\nwant %+v", got, err, want)
	}
	if again, err := ParseFaults(got.String()); err != nil || again != want {
		t.Errorf("%s: got %+v (%v)", got, again, err)
	}
	b, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var back Faults
	if err := json.Unmarshal(b, &back); err != nil || back != want {
		t.Errorf("%s: got %+v (%v)", b, back, err)
	}
	if err := json.Unmarshal([]byte(`{"5xx":0.5,"revoke":1000000}`), &back); err != nil || back != (Faults{ServerError: 0.5, RevokeAfter: 1000000}) {
		t.Errorf("numbers: got %+v (%v)", back, err)
	}
}

func TestParseFaultsRefuses(t *testing.T) {
	rows := map[string]string{
		"cut":                      "want name=value",
		"nonsense=1%":              "no fault",
		"5xx=two":                  "probability",
		"5xx=101%":                 "want 0 to 1",
		"5xx=-1%":                  "want 0 to 1",
		"5xx=NaN":                  "want 0 to 1",
		"5xx=60%,cut-after=60%":    "add up to 120%",
		"5xx=1%:5s":                "means nothing here",
		"slow=1%":                  "invalid duration",
		"slow=1%:0s":               "how slow",
		"latency=80ms-20ms":        "lower one first",
		"latency=x":                "invalid duration",
		"outage=5":                 "invalid syntax",
		"outage=5-4":               "first request and the last",
		"outage=1-2:500":           "503",
		"429=1%:3s:later":          "date",
		"revoke=-1":                "negative",
		"read-lag=soon":            "invalid duration",
		"revoke=5,revoke=a,5xx=1%": "invalid syntax",
	}
	for spec, want := range rows {
		if _, err := ParseFaults(spec); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q in it", spec, err, want)
		}
	}
}
