package report

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"relink/importer"
)

func sampleSummary() Summary {
	counts := importer.Counts{Sent: 90_800, Retried: 38, Created: 90_000, Existing: 750, Failed: 12}
	return Summary{
		Command: "import", Target: "https://services.leadconnectorhq.com", Run: 12, Exit: 4, Stopped: importer.StopDailyQuota,
		Files: []File{{Import: 3, Name: "links.csv", SHA256: "9f86", Books: importer.Books{
			Rows: 120_000, Distinct: 119_750, Repeated: 200, Rejected: 50, Created: 90_000, Existing: 750, Failed: 12, Pending: 28_988,
		}}},
		Locations: []Location{{Location: "abc", Stopped: importer.StopDailyQuota, Counts: counts, Pending: 28_988}},
		Requests:  counts, Took: 9183400 * time.Millisecond,
	}
}

func TestIdleRetryIsNotToBeRepeated(t *testing.T) {
	s := sampleSummary()
	s.Command, s.Run = "retry", 0
	if text := s.Text(80); strings.Contains(text, "relink retry") || !strings.Contains(text, "relink failures --import 3") {
		t.Errorf("a retry that sent nothing leads to itself:\n%s", text)
	}
}

func TestNothingToDo(t *testing.T) {
	if text := (Summary{Command: "resume"}).Text(80); !strings.Contains(text, "there was nothing to do") {
		t.Errorf("got\n%s", text)
	}
	if text := (Summary{Command: "import", Run: 3, Exit: 4, Stopped: importer.StopDatabase}).Text(80); !strings.Contains(text, "did not tell") {
		t.Errorf("got\n%s", text)
	}
}

func TestSummary(t *testing.T) {
	done := Summary{Run: 1, Files: []File{{Books: importer.Books{Rows: 1, Distinct: 1, Created: 1}}},
		Requests: importer.Counts{Sent: 1, Created: 1}, Took: 300 * time.Millisecond}
	alike := Summary{Run: 2, Exit: 3, Stopped: importer.StopAlike, Message: "100 times: Invalid record id \x1b[2J: 'x'",
		Files:    []File{{Import: 3, Books: importer.Books{Rows: 900, Distinct: 900, Failed: 100, Pending: 795, Sending: 5}}},
		Requests: importer.Counts{Sent: 130, Throttled: 2, Failed: 100}, Took: 13 * time.Second, Held: 10 * time.Second}
	several := sampleSummary()
	several.Exit, several.Stopped = 5, importer.StopCredentials
	several.Files = append(several.Files, File{Import: 4, Name: "more.csv", Books: importer.Books{Rows: 10, Distinct: 10, Pending: 10}})
	several.Locations = append(several.Locations,
		Location{Location: "fine", Counts: importer.Counts{Sent: 5}},
		Location{Location: "def", Stopped: importer.StopCredentials, Message: "The token does not have access to this location.", Pending: 10})

	for _, test := range []struct {
		name    string
		summary Summary
		want    string
	}{
		{"done", done, `
Run 1 finished. Every row is in place.

  rows      1
  created   1
  existing  0  there already
  failed    0

1 request in 0.3 s
`},
		{"quota", sampleSummary(), `
Run 12 stopped: today's quota is used up. 90,750 of 119,750 pairs are in place.

  rows          120,000
  created        90,000
  existing          750  there already
  failed             12
  left to send   28,988
  repeated          200  the pair stands in an earlier line
  rejected           50  the line names no pair

90,800 requests in 2 h 33 min (9.9/s), 38 sent again

next:
  run the same command again  when the quota is full again
  relink failures --import 3  to see the reasons
  relink retry --import 3     to send failed rows again
`},
		{"alike", alike, `
Run 2 stopped: the first answers all failed alike (100 times: Invalid record id : 'x'). 0 of 900 pairs are in place.

  rows          900
  created         0
  existing        0  there already
  failed        100
  left to send  795
  in doubt        5  to be sent again first

130 requests in 13 s (10.0/s), 2 throttled (429), held for 10 s

next:
  check columns, association  are they the right ones?
  run the same command again  then, to go on
  relink failures --import 3  to see the reasons
  relink retry --import 3     to send failed rows again
`},
		{"several", several, `
Run 12 stopped: the credentials are missing or refused. 90,750 of 119,760 pairs are in place.

  rows          120,010
  created        90,000
  existing          750  there already
  failed             12
  left to send   28,998
  repeated          200  the pair stands in an earlier line
  rejected           50  the line names no pair

  file          rows  in place  failed    left  rejected
  links.csv  120,000    90,750      12  28,988        50
  more.csv        10         0       0      10         0

  location    sent  failed    left
  abc       90,800      12  28,988  quota spent
  def            0       0      10  bad token
  fine           5       0       0  finished
  def: The token does not have access to this location.

90,800 requests in 2 h 33 min (9.9/s), 38 sent again

next:
  set RELINK_TOKEN or --tokens  to tokens that are valid
  run the same command again    then, to go on
  relink failures --import 3    to see the reasons
  relink retry --import 3       to send failed rows again
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.summary.Text(0); got != test.want[1:] {
				t.Errorf("got\n%s\nwant\n%s", got, test.want[1:])
			}
		})
	}
}

func TestSummaryForHundredsOfLocations(t *testing.T) {
	s := sampleSummary()
	for i := range 300 {
		s.Locations = append(s.Locations, Location{Location: fmt.Sprintf("ve9EPM428h8vShlRW%03d", i), Message: strings.Repeat("words ", 20)})
	}
	s.Locations[150].Stopped = importer.StopCredentials
	got := s.Text(60)
	if !strings.Contains(got, "and 281 more locations, 0 of them stopped") || !strings.Contains(got, "\n  ve9EPM") {
		t.Errorf("got\n%s", got)
	}
	if stopped, fine := strings.Index(got, "ve9EPM428h8vShlRW149"), strings.Index(got, "ve9EPM428h8vShlRW000"); stopped < 0 || stopped > fine {
		t.Errorf("the locations that stopped do not come first:\n%s", got)
	}
	for line := range strings.Lines(got) {
		if n := cells(strings.TrimSuffix(line, "\n")); n > 60 {
			t.Errorf("a line takes %d columns: %q", n, line)
		}
	}
}
