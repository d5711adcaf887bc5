package report

import (
	"testing"

	"relink/importer"
)

func TestNext(t *testing.T) {
	left := []File{{Import: 3, Books: importer.Books{Rows: 10, Distinct: 10, Created: 5, Pending: 5}}}
	none := []File{{Import: 3, Books: importer.Books{Rows: 10, Distinct: 10, Created: 10}}}
	for _, test := range []struct {
		name    string
		summary Summary
		want    string // what to do first
		why     string
	}{
		{"done", Summary{Files: none}, "", ""},
		{"signal", Summary{Files: left, Stopped: importer.StopSignal}, "run the same command again", "to go on"},
		{"max duration", Summary{Files: left, Stopped: importer.StopMaxDuration}, "run the same command again", "to go on"},
		{"signal at the very end", Summary{Files: none, Stopped: importer.StopSignal}, "", ""},
		{"outage", Summary{Files: left, Stopped: importer.StopOutage}, "run the same command again", "when the service is back"},
		{"database", Summary{Files: left, Stopped: importer.StopDatabase}, "run the same command again", "when the database is back"},
		{"busy", Summary{Files: left, Stopped: importer.StopBusy}, "add --wait 1h to the command", "to wait for the other run"},
		{"error", Summary{Files: left, Stopped: importer.StopBroken}, "run the same command again", "when the error is mended"},
		{"one location", Summary{Files: left, Locations: []Location{{}, {Stopped: importer.StopCredentials}}},
			"set RELINK_TOKEN or --tokens", "to tokens that are valid"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got step
			if steps := test.summary.next(); len(steps) > 0 {
				got = steps[0]
			}
			if got.do != test.want || got.why != test.why {
				t.Errorf("got %q, want %q %q", got, test.want, test.why)
			}
		})
	}
}
