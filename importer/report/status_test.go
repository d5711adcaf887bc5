package report

import (
	"strings"
	"testing"
	"time"

	"relink/importer"
)

func TestStatusFits(t *testing.T) {
	at := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	s := Status{
		At: at,
		Imports: []ImportStatus{{Target: "https://services.leadconnectorhq.com", File: File{
			Import: 12, Name: "/a/long/way/to/legacy-links-of-2019.csv",
			Books: importer.Books{Rows: 120000, Distinct: 119750, Repeated: 200, Rejected: 50, Created: 90000, Pending: 29750},
		}}},
		Runs: []RunStatus{
			{Run: 4, Command: "resume", Running: true, StartedAt: at.Add(-time.Hour), SeenAt: at, Pace: 9.5, Left: 29750, Host: "importer-7", PID: 4711},
			{Run: 3, Command: "import", StartedAt: at.Add(-9 * time.Hour), SeenAt: at.Add(-8 * time.Hour), Host: "importer-7", Next: []string{"relink resume --import 12"}},
		},
	}
	for _, width := range []int{60, 80, 200, 0} {
		text := s.Text(width)
		for line := range strings.Lines(text) {
			if width > 0 && cells(strings.TrimSuffix(line, "\n")) > width {
				t.Errorf("wider than %d: %s", width, line)
			}
		}
		for _, want := range []string{"Run 4 (resume) is running", "9.5/s", "29,750", "killed", "75%", "relink resume --import 12"} {
			if !strings.Contains(text, want) {
				t.Errorf("width %d: no %q in\n%s", width, want, text)
			}
		}
	}
}

func TestStatusOfKilledAndUndone(t *testing.T) {
	at := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	killed := RunStatus{Run: 1, Command: "import", StartedAt: at.Add(-time.Hour), SeenAt: at, Counts: importer.Counts{Created: 200}}
	undo := RunStatus{Run: 2, Command: "undo", StartedAt: at, SeenAt: at, EndedAt: at, Counts: importer.Counts{Undone: 234}}
	books := ImportStatus{File: File{Import: 1, Name: "links.csv", Books: importer.Books{Rows: 300, Distinct: 300, Created: 66, Undone: 234}}}
	for _, width := range []int{60, 80, 0} {
		if text := (Status{At: at, Imports: []ImportStatus{books}, Runs: []RunStatus{killed}}).Text(width); !strings.Contains(text, "200+") {
			t.Errorf("width %d: a killed run's count is no lower bound in\n%s", width, text)
		}
		text := Status{At: at, Imports: []ImportStatus{books}, Runs: []RunStatus{undo}}.Text(width)
		want := 2 // tables
		if width == 60 {
			want = 1
		}
		if strings.Count(text, "undone") != want || strings.Count(text, "234") != want {
			t.Errorf("width %d: what is undone is not in %d tables:\n%s", width, want, text)
		}
		for line := range strings.Lines(text) {
			if width > 0 && cells(strings.TrimSuffix(line, "\n")) > width {
				t.Errorf("wider than %d: %s", width, line)
			}
		}
	}
	books.Books = importer.Books{Rows: 300, Distinct: 300, Created: 300}
	if text := (Status{At: at, Imports: []ImportStatus{books}}).Text(0); strings.Contains(text, "undone") {
		t.Errorf("undone, without any, in\n%s", text)
	}
}

func TestFailuresFit(t *testing.T) {
	f := Failures{Groups: []FailureGroup{
		{State: "failed", Cause: "not_found", Status: 404, Words: strings.Repeat("words ", 30), Rows: 1200, Retry: true,
			Next: "relink retry --import 3 --cause not_found", Example: FailureExample{File: "a.csv", Line: 7, Pair: "a → b\x1b[31m"}},
		{State: "rejected", Cause: "empty_id", Rows: 2, Next: "relink failures --import 3 --csv fix.csv", Example: FailureExample{File: "a.csv", Line: 9}},
	}}
	for _, width := range []int{60, 80} {
		text := f.Text(width)
		for line := range strings.Lines(text) {
			if cells(strings.TrimSuffix(line, "\n")) > width {
				t.Errorf("wider than %d: %s", width, line)
			}
		}
		for _, want := range []string{"1,200 rows failed, 2 rejected", "sending again may help", "    relink retry --import 3 --cause not_found\n", "such as a.csv:7: a → b\n"} {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in\n%s", want, text)
			}
		}
	}
}
