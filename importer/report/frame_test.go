package report

import (
	"strings"
	"testing"
	"time"

	"relink/importer"
)

func frameAt(total, done int64) *frame {
	f := newFrame(total)
	start := time.Now()
	f.meter.add(start, done-98)
	f.meter.add(start.Add(10*time.Second), done)
	return f
}

func TestFrame(t *testing.T) {
	now := Snapshot{Counts: importer.Counts{Created: 14_010, Existing: 208, Failed: 12}, Allowance: 0.07}
	held := now
	held.Waits = []string{"held by 429 until 12:03:10"}
	for _, test := range []struct {
		name  string
		width int
		now   Snapshot
		want  string
	}{
		{"60", 60, now, `
  11% [>         ]   14,230/118,950  9.8/s  2 h 58 min left
14,010 created, 208 existing, 12 failed, 7% of allowance`},
		{"80", 80, now, `
  11% [==>                           ]   14,230/118,950  9.8/s  2 h 58 min left
14,010 created, 208 existing, 12 failed, 7% of allowance`},
		{"200", 200, now, `
  11% [===>                                    ]   14,230/118,950  9.8/s  2 h 58 min left  14,010 created, 208 existing, 12 failed, 7% of allowance`},
		{"held, 60", 60, held, `
  11% [>         ]   14,230/118,950  9.8/s  2 h 58 min left
14,010 created, 208 existing, 12 failed, 7% of allowance
held by 429 until 12:03:10`},
		{"20", 20, now, `
  11%   14,230/1...
14,010 created, ...`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := strings.Join(frameAt(118_950, 14_230).lines(test.now, test.width), "\n")
			if got != test.want[1:] {
				t.Errorf("got\n%s\nwant\n%s", got, test.want[1:])
			}
		})
	}
}

func TestNoFrameIsAsWideAsTheTerminal(t *testing.T) {
	for _, total := range []int64{1, 300, 118_950, 5_000_000, 2_000_000_000} {
		for _, width := range []int{1, 2, 10, 20, 40, 60, 80, 100, 120, 140, 200, 400} {
			f := newFrame(total)
			start := time.Now()
			for step := range int64(101) {
				done := total * step / 100
				f.meter.add(start.Add(time.Duration(step)*time.Second), done)
				for _, now := range []Snapshot{
					{Counts: importer.Counts{Created: done}, Allowance: -1},
					{Counts: importer.Counts{Created: done / 2, Existing: done / 3, Failed: done - done/2 - done/3}, Allowance: 0.995,
						Waits: []string{"location \x1b[31m連結 is held by 429 until 12:03:10", "database away", "service away"}},
					{Counts: importer.Counts{Undone: done}, Allowance: 1},
				} {
					for _, line := range f.lines(now, width) {
						if cells(line) >= width {
							t.Fatalf("at %d columns a line takes %d: %q", width, cells(line), line)
						}
						if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r > '~' }) {
							t.Fatalf("a line is not plain: %q", line)
						}
					}
				}
			}
		}
	}
}

func TestFrameFollowsTheWidthAndEndsFull(t *testing.T) {
	f := frameAt(1000, 500)
	half := Snapshot{Counts: importer.Counts{Created: 500}, Allowance: -1}
	narrow, broad := f.lines(half, 60)[0], f.lines(half, 200)[0]
	if len(narrow) >= len(broad) {
		t.Errorf("the bar did not grow with the window: %q, %q", narrow, broad)
	}
	if got := f.lines(half, 60)[0]; got != narrow {
		t.Errorf("back at 60 columns: %q, want %q", got, narrow)
	}
	whole := Snapshot{Counts: importer.Counts{Created: 1003}, Allowance: -1}
	for range 2 {
		got := f.lines(whole, 60)[0]
		if !strings.HasPrefix(got, " 100% [====") || !strings.Contains(got, "=]  1,000/1,000") {
			t.Errorf("at the end: %q", got)
		}
	}
}
