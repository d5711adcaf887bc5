package report

import (
	"strings"
	"testing"

	"relink/importer"
)

func TestEveryStopHasWords(t *testing.T) {
	for _, stop := range []importer.Stop{
		importer.StopNone, importer.StopSignal, importer.StopMaxDuration, importer.StopWindow, importer.StopDailyQuota, importer.StopOutage,
		importer.StopDatabase, importer.StopCredentials, importer.StopAlike, importer.StopBusy, importer.StopBroken,
	} {
		if _, ok := stops[stop]; !ok {
			t.Errorf("no words for %q", stop)
		}
		if briefly[stop] == "" {
			t.Errorf("no brief words for %q", stop)
		}
		if words := Exit(stop.Exit()); words == "failed" {
			t.Errorf("no words for exit %d of %q", stop.Exit(), stop)
		}
	}
	if got, want := Stopped("by\x1b[2J hand"), "stopped: by hand"; got != want {
		t.Errorf("an unknown stop: %q, want %q", got, want)
	}
	if got := Exit(99); !strings.Contains(got, "failed") {
		t.Errorf("an unknown exit code: %q", got)
	}
}
