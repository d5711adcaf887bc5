package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"relink/importer"
)

func samplePlan() Plan {
	return Plan{
		Files: []File{{Import: 3, Name: "links.csv", Books: importer.Books{
			Rows: 120_000, Distinct: 119_750, Repeated: 200, Rejected: 50, Created: 700, Existing: 100, Pending: 118_940, Sending: 10,
		}}},
		Locations: []Forecast{{Location: "abc", Requests: 118_950, Rate: 9.8, DailyLimit: 200_000, DailyLeft: -1, From: monday}},
	}
}

func TestPlan(t *testing.T) {
	rejected := samplePlan()
	for line := range 7 {
		rejected.Rejected = append(rejected.Rejected, Rejected{File: "links.csv", Line: 17 + line, Column: "firstRecordId", Message: "the id is missing"})
	}
	rejected.Rejected[1] = Rejected{File: "links.csv", Line: 18, Message: "a quote is not closed: \x1b[2J\"abc"}

	done := samplePlan()
	done.Files[0].Books = importer.Books{Rows: 120_000, Distinct: 119_750, Repeated: 200, Rejected: 50, Created: 119_738, Failed: 12}
	done.Locations = nil

	retry := samplePlan()
	retry.Locations[0].Requests = 40

	several := samplePlan()
	several.Files = append(several.Files, File{Import: 4, Name: "more-links.csv", Books: importer.Books{Rows: 1, Distinct: 1, Pending: 1}})
	several.Locations = append(several.Locations,
		Forecast{Location: "def", Requests: 600_000, Rate: 9.8, DailyLimit: 200_000, DailyLeft: -1, From: monday},
		Forecast{Location: "ghi", Requests: 1})

	for _, test := range []struct {
		name string
		plan Plan
		want string
	}{
		{"one file", samplePlan(), `
120,000 rows: 118,950 to send, 800 done before, 200 repeated, 50 rejected; at 9.8/s about 3 h 22 min, 59% of today's quota
`},
		{"rejected lines", rejected, `
120,000 rows: 118,950 to send, 800 done before, 200 repeated, 50 rejected; at 9.8/s about 3 h 22 min, 59% of today's quota
  links.csv:17: firstRecordId: the id is missing
  links.csv:18: a quote is not closed: "abc
  links.csv:19: firstRecordId: the id is missing
  links.csv:20: firstRecordId: the id is missing
  links.csv:21: firstRecordId: the id is missing
  and 45 more: relink failures --import 3
`},
		{"all done", done, `
120,000 rows: nothing to send, 119,738 done before, 12 failed before, 200 repeated, 50 rejected
`},
		{"a part", retry, `
120,000 rows: 40 to send, 118,910 not in this run, 800 done before, 200 repeated, 50 rejected; at 9.8/s about 4.1 s, <1% of today's quota
`},
		{"several", several, `
120,001 rows: 718,951 to send to 3 locations, 800 done before, 200 repeated, 50 rejected; about 2 d 6 h
  file               rows  to send  done  repeated  rejected
  links.csv       120,000  118,950   800       200        50
  more-links.csv        1        1     0         0         0
  location  requests  quota  days  done about
  def        600,000   300%     3  25 Nov 18:40
  abc        118,950    59%     1  16:22
  ghi              1      ?     1  ?
`},
		{"empty", Plan{}, "\n0 rows: nothing to send\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.plan.Text(0); got != test.want[1:] {
				t.Errorf("got\n%s\nwant\n%s", got, test.want[1:])
			}
		})
	}
}

func TestPlanForHundredsOfLocations(t *testing.T) {
	p := samplePlan()
	p.Files[0].Name = strings.Repeat("long-", 5) + ".csv"
	p.Rejected = []Rejected{{File: p.Files[0].Name, Line: 7, Message: strings.Repeat("words ", 30)}}
	for i := range 300 {
		p.Locations = append(p.Locations, Forecast{Location: fmt.Sprintf("ve9EPM428h8vShlRW%03d", i), Requests: 5, Rate: 10, DailyLimit: 200_000, From: monday.Add(time.Hour)})
	}
	got := p.Text(60)
	if n := strings.Count(got, "\n"); n > mostListed+mostRejected+15 {
		t.Errorf("the plan has %d lines", n)
	}
	if !strings.Contains(got, "\n  and 281 more locations, done sooner\n") {
		t.Errorf("the others are not mentioned:\n%s", got)
	}
	for _, line := range strings.Split(got, "\n")[1:] {
		if cells(line) > 60 {
			t.Errorf("a line takes %d columns: %q", cells(line), line)
		}
	}
}

func TestPlanOnTheScreen(t *testing.T) {
	var out bytes.Buffer
	s := newScreen(&out, noWidth, Output{})
	s.Plan(samplePlan())
	s.Close()
	if got, want := out.String(), samplePlan().Text(0); got != want {
		t.Errorf("got %q, want %q", got, want)
	}

	out.Reset()
	s = newScreen(&out, noWidth, Output{JSON: true})
	s.Plan(samplePlan())
	s.Close()
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got["msg"] != "plan" || got["rows"] != 120000.0 || got["to_send"] != 118950.0 || got["done_before"] != 800.0 || got["seconds"] != 12137.8 {
		t.Errorf("got %v", got)
	}
}
